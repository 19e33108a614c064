package importer

import (
	"cmp"
	"path"
	"regexp"
	"strings"
)

var hugoTag = regexp.MustCompile(`(?s)\{\{([<%])(/\*)?\s*(/?)\s*([A-Za-z0-9_./-]+)(.*?)\s*(\*/)?[>%]\}\}`)

// shortcodes turns Hugo's shortcodes into Markdown. Of those that it does not know the inner text stays, and their line is told.
func (h *hugo) shortcodes(p *Post, s string) string {
	var out strings.Builder
	n, counted := p.Line, 0
	for at, codes := 0, 0; at < len(s); codes++ {
		m := hugoTag.FindStringSubmatchIndex(s[at:])
		if m == nil || codes >= maxCodes {
			out.WriteString(s[at:])
			break
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return s[at+m[2*i] : at+m[2*i+1]]
		}
		start, end := at+m[0], at+m[1]
		out.WriteString(s[at:start])
		n, counted = n+strings.Count(s[counted:start], "\n"), start
		switch {
		case group(2) != "": // {{</* name */>}} is how to write about a shortcode
			out.WriteString("{{" + group(1) + " " + strings.TrimSpace(group(4)+group(5)) + " " + map[string]string{"<": ">", "%": "%"}[group(1)] + "}}")
			at = end
		case group(3) != "": // the end of one that was not known
			at = end
		default:
			with, length := h.shortcode(p, s[start:end], group(4), strings.TrimSuffix(strings.TrimSpace(group(5)), "/"), s[end:min(len(s), end+maxInner)], s[:start], n)
			out.WriteString(with)
			at = end + length
		}
	}
	return out.String()
}

// shortcode is what one stands for, and how much of what follows belongs to it.
func (h *hugo) shortcode(p *Post, whole, name, attrs, after, before string, at int) (with string, length int) {
	a := attributes(attrs)
	switch name {
	case "figure", "img", "image":
		if src := cmp.Or(a["src"], a[""]); src != "" {
			caption := cmp.Or(a["caption"], a["title"])
			if a["caption"] != "" && a["title"] != "" {
				caption = a["title"] + ": " + a["caption"]
			}
			return picture(src, cmp.Or(a["alt"], a["caption"], a["title"]), strings.TrimSpace(caption+" "+a["attr"])), 0
		}
	case "youtube", "vimeo":
		if to := film(name, cmp.Or(a["id"], a[""])); to != "" {
			return "[" + map[string]string{"youtube": "Video on YouTube", "vimeo": "Video on Vimeo"}[name] + "](" + to + ")", 0
		}
	case "highlight", "code":
		if body, n := inner(after, name); n > 0 {
			lang, _, _ := strings.Cut(cmp.Or(a["lang"], a["language"], a[""]), " ")
			return fenced(lang, body), n
		}
	case "ref", "relref":
		if to, ok := h.ref(p, cmp.Or(a["path"], a[""])); ok {
			return asLink(before, to), 0
		}
	case "gist":
		if words := strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(attrs)); len(words) >= 2 {
			return "[Gist](https://gist.github.com/" + words[0] + "/" + words[1] + ")", 0
		}
	case "tweet", "x", "twitter":
		if a["user"] != "" && a["id"] != "" {
			return "[@" + a["user"] + "](https://x.com/" + a["user"] + "/status/" + a["id"] + ")", 0
		}
	case "instagram":
		if id := cmp.Or(a["id"], a[""]); id != "" {
			return "[Instagram](https://www.instagram.com/p/" + id + "/)", 0
		}
	case "param":
		if v := scalar(p.Params[strings.ToLower(a[""])]); v != "" {
			return v, 0
		}
	case "details":
		if body, n := inner(after, name); n > 0 {
			return "**" + cmp.Or(a["summary"], a[""], "Details") + "**\n\n" + h.shortcodes(p, body), n
		}
	}
	h.note(Note{Code: CodeMarkup, File: p.Source, Line: at, Message: "the shortcode " + line(whole, 80) + " is not known here", Help: "it was dropped from " + quoted(p.Title) + "; what it held stays"})
	return "", 0
}

// asLink is an address as a text has it: where it does not stand in a link, or in an attribute, it becomes one, with the file's name.
func asLink(before, to string) string {
	for _, open := range []string{"](", "](<", `="`, "='", "]: ", "="} {
		if strings.HasSuffix(before, open) {
			return to
		}
	}
	name, fragment, _ := strings.Cut(to, "#")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "/index.md"), ".md")
	return "[" + cmp.Or(path.Base(name), fragment) + "](" + to + ")"
}

// inner is the text up to the end of a shortcode, and how long it is with that end; 0 where there is none.
func inner(after, name string) (string, int) {
	m := regexp.MustCompile(`\{\{[<%]\s*/\s*` + regexp.QuoteMeta(name) + `\s*[>%]\}\}`).FindStringIndex(after)
	if m == nil {
		return "", 0
	}
	return after[:m[0]], m[1]
}

// ref is the way to the page that a link of Hugo's names, by its path or its file's name alone.
func (h *hugo) ref(p *Post, name string) (string, bool) {
	name, fragment, hash := strings.Cut(name, "#")
	if hash {
		fragment = "#" + fragment
	}
	if name == "" {
		return fragment, hash
	}
	name = strings.TrimPrefix(name, "/")
	for _, full := range []string{name, name + ".md", strings.TrimSuffix(name, "/") + "/index.md"} {
		if h.known[h.content+"/"+full] {
			return between(p.Source, h.content+"/"+full) + fragment, true
		}
		dir, _, _ := cutLast(p.Source, "/")
		if h.known[dir+"/"+full] {
			return full + fragment, true
		}
	}
	for _, f := range h.names {
		for _, end := range []string{"/" + name, "/" + name + ".md", "/" + name + "/index.md"} {
			if strings.HasPrefix(f, h.content+"/") && strings.HasSuffix(f, end) && textFile(f) {
				return between(p.Source, f) + fragment, true
			}
		}
	}
	return "", false
}
