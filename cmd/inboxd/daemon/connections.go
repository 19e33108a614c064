package daemon

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// maxConnections is how many connections are held at once. Each costs some 12 kB, so that all of them stay near 50 MB.
const maxConnections = 4096

// connections bounds what a server holds. Beyond the bound the one that has said nothing for longest is closed: one that waits for the
// rest of a request that never comes, or for a next request. A connection whose request is being answered is never closed.
type connections struct {
	max   int
	mu    sync.Mutex
	held  int
	quiet *list.List // of net.Conn, the longest quiet in front
	at    map[net.Conn]*list.Element
}

// connection is the key of a request's net.Conn in its context.
type connection struct{}

// bounded makes a server hold at most max connections.
func bounded(s *http.Server, max int) *http.Server {
	c := &connections{max: max, quiet: list.New(), at: map[net.Conn]*list.Element{}}
	h := s.Handler
	s.ConnState = c.state
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connection{}, conn)
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connection{}).(net.Conn); ok {
			c.busy(conn)
		}
		h.ServeHTTP(w, r)
	})
	return s
}

// state follows a connection through its life.
func (c *connections) state(conn net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		if longest := c.add(conn); longest != nil {
			longest.Close()
		}
	case http.StateIdle:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.wait(conn)
	case http.StateClosed, http.StateHijacked:
		c.busy(conn)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held--
	}
}

// add takes a connection in, and gives the one that has to go for it.
func (c *connections) add(conn net.Conn) (longest net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++
	c.wait(conn)
	if c.held > c.max {
		longest = c.quiet.Remove(c.quiet.Front()).(net.Conn)
		delete(c.at, longest)
	}
	return longest
}

// wait puts a connection at the end of the quiet ones.
func (c *connections) wait(conn net.Conn) {
	if c.at[conn] == nil {
		c.at[conn] = c.quiet.PushBack(conn)
	}
}

// busy takes a connection out of the quiet ones.
func (c *connections) busy(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.at[conn]; e != nil {
		c.quiet.Remove(e)
		delete(c.at, conn)
	}
}
