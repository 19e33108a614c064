// Package highlight splits code of the languages most posts show into chroma's tokens, in one pass and without regular
// expressions: chroma's own lexers take most of a cold build. Where a lexer is unsure it gives up, and chroma does the block.
package highlight

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
)

// known are functions that take one token or fail; by chroma's names of the languages.
var known = map[string]func(*scanner){
	"go": lexGo, "golang": lexGo,
	"python": lexPython, "py": lexPython, "python3": lexPython, "py3": lexPython,
	"bash": lexShell, "sh": lexShell, "shell": lexShell, "zsh": lexShell, "ksh": lexShell,
	"json": lexJSON, "jsonl": lexJSON, "jsonc": lexJSON, "json5": lexJSON,
	"toml": lexTOML,
	"yaml": lexYAML, "yml": lexYAML,
	"diff": lexDiff, "udiff": lexDiff, "patch": lexDiff,
	"javascript": lexJavaScript, "js": lexJavaScript, "mjs": lexJavaScript, "cjs": lexJavaScript,
	"typescript": lexTypeScript, "ts": lexTypeScript, "tsx": lexTypeScript, "mts": lexTypeScript, "cts": lexTypeScript,
	"jsx": lexReact, "react": lexReact,
	"html": lexHTML, "htm": lexHTML, "xhtml": lexHTML,
	"css": lexCSS, "sql": lexSQL,
	"rust": lexRust, "rs": lexRust,
	"c": lexC, "h": lexC,
	"c++": lexCPP, "cpp": lexCPP, "cc": lexCPP, "cxx": lexCPP, "hpp": lexCPP, "hxx": lexCPP,
	"php": lexPHP, "php3": lexPHP, "php4": lexPHP, "php5": lexPHP,
	"java": lexJava,
	"c#":   lexCS, "csharp": lexCS, "cs": lexCS,
	"ruby": lexRuby, "rb": lexRuby, "duby": lexRuby,
	"docker": lexDocker, "dockerfile": lexDocker, "containerfile": lexDocker,
}

var (
	lexJSON = tabled(jsonTable)
	lexTOML = tabled(tomlTable)
	lexYAML = tabled(yamlTable)
	lexDiff = tabled(diffTable)

	lexJavaScript = tabled(javaScriptTable)
	lexTypeScript = tabled(typeScriptTable)
	lexReact      = tabled(reactTable)

	lexHTML = tabled(htmlTable)
	lexCSS  = tabled(cssTable)
	lexSQL  = tabled(sqlTable)

	lexRust = tabled(rustTable)
	lexC    = tabled(cTable)
	lexCPP  = tabled(cppTable)
	lexJava = tabled(javaTable)
	lexCS   = tabled(csTable)
	lexRuby = tabled(rubyTable)
	lexPHP  = tabled(phpTable)
)

// Tokens are the tokens of a text, whose values together are the text. It is not ok for languages without a lexer here and for
// text a lexer is unsure of.
func Tokens(language, text string) (tokens []chroma.Token, ok bool) {
	lex := known[strings.ToLower(language)]
	if lex == nil || strings.ContainsAny(text, "\x00\r") || !utf8.ValidString(text) {
		return nil, false
	}
	s := &scanner{text: text, tokens: make([]chroma.Token, 0, len(text)/2+1)}
	s.lexAll(lex)
	return s.tokens, !s.failed
}

// lexAll has a lexer take all of the text. Each step must take something or leave a state.
func (s *scanner) lexAll(lex func(*scanner)) {
	for s.pos < len(s.text) && !s.failed {
		before, depth := s.pos, len(s.under)
		lex(s)
		if s.pos == before && len(s.under) >= depth {
			s.failed = true
		}
	}
	if len(s.open) > 0 {
		s.failed = true
	}
	if s.failed {
		s.tokens = nil
	}
}

// scanner holds how far a lexer came.
type scanner struct {
	text   string
	pos    int
	start  int // of the last token
	tokens []chroma.Token
	failed bool
	depth  int     // of strings within expressions within strings
	open   []state // of the shell lexer
	in     *table  // of the lexers that are tables, and what it goes back to
	under  []*table
	slash  bool // a slash that comes next begins a regular expression
	regex  bool // one that comes now does
	ahead  span // of the last scan ahead
	none   int  // up to here something was looked for in vain

	// Where the next ones stand, once that was looked for, and the last bracket.
	semicolon, closing, brace int
	braced                    bool
}

// span remembers a scan ahead: the same scan from any place within it ends there too.
type span struct {
	from, to int
	found    bool
}

func (p span) has(i int) bool { return p.from <= i && i < p.to }

// take makes the text up to end a token, or part of the last one if that has the same type. An end beyond the text fails: a lexer
// took something for granted that is not there.
func (s *scanner) take(t chroma.TokenType, end int) {
	if end > len(s.text) {
		s.failed = true
	}
	if end <= s.pos || s.failed {
		return
	}
	if n := len(s.tokens); n > 0 && s.tokens[n-1].Type == t {
		s.tokens[n-1].Value = s.text[s.start:end]
	} else {
		s.start = s.pos
		s.tokens = append(s.tokens, chroma.Token{Type: t, Value: s.text[s.pos:end]})
	}
	s.pos = end
}

// at is the byte at i, 0 after the end: Tokens refuses texts with a NUL.
func (s *scanner) at(i int) byte {
	if i < 0 || i >= len(s.text) {
		return 0
	}
	return s.text[i]
}

// has is whether the text goes on with part at i.
func (s *scanner) has(i int, part string) bool {
	return i <= len(s.text) && strings.HasPrefix(s.text[i:], part)
}

// run is the end of the bytes of a class from i on.
func (s *scanner) run(i int, c class) int {
	for i < len(s.text) && classes[s.text[i]]&c != 0 {
		i++
	}
	return i
}

// line is the end of the line at i, without its newline.
func (s *scanner) line(i int) int {
	if n := strings.IndexByte(s.text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(s.text)
}

// after is where the next end after i ends. None fails.
func (s *scanner) after(i int, end string) int {
	if i <= len(s.text) {
		if n := strings.Index(s.text[i:], end); n >= 0 {
			return i + n + len(end)
		}
	}
	s.failed = true
	return len(s.text)
}

// closed is where a string from i on ends that may have escapes. None fails.
func (s *scanner) closed(i int, quote byte) int {
	for ; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	s.failed = true
	return len(s.text)
}

// other takes what no rule knows. chroma marks it as an error, but its classes of letters reach beyond ASCII.
func (s *scanner) other() {
	if s.text[s.pos] >= utf8.RuneSelf {
		s.failed = true
		return
	}
	s.take(chroma.Error, s.pos+1)
}
