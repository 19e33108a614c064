package profile

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// emoji serves the document of a custom emoji (FEP-9098), which publish wrote.
func (p *Profile) emoji(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !activitypub.EmojiName.MatchString(name) {
		missing(w, r)
		return
	}
	p.written(w, r, p.address.EmojiFile(name))
}

// series serves the collection of a series' posts, which publish wrote.
func (p *Profile) series(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if name != site.Slug(name) {
		missing(w, r)
		return
	}
	p.written(w, r, p.address.SeriesFile(name))
}

// written serves a document that lies in the site's folder. Where the site lies on another server, the file is there.
func (p *Profile) written(w http.ResponseWriter, r *http.Request, file string) {
	if p.o.Site == nil {
		http.Redirect(w, r, p.address.Page((&url.URL{Path: file}).EscapedPath()), http.StatusFound)
		return
	}
	doc, err := fs.ReadFile(p.o.Site, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		missing(w, r)
	case err != nil:
		p.fail(w, r, err)
	default:
		p.serve(w, r, http.StatusOK, doc)
	}
}

// emojiTags are those of the blog's emoji that an actor's name, text and rows show. Where the list cannot be read, publish being at work or
// the disk full, it is those that were known before: an actor must be there even so.
func (p *Profile) emojiTags(doc activitypub.Actor) (tags []activitypub.Tag) {
	if p.o.Site == nil {
		return nil
	}
	words := []string{doc.Name, doc.Summary}
	for _, row := range doc.Attachment {
		words = append(words, row.Name, row.Value)
	}
	names := activitypub.Shortcodes(strings.Join(words, "\n"))
	if len(names) == 0 {
		return nil
	}
	if _, _, err := p.list.read(p.o.Site); err != nil {
		p.o.Log.Warn("the blog's emoji are not known now", "err", err)
	}
	for _, name := range names {
		if e, ok := p.list.find(name); ok {
			tags = append(tags, activitypub.EmojiTag(p.address.Emoji(name), name, e.URL, e.MediaType, e.Updated))
		}
	}
	return tags
}
