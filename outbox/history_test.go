package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/postil-blog/postil/store"
)

// peerState is what a server holds of the blog after what it took, as careful servers keep it: an activity counts once, an Update
// only if it says that it is newer.
type peerState struct {
	seen    map[string]bool
	content map[string]string
	updated map[string]string
	deleted map[string]bool
	wrong   []string
}

func replay(got []arrival) peerState {
	p := peerState{map[string]bool{}, map[string]string{}, map[string]string{}, map[string]bool{}, nil}
	for _, a := range got {
		_, known := p.content[a.Object.ID]
		if a.Type != "Delete" && p.deleted[a.Object.ID] {
			p.wrong = append(p.wrong, a.Type+" after its Delete: "+a.Object.ID)
		}
		if a.Type == "Update" && !known {
			p.wrong = append(p.wrong, "Update before its Create: "+a.Object.ID)
		}
		if p.seen[a.ID] {
			continue
		}
		p.seen[a.ID] = true
		switch a.Type {
		case "Delete":
			p.deleted[a.Object.ID] = true
			delete(p.content, a.Object.ID)
		case "Create":
			p.content[a.Object.ID], p.updated[a.Object.ID] = a.Object.Content, a.Object.Updated
		case "Update":
			if a.Object.Updated > p.updated[a.Object.ID] {
				p.content[a.Object.ID], p.updated[a.Object.ID] = a.Object.Content, a.Object.Updated
			}
		}
	}
	return p
}

// history is one random life of a blog with two followers' servers, in a world that all histories share.
type history struct {
	*world
	n     int
	names []string
	sinks []*sink
	text  map[string]string // what is out, by post
	gone  map[string]bool
	no    map[string]bool // servers that once refused for good: they may miss what they refused
	log   []string
}

func (h *history) key(i int) string { return fmt.Sprintf("h%dp%d", h.n, i) }

func (h *history) step(t *rapid.T) {
	key := h.key(rapid.IntRange(0, 2).Draw(t, "post"))
	peer := rapid.IntRange(0, 1).Draw(t, "peer")
	switch op := rapid.SampledFrom([]string{"write", "write", "write", "withdraw", "round", "round", "reconcile", "answer", "answer", "down", "pass", "restart"}).Draw(t, "op"); op {
	case "write":
		if h.gone[key] {
			return
		}
		h.pass(time.Second)
		h.text[key] = fmt.Sprint("text ", len(h.log))
		h.put(key, h.text[key])
		h.log = append(h.log, "write "+key)
	case "withdraw":
		if _, out := h.text[key]; !out {
			return
		}
		delete(h.text, key)
		h.gone[key] = true
		h.withdraw(key)
		h.log = append(h.log, "withdraw "+key)
	case "round":
		h.round()
		h.log = append(h.log, op)
	case "reconcile":
		h.publish()
		_, err := h.out.Reconcile(h.t.Context())
		h.must(err)
		h.log = append(h.log, op)
	case "answer":
		mode := rapid.SampledFrom([]int{0, 503, 500, 404, modeLost, modeDrop}).Draw(t, "mode")
		h.sinks[peer].set(mode)
		h.no[h.names[peer]] = h.no[h.names[peer]] || mode == 404
		h.log = append(h.log, fmt.Sprint("answer ", peer, mode))
	case "down":
		down := rapid.Bool().Draw(t, "down")
		h.setDown(h.names[peer], down)
		h.log = append(h.log, fmt.Sprint("down ", peer, down))
	case "pass":
		d := rapid.SampledFrom([]time.Duration{2 * time.Second, 70 * time.Second, 40 * time.Minute, 4 * time.Hour}).Draw(t, "time")
		h.pass(d)
		h.log = append(h.log, fmt.Sprint("pass ", d))
	case "restart":
		h.reopen()
		h.log = append(h.log, op)
	}
}

// settle lets everything come up again and time pass until nothing can be left to do.
func (h *history) settle() {
	for i, s := range h.sinks {
		s.set(0)
		h.setDown(h.names[i], false)
	}
	for range 4 {
		h.round()
		h.pass(13 * time.Hour)
	}
}

func (h *history) check(t *rapid.T) {
	for i, s := range h.sinks {
		p := replay(s.arrivals())
		for _, w := range p.wrong {
			t.Errorf("peer %d: %s", i, w)
		}
		for id, text := range p.content {
			key := id[strings.LastIndex(id, "/")+1:]
			if want, out := h.text[key]; !h.no[h.names[i]] && (!out || text != want) {
				t.Errorf("peer %d holds %s as %q, want %q (out: %v)", i, key, text, want, out)
			}
		}
		for key, want := range h.text {
			if got := p.content[h.id(key)]; !h.no[h.names[i]] && got != want {
				t.Errorf("peer %d holds %s as %q, want %q", i, key, got, want)
			}
		}
	}
	if t.Failed() {
		t.Log(strings.Join(h.log, "\n"))
	}
}

func (h *history) end() {
	for i, name := range h.names {
		h.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DeleteFollower(ctx, h.address(h.names[i], "/users/ada"), h.actor())
			return err
		})
		h.host(name, nil)
	}
	h.posts, h.world.gone = nil, nil
}

// Whatever happens on the way, no inbox hears of a post after its Delete or of a change before its Create, and each ends with the last
// state.
func TestAnyHistoryEndsInTheLastState(t *testing.T) {
	t.Parallel()
	w, n := newWorld(t), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		h := &history{world: w, n: n, text: map[string]string{}, gone: map[string]bool{}, no: map[string]bool{}}
		for i := range 2 {
			h.names = append(h.names, fmt.Sprintf("n%dpeer%d", n, i))
			h.sinks = append(h.sinks, h.sink(h.names[i]))
		}
		defer h.end()
		for range rapid.IntRange(1, 16).Draw(t, "steps") {
			h.step(t)
		}
		h.settle()
		h.check(t)
	})
}

// The replay above must itself see what it is there to see.
func TestReplaySeesWrongOrder(t *testing.T) {
	make := func(types ...string) (list []arrival) {
		for i, kind := range types {
			a := arrival{ID: fmt.Sprint(i), Type: kind}
			a.Object.ID = "x"
			list = append(list, a)
		}
		return list
	}
	for _, c := range []struct {
		types []string
		wrong int
	}{{[]string{"Create", "Update", "Delete"}, 0}, {[]string{"Update", "Create"}, 1}, {[]string{"Create", "Delete", "Create"}, 1}, {[]string{"Create", "Delete", "Update"}, 2}} {
		if p := replay(make(c.types...)); len(p.wrong) != c.wrong {
			t.Errorf("%s: %s", strings.Join(slices.Clone(c.types), " "), p.wrong)
		}
	}
}
