package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// A reply of the owner is a line of the ledger like a post, so that it is told, edited, taken back and superseded as one; and in the
// thread that it belongs to it is a comment like any other, written in the same transaction.

// answer is a reply of ours, whole: what followers get, and its place in a thread.
type answer struct {
	doc     document
	parent  parent
	comment *store.Comment // nil where the thread is not ours
}

// complete makes what publish wrote (a Note that names a page or an id) whole: inReplyTo is the parent's id, its author is mentioned as
// every microblog does it, so that their server tells them, and the conversation is named.
func (o *Outbox) complete(ctx context.Context, doc document, name string) (answer, error) {
	at, err := o.findParent(ctx, name)
	if err != nil {
		return answer{}, err
	}
	var note activitypub.Article
	if err := json.Unmarshal(doc.raw, &note); err != nil {
		return answer{}, fmt.Errorf("reading a reply: %w", err)
	}
	words := note.Content
	a := o.o.Config.Addresses()
	narrow(&note, at, a.FollowersOf(note.AttributedTo))
	note.Context, note.InReplyTo, note.ContextCollection = activitypub.ContextOf(note.Tag), at.id, at.conversation
	if at.root != "" {
		note.ContextCollection, note.URL = a.Context(at.root), at.page+"#"+activitypub.Anchor(note.ID)
		if o.isGroup() { // Lemmy takes what is addressed to the community, as with posts
			note.Audience, note.To = a.Actor(), append([]string{a.Actor()}, note.To...)
		}
	}
	mention(&note, at.author)
	raw, err := activitypub.Marshal(note)
	if err != nil {
		return answer{}, err
	}
	whole, err := parseDocument(raw)
	if err != nil {
		return answer{}, err
	}
	r := answer{doc: whole, parent: at}
	if at.root != "" {
		r.comment, err = o.commentOf(note, words, at)
	}
	return r, err
}

// narrow gives a reply the audience of what it answers where that is the smaller one. A comment that its author kept out of public
// timelines is not dragged there by the answer.
func narrow(note *activitypub.Article, at parent, followers string) {
	if !at.unlisted || !slices.Contains(note.To, activitypub.Public) {
		return
	}
	rest := without(append(note.To, note.CC...), []string{activitypub.Public, followers})
	note.To, note.CC = []string{followers}, append([]string{activitypub.Public}, rest...)
}

// mention addresses who is answered, and names them at the beginning of the text unless its words do.
func mention(note *activitypub.Article, who person) {
	if who.id == "" {
		return
	}
	named := func(t activitypub.Tag) bool { return t.Type == "Mention" && t.Href == who.id }
	if !slices.Contains(note.CC, who.id) && !slices.Contains(note.To, who.id) {
		note.CC = append(note.CC, who.id)
	}
	if slices.ContainsFunc(note.Tag, named) {
		return
	}
	note.Tag = append([]activitypub.Tag{{Type: "Mention", Name: "@" + who.handle, Href: who.id}}, note.Tag...)
	user, _, _ := strings.Cut(who.handle, "@")
	link := `<span class="h-card"><a href="` + html.EscapeString(cmp.Or(who.url, who.id)) + `" class="u-url mention">@<span>` +
		html.EscapeString(user) + `</span></a></span>`
	note.Content = led(note.Content, link)
	for lang, content := range note.ContentMap {
		note.ContentMap[lang] = led(content, link)
	}
}

// led puts a link before the first words, in their paragraph if they begin with one.
func led(content, link string) string {
	if rest, ok := strings.CutPrefix(content, "<p>"); ok {
		return "<p>" + link + " " + rest
	}
	return "<p>" + link + "</p>" + content
}

// commentOf is a reply of ours as the thread shows it: there the mention would only repeat what its place says.
func (o *Outbox) commentOf(note activitypub.Article, words string, at parent) (*store.Comment, error) {
	c := store.Comment{ID: note.ID, Kind: store.Reply, Post: at.root, Parent: at.id, Actor: note.AttributedTo, URL: note.URL,
		Sensitive: note.Sensitive, Received: o.o.Now(), State: store.Shown}
	for lang := range note.ContentMap {
		c.Language = lang
	}
	var err error
	if c.Content, err = activitypub.Marshal(activitypub.ParseHTML(words, nil)); err != nil {
		return nil, err
	}
	if note.Summary != "" {
		if c.Warning, err = activitypub.Marshal(activitypub.ParseText(html.UnescapeString(note.Summary), nil)); err != nil {
			return nil, err
		}
	}
	if c.Published, err = time.Parse(time.RFC3339, note.Published); err != nil {
		return nil, fmt.Errorf("reading a reply's time: %w", err)
	}
	if note.Updated != "" {
		if c.Updated, err = time.Parse(time.RFC3339, note.Updated); err != nil {
			return nil, fmt.Errorf("reading a reply's time: %w", err)
		}
	}
	c.Source, err = activitypub.Marshal(note)
	return &c, err
}

// concerned adds to a reply's audience those that no follower stands for: who is answered, and every server that holds the thread.
func (o *Outbox) concerned(ctx context.Context, tx *store.Tx, at parent, actor string, inboxes []string) ([]string, error) {
	if at.author.inbox != "" {
		blocked, err := tx.Blocked(ctx, at.author.id)
		if err != nil {
			return nil, err
		}
		if !blocked {
			inboxes = append(inboxes, at.author.inbox)
		}
	}
	if at.root != "" {
		more, err := holders(ctx, tx, at.root, actor)
		if err != nil {
			return nil, err
		}
		inboxes = append(inboxes, more...)
	}
	unwilling, err := tx.BlockedByInboxes(ctx)
	if err != nil {
		return nil, err
	}
	inboxes = without(inboxes, unwilling)
	slices.Sort(inboxes)
	return slices.Compact(inboxes), nil
}

// putAnswer gives a reply of ours its place in the thread: anew where it was recalled before anybody had it, and told again.
func putAnswer(ctx context.Context, tx *store.Tx, d decision, c store.Comment) error {
	if d.action == tellCreate {
		if err := tx.ForgetRemoved(ctx, c.ID); err != nil {
			return err
		}
	}
	return tx.PutComment(ctx, c)
}

// leave takes a reply of ours out of its thread, and adds those who hold the thread to whom the Delete goes.
func (o *Outbox) leave(ctx context.Context, tx *store.Tx, id, actor string, inboxes []string) ([]string, error) {
	c, err := tx.Comment(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return inboxes, nil
	}
	if err != nil {
		return nil, err
	}
	if inboxes, err = o.concerned(ctx, tx, parent{root: c.Post}, actor, inboxes); err != nil {
		return nil, err
	}
	_, err = tx.RemoveComment(ctx, id)
	return inboxes, err
}

// The wait for a parent that cannot be found: its server is not to be asked every minute for ever.
const (
	firstWait = minute
	lastWait  = 6 * hour
)

// wait is a reply that is not told yet.
type wait struct {
	sum   string // of its document: an edited reply is tried at once
	next  time.Time
	pause time.Duration
}

// errNotYet says that a reply waits, which was said already.
var errNotYet = errors.New("the next try is not due")

// patienceWith gives errNotYet while the next try is not due.
func (o *Outbox) patienceWith(d decision) error {
	if w, ok := o.waits[d.id]; ok && w.sum == d.post.SHA256 && o.o.Now().Before(w.next) {
		return errNotYet
	}
	return nil
}

// postpone notes a try that failed. Among our own posts and comments looking costs nothing, but what is asked for there may also be
// elsewhere: the pause is the same for all, and starts anew with the daemon.
func (o *Outbox) postpone(d decision) {
	if o.waits == nil {
		o.waits = map[string]wait{}
	}
	w := o.waits[d.id]
	if w.sum != d.post.SHA256 {
		w = wait{sum: d.post.SHA256}
	}
	w.pause = min(max(2*w.pause, firstWait), lastWait)
	w.next = o.o.Now().Add(w.pause)
	o.waits[d.id] = w
}
