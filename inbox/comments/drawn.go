package comments

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/postil-blog/postil/activitypub"
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
		parts, size := make([][]byte, len(t.Replies)), 0
		for i, r := range t.Replies {
			d, err := c.remembered("reply "+t.Language+" "+string(p.of(r)), func() ([]byte, error) { return c.drawReply(t, r) })
			if err != nil {
				return err
			}
			parts[i] = d.body
			size += len(d.body) + 1
		}
		b.Grow(size + size/8) // at once, and for what follows
		b.WriteString("<ol class=\"thread\">\n")
		for _, part := range parts {
			b.Write(part)
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
func (p prints) of(m *activitypub.Comment) []byte { return p.append(make([]byte, 0, 8*sha256.Size), m) }

// append adds the name of a comment and its answers to b. How many answers there are stands in it: no two trees have the same name.
func (p prints) append(b []byte, m *activitypub.Comment) []byte {
	start := len(b)
	b = append(binary.AppendUvarint(append(b, p[m]...), uint64(len(m.InReplyTo))), m.InReplyTo...)
	b = strconv.AppendBool(binary.AppendUvarint(b, uint64(len(m.Replies))), m.Pinned)
	for _, below := range m.Replies {
		b = p.append(b, below)
	}
	sum := sha256.Sum256(b[start:])
	return append(b[:start], sum[:]...)
}
