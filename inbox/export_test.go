package inbox

// Remembered counts what is kept in memory of strangers.
func (i *Inbox) Remembered() map[string]int {
	l := i.limits
	n := map[string]int{
		"actors": i.callers.len(), "failures": l.failures.lru.len(), "posts": l.posts.lru.len(), "fetches": l.fetches.lru.len(),
		"keys": l.keys.lru.len(), "familiar": l.familiar.len(), "vain": l.vain.len(), "crawled": l.crawled.len(),
	}
	for verb, b := range l.verbs {
		n[verb] = b.lru.len()
	}
	return n
}

// Spend takes all that a server may still post.
func (i *Inbox) Spend(id string) {
	for _, cost := range []int{1000, 1} {
		for i.limits.posts.take(domain(id), cost, i.o.Now()) == 0 {
		}
	}
}
