package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/pelletier/go-toml/v2"

	"github.com/postil-blog/postil/site"
)

func readTOML(file, text string, zone *time.Location) (any, *site.Diagnostic) {
	var v map[string]any
	err := toml.Unmarshal([]byte(text), &v)
	if err == nil {
		return plain(v, zone), nil
	}
	line, col := 1, 1
	message := strings.TrimPrefix(err.Error(), "toml: ")
	var d *toml.DecodeError
	if errors.As(err, &d) {
		line, col = d.Position()
	}
	return nil, faultAt(file, text, line, col, "not valid TOML: "+message, `texts stand in quotes: name = "Ada"`)
}

// plain gives TOML's dates without a zone the site's: templates know one kind of time.
func plain(v any, zone *time.Location) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = plain(inner, zone)
		}
	case []any:
		for i, inner := range v {
			v[i] = plain(inner, zone)
		}
	case toml.LocalDate:
		return v.AsTime(zone)
	case toml.LocalDateTime:
		return v.AsTime(zone)
	case toml.LocalTime:
		return v.String()
	}
	return v
}

func readJSON(file, text string, _ *time.Location) (any, *site.Diagnostic) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); errors.Is(more, io.EOF) {
			return numbers(v), nil
		}
		err = errors.New("there is something behind its end")
	}
	offset := d.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset - 1
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err, offset = errors.New("it ends too soon"), int64(len(text))
	}
	before := text[:max(0, min(offset, int64(len(text))))]
	last := strings.LastIndexByte(before, '\n')
	return nil, faultAt(file, text, strings.Count(before, "\n")+1, utf8.RuneCountInString(before[last+1:])+1, "not valid JSON: "+err.Error(), "a comma stands between entries, and none behind the last")
}

// numbers gives JSON's numbers the types that TOML's and YAML's have.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = numbers(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = numbers(inner)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if n, err := v.Float64(); err == nil {
			return n
		}
		return v.String() // too large for both
	}
	return v
}

// maxYAML bounds a YAML file in bytes: its parser takes four times as long for twice as many keys.
const maxYAML = 64 << 10

func readYAML(file, text string, _ *time.Location) (v any, d *site.Diagnostic) {
	// A parser of other people's making reads text that nobody has checked: its panic is the file's fault, not ours.
	defer func() {
		if r := recover(); r != nil {
			v, d = nil, faultAt(file, text, 1, 1, fmt.Sprintf("not valid YAML: %v", r), "")
		}
	}()
	if len(text) > maxYAML {
		return nil, faultAt(file, text, 1, 1, "a YAML file is larger than 64 KB", "write it as TOML or JSON, which may have 1 MB")
	}
	tree, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, yamlFault(file, text, err)
	}
	if len(tree.Docs) > 1 {
		return nil, faultAt(file, text, 1, 1, "the file holds more than one YAML document", "one to a file")
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return nil, nil
	}
	y := yaml{file: file, text: text}
	v = y.value(tree.Docs[0].Body)
	return v, y.fault
}

func yamlFault(file, text string, err error) *site.Diagnostic {
	var located interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &located) || located.GetToken() == nil || located.GetToken().Position == nil {
		return faultAt(file, text, 1, 1, "not valid YAML", "")
	}
	p := located.GetToken().Position
	return faultAt(file, text, max(p.Line, 1), p.Column, "not valid YAML: "+located.GetMessage(), `put texts with a colon or a # into quotes`)
}

// yaml turns a tree of nodes into plain values. Its first fault is kept.
type yaml struct {
	file, text string
	fault      *site.Diagnostic
}

func (y *yaml) value(n ast.Node) any {
	switch n := n.(type) {
	case *ast.MappingNode:
		m := map[string]any{}
		for _, pair := range n.Values {
			y.put(m, pair)
		}
		return m
	case *ast.MappingValueNode:
		m := map[string]any{}
		y.put(m, n)
		return m
	case *ast.SequenceNode:
		list := []any{}
		for _, item := range n.Values {
			list = append(list, y.value(item))
		}
		return list
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode:
		switch i := n.Value.(type) {
		case int64:
			return i
		case uint64:
			return i
		}
		return n.GetToken().Value
	case *ast.NullNode:
		return nil
	case *ast.StringNode, *ast.BoolNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return n.(ast.ScalarNode).GetValue()
	}
	// An alias of an alias of an alias holds more than a memory does.
	return y.refuse(n, "YAML anchors, aliases and tags are not read", "write the value out")
}

func (y *yaml) refuse(n ast.Node, message, help string) any {
	line, col := 1, 1
	if t := n.GetToken(); t != nil && t.Position != nil {
		line, col = t.Position.Line, t.Position.Column
	}
	if y.fault == nil {
		y.fault = faultAt(y.file, y.text, line, col, message, help)
	}
	return nil
}

func (y *yaml) put(m map[string]any, pair *ast.MappingValueNode) {
	if _, merge := pair.Key.(*ast.MergeKeyNode); merge {
		y.refuse(pair.Key, "YAML anchors, aliases and tags are not read", "write the value out")
		return
	}
	name := pair.Key.GetToken().Value
	if _, twice := m[name]; twice {
		y.refuse(pair.Key, fmt.Sprintf("the key %q is written twice", name), "keep one of them")
		return
	}
	m[name] = y.value(pair.Value)
}
