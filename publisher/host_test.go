package publisher

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// hosted is the sample with a daemon at another address, for a host.
func hosted(t *testing.T, host string) *blog {
	files := sample()
	files["config.toml"] = testConfig + "url = \"https://inbox.example.com\"\n[publish]\nhost = \"" + host + "\"\n"
	return newBlog(t, files)
}

func TestHostFiles(t *testing.T) {
	t.Parallel()
	b := hosted(t, "netlify")
	r := b.publish()
	redirects, headers := b.read("public/_redirects"), b.read("public/_headers")
	for _, line := range []string{
		"/.well-known/webfinger https://inbox.example.com/.well-known/webfinger 302\n", "/.well-known/host-meta https://inbox.example.com/.well-known/host-meta 302\n",
		"/old/two/ /posts/two/ 301\n",
	} {
		if !strings.Contains(redirects, line) {
			t.Errorf("_redirects lacks %q:\n%s", line, redirects)
		}
	}
	if b.has("public/old/two/index.html") {
		t.Error("a page stands where the host has a redirect")
	}
	if b.has("public/.well-known/webfinger") {
		t.Error("a file answers for any account where the host asks the daemon")
	}
	for _, want := range []string{"/*\n  Content-Security-Policy: default-src 'none'; script-src 'self'", "Strict-Transport-Security: max-age=",
		"/posts/two/\n  Link: <https://inbox.example.com/ap/posts/", `>; rel="alternate"; type="application/activity+json"`, "/assets/*\n  Cache-Control: public, max-age=31536000, immutable"} {
		if !strings.Contains(headers, want) {
			t.Errorf("_headers lacks %q:\n%s", want, headers)
		}
	}
	if len(r.Diagnostics) != 0 {
		t.Errorf("warnings: %v", r.Diagnostics)
	}
	b.write("config.toml", testConfig+"url = \"https://inbox.example.com\"\n")
	b.configure()
	b.publish()
	if b.has("public/_redirects") || b.has("public/_headers") || !b.has("public/old/two/index.html") || !b.has("public/.well-known/webfinger") {
		t.Error("a server of one's own needs the page, the WebFinger file and no rules")
	}
}

// The list tells nobody of a post that is held back.
func TestMovedList(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.write("content/posts/secret.md", post("Secret", "2026-10-27", "draft = true\naliases = [\"/canary/\"]", "x"))
	b.publish()
	var m site.Moved
	if err := json.Unmarshal([]byte(b.read("public/"+site.MovedFile)), &m); err != nil || len(m) != 1 || m["/old/two/"] != "/posts/two/" {
		t.Errorf("moved: %v %v", m, err)
	}
	b.write("content/posts/two.md", post("Two", "2026-10-27", "slug = \"zwei\"\nid = \""+keyOf("posts/two.md")+"\"", "## Part"))
	b.publish()
	m = nil
	if err := json.Unmarshal([]byte(b.read("public/"+site.MovedFile)), &m); err != nil || m["/posts/two/"] != "/posts/zwei/" {
		t.Errorf("after a change of the slug: %v %v", m, err)
	}
}

func TestOwnersRulesWin(t *testing.T) {
	t.Parallel()
	b := hosted(t, "cloudflare")
	b.write("content/_redirects", "/a /b 301\n")
	b.publish()
	if got := b.read("public/_redirects"); got != "/a /b 301\n" {
		t.Errorf("_redirects: %q", got)
	}
	if !b.has("public/old/two/index.html") {
		t.Error("nothing leads from /old/two/ any more")
	}
}

func TestHostWithoutDaemon(t *testing.T) {
	t.Parallel()
	files := sample()
	files["config.toml"] = testConfig + "[publish]\nhost = \"github\"\n"
	b := newBlog(t, files)
	r := b.publish()
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != codeHost {
		t.Errorf("diagnostics: %v", r.Diagnostics)
	}
	if !b.has("public/.nojekyll") || !b.has("public/old/two/index.html") {
		t.Error("GitHub needs .nojekyll, and pages that lead on")
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	if got := b.read("public/robots.txt"); got != "User-agent: *\nDisallow: /interact\n\nSitemap: https://example.com/sitemap.xml\n" || b.has("public/ai.txt") {
		t.Errorf("robots.txt: %q", got)
	}
	b.write("config.toml", testConfig+"[publish]\nai = \"deny\"\nrobots = \"deny\"\n")
	b.configure()
	b.publish()
	got := b.read("public/robots.txt")
	if !strings.HasPrefix(got, "User-agent: *\nDisallow: /\n") || !strings.Contains(got, "User-agent: GPTBot\n") || strings.Count(got, "Disallow: /\n") != 2 || !b.has("public/ai.txt") {
		t.Errorf("robots.txt: %q", got)
	}
}
