package importer

import (
	"path"
	"regexp"
	"strings"
)

var (
	liquidTag   = regexp.MustCompile(`(?s)\{%-?\s*(\w+)\s*(.*?)\s*-?%\}|\{\{-?\s*(.*?)\s*-?\}\}`)
	liquidValue = regexp.MustCompile(`^(?:"([^"]*)"|'([^']*)')\s*(\|.*)?$`)
)

// liquid turns Jekyll's tags and values into Markdown. What it does not know stays in the text, and is told of with its line.
func (j *jekyll) liquid(p *Post, s string) string {
	if !strings.Contains(s, "{%") && !strings.Contains(s, "{{") {
		return s
	}
	var out strings.Builder
	n, counted := p.Line, 0
	for at, tags := 0, 0; at < len(s); tags++ {
		m := liquidTag.FindStringSubmatchIndex(s[at:])
		if m == nil || tags >= maxCodes {
			out.WriteString(s[at:])
			break
		}
		start, end := at+m[0], at+m[1]
		out.WriteString(s[at:start])
		n, counted = n+strings.Count(s[counted:start], "\n"), start
		if m[2] < 0 {
			out.WriteString(j.value(p, s[start:end], s[at+m[6]:at+m[7]], n))
			at = end
			continue
		}
		with, length := j.tag(p, s[start:end], s[at+m[2]:at+m[3]], s[at+m[4]:at+m[5]], s[end:], n)
		out.WriteString(with)
		at = end + length
	}
	return out.String()
}

func (j *jekyll) unknown(p *Post, whole string, at int) string {
	j.note(Note{Code: CodeMarkup, File: p.Source, Line: at, Message: line(whole, 80) + " is not known here", Help: "it stays in the text of " + quoted(p.Title) + " as it was"})
	return whole
}

// value is what {{ … }} stands for.
func (j *jekyll) value(p *Post, whole, inner string, at int) string {
	name, filters, _ := strings.Cut(inner, "|")
	switch strings.TrimSpace(name) {
	case "site.baseurl", "site.url":
		if strings.Contains(filters, "append") || strings.Contains(filters, "prepend") {
			return j.unknown(p, whole, at)
		}
		return ""
	case "site.title":
		return j.blog.Title
	case "site.description":
		return j.blog.Description
	case "page.title":
		return p.Title
	case "page.url":
		return p.OldPath
	}
	if m := liquidValue.FindStringSubmatch(inner); m != nil && (m[3] == "" || strings.Contains(m[3], "_url") || strings.Contains(m[3], "prepend")) {
		return m[1] + m[2]
	}
	return j.unknown(p, whole, at)
}

// tag is what {% … %} stands for, and how much of what follows belongs to it.
func (j *jekyll) tag(p *Post, whole, name, rest, after string, at int) (with string, length int) {
	upTo := func(end string) (string, int) {
		if m := regexp.MustCompile(`\{%-?\s*` + end + `\s*-?%\}`).FindStringIndex(after); m != nil {
			return after[:m[0]], m[1]
		}
		return after, len(after)
	}
	switch name {
	case "raw":
		return upTo("endraw")
	case "comment":
		_, n := upTo("endcomment")
		return "", n
	case "highlight":
		body, n := upTo("endhighlight")
		lang, _, _ := strings.Cut(rest, " ")
		return fenced(lang, body), n
	case "link", "post_url":
		if to := j.target(name, strings.TrimSpace(rest)); to != "" {
			return between(p.Source, to), 0
		}
	case "gist":
		if id, _, _ := strings.Cut(strings.Trim(rest, `"'`), " "); id != "" {
			return "[Gist](https://gist.github.com/" + id + ")", 0
		}
	case "youtube", "vimeo":
		if to := film(name, strings.Trim(rest, `"' `)); to != "" {
			return "[Video](" + to + ")", 0
		}
	case "include", "include_relative", "include_cached":
		if s := include(rest); s != "" {
			return s, 0
		}
	}
	return j.unknown(p, whole, at), 0
}

func fenced(lang, body string) string {
	fence := "```"
	for strings.Contains(body, fence) {
		fence += "`"
	}
	return fence + strings.ToLower(line(lang, 30)) + "\n" + strings.Trim(body, "\n") + "\n" + fence
}

// include reads the commonest: a film, a picture.
func include(rest string) string {
	file, attrs, _ := strings.Cut(rest, " ")
	a := attributes(attrs)
	file = strings.ToLower(path.Base(file))
	for _, k := range []string{"id", "video_id", "youtube_id"} {
		if id := a[k]; id != "" && strings.Contains(file, "youtube") {
			return "[Video on YouTube](" + film("youtube", id) + ")"
		}
	}
	if strings.Contains(file, "figure") || strings.Contains(file, "image") || strings.Contains(file, "img") {
		for _, k := range []string{"src", "url", "image_path", "path", "image", "file"} {
			if src := a[k]; src != "" && !strings.Contains(src, "{{") {
				return picture(src, a["alt"], a["caption"])
			}
		}
	}
	return ""
}

// picture is a picture in Markdown. A title is its caption.
func picture(src, alt, caption string) string {
	s := "![" + strings.NewReplacer("[", `\[`, "]", `\]`).Replace(line(alt, maxTitle)) + "](" + destination(src)
	if caption = line(strings.NewReplacer("*", "", "`", "").Replace(caption), maxTitle); caption != "" {
		s += ` "` + strings.ReplaceAll(caption, `"`, `\"`) + `"`
	}
	return s + ")"
}

// target is the file that a link of Jekyll's names.
func (j *jekyll) target(kind, name string) string {
	name = strings.Trim(strings.TrimPrefix(name, "/"), `"'`)
	if kind == "link" {
		if j.known[name] {
			return name
		}
		return ""
	}
	for _, f := range j.names {
		if base := strings.TrimSuffix(f, path.Ext(f)); strings.Contains("/"+f, "/_posts/") && (base == "_posts/"+name || strings.HasSuffix(base, "/"+path.Base(name)) && !strings.Contains(name, "/")) {
			return f
		}
	}
	return ""
}

// between is the way from a file of the source to another; for what is no text, its address.
func between(from, to string) string {
	if isMedia(to) {
		return "/" + to
	}
	return strings.Repeat("../", strings.Count(from, "/")) + to
}
