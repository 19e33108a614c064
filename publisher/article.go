package publisher

import (
	"cmp"
	"html"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// maxArticle is how large a document may be, in bytes, so that every server takes it: 1 MB is Mastodon's and our own bound.
const maxArticle = 900_000

// form says how a post leaves: front matter first, then config.toml.
func (b *build) form(p *Post) Fediverse {
	f, c := p.Fediverse, b.config.Federation
	f.As = cmp.Or(f.As, c.As, "article")
	f.Content = cmp.Or(f.Content, c.Content, "full")
	f.Lead = cmp.Or(f.Lead, c.Lead, "card")
	f.Visibility = cmp.Or(f.Visibility, "public")
	f.QuotePolicy = cmp.Or(f.QuotePolicy, c.Quote, "public")
	f.ReplyPolicy = cmp.Or(f.ReplyPolicy, c.Reply, "public")
	f.LikePolicy = cmp.Or(f.LikePolicy, c.Like, "public")
	f.BoostPolicy = cmp.Or(f.BoostPolicy, c.Boost, "public")
	return f
}

// federates tells whether followers' servers get the post at all.
func (b *build) federates(p *Post) bool {
	return b.config.Federation.Enabled && !p.Page && p.State == live && b.form(p).As != "none"
}

// article makes what followers get of a post (federation.md B3: the golden Article). It holds the body only where text is
// given, so that its shape can be compared without reading the body.
func (b *build) article(p *Post, published, updated time.Time, text bodies) *activitypub.Article {
	a, f, id := b.addresses, b.form(p), b.addresses.Post(p.Key)
	doc := &activitypub.Article{
		Context: activitypub.ObjectContext, ID: id, Type: "Article", URL: b.pageURL(p),
		Published: published.UTC().Format(time.RFC3339), Name: p.Title, MediaType: "text/html",
		Replies:           &activitypub.CollectionStub{ID: a.Replies(id), Type: "Collection", First: a.Replies(id) + "?page=1"},
		Likes:             &activitypub.CollectionStub{ID: a.Likes(id), Type: "Collection"},
		Shares:            &activitypub.CollectionStub{ID: a.Shares(id), Type: "Collection"},
		ContextCollection: a.Context(id), PartOf: b.partOf(p), Tag: b.hashtags(p), InteractionPolicy: b.policy(f, b.speaker(p)),
	}
	if !updated.IsZero() {
		doc.Updated = updated.UTC().Format(time.RFC3339)
	}
	b.address(doc, p, f.Visibility)
	mentions, cc := b.mentions(p)
	doc.Tag, doc.CC = append(mentions, doc.Tag...), append(doc.CC, cc...)
	doc.Summary = paragraph(b.summary(p))
	doc.Preview = &activitypub.Preview{Type: "Note", Content: paragraph(withoutLinks(b.summary(p)))}
	b.warn(doc, p, f)
	doc.Image = b.lead(p)
	doc.Attachment = []any{activitypub.AttachedLink{Type: "Link", Href: doc.URL, MediaType: "text/html"}}
	if f.Lead == "image" && doc.Image != nil {
		doc.Attachment = append(doc.Attachment, *doc.Image)
	}
	for _, m := range b.media(p) {
		doc.Attachment = append(doc.Attachment, m)
	}
	b.fill(doc, p, f, text)
	if f.As != "article" {
		b.asNote(doc, p, f)
	}
	b.emojis(doc, p)
	doc.NameMap, doc.SummaryMap, doc.ContentMap = inLanguage(p.Lang, doc.Name), inLanguage(p.Lang, doc.Summary), inLanguage(p.Lang, doc.Content)
	return doc
}

// inLanguage is a text with its language, nil for no text. Readers take the first key for the language of the post, so there is one.
func inLanguage(lang, text string) map[string]string {
	if text == "" || lang == "" {
		return nil
	}
	return map[string]string{lang: text}
}

// warn puts the content warning on an Article. Its summary is a summary (FEP-b2b8) and stays one, and the warning is its
// dcterms:subject. Few servers read that, and Mastodon folds no Article, it shows name, summary and address: so the warning also
// leads the name, and an excerpt that nobody wrote gives way to it, since it is the beginning of what the warning is about.
func (b *build) warn(doc *activitypub.Article, p *Post, f Fediverse) {
	doc.Sensitive = f.Sensitive || f.CW != ""
	if f.CW == "" {
		return
	}
	doc.Subject = f.CW
	doc.Name = "[CW: " + shorten(f.CW, 50) + "] " + doc.Name
	doc.Preview.Content = paragraph(withoutLinks(f.CW))
	if p.Summary == "" {
		doc.Summary = paragraph(f.CW)
	}
}

// fill puts in the body: whole, or the excerpt with a link where the author or the size asks for it. The source goes along
// unless it holds comments that readers of the page do not see.
func (b *build) fill(doc *activitypub.Article, p *Post, f Fediverse, text bodies) {
	doc.Content = text.federated
	if f.Content != "full" || f.As == "link" || 2*len(doc.Content) > maxArticle {
		doc.Content = paragraph(b.summary(p)) + linked(doc.URL)
		return
	}
	if text.federated == "" {
		return
	}
	if src := b.markdown(p); !strings.Contains(src, "<!--") && 2*len(doc.Content)+len(src) <= maxArticle {
		doc.Source = &activitypub.Source{Content: src, MediaType: "text/markdown"}
	}
}

// asNote turns the Article into what every microblog shows whole: no name, no preview, the title in the text, and pictures,
// sound and film instead of the card (Pixelfed refuses a Note with a Link beside its pictures). Its summary is a content warning, and plain text:
// Mastodon shows it as it is.
func (b *build) asNote(doc *activitypub.Article, p *Post, f Fediverse) {
	doc.Type, doc.Name, doc.Preview, doc.Image, doc.Summary, doc.Subject = "Note", "", nil, nil, f.CW, ""
	doc.Source = nil
	doc.Content = "<p><strong>" + html.EscapeString(p.Title) + "</strong></p>" + doc.Content
	if f.Content == "full" && f.As == "note" {
		doc.Content += linked(doc.URL)
	}
	var attached []any
	for _, i := range b.pictures(p) {
		attached = append(attached, i)
	}
	for _, m := range b.media(p) {
		attached = append(attached, m)
	}
	if len(attached) > 0 {
		doc.Attachment = attached
	}
}

func audience(visibility, followers string) (to, cc []string) {
	switch visibility {
	case "unlisted":
		return []string{followers}, []string{activitypub.Public}
	case "followers":
		return []string{followers}, nil
	}
	return []string{activitypub.Public}, []string{followers}
}

// policy says who may quote, reply, like and boost: everybody, followers, or nobody but the actor. Of a post that is for followers
// "everybody" are those who got it, and nobody else boosts it: that would show it to others.
func (b *build) policy(f Fediverse, actor string) *activitypub.InteractionPolicy {
	who := map[string]string{"public": activitypub.Public, "followers": b.addresses.FollowersOf(actor), "nobody": actor}
	if f.Visibility == "followers" {
		who["public"] = who["followers"]
		f.BoostPolicy = "nobody"
	}
	rule := func(p string) *activitypub.Policy { return &activitypub.Policy{AutomaticApproval: []string{who[p]}} }
	return &activitypub.InteractionPolicy{CanQuote: rule(f.QuotePolicy), CanReply: rule(f.ReplyPolicy), CanLike: rule(f.LikePolicy), CanAnnounce: rule(f.BoostPolicy)}
}

// summary is what followers see first: the author's words, else the beginning of the text.
func (b *build) summary(p *Post) string {
	return cmp.Or(shorten(p.Summary, 500), b.notes[p].Rendering.Excerpt, p.Title)
}

func paragraph(s string) string { return "<p>" + html.EscapeString(s) + "</p>" }

func linked(at string) string {
	e := html.EscapeString(at)
	return `<p><a href="` + e + `">` + e + `</a></p>`
}

// withoutLinks takes bare addresses out of a text: Bridgy Fed posts the preview as it is.
func withoutLinks(s string) string {
	var words []string
	for w := range strings.FieldsSeq(s) {
		if !strings.Contains(w, "://") {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// absolute makes an address from the site's root absolute.
func (b *build) absolute(at string) string {
	if !strings.HasPrefix(at, "/") {
		return at
	}
	return b.addresses.Page(strings.TrimPrefix(at, b.addresses.BasePath()))
}

func (b *build) pageURL(p *Post) string { return b.addresses.Page(escapePath(p.Path)) }

// articlePath is where a post's document lies below the output folder.
func articlePath(key string) string { return "ap/posts/" + key + ".json" }
