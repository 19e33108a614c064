package comments

import (
	"net/http"
	"testing"

	"github.com/postil-blog/postil/site"
)

func TestMovedAddresses(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.file(site.MovedFile, `{"/old/two/":"/posts/two/","/a b/":"/posts/a%20b/","/evil/":"//evil.example/","/worse/":"https://evil.example/","/split/":"/x\r\nSet-Cookie: a"}`)
	b.file("old/two/index.html", "<html>it moved</html>")
	for _, c := range []struct {
		path, to string
		status   int
	}{
		{"/old/two/", "/posts/two/", http.StatusMovedPermanently},
		{"/old/two/?a=b", "/posts/two/?a=b", http.StatusMovedPermanently},
		{"/a%20b/", "/posts/a%20b/", http.StatusMovedPermanently},
		{"/evil/", "", http.StatusNotFound},
		{"/worse/", "", http.StatusNotFound},
		{"/split/", "", http.StatusNotFound},
		{"/" + site.MovedFile, "", http.StatusNotFound},
	} {
		if w := b.get(c.path); w.Code != c.status || w.Header().Get("Location") != c.to {
			t.Errorf("GET %s = %d to %q, want %d to %q", c.path, w.Code, w.Header().Get("Location"), c.status, c.to)
		}
	}
}
