package embed

import (
	"embed" // the sources
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/postil-blog/postil/templates"
)

//go:embed script
var sources embed.FS

// Elements lists the custom elements; the file of each is NAME.js at the daemon's root.
func Elements() []string { return []string{"fedi-comments", "fedi-follow"} }

// Script gives the file of an element: one ES module that loads nothing else. Its bytes are the same for all blogs, so that an integrity
// attribute holds until Postil itself changes.
func Script(element string) ([]byte, error) {
	texts, _ := templates.Words("en", words[element]...)
	english, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	var parts [3]string
	for i, name := range []string{"base.js", element + ".css", element + ".js"} {
		data, err := sources.ReadFile("script/" + name)
		if err != nil {
			return nil, fmt.Errorf("element %s: %w", element, err)
		}
		parts[i] = string(data)
	}
	sheet, err := json.Marshal(tightCSS(parts[1]))
	if err != nil {
		return nil, err
	}
	sheet = []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(sheet)))
	return []byte("const EN=" + string(english) + ";\n" + tightJS(parts[0]) + "const SHEET=sheetOf(" + string(sheet) + ");\n" + tightJS(parts[2])), nil
}

// tightJS drops the comments that have a line of their own and the white space that separates nothing. It knows texts in double quotes; the
// sources have no other texts, no quote or blank in a pattern, and a semicolon after every statement.
func tightJS(s string) string {
	var lines strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			lines.WriteString(line + "\n")
		}
	}
	return token.ReplaceAllStringFunc(arrow.ReplaceAllString(tighten(lines.String()), "$1=>"), shorten(map[string]string{}))
}

// arrow is a function of one argument, which needs no parentheses.
var arrow = regexp.MustCompile(`\(([A-Za-z]+)\)=>`)

// token is a text, which is left as it is, a private member, a spread, a member, a key, or a name.
var token = regexp.MustCompile(`"[^"]*"|#[a-z]+|\.\.\.|\.?[A-Za-z_$][\w$]*:?`)

// long are the names of the sources that get one letter. None of them is a short-hand property, a label or a part of a pattern.
var long = strings.Fields("attrs kids nameOf items depth below fits deep named size list words body root rest again tree web Base TAGS OUT FLAGS NAMES input shut box form shows pressed arg rank run who")

// letters are the names that long ones get: no name of the sources is one of them.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_$jlyzo"

// shorten gives private members names of one letter, in the order in which they come, and so it does to the long names.
func shorten(names map[string]string) func(string) string {
	return func(s string) string {
		if i := slices.Index(long, s); i >= 0 {
			return letters[i : i+1]
		}
		if s[0] != '#' {
			return s
		}
		if names[s] == "" {
			names[s] = "#" + string(rune('a'+len(names)))
		}
		return names[s]
	}
}

func tighten(s string) string {
	var b strings.Builder
	quoted, last := false, byte('\n')
	for i := 0; i < len(s); i++ {
		c, next := s[i], byte(' ')
		if i+1 < len(s) {
			next = s[i+1]
		}
		if c == '"' && last != '\\' {
			quoted = !quoted
		}
		if !quoted && droppable(last, c, next) {
			continue
		}
		b.WriteByte(c)
		last = c
	}
	return b.String()
}

// droppable tells whether white space c may go between last and next.
func droppable(last, c, next byte) bool {
	const opens, closes = "{;,([?:", "}).?:]"
	switch c {
	case ' ':
		return !named(last) || !named(next)
	case '\n':
		return strings.IndexByte(opens, last) >= 0 || strings.IndexByte(closes, next) >= 0
	}
	return false
}

// named tells what two names, or a keyword and a name, are made of. Bytes beyond ASCII occur in texts alone.
func named(c byte) bool {
	return c == '_' || c == '$' || c == '#' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// tightCSS drops the white space that separates nothing. A selector of the sources has none after a colon.
func tightCSS(s string) string {
	s = strings.Join(strings.Split(strings.TrimSpace(s), "\n"), "")
	return strings.NewReplacer(" { ", "{", "; ", ";", ": ", ":", " }", "}", ", ", ",").Replace(s)
}
