package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// slow is how long something may take before its progress is worth a line.
const slow = 300 * time.Millisecond

// Terminal tells whether w (or a reader) is a person's terminal.
func Terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Color tells whether to write colours to w: to a terminal, unless NO_COLOR, CLICOLOR=0 or TERM=dumb says no.
func Color(w io.Writer) bool {
	return Terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("CLICOLOR") != "0" && os.Getenv("TERM") != "dumb"
}

// JSON writes one object with two spaces of indent, and a newline.
func JSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Progress tells a person on a terminal what takes long, in one line that is wiped at the end. On anything else, and before
// 300 ms have passed, it writes nothing.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	since time.Time
	drawn bool
}

// NewProgress starts counting. w is stderr.
func NewProgress(w io.Writer) *Progress {
	if !Terminal(w) {
		w = nil
	}
	return &Progress{w: w, since: time.Now()}
}

// Step says what is being done and how far it is; total 0 is unknown.
func (p *Progress) Step(stage string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil || time.Since(p.since) < slow {
		return
	}
	p.drawn = true
	if total > 0 {
		const cells = 20
		full := cells * min(done, total) / total
		fmt.Fprintf(p.w, "\r\x1b[K%-10s %s%s %d/%d", stage, strings.Repeat("█", full), strings.Repeat("░", cells-full), done, total)
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s …", stage)
}

// End wipes the line.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.w = nil
}

// Count writes a number with its noun: "1 post", "1,806 followers".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + plural(noun)
}

func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "a") {
		return stem + "ies"
	}
	return noun + "s"
}

// Thousands writes a number with commas.
func Thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Size writes a number of bytes as a person reads it.
func Size(n int) string {
	switch {
	case n < 1000:
		return Count(n, "byte")
	case n < 1_000_000:
		return fmt.Sprintf("%d KB", (n+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// isPathError tells whether err is about a file that cannot be read.
func isPathError(err error) bool {
	var pe *fs.PathError
	return errors.As(err, &pe)
}
