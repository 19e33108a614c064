package comments

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// maxFound is how many posts a reader without scripts is shown.
const maxFound = 30

// searchers is how many searches are under way at once: each reads some files of the index.
const searchers = 4

// searchDir is the folder of an index that a request for a path below the site's root searches: the site's, or that of a language ("de/search/").
func searchDir(name string) (dir, lang string, ok bool) {
	dir, slash := strings.CutSuffix(name, "/")
	lang, last := path.Split(dir)
	lang = strings.TrimSuffix(lang, "/")
	return dir, lang, slash && last == site.SearchDir && !strings.Contains(lang, "/")
}

// serveFound answers /search/?q=…, and /de/search/?q=…, for readers without scripts: the page with what was found in its place. ok is false where the site has no
// such page or nothing is asked.
func (c *Comments) serveFound(w http.ResponseWriter, r *http.Request) (ok bool) {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	name, below := strings.CutPrefix(r.URL.Path, c.a.BasePath()+"/")
	dir, lang, ok := searchDir(name)
	if query == "" || !below || !ok {
		return false
	}
	page, err := fs.ReadFile(c.o.Site, dir+"/index.html")
	before, rest, found := bytes.Cut(page, []byte(templates.FoundOpen))
	_, after, closed := bytes.Cut(rest, []byte(templates.FoundClose))
	if err != nil || !found || !closed {
		return false
	}
	results, err := c.found(r.Context(), dir, cmp.Or(lang, c.o.Config.Site.Language), query)
	if errors.Is(err, fs.ErrNotExist) {
		return false // a site without an index
	}
	if err != nil {
		c.o.Log.Error("searching", "err", err)
		http.Error(w, "The search does not work now.", http.StatusInternalServerError)
		return true
	}
	h := w.Header()
	c.pageHeaders(h)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Robots-Tag", "noindex")
	w.Write(bytes.Join([][]byte{before, results, after}, nil))
	return true
}

// found looks a query up in the index of a folder and renders what it finds in a language.
func (c *Comments) found(ctx context.Context, dir, lang, query string) ([]byte, error) {
	select {
	case c.searching <- struct{}{}:
		defer func() { <-c.searching }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var l search.Layout
	data, err := fs.ReadFile(c.o.Site, dir+"/index.json")
	if err == nil {
		err = json.Unmarshal(data, &l)
	}
	if err == nil && (l.Shards < 1 || l.Docs < 1) {
		err = fmt.Errorf("%s/index.json says nothing of its files", dir)
	}
	if err != nil {
		return nil, err
	}
	list, total, err := search.Find(c.o.Site, dir, l, query, maxFound)
	if err != nil {
		return nil, err
	}
	v := templates.Found{Language: lang, Query: query, Archive: c.a.Path("/archive/"), Total: total}
	for _, d := range list {
		v.List = append(v.List, templates.FoundPost{Title: d.Title, URL: d.URL, Date: d.Date, Language: d.Lang, Excerpt: d.Excerpt})
	}
	var b bytes.Buffer
	err = c.templates.ExecuteTemplate(&b, "found", v)
	return b.Bytes(), err
}
