package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	post    = "https://blog.example/ap/posts/a"
	inboxA  = "https://a.example/inbox"
	inboxB  = "https://b.example:8443/inbox"
	actorID = "https://blog.example/ap/actor"
)

// rows drives the deliveries about one post to inboxA and inboxB by words.
type rows struct {
	t      *testing.T
	s      *Store
	now    time.Time
	serial int
	flight []Outgoing
}

func (r *rows) write(f func(context.Context, *Tx) error) {
	r.t.Helper()
	if err := r.s.Write(r.t.Context(), func(tx *Tx) error { return f(r.t.Context(), tx) }); err != nil {
		r.t.Fatal(err)
	}
}

// add queues one more activity about the post.
func (r *rows) add(kind string, inboxes ...string) {
	r.t.Helper()
	r.serial++
	r.now = r.now.Add(time.Second)
	a := Activity{ID: fmt.Sprintf("https://blog.example/ap/activities/%d", r.serial), Type: kind, Object: post, Actor: actorID,
		JSON: []byte(`{}`), At: r.now}
	r.write(func(ctx context.Context, tx *Tx) error {
		if err := tx.AddActivity(ctx, a); err != nil {
			return err
		}
		return tx.AddDeliveries(ctx, a, inboxes, time.Time{})
	})
}

// claim takes what is due for a.example onto the wire.
func (r *rows) claim() {
	r.t.Helper()
	r.now = r.now.Add(time.Hour)
	r.write(func(ctx context.Context, tx *Tx) (err error) {
		due, err := tx.DueDeliveries(ctx, HostOf(inboxA), r.now, 9)
		if err == nil {
			r.flight, _, err = tx.ClaimDeliveries(ctx, due, 2)
		}
		return err
	})
	if len(r.flight) != 1 {
		r.t.Fatalf("%d deliveries claimed, want 1: %v", len(r.flight), r.flight)
	}
}

func (r *rows) record(a Attempt) {
	r.t.Helper()
	a.At, a.Next = r.now, r.now.Add(time.Minute)
	r.write(func(ctx context.Context, tx *Tx) error {
		_, err := tx.RecordAttempt(ctx, r.flight[0].Delivery, a)
		return err
	})
}

func (r *rows) do(word string) {
	r.t.Helper()
	switch word {
	case "Create", "Update", "Delete", "Accept":
		r.add(word, inboxA)
	case "claim":
		r.claim()
	case "ok":
		r.record(Attempt{State: Delivered, Status: 202})
	case "busy":
		r.record(Attempt{State: Pending, Status: 503, Certain: true})
	case "lost":
		r.record(Attempt{State: Pending})
	case "refused":
		r.record(Attempt{State: GivenUp, Status: 404, Certain: true, Refused: true})
	case "park":
		r.write(func(ctx context.Context, tx *Tx) error { return tx.ParkHost(ctx, HostOf(inboxA), r.now) })
	case "unpark":
		r.write(func(ctx context.Context, tx *Tx) error { return tx.UnparkHost(ctx, HostOf(inboxA), r.now) })
	default:
		r.t.Fatalf("no such word: %q", word)
	}
}

// state is one word for each delivery, in order: "Create=delivered". A "+" says that it waits for an earlier one.
func (r *rows) state() string {
	r.t.Helper()
	scan := func(row row) (s string, err error) {
		var kind, state string
		var waits bool
		err = row.Scan(&kind, &state, &waits)
		return kind + "=" + state + strings.Repeat("+", number(waits)), err
	}
	list, err := all(r.t.Context(), r.s.queries, scan, `SELECT type, state, waits FROM deliveries WHERE object = $1 AND inbox = $2 ORDER BY seq`, post, inboxA)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(list, " ")
}

func TestSupersede(t *testing.T) {
	for _, c := range []struct{ do, want, counts string }{
		{"Create", "Create=pending", "{1 0 0 0 0 0}"},
		{"Create Update", "Create=pending Update=superseded", "{1 0 0 0 0 0}"},
		{"Create Update Update", "Create=pending Update=superseded Update=superseded", "{1 0 0 0 0 0}"},
		{"Create Delete", "Create=superseded Delete=superseded", "{0 0 0 1 0 0}"},
		{"Create Update Delete", "Create=superseded Update=superseded Delete=superseded", "{0 0 0 1 0 0}"},
		{"Create claim busy Update", "Create=pending Update=superseded", "{1 0 0 0 0 0}"},
		{"Create claim lost Update", "Create=pending Update=pending+", "{1 0 0 0 0 0}"},
		{"Create claim lost claim busy Update", "Create=pending Update=pending+", "{1 0 0 0 0 0}"},
		{"Create claim lost Update Update", "Create=pending Update=superseded Update=pending+", "{1 0 0 0 0 0}"},
		{"Create claim lost Update claim ok", "Create=delivered Update=pending", "{1 0 0 0 0 0}"},
		{"Create claim Update ok", "Create=delivered Update=pending", "{1 0 0 0 0 0}"},
		{"Create claim Update busy", "Create=pending Update=pending+", "{1 0 0 0 0 0}"},
		{"Create claim Update refused", "Create=given-up Update=superseded", "{0 0 1 0 0 0}"},
		{"Create claim busy Delete", "Create=superseded Delete=pending", "{1 0 0 0 0 0}"},
		{"Create claim Delete ok", "Create=delivered Delete=pending", "{1 0 0 0 0 0}"},
		{"Create claim Delete busy", "Create=superseded Delete=pending", "{1 0 0 0 0 0}"},
		{"Create claim ok Update", "Create=delivered Update=pending", "{1 0 0 0 0 0}"},
		{"Create claim ok Update Update", "Create=delivered Update=superseded Update=pending", "{1 0 0 0 0 0}"},
		{"Create claim ok Update claim Update ok", "Create=delivered Update=delivered Update=pending", "{1 0 0 0 0 0}"},
		{"Create claim ok Update claim Update busy", "Create=delivered Update=superseded Update=pending", "{1 0 0 0 0 0}"},
		{"Create claim ok Update Delete", "Create=delivered Update=superseded Delete=pending", "{1 0 0 0 0 0}"},
		{"Create claim ok Delete claim ok", "Create=delivered Delete=delivered", "{0 1 0 0 0 0}"},
		{"Create claim ok Delete Update", "Create=delivered Delete=pending", "{1 0 0 0 0 0}"},
		{"Create Delete Create", "Create=superseded Delete=superseded", "{0 0 0 1 0 0}"},
		{"Create claim refused Update", "Create=given-up", "{0 0 1 0 0 0}"},
		{"Create park", "Create=parked", "{0 0 0 0 1 0}"},
		{"Create park Update", "Create=parked Update=superseded", "{0 0 0 0 1 0}"},
		{"Create park Delete", "Create=superseded Delete=superseded", "{0 0 0 1 0 0}"},
		{"Create claim lost park Delete", "Create=superseded Delete=pending", "{1 0 0 0 0 0}"},
		{"Create park Update unpark claim ok", "Create=delivered Update=superseded", "{0 1 0 0 0 0}"},
		{"Accept Accept", "Accept=pending Accept=pending+", "{1 0 0 0 0 0}"},
		{"Accept Accept Accept claim ok", "Accept=delivered Accept=pending Accept=pending+", "{1 0 0 0 0 0}"},
		{"Accept Accept claim refused", "Accept=given-up Accept=pending", "{1 0 0 0 0 0}"},
		{"Update", "Update=pending", "{1 0 0 0 0 0}"}, // of an actor: no Create ever
	} {
		t.Run(c.do, func(t *testing.T) {
			both(t, func(t *testing.T, s *Store) {
				r := &rows{t: t, s: s, now: noon}
				for word := range strings.FieldsSeq(c.do) {
					r.do(word)
				}
				if got := r.state(); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				counts, err := s.DeliveryCounts(t.Context(), post)
				if got := fmt.Sprint(counts); err != nil || got != c.counts {
					t.Errorf("counts %s, %v; want %s", got, err, c.counts)
				}
			})
		})
	}
}

// An inbox that was never sent the Create gets no Update, and one that never got anything no Delete.
func TestUpdateOnlyAfterCreate(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.add("Create", inboxA)
		r.add("Update", inboxA, inboxB)
		list, err := s.Deliveries(t.Context(), post)
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(list, func(d Delivery) bool { return d.Inbox == inboxB }); i >= 0 {
			t.Errorf("%s got %s without a Create", inboxB, list[i].Type)
		}
	})
}

func TestInboxesTold(t *testing.T) {
	for _, c := range []struct {
		do   string
		told bool
	}{
		{"Create", true},
		{"Create claim", true},
		{"Create claim ok", true},
		{"Create claim lost", true},
		{"Create claim refused", false},
		{"Create park", true},
		{"Create Delete", false},
	} {
		t.Run(c.do, func(t *testing.T) {
			both(t, func(t *testing.T, s *Store) {
				r := &rows{t: t, s: s, now: noon}
				for word := range strings.FieldsSeq(c.do) {
					r.do(word)
				}
				told, err := s.InboxesTold(t.Context(), post)
				if err != nil || slices.Contains(told, inboxA) != c.told {
					t.Errorf("told %v, %v; want %v", told, err, c.told)
				}
			})
		})
	}
}

// What was due some time ago and has been superseded, taken back or made to wait since is not sent.
func TestClaimOnlyWhatMayStillLeave(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.add("Create", inboxA, inboxB)
		host := func(inbox string) []Delivery {
			due, err := s.DueDeliveries(t.Context(), HostOf(inbox), noon.Add(time.Hour), 9)
			if err != nil || len(due) != 1 {
				t.Fatalf("due at %s: %+v, %v", inbox, due, err)
			}
			return due
		}
		a, b := host(inboxA), host(inboxB)
		claim := func(due []Delivery) (n int) {
			r.write(func(ctx context.Context, tx *Tx) error {
				list, rest, err := tx.ClaimDeliveries(ctx, due, 9)
				if n = len(list); len(rest) > 0 {
					t.Errorf("%d were not looked at", len(rest))
				}
				return err
			})
			return n
		}
		if n := claim(b); n != 1 {
			t.Errorf("claimed %d, want 1", n)
		}
		r.do("Delete")
		if n := claim(a); n != 0 {
			t.Errorf("claimed %d of what a Delete had superseded", n)
		}
	})
}

func TestAddDeliveriesTwiceAndNowhere(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		a := Activity{ID: "https://blog.example/ap/activities/x", Type: "Create", Object: post, Actor: actorID, JSON: []byte(`{}`), At: noon}
		for range 2 {
			r.write(func(ctx context.Context, tx *Tx) error {
				if err := tx.AddActivity(ctx, a); err != nil {
					return err
				}
				return tx.AddDeliveries(ctx, a, []string{inboxA, inboxB, inboxA, "no address"}, noon.Add(time.Minute))
			})
		}
		list, err := s.Deliveries(t.Context(), post)
		if err != nil || len(list) != 3 {
			t.Fatalf("%d deliveries, %v; want 3: %v", len(list), err, list)
		}
		if counts, _ := s.DeliveryCounts(t.Context(), post); counts != (Counts{Pending: 2, GivenUp: 1}) || counts.Sum() != 3 {
			t.Errorf("counts %+v", counts)
		}
		if d := list[0]; d.Host != "https://a.example" || !d.Next.Equal(noon.Add(time.Minute)) || d.State != Pending {
			t.Errorf("got %+v", d)
		}
		if next, err := s.NextDelivery(t.Context()); err != nil || !next.Equal(noon.Add(time.Minute)) {
			t.Errorf("next delivery %v, %v", next, err)
		}
		if hosts, err := s.DueHosts(t.Context(), noon, 9); err != nil || len(hosts) != 0 {
			t.Errorf("due before their time: %v, %v", hosts, err)
		}
		if hosts, err := s.DueHosts(t.Context(), noon.Add(time.Minute), 9); err != nil || len(hosts) != 2 {
			t.Errorf("due at their time: %v, %v", hosts, err)
		}
	})
}

// A fan-out of more rows than fit one statement loses none.
func TestAddManyDeliveries(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		var inboxes []string
		for i := range 3*insertChunk + 7 {
			inboxes = append(inboxes, fmt.Sprintf("https://h%d.example/inbox", i))
		}
		(&rows{t: t, s: s, now: noon}).add("Create", inboxes...)
		told, err := s.InboxesTold(t.Context(), post)
		slices.Sort(inboxes)
		if err != nil || !slices.Equal(told, inboxes) {
			t.Errorf("%d told of %d, %v", len(told), len(inboxes), err)
		}
	})
}

func TestHostsAreBounded(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		s.limits.hosts = 200
		r := &rows{t: t, s: s, now: noon}
		r.write(func(ctx context.Context, tx *Tx) error {
			_, err := tx.exec(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
				INSERT INTO hosts (`+hostColumns+`) SELECT 'https://' || i || '.example', 1, i, 0, CASE WHEN i = 1 THEN 1 ELSE 0 END, 0, i, 0, '', 0 FROM n`)
			return err
		})
		for i := range 10 {
			r.write(func(ctx context.Context, tx *Tx) error {
				return tx.PutHost(ctx, Host{Host: fmt.Sprintf("https://new%d.example", i), Failures: 1, Failed: noon})
			})
		}
		if n, err := s.count(t.Context(), `SELECT COUNT(*) FROM hosts`); err != nil || n != s.limits.hosts {
			t.Errorf("%d hosts, %v; want %d", n, err, s.limits.hosts)
		}
		for host, want := range map[string]int{"https://1.example": 1, "https://2.example": 0, "https://new9.example": 1} {
			if h, err := s.Host(t.Context(), host); err != nil || h.Failures != want {
				t.Errorf("%s has %d failures, %v; want %d: open breakers and the newest stay", host, h.Failures, err, want)
			}
		}
	})
}

// An open breaker holds rows back, its probe does not wait for the row's own time but for the floor, and release frees the rest.
func TestBreakerHoldsAndReleases(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.do("Create")
		r.do("claim")
		r.write(func(ctx context.Context, tx *Tx) error {
			_, err := tx.RecordAttempt(ctx, r.flight[0].Delivery, Attempt{State: Pending, At: r.now, Next: r.now.Add(12 * time.Hour)})
			return err
		})
		host, probe := HostOf(inboxA), r.now.Add(30*time.Minute)
		r.write(func(ctx context.Context, tx *Tx) error {
			return tx.PutHost(ctx, Host{Host: host, Opened: 1, OpenUntil: probe, Failed: r.now})
		})
		due := func(at time.Time) bool {
			t.Helper()
			hosts, err := s.DueHosts(t.Context(), at, 9)
			if err != nil {
				t.Fatal(err)
			}
			return len(hosts) == 1
		}
		if due(probe.Add(-time.Second)) {
			t.Error("sent while the breaker was open")
		}
		if !due(probe) {
			t.Error("no probe when its time came")
		}
		if next, err := s.NextDelivery(t.Context()); err != nil || !next.Equal(probe) {
			t.Errorf("next delivery at %v, %v; want the probe at %v", next, err, probe)
		}
		r.write(func(ctx context.Context, tx *Tx) error { return tx.PutHost(ctx, Host{Host: host, LastOK: probe}) })
		if due(probe) {
			t.Error("due although neither probe nor its own time")
		}
		r.write(func(ctx context.Context, tx *Tx) error { return tx.ReleaseHost(ctx, host, probe) })
		if !due(probe) {
			t.Error("not due after the release")
		}
	})
}

func TestFloorHoldsProbeAndRelease(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.do("Create")
		r.do("claim")
		floor, host := r.now.Add(10*time.Hour), HostOf(inboxA)
		r.write(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.RecordAttempt(ctx, r.flight[0].Delivery, Attempt{State: Pending, At: r.now, Next: floor, Floor: floor}); err != nil {
				return err
			}
			if err := tx.PutHost(ctx, Host{Host: host, Opened: 1, OpenUntil: r.now}); err != nil {
				return err
			}
			return tx.ReleaseHost(ctx, host, r.now)
		})
		for at, want := range map[time.Time]int{floor.Add(-time.Second): 0, floor: 1} {
			if hosts, err := s.DueHosts(t.Context(), at, 9); err != nil || len(hosts) != want {
				t.Errorf("at %v due: %v, %v; want %d", at, hosts, err, want)
			}
		}
	})
}

// What a dead host was to get for seven days is given up, with what waited for it; what is younger stays.
func TestGiveUpHost(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		for word := range strings.FieldsSeq("Create claim lost Update") {
			r.do(word)
		}
		give := func(before time.Time) {
			r.write(func(ctx context.Context, tx *Tx) error { return tx.GiveUpHost(ctx, HostOf(inboxA), before, r.now) })
		}
		if give(noon); r.state() != "Create=pending Update=pending+" {
			t.Errorf("given up too early: %s", r.state())
		}
		if give(noon.Add(time.Minute)); r.state() != "Create=given-up Update=superseded" {
			t.Errorf("got %s", r.state())
		}
	})
}

func TestBlockHost(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.add("Create", inboxA, inboxB)
		r.write(func(ctx context.Context, tx *Tx) error { return tx.BlockHost(ctx, HostOf(inboxA), noon) })
		if counts, err := s.DeliveryCounts(t.Context(), post); err != nil || counts != (Counts{Pending: 1, Blocked: 1}) {
			t.Errorf("counts %+v, %v", counts, err)
		}
	})
}

func TestReplaceAndDropActivity(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.do("Create")
		id := "https://blog.example/ap/activities/1"
		r.write(func(ctx context.Context, tx *Tx) error { return tx.ReplaceActivity(ctx, id, []byte(`{"new":1}`)) })
		if r.claim(); string(r.flight[0].JSON) != `{"new":1}` {
			t.Errorf("what leaves is %s", r.flight[0].JSON)
		}
		r.write(func(ctx context.Context, tx *Tx) error { return tx.DropActivity(ctx, id) })
		if _, err := s.Activity(t.Context(), id); err != ErrNotFound {
			t.Errorf("after the drop: %v", err)
		}
	})
}

func TestFollowersAt(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		r := &rows{t: t, s: s, now: noon}
		r.write(func(ctx context.Context, tx *Tx) error {
			for _, f := range []Follower{
				{Actor: "https://a.example/1", Of: actorID, Inbox: "https://a.example/1/inbox", SharedInbox: inboxA},
				{Actor: "https://a.example/2", Of: actorID, Inbox: inboxA},
				{Actor: "https://a.example/3", Of: actorID, Inbox: inboxA, Parked: noon},
				{Actor: "https://a.example/4", Of: actorID, Inbox: "https://a.example/4/inbox"},
			} {
				if err := tx.PutFollower(ctx, f); err != nil {
					return err
				}
			}
			return nil
		})
		list, err := s.FollowersAt(t.Context(), inboxA, 9)
		if err != nil || len(list) != 2 || list[0].Actor != "https://a.example/1" || list[1].Actor != "https://a.example/2" {
			t.Errorf("got %v, %v", list, err)
		}
	})
}
