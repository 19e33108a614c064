package comments

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// A thread is drawn anew whenever anybody says or clicks something, and nearly all of it is as it was. So what was drawn of each reply to the
// post, with the answers below it, is remembered by everything that it was made of.

// prints names, for each comment of a thread, everything that it is made of besides its answers.
type prints map[*activitypub.Comment]string

// drawn renders a thread as the template "comments" does, to the byte. Without prints, and where a site has a "comments" of its own, that
// is executed whole.
func (c *Comments) drawn(b *bytes.Buffer, t *activitypub.Thread, p prints) error {
	if p == nil || strings.HasPrefix(c.templates.Lookup("comments").Tree.ParseName, "templates/") {
		return c.templates.ExecuteTemplate(b, "comments", t)
	}
	if err := c.templates.ExecuteTemplate(b, "comments-head", t); err != nil {
		return err
	}
	if len(t.Replies) > 0 {
		b.WriteString("<ol class=\"thread\">\n")
		for _, r := range t.Replies {
			d, err := c.remembered("reply "+t.Language+" "+string(p.of(r)), func() ([]byte, error) { return c.drawReply(t, r) })
			if err != nil {
				return err
			}
			b.Write(d.body)
			b.WriteString("\n")
		}
		b.WriteString("</ol>\n")
	}
	return c.templates.ExecuteTemplate(b, "comments-tail", t)
}

func (c *Comments) drawReply(t *activitypub.Thread, r *activitypub.Comment) ([]byte, error) {
	var b bytes.Buffer
	err := c.templates.ExecuteTemplate(&b, "comment", map[string]any{"L": t.Language, "C": r, "Class": "u-comment"})
	return b.Bytes(), err
}

// of names what a comment and its answers are made of.
func (p prints) of(m *activitypub.Comment) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%t", p[m], m.InReplyTo, m.Pinned)
	for _, below := range m.Replies {
		h.Write(p.of(below))
	}
	return h.Sum(nil)
}

// printRow names what a row shows as: everything of r and m that stands in its article. Each part comes with its length, so that no two
// rows can be confused.
func printRow(r *store.CommentView, m *activitypub.Comment) string {
	h := sha256.New()
	put := func(parts ...string) {
		for _, p := range parts {
			h.Write(binary.AppendUvarint(nil, uint64(len(p))))
			h.Write([]byte(p))
		}
	}
	put(m.Anchor, m.URL, m.Parent, m.By.ID, m.By.Handle, m.By.URL, m.By.Avatar, m.By.Name.Text(), string(r.By.Name), string(r.Content), string(r.Warning),
		string(r.Attachments), m.Language, m.Actions.Reply)
	put(fmt.Sprint(m.Published.UnixNano(), m.Edited.UnixNano(), m.Owner, m.Sensitive, m.NoIndex, m.Removed, m.Likes, m.Boosts))
	for _, g := range m.Reactions {
		put(fmt.Sprint(g.Count), string(g.Emoji.HTML()))
	}
	return string(h.Sum(nil))
}
