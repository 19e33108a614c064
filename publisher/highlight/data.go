package highlight

import "github.com/alecthomas/chroma/v2"

func jsonTable() *table {
	value, object, member, array := new(table), new(table), new(table), new(table)
	comment := rest(chroma.CommentSingle, "//", true)

	value.on(blanks, run(chroma.Text, space))
	value.on("tfn", keywords(types{}.add(chroma.KeywordConstant, "true false null")))
	value.on("-"+digits, jsonNumber)
	value.on(`"`, quoted(chroma.LiteralStringDouble))
	value.on("/", comment)
	value.on("{", then(one(chroma.Punctuation), object))
	value.on("[", then(one(chroma.Punctuation), array))

	object.on(blanks, run(chroma.Text, space))
	object.on("/", comment)
	object.on(`"`, then(quoted(chroma.NameTag), member))
	object.on("}", pop(one(chroma.Punctuation), 1))

	member.include(value)
	member.on(":", one(chroma.Punctuation))
	member.on(",", pop(one(chroma.Punctuation), 1))
	member.on("}", pop(one(chroma.Punctuation), 2))

	array.include(value)
	array.on(",", one(chroma.Punctuation))
	array.on("]", pop(one(chroma.Punctuation), 1))
	return value
}

func jsonNumber(s *scanner) bool {
	i := s.pos
	if s.at(i) == '-' {
		i++
	}
	whole := i + 1
	if s.at(i) != '0' {
		whole = s.run(i, digit)
	}
	if whole == i {
		return false
	}
	end := whole
	if s.at(end) == '.' && s.run(end+1, digit) > end+1 {
		end = s.run(end+1, digit)
	}
	if end = s.exponent(end); end > whole {
		s.take(chroma.LiteralNumberFloat, end)
	} else {
		s.take(chroma.LiteralNumberInteger, whole)
	}
	return true
}

// exponent is the end of the exponent at i, i if there is none.
func (s *scanner) exponent(i int) int {
	if c := s.at(i); c != 'e' && c != 'E' {
		return i
	}
	from := i + 1
	if c := s.at(from); c == '+' || c == '-' {
		from++
	}
	if end := s.run(from, digit); end > from {
		return end
	}
	return i
}

func tomlTable() *table {
	t := new(table)
	t.on(blanks, run(chroma.Text, space))
	t.on("#", rest(chroma.Comment, "#", false))
	t.on("tf", keywords(types{}.add(chroma.KeywordConstant, "true false")))
	t.on(digits, kind(chroma.LiteralDate, tomlDate))
	t.on("+-"+digits, tomlNumber)
	t.on(`"`, quoted(chroma.LiteralStringDouble))
	t.on(`'`, quoted(chroma.LiteralStringSingle))
	t.on(".,=[]{}", one(chroma.Punctuation))
	t.on("-"+letters+digits, kind(chroma.NameOther, func(s *scanner, i int) int { return s.run(i, word|dash) }))
	return t
}

// shaped is the end of a part like the pattern, in which 0 stands for a digit; i if it is not so.
func (s *scanner) shaped(i int, pattern string) int {
	for n := range len(pattern) {
		c := s.at(i + n)
		if pattern[n] == '0' && classes[c]&digit == 0 || pattern[n] != '0' && pattern[n] != c {
			return i
		}
	}
	return i + len(pattern)
}

// tomlDate is a date with its time: chroma knows none without a zone.
func tomlDate(s *scanner, i int) int {
	end := s.shaped(i, "0000-00-00T00:00:00")
	switch {
	case end == i:
		return i
	case s.at(end) == 'Z':
		return end + 1
	case s.shaped(end, "+00:00") > end, s.shaped(end, "-00:00") > end:
		return end + 6
	}
	return i
}

func tomlNumber(s *scanner) bool {
	i := s.pos
	if c := s.at(i); c == '+' || c == '-' {
		i++
	}
	end := s.run(i, digit)
	if end == i {
		return false
	}
	for s.at(end) == '_' && s.run(end+1, digit) > end+1 {
		end = s.run(end+1, digit)
	}
	if s.at(end) == '.' && s.run(end+1, digit) > end+1 {
		s.take(chroma.LiteralNumberFloat, s.run(end+1, digit))
	} else {
		s.take(chroma.LiteralNumberInteger, end)
	}
	return true
}

func diffTable() *table {
	t := new(table)
	t.on(digits, kind(chroma.GenericSubheading, diffCommand))
	t.on("-", part(chroma.GenericStrong, "---\n"))
	t.on("<", rest(chroma.GenericDeleted, "< ", true))
	t.on(">", rest(chroma.GenericInserted, "> ", true))
	t.on("+", rest(chroma.GenericInserted, "", true))
	t.on("-", rest(chroma.GenericDeleted, "", true))
	t.on("!", rest(chroma.GenericStrong, "", true))
	t.on("@", rest(chroma.GenericSubheading, "", true))
	t.on("iI", rest(chroma.GenericHeading, "index", true), rest(chroma.GenericHeading, "Index", true))
	t.on("d", rest(chroma.GenericHeading, "diff", true))
	t.on("=", rest(chroma.GenericHeading, "", true))
	t.all(rest(chroma.Text, "", true))
	return t
}

// diffCommand is a line like 3,4c3,5.
func diffCommand(s *scanner, i int) int {
	end := diffRange(s, i)
	if c := s.at(end); c != 'a' && c != 'c' && c != 'd' {
		return i
	}
	second := diffRange(s, end+1)
	if second == end+1 || s.at(second) != '\n' {
		return i
	}
	return second + 1
}

func diffRange(s *scanner, i int) int {
	end := s.run(i, digit)
	if s.at(end) == ',' && s.run(end+1, digit) > end+1 {
		return s.run(end+1, digit)
	}
	return end
}
