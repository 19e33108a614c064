package interop

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// pagePlaces are where a vector is written by mention and report, beside those of write.
const pagePlaces = 11

// perSite is how many pages of one site are looked at in a moment.
const perSite = 18

// mention has pages of strangers answer, name and like the post by webmentions, each with a vector wherever microformats let anybody write. The pages
// lie on several sites, because the daemon looks at few of one at a time.
func (h *villain) mention(list []string) {
	h.t.Helper()
	for first := 0; first < len(list); first += perSite {
		some := list[first:min(len(list), first+perSite)]
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := -1
			fmt.Sscanf(r.URL.Path, "/entry/%d", &n)
			if n < 0 || n >= len(some) {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, entry(h.b.base+"/posts/tide/", first+n, armed(some[n])))
		}))
		h.t.Cleanup(server.Close)
		for n := range some {
			res, err := h.b.http.PostForm(h.b.base+"/webmention", url.Values{"source": {fmt.Sprint(server.URL, "/entry/", n)}, "target": {h.b.base + "/posts/tide/"}})
			if err != nil {
				h.t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusAccepted {
				h.t.Errorf("webmention %d: %s", first+n, res.Status)
			}
		}
	}
	known := h.b.reader()
	eventually(h.t, "the pages are looked at", func() error {
		n, err := known.ErrandsFor(h.t.Context(), "mention")
		if err == nil && n > 0 {
			err = fmt.Errorf("%d wait", n)
		}
		return err
	})
	_, thread, err := h.b.get(h.b.base+"/api/v1/thread?post="+query(h.b.addr.Post("tide")), "application/json")
	var t struct{ Replies, Mentions []struct{ URL string } }
	if err == nil {
		err = json.Unmarshal([]byte(thread), &t)
	}
	replies := 0
	for _, r := range t.Replies {
		if strings.Contains(r.URL, "/entry/") {
			replies++
		}
	}
	if err != nil || replies < len(list)/3 || len(t.Mentions) < len(list)/5 {
		h.t.Errorf("%d pages that answer and %d that link to the post (%v): too few to prove anything", replies, len(t.Mentions), err)
	}
}

// entry is a page with a vector in every property of an h-entry, once as markup: the last, as it may swallow what follows.
func entry(post string, n int, v string) string {
	what := []string{"u-in-reply-to", "u-in-reply-to", "mention", "u-like-of"}[n%4]
	return strings.NewReplacer("VECTOR", html.EscapeString(v), "POST", post, "WHAT", what).Replace(`<!doctype html><html lang="VECTOR"><meta charset="utf-8"><title>VECTOR</title><article class="h-entry" lang="VECTOR">
<a class="WHAT" href="POST">x</a> <p class="p-author h-card"><a class="u-url" href="VECTOR"><img class="u-photo" src="VECTOR" alt="VECTOR"><span class="p-name">VECTOR</span></a></p>
<data class="p-name" value="VECTOR"></data><p class="p-summary">VECTOR</p><a class="u-url u-syndication" href="VECTOR">x</a><a class="p-category">VECTOR</a><time class="dt-published" datetime="VECTOR">x</time>
<div class="e-content" lang="VECTOR">words `) + v + "</div></article>"
}

// report complains of a comment with a vector for words, as far as the daemon hears complaints of one server.
func (h *villain) report(n int, v string) {
	by := fmt.Sprint(h.url, "/users/w", n)
	h.send("Flag", by+"/flag", by, complaint{h.b.addr.Post("tide"), v})
}

type complaint struct{ about, words string }

// MarshalText writes what is complained of.
func (c complaint) MarshalText() ([]byte, error) { return []byte(c.about), nil }
