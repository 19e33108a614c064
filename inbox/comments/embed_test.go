package comments

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// TestStreamsAreBounded: each reader who listens holds a connection; one too many is told to come back.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for range maxStreams {
		b.c.streams <- struct{}{}
	}
	if w := b.do(http.MethodHead, "/api/v1/stream?post="+url.QueryEscape(postID)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("with %d listening: %d %v", maxStreams, w.Code, w.Header())
	}
	<-b.c.streams
	if w := b.do(http.MethodHead, "/api/v1/stream?post="+url.QueryEscape(postID)); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/event-stream" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("with one fewer: %d %v", w.Code, w.Header())
	}
}

// TestMadeUpLanguages: a stranger can make up any number of language tags, which do not fill what is remembered.
func TestMadeUpLanguages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range 100 {
		var got struct{ Spoken string }
		if err := json.Unmarshal(b.get(fmt.Sprintf("/api/v1/thread?lang=x-%d&post=%s", n, url.QueryEscape(postID))).Body.Bytes(), &got); err != nil || got.Spoken != "en" {
			t.Fatalf("spoken %q, %v", got.Spoken, err)
		}
	}
	if n := len(b.c.cache.items); n > 3 {
		t.Errorf("%d answers are remembered, want one", n)
	}
}

// TestMentionTargets: a question names one page or its few names, pages the answer as webmention.io does, and is bounded.
func TestMentionTargets(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.everything()
	ask := func(query string) (code, n int) {
		w := b.get("/api/v1/mentions.jf2?" + query)
		var feed struct{ Children []any }
		json.Unmarshal(w.Body.Bytes(), &feed)
		return w.Code, len(feed.Children)
	}
	page := url.QueryEscape(postURL)
	for query, want := range map[string][2]int{
		"target=" + page: {200, 16}, "target=" + url.QueryEscape(strings.Replace(postURL, "https:", "http:", 1)): {200, 16}, "target=" + page + "%23c-1": {200, 16}, "target[]=https://x.example/&target[]=" + page: {200, 16},
		"target=" + page + "&per-page=5": {200, 5}, "target=" + page + "&per-page=5&page=2": {200, 5}, "target=" + page + "&page=9": {200, 0}, "target=" + page + "&page=-1&per-page=x": {200, 16}, "target=https://x.example/": {200, 0},
		"": {400, 0}, strings.Repeat("target=x&", maxTargets+1): {400, 0},
	} {
		if code, n := ask(query); code != want[0] || n != want[1] {
			t.Errorf("?%.80s answers %d with %d mentions, want %v", query, code, n, want)
		}
	}
}

// TestEmbedOrigins: with embed.origins pages of other sites get neither thread nor stream nor element; the blog, registered sites and whoever asks
// without a browser do.
func TestEmbedOrigins(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(b *blog, _ *Options) {
		b.config.Embed = site.Embed{Origins: []string{"https://friend.example"}, Sites: []site.EmbedSite{{URL: "https://notes.example:443/a/"}}}
	})
	b.reply(1, b.person("ada"), "", "<p>hello</p>")
	doors := []string{"/api/v1/thread?post=" + postID, "/comments/7", "/fedi-comments.js", "/api/v1/statuses/7/context", "/api/v1/mentions.jf2?target=" + postURL, "/comments/7/feed.atom"}
	for origin, want := range map[string]int{"": 200, "https://friend.example": 200, "https://notes.example": 200, "https://example.blog": 200,
		"https://thief.example": 403, "http://friend.example": 403, "https://friend.example.thief.example": 403, "null": 403} {
		for _, door := range append(doors, "/api/v1/stream?post="+postID) {
			if (want == 200 || t.Failed()) && strings.Contains(door, "stream") { // one that is let in does not end by itself
				continue
			}
			w := b.get(door, "Origin", origin)
			if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != want || want == 200 && got != origin || want != 200 && (got != "" || strings.Contains(w.Body.String(), "hello")) {
				t.Errorf("%s for %q: status %d, allowed %q", door, origin, w.Code, got)
			}
			if !strings.Contains(w.Header().Get("Vary"), "Origin") || w.Header().Get("Cross-Origin-Resource-Policy") == "cross-origin" {
				t.Errorf("%s for %q: a cache, or a script without CORS, would lend it to others: %v", door, origin, w.Header())
			}
		}
	}
	if w := newBlog(t).get(doors[0], "Origin", "https://thief.example"); w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Error("without the setting a page of any site may read the thread")
	}
}
