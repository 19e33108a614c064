// Package costly looks for Markdown that its parser takes more than linear time or memory for, before the parser sees it. It reads every
// byte once. Each bound lies far beyond what people write, and far below what makes a parser slow.
package costly

import (
	"bytes"
	"fmt"
)

const (
	maxNesting = 100    // levels of quotes and lists
	maxDeep    = 50_000 // marks of quotes and lists beyond the fourth level: each line makes all of its elements anew
	maxMarks   = 10_000 // brackets or emphasis marks in one paragraph
	maxNotes   = 6_000  // footnotes and references to them: each of one is compared with each of the other
	maxLacking = 20_000 // cells that rows of tables lack: they are made for each row
)

// Fault says what is costly.
type Fault struct {
	Offset        int // of the line that went too far, in bytes
	Message, Help string
}

// Look finds the first Fault of a text; ok is false where there is none. math tells that "$" begins formulas.
func Look(source []byte, math bool) (f Fault, ok bool) {
	l := look{math: math}
	offset := 0
	for line := range bytes.Lines(source) {
		if message, help := l.line(line); message != "" {
			return Fault{offset, message, help}, true
		}
		offset += len(line)
	}
	return Fault{}, false
}

// look is what was counted so far.
type look struct {
	math            bool
	fence           []byte // of the block of code that we are in
	brackets, marks int    // of the paragraph
	deep, notes     int
	columns         int // of the table that we may be in
	lacking         int
}

func (l *look) line(line []byte) (message, help string) {
	l.fence = inFence(l.fence, line)
	if l.fence != nil || len(bytes.TrimSpace(line)) == 0 {
		l.brackets, l.marks, l.columns = 0, 0, 0
	}
	if l.fence != nil {
		return "", "" // code is not parsed
	}
	body := bytes.TrimLeft(line, "> \t-*+0123456789.)")
	levels, marks := nesting(line[:len(line)-len(body)])
	l.deep += max(marks-4, 0)
	l.notes += bytes.Count(line, []byte("[^"))
	l.count(line)
	l.table(bytes.Trim(line, "> \t\r\n"))
	switch {
	case levels > maxNesting:
		return fmt.Sprintf("%d levels of quotes and lists", levels), "at most 100"
	case l.deep > maxDeep:
		return "thousands of lines with more than four levels of quotes and lists", "split the post"
	case l.brackets > maxMarks || l.marks > maxMarks:
		return "a paragraph with more than 10,000 brackets or emphasis marks", "break it with an empty line"
	case l.notes > maxNotes:
		return "more than 3,000 footnotes with their references", "split the post"
	case l.lacking > maxLacking:
		return "tables whose rows lack more than 20,000 cells", "take the columns out that the rows have not"
	}
	return "", ""
}

func (l *look) count(line []byte) {
	for _, c := range line {
		switch c {
		case '[', ']', '<', '`', '!', '(', '{':
			l.brackets++
		case '*', '_', '~', '"', '\'', '=', '^':
			l.marks++
		case '$':
			if l.math {
				l.marks++
			}
		}
	}
}

// table counts the cells that a line lacks against the last line like |---|---|.
func (l *look) table(text []byte) {
	bars := bytes.Count(text, []byte("|"))
	if bars > 0 && bytes.IndexByte(text, '-') >= 0 && len(bytes.Trim(text, "|-: \t")) == 0 {
		l.columns = bars - 1
		return
	}
	l.lacking += max(l.columns-bars-1, 0)
}

// inFence gives the mark of the block of code that a line belongs to, nil for none. open is that of the line before. It knows only blocks at
// the left edge: those in lists and quotes are counted as text.
func inFence(open, line []byte) []byte {
	text := bytes.TrimLeft(line, " ")
	if len(line)-len(text) > 3 || len(text) == 0 || text[0] != '`' && text[0] != '~' {
		return open
	}
	rest := bytes.TrimLeft(text, string(text[:1]))
	mark := text[:len(text)-len(rest)]
	switch {
	case open == nil && len(mark) >= 3 && (mark[0] == '~' || bytes.IndexByte(rest, '`') < 0):
		return mark
	case open != nil && mark[0] == open[0] && len(mark) >= len(open) && len(bytes.TrimSpace(rest)) == 0:
		return nil
	}
	return open
}

// nesting counts the levels of quotes and lists that a line may stand in, by the marks that it begins with and by its indentation, and the marks
// alone.
func nesting(prefix []byte) (levels, marks int) {
	blanks := 0
	for i, c := range prefix {
		switch c {
		case '>':
			marks++
		case '-', '*', '+', '.', ')':
			// "---" is a rule and not three lists.
			if i+1 < len(prefix) && (prefix[i+1] == ' ' || prefix[i+1] == '\t') {
				marks++
			}
		case ' ':
			blanks++
		case '\t':
			blanks += 4
		}
	}
	return max(marks, (blanks-marks)/2), marks
}
