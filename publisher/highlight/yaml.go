package highlight

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
)

func yamlTable() *table {
	t := new(table)
	toBlank := kind(chroma.CommentPreproc, func(s *scanner, i int) int {
		for i < len(s.text) && classes[s.text[i]]&space == 0 {
			i++
		}
		return i
	})
	t.on(blanks, run(chroma.TextWhitespace, space))
	t.on("-.", yamlMark)
	t.on("-", part(chroma.Text, "- "))
	t.on("#", rest(chroma.Comment, "#", false))
	t.on("/", rest(chroma.Comment, "//", false))
	t.on("&*", atLeastTwo(toBlank))
	t.on("!", func(s *scanner) bool { return s.has(s.pos, "!!") && toBlank(s) })
	t.on(`"`, yamlQuotedKey)
	t.all(yamlKey)
	t.on("|>", yamlBlock)
	t.on("fFtTnoOyYN", keywords(types{}.add(chroma.KeywordConstant, `false False FALSE true True TRUE null Off off yes Yes YES OFF On ON
		no No on NO n N Y y`)))
	t.on(`"`, quoted(chroma.LiteralStringDouble))
	t.on(`'`, quoted(chroma.LiteralStringSingle))
	t.on(digits, kind(chroma.LiteralDate, yamlDate), kind(chroma.LiteralNumber, yamlNumber))
	t.all(yamlPlain)
	t.on("?:,[]", one(chroma.Punctuation))
	t.on("{}!-*&@", one(chroma.Text))
	return t
}

// lineStart tells whether nothing of a line stands before i.
func (s *scanner) lineStart(i int) bool { return i == 0 || s.text[i-1] == '\n' }

// atLeastTwo wants a byte that is no blank after the first.
func atLeastTwo(a action) action {
	return func(s *scanner) bool {
		next := s.at(s.pos + 1)
		return next != 0 && classes[next]&space == 0 && a(s)
	}
}

func yamlMark(s *scanner) bool {
	if !s.lineStart(s.pos) || !s.has(s.pos, "---") && !s.has(s.pos, "...") {
		return false
	}
	s.take(chroma.NameNamespace, s.pos+3)
	return true
}

func yamlQuotedKey(s *scanner) bool {
	if s.pos < s.none {
		return false
	}
	line := s.text[s.pos:s.line(s.pos)]
	n := strings.LastIndex(line, `": `)
	if n < 2 || line[1] == '#' || line[1] == '"' {
		s.none = s.pos + len(line)
		return false
	}
	s.take(chroma.NameTag, s.pos+n+3)
	return true
}

// yamlKey takes a key with its colon. chroma looks for the first colon before a blank, else before the end of the line.
func yamlKey(s *scanner) bool {
	if !s.ahead.has(s.pos) {
		s.ahead = yamlColon(s.text, s.pos)
	}
	if !s.ahead.found {
		return false
	}
	s.take(chroma.NameTag, s.ahead.to-1)
	s.take(chroma.Punctuation, s.ahead.to)
	s.take(chroma.TextWhitespace, s.ahead.to+1)
	return true
}

// yamlColon scans from i to just behind a key's colon or to where no key can be.
func yamlColon(text string, i int) span {
	for j := i; j < len(text); j++ {
		switch text[j] {
		case '"', '\n', '{', '#':
			return span{i, j + 1, false}
		case '/':
			if strings.HasPrefix(text[j:], "//") {
				return span{i, j + 1, false}
			}
		case ':':
			if j+1 < len(text) && (text[j+1] == ' ' || text[j+1] == '\n') {
				return span{i, j + 1, true}
			}
		}
	}
	return span{i, len(text) + 1, false}
}

// yamlBlock takes a text in lines that are indented like the first.
func yamlBlock(s *scanner) bool {
	i := s.pos + 1
	if c := s.at(i); c == '+' || c == '-' {
		i++
	}
	indent := s.indent(i + 1)
	if s.at(i) != '\n' || indent == 0 {
		return false
	}
	end := s.line(i + 1)
	for next := end; next < len(s.text); {
		for s.at(next) == '\n' {
			next++
		}
		if s.indent(next) < indent {
			break
		}
		end = s.line(next)
		next = end
	}
	s.take(chroma.Punctuation, i)
	s.take(chroma.LiteralStringDoc, end)
	return true
}

// indent counts the blanks at i.
func (s *scanner) indent(i int) (n int) {
	for s.at(i+n) == ' ' {
		n++
	}
	return n
}

func yamlDate(s *scanner, i int) int {
	end := s.shaped(i, "0000-00-00")
	if end == i {
		return i
	}
	for _, shape := range []string{"T00:00:00", " 00:00:00"} {
		if full := s.shaped(end, shape); full > end {
			end = full
			if s.at(end) == '.' && s.run(end+1, digit) > end+1 {
				end = s.run(end+1, digit)
			}
			if s.at(end) == 'Z' {
				end++
			}
		}
	}
	return end
}

// yamlNumber is a number that is a whole word, with what may follow its point.
func yamlNumber(s *scanner, i int) int {
	if classes[s.at(i-1)]&word != 0 {
		return i
	}
	for prefix, c := range map[string]class{"0x": hexadecimal, "0o": octal} {
		if end := s.run(i+2, c); s.has(i, prefix) && end > i+2 && classes[s.at(end)]&word == 0 && strings.ToLower(s.text[i:end]) == s.text[i:end] {
			return end
		}
	}
	whole := s.run(i, digit)
	end := whole
	if s.at(whole) == '.' {
		end = s.exponent(s.run(whole+1, digit))
	} else {
		end = s.exponent(whole)
	}
	if s.at(end) >= 0x80 {
		s.failed = true
	}
	if end > whole+1 && classes[s.at(end)]&word == 0 {
		return end
	}
	if classes[s.at(whole)]&word == 0 {
		return whole
	}
	return i
}

// yamlPlain takes a plain value up to a comment or the end of the line.
func yamlPlain(s *scanner) bool {
	c := s.text[s.pos]
	if strings.IndexByte("{}[]?,:!-*&@", c) >= 0 {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(s.text[s.pos:]); c >= 0x80 && unicode.IsSpace(r) {
		s.failed = true
		return false
	}
	end := s.line(s.pos)
	line := s.text[s.pos:end]
	n := strings.LastIndex(line, " #")
	if n <= 0 {
		n = strings.LastIndex(line, " //")
	}
	if n <= 0 {
		s.take(chroma.Literal, end)
		return true
	}
	s.take(chroma.Literal, s.pos+n)
	s.take(chroma.TextWhitespace, s.pos+1)
	s.take(chroma.Comment, end)
	return true
}
