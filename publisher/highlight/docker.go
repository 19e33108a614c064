package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// dockerWords are instructions with what follows them.
var dockerWords = map[string]func(s *scanner, end int){
	"FROM": dockerValue, "MAINTAINER": dockerValue, "EXPOSE": dockerValue, "WORKDIR": dockerValue, "USER": dockerValue, "STOPSIGNAL": dockerValue,
	"VOLUME": dockerList, "ENTRYPOINT": dockerList, "CMD": dockerList, "SHELL": dockerList,
	"LABEL": dockerPlain, "ENV": dockerPlain, "ARG": dockerPlain,
	"RUN": dockerPlain, "ADD": dockerPlain, "COPY": dockerPlain, "ONBUILD": dockerOther, "HEALTHCHECK": dockerPlain,
}

// lexDocker takes an instruction; what is not its own is shell.
func lexDocker(s *scanner) {
	switch c := s.text[s.pos]; {
	case c == '\n':
		s.take(chroma.TextWhitespace, s.run(s.pos, space))
	case c == '#':
		s.take(chroma.Comment, s.line(s.pos))
	case classes[c]&space != 0 && s.text[s.run(s.pos, space)-1] == '\n':
		s.take(chroma.TextWhitespace, s.run(s.pos, space))
	default:
		end := s.run(s.pos, word)
		if rule := dockerWords[strings.ToUpper(s.text[s.pos:min(end, s.pos+16)])]; rule != nil {
			rule(s, end)
		} else {
			dockerShell(s)
		}
	}
}

// dockerShell has the shell's lexer take the line, with those it goes on in.
func dockerShell(s *scanner) {
	end := s.line(s.pos)
	for end < len(s.text) && s.text[end-1] == '\\' && end+1 < len(s.text) {
		end = s.line(end + 1)
	}
	if end > s.pos {
		s.embed(lexShell, end)
	}
}

func dockerPlain(s *scanner, end int) {
	s.take(chroma.Keyword, end)
	if s.at(s.pos) != '\n' && s.pos < len(s.text) {
		dockerShell(s)
	}
}

// dockerOther is followed by another instruction.
func dockerOther(s *scanner, end int) {
	s.take(chroma.Keyword, end)
	s.take(chroma.Text, s.run(end, space))
}

// dockerList is followed by a list in JSON, or by a command.
func dockerList(s *scanner, end int) {
	open := s.run(end, space)
	last := s.until(open, "]\n")
	if s.at(open) != '[' || s.at(last) != ']' {
		if strings.EqualFold(s.text[s.pos:end], "VOLUME") {
			dockerValue(s, end)
			return
		}
		dockerPlain(s, end)
		return
	}
	s.take(chroma.Keyword, end)
	s.take(chroma.Text, open)
	s.embed(lexJSON, last+1)
}

// dockerValue is followed by a value, and it by a name. chroma ends values with the last letter or digit.
func dockerValue(s *scanner, end int) {
	from := end + 1
	value := dockerWord(s, from)
	if classes[s.at(end)]&space == 0 || value == from {
		dockerShell(s)
		return
	}
	s.take(chroma.Keyword, end)
	s.take(chroma.TextWhitespace, from)
	s.take(chroma.LiteralString, value)
	if as := value + 4; as < len(s.text) && strings.EqualFold(s.text[value:as], " as ") {
		s.take(chroma.TextWhitespace, value+1)
		s.take(chroma.Keyword, value+3)
		s.take(chroma.TextWhitespace, as)
		s.take(chroma.LiteralString, max(as, dockerWord(s, as)))
	}
}

// dockerWord is the end of the word at i, without marks at its end.
func dockerWord(s *scanner, i int) int {
	end := i
	for end < len(s.text) && classes[s.text[end]]&space == 0 {
		end++
	}
	for end > i && classes[s.text[end-1]]&word == 0 {
		end--
	}
	return end
}
