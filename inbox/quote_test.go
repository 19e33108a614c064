package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// quoting makes a note that quotes the post and answers nothing.
func quoting(id, by string, with m) m {
	return merge(note(id, by, post, m{"inReplyTo": nil, "quote": post, "content": "<p>look at this</p>"}), with)
}

func quoteRequest(id, by string, instrument any, with m) m {
	return merge(activity("QuoteRequest", id, by, post, m{"instrument": instrument}), with)
}

// heard keeps what an inbox was sent.
type heard struct {
	mu   sync.Mutex
	docs []m
}

func (w *world) listenAt(inbox string) *heard {
	h := &heard{}
	w.peers.handle(inbox, func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var doc m
		if r.Header.Get("Signature") == "" || json.Unmarshal(b, &doc) != nil {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.docs = append(h.docs, doc)
		rw.WriteHeader(http.StatusAccepted)
	})
	return h
}

// of gives what came of one type.
func (h *heard) of(kind string) []m {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []m
	for _, d := range h.docs {
		if d["type"] == kind {
			list = append(list, d)
		}
	}
	return list
}

// deliver sends all that is due.
func (w *world) deliver() {
	w.t.Helper()
	if err := w.outbox.Deliver(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// stamp fetches an authorization as a peer does.
func (w *world) stamp(at string) (int, m) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, at, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Accept", activitypub.ContentType)
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	var doc m
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil && res.StatusCode == http.StatusOK {
		w.t.Errorf("%s is no JSON: %v", at, err)
	}
	if c := res.Header.Get("Cache-Control"); res.StatusCode == http.StatusOK && c != "no-cache" {
		w.t.Errorf("%s may lie in a cache: %q", at, c)
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode == http.StatusOK && kind != activitypub.ContentType {
		w.t.Errorf("%s has type %s", at, kind)
	}
	return res.StatusCode, doc
}

// site writes a published site where the world's configuration says that it lies.
func (w *world) site(files map[string][]byte, posts ...site.PublishedPost) {
	w.t.Helper()
	list, err := json.Marshal(site.PublishedList{Version: 1, Posts: posts})
	if err != nil {
		w.t.Fatal(err)
	}
	files[site.PublishedFile] = list
	for name, data := range files {
		file := filepath.Join(w.cfg.Inboxd.Site, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, data, 0o600)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// policy gives the post a quote policy.
func (w *world) policy(who ...string) {
	w.t.Helper()
	a := activitypub.Article{ID: post, Type: "Article", InteractionPolicy: &activitypub.InteractionPolicy{CanQuote: &activitypub.Policy{AutomaticApproval: who}}}
	doc, err := activitypub.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	w.change(func(a *store.Article) { a.JSON = doc })
}

func (w *world) change(f func(*store.Article)) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		a, err := tx.Article(w.t.Context(), post)
		if err != nil {
			return err
		}
		f(&a)
		return tx.PutArticle(w.t.Context(), a)
	})
}

// TestQuoteRequest: one Accept, signed, whose result answers what FEP-044f says; the quote is listed; asked again it is the same.
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
		w.deliver()
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
		w.deliver()
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
			w.deliver()
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
			w.deliver()
			accepts, rejects := len(h.of("Accept")), len(h.of("Reject"))
			if c.accepted != (accepts == 1) || c.accepted == (rejects == 1) || accepts+rejects != 1 {
				t.Errorf("%d Accepts, %d Rejects", accepts, rejects)
			}
			if _, ok := w.comment(id); ok != c.listed {
				t.Errorf("listed %v, want %v", ok, c.listed)
			}
			if due, err := w.store.DueErrands(t.Context(), w.clock().AddDate(1, 0, 0), 10); err != nil || len(due) != 0 {
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
	w.deliver()
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
		w.deliver()
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
	w.deliver()
	if len(h.docs) != 0 {
		t.Fatalf("answered after one failure: %v", h.docs)
	}
	for range 5 {
		w.advance(6 * time.Hour)
		w.round()
	}
	w.deliver()
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
	w.deliver()
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
			w.deliver()
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
			w.deliver()
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
	w.deliver()
	if len(h.docs) != 0 || w.peers.asked(aliceID+"/q") != 0 {
		t.Errorf("sent %v, fetched %d times", h.docs, w.peers.asked(aliceID+"/q"))
	}
}

// TestQuoteListed: whoever does not know how to ask is listed too, in every program's spelling, if the quote is public.
func TestQuoteListed(t *testing.T) {
	t.Parallel()
	id, followers := aliceID+"/q", aliceID+"/followers"
	link := []m{{"type": "Link", "href": post, "mediaType": `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`}}
	mine := `<span class="quote-inline"><br/>RE: <a href="` + page + `">` + page + `</a></span>`
	for name, c := range map[string]struct {
		with m
		want store.Kind // "" = nothing
		text string
	}{
		"FEP-044f":             {nil, store.Quote, "look at this"},
		"Misskey":              {m{"quote": nil, "quoteUrl": post, "_misskey_quote": post, "content": "<p><span>see<br><br>RE: </span><a href=\"" + post + "\">x</a></p>"}, store.Quote, "see"},
		"Akkoma":               {m{"quote": nil, "quoteUri": post, "content": "see" + mine}, store.Quote, "see"},
		"Mastodon":             {m{"content": `<p class="quote-inline">RE: <a href="` + page + `">…</a></p><p>see</p>`}, store.Quote, "see"},
		"Fedibird of old":      {m{"quote": nil, "quoteURL": page}, store.Quote, "look at this"},
		"FEP-e232":             {m{"quote": nil, "tag": link}, store.Quote, "look at this"},
		"unlisted":             {m{"to": followers, "cc": public}, store.Quote, "look at this"},
		"followers":            {m{"to": followers, "cc": nil}, "", ""},
		"direct":               {m{"to": us, "cc": nil}, "", ""},
		"a reply that quotes":  {m{"inReplyTo": post}, store.Reply, "look at this"},
		"an answer elsewhere":  {m{"inReplyTo": "http://third.example/n"}, store.Quote, "look at this"},
		"of something foreign": {m{"quote": "http://third.example/n"}, "", ""},
		"of no post":           {m{"quote": blog + "/ap/posts/none"}, "", ""},
		"of our actor":         {m{"quote": us}, "", ""},
		"of a Tombstone":       {m{"quote": m{"type": "Tombstone"}}, "", ""},
		"a vote":               {m{"name": "yes", "content": nil}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(quoting(id, aliceID, c.with)))
			got, ok := w.comment(id)
			if c.want == "" {
				w.untouched(id + "/activity")
				return
			}
			if !ok || got.Kind != c.want || got.Post != post || got.State != store.Shown || w.text(id) != c.text {
				t.Errorf("%+v, %v, %q, want a %s %q", got, ok, w.text(id), c.want, c.text)
			}
			if n := w.peers.count(); n != 1 {
				t.Errorf("%d fetches, want the key alone", n)
			}
		})
	}
}

// TestQuoteOfComment: only posts can be quoted.
func TestQuoteOfComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(bobID+"/n", bobID, post, nil)))
	w.send(create(quoting(aliceID+"/q", aliceID, m{"quote": bobID + "/n"})))
	if c, ok := w.comment(aliceID + "/q"); ok {
		t.Errorf("stored %+v", c)
	}
}

// TestQuoteForwarded: a quote that somebody else passes on, or of which only the id comes, is fetched like a reply.
func TestQuoteForwarded(t *testing.T) {
	t.Parallel()
	id := aliceID + "/q"
	for name, doc := range map[string]m{
		"wrapped":   activity("Announce", bobID+"/a", bobID, create(quoting(id, aliceID, m{"content": "forged"})), m{"to": public}),
		"forwarded": activity("Create", bobID+"/a", bobID, quoting(id, aliceID, m{"content": "forged"}), m{"to": public}),
		"by id":     activity("Create", bobID+"/a", bobID, id, m{"to": public}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			doc := merge(doc, nil)
			if name == "forwarded" { // from another server than the quote's
				doc["id"], doc["actor"] = evilID+"/a", evilID
			}
			w.peers.serve(id, quoting(id, aliceID, nil))
			w.send(doc)
			w.round()
			if c, ok := w.comment(id); !ok || c.Kind != store.Quote || w.text(id) != "look at this" {
				t.Errorf("%+v, %v, %q", c, ok, w.text(id))
			}
		})
	}
}

// TestQuoteUpdated: an edit that quotes no more, or is no longer public, takes the quote from the page; the one that Mastodon sends
// once it is allowed changes nothing (mutants: each).
func TestQuoteUpdated(t *testing.T) {
	t.Parallel()
	id := aliceID + "/q"
	for name, c := range map[string]struct {
		with   m
		by     string
		status int
		want   string // "" = gone
		edited bool
	}{
		"new words":        {m{"content": "other", "updated": at(time.Now())}, aliceID, 202, "other", true},
		"allowed":          {m{"quoteAuthorization": blog + "/ap/quotes/x"}, aliceID, 202, "look at this", false},
		"quotes no more":   {m{"quote": nil}, aliceID, 202, "", false},
		"quotes another":   {m{"quote": blog + "/ap/posts/two"}, aliceID, 202, "", false},
		"for followers":    {m{"to": aliceID + "/followers", "cc": nil}, aliceID, 202, "", false},
		"by somebody else": {m{"content": "forged", "attributedTo": bobID}, bobID, 403, "look at this", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(quoting(id, aliceID, nil)))
			w.sendAs(c.by, activity("Update", c.by+"/u", c.by, quoting(id, aliceID, c.with), nil), c.status)
			got, ok := w.comment(id)
			if ok != (c.want != "") || ok && (w.text(id) != c.want || got.Kind != store.Quote || got.Updated.IsZero() == c.edited) {
				t.Errorf("%+v, %v, %q, want %q", got, ok, w.text(id), c.want)
			}
		})
	}
}

// TestQuoteDeleted: its author's Delete takes quote and authorization away; nobody else's does, and an Undo does not either (mutants: each).
func TestQuoteDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	shown, private := aliceID+"/q", aliceID+"/p"
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(shown, aliceID, nil), nil))
	w.send(quoteRequest(aliceID+"/r2", aliceID, quoting(private, aliceID, m{"to": aliceID + "/followers", "cc": nil}), nil))
	w.deliver()
	if _, ok := w.comment(private); ok {
		t.Error("a quote for followers is listed")
	}
	var stamps []string
	for _, a := range h.of("Accept") {
		stamps = append(stamps, a["result"].(string))
	}
	if len(stamps) != 2 {
		t.Fatalf("authorizations %v, want 2", stamps)
	}
	w.send(activity("Like", bobID+"/l", bobID, post, nil)) // bob is known
	w.sendAs(bobID, activity("Delete", bobID+"/d", bobID, shown, nil), 403)
	w.sendAs(bobID, activity("Delete", bobID+"/d2", bobID, private, nil), 202)
	w.sendAs(bobID, activity("Delete", bobID+"/d3", bobID, stamps[0], nil), 403)
	w.send(activity("Undo", aliceID+"/u", aliceID, shown, nil))
	for _, at := range stamps {
		if status, _ := w.stamp(at); status != http.StatusOK {
			t.Errorf("%s: status %d after nobody's Delete", at, status)
		}
	}
	if _, ok := w.comment(shown); !ok {
		t.Error("the quote is gone after nobody's Delete")
	}
	w.send(activity("Delete", aliceID+"/d", aliceID, m{"id": shown, "type": "Tombstone"}, nil))
	w.send(activity("Delete", aliceID+"/d2", aliceID, private, nil))
	for _, at := range stamps {
		if status, _ := w.stamp(at); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", at, status)
		}
	}
	if _, ok := w.comment(shown); ok {
		t.Error("the quote is still listed")
	}
}

// TestQuoteRevoked: the authorization is gone from its address, the quote from the page; who quotes, who answered the quote and who got
// the post are told; and neither a new request nor an edit brings the quote back (mutants: each).
func TestQuoteRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.listenAt(aliceID+"/inbox"), w.listenAt(bobID+"/inbox")
	id := aliceID + "/q"
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(id, aliceID, nil), nil))
	w.send(activity("Like", bobID+"/l", bobID, id, nil))
	w.deliver()
	at := a.of("Accept")[0]["result"].(string)
	revoke := func() (n int) {
		w.write(func(tx *store.Tx) error {
			q, err := tx.QuoteOf(t.Context(), post, id)
			if err == nil {
				n, err = w.outbox.RevokeQuote(t.Context(), tx, q)
			}
			return err
		})
		return n
	}
	if n := revoke(); n != 2 {
		t.Errorf("%d inboxes are told, want 2", n)
	}
	if n := revoke(); n != 0 {
		t.Errorf("revoked again: %d inboxes are told", n)
	}
	w.deliver()
	if status, doc := w.stamp(at); status != http.StatusGone || doc["type"] != "Tombstone" {
		t.Errorf("the authorization answers %d %v, want 410", status, doc)
	}
	for name, h := range map[string]*heard{"alice": a, "bob": b} {
		list := h.of("Delete")
		if len(list) != 1 || idOf(list[0]["object"]) != at || list[0]["actor"] != us {
			t.Errorf("%s heard %v, want one Delete of %s", name, list, at)
		}
	}
	w.peers.serve(id, quoting(id, aliceID, nil))
	w.send(quoteRequest(aliceID+"/r2", aliceID, quoting(id, aliceID, nil), nil))
	w.send(activity("Update", aliceID+"/u", aliceID, quoting(id, aliceID, nil), nil))
	w.send(merge(create(quoting(id, aliceID, nil)), m{"id": aliceID + "/c2"}))
	w.round()
	w.deliver()
	if _, ok := w.comment(id); ok {
		t.Error("the quote is listed again")
	}
	if len(a.of("Reject")) != 1 || len(a.of("Accept")) != 1 {
		t.Errorf("asked again: %v, want a Reject", a.docs)
	}
}

// TestQuoteGoneWithActor: an account that is gone, or blocked, leaves no authorization.
func TestQuoteGoneWithActor(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world){
		"gone": func(w *world) { w.send(activity("Delete", aliceID+"/d", aliceID, aliceID, nil)) },
		"blocked": func(w *world) {
			w.write(func(tx *store.Tx) error { return tx.AddBlock(w.t.Context(), store.Block{What: aliceID, At: w.clock()}) })
		},
		"withdrawn": func(w *world) { w.change(func(a *store.Article) { a.Withdrawn = w.clock() }) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.listenAt(aliceID + "/inbox")
			w.send(quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, nil), nil))
			w.deliver()
			end(w)
			if status, _ := w.stamp(h.of("Accept")[0]["result"].(string)); status != 404 && status != 410 {
				t.Errorf("status %d, want 404 or 410", status)
			}
		})
	}
}

// TestQuoteHeld: guarded mode looks at quotes as at replies; leave to quote is another matter.
func TestQuoteHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.peers.serve(aliceID, actor(aliceID, m{"published": at(w.clock().Add(-time.Hour))}))
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, m{"content": `<a href="http://spam.example/">buy</a>`}), nil))
	w.deliver()
	if c, ok := w.comment(aliceID + "/q"); !ok || c.State != store.Held || len(h.of("Accept")) != 1 {
		t.Errorf("%+v, %v, %d Accepts, want it held and allowed", c, ok, len(h.of("Accept")))
	}
}

// TestQuoteOnPage: a reader sees the quote, its answers and no second "RE:".
func TestQuoteOnPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := aliceID + "/q"
	w.send(create(quoting(id, aliceID, m{"content": `<p>words</p><p>RE: <a href="` + post + `">x</a></p>`, "url": "http://remote.example/@alice/q"})))
	w.send(create(note(bobID+"/n", bobID, id, m{"content": "<p>answer to the quote</p>"})))
	html := readBody(w.get("/comments/one"))
	for _, want := range []string{"Quoted in", "u-quotation", "words", "http://remote.example/@alice/q", "answer to the quote"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not show %q:\n%s", want, html)
		}
	}
	if strings.Contains(html, "RE:") {
		t.Errorf("the page repeats what is quoted:\n%s", html)
	}
	var thread activitypub.Thread
	if err := json.NewDecoder(w.get("/api/v1/thread?post=" + post).Body).Decode(&thread); err != nil {
		t.Fatal(err)
	}
	if len(thread.Quotes) != 1 || len(thread.Quotes[0].Replies) != 1 || len(thread.Replies) != 0 {
		t.Errorf("thread %+v", thread)
	}
}

// TestInteractionRequests: GoToSocial asks only where a policy says that it must, and ours never does; anything else it sends of that kind is
// taken politely and has no effect, nor have answers to what we never asked.
func TestInteractionRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	like := activity("Like", aliceID+"/l", aliceID, post, nil)
	for n, doc := range []m{
		activity("LikeRequest", aliceID+"/1", aliceID, post, m{"instrument": like}),
		activity("ReplyRequest", aliceID+"/2", aliceID, post, m{"instrument": note(aliceID+"/n", aliceID, post, nil)}),
		activity("AnnounceRequest", aliceID+"/3", aliceID, post, m{"instrument": activity("Announce", aliceID+"/b", aliceID, post, nil)}),
		activity("Accept", aliceID+"/4", aliceID, quoteRequest(us+"/q", us, us+"/n", nil), m{"result": aliceID + "/stamp"}),
		activity("Reject", aliceID+"/5", aliceID, quoteRequest(us+"/q", us, us+"/n", nil), nil),
		activity("Delete", aliceID+"/6", aliceID, m{"id": aliceID + "/stamp", "type": "QuoteAuthorization"}, nil),
	} {
		if got := w.post(letter{doc: doc, signer: aliceID}); got != http.StatusAccepted {
			t.Errorf("%d: status %d, want 202", n, got)
		}
	}
	w.untouched()
}

// TestQuoteUnannounced: of a post that no follower was told of, the site's own file says who may quote it.
func TestQuoteUnannounced(t *testing.T) {
	t.Parallel()
	for who, want := range map[string]bool{public: true, us: false} {
		w := newWorld(t, func(c *site.Config) { c.Inboxd.Site = t.TempDir() })
		doc, err := activitypub.Marshal(activitypub.Article{ID: post, Type: "Article", InteractionPolicy: &activitypub.InteractionPolicy{
			CanQuote: &activitypub.Policy{AutomaticApproval: []string{who}}}})
		if err != nil {
			t.Fatal(err)
		}
		w.site(map[string][]byte{"ap/posts/one.json": doc}, site.PublishedPost{ID: post, URL: page, Article: "ap/posts/one.json", Published: w.clock()})
		w.change(func(a *store.Article) { a.JSON, a.Announced = nil, false })
		w.send(create(quoting(aliceID+"/q", aliceID, nil)))
		if _, ok := w.comment(aliceID + "/q"); ok != want {
			t.Errorf("%s may quote: listed %v", who, ok)
		}
	}
}

// TestQuoteBudget: one account is allowed so many quotes; then it is told no.
func TestQuoteBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.write(func(tx *store.Tx) error { return fillQuotes(t.Context(), tx, aliceID, store.MaxQuotesBy) })
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, nil), nil))
	w.deliver()
	if len(h.of("Accept")) != 0 || len(h.of("Reject")) != 1 {
		t.Errorf("sent %v, want a Reject", h.docs)
	}
}

func fillQuotes(ctx context.Context, tx *store.Tx, actor string, n int) error {
	for i := range n {
		key := actor + "/old/" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		if _, err := tx.AuthorizeQuote(ctx, store.QuoteAuthorization{Key: key, Post: post, Quote: key, Actor: actor}); err != nil {
			return err
		}
	}
	return nil
}

func readBody(r *http.Response) string {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestCorpusQuotes: every request in the corpus gets one answer, Accept where the quote came along or can be had; every public quote that
// names the post is listed.
func TestCorpusQuotes(t *testing.T) {
	t.Parallel()
	dir, rows := corpus(t)
	tried := 0
	for _, row := range rows {
		if row["kind"] != "quote-request" && row["kind"] != "create-quote" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		tried++
		t.Run(row["path"], func(t *testing.T) {
			t.Parallel()
			var doc any
			if err := json.Unmarshal([]byte(localNames(string(b))), &doc); err != nil {
				t.Fatal(err)
			}
			for p := range strings.SplitSeq(row["rewrite"], ";") {
				if strings.HasPrefix(p, "/") {
					doc = set(doc, strings.Split(p[1:], "/"), post)
				}
			}
			if row["kind"] == "create-quote" {
				listedFromCorpus(t, doc.(m), row["rewrite"] != "")
				return
			}
			answeredFromCorpus(t, doc.(m))
		})
	}
	if tried < 10 {
		t.Errorf("%d rows, want at least 10", tried)
	}
}

func answeredFromCorpus(t *testing.T, doc m) {
	w := newWorld(t)
	by := actorOf(doc)
	w.peers.serve(by, actor(by, nil))
	h := w.listenAt(by + "/inbox")
	if id, ok := doc["instrument"].(string); ok {
		w.peers.serve(id, quoting(id, by, nil))
	}
	w.sendAs(by, doc, http.StatusAccepted)
	w.round()
	w.deliver()
	if len(h.docs) != 1 || len(h.of("Accept")) != 1 {
		t.Errorf("sent %v, want one Accept", h.docs)
	}
}

func listedFromCorpus(t *testing.T, doc m, ours bool) {
	w := newWorld(t)
	by, id := idOf(doc["attributedTo"]), idOf(doc)
	if by == "" || id == "" {
		t.Skip("it does not say whose it is")
	}
	w.peers.serve(by, actor(by, nil))
	w.send(activity("Create", id+"#create", by, doc, m{"to": public}))
	c, ok := w.comment(id)
	if ok != ours || ok && c.Kind != store.Quote {
		t.Errorf("listed %v as %+v, want %v", ok, c, ours)
	}
}
