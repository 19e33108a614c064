package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

var csWords = types{}.
	add(chroma.Keyword, `as await base break by case catch checked continue default delegate do else event finally fixed for foreach goto if
		in init is let lock new on out params readonly ref return sizeof stackalloc switch this throw try typeof unchecked virtual void
		while get set yield add remove value alias ascending descending from group into orderby select thenby where join equals`).
	add(chroma.KeywordDeclaration, `abstract async const enum explicit extern implicit internal operator override partial private protected
		public static sealed unsafe volatile`).
	add(chroma.KeywordType, `bool byte char decimal double dynamic float int long object sbyte short string uint ulong ushort var`).
	add(chroma.KeywordConstant, "true false null")

func csTable() *table {
	root, class, namespace := new(table), new(table), new(table)
	root.on(blanks+"[", csAttribute)
	root.on(" \t\v\f", run(chroma.Text, space))
	root.on("\n", one(chroma.Text))
	root.on("/", rest(chroma.CommentSpecial, "///", false), rest(chroma.CommentSingle, "//", false), between(chroma.CommentMultiline, "/*", "*/"))
	root.on("~!%^&*()+=|[]:;,.<>/?-{}", one(chroma.Punctuation))
	root.on("@$", kind(chroma.LiteralString, csVerbatim))
	root.on(`"`, kind(chroma.LiteralString, csString))
	root.on("'", kind(chroma.LiteralStringChar, csChar))
	root.on(digits, kind(chroma.LiteralNumber, csNumber))
	root.on("#", csDirective)
	root.on(letters, csName(class, namespace))
	root.on("@", func(s *scanner) bool {
		end := s.wordEnd(s.pos + 1)
		if classes[s.at(s.pos+1)]&letter == 0 {
			return false
		}
		s.take(chroma.Name, end)
		return true
	})

	class.on(letters, pop(names(chroma.NameClass, nil), 1))
	class.all(give)
	namespace.on("(", give)
	namespace.on(letters+digits+".@", pop(kind(chroma.NameNamespace, func(s *scanner, i int) int { return s.run(i, word|point|atSign) }), 1))
	return root
}

// csAttribute takes an attribute that begins a line.
func csAttribute(s *scanner) bool {
	if !s.lineStart(s.pos) {
		return false
	}
	if !s.ahead.has(s.pos) {
		open := s.run(s.pos, space)
		s.ahead = span{s.pos, open + 1, s.at(open) == '['}
	}
	if !s.ahead.found {
		return false
	}
	s.take(chroma.NameAttribute, s.after(s.ahead.to, "]"))
	return true
}

// csVerbatim is the end of a string with @ or $ before it, in which a quote is doubled.
func csVerbatim(s *scanner, i int) int {
	open := i + 1
	if s.has(i, "$@") {
		open++
	}
	if s.at(open) != '"' {
		return i
	}
	return sqlString(s, open)
}

// csString is the end of a string, which is the end of the line at the latest.
func csString(s *scanner, i int) int {
	for i++; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			if next := s.at(i + 1); next == '\\' || next == '"' {
				i++
			}
		case '"', '\n':
			return i + 1
		}
	}
	return i
}

func csChar(s *scanner, i int) int {
	end := s.runeEnd(i + 1)
	if s.at(i+1) == '\\' {
		end = s.runeEnd(i + 2)
	}
	if s.at(end) != '\'' {
		return i
	}
	return end + 1
}

func csNumber(s *scanner, i int) int {
	if next := s.at(i + 1); s.text[i] == '0' && (next == 'x' || next == 'X') && classes[s.at(i+2)]&hexadecimal != 0 {
		end := s.run(i+2, hexadecimal)
		if c := s.at(end); c == 'l' || c == 'L' {
			end++
		}
		return end
	}
	end := s.run(i, digit|underscore)
	if s.at(end) == '.' {
		end = s.run(end+1, digit)
	}
	end = s.exponent(end)
	if c := s.at(end); c != 0 && strings.IndexByte("flFLdD", c) >= 0 {
		end++
	}
	return end
}

func csDirective(s *scanner) bool {
	begin := s.pos + 1
	for s.at(begin) == ' ' || s.at(begin) == '\t' {
		begin++
	}
	end := s.wordEnd(begin)
	switch s.text[begin:end] {
	case "if", "endif", "else", "elif", "define", "undef", "line", "error", "warning", "region", "endregion", "pragma", "nullable":
		s.take(chroma.CommentPreproc, end)
		return true
	}
	return false
}

// csName takes a keyword or a name, and enters what follows some keywords.
func csName(class, namespace *table) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		w := s.text[s.pos:end]
		t, ok := csWords[w]
		blank := s.run(end, space)
		var next *table
		switch {
		case ok && t == chroma.KeywordType && s.at(end) == '?':
			end++
		case ok:
		case blank > end && (w == "class" || w == "struct" || w == "record" || w == "interface"):
			t, next = chroma.Keyword, class
		case blank > end && (w == "namespace" || w == "using"):
			t, next = chroma.Keyword, namespace
		case w == "global" && s.has(end, "::"):
			t = chroma.Keyword
		default:
			t = chroma.Name
		}
		s.take(t, end)
		if next != nil {
			s.take(chroma.Text, blank)
			s.enter(next)
		}
		return true
	}
}
