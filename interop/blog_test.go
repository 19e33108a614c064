package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// blog is a real blog in a temporary folder with its daemon running.
type blog struct {
	t    *testing.T
	dir  string
	addr site.Addresses
	cfg  *site.Config
	base string // where the test reaches it: the daemon, or what stands in front
	http *http.Client
	stop func()
}

func startBlog(t *testing.T, database string, posts map[string]string) *blog {
	t.Helper()
	port := freePort(t)
	b := makeBlog(t, "http://127.0.0.1:"+port, "127.0.0.1:"+port, posts)
	b.cfg.Inboxd.Database = database
	b.start()
	return b
}

// makeBlog writes and publishes a site whose address is url and whose daemon will listen on listen.
func makeBlog(t *testing.T, url, listen string, posts map[string]string) *blog {
	t.Helper()
	b := &blog{t: t, dir: t.TempDir(), base: url, http: http.DefaultClient}
	config := fmt.Sprintf("format = 1\n[site]\nurl = %q\ntitle = \"Tides\"\nauthor = \"Mo\"\n[federation]\nenabled = true\nhandle = \"tides\"\n[inboxd]\nlisten = %q\n", url, listen)
	b.file("config.toml", config)
	for name, text := range posts {
		b.write(name, text)
	}
	cfg, err := site.Load(filepath.Join(b.dir, "config.toml"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.cfg, b.addr = cfg, cfg.Addresses()
	b.publish()
	return b
}

func (b *blog) start() {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	ready := make(chan struct{})
	go func() {
		done <- daemon.Run(ctx, b.cfg, daemon.Options{
			Dev:   true,
			Log:   slog.New(slog.NewTextHandler(b.t.Output(), nil)),
			Ready: func(net.Addr) { close(ready) },
		})
	}()
	select {
	case <-ready:
	case err := <-done:
		b.t.Fatalf("inboxd: %v", err)
	}
	stopped := false
	b.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("inboxd: %v", err)
		}
	}
	b.t.Cleanup(b.stop)
}

// reader opens the daemon's database beside it, for what no page shows.
func (b *blog) reader() *store.Store {
	b.t.Helper()
	dsn := b.cfg.Inboxd.Database
	if dsn == "" {
		dsn = filepath.Join(b.dir, "data", "postil.db")
	}
	s, err := store.OpenReader(b.t.Context(), dsn)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { s.Close() })
	return s
}

func (b *blog) file(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *blog) write(post, text string) { b.file("content/posts/"+post, text) }

func (b *blog) remove(post string) {
	b.t.Helper()
	if err := os.Remove(filepath.Join(b.dir, "content/posts", post)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *blog) publish() {
	b.t.Helper()
	if _, err := publisher.Publish(b.t.Context(), publisher.Options{Config: b.cfg, Announce: true}); err != nil {
		b.t.Fatalf("publish: %v", err)
	}
}

func (b *blog) get(url string, accept string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", accept)
	res, err := b.http.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

// shows waits until a page holds all of the strings.
func (b *blog) shows(t *testing.T, path string, want ...string) {
	t.Helper()
	eventually(t, b.base+path, func() error {
		_, body, err := b.get(b.base+path, "text/html")
		for _, s := range want {
			if err == nil && !strings.Contains(body, s) {
				err = fmt.Errorf("page does not hold %q", s)
			}
		}
		return err
	})
}

// hides waits until a page holds none of the strings.
func (b *blog) hides(t *testing.T, path string, unwanted ...string) {
	t.Helper()
	eventually(t, b.base+path, func() error {
		_, body, err := b.get(b.base+path, "text/html")
		for _, s := range unwanted {
			if err == nil && strings.Contains(body, s) {
				err = fmt.Errorf("page holds %q", s)
			}
		}
		return err
	})
}

func (b *blog) collectionTotal(t *testing.T, id string, want int) {
	t.Helper()
	eventually(t, id, func() error {
		_, body, err := b.get(id, "application/activity+json")
		if err != nil {
			return err
		}
		var c struct{ TotalItems *int }
		if err := json.Unmarshal([]byte(body), &c); err != nil || c.TotalItems == nil {
			return fmt.Errorf("not a collection: %s", body)
		}
		if *c.TotalItems != want {
			return fmt.Errorf("totalItems is %d, want %d", *c.TotalItems, want)
		}
		return nil
	})
}

func (b *blog) status(url string, want int) error {
	res, _, err := b.get(url, "application/activity+json")
	if err != nil {
		return err
	}
	if res.StatusCode != want {
		return fmt.Errorf("%s answered %d, want %d", url, res.StatusCode, want)
	}
	return nil
}
