package highlight

import "github.com/alecthomas/chroma/v2"

// longestWord bounds what is looked up of a word with dashes: none that is known is longer.
const longestWord = 40

func cssTable() *table {
	basics, at, atContent := new(table), new(table), new(table)
	content, value, function := new(table), new(table), new(table)
	comment := between(chroma.Comment, "/*", "*/")

	basics.on(blanks, run(chroma.Text, space))
	basics.on("/", comment)
	basics.on("{", then(one(chroma.Punctuation), content))
	basics.on(":", cssMarked("::", chroma.NameDecorator), cssMarked(":", chroma.NameDecorator))
	basics.on(".", cssMarked(".", chroma.NameClass))
	basics.on("#", cssMarked("#", chroma.NameNamespace))
	basics.on("@", then(cssMarked("@", chroma.Keyword), at))
	basics.on(letters+digits+"-", kind(chroma.NameTag, cssWord))
	basics.on("~^*!%&$[]()<>|+=@:;,./?-", one(chroma.Operator))
	cssStrings(basics)

	at.on("{", then(one(chroma.Punctuation), atContent))
	at.on(";", pop(one(chroma.Punctuation), 1))
	at.include(basics)
	atContent.include(basics)
	atContent.on("}", pop(one(chroma.Punctuation), 2))

	content.on(blanks, run(chroma.Text, space))
	content.on("}", pop(one(chroma.Punctuation), 1))
	content.on(";", one(chroma.Punctuation))
	content.on("-mp", cssVendor)
	content.on(letters+"-", cssProperty(value))
	content.on("/", comment)

	cssCommon(value, function)
	value.on(letters, cssPrefix(chroma.Keyword, cssValueProperties), kind(chroma.Name, cssWord))
	value.on("!", literal(chroma.CommentPreproc, "!important"))
	value.on("/", comment)
	cssNumbers(value)
	value.on("~^*!%&<>|+=@:./?-", one(chroma.Operator))
	value.on("[](),", one(chroma.Punctuation))
	cssStrings(value)
	value.on(";", pop(one(chroma.Punctuation), 1))
	value.on("}", pop(one(chroma.Punctuation), 2))

	cssArguments(function)
	return basics
}

// cssArguments fills the state between the parentheses of a function.
func cssArguments(t *table) {
	cssCommon(t, t)
	t.on("/", between(chroma.Comment, "/*", "*/"))
	cssNumbers(t)
	t.on("*+/-", one(chroma.Operator))
	t.on(",", one(chroma.Punctuation))
	cssStrings(t)
	t.on(letters, run(chroma.Name, word))
	t.on("(", then(one(chroma.Punctuation), t))
	t.on(")", pop(one(chroma.Punctuation), 1))
}

// cssWord is the end of the word with dashes at i. It is remembered, since other rules take parts of it.
func cssWord(s *scanner, i int) int {
	if !s.ahead.has(i) {
		s.ahead = span{from: i, to: s.run(i, word|dash)}
		if s.at(s.ahead.to) >= 0x80 {
			s.failed = true
		}
	}
	return max(i, s.ahead.to)
}

// cssMarked takes a mark and the word after it.
func cssMarked(mark string, t chroma.TokenType) action {
	return func(s *scanner) bool {
		begin := s.pos + len(mark)
		if !s.has(s.pos, mark) || classes[s.at(begin)]&(word|dash) == 0 {
			return false
		}
		end := cssWord(s, begin)
		s.take(chroma.Punctuation, begin)
		s.take(t, end)
		return true
	}
}

func cssStrings(t *table) {
	t.on(`"`, quoted(chroma.LiteralStringDouble))
	t.on(`'`, quoted(chroma.LiteralStringSingle))
}

// cssVendor takes the beginning of a name that one browser has.
var cssVendor = literal(chroma.KeywordPseudo, "-webkit- -khtml- prince- -atsc- -moz- -rim- -wap- -ms- -xv- mso- -ah- -hp- -ro- -tc- -o-")

// cssProperty takes a property and its colon. A word without one is an error.
func cssProperty(value *table) action {
	known := types{}.add(chroma.Keyword, cssProperties)
	return func(s *scanner) bool {
		end := cssWord(s, s.pos)
		t, ok := known[s.text[s.pos:end]]
		colon := s.run(end, space)
		switch {
		case s.at(colon) != ':':
			s.take(chroma.Error, end)
			return true
		case ok:
		case s.has(s.pos, "--"):
			t = chroma.NameVariable
		case s.text[s.pos] == '-':
			return false
		default:
			t = chroma.Name
		}
		s.take(t, end)
		s.take(chroma.Text, colon)
		s.take(chroma.Punctuation, colon+1)
		s.enter(value)
		return true
	}
}

// cssCommon are the beginnings of values.
func cssCommon(t, function *table) {
	functions := types{}.add(chroma.NameBuiltin, cssFunctions)
	t.on(blanks, run(chroma.Text, space))
	t.on("-mp", cssVendor)
	t.on("u", cssURL)
	t.on(letters, func(s *scanner) bool {
		end := cssWord(s, s.pos)
		if s.at(end) != '(' {
			return false
		}
		kind, ok := functions[s.text[s.pos:end]]
		if !ok {
			kind = chroma.NameFunction
		}
		s.take(kind, end)
		s.take(chroma.Punctuation, end+1)
		s.enter(function)
		return true
	}, cssPrefix(chroma.KeywordConstant, cssConstants))
}

// cssURL takes an address, with or without quotes.
func cssURL(s *scanner) bool {
	if !s.has(s.pos, "url(") {
		return false
	}
	begin := s.pos + len("url(")
	end := s.until(begin, ")\n")
	t := chroma.LiteralStringOther
	switch {
	case s.at(end) != ')':
		s.failed = true
	case s.at(begin) == '"':
		t = chroma.LiteralStringDouble
	case s.at(begin) == '\'':
		t = chroma.LiteralStringSingle
	}
	s.take(chroma.NameBuiltin, begin-1)
	s.take(chroma.Punctuation, begin)
	s.take(t, end)
	s.take(chroma.Punctuation, end+1)
	return true
}

// cssPrefix takes as much of a word as is known, up to one of its dashes.
func cssPrefix(t chroma.TokenType, words string) action {
	list := types{}.add(t, words)
	return kind(t, func(s *scanner, i int) int {
		end := cssWord(s, i)
		for end = min(end, i+longestWord); end > i; end-- {
			if classes[s.at(end)]&word == 0 {
				if _, ok := list[s.text[i:end]]; ok {
					return end
				}
			}
		}
		return i
	})
}

// cssNumbers are colours, and numbers with their units.
func cssNumbers(t *table) {
	units := types{}.add(chroma.KeywordType, "vmin grad vmax turn dppx dpcm kHz dpi rad rem deg vw vh ch px mm cm in pt pc Hz ex em ms q s")
	t.on("#", kind(chroma.LiteralNumberHex, func(s *scanner, i int) int {
		end := i + 1
		for end < i+7 && classes[s.at(end)]&word != 0 && s.text[end] != '_' {
			end++
		}
		if end == i+1 {
			return i
		}
		return end
	}))
	t.on("+-."+digits, func(s *scanner) bool {
		i := s.pos
		if c := s.at(i); c == '+' || c == '-' {
			i++
		}
		end, t := s.run(i, digit), chroma.LiteralNumberInteger
		if s.at(end) == '.' && s.run(end+1, digit) > end+1 {
			end, t = s.run(end+1, digit), chroma.LiteralNumberFloat
		} else if end == i {
			return false
		}
		s.take(t, end)
		if unit := s.wordEnd(end); units[s.text[end:unit]] != 0 {
			s.take(chroma.KeywordType, unit)
		}
		if s.at(s.pos) == '%' {
			s.take(chroma.KeywordType, s.pos+1)
		}
		return true
	})
}
