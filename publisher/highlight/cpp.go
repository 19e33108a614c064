package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

const cppKeywords = `reinterpret_cast static_assert thread_local dynamic_cast static_cast const_cast co_return protected namespace consteval
	constexpr typename co_await co_yield operator restrict explicit template override noexcept requires decltype alignof private alignas
	virtual mutable nullptr concept export friend typeid throws public delete final throw catch using this new try`

// maxFunctions bounds how deep functions may stand in what chroma takes for the head of another.
const maxFunctions = 8

func cppTable() *table {
	root, statement, function, name := new(table), new(table), new(table), new(table)
	cBlanks(root, cppFile)
	root.on(letters+digits+"*", cppFunction(root, function))
	root.all(func(s *scanner) bool {
		s.enter(statement)
		s.step()
		return true
	})

	cBlanks(statement, cppFile)
	cppParts(statement, name)
	statement.on("{", then(one(chroma.Punctuation), root))
	statement.on(";}", pop(one(chroma.Punctuation), 1))

	cBlanks(function, cppFile)
	cppParts(function, name)
	function.on(";", one(chroma.Punctuation))
	function.on("{", then(one(chroma.Punctuation), function))
	function.on("}", pop(one(chroma.Punctuation), 1))

	name.on("[", kind(chroma.NameAttribute, cppAttribute))
	name.on(blanks, run(chroma.Text, space))
	name.on(letters, pop(names(chroma.NameClass, nil), 1))
	name.on(">{", give)
	return root
}

// cppFile is the end of a file in quotes or angles.
func cppFile(s *scanner, i int) int {
	closing := "\""
	switch s.at(i) {
	case '<':
		closing = ">"
	case '"':
	default:
		return i
	}
	if end := s.until(i+1, closing+"\n"); s.at(end) == closing[0] {
		return end + 1
	}
	return i
}

func cppParts(t, name *table) {
	text := new(table)
	cString(text)
	t.on("[", kind(chroma.NameAttribute, cppAttribute))
	t.on("R", cppRaw)
	t.on("uU", func(s *scanner) bool {
		quote := s.pos + 1
		if s.has(s.pos, "u8") {
			quote++
		}
		if s.at(quote) != '"' {
			return false
		}
		s.take(chroma.LiteralStringAffix, quote)
		s.take(chroma.LiteralString, quote+1)
		s.enter(text)
		return true
	})
	cLiterals(t)
	words := cWords(types{}.add(chroma.Keyword, cppKeywords)).add(chroma.KeywordType, "wchar_t")
	t.on("cseu", cppClass(name))
	t.on(letters, cName(words, false))
}

// cppClass takes the words before the name of a type.
func cppClass(name *table) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		switch s.text[s.pos:end] {
		case "class", "struct", "enum", "union":
		default:
			return false
		}
		s.take(chroma.Keyword, end)
		s.take(chroma.Text, s.run(end, space))
		if after := s.pos + len("class"); s.has(s.pos, "class") && classes[s.at(after)]&word == 0 {
			s.take(chroma.Keyword, after)
			s.take(chroma.Text, s.run(after, space))
		}
		s.enter(name)
		return true
	}
}

// cppAttribute is the end of the last attribute in brackets of the line.
func cppAttribute(s *scanner, i int) int {
	if !s.has(i, "[[") || s.none > i {
		return i
	}
	line := s.text[i:s.line(i)]
	n := strings.LastIndex(line, "]]")
	if n < 3 {
		s.none = i + len(line)
		return i
	}
	return i + n + 2
}

func cppRaw(s *scanner) bool {
	open := s.pos + 2
	for open < s.pos+18 && !contains("(\\) \t\n", s.at(open)) {
		open++
	}
	if s.at(s.pos+1) != '"' || s.at(open) != '(' {
		return false
	}
	mark := s.text[s.pos+2 : open]
	end := s.after(open+1, ")"+mark+`"`)
	s.take(chroma.LiteralStringAffix, s.pos+1)
	s.take(chroma.LiteralString, s.pos+1)
	s.take(chroma.LiteralStringDelimiter, open+1)
	s.take(chroma.LiteralString, end-len(mark)-2)
	s.take(chroma.LiteralStringDelimiter, end-1)
	s.take(chroma.LiteralString, end)
	return true
}

// cppFunction takes the head of a function. chroma looks for words, a name and parentheses, and then for the last bracket before the next
// semicolon, or for that.
func cppFunction(root, function *table) action {
	lex := func(s *scanner) {
		if s.in == nil {
			s.in = root
		}
		s.step()
	}
	return func(s *scanner) bool {
		name, open := cppHead(s)
		if name == s.pos {
			return false
		}
		end, definition := cppBody(s, open)
		if end == len(s.text) {
			return false
		}
		if s.depth++; s.depth > maxFunctions {
			s.failed = true
		}
		s.embed(lex, name)
		s.take(chroma.NameFunction, s.run(name, word))
		s.embed(lex, end)
		s.depth--
		s.take(chroma.Punctuation, end+1)
		if definition {
			s.enter(function)
		}
		return true
	}
}

// cppHead finds a name with words before it and a parenthesis after it. There is none: the name is at s.pos.
func cppHead(s *scanner) (name, open int) {
	open = s.run(s.pos, word|space|star)
	end := open
	for end > s.pos && classes[s.text[end-1]]&space != 0 {
		end--
	}
	name = end
	for name > s.pos && classes[s.text[name-1]]&word != 0 {
		name--
	}
	if s.at(open) != '(' || name == end || name < s.pos+2 || classes[s.text[name]]&letter == 0 {
		return s.pos, open
	}
	return name, open
}

// cppBody is where the body of the function begins whose parenthesis stands at open, or where its declaration ends. There is neither: the
// end of the text.
func cppBody(s *scanner, open int) (end int, definition bool) {
	semicolon := s.next(&s.semicolon, open, ';')
	closed := s.next(&s.closing, open, ')')
	if closed >= semicolon {
		return len(s.text), false
	}
	if semicolon < len(s.text) {
		end = closed + strings.LastIndexByte(s.text[closed:semicolon], '{')
	} else {
		if !s.braced {
			s.brace, s.braced = strings.LastIndexByte(s.text, '{'), true
		}
		end = s.brace
	}
	if end < closed {
		return semicolon, false
	}
	return end, true
}

// next is where a byte next stands from i on, the end of the text if it does not. It is remembered.
func (s *scanner) next(at *int, i int, b byte) int {
	if *at < i || *at == 0 {
		*at = len(s.text)
		if n := strings.IndexByte(s.text[i:], b); n >= 0 {
			*at = i + n
		}
	}
	return *at
}
