package interop

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserNginx sends pages through the gate as nginx serves them, with the configuration that `inboxd proxy nginx` prints, TLS, and the strict
// policy: while inboxd fills in the comments, and when it is stopped and the pages are the files.
func TestBrowserNginx(t *testing.T) {
	t.Parallel()
	if _, err := axe(); err != nil {
		missing(t, "axe-core")
	}
	dir, port := t.TempDir(), freePort(t)
	ca := certificate(t, dir)
	b := makeGate(t, "default", "https://localhost:"+port, freePort(t))
	b.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca}}}
	b.start()
	const pages, files = "location / {\n        proxy_pass http://postil_inboxd;", "frame-ancestors 'none'\" always;"
	startNginx(t, b, dir,
		pages, pages+"\n        proxy_hide_header Content-Security-Policy;\n        add_header Content-Security-Policy \""+gatePolicy+"\" always;",
		files, strings.Replace(files, "'none'", "'none'; require-trusted-types-for 'script'", 1))
	b.shows(t, "/posts/everything-you-can-write/", "Twentieth")
	b.polices(t, "/posts/everything-you-can-write/")

	list := slices.DeleteFunc(slices.Clone(gatePages), func(p gatePage) bool {
		return !slices.Contains([]string{"home", "long", "closed", "dialog", "search", "404"}, p.name)
	})
	for i := range list {
		list[i].minor = true
	}
	anyone := chromedp.Flag("ignore-certificate-errors", true)
	throughGate(t, b, list, "default", anyone)

	b.stop()
	b.polices(t, "/posts/closed/")
	throughGate(t, b, []gatePage{{name: "stopped", path: "/posts/closed/", minor: true, requests: 4, status: "502"}}, "default", anyone)
}

// polices: a page comes under a policy that no script can turn a string into markup under.
func (b *blog) polices(t *testing.T, path string) {
	t.Helper()
	res, _, err := b.get(b.base+path, "text/html")
	if err != nil {
		t.Fatal(err)
	}
	if p := res.Header.Values("Content-Security-Policy"); len(p) != 1 || !strings.Contains(p[0], "require-trusted-types-for") {
		t.Errorf("%s comes with the policies %q", path, p)
	}
}
