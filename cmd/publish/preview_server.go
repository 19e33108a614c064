package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

//go:embed preview.js
var previewScript []byte

// The addresses of the preview itself. No post can have them: a path of a post has no empty or dashed first part.
const (
	scriptPath = "/-/preview.js"
	peerPath   = "/-/mastodon"
	eventsPath = "/-/events"
)

// previewer serves the temporary folder, adds its script to pages, and tells open pages of each run.
type previewer struct {
	dir, base string
	host      string       // that it is reached at
	site      *site.Config // as it is published

	mu      sync.Mutex
	builds  int
	fault   string        // of the last run, "" after a good one
	changed chan struct{} // closed after each run, then made anew
}

// set notes how a run ended and wakes the open pages.
func (p *previewer) set(err error) {
	text := ""
	var faults site.Diagnostics
	if errors.As(err, &faults) {
		var b bytes.Buffer
		publisher.WriteDiagnostics(&b, faults, false)
		text = b.String()
	} else if err != nil {
		text = err.Error()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = text
	if err == nil {
		p.builds++
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *previewer) state() (builds int, fault string, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.builds, p.fault, p.changed
}

// ServeHTTP refuses names other than this machine's: a web page elsewhere must not read a draft by DNS rebinding.
func (p *previewer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case !local("http://"+r.Host) && hostOf(r.Host) != p.host:
		http.Error(w, "the preview answers on this machine's own address only", http.StatusForbidden)
	case r.URL.Path == scriptPath:
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(previewScript)
	case r.URL.Path == eventsPath:
		p.events(w, r)
	case r.URL.Path == peerPath:
		p.peer(w, r)
	default:
		p.file(w, r)
	}
}

// events tells a page of each run until it goes away. A page that comes while there is a fault hears of it at once.
func (p *previewer) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	seen, err := strconv.Atoi(r.URL.Query().Get("seen"))
	if err != nil {
		seen, _, _ = p.state()
	}
	for {
		builds, fault, changed := p.state()
		if fault != "" {
			text, _ := json.Marshal(fault)
			fmt.Fprintf(w, "event: fault\ndata: %s\n\n", text)
		} else if builds != seen {
			fmt.Fprint(w, "event: built\ndata: {}\n\n")
			seen = builds
		} else {
			fmt.Fprint(w, ": listening\n\n")
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		}
	}
}

// file serves one file of the built site; before the first good run there is a page that waits for it.
func (p *previewer) file(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, p.base+"/")
	if !ok {
		http.Redirect(w, r, p.base+"/", http.StatusFound)
		return
	}
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer root.Close()
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if info, err := root.Stat(path.Clean(name)); err == nil && info.IsDir() {
		http.Redirect(w, r, r.URL.Path+"/", http.StatusFound)
		return
	}
	if path.Ext(name) != ".html" {
		http.ServeFileFS(w, r, root.FS(), path.Clean(name))
		return
	}
	p.page(w, root, path.Clean(name))
}

// page serves a page with the script before its end.
func (p *previewer) page(w http.ResponseWriter, root *os.Root, name string) {
	status := http.StatusOK
	builds, _, _ := p.state() // before the page is read: a run in between is told rather than missed
	html, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		status = http.StatusNotFound
		html, err = root.ReadFile("404.html")
	}
	if err != nil {
		html = []byte("<!doctype html><meta charset=utf-8><title>Preview</title><body><p>Nothing is built yet.</body>")
	}
	tag := fmt.Appendf(nil, `<script src="%s" data-events="%s?seen=%d" data-peer="%s"></script></body>`, scriptPath, eventsPath, builds, peerPath)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(bytes.Replace(html, []byte("</body>"), tag, 1))
}
