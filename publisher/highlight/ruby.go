package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

var rubyWords = types{}.
	add(chroma.Keyword, `return ensure rescue unless undef until break begin elsif super alias while retry BEGIN raise yield redo next case
		when then else end for END do if in`).
	add(chroma.KeywordPseudo, `module_function attr_accessor attr_reader attr_writer initialize protected include private extend public
		false catch throw attr loop true new nil`).
	add(chroma.OperatorWord, "not and or").
	add(chroma.NameBuiltinPseudo, "__FILE__ __LINE__")

// rubyBuiltins are so where no point stands before them.
var rubyBuiltins = types{}.add(chroma.NameBuiltin, `protected_instance_methods private_instance_methods public_instance_methods
	instance_variable_set instance_variable_get private_class_method public_class_method instance_variables protected_methods
	singleton_methods included_modules instance_methods global_variables private_methods local_variables instance_method class_variables
	public_methods set_trace_func method_missing const_missing instance_eval module_eval untrace_var class_eval trace_var const_get
	readlines ancestors constants const_set object_id readline autoload __send__ untaint methods display Integer sprintf inspect require
	syscall at_exit binding printf lambda __id__ String callcc method select format system freeze caller Float print taint clone srand
	Array abort split chomp sleep open puts putc fork fail trap exit scan getc self send eval gets exec gsub proc load chop warn hash test
	name to_a rand to_s sub dup id p`)

// rubyMarked are words with their question mark or exclamation mark.
var rubyMarked = types{}.
	add(chroma.Keyword, "defined?").
	add(chroma.NameBuiltin, `protected_method_defined? private_method_defined? public_method_defined? method_defined? const_defined?
		block_given? instance_of? respond_to? iterator? autoload? kind_of? tainted? frozen? equal? is_a? eql? chomp! chop! exit! gsub!
		sub!`)

func rubyTable() *table {
	root, function, class, regex := new(table), new(table), new(table), new(table)
	root.on("#", rubyShebang, rest(chroma.CommentSingle, "#", false))
	root.on("=", kind(chroma.CommentMultiline, rubyComment))
	root.on(letters, rubyWord(function, class))
	root.on("<", kind(chroma.LiteralString, rubyHere))
	root.on("/", rubyRegex(regex))
	root.on(blanks, rubyBlank(regex))
	root.on(digits, rubyNumber)
	root.on("@$", rubyVariable)
	root.on(":", literal(chroma.Operator, "::"))
	rubyStrings(root)
	root.on("?", kind(chroma.LiteralStringChar, rubyChar))
	root.on(letters, rubyName)
	root.on(".", rubyCall)
	root.on("[]-+/*%=<>&!^|~.", one(chroma.Operator))
	root.on(`(){};,/?:\`, one(chroma.Punctuation))

	function.on(letters, rubyFunction)
	function.on("*-+/%&|^`~[<>=", pop(literal(chroma.NameFunction, "** * -@ - +@ + / % & | ^ ` ~ []= [] <=> << >> <= < >= > === =="), 1))
	function.all(give)

	class.on("<", pop(literal(chroma.Operator, "<<"), 1))
	class.on("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", pop(names(chroma.NameClass, nil), 1))
	class.all(give)

	rubyInterpolation(root, regex)
	regex.on(`\`, func(s *scanner) bool {
		end := s.pos + 1
		if c := s.at(end); c == '\\' || c == '/' {
			end++
		}
		s.take(chroma.LiteralStringRegex, end)
		return true
	})
	regex.on("/", pop(kind(chroma.LiteralStringRegex, func(s *scanner, i int) int { return cSuffix(s, i+1, "mixounse") }), 1))
	regex.on("#", one(chroma.LiteralStringRegex))
	regex.all(kind(chroma.LiteralStringRegex, func(s *scanner, i int) int { return s.until(i, `\/#`) }))
	return root
}

func rubyShebang(s *scanner) bool {
	if s.pos > 0 || !s.has(0, "#!") || s.line(0) < 3 {
		return false
	}
	s.take(chroma.CommentHashbang, s.line(0))
	return true
}

// rubyComment is the end of a comment of many lines.
func rubyComment(s *scanner, i int) int {
	if !s.has(i, "=begin") || classes[s.at(i+6)]&space == 0 {
		return i
	}
	return s.line(s.after(i+7, "\n=end"))
}

// rubyHere is the end of the line in which a here document begins: chroma takes its text for Ruby.
func rubyHere(s *scanner, i int) int {
	name := i + 2
	if s.at(name) == '-' {
		name++
	}
	quote := s.at(name)
	if quote != '"' && quote != '\'' && quote != '`' {
		quote = 0
	} else {
		name++
	}
	end := s.run(name, word)
	if !s.has(i, "<<") || classes[s.at(i-1)]&word != 0 || classes[s.at(name)]&letter == 0 || quote != 0 && s.at(end) != quote {
		return i
	}
	return min(s.line(end)+1, len(s.text))
}

// rubyWord takes words with a meaning.
func rubyWord(function, class *table) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		w := s.text[s.pos:end]
		blank := s.run(end, space)
		t, ok := rubyWords[w]
		if marked, is := rubyMarked[s.text[s.pos:min(end+1, len(s.text))]]; is && !ok {
			t, ok, end = marked, true, end+1
		} else if builtin, is := rubyBuiltins[w]; is && !ok && s.at(s.pos-1) != '.' {
			t, ok = builtin, true
		}
		switch {
		case ok:
			s.take(t, end)
		case w == "def" && (blank > end || contains("*%&^`~+[<>=", s.at(end))):
			rubyEnter(s, end, blank, function)
		case w == "class" && blank > end:
			rubyEnter(s, end, blank, class)
		case w == "module" && classes[s.at(blank)]&letter != 0 && blank > end:
			s.take(chroma.Keyword, end)
			s.take(chroma.Text, blank)
			rubyModule(s)
		case w == "__END__":
			s.take(chroma.CommentPreproc, len(s.text))
		default:
			return false
		}
		return true
	}
}

func rubyEnter(s *scanner, end, blank int, next *table) {
	s.take(chroma.Keyword, end)
	s.take(chroma.Text, blank)
	s.enter(next)
}

// rubyModule takes a name with its namespaces.
func rubyModule(s *scanner) {
	end := s.wordEnd(s.pos)
	for s.has(end, "::") && classes[s.at(end+2)]&letter != 0 {
		end = s.wordEnd(end + 2)
	}
	s.take(chroma.NameNamespace, end)
}

// rubyRegex takes the slash of a regular expression.
func rubyRegex(regex *table) action {
	return func(s *scanner) bool {
		if !s.lineStart(s.pos) && !contains("=<>~!:(,[", s.at(s.pos-1)) {
			return false
		}
		s.take(chroma.LiteralStringRegex, s.pos+1)
		s.enter(regex)
		return true
	}
}

// rubyBlank takes blanks, and the slash of a regular expression after them.
func rubyBlank(regex *table) action {
	return func(s *scanner) bool {
		before := s.at(s.pos - 1)
		starts := s.lineStart(s.pos) || contains("=<>~!:", before)
		s.take(chroma.Text, s.run(s.pos, space))
		next := s.at(s.pos + 1)
		if s.at(s.pos) == '/' && (starts || next != '=' && classes[next]&space == 0) {
			s.take(chroma.LiteralStringRegex, s.pos+1)
			s.enter(regex)
		}
		return true
	}
}

// rubyNumber takes a number, and the division after it.
func rubyNumber(s *scanner) bool {
	t, end := chroma.LiteralNumberInteger, s.run(s.pos, digit)
	for c := s.at(end); (c == '_' || c == 'e') && s.run(end+1, digit) > end+1; c = s.at(end) {
		end = s.run(end+1, digit)
	}
	if s.text[s.pos] == '0' {
		switch next := s.at(s.pos + 1); {
		case classes[next]&(octal|underscore) != 0 && s.run(s.pos+1, octal|underscore) > s.pos+1:
			t, end = chroma.LiteralNumberOct, s.run(s.pos+1, octal|underscore)
		case next == 'x' && classes[s.at(s.pos+2)]&hexadecimal != 0:
			t, end = chroma.LiteralNumberHex, s.run(s.pos+2, hexadecimal|underscore)
		case next == 'b' && classes[s.at(s.pos+2)]&binary != 0:
			t, end = chroma.LiteralNumberBin, s.run(s.pos+2, binary|underscore)
		}
	}
	s.take(t, end)
	blank := s.run(end, space)
	if c := s.at(blank); c == '/' || c == '?' {
		s.take(chroma.Text, blank)
		s.take(chroma.Operator, blank+1)
	}
	return true
}

// rubyVariable takes variables of instances, of classes and of all.
func rubyVariable(s *scanner) bool {
	c, next := s.text[s.pos], s.at(s.pos+1)
	switch {
	case s.has(s.pos, "@@") && classes[s.at(s.pos+2)]&letter != 0:
		s.take(chroma.NameVariableClass, s.wordEnd(s.pos+2))
	case c == '@' && classes[next]&letter != 0:
		s.take(chroma.NameVariableInstance, s.wordEnd(s.pos+1))
	case c == '$' && classes[next]&word != 0:
		s.take(chroma.NameVariableGlobal, s.wordEnd(s.pos+1))
	case c == '$' && contains("!@&`'+~=/\\,;.<>_*$?:\"^-", next):
		s.take(chroma.NameVariableGlobal, s.pos+2)
	default:
		return false
	}
	return true
}

// rubyChar is the end of a character after a question mark.
func rubyChar(s *scanner, i int) int {
	end := s.runeEnd(i + 1)
	if s.at(i+1) == '\\' {
		end = rubyEscape(s, i+1)
	}
	if c := s.at(i + 1); c == 0 || classes[c]&space != 0 || end == i+1 || classes[s.at(end)]&word != 0 {
		return i
	}
	return min(end, len(s.text))
}

// rubyName takes a symbol before its colon, a constant or another name.
func rubyName(s *scanner) bool {
	end := s.wordEnd(s.pos)
	switch first := s.text[s.pos]; {
	case s.at(end) == ':' && s.at(end+1) != ':':
		s.take(chroma.LiteralStringSymbol, end)
		s.take(chroma.Punctuation, end+1)
		return true
	case 'A' <= first && first <= 'Z' && end > s.pos+1:
		s.take(chroma.NameConstant, end)
		return true
	}
	s.take(chroma.Name, rubyMark(s, end))
	return true
}

// rubyMark goes over a question mark or an exclamation mark.
func rubyMark(s *scanner, i int) int {
	if c := s.at(i); c == '?' || c == '!' {
		return i + 1
	}
	return i
}

// rubyCall takes a point and the name of a method.
func rubyCall(s *scanner) bool {
	if classes[s.at(s.pos+1)]&letter == 0 {
		return false
	}
	end := rubyMark(s, s.wordEnd(s.pos+1))
	s.take(chroma.Operator, s.pos+1)
	s.take(chroma.Name, end)
	return true
}

// rubyFunction takes the name after def, with what it is defined on.
func rubyFunction(s *scanner) bool {
	end := s.wordEnd(s.pos)
	if next := s.at(end + 1); s.at(end) == '.' && classes[next]&letter != 0 {
		s.take(chroma.NameClass, end)
		s.take(chroma.Operator, end+1)
		end = s.wordEnd(s.pos)
	}
	s.take(chroma.NameFunction, rubyMark(s, end))
	s.leave(1)
	return true
}

// rubyEscape is the end of the escape at i, or i if chroma knows none.
func rubyEscape(s *scanner, i int) int {
	switch c := s.at(i + 1); {
	case c != 0 && strings.IndexByte(`\abefnrstv#"'`, c) >= 0:
		return i + 2
	case c == 'x' && classes[s.at(i+2)]&hexadecimal != 0:
		return min(s.run(i+2, hexadecimal), i+4)
	case classes[c]&octal != 0:
		return min(s.run(i+1, octal), i+4)
	}
	return i
}
