package outbox

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/webmention"
)

// The pages that a post links to are told so (Webmention, https://www.w3.org/TR/webmention/ §3.1): one errand for each, in the transaction that tells
// followers. The round of errands is the inbox's. A post that changed tells all again that it ever linked to, since one of them may have to take
// the mention away; so does one that is withdrawn. People whom the post names got it as a Mention: they are not told twice.

// TellMention is the reason of the errand that tells one page; its Data is a Mentioning.
const TellMention = "tell"

// maxPage bounds a page of ours that is read for its links, in bytes.
const maxPage = 8 << 20

// Mentioning is what an errand of the reason TellMention needs to know.
type Mentioning struct {
	Source string `json:"source"` // page of the post
	Target string `json:"target"`
}

// links gives the addresses elsewhere that a post links to: as its page has them, since followers may get an excerpt.
func (o *Outbox) links(ctx context.Context, page string, doc document) []string {
	if !o.o.Config.Webmention.Send || page == "" || doc.InReplyTo != "" || !public(doc.To, doc.CC) {
		return nil
	}
	body, err := o.source.read(ctx, o.pageFile(page), maxPage)
	if err != nil { // its content says the most of it
		body = contentOf(doc)
	}
	own := ours(o.o.Config.Addresses())
	return slices.DeleteFunc(webmention.Links(body, page), func(u string) bool {
		named := slices.ContainsFunc(doc.Tag, func(t tag) bool { return t.Type == "Mention" && t.Href == u })
		return named || own(u) || len(u) > maxTarget || !o.o.Client.Reaches(u)
	})
}

// maxTarget is the longest address that is mentioned, in bytes: it stands in an index.
const maxTarget = 1024

// pageFile is where the page at an address lies below the site.
func (o *Outbox) pageFile(page string) string {
	name := strings.TrimPrefix(page, o.o.Config.Addresses().Page(""))
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	return name
}

func contentOf(doc document) []byte {
	var o struct{ Content string }
	_ = json.Unmarshal(doc.raw, &o)
	return []byte(o.Content)
}

// mention adds an errand for each page that a post links to or linked to, due at a time: when the recall window ends, or (zero) now.
func (o *Outbox) mention(ctx context.Context, tx *store.Tx, post, page string, links []string, due time.Time) error {
	if !o.o.Config.Webmention.Send || page == "" {
		return nil
	}
	targets, err := tx.ToMention(ctx, post, links)
	if err != nil {
		return err
	}
	if due.IsZero() {
		due = o.o.Now()
	}
	for _, target := range targets {
		if err := TellPage(ctx, tx, post, page, target, due); err != nil {
			return err
		}
	}
	return nil
}

// TellPage adds the errand that tells one page of a post, due at a time. One that waits already stays as it is.
func TellPage(ctx context.Context, tx *store.Tx, post, page, target string, due time.Time) error {
	data, err := activitypub.Marshal(Mentioning{page, target})
	if err != nil {
		return err
	}
	return tx.AddErrand(ctx, store.Errand{URL: MentionErrand(post, target), Reason: TellMention, Post: post, Data: data, Next: due})
}

// MentionErrand is the name of the errand that tells a page of a post.
func MentionErrand(post, target string) string { return post + " " + target }
