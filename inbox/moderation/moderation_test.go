package moderation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

// owner is a browser at a running admin page.
type owner struct {
	t      *testing.T
	store  *store.Store
	server *httptest.Server
	client *http.Client
	now    time.Time
	addr   site.Addresses

	answers   []string                   // to, text
	withdrawn []string                   // keys
	revoked   []store.QuoteAuthorization // handed to outbox
	sent      int
}

func newOwner(t *testing.T) *owner {
	t.Helper()
	s := storetest.Open(t)
	o := &owner{t: t, store: s, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	o.server = httptest.NewServer(mux)
	t.Cleanup(o.server.Close)
	cfg := &site.Config{Site: site.Site{URL: o.server.URL, Title: "Tides"}, Federation: site.Federation{Handle: "tides"}, Authors: map[string]site.Author{"eve": {Handle: "moon"}}}
	o.addr = cfg.Addresses()
	m, err := New(Options{Config: cfg, Store: s, Secret: secret, Now: func() time.Time { return o.now },
		Reply: func(_ context.Context, to, text string) error {
			if text == "private" {
				return errors.New("what it answers is not public")
			}
			o.answers = append(o.answers, to, text)
			return nil
		},
		Withdraw: func(_ context.Context, key string) error { o.withdrawn = append(o.withdrawn, key); return nil },
		Sent:     func() { o.sent++ },
		Picture:  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "picture ", r.PathValue("hash")) },
		RevokeQuote: func(ctx context.Context, tx *store.Tx, q store.QuoteAuthorization) error {
			o.revoked = append(o.revoked, q)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/admin/", m)
	jar, _ := cookiejar.New(nil)
	o.client = &http.Client{Jar: jar}
	return o
}

func (o *owner) get(path string) (int, string) { return o.read(o.client.Get(o.server.URL + path)) }

func (o *owner) post(path string, form url.Values) (int, string) {
	return o.read(o.client.PostForm(o.server.URL+path, form))
}

func (o *owner) read(res *http.Response, err error) (int, string) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// login uses a link as a person does: open it, press the button.
func (o *owner) login() int {
	o.t.Helper()
	return o.use(LoginLink(o.addr, secret, o.now))
}

func (o *owner) use(link string) int {
	o.t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		o.t.Fatal(err)
	}
	if status, body := o.get(u.RequestURI()); status != http.StatusOK || !strings.Contains(body, "Open the admin page") {
		o.t.Fatalf("the link answers %d:\n%s", status, body)
	}
	status, _ := o.post("/admin/login", url.Values{"t": {u.Query().Get("t")}})
	return status
}

// reply stores a comment as inbox would.
func (o *owner) reply(id, actor, html string, state store.CommentState) {
	o.t.Helper()
	content, err := json.Marshal(activitypub.ParseHTML(html, nil))
	if err != nil {
		o.t.Fatal(err)
	}
	name, _ := json.Marshal(activitypub.ParseText("Ada <Byron>", nil))
	err = o.store.Write(o.t.Context(), func(tx *store.Tx) error {
		a := store.Actor{ID: actor, Type: "Person", Handle: "ada@" + hostOf(actor), Name: name, URL: actor, Inbox: actor + "/inbox", Fetched: o.now}
		if err := tx.PutActor(o.t.Context(), a); err != nil {
			return err
		}
		return tx.PutComment(o.t.Context(), store.Comment{ID: id, Kind: store.Reply, Post: o.addr.Post("p"), Parent: o.addr.Post("p"), Actor: actor,
			URL: id, Content: content, Published: o.now, Received: o.now, State: state})
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func TestNobodyGetsInWithoutALink(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.reply("https://social.example/1", "https://social.example/ada", "<p>canary</p>", store.Held)
	for _, cookie := range []string{"", "session.99999999999.x.", mint([]byte("another secret of 32 bytes......"), "session", o.now.Add(time.Hour)),
		mint(secret, "link", o.now.Add(time.Hour)), mint(secret, "session", o.now.Add(-time.Second))} {
		req, _ := http.NewRequest(http.MethodGet, o.server.URL+"/admin/", nil)
		req.AddCookie(&http.Cookie{Name: cookieName, Value: cookie})
		status, body := o.read(http.DefaultClient.Do(req))
		if status != http.StatusUnauthorized || strings.Contains(body, "canary") {
			t.Errorf("cookie %q: %d\n%s", cookie, status, body)
		}
	}
	if status, _ := o.post("/admin/comment", url.Values{"id": {"https://social.example/1"}, "do": {"approve"}}); status != http.StatusUnauthorized {
		t.Errorf("approving without a session: %d", status)
	}
}

func TestEmptySecretLetsNobodyIn(t *testing.T) {
	if valid(nil, "session", mint(nil, "session", time.Now().Add(time.Hour)), time.Now()) {
		t.Error("a token made with an empty secret is valid")
	}
}

func TestLinkWorksOnceAndNotForLong(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	link := LoginLink(o.addr, secret, o.now)
	if status := o.use(link); status != http.StatusOK {
		t.Fatalf("first use: %d", status)
	}
	if status := o.use(link); status != http.StatusForbidden {
		t.Errorf("second use: %d, want 403", status)
	}
	late := LoginLink(o.addr, secret, o.now.Add(-LinkLife-time.Second))
	if status := o.use(late); status != http.StatusForbidden {
		t.Errorf("use after %v: %d, want 403", LinkLife, status)
	}
	o.post("/admin/logout", nil)
	if status, _ := o.get("/admin/"); status != http.StatusUnauthorized {
		t.Errorf("after logging out: %d", status)
	}
}

func TestCrossSitePostIsRefused(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.login()
	req, _ := http.NewRequest(http.MethodPost, o.server.URL+"/admin/unblock", strings.NewReader("what=x"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	if status, _ := o.read(o.client.Do(req)); status != http.StatusForbidden {
		t.Errorf("a form on another site: %d, want 403", status)
	}
}

func TestModerating(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	const one, two, ada = "https://social.example/1", "https://social.example/2", "https://social.example/ada"
	o.reply(one, ada, `<p>First <script>alert(1)</script>reply</p>`, store.Held)
	o.reply(two, ada, "<p>Second</p>", store.Shown)
	err := o.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: o.addr.Post("p"), URL: o.server.URL + "/posts/p/", Name: "High & dry", Published: o.now})
	})
	if err != nil {
		t.Fatal(err)
	}
	if status := o.login(); status != http.StatusOK {
		t.Fatalf("login: %d", status)
	}
	status, body := o.get("/admin/")
	if status != http.StatusOK || !strings.Contains(body, "reply</p>") || !strings.Contains(body, "Waiting 1") || !strings.Contains(body, `/posts/p/">High &amp; dry</a>`) || strings.Contains(body, "<script") || strings.Contains(body, "<Byron>") {
		t.Fatalf("%d:\n%s", status, body)
	}

	for _, step := range []struct {
		do   string
		want store.CommentState
	}{{"approve", store.Shown}, {"hide", store.Hidden}, {"approve", store.Shown}} {
		if status, body := o.post("/admin/comment", url.Values{"id": {one}, "do": {step.do}, "state": {"held"}}); status != http.StatusOK {
			t.Fatalf("%s: %d %s", step.do, status, body)
		}
		if c, err := o.store.Comment(t.Context(), one); err != nil || c.State != step.want {
			t.Errorf("after %s: %v, %v; want %v", step.do, c.State, err, step.want)
		}
	}
	if status, _ := o.post("/admin/comment", url.Values{"id": {one}, "do": {"explode"}}); status != http.StatusBadRequest {
		t.Errorf("unknown action: %d", status)
	}
	if status, _ := o.post("/admin/comment", url.Values{"id": {"https://nowhere.example/"}, "do": {"hide"}}); status != http.StatusNotFound {
		t.Errorf("unknown comment: %d", status)
	}

	o.post("/admin/comment", url.Values{"id": {one}, "do": {"block-server"}})
	if blocked, err := o.store.Blocked(t.Context(), "https://social.example/other"); err != nil || !blocked {
		t.Errorf("the server is not blocked: %v, %v", blocked, err)
	}
	if _, err := o.store.Comment(t.Context(), two); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a blocked person's other comment is still there: %v", err)
	}
	o.post("/admin/unblock", url.Values{"what": {"social.example"}})
	if blocked, _ := o.store.Blocked(t.Context(), ada); blocked {
		t.Error("still blocked")
	}
}

// TestRevokeQuote: a quote has a button that hands its authorization, or what stands for one, to outbox; a reply has none.
func TestRevokeQuote(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.login()
	const ada = "https://social.example/users/ada"
	o.reply("https://social.example/r", ada, "<p>reply</p>", store.Shown)
	if _, body := o.get("/admin/?state=shown"); strings.Contains(body, "revoke-quote") {
		t.Errorf("a reply can be revoked:\n%s", body)
	}
	allowed := store.QuoteAuthorization{Key: "k", Post: o.addr.Post("p"), Quote: "https://social.example/q1", Actor: ada, Inbox: ada + "/inbox", Granted: o.now}
	err := o.store.Write(t.Context(), func(tx *store.Tx) error {
		for _, id := range []string{"https://social.example/q1", "https://social.example/q2"} {
			c := store.Comment{ID: id, Kind: store.Quote, Post: o.addr.Post("p"), Parent: o.addr.Post("p"), Actor: ada, URL: id, Published: o.now, Received: o.now, State: store.Shown}
			if err := tx.PutComment(t.Context(), c); err != nil {
				return err
			}
		}
		_, err := tx.AuthorizeQuote(t.Context(), allowed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, body := o.get("/admin/?state=shown"); strings.Count(body, "revoke-quote") != 2 {
		t.Errorf("want a button for each of two quotes:\n%s", body)
	}
	for _, id := range []string{"https://social.example/q1", "https://social.example/q2"} {
		if status, body := o.post("/admin/comment", url.Values{"id": {id}, "do": {"revoke-quote"}, "state": {"shown"}}); status != http.StatusOK {
			t.Errorf("%s: status %d: %s", id, status, body)
		}
	}
	unasked := store.QuoteAuthorization{Post: o.addr.Post("p"), Quote: "https://social.example/q2", Actor: ada}
	if want := []store.QuoteAuthorization{allowed, unasked}; !slices.Equal(o.revoked, want) || o.sent != 2 {
		t.Errorf("handed on %+v, woken %d times, want %+v", o.revoked, o.sent, want)
	}
}
