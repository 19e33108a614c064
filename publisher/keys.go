package publisher

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"golang.org/x/text/language"
)

// reader turns one file's front matter into a Post and notes every fault on the way.
type reader struct {
	config *site.Config
	file   string // as faults name it, relative to the site's folder
	src    string
	post   *Post
	faults site.Diagnostics
}

// fault notes an error at a place of the file.
func (r *reader) fault(code string, at position, message, label, help string) {
	r.note(site.Error, code, at, message, label, help)
}

func (r *reader) note(s site.Severity, code string, at position, message, label, help string) {
	line := excerpt(r.src, at.line)
	r.faults = append(r.faults, site.Diagnostic{
		Severity: s, Code: code, File: r.file, Line: at.line, Col: at.col, Width: max(1, min(at.width, utf8.RuneCountInString(line)-at.col+1)),
		Message: message, Excerpt: line, Label: label, Help: help,
	})
}

// keys is every key of the front matter and what it does. The aliases categories, description and layout are what other
// generators' posts hold.
var keys = map[string]func(*reader, value){
	"title":          func(r *reader, v value) { r.text(v, &r.post.Title) },
	"date":           func(r *reader, v value) { r.date(v, &r.post.Date) },
	"updated":        func(r *reader, v value) { r.date(v, &r.post.Updated) },
	"lastmod":        func(r *reader, v value) { r.date(v, &r.post.Updated) },
	"draft":          func(r *reader, v value) { r.boolean(v, &r.post.Draft) },
	"expires":        func(r *reader, v value) { r.date(v, &r.post.Expires) },
	"slug":           (*reader).slug,
	"permalink":      (*reader).permalink,
	"id":             (*reader).key,
	"aliases":        (*reader).aliases,
	"lang":           (*reader).lang,
	"translation_of": func(r *reader, v value) { r.text(v, &r.post.TranslationOf) },
	"tags":           func(r *reader, v value) { r.list(v, &r.post.Tags) },
	"categories":     func(r *reader, v value) { r.list(v, &r.post.Tags) },
	"taxonomies":     func(r *reader, v value) { r.table(v, "taxonomies", taxonomyKeys) },
	"series":         func(r *reader, v value) { r.text(v, &r.post.Series) },
	"summary":        func(r *reader, v value) { r.text(v, &r.post.Summary) },
	"description":    (*reader).description,
	"image":          (*reader).image,
	"menu":           (*reader).menu,
	"math":           func(r *reader, v value) { r.boolean(v, &r.post.Math) },
	"toc":            (*reader).toc,
	"comments":       (*reader).comments,
	"related":        (*reader).relates,
	"author":         (*reader).author,
	"pin":            (*reader).pin,
	"fediverse":      func(r *reader, v value) { r.table(v, "fediverse", fediverseKeys) },
	"params":         (*reader).params,
	"layout":         func(*reader, value) {},
}

var taxonomyKeys = map[string]func(*reader, value){
	"tags":       func(r *reader, v value) { r.list(v, &r.post.Tags) },
	"categories": func(r *reader, v value) { r.list(v, &r.post.Tags) },
}

var imageKeys = map[string]func(*reader, value){
	"src":   func(r *reader, v value) { r.text(v, &r.post.Image.Src) },
	"alt":   func(r *reader, v value) { r.text(v, &r.post.Image.Alt) },
	"focus": (*reader).focus,
}

var fediverseKeys = map[string]func(*reader, value){
	"announce":     (*reader).announce,
	"as":           func(r *reader, v value) { r.choice(v, &r.post.Fediverse.As, "article", "note", "link", "none") },
	"content":      func(r *reader, v value) { r.choice(v, &r.post.Fediverse.Content, "full", "excerpt", "link") },
	"cw":           func(r *reader, v value) { r.text(v, &r.post.Fediverse.CW) },
	"visibility":   func(r *reader, v value) { r.choice(v, &r.post.Fediverse.Visibility, "public", "unlisted", "followers") },
	"mention":      (*reader).mention,
	"quote_policy": func(r *reader, v value) { r.policy(v, &r.post.Fediverse.QuotePolicy) },
	"reply_policy": func(r *reader, v value) { r.policy(v, &r.post.Fediverse.ReplyPolicy) },
	"like_policy":  func(r *reader, v value) { r.policy(v, &r.post.Fediverse.LikePolicy) },
	"boost_policy": func(r *reader, v value) { r.policy(v, &r.post.Fediverse.BoostPolicy) },
	"sensitive":    func(r *reader, v value) { r.boolean(v, &r.post.Fediverse.Sensitive) },
	"lead":         func(r *reader, v value) { r.choice(v, &r.post.Fediverse.Lead, "card", "image") },
}

// read fills the post from the fields of its front matter.
func (r *reader) read(fields []field) {
	r.post.lines = map[string]position{}
	for _, f := range fields {
		r.post.lines[f.name] = f.value.at
		if f.value.kind == isNull {
			continue
		}
		if strings.HasPrefix(f.name, "x-") {
			r.param(f.name, f.value)
			continue
		}
		r.apply(f, "", r.known(), fields)
	}
	r.post.Tags = distinct(r.post.Tags)
}

// apply reads a field by its name. beside are the fields of the same table: a fix must not write one of them twice.
func (r *reader) apply(f field, in string, known map[string]func(*reader, value), beside []field) {
	if set, ok := known[f.name]; ok {
		set(r, f.value)
		return
	}
	message := fmt.Sprintf("unknown key %q", in+f.name)
	if near := site.Nearest(f.name, slices.Sorted(maps.Keys(known))); near != "" {
		message += fmt.Sprintf(", did you mean %q?", in+near)
	}
	r.fault(codeUnknown, f.at, message, "", "free keys begin with x- or stand in params")
	if meant := site.Meant(f.name, slices.Sorted(maps.Keys(known))); meant != "" && !slices.ContainsFunc(beside, func(o field) bool { return o.name == meant }) {
		r.fix(f.at, f.name, meant)
	}
}

func (r *reader) table(v value, name string, known map[string]func(*reader, value)) {
	if v.kind != isTable {
		r.wrongType(v, "a table")
		return
	}
	for _, f := range v.fields {
		if f.value.kind != isNull {
			r.apply(f, name+".", known, v.fields)
		}
	}
}

func (r *reader) wrongType(v value, want string) {
	r.fault(codeType, v.at, "this is "+v.kind.String()+" and should be "+want, "", "")
}

func (r *reader) text(v value, to *string) {
	if v.kind == isList || v.kind == isTable || v.kind == isBool {
		r.wrongType(v, "a text")
		return
	}
	*to = clean(v.text)
}

// clean makes one line of a text and drops what would steer a terminal or break XML.
func clean(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' || c == '\uFFFE' || c == '\uFFFF' {
			return -1
		}
		return c
	}, s)), " ")
}

// boolean accepts what YAML 1.1 did: people write draft: yes.
func (r *reader) boolean(v value, to *bool) {
	switch strings.ToLower(v.text) {
	case "true", "yes", "on":
		*to = true
	case "false", "no", "off":
		*to = false
	default:
		r.wrongType(v, "true or false")
	}
}

// pin reads true, false or a place from 1.
func (r *reader) pin(v value) {
	if v.kind != isNumber {
		on := false
		if r.boolean(v, &on); on {
			r.post.Pin = pinLast
		}
		return
	}
	n, err := strconv.Atoi(v.text)
	if err != nil || n < 1 || n >= pinLast {
		r.fault(codeType, v.at, "pin is no place", "", "write pin = true, or pin = 1 for the first place")
		return
	}
	r.post.Pin = n
}

// maxTags bounds a post's tags.
const maxTags = 100

func (r *reader) list(v value, to *[]string) {
	items := v.items
	switch v.kind {
	case isList:
	case isString:
		// "tags: go, fediverse" is how Pelican and many hands write it.
		for s := range strings.SplitSeq(v.text, ",") {
			items = append(items, value{kind: isString, text: s, at: v.at})
		}
	default:
		r.wrongType(v, "a list")
		return
	}
	if n := len(*to) + len(items); n > maxTags {
		r.fault(codeTags, v.at, fmt.Sprintf("%d entries", n), "", fmt.Sprintf("at most %d: each becomes a page", maxTags))
		return
	}
	for _, item := range items {
		var s string
		r.text(item, &s)
		if s != "" {
			*to = append(*to, s)
		}
	}
}

// distinct drops repetitions, whatever their case.
func distinct(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if k := slugOf(s); k != "" && !seen[k] {
			seen[k] = true
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) choice(v value, to *string, choices ...string) {
	if !slices.Contains(choices, v.text) {
		help := "one of " + strings.Join(choices, ", ")
		if near := site.Nearest(v.text, choices); near != "" {
			help = fmt.Sprintf("did you mean %q? (%s)", near, help)
		}
		r.fault(codeChoice, v.at, fmt.Sprintf("%q is not a choice here", v.text), "", help)
		return
	}
	*to = v.text
}

func (r *reader) announce(v value) {
	var yes bool
	if r.boolean(v, &yes); yes {
		r.post.Fediverse.Announce = "yes"
	} else {
		r.post.Fediverse.Announce = "no"
	}
}

func (r *reader) description(v value) {
	var s string
	if r.text(v, &s); r.post.Summary == "" {
		r.post.Summary = s
	}
}

func (r *reader) image(v value) {
	if v.kind == isString {
		r.text(v, &r.post.Image.Src)
		return
	}
	r.table(v, "image", imageKeys)
}

// policy is who may do something with the post.
func (r *reader) policy(v value, to *string) { r.choice(v, to, "public", "followers", "nobody") }

// focus is the place of a picture that a crop keeps, two numbers from -1 to 1.
func (r *reader) focus(v value) {
	var at []float64
	for _, item := range v.items {
		n, ok := item.plain().(float64)
		if !ok || n < -1 || n > 1 {
			break
		}
		at = append(at, n)
	}
	if v.kind != isList || len(v.items) != 2 || len(at) != 2 {
		r.fault(codeChoice, v.at, "this is no place in a picture", "", "two numbers from -1 to 1, left to right and bottom to top: focus = [0, 0.4]")
		return
	}
	r.post.Image.Focus = at
}

func (r *reader) mention(v value) {
	r.list(v, &r.post.Fediverse.Mention)
	for _, s := range r.post.Fediverse.Mention {
		if h, ok := activitypub.CutHandle(strings.TrimPrefix(s, "@")); !ok || h != strings.TrimPrefix(s, "@") {
			r.fault(codeMention, v.at, fmt.Sprintf("%q is no account", s), "", `write mention = ["@ada@example.org"]`)
		}
	}
}

func (r *reader) lang(v value) {
	if _, err := language.Parse(v.text); err != nil {
		r.fault(codeChoice, v.at, fmt.Sprintf("%q is not a language tag", v.text), "", `write "en", "de" or "pt-BR"`)
		return
	}
	r.post.Lang, r.post.NamedLang = v.text, true
}

func (r *reader) comments(v value) {
	switch s := strings.ToLower(v.text); {
	case s == "true" || s == "yes" || s == "on":
		r.post.Comments = "on"
	case s == "false" || s == "no" || s == "off":
		r.post.Comments = "off"
	case s == "read-only", daysShape.MatchString(s):
		r.post.Comments = s
	default:
		r.fault(codeChoice, v.at, fmt.Sprintf("%q is not a choice here", v.text), "", "one of on, off, read-only, or a time such as 90d")
	}
}

// toc reads true, false or auto.
func (r *reader) toc(v value) {
	switch strings.ToLower(v.text) {
	case "true", "yes", "on":
		r.post.TOC = "on"
	case "false", "no", "off":
		r.post.TOC = "off"
	case "auto":
		r.post.TOC = "auto"
	default:
		r.fault(codeChoice, v.at, fmt.Sprintf("%q is not a choice here", v.text), "", "one of true, false, auto (from three headings on)")
	}
}

// relates reads related = false.
func (r *reader) relates(v value) {
	on := true
	r.boolean(v, &on)
	r.post.Unrelated = !on
}

func (r *reader) author(v value) {
	r.text(v, &r.post.Author)
	if _, ok := r.config.Authors[r.post.Author]; !ok && len(r.config.Authors) > 0 {
		names := slices.Sorted(maps.Keys(r.config.Authors))
		help := "config.toml knows " + strings.Join(names, ", ")
		if near := site.Nearest(r.post.Author, names); near != "" {
			help = fmt.Sprintf("did you mean %q?", near)
		}
		r.fault(codeAuthor, v.at, fmt.Sprintf("there is no [authors.%s] in config.toml", r.post.Author), "", help)
	}
}

func (r *reader) params(v value) {
	if v.kind != isTable {
		r.wrongType(v, "a table")
		return
	}
	for _, f := range v.fields {
		r.param(f.name, f.value)
	}
}

func (r *reader) param(name string, v value) {
	if r.post.Params == nil {
		r.post.Params = map[string]any{}
	}
	r.post.Params[name] = v.plain()
}

// plain gives the value as JSON would: a theme sees the same whether it comes from the file or from the cache.
func (v value) plain() any {
	switch v.kind {
	case isList:
		list := []any{}
		for _, i := range v.items {
			list = append(list, i.plain())
		}
		return list
	case isTable:
		m := map[string]any{}
		for _, f := range v.fields {
			m[f.name] = f.value.plain()
		}
		return m
	case isBool:
		return v.text == "true"
	case isNumber:
		var n float64
		if json.Unmarshal([]byte(strings.ReplaceAll(v.text, "_", "")), &n) == nil {
			return n
		}
	case isNull:
		return nil
	}
	return v.text
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}
