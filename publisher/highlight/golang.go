package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

var goKeywords = types{}.
	add(chroma.KeywordNamespace, "import package").
	add(chroma.KeywordDeclaration, "var func struct map chan type interface const").
	add(chroma.Keyword, "break default select case defer go else goto switch fallthrough if range continue for return").
	add(chroma.KeywordConstant, "true false iota nil")

const goBasic = "uint uint8 uint16 uint32 uint64 int int8 int16 int32 int64 float float32 float64 byte rune string bool error uintptr"

var goTypes = types{}.add(chroma.KeywordType, goBasic+" complex64 complex128 any")

// goCalls are builtins before a parenthesis.
var goCalls = types{}.add(chroma.NameBuiltin, goBasic+` complex64 complex128 print println panic recover close complex real imag
	len cap append copy delete new make clear min max`)

// goOperators are by their first byte, the longer ones first.
var goOperators = func() (t [128][]string) {
	for _, o := range strings.Fields("... <<= >>= &^= << >> <= >= &^ += -= *= /= %= &= |= && || <- ++ -- == != := + - * / % &") {
		t[o[0]] = append(t[o[0]], o)
	}
	return t
}()

func lexGo(s *scanner) {
	c := s.text[s.pos]
	switch {
	case classes[c]&space != 0:
		s.take(chroma.TextWhitespace, s.run(s.pos, space))
	case classes[c]&letter != 0:
		goWord(s)
	case classes[c]&digit != 0, c == '.' && classes[s.at(s.pos+1)]&digit != 0:
		goNumber(s)
	case c == '"':
		s.take(chroma.LiteralString, s.closed(s.pos+1, '"'))
	case c == '`':
		goRaw(s)
	case c == '\'':
		goChar(s)
	case c == '/' && (s.at(s.pos+1) == '/' || s.at(s.pos+1) == '*'):
		goComment(s)
	default:
		goOperator(s)
	}
}

func goComment(s *scanner) {
	if s.at(s.pos+1) == '*' {
		s.take(chroma.CommentMultiline, s.after(s.pos+2, "*/"))
		return
	}
	next := s.at(s.pos + 2)
	if next >= 0x80 {
		// It may be a blank beyond ASCII.
		s.failed = true
	} else if next == 0 || classes[next]&space != 0 {
		s.take(chroma.CommentSingle, s.line(s.pos))
	} else {
		s.take(chroma.CommentPreproc, s.line(s.pos))
	}
}

func goWord(s *scanner) {
	end := s.run(s.pos, word)
	w := s.text[s.pos:end]
	if s.at(end) >= 0x80 {
		s.failed = true
	} else if t, ok := goKeywords[w]; ok {
		s.take(t, end)
	} else if t, ok := goCalls[w]; s.at(end) == '(' && ok {
		s.take(t, end)
	} else if t, ok := goTypes[w]; ok {
		s.take(t, end)
	} else if blank := s.run(end, space); s.at(blank) == '(' {
		s.take(chroma.NameFunction, end)
		s.take(chroma.TextWhitespace, blank)
		s.take(chroma.Punctuation, blank+1)
	} else {
		s.take(chroma.NameOther, end)
	}
}

func goNumber(s *scanner) {
	whole := s.run(s.pos, digit)
	fraction := whole
	if s.at(whole) == '.' {
		fraction = s.run(whole+1, digit)
	}
	end, signed := goExponent(s, fraction)
	switch {
	case s.at(fraction) == 'i':
		s.take(chroma.LiteralNumber, fraction+1)
	case signed && s.at(end) == 'i':
		s.take(chroma.LiteralNumber, end+1)
	case fraction == whole+1:
		// chroma wants a digit between the point and the exponent.
		s.take(chroma.LiteralNumberFloat, fraction)
	case end > whole:
		s.take(chroma.LiteralNumberFloat, end)
	default:
		goInteger(s)
	}
}

// goExponent is the end of the exponent at i, i if there is none, and whether it has a sign.
func goExponent(s *scanner, i int) (end int, signed bool) {
	if c := s.at(i); c != 'e' && c != 'E' {
		return i, false
	}
	from := i + 1
	if c := s.at(from); c == '+' || c == '-' {
		from, signed = from+1, true
	}
	if end = s.run(from, digit); end > from {
		return end, signed
	}
	return i, false
}

func goInteger(s *scanner) {
	i := s.pos + 1
	second := s.at(i)
	switch {
	case s.text[s.pos] != '0':
		for classes[s.at(i)]&digit != 0 || s.at(i) == '_' {
			i++
		}
		s.take(chroma.LiteralNumberInteger, i)
	case classes[second]&octal != 0:
		s.take(chroma.LiteralNumberOct, s.run(i, octal))
	case second == 'x' || second == 'X':
		for i++; classes[s.at(i)]&hexadecimal != 0 || s.at(i) == '_'; i++ {
		}
		s.take(chroma.LiteralNumberHex, i)
	case second == 'b':
		for i++; classes[s.at(i)]&binary != 0 || s.at(i) == '_'; i++ {
		}
		s.take(chroma.LiteralNumberBin, i)
	default:
		s.take(chroma.LiteralNumberInteger, i)
	}
}

// goRaw leaves templates to chroma, which looks into them.
func goRaw(s *scanner) {
	end := s.after(s.pos+1, "`")
	if strings.Contains(s.text[s.pos:end], "{{") {
		s.failed = true
	}
	s.take(chroma.LiteralString, end)
}

func goChar(s *scanner) {
	i := s.pos + 1
	if s.at(i) == '\\' {
		i++
	}
	end := s.after(i+1, "'")
	// The longest is '\U0010ffff'.
	if end-s.pos > 12 || strings.Contains(s.text[s.pos:end], "\n") {
		s.failed = true
	}
	s.take(chroma.LiteralStringChar, end)
}

func goOperator(s *scanner) {
	c := s.text[s.pos]
	for _, o := range goOperators[c&0x7f] {
		if s.has(s.pos, o) {
			s.take(chroma.Operator, s.pos+len(o))
			return
		}
	}
	if strings.IndexByte("|^<>=!()[]{}.,;:~", c) >= 0 {
		s.take(chroma.Punctuation, s.pos+1)
		return
	}
	s.other()
}
