package comments

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

const (
	maxFaces  = 12 // a pile shows so many beside its count
	maxGroups = 40 // so many different emoji are shown: one person can send any number
)

// Thread arranges what the store holds about one post: replies nested up to activitypub.MaxDepth, in the owner's order; likes, boosts
// and reactions counted once a person; every picture at the blog's own address. Also what publish pull writes to comments/*.json.
func (c *Comments) Thread(ctx context.Context, post store.Article) (*activitypub.Thread, error) {
	return c.arranged(ctx, post, maxFaces)
}

// arranged is Thread with so many faces in a pile; above maxFaces they say when.
func (c *Comments) arranged(ctx context.Context, post store.Article, faces int) (*activitypub.Thread, error) {
	t, _, err := c.printed(ctx, post, faces)
	return t, err
}

// printed is arranged, with a name for what each comment is made of.
func (c *Comments) printed(ctx context.Context, post store.Article, faces int) (*activitypub.Thread, prints, error) {
	rows, err := c.rows(ctx, post.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the thread of %s: %w", post.ID, err)
	}
	key, _ := c.a.PostKey(post.ID)
	t := &activitypub.Thread{
		Version: 1, Post: post.ID, URL: post.URL, Key: key, Handle: "@" + c.a.Acct(), Language: c.language(post),
		Closed: Closed(c.o.Config, post, c.o.Now()), Replies: []*activitypub.Comment{},
	}
	t.Actions = activitypub.Actions{Like: c.a.Interact("like", post.ID), Boost: c.a.Interact("boost", post.ID),
		Follow: c.a.Interact("follow", c.a.Actor()), Share: c.a.Interact("share", post.ID)}
	if !t.Closed {
		t.Actions.Reply = c.a.Interact("reply", post.ID)
	}
	if t.Pending, err = c.pending(ctx, post); err != nil {
		return nil, nil, err
	}
	pinned, err := c.o.Store.PinnedComment(ctx, post.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the thread of %s: %w", post.ID, err)
	}
	n := len(rows)
	b := builder{c: c, t: t, post: post, faces: faces, pinned: pinned, prints: make(prints, n), rows: make(map[string]*row, n), children: make(map[string][]*row, n),
		placed: make(map[string]bool, n), likes: map[string]int{}, boosts: map[string]int{}, reactions: map[string][]*row{}}
	b.sort(rows)
	b.arrange()
	b.piles(rows)
	return t, b.prints, nil
}

// Closed tells whether a post takes no more replies.
func Closed(c *site.Config, post store.Article, now time.Time) bool {
	return c.Comments.Closed(post.Published, post.Closes, now)
}

// language is the post's language: the one key of its contentMap, where followers were told of it; else what the published list says, else the site's.
func (c *Comments) language(post store.Article) string {
	var doc struct {
		ContentMap map[string]json.RawMessage `json:"contentMap"`
	}
	if json.Unmarshal(post.JSON, &doc) == nil && len(doc.ContentMap) == 1 {
		for lang := range doc.ContentMap {
			return lang
		}
	}
	return cmp.Or(post.Language, c.o.Config.Site.Language)
}

// builder arranges the rows of one post.
type builder struct {
	c             *Comments
	t             *activitypub.Thread
	post          store.Article
	faces         int
	prints        prints
	pinned        string            // id of what stands on top, "" if there is none
	rows          map[string]*row   // replies and quotes by id
	children      map[string][]*row // replies by parent
	order         []*row            // replies, oldest first
	placed        map[string]bool
	likes, boosts map[string]int    // of comments
	reactions     map[string][]*row // by what they are about
	quotes        []*row            // oldest first
	mentions      []*row            // oldest first
}

// sort puts each row where arrange finds it.
func (b *builder) sort(rows []*row) {
	for _, r := range rows {
		switch r.Kind {
		case store.Reply:
			b.rows[r.ID] = r
			b.order = append(b.order, r)
		case store.Quote:
			b.rows[r.ID] = r
			b.quotes = append(b.quotes, r)
		case store.Mention:
			b.rows[r.ID] = r
			b.mentions = append(b.mentions, r)
		case store.Reaction:
			b.reactions[r.Parent] = append(b.reactions[r.Parent], r)
		case store.Like:
			b.likes[r.Parent]++
		case store.Boost:
			b.boosts[r.Parent]++
		}
	}
	slices.SortStableFunc(b.order, func(x, y *row) int { return x.Published.Compare(y.Published) })
	for _, r := range b.order {
		b.children[r.Parent] = append(b.children[r.Parent], r)
	}
}

// arrange places every quote with the answers that it got, and every reply: first those that answer the post or something unknown,
// then, so that nothing is lost, the members of circles (a answers b answers a), which only a broken or malicious server makes.
func (b *builder) arrange() {
	for _, r := range b.quotes {
		b.place(r, nil, 1, &b.t.Quotes)
	}
	for _, r := range b.mentions {
		b.place(r, nil, 1, &b.t.Mentions)
	}
	first := []*activitypub.Comment{} // never nil: of no replies the JSON is [], not null
	if r := b.rows[b.pinned]; r != nil && r.Kind == store.Reply && r.State == store.Shown {
		b.place(r, b.rows[r.Parent], 1, &first)
		first[0].Pinned = true
	}
	for _, r := range b.order {
		if b.rows[r.Parent] == nil {
			b.place(r, nil, 1, &b.t.Replies)
		}
	}
	for _, r := range b.order {
		b.place(r, nil, 1, &b.t.Replies)
	}
	order(b.t.Replies, b.c.o.Config.Comments.Order)
	b.t.Replies = append(first, b.t.Replies...)
}

// order sorts the replies to a post, which come oldest first, as comments.order says. What was said below each of them stays in its order: an
// answer is read after what it answers.
func order(list []*activitypub.Comment, by string) {
	switch by {
	case "newest":
		slices.SortStableFunc(list, func(x, y *activitypub.Comment) int { return y.Published.Compare(x.Published) })
	case "liked":
		slices.SortStableFunc(list, func(x, y *activitypub.Comment) int { return cmp.Compare(y.Likes, x.Likes) })
	}
}

// pending is how many replies wait, where the owner lets readers know.
func (c *Comments) pending(ctx context.Context, post store.Article) (int, error) {
	if !c.o.Config.Comments.Pending {
		return 0, nil
	}
	n, err := c.o.Store.HeldCount(ctx, post.ID)
	if err != nil {
		return 0, fmt.Errorf("counting what waits under %s: %w", post.ID, err)
	}
	return n, nil
}

// place appends a reply to a list, and its answers below it; those deeper than MaxDepth follow it in the same list and name whom
// they answer.
func (b *builder) place(r, flatParent *row, depth int, into *[]*activitypub.Comment) {
	if b.placed[r.ID] {
		return
	}
	b.placed[r.ID] = true
	if r.State == store.Removed && len(b.children[r.ID]) == 0 {
		return
	}
	m := b.comment(r)
	if flatParent != nil && flatParent.State == store.Shown {
		m.InReplyTo = flatParent.face.Handle
	}
	*into = append(*into, m)
	for _, child := range b.children[r.ID] {
		if depth < activitypub.MaxDepth {
			b.place(child, nil, depth+1, &m.Replies)
		} else {
			b.place(child, r, depth, into)
		}
	}
}

// comment makes what a page shows of a row. Of a removed one that is its place alone.
func (b *builder) comment(r *row) *activitypub.Comment {
	m := new(activitypub.Comment)
	*m = r.shows
	m.Parent = b.parentURL(r)
	if r.State != store.Removed {
		if r.Kind == store.Reply {
			b.t.Count++
		}
		m.Likes, m.Boosts, m.Reactions = b.likes[r.ID], b.boosts[r.ID], b.groups(r.ID)
		if !b.t.Closed {
			m.Actions.Reply = r.reply
		}
	}
	b.prints[m] = printWhole(r, m)
	return m
}

// parentURL is where a person reads what a reply answers.
func (b *builder) parentURL(r *row) string {
	if p := b.rows[r.Parent]; p != nil {
		return webURL(p.URL, p.ID)
	}
	return b.post.URL
}

// piles counts the likes, boosts and reactions of the post itself. The store keeps one of a kind for each person.
func (b *builder) piles(rows []*row) {
	for _, r := range rows {
		if r.Parent != b.post.ID {
			continue
		}
		switch r.Kind {
		case store.Like:
			b.addFace(&b.t.Likes, r)
		case store.Boost:
			b.addFace(&b.t.Boosts, r)
		}
	}
	b.t.Reactions = b.groups(b.post.ID)
	list := func(p *activitypub.Pile, kind string) {
		if p.Count > 0 {
			p.All = b.c.a.Fragment(b.t.Key) + "/" + kind
		}
	}
	list(&b.t.Likes, "likes")
	list(&b.t.Boosts, "boosts")
}

// groups puts the reactions to the post or to a comment together by their emoji, with and without variation selector; a group shows
// the spelling with one, which is drawn in colour. A custom emoji belongs to the server that has its picture: nobody's :heart: stands
// for everybody's.
func (b *builder) groups(parent string) []activitypub.ReactionGroup {
	var list []activitypub.ReactionGroup
	at, spelled := map[string]int{}, map[string]string{}
	for _, r := range b.reactions[parent] {
		plain := store.PlainEmoji(r.Emoji) + hostOf(r.EmojiURL)
		n, ok := at[plain]
		if !ok && len(list) == maxGroups {
			continue
		}
		if !ok {
			n = len(list)
			at[plain] = n
			list = append(list, activitypub.ReactionGroup{})
		}
		if len(r.Emoji) > len(spelled[plain]) {
			spelled[plain] = r.Emoji
			list[n].Emoji = activitypub.ParseText(r.Emoji, map[string]string{r.Emoji: r.EmojiURL}).Pictures(b.c.picture)
		}
		b.addFace(&list[n].Pile, r)
	}
	return list
}

func (b *builder) addFace(p *activitypub.Pile, r *row) {
	p.Count++
	if len(p.Faces) >= b.faces {
		return
	}
	f := r.face
	f.NoIndex = !r.owner && !r.By.Indexable
	if b.faces > maxFaces {
		f.At = r.Published
	}
	p.Faces = append(p.Faces, f)
}

// face is the person of a row. The blog's own words have no row among the actors: its face is made of the settings.
func (c *Comments) face(r *store.CommentView) activitypub.Face {
	if name, ok := c.owner(r.Actor); ok {
		acct := c.a.Acct()
		for _, a := range c.o.Config.Actors() {
			if a.ID == r.Actor {
				acct = c.a.AcctOf(a.Handle)
			}
		}
		return activitypub.Face{ID: r.Actor, Name: activitypub.ParseText(name, nil), Handle: "@" + acct, URL: c.a.Home()}
	}
	f := activitypub.Face{ID: r.By.ID, Handle: "@" + r.By.Handle, URL: webURL(r.By.URL, r.By.ID), Name: c.tree(r.By.Name)}
	if r.By.Handle == "" {
		f.Handle = hostOf(r.By.ID)
	}
	if strings.TrimSpace(f.Name.Text()) == "" {
		user, _, _ := strings.Cut(strings.TrimPrefix(f.Handle, "@"), "@")
		f.Name = activitypub.ParseText(user, nil)
	}
	if r.By.Icon != "" {
		f.Avatar = c.picture(r.By.Icon)
	}
	return f
}

// owner tells whether an actor is the blog or one of its authors, and gives the name to show.
func (c *Comments) owner(actor string) (name string, ok bool) {
	cfg := c.o.Config
	if actor == c.a.Actor() {
		return firstOf(cfg.Federation.Name, cfg.Site.Title, c.a.Acct()), true
	}
	for key, author := range cfg.Authors {
		if actor == c.a.Author(key) {
			return firstOf(author.Name, key), true
		}
	}
	return "", false
}

// tree reads a stored tree and puts the blog's own copies in place of its pictures. What cannot be read shows nothing. The tree is shared:
// nobody changes it.
func (c *Comments) tree(stored []byte) activitypub.Tree {
	if len(stored) == 0 {
		return nil
	}
	if t, ok := c.cache.get("tree " + string(stored)); ok {
		return t.(activitypub.Tree)
	}
	var t activitypub.Tree
	if err := json.Unmarshal(stored, &t); err != nil {
		c.o.Log.Warn("a stored comment cannot be read", "err", err)
		return nil
	}
	t = t.Pictures(c.picture)
	c.cache.put("tree "+string(stored), t, 4*len(stored))
	return t
}

// picture is the blog's own address of a remote picture.
func (c *Comments) picture(remote string) string {
	if webURL(remote) == "" {
		return ""
	}
	return c.a.Media(store.MediaHash(remote))
}

// media makes the attachments of a comment: images from the blog's own copy, all else as links, with a still picture where there is one.
func (c *Comments) media(stored []byte) []activitypub.Media {
	var list []store.Attachment
	if len(stored) == 0 || json.Unmarshal(stored, &list) != nil {
		return nil
	}
	var out []activitypub.Media
	for _, a := range list {
		m := activitypub.Media{Kind: kindOf(a.MediaType), URL: webURL(a.URL), Alt: a.Alt}
		if m.URL == "" {
			continue
		}
		if m.Kind == "image" {
			m.Picture = c.picture(a.URL)
			m.Width, m.Height = shown(a.Width, a.Height)
		} else {
			m.Picture = c.picture(a.Poster)
		}
		out = append(out, m)
	}
	return out
}

// shown is the size in pixels at which a picture is served, of what its author says of it; 0, 0 where that cannot be.
func shown(width, height int) (w, h int) {
	if width < 1 || height < 1 {
		return 0, 0
	}
	if side := max(width, height); side > store.ShownSide {
		width, height = max(1, width*store.ShownSide/side), max(1, height*store.ShownSide/side)
	}
	return width, height
}

func kindOf(mediaType string) string {
	switch kind, _, _ := strings.Cut(mediaType, "/"); kind {
	case "image", "video", "audio":
		return kind
	}
	return "file"
}

// anchor is the fragment of a comment on its page.
func anchor(id string) string { return activitypub.Anchor(id) }

// webURL is the first of the addresses that a browser may be led to, "" if none is.
func webURL(addresses ...string) string {
	for _, s := range addresses {
		if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
			return s
		}
	}
	return ""
}

func hostOf(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return u.Host
}

func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
