package comments

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/postil-blog/postil/store"
)

const (
	maxStreams = 200              // at once: each holds a connection
	streamLife = 45 * time.Second // below the server's limit for an answer; the browser comes again by itself
	streamLook = time.Second      // how often this process's own writes are looked at
	streamFar  = 5                // looks after which the store is asked though this process wrote nothing: commands write beside it
)

// serveStream answers GET /api/v1/stream?post=: server-sent events, one for each state of the thread, named "thread", with the state as
// id. Whoever comes back with Last-Event-ID hears only of another state. It says that something changed and how many replies there are;
// what changed is fetched from /api/v1/thread, which caches hold.
func (c *Comments) serveStream(w http.ResponseWriter, r *http.Request) {
	if !c.crossOrigin(w, r) {
		return
	}
	post, err := c.named(r.Context(), r.URL.Query().Get("post"))
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	select {
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "Too many readers listen now.", http.StatusServiceUnavailable)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	if r.Method == http.MethodHead {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamLife)
	defer cancel()
	if err := c.stream(ctx, w, post, r.Header.Get("Last-Event-ID")); err != nil && ctx.Err() == nil {
		c.o.Log.Debug("a stream ended", "err", err)
	}
}

// stream tells of each state of a thread but the one that is known already, until ctx or the daemon ends, or the post is withdrawn.
func (c *Comments) stream(ctx context.Context, w http.ResponseWriter, post store.Article, known string) error {
	rc := http.NewResponseController(w)
	if _, err := fmt.Fprint(w, "retry: 5000\n\n"); err != nil {
		return err
	}
	tick := time.NewTicker(streamLook)
	defer tick.Stop()
	for asked, looks := int64(-1), 0; ; looks++ {
		if writes := c.o.Store.Writes(); writes != asked || looks%streamFar == 0 {
			asked = writes
			now, err := c.news(ctx, w, post.ID, known)
			if err != nil {
				return err
			}
			known = now
		}
		if err := rc.Flush(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.o.Stopping:
			return nil
		case <-tick.C:
		}
	}
}

// news writes an event if the thread is in another state than the known one, and gives the state.
func (c *Comments) news(ctx context.Context, w http.ResponseWriter, id, known string) (string, error) {
	post, err := c.post(ctx, id)
	if err != nil {
		return "", errors.Join(err, ctx.Err())
	}
	state, err := c.state(ctx, post)
	if err != nil {
		return "", err
	}
	v := version(state)
	if v == known {
		return v, nil
	}
	t, err := c.Thread(ctx, post)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(w, "event: thread\nid: %s\ndata: {\"v\":%q,\"replies\":%d,\"likes\":%d,\"boosts\":%d}\n\n", v, v, t.Count, t.Likes.Count, t.Boosts.Count)
	return v, err
}
