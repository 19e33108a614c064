package highlight

import (
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// action takes one token (or some that belong together) if it fits at s.pos. It looks at bytes it does not take a constant number of
// times only: what scans ahead either takes what it saw, remembers where the scan stopped, or fails the text.
type action func(*scanner) bool

// table is a state of a lexer: for each byte a token may begin with what to try, in chroma's order. A language is some tables
// that push each other.
type table [256][]action

// on adds actions for the bytes given.
func (t *table) on(bytes string, actions ...action) {
	for _, b := range []byte(bytes) {
		t[b] = append(t[b], actions...)
	}
}

// all adds an action for every byte.
func (t *table) all(a action) {
	for b := range t {
		t[b] = append(t[b], a)
	}
}

// include adds what another table has now.
func (t *table) include(o *table) {
	for b := range t {
		t[b] = append(t[b], o[b]...)
	}
}

// Sets of bytes for tables.
const (
	blanks  = " \t\n\v\f"
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
)

// tabled is the lexer of a table, which is made when it is first needed.
func tabled(build func() *table) func(*scanner) {
	root := sync.OnceValue(build)
	return func(s *scanner) {
		if s.in == nil {
			s.in = root()
		}
		s.step()
	}
}

// step takes the next token. Like chroma it begins anew at a newline that a state knows nothing of.
func (s *scanner) step() {
	c := s.text[s.pos]
	s.regex, s.slash = s.slash, false
	for _, a := range s.in[c] {
		if a(s) || s.failed {
			return
		}
	}
	if c == '\n' && len(s.under) > 0 {
		s.in, s.under = s.under[0], s.under[:0]
		return
	}
	s.other()
}

func (s *scanner) enter(t *table) {
	s.under = append(s.under, s.in)
	s.in = t
}

// leave goes back to the n-th state below. There is none: fails.
func (s *scanner) leave(n int) {
	if n > len(s.under) {
		s.failed = true
		return
	}
	s.in = s.under[len(s.under)-n]
	s.under = s.under[:len(s.under)-n]
}

// embed has another language take the text up to end.
func (s *scanner) embed(lex func(*scanner), end int) {
	if s.failed || end > len(s.text) {
		s.failed = true
		return
	}
	inner := &scanner{text: s.text[:end], pos: s.pos, start: s.start, tokens: s.tokens, depth: s.depth}
	inner.lexAll(lex)
	s.pos, s.start, s.tokens, s.failed = inner.pos, inner.start, inner.tokens, inner.failed
}

// kind is a rule for a part that end finds: the end, or the place itself where it does not fit.
func kind(t chroma.TokenType, end func(s *scanner, i int) int) action {
	return func(s *scanner) bool {
		e := end(s, s.pos)
		if e <= s.pos {
			return false
		}
		s.take(t, e)
		return true
	}
}

// one takes the byte itself.
func one(t chroma.TokenType) action {
	return func(s *scanner) bool {
		s.take(t, s.pos+1)
		return true
	}
}

// run takes bytes of a class.
func run(t chroma.TokenType, c class) action {
	return kind(t, func(s *scanner, i int) int { return s.run(i, c) })
}

// literal takes the first of some parts that the text goes on with.
func literal(t chroma.TokenType, parts string) action {
	var list [256][]string
	for _, p := range strings.Fields(parts) {
		list[p[0]] = append(list[p[0]], p)
	}
	return kind(t, func(s *scanner, i int) int {
		for _, p := range list[s.text[i]] {
			if s.has(i, p) {
				return i + len(p)
			}
		}
		return i
	})
}

// part takes a part that may have blanks.
func part(t chroma.TokenType, text string) action {
	return kind(t, func(s *scanner, i int) int {
		if s.has(i, text) {
			return i + len(text)
		}
		return i
	})
}

// quoted takes a string that begins with the byte there and may have escapes. A quote after which there is none is an error.
func quoted(t chroma.TokenType) action {
	return func(s *scanner) bool {
		quote := s.text[s.pos]
		end := s.closed(s.pos+1, quote)
		if s.failed && strings.IndexByte(s.text[s.pos+1:], quote) < 0 {
			s.failed = false
			s.take(chroma.Error, s.pos+1)
			return true
		}
		s.take(t, end)
		return true
	}
}

// rest takes the line after a beginning, with its newline if whole.
func rest(t chroma.TokenType, begin string, whole bool) action {
	return kind(t, func(s *scanner, i int) int {
		if !s.has(i, begin) {
			return i
		}
		end := s.line(i)
		if whole && end < len(s.text) {
			end++
		}
		return end
	})
}

// between takes what stands between two marks, with these.
func between(t chroma.TokenType, begin, end string) action {
	return kind(t, func(s *scanner, i int) int {
		if !s.has(i, begin) {
			return i
		}
		return s.after(i+len(begin), end)
	})
}

// then enters a state after an action.
func then(a action, t *table) action {
	return func(s *scanner) bool {
		if !a(s) {
			return false
		}
		s.enter(t)
		return true
	}
}

// pop leaves n states after an action.
func pop(a action, n int) action {
	return func(s *scanner) bool {
		if !a(s) {
			return false
		}
		s.leave(n)
		return true
	}
}

// give leaves a state, and the byte to the one below.
func give(s *scanner) bool {
	s.leave(1)
	return true
}

// keywords takes a whole word that is in the list. It looks no further than the longest of them: what it does not take may be
// taken byte by byte.
func keywords(list types) action {
	longest := 0
	for w := range list {
		longest = max(longest, len(w))
	}
	return func(s *scanner) bool {
		end := s.pos
		for end <= s.pos+longest && classes[s.at(end)]&word != 0 {
			end++
		}
		t, ok := list[s.text[s.pos:end]]
		if ok {
			s.failed = s.at(end) >= 0x80
			s.take(t, end)
		}
		return ok
	}
}

// names takes words: those in the list as what they are there.
func names(t chroma.TokenType, list types) action {
	return func(s *scanner) bool {
		end := s.wordEnd(s.pos)
		if end == s.pos {
			return false
		}
		if special, ok := list[s.text[s.pos:end]]; ok {
			s.take(special, end)
		} else {
			s.take(t, end)
		}
		return true
	}
}

// wordEnd is the end of the word at i. One that may go on beyond ASCII fails.
func (s *scanner) wordEnd(i int) int {
	end := s.run(i, word)
	if s.at(end) >= 0x80 {
		s.failed = true
	}
	return end
}
