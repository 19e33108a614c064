package inbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

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

func TestQuoteOfComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(bobID+"/n", bobID, post, nil)))
	w.send(create(quoting(aliceID+"/q", aliceID, m{"quote": bobID + "/n"})))
	if c, ok := w.comment(aliceID + "/q"); ok {
		t.Errorf("stored %+v", c)
	}
}

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

func TestQuoteDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	shown, private := aliceID+"/q", aliceID+"/p"
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(shown, aliceID, nil), nil))
	w.send(quoteRequest(aliceID+"/r2", aliceID, quoting(private, aliceID, m{"to": aliceID + "/followers", "cc": nil}), nil))
	w.sendOut()
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

func TestQuoteRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.listenAt(aliceID+"/inbox"), w.listenAt(bobID+"/inbox")
	id := aliceID + "/q"
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(id, aliceID, nil), nil))
	w.send(activity("Like", bobID+"/l", bobID, id, nil))
	w.sendOut()
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
	w.sendOut()
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
	w.sendOut()
	if _, ok := w.comment(id); ok {
		t.Error("the quote is listed again")
	}
	if len(a.of("Reject")) != 1 || len(a.of("Accept")) != 1 {
		t.Errorf("asked again: %v, want a Reject", a.docs)
	}
}

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
			w.sendOut()
			end(w)
			if status, _ := w.stamp(h.of("Accept")[0]["result"].(string)); status != 404 && status != 410 {
				t.Errorf("status %d, want 404 or 410", status)
			}
		})
	}
}

func TestQuoteHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.listenAt(aliceID + "/inbox")
	w.peers.serve(aliceID, actor(aliceID, m{"published": at(w.clock().Add(-time.Hour))}))
	w.send(quoteRequest(aliceID+"/r", aliceID, quoting(aliceID+"/q", aliceID, m{"content": `<a href="http://spam.example/">buy</a>`}), nil))
	w.sendOut()
	if c, ok := w.comment(aliceID + "/q"); !ok || c.State != store.Held || len(h.of("Accept")) != 1 {
		t.Errorf("%+v, %v, %d Accepts, want it held and allowed", c, ok, len(h.of("Accept")))
	}
}

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

func readBody(r *http.Response) string {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	return string(b)
}
