package inbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/postil-blog/postil/activitypub"
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

// sendOut sends all that is due.

func (w *world) sendOut() {
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

func fillQuotes(ctx context.Context, tx *store.Tx, actor string, n int) error {
	for i := range n {
		key := actor + "/old/" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		if _, err := tx.AuthorizeQuote(ctx, store.QuoteAuthorization{Key: key, Post: post, Quote: key, Actor: actor}); err != nil {
			return err
		}
	}
	return nil
}

// TestCorpusQuotes: every request in the corpus gets one answer, Accept where the quote came along or can be had; every public quote that

// names the post is listed.
