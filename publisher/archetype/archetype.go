// Package archetype writes what a new post begins with: the built-in archetypes, and those that a site has of its own.
//
// A site's archetype is a Markdown file with a front matter in which {{.Title}} and the like stand for the post's own values. That is all
// that it can do: it is no program, reads no file, and a word that it does not know is a fault and not an empty place.
package archetype

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Post is what is known of a post before its first word.
type Post struct {
	Title, Kind, Slug, ID string
	Tags                  []string
	Date                  time.Time // in the site's zone
}

// kinds are what the built-in archetypes add to title, date, id and draft, before and after the tags.
var kinds = map[string]string{
	"article": "tags = {{.Tags}}\nsummary = \"\"\n",
	"photo":   "tags = {{.Tags}}\nimage = {src = \"\", alt = \"\"}\n\n[fediverse]\nas = \"note\"\nlead = \"image\"\n",
	"note":    "tags = {{.Tags}}\n\n[fediverse]\nas = \"note\"\n",
	"page":    "",
}

// BuiltIn is a post of a built-in kind.
func BuiltIn(p Post) string {
	text, err := Fill("+++\ntitle = {{.Title}}\ndate = {{.Date}}\nid = {{.ID}}\ndraft = true\n"+kinds[p.Kind]+"+++\n\n", p)
	if err != nil {
		panic(err) // a text of this file
	}
	return text
}

var action = regexp.MustCompile(`\{\{-?\s*(.*?)\s*-?\}\}`)

// Fill writes a post from an archetype. Texts are put in quotes, as TOML and YAML both read them, unless they stand in quotes already or
// below the front matter. An archetype without an id gets one: an id that is missing cannot be added when the file has been renamed.
func Fill(text string, p Post) (string, error) {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	marker, rest, _ := strings.Cut(text, "\n")
	if marker != "+++" && marker != "---" {
		return "", fmt.Errorf("an archetype begins with front matter: +++ or --- alone in the first line")
	}
	front, body, closed := strings.Cut("\n"+rest, "\n"+marker)
	if !closed {
		return "", fmt.Errorf("its front matter has no end: a line that holds %s alone", marker)
	}
	front = strings.TrimPrefix(front, "\n")
	if !regexp.MustCompile(`(?m)^\s*id\s*[:=]`).MatchString(front) {
		front = map[string]string{"+++": "id = ", "---": "id: "}[marker] + "{{.ID}}\n" + front
	}
	front, err := p.fill(front, true)
	if err != nil {
		return "", err
	}
	if body, err = p.fill(body, false); err != nil {
		return "", err
	}
	return marker + "\n" + strings.TrimSuffix(front, "\n") + "\n" + marker + body, nil
}

// fill puts the values into a text.
func (p Post) fill(text string, quoted bool) (string, error) {
	var unknown string
	var b strings.Builder
	last := 0
	for _, m := range action.FindAllStringSubmatchIndex(text, -1) {
		word := text[m[2]:m[3]]
		value, ok := p.value(word)
		if !ok && unknown == "" {
			unknown = word
		}
		b.WriteString(text[last:m[0]])
		last = m[1]
		inQuotes := m[0] > 0 && (text[m[0]-1] == '"' || text[m[0]-1] == '\'')
		s, isText := value.(string)
		switch {
		case isText && inQuotes && text[m[0]-1] == '\'' && strings.Contains(s, "'"):
			return "", fmt.Errorf("{{%s}} stands between single quotes and holds one: leave the quotes out", word)
		case isText && (!quoted || inQuotes && text[m[0]-1] == '\''):
			b.WriteString(s)
		case isText && inQuotes:
			q := quote(s)
			b.WriteString(q[1 : len(q)-1])
		case isText:
			b.WriteString(quote(s))
		default:
			b.WriteString(fmt.Sprint(value))
		}
	}
	if unknown != "" {
		return "", fmt.Errorf("{{%s}} is not known: there are {{.Title}}, {{.Date}}, {{.ID}}, {{.Tags}}, {{.Slug}} and {{.Kind}}", unknown)
	}
	return b.String() + text[last:], nil
}

// bare is a value that is written without quotes.
type bare string

func (p Post) value(word string) (any, bool) {
	switch word {
	case ".Title":
		return p.Title, true
	case ".ID":
		return p.ID, true
	case ".Slug":
		return p.Slug, true
	case ".Kind":
		return p.Kind, true
	case ".Date":
		return bare(p.Date.Format(time.RFC3339)), true
	case ".Tags":
		var list []string
		for _, t := range p.Tags {
			list = append(list, quote(t))
		}
		return bare("[" + strings.Join(list, ", ") + "]"), true
	}
	return nil, false
}

// quote writes a text as TOML and YAML both read it. JSON's escapes are a subset of theirs.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}
