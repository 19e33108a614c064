package comments

import (
	"container/list"
	"sync"
)

// cache keeps what was rendered, least recently used out first, within a number of bytes. Keys say everything that the value
// was made of, so that nothing is ever stale.
type cache struct {
	mu    sync.Mutex
	limit int
	used  int
	order *list.List // of *entry, newest first
	items map[string]*list.Element
}

type entry struct {
	key   string
	value any
	size  int
}

// entryOverhead is roughly what an entry costs besides its value.
const entryOverhead = 256

func newCache(limit int) *cache {
	return &cache{limit: limit, order: list.New(), items: map[string]*list.Element{}}
}

func (c *cache) get(key string) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry).value, true
}

// put remembers a value of size bytes. One that is larger than a quarter of the whole cache is not kept.
func (c *cache) put(key string, value any, size int) {
	size += len(key) + entryOverhead
	if size > c.limit/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[key]; ok {
		c.drop(e)
	}
	c.items[key] = c.order.PushFront(&entry{key, value, size})
	c.used += size
	for c.used > c.limit {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	it := c.order.Remove(e).(*entry)
	delete(c.items, it.key)
	c.used -= it.size
}
