package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// longestEntity bounds how far the end of an entity is looked for, in bytes. One that is longer is left to chroma.
const longestEntity = 64

func htmlTable() *table {
	root, tag, value := new(table), new(table), new(table)
	script, style := new(table), new(table)
	script.all(htmlEmbedded("script", lexJavaScript))
	style.all(htmlEmbedded("style", lexCSS))

	root.on("&", htmlEntity)
	root.on("<",
		between(chroma.CommentPreproc, "<![CDATA[", "]]>"), htmlComment, between(chroma.CommentPreproc, "<?", "?>"),
		between(chroma.CommentPreproc, "<!", ">"), htmlBegin(tag, script, style), htmlEnd)
	root.all(kind(chroma.Text, func(s *scanner, i int) int { return s.until(i, "<&") }))

	tag.on(blanks, run(chroma.Text, space))
	tag.on(letters+digits+":-", func(s *scanner) bool {
		end := s.run(s.pos, word|dash|colon)
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
	})
	tag.on("/>", htmlClose)

	value.on(`"'`, pop(htmlQuoted, 1))
	value.all(pop(kind(chroma.LiteralString, func(s *scanner, i int) int {
		for i < len(s.text) && classes[s.text[i]]&space == 0 && s.text[i] != '>' {
			i++
		}
		return i
	}), 1))
	return root
}

func htmlEntity(s *scanner) bool {
	for i := s.pos; i < len(s.text) && classes[s.text[i]]&space == 0; i++ {
		if i-s.pos > longestEntity || s.text[i] >= 0x80 {
			s.failed = true
			return false
		}
		if s.text[i] == ';' {
			s.take(chroma.NameEntity, i+1)
			return true
		}
	}
	return false
}

// htmlComment takes a comment; one that does not end goes on to the end of the text.
func htmlComment(s *scanner) bool {
	if !s.has(s.pos, "<!--") {
		return false
	}
	end := len(s.text)
	if n := strings.Index(s.text[s.pos+4:], "-->"); n >= 0 {
		end = s.pos + 4 + n + 3
	}
	s.take(chroma.Comment, end)
	return true
}

// htmlBegin takes < and the name of an element, and enters its attributes. The content of some elements is in another language.
func htmlBegin(tag, script, style *table) action {
	return func(s *scanner) bool {
		begin := s.run(s.pos+1, space)
		end := s.run(begin, word|dash|colon|point)
		if end == begin {
			return false
		}
		s.take(chroma.Punctuation, s.pos+1)
		s.take(chroma.Text, begin)
		name := s.text[begin:end]
		s.take(chroma.NameTag, end)
		if strings.EqualFold(name, "script") {
			s.enter(script)
		} else if strings.EqualFold(name, "style") {
			s.enter(style)
		}
		s.enter(tag)
		return true
	}
}

func htmlEnd(s *scanner) bool {
	slash := s.run(s.pos+1, space)
	begin := s.run(slash+1, space)
	end := s.run(begin, word|dash|colon|point)
	angle := s.run(end, space)
	if s.at(slash) != '/' || end == begin || s.at(angle) != '>' {
		return false
	}
	s.take(chroma.Punctuation, s.pos+1)
	s.take(chroma.Text, slash)
	s.take(chroma.Punctuation, slash+1)
	s.take(chroma.Text, begin)
	s.take(chroma.NameTag, end)
	s.take(chroma.Text, angle)
	s.take(chroma.Punctuation, angle+1)
	return true
}

// htmlClose takes the end of a tag.
func htmlClose(s *scanner) bool {
	angle := s.pos
	if s.at(angle) == '/' {
		angle = s.run(angle+1, space)
	}
	if s.at(angle) != '>' {
		return false
	}
	s.take(chroma.Punctuation, s.pos+1)
	s.take(chroma.Text, angle)
	s.take(chroma.Punctuation, angle+1)
	s.leave(1)
	return true
}

func htmlQuoted(s *scanner) bool {
	n := strings.IndexByte(s.text[s.pos+1:], s.text[s.pos])
	if n < 0 {
		return false
	}
	s.take(chroma.LiteralString, s.pos+n+2)
	return true
}

// htmlEmbedded takes the content of an element in another language, and then its end.
func htmlEmbedded(name string, lex func(*scanner)) action {
	return func(s *scanner) bool {
		end, ok := s.endTag(name)
		if !ok {
			s.failed = true
			return false
		}
		if end > s.pos {
			s.embed(lex, end)
		}
		if !s.failed {
			htmlEnd(s)
			s.leave(1)
		}
		return true
	}
}

// endTag is where the next end tag of an element stands.
func (s *scanner) endTag(name string) (int, bool) {
	for i := s.pos; ; i += 2 {
		n := strings.Index(s.text[i:], "</")
		if n < 0 {
			return 0, false
		}
		i += n
		begin := s.run(i+2, space)
		end := begin + len(name)
		if end < len(s.text) && strings.EqualFold(s.text[begin:end], name) && s.at(s.run(end, space)) == '>' {
			return i, true
		}
	}
}
