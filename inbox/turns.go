package inbox

import (
	"context"
	"sync"
)

// turns bounds how much of one kind is done at once, in all and for each of many names: nobody who is slow takes the turns of others. It is safe for
// concurrent use.
type turns struct {
	all  chan struct{}
	each int

	mu    sync.Mutex
	names map[string]*line // of those alone who wait or have a turn
}

// line is who waits under one name, and who has a turn.
type line struct {
	turns chan struct{}
	users int
}

func newTurns(all, each int) *turns {
	return &turns{all: make(chan struct{}, all), each: each, names: map[string]*line{}}
}

// take waits for a turn and gives what ends it; ok is false where ctx ended first.
func (t *turns) take(ctx context.Context, name string) (done func(), ok bool) {
	l := t.enter(name)
	select {
	case l.turns <- struct{}{}:
	case <-ctx.Done():
		t.leave(name, l)
		return nil, false
	}
	select {
	case t.all <- struct{}{}:
	case <-ctx.Done():
		<-l.turns
		t.leave(name, l)
		return nil, false
	}
	return func() {
		<-t.all
		<-l.turns
		t.leave(name, l)
	}, true
}

func (t *turns) enter(name string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.names[name]
	if l == nil {
		l = &line{turns: make(chan struct{}, t.each)}
		t.names[name] = l
	}
	l.users++
	return l
}

func (t *turns) leave(name string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(t.names, name)
	}
}
