package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// listing is the published list as it was read last.
type listing struct {
	mu        sync.Mutex
	stamp     string // size and time of the file
	posts     map[string]site.PublishedPost
	withdrawn map[string]time.Time
	emoji     map[string]site.PublishedEmoji
}

// read gives the list, read again when its file has changed. Without a file both maps are empty: the site lies elsewhere.
func (l *listing) read(files fs.FS) (posts map[string]site.PublishedPost, withdrawn map[string]time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	info, err := fs.Stat(files, site.PublishedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the published list: %w", err)
	}
	stamp := fmt.Sprint(info.Size(), " ", info.ModTime().UnixNano())
	if stamp == l.stamp {
		return l.posts, l.withdrawn, nil
	}
	b, err := fs.ReadFile(files, site.PublishedFile)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the published list: %w", err)
	}
	var list site.PublishedList
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", site.PublishedFile, err)
	}
	l.posts, l.withdrawn = map[string]site.PublishedPost{}, map[string]time.Time{}
	for _, p := range list.Posts {
		l.posts[p.ID] = p
	}
	for _, w := range list.Withdrawn {
		l.withdrawn[w.ID] = w.At
	}
	l.emoji = map[string]site.PublishedEmoji{}
	for _, e := range list.Emoji {
		l.emoji[e.Name] = e
	}
	l.stamp = stamp
	return l.posts, l.withdrawn, nil
}

// find gives a custom emoji of the list that was read last.
func (l *listing) find(name string) (site.PublishedEmoji, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.emoji[name]
	return e, ok
}

// published is one post as it stands now.
type published struct {
	id        string
	json      []byte
	withdrawn time.Time // zero while it is out
	kind      string    // of a withdrawn one: Article or Note
}

// errUnknown says that no such post was ever out.
var errUnknown = errors.New("no such post")

// find gives a post by its id. What is on the list is told from the site's own file; a withdrawal counts wherever it is found; what
// is only in the ledger is told from there, for daemons that do not see the site's folder. A file that is not on the list is not out.
func (p *Profile) findPost(ctx context.Context, id string) (published, error) {
	out := published{id: id, kind: "Article"}
	row, err := p.o.Store.Article(ctx, id)
	told := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	if told {
		out.json, out.withdrawn, out.kind = row.JSON, row.Withdrawn, typeOf(row.JSON)
	}
	if p.o.Site == nil {
		return out, found(told)
	}
	posts, withdrawn, err := p.list.read(p.o.Site)
	if err != nil {
		return out, err
	}
	if at, gone := withdrawn[id]; gone && out.withdrawn.IsZero() {
		out.withdrawn = at
	}
	entry, listed := posts[id]
	if !out.withdrawn.IsZero() || !listed {
		return out, found(told || !out.withdrawn.IsZero())
	}
	if entry.InReplyTo != "" { // publish cannot know whom a reply mentions: only what was told is whole
		return out, found(told && row.Announced)
	}
	b, err := fs.ReadFile(p.o.Site, entry.Article)
	if err != nil {
		if told { // publish is writing: what was told last is still true
			return out, nil
		}
		return out, fmt.Errorf("reading %s: %w", entry.Article, err)
	}
	out.json = b
	return out, nil
}

func found(ok bool) error {
	if !ok {
		return errUnknown
	}
	return nil
}

// typeOf reads the type of a document of ours.
func typeOf(doc []byte) string {
	var o struct{ Type string }
	if json.Unmarshal(doc, &o) != nil || o.Type == "" {
		return "Article"
	}
	return o.Type
}
