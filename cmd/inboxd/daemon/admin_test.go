package daemon

import (
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// TestAdminRevokesQuote presses the button on the owner's page: the quote goes from it, and a Delete of the authorization waits for who
// quotes. A quote that never asked only goes.
func TestAdminRevokesQuote(t *testing.T) {
	t.Parallel()
	ctx, s, now := t.Context(), storetest.Open(t), time.Now()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c := &site.Config{Dir: t.TempDir(), Site: site.Site{URL: server.URL, Title: "Notes"}, Federation: site.Federation{Enabled: true, Handle: "notes"}}
	c.Inboxd.Data = filepath.Join(c.Dir, "data")
	link, err := LoginLink(c, now)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	desk, err := admin(c, s, outbox.New(outbox.Options{Config: c, Store: s, Log: log}), nil, log)
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/admin/", desk)
	post, ada := c.Addresses().Post("one"), "https://social.example/users/ada"
	asked, unasked := "https://social.example/q1", "https://social.example/q2"
	err = s.Write(ctx, func(tx *store.Tx) error {
		for _, id := range []string{asked, unasked} {
			q := store.Comment{ID: id, Kind: store.Quote, Post: post, Parent: post, Actor: ada, URL: id, Published: now, Received: now, State: store.Shown}
			if err := tx.PutComment(ctx, q); err != nil {
				return err
			}
		}
		_, err := tx.AuthorizeQuote(ctx, store.QuoteAuthorization{Key: "k", Post: post, Quote: asked, Actor: ada, Inbox: ada + "/inbox", Granted: now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	form := func(path string, v url.Values) {
		t.Helper()
		res, err := browser.PostForm(server.URL+path, v)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: status %d", path, res.StatusCode)
		}
	}
	_, token, _ := strings.Cut(link, "?t=")
	form("/admin/login", url.Values{"t": {token}})
	for _, id := range []string{asked, unasked} {
		form("/admin/comment", url.Values{"id": {id}, "do": {"revoke-quote"}, "state": {"shown"}})
		if q, err := s.QuoteOf(ctx, post, id); err != nil || q.Revoked.IsZero() {
			t.Errorf("%s is not revoked: %+v, %v", id, q, err)
		}
	}
	if list, err := s.Thread(ctx, post); err != nil || len(list) != 0 {
		t.Errorf("still listed: %+v, %v", list, err)
	}
	sent, err := s.Deliveries(ctx, c.Addresses().Quote("k"))
	if err != nil || len(sent) != 1 || sent[0].Type != "Delete" || sent[0].Inbox != ada+"/inbox" {
		t.Errorf("deliveries %+v, %v, want one Delete to her inbox", sent, err)
	}
}
