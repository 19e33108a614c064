package publisher

import (
	"cmp"
	"html"
	"path"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
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
	f.QuotePolicy = cmp.Or(f.QuotePolicy, "public")
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
		ContextCollection: a.Context(id), Tag: b.hashtags(p), InteractionPolicy: b.policy(f, b.speaker(p)),
	}
	if !updated.IsZero() {
		doc.Updated = updated.UTC().Format(time.RFC3339)
	}
	b.address(doc, p, f.Visibility)
	lead := b.lead(p)
	doc.Summary = paragraph(b.summary(p))
	doc.Preview = &activitypub.Preview{Type: "Note", Content: paragraph(withoutLinks(b.summary(p)))}
	if f.CW != "" {
		doc.Sensitive, doc.Summary, doc.Preview.Content = true, paragraph(f.CW), paragraph(f.CW)
	}
	doc.Image = lead
	doc.Attachment = []any{activitypub.AttachedLink{Type: "Link", Href: doc.URL, MediaType: "text/html"}}
	if f.Lead == "image" && lead != nil {
		doc.Attachment = append(doc.Attachment, *lead)
	}
	b.fill(doc, p, f, text)
	if f.As != "article" {
		b.asNote(doc, p, f)
	}
	doc.ContentMap = map[string]string{p.Lang: doc.Content}
	return doc
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

// asNote turns the Article into what every microblog shows whole: no name, no preview, the title in the text, and pictures
// instead of the card (Pixelfed refuses a Note with a Link beside its pictures).
func (b *build) asNote(doc *activitypub.Article, p *Post, f Fediverse) {
	doc.Type, doc.Name, doc.Preview, doc.Image, doc.Summary = "Note", "", nil, nil, ""
	if f.CW != "" {
		doc.Summary = html.EscapeString(f.CW)
	}
	doc.Source = nil
	doc.Content = "<p><strong>" + html.EscapeString(p.Title) + "</strong></p>" + doc.Content
	if f.Content == "full" && f.As == "note" {
		doc.Content += linked(doc.URL)
	}
	var pictures []any
	for _, i := range b.notes[p].Rendering.Images {
		pictures = append(pictures, activitypub.Image{Type: "Image", URL: b.absolute(i.URL), MediaType: mediaType(i.URL), Name: i.Alt, Width: i.Width, Height: i.Height})
	}
	if len(pictures) > 0 && f.As == "note" {
		doc.Attachment = pictures
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

func (b *build) policy(f Fediverse, speaker string) *activitypub.InteractionPolicy {
	who := map[string]string{"public": activitypub.Public, "followers": b.addresses.FollowersOf(speaker), "nobody": speaker}[f.QuotePolicy]
	return &activitypub.InteractionPolicy{CanQuote: &activitypub.Policy{AutomaticApproval: []string{who}}}
}

// lead is the post's own picture, as followers get it.
func (b *build) lead(p *Post) *activitypub.Image {
	i := b.leadPicture(p)
	if i == nil {
		return nil
	}
	return &activitypub.Image{Type: "Image", URL: b.absolute(i.URL), MediaType: mediaType(i.URL), Name: i.Alt, Width: i.Width, Height: i.Height}
}

// leadPicture resolves front matter's image; nil where there is none.
func (b *build) leadPicture(p *Post) *picture {
	if p.Image.Src == "" {
		return nil
	}
	v := b.resolve(p, p.Image.Src, true)
	if v.fault != "" {
		return nil
	}
	return &picture{cmp.Or(v.url, p.Image.Src), p.Image.Alt, v.width, v.height}
}

// mediaTypes are those of pictures. The system's own table differs from machine to machine.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".svg": "image/svg+xml",
}

func mediaType(at string) string { return mediaTypes[strings.ToLower(path.Ext(at))] }

// hashtags are a post's tags, each leading to its page on the blog.
func (b *build) hashtags(p *Post) []activitypub.Tag {
	var tags []activitypub.Tag
	for _, t := range p.Tags {
		tags = append(tags, activitypub.Tag{Type: "Hashtag", Name: "#" + hashtag(t), Href: b.addresses.Page(escapePath(tagPath(t)))})
	}
	return tags
}

// hashtag makes one word of a tag.
func hashtag(tag string) string { return site.Hashtag(tag) }

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
