package importer

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

var (
	wpOpen    = regexp.MustCompile(`\[(\[?)([A-Za-z][A-Za-z0-9_-]*)((?:[\s=][^\[\]]*)?)\](\]?)`)
	wpAttr    = regexp.MustCompile(`([A-Za-z0-9_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))|"([^"]*)"|(\S+)`)
	wpCode    = regexp.MustCompile(`(?is)<(pre|code)\b[^>]*>.*?</(pre|code)>`)
	wpPicture = regexp.MustCompile(`(?is)^\s*((?:<a\b[^>]*>)?\s*<img\b[^>]*>\s*(?:</a>)?)(.*)$`)
	wpFilm    = regexp.MustCompile(`^[A-Za-z0-9_-]{6,20}$`)
)

// Bounds of the shortcodes of one post, far beyond any real one: how many are looked at, and how many bytes one may hold.
const (
	maxCodes = 2_000
	maxInner = 1 << 20
)

// shortcodes turns WordPress's shortcodes into HTML. Those that it does not know stay in the text, and are told of with their line.
type shortcodes struct {
	in      *importing
	post    *Post
	line    int // of the text's first line in the export
	gallery func(ids string) string
}

func (s shortcodes) turn(text string) string {
	if !strings.Contains(text, "[") {
		return text
	}
	code := wpCode.FindAllStringIndex(text, -1)
	var out strings.Builder
	last, n, counted := 0, s.line, 0
	ends := closingsOf(text)
	for at, codes := 0, 0; at < len(text) && codes < maxCodes; codes++ {
		m := wpOpen.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		start, end := at+m[0], at+m[1]
		if skip := inside(code, start); skip > 0 {
			at = skip
			continue
		}
		name, attrs := text[at+m[4]:at+m[5]], text[at+m[6]:at+m[7]]
		escaped := m[3] > m[2] && m[9] > m[8]
		n, counted = n+strings.Count(text[counted:start], "\n"), start
		low := strings.ToLower(name)
		with, length := s.one(low, attrs, text[end:min(len(text), end+maxInner)], ends.after(low, end), n)
		switch {
		case escaped:
			out.WriteString(text[last:start] + text[start+1:end-1]) // [[name]] is how to write [name]
			at, last = end, end
		case length < 0:
			at = end
		default:
			out.WriteString(text[last:start] + with)
			at = end + length
			last = at
		}
	}
	return out.String() + text[last:]
}

// inside gives the end of the range that holds a place, 0 if none does.
func inside(ranges [][]int, at int) int {
	for _, r := range ranges {
		if at >= r[0] && at < r[1] {
			return r[1]
		}
	}
	return 0
}

// closings are where the ends of shortcodes stand, by name. They are looked for once: a text of beginnings alone must not be read over and over.
type closings map[string][]int

func closingsOf(text string) closings {
	c := closings{}
	for at := 0; ; {
		i := strings.Index(text[at:], "[/")
		if i < 0 {
			return c
		}
		start := at + i
		at = start + 2
		for at < len(text) && (text[at] == '_' || text[at] == '-' || '0' <= text[at] && text[at] <= '9' || 'a' <= text[at]|0x20 && text[at]|0x20 <= 'z') {
			at++
		}
		if at < len(text) && text[at] == ']' {
			name := strings.ToLower(text[start+2 : at])
			c[name] = append(c[name], start)
		}
	}
}

// after is how far behind a place the next end of a shortcode is, -1 where there is none within maxInner.
func (c closings) after(name string, place int) int {
	i, _ := slices.BinarySearch(c[name], place)
	if i == len(c[name]) || c[name][i]-place > maxInner-len(name)-3 {
		return -1
	}
	return c[name][i] - place
}

// one gives what stands for a shortcode, and how much of what follows it belongs to it; -1 leaves it as it is. Its end is so far behind it, -1 for none.
func (s shortcodes) one(name, attrs, rest string, inner, at int) (with string, length int) {
	a := attributes(attrs)
	closed := inner >= 0
	body, whole := "", 0
	if closed {
		body, whole = rest[:inner], inner+len("[/"+name+"]")
	}
	switch name {
	case "caption", "wp_caption":
		if m := wpPicture.FindStringSubmatch(body); closed && m != nil {
			text := strings.TrimSpace(m[2])
			if text == "" {
				text = a["caption"]
			}
			return "\n\n<figure>" + m[1] + "<figcaption>" + text + "</figcaption></figure>\n\n", whole
		}
	case "gallery":
		return s.gallery(a["ids"]), 0
	case "embed":
		if closed {
			return "\n\n" + strings.TrimSpace(body) + "\n\n", whole
		}
	case "youtube", "vimeo":
		if at := film(name, first(a)); at != "" {
			return "\n\n<a href=\"" + html.EscapeString(at) + "\">" + map[string]string{"youtube": "Video on YouTube", "vimeo": "Video on Vimeo"}[name] + "</a>\n\n", 0
		}
	case "audio", "video":
		for _, k := range []string{"src", "mp3", "m4a", "ogg", "wav", "flac", "mp4", "m4v", "webm", "ogv", "mov", ""} {
			if src := a[k]; src != "" && web(src) {
				return "\n\n<" + name + " src=\"" + html.EscapeString(src) + "\"></" + name + ">\n\n", whole
			}
		}
	case "code", "sourcecode", "source", "php", "python", "js", "css", "html", "sql", "bash", "java", "ruby":
		if closed {
			return codeBlock(name, a, body), whole
		}
	}
	if closed || strings.Contains(attrs, "=") {
		s.in.note(Note{Code: CodeMarkup, File: s.post.Source, Line: at, Message: "the shortcode " + line("["+name+attrs, 60) + "] is not known here", Help: "it stays in the text of " + quoted(s.post.Title) + " as it was"})
	}
	return "", -1
}

func quoted(s string) string { return "“" + line(s, 60) + "”" }

// codeBlock is a block of code. Its text may be escaped already, by the editor.
func codeBlock(name string, a map[string]string, body string) string {
	lang := a["language"]
	if lang == "" {
		lang = a["lang"]
	}
	if lang == "" && name != "code" && name != "sourcecode" && name != "source" {
		lang = name
	}
	class := ""
	if lang != "" {
		class = ` class="language-` + html.EscapeString(line(lang, 30)) + `"`
	}
	return "\n\n<pre><code" + class + ">" + html.EscapeString(html.UnescapeString(strings.Trim(body, "\r\n"))) + "</code></pre>\n\n"
}

// attributes reads key="value" and bare values; the first bare one has the key "".
func attributes(s string) map[string]string {
	a := map[string]string{}
	s = strings.TrimSpace(strings.NewReplacer("“", `"`, "”", `"`, "″", `"`, "&quot;", `"`, "&#8221;", `"`).Replace(s))
	if v, ok := strings.CutPrefix(s, "="); ok { // [youtube=ADDRESS]
		s = strings.TrimSpace(v)
		a[""] = strings.Trim(s, `"'`)
		return a
	}
	for _, m := range wpAttr.FindAllStringSubmatch(s, 50) {
		switch {
		case m[1] != "":
			a[strings.ToLower(m[1])] = m[2] + m[3] + m[4]
		case a[""] == "":
			a[""] = m[5] + m[6]
		}
	}
	return a
}

func first(a map[string]string) string {
	for _, k := range []string{"", "url", "id", "src"} {
		if a[k] != "" {
			return a[k]
		}
	}
	return ""
}

// film is the page of a film on one of the two great sites: of its address there, or of its id.
func film(name, s string) string {
	s = html.UnescapeString(strings.TrimSpace(s))
	if strings.Contains(s, "/") {
		if at, _ := embedded(s); at != "" {
			return at
		}
		return ""
	}
	if !wpFilm.MatchString(s) {
		return ""
	}
	if name == "vimeo" {
		return "https://vimeo.com/" + s
	}
	return "https://www.youtube.com/watch?v=" + s
}
