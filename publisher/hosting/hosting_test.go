package hosting

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func site(n int) Site {
	s := Site{
		WellKnown: []Redirect{{"/.well-known/webfinger", "https://inbox.example.com/.well-known/webfinger", 302}},
		Common:    []Rule{{"/*", []Header{{"X-Content-Type-Options", "nosniff"}}}},
	}
	for i := range n {
		s.Moves = append(s.Moves, Redirect{fmt.Sprintf("/old/%d/", i), fmt.Sprintf("/posts/%d/", i), 301})
		s.Pages = append(s.Pages, Rule{fmt.Sprintf("/posts/%d/", i), []Header{{"Link", "<x>"}}})
	}
	return s
}

func TestFormats(t *testing.T) {
	t.Parallel()
	r := Files(Netlify, site(1))
	want := "/.well-known/webfinger https://inbox.example.com/.well-known/webfinger 302\n/old/0/ /posts/0/ 301\n"
	if got := string(r.Files["_redirects"]); got != want {
		t.Errorf("netlify _redirects:\n%s", got)
	}
	if got := string(r.Files["_headers"]); got != "/*\n  X-Content-Type-Options: nosniff\n/posts/0/\n  Link: <x>\n" {
		t.Errorf("netlify _headers:\n%s", got)
	}
	r = Files(Cloudflare, site(1))
	if got := string(r.Files["_redirects"]); got != want+"/old/0 /posts/0/ 301\n" {
		t.Errorf("cloudflare compares to the letter, _redirects:\n%s", got)
	}
	r = Files(Vercel, site(1))
	var v vercelFile
	if err := json.Unmarshal(r.Files["vercel.json"], &v); err != nil || len(v.Redirects) != 3 || v.Headers[0].Source != "/(.*)" || v.Headers[1].Source != "/posts/0/" {
		t.Errorf("vercel.json: %v\n%s", err, r.Files["vercel.json"])
	}
	for _, host := range []string{Own, GitLab, Codeberg, ""} {
		if r := Files(host, site(1)); len(r.Files) != 0 || len(r.Moved) != 0 {
			t.Errorf("%s reads no rules, got %v", host, r.Files)
		}
	}
	if r := Files(GitHub, site(1)); len(r.Files) != 1 || len(r.Moved) != 0 || r.Files[".nojekyll"] == nil && len(r.Files[".nojekyll"]) != 0 {
		t.Errorf("github: %v", r.Files)
	}
}

// A rule that a host would refuse, or read as a pattern, is left to the page at the address.
func TestLimits(t *testing.T) {
	t.Parallel()
	r := Files(Cloudflare, site(1500))
	lines := strings.Count(string(r.Files["_redirects"]), "\n")
	if lines > 2000 || lines < 1998 || r.Redirects != 1500-len(r.Moved) || 2*len(r.Moved)+1 != lines {
		t.Errorf("cloudflare: %d lines, %d moved, %d without room", lines, len(r.Moved), r.Redirects)
	}
	if n := strings.Count(string(r.Files["_headers"]), "\n/") + 1; n != 100 || r.Headers != 1401 {
		t.Errorf("cloudflare: %d header rules, %d without room", n, r.Headers)
	}
	for _, c := range []struct {
		host, from string
		moved      bool
	}{
		{Netlify, "/a/*", false}, {Netlify, "/a/:b/", false}, {Netlify, "/a%20b/", true}, {Netlify, "/a(b)/", true},
		{Vercel, "/a(b)/", false}, {Vercel, "/a/", true}, {Cloudflare, "/" + strings.Repeat("x", 1000) + "/", false},
	} {
		if r := Files(c.host, Site{Moves: []Redirect{{c.from, "/posts/a/", 301}}}); r.Moved[c.from] != c.moved {
			t.Errorf("%s: a redirect from %.40s moved = %v, want %v", c.host, c.from, !c.moved, c.moved)
		}
	}
}

func TestHeaderIsOneLine(t *testing.T) {
	t.Parallel()
	r := Files(Netlify, Site{Common: []Rule{{"/*", []Header{{"Link", "<a>\n  Set-Cookie: x"}}}}})
	if got := string(r.Files["_headers"]); strings.Count(got, "\n") != 2 {
		t.Errorf("a value became a second header:\n%s", got)
	}
}
