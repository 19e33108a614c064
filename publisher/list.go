package publisher

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
)

// ErrWithdraw means that more than two posts, or all of them, would be taken back, and that nobody said so. What it wraps
// names them. A Delete cannot be taken back.
var ErrWithdraw = errors.New("posts would be taken back from their readers for ever")

// importAge is how old a post's date may be when it is first published. What is older is an import: listed, not announced.
const importAge = 7 * 24 * time.Hour

// readList reads the list that this run will replace. On a clean checkout that is what Options.Previous finds.
func (b *build) readList() (*site.PublishedList, error) {
	data, err := plainfile.Read(b.output.FS(), site.PublishedFile, maxList)
	if errors.Is(err, fs.ErrNotExist) {
		if b.options.Previous == nil {
			return &site.PublishedList{Version: 1}, nil
		}
		list, err := b.options.Previous()
		if err != nil {
			return nil, fmt.Errorf("reading what is published: %w", err)
		}
		if list == nil {
			list = &site.PublishedList{Version: 1}
		}
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	var list site.PublishedList
	if err := json.Unmarshal(data, &list); err != nil || list.Version != 1 {
		return nil, fmt.Errorf("%s cannot be read: it says what followers have, so it is not replaced (%w)", site.PublishedFile, cmp.Or(err, errors.New("unknown version")))
	}
	return &list, nil
}

// maxList bounds the published list in bytes: some 100,000 posts.
const maxList = 64 << 20

// list makes the new published list and the documents that it names. Nothing is written yet.
func (b *build) list() (*site.PublishedList, error) {
	next := &site.PublishedList{Version: 1, Posts: []site.PublishedPost{}, Withdrawn: slices.Clone(b.previous.Withdrawn)}
	next.Emoji = b.publishedEmoji()
	if next.Withdrawn == nil {
		next.Withdrawn = []site.Withdrawn{}
	}
	out := map[string]bool{}
	entries := b.entries()
	for _, d := range entries {
		if d.err != nil {
			return nil, d.err
		}
		b.settleEntry(d)
		// The collection of pinned posts is public, so a post for followers alone is not in it.
		if d.Pinned = d.post.Pin; b.form(d.post).Visibility == "followers" {
			d.Pinned = 0
		}
		if !d.post.Reply {
			d.Closes = closes(d.post, d.Published)
			d.Language = ""
			if d.post.Lang != b.config.Site.Language {
				d.Language = d.post.Lang
			}
		}
		next.Posts = append(next.Posts, d.PublishedPost)
		out[d.ID] = true
	}
	slices.SortStableFunc(next.Posts, func(x, y site.PublishedPost) int { return y.Published.Compare(x.Published) })
	placePins(next.Posts)
	var gone []site.PublishedPost
	for _, e := range b.previous.Posts {
		if !out[e.ID] {
			gone = append(gone, e)
			next.Withdrawn = append(next.Withdrawn, site.Withdrawn{ID: e.ID, At: b.now.UTC().Truncate(time.Second)})
			b.change(Change{Mark: "-", Path: b.pathOfEntry(e), Note: "withdrawn", Federated: "Delete", ID: e.ID})
		}
	}
	if err := b.renamed(gone); err != nil {
		return nil, err
	}
	return next, b.mayWithdraw(gone)
}

// placePins numbers the pinned posts of each actor from 1: those that name a place by it, then the newest first. posts are in that order.
func placePins(posts []site.PublishedPost) {
	var pinned []*site.PublishedPost
	for i := range posts {
		if posts[i].Pinned > 0 {
			pinned = append(pinned, &posts[i])
		}
	}
	slices.SortStableFunc(pinned, func(x, y *site.PublishedPost) int { return cmp.Compare(x.Pinned, y.Pinned) })
	n := map[string]int{}
	for _, p := range pinned {
		n[p.Actor]++
		p.Pinned = n[p.Actor]
	}
}

// mayWithdraw stops a run that would take back more than its author can have meant.
func (b *build) mayWithdraw(gone []site.PublishedPost) error {
	all := len(gone) == len(b.previous.Posts)
	if len(gone) == 0 || b.options.Withdraw || !b.config.Federation.Enabled || len(gone) <= 2 && !all {
		return nil
	}
	var names []string
	for _, e := range gone[:min(len(gone), 10)] {
		names = append(names, e.Name)
	}
	if len(gone) > len(names) {
		names = append(names, "…")
	}
	return fmt.Errorf("%d of %d %w: %s", len(gone), len(b.previous.Posts), ErrWithdraw, strings.Join(names, "; "))
}

// draftEntry is a post's line of the list as it would be if nothing had changed, and a hash of what its document is made from.
type draftEntry struct {
	site.PublishedPost
	post  *Post
	old   site.PublishedPost
	known bool
	same  bool // followers have it as it is
	print [32]byte
	err   error
}

// entries drafts the lines of all posts that federate, side by side.
func (b *build) entries() []draftEntry {
	var list []draftEntry
	for _, p := range b.sources() {
		if b.federates(p) {
			list = append(list, draftEntry{post: p})
		}
	}
	var wg sync.WaitGroup
	for some := range slices.Chunk(list, max(1, (len(list)+b.workers-1)/b.workers)) {
		wg.Go(func() {
			for i := range some {
				b.draftEntry(&some[i])
			}
		})
	}
	wg.Wait()
	return list
}

func (b *build) draftEntry(d *draftEntry) {
	p := d.post
	d.PublishedPost = site.PublishedPost{ID: b.addresses.Post(p.Key), URL: b.pageURL(p), Article: articlePath(p.Key), Name: p.Title, Actor: b.listed(b.speaker(p))}
	if p.Reply {
		d.URL, d.InReplyTo = "", p.InReplyTo
	}
	if d.err = b.speaks(p); d.err != nil {
		return
	}
	if d.old, d.known = b.before[d.ID]; d.known {
		d.Published, d.Updated, d.Silent, d.Former = d.old.Published, d.old.Updated, d.old.Silent, former(d.old, d.URL)
	} else {
		d.Published = b.now.UTC().Truncate(time.Second)
		d.Silent = b.silent(p)
	}
	d.print = b.articlePrint(p, d.PublishedPost)
	fact, ok := b.memory.Outputs[d.Article]
	if d.same = ok && d.known && fact.Print == d.print && hex.EncodeToString(fact.Sum[:]) == d.old.SHA256 && b.intact(d.Article, fact); d.same {
		d.SHA256 = d.old.SHA256
		b.plan(output{path: d.Article, print: d.print, class: documents, make: func() ([]byte, error) { return b.document(p, d.PublishedPost) }})
		return
	}
	d.err = b.newDocument(d)
}

// newDocument makes a post's document and compares it with the one that followers have: only another content makes it an update.
// It is staged at once: a thousand of them would fill the memory.
func (b *build) newDocument(d *draftEntry) error {
	data, err := b.document(d.post, d.PublishedPost)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	d.SHA256 = hex.EncodeToString(sum[:])
	if d.known && d.SHA256 != d.old.SHA256 {
		d.Updated = later(b.now.UTC().Truncate(time.Second), d.Published, d.Updated)
		if data, err = b.document(d.post, d.PublishedPost); err != nil {
			return err
		}
		sum = sha256.Sum256(data)
		d.SHA256, d.print = hex.EncodeToString(sum[:]), b.articlePrint(d.post, d.PublishedPost)
	}
	o := output{path: d.Article, print: d.print, class: documents}
	s, changed, err := b.prepareData(staged{output: o, fact: outputFact{Print: d.print, Sum: sum}}, data)
	o.ready = &prepared{s, changed}
	b.plan(o)
	return err
}

// settleEntry notes what followers will be told of a post.
func (b *build) settleEntry(d draftEntry) {
	switch {
	case d.Silent && !d.known:
		b.hush(d.post)
	case d.Silent || d.same:
	case !d.known:
		b.federated[d.post] = "Create"
	case d.SHA256 != d.old.SHA256:
		b.federated[d.post] = "Update"
	}
}

// later is now, or a second after the newest of the others: servers ignore an update that is not newer than the last.
func later(now time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if !now.After(t) {
			now = t.Add(time.Second)
		}
	}
	return now
}

// silent decides once, at first publication, whether followers are told.
func (b *build) silent(p *Post) bool {
	if p.Reply { // an answer is no news: its date says nothing of whether it was read before
		return !b.options.Announce
	}
	switch b.form(p).Announce {
	case "yes":
		return !b.options.Announce
	case "no":
		return true
	}
	return !b.options.Announce || b.now.Sub(p.Date) > importAge
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// document is the post's Article as it is written.
func (b *build) document(p *Post, e site.PublishedPost) ([]byte, error) {
	text, err := b.bodies(p)
	if err != nil {
		return nil, err
	}
	if p.Reply {
		data, err := activitypub.Marshal(b.reply(p, e.Published, e.Updated, text))
		return append(data, '\n'), err
	}
	data, err := activitypub.Marshal(b.article(p, e.Published, e.Updated, text))
	return append(data, '\n'), err
}

// articlePrint is a hash of all that the document is made from: the source, its rendering and place, and the list's times.
func (b *build) articlePrint(p *Post, e site.PublishedPost) [32]byte {
	n := b.notes[p]
	return b.print("article", n.Sum, p.Lang, n.Rendering.Blob, p.File, p.Key, p.Path, b.lead(p), b.pictures(p), b.mentioned(p), b.emojiTags(p), b.media(p), e.Published, e.Updated, e.Actor)
}

// former is every page address that the post had before this one.
func former(old site.PublishedPost, now string) []string {
	list := slices.Clone(old.Former)
	if old.URL != now && !slices.Contains(list, old.URL) {
		list = append(list, old.URL)
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == now })
}

// renamed looks for a withdrawn post among the new ones: a file that was renamed and has no id of its own would be deleted and
// announced again, and lose its replies.
func (b *build) renamed(gone []site.PublishedPost) error {
	if b.options.Withdraw || !b.config.Federation.Enabled {
		return nil
	}
	var faults site.Diagnostics
	for _, e := range gone {
		key, ok := b.addresses.PostKey(e.ID)
		if !ok {
			continue
		}
		for _, p := range b.sources() {
			if b.federated[p] == "" && !b.fresh(p) || p.NamedKey || !b.sameAs(p, e) {
				continue
			}
			faults = append(faults, site.Diagnostic{
				Severity: site.Error, Code: codeRenamed, File: b.shown(p.File), Line: 2, Col: 1, Excerpt: excerpt(b.source(p), 2),
				Message: fmt.Sprintf("this looks like %q under a new name: followers would lose the old post and its replies", e.Name),
				Fix:     site.Fix{Line: 2, Col: 1, Text: b.idLine(p, key) + "\n"},
				Help:    "the line " + b.idLine(p, key) + " keeps it the same post (or run publish --withdraw to delete the old one)",
			})
			break
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// fresh tells whether a post that federates was not in the list before.
func (b *build) fresh(p *Post) bool {
	_, known := b.before[b.addresses.Post(p.Key)]
	return b.federates(p) && !known
}

func (b *build) idLine(p *Post, key string) string {
	if strings.HasPrefix(b.source(p), "---") {
		return "id: " + key
	}
	return fmt.Sprintf("id = %q", key)
}

// sameAs compares a new post with one that is gone: the same text, or the same title and date.
func (b *build) sameAs(p *Post, e site.PublishedPost) bool {
	key, _ := b.addresses.PostKey(e.ID)
	for _, m := range b.memory.Sources {
		if m.Post.Key == key && m.Post.Title == p.Title && m.Post.Date.Equal(p.Date) {
			return true
		}
	}
	data, err := plainfile.Read(b.output.FS(), e.Article, maxSource)
	if err != nil {
		return false
	}
	var old activitypub.Article
	text, err := b.bodies(p)
	if err != nil || json.Unmarshal(data, &old) != nil {
		return false
	}
	return old.Content == text.federated && text.federated != "" || old.Source != nil && old.Source.Content == b.markdown(p)
}

// writeList is the list as a file. It ends the run: what it names is in place when it appears.
func writeList(l *site.PublishedList) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(l)
	return b.Bytes(), err
}
