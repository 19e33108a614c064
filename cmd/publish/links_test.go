package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// otherSite is a server with pages of every kind, which notes what it is asked and whether two ask at once.
type otherSite struct {
	*httptest.Server
	mu     sync.Mutex
	busy   bool
	crowd  bool
	asked  []string
	agents map[string]bool
}

func newOtherSite(t *testing.T) *otherSite {
	t.Helper()
	s := &otherSite{agents: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.crowd = s.crowd || s.busy
		s.busy = true
		s.asked = append(s.asked, r.URL.Path)
		s.agents[r.UserAgent()] = true
		s.mu.Unlock()
		switch r.URL.Path {
		case "/there":
		case "/moved":
			http.Redirect(w, r, "/there", http.StatusMovedPermanently)
		case "/private":
			w.WriteHeader(http.StatusForbidden)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			http.NotFound(w, r)
		}
		s.mu.Lock()
		s.busy = false
		s.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *otherSite) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func checkExternal(t *testing.T, dir string) (r checked) {
	t.Helper()
	stdout, stderr, err := run(t, "check", "--external", "--format", "json", "--config", filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCheckExternal: dead, moved and broken links are told with their place; what keeps programs out is not; a day passes before the same
// address is asked again; one request at a time goes to a host.
func TestCheckExternal(t *testing.T) {
	t.Parallel()
	other := newOtherSite(t)
	body := strings.ReplaceAll("[a](OTHER/there#part) [b](OTHER/gone)\n\n[c](OTHER/moved) <OTHER/private> ![d](OTHER/broken.png) [e](OTHER/broken)\n\n[f](SILENT/silent) [g](http://10.1.2.3/) [own](/posts/p/)\n", "OTHER", other.URL)
	silent := nobody(t)
	body = strings.ReplaceAll(body, "SILENT", silent)
	dir := folder(t, map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"http://127.0.0.1:8080\"\n",
		"content/posts/p.md": "+++\ntitle = \"P\"\nid = \"p\"\ndate = 2014-10-28\n+++\n\n" + body,
	})
	told := func() string {
		var list []string
		for _, d := range checkExternal(t, dir).Diagnostics {
			list = append(list, d.Code+" "+strings.ReplaceAll(d.Message, other.URL, "")+" "+strings.TrimPrefix(d.Help, "link to "+other.URL))
			if d.File != "content/posts/p.md" || d.Line < 7 || d.Col < 2 || d.Excerpt == "" || d.Severity != "warning" {
				t.Errorf("without its place: %+v", d)
			}
		}
		return strings.Join(list, "\n")
	}
	first := told()
	for _, want := range []string{"P089 /gone is gone (404)", "P039 /moved moved for good /there", "P089 /broken.png is gone", "P038 /broken answers with an error of its own (500)",
		"P038 nobody answers at " + silent + "/silent: ", "P038 this address is not one of the public web, so it was not asked: http://10.1.2.3/"} {
		if !strings.Contains(first, want) {
			t.Errorf("not told: %s\nof\n%s", want, first)
		}
	}
	if strings.Contains(first, "/private") || strings.Contains(first, " /there is") || strings.Count(first, "\n") != 5 {
		t.Errorf("told:\n%s", first)
	}
	if other.crowd || len(other.agents) != 1 || !other.agents["Postil/"+version(t)+" (link check; +http://127.0.0.1:8080/)"] {
		t.Errorf("two at once: %v, as %v", other.crowd, other.agents)
	}
	n := len(other.requests())
	if again := told(); again != first || len(other.requests()) != n {
		t.Errorf("asked again: %v, told:\n%s", other.requests()[n:], again)
	}
	file := filepath.Join(dir, linksFile)
	known := map[string]linkAnswer{}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &known) != nil {
		t.Fatal(err)
	}
	for at, a := range known {
		a.At = a.At.Add(-25 * time.Hour)
		known[at] = a
	}
	data, _ = json.Marshal(known)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if told(); len(other.requests()) != 2*n {
		t.Errorf("a day later %d requests, want %d", len(other.requests())-n, n)
	}
}

// nobody is an address of this machine at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	return s.URL
}

func version(t *testing.T) string {
	t.Helper()
	out, _, err := run(t, "version")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(out)[1]
}

// TestCheckExternalGivesUp: a host that does not answer twice is not asked for all its other pages.
func TestCheckExternalGivesUp(t *testing.T) {
	t.Parallel()
	silent, body := nobody(t), ""
	for _, c := range "abcdefgh" {
		body += "[x](" + silent + "/" + string(c) + ")\n"
	}
	dir := folder(t, map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"http://127.0.0.1:8080\"\n",
		"content/posts/p.md": "+++\ntitle = \"P\"\nid = \"p\"\ndate = 2014-10-28\n+++\n\n" + body,
	})
	unasked := 0
	for _, d := range checkExternal(t, dir).Diagnostics {
		if d.Code == codeLinkUnreached && strings.Contains(d.Message, "did not answer before") {
			unasked++
		}
	}
	if unasked != 6 {
		t.Errorf("%d addresses were left out, want 6", unasked)
	}
}

// TestCheckAsksNobody: without --external no other site hears of the check.
func TestCheckAsksNobody(t *testing.T) {
	t.Parallel()
	other := newOtherSite(t)
	dir := folder(t, map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"http://127.0.0.1:8080\"\n",
		"content/posts/p.md": "+++\ntitle = \"P\"\nid = \"p\"\ndate = 2014-10-28\n+++\n\n[x](" + other.URL + "/gone)\n",
	})
	stdout, _, err := run(t, "check", "--config", filepath.Join(dir, "config.toml"))
	if err != nil || len(other.requests()) > 0 || strings.Contains(stdout, "P089") {
		t.Errorf("%v, %v asked:\n%s", err, other.requests(), stdout)
	}
}
