package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

const (
	cKeywords = `restricted volatile continue register default typedef struct extern switch sizeof static return union while const break
		goto enum else case auto for asm if do`
	cTypes = `bool int long float short double char char8_t char16_t char32_t unsigned signed void int8_t int16_t int32_t int64_t uint8_t
		uint16_t uint32_t uint64_t int_fast8_t int_fast16_t int_fast32_t int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t
		uint_fast64_t int_least8_t int_least16_t int_least32_t int_least64_t uint_least8_t uint_least16_t uint_least32_t uint_least64_t`
	cReserved = `typename __inline restrict _inline thread inline naked __m128i __m128d __m128 __m64 __forceinline __identifier __unaligned
		__declspec __fastcall __finally __stdcall __wchar_t __assume __except __int32 __cdecl __int16 __leave __based __raise __int64
		__noop __int8 __w64 __try __asm`
)

func cWords(t types) types {
	return t.
		add(chroma.Keyword, cKeywords).
		add(chroma.KeywordType, cTypes).
		add(chroma.KeywordReserved, cReserved).
		add(chroma.NameBuiltin, "true false NULL")
}

func cTable() *table {
	t := new(table)
	cBlanks(t, func(s *scanner, i int) int {
		if end := s.line(i); end > i {
			return end
		}
		return i
	})
	cLiterals(t)
	t.on("{};", one(chroma.Punctuation))
	t.on(letters, cName(cWords(types{}), true))
	return t
}

// cBlanks are blanks, comments and lines for the preprocessor; file is the end of the file after #include.
func cBlanks(t *table, file func(s *scanner, i int) int) {
	macro, skipped := new(table), new(table)
	t.on("#", func(s *scanner) bool {
		if strings.TrimLeft(s.text[s.lineBegin(s.pos):s.pos], " \t") != "" {
			return false
		}
		s.take(chroma.CommentPreproc, s.pos+1)
		zero := s.run(s.pos+2, space)
		if s.has(s.pos, "if") && zero > s.pos+2 && s.at(zero) == '0' {
			s.take(chroma.CommentPreproc, zero+1)
			s.enter(skipped)
			return true
		}
		s.enter(macro)
		cInclude(s, file)
		return true
	})
	t.on(blanks, run(chroma.Text, space))
	t.on(`\`, part(chroma.Text, "\\\n"))
	t.on("/", kind(chroma.CommentSingle, cLine), between(chroma.CommentMultiline, "/*", "*/"))

	macro.on("/", between(chroma.CommentMultiline, "/*", "*/"), pop(rest(chroma.CommentSingle, "//", true), 1), one(chroma.CommentPreproc))
	macro.on("\n", func(s *scanner) bool {
		s.take(chroma.CommentPreproc, s.pos+1)
		if s.at(s.pos-2) != '\\' {
			s.leave(1)
		}
		return true
	})
	macro.all(kind(chroma.CommentPreproc, func(s *scanner, i int) int { return s.until(i, "/\n") }))
	skipped.all(cSkipped)
}

// lineBegin is where the line of i begins, or 100 bytes before it.
func (s *scanner) lineBegin(i int) int {
	for from := i; i > 0 && i > from-100 && s.text[i-1] != '\n'; {
		i--
	}
	return i
}

func cInclude(s *scanner, file func(s *scanner, i int) int) {
	if !s.has(s.pos, "include") {
		return
	}
	begin := s.pos + len("include")
	for s.at(begin) == ' ' || s.at(begin) == '\t' {
		begin++
	}
	if end := file(s, begin); end > begin {
		s.take(chroma.CommentPreproc, s.pos+len("include"))
		s.take(chroma.Text, begin)
		s.take(chroma.CommentPreprocFile, end)
	}
}

// cLine is the end of a comment up to the end of the line, which a backslash puts off.
func cLine(s *scanner, i int) int {
	if !s.has(i, "//") {
		return i
	}
	end := s.line(i)
	for end < len(s.text) && s.text[end-1] == '\\' {
		end = s.line(end + 1)
	}
	return min(end+1, len(s.text))
}

// cSkipped takes a line between #if 0 and its end.
func cSkipped(s *scanner) bool {
	begin := s.run(s.pos, space)
	end := min(s.line(max(s.pos, begin-1))+1, len(s.text))
	t := chroma.CommentPreproc
	switch {
	case s.has(begin, "#if"):
		under := s.in
		s.take(t, end)
		s.enter(under)
	case s.has(begin, "#else"), s.has(begin, "#elif"), s.has(begin, "#endif"):
		s.take(t, end)
		s.leave(1)
	default:
		if n := strings.LastIndexByte(s.text[s.pos:begin], '\n'); n >= 0 {
			end = s.pos + n + 1 // empty lines at once
		}
		s.take(chroma.Comment, end)
	}
	return true
}

// cLiterals are strings, characters, numbers and operators.
func cLiterals(t *table) {
	text := new(table)
	cString(text)
	t.on("L", cPrefixed(text))
	t.on(`"`, then(one(chroma.LiteralString), text))
	t.on("'", kind(chroma.LiteralStringChar, cChar))
	t.on(digits+".", cNumber)
	t.on("*", literal(chroma.Error, "*/"))
	t.on("~!%^&*+=|?:<>/-", one(chroma.Operator))
	t.on("()[],.", one(chroma.Punctuation))
}

// cString fills the state within a string: it ends with the line, if not before.
func cString(t *table) {
	t.on(`"`, pop(one(chroma.LiteralString), 1))
	t.on(`\`, kind(chroma.LiteralStringEscape, cEscape), part(chroma.LiteralString, "\\\n"), one(chroma.LiteralString))
	more := kind(chroma.LiteralString, func(s *scanner, i int) int { return s.until(i, "\\\"\n") })
	for b := range t {
		if b != '\n' {
			t[b] = append(t[b], more)
		}
	}
}

func cEscape(s *scanner, i int) int {
	switch c := s.at(i + 1); {
	case c != 0 && strings.IndexByte(`\abfnrtv"'`, c) >= 0:
		return i + 2
	case c == 'x' && s.run(i+2, hexadecimal) >= i+4:
		return min(s.run(i+2, hexadecimal), i+6)
	case c == 'u' && s.run(i+2, hexadecimal) >= i+6:
		return i + 6
	case c == 'U' && s.run(i+2, hexadecimal) >= i+10:
		return i + 10
	case classes[c]&octal != 0:
		return min(s.run(i+1, octal), i+4)
	}
	return i
}

// cPrefixed takes the prefix of a string or a character.
func cPrefixed(text *table) action {
	return func(s *scanner) bool {
		switch i := s.pos + 1; {
		case s.at(i) == '"':
			s.take(chroma.LiteralStringAffix, i)
			s.take(chroma.LiteralString, i+1)
			s.enter(text)
		case s.at(i) == '\'' && cChar(s, i) > i:
			s.take(chroma.LiteralStringAffix, i)
			s.take(chroma.LiteralStringChar, cChar(s, i))
		default:
			return false
		}
		return true
	}
}

// cChar is the end of the character whose first quote stands at i, or i if it is none.
func cChar(s *scanner, i int) int {
	end := s.runeEnd(i + 1)
	switch c := s.at(i + 1); {
	case c == '\\' && classes[s.at(i+2)]&octal != 0:
		end = min(s.run(i+2, octal), i+5)
	case c == '\\' && s.at(i+2) == 'x' && s.run(i+3, hexadecimal) > i+3:
		end = min(s.run(i+3, hexadecimal), i+5)
	case c == '\\':
		end = s.runeEnd(i + 2)
	case c == '\'' || c == '\n':
		return i
	}
	if s.at(end) != '\'' {
		return i
	}
	return end + 1
}

// cNumber takes a number with its suffixes; digits of C++ may be apart by a quote.
func cNumber(s *scanner) bool {
	whole := s.run(s.pos, digit)
	end := whole
	if s.at(end) == '.' {
		end = s.run(end+1, digit)
	}
	if end == s.pos+1 && whole == s.pos {
		return false // a point alone
	}
	next := s.at(s.pos + 1)
	switch {
	case s.exponent(end) > end:
		s.take(chroma.LiteralNumberFloat, cSuffix(s, s.exponent(end), "LlUu"))
	case end > whole:
		if c := s.at(end); c == 'f' || c == 'F' {
			end++
		}
		s.take(chroma.LiteralNumberFloat, end)
	case s.at(end) == 'f' || s.at(end) == 'F':
		s.take(chroma.LiteralNumberFloat, end+1)
	case s.text[s.pos] == '0' && (next == 'x' || next == 'X') && classes[s.at(s.pos+2)]&hexadecimal != 0:
		s.take(chroma.LiteralNumberHex, cSuffix(s, cDigits(s, s.pos+2, hexadecimal), "LlUu"))
	case s.text[s.pos] == '0' && (next == 'b' || next == 'B') && classes[s.at(s.pos+2)]&binary != 0:
		s.take(chroma.LiteralNumberBin, cSuffix(s, cDigits(s, s.pos+2, binary), "LlUu"))
	case s.text[s.pos] == '0' && classes[next]&octal != 0:
		s.take(chroma.LiteralNumberOct, cSuffix(s, cDigits(s, s.pos+1, octal), "LlUu"))
	default:
		s.take(chroma.LiteralNumberInteger, cSuffix(s, cDigits(s, s.pos, digit), "LlUu"))
	}
	return true
}

func cDigits(s *scanner, i int, c class) int {
	end := s.run(i, c)
	for s.at(end) == '\'' && s.run(end+1, c) > end+1 {
		end = s.run(end+1, c)
	}
	return end
}

func cSuffix(s *scanner, i int, of string) int {
	for i < len(s.text) && contains(of, s.text[i]) {
		i++
	}
	return i
}

// cName takes a keyword, a label, and where calls are told apart a function.
func cName(list types, calls bool) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		w := s.text[s.pos:end]
		next := s.run(end, space)
		switch t, ok := list[w]; {
		case ok:
			s.take(t, end)
		case calls && strings.HasSuffix(w, "_t") && len(w) > 2 && 'a' <= w[0] && w[0] <= 'z':
			s.take(chroma.KeywordType, end)
		case s.at(next) == ':' && s.at(next+1) != ':':
			s.take(chroma.NameLabel, end)
			s.take(chroma.Text, next)
			s.take(chroma.Punctuation, next+1)
		case calls && s.at(next) == '(':
			s.take(chroma.NameFunction, end)
		default:
			s.take(chroma.Name, end)
		}
		return true
	}
}
