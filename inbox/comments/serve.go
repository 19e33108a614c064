package comments

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
)

// Cache-Control of what is served. Pages may be a minute old; files below assets/ carry their content's hash in the name.
const (
	cachePage  = "public, max-age=60, stale-while-revalidate=600"
	cacheLive  = "public, max-age=5" // a page with comments: who has just replied comes back to see it
	cacheAsset = "public, max-age=31536000, immutable"
	cacheFile  = "public, max-age=3600"
	cacheFault = "public, max-age=60"
)

// serveSite answers with a file of the published site.
func (c *Comments) serveSite(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	name, ok := strings.CutPrefix(r.URL.Path, c.a.BasePath()+"/")
	if !ok || !servable(strings.TrimSuffix(name, "/")) {
		c.notFound(w, r)
		return
	}
	if c.moved(w, r) || c.serveFound(w, r) {
		return
	}
	c.serveName(w, r, name)
}

// serveName answers for a path below the site's root: a folder by its index.html, at the address with the slash.
func (c *Comments) serveName(w http.ResponseWriter, r *http.Request, name string) {
	folder := name == "" || strings.HasSuffix(name, "/")
	file := path.Clean(strings.TrimSuffix(name, "/"))
	info, err := fs.Stat(c.o.Site, file)
	switch {
	case err != nil:
		c.fault(w, r, err)
	case info.IsDir() && !folder:
		if _, err := fs.Stat(c.o.Site, file+"/index.html"); err != nil {
			c.fault(w, r, err)
			return
		}
		c.redirect(w, r, file+"/")
	case info.IsDir():
		c.serveFile(w, r, path.Join(file, "index.html"))
	case folder:
		c.notFound(w, r)
	case path.Base(file) == "index.html":
		c.redirect(w, r, strings.TrimSuffix(file, "index.html"))
	default:
		c.serveFile(w, r, file)
	}
}

// servable tells whether a path may be served at all: no dotfile anywhere in it, and nothing below ap/ but the published list,
// because the Articles are served with their live counts by the profile.
func servable(name string) bool {
	if name == "" || name == site.PublishedFile {
		return true
	}
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	top, _, _ := strings.Cut(name, "/")
	return top != "ap"
}

// redirect leads to a path below the site's root, for good.
func (c *Comments) redirect(w http.ResponseWriter, r *http.Request, name string) {
	to := url.URL{Path: c.a.BasePath() + "/" + name, RawQuery: r.URL.RawQuery}
	w.Header().Set("Cache-Control", cacheFile)
	http.Redirect(w, r, to.String(), http.StatusMovedPermanently)
}

// fault answers for a file that could not be had: it is not there, or the machine is at fault.
func (c *Comments) fault(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		c.notFound(w, r)
		return
	}
	c.o.Log.Error("serving a file", "path", r.URL.Path, "err", err)
	http.Error(w, "This page cannot be read now.", http.StatusInternalServerError)
}

// notFound answers with the site's own 404.html, as every static host does.
func (c *Comments) notFound(w http.ResponseWriter, r *http.Request) {
	h, status := w.Header(), http.StatusNotFound
	if c.withdrawn(r) {
		status = http.StatusGone
	}
	h.Set("Cache-Control", cacheFault)
	body, err := fs.ReadFile(c.o.Site, "404.html")
	if err != nil {
		http.Error(w, "Not found.", status)
		return
	}
	c.pageHeaders(h)
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// serveFile answers with one file, filling the slot where it is a page that has one.
func (c *Comments) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	f, err := c.o.Site.Open(name)
	if err != nil {
		c.fault(w, r, err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		c.fault(w, r, errors.Join(err, fs.ErrNotExist))
		return
	}
	if path.Ext(name) == ".html" {
		c.servePage(w, r, f, name, info)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", cacheControl(name))
	content, tag, err := c.content(f, name, info)
	if err != nil {
		c.fault(w, r, err)
		return
	}
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, content)
}

func cacheControl(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return cacheAsset
	}
	if name == site.PublishedFile {
		return "public, max-age=0, must-revalidate"
	}
	return cacheFile
}

// servePage answers with a page as it is to be read now.
func (c *Comments) servePage(w http.ResponseWriter, r *http.Request, f fs.File, name string, info fs.FileInfo) {
	p, err := c.page(f, name, info)
	if err != nil {
		c.fault(w, r, err)
		return
	}
	d, err := c.filled(r.Context(), p)
	if err != nil {
		// Better the thread as publish baked it than no page.
		c.o.Log.Error("filling the comments of a page", "path", r.URL.Path, "err", err)
		d = &document{p.whole, tagOf(p.whole)}
	}
	h := w.Header()
	c.pageHeaders(h)
	h.Set("Cache-Control", cachePage)
	if p.key != "" {
		h.Set("Cache-Control", cacheLive)
		c.advertise(h)
	}
	h.Set("ETag", d.tag)
	if plain(r) {
		h.Set("Content-Length", strconv.Itoa(len(d.body)))
		w.Write(d.body)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}

// plain tells a GET of the whole: what most readers send, and what needs no copy of the bytes on its way.
func plain(r *http.Request) bool {
	for _, name := range []string{"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return r.Method == http.MethodGet
}

// pageHeaders says what a page is and what it may do: no script or style but the theme's own, no frame, nobody else's pictures.
func (c *Comments) pageHeaders(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", c.pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
}

// largeFile is the size from which a file is not read through for its ETag.
const largeFile = 32 << 20

// content gives a file to seek in and its strong ETag: of its bytes, or, where it is large, of its place, size and time.
func (c *Comments) content(f fs.File, name string, info fs.FileInfo) (io.ReadSeeker, string, error) {
	key := "tag " + identity(name, info)
	seeker, ok := f.(io.ReadSeeker)
	if ok && info.Size() > largeFile {
		return seeker, tagOf([]byte(key)), nil
	}
	if tag, known := c.cache.get(key); known && ok {
		return seeker, tag.(string), nil
	}
	body, err := io.ReadAll(f)
	if err != nil {
		return nil, "", err
	}
	tag := tagOf(body)
	c.cache.put(key, tag, len(tag))
	return bytes.NewReader(body), tag, nil
}

// identity tells one state of a file from another: publish replaces files by renaming, so a change has a new time or size.
func identity(name string, info fs.FileInfo) string {
	return name + "|" + strconv.FormatInt(info.ModTime().UnixNano(), 10) + "|" + strconv.FormatInt(info.Size(), 10)
}

func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// allowed tells whether the method is one of those; if not, it has answered 405.
func allowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	http.Error(w, "Method not allowed.", http.StatusMethodNotAllowed)
	return false
}
