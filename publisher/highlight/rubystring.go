package highlight

import "github.com/alecthomas/chroma/v2"

// rubyInterpolation adds what stands in strings after a #.
func rubyInterpolation(root, t *table) {
	inside := new(table)
	inside.on("{", then(one(chroma.LiteralStringInterpol), inside))
	inside.on("}", pop(one(chroma.LiteralStringInterpol), 1))
	inside.all(func(s *scanner) bool { // root has more rules by the time this runs
		for _, a := range root[s.text[s.pos]] {
			if a(s) || s.failed {
				return true
			}
		}
		return false
	})
	t.on("#", func(s *scanner) bool {
		name := s.pos + 1
		switch {
		case s.at(name) == '{':
			s.take(chroma.LiteralStringInterpol, name+1)
			s.enter(inside)
			return true
		case s.has(name, "@@"):
			name++
			fallthrough
		case s.at(name) == '@' || s.at(name) == '$':
			if classes[s.at(name+1)]&letter != 0 {
				s.take(chroma.LiteralStringInterpol, s.wordEnd(name+1))
				return true
			}
		}
		return false
	})
}

// rubyStrings adds symbols and all forms of strings.
func rubyStrings(root *table) {
	symbol := rubyQuoted(root, chroma.LiteralStringSymbol, '"')
	root.on(":", kind(chroma.LiteralStringSymbol, rubySymbol))
	root.on(":", func(s *scanner) bool {
		switch s.at(s.pos + 1) {
		case '\'':
			s.take(chroma.LiteralStringSymbol, s.closed(s.pos+2, '\''))
		case '"':
			s.take(chroma.LiteralStringSymbol, s.pos+2)
			s.enter(symbol)
		default:
			return false
		}
		return true
	})
	root.on("'", quoted(chroma.LiteralStringSingle))
	root.on(letters, func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		if s.at(end) != ':' || s.at(end+1) == ':' {
			return false
		}
		s.take(chroma.LiteralStringSymbol, end)
		s.take(chroma.Punctuation, end+1)
		return true
	})
	root.on(`"`, then(one(chroma.LiteralStringDouble), rubyQuoted(root, chroma.LiteralStringDouble, '"')))
	backtick := rubyQuoted(root, chroma.LiteralStringBacktick, '`')
	root.on("`", func(s *scanner) bool {
		if s.at(s.pos-1) == '.' {
			return false
		}
		s.take(chroma.LiteralStringBacktick, s.pos+1)
		s.enter(backtick)
		return true
	})
	root.on("%", rubyPercent(root))
}

// rubyQuoted is the state of a string that ends with a quote.
func rubyQuoted(root *table, as chroma.TokenType, quote byte) *table {
	t := new(table)
	rubyInterpolation(root, t)
	t.on(`\`, kind(chroma.LiteralStringEscape, rubyEscape))
	t.on(`\#`, one(as))
	t.on(string(quote), pop(one(as), 1))
	stops := `\#` + string(quote)
	t.all(kind(as, func(s *scanner, i int) int { return s.until(i, stops) }))
	return t
}

// rubySymbol is the end of a symbol without quotes: a name or an operator.
func rubySymbol(s *scanner, i int) int {
	begin := i + 1
	for begin < i+3 && s.at(begin) == '@' {
		begin++
	}
	if classes[s.at(begin)]&letter != 0 {
		return rubyMark(s, s.wordEnd(begin))
	}
	for _, o := range [...]string{"===", "[]=", "<=>", "**", "==", ">=", "+@", "<>", ">>", "<<", "-@", "[]", "~", "`", "^", "|", "&", "<", "%", "/", ">", "+", "-", "*"} {
		if s.has(begin, o) {
			return begin + len(o)
		}
	}
	return i
}

// rubyPercent takes the beginnings of strings with other marks, and whole strings between two equal ones.
func rubyPercent(root *table) action {
	nested := map[[2]byte]*table{}
	for _, pair := range []string{"{}", "[]", "()", "<>"} {
		for _, form := range "Qqr" {
			nested[[2]byte{byte(form), pair[0]}] = rubyNested(root, byte(form), pair)
		}
	}
	return func(s *scanner) bool {
		form, open := byte('Q'), s.pos+1
		switch c := s.at(open); c {
		case 'Q', 'W', 'x', 'q', 's', 'w', 'r':
			open++
			if c == 'q' || c == 's' || c == 'w' {
				form = 'q'
			} else if c == 'r' {
				form = 'r'
			}
		}
		if t := nested[[2]byte{form, s.at(open)}]; t != nil {
			s.take(rubyForm(form), open+1)
			s.enter(t)
			return true
		}
		return rubyEqualMarks(s, form, open)
	}
}

func rubyForm(form byte) chroma.TokenType {
	if form == 'r' {
		return chroma.LiteralStringRegex
	}
	return chroma.LiteralStringOther
}

// rubyEqualMarks takes a string between two marks that are the same.
func rubyEqualMarks(s *scanner, form byte, open int) bool {
	mark := s.at(open)
	if mark == 0 || mark >= 0x80 || classes[mark]&(space|word) != 0 && (mark != '_' || open == s.pos+1) {
		return false
	}
	end := s.closed(open+1, mark)
	if s.failed {
		s.failed = false
		return false
	}
	t := chroma.LiteralString
	if form == 'q' {
		t = chroma.LiteralStringOther
	} else if form == 'r' {
		end = cSuffix(s, end, "mixounse")
	}
	s.take(t, end)
	return true
}

// rubyNested is the state of a string between two marks that may stand in it in pairs.
func rubyNested(root *table, form byte, pair string) *table {
	t, as := new(table), rubyForm(form)
	t.on(`\`, func(s *scanner) bool {
		if next := s.at(s.pos + 1); next != '\\' && !contains(pair, next) {
			return false
		}
		s.take(as, s.pos+2)
		return true
	})
	t.on(pair[:1], then(one(as), t))
	t.on(pair[1:], pop(kind(as, func(s *scanner, i int) int {
		if form == 'r' {
			return cSuffix(s, i+1, "mixounse")
		}
		return i + 1
	}), 1))
	if form != 'q' {
		rubyInterpolation(root, t)
	}
	if form == 'Q' {
		t.on(`\`, kind(chroma.LiteralStringEscape, rubyEscape))
	}
	t.on(`\#`, one(as))
	stops := `\#` + pair
	t.all(kind(as, func(s *scanner, i int) int { return s.until(i, stops) }))
	return t
}
