package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// state is what the shell lexer stands in; chroma's names.
type state uint8

const (
	inString state = iota + 1
	inParen
	inMath
	inCurly
	inBackticks
)

var shellKeywords = types{}.
	add(chroma.Keyword, "if fi else while do done for then return function case select continue until esac elif")

// shellBuiltins are so before a blank, a ) or a `.
var shellBuiltins = types{}.add(chroma.NameBuiltin, `alias bg bind break builtin caller cd command compgen complete declare dirs
	disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout popd printf pushd pwd
	read readonly set shift shopt source suspend test time times trap true type typeset ulimit umask unalias unset wait`)

// shellText are the bytes that chroma takes as one plain text.
var shellText = func() (t [256]bool) {
	for i := range t {
		t[i] = i < 0x80 && classes[i]&space == 0 && strings.IndexByte("=[]{}()$\"'`\\<&|;", byte(i)) < 0
	}
	return t
}()

func lexShell(s *scanner) {
	var in state
	if n := len(s.open); n > 0 {
		in = s.open[n-1]
	}
	c := s.text[s.pos]
	switch {
	case in == inString:
		shellString(s)
	case in == inCurly && shellCurly(s, c):
	case in == inParen && c == ')':
		s.pop(chroma.Keyword, 1)
	case in == inBackticks && c == '`':
		s.pop(chroma.LiteralStringBacktick, 1)
	case in == inMath && shellMath(s, c):
	default:
		shellRoot(s, c)
	}
}

func (s *scanner) push(in state, t chroma.TokenType, n int) {
	s.open = append(s.open, in)
	s.take(t, s.pos+n)
}

func (s *scanner) pop(t chroma.TokenType, n int) {
	s.open = s.open[:len(s.open)-1]
	s.take(t, s.pos+n)
}

func shellRoot(s *scanner, c byte) {
	switch {
	case classes[c]&word != 0 && classes[s.at(s.pos-1)]&word == 0:
		shellWord(s)
	case classes[c]&space != 0:
		s.take(chroma.Text, s.run(s.pos, space))
	case c == '#':
		shellComment(s)
	case c == '"':
		s.push(inString, chroma.LiteralStringDouble, 1)
	case c == '\'':
		s.take(chroma.LiteralStringSingle, s.after(s.pos+1, "'"))
	case c == '`':
		s.push(inBackticks, chroma.LiteralStringBacktick, 1)
	case c == '$':
		shellDollar(s)
	case c == '\\':
		if s.at(s.pos+1) == 0 || s.at(s.pos+1) >= 0x80 {
			s.failed = true
		}
		s.take(chroma.LiteralStringEscape, min(s.pos+2, len(s.text)))
	case c >= 0x80:
		s.failed = true
	default:
		shellOperator(s, c)
	}
}

func shellOperator(s *scanner, c byte) {
	switch {
	case s.has(s.pos, "&&"), s.has(s.pos, "||"):
		s.take(chroma.Operator, s.pos+2)
	case c == ';' || c == '&' || c == '|':
		s.take(chroma.Punctuation, s.pos+1)
	case strings.IndexByte("[]{}()=", c) >= 0:
		s.take(chroma.Operator, s.pos+1)
	case s.has(s.pos, "<<<"):
		s.take(chroma.Operator, s.pos+3)
	case s.has(s.pos, "<<"):
		shellHere(s)
	case c == '<':
		s.take(chroma.Text, s.pos+1)
	default:
		shellPlain(s)
	}
}

// shellPlain takes a number or a text: a whole one, so that what looks like a keyword within is none.
func shellPlain(s *scanner) {
	if end := s.run(s.pos, digit); end > s.pos && (end == len(s.text) || s.text[end] == ' ' || s.text[end] == '\n') {
		s.take(chroma.LiteralNumber, end)
		return
	}
	end := s.pos
	for end < len(s.text) && shellText[s.text[end]] {
		end++
	}
	s.take(chroma.Text, end)
}

func shellWord(s *scanner) {
	end := s.run(s.pos, word)
	next := s.at(end)
	w := s.text[s.pos:end]
	if next >= 0x80 {
		s.failed = true
		return
	}
	if t, ok := shellKeywords[w]; ok {
		s.take(t, end)
		return
	}
	if t, ok := shellBuiltins[w]; ok && (classes[next]&space != 0 || next == ')' || next == '`') {
		s.take(t, end)
		return
	}
	equals := s.run(end, space)
	value := equals
	if s.at(value) == '+' {
		value++
	}
	if s.at(value) != '=' {
		shellPlain(s)
		return
	}
	s.take(chroma.NameVariable, end)
	s.take(chroma.Text, equals)
	s.take(chroma.Operator, value+1)
}

func shellComment(s *scanner) {
	if s.pos == 0 && s.at(1) == '!' {
		end := s.line(0)
		if end < 3 || end == len(s.text) {
			s.failed = true
			return
		}
		s.take(chroma.CommentPreproc, end+1)
		return
	}
	s.take(chroma.CommentSingle, s.line(s.pos))
}

// shellHere takes a here document as chroma does: to the next place its word stands.
func shellHere(s *scanner) {
	i := s.pos + 2
	if s.at(i) == '-' {
		i++
	}
	i = s.run(i, space)
	if s.at(i) == '\'' {
		i++
	}
	if s.at(i) == '\\' {
		i++
	}
	end := s.run(i, word)
	if end == i {
		s.take(chroma.Text, s.pos+1)
		return
	}
	if s.at(end) >= 0x80 {
		s.failed = true
		return
	}
	s.take(chroma.LiteralString, s.after(end+1, s.text[i:end]))
}

func shellDollar(s *scanner) {
	next := s.at(s.pos + 1)
	switch {
	case next == '\'' && !s.inString():
		s.take(chroma.LiteralStringSingle, s.closed(s.pos+2, '\''))
	case next == '"' && !s.inString(), next >= 0x80:
		s.failed = true
	case s.has(s.pos, "$(("):
		s.push(inMath, chroma.Keyword, 3)
	case next == '(':
		s.push(inParen, chroma.Keyword, 2)
	case s.has(s.pos, "${#"):
		s.push(inCurly, chroma.LiteralStringInterpol, 3)
	case next == '{':
		s.push(inCurly, chroma.LiteralStringInterpol, 2)
	case classes[next]&letter != 0:
		s.take(chroma.NameVariable, s.run(s.pos+1, word))
	case classes[next]&digit != 0:
		s.take(chroma.NameVariable, s.run(s.pos+1, digit))
	case next != 0 && strings.IndexByte("#$?!*@-", next) >= 0:
		s.take(chroma.NameVariable, s.pos+2)
	default:
		s.take(chroma.Text, s.pos+1)
	}
}
