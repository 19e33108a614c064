package highlight

import "github.com/alecthomas/chroma/v2"

// Words of JavaScript and of what grew out of it.
const (
	jsStatements = `for in while do break return continue switch case default if else throw try catch finally new delete typeof
		instanceof void yield this of`
	jsReserved = `abstract async await boolean byte char class const debugger double enum export extends final float goto implements import
		int interface long native package private protected public short static super synchronized throws transient volatile`
	jsConstants = "true false null NaN Infinity undefined"
	jsBuiltins  = `Array Boolean Date Error Function Math netscape Number Object Packages RegExp String Promise Proxy sun decodeURI
		decodeURIComponent encodeURI encodeURIComponent eval isFinite isNaN isSafeInteger parseFloat parseInt document window`
)

func jsWords() types {
	return types{}.
		add(chroma.Keyword, jsStatements).
		add(chroma.KeywordDeclaration, "var let with function").
		add(chroma.KeywordReserved, jsReserved).
		add(chroma.KeywordConstant, jsConstants).
		add(chroma.NameBuiltin, jsBuiltins)
}

func javaScriptTable() *table {
	root, template := new(table), new(table)
	root.on("#", jsHashbang)
	jsBlanks(root)
	root.on(digits, jsFloat, jsBased, kind(chroma.LiteralNumberInteger, func(s *scanner, i int) int { return s.run(i, digit|underscore) }))
	root.on(".=", literal(chroma.Punctuation, "... =>"))
	jsOperators(root)
	root.on(letters+"$", jsName(jsWords().add(chroma.KeywordReserved, "using")))
	jsStrings(root, template, true)
	return root
}

// jsBlanks are blanks, comments and regular expressions. After blanks at the start of a line chroma expects an expression.
func jsBlanks(t *table) {
	keep := func(a action) action {
		return func(s *scanner) bool {
			before := s.regex || s.lineStart(s.pos)
			ok := a(s)
			s.slash = ok && before
			return ok
		}
	}
	t.on(blanks, keep(run(chroma.Text, space)))
	t.on("<", jsOldComment)
	t.on("/", keep(rest(chroma.CommentSingle, "//", true)), keep(between(chroma.CommentMultiline, "/*", "*/")), jsRegex)
}

// jsOldComment leaves comments of HTML in scripts to chroma.
func jsOldComment(s *scanner) bool {
	s.failed = s.failed || s.has(s.pos, "<!--")
	return false
}

// jsRegex takes a regular expression. What is none where one is expected is left to chroma.
func jsRegex(s *scanner) bool {
	if !s.regex && !s.lineStart(s.pos) {
		return false
	}
	inClass := false
	for i := s.pos + 1; i < len(s.text) && s.text[i] != '\n'; i++ {
		switch c := s.text[i]; {
		case c == '\\':
			i++
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '/' && !inClass:
			s.take(chroma.LiteralStringRegex, s.wordEnd(i+1))
			return true
		}
	}
	s.failed = true
	return false
}

func jsHashbang(s *scanner) bool {
	if s.pos > 0 || !s.has(0, "#!") || s.line(0) == len(s.text) {
		return false
	}
	s.take(chroma.CommentHashbang, s.line(0)+1)
	return true
}

// jsOperators are operators and brackets: after most of them a slash begins a regular expression.
func jsOperators(t *table) {
	t.on("+-~&?:|<>=!*%^/", beforeRegex(literal(chroma.Operator, `
		++ -- ~ && ? : || <<= << >>>= >>> >>= >> === == = !== != ! -= - <= < >= > += + *= * %= % &= & |= | ^= ^ /= /`)))
	t.on("{([;,", beforeRegex(one(chroma.Punctuation)))
	t.on("}).]", one(chroma.Punctuation))
}

func beforeRegex(a action) action {
	return func(s *scanner) bool {
		s.slash = a(s)
		return s.slash
	}
}

// jsName takes a keyword or a name.
func jsName(list types) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		t, ok := list[s.text[s.pos:end]]
		if !ok {
			end = s.run(end, word|dollar)
			s.failed = s.failed || s.at(end) >= 0x80 || s.at(end) == '\\'
			t = chroma.NameOther
		}
		s.take(t, end)
		s.slash = t == chroma.Keyword || t == chroma.KeywordDeclaration
		return true
	}
}

func jsStrings(root, template *table, escapes bool) {
	root.on(`"`, quoted(chroma.LiteralStringDouble))
	root.on(`'`, quoted(chroma.LiteralStringSingle))
	root.on("`", then(one(chroma.LiteralStringBacktick), template))
	inside := new(table)
	inside.on("}", pop(one(chroma.LiteralStringInterpol), 1))
	inside.include(root)

	template.on("`", pop(one(chroma.LiteralStringBacktick), 1))
	template.on(`\`, func(s *scanner) bool {
		next := s.at(s.pos + 1)
		if next >= 0x80 || next == 0 {
			s.failed = true
		}
		if !escapes && next != '\\' && next != '`' {
			return false
		}
		s.take(chroma.LiteralStringBacktick, s.pos+2)
		return true
	})
	template.on("$", func(s *scanner) bool {
		if !s.has(s.pos, "${") {
			s.take(chroma.LiteralStringBacktick, s.pos+1)
			return true
		}
		s.take(chroma.LiteralStringInterpol, s.pos+2)
		s.enter(inside)
		return true
	})
	template.all(kind(chroma.LiteralStringBacktick, func(s *scanner, i int) int { return s.until(i, "`\\$") }))
}

// until is where the next of some bytes stands after i, or the end of the text.
func (s *scanner) until(i int, bytes string) int {
	for i < len(s.text) && !contains(bytes, s.text[i]) {
		i++
	}
	return i
}

func contains(bytes string, c byte) bool {
	for i := range len(bytes) {
		if bytes[i] == c {
			return true
		}
	}
	return false
}

// jsFloat knows either a fraction or an exponent, as chroma does.
func jsFloat(s *scanner) bool {
	whole := s.run(s.pos, digit)
	end := s.exponent(whole)
	if s.at(whole) == '.' {
		end = s.run(whole+1, digit)
	}
	if end == whole {
		return false
	}
	s.take(chroma.LiteralNumberFloat, end)
	return true
}

// jsBased takes a number with a base: 0x, 0o or 0b.
func jsBased(s *scanner) bool {
	var t chroma.TokenType
	var c class
	switch s.at(s.pos + 1) {
	case 'x', 'X':
		t, c = chroma.LiteralNumberHex, hexadecimal
	case 'o', 'O':
		t, c = chroma.LiteralNumberOct, octal
	case 'b', 'B':
		t, c = chroma.LiteralNumberBin, binary
	}
	end := s.run(s.pos+2, c)
	if s.text[s.pos] != '0' || end == s.pos+2 || end > len(s.text) {
		return false
	}
	s.take(t, end)
	return true
}
