package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

const (
	anewID  = "http://new.example/users/alice"
	otherID = "http://new.example/users/other"
)

// moving is a world in which alice of remote.example follows and has commented, and has a second account that names the first. The
// document of each gets what a test adds.
func moving(t *testing.T, from, to m) *world {
	t.Helper()
	w := newWorld(t)
	w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.peers.serve(aliceID, actor(aliceID, merge(m{"movedTo": anewID}, from)))
	w.peers.serve(anewID, actor(anewID, merge(m{"alsoKnownAs": []string{aliceID}, "name": "Alice Anew"}, to)))
	w.peers.serve(otherID, actor(otherID, m{"alsoKnownAs": []string{aliceID}}))
	return w
}

// push is the word of the old account, pull that of the new one (FEP-7628). Mitra sends the latter.
func push() m {
	return activity("Move", aliceID+"/moves/1", aliceID, aliceID, m{"target": anewID, "to": public, "cc": aliceID + "/followers"})
}

func pull() m {
	return activity("Move", anewID+"/moves/1", anewID, aliceID, m{"target": anewID, "to": []string{us}})
}

// whose tells what a reader sees of who wrote alice's comment.
func (w *world) whose() string {
	w.t.Helper()
	var thread struct {
		Replies []struct {
			By struct{ ID, Handle, URL string }
		}
	}
	if err := json.NewDecoder(w.get("/api/v1/thread?post=" + post).Body).Decode(&thread); err != nil {
		w.t.Fatal(err)
	}
	if len(thread.Replies) != 1 {
		w.t.Fatalf("%d replies, want alice's", len(thread.Replies))
	}
	by := thread.Replies[0].By
	if by.URL != by.ID+"/page" {
		w.t.Errorf("%s is linked to %s", by.ID, by.URL)
	}
	return by.ID
}

// followers lists who follows.
func (w *world) followers() []string {
	w.t.Helper()
	list, err := w.store.Followers(w.t.Context(), us, 0, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, f := range list {
		ids = append(ids, f.Actor)
	}
	slices.Sort(ids)
	return ids
}

// stays fails when alice is anywhere but where she was.
func (w *world) stays(what string) {
	w.t.Helper()
	if got := w.followers(); !slices.Equal(got, []string{aliceID}) {
		w.t.Errorf("%s: followers %v, want the old alice", what, got)
	}
	if got := w.whose(); got != aliceID {
		w.t.Errorf("%s: the comment is shown as by %s", what, got)
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	for mode, doc := range map[string]func() m{"push": push, "pull": pull} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := moving(t, nil, m{"endpoints": m{"sharedInbox": "http://new.example/inbox"}})
				old, _ := w.store.Follower(t.Context(), aliceID, us)
				version, _ := w.store.ThreadVersion(t.Context(), post)
				w.advance(time.Hour)
				d := doc()
				for range 2 {
					if got := w.post(letter{doc: d, signer: d["actor"].(string), scheme: s}); got != 202 {
						t.Fatalf("status %d, want 202", got)
					}
				}
				w.stays("before anybody was asked")
				w.round()
				if got := w.followers(); !slices.Equal(got, []string{anewID}) {
					t.Errorf("followers %v, want the new alice alone", got)
				}
				f, err := w.store.Follower(t.Context(), anewID, us)
				if err != nil || f.Inbox != anewID+"/inbox" || f.SharedInbox != "http://new.example/inbox" || !f.Since.Equal(old.Since) {
					t.Errorf("follower %+v, %v, want the new inboxes and the old place", f, err)
				}
				if got := w.whose(); got != anewID {
					t.Errorf("the comment is shown as by %s", got)
				}
				if c, _ := w.comment(aliceID + "/n"); c.Actor != aliceID {
					t.Errorf("the comment now belongs to %s", c.Actor)
				}
				if v, _ := w.store.ThreadVersion(t.Context(), post); v == version {
					t.Error("the page is not made anew")
				}
				if n := w.round(); n != 0 {
					t.Errorf("%d errands left", n)
				}
			})
		})
	}
}

// TestMoveNeedsBoth: a move that one of the two actors does not want, or that leads on, changes nothing and costs at most six requests
// (mutants: alsoKnownAs is not looked at; a pull is believed without the old one; a moved or suspended target is taken).
func TestMoveNeedsBoth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		doc      m
		from, to m
	}{
		"no alias":                       {push(), nil, m{"alsoKnownAs": nil}},
		"another alias":                  {push(), nil, m{"alsoKnownAs": []string{aliceID + "/", bobID}}},
		"the new one is another":         {push(), nil, m{"id": otherID}},
		"the new one is of elsewhere":    {push(), nil, m{"id": evilID}},
		"the new one has moved on":       {push(), nil, m{"movedTo": "http://third.example/u"}},
		"a circle":                       {push(), m{"alsoKnownAs": []string{anewID}}, m{"movedTo": aliceID}},
		"a circle, pulled":               {pull(), m{"alsoKnownAs": []string{anewID}}, m{"movedTo": aliceID}},
		"the new one is suspended":       {push(), nil, m{"suspended": true}},
		"the old one moved elsewhere":    {push(), m{"movedTo": bobID}, nil},
		"pulled, no word of the old":     {pull(), m{"movedTo": nil}, nil},
		"pulled from elsewhere":          {pull(), m{"movedTo": bobID}, nil},
		"pulled, the old names an alias": {pull(), m{"movedTo": nil, "alsoKnownAs": []string{anewID}}, nil},
		"pulled, no alias":               {pull(), nil, m{"alsoKnownAs": []string{bobID}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := moving(t, c.from, c.to)
			before := w.peers.count()
			if w.post(letter{doc: c.doc, signer: c.doc["actor"].(string)}) == 202 {
				w.round()
			}
			w.stays(name)
			if n := w.peers.count() - before; n > 6 {
				t.Errorf("%d requests, want at most 6", n)
			}
			w.advance(24 * time.Hour)
			due, err := w.store.DueErrands(t.Context(), w.clock(), 100)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(due, func(e store.Errand) bool { return e.Reason == "move" }) {
				t.Errorf("errands %v left, want no move: asking again mends nothing", due)
			}
		})
	}
}

// TestMoveSignedBeforeItShows: a Move that the old account has signed holds though a copy of its document does not say so yet.
func TestMoveSignedBeforeItShows(t *testing.T) {
	t.Parallel()
	w := moving(t, m{"movedTo": nil}, nil)
	w.send(push())
	w.round()
	if got := w.whose(); got != anewID {
		t.Errorf("the comment is shown as by %s", got)
	}
}

// TestMoveOfAnother: only the two accounts themselves may say so (mutant: whoever signs), and nobody is asked.
func TestMoveOfAnother(t *testing.T) {
	t.Parallel()
	w := moving(t, nil, nil)
	before := w.peers.count()
	for _, by := range []string{bobID, evilID, otherID} {
		w.peers.serve(by, actor(by, nil))
		w.sendAs(by, activity("Move", by+"/m", by, aliceID, m{"target": anewID}), 403)
	}
	w.sendAs(evilID, activity("Move", aliceID+"/m", evilID, aliceID, m{"target": evilID}), 403)
	if n := w.round(); n != 0 || w.peers.count()-before > 3 {
		t.Errorf("%d errands, %d fetches, want none but the keys", n, w.peers.count()-before)
	}
	w.stays("after the attackers")
}

// TestMoveOfNobody: who is nobody here is not looked up (mutant: every Move is asked about).
func TestMoveOfNobody(t *testing.T) {
	t.Parallel()
	w := moving(t, nil, nil)
	w.send(activity("Move", bobID+"/m", bobID, bobID, m{"target": anewID}))
	w.send(activity("Move", evilID+"/m", evilID, "http://victim.example/u", m{"target": evilID}))
	w.send(activity("Move", bobID+"/topic", bobID, "http://remote.example/topics/1", m{"origin": "http://remote.example/category/1", "target": "http://remote.example/category/2"})) // NodeBB
	for n, target := range []any{nil, us, "HTTPS://BLOG.example:443/ap/actor", blog + "/ap/instance", aliceID, "acct:x@y", "http://user@new.example/u", long(anewID, maxAddress+1), []any{}, m{"type": "Person"}} {
		w.send(activity("Move", fmt.Sprintf("%s/m%d", aliceID, n), aliceID, aliceID, m{"target": target}))
	}
	w.send(activity("Move", aliceID+"/m", aliceID, us, m{"target": aliceID}))
	if n := w.round(); n != 0 {
		t.Errorf("%d errands, want none", n)
	}
	w.stays("moves of nobody and to nowhere")
}

// TestMoveInTheWay: somebody else's false word about alice does not keep hers from being heard (mutant: one errand for each old account).
func TestMoveInTheWay(t *testing.T) {
	t.Parallel()
	w := moving(t, nil, nil)
	w.peers.status(evilID, http.StatusServiceUnavailable) // its errand will wait for long
	w.peers.serve(evilID, actor(evilID, nil))
	w.send(activity("Move", evilID+"/m", evilID, aliceID, m{"target": evilID}))
	w.peers.status(evilID, http.StatusServiceUnavailable)
	w.send(push())
	w.round()
	if got := w.whose(); got != anewID {
		t.Errorf("the comment is shown as by %s", got)
	}
}

// TestMoveBackAndOn: who moves back is shown as before, who moves on takes the first ones along, and nobody moves twice within days
// (mutant: no pause).
func TestMoveBackAndOn(t *testing.T) {
	t.Parallel()
	w := moving(t, nil, nil)
	w.send(push())
	w.round()
	w.peers.serve(aliceID, actor(aliceID, m{"alsoKnownAs": anewID}))
	w.peers.serve(anewID, actor(anewID, m{"movedTo": aliceID}))
	w.send(activity("Move", anewID+"/back", anewID, anewID, m{"target": aliceID}))
	w.round()
	w.stays("moved back")

	w.peers.serve(aliceID, actor(aliceID, m{"movedTo": anewID}))
	w.peers.serve(anewID, actor(anewID, m{"alsoKnownAs": []string{aliceID}}))
	again := push()
	again["id"] = aliceID + "/moves/2"
	w.send(again)
	if n := w.round(); n != 0 {
		t.Errorf("%d errands for a second move on one day, want none", n)
	}
	w.advance(8 * 24 * time.Hour)
	w.send(merge(push(), m{"id": aliceID + "/moves/3"}))
	w.round()
	if got := w.whose(); got != anewID {
		t.Errorf("a week later the comment is shown as by %s", got)
	}

	third := "http://third.example/users/alice"
	w.advance(8 * 24 * time.Hour)
	w.peers.serve(third, actor(third, m{"alsoKnownAs": []string{anewID}}))
	w.peers.serve(anewID, actor(anewID, m{"movedTo": third}))
	w.send(activity("Move", anewID+"/on", anewID, anewID, m{"target": third}))
	w.round()
	if got := w.whose(); got != third || !slices.Equal(w.followers(), []string{third}) {
		t.Errorf("moved on: the comment is shown as by %s, followers %v", got, w.followers())
	}
}

// TestMoveToBlocked: the follower goes and nothing else; no request goes to who is blocked (mutant: the target is not looked up among the
// blocks). Nor does somebody blocked come back under a new name that way.
func TestMoveToBlocked(t *testing.T) {
	t.Parallel()
	for name, what := range map[string]string{"server": "new.example", "person": anewID, "domain above": "example", "server, by Unicode form": "NEW.example."} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := moving(t, nil, nil)
			d := push()
			if what == "example" { // alice would be blocked as well
				what = "xn--bcher-kva.test"
				d["target"] = "http://sub.xn--bcher-kva.test/users/alice"
			}
			w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: what, At: w.clock()}) })
			before := w.peers.count()
			w.send(d)
			w.round()
			if got := w.followers(); len(got) != 0 {
				t.Errorf("followers %v, want none", got)
			}
			if got := w.whose(); got != aliceID {
				t.Errorf("the comment is shown as by %s", got)
			}
			if n := w.peers.count() - before; n != 0 {
				t.Errorf("%d requests, want none", n)
			}
		})
	}
	t.Run("from blocked", func(t *testing.T) {
		t.Parallel()
		w := moving(t, nil, nil)
		w.write(func(tx *store.Tx) error {
			return tx.AddBlock(t.Context(), store.Block{What: "remote.example", At: w.clock()})
		})
		w.sendAs(aliceID, push(), 403)
		w.send(pull())
		if n := w.round(); n != 0 {
			t.Errorf("%d errands, want none", n)
		}
		w.stays("a blocked follower")
	})
	t.Run("blocked meanwhile", func(t *testing.T) {
		t.Parallel()
		w := moving(t, nil, nil)
		w.send(push())
		w.write(func(tx *store.Tx) error {
			return tx.AddBlock(t.Context(), store.Block{What: "new.example", At: w.clock()})
		})
		w.round()
		w.stays("blocked before anybody was asked")
		if n := w.peers.asked(anewID); n != 0 {
			t.Errorf("%d requests to a blocked server", n)
		}
	})
}

// TestMoveOfFollower to where nothing can be delivered, or to one who follows already.
func TestMoveOfFollower(t *testing.T) {
	t.Parallel()
	w := moving(t, nil, m{"inbox": blog + "/ap/inbox"})
	w.send(push())
	w.round()
	if got := w.followers(); len(got) != 0 {
		t.Errorf("followers %v, want none: the new inbox is ours", got)
	}
	w = moving(t, nil, nil)
	w.send(activity("Follow", anewID+"/f", anewID, us, nil))
	since, _ := w.store.Follower(t.Context(), anewID, us)
	w.send(push())
	w.round()
	if f, _ := w.store.Follower(t.Context(), anewID, us); !slices.Equal(w.followers(), []string{anewID}) || f.FollowID != since.FollowID {
		t.Errorf("followers %v, %+v, want the new one as it was", w.followers(), f)
	}
}

// TestAfterMove: the new account's changes show, each Delete takes what its own account wrote and no more.
func TestAfterMove(t *testing.T) {
	t.Parallel()
	moved := func(t *testing.T) *world {
		w := moving(t, nil, nil)
		w.send(push())
		w.round()
		return w
	}
	t.Run("the new one changes", func(t *testing.T) {
		t.Parallel()
		w := moved(t)
		version, _ := w.store.ThreadVersion(t.Context(), post)
		w.peers.serve(anewID, actor(anewID, m{"name": "Alice the Third"}))
		w.send(activity("Update", anewID+"#u", anewID, actor(anewID, nil), nil))
		w.round()
		thread, err := w.store.Thread(t.Context(), post)
		if err != nil || string(thread[0].By.Name) != `["Alice the Third"]` {
			t.Errorf("%+v, %v, want the new name", thread, err)
		}
		if v, _ := w.store.ThreadVersion(t.Context(), post); v == version {
			t.Error("the page is not made anew")
		}
	})
	t.Run("the old one is deleted", func(t *testing.T) {
		t.Parallel()
		w := moved(t)
		w.send(activity("Delete", aliceID+"#d", aliceID, aliceID, nil))
		if n := w.count(store.Reply); n != 0 || !slices.Equal(w.followers(), []string{anewID}) {
			t.Errorf("%d replies, followers %v, want none and the new alice", n, w.followers())
		}
	})
	t.Run("the old comment is deleted", func(t *testing.T) {
		t.Parallel()
		w := moved(t)
		w.sendAs(anewID, activity("Delete", anewID+"#d", anewID, m{"id": aliceID + "/n"}, nil), 403)
		w.send(activity("Delete", aliceID+"#d", aliceID, aliceID+"/n", nil))
		if n := w.count(store.Reply); n != 0 {
			t.Errorf("%d replies, want none", n)
		}
	})
	t.Run("the new one is deleted", func(t *testing.T) {
		t.Parallel()
		w := moved(t)
		version, _ := w.store.ThreadVersion(t.Context(), post)
		w.send(activity("Delete", anewID+"#d", anewID, anewID, nil))
		if got := w.whose(); got != aliceID || len(w.followers()) != 0 {
			t.Errorf("the comment is shown as by %s, followers %v", got, w.followers())
		}
		if v, _ := w.store.ThreadVersion(t.Context(), post); v == version {
			t.Error("the page is not made anew")
		}
	})
}

// TestMoveOvertaken: what happens here while the two actors are asked counts (mutants: nobody looks again in the transaction).
func TestMoveOvertaken(t *testing.T) {
	t.Parallel()
	meanwhile := func(t *testing.T, do func(w *world)) *world {
		w := moving(t, nil, nil)
		doc, err := json.Marshal(actor(aliceID, m{"movedTo": anewID}))
		if err != nil {
			t.Fatal(err)
		}
		w.send(push())
		w.peers.handle(aliceID, func(rw http.ResponseWriter, r *http.Request) {
			do(w)
			rw.Header().Set("Content-Type", activitypub.ContentType)
			rw.Write(doc)
		})
		w.round()
		return w
	}
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		w := meanwhile(t, func(w *world) { w.send(activity("Delete", aliceID+"#d", aliceID, aliceID, nil)) })
		if known, err := w.store.ActorKnown(t.Context(), aliceID); known || err != nil || len(w.followers()) != 0 {
			t.Errorf("a deleted account is back: %v, %v, followers %v", known, err, w.followers())
		}
	})
	t.Run("blocked", func(t *testing.T) {
		t.Parallel()
		w := meanwhile(t, func(w *world) {
			w.write(func(tx *store.Tx) error {
				return tx.AddBlock(t.Context(), store.Block{What: "new.example", At: w.clock()})
			})
		})
		w.stays("blocked meanwhile")
	})
}

// TestMovesKnockAtNobodysDoor: a crowd that claims to be alice makes us ask her server no more often than its share (mutant: no share).
func TestMovesKnockAtNobodysDoor(t *testing.T) {
	t.Parallel()
	w := moving(t, m{"movedTo": nil}, nil)
	for n := range 45 {
		id := fmt.Sprintf("http://crowd%d.example/users/other", n)
		w.peers.serve(id, actor(id, m{"alsoKnownAs": aliceID}))
		w.send(activity("Move", id+"/m", id, aliceID, m{"target": id}))
	}
	before := w.peers.asked(aliceID)
	w.round()
	if n := w.peers.asked(aliceID) - before; n < 10 || n > 20 {
		t.Errorf("her server was asked %d times, want at most 20", n)
	}
	w.stays("after the crowd")
}

// TestFloodOfMoves: beyond its budget a server is told to wait (mutant: no budget of their own).
func TestFloodOfMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 40 {
		got := w.post(letter{doc: activity("Move", fmt.Sprintf("%s/m%d", aliceID, n), aliceID, aliceID, m{"target": anewID}), signer: aliceID})
		if want := map[bool]int{true: 202, false: 429}[n < 30]; got != want {
			t.Fatalf("move %d of a stranger: status %d, want %d", n, got, want)
		}
	}
}
