package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// run executes publish with arguments and gives what it printed.
func run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, narration bytes.Buffer
	root := rootCommand()
	cli.Manners(root)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&narration)
	err = root.ExecuteContext(t.Context())
	return out.String(), narration.String(), err
}

// liveBlog is a site with the post "hello" and its real daemon, in which more stands in [federation], and a pretend server.
func liveBlog(t *testing.T, more string) (dir, config string, c *site.Config, peer *remotetest.Server) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dir = folder(t, map[string]string{
		"config.toml":            "format = 1\n[site]\nurl = \"http://" + l.Addr().String() + "\"\n[federation]\nenabled = true\nhandle = \"notes\"\n" + more,
		"content/posts/hello.md": "+++\ntitle = \"Hello\"\nid = \"hello\"\nslug = \"hello\"\ndate = " + time.Now().UTC().Format(time.RFC3339) + "\n+++\n\nWords.\n",
	})
	config = filepath.Join(dir, site.FileName)
	if c, err = site.Load(config, nil, nil); err != nil {
		t.Fatal(err)
	}
	startDaemon(t, c, l)
	server := httptest.NewUnstartedServer(nil)
	peer = remotetest.New(fmt.Sprintf("http://a.localhost:%d", server.Listener.Addr().(*net.TCPAddr).Port))
	server.Config.Handler = peer
	server.Start()
	t.Cleanup(server.Close)
	return dir, config, c, peer
}

// TestPull holds the way of a reply into the page for ever: a person answers, pull writes the thread to a file, publish bakes it in.
// On the way: a token lets publish tell the daemon, and a wrong one is said with exit code 4.
func TestPull(t *testing.T) {
	dir, config, c, peer := liveBlog(t, "")
	ada := peer.Account("ada", "Ada")
	if err := ada.Follow(t.Context(), c.Addresses().Acct()); err != nil {
		t.Fatal(err)
	}

	t.Setenv("CI", "")
	t.Setenv("POSTIL_TOKEN", "wrong")
	var exit cli.Exit
	if _, _, err := run(t, "--config", config); !errors.As(err, &exit) || exit.Code != cli.NotConnected {
		t.Errorf("with a wrong token: %v, want exit code 4", err)
	}
	t.Setenv("POSTIL_TOKEN", token(t, c))
	put(t, dir, "content/posts/hello.md", strings.Replace(read(t, filepath.Join(dir, "content/posts/hello.md")), "Words", "Other words", 1))
	if _, _, err := run(t, "--config", config); err != nil {
		t.Errorf("with a good token: %v", err)
	}
	id := c.Addresses().Post("hello")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := peer.Wait(ctx, func(list []*activitypub.Object) bool {
		return len(list) > 0 && list[len(list)-1].Is("Create", "Update") && list[len(list)-1].Object[0].ID == id
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := ada.Reply(ctx, id, "<p>What a fine folder.</p>"); err != nil {
		t.Fatal(err)
	}

	out, _, err := run(t, "pull", "--config", config)
	if err != nil || !strings.Contains(out, "1 reply of 1 post, 1 file changed") {
		t.Errorf("pull: %q, %v", out, err)
	}
	if out, _, err = run(t, "pull", "--config", config); err != nil || !strings.Contains(out, "0 files changed") {
		t.Errorf("pull again: %q, %v", out, err)
	}
	if out, _, err = run(t, "--config", config); err != nil || !strings.Contains(out, "/posts/hello/") {
		t.Errorf("publish after pull: %q, %v", out, err)
	}
	page := filepath.Join(dir, "public", "posts", "hello", "index.html")
	if html := read(t, page); !strings.Contains(html, "What a fine folder.") {
		t.Errorf("the reply is not baked in:\n%s", html)
	}

	// On a clean checkout elsewhere the live site tells what is out: nothing is announced anew.
	elsewhere := folder(t, map[string]string{site.FileName: read(t, config), "content/posts/hello.md": read(t, filepath.Join(dir, "content/posts/hello.md"))})
	out, _, err = run(t, "--config", filepath.Join(elsewhere, site.FileName), "--live")
	if err != nil || strings.Contains(out, "Create") {
		t.Errorf("publish --live: %q, %v", out, err)
	}
	out, _, err = run(t, "--config", filepath.Join(elsewhere, site.FileName), "--live", "--publish.output", "other", "--site.url", "http://127.0.0.1:1")
	if !errors.As(err, &exit) || exit.Code != cli.NotConnected {
		t.Errorf("publish --live without a live site: %q, %v, want exit code 4", out, err)
	}
	t.Setenv("CI", "true")
	t.Setenv("POSTIL_TOKEN", "")
	out, narration, err := run(t, "--config", filepath.Join(elsewhere, site.FileName), "--publish.output", "third", "--site.url", "http://127.0.0.1:1")
	if err != nil || !strings.Contains(out, "/posts/hello/") || !strings.Contains(narration, "Going on as for a new site") {
		t.Errorf("publish in CI without a live site: %q, %q, %v", out, narration, err)
	}
}

// startDaemon runs the real daemon until the test ends.
func startDaemon(t *testing.T, c *site.Config, l net.Listener) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- daemon.Run(ctx, c, daemon.Options{Dev: true, Listener: l, Version: "test", Ready: func(net.Addr) { close(ready) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the daemon ended with %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
}

// token makes a token beside the running daemon, as inboxd token create does.
func token(t *testing.T, c *site.Config) string {
	t.Helper()
	s, err := store.OpenBeside(t.Context(), daemon.Database(c))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const secret = "postil_test"
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		return tx.AddToken(t.Context(), "test", "publish", secret, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
	return secret
}

// TestUndo stops a post within the recall window through the daemon's API: the peer that follows never hears of it.
func TestUndo(t *testing.T) {
	dir, config, c, peer := liveBlog(t, "hold = \"10m\"\n")
	if err := peer.Account("ada", "Ada").Follow(t.Context(), c.Addresses().Acct()); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CI", "")
	t.Setenv("POSTIL_TOKEN", "")
	var exit cli.Exit
	if _, _, err := run(t, "undo", "--config", config); !errors.As(err, &exit) || exit.Code != cli.Usage {
		t.Errorf("without a token: %v, want exit code 2", err)
	}
	t.Setenv("POSTIL_TOKEN", "wrong")
	if _, _, err := run(t, "undo", "--config", config); !errors.As(err, &exit) || exit.Code != cli.NotConnected {
		t.Errorf("with a wrong token: %v, want exit code 4", err)
	}
	t.Setenv("POSTIL_TOKEN", token(t, c))
	out, _, err := run(t, "--config", config)
	if err != nil || !strings.Contains(out, ": publish undo\n") {
		t.Errorf("publish says %q, %v, want until when it can be undone", out, err)
	}
	out, _, err = run(t, "undo", "--config", config) // reads the list first: publish may have been quicker than the daemon's watch
	if err != nil || out != "Recalled  "+c.Addresses().Page("/posts/hello/")+": nobody has it; its page stays until the file is edited or withdrawn\n" {
		t.Errorf("undo: %q, %v", out, err)
	}
	if out, _, err = run(t, "undo", "--config", config); err != nil || out != "Nothing to undo.\n" {
		t.Errorf("undo again: %q, %v", out, err)
	}
	put(t, dir, "content/posts/hello.md", strings.Replace(read(t, filepath.Join(dir, "content/posts/hello.md")), "Words", "Other words", 1))
	if _, _, err := run(t, "--config", config); err != nil {
		t.Error(err)
	}
	for out = ""; !strings.Contains(out, `"stopped": 1`); { // a dry run does not read the list, the daemon does
		if out, _, err = run(t, "undo", "--dry-run", "--json", "--config", config); err != nil || t.Context().Err() != nil {
			t.Fatalf("undo --dry-run: %q, %v", out, err)
		}
	}
	if !strings.Contains(out, `"v": 1`) || !strings.Contains(out, `"dryRun": true`) {
		t.Errorf("undo --dry-run --json: %s", out)
	}
	for _, a := range peer.Received() {
		if a.Type != "Accept" {
			t.Errorf("the peer heard %s", a.Type)
		}
	}
}
