package site

import (
	"fmt"
	"strings"
)

// Severity of a Diagnostic.
type Severity string

// The two severities: an Error stops publish, a Warning is said and published.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Diagnostic is one fault as a person should read it: where, what, why and what to do.
// Line and Col count from 1; 0 means that the fault has no such place. Col counts characters, not bytes.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // "P012"; docs/diagnostics/P012.md explains it
	File     string   `json:"file"` // relative to the site's folder, slashes
	Line     int      `json:"line,omitempty"`
	Col      int      `json:"col,omitempty"`
	Message  string   `json:"message"` // "date is not a date"
	Excerpt  string   `json:"excerpt,omitempty"`
	Width    int      `json:"width,omitempty"` // characters to underline from Col, at least 1
	Label    string   `json:"label,omitempty"` // said beside the caret
	Help     string   `json:"help,omitempty"`
	Fix      Fix      `json:"fix,omitzero"` // what mends the fault for certain, and nothing else with it
}

// Fix is one change to the file of a Diagnostic: Old, which stands at Line and Col, gives way to Text. Both count from 1, Col in
// characters. An Old of "" inserts. The zero Fix is none.
type Fix struct {
	Line int    `json:"line"`
	Col  int    `json:"col"`
	Old  string `json:"old"`
	Text string `json:"text"`
}

// Fixable counts the diagnostics that have a Fix.
func (ds Diagnostics) Fixable() int {
	n := 0
	for _, d := range ds {
		if d.Fix != (Fix{}) {
			n++
		}
	}
	return n
}

// Error gives "file:line:col: message", for logs and tests.
func (d Diagnostic) Error() string {
	at := d.File
	if d.Line > 0 {
		at += fmt.Sprintf(":%d", d.Line)
		if d.Col > 0 {
			at += fmt.Sprintf(":%d", d.Col)
		}
	}
	s := fmt.Sprintf("%s: %s[%s] %s", at, d.Severity, d.Code, d.Message)
	if d.Help != "" {
		s += " (" + d.Help + ")"
	}
	return s
}

// Diagnostics is every fault of one run. As an error it reads one fault a line.
type Diagnostics []Diagnostic

// Error joins the faults, one a line.
func (ds Diagnostics) Error() string {
	var lines []string
	for _, d := range ds {
		lines = append(lines, d.Error())
	}
	return strings.Join(lines, "\n")
}

// Errors counts the diagnostics of severity Error.
func (ds Diagnostics) Errors() int {
	n := 0
	for _, d := range ds {
		if d.Severity == Error {
			n++
		}
	}
	return n
}
