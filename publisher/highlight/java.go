package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

var javaWords = types{}.
	add(chroma.Keyword, `assert break case catch continue default do else finally for if goto instanceof new return switch this throw try
		while`).
	add(chroma.KeywordDeclaration, `abstract const enum exports extends final implements native open opens permits private protected
		provides public requires sealed static strictfp super synchronized throws to transient transitive uses volatile with yield class
		interface module var`).
	add(chroma.KeywordType, "boolean byte char double float int long short void").
	add(chroma.KeywordNamespace, "package import").
	add(chroma.KeywordConstant, "true false null")

const javaModifiers = " public private protected static strictfp "

func javaTable() *table {
	root, imports, class, variable := new(table), new(table), new(table), new(table)
	root.on(blanks, run(chroma.TextWhitespace, space))
	root.on("/", rest(chroma.CommentSingle, "//", false), between(chroma.CommentMultiline, "/*", "*/"))
	root.on("@", kind(chroma.NameDecorator, func(s *scanner, i int) int {
		if classes[s.at(i+1)]&letter == 0 {
			return i
		}
		return s.run(i+1, word|point)
	}))
	root.on(letters+"$", javaMethod, javaName(map[string]*table{"package": imports, "import": imports, "class": class, "interface": class,
		"record": class, "module": class, "var": variable}))
	root.on(`"`, between(chroma.LiteralString, "\"\"\"\n", `"""`), javaString)
	root.on("'", kind(chroma.LiteralStringChar, javaChar))
	root.on(".", func(s *scanner) bool {
		end := s.run(s.pos+1, word|dollar)
		if classes[s.at(s.pos+1)]&(letter|dollar) == 0 {
			return false
		}
		s.take(chroma.Punctuation, s.pos+1)
		s.take(chroma.NameAttribute, end)
		return true
	})
	root.on("."+digits, javaFloat)
	root.on(digits, javaInteger)
	root.on("~^*!%&[]<>|+=/?-", one(chroma.Operator))
	root.on("{}();:.,", one(chroma.Punctuation))

	class.on(blanks, run(chroma.Text, space))
	class.on(letters+"$", pop(kind(chroma.NameClass, func(s *scanner, i int) int { return s.run(i, word|dollar) }), 1))
	variable.on(blanks, run(chroma.Text, space))
	variable.on(letters+"$", pop(kind(chroma.Name, func(s *scanner, i int) int { return s.run(i, word|dollar) }), 1))
	imports.on(blanks, run(chroma.Text, space))
	imports.on(letters+digits+".", func(s *scanner) bool {
		if end := s.run(s.pos, word); (s.text[s.pos:end] == "static" || s.text[s.pos:end] == "module") && classes[s.at(end)]&space != 0 {
			s.take(chroma.KeywordNamespace, end)
			return true
		}
		end := s.run(s.pos, word|point)
		if s.at(end) == '*' {
			end++
		}
		s.take(chroma.NameNamespace, end)
		s.leave(1)
		return true
	})
	return root
}

// javaMethod finds names that types stand before and a parenthesis behind: methods where they are declared. The words in between are
// taken one by one, the name when it comes.
func javaMethod(s *scanner) bool {
	if s.ahead.found && s.pos == s.ahead.to {
		s.take(chroma.NameFunction, s.run(s.pos, word|dollar))
		return true
	}
	if s.ahead.has(s.pos) || javaWords[s.text[s.pos:s.run(s.pos, word)]] == chroma.Keyword {
		return false
	}
	s.ahead = span{from: s.pos, to: s.pos}
	for {
		end := s.run(s.ahead.to, word|dollar|generic)
		name := s.run(end, space)
		if name == end || classes[s.at(name)]&(letter|dollar) == 0 {
			s.ahead.to = max(end, s.pos+1)
			return false
		}
		s.ahead.to = name
		if s.at(s.run(s.run(name, word|dollar), space)) == '(' {
			s.ahead.found = true
			return false
		}
	}
}

func javaName(after map[string]*table) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		if s.has(s.pos, "non-sealed") {
			end = s.pos + len("non-sealed")
		}
		w := s.text[s.pos:end]
		t, ok := javaWords[w]
		switch {
		case w == "non-sealed", w == "record" && javaRecord(s):
			t = chroma.KeywordDeclaration
		case !ok:
			t = chroma.Name
			end = s.run(end, word|dollar)
			if s.lineStart(s.pos) && s.at(end) == ':' {
				t = chroma.NameLabel
			}
		}
		s.take(t, end)
		if next := after[w]; next != nil && t != chroma.Name && (ok || t == chroma.KeywordDeclaration) {
			s.enter(next)
		}
		return true
	}
}

// javaRecord tells whether nothing but modifiers stands before in the line.
func javaRecord(s *scanner) bool {
	for _, w := range strings.Fields(s.text[s.lineBegin(s.pos):s.pos]) {
		if !strings.Contains(javaModifiers, " "+w+" ") {
			return false
		}
	}
	return true
}

// javaString takes a string; one that does not end goes on to the end of the text.
func javaString(s *scanner) bool {
	end := s.closed(s.pos+1, '"')
	s.failed = false
	s.take(chroma.LiteralString, end)
	return true
}

// javaChar is the end of a character, or i if it is none.
func javaChar(s *scanner, i int) int {
	end := s.runeEnd(i + 1)
	if s.at(i+1) == '\\' {
		end = s.runeEnd(i + 2)
		if s.at(i+2) == 'u' && s.run(i+3, hexadecimal) == i+7 {
			end = i + 7
		}
	}
	if s.at(end) != '\'' {
		return i
	}
	return end + 1
}

// javaFloat takes a number with a fraction, or one digit with an exponent or a suffix.
func javaFloat(s *scanner) bool {
	whole := s.run(s.pos, digit|underscore)
	end := whole
	switch {
	case s.at(whole) == '.' && (whole > s.pos || classes[s.at(whole+1)]&digit != 0):
		end = s.exponent(s.run(whole+1, digit|underscore))
	case whole == s.pos+1:
		end = s.exponent(whole)
	}
	if c := s.at(end); (end > whole || whole == s.pos+1) && c != 0 && strings.IndexByte("fFdD", c) >= 0 {
		end++
	}
	if end == whole {
		return false
	}
	s.take(chroma.LiteralNumberFloat, end)
	return true
}

func javaInteger(s *scanner) bool {
	t, end := chroma.LiteralNumberInteger, s.run(s.pos, digit|underscore)
	if s.text[s.pos] == '0' {
		switch next := s.at(s.pos + 1); {
		case (next == 'x' || next == 'X') && classes[s.at(s.pos+2)]&hexadecimal != 0:
			t, end = chroma.LiteralNumberHex, s.run(s.pos+2, hexadecimal|underscore)
		case (next == 'b' || next == 'B') && classes[s.at(s.pos+2)]&binary != 0:
			t, end = chroma.LiteralNumberBin, s.run(s.pos+2, binary|underscore)
		case classes[next]&(octal|underscore) != 0:
			t, end = chroma.LiteralNumberOct, s.run(s.pos+1, octal|underscore)
		default:
			end = s.pos + 1
		}
	}
	if c := s.at(end); end > s.pos+1 && (c == 'l' || c == 'L') || s.text[s.pos] != '0' && (c == 'l' || c == 'L') {
		end++
	}
	s.take(t, end)
	return true
}
