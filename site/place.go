package site

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is config.toml as text: where each key and its value stand. It exists because a fault is only useful with its
// place, and because all faults are told at once while the decoder stops at its first.
type document struct {
	name   string
	lines  []string
	keys   map[string]place // by dotted key
	values map[string]place
}

// place is a stretch of one line; line and col count from 1, col and width in characters.
type place struct{ line, col, width int }

func index(name string, data []byte) *document {
	d := &document{name: name, lines: strings.Split(string(data), "\n"), keys: map[string]place{}, values: map[string]place{}}
	var p unstable.Parser
	p.Reset(data)
	var table []string
	lists := map[string]int{} // how many [[NAME]] there were
	for p.NextExpression() {
		switch n := p.Expression(); n.Kind {
		case unstable.Table:
			table = d.key(&p, nil, n.Key())
		case unstable.ArrayTable:
			table = d.key(&p, nil, n.Key())
			name := dotted(table)
			table = append(table, strconv.Itoa(lists[name]))
			d.keys[dotted(table)] = d.header(&p, n)
			lists[name]++
		case unstable.KeyValue:
			d.keyValue(&p, table, n)
		}
	}
	return d
}

// keyValue notes one "key = value", and the keys within where the value is an inline table.
func (d *document) keyValue(p *unstable.Parser, table []string, n *unstable.Node) {
	path := d.key(p, table, n.Key())
	value := n.Value()
	if value.Raw.Length > 0 {
		d.values[dotted(path)] = d.at(p, value.Raw)
	}
	if value.Kind != unstable.InlineTable {
		return
	}
	for it := value.Children(); it.Next(); {
		if child := it.Node(); child.Kind == unstable.KeyValue {
			d.keyValue(p, path, child)
		}
	}
}

// key notes where each part of a dotted key stands and gives the whole key.
func (d *document) key(p *unstable.Parser, table []string, it unstable.Iterator) []string {
	path := slices.Clone(table)
	for it.Next() {
		n := it.Node()
		path = append(path, string(n.Data))
		if _, known := d.keys[dotted(path)]; !known {
			d.keys[dotted(path)] = d.at(p, n.Raw)
		}
	}
	return path
}

// header is the place of the last word between the brackets of a table.
func (d *document) header(p *unstable.Parser, n *unstable.Node) (at place) {
	for it := n.Key(); it.Next(); {
		at = d.at(p, it.Node().Raw)
	}
	return at
}

func (d *document) at(p *unstable.Parser, r unstable.Range) place {
	data := p.Data()
	start := bytes.LastIndexByte(data[:r.Offset], '\n') + 1
	text, _, _ := bytes.Cut(p.Raw(r), []byte("\n"))
	return place{
		line:  bytes.Count(data[:r.Offset], []byte("\n")) + 1,
		col:   utf8.RuneCount(data[start:r.Offset]) + 1,
		width: max(1, utf8.RuneCount(text)),
	}
}

// fault makes a Diagnostic at a place of the document; the zero place gives one without line.
func (d *document) fault(at place, code, message, help string) Diagnostic {
	g := Diagnostic{Severity: Error, Code: code, File: d.name, Message: message, Help: help}
	if at.line > 0 {
		g.Line, g.Col, g.Width, g.Excerpt = at.line, at.col, at.width, d.line(at.line)
	}
	return g
}

func (d *document) line(n int) string {
	if n < 1 || n > len(d.lines) {
		return ""
	}
	return strings.ToValidUTF8(strings.TrimSuffix(d.lines[n-1], "\r"), "\uFFFD")
}

// syntax tells what the TOML decoder stopped at.
func (d *document) syntax(err error) Diagnostic {
	var at place
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, column := de.Position()
		text := d.line(row)
		before := text[:min(max(column-1, 0), len(text))] // may end within a character
		at = place{line: row, col: min(utf8.RuneCountInString(before), utf8.RuneCountInString(text)) + 1, width: 1}
	}
	return d.fault(at, "P001", "not valid TOML: "+strings.TrimPrefix(err.Error(), "toml: "), "text goes in \"quotes\"; https://toml.io shows the format")
}

// sort orders the faults as a person walks through the file; those of the environment and of flags come last.
func (l *loader) sort() {
	slices.SortStableFunc(l.faults, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(unplaced(a), unplaced(b)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}

func unplaced(d Diagnostic) int {
	if d.Line == 0 {
		return 1
	}
	return 0
}

// dotted writes a key as the settings are called everywhere: "site.url".
func dotted(path []string) string { return strings.Join(path, ".") }
