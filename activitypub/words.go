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

// maxPiece is the length in bytes up to which a text grows word by word. A longer one goes on in another node until joined makes
// them one: otherwise each word of a text that is cut into words by dropped elements would copy all that stands before it.
const maxPiece = 256

// words appends finished text.
func (b *builder) words(s string) {
	if s == "" {
		return
	}
	b.bytes += len(s)
	switch last := b.last(); {
	case last == nil || last.Tag != "":
		b.add(Node{Text: s})
	case len(last.Text) < maxPiece:
		last.Text += s
	default:
		top := &b.stack[len(b.stack)-1].node
		top.Children = append(top.Children, Node{Text: s}) // a part of a node that is counted
	}
}

// joined makes texts that stand side by side one, in place.
func joined(t Tree) Tree {
	out := t[:0]
	for i := 0; i < len(t); {
		n, next := t[i], i+1
		for n.Tag == "" && next < len(t) && t[next].Tag == "" {
			next++
		}
		if next > i+1 {
			var text strings.Builder
			for _, piece := range t[i:next] {
				text.WriteString(piece.Text)
			}
			n.Text = text.String()
		}
		out, i = append(out, n), next
	}
	return out
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

// splitText appends the pieces of one text, which is counted already, and counts what comes besides.
func (b *builder) splitText(out Tree, s string) Tree {
	before, from, at := len(out), 0, 0 // the words from "from" on are not yet in out
	for {
		i := strings.IndexByte(s[at:], ':') + at
		n := strings.IndexByte(s[i+1:], ':') + 2
		if i < at || n < 2 {
			break
		}
		src := b.picture(s[i : i+n])
		if src == "" || b.nodes+len(out)-before+2 > maxNodes {
			at = i + n - 1 // the second colon may begin the next name
			continue
		}
		if i > from {
			out = appendText(out, s[from:i])
		}
		out = append(out, Node{Tag: "emoji", Attr: map[string]string{"name": s[i : i+n], "src": src}})
		from, at = i+n, i+n
	}
	if from < len(s) {
		out = appendText(out, s[from:])
	}
	b.nodes += len(out) - before - 1
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
