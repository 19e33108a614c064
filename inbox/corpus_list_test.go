package inbox_test

import (
	"encoding/json"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
)

// listVector is one entry of a list of small cases. Which members it has depends on the list.
type listVector struct {
	ID, Why           string
	Name              *string
	PreferredUsername *string
	ContentType       *string `json:"content_type"`
	Direction         string
	Accepted          any
	Published         *string
	Want              string
	HTML              *string
	MustNot           []string `json:"must_not_match"`
	MustKeep          []string `json:"must_keep_text"`
	URL               *string
	FetchAllowed      *bool `json:"fetch_allowed"`
	Resource          *string
	Status            any
}

// listRunners is one row for each list of vectors, by the first part of its file's name.
var listRunners = map[string]func(t *testing.T, list []listVector){
	"actor-names": runNames, "content-types": runContentTypes, "dates": runDates, "html-vectors": runHTML, "ssrf-urls": runAddresses,
	"webfinger-queries": runQueries,
}

func runList(t *testing.T, r row) {
	var f struct{ Vectors []listVector }
	if err := json.Unmarshal([]byte(r.text), &f); err != nil || len(f.Vectors) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	name, _, _ := strings.Cut(path.Base(r.path), ".")
	run := listRunners[name]
	if run == nil {
		t.Fatalf("nobody knows the list %q", name)
	}
	run(t, f.Vectors)
	t.Logf("%d vectors", len(f.Vectors))
}

var exampleHost = regexp.MustCompile(`[^\s/;,]+\.example(:\d+)?`)

// runNames lets actors of odd names reply.
func runNames(t *testing.T, list []listVector) {
	for _, v := range list {
		hosts := []string{"remote.example"}
		if strings.HasPrefix(v.ID, "host-") {
			hosts = exampleHost.FindAllString(v.Why, -1)
		}
		for _, host := range hosts {
			t.Run(v.ID, func(t *testing.T) {
				t.Parallel()
				w := newCorpusWorld(t, false)
				id := "https://" + host + "/users/alice"
				w.peers.serve(id, actor(id, m{"name": *v.Name, "preferredUsername": *v.PreferredUsername}))
				status := w.post(letter{doc: create(note(id+"/n", id, post, nil)), signer: id})
				if ascii := strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.:") == ""; !ascii {
					if !is4xx(status) || w.counts() != (counts{}) { // such an id has two spellings; the other one is accepted
						t.Errorf("%s: status %d, %+v: want 4xx", host, status, w.counts())
					}
					return
				}
				c, ok := w.shown(id + "/n")
				if status != http.StatusAccepted || !ok {
					t.Fatalf("status %d, shown %t", status, ok)
				}
				checkName(t, w, c, host)
			})
		}
	}
}

// checkName wants a name that is there, stays in its place, and is of nobody else.
func checkName(t *testing.T, w *corpusWorld, c *activitypub.Comment, host string) {
	t.Helper()
	doc := inert(t, w.page())
	name := c.By.Name.Text()
	seen := strings.Map(func(r rune) rune {
		if strings.ContainsRune(invisible, r) {
			return -1
		}
		return r
	}, name)
	if strings.TrimSpace(seen) == "" || utf8.RuneCountInString(name) > 1000 {
		t.Errorf("the name is %q", name)
	}
	user, at, ok := strings.Cut(strings.TrimPrefix(c.By.Handle, "@"), "@")
	if !ok && user != host || ok && at != host || strings.ContainsAny(user, "/ @\"<>") || strings.ContainsAny(user, bidi+invisible) {
		t.Errorf("the handle is %q, want somebody@%s", c.By.Handle, host)
	}
	if c.Owner {
		t.Error("it is shown as the blog's own")
	}
	authors := 0
	for n := range doc.Descendants() {
		class := attribute(n, "class")
		if strings.Contains(" "+class+" ", " p-author ") {
			authors++
		}
		if class == "p-name" && attribute(n, "dir") != "auto" && strings.ContainsAny(textOf(n), bidi) {
			t.Errorf("the name %q can turn the line round: its element does not isolate it", textOf(n))
		}
	}
	if authors != 1 {
		t.Errorf("%d authors on the page, want 1", authors)
	}
}

const (
	bidi      = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
	invisible = "\u200b\u200c\u200d\ufeff\u2060\u00ad\u2800\u3164"
)

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// runContentTypes posts, fetches and looks up under every content type.
func runContentTypes(t *testing.T, list []listVector) {
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			w := newCorpusWorld(t, false)
			var taken bool
			switch v.Direction {
			case "in":
				l := letter{doc: activity("Like", aliceS+"#l", aliceS, post, nil), signer: aliceS, kind: *v.ContentType}
				if l.kind == "" {
					l.tamper = func(r *http.Request) { r.Header.Del("Content-Type") }
				}
				status := w.post(l)
				taken = status == http.StatusAccepted
				if !taken && !is4xx(status) || taken != (w.counts().likes == 1) {
					t.Errorf("status %d, %+v", status, w.counts())
				}
			case "fetched":
				taken = w.fetches(t, *v.ContentType)
			case "webfinger":
				body, _ := json.Marshal(remote.Resource{Subject: "acct:alice@remote.example", Links: []remote.ResourceLink{{Rel: "self", Type: activitypub.ContentType, Href: aliceS}}})
				w.peers.host("remote.example", fingerprint(w, *v.ContentType, http.StatusOK, body))
				_, err := w.remote.WebFinger(t.Context(), "alice@remote.example")
				taken = err == nil
			default:
				t.Fatalf("nobody knows the direction %q", v.Direction)
			}
			switch v.Accepted {
			case true, false:
				if taken != v.Accepted {
					t.Errorf("%q taken: %t, want %v", *v.ContentType, taken, v.Accepted)
				}
			case "policy":
				t.Logf("policy: %q taken: %t", *v.ContentType, taken)
			default:
				t.Fatalf("nobody knows what %v means", v.Accepted)
			}
		})
	}
}

// fetches tells whether a document under a content type is taken, which must be so of a note and of an actor alike.
func (w *corpusWorld) fetches(t *testing.T, kind string) bool {
	t.Helper()
	n, _ := json.Marshal(note(bobS+"/n", bobS, post, nil))
	w.peers.handle(bobS+"/n", sayOnce(http.StatusOK, kind, n))
	w.sendBy(aliceS, activity("Create", aliceS+"/c", aliceS, bobS+"/n", m{"to": public}))
	w.settle()
	stranger := "https://remote.example/users/stranger"
	a, _ := json.Marshal(actor(stranger, nil))
	w.peers.handle(stranger, sayOnce(http.StatusOK, kind, a))
	status := w.post(letter{doc: activity("Like", stranger+"#l", stranger, post, nil), signer: stranger})
	got := w.counts()
	if (got.replies == 1) != (got.likes == 1) || (got.likes == 1) != (status == http.StatusAccepted) || status >= 500 {
		t.Errorf("as %q a note and an actor are not treated alike: status %d, %+v", kind, status, got)
	}
	return got.replies == 1
}

// runDates replies with every spelling of a time. None is a reason to refuse.
func runDates(t *testing.T, list []listVector) {
	received := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			w := newCorpusWorld(t, false)
			w.now = received
			sent := m{"published": *v.Published}
			exact := time.Date(2026, 10, 1, 11, 59, 0, 0, time.UTC)
			if at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(*v.Published)); err == nil {
				exact = at.UTC()
			}
			if strings.Contains(v.Want, "ignore updated") {
				sent = m{"published": "2026-10-01T11:59:00Z", "updated": "2020-01-01T00:00:00Z"}
				exact = time.Date(2026, 10, 1, 11, 59, 0, 0, time.UTC)
			}
			w.sendBy(aliceS, create(note(aliceS+"/n", aliceS, post, sent)))
			c, ok := w.shown(aliceS + "/n")
			if !ok {
				t.Fatal("not shown")
			}
			var may []time.Time
			if strings.Contains(v.Want, "exact") || strings.Contains(v.Want, "UTC") || strings.Contains(v.Want, "ignore updated") {
				may = append(may, exact)
			}
			if strings.Contains(v.Want, "receive") || strings.Contains(v.Want, "clamp") {
				may = append(may, received)
			}
			if len(may) == 0 {
				t.Fatalf("nobody knows what %q means", v.Want)
			}
			if !slices.ContainsFunc(may, func(a time.Time) bool { return a.Sub(c.Published).Abs() < time.Second }) || !c.Edited.IsZero() {
				t.Errorf("%q is shown as %v, edited %v: want %s", *v.Published, c.Published, c.Edited, v.Want)
			}
			if strings.Contains(*v.Published, "<") && strings.Contains(w.page()+w.json(), *v.Published) {
				t.Error("it is printed as it came")
			}
			inert(t, w.page())
		})
	}
}

// runHTML replies with hostile HTML and looks at what the page makes of it.
func runHTML(t *testing.T, list []listVector) {
	w := newCorpusWorld(t, false)
	for n, v := range list {
		id := aliceS + "/html/" + strconv.Itoa(n)
		w.sendBy(aliceS, create(note(id, aliceS, post, m{"content": *v.HTML})))
	}
	doc := inert(t, w.page())
	for n, v := range list {
		id := aliceS + "/html/" + strconv.Itoa(n)
		c, ok := w.shown(id)
		if !ok && w.held(id) {
			t.Errorf("%s: held back for the owner, so nothing is proved", v.ID)
		}
		if !ok { // nothing of it was left
			if len(v.MustKeep) > 0 {
				t.Errorf("%s: %q is lost", v.ID, v.MustKeep)
			}
			continue
		}
		var shown strings.Builder
		for d := range doc.Descendants() {
			if attribute(d, "id") == c.Anchor {
				html.Render(&shown, d)
			}
		}
		if shown.Len() == 0 {
			t.Errorf("%s: the page has no element %s", v.ID, c.Anchor)
		}
		for _, pattern := range v.MustNot {
			if at := regexp.MustCompile("(?i)" + pattern).FindString(shown.String()); at != "" {
				t.Errorf("%s: the comment has %q, which %q forbids:\n%s", v.ID, at, pattern, shown.String())
			}
		}
		for _, word := range v.MustKeep {
			if !strings.Contains(c.Content.Text(), word) {
				t.Errorf("%s: %q does not hold %q", v.ID, c.Content.Text(), word)
			}
		}
	}
}

var threeDigits = regexp.MustCompile(`\d{3}`)

// runQueries asks our own WebFinger.
func runQueries(t *testing.T, list []listVector) {
	w := newCorpusWorld(t, false)
	for _, v := range list {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, blog+"/.well-known/webfinger", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = "resource=" + *v.Resource
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		status := v.Status
		if f, ok := status.(float64); ok {
			status = strconv.Itoa(int(f))
		}
		if allowed := threeDigits.FindAllString(status.(string), -1); !slices.Contains(allowed, strconv.Itoa(res.StatusCode)) {
			t.Errorf("%s: status %d, want %v", v.ID, res.StatusCode, v.Status)
		}
		kind := res.Header.Get("Content-Type")
		if res.StatusCode == http.StatusOK && (kind != "application/jrd+json" || res.Header.Get("Access-Control-Allow-Origin") != "*") {
			t.Errorf("%s: content type %q, %v", v.ID, kind, res.Header)
		}
		if strings.Contains(kind, "html") {
			t.Errorf("%s: answered in HTML", v.ID)
		}
	}
	if n := w.peers.count(); n != 0 {
		t.Errorf("%d requests went out", n)
	}
}
