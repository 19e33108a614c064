package comments

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// A thread is wanted anew whenever anybody says or clicks something, and nearly all of it is as it was. So the rows of a post are kept, each with what
// it alone decides of the page, and only those that the store names as changed are read and made again. What depends on others as well (likes, what
// is answered, whether the post is closed) is put together for each thread, in thread.go.

// row is one row of a thread. It is shared by all who read the thread: nobody changes it.
type row struct {
	store.CommentView // without the words: they are in shows
	face              activitypub.Face
	owner             bool
	shows             activitypub.Comment // what of it no other row decides; empty unless a reply, quote or mention that is there
	reply             string              // address of the action "reply"
	print             [sha256.Size]byte   // names all of this
	size              int                 // bytes that it takes, about
}

// rowSet is all rows of a post in the order of store.Thread, as they were at a version.
type rowSet struct {
	version string
	rows    []*row
}

// rowOverhead is roughly what a row costs besides its words: addresses, the anchor, the structs.
const rowOverhead = 2500

func (s *rowSet) size() (n int) {
	for _, r := range s.rows {
		n += r.size
	}
	return n
}

// rows gives what stands under a post now.
func (c *Comments) rows(ctx context.Context, post string) ([]*row, error) {
	key := "rows " + post
	var set *rowSet
	if v, ok := c.cache.get(key); ok {
		changes, err := c.o.Store.ThreadSince(ctx, post, v.(*rowSet).version)
		switch {
		case err == nil && changes.Version == v.(*rowSet).version:
			return v.(*rowSet).rows, nil
		case err == nil:
			set = c.changed(v.(*rowSet), changes)
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	if set == nil {
		version, err := c.o.Store.ThreadVersion(ctx, post) // first: what changes now is read twice, and not missed
		if err != nil {
			return nil, err
		}
		views, err := c.o.Store.Thread(ctx, post)
		if err != nil {
			return nil, err
		}
		set = &rowSet{version, make([]*row, len(views))}
		for i, v := range views {
			set.rows[i] = c.row(v)
		}
		slices.SortFunc(set.rows, older) // PostgreSQL may have another order of letters
	}
	c.cache.put(key, set, set.size())
	return set.rows, nil
}

// changed is a set brought up to date. The former one stays as it is for those who read it.
func (c *Comments) changed(old *rowSet, changes store.ThreadChanges) *rowSet {
	other := map[string]bool{}
	for _, id := range changes.Gone {
		other[id] = true
	}
	for _, v := range changes.Rows {
		other[v.ID] = true
	}
	set := &rowSet{changes.Version, make([]*row, 0, len(old.rows)+len(changes.Rows))}
	for _, r := range old.rows {
		if !other[r.ID] {
			set.rows = append(set.rows, r)
		}
	}
	for _, v := range changes.Rows {
		r := c.row(v)
		at, _ := slices.BinarySearchFunc(set.rows, r, older)
		set.rows = slices.Insert(set.rows, at, r)
	}
	return set
}

// older is the order of store.Thread.
func older(a, b *row) int {
	return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.ID, b.ID))
}

// row makes what a row alone decides.
func (c *Comments) row(v store.CommentView) *row {
	r := &row{CommentView: v, face: c.face(&v), size: rowOverhead + 4*(len(v.Content)+len(v.Warning)+len(v.Attachments)+len(v.By.Name))}
	_, r.owner = c.owner(v.Actor)
	r.Content, r.Warning, r.Attachments, r.Source, r.By.Name = nil, nil, nil, nil, nil
	if v.Kind != store.Reply && v.Kind != store.Quote && v.Kind != store.Mention {
		return r
	}
	m := &r.shows
	m.ID, m.Anchor = v.ID, anchor(v.ID)
	if v.State == store.Removed {
		m.Removed = true
	} else {
		m.URL, m.By, m.Owner = webURL(v.URL, v.ID), r.face, r.owner
		m.Content, m.Warning = c.tree(v.Content), c.tree(v.Warning)
		m.Sensitive, m.Media, m.Language = v.Sensitive, c.media(v.Attachments), v.Language
		m.Published, m.Edited = v.Published.UTC(), v.Updated
		m.NoIndex = !m.Owner && !v.By.Indexable
		if !v.Webmention() { // of one no server knows the id: there is nothing to ask a reader's server for
			m.Actions = activitypub.Actions{Like: c.a.Interact("like", v.ID), Boost: c.a.Interact("boost", v.ID)}
			r.reply = c.a.Interact("reply", v.ID)
		}
	}
	r.print = printRow(&v, m)
	return r
}

// printRow names what m, made of v, shows. Each part comes with its length, so that no two rows can be confused.
func printRow(v *store.CommentView, m *activitypub.Comment) [sha256.Size]byte {
	var b []byte
	for _, p := range []string{m.ID, m.Anchor, m.URL, m.By.ID, m.By.Handle, m.By.URL, m.By.Avatar, m.By.Name.Text(), string(v.By.Name), string(v.Content), string(v.Warning),
		string(v.Attachments), m.Language, fmt.Sprint(m.Published.UnixNano(), m.Edited.UnixNano(), m.Owner, m.Sensitive, m.NoIndex, m.Removed)} {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	return sha256.Sum256(b)
}

// printWhole names what m shows: what its row alone decides, and all else but the answers below it.
func printWhole(r *row, m *activitypub.Comment) string {
	b := append(make([]byte, 0, 512), r.print[:]...)
	b = append(append(b, m.Parent...), 0)
	b = append(append(b, m.Actions.Reply...), 0)
	b = strconv.AppendInt(append(strconv.AppendInt(b, int64(m.Likes), 10), ' '), int64(m.Boosts), 10)
	for _, g := range m.Reactions {
		words := string(g.Emoji.HTML())
		b = strconv.AppendInt(append(b, ' '), int64(g.Count), 10)
		b = append(binary.AppendUvarint(append(b, ' '), uint64(len(words))), words...)
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}
