package daemon

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

func load(t *testing.T, text string) *site.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), site.FileName)
	if err := os.WriteFile(file, []byte("format = 1\n"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := site.Load(file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheck holds which addresses a blog may start with: its ids begin with them for ever.
func TestCheck(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true":                                             "",
		"[site]\nurl = \"http://notes.example\"\n[federation]\nenabled = true":                                              "https only",
		"[site]\nurl = \"https://127.0.0.2\"\n[federation]\nenabled = true":                                                 "only this machine",
		"[site]\nurl = \"https://[::1]\"\n[federation]\nenabled = true":                                                     "only this machine",
		"[site]\nurl = \"https://[::ffff:127.0.0.1]\"\n[federation]\nenabled = true":                                        "only this machine",
		"[site]\nurl = \"https://0.0.0.0\"\n[federation]\nenabled = true":                                                   "only this machine",
		"[site]\nurl = \"https://localhost\"\n[federation]\nenabled = true":                                                 "only this machine",
		"[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\nurl = \"https://a.localhost\"":              "federation.url",
		"[site]\nurl = \"http://127.0.0.1:4000\"":                                                                           "",
		"[site]\nurl = \"https://notes.example\"\n[inboxd]\ndata = \"public\"":                                              "holds the keys",
		"[site]\nurl = \"https://notes.example\"\n[inboxd]\ndata = \"public/../public/x\"":                                  "holds the keys",
		"[site]\nurl = \"https://notes.example\"\n[inboxd]\ndata = \"content/data\"":                                        "holds the keys",
		"[site]\nurl = \"https://notes.example\"\n[inboxd]\ndata = \"public-data\"\n[publish]\noutput = \"public\"\n":       "",
		"[site]\nurl = \"https://notes.example\"\n[inboxd]\nsite = \"/srv/www\"\ndata = \"/srv/www/data\"":                  "holds the keys",
		"[site]\nurl = \"https://notes.example\"\n[inboxd]\nsite = \"https://notes.example\"\ndata = \"..data\"\n[publish]": "",
	} {
		err := check(load(t, text), Options{})
		var refusal Refusal
		if (says == "") != (err == nil) || err != nil && (!errors.As(err, &refusal) || !strings.Contains(refusal.Why, says) || refusal.Do == "") {
			t.Errorf("%s\ngave %v, want %q", text, err, says)
		}
	}
	dev := Options{Dev: true, Log: slog.New(slog.DiscardHandler)}
	if err := check(load(t, "[site]\nurl = \"http://127.0.0.1\"\n[federation]\nenabled = true"), dev); err != nil {
		t.Errorf("with Dev: %v", err)
	}
}

// TestFolder holds that a data folder which others may enter is closed to them.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := folder(dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v, want 0700", info.Mode().Perm(), err)
	}
}

// TestPlainBlog holds that a blog which is not on the fediverse is served, and that nothing of it answers WebFinger.
func TestPlainBlog(t *testing.T) {
	t.Parallel()
	c := load(t, "[site]\nurl = \"http://127.0.0.1\"\n")
	if err := os.MkdirAll(c.SiteFolder(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.SiteFolder(), "index.html"), []byte("<!doctype html><title>Hello</title>"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	at, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- Run(ctx, c, Options{Listen: "127.0.0.1:0", Ready: func(a net.Addr) { at <- a }}) }()
	var base string
	select {
	case a := <-at:
		base = "http://" + a.String()
	case err := <-ended:
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/": 200, "/.well-known/webfinger?resource=acct:blog@127.0.0.1": 404, "/ap/actor": 404, "/ap/inbox": 404} {
		resp, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s = %d, want %d", path, resp.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run ended with %v, want nil", err)
	}
}

// TestShutdownDrains holds that a request under way is answered although the daemon was told to stop.
func TestShutdownDrains(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}), make(chan struct{})
	log := slog.New(slog.DiscardHandler)
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-release
		io.WriteString(w, "kept")
	}), log)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answer <- string(body)
	}()
	<-began
	stopping := make(chan struct{})
	server.RegisterOnShutdown(func() { close(stopping) })
	stopped := make(chan error, 1)
	go func() { stopped <- shutdown(server, log) }()
	<-stopping
	select {
	case <-stopped:
		t.Error("stopped before the request was answered")
	case <-time.After(20 * time.Millisecond): // nothing waits on this: it only gives a fault the time to show
	}
	close(release)
	if got := <-answer; got != "kept" {
		t.Errorf("the request under way got %q", got)
	}
	<-stopped
}
