package importer

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// recent is how young a post may be and still be announced without a word: publish takes what is older for an import. Those younger
// get that word (publisher's importAge, and an hour for the time between import and publish).
const recent = 7*24*time.Hour + time.Hour

// source is a post as a Markdown file with its front matter.
func (in *importing) source(p *Post) string {
	var b strings.Builder
	put := func(key, value string) { fmt.Fprintf(&b, "%s = %s\n", key, value) }
	text := func(key, value string) {
		if value != "" {
			put(key, tomlText(value))
		}
	}
	b.WriteString("+++\n")
	text("id", p.id)
	text("title", p.Title)
	moment := func(key string, t time.Time) {
		if !t.IsZero() {
			put(key, t.Format(time.RFC3339))
		}
	}
	moment("date", p.Date)
	moment("updated", p.Updated)
	moment("expires", p.Expires)
	if p.Draft {
		put("draft", "true")
	}
	if p.permalink {
		text("permalink", p.path)
	}
	if len(p.aliases) > 0 {
		put("aliases", list(p.aliases))
	}
	text("lang", p.Lang)
	if len(p.Tags) > 0 {
		put("tags", list(p.Tags))
	}
	text("series", p.Series)
	text("summary", p.Summary)
	if p.Image.Src != "" {
		put("image", fmt.Sprintf("{src = %s, alt = %s}", tomlText(p.Image.Src), tomlText(p.Image.Alt)))
	}
	if p.Math {
		put("math", "true")
	}
	text("author", in.authorOf(p))
	text("comments", p.CommentsMode)
	text("x-canonical", p.Canonical)
	if in.hushed(p) {
		put("fediverse", "{announce = false}")
	}
	b.WriteString(in.params(p))
	b.WriteString("+++\n\n" + strings.Trim(p.Body, "\n") + "\n")
	return b.String()
}

func list(items []string) string {
	var quoted []string
	for _, s := range items {
		quoted = append(quoted, tomlText(s))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// hushed tells whether a post must say that followers are not told of it: readers know it from the old place. A draft is no news yet.
func (in *importing) hushed(p *Post) bool {
	return !p.Page && !p.Draft && in.Now.Sub(p.Date) < recent
}

// params keeps a table of free keys as TOML.
func (in *importing) params(p *Post) string {
	free := map[string]any{}
	for k, v := range p.Params {
		if v, ok := plain(v, 0); ok {
			free[k] = v
		}
	}
	if len(free) == 0 {
		return ""
	}
	data, err := toml.Marshal(map[string]any{"params": free})
	if err != nil || len(data) > 32<<10 || strings.Count(string(data), "[")+strings.Count(string(data), "{") > 60 {
		in.about(p, CodeSetting, "its own front matter keys are too many: "+strings.Join(slices.Sorted(maps.Keys(free)), ", "), "")
		return ""
	}
	return "\n" + string(data)
}

// plain keeps of a free value what TOML can say: texts, numbers, booleans, dates, and lists and tables of them, not deep.
func plain(v any, depth int) (any, bool) {
	switch v := v.(type) {
	case string:
		return textual(v), true
	case bool, int, int64, uint64, float64, time.Time:
		return v, true
	case []any:
		if depth >= 4 {
			return nil, false
		}
		out := []any{}
		for _, item := range v {
			if item, ok := plain(item, depth+1); ok {
				out = append(out, item)
			}
		}
		return out, len(out) > 0
	case map[string]any:
		if depth >= 4 {
			return nil, false
		}
		out := map[string]any{}
		for k, item := range v {
			if item, ok := plain(item, depth+1); ok {
				out[textual(k)] = item
			}
		}
		return out, len(out) > 0
	}
	return nil, false
}

// tidy holds what every source read to what publish takes.
func (in *importing) tidy(p *Post) {
	p.Title = line(p.Title, maxTitle)
	if p.Title == "" {
		p.Title = firstWords(p)
	}
	p.Summary = line(p.Summary, maxSummary)
	p.Series = line(p.Series, maxTag)
	p.Image.Alt = line(p.Image.Alt, maxTitle)
	p.Tags = distinct(p.Tags, maxTags)
	p.Canonical = line(p.Canonical, maxTitle)
	p.Body = textual(p.Body)
	if len(p.Body) > maxBody {
		in.about(p, CodeItem, fmt.Sprintf("%q is larger than 15 MB: its end was cut", p.Title), "split the post")
		p.Body = textual(p.Body[:maxBody])
	}
	if _, err := language.Parse(p.Lang); err != nil || p.Lang == in.blog.Language {
		p.Lang = ""
	}
	in.dates(p)
}

// dates gives a post without a usable date one, and says so.
func (in *importing) dates(p *Post) {
	for _, t := range []*time.Time{&p.Date, &p.Updated, &p.Expires} {
		if !t.IsZero() && (t.Year() < 1 || t.Year() > 9999) {
			*t = time.Time{}
		}
	}
	if p.Updated.Before(p.Date) || p.Updated.Sub(p.Date) < time.Minute {
		p.Updated = time.Time{}
	}
	if p.Date.IsZero() && !p.Page {
		p.Date = cmp.Or(p.Updated, in.Now).In(in.zone).Truncate(time.Second)
		if !p.Draft {
			p.Draft = true
			in.about(p, CodeDate, fmt.Sprintf("%q has no date: it is a draft now", p.Title), "write its date and remove draft")
		}
	}
}

// firstWords is the title of a post that has none.
func firstWords(p *Post) string {
	for l := range strings.Lines(p.Body) {
		l = line(markup.ReplaceAllString(linked.ReplaceAllString(l, "$1"), ""), 60)
		if l != "" {
			return l
		}
	}
	if p.Slug != "" {
		return line(p.Slug, 60)
	}
	return "Untitled"
}

var (
	linked = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	markup = regexp.MustCompile("<[^>]*>|[*_`#>\\\\]+|^[-=]{3,}$")
)
