package outbox

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// Servers that are silent until their time is up take their slots with them and hold up nobody else. (Mutant: attempts that never
// step aside.)
func TestSilentServersDelayNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.out.slots, w.out.patient = make(chan struct{}, 4), 5*time.Millisecond
	quiet := make(chan struct{})
	speak := sync.OnceFunc(func() { close(quiet) })
	t.Cleanup(speak)
	for i := range 12 {
		name := fmt.Sprintf("silent%d", i)
		w.host(name, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-quiet }))
		w.follow(name, "ada", true)
	}
	good := &sink{}
	for i := range 12 {
		name := fmt.Sprintf("zgood%d", i) // after the silent ones in line
		w.host(name, good)
		w.follow(name, "ada", true)
	}
	w.put("a", "one")
	w.publish()
	done := make(chan error, 1)
	go func() { _, err := w.out.Round(context.WithoutCancel(t.Context())); done <- err }()
	good.wait(t, func(got []arrival) bool { return len(got) == 12 })
	speak()
	w.must(<-done)
	if len(w.out.slots) != 0 {
		t.Errorf("%d slots were never given back", len(w.out.slots))
	}
}

// No more than the slots allow are under way at once, and no more than two to one server.
func TestUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.out.slots, w.out.patient = make(chan struct{}, 6), time.Hour
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	count := func(name string, n int) {
		for _, k := range []string{name, "all"} {
			now[k] += n
			most[k] = max(most[k], now[k])
		}
	}
	for h := range 6 {
		name := fmt.Sprintf("h%d", h)
		w.host(name, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			count(name, 1)
			mu.Unlock()
			mu.Lock()
			count(name, -1)
			mu.Unlock()
		}))
		for user := range 8 {
			w.follow(name, fmt.Sprint("user", user), false)
		}
	}
	w.put("a", "one")
	w.round()
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c.Delivered != 48 {
		t.Fatalf("counts %+v, %v", c, err)
	}
	for k, n := range most {
		if limit := map[bool]int{true: 6, false: perHost}[k == "all"]; n > limit {
			t.Errorf("%d under way at once to %s, at most %d allowed", n, k, limit)
		}
	}
}

// Five failures open a host's breaker: the rest is held and uses up no attempts, one delivery probes, and a success lets all of it go.
func TestBreakerHoldsTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := &sink{mode: http.StatusInternalServerError}
	w.host("peer", s)
	for i := range 20 {
		w.follow("peer", fmt.Sprint("user", i), false)
	}
	w.put("a", "one")
	w.round()
	// Two are under way when the fifth fails.
	if s.count() < breakerFailures || s.count() > breakerFailures+1 {
		t.Errorf("%d requests before the breaker opened", s.count())
	}
	seen := s.count()
	w.pass(29 * time.Minute)
	w.round()
	if s.count() != seen {
		t.Errorf("%d requests while it was open", s.count()-seen)
	}
	w.pass(time.Minute)
	w.round()
	if s.count() != seen+1 {
		t.Errorf("%d probes, want 1", s.count()-seen)
	}
	list, err := w.store.Deliveries(t.Context(), w.id("a"))
	w.must(err)
	untried := 0
	for _, d := range list {
		if d.Attempts == 0 {
			untried++
		}
	}
	if untried < 13 {
		t.Errorf("%d of 20 untried: held rows used up attempts", untried)
	}
	if hosts, err := w.store.FailingHosts(t.Context()); err != nil || len(hosts) != 1 || hosts[0].LastError == "" {
		t.Errorf("failing hosts: %v, %v", hosts, err)
	}
	s.set(0)
	w.pass(time.Hour)
	w.round()
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Delivered: 20}) {
		t.Errorf("after its return: %+v, %v", c, err)
	}
	if hosts, err := w.store.FailingHosts(t.Context()); err != nil || len(hosts) != 0 {
		t.Errorf("failing hosts after its return: %v, %v", hosts, err)
	}
}

// What waits for its own next try does not wait for it when the host answers again.
func TestAnswerReleasesWhatWasHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sink("peer")
	w.put("a", "one")
	w.publish()
	_, err := w.out.Reconcile(t.Context())
	w.must(err)
	host := store.HostOf(w.address("peer", "/"))
	w.write(func(ctx context.Context, tx *store.Tx) error {
		due, err := tx.DueDeliveries(ctx, host, noon, 1)
		w.must(err)
		list, _, err := tx.ClaimDeliveries(ctx, due, 1)
		w.must(err)
		_, err = tx.RecordAttempt(ctx, list[0].Delivery, store.Attempt{State: store.Pending, At: noon, Next: noon.Add(12 * time.Hour)})
		w.must(err)
		w.must(tx.PutHost(ctx, store.Host{Host: host, Opened: 1, OpenUntil: noon.Add(30 * time.Minute), Failed: noon}))
		h, err := tx.Host(ctx, host)
		w.must(err)
		_, err = settle(ctx, tx, h, ended{result: remote.Result{Status: http.StatusAccepted}, says: store.Attempt{At: noon}})
		return err
	})
	if next, err := w.store.NextDelivery(t.Context()); err != nil || !next.Equal(noon) {
		t.Errorf("next delivery at %v, %v; want now", next, err)
	}
}

// A final refusal of one activity says nothing about the host.
func TestRefusalsOpenNoBreaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := &sink{mode: http.StatusBadRequest}
	w.host("peer", s)
	for i := range 12 {
		w.follow("peer", fmt.Sprint("user", i), false)
	}
	w.put("a", "one")
	w.round()
	if hosts, err := w.store.FailingHosts(t.Context()); err != nil || len(hosts) != 0 {
		t.Errorf("failing hosts: %v, %v", hosts, err)
	}
	list, err := w.store.Deliveries(t.Context(), w.id("a"))
	w.must(err)
	for _, d := range list {
		if d.Attempts != 1 || d.Status != http.StatusBadRequest {
			t.Errorf("%s: %d attempts, status %d", d.Inbox, d.Attempts, d.Status)
		}
	}
}

// Who talks is probed at once, but the breaker stays open until a delivery is answered, and talking on moves no more probes.
func TestHeardMovesTheProbe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := &sink{mode: http.StatusInternalServerError}
	w.host("peer", s)
	for i := range 8 {
		w.follow("peer", fmt.Sprint("user", i), false)
	}
	w.put("a", "one")
	w.round()
	seen := s.count()
	for range 10 {
		w.must(w.out.Heard(t.Context(), w.address("peer", "/users/user1")))
		w.must(w.out.Deliver(t.Context()))
	}
	if s.count() != seen+1 {
		t.Errorf("%d probes after traffic, want 1", s.count()-seen)
	}
	h, err := w.store.Host(t.Context(), store.HostOf(w.address("peer", "/")))
	if err != nil || h.Opened != 2 {
		t.Errorf("traffic cleared the breaker: %+v, %v", h, err)
	}
	w.pass(heardAgain)
	s.set(0)
	w.must(w.out.Heard(t.Context(), w.address("peer", "/users/user1")))
	w.must(w.out.Deliver(t.Context()))
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Delivered: 8}) {
		t.Errorf("after its return: %+v, %v", c, err)
	}
}

// A host that was dead for a week is given up, for a month parked; the next sign of life brings the followers' posts back.
func TestDeadHostIsParkedAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.setDown("peer", true)
	w.put("a", "one")
	w.round()
	for range 7*4 + 2 {
		w.pass(6 * time.Hour)
		w.round()
	}
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{GivenUp: 1}) {
		t.Fatalf("after a week: %+v, %v", c, err)
	}
	for i := range 10 { // enough posts to open the breaker
		w.put(fmt.Sprint("b", i), "two")
	}
	w.round()
	for i := range 8 {
		w.pass(5 * 24 * time.Hour)
		w.put(fmt.Sprint("c", i), "three")
		w.round()
	}
	f, err := w.store.Follower(t.Context(), w.address("peer", "/users/ada"), w.actor())
	if err != nil || f.Parked.IsZero() {
		t.Fatalf("after a month: %+v, %v", f, err)
	}
	var parked string
	for i := range 8 {
		if c, err := w.store.DeliveryCounts(t.Context(), w.id(fmt.Sprint("c", i))); err == nil && c.Parked > 0 {
			parked = fmt.Sprint("c", i)
		}
	}
	w.setDown("peer", false)
	w.must(w.out.Heard(t.Context(), f.Actor))
	w.round()
	if c, err := w.store.DeliveryCounts(t.Context(), w.id(parked)); parked == "" || err != nil || c != (store.Counts{Delivered: 1}) || len(s.arrivals()) == 0 {
		t.Errorf("post %q after its return: %+v, %v", parked, c, err)
	}
}

// 410 ends a delivery. The follower is parked when the actor itself is gone twice, a day apart.
func TestGoneIsAskedAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("peer", http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusGone) }))
	w.follow("peer", "ada", true)
	parked := func() bool {
		f, err := w.store.Follower(t.Context(), w.address("peer", "/users/ada"), w.actor())
		w.must(err)
		return !f.Parked.IsZero()
	}
	for i, wait := range []time.Duration{0, time.Hour, 22 * time.Hour} {
		w.pass(wait)
		w.put(fmt.Sprint("a", i), "one")
		if w.round(); parked() {
			t.Fatalf("parked after answer %d", i+1)
		}
	}
	w.pass(2 * time.Hour)
	w.put("b", "one")
	if w.round(); !parked() {
		t.Error("not parked after 410 a day later")
	}
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("b")); err != nil || c != (store.Counts{GivenUp: 1}) {
		t.Errorf("counts %+v, %v", c, err)
	}
}

// A server that the owner blocks gets nothing more, not even what was queued for it.
func TestBlockedServerGetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, other := w.sink("peer"), w.sink("other")
	w.put("a", "one")
	w.publish()
	_, err := w.out.Reconcile(t.Context())
	w.must(err)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddBlock(ctx, store.Block{What: "peer.localhost"})
	})
	w.must(w.out.Deliver(t.Context()))
	if s.types() != "" || other.types() != "Create" {
		t.Errorf("the blocked one got %q, the other %q", s.types(), other.types())
	}
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Delivered: 1, Blocked: 1}) {
		t.Errorf("counts %+v, %v", c, err)
	}
}

// Activities about one object arrive in the order in which they were queued, whatever becomes of them.
func TestQueueKeepsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	s.set(http.StatusInternalServerError)
	const follow = "https://peer.example/follow/1"
	for i, kind := range []string{"Accept", "Reject", "Accept"} {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			a := w.out.o.Config.Addresses().Activity(fmt.Sprint("x", i))
			return w.out.Queue(ctx, tx, activity(a, kind, w.actor()), follow, []string{w.address("peer", "/inbox")})
		})
		w.must(w.out.Deliver(t.Context()))
	}
	s.set(0)
	w.pass(time.Hour)
	w.must(w.out.Deliver(t.Context()))
	if s.types() != "Accept Reject Accept" {
		t.Errorf("got %s", s.types())
	}
}

// An inbox address or a host's certificate that is not for us is an attempt like any other: nothing stands still.
func TestPrivateAddressIsNotDialled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.sink("peer")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.PutFollower(ctx, store.Follower{Actor: "https://10.0.0.1/a", Of: w.actor(), Inbox: "https://10.0.0.1/inbox"})
	})
	w.put("a", "one")
	w.round()
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Delivered: 1, Pending: 1}) || good.types() != "Create" {
		t.Errorf("counts %+v, %v", c, err)
	}
}

// TestKilledMidway kills the delivering process again and again, as a power switch would. Nothing is lost, and what arrives twice was
// under way.
func TestKilledMidway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const inboxes, kills = 160, 2
	all := &sink{}
	for i := range inboxes {
		name := fmt.Sprintf("h%d", i)
		w.host(name, all)
		w.follow(name, "ada", true)
	}
	w.put("a", "one")
	w.publish()
	w.must(w.store.Close())
	for n := range kills {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "POSTIL_OUTBOX_CHILD="+w.dir, "POSTIL_OUTBOX_SITE="+w.config.Site.URL)
		child.Stderr = os.Stderr
		w.must(child.Start())
		all.wait(t, func(got []arrival) bool { return len(got) > (n+1)*inboxes/(kills+2) })
		w.must(child.Process.Kill())
		if state := child.Wait(); child.ProcessState.Exited() {
			t.Fatalf("the process ended before it was killed: %v", state)
		}
	}
	w.open()
	w.round()
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Delivered: inboxes}) {
		t.Errorf("counts %+v, %v", c, err)
	}
	if extra := len(all.arrivals()) - inboxes; extra < 0 || extra > kills*maxYoung {
		t.Errorf("%d arrivals more than inboxes after %d kills", extra, kills)
	}
}
