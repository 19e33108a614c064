package activitypub

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow one character: more than any script needs, less than covers the lines around.
const maxMarks = 8

// text adds words to the open element: cleaned, white space collapsed outside pre, cut at the bound.
func (b *builder) text(s string) {
	inPre := b.inside("pre")
	var out strings.Builder
	for _, r := range s {
		if isSpace(r) {
			if r = b.collapse(r, inPre, out.Len() == 0); r == 0 {
				continue
			}
			b.space = true
		} else if b.unwanted(r) {
			continue
		} else {
			b.flushLine(&out)
			b.space = false
		}
		if b.bytes+out.Len()+utf8.RuneLen(r) > maxText {
			b.cut(&out)
			return
		}
		out.WriteRune(r)
	}
	b.words(out.String())
}

// collapse gives what a white space character becomes, 0 for nothing. In pre it stays, but for line ends right at the
// beginning, which browsers leave out.
func (b *builder) collapse(r rune, inPre, first bool) rune {
	top := b.stack[len(b.stack)-1].node
	switch {
	case !inPre && b.space, r == '\r':
		return 0
	case !inPre:
		return ' '
	case r == ' ' || r == '\t':
		return r
	case first && top.Tag == "pre" && len(top.Children) == 0:
		return 0
	}
	return '\n'
}

// flushLine starts the line that a dropped block asked for, before the first words on it.
func (b *builder) flushLine(out *strings.Builder) {
	if b.lineEnd {
		b.words(out.String())
		out.Reset()
		b.startLine()
	}
}

// words appends finished text.
func (b *builder) words(s string) {
	if s == "" {
		return
	}
	b.bytes += len(s)
	if last := b.last(); last != nil && last.Tag == "" {
		last.Text += s
		return
	}
	b.add(Node{Text: s})
}

// cut ends the tree's text with an ellipsis, where there is room for one.
func (b *builder) cut(out *strings.Builder) {
	s := out.String()
	for len(s) > 0 && b.bytes+len(s)+len("…") > maxText {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	if b.bytes+len(s)+len("…") <= maxText {
		s += "…"
	}
	b.words(s)
	b.full = true
}

func (b *builder) inside(tag string) bool {
	return slices.ContainsFunc(b.stack, func(f frame) bool { return f.node.Tag == tag })
}

// isSpace tells white space that HTML collapses, and the line ends of other worlds.
func isSpace(r rune) bool {
	return r == ' ' || '\t' <= r && r <= '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// unwanted tells characters that are not words: controls; the embeddings, overrides and isolates that could turn around what
// stands behind the comment (their marks U+200E and U+200F cannot, and stay); non-characters, which no feed may hold; and
// combining marks beyond what a script needs.
func (b *builder) unwanted(r rune) bool {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		b.marks++
		return b.marks > maxMarks
	case r < ' ', 0x7F <= r && r <= 0x9F, r == 0xFEFF, 0xFFF9 <= r && r <= 0xFFFB:
		return true
	case 0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069:
		return true
	case 0xFDD0 <= r && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return true
	}
	b.marks = 0
	return false
}

// visible tells whether a reader sees the character.
func visible(r rune) bool {
	const blanks = "\u00AD\u034F\u115F\u1160\u2800\u3164\uFFA0"
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Zs) && !strings.ContainsRune(blanks, r)
}

// splitEmoji makes nodes of the ":name:"s in the text that have a picture, as far as the bounds allow; in code they are code.
func (b *builder) splitEmoji(t Tree, depth int) Tree {
	if len(b.emoji) == 0 {
		return t
	}
	var out Tree
	for _, n := range t {
		switch {
		case n.Tag == "" && depth < maxLevels:
			out = b.splitText(out, n.Text)
		case n.Tag == "code" || n.Tag == "pre":
			out = append(out, n)
		default:
			n.Children = b.splitEmoji(n.Children, depth+1)
			out = append(out, n)
		}
	}
	return out
}

func (b *builder) splitText(out Tree, s string) Tree {
	nodes := len(out)
	for s != "" {
		i := strings.IndexByte(s, ':')
		if i < 0 {
			return appendText(out, s)
		}
		n := strings.IndexByte(s[i+1:], ':') + 2
		if n < 2 {
			return appendText(out, s)
		}
		name := s[i : i+n]
		src := b.picture(name)
		if src == "" || b.nodes+len(out)-nodes+2 > maxNodes {
			// The second colon may begin the next name.
			out = appendText(out, s[:i+n-1])
			s = s[i+n-1:]
			continue
		}
		if i > 0 {
			out = appendText(out, s[:i])
		}
		out = append(out, Node{Tag: "emoji", Attr: map[string]string{"name": name, "src": src}})
		s = s[i+n:]
	}
	return out
}

// picture gives the address of an emoji's picture, "" if there is none that a page may name.
func (b *builder) picture(name string) string {
	src, ok := b.emoji[name]
	if !ok || emojiName(name) == "" {
		return ""
	}
	return webURL(src)
}

// emojiName gives the ":name:" of a custom emoji, whose tag may leave out the colons; "" if it could not stand in text.
func emojiName(s string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(s, ":"), ":")
	bad := func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N) && !strings.ContainsRune("_-+.@", r) }
	if name == "" || len(name) > 100 || strings.ContainsFunc(name, bad) {
		return ""
	}
	return ":" + name + ":"
}
