package site_test

import (
	"testing"

	"github.com/postil-blog/postil/site"
)

// TestAddresses holds the addresses that peers have stored: changing one here loses every follower of every blog.
func TestAddresses(t *testing.T) {
	t.Parallel()
	c := &site.Config{
		Site:       site.Site{URL: "https://example.com/blog"},
		Federation: site.Federation{URL: "https://inbox.example.com", Handle: "notes"},
	}
	a := c.Addresses()
	for got, want := range map[string]string{
		a.Home():                         "https://example.com/blog/",
		a.Page("/posts/x/"):              "https://example.com/blog/posts/x/",
		a.Path("/posts/x/"):              "/blog/posts/x/",
		a.Acct():                         "notes@example.com",
		a.Actor():                        "https://inbox.example.com/ap/actor",
		a.Key():                          "https://inbox.example.com/ap/actor#main-key",
		a.Instance():                     "https://inbox.example.com/ap/instance",
		a.Inbox():                        "https://inbox.example.com/ap/inbox",
		a.Followers():                    "https://inbox.example.com/ap/followers",
		a.Post("abc"):                    "https://inbox.example.com/ap/posts/abc",
		a.Replies(a.Post("abc")):         "https://inbox.example.com/ap/posts/abc/replies",
		a.Activity("k"):                  "https://inbox.example.com/ap/activities/k",
		a.Origin():                       "https://inbox.example.com",
		a.Interact("reply", "https://x"): "https://inbox.example.com/interact?intent=reply&uri=https%3A%2F%2Fx",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for id, want := range map[string]string{
		a.Post("abc"): "abc", a.Post("ä b"): "ä b", a.Post("abc") + "/replies": "", a.Actor(): "", "https://evil.example/ap/posts/abc": "",
		"https://inbox.example.com.evil.example/ap/posts/abc": "",
	} {
		if got, ok := a.PostKey(id); got != want || ok != (want != "") {
			t.Errorf("PostKey(%s) = %q, %t, want %q", id, got, ok, want)
		}
	}
	for id, want := range map[string]bool{
		"https://example.com/blog/posts/x/": true, "https://inbox.example.com/ap/actor": true, "https://example.com/other": false,
		"https://inbox.example.com.evil.example/": false, "https://example.com/blogger": false,
	} {
		if got := a.Local(id); got != want {
			t.Errorf("Local(%s) = %t, want %t", id, got, want)
		}
	}
}

// TestOwn: an id of ours is known however somebody spells its host, and nobody else's is taken for one.
func TestOwn(t *testing.T) {
	t.Parallel()
	c := &site.Config{
		Site:       site.Site{URL: "https://example.com/blog"},
		Federation: site.Federation{URL: "https://inbox.example.com", Handle: "notes"},
	}
	a := c.Addresses()
	for id, want := range map[string]string{
		a.Actor():                                  a.Actor(),
		"HTTPS://Inbox.Example.COM:443/ap/actor":   a.Actor(),
		"http://inbox.example.com:80/ap/posts/A?b": a.Post("A") + "?b",
		"http://EXAMPLE.com/blog/posts/x/":         a.Page("posts/x/"),
		"https://example.com/elsewhere":            "",
		"https://inbox.example.com:8443/ap/actor":  "",
		"https://me@inbox.example.com/ap/actor":    "",
		"https://inbox.example.com./ap/actor":      "",
		"https://inbox.example.com.evil.example/":  "",
		"acct:notes@inbox.example.com":             "",
		"":                                         "",
	} {
		if got, ok := a.Own(id); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", id, got, ok, want)
		}
	}
}
