package interop

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// recorder stands before a daemon and writes down what the peers post to it, with the daemon's answer: this is how a test knows in which
// scheme a request was signed that the daemon took.
type recorder struct {
	mu    sync.Mutex
	posts []request
}

// startRecorded is startBlog with a recorder at the blog's address.
func startRecorded(t *testing.T, database string, posts map[string]string) (*blog, *recorder) {
	t.Helper()
	r, inner := &recorder{}, freePort(t)
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(&url.URL{Scheme: "http", Host: "127.0.0.1:" + inner})
		p.Out.Host = p.In.Host
	}}
	front := httptest.NewServer(r.before(proxy))
	t.Cleanup(front.Close)
	b := makeBlog(t, front.URL, "127.0.0.1:"+inner, posts)
	b.cfg.Inboxd.Database = database
	b.start()
	return b, r
}

func (r *recorder) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		// The record comes before the answer: whoever has the answer finds it.
		seen.done = func() {
			if req.Method != http.MethodPost {
				return
			}
			said := request{Method: req.Method, Path: req.URL.Path, Scheme: schemeOf(req.Header), Status: seen.status}
			var a struct{ Type, ID string }
			if json.Unmarshal(body, &a) == nil {
				said.Type, said.ID = a.Type, a.ID
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.posts = append(r.posts, said)
		}
		next.ServeHTTP(seen, req)
	})
}

// of gives what was posted under an activity's id.
func (r *recorder) of(id string) []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []request
	for _, p := range r.posts {
		if p.ID == id {
			list = append(list, p)
		}
	}
	return list
}

func schemeOf(h http.Header) string {
	switch {
	case h.Get("Signature-Input") != "":
		return "rfc9421"
	case h.Get("Signature") != "":
		return "cavage"
	}
	return "none"
}

type statusWriter struct {
	http.ResponseWriter
	status int
	done   func()
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.done()
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
