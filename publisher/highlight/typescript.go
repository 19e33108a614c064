package highlight

import "github.com/alecthomas/chroma/v2"

// reactTable is JavaScript with elements.
func reactTable() *table {
	root, template, tag := new(table), new(table), new(table)
	jsElements(root, tag)
	root.on("#", jsHashbang)
	jsBlanks(root)
	root.on(digits+".", kind(chroma.LiteralNumberFloat, jsxFloat))
	root.on(digits, jsBased, run(chroma.LiteralNumberInteger, digit))
	root.on(".=", literal(chroma.Punctuation, "... =>"))
	jsOperators(root)
	root.on(letters+"$", jsName(jsWords()))
	jsStrings(root, template, true)
	jsTag(root, tag)
	return root
}

func jsxFloat(s *scanner, i int) int {
	whole := s.run(i, digit)
	end := s.run(whole+1, digit)
	if s.at(whole) != '.' || whole == i && end == whole+1 {
		return i
	}
	return s.exponent(end)
}

func typeScriptTable() *table {
	root, template, tag := new(table), new(table), new(table)
	jsElements(root, tag)
	jsBlanks(root)
	jsOperators(root)
	root.on(letters+"$", tsKeyword())
	root.on(letters+digits+"$", tsPhrase)
	root.on(letters+"$", kind(chroma.NameOther, func(s *scanner, i int) int { return s.wordEnd(i + 1) }))
	root.on(digits, kind(chroma.LiteralNumberFloat, tsFloat), jsHex, run(chroma.LiteralNumberInteger, digit))
	root.on("@", kind(chroma.KeywordDeclaration, func(s *scanner, i int) int {
		if end := s.wordEnd(i + 1); end > i+1 {
			return end
		}
		return i
	}))
	jsStrings(root, template, false)

	jsElements(tag, tag)
	tag.on(",", one(chroma.Punctuation))
	tag.on(`"`, quoted(chroma.LiteralStringDouble))
	tag.on(`'`, quoted(chroma.LiteralStringSingle))
	tag.on("`", then(one(chroma.LiteralStringBacktick), template))
	tag.on("/", rest(chroma.CommentSingle, "//", true), between(chroma.CommentMultiline, "/*", "*/"))
	jsTag(root, tag)
	return root
}

func tsKeyword() action {
	list := types{}.
		add(chroma.Keyword, `for in of while do break return yield continue switch case default if else throw try catch finally new delete
			typeof instanceof keyof asserts is infer await void this`).
		add(chroma.KeywordDeclaration, "var let with function").
		add(chroma.KeywordReserved, `abstract async boolean class const debugger enum export extends from get global goto implements
			import interface namespace package private protected public readonly require set static super type using`).
		add(chroma.KeywordConstant, jsConstants).
		add(chroma.NameBuiltin, `Array Boolean Date Error Function Math Number Object Packages RegExp String decodeURI decodeURIComponent
			encodeURI encodeURIComponent eval isFinite isNaN parseFloat parseInt document window`).
		add(chroma.KeywordType, "string bool number any never object symbol unique unknown bigint").
		add(chroma.KeywordReserved, "constructor declare as")
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		w := s.text[s.pos:end]
		t, ok := list[w]
		if ok {
			s.take(t, end)
			s.slash = t == chroma.Keyword || t == chroma.KeywordDeclaration
		}
		return ok || w == "module" && tsModule(s, end)
	}
}

// tsModule takes the word module with the name after it.
func tsModule(s *scanner, end int) bool {
	open := s.run(end, space)
	closed := s.run(open+1, word|point|slash|atSign)
	if open == end || s.at(open) != '"' || closed == open+1 || s.at(closed) != '"' || classes[s.at(closed+1)]&space == 0 {
		return false
	}
	s.take(chroma.KeywordReserved, end)
	s.take(chroma.Text, open)
	s.take(chroma.NameOther, closed+1)
	s.take(chroma.Text, s.run(closed+1, space))
	s.slash = true
	return true
}

// tsPath is the end of a name that may have points and question marks.
func tsPath(s *scanner, i int) int { return s.run(i, word|dollar|member) }

// tsPhrase takes a name with its parentheses and the bracket after them, or with the type after its colon. It remembers a path that has
// neither: the names within need not look again.
func tsPhrase(s *scanner) bool {
	if s.ahead.has(s.pos) {
		return false
	}
	name := tsPath(s, s.pos)
	colon := s.run(name, space)
	begin := s.run(colon+1, space)
	end := tsPath(s, begin)
	switch {
	case s.has(name, "() {") && classes[s.text[s.pos]]&digit == 0:
		s.take(chroma.NameOther, name+4)
		s.slash = true
	case s.at(colon) == ':' && end > begin:
		s.take(chroma.NameOther, name)
		s.take(chroma.Text, begin)
		s.take(chroma.KeywordType, end)
	default:
		s.ahead = span{s.pos, name, false}
		return false
	}
	return true
}

func tsFloat(s *scanner, i int) int {
	whole := s.run(i, digit)
	end := s.run(whole+1, digit)
	if s.at(whole) != '.' || end == whole+1 {
		return i
	}
	if c := s.at(end); (c == 'e' || c == 'E') && s.run(end+1, digit) > end+1 {
		end = s.run(end+1, digit)
	}
	if c := s.at(end); c == 'f' || c == 'd' {
		end++
	}
	return end
}

func jsHex(s *scanner) bool { return s.has(s.pos, "0x") && jsBased(s) }

// jsElements takes the beginnings and ends of elements.
func jsElements(t, tag *table) {
	t.on("<", func(s *scanner) bool {
		i := s.pos + 1
		if s.at(i) == '/' {
			i++
		}
		end := s.run(i, word|point)
		if s.at(end) >= 0x80 {
			s.failed = true
		}
		closed := s.at(end) == '>' && (i > s.pos+1 || end == i)
		if !closed && (i > s.pos+1 || end == i) {
			return false
		}
		s.take(chroma.Punctuation, i)
		s.take(chroma.NameTag, end)
		if closed {
			s.take(chroma.Punctuation, end+1)
		} else {
			s.enter(tag)
		}
		return true
	})
}

// jsTag fills the state within a tag.
func jsTag(root, tag *table) {
	expression, attribute := new(table), new(table)
	expression.on("{", then(one(chroma.Punctuation), expression))
	expression.on("}", pop(one(chroma.Punctuation), 1))
	expression.include(root)

	attribute.on("{", then(one(chroma.Punctuation), expression))
	for _, quote := range []string{`"`, `'`} {
		attribute.on(quote, pop(between(chroma.LiteralString, quote, quote), 1))
	}
	attribute.all(give)

	tag.on(blanks, run(chroma.Text, space))
	tag.on(letters+digits+"-.", jsAttribute(attribute))
	tag.on("{}", one(chroma.Punctuation))
	tag.on("/>", func(s *scanner) bool {
		end := s.pos
		if s.at(end) == '/' {
			end = s.run(end+1, space)
		}
		if s.at(end) != '>' {
			return false
		}
		s.take(chroma.Punctuation, s.pos+1)
		s.take(chroma.Text, end)
		s.take(chroma.Punctuation, end+1)
		s.leave(1)
		return true
	})
}

// jsAttribute takes the name of an attribute, and enters its value if one follows.
func jsAttribute(value *table) action {
	return func(s *scanner) bool {
		end := s.run(s.pos, word|dash|point)
		equals := s.run(end, space)
		if s.at(equals) != '=' {
			s.take(chroma.NameAttribute, end)
			return true
		}
		s.take(chroma.NameAttribute, equals)
		s.take(chroma.Operator, equals+1)
		s.take(chroma.Text, s.run(equals+1, space))
		s.enter(value)
		return true
	}
}
