package highlight

import "github.com/alecthomas/chroma/v2"

// grouped is the end of digits of a class from i on, which single underscores may part.
func (s *scanner) grouped(i int, c class) int {
	for {
		switch {
		case classes[s.at(i)]&c != 0:
			i++
		case s.at(i) == '_' && classes[s.at(i+1)]&c != 0:
			i += 2
		default:
			return i
		}
	}
}

func pyNumber(s *scanner) {
	whole := s.pos
	if s.text[whole] != '.' {
		whole = s.grouped(whole, digit)
	}
	if s.at(whole) == '.' {
		end := whole + 1
		if classes[s.at(end)]&digit != 0 {
			end = s.grouped(end, digit)
		}
		s.take(chroma.LiteralNumberFloat, pyExponent(s, end))
		return
	}
	if end := pyExponent(s, whole); end > whole {
		if s.at(end) == 'j' {
			end++
		}
		s.take(chroma.LiteralNumberFloat, end)
		return
	}
	if s.text[s.pos] == '0' && whole == s.pos+1 {
		pyBased(s)
		return
	}
	s.take(chroma.LiteralNumberInteger, whole)
}

// pyExponent is the end of the exponent at i, i if there is none.
func pyExponent(s *scanner, i int) int {
	if c := s.at(i); c != 'e' && c != 'E' {
		return i
	}
	from := i + 1
	if c := s.at(from); c == '+' || c == '-' {
		from++
	}
	if classes[s.at(from)]&digit == 0 {
		return i
	}
	return s.grouped(from, digit)
}

// pyBased takes a number of another base, or its 0.
func pyBased(s *scanner) {
	t, c := chroma.LiteralNumberInteger, class(0)
	switch s.at(s.pos + 1) {
	case 'o', 'O':
		t, c = chroma.LiteralNumberOct, octal
	case 'b', 'B':
		t, c = chroma.LiteralNumberBin, binary
	case 'x', 'X':
		t, c = chroma.LiteralNumberHex, hexadecimal
	}
	if end := s.grouped(s.pos+2, c); c != 0 && end > s.pos+2 {
		s.take(t, end)
		return
	}
	s.take(chroma.LiteralNumberInteger, s.pos+1)
}
