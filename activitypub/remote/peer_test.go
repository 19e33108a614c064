package remote

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/activitypub/signature"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer starts a pretend server below localhost.
func peer(t *testing.T) *remotetest.Server {
	t.Helper()
	var s *remotetest.Server
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	s = remotetest.New(h.URL)
	t.Cleanup(func() { s.Close(); h.Close() })
	return s
}

// The client against a server that shares none of its code, in both schemes, with and without authorized fetch.
func TestPeer(t *testing.T) {
	t.Parallel()
	for _, scheme := range []signature.Scheme{signature.DraftCavage, signature.RFC9421} {
		s, home := peer(t), peer(t)
		ada, blog := s.Account("ada", "Ada"), home.Account("blog", "A blog")
		key := must(blog.Key())(t)
		c := New(Options{Dev: true, Key: key})
		t.Cleanup(c.Close)
		s.Secure(true)
		s.Accept(scheme)
		found := must(c.WebFinger(t.Context(), ada.Handle()))(t)
		if found.Self() != ada.ID() {
			t.Errorf("WebFinger leads to %q, want %q", found.Self(), ada.ID())
		}
		for _, id := range []string{ada.ID(), ada.ID() + "#main-key"} {
			if o := must(c.Actor(t.Context(), id))(t); o.ID != ada.ID() || o.PublicKey[0].PEM == "" {
				t.Errorf("actor %s: %+v", id, o)
			}
		}
		note := must(ada.Write(t.Context(), remotetest.Note{HTML: "<p>Hello</p>"}))(t)
		if o := must(c.Object(t.Context(), note))(t); o.Content != "<p>Hello</p>" {
			t.Errorf("note: %+v", o)
		}
		like := []byte(`{"@context":"https://www.w3.org/ns/activitystreams","id":"` + blog.ID() + `#like","type":"Like","actor":"` + blog.ID() + `","object":"` + note + `"}`)
		if r := c.Deliver(t.Context(), s.Origin()+"/inbox", like, key); r.Status != http.StatusAccepted || r.Err != nil {
			t.Errorf("delivery: %+v", r)
		}
		if got := s.Received(); len(got) != 1 || !got[0].Is("Like") || activitypub.IDs(got[0].Object)[0] != note {
			t.Errorf("received: %+v", got)
		}
		if err := ada.Delete(t.Context(), note); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Object(t.Context(), note); !errors.Is(err, ErrGone) {
			t.Errorf("deleted note: %v, want %v", err, ErrGone)
		}
		if _, err := c.Object(t.Context(), note+"0"); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown note: %v, want %v", err, ErrNotFound)
		}
		stranger := New(Options{Dev: true})
		t.Cleanup(stranger.Close)
		if _, err := stranger.Actor(t.Context(), ada.ID()); !errors.Is(err, ErrRefused) {
			t.Errorf("unsigned fetch: %v, want %v", err, ErrRefused)
		}
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
