package embed

import (
	"cmp"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Context is the answer of Mastodon's GET /api/v1/statuses/:id/context (https://docs.joinmastodon.org/methods/statuses/#context).
type Context struct {
	Ancestors   []Status `json:"ancestors"`
	Descendants []Status `json:"descendants"`
}

// Status is Mastodon's entity of that name, with the members that widgets read
// (https://docs.joinmastodon.org/entities/Status/). Times are in UTC with milliseconds, as Mastodon writes them.
type Status struct {
	ID          string       `json:"id"`
	CreatedAt   string       `json:"created_at"`
	EditedAt    *string      `json:"edited_at"`
	InReplyTo   *string      `json:"in_reply_to_id"`
	InReplyToBy *string      `json:"in_reply_to_account_id"`
	Sensitive   bool         `json:"sensitive"`
	SpoilerText string       `json:"spoiler_text"`
	Visibility  string       `json:"visibility"`
	Language    *string      `json:"language"`
	URI         string       `json:"uri"`
	URL         string       `json:"url"`
	Replies     int          `json:"replies_count"`
	Reblogs     int          `json:"reblogs_count"`
	Favourites  int          `json:"favourites_count"`
	Content     string       `json:"content"` // HTML
	Reblog      *Status      `json:"reblog"`
	Account     account      `json:"account"`
	Media       []attachment `json:"media_attachments"`
	Mentions    []struct{}   `json:"mentions"`
	Tags        []struct{}   `json:"tags"`
	Emojis      []emoji      `json:"emojis"`
	Card        *struct{}    `json:"card"`
	Poll        *struct{}    `json:"poll"`
}

type account struct {
	ID           string     `json:"id"`
	Username     string     `json:"username"`
	Acct         string     `json:"acct"`
	DisplayName  string     `json:"display_name"`
	Locked       bool       `json:"locked"`
	Bot          bool       `json:"bot"`
	Note         string     `json:"note"`
	URL          string     `json:"url"`
	URI          string     `json:"uri"`
	Avatar       string     `json:"avatar"`
	AvatarStatic string     `json:"avatar_static"`
	Header       string     `json:"header"`
	HeaderStatic string     `json:"header_static"`
	Emojis       []emoji    `json:"emojis"`
	Fields       []struct{} `json:"fields"`
}

type attachment struct {
	ID          string  `json:"id"`
	Type        string  `json:"type"`
	URL         string  `json:"url"`
	PreviewURL  string  `json:"preview_url"`
	RemoteURL   *string `json:"remote_url"`
	Meta        meta    `json:"meta"`
	Description string  `json:"description"`
	Blurhash    *string `json:"blurhash"`
}

type meta struct {
	Original *size `json:"original,omitempty"`
}

type size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

type emoji struct {
	Shortcode string `json:"shortcode"`
	URL       string `json:"url"`
	StaticURL string `json:"static_url"`
	InPicker  bool   `json:"visible_in_picker"`
}

// Post is what a thread does not say about its post.
type Post struct {
	Title     string
	By        activitypub.Face // who wrote it: widgets mark the replies of the same account
	Published time.Time
}

// OfPost is the post itself as a Status: its id is the post's key. Only the counts are of use to a widget.
func OfPost(t *activitypub.Thread, p Post) Status {
	s := blank(t.Key, p.Published)
	s.URI, s.URL, s.Language = t.Post, t.URL, word(t.Language)
	s.Replies, s.Reblogs, s.Favourites = t.Count, t.Boosts.Count, t.Likes.Count
	s.Content = string(activitypub.Tree{{Tag: "p", Children: []activitypub.Node{{Tag: "a", Attr: map[string]string{"href": t.URL}, Children: []activitypub.Node{{Text: p.Title}}}}}}.HTML())
	s.Account = accountOf(p.By)
	return s
}

// ContextOf gives the replies of a thread, each before those that answer it. One that answers nothing that shows answers the post.
func ContextOf(t *activitypub.Thread) Context {
	w := walk{Context{[]Status{}, []Status{}}, map[string]*activitypub.Comment{}}
	w.know(t.Replies)
	w.add(t.Replies, t.Key)
	return w.out
}

// walk turns comments into statuses.
type walk struct {
	out Context
	at  map[string]*activitypub.Comment // by page
}

func (w *walk) know(list []*activitypub.Comment) {
	for _, c := range list {
		if !c.Removed {
			w.at[c.URL] = c
		}
		w.know(c.Replies)
	}
}

func (w *walk) add(list []*activitypub.Comment, parent string) {
	for _, c := range list {
		if c.Removed {
			w.add(c.Replies, parent)
			continue
		}
		s := statusOf(c)
		s.InReplyTo = &parent
		if p := w.at[c.Parent]; p != nil {
			s.InReplyTo, s.InReplyToBy = &p.Anchor, &[]string{activitypub.Anchor(p.By.ID)}[0]
		}
		w.out.Descendants = append(w.out.Descendants, s)
		w.add(c.Replies, c.Anchor)
	}
}

func blank(id string, published time.Time) Status {
	return Status{ID: id, CreatedAt: stamp(published), Visibility: "public", Media: []attachment{}, Mentions: []struct{}{}, Tags: []struct{}{}, Emojis: []emoji{}}
}

func statusOf(c *activitypub.Comment) Status {
	s := blank(c.Anchor, c.Published)
	content, pictures := spelled(c.Content)
	s.Content, s.Emojis = string(content.HTML()), append(s.Emojis, pictures...)
	warning, pictures := spelled(c.Warning)
	s.SpoilerText, s.Emojis = plain(warning.Text()), append(s.Emojis, pictures...)
	s.Sensitive = c.Sensitive || c.Warning != nil
	s.URI, s.URL, s.Language = address(c.ID), address(c.URL), word(plain(c.Language))
	s.Replies, s.Reblogs, s.Favourites, s.Account = len(c.Replies), c.Boosts, c.Likes, accountOf(c.By)
	if !c.Edited.IsZero() {
		s.EditedAt = word(stamp(c.Edited))
	}
	for _, m := range c.Media {
		s.Media = append(s.Media, attachmentOf(m))
	}
	return s
}

// AccountsOf is the answer of Mastodon's favourited_by and reblogged_by
// (https://docs.joinmastodon.org/methods/statuses/#favourited_by): who is in a pile, as far as their faces are in it.
func AccountsOf(p activitypub.Pile) []account {
	list := []account{}
	for _, f := range p.Faces {
		list = append(list, accountOf(f))
	}
	return list
}

// accountOf is a person. Widgets take url apart without asking whether it is one, and show nothing at all where one of them is not: an actor whose
// own page has no address that browsers know is led to by its id.
func accountOf(f activitypub.Face) account {
	name, pictures := spelled(f.Name)
	acct := plain(strings.TrimPrefix(f.Handle, "@"))
	user, _, _ := strings.Cut(acct, "@")
	avatar := address(f.Avatar)
	return account{ID: activitypub.Anchor(f.ID), Username: user, Acct: acct, DisplayName: plain(name.Text()), URL: cmp.Or(address(f.URL), address(f.ID)), URI: address(f.ID),
		Avatar: avatar, AvatarStatic: avatar, Emojis: append([]emoji{}, pictures...), Fields: []struct{}{}}
}

// attachmentOf names our copy of a picture. What is no picture has none: it is "unknown", as Mastodon says of what it did not fetch, and
// its own address is remote_url, which widgets show as a link if at all.
func attachmentOf(m activitypub.Media) attachment {
	remote := address(m.URL)
	a := attachment{ID: activitypub.Anchor(m.URL), Type: "unknown", RemoteURL: &remote, Description: plain(m.Alt)}
	if p := address(m.Picture); p != "" {
		a.Type, a.URL, a.PreviewURL = "image", p, p
	}
	a.URL = cmp.Or(a.URL, remote)
	if m.Width > 0 && m.Height > 0 {
		a.Meta.Original = &size{m.Width, m.Height}
	}
	return a
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func word(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
