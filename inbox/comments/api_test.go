package comments

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

func TestThreadAPI(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.reply(1, b.person("ada"), "", "<p>Good <em>point</em></p>")
	for _, name := range []string{postID, postURL, strings.TrimSuffix(postURL, "/")} {
		w := b.get("/api/v1/thread?post=" + url.QueryEscape(name))
		if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Content-Type") != "application/json; charset=utf-8" || w.Header().Get("Cache-Control") != cachePage {
			t.Fatalf("thread of %s = %d %v", name, w.Code, w.Header())
		}
		var got activitypub.Thread
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b.thread(), &got); diff != "" {
			t.Errorf("thread as JSON (-want +got):\n%s", diff)
		}
	}
	if got := b.get("/api/v1/thread?post=" + postID).Body.String(); strings.Contains(got, "<p>") || !strings.Contains(got, `["em",{},"point"]`) {
		t.Errorf("content is not a tree: %s", got)
	}
}

func TestThreadOfNoPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.article(store.Article{ID: "https://example.blog/ap/posts/gone", URL: "https://example.blog/posts/gone/", Published: noon, Withdrawn: noon})
	for _, p := range []string{"/api/v1/thread", "/api/v1/thread?post=", "/api/v1/thread?post=https://evil.example/", "/api/v1/thread?post=https://example.blog/ap/posts/gone",
		"/api/v1/thread?post=https://example.blog/posts/gone/", "/comments/gone", "/comments/nosuch", "/comments/%2e%2e", "/comments/7%2f8"} {
		if w := b.get(p); w.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", p, w.Code)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, p := range []string{"/comments/7", "/api/v1/thread?post=" + postID} {
		w := b.do(http.MethodOptions, p, "Origin", "https://other.example", "Access-Control-Request-Method", "GET")
		if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("OPTIONS %s = %d %v", p, w.Code, w.Header())
		}
		if got := b.get(p).Header().Get("Cross-Origin-Resource-Policy"); got != "cross-origin" {
			t.Errorf("GET %s: Cross-Origin-Resource-Policy %q", p, got)
		}
		if got := b.get(p).Header().Get("Set-Cookie"); got != "" {
			t.Errorf("GET %s sets a cookie", p)
		}
	}
}

func TestUnreadableStoreIsNotAMissingPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.store.Close()
	if w := b.get("/comments/7"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("fragment = %d, want 503", w.Code)
	}
	if w := b.get("/posts/federating/"); w.Code != 200 || w.Body.String() != pageOf("7", "baked") {
		t.Errorf("page = %d %s, want it as publish baked it", w.Code, w.Body)
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache(10_000)
	for i := range 1000 {
		c.put(fmt.Sprint(i), i, 500)
		if c.used > 10_000 || len(c.items) != c.order.Len() {
			t.Fatalf("%d bytes in %d entries, the limit is 10,000", c.used, len(c.items))
		}
	}
	if _, ok := c.get("0"); ok {
		t.Error("the oldest is still there")
	}
	if v, ok := c.get("999"); !ok || v != 999 {
		t.Error("the newest is not there")
	}
	c.put("huge", 1, 9000)
	if _, ok := c.get("huge"); ok {
		t.Error("one value fills the cache")
	}
	c.put("999", "again", 100)
	if v, _ := c.get("999"); v != "again" {
		t.Error("a value is not replaced")
	}
}

func TestRememberedDoesNotKeepFailures(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	fail := errors.New("no")
	if _, err := b.c.remembered("k", func() ([]byte, error) { return nil, fail }); !errors.Is(err, fail) {
		t.Errorf("err = %v", err)
	}
	d, err := b.c.remembered("k", func() ([]byte, error) { return []byte("x"), nil })
	if err != nil || string(d.body) != "x" {
		t.Errorf("after a failure: %v, %v", d, err)
	}
}

// TestNoReplies: a list without members is an empty list in every shape: what reads the answers goes through it without asking.
func TestNoReplies(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, path := range []string{"/api/v1/thread?post=" + postURL, "/api/v1/statuses/7/context", "/api/v1/mentions.jf2?target=" + postURL} {
		if body := b.get(path).Body.String(); strings.Contains(body, "null") || !strings.Contains(body, "[]") {
			t.Errorf("GET %s = %s", path, body)
		}
	}
}
