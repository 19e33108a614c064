package inbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

const (
	aliceS   = "https://remote.example/users/alice"
	bobS     = "https://remote.example/users/bob"
	malloryS = "https://evil.example/users/mallory"
)

// corpusWorld is a world with eyes: what the corpus's rows are held against.
type corpusWorld struct{ *world }

// newCorpusWorld is a world as the corpus wants one. Not dev: the daemon as it runs for everybody, to which http: ids mean
// nothing. All names lead to the pretend internet; addresses do not, and go to the guard as they are, which lets through
// the one address where that internet listens.
func newCorpusWorld(t testing.TB, dev bool, change ...func(*remote.Options)) *corpusWorld {
	t.Helper()
	w := &corpusWorld{newWorldOut(t, func(o *remote.Options) {
		o.Dev, o.AllowNetworks = dev, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		named := o.DialHost
		o.DialHost = func(hostport string) string {
			host, port, _ := net.SplitHostPort(hostport)
			if _, err := netip.ParseAddr(host); err != nil {
				if !dev {
					port = "443" // whatever the port: without Dev all is https
				}
				return named(net.JoinHostPort(host, port))
			}
			if host == "127.0.0.1" { // is where the pretend internet listens: another loopback address stands for it
				host = "127.0.0.2"
			}
			return net.JoinHostPort(host, port)
		}
		for _, c := range change {
			c(o)
		}
	})}
	for _, id := range []string{aliceS, bobS, malloryS} {
		w.peers.serve(id, actor(id, nil))
	}
	file := filepath.Join(w.cfg.Dir, "public", "posts", "one", "index.html")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	text := `<!doctype html><html lang="en"><head><title>One</title></head><body><main><h1>One</h1>
<section id="comments"><!--comments:one--><!--/comments--></section></main></body></html>`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return w
}

// worlds runs a test in a daemon as everybody runs it and, where both is asked for, as a developer does.
func worlds(t *testing.T, both bool, f func(t *testing.T, w *corpusWorld, dev bool)) {
	for _, dev := range []bool{false, true}[:1+map[bool]int{true: 1}[both]] {
		t.Run(map[bool]string{false: "production", true: "dev"}[dev], func(t *testing.T) {
			t.Parallel()
			f(t, newCorpusWorld(t, dev), dev)
		})
	}
}

// counts is what a reader of the blog could see.
type counts struct{ replies, likes, boosts, reactions, followers int }

func (w *world) counts() counts {
	w.t.Helper()
	n, err := w.store.FollowerCount(w.t.Context(), us)
	if err != nil {
		w.t.Fatal(err)
	}
	return counts{w.count(store.Reply), w.count(store.Like), w.count(store.Boost), w.count(store.Reaction), n}
}

// ourDocuments are all the JSON that we serve about the blog and its post.
var ourDocuments = []string{
	"/api/v1/thread?post=" + post, "/ap/posts/one", "/ap/posts/one/replies", "/ap/posts/one/replies?page=1", "/ap/posts/one/context?page=1", "/ap/posts/one/likes",
	"/ap/posts/one/shares", "/ap/followers", "/ap/outbox", "/ap/actor",
}

// page is the post's page as a reader gets it.
func (w *corpusWorld) page() string {
	w.t.Helper()
	return w.body("/posts/one/")
}

func (w *corpusWorld) body(path string) string {
	w.t.Helper()
	res, err := w.client.Get(blog + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: status %d, %v", path, res.StatusCode, err)
	}
	return string(b)
}

// json is everything that machines can read of the blog, one document after the other.
func (w *corpusWorld) json() string {
	w.t.Helper()
	var b strings.Builder
	for _, path := range ourDocuments {
		b.WriteString(path + " " + w.body(path) + "\n")
	}
	return b.String()
}

// snapshot is what can be seen of an answer to the post from outside, with what is counted and never shown. The other documents tell
// no more than the counts do.
func (w *corpusWorld) snapshot() string {
	w.t.Helper()
	return liveState.ReplaceAllString(fmt.Sprintf("%s\n%s\n%s", w.glance(), w.page(), w.body("/ap/posts/one/replies?page=1")), "")
}

// liveState is by what a page notices that the thread was written to, by what is kept and never shown too.
var liveState = regexp.MustCompile(` data-state="[0-9a-f]+"|"version":"[^"]*",?`)

// glance is a snapshot of what a single comment or reaction would change, which is quicker.
func (w *corpusWorld) glance() string {
	w.t.Helper()
	return liveState.ReplaceAllString(fmt.Sprintf("%+v\n%s", w.counts(), w.body(ourDocuments[0])), "")
}

// thread is the post's thread as the API gives it.
func (w *corpusWorld) thread() *activitypub.Thread {
	w.t.Helper()
	var t activitypub.Thread
	if err := json.Unmarshal([]byte(w.body("/api/v1/thread?post="+post)), &t); err != nil {
		w.t.Fatal(err)
	}
	return &t
}

// settle does the errands of one minute, those due at once and those that wait a little, and tells how many there were.
func (w *corpusWorld) settle() (done int) {
	w.t.Helper()
	for _, d := range []time.Duration{0, 6 * time.Second, 54 * time.Second} {
		w.advance(d)
		for range 10 {
			n := w.round()
			if done += n; n == 0 {
				break
			}
		}
	}
	return done
}

// posted is what the outbox delivered to an address.
type posted struct {
	Type   string
	Object json.RawMessage
	Result any
}

// mail keeps what is delivered to an inbox. It replaces what was served there.
func (w *corpusWorld) mail(inbox string) *[]posted {
	var got []posted
	w.peers.handle(inbox, func(rw http.ResponseWriter, r *http.Request) {
		var s posted
		if err := json.Unmarshal([]byte(readAll(r)), &s); err != nil {
			w.t.Error(err)
		}
		w.peers.mu.Lock()
		defer w.peers.mu.Unlock()
		got = append(got, s)
		rw.WriteHeader(http.StatusAccepted)
	})
	return &got
}

// deliver lets the outbox do one round.
func (w *corpusWorld) deliver() {
	w.t.Helper()
	if _, err := w.outbox.Round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// inert fails when a page holds anything that runs, loads or breaks out, and gives its tree.
func inert(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	allowed := " html head title body main h1 h2 h3 h4 section article div p a span ul ol li img figure figcaption details summary time bdi b i em " +
		"strong del s u code pre blockquote br small sub sup ruby rt rp abbr q cite dl dt dd data "
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !strings.Contains(allowed, " "+n.Data+" ") {
			t.Errorf("the page has an element %s", n.Data)
		}
		for _, a := range n.Attr {
			v := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "srcset", a.Key == "ping", a.Key == "action":
				t.Errorf("the page has an attribute %s=%q", a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(v, "http://") && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "#") && !strings.HasPrefix(v, "/"):
				t.Errorf("the page links to %q", a.Val)
			case a.Key == "src" && !strings.HasPrefix(v, "/media/") && !strings.HasPrefix(v, blog+"/media/"):
				t.Errorf("the page loads %q", a.Val)
			}
		}
	}
	return doc
}
