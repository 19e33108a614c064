package pictures

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// Source is a picture in one format, as <source> has it.
type Source struct{ Type, Set, Sizes string }

// Dress is what a page adds to a picture.
type Dress struct {
	Class   string // that gives it its colour, "" for none
	Sources []Source
}

// image is an <img> as the Markdown renderer writes it. What an author wrote as HTML has no decoding="async" between quoted attributes.
var image = regexp.MustCompile(`<img src="([^"<>]*)"(?: [a-z]+="[^"]*")* decoding="async"(?: [a-z]+="[^"]*")*>`)

// Put dresses the pictures of a post's HTML, by their addresses as the HTML has them.
func Put(body string, dresses map[string]Dress) string {
	if len(dresses) == 0 || !strings.Contains(body, "<img ") {
		return body
	}
	return image.ReplaceAllStringFunc(body, func(tag string) string {
		d, ok := dresses[html.UnescapeString(image.FindStringSubmatch(tag)[1])]
		if !ok {
			return tag
		}
		if d.Class != "" && !strings.Contains(tag, ` class="`) {
			tag = strings.TrimSuffix(tag, ">") + ` class="` + d.Class + `">`
		}
		if len(d.Sources) == 0 {
			return tag
		}
		var b strings.Builder
		b.WriteString("<picture>")
		for _, s := range d.Sources {
			fmt.Fprintf(&b, `<source type="%s" srcset="%s"`, html.EscapeString(s.Type), html.EscapeString(s.Set))
			if s.Sizes != "" {
				fmt.Fprintf(&b, ` sizes="%s"`, html.EscapeString(s.Sizes))
			}
			b.WriteString(">")
		}
		return b.String() + tag + "</picture>"
	})
}
