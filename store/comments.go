package store

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Kind of a Comment.
type Kind string

// The kinds of comments.
const (
	Reply    Kind = "reply"
	Like     Kind = "like"
	Boost    Kind = "boost"
	Reaction Kind = "reaction" // an emoji
	Quote    Kind = "quote"
	Dislike  Kind = "dislike"
	Mention  Kind = "mention" // of a page that links to the post and says no more (webmentions.go)
)

// hasWords tells a comment that somebody wrote from one that somebody clicked.
func (k Kind) hasWords() bool { return k == Reply || k == Quote || k == Mention }

// CommentState says whether a comment shows.
type CommentState string

// The states of comments.
const (
	Shown   CommentState = "shown"
	Held    CommentState = "held"    // waits for the owner
	Hidden  CommentState = "hidden"  // by the owner
	Removed CommentState = "removed" // by its author: content is gone, the row keeps the thread together while it has children
	Waiting CommentState = "waiting" // for what it answers, which is not here yet: in no thread, Post is "" (waiting.go)
)

func (s CommentState) visible() bool { return s == Shown || s == Removed }

// Comment is one answer of the fediverse to a post: reply, like, boost, reaction, quote.
type Comment struct {
	ID          string // id of the Note (reply, quote) or of the activity (like, boost, reaction)
	Kind        Kind
	Post        string // id of the Article
	Parent      string // reply: id that it answers (the post or a comment); else the post, or the comment that is liked
	Actor       string // id of the remote actor, or one of ours; "" once a removed account's row only holds the thread together
	URL         string // where a person reads it
	Content     []byte // activitypub.Tree as JSON; nil unless a reply or quote
	Warning     []byte // content warning, likewise; nil = none
	Sensitive   bool
	Attachments []byte // JSON array of Attachment
	Language    string
	Emoji       string // reaction: the emoji or ":name:"
	EmojiURL    string // reaction: its picture
	Published   time.Time
	Updated     time.Time // zero: never edited
	Received    time.Time
	State       CommentState
	Source      []byte // the object's own JSON
}

// Attachment is a picture, video or sound of a comment.
type Attachment struct {
	URL, MediaType, Alt string
	Width, Height       int
	Poster              string `json:",omitempty"` // of a video or sound: address of a still picture
}

// Pictures lists the addresses of what is shown of an attachment from our own copy.
func (a Attachment) Pictures() []string {
	var list []string
	if strings.HasPrefix(a.MediaType, "image/") {
		list = append(list, a.URL)
	}
	if a.Poster != "" {
		list = append(list, a.Poster)
	}
	return list
}

// CommentView is a comment with the actor who made it, or what that one has become by a move: then By.ID is not Comment.Actor. Of an
// actor that is not in the store, By has the ID alone.
type CommentView struct {
	Comment
	By Actor
}

const commentColumns = `c.id, c.kind, c.post, c.parent, c.actor, c.url, c.content, c.warning, c.sensitive, c.attachments, c.language,
	c.emoji, c.emoji_url, c.published, c.updated, c.received, c.state, c.source`

func (c *Comment) fields() []any {
	return []any{&c.ID, &c.Kind, &c.Post, &c.Parent, &c.Actor, &c.URL, &c.Content, &c.Warning, &c.Sensitive, &c.Attachments, &c.Language,
		&c.Emoji, &c.EmojiURL, moment{&c.Published}, moment{&c.Updated}, moment{&c.Received}, &c.State, &c.Source}
}

func scanComment(r row) (c Comment, err error) {
	err = r.Scan(c.fields()...)
	return c, err
}

func scanCommentView(r row) (v CommentView, err error) {
	err = r.Scan(append(v.fields(), v.By.shown()...)...)
	return v, err
}

const commentViews = `SELECT ` + commentColumns + `, ` + shownActorColumns + ` FROM comments c
	LEFT JOIN moves m ON m.actor = c.actor LEFT JOIN actors a ON a.id = COALESCE(m.moved_to, c.actor) `

// PutComment writes a comment in place of the one with the same id; that of somebody who asked not to show is hidden. Three things outlive an edit: when it
// was first received, that the owner has hid it, and that its author has removed it (then nothing is written: a Delete is for ever, even if an older Update comes
// after it). A like, boost or reaction that an actor gives again under a new id replaces the former.
func (tx *Tx) PutComment(ctx context.Context, c Comment) error {
	old, err := tx.Comment(ctx, c.ID)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	case old.State == Removed:
		return nil
	case old.State == Hidden:
		c.State = Hidden
	}
	if c.State == Shown || c.State == Held {
		if no, err := tx.isUnshown(ctx, c.Actor); err != nil {
			return err
		} else if no {
			c.State = Hidden
		}
	}
	changed := []string{c.ID}
	if !c.Kind.hasWords() {
		former, err := tx.forgetFormer(ctx, c)
		if err != nil {
			return err
		}
		changed = append(changed, former...)
	}
	if err := tx.putComment(ctx, c); err != nil {
		return err
	}
	if old.State.visible() && old.Post != c.Post {
		if err := tx.threadChanged(ctx, old.Post); err != nil {
			return err
		}
	}
	if c.State == Waiting {
		return tx.capWaiting(ctx)
	}
	if old.State.visible() || c.State.visible() {
		return tx.commentsChanged(ctx, c.Post, changed...)
	}
	return nil
}

// forgetFormer deletes the rows that a like, boost or reaction replaces, and gives their ids.
func (tx *Tx) forgetFormer(ctx context.Context, c Comment) ([]string, error) {
	return all(ctx, tx.queries, value[string], `DELETE FROM comments WHERE parent = $1 AND actor = $2 AND kind = $3 AND `+plainEmoji+` = $4
		AND id <> $5 RETURNING id`, c.Parent, c.Actor, string(c.Kind), PlainEmoji(c.Emoji), c.ID)
}

// plainEmoji is PlainEmoji in SQL.
const plainEmoji = "REPLACE(REPLACE(emoji, '\uFE0F', ''), '\uFE0E', '')"

// PlainEmoji gives an emoji without its variation selectors, which some programs write and some do not: by it reactions are told apart.
func PlainEmoji(s string) string { return selectors.Replace(s) }

var selectors = strings.NewReplacer("\uFE0F", "", "\uFE0E", "")

func (tx *Tx) putComment(ctx context.Context, c Comment) error {
	_, err := tx.exec(ctx, `INSERT INTO comments (id, kind, post, parent, actor, url, content, warning, sensitive, attachments, language,
		emoji, emoji_url, published, updated, received, state, source)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, post = excluded.post, parent = excluded.parent, actor = excluded.actor,
		url = excluded.url, content = excluded.content, warning = excluded.warning, sensitive = excluded.sensitive,
		attachments = excluded.attachments, language = excluded.language, emoji = excluded.emoji, emoji_url = excluded.emoji_url,
		published = excluded.published, updated = excluded.updated, state = excluded.state, source = excluded.source`,
		c.ID, string(c.Kind), c.Post, c.Parent, c.Actor, c.URL, c.Content, c.Warning, c.Sensitive, c.Attachments, c.Language,
		c.Emoji, c.EmojiURL, c.Published, c.Updated, c.Received, string(c.State), c.Source)
	return err
}

// SetCommentState shows, holds or hides a comment; Removed is RemoveComment. ErrNotFound if there is none in a thread, or if its author
// has removed it.
func (tx *Tx) SetCommentState(ctx context.Context, id string, s CommentState) error {
	if s == Removed {
		if found, err := tx.RemoveComment(ctx, id); found || err != nil {
			return err
		}
		return ErrNotFound
	}
	post, err := one(ctx, tx.queries, value[string], `UPDATE comments SET state = $1 WHERE id = $2
		AND state NOT IN ('removed', 'waiting') RETURNING post`, string(s), id)
	if err != nil {
		return err
	}
	return tx.commentsChanged(ctx, post, id)
}

// Comment gives one comment in whatever state, or ErrNotFound.
func (q queries) Comment(ctx context.Context, id string) (Comment, error) {
	return one(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c WHERE c.id = $1`, id)
}

// CommentByURL finds a reply or a quote by the page where a person reads it, or gives ErrNotFound.
func (q queries) CommentByURL(ctx context.Context, url string) (Comment, error) {
	return one(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c WHERE c.url = $1 AND c.kind IN ('reply', 'quote')
		ORDER BY c.received, c.id LIMIT 1`, url)
}

// Thread gives everything that shows under a post, of every kind, oldest first: Shown comments, and Removed replies that others answered.
func (q queries) Thread(ctx context.Context, post string) ([]CommentView, error) {
	return all(ctx, q, scanCommentView, commentViews+`WHERE c.post = $1 AND c.state IN ('shown', 'removed')
		ORDER BY c.published, c.id`, post)
}

// CommentsIn gives a page of the comments in one state, last received first, and how many there are in all.
func (q queries) CommentsIn(ctx context.Context, s CommentState, offset, n int) ([]CommentView, int, error) {
	total, err := q.count(ctx, `SELECT COUNT(*) FROM comments WHERE state = $1`, string(s))
	if err != nil {
		return nil, 0, err
	}
	page, err := all(ctx, q, scanCommentView, commentViews+`WHERE c.state = $1
		ORDER BY c.received DESC, c.id LIMIT $2 OFFSET $3`, string(s), n, offset)
	return page, total, err
}

// ofPost selects the comments that CommentCount and CommentIDs are about: replies and quotes anywhere in the thread, but likes, boosts
// and reactions of the post itself, not of its comments. Webmentions are not among them: no server could ask for one by its id.
const ofPost = ` FROM comments WHERE post = $1 AND kind = $2 AND state = 'shown' AND (kind IN ('reply', 'quote') OR parent = post)
	AND id NOT LIKE '%` + mark + `%'`

// CommentCount counts a post's Shown comments of one kind: replies in the whole thread, likes and boosts of the post itself.
func (q queries) CommentCount(ctx context.Context, post string, k Kind) (int, error) {
	return q.count(ctx, `SELECT COUNT(*)`+ofPost, post, string(k))
}

// CommentIDs gives a page of the ids that CommentCount counts, first received first, so that a new one moves no page.
func (q queries) CommentIDs(ctx context.Context, post string, k Kind, offset, n int) ([]string, error) {
	return all(ctx, q, value[string], `SELECT id`+ofPost+` ORDER BY received, id LIMIT $3 OFFSET $4`, post, string(k), n, offset)
}
