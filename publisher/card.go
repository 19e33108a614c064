package publisher

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/templates"
)

// around is what a post's page says of other posts.
type around struct {
	Prev, Next *templates.Link
	Series     *templates.Series
	Related    []templates.Link
}

// view is a post as a page of its own shows it.
func (b *build) view(p *Post, a around) *templates.Post {
	v := b.card(p, whole)
	v.Draft = p.State != live
	if toc := cmp.Or(p.TOC, b.config.Publish.TOC); toc != "off" {
		v.TOC, v.AlwaysTOC = b.notes[p].Rendering.TOC, toc == "on"
	}
	v.Prev, v.Next, v.Series, v.Related = a.Prev, a.Next, a.Series, a.Related
	return v
}

// around looks for the post's neighbours.
func (b *build) around(p *Post) (v around) {
	if p.Page {
		return v
	}
	i := b.place[p]
	if i+1 < len(b.posts) {
		v.Prev = b.linkTo(b.posts[i+1])
	}
	if i > 0 {
		v.Next = b.linkTo(b.posts[i-1])
	}
	v.Related = b.nearest[p]
	v.Series = b.inSeries(p)
	return v
}

// card is kept with hashes of all that it is made from: ten lists show the same post, and most of them are never made.
type card struct {
	prints [whole + 1][32]byte
	known  [whole + 1]bool
	once   sync.Once
	post   *templates.Post
}

// depth is how much of a post a list shows. The template decides: a list is made again only where something changed that it shows.
type depth int

const (
	heading depth = iota // what the front matter says
	brief                // and the beginning of the text, and how long it takes to read
	counted              // and the number of words
	whole                // and the text
)

// deal makes room for every card.
func (b *build) deal() {
	for _, p := range slices.Concat(b.posts, b.pages) {
		b.cards[p] = &card{}
	}
}

// cardPrint is a hash of what a list of some depth shows of a post.
func (b *build) cardPrint(p *Post, d depth) [32]byte {
	c := b.cards[p]
	if !c.known[d] {
		c.prints[d], c.known[d] = b.printCard(p, d), true
	}
	return c.prints[d]
}

func (b *build) printCard(p *Post, d depth) [32]byte {
	if d > heading || p.Image.Src != "" {
		b.ready(p)
	}
	n := b.notes[p]
	switch d {
	case brief:
		return b.print("brief", b.cardPrint(p, heading), b.summary(p), minutes(n.Rendering.Words))
	case counted:
		return b.print("counted", b.cardPrint(p, brief), n.Rendering.Words)
	case whole:
		return b.print("whole", b.cardPrint(p, heading), n.Sum, n.Rendering.Blob, b.enclosures(p), b.dresses[p])
	}
	type tagged struct {
		Name, Path string
		Posts      int
	}
	var tags []tagged
	for _, t := range b.tagged[p] {
		tags = append(tags, tagged{t.name, t.path, len(t.posts)})
	}
	// A post is made of its front matter and its place, and of settings that every print depends on (program).
	i, dress := b.leadPicture(p), pictures.Dress{}
	if i != nil {
		dress = b.dresses[p][i.URL]
	}
	return b.print("card", n.Head, p.Lang, p.File, p.Key, p.Path, p.State, tags, i, b.leadSet(p), b.authorURL(p), dress)
}

func minutes(words int) int { return max(1, (words+110)/220) }

// card is a post as lists of some depth show it: a copy, which its page may fill in.
func (b *build) card(p *Post, d depth) *templates.Post {
	c := b.cards[p]
	c.once.Do(func() { c.post = b.newCard(p) })
	v := *c.post
	if d >= brief {
		v.Summary, v.Minutes = b.summary(p), minutes(b.notes[p].Rendering.Words)
	}
	if d >= counted {
		v.Words = b.notes[p].Rendering.Words
	}
	return &v
}

func (b *build) newCard(p *Post) *templates.Post {
	v := &templates.Post{
		Key: p.Key, Title: p.Title, URL: b.pageURL(p), Path: escapePath(b.addresses.Path(p.Path)), Dek: p.Summary, Language: p.Lang,
		Date: p.Date, Updated: p.Updated, Author: b.by(p), AuthorURL: b.authorURL(p), Creator: b.creator(p), Draft: p.State != live, Params: p.Params,
		CommentsOff:  p.Comments == "off" || p.Page,
		CommentsOpen: b.takesComments(p),
	}
	if b.federates(p) {
		v.ID = b.addresses.Post(p.Key)
	}
	for _, t := range b.tagged[p] {
		v.Tags = append(v.Tags, templates.Link{Name: t.name, URL: escapePath(b.addresses.Path(t.path)), Count: len(t.posts)})
	}
	if i := b.leadPicture(p); i != nil {
		v.Image = &templates.Image{URL: i.URL, Alt: i.Alt, Width: i.Width, Height: i.Height, Set: b.leadSet(p)}
		if v.Image.Set != "" {
			v.Image.Sizes = imageSizes
		}
		d := b.dresses[p][i.URL]
		v.Image.Class = d.Class
		for _, s := range d.Sources {
			v.Image.Sources = append(v.Image.Sources, templates.Source(s))
		}
	}
	return v
}

func (b *build) linkTo(p *Post) *templates.Link {
	return &templates.Link{Name: p.Title, URL: escapePath(b.addresses.Path(p.Path))}
}

// by is the name under a post.
func (b *build) by(p *Post) string {
	if a, ok := b.config.Authors[p.Author]; ok {
		return cmp.Or(a.Name, p.Author)
	}
	return cmp.Or(p.Author, b.config.Site.Author, b.config.Site.Title)
}

// creator is the account that previews on Mastodon credit.
func (b *build) creator(p *Post) string {
	if h := b.config.Authors[p.Author].Handle; strings.Contains(strings.TrimPrefix(h, "@"), "@") {
		return "@" + strings.TrimPrefix(h, "@")
	}
	for _, actor := range b.config.Actors() {
		if b.config.Federation.Enabled && actor.ID == b.config.ActorID(p.Author) {
			return "@" + b.addresses.AcctOf(actor.Handle)
		}
	}
	return ""
}
