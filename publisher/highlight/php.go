package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// phpWords are keywords, in capitals: chroma tells no small letters from them.
var phpWords = types{}.
	add(chroma.Keyword, strings.ToUpper(`and E_PARSE old_function E_ERROR or as E_WARNING parent eval PHP_OS break exit case extends PHP_VERSION
		cfunction FALSE print for require continue foreach require_once declare return default static do switch die stdClass echo else
		TRUE elseif var empty if xor enddeclare include virtual endfor include_once while endforeach global endif list endswitch new
		endwhile not array E_ALL NULL final php_user_filter interface implements public private protected abstract clone try catch throw
		this use namespace trait yield finally match`)).
	add(chroma.NameConstant, "__NAMESPACE__ __FUNCTION__ __METHOD__ __CLASS__ __TRAIT__ __LINE__ __FILE__ __DIR__")

const phpMagic = ` __CALLSTATIC __SET_STATE __CONSTRUCT __DEBUGINFO __TOSTRING __DESTRUCT __INVOKE __WAKEUP __CLONE __SLEEP __ISSET __UNSET
	__CALL __GET __SET `

// phpName are the bytes of a name, phpPath with its namespaces.
const (
	phpName = word | foreign
	phpPath = phpName | backslash
)

// phpLetters are what a name or a path begins with.
var phpLetters = func() string {
	b := []byte(letters)
	for c := 0x80; c < 0x100; c++ {
		b = append(b, byte(c))
	}
	return string(b)
}()

// longestIndex bounds what is looked at of an index in a string, in bytes. One that is longer is left to chroma.
const longestIndex = 100

func phpTable() *table {
	root, class, function, attribute, variable, text := new(table), new(table), new(table), new(table), new(table), new(table)
	root.on("?", func(s *scanner) bool {
		s.failed = s.failed || s.has(s.pos, "?>")
		return false
	})
	root.on("<", phpHere)
	root.on(blanks, run(chroma.Text, space))
	root.on("#", then(literal(chroma.Punctuation, "#["), attribute), rest(chroma.CommentSingle, "#", true))
	root.on("/", rest(chroma.CommentSingle, "//", true), literal(chroma.CommentMultiline, "/**/"),
		between(chroma.LiteralStringDoc, "/**", "*/"), between(chroma.CommentMultiline, "/*", "*/"))
	root.on("-:", phpMember)
	root.on("~!%^&*+=|:.<>/@-", kind(chroma.Operator, func(s *scanner, i int) int { return cSuffix(s, i, "~!%^&*+=|:.<>/@-") }))
	root.on("?", one(chroma.Operator))
	root.on("[]{}();,", one(chroma.Punctuation))
	root.on(phpLetters+`\`, phpWord(class, function))
	root.on("$", phpVariable(variable))
	root.on(digits+".", phpNumber)
	root.on("'", quoted(chroma.LiteralStringSingle))
	root.on("`", quoted(chroma.LiteralStringBacktick))
	root.on(`"`, then(one(chroma.LiteralStringDouble), text))

	class.on(phpLetters+`\`, pop(kind(chroma.NameClass, phpPathEnd), 1))
	function.on(phpLetters+`\`, pop(phpFunction, 1))
	function.all(give)

	arguments := new(table)
	arguments.on(")", pop(one(chroma.Punctuation), 1))
	arguments.include(root)
	attribute.on("]", pop(one(chroma.Punctuation), 1))
	attribute.on("(", then(one(chroma.Punctuation), arguments))
	attribute.on(phpLetters+`\`, kind(chroma.NameDecorator, phpPathEnd))
	attribute.include(root)
	variable.on("}", pop(one(chroma.NameVariable), 1))
	variable.include(root)
	phpText(text, tabled(func() *table { return root }))
	return root
}

func phpPathEnd(s *scanner, i int) int { return s.run(i, phpPath) }

// phpHere takes a here document.
func phpHere(s *scanner) bool {
	if !s.has(s.pos, "<<<") {
		return false
	}
	name := s.pos + 3
	quote := ""
	if c := s.at(name); c == '"' || c == '\'' {
		quote = string(c)
		name++
	}
	end := s.run(name, phpName)
	body := end + len(quote)
	if end == name || !s.has(end, quote+"\n") {
		return false
	}
	last, ok := phpHereEnd(s, body+1, s.text[name:end])
	if !ok {
		s.failed = true
		return false
	}
	s.take(chroma.LiteralString, name)
	s.take(chroma.LiteralStringDelimiter, end)
	s.take(chroma.LiteralString, last)
	s.take(chroma.LiteralStringDelimiter, last+end-name)
	if s.at(s.pos) == ';' {
		s.take(chroma.Punctuation, s.pos+1)
	}
	return true
}

// phpHereEnd is where a line has nothing but the word that ends a here document.
func phpHereEnd(s *scanner, i int, name string) (int, bool) {
	for i < len(s.text) {
		begin := i + s.indent(i)
		for s.at(begin) == '\t' {
			begin++
		}
		after := begin + len(name)
		if s.has(begin, name) && (s.at(after) == '\n' || s.has(after, ";\n")) {
			return begin, true
		}
		i = s.line(i) + 1
	}
	return 0, false
}

// phpMember takes what is chosen from an object or a class.
func phpMember(s *scanner) bool {
	if !s.has(s.pos, "->") && !s.has(s.pos, "::") {
		return false
	}
	name := s.run(s.pos+2, space)
	end := s.run(name, phpName)
	if end == name || classes[s.at(name)]&digit != 0 {
		return false
	}
	s.take(chroma.Operator, s.pos+2)
	s.take(chroma.Text, name)
	s.take(chroma.NameAttribute, end)
	return true
}

// phpWord takes a keyword with what it begins, or another name.
func phpWord(class, function *table) action {
	known := capitals(phpWords, chroma.NameOther)
	return func(s *scanner) bool {
		end := s.run(s.pos, phpPath)
		if end > s.run(s.pos, word) {
			s.take(chroma.NameOther, end)
			return true
		}
		blank := s.run(end, space)
		next := s.at(blank)
		switch w := s.text[s.pos:end]; {
		case strings.EqualFold(w, "class") && blank > end:
			s.take(chroma.Keyword, end)
			s.take(chroma.Text, blank)
			s.enter(class)
		case strings.EqualFold(w, "new") && len(s.text) > blank+5 && strings.EqualFold(s.text[blank:blank+5], "class") && s.run(blank, phpPath) == blank+5:
			s.take(chroma.Keyword, end)
			s.take(chroma.Text, blank)
			s.take(chroma.Keyword, blank+5)
		case strings.EqualFold(w, "function") && next == '(':
			s.take(chroma.Keyword, end)
		case strings.EqualFold(w, "function") && blank > end:
			s.take(chroma.Keyword, end)
			s.take(chroma.Text, blank)
			if next == '&' {
				s.take(chroma.Operator, blank+1)
				s.take(chroma.Text, s.run(blank+1, space))
			}
			s.enter(function)
		case strings.EqualFold(w, "const") && blank > end && classes[next]&phpPath != 0 && classes[next]&digit == 0:
			s.take(chroma.Keyword, end)
			s.take(chroma.Text, blank)
			s.take(chroma.NameConstant, s.run(blank, phpPath))
		default:
			return known(s)
		}
		return true
	}
}

// phpFunction takes the name of a function: some have a meaning.
func phpFunction(s *scanner) bool {
	end := s.run(s.pos, phpPath)
	t := chroma.NameFunction
	if strings.HasPrefix(s.text[s.pos:end], "__") && end-s.pos < longestWord && strings.Contains(phpMagic, " "+strings.ToUpper(s.text[s.pos:end])+" ") {
		t = chroma.NameFunctionMagic
	}
	s.take(t, end)
	return true
}

func phpVariable(variable *table) action {
	return func(s *scanner) bool {
		name := s.pos
		for s.at(name) == '$' {
			name++
		}
		switch c := classes[s.at(name)]; {
		case s.has(s.pos, "${"):
			s.take(chroma.NameVariable, s.pos+2)
			s.enter(variable)
		case c&phpPath != 0 && c&digit == 0:
			s.take(chroma.NameVariable, s.run(name, phpPath))
		default:
			s.take(chroma.Error, name)
		}
		return true
	}
}

func phpNumber(s *scanner) bool {
	whole := s.run(s.pos, digit)
	next := s.at(s.pos + 1)
	switch {
	case s.at(whole) == '.' && (whole > s.pos || classes[s.at(whole+1)]&digit != 0):
		s.take(chroma.LiteralNumberFloat, s.exponent(s.run(whole+1, digit)))
	case whole == s.pos:
		return false
	case s.exponent(whole) > whole:
		s.take(chroma.LiteralNumberFloat, s.exponent(whole))
	case s.text[s.pos] == '0' && (next == 'x' || next == 'X') && classes[s.at(s.pos+2)]&(hexadecimal|underscore) != 0:
		s.take(chroma.LiteralNumberHex, s.run(s.pos+2, hexadecimal|underscore))
	case s.text[s.pos] == '0' && (next == 'o' || next == 'O') && classes[s.at(s.pos+2)]&(octal|underscore) != 0:
		s.take(chroma.LiteralNumberOct, s.run(s.pos+2, octal|underscore))
	case s.text[s.pos] == '0' && classes[next]&(octal|underscore) != 0:
		s.take(chroma.LiteralNumberOct, s.run(s.pos+1, octal|underscore))
	default:
		s.take(chroma.LiteralNumberInteger, s.run(s.pos, digit|underscore))
	}
	return true
}

// phpText fills the state within double quotes.
func phpText(t *table, root func(*scanner)) {
	t.on(`"`, pop(one(chroma.LiteralStringDouble), 1))
	t.on(`\`, kind(chroma.LiteralStringEscape, phpEscape))
	t.on("$", kind(chroma.LiteralStringInterpol, phpPlaced))
	t.on("{", func(s *scanner) bool {
		if s.at(s.pos+1) != '$' {
			return false
		}
		end := s.after(s.pos+1, "}")
		s.take(chroma.LiteralStringInterpol, s.pos+1)
		s.embed(root, end-1)
		s.take(chroma.LiteralStringInterpol, end)
		return true
	})
	t.on(`${\`, one(chroma.LiteralStringDouble))
	t.all(kind(chroma.LiteralStringDouble, func(s *scanner, i int) int { return s.until(i, `{$"\`) }))
}

func phpEscape(s *scanner, i int) int {
	switch c := s.at(i + 1); {
	case c != 0 && strings.IndexByte(`nrt"$\`, c) >= 0:
		return i + 2
	case classes[c]&octal != 0:
		return min(s.run(i+1, octal), i+4)
	case c == 'x' && classes[s.at(i+2)]&hexadecimal != 0:
		return min(s.run(i+2, hexadecimal), i+4)
	}
	return i
}

// phpPlaced is the end of a variable in a string, with its index or a property.
func phpPlaced(s *scanner, i int) int {
	end := s.run(i+1, phpName)
	switch {
	case s.at(i+1) == '{':
		s.failed = true
		return i
	case end == i+1 || classes[s.at(i+1)]&digit != 0:
		return i
	case s.has(end, "->") && classes[s.at(end+2)]&phpName != 0 && classes[s.at(end+2)]&digit == 0:
		return s.run(end+2, phpName)
	case s.at(end) != '[':
		return end
	}
	for j := end + 1; j < len(s.text) && classes[s.text[j]]&space == 0; j++ {
		if j > end+longestIndex {
			s.failed = true
		} else if s.text[j] == ']' && j > end+1 {
			return j + 1
		} else {
			continue
		}
		break
	}
	return end
}
