package publisher

import (
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// repliesFolder holds the owner's replies to what others wrote: Markdown files without a page, a feed or a tag of their own. The daemon
// makes them whole (whom they mention is not to be known here) and puts them into their thread.
const repliesFolder = "replies/"

func isReply(file string) bool { return strings.HasPrefix(file, repliesFolder) }

// replyKeys is every key of a reply's front matter. Only what is for everybody may be written to the public folder, so followers is no
// visibility here.
var replyKeys = map[string]func(*reader, value){
	"in_reply_to": (*reader).inReplyTo,
	"date":        func(r *reader, v value) { r.date(v, &r.post.Date) },
	"updated":     func(r *reader, v value) { r.date(v, &r.post.Updated) },
	"draft":       func(r *reader, v value) { r.boolean(v, &r.post.Draft) },
	"id":          (*reader).key,
	"lang":        (*reader).lang,
	"author":      (*reader).author,
	"fediverse":   func(r *reader, v value) { r.table(v, "fediverse", replyFediverseKeys) },
	"params":      (*reader).params,
}

var replyFediverseKeys = map[string]func(*reader, value){
	"cw":         func(r *reader, v value) { r.text(v, &r.post.Fediverse.CW) },
	"visibility": func(r *reader, v value) { r.choice(v, &r.post.Fediverse.Visibility, "public", "unlisted") },
}

// known gives the keys that a file of this kind may have.
func (r *reader) known() map[string]func(*reader, value) {
	if r.post.Reply {
		return replyKeys
	}
	return keys
}

func (r *reader) inReplyTo(v value) {
	var at string
	r.text(v, &at)
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		r.fault(codeReply, v.at, "in_reply_to is not the address of a comment or post", "", `write in_reply_to = "https://…": its id, or the page where it is read`)
		return
	}
	r.post.InReplyTo = at
}

// finishReply checks what every reply needs. Lists name it by what it answers.
func (r *reader) finishReply() {
	p := r.post
	if _, tried := p.lines["in_reply_to"]; p.InReplyTo == "" && !tried {
		r.fault(codeReply, position{1, 1, 3}, "a reply needs to say what it answers", "", `write in_reply_to = "https://…"; publish comments list shows what there is to answer`)
	}
	p.Title = "reply to " + p.InReplyTo
	if p.Lang == "" {
		p.Lang = r.config.Site.Language
	}
}

// sources are all files that have a key: posts, pages and replies.
func (b *build) sources() []*Post { return slices.Concat(b.all, b.replies) }

// reply makes what the daemon completes: a Note that names what it answers as its author named it.
func (b *build) reply(p *Post, published, updated time.Time, text bodies) *activitypub.Article {
	actor := b.config.ActorID(p.Author)
	doc := &activitypub.Article{
		Context: activitypub.ObjectContext, ID: b.addresses.Post(p.Key), Type: "Note", AttributedTo: actor, InReplyTo: p.InReplyTo,
		Content: text.federated, ContentMap: map[string]string{p.Lang: text.federated}, MediaType: "text/html",
		Published: published.UTC().Format(time.RFC3339),
	}
	doc.To, doc.CC = audience(b.form(p).Visibility, b.addresses.FollowersOf(actor))
	mentions, cc := b.mentions(p)
	doc.Tag, doc.CC = mentions, append(doc.CC, cc...)
	if !updated.IsZero() {
		doc.Updated = updated.UTC().Format(time.RFC3339)
	}
	if p.Fediverse.CW != "" {
		doc.Sensitive, doc.Summary = true, html.EscapeString(p.Fediverse.CW)
	}
	for _, i := range b.notes[p].Rendering.Images {
		doc.Attachment = append(doc.Attachment, activitypub.Image{Type: "Image", URL: b.absolute(i.URL), MediaType: mediaType(i.URL), Name: i.Alt, Width: i.Width, Height: i.Height})
	}
	for _, m := range b.media(p) {
		doc.Attachment = append(doc.Attachment, m)
	}
	b.emojis(doc, p)
	return doc
}

// answered adds the replies to a report: no page of theirs stands in it.
func (b *build) answered(r *Report) {
	for _, p := range b.answers {
		c := Change{Mark: "~", Path: "/" + strings.TrimSuffix(p.File, ".md"), Note: p.Title, Federated: b.federated[p], ID: b.addresses.Post(p.Key), Reply: true}
		if c.Federated == "Create" {
			c.Mark = "+"
		}
		if c.Federated != "" {
			r.Changes = append(r.Changes, c)
		}
	}
}

// pathOfEntry is how a report names what is withdrawn: by its page, a reply by its document.
func (b *build) pathOfEntry(e site.PublishedPost) string {
	if e.InReplyTo != "" {
		return "/" + strings.TrimSuffix(e.Article, ".json")
	}
	return b.pathOf(e.URL)
}
