package peers

import (
	"fmt"
	"html"
	"strings"
	"unicode"

	nethtml "golang.org/x/net/html"

	"github.com/postil-blog/postil/activitypub"
)

// page gives the address of the post's page.
func page(o *activitypub.Object) string {
	for _, l := range o.URL {
		if l.MediaType == "" || l.MediaType == "text/html" {
			return l.Href
		}
	}
	return o.ID
}

// cardLink gives the address that a card is made for: the first attached Link (FEP-8967), else the page.
func cardLink(o *activitypub.Object) string {
	for _, a := range o.Attachment {
		if a.Is("Link") && a.Href != "" {
			return a.Href
		}
	}
	return page(o)
}

// pictures are the attached ones.
func pictures(o *activitypub.Object) []Picture { return picturesOf(o.Attachment) }

func picturesOf(list []*activitypub.Object) []Picture {
	var found []Picture
	for _, a := range list {
		if at := address(a); at != "" && (a.Is("Image") || a.Is("Document") && strings.HasPrefix(a.MediaType, "image/")) {
			found = append(found, Picture{at, a.Name})
		}
	}
	return found
}

// recordings counts the attached sound and film.
func recordings(o *activitypub.Object) (n int) {
	for _, a := range o.Attachment {
		if a.Is("Audio", "Video") || a.Is("Document") && (strings.HasPrefix(a.MediaType, "audio/") || strings.HasPrefix(a.MediaType, "video/")) {
			n++
		}
	}
	return n
}

func address(a *activitypub.Object) string {
	if len(a.URL) > 0 {
		return a.URL[0].Href
	}
	return a.Href
}

func hashtags(o *activitypub.Object) []string {
	var list []string
	for _, t := range o.Tag {
		if t.Is("Hashtag") && t.Name != "" {
			list = append(list, "#"+strings.TrimPrefix(t.Name, "#"))
		}
	}
	return list
}

func link(at, text string) string {
	if at == "" {
		return ""
	}
	return `<p><a href="` + html.EscapeString(at) + `">` + html.EscapeString(text) + `</a></p>`
}

// withoutPictures takes the pictures out of HTML, with what they say in their place: who drops a picture drops its description.
func withoutPictures(content string) string {
	if !strings.Contains(strings.ToLower(content), "<img") {
		return content
	}
	var b strings.Builder
	for z := nethtml.NewTokenizer(strings.NewReader(content)); ; {
		kind, raw := z.Next(), string(z.Raw())
		if kind == nethtml.ErrorToken {
			return b.String() + raw
		}
		name, _ := z.TagName()
		if string(name) != "img" {
			b.WriteString(raw)
		}
	}
}

// withoutMath takes the tags of formulas away and leaves what stands between them: signs, then TeX.
func withoutMath(content string) string {
	if !strings.Contains(content, "<math") {
		return content
	}
	var b strings.Builder
	within := false
	for z := nethtml.NewTokenizer(strings.NewReader(content)); ; {
		kind, raw := z.Next(), string(z.Raw())
		if kind == nethtml.ErrorToken {
			return b.String() + raw
		}
		name, _ := z.TagName()
		math := string(name) == "math"
		within = within && !math || math && kind == nethtml.StartTagToken
		if !math && (!within || kind == nethtml.TextToken) {
			b.WriteString(raw)
		}
	}
}

// plainText gives the words of HTML without the bounds of a Tree, a line for each block.
func plainText(content string) string {
	var b strings.Builder
	for z := nethtml.NewTokenizer(strings.NewReader(content)); ; {
		switch z.Next() {
		case nethtml.ErrorToken:
			return strings.TrimSpace(b.String())
		case nethtml.TextToken:
			b.Write(z.Text())
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			if name, _ := z.TagName(); !inline[string(name)] {
				b.WriteString("\n")
			}
		}
	}
}

// inline are the elements that end no line.
var inline = map[string]bool{
	"a": true, "b": true, "code": true, "del": true, "em": true, "i": true, "img": true, "ruby": true, "rt": true, "rp": true,
	"span": true, "strong": true, "u": true,
}

func words(content string) int { return len(strings.Fields(plainText(content))) }

// shorten cuts a text after limit characters, as a person counts them: an emoji with its skin colour is one, a letter with its accents too.
func shorten(s string, limit int) (short string, cut bool) {
	n, joined := 0, false
	for i, r := range s {
		extends := unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r == '\u200d' || r >= 0x1f3fb && r <= 0x1f3ff || r >= 0xfe00 && r <= 0xfe0f
		if !extends && !joined {
			if n == limit {
				return strings.TrimSpace(s[:i]) + "…", true
			}
			n++
		}
		joined = r == '\u200d'
	}
	return s, false
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// fields writes names of members for a person.
func fields(list []string) string {
	for i, f := range list {
		if f == "pictures" {
			list[i] = "attachment"
		}
	}
	return strings.Join(list, ", ")
}
