// Package mathml turns TeX into MathML when the site is built, so that no reader's browser needs a script for it.
//
// TeX comes in; MathML goes out in the form that FEP-dc88 asks for: <math><semantics>, the formula, and its TeX as an annotation.
// Temml (temml.min.js, MIT, its licence beside it) does the typesetting, in a JavaScript engine written in Go: there is no such
// library for Go. Its output is read once more (strict.go): pages obey a Content-Security-Policy without inline styles, and only
// elements and attributes of the lists there leave this package.
//
// Whatever a formula says, it is bounded in time, memory and size. A formula that is none is a *Fault with its place.
package mathml

import (
	"errors"
	"fmt"
)

// Bounds of one formula, each far beyond any real one.
const (
	MaxTeX    = 16 << 10  // bytes of TeX
	maxMarkup = 256 << 10 // bytes of MathML
)

// Fault says what is wrong with a formula.
type Fault struct {
	Offset  int // in bytes of the TeX, where the fault was noticed
	Message string
}

func (f *Fault) Error() string { return f.Message }

// errClosed means that a Typesetter was used after Close.
var errClosed = errors.New("the typesetter is closed")

// Typesetter holds as many engines as there are workers, each made when it is first needed.
type Typesetter struct {
	slots chan *engine // nil: not made yet
	done  chan struct{}
}

// New gives a Typesetter for so many formulas at a time. It costs nothing until the first one.
func New(workers int) *Typesetter {
	t := &Typesetter{slots: make(chan *engine, max(workers, 1)), done: make(chan struct{})}
	for range cap(t.slots) {
		t.slots <- nil
	}
	return t
}

// Typeset gives the <math> element of a formula, which stands on a line of its own where display is true. The error is a *Fault
// where the formula is at fault. Equal formulas give equal bytes, whatever came before them.
func (t *Typesetter) Typeset(tex string, display bool) (string, error) {
	if len(tex) > MaxTeX {
		return "", &Fault{MaxTeX, fmt.Sprintf("a formula of more than %d KB", MaxTeX>>10)}
	}
	var e *engine
	select {
	case <-t.done:
		return "", errClosed
	case e = <-t.slots:
	}
	defer func() { t.slots <- e }()
	if e == nil {
		made, err := newEngine()
		if err != nil {
			return "", fmt.Errorf("starting the typesetter of formulas: %w", err)
		}
		e = made
	}
	markup, err := e.typeset(tex, display)
	if errors.Is(err, errBroken) {
		e.close() // what it holds in memory is not known any more
		e = nil
		return "", &Fault{0, "this formula takes too much time or memory"}
	}
	if err != nil {
		return "", err
	}
	return strict(markup, tex, display), nil
}

// Close ends the engines, after the formulas that are under way.
func (t *Typesetter) Close() error {
	close(t.done)
	for range cap(t.slots) {
		if e := <-t.slots; e != nil {
			e.close()
		}
	}
	return nil
}
