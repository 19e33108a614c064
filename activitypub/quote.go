package activitypub

import (
	"slices"
	"strings"
)

// QuoteAuthorization is the stamp that says that a post of ours may be quoted by an object of somebody else's (FEP-044f). It embeds
// neither of the two.
type QuoteAuthorization struct {
	Context           any    `json:"@context,omitempty"`
	ID                string `json:"id"`
	Type              string `json:"type"` // "QuoteAuthorization"
	AttributedTo      string `json:"attributedTo"`
	InteractingObject string `json:"interactingObject"` // id of the quoting object
	InteractionTarget string `json:"interactionTarget"` // id of the quoted one
}

// QuoteAuthorizationContext is the @context of a QuoteAuthorization, and of an activity that embeds one.
var QuoteAuthorizationContext = []any{
	"https://www.w3.org/ns/activitystreams",
	contextTerms{
		{"QuoteAuthorization", "https://w3id.org/fep/044f#QuoteAuthorization"},
		{"gts", "https://gotosocial.org/ns#"},
		{"interactingObject", map[string]string{"@id": "gts:interactingObject", "@type": "@id"}},
		{"interactionTarget", map[string]string{"@id": "gts:interactionTarget", "@type": "@id"}},
	},
}

// QuoteRequestContext is the @context of the Accept or Reject of a QuoteRequest.
var QuoteRequestContext = []any{
	"https://www.w3.org/ns/activitystreams",
	contextTerms{{"QuoteRequest", "https://w3id.org/fep/044f#QuoteRequest"}},
}

// quotes reads what an object says to quote: first is the member that counts most, all are those that any program would take. The
// members mostly name one post in several spellings (its id, its page).
func quotes(v value, tags []*Object) (first string, all []string) {
	for _, name := range []string{"quote", "quoteUrl", "quoteUri", "quoteURL", "_misskey_quote"} {
		if id := firstID(v.get(name)); id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	if len(all) > 0 {
		first = all[0]
	}
	for _, t := range tags {
		if isObjectLink(t) && !slices.Contains(all, t.Href) {
			all = append(all, t.Href)
		}
	}
	return first, all
}

// isObjectLink tells an object link (FEP-e232): a Link to a document of Activity Streams. Its rel says that it is a quote, or is missing.
func isObjectLink(t *Object) bool {
	kind := strings.ToLower(t.MediaType)
	named := len(t.Rel) == 0 || slices.ContainsFunc(t.Rel, func(s string) bool { return strings.HasSuffix(s, "#_misskey_quote") || strings.HasSuffix(s, "#quote") })
	return t.Is("Link") && t.Href != "" && named &&
		(strings.HasPrefix(kind, ContentType) || strings.HasPrefix(kind, "application/ld+json") && strings.Contains(kind, "www.w3.org/ns/activitystreams"))
}

// WithoutQuote takes away the line "RE: address" that programs write into a quote for those that know no quotes, as its first
// paragraph or as its last line, where of says that its link is what is quoted. What else is said stays as it is.
func (t Tree) WithoutQuote(of func(href string) bool) Tree {
	if len(t) > 0 && t[0].Tag == "p" && len(t[0].Children) == 2 && endsInQuote(t[0].Children, of) {
		return t[1:]
	}
	return withoutLastLine(t, of)
}

// withoutLastLine is WithoutQuote for the end of a list of nodes, which may lie in the last of them.
func withoutLastLine(t Tree, of func(string) bool) Tree {
	out := trimmed(slices.Clone(t))
	if endsInQuote(out, of) {
		return trimmed(out[:len(out)-2])
	}
	if len(out) == 0 || out[len(out)-1].Tag != "p" && out[len(out)-1].Tag != "span" {
		return t
	}
	last := &out[len(out)-1]
	was := Tree(last.Children).Text()
	if last.Children = withoutLastLine(last.Children, of); Tree(last.Children).Text() == was {
		return t
	}
	if len(last.Children) == 0 {
		return trimmed(out[:len(out)-1])
	}
	return out
}

// endsInQuote tells whether the last two nodes are "RE:" and a link to what is quoted; Fedibird writes "QT:".
func endsInQuote(t []Node, of func(string) bool) bool {
	n := len(t)
	if n < 2 || t[n-1].Tag != "a" || t[n-2].Tag != "" || !of(t[n-1].Attr["href"]) {
		return false
	}
	word := strings.TrimSpace(t[n-2].Text)
	return strings.EqualFold(word, "RE:") || strings.EqualFold(word, "QT:")
}

// trimmed takes away line breaks and blanks at the end.
func trimmed(t Tree) Tree {
	for len(t) > 0 {
		if last := t[len(t)-1]; last.Tag != "br" && (last.Tag != "" || strings.TrimSpace(last.Text) != "") {
			break
		}
		t = t[:len(t)-1]
	}
	return t
}
