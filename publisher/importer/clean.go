package importer

import (
	"regexp"
	"strings"
)

// outsideCode applies f to a Markdown text except to its code: fenced blocks, and spans between backticks.
func outsideCode(text string, f func(string) string) string {
	var out, prose strings.Builder
	fence, blank, listed := "", true, false
	flush := func() {
		out.WriteString(outsideSpans(prose.String(), f))
		prose.Reset()
	}
	for l := range strings.Lines(text) {
		mark := fenceOf(l)
		switch {
		case fence == "" && mark != "":
			flush()
			fence = mark
			out.WriteString(l)
		case fence != "":
			out.WriteString(l)
			if strings.HasPrefix(mark, fence) && strings.Trim(strings.TrimSpace(l), mark[:1]) == "" {
				fence = ""
			}
		case blank && !listed && (strings.HasPrefix(l, "    ") || strings.HasPrefix(l, "\t")):
			flush()
			out.WriteString(l) // an indented block: blank stays, since the next line goes on with it
			continue
		default:
			prose.WriteString(l)
			listed = listLine.MatchString(l) || listed && (strings.TrimSpace(l) == "" || l[0] == ' ' || l[0] == '\t')
		}
		blank = strings.TrimSpace(l) == ""
	}
	flush()
	return out.String()
}

var fenceLine = regexp.MustCompile("^[ \t>]*(?:[-*+] +|[0-9]+[.)] +)?(`{3,}|~{3,})")

var listLine = regexp.MustCompile(`^ {0,3}(?:[-*+]|[0-9]+[.)])[ \t]`)

// fenceOf is the row of signs that begins or ends a fenced block on a line, "" if there is none.
func fenceOf(l string) string {
	m := fenceLine.FindStringSubmatch(l)
	if m == nil || m[1][0] == '`' && strings.Contains(strings.TrimSpace(l)[len(m[1]):], "`") {
		return ""
	}
	return m[1]
}

// outsideSpans applies f to what stands outside of code spans. A row of backticks without its like opens none.
func outsideSpans(s string, f func(string) string) string {
	if !strings.Contains(s, "`") {
		return f(s)
	}
	var out strings.Builder
	start := 0
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		n := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		end := closing(s[i+n:], n)
		if end < 0 {
			i += n
			continue
		}
		out.WriteString(f(s[start:i]))
		out.WriteString(s[i : i+n+end+n])
		i += n + end + n
		start = i
	}
	out.WriteString(f(s[start:]))
	return out.String()
}

// maxSpan bounds a code span in bytes: without it, a text of backticks alone would be read over and over.
const maxSpan = 16 << 10

// closing is where a row of exactly n backticks begins in s before the paragraph ends, -1 if none does.
func closing(s string, n int) int {
	s = s[:min(len(s), maxSpan)]
	if end := strings.Index(s, "\n\n"); end >= 0 {
		s = s[:end]
	}
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], '`')
		if j < 0 {
			return -1
		}
		i += j
		m := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if m == n {
			return i
		}
		i += m
	}
	return -1
}

// What raw HTML in Markdown must not carry over: elements that run, load or send something.
var (
	paired   = regexp.MustCompile(`(?is)<(script|style|iframe|object|form|noscript|template|textarea|applet|svg|dialog)\b[^>]*>.*?</(script|style|iframe|object|form|noscript|template|textarea|applet|svg|dialog)\s*>`)
	single   = regexp.MustCompile(`(?i)</?(script|style|iframe|object|form|noscript|template|textarea|applet|svg|dialog|embed|input|button|select|meta|link|base|frame|frameset)\b[^>\n]*>`)
	handler  = regexp.MustCompile(`(?i)(<[a-z][^<>]*?)\s(?:on[a-z]+|style|srcdoc|formaction)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)`)
	running  = regexp.MustCompile(`(?i)(\b(?:href|src|action)\s*=\s*["']?)\s*(?:javascript|vbscript|data):[^"'>\s]*`)
	runLinks = regexp.MustCompile(`(?i)(\]\(\s*<?)\s*(?:javascript|vbscript):[^)\s]*`)
	calls    = regexp.MustCompile("\\{\\{[<%][^`\n]*?[>%]\\}\\}")
	tagName  = regexp.MustCompile(`^<([a-z]+)`)
	source   = regexp.MustCompile(`(?i)\bsrc\s*=\s*("[^"]*"|'[^']*')`)
)

// clean takes out of a Markdown text the HTML that does something, and tells of it. Pages obey a strict policy and would run none of it.
func (in *importing) clean(p *Post) {
	p.Body = outsideCode(p.Body, func(s string) string {
		if !strings.ContainsAny(s, "<({") {
			return s
		}
		s = paired.ReplaceAllStringFunc(s, func(m string) string { return in.dropRaw(p, m) })
		s = single.ReplaceAllStringFunc(s, func(m string) string { return in.dropRaw(p, m) })
		for range 8 { // each time one attribute of an element
			t := handler.ReplaceAllString(s, "$1")
			if t == s {
				break
			}
			s = t
		}
		s = running.ReplaceAllString(s, "$1#")
		s = calls.ReplaceAllString(s, "`$0`") // the text shows a shortcode and must call none
		return runLinks.ReplaceAllString(s, "$1#")
	})
}

// dropRaw tells of an element and gives what stands in its place: for a frame a link.
func (in *importing) dropRaw(p *Post, m string) string {
	low := strings.ToLower(m)
	src := ""
	if g := source.FindStringSubmatch(m); g != nil {
		src = g[1][1 : len(g[1])-1]
	}
	if strings.HasPrefix(low, "<iframe") {
		if at, name := embedded(unescaped(src)); at != "" {
			if name == "" {
				name = at
				in.about(p, CodeHTML, "<iframe> "+at+" became a link", "")
			}
			return "[" + strings.NewReplacer("[", "", "]", "").Replace(name) + "](" + destination(at) + ")"
		}
	}
	if g := tagName.FindStringSubmatch(low); g != nil && g[1] != "style" {
		in.about(p, CodeHTML, strings.TrimSpace("<"+g[1]+"> "+line(src, 100))+" was dropped", "")
	}
	return ""
}
