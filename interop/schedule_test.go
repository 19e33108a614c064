package interop

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/publisher"
)

// followed starts a blog with a server that follows it.
func followed(t *testing.T, posts map[string]string) *life {
	t.Helper()
	b, peer := startBlog(t, "", posts), away(t)
	if err := peer.Account("ada", "Ada").Follow(t.Context(), "tides@"+b.addr.Host()); err != nil {
		t.Fatal(err)
	}
	l := &life{t: t, b: b, peer: peer}
	l.told("follow", "Accept")
	return l
}

// away starts a pretend server.
func away(t *testing.T) *remotetest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	peer := remotetest.New("http://" + server.Listener.Addr().String())
	server.Config.Handler = peer
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(peer.Close)
	return peer
}

// dated is a post with other front matter lines.
func dated(id, title, lines string) string {
	head, body, _ := strings.Cut(strings.TrimPrefix(postNamed(id, title), "+++\n"), "+++\n")
	var kept []string
	for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
		if !strings.HasPrefix(line, "date") {
			kept = append(kept, line)
		}
	}
	return "+++\n" + lines + "\n" + strings.Join(kept, "\n") + "\n+++\n" + body
}

// secret tells whether anything that the blog serves or keeps for serving speaks of a word.
func (l *life) secret(word string) error {
	b := l.b
	err := filepath.WalkDir(filepath.Join(b.dir, "public"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // removed meanwhile
		}
		data, _ := os.ReadFile(name)
		if strings.Contains(name, word) || strings.Contains(string(data), word) {
			return fmt.Errorf("%s speaks of %s", name, word)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, path := range []string{"/", "/feed.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/archive/", "/ap/published.json", "/ap/outbox?page=1", "/ap/featured"} {
		if _, body, err := b.get(b.base+path, "*/*"); err != nil || strings.Contains(body, word) {
			return fmt.Errorf("%s speaks of %s (%v)", path, word, err)
		}
	}
	for _, path := range []string{"/posts/" + word + "/", "/ap/posts/" + word, "/ap/posts/" + word + ".json", "/.scheduled/state", "/.scheduled/0001/release.json"} {
		if res, _, err := b.get(b.base+path, "*/*"); err != nil || res.StatusCode != http.StatusNotFound {
			return fmt.Errorf("%s: %v %v", path, res, err)
		}
	}
	return nil
}

// TestScheduledPostAppears publishes once. The post of the next seconds comes out by itself, and not a byte of it before; a post whose
// time is over goes by itself, and is told to be gone.
func TestScheduledPostAppears(t *testing.T) {
	t.Parallel()
	l := followed(t, map[string]string{"tide.md": firstPost})
	b := l.b
	at := time.Now().Add(3 * time.Second).Truncate(time.Second)
	b.write("nightfall.md", dated("nightfall", "nightfall", "slug = \"nightfall\"\ndate = "+at.Format(time.RFC3339)+"\nexpires = "+at.Add(3*time.Second).Format(time.RFC3339)))
	b.publish()
	if err := l.secret("nightfall"); err != nil && time.Now().Before(at) {
		t.Error(err)
	}
	l.told("its moment", "Create nightfall")
	if time.Now().Before(at) {
		t.Error("announced before its time")
	}
	o := l.last().Object[0]
	if !o.Published.Equal(at) {
		t.Errorf("published %v, want its moment %v", o.Published, at)
	}
	b.shows(t, "/posts/nightfall/", "nightfall")
	b.shows(t, "/feed.xml", "nightfall")
	l.told("its end", "Delete nightfall")
	if err := b.status(b.addr.Post("nightfall"), http.StatusGone); err != nil {
		t.Error(err)
	}
	b.hides(t, "/feed.xml", "nightfall")
	if _, err := os.Stat(filepath.Join(b.dir, "public/posts/nightfall/index.html")); err == nil {
		t.Error("the page is still there")
	}
	r, err := publisher.Publish(t.Context(), publisher.Options{Config: b.cfg, Announce: true})
	if err != nil || !r.Nothing {
		t.Errorf("the next publish: %+v, %v, want nothing to do", r, err)
	}
	l.told("nothing more")
}

// TestScheduledWhileAway prepares two moments and an edit between, with the daemon down all the while: at its start both come out, once
// each, in their last words.
func TestScheduledWhileAway(t *testing.T) {
	t.Parallel()
	l := followed(t, map[string]string{"tide.md": firstPost})
	b := l.b
	b.stop()
	now := time.Now()
	for i, words := range []string{"FIRST", "LAST"} {
		for nth, id := range []string{"dawn", "dusk"} {
			at := now.Add(time.Duration(nth-2) * time.Minute)
			b.write(id+".md", dated(id, id, "date = "+at.Format(time.RFC3339))+"\n"+words+"\n")
		}
		o := publisher.Options{Config: b.cfg, Announce: true, Now: now.Add(time.Duration(i-10) * time.Minute)}
		if _, err := publisher.Publish(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(b.dir, "public/ap/posts/dawn.json")); err == nil {
		t.Error("out before inboxd runs")
	}
	b.start()
	l.told("both moments", "Create dawn", "Create dusk")
	for _, a := range l.peer.Received()[l.seen-2:] {
		if !strings.Contains(a.Object[0].Content, "LAST") {
			t.Errorf("told %q", a.Object[0].Content)
		}
	}
	b.publish()
	l.told("publish again")
}
