package outbox

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// Servers that are away for a minute up to nearly seven days miss nothing, and get the oldest first.
func TestBackWithinAWeekMissesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	away := []time.Duration{time.Minute, 29 * time.Minute, 3 * time.Hour, 30 * time.Hour, 3 * 24 * time.Hour, 7*24*time.Hour - time.Hour}
	var sinks []*sink
	for i := range away {
		sinks = append(sinks, w.sink(fmt.Sprint("peer", i)))
		w.setDown(fmt.Sprint("peer", i), true)
	}
	const posts = 8
	for i := range posts {
		w.put(fmt.Sprint("p", i), "text")
		w.round()
		w.pass(time.Second)
	}
	for rounds := 0; ; rounds++ {
		next, err := w.store.NextDelivery(t.Context())
		w.must(err)
		if next.IsZero() {
			break
		}
		if rounds > 1000 {
			t.Fatal("it never ends")
		}
		w.pass(max(next.Sub(w.time()), 0))
		for i, d := range away {
			w.setDown(fmt.Sprint("peer", i), w.time().Sub(noon) < d)
		}
		w.must(w.out.Deliver(t.Context()))
	}
	for i, s := range sinks {
		got := s.arrivals()
		if len(got) != posts {
			t.Errorf("away for %v: %d of %d posts arrived", away[i], len(got), posts)
		}
		for place, a := range got {
			// Two are under way at once, so neighbours may overtake each other.
			if want := w.id(fmt.Sprint("p", place)); a.Object.ID != want && place+1 < posts && a.Object.ID != w.id(fmt.Sprint("p", place+1)) &&
				place > 0 && a.Object.ID != w.id(fmt.Sprint("p", place-1)) {
				t.Errorf("away for %v: place %d holds %s, want %s", away[i], place, a.Object.ID, want)
			}
		}
	}
}

// Run ends only when the attempts under way are over and written down.
func TestRunEndsAfterItsAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.host("peer", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-ctx.Done()
	}))
	w.follow("peer", "ada", true)
	w.put("a", "one")
	w.publish()
	w.must(w.out.Run(ctx))
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Delivered: 1}) {
		t.Errorf("counts %+v, %v", c, err)
	}
}

// Two dispatchers would send everything twice.
func TestOneDispatcherAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	arrived, ended := make(chan struct{}), make(chan error, 1)
	w.host("peer", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(arrived) }))
	w.follow("peer", "ada", true)
	w.put("a", "one")
	w.publish()
	go func() { ended <- w.out.Run(ctx) }()
	<-arrived
	if err := w.out.Deliver(t.Context()); err == nil {
		t.Error("Deliver beside Run")
	}
	cancel()
	w.must(<-ended)
	w.must(w.out.Deliver(t.Context()))
}

// Anybody may send us traffic: it makes no row.
func TestHeardOfAStrangerWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, address := range []string{"https://stranger.example/users/a", "", "no address", "://"} {
		w.must(w.out.Heard(t.Context(), address))
	}
	if hosts, err := w.store.FailingHosts(t.Context()); err != nil || len(hosts) != 0 {
		t.Errorf("hosts: %v, %v", hosts, err)
	}
}
