package importer

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// Bounds of the comments of one post.
const (
	maxComments = 5_000
	maxComment  = 10 << 10 // bytes of text: what a tree holds
)

// thread arranges the comments of a post as publish pull writes them, nil where there are none.
func (in *importing) thread(p *Post) *activitypub.Thread {
	if len(p.Comments) == 0 || p.Page {
		if len(p.Comments) > 0 {
			in.about(p, CodeComment, fmt.Sprintf("%d comments on the page %q: pages show none", len(p.Comments), p.Title), "")
		}
		return nil
	}
	if len(p.Comments) > maxComments {
		in.about(p, CodeComment, fmt.Sprintf("%d comments beyond the first %d", len(p.Comments)-maxComments, maxComments), "")
		p.Comments = p.Comments[:maxComments]
	}
	a := in.addresses()
	t := &activitypub.Thread{Version: 1, Post: a.Post(p.id), URL: a.Page(escapePath(p.path)), Key: p.id, Handle: "@" + a.Acct(), Language: cmp.Or(p.Lang, in.blog.Language, "en"), Replies: []*activitypub.Comment{}}
	in.arrange(p, t)
	t.Count = len(p.Comments)
	in.summary.Carried.Comments += t.Count
	return t
}

// arrange hangs each comment below the one it answers. One whose parent is gone, or that would answer itself, stands at the top.
func (in *importing) arrange(p *Post, t *activitypub.Thread) {
	slices.SortStableFunc(p.Comments, func(x, y Comment) int { return x.Date.Compare(y.Date) })
	parents := map[string]string{}
	p.Comments = slices.DeleteFunc(p.Comments, func(c Comment) bool {
		_, again := parents[c.ID]
		if !again {
			parents[c.ID] = c.Parent
		}
		return again
	})
	made := map[string]*activitypub.Comment{}
	for i := range p.Comments {
		c := &p.Comments[i]
		made[c.ID] = in.comment(p, t, c)
	}
	for _, c := range p.Comments {
		here := made[c.ID]
		chain := ancestors(c.ID, parents)
		if len(chain) == 0 {
			t.Replies = append(t.Replies, here)
			continue
		}
		above := made[chain[0]]
		here.Parent = above.URL
		if len(chain) >= activitypub.MaxDepth { // it stands beside the one it answers, and names it
			here.InReplyTo = above.By.Name.Text()
			above = made[chain[len(chain)-activitypub.MaxDepth+1]]
		}
		above.Replies = append(above.Replies, here)
	}
}

// maxChain is how long a row of answers may be. One that is longer begins anew at the top.
const maxChain = 200

// ancestors are the comments above one, the nearest first; none where the chain has no beginning.
func ancestors(id string, parents map[string]string) (chain []string) {
	seen := map[string]bool{id: true}
	for at := parents[id]; at != ""; at = parents[at] {
		if _, known := parents[at]; !known {
			return chain
		}
		if seen[at] || len(chain) >= maxChain {
			return nil
		}
		seen[at] = true
		chain = append(chain, at)
	}
	return chain
}

func (in *importing) comment(p *Post, t *activitypub.Thread, c *Comment) *activitypub.Comment {
	id := in.commentID(p, c)
	anchor := activitypub.Anchor(id)
	at := t.URL + "#" + anchor
	name := activitypub.ParseName(line(c.Name, maxTag), nil)
	if name.Blank() {
		name = activitypub.ParseText("Anonymous", nil)
	}
	if len(c.HTML) > maxComment {
		in.about(p, CodeComment, fmt.Sprintf("a comment by %s is longer than 10 KB: its end was cut", line(name.Text(), 40)), "")
	}
	face := activitypub.Face{ID: at, Name: name, URL: at}
	if u, err := url.Parse(strings.TrimSpace(c.URL)); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
		face.ID, face.URL = u.String(), u.String()
	}
	return &activitypub.Comment{ID: id, Anchor: anchor, URL: at, By: face, Owner: c.Owner, Content: activitypub.ParseHTML(c.HTML, nil),
		Published: c.Date.UTC(), Parent: t.URL, Imported: true}
}

// commentID is the comment's old address where that is known: stable, and nobody else's.
func (in *importing) commentID(p *Post, c *Comment) string {
	base := strings.TrimRight(in.blog.URL, "/")
	if base == "" {
		base = strings.TrimSuffix(in.addresses().Home(), "/")
	}
	return base + escapePath("/"+strings.TrimPrefix(cmp.Or(p.OldPath, p.path), "/")) + "#comment-" + url.PathEscape(c.ID)
}
