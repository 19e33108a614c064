package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// patience is how long one step of the story may take. On loopback each takes milliseconds.
const patience = 20 * time.Second

// world is the blog and the three servers around it.
type world struct {
	config *site.Config
	post   *publisher.Post // the newest, which the story is about
	blog   net.Listener
	peers  []*peer
	client *remote.Client // looks at the blog's pages as a reader would
}

// peer is one pretend server with the one person on it.
type peer struct {
	*remotetest.Server
	listener net.Listener
	person   *remotetest.Account
	updates  map[string]int // by post: Updates that were told of
}

// newWorld copies the blog and takes the ports; nothing runs yet.
func newWorld(ctx context.Context, root, dir string, port int) (*world, error) {
	w := &world{client: remote.New(remote.Options{Dev: true})}
	var err error
	if w.blog, err = listen(port, 0); err != nil {
		return nil, err
	}
	if err := copyBlog(root, dir); err != nil {
		return nil, err
	}
	if w.config, err = settings(dir, "http://"+w.blog.Addr().String()); err != nil {
		return nil, err
	}
	if w.post, err = refresh(ctx, w.config, time.Now()); err != nil {
		return nil, err
	}
	return w, w.addPeers(port)
}

// addPeers makes the three servers. Their keys are made at the same time: that is what takes longest.
func (w *world) addPeers(port int) error {
	people := []struct{ host, user, name string }{{"a", "ada", "Ada"}, {"b", "bjork", "Björk"}, {"c", "chidi", "Chidi"}}
	w.peers = make([]*peer, len(people))
	for i := range people {
		l, err := listen(port, i+2)
		if err != nil {
			return err
		}
		w.peers[i] = &peer{listener: l, updates: map[string]int{}}
	}
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			s := remotetest.New(fmt.Sprintf("http://%s.localhost:%d", p.host, w.peers[i].listener.Addr().(*net.TCPAddr).Port))
			w.peers[i].Server, w.peers[i].person = s, s.Account(p.user, p.name)
		})
	}
	all.Wait()
	return nil
}

func listen(port, above int) (net.Listener, error) {
	if port != 0 {
		port += above
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("%w\n  another port: go run ./cmd/demo --port 0", err)
	}
	return l, nil
}

// run starts everything, tells the story, and then follows the blogger's edits until ctx ends.
func (w *world) run(ctx context.Context, out io.Writer, once bool) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	g, ctx := errgroup.WithContext(ctx)
	// Connections that were opened and never used would hold the daemon's orderly stop for seconds.
	defer context.AfterFunc(ctx, w.letGo)()
	for _, p := range w.peers {
		g.Go(func() error { return serve(ctx, p.listener, p.Server) })
	}
	ready := make(chan struct{})
	g.Go(func() error {
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
		return daemon.Run(ctx, w.config, daemon.Options{Dev: true, Version: cli.Version(), Log: log, Listener: w.blog, Ready: func(net.Addr) { close(ready) }})
	})
	g.Go(func() error {
		select {
		case <-ready:
		case <-ctx.Done():
			return nil
		}
		err := w.story(ctx, out)
		if once || err != nil && ctx.Err() == nil {
			end()
			return err
		}
		return w.edits(ctx, out)
	})
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// letGo closes the connections that nobody uses.
func (w *world) letGo() {
	w.client.Close()
	for _, p := range w.peers {
		p.Server.Close()
	}
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// edits publishes again after each save, and says when followers have the new version.
func (w *world) edits(ctx context.Context, out io.Writer) error {
	err := publisher.Watch(ctx, publisher.Options{Config: w.config, Announce: true}, func(r publisher.Report, err error) {
		if err != nil {
			fmt.Fprintln(out, err)
			return
		}
		for _, c := range r.Changes {
			if c.Federated != "" {
				w.arrived(ctx, out, c)
			}
		}
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// arrived waits until all servers have a change.
func (w *world) arrived(ctx context.Context, out io.Writer, c publisher.Change) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, p := range w.peers {
		if err := p.waitFor(ctx, c.Federated, c.ID); err != nil {
			fmt.Fprintf(out, " %s of %s did not reach %s: %v\n", strings.ToLower(c.Federated), c.Path, p.person.Handle(), err)
			return
		}
	}
	what := map[string]string{"Create": "new post", "Update": "edit of", "Delete": "withdrawal of"}[c.Federated]
	fmt.Fprintf(out, " %s %s reached %s\n", what, c.Path, cli.Count(len(w.peers), "server"))
}

// folder is where the demo's content is edited.
func (w *world) folder() string { return filepath.Join(w.config.Dir, "content") }
