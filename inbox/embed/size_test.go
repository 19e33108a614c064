package embed

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// budgets are what an element may weigh, compressed, in bytes: with its style and one language.
var budgets = map[string]int{"fedi-comments": 5 << 10, "fedi-follow": 2 << 10}

// wordsBudget is what another language may add to a thread, compressed.
const wordsBudget = 600

func TestSize(t *testing.T) {
	t.Parallel()
	for _, name := range Elements() {
		script, err := Script(name)
		if err != nil {
			t.Fatal(err)
		}
		n := zipped(t, script)
		t.Logf("size: %s.js %d bytes, %d compressed, of %d", name, len(script), n, budgets[name])
		if n > budgets[name] {
			t.Errorf("%s.js is %d bytes compressed, its budget is %d", name, n, budgets[name])
		}
	}
}

func zipped(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
