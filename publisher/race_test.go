//go:build race

package publisher

// raced tells that the race detector watches: it makes the typesetter, which is C in Go's clothes, fifty times as slow.
// make test runs the formulas without it.
const raced = true
