package remotetest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Note is what an account writes. Only HTML is needed.
type Note struct {
	HTML      string
	Summary   string // the content warning
	Sensitive bool
	Language  string // default "en"
	// To and CC replace the addressees (default: Public, and the followers with whom it answers); who is answered still gets it.
	To, CC     []string
	Attachment []any // documents as they go on the wire
	Tag        []any // besides the mentions
	Mention    bool  // begin the text with the mentions, as Mastodon's composer does
}

// note is a Note that was sent: its document as it is served, or its Tombstone.
type note struct {
	by      *Account
	doc     map[string]any
	inboxes []string
	text    Note
	gone    bool
}

// Reply writes a public reply to a post or comment and gives its id. Whom the answered text mentions gets it too.
func (a *Account) Reply(ctx context.Context, to, html string) (id string, err error) {
	return a.ReplyWith(ctx, to, Note{HTML: html})
}

// ReplyWith is Reply with everything a Note can have.
func (a *Account) ReplyWith(ctx context.Context, to string, n Note) (id string, err error) {
	author, parent, err := a.authorOf(ctx, to)
	if err != nil {
		return "", err
	}
	people := []*activitypub.Object{author}
	for _, t := range parent.Tag {
		if !t.Is("Mention") || t.Href == a.ID() || t.Href == author.ID {
			continue
		}
		// Somebody who was mentioned may be gone; the reply is for the others all the same.
		if p, err := a.get(ctx, t.Href); err == nil {
			people = append(people, p)
		}
	}
	return a.write(ctx, parent.ID, people, n)
}

// Write writes a note that answers nothing, to the people of the handles, and gives its id.
func (a *Account) Write(ctx context.Context, n Note, handles ...string) (id string, err error) {
	var people []*activitypub.Object
	for _, h := range handles {
		actor, err := a.finger(ctx, h)
		if err != nil {
			return "", err
		}
		p, err := a.get(ctx, actor)
		if err != nil {
			return "", err
		}
		people = append(people, p)
	}
	return a.write(ctx, "", people, n)
}

// write keeps the note and sends its Create.
func (a *Account) write(ctx context.Context, inReplyTo string, people []*activitypub.Object, n Note) (string, error) {
	id := a.newID("/statuses/%d")
	doc := a.document(id, inReplyTo, people, n)
	sent := &note{by: a, text: n, doc: doc}
	for _, p := range people {
		sent.inboxes = append(sent.inboxes, inboxOf(p))
	}
	if n.To == nil && n.CC == nil {
		sent.inboxes = append(sent.inboxes, a.followerInboxes()...)
	}
	a.server.update(func() { a.server.notes[id] = sent })
	return id, a.deliver(ctx, a.create(doc), sent.inboxes)
}

// create wraps a note in its Create, addressed as the note is.
func (a *Account) create(doc map[string]any) map[string]any {
	create := a.activity("Create", doc["id"].(string)+"/activity", withoutContext(doc))
	for _, member := range []string{"@context", "to", "cc", "published"} {
		create[member] = doc[member]
	}
	return create
}

// document writes a note in Mastodon's shape.
func (a *Account) document(id, inReplyTo string, people []*activitypub.Object, n Note) map[string]any {
	to, cc := n.To, n.CC
	tags := append([]any{}, n.Tag...)
	if to == nil && cc == nil {
		to, cc = []string{activitypub.Public}, []string{a.ID() + "/followers"}
		for _, p := range people {
			cc = append(cc, p.ID)
		}
	}
	for _, p := range people {
		tags = append(tags, map[string]any{"type": "Mention", "href": p.ID, "name": "@" + p.PreferredUsername + "@" + hostOf(p.ID)})
	}
	doc := map[string]any{
		"@context": noteContext, "id": id, "type": "Note", "attributedTo": a.ID(), "summary": nullable(n.Summary),
		"inReplyTo": nullable(inReplyTo), "published": stamp(time.Now()), "url": a.page(id), "to": list(to), "cc": list(cc),
		"sensitive": n.Sensitive || n.Summary != "", "atomUri": id, "inReplyToAtomUri": nullable(inReplyTo), "tag": tags,
		"attachment": append([]any{}, n.Attachment...),
		"replies": map[string]any{"id": id + "/replies", "type": "Collection",
			"first": map[string]any{"type": "CollectionPage", "next": id + "/replies?page=true", "partOf": id + "/replies", "items": []any{}}},
	}
	if n.Mention {
		n.HTML = mentions(people) + n.HTML
	}
	setContent(doc, n)
	return doc
}

var noteContext = []any{"https://www.w3.org/ns/activitystreams", map[string]any{
	"ostatus": "http://ostatus.org#", "atomUri": "ostatus:atomUri", "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
	"sensitive": "as:sensitive", "toot": "http://joinmastodon.org/ns#", "Emoji": "toot:Emoji", "Hashtag": "as:Hashtag",
}}

func setContent(doc map[string]any, n Note) {
	language := n.Language
	if language == "" {
		language = "en"
	}
	doc["content"], doc["contentMap"] = n.HTML, map[string]any{language: n.HTML}
}

// mentions writes whom a note answers, in Mastodon's HTML.
func mentions(people []*activitypub.Object) string {
	var b strings.Builder
	for _, p := range people {
		fmt.Fprintf(&b, `<span class="h-card" translate="no"><a href="%s" class="u-url mention">@<span>%s</span></a></span> `,
			html.EscapeString(pageOf(p)), html.EscapeString(p.PreferredUsername))
	}
	return b.String()
}

// nullable writes what Mastodon writes for nothing: null.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// list writes no addressees as [].
func list(ids []string) []string { return append([]string{}, ids...) }

// page is the address of a note for people.
func (a *Account) page(id string) string {
	return a.URL() + "/" + id[strings.LastIndexByte(id, '/')+1:]
}

var errNoNote = errors.New("no such note")

// change gives the note id as it stands, with a copy of its document to be changed.
func (a *Account) change(id string) (*note, map[string]any, error) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	n, ok := a.server.notes[id]
	if !ok || n.gone || n.by != a {
		return nil, nil, fmt.Errorf("%s: %w", id, errNoNote)
	}
	return n, maps.Clone(n.doc), nil
}

// Edit replaces the text of one of the account's notes and sends an Update.
func (a *Account) Edit(ctx context.Context, id, html string) error {
	n, doc, err := a.change(id)
	if err != nil {
		return err
	}
	text := n.text
	text.HTML = html
	setContent(doc, text)
	doc["updated"] = stamp(later(doc))
	a.server.update(func() { n.doc, n.text = doc, text })
	update := a.activity("Update", a.newID("#updates/%d"), withoutContext(doc))
	update["@context"], update["to"], update["cc"] = doc["@context"], doc["to"], doc["cc"]
	return a.deliver(ctx, update, n.inboxes)
}

// later gives the time of an edit: now, and at least a second after what the document says of itself, because receivers ignore an
// edit that is not newer and stamps are in whole seconds.
func later(doc map[string]any) time.Time {
	now := time.Now()
	for _, member := range []string{"published", "updated"} {
		text, _ := doc[member].(string)
		if t, err := time.Parse(time.RFC3339, text); err == nil && now.Before(t.Add(time.Second)) {
			now = t.Add(time.Second)
		}
	}
	return now
}

// Delete takes one of the account's notes away and sends a Delete; its id answers 410 from then on.
func (a *Account) Delete(ctx context.Context, id string) error {
	n, _, err := a.change(id)
	if err != nil {
		return err
	}
	tombstone := map[string]any{"id": id, "type": "Tombstone", "atomUri": id}
	a.server.update(func() { n.gone, n.doc = true, tombstone })
	del := a.activity("Delete", id+"#delete", tombstone)
	del["to"] = []string{activitypub.Public}
	return a.deliver(ctx, del, n.inboxes)
}
