package inbox

// Remembered counts what is kept in memory of strangers.
func (i *Inbox) Remembered() map[string]int {
	l := i.limits
	return map[string]int{
		"actors": i.callers.len(), "failures": l.failures.lru.len(), "posts": l.posts.lru.len(), "follows": l.follows.lru.len(),
		"keys": l.keys.lru.len(), "errands": l.errands.lru.len(),
	}
}
