package highlight

import "github.com/alecthomas/chroma/v2"

func (s *scanner) inString() bool {
	n := len(s.open)
	return n > 0 && s.open[n-1] == inString
}

// shellString takes the next part of a string in double quotes.
func shellString(s *scanner) {
	switch s.text[s.pos] {
	case '"':
		s.pop(chroma.LiteralStringDouble, 1)
		return
	case '$':
		shellDollar(s)
		return
	}
	i := s.pos
	for i < len(s.text) && s.text[i] != '"' && s.text[i] != '$' {
		if s.text[i] == '\\' {
			i++
		}
		i++
	}
	s.take(chroma.LiteralStringDouble, min(i, len(s.text)))
}

// shellCurly takes what has a rule of its own within ${}.
func shellCurly(s *scanner, c byte) bool {
	switch {
	case c == '}':
		s.pop(chroma.LiteralStringInterpol, 1)
	case s.has(s.pos, ":-"):
		s.take(chroma.Keyword, s.pos+2)
	case classes[c]&word != 0:
		s.take(chroma.NameVariable, s.run(s.pos, word))
	case c == ':':
		s.take(chroma.Punctuation, s.pos+1)
	case c == '"' || c == '\'' || c == '`' || c == '$' || c == '\\' || c >= 0x80:
		return false
	default:
		s.take(chroma.Punctuation, curlyText(s))
	}
	return true
}

func curlyText(s *scanner) int {
	i := s.pos
	for i < len(s.text) {
		switch s.text[i] {
		case '}', ':', '"', '\'', '`', '$', '\\':
			return i
		}
		i++
	}
	return i
}

// shellMath takes what has a rule of its own within $(()).
func shellMath(s *scanner, c byte) bool {
	switch {
	case s.has(s.pos, "))"):
		s.pop(chroma.Keyword, 2)
	case c == '-' || c == '+' || c == '*' || c == '/' || c == '%' || c == '^' || c == '|' || c == '&':
		s.take(chroma.Operator, s.pos+1)
	case classes[c]&digit != 0:
		end := s.run(s.pos, digit)
		if s.at(end) == '#' && s.at(end+1) != ' ' {
			end = s.run(end+1, digit)
		}
		s.take(chroma.LiteralNumber, end)
	default:
		return false
	}
	return true
}
