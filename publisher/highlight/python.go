package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// lexPython takes what chroma knows outside of expressions, else an expression.
func lexPython(s *scanner) {
	c := s.text[s.pos]
	switch {
	case c == '\n':
		s.take(chroma.Text, s.pos+1)
	case c == '#' && s.pos == 0 && s.at(1) == '!' && s.line(0) > 2:
		s.take(chroma.CommentHashbang, s.line(0))
	case c == '#':
		s.take(chroma.CommentSingle, s.line(s.pos))
	case c == '\\':
		s.take(chroma.Text, s.pos+1)
	case classes[c]&letter != 0 && pyStatement(s):
	default:
		pyExpression(s)
	}
}

// pyStatement takes the keywords that say what the next name is, and the keywords of statements.
func pyStatement(s *scanner) bool {
	end := s.run(s.pos, word)
	w := s.text[s.pos:end]
	if t, ok := pyOuter[w]; ok && w != "yield" && s.at(end) < 0x80 {
		s.take(t, end)
		return true
	}
	if w != "def" && w != "class" && w != "from" && w != "import" {
		return false
	}
	blank := pyBlank(s, end)
	if blank == end {
		return false
	}
	if w[0] == 'd' || w[0] == 'c' {
		s.take(chroma.Keyword, end)
	} else {
		s.take(chroma.KeywordNamespace, end)
	}
	s.take(chroma.Text, blank)
	switch w {
	case "def":
		pyFunction(s)
	case "class":
		pyNamed(s, chroma.NameClass)
	case "from":
		pyFrom(s)
	case "import":
		pyImport(s)
	}
	return true
}

// pyBlank is the end of blanks and continued lines.
func pyBlank(s *scanner, i int) int {
	for {
		switch {
		case classes[s.at(i)]&space != 0:
			i++
		case s.at(i) == '\\' && classes[s.at(i+1)]&space != 0:
			i += 2
		default:
			return i
		}
	}
}

// pyName is the end of the name here.
func pyName(s *scanner) int {
	if classes[s.at(s.pos)]&letter == 0 {
		if s.at(s.pos) >= 0x80 {
			s.failed = true
		}
		return s.pos
	}
	end := s.run(s.pos, word)
	if s.at(end) >= 0x80 {
		s.failed = true
	}
	return end
}

func pyFunction(s *scanner) {
	end := pyName(s)
	if t := pyMagic[s.text[s.pos:end]]; t == chroma.NameFunctionMagic {
		s.take(t, end)
		return
	}
	s.take(chroma.NameFunction, end)
}

func pyNamed(s *scanner, t chroma.TokenType) {
	end := pyName(s)
	if end == s.pos {
		s.failed = true
	}
	s.take(t, end)
}

// pyFrom takes the module after from, and import where it follows.
func pyFrom(s *scanner) {
	for !s.failed {
		if blank := s.run(s.pos, space); blank > s.pos {
			if s.has(blank, "import") && s.run(blank, word) == blank+len("import") {
				s.take(chroma.Text, blank)
				s.take(chroma.KeywordNamespace, blank+len("import"))
			}
			return
		}
		end := pyName(s)
		switch {
		case s.at(s.pos) == '.':
			s.take(chroma.NameNamespace, s.pos+1)
		case end == s.pos:
			return
		case s.text[s.pos:end] == "None":
			s.take(chroma.NameBuiltinPseudo, end)
			return
		default:
			s.take(chroma.NameNamespace, end)
		}
	}
}

// pyImport takes the modules after import.
func pyImport(s *scanner) {
	for !s.failed {
		blank := s.run(s.pos, space)
		end := pyName(s)
		switch {
		case s.at(s.pos) == '.':
			s.take(chroma.NameNamespace, s.pos+1)
		case end > s.pos:
			s.take(chroma.NameNamespace, end)
		case s.at(blank) == ',':
			s.take(chroma.Text, blank)
			s.take(chroma.Operator, blank+1)
			s.take(chroma.Text, s.run(s.pos, space))
		case blank > s.pos && s.has(blank, "as") && classes[s.at(blank+2)]&space != 0:
			s.take(chroma.Text, blank)
			s.take(chroma.Keyword, blank+2)
			s.take(chroma.Text, s.run(s.pos, space))
		default:
			return
		}
	}
}

// pyExpression takes what may stand in expressions too.
func pyExpression(s *scanner) {
	c := s.text[s.pos]
	switch {
	case c == '"' || c == '\'':
		pyString(s, s.pos)
	case classes[c]&letter != 0:
		pyWord(s)
	case c != '\n' && classes[c]&space != 0:
		for c != '\n' && classes[c]&space != 0 {
			s.take(chroma.Text, s.pos+1)
			c = s.at(s.pos)
		}
	case classes[c]&digit != 0, c == '.' && classes[s.at(s.pos+1)]&digit != 0:
		pyNumber(s)
	case s.has(s.pos, "!="), s.has(s.pos, ":="):
		s.take(chroma.Operator, s.pos+2)
	case strings.IndexByte("-~+/*%=<>&^|.", c) >= 0:
		s.take(chroma.Operator, s.pos+1)
	case strings.IndexByte("]{}:(),;[", c) >= 0:
		s.take(chroma.Punctuation, s.pos+1)
	case c == '@':
		pyDecorator(s)
	default:
		s.other()
	}
}

func pyDecorator(s *scanner) {
	if classes[s.at(s.pos+1)]&letter == 0 {
		s.take(chroma.Operator, s.pos+1)
		return
	}
	end := s.run(s.pos+1, word)
	for {
		point := s.run(end, space)
		name := s.run(point+1, space)
		if s.at(point) != '.' || classes[s.at(name)]&letter == 0 {
			s.take(chroma.NameDecorator, end)
			return
		}
		end = s.run(name, word)
	}
}

func pyWord(s *scanner) {
	end := pyName(s)
	w := s.text[s.pos:end]
	if q := s.at(end); (q == '"' || q == '\'') && pyPrefix(w) {
		pyString(s, end)
		return
	}
	if t, ok := pyInner[w]; ok {
		if w == "yield" && s.has(end, " from") && classes[s.at(end+5)]&word == 0 {
			end += len(" from")
		}
		s.take(t, end)
		return
	}
	if t, ok := pyNames[w]; ok && s.at(s.pos-1) != '.' {
		s.take(t, end)
		return
	}
	if t, ok := pyMagic[w]; ok {
		s.take(t, end)
		return
	}
	s.take(chroma.Name, end)
}
