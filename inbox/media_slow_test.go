package inbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// slowPictures are pictures of servers that begin an answer and do not end it before they are let go.
type slowPictures struct {
	mu       sync.Mutex
	now, max int
	let      chan struct{}
}

func (s *slowPictures) serve(rw http.ResponseWriter, r *http.Request) {
	s.count(1)
	defer s.count(-1)
	rw.Write(dot[:8])
	rw.(http.Flusher).Flush()
	select {
	case <-s.let:
		rw.Write(dot[8:])
	case <-r.Context().Done():
	}
}

func (s *slowPictures) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now += n
	s.max = max(s.max, s.now)
}

func (s *slowPictures) most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.max
}

// TestSlowPictures: pictures that come slowly, or never, take a bounded number of fetches, of one domain a few of them, whatever its host names: those of
// others are served meanwhile.
func TestSlowPictures(t *testing.T) {
	t.Parallel()
	const readers = 40
	for name, c := range map[string]struct {
		host string
		most int
	}{"of one domain": {"http://a%d.slow.example/p", 4}, "of many": {"http://slow%d.example/p", 16}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := &slowPictures{let: make(chan struct{})}
			var urls []string
			for n := range readers {
				urls = append(urls, fmt.Sprintf(c.host, n))
				w.peers.handle(urls[n], s.serve)
			}
			const good = "http://good.example/p"
			w.peers.handle(good, func(rw http.ResponseWriter, _ *http.Request) { rw.Write(dot) })
			w.write(func(tx *store.Tx) error {
				for _, u := range append([]string{good}, urls...) {
					if err := tx.WantMedia(t.Context(), u, 640); err != nil {
						return err
					}
				}
				return tx.ShowMedia(t.Context(), "", append([]string{good}, urls...)...)
			})
			var all sync.WaitGroup
			for _, u := range urls {
				all.Go(func() { w.get("/media/" + store.MediaHash(u)) })
			}
			for deadline := time.Now().Add(20 * time.Second); s.most() < c.most; <-time.After(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%d are fetched at once, want %d", s.most(), c.most)
				}
			}
			if c.most == 4 {
				if res := w.get("/media/" + store.MediaHash(good)); res.StatusCode != 200 {
					t.Errorf("the picture of another server: %d", res.StatusCode)
				}
			}
			close(s.let)
			all.Wait()
			if got := s.most(); got > c.most {
				t.Errorf("%d were fetched at once, want at most %d", got, c.most)
			}
			if res := w.get("/media/" + store.MediaHash(urls[readers-1])); res.StatusCode != 200 {
				t.Errorf("once it comes: %d", res.StatusCode)
			}
		})
	}
}

// TestEndlessPictures: one that never ends is given up after the client's time and remembered as none for an hour; one that is endless in bytes after the largest
// that is kept.
func TestEndlessPictures(t *testing.T) {
	t.Parallel()
	w := newWorldOut(t, func(o *remote.Options) { o.Timeout = 200 * time.Millisecond })
	sent := make(chan int, 1)
	const silent, endless = "http://silent.example/p", "http://endless.example/p"
	w.peers.handle(silent, (&slowPictures{}).serve)
	w.peers.handle(endless, func(rw http.ResponseWriter, r *http.Request) {
		rw.Write(dot[:8])
		part, n := make([]byte, 64<<10), 0
		for err := error(nil); err == nil && n < 64<<20; n += len(part) {
			_, err = rw.Write(part)
		}
		sent <- n
	})
	w.write(func(tx *store.Tx) error {
		return errors.Join(tx.WantMedia(t.Context(), silent, 640), tx.WantMedia(t.Context(), endless, 640), tx.ShowMedia(t.Context(), "", silent, endless))
	})
	for _, u := range []string{silent, endless} {
		for range 2 {
			if res := w.get("/media/" + store.MediaHash(u)); res.StatusCode != 404 {
				t.Errorf("%s: %d", u, res.StatusCode)
			}
		}
		if n := w.peers.asked(u); n != 1 {
			t.Errorf("%s: asked %d times", u, n)
		}
	}
	if n := <-sent; n > 16<<20 { // what lies in the buffers of two kernels is on top
		t.Errorf("%d MiB of an endless picture were taken", n>>20)
	}
}
