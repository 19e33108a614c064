package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

const (
	rustTypes    = "isize usize bool char u128 i128 i64 i32 i16 str u64 u32 f32 f64 u16 i8 u8"
	rustBuiltins = `DoubleEndedIterator ExactSizeIterator IntoIterator PartialOrd PartialEq ToString Iterator ToOwned Default Result String
		FnOnce Extend Option FnMut Unpin Sized AsRef AsMut Clone None From Into Sync drop Send Drop Copy Some Ord Err Box Vec Eq Ok Fn`
	rustFormats = " print println eprint eprintln format format_args panic todo unreachable unimplemented "
)

var rustWords = types{}.
	add(chroma.Keyword, `unsafe static extern return const crate where while await trait super async match impl else move loop pub ref mut
		for dyn use box in if as mod fn struct enum type union break continue`).
	add(chroma.KeywordReserved, "abstract override unsized virtual become typeof final macro yield priv try do").
	add(chroma.KeywordConstant, "true false").
	add(chroma.NameBuiltinPseudo, "self Self").
	add(chroma.KeywordDeclaration, "let").
	add(chroma.KeywordType, rustTypes).
	add(chroma.NameBuiltin, rustBuiltins)

func rustTable() *table {
	base, text, bytes, format := new(table), new(table), new(table), new(table)
	module, function, typed, attribute := new(table), new(table), new(table), new(table)
	after := map[string]*table{"mod": module, "fn": function, "struct": typed, "enum": typed, "type": typed, "union": typed}

	base.on(blanks, run(chroma.TextWhitespace, space))
	base.on("/", rustComment)
	base.on(`"`, then(one(chroma.LiteralString), text))
	base.on("$", kind(chroma.CommentPreproc, rustMacro))
	base.on("br", rustPrefixed(bytes))
	base.on("::", func(s *scanner) bool {
		if s.has(s.pos, "::") && classes[s.at(s.pos+2)]&word != 0 {
			s.take(chroma.Text, s.pos+2)
			return true
		}
		return false
	})
	base.on(":-", then(literal(chroma.Text, ": ->"), typed))
	base.on("'", rustQuote)
	base.on(digits, rustNumber)
	base.on("{}()[],.;", rustDots, one(chroma.Punctuation))
	base.on("+-*/%&|<>^!~@=:?", one(chroma.Operator))
	base.on(letters, rustName(after, format))
	base.on("#", rustScript, then(literal(chroma.CommentPreproc, "#![ #["), attribute), one(chroma.Text))

	rustStrings(text, bytes, format)
	named(module, chroma.NameNamespace)
	named(function, chroma.NameFunction)

	rustType(typed)
	rustAttribute(attribute, text)
	return base
}

// rustStrings fills the states within strings, of letters and of bytes, and within those that have places for values.
func rustStrings(text, bytes, format *table) {
	for _, t := range []*table{text, bytes, format} {
		t.on(`"`, pop(one(chroma.LiteralString), 1))
		t.on(`\`, kind(chroma.LiteralStringEscape, rustEscape), one(chroma.LiteralString))
	}
	rest := kind(chroma.LiteralString, func(s *scanner, i int) int { return s.until(i, `\"`) })
	text.all(rest)
	bytes.all(rest)
	format.on("{}", literal(chroma.LiteralStringEscape, "{{ }}"))
	format.on("{", kind(chroma.LiteralStringInterpol, func(s *scanner, i int) int { return s.after(i, "}") }))
	format.all(kind(chroma.LiteralString, func(s *scanner, i int) int { return s.until(i, `\"{}`) }))
}

// rustType fills the state in which the name of a type comes.
func rustType(t *table) {
	t.on(blanks, run(chroma.Text, space))
	t.on("&", one(chroma.KeywordPseudo))
	t.on("'", rustLifetime)
	t.on(letters, keywords(types{}.add(chroma.NameBuiltin, rustBuiltins).add(chroma.KeywordType, rustTypes)))
	t.on(letters, pop(names(chroma.NameClass, nil), 1))
	t.all(give)
}

// rustAttribute fills the state within the brackets of an attribute.
func rustAttribute(t, text *table) {
	t.on(`"`, then(one(chroma.LiteralString), text))
	t.on("[", then(one(chroma.CommentPreproc), t))
	t.on("]", pop(one(chroma.CommentPreproc), 1))
	t.all(kind(chroma.CommentPreproc, func(s *scanner, i int) int { return s.until(i, `"[]`) }))
}

// named fills a state that takes blanks and a name.
func named(t *table, as chroma.TokenType) {
	t.on(blanks, run(chroma.Text, space))
	t.on(letters, pop(names(as, nil), 1))
	t.all(give)
}

// rustScript takes the first line of a script.
func rustScript(s *scanner) bool {
	if s.pos > 0 || !s.has(0, "#!") || s.at(2) == '[' || s.at(2) == '\n' {
		return false
	}
	s.take(chroma.CommentPreproc, s.line(0))
	return true
}

func rustComment(s *scanner) bool {
	end := s.nested(s.pos, "/*", "*/")
	next := s.at(s.pos + 3)
	switch {
	case s.has(s.pos, "//!"), s.has(s.pos, "///") && next != '/':
		return rustDocLine(s)
	case s.has(s.pos, "//"):
		return rustLine(s)
	case end == s.pos:
		return false
	case s.has(s.pos, "/*!"), s.has(s.pos, "/**") && next != '*' && next != '/':
		s.take(chroma.LiteralStringDoc, end)
	default:
		s.take(chroma.CommentMultiline, end)
	}
	return true
}

var (
	rustDocLine = rest(chroma.LiteralStringDoc, "", true)
	rustLine    = rest(chroma.CommentSingle, "", true)
)

// rustMacro is the end of a variable of a macro, or of what repeats it.
func rustMacro(s *scanner, i int) int {
	switch c := s.at(i + 1); {
	case classes[c]&letter != 0:
		return s.wordEnd(i + 1)
	case c == '(' || c == ')':
		i++
	}
	if s.at(i+1) == ',' {
		i++
	}
	return i + 1
}

// rustPrefixed takes strings and characters with a prefix.
func rustPrefixed(bytes *table) action {
	return func(s *scanner) bool {
		i := s.pos
		if s.at(i) == 'b' {
			i++
		}
		switch {
		case i > s.pos && s.at(i) == '"':
			s.take(chroma.LiteralStringAffix, i)
			s.take(chroma.LiteralString, i+1)
			s.enter(bytes)
		case i > s.pos && s.at(i) == '\'' && rustCharEnd(s, i) > i:
			s.take(chroma.LiteralStringAffix, i)
			s.take(chroma.LiteralStringChar, rustCharEnd(s, i))
		case s.at(i) == 'r' && (s.at(i+1) == '"' || s.at(i+1) == '#'):
			return rustRaw(s, i+1)
		default:
			return false
		}
		return true
	}
}

// rustRaw takes a raw string whose marks begin at i.
func rustRaw(s *scanner, i int) bool {
	open := i
	for s.at(open) == '#' {
		open++
	}
	if s.at(open) != '"' {
		return false
	}
	end := s.after(open+1, `"`+s.text[i:open])
	s.take(chroma.LiteralStringAffix, i)
	s.take(chroma.LiteralString, end)
	return true
}

// rustEscape is the end of the escape at i.
func rustEscape(s *scanner, i int) int {
	switch c := s.at(i + 1); {
	case c != 0 && strings.IndexByte(`'"\nrt0`, c) >= 0:
		return i + 2
	case c == '\n':
		return i + 1
	case c == 'x' && s.run(i+2, hexadecimal) >= i+4:
		return i + 4
	case c == 'u' && s.at(i+2) == '{':
		if end := s.run(i+3, hexadecimal); end > i+3 && end <= i+9 && s.at(end) == '}' {
			return end + 1
		}
	}
	return i
}

// rustCharEnd is the end of the character whose first quote stands at i, or i if it is none.
func rustCharEnd(s *scanner, i int) int {
	end := s.runeEnd(i + 1)
	if s.at(i+1) == '\\' {
		end = rustEscape(s, i+1)
	}
	if c := s.at(i + 1); c == '\n' || end <= i+1 || s.at(end) != '\'' {
		return i
	}
	return end + 1
}

// runeEnd is the end of the character at i, which may be more than a byte.
func (s *scanner) runeEnd(i int) int {
	for i++; i < len(s.text) && s.text[i]&0xc0 == 0x80; i++ {
	}
	return i
}

func rustQuote(s *scanner) bool {
	if end := rustCharEnd(s, s.pos); end > s.pos {
		s.take(chroma.LiteralStringChar, end)
		return true
	}
	return rustLifetime(s)
}

func rustLifetime(s *scanner) bool {
	end := s.wordEnd(s.pos + 1)
	switch {
	case s.has(s.pos, "'static"):
		s.take(chroma.NameBuiltin, s.pos+len("'static"))
	case s.at(s.pos+1) == '_':
		s.take(chroma.NameBuiltin, s.pos+2)
	case classes[s.at(s.pos+1)]&digit != 0:
		s.take(chroma.NameAttribute, s.pos+1)
	default:
		s.take(chroma.NameAttribute, end)
	}
	return true
}

func rustNumber(s *scanner) bool {
	t, end := chroma.LiteralNumberInteger, s.run(s.pos, digit|underscore)
	switch next := s.at(s.pos + 1); {
	case s.text[s.pos] == '0' && next == 'b':
		t, end = chroma.LiteralNumberBin, s.run(s.pos+2, binary|underscore)
	case s.text[s.pos] == '0' && next == 'o':
		t, end = chroma.LiteralNumberOct, s.run(s.pos+2, octal|underscore)
	case s.text[s.pos] == '0' && (next == 'x' || next == 'X'):
		t, end = chroma.LiteralNumberHex, s.run(s.pos+2, hexadecimal|underscore)
	case s.at(end) == '.' && s.at(end+1) != '.':
		t, end = chroma.LiteralNumberFloat, s.exponent(s.run(end+1, digit|underscore))
	case s.exponent(end) > end:
		t, end = chroma.LiteralNumberFloat, s.exponent(end)
	}
	s.take(t, end)
	for _, suffix := range [...]string{"u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64"} {
		if s.has(s.pos, suffix) {
			s.take(chroma.Keyword, s.pos+len(suffix))
		}
	}
	return true
}

func rustDots(s *scanner) bool {
	if !s.has(s.pos, "..") {
		return false
	}
	end := s.pos + 2
	if s.at(end) == '=' {
		end++
	}
	s.take(chroma.Operator, end)
	return true
}

// rustName takes a keyword, a macro or another name.
func rustName(after map[string]*table, format *table) action {
	return func(s *scanner) bool {
		begin := s.pos
		if s.has(s.pos, "r#") && classes[s.at(s.pos+2)]&letter != 0 {
			begin += 2
		}
		end := s.wordEnd(begin)
		w := s.text[s.pos:end]
		if t, ok := rustWords[w]; ok {
			s.take(t, end)
			if next := after[w]; next != nil {
				s.enter(next)
			} else if w == "break" || w == "continue" {
				rustLabel(s)
			}
			return true
		}
		open := s.run(end+1, space)
		switch c := s.at(open); {
		case constantName(s.text[begin:end]):
			s.take(chroma.NameConstant, end)
		case s.at(end) == '!' && (c == '(' || c == '[' || c == '{'):
			s.take(chroma.NameFunctionMagic, end+1)
			s.take(chroma.TextWhitespace, open)
			s.take(chroma.Punctuation, open+1)
			if quote := s.run(open+1, space); c == '(' && s.at(quote) == '"' && strings.Contains(rustFormats, " "+w+" ") {
				s.take(chroma.TextWhitespace, quote)
				s.take(chroma.LiteralString, quote+1)
				s.enter(format)
			}
		default:
			s.take(chroma.Name, end)
		}
		return true
	}
}

// rustLabel takes the label of a loop after break or continue.
func rustLabel(s *scanner) {
	quote := s.run(s.pos, space)
	if s.at(quote) == '\'' && classes[s.at(quote+1)]&letter != 0 {
		s.take(chroma.TextWhitespace, quote)
		s.take(chroma.NameLabel, s.wordEnd(quote+1))
	}
}

// constantName tells whether a name has capitals alone, and two of them.
func constantName(w string) bool {
	w = strings.TrimPrefix(w, "_")
	upper := 0
	for i := range len(w) {
		switch c := w[i]; {
		case 'A' <= c && c <= 'Z':
			upper++
		case i == 0, c != '_' && classes[c]&digit == 0:
			return false
		}
	}
	return upper >= 2
}
