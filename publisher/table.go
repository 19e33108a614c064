package publisher

import (
	"bytes"
	"regexp"
	"strings"
)

// Mastodon shows no tables, so each becomes a list: a row is an item, "cell · cell · cell", and the head stands out.

// table is one that became a list.
type table struct {
	depth  int  // elements open within its list
	cells  int  // of this row so far
	inside bool // a cell is open:
	head   bool // it is one of the head,
	at     int  // its text begins here,
	open   int  // with so many elements open
}

var blanks = regexp.MustCompile(`\s+`)

// endStrong ends a row's head, and is taken back where the next cell belongs to it too.
const endStrong = "</strong>"

// table is the innermost one, nil outside of all.
func (w *translator) table() *table {
	if len(w.tables) == 0 {
		return nil
	}
	return &w.tables[len(w.tables)-1]
}

// startRow ends the row before, which HTML does not ask for.
func (w *translator) startRow() {
	w.endCell()
	w.closeTo(w.table().depth)
	w.table().cells = 0
}

func (w *translator) startCell(head bool) {
	w.endCell()
	t := w.table()
	if len(w.open) == t.depth { // a cell without a row
		w.out.WriteString("<li>")
		w.open = append(w.open, element{name: "li"})
		t.cells = 0
	}
	t.inside, t.head, t.at, t.open = true, head, w.out.Len(), len(w.open)
}

// endCell writes the cell anew without blanks around it. An empty one of the head says nothing; below it keeps its place.
func (w *translator) endCell() {
	t := w.table()
	if t == nil || !t.inside {
		return
	}
	w.closeTo(t.open)
	t.inside = false
	text := strings.TrimSpace(string(w.out.Bytes()[t.at:]))
	w.out.Truncate(t.at)
	if text == "" && t.head {
		return
	}
	if text == "" {
		text = "–"
	}
	before, after := "", ""
	if t.head {
		before, after = "<strong>", endStrong
	}
	switch {
	case t.cells > 0 && t.head && bytes.HasSuffix(w.out.Bytes(), []byte(endStrong)):
		w.out.Truncate(w.out.Len() - len(endStrong))
		before = " · "
	case t.cells > 0:
		before = " · " + before
	}
	w.out.WriteString(before + text + after)
	t.cells++
}
