package inbox

import (
	"container/list"
	"sync"
)

// lru is a map of at most max entries: the one that was used longest ago leaves. Strangers choose the keys, so it must be bounded.
type lru[V any] struct {
	mu    sync.Mutex
	max   int
	order *list.List // of *entry[V], last used in front
	items map[string]*list.Element
}

type entry[V any] struct {
	key   string
	value V
}

func newLRU[V any](max int) *lru[V] {
	return &lru[V]{max: max, order: list.New(), items: map[string]*list.Element{}}
}

// get gives the value of a key.
func (l *lru[V]) get(key string) (v V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.items[key]
	if !ok {
		return v, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

// put sets the value of a key.
func (l *lru[V]) put(key string, v V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set(key, v)
}

// getOrPut gives the value of a key, which is made when there is none.
func (l *lru[V]) getOrPut(key string, make func() V) V {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.items[key]; ok {
		l.order.MoveToFront(e)
		return e.Value.(*entry[V]).value
	}
	v := make()
	l.set(key, v)
	return v
}

// len counts the entries.
func (l *lru[V]) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.order.Len()
}

func (l *lru[V]) set(key string, v V) {
	if e, ok := l.items[key]; ok {
		e.Value.(*entry[V]).value = v
		l.order.MoveToFront(e)
		return
	}
	l.items[key] = l.order.PushFront(&entry[V]{key, v})
	if l.order.Len() > l.max {
		last := l.order.Back()
		l.order.Remove(last)
		delete(l.items, last.Value.(*entry[V]).key)
	}
}
