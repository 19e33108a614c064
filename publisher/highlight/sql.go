package highlight

import "github.com/alecthomas/chroma/v2"

func sqlTable() *table {
	t := new(table)
	t.on(blanks, run(chroma.TextWhitespace, space))
	t.on("-", rest(chroma.CommentSingle, "--", true))
	t.on("/", kind(chroma.CommentMultiline, func(s *scanner, i int) int { return s.nested(i, "/*", "*/") }))
	t.on(`'`, kind(chroma.LiteralStringSingle, sqlString))
	t.on(`"`, kind(chroma.LiteralStringDouble, sqlString))
	t.on(letters, capitals(types{}.add(chroma.Keyword, sqlKeywords).add(chroma.NameBuiltin, sqlTypes), chroma.Name))
	t.on("+*/<>=~!@#%^&|`?-", one(chroma.Operator))
	t.on(digits, run(chroma.LiteralNumberInteger, digit))
	t.on(";:()[],.", one(chroma.Punctuation))
	return t
}

// sqlString is the end of a string in which a quote stands for itself if it is doubled. One that does not end goes on to the end of
// the text.
func sqlString(s *scanner, i int) int {
	quote := s.text[i]
	for i++; i < len(s.text); i++ {
		if s.text[i] != quote {
			continue
		}
		if s.at(i+1) != quote {
			return i + 1
		}
		i++
	}
	return len(s.text)
}

// nested is the end of a comment at i that may have others in it, the end of the text if it has none, and i itself where none begins.
func (s *scanner) nested(i int, begin, end string) int {
	if !s.has(i, begin) {
		return i
	}
	for depth := 0; i < len(s.text); {
		switch {
		case s.has(i, begin):
			depth++
			i += len(begin)
		case s.has(i, end):
			depth--
			i += len(end)
		default:
			i++
		}
		if depth == 0 {
			return i
		}
	}
	return len(s.text)
}

// capitals takes words that are in the list if they are written in capitals, and others as names.
func capitals(list types, name chroma.TokenType) action {
	longest := 0
	for w := range list {
		longest = max(longest, len(w))
	}
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		var upper [32]byte
		if n := end - s.pos; n <= min(longest, len(upper)) {
			for i := range n {
				upper[i] = s.text[s.pos+i]
				if 'a' <= upper[i] && upper[i] <= 'z' {
					upper[i] -= 'a' - 'A'
				}
			}
			if t, ok := list[string(upper[:n])]; ok {
				s.take(t, end)
				return true
			}
		}
		s.take(name, s.run(end, word|dollar))
		return true
	}
}
