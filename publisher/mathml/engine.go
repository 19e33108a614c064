package mathml

import (
	_ "embed" // Temml's one file
	"errors"
	"strconv"
	"strings"
	"time"

	"modernc.org/quickjs"
)

// temml is Temml 0.13.5 as its npm package has it, dist/temml.min.js.
//
//go:embed temml.min.js
var temml string

// convert is what is asked of Temml. Options: a fault is thrown and not written into the page; \href, \class and the like, which could
// write attributes, are refused; macros that call themselves end. What comes back begins with "+" or, with a place, "-".
const convert = `function convert(tex, display) {
	try {
		return "+" + temml.renderToString(tex, {displayMode: display, annotate: false, throwOnError: true, trust: false, maxExpand: 1000, maxSize: [40, 500]});
	} catch (e) {
		if (e === null) return ""; // no memory was left for words
		if (!(e instanceof temml.ParseError)) return "-0 " + e;
		return "-" + (e.position === undefined ? 0 : e.position) + " " + e.message;
	}
}`

// Bounds of an engine.
const (
	maxTime   = 2 * time.Second // for one formula; real ones take some thousandths
	maxMemory = 64 << 20        // bytes, Temml itself among them
)

// errBroken means that the engine was stopped and is not used again.
var errBroken = errors.New("the engine was stopped")

// engine is one JavaScript machine with Temml in it. It is for one caller at a time.
type engine struct{ vm *quickjs.VM }

func newEngine() (*engine, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	vm.SetMemoryLimit(maxMemory)
	if _, err := vm.Eval(temml+"\n"+convert, quickjs.EvalGlobal); err != nil {
		_ = vm.Close()
		return nil, err
	}
	if err := vm.SetEvalTimeout(maxTime); err != nil {
		_ = vm.Close()
		return nil, err
	}
	return &engine{vm}, nil
}

func (e *engine) close() { _ = e.vm.Close() }

// typeset gives Temml's markup. The error is a *Fault, or errBroken.
func (e *engine) typeset(tex string, display bool) (string, error) {
	v, err := e.vm.Call("convert", tex, display)
	s, ok := v.(string)
	switch {
	case err != nil || !ok || s == "" || strings.Contains(s, "out of memory"):
		return "", errBroken
	case len(s) > maxMarkup:
		return "", &Fault{0, "this formula becomes more than " + strconv.Itoa(maxMarkup>>10) + " KB of MathML"}
	case s[0] == '+':
		return s[1:], nil
	}
	place, message, _ := strings.Cut(s[1:], " ")
	units, _ := strconv.Atoi(place)
	return "", &Fault{offset(tex, units), plain(message)}
}

// offset is where a number of UTF-16 units, as JavaScript counts, ends in a text of UTF-8.
func offset(s string, units int) int {
	for i, r := range s {
		if units <= 0 {
			return i
		}
		if units--; r > 0xFFFF {
			units--
		}
	}
	return len(s)
}

// plain is the sentence of a message of Temml's, without the place and the excerpt, which are shown better elsewhere.
func plain(message string) string {
	for _, tail := range []string{" at position ", " at end of input"} {
		message, _, _ = strings.Cut(message, tail)
	}
	if strings.Contains(message, "stack overflow") {
		return "this formula is nested too deep"
	}
	return strings.TrimSpace(strings.Join(strings.Fields(message), " "))
}
