package inbox_test

import (
	"errors"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
)

// runAddresses makes us want every address that must not be asked: by the client alone, as it stands and over https, and by everything
// in an inbox that names an address.
func runAddresses(t *testing.T, list []listVector) {
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			if *v.FetchAllowed {
				w := newCorpusWorld(t, false)
				w.peers.serve(*v.URL, actor(*v.URL, nil))
				if o, err := w.remote.Actor(t.Context(), *v.URL); err != nil || o.ID != *v.URL {
					t.Errorf("an honest address is not asked: %v", err)
				}
				return
			}
			refusedAddress(t, *v.URL)
			w := newCorpusWorld(t, false)
			for name, tell := range addressEntries {
				by := "https://evil.example/" + strings.ReplaceAll(name, " ", "-") + "/mallory"
				w.peers.serve(by, actor(by, nil))
				tell(t, w, by, *v.URL)
			}
			w.settle()
			w.deliver()
			w.pictures(t)
			for at := range w.peers.hits {
				// A picture's address is put into the one spelling in which pages hold addresses: a space in it is escaped.
				escaped := at == strings.ReplaceAll(*v.URL, " ", "%20") && at != *v.URL
				if !strings.HasPrefix(at, "https://evil.example/") && !escaped {
					t.Errorf("%s was asked", at)
				}
			}
		})
	}
}

// refusedAddress asks the client for an address. No network is opened to it, and nothing leads anywhere but where it says.
func refusedAddress(t *testing.T, address string) {
	t.Helper()
	if strings.HasPrefix(address, blog) {
		return // the client knows no blog: the door does
	}
	client := remote.New(remote.Options{AllowNetworks: []netip.Prefix{}, Timeout: 2 * time.Second})
	defer client.Close()
	for _, u := range []string{address, strings.Replace(address, "http://", "https://", 1)} {
		if _, err := client.Object(t.Context(), u); !errors.Is(err, remote.ErrBlocked) {
			t.Errorf("%q: %v, want ErrBlocked", u, err)
		}
		if _, err := client.Picture(t.Context(), u, 1000); !errors.Is(err, remote.ErrBlocked) {
			t.Errorf("picture %q: %v, want ErrBlocked", u, err)
		}
	}
}

// addressEntries are the places where a stranger can write an address for us to ask.
var addressEntries = map[string]func(t *testing.T, w *corpusWorld, by, address string){
	"an actor": func(t *testing.T, w *corpusWorld, _, address string) {
		if got := w.post(letter{doc: activity("Like", address+"#l", address, post, nil), signer: address}); !is4xx(got) {
			t.Errorf("a Like by it: status %d, want 4xx", got)
		}
	},
	"a key": func(t *testing.T, w *corpusWorld, by, address string) {
		if got := w.post(letter{doc: activity("Like", by+"#l", by, post, nil), signer: by, keyID: address + "#key"}); !is4xx(got) {
			t.Errorf("a Like signed with its key: status %d, want 4xx", got)
		}
	},
	"a follower's inbox": func(t *testing.T, w *corpusWorld, by, address string) {
		w.peers.serve(by, actor(by, m{"inbox": address, "endpoints": m{"sharedInbox": address}}))
		if got := w.post(letter{doc: activity("Follow", by+"#f", by, us, nil), signer: by}); got >= 500 {
			t.Errorf("a Follow to be answered there: status %d", got)
		}
	},
	"an object": func(t *testing.T, w *corpusWorld, by, address string) {
		for _, kind := range []string{"Create", "Update", "Announce", "Like"} {
			doc := activity(kind, by+"#"+kind, by, address, m{"to": public})
			if got := w.post(letter{doc: doc, signer: by}); got >= 500 {
				t.Errorf("%s of it: status %d", kind, got)
			}
		}
	},
	"a parent": func(t *testing.T, w *corpusWorld, by, address string) {
		if got := w.post(letter{doc: create(note(by+"/n", by, address, nil)), signer: by}); got >= 500 {
			t.Errorf("a reply to it: status %d", got)
		}
	},
	"pictures": func(t *testing.T, w *corpusWorld, by, address string) {
		image := m{"type": "Image", "mediaType": "image/png", "url": address}
		w.peers.serve(by, actor(by, m{"icon": image, "image": image}))
		w.sendBy(by, create(note(by+"/n", by, post, m{
			"content": "<p>:x:</p>", "attachment": []any{image, address}, "replies": address, "context": address,
			"tag": []any{m{"type": "Emoji", "name": ":x:", "icon": image}, m{"type": "Mention", "name": "@x", "href": address}},
		})))
	},
}

var mediaPath = regexp.MustCompile(`/media/[0-9a-f]+`)

// pictures asks for all pictures of the page, as a browser does.
func (w *corpusWorld) pictures(t *testing.T) {
	t.Helper()
	for _, at := range mediaPath.FindAllString(w.page()+w.json(), -1) {
		res, err := w.client.Get(blog + at)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", at, res.StatusCode)
		}
	}
}
