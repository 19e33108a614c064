package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// pyDeepest is how far strings may stand in expressions of f-strings of strings: a text of nothing else must not use up the
// stack.
const pyDeepest = 16

// pyQuoted is a string as its quotes and prefix have it.
type pyQuoted struct {
	quote     string
	text      chroma.TokenType
	raw, expr bool // r and f
}

func pyPrefix(w string) bool {
	switch strings.ToLower(w) {
	case "r", "b", "u", "f", "rb", "br", "rf", "fr":
		return true
	}
	return false
}

// pyString takes a whole string, whose quote stands at open, after its prefix.
func pyString(s *scanner, open int) {
	prefix := s.text[s.pos:open]
	q := pyQuoted{quote: s.text[open : open+1], text: chroma.LiteralStringDouble}
	if q.quote == "'" {
		q.text = chroma.LiteralStringSingle
	}
	if s.at(open+1) == q.quote[0] && s.at(open+2) == q.quote[0] {
		q.quote = s.text[open : open+3]
	}
	q.raw = strings.ContainsAny(prefix, "rR")
	q.expr = strings.ContainsAny(prefix, "fF")
	if s.depth++; s.depth > pyDeepest {
		s.failed = true
		return
	}
	s.take(chroma.LiteralStringAffix, open)
	s.take(q.text, open+len(q.quote))
	for !s.failed && !s.has(s.pos, q.quote) {
		pyPart(s, q)
	}
	s.take(q.text, s.pos+len(q.quote))
	s.depth--
}

// pyPart takes the next part of a string. A string without an end, or with a line's end where none may be, fails.
func pyPart(s *scanner, q pyQuoted) {
	c := s.at(s.pos)
	switch {
	case c == 0, c == '\n' && len(q.quote) == 1:
		s.failed = true
	case c == '\\':
		pyEscape(s, q)
	case q.expr && (s.has(s.pos, "{{") || s.has(s.pos, "}}")):
		s.take(chroma.LiteralStringEscape, s.pos+2)
	case q.expr && c == '}':
		s.take(chroma.LiteralStringInterpol, s.pos+1)
	case q.expr && c == '{':
		s.take(chroma.LiteralStringInterpol, s.pos+1)
		pyInterpolated(s)
	case c == '%' && !q.expr:
		pyPlaced(s, q, pyPercent(s))
	case c == '{' && !q.expr:
		pyPlaced(s, q, pyBraces(s))
	case c == '\n', c == '"', c == '\'':
		s.take(q.text, s.pos+1)
	default:
		pyPlain(s, q)
	}
}

// pyPlaced takes a placeholder up to end; where there is none, its first byte as text.
func pyPlaced(s *scanner, q pyQuoted, end int) {
	if end > s.pos {
		s.take(chroma.LiteralStringInterpol, end)
		return
	}
	s.take(q.text, s.pos+1)
}

func pyPlain(s *scanner, q pyQuoted) {
	i := s.pos
	for i < len(s.text) && strings.IndexByte("\\'\"%{}\n", s.text[i]) < 0 {
		i++
	}
	s.take(q.text, max(i, s.pos+1))
}

// pyEscape takes an escape, or the backslash of what is none.
func pyEscape(s *scanner, q pyQuoted) {
	next := s.at(s.pos + 1)
	n := 0
	switch {
	case len(q.quote) == 1 && (next == '\\' || next == '\n' || next == q.quote[0]):
		n = 2
	case q.raw || next == 0:
	case strings.IndexByte("\\abfnrtv\"'\n", next) >= 0:
		n = 2
	case next == 'N' && s.at(s.pos+2) == '{':
		if end := strings.IndexAny(s.text[s.pos:min(s.pos+pyLongest, len(s.text))], "}\n"); end > 0 && s.text[s.pos+end] == '}' {
			n = end + 1
		}
	case classes[next]&octal != 0:
		n = min(s.run(s.pos+1, octal)-s.pos, 4)
	default:
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[next]
		if digits > 0 && s.run(s.pos+2, hexadecimal) >= s.pos+2+digits {
			n = 2 + digits
		}
	}
	if n == 0 {
		s.take(q.text, s.pos+1)
		return
	}
	s.take(chroma.LiteralStringEscape, s.pos+n)
}

// pyInterpolated takes the expression of an f-string and the } or : after it. What brackets it opens it must close.
func pyInterpolated(s *scanner) {
	inner := 0
	for !s.failed {
		c := s.at(s.pos)
		if c == 0 {
			s.failed = true
			return
		}
		if inner == 0 {
			if end := pyExpressionEnd(s); end > s.pos {
				s.take(chroma.LiteralStringInterpol, end)
				return
			}
		}
		switch {
		case c == '{' || c == '(' || c == '[':
			inner++
		case (c == '}' || c == ')' || c == ']') && inner > 0:
			inner--
		}
		if classes[c]&space != 0 {
			s.take(chroma.Text, s.run(s.pos, space))
			continue
		}
		pyExpression(s)
	}
}

// pyExpressionEnd is after =, !r and the } or : that end an expression; where they do not, here.
func pyExpressionEnd(s *scanner) int {
	i := s.pos
	if s.at(i) == '=' {
		i = s.run(i+1, space)
	}
	if next := s.at(i + 1); s.at(i) == '!' && (next == 's' || next == 'r' || next == 'a' || next == 'f') {
		i += 2
	}
	if s.at(i) == '}' || s.at(i) == ':' {
		return i + 1
	}
	return s.pos
}
