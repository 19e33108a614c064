package comments

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"

	"github.com/postil-blog/postil/site"
)

// maxMoved bounds the list of moved addresses, in bytes.
const maxMoved = 4 << 20

// moved answers for a former address of the site with where it leads now, and tells whether it was one. The page that publish leaves
// there leads on, too, but only in browsers: whoever keeps links (a feed reader, a server of the fediverse) follows a 301.
func (c *Comments) moved(w http.ResponseWriter, r *http.Request) bool {
	to := c.moves()[r.URL.Path]
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return false // never to another host
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Cache-Control", cacheFile)
	http.Redirect(w, r, to, http.StatusMovedPermanently)
	return true
}

// moves is the list as publish left it, read again when it is another file.
func (c *Comments) moves() site.Moved {
	info, err := fs.Stat(c.o.Site, site.MovedFile)
	if err != nil || info.Size() > maxMoved {
		return nil
	}
	key := "moved " + identity(site.MovedFile, info)
	if m, ok := c.cache.get(key); ok {
		return m.(site.Moved)
	}
	var m site.Moved
	data, err := fs.ReadFile(c.o.Site, site.MovedFile)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		c.o.Log.Error("reading the moved addresses", "err", err)
		return nil
	}
	c.cache.put(key, m, 2*len(data))
	return m
}
