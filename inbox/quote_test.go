package inbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

func TestQuoteRequest(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		h := w.listenAt(aliceID + "/inbox")
		id := aliceID + "/q"
		request := quoteRequest(id+"/quote", aliceID, quoting(id, aliceID, nil), nil)
		for range 2 {
			if got := w.post(letter{doc: request, signer: aliceID, scheme: s}); got != http.StatusAccepted {
				t.Fatalf("status %d, want 202", got)
			}
		}
		w.sendOut()
		accepts := h.of("Accept")
		if len(accepts) != 1 {
			t.Fatalf("%d Accepts: %v, want one", len(accepts), h.docs)
		}
		a := accepts[0]
		want := m{"id": id + "/quote", "type": "QuoteRequest", "actor": aliceID, "object": post, "instrument": id}
		if d := cmp.Diff(want, a["object"]); a["actor"] != us || d != "" {
			t.Errorf("Accept by %v of (-want +got):\n%s", a["actor"], d)
		}
		at, _ := a["result"].(string)
		if !strings.HasPrefix(at, blog+"/ap/quotes/") {
			t.Fatalf("result %v is no address of an authorization", a["result"])
		}
		status, doc := w.stamp(at)
		delete(doc, "@context")
		want = m{"id": at, "type": "QuoteAuthorization", "attributedTo": us, "interactingObject": id, "interactionTarget": post}
		if d := cmp.Diff(want, doc); status != http.StatusOK || d != "" {
			t.Errorf("authorization: status %d (-want +got):\n%s", status, d)
		}
		if c, ok := w.comment(id); !ok || c.Kind != store.Quote || c.State != store.Shown || c.Parent != post || w.text(id) != "look at this" {
			t.Errorf("listed: %+v, %v", c, ok)
		}
		w.send(create(quoting(id, aliceID, nil)))
		w.send(quoteRequest(id+"/quote2", aliceID, quoting(id, aliceID, nil), m{"object": page}))
		w.sendOut()
		if list := h.of("Accept"); len(list) != 2 || list[1]["result"] != at {
			t.Errorf("asked again: %v, want the same authorization", list)
		}
		if n := w.count(store.Quote); n != 1 || w.count(store.Reply) != 0 {
			t.Errorf("%d quotes, %d replies, want 1 and 0", n, w.count(store.Reply))
		}
		if n := w.peers.asked(aliceID); n != 1 {
			t.Errorf("the actor was fetched %d times", n)
		}
	})
}

// TestQuoteRequestForged: nobody gets leave in somebody else's name (mutants: another origin, another author, another post, another

// account with the same id).

func TestQuoteRequestForged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by         string
		instrument any
		with       m
		want       int
	}{
		"of another server":            {evilID, aliceID + "/q", nil, 403},
		"of another server, embedded":  {evilID, quoting(aliceID+"/q", aliceID, nil), nil, 403},
		"of another server, own words": {evilID, quoting(aliceID+"/q", evilID, nil), nil, 403},
		"of somebody beside":           {bobID, quoting(aliceID+"/q", aliceID, nil), nil, 403},
		"that quotes something else":   {evilID, quoting(evilID+"/q", evilID, m{"quote": blog + "/ap/posts/two"}), nil, 403},
		"under another server's id":    {evilID, quoting(evilID+"/q", evilID, nil), m{"id": aliceID + "/r"}, 403},
		"of one of our own":            {evilID, us, nil, 403},
		"of no post":                   {evilID, quoting(evilID+"/q", evilID, nil), m{"object": blog + "/ap/posts/none"}, 202},
		"of a foreign post":            {evilID, quoting(evilID+"/q", evilID, nil), m{"object": aliceID + "/n"}, 202},
		"without an id":                {evilID, quoting(evilID+"/q", evilID, nil), m{"id": nil}, 202},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.listenAt(c.by + "/inbox")
			w.peers.serve(aliceID+"/q", quoting(aliceID+"/q", aliceID, nil))
			w.sendAs(c.by, quoteRequest(c.by+"/r", c.by, c.instrument, c.with), c.want)
			w.untouched(c.by+"/r", aliceID+"/r")
			w.round()
			w.sendOut()
			if len(h.docs) != 0 {
				t.Errorf("answered %v", h.docs)
			}
			if list, err := w.store.Quotes(t.Context(), 10); err != nil || len(list) != 0 {
				t.Errorf("authorizations %v, %v", list, err)
			}
		})
	}
}

// TestQuoteRequestByID: where only the id comes, its own copy decides, which must be the asker's and quote the post (mutants: the

// author, the quote, the id of the copy).

func TestQuoteRequestByID(t *testing.T) {
	t.Parallel()
	id := aliceID + "/q"
	for name, c := range map[string]struct {
		serve      func(*peers)
		instrument any
		accepted   bool
		listed     bool
	}{
		"honest":           {func(p *peers) { p.serve(id, quoting(id, aliceID, nil)) }, id, true, true},
		"a stub":           {func(p *peers) { p.serve(id, quoting(id, aliceID, nil)) }, m{"id": id, "type": "Note"}, true, true},
		"by page":          {func(p *peers) { p.serve(id, quoting(id, aliceID, m{"quote": nil, "quoteUrl": page})) }, id, true, true},
		"for followers":    {func(p *peers) { p.serve(id, quoting(id, aliceID, m{"to": aliceID + "/followers", "cc": nil})) }, id, true, false},
		"of somebody else": {func(p *peers) { p.serve(id, quoting(id, bobID, nil)) }, id, false, false},
		"of nobody":        {func(p *peers) { p.serve(id, quoting(id, aliceID, m{"attributedTo": nil})) }, id, false, false},
		"quotes nothing":   {func(p *peers) { p.serve(id, quoting(id, aliceID, m{"quote": nil})) }, id, false, false},
		"quotes another":   {func(p *peers) { p.serve(id, quoting(id, aliceID, m{"quote": blog + "/ap/posts/two"})) }, id, false, false},
		"under another id": {func(p *peers) {
			p.serve(id, quoting(id+"2", aliceID, nil))
			p.serve(id+"2", quoting(id+"2", aliceID, nil))
		}, id, false, false},
		"gone":               {func(p *peers) { p.status(id, 410) }, id, false, false},
		"not there":          {func(p *peers) {}, id, false, false},
		"without instrument": {func(p *peers) {}, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.listenAt(aliceID + "/inbox")
			c.serve(w.peers)
			w.send(quoteRequest(aliceID+"/r", aliceID, c.instrument, nil))
			if w.count(store.Quote) != 0 {
				t.Error("listed before its own copy was seen")
			}
			w.round()
			w.round()
			w.sendOut()
			accepts, rejects := len(h.of("Accept")), len(h.of("Reject"))
			if c.accepted != (accepts == 1) || c.accepted == (rejects == 1) || accepts+rejects != 1 {
				t.Errorf("%d Accepts, %d Rejects", accepts, rejects)
			}
			if _, ok := w.comment(id); ok != c.listed {
				t.Errorf("listed %v, want %v", ok, c.listed)
			}
			due, err := w.store.DueErrands(t.Context(), w.clock().AddDate(1, 0, 0), 10)
			if err != nil || slices.ContainsFunc(due, func(e store.Errand) bool { return e.Reason == "quote" }) {
				t.Errorf("errands left %v, %v", due, err)
			}
			if n := w.peers.asked(id); n > 1 || w.peers.asked(aliceID) != 1 {
				t.Errorf("the quote was fetched %d times, the actor %d times", n, w.peers.asked(aliceID))
			}
		})
	}
}

// TestQuoteRequestByIDPolicy: what the owner decides while we look counts (mutant: the policy is asked once).

func TestQuoteRequestByIDPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.peers.serve(aliceID+"/q", quoting(aliceID+"/q", aliceID, m{"to": aliceID + "/followers", "cc": nil}))
	w.send(quoteRequest(aliceID+"/r", aliceID, aliceID+"/q", nil))
	w.policy(us)
	w.round()
	w.sendOut()
	if len(h.of("Accept")) != 0 || len(h.of("Reject")) != 1 {
		t.Errorf("sent %v, want a Reject", h.docs)
	}
}

// TestQuoteRequestOnce: an errand that is done twice, because we fell over in between, sends one Accept (mutant: the id of an answer is

// random).

func TestQuoteRequestOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.peers.serve(aliceID+"/q", quoting(aliceID+"/q", aliceID, nil))
	w.send(quoteRequest(aliceID+"/r", aliceID, aliceID+"/q", nil))
	due, err := w.store.DueErrands(t.Context(), w.clock(), 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("errands %v, %v, want one", due, err)
	}
	for range 2 {
		w.round()
		w.sendOut()
		w.write(func(tx *store.Tx) error { return tx.AddErrand(t.Context(), due[0]) })
	}
	if len(h.docs) != 1 {
		t.Errorf("sent %v, want one Accept", h.docs)
	}
}

// TestQuoteRequestPatience: a server that does not answer is asked again, and a Reject is sent when it never does.

func TestQuoteRequestPatience(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.peers.status(aliceID+"/q", 503)
	w.send(quoteRequest(aliceID+"/r", aliceID, aliceID+"/q", nil))
	w.round()
	w.sendOut()
	if len(h.docs) != 0 {
		t.Fatalf("answered after one failure: %v", h.docs)
	}
	for range 5 {
		w.advance(6 * time.Hour)
		w.round()
	}
	w.sendOut()
	if len(h.of("Reject")) != 1 || len(h.of("Accept")) != 0 {
		t.Errorf("sent %v, want one Reject", h.docs)
	}
}

// TestQuoteRequestSameID: a request of somebody beside her for alice's quote neither gets leave nor keeps hers back (mutants: errands

// known by the quote; the first who asks owns the id).

func TestQuoteRequestSameID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := aliceID + "/q"
	a, b := w.listenAt(aliceID+"/inbox"), w.listenAt(bobID+"/inbox")
	w.peers.serve(id, quoting(id, aliceID, nil))
	w.send(quoteRequest(bobID+"/r", bobID, id, nil))
	w.send(quoteRequest(aliceID+"/r", aliceID, id, nil))
	w.round()
	w.sendOut()
	if len(a.of("Accept")) != 1 || len(b.of("Accept")) != 0 || len(b.of("Reject")) != 1 {
		t.Errorf("alice heard %v, bob %v", a.docs, b.docs)
	}
}

// TestQuoteRequestKnownID: somebody beside her says that alice's quote is his. As far as she is known to have it, listed or only allowed,

// its own copy decides (mutants: either).

func TestQuoteRequestKnownID(t *testing.T) {
	t.Parallel()
	id := aliceID + "/q"
	private := m{"to": aliceID + "/followers", "cc": nil}
	for name, first := range map[string]m{
		"listed":  create(quoting(id, aliceID, nil)),
		"allowed": quoteRequest(aliceID+"/r", aliceID, quoting(id, aliceID, private), nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := w.listenAt(bobID + "/inbox")
			w.peers.serve(id, quoting(id, aliceID, nil))
			w.send(first)
			w.send(quoteRequest(bobID+"/r", bobID, quoting(id, bobID, nil), nil))
			w.round()
			w.sendOut()
			if len(b.of("Accept")) != 0 || len(b.of("Reject")) != 1 {
				t.Errorf("bob heard %v", b.docs)
			}
			if c, ok := w.comment(id); ok && c.Actor != aliceID {
				t.Errorf("the quote is now of %s", c.Actor)
			}
		})
	}
}

// TestQuotePolicy: the post's own words decide about asking and about being listed (mutants: any policy is public; a closed post; a

// withdrawn one).

func TestQuotePolicy(t *testing.T) {
	t.Parallel()
	followers := blog + "/ap/followers"
	for name, c := range map[string]struct {
		set  func(*world)
		want bool
	}{
		"nothing said":           {func(w *world) {}, true},
		"public":                 {func(w *world) { w.policy(public) }, true},
		"nobody":                 {func(w *world) { w.policy(us) }, false},
		"her":                    {func(w *world) { w.policy(us, aliceID) }, true},
		"followers, she is none": {func(w *world) { w.policy(followers) }, false},
		"followers, she is one":  {func(w *world) { w.policy(followers); w.send(activity("Follow", aliceID+"/f", aliceID, us, nil)) }, true},
		"nothing can be read":    {func(w *world) { w.change(func(a *store.Article) { a.JSON = nil }) }, false},
		"withdrawn":              {func(w *world) { w.change(func(a *store.Article) { a.Withdrawn = w.clock() }) }, false},
		"closed":                 {func(w *world) { w.cfg.Comments.Mode = "closed" }, false},
		"closed after some days": {func(w *world) { w.cfg.Comments.CloseAfter = "3d"; w.advance(96 * time.Hour) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.listenAt(aliceID + "/inbox")
			c.set(w)
			w.send(quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, nil), nil))
			w.send(create(quoting(aliceID+"/q2", aliceID, nil)))
			w.sendOut()
			accepts := slices.DeleteFunc(h.of("Accept"), func(d m) bool { return d["result"] == nil }) // of the Follow
			if got := len(accepts); (got == 1) != c.want || len(h.of("Reject")) == got {
				t.Errorf("%d times Accept, %d times Reject", got, len(h.of("Reject")))
			}
			for _, id := range []string{aliceID + "/q", aliceID + "/q2"} {
				if _, ok := w.comment(id); ok != c.want {
					t.Errorf("%s listed: %v, want %v", id, ok, c.want)
				}
			}
		})
	}
}

// TestQuoteRequestInbox: nothing is ever sent to such a place (mutant: any inbox is answered).

func TestQuoteRequestInbox(t *testing.T) {
	t.Parallel()
	for _, inbox := range []string{blog + "/posts/one/", "http://blog.example/x", "mailto:x@remote.example", "http://user@remote.example/inbox"} {
		w := newWorld(t)
		w.peers.serve(aliceID, actor(aliceID, m{"inbox": inbox}))
		got := w.post(letter{doc: quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, nil), nil), signer: aliceID})
		if got < 400 || got >= 500 {
			t.Errorf("%s: status %d, want 4xx", inbox, got)
		}
		w.untouched(aliceID + "/r")
	}
}

// TestQuoteFetchBudget: requests by id do not make us fetch from one server without end (mutant: no budget of fetches).

func TestQuoteFetchBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 40 {
		id := fmt.Sprint(aliceID, "/q", n)
		w.send(quoteRequest(id+"/r", aliceID, id, nil))
	}
	before := w.peers.count()
	for w.round() > 0 {
	}
	if n := w.peers.count() - before; n == 0 || n > 30 {
		t.Errorf("%d fetches in one moment, the budget is 30", n)
	}
}

// TestQuoteRequestFlood: a server of unknown accounts can ask so much in one moment and no more (mutant: only follows have a budget).

func TestQuoteRequestFlood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status := 0
	for n := 0; n <= 100 && status != http.StatusTooManyRequests; n++ {
		status = w.post(letter{doc: quoteRequest(fmt.Sprint(evilID, "/r", n), evilID, evilID+"/q", m{"object": blog + "/ap/posts/none"}), signer: evilID})
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("status %d after 101 requests in one moment, want 429", status)
	}
}

// TestQuoteRequestBlocked: a blocked server asks in vain and is told nothing, also where it was blocked while we looked.

func TestQuoteRequestBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.send(quoteRequest(aliceID+"/r", aliceID, aliceID+"/q", nil))
	w.write(func(tx *store.Tx) error {
		return tx.AddBlock(t.Context(), store.Block{What: "remote.example", At: w.clock()})
	})
	w.sendAs(aliceID, quoteRequest(aliceID+"/r2", aliceID, quoting(aliceID+"/q", aliceID, nil), nil), 403)
	w.round()
	w.sendOut()
	if len(h.docs) != 0 || w.peers.asked(aliceID+"/q") != 0 {
		t.Errorf("sent %v, fetched %d times", h.docs, w.peers.asked(aliceID+"/q"))
	}
}

// TestQuoteListed: whoever does not know how to ask is listed too, in every program's spelling, if the quote is public.

// TestQuoteOfComment: only posts can be quoted.

// TestQuoteForwarded: a quote that somebody else passes on, or of which only the id comes, is fetched like a reply.

// TestQuoteUpdated: an edit that quotes no more, or is no longer public, takes the quote from the page; the one that Mastodon sends

// once it is allowed changes nothing (mutants: each).

// TestQuoteDeleted: its author's Delete takes quote and authorization away; nobody else's does, and an Undo does not either (mutants: each).

// TestQuoteRevoked: the authorization is gone from its address, the quote from the page; who quotes, who answered the quote and who got

// the post are told; and neither a new request nor an edit brings the quote back (mutants: each).

// TestQuoteGoneWithActor: an account that is gone, or blocked, leaves no authorization.

// TestQuoteHeld: guarded mode looks at quotes as at replies; leave to quote is another matter.

// TestQuoteOnPage: a reader sees the quote, its answers and no second "RE:".

// TestInteractionRequests: GoToSocial asks only where a policy says that it must, and ours never does; anything else it sends of that kind is

// taken politely and has no effect, nor have answers to what we never asked.

// TestQuoteUnannounced: of a post that no follower was told of, the site's own file says who may quote it.

// TestQuoteBudget: one account is allowed so many quotes; then it is told no.

func TestQuoteBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.write(func(tx *store.Tx) error { return fillQuotes(t.Context(), tx, aliceID, store.MaxQuotesBy) })
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, nil), nil))
	w.sendOut()
	if len(h.of("Accept")) != 0 || len(h.of("Reject")) != 1 {
		t.Errorf("sent %v, want a Reject", h.docs)
	}
}
