package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/pelletier/go-toml/v2"
)

// maxMatter bounds a block of front matter or a file of settings, in bytes.
const maxMatter = 1 << 20

var errNoMatter = errors.New("it has no front matter")

// splitMatter cuts a file into its front matter, YAML, TOML or JSON, and its text. bodyLine is where the text begins.
func splitMatter(src string) (fields map[string]any, body string, bodyLine int, err error) {
	src = strings.TrimPrefix(textual(src), "\ufeff")
	if strings.HasPrefix(src, "{") {
		return jsonMatter(src)
	}
	for _, marker := range []string{"---", "+++"} {
		first, rest, ok := strings.Cut(src, "\n")
		if !ok || strings.TrimRight(first, " \t") != marker {
			continue
		}
		n := 1
		for offset := 0; offset < len(rest); {
			l, _, _ := strings.Cut(rest[offset:], "\n")
			n++
			if strings.TrimRight(l, " \t") == marker {
				fields, err = settings(map[string]string{"---": "yaml", "+++": "toml"}[marker], rest[:offset])
				return fields, rest[min(offset+len(l)+1, len(rest)):], n + 1, err
			}
			offset += len(l) + 1
		}
		return nil, src, 1, errors.New("its front matter has no end")
	}
	return nil, src, 1, errNoMatter
}

func jsonMatter(src string) (map[string]any, string, int, error) {
	fields := map[string]any{}
	d := json.NewDecoder(strings.NewReader(src))
	if err := d.Decode(&fields); err != nil {
		return nil, src, 1, errNoMatter // a text may begin with a brace
	}
	end := int(d.InputOffset())
	rest := src[end:]
	body := strings.TrimPrefix(rest, "\n")
	return fields, body, 1 + strings.Count(src[:len(src)-len(body)], "\n"), nil
}

// settings reads YAML, TOML or JSON. YAML's aliases are refused: a few lines of them can stand for more than a memory holds.
func settings(kind, text string) (fields map[string]any, err error) {
	defer func() {
		if r := recover(); r != nil { // a parser of other people's making, on text that nobody has checked
			fields, err = nil, fmt.Errorf("it cannot be read: %v", r)
		}
	}()
	if len(text) > maxMatter {
		return nil, errors.New("it is larger than 1 MB")
	}
	fields = map[string]any{}
	switch kind {
	case "toml":
		err = toml.Unmarshal([]byte(text), &fields)
	case "json":
		err = json.Unmarshal([]byte(text), &fields)
	default:
		if err = noAliases(text); err == nil {
			err = yaml.Unmarshal([]byte(text), &fields)
		}
	}
	if err != nil {
		why, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("its front matter is not %s: %s", strings.ToUpper(kind), line(why, 200))
	}
	return fields, nil
}

type aliasSearch struct{ found bool }

// Visit is goccy's ast.Visitor.
func (s *aliasSearch) Visit(n ast.Node) ast.Visitor {
	s.found = s.found || n.Type() == ast.AliasType
	return s
}

func noAliases(text string) error {
	if depth := deepest(text); depth > 100 {
		return errors.New("it is nested too deep")
	}
	if !strings.Contains(text, "*") {
		return nil
	}
	f, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return err
	}
	var s aliasSearch
	for _, d := range f.Docs {
		if d.Body != nil {
			ast.Walk(&s, d.Body)
		}
	}
	if s.found {
		return errors.New("it has YAML aliases")
	}
	return nil
}

func deepest(text string) int {
	depth, most := 0, 0
	for _, c := range []byte(text) {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		most = max(most, depth)
	}
	return most
}

// matter reads front matter of other programs by key, in the forms that people write.
type matter struct {
	fields map[string]any // by lower-case key
	used   map[string]bool
	zone   *time.Location
}

func newMatter(fields map[string]any, zone *time.Location) *matter {
	m := &matter{map[string]any{}, map[string]bool{}, zone}
	for k, v := range fields {
		m.fields[strings.ToLower(k)] = v
	}
	return m
}

func (m *matter) get(keys ...string) any {
	for _, k := range keys {
		m.used[k] = true
		if v := m.fields[k]; v != nil {
			return v
		}
	}
	return nil
}

func (m *matter) has(key string) bool { return m.fields[key] != nil }

// text is a scalar as a text, "" where there is none.
func (m *matter) text(keys ...string) string { return scalar(m.get(keys...)) }

func scalar(v any) string {
	switch v := v.(type) {
	case nil, map[string]any, []any:
		return ""
	case string:
		return v
	case time.Time:
		return v.Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// list reads a list, or a text that is one: parted by commas, else (words) by spaces.
func (m *matter) list(words bool, keys ...string) []string {
	switch v := m.get(keys...).(type) {
	case []any:
		var out []string
		for _, item := range v {
			if s := scalar(item); s != "" {
				out = append(out, s)
			}
		}
		return out
	case nil, map[string]any:
		return nil
	default:
		s := scalar(v)
		if words && !strings.Contains(s, ",") {
			return strings.Fields(s)
		}
		var out []string
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
		return out
	}
}

func (m *matter) yes(keys ...string) bool {
	s := strings.ToLower(m.text(keys...))
	return s == "true" || s == "yes" || s == "on" || s == "1"
}

var foreignDates = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04:05Z", "2006-01-02 15:04 -0700",
	"2006-01-02 15:04:05 MST", "2006-01-02T15:04:05.999", "2006-01-02T15:04:05", "2006-01-02 15:04:05.999999-07:00", "2006-01-02 15:04:05.999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04",
	"2006-01-02", "2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2", "2006/01/02 15:04:05", "2006/01/02", "2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006", time.RFC1123Z, time.RFC1123,
}

// date reads a moment; ok is false for a text that is none.
func (m *matter) date(keys ...string) (t time.Time, ok bool) {
	v := m.get(keys...)
	switch v := v.(type) {
	case nil:
		return time.Time{}, true
	case time.Time:
		return v.Truncate(time.Second), true
	case toml.LocalDate:
		return v.AsTime(m.zone), true
	case toml.LocalDateTime:
		return v.AsTime(m.zone).Truncate(time.Second), true
	}
	return parseDate(scalar(v), m.zone)
}

func parseDate(s string, zone *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	for _, shape := range foreignDates {
		if t, err := time.ParseInLocation(shape, s, zone); err == nil && t.Year() >= 1 {
			return t.Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// rest are the keys that nothing has read.
func (m *matter) rest() map[string]any {
	out := map[string]any{}
	for k, v := range m.fields {
		if !m.used[k] {
			out[k] = v
		}
	}
	return out
}
