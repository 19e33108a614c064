package publisher

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/postil-blog/postil/site"
)

// maxFrontMatter bounds a front matter block in bytes, maxDepth how deep its lists and tables nest.
const (
	maxFrontMatter = 64 << 10
	maxDepth       = 16
	maxDots        = 1000 // in one line of TOML: each may open a table
)

// position is a place in a source, counted from 1 in lines and characters.
type position struct{ line, col, width int }

// value is a front matter value whose place is known, read from TOML or YAML alike.
type value struct {
	kind   valueKind
	text   string // of a scalar, as it was written and without quotes
	items  []value
	fields []field
	at     position
}

type field struct {
	name  string
	at    position
	value value
}

type valueKind int

const (
	isString valueKind = iota
	isBool
	isNumber
	isDate
	isNull
	isList
	isTable
)

func (k valueKind) String() string {
	return [...]string{"a text", "true or false", "a number", "a date", "nothing", "a list", "a table"}[k]
}

// block is a source cut into front matter and Markdown.
type block struct {
	toml     bool
	text     string // front matter without its markers
	line     int    // of the first line of text
	body     string
	bodyLine int
}

// frontMatterFault is a fault in the block itself.
type frontMatterFault struct {
	code    string
	at      position
	message string
	help    string
	date    string   // of codeDate: what was written
	fix     site.Fix // what mends it for certain
}

func (f *frontMatterFault) Error() string { return f.message }

// splitFrontMatter cuts a source with LF line ends at its markers: +++ for TOML, --- for YAML.
func splitFrontMatter(src string) (block, error) {
	marker := ""
	switch {
	case strings.HasPrefix(src, "+++\n"):
		marker = "+++"
	case strings.HasPrefix(src, "---\n"):
		marker = "---"
	default:
		return block{body: src, bodyLine: 1}, nil
	}
	rest, lines := src[4:], 1
	for offset := 0; ; {
		line, _, more := strings.Cut(rest[offset:], "\n")
		lines++
		if strings.TrimRight(line, " \t") == marker {
			body := ""
			if more {
				body = rest[offset+len(line)+1:]
			}
			return checkedBlock(block{toml: marker == "+++", text: rest[:offset], line: 2, body: body, bodyLine: lines + 1})
		}
		if !more {
			return block{}, &frontMatterFault{code: codeBlock, at: position{1, 1, 3}, message: "front matter has no end", help: "close it with a line that holds " + marker + " alone"}
		}
		offset += len(line) + 1
	}
}

func checkedBlock(b block) (block, error) {
	if len(b.text) > maxFrontMatter {
		return b, &frontMatterFault{code: codeBlock, at: position{1, 1, 3}, message: "front matter is larger than 64 KB", help: "move the text below the closing marker"}
	}
	depth, deepest := 0, 0
	for _, c := range []byte(b.text) {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		deepest = max(deepest, depth)
	}
	if deepest > 4*maxDepth {
		return b, &frontMatterFault{code: codeBlock, at: position{1, 1, 3}, message: "front matter is nested too deep", help: "use plain keys and lists"}
	}
	at := b.line
	for line := range strings.Lines(b.text) {
		if inOneLine(line) > 4*maxDepth || b.toml && strings.Count(line, ".") > maxDots {
			return b, &frontMatterFault{code: codeBlock, at: position{at, 1, 1}, message: "front matter is nested too deep", help: "use plain keys and lists"}
		}
		at++
	}
	return b, nil
}

// inOneLine counts the lists and keys of YAML that one line opens ("- - - ? x").
func inOneLine(line string) (n int) {
	for {
		line = strings.TrimLeft(line, " \t")
		if len(line) < 2 || line[0] != '-' && line[0] != '?' || line[1] != ' ' && line[1] != '\t' {
			return n
		}
		line = line[2:]
		n++
	}
}

// fields reads the block's keys in the order in which they were written.
func (b block) fields() ([]field, error) {
	if b.toml {
		return tomlFields(b)
	}
	return yamlFields(b)
}

func tomlFields(b block) ([]field, error) {
	var any map[string]any
	if err := toml.Unmarshal([]byte(b.text), &any); err != nil {
		return nil, tomlFault(b, err)
	}
	p := unstable.Parser{}
	p.Reset([]byte(b.text))
	root := value{kind: isTable}
	here := &root
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			here = &root
			for it := e.Key(); it.Next(); {
				here = child(b, here, it.Node())
			}
			if e.Kind == unstable.ArrayTable {
				here.kind = isList
				here.items = append(here.items, value{kind: isTable, at: here.at})
				here = &here.items[len(here.items)-1]
			}
		case unstable.KeyValue:
			put(b, here, e)
		}
	}
	return root.fields, nil
}

func tomlFault(b block, err error) error {
	var d *toml.DecodeError
	if !errors.As(err, &d) {
		return &frontMatterFault{code: codeSyntax, at: position{b.line, 1, 1}, message: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	row, col := d.Position()
	if f := dateFault(b, row); f != nil {
		return f
	}
	help := ""
	if strings.Contains(d.Error(), "expected value") || strings.Contains(d.Error(), "incomplete") {
		help = `texts stand in quotes: title = "Hello"`
	}
	return &frontMatterFault{code: codeSyntax, at: position{b.line + row - 1, max(col, 1), 1}, message: strings.TrimPrefix(d.Error(), "toml: "), help: help}
}

// child is the table named by key below t, made if it is not there. Of a list of tables it is the last.
func child(b block, t *value, key *unstable.Node) *value {
	name := string(key.Data)
	for i := range t.fields {
		if f := &t.fields[i]; f.name == name {
			if f.value.kind == isList && len(f.value.items) > 0 {
				return &f.value.items[len(f.value.items)-1]
			}
			return &f.value
		}
	}
	at := b.at(key.Raw)
	t.fields = append(t.fields, field{name, at, value{kind: isTable, at: at}})
	return &t.fields[len(t.fields)-1].value
}

func put(b block, t *value, e *unstable.Node) {
	it := e.Key()
	for it.Next() {
		key := it.Node()
		if !it.IsLast() {
			t = child(b, t, key)
			continue
		}
		at := b.at(key.Raw)
		t.fields = append(t.fields, field{string(key.Data), at, tomlValue(b, e.Value(), at)})
	}
}

var tomlKinds = map[unstable.Kind]valueKind{
	unstable.String: isString, unstable.Bool: isBool, unstable.Integer: isNumber, unstable.Float: isNumber,
	unstable.LocalDate: isDate, unstable.LocalTime: isString, unstable.LocalDateTime: isDate, unstable.DateTime: isDate,
	unstable.Array: isList, unstable.InlineTable: isTable,
}

func tomlValue(b block, n *unstable.Node, key position) value {
	v := value{kind: tomlKinds[n.Kind], text: string(n.Data), at: b.at(n.Raw)}
	if n.Raw.Length == 0 {
		v.at = b.after(key, v.text)
	}
	switch n.Kind {
	case unstable.Array:
		for it := n.Children(); it.Next(); {
			if c := it.Node(); c.Kind != unstable.Comment {
				v.items = append(v.items, tomlValue(b, c, key))
			}
		}
	case unstable.InlineTable:
		for it := n.Children(); it.Next(); {
			if c := it.Node(); c.Kind == unstable.KeyValue {
				put(b, &v, c)
			}
		}
	}
	return v
}

// at is the place of a range of the block in the whole source.
func (b block) at(r unstable.Range) position {
	offset, end := min(int(r.Offset), len(b.text)), min(int(r.Offset+r.Length), len(b.text))
	line, col := lineCol(b.text, offset)
	return position{b.line + line - 1, col, max(utf8.RuneCountInString(b.text[offset:end]), 1)}
}

// after finds where a value stands on its key's line: the parser keeps no range for some values.
func (b block) after(key position, text string) position {
	line := excerpt(b.text, key.line-b.line+1)
	_, rest, _ := strings.Cut(line, "=")
	if i := strings.Index(rest, text); i >= 0 && text != "" {
		col := utf8.RuneCountInString(line[:len(line)-len(rest)+i]) + 1
		return position{key.line, col, utf8.RuneCountInString(text)}
	}
	return key
}

func lineCol(s string, offset int) (line, col int) {
	before := s[:min(offset, len(s))]
	last := strings.LastIndexByte(before, '\n')
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[last+1:]) + 1
}

func yamlFields(b block) (fields []field, err error) {
	// A parser of other people's making reads text that nobody has checked: its panic is the post's fault, not ours.
	defer func() {
		if r := recover(); r != nil {
			fields, err = nil, &frontMatterFault{code: codeSyntax, at: position{b.line, 1, 1}, message: fmt.Sprintf("front matter is not YAML: %v", r)}
		}
	}()
	file, err := parser.ParseBytes([]byte(b.text), 0)
	if err != nil {
		return nil, yamlFault(b, err)
	}
	if len(file.Docs) > 1 {
		return nil, &frontMatterFault{code: codeSyntax, at: position{b.line, 1, 1}, message: "front matter holds more than one YAML document"}
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, nil
	}
	v, err := yamlValue(b, file.Docs[0].Body, 0)
	if err != nil {
		return nil, err
	}
	if v.kind != isTable && v.kind != isNull {
		return nil, &frontMatterFault{code: codeSyntax, at: v.at, message: "front matter is " + v.kind.String() + " where keys should be", help: "write title: My post"}
	}
	return v.fields, nil
}

func yamlFault(b block, err error) error {
	f := &frontMatterFault{code: codeSyntax, at: position{b.line, 1, 1}, message: "front matter is not YAML", help: `put texts with a colon or a # into quotes: title: "Hello: again"`}
	var located interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &located) {
		f.message = "front matter is not YAML: " + located.GetMessage()
		if t := located.GetToken(); t != nil {
			f.at = b.token(t)
		}
	}
	b.untab(f)
	return f
}

// untab mends a line that is indented by tabs, which YAML forbids: two spaces for each.
func (b block) untab(f *frontMatterFault) {
	line := excerpt(b.text, f.at.line-b.line+1)
	rest := strings.TrimLeft(line, "\t")
	if n := len(line) - len(rest); n > 0 {
		f.message, f.help = "front matter is not YAML: a tab at the beginning of a line", "YAML is indented by spaces alone"
		f.at = position{f.at.line, 1, n}
		f.fix = site.Fix{Line: f.at.line, Col: 1, Old: line[:n], Text: strings.Repeat("  ", n)}
	}
}

func (b block) token(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{b.line, 1, 1}
	}
	width := utf8.RuneCountInString(strings.TrimSpace(t.Value))
	return position{b.line + max(t.Position.Line, 1) - 1, max(t.Position.Column, 1), max(width, 1)}
}

func yamlValue(b block, n ast.Node, depth int) (value, error) {
	v := value{kind: isString, at: b.token(n.GetToken())}
	if depth > maxDepth {
		return v, &frontMatterFault{code: codeBlock, at: v.at, message: "front matter is nested too deep", help: "use plain keys and lists"}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		v.kind = isTable
		for _, pair := range n.Values {
			if err := v.put(b, pair, depth); err != nil {
				return v, err
			}
		}
	case *ast.MappingValueNode:
		v.kind = isTable
		return v, v.put(b, n, depth)
	case *ast.SequenceNode:
		v.kind = isList
		for _, item := range n.Values {
			i, err := yamlValue(b, item, depth+1)
			if err != nil {
				return v, err
			}
			v.items = append(v.items, i)
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return v, &frontMatterFault{code: codeSyntax, at: v.at, message: "front matter may not hold YAML anchors, aliases or tags", help: "write the value out"}
	case *ast.BoolNode:
		v.kind, v.text = isBool, n.GetToken().Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		v.kind, v.text = isNumber, n.GetToken().Value
	case *ast.NullNode:
		v.kind = isNull
	case *ast.StringNode:
		v.text = n.Value
	case *ast.LiteralNode:
		v.text = n.Value.Value
	default:
		v.text = n.GetToken().Value
	}
	return v, nil
}

func (v *value) put(b block, pair *ast.MappingValueNode, depth int) error {
	at := b.token(pair.Key.GetToken())
	name := pair.Key.GetToken().Value
	for _, f := range v.fields {
		if f.name == name {
			return &frontMatterFault{code: codeSyntax, at: at, message: fmt.Sprintf("key %q is written twice", name), help: "keep one of them"}
		}
	}
	if _, merge := pair.Key.(*ast.MergeKeyNode); merge {
		return &frontMatterFault{code: codeSyntax, at: at, message: "front matter may not hold YAML anchors, aliases or tags", help: "write the value out"}
	}
	inner, err := yamlValue(b, pair.Value, depth+1)
	if inner.kind == isTable || inner.kind == isList || inner.kind == isNull {
		inner.at = at
	}
	v.fields = append(v.fields, field{name, at, inner})
	return err
}
