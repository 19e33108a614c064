package profile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/profile"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

const (
	blog = "https://blog.example"
	post = blog + "/ap/posts/one"
)

var day = time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)

// account is a blog's profile over a real store and a real output folder.
type account struct {
	profile *profile.Profile
	t       *testing.T
	cfg     *site.Config
	store   *store.Store
	dir     string
	mux     *http.ServeMux
}

func newAccount(t *testing.T, change ...func(*site.Config)) *account {
	t.Helper()
	a := &account{t: t, dir: t.TempDir(), mux: http.NewServeMux()}
	a.cfg = &site.Config{Dir: a.dir, Format: 1}
	a.cfg.Site = site.Site{URL: blog, Title: "Notes from the Edge", Description: "Small <things>", Language: "en"}
	a.cfg.Federation = site.Federation{Enabled: true, Handle: "notes", Type: "Person", Icon: "icon.png", Discoverable: true, Indexable: true}
	for _, c := range change {
		c(a.cfg)
	}
	s := storetest.Open(t)
	a.store = s
	ad := a.cfg.Addresses()
	a.open(os.DirFS(a.dir), map[string]string{ad.Actor(): "PEM OF THE BLOG\n", ad.Instance(): "PEM OF THE INSTANCE\n"})
	return a
}

func (a *account) open(files fs.FS, keys map[string]string) {
	a.mux = http.NewServeMux()
	a.profile = profile.New(profile.Options{
		Config: a.cfg, Store: a.store, Site: files, PublicKeys: keys, Version: "1.0", Log: slog.New(slog.DiscardHandler),
	})
	a.profile.Register(a.mux)
}

func (a *account) write(f func(*store.Tx) error) {
	a.t.Helper()
	if err := a.store.Write(a.t.Context(), f); err != nil {
		a.t.Fatal(err)
	}
}

// publish writes a list and the article files that it names.
func (a *account) publish(posts []string, withdrawn ...string) {
	a.t.Helper()
	list := site.PublishedList{Version: 1}
	os.MkdirAll(filepath.Join(a.dir, "ap/posts"), 0o755)
	for _, key := range posts {
		doc := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/ap/posts/%s","type":"Article","content":"<p>words of %s & more</p>","likes":{"id":"x","totalItems":0},"zz":1}`, blog, key, key)
		if err := os.WriteFile(filepath.Join(a.dir, "ap/posts", key+".json"), []byte(doc), 0o644); err != nil {
			a.t.Fatal(err)
		}
		list.Posts = append(list.Posts, site.PublishedPost{ID: blog + "/ap/posts/" + key, Article: "ap/posts/" + key + ".json", Published: day})
	}
	for _, key := range withdrawn {
		list.Withdrawn = append(list.Withdrawn, site.Withdrawn{ID: blog + "/ap/posts/" + key, At: day})
	}
	b, _ := json.Marshal(list)
	if err := os.WriteFile(filepath.Join(a.dir, site.PublishedFile), b, 0o644); err != nil {
		a.t.Fatal(err)
	}
}

func (a *account) do(method, target string, header ...string) *http.Response {
	r := httptest.NewRequestWithContext(a.t.Context(), method, target, nil)
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	w := httptest.NewRecorder()
	a.mux.ServeHTTP(w, r)
	return w.Result()
}

// read gets a document and checks its status and type.
func (a *account) read(target string, status int, kind string) map[string]any {
	a.t.Helper()
	res := a.do(http.MethodGet, target)
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode != status || res.Header.Get("Content-Type") != kind {
		a.t.Fatalf("%s: status %d %s, want %d %s", target, res.StatusCode, res.Header.Get("Content-Type"), status, kind)
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		a.t.Fatalf("%s: %v in %s", target, err, b)
	}
	return doc
}

func (a *account) as(target string) map[string]any {
	a.t.Helper()
	return a.read(target, http.StatusOK, activitypub.ContentType)
}

func (a *account) golden(name, target string) {
	a.t.Helper()
	b, _ := io.ReadAll(a.do(http.MethodGet, target).Body)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, b, "", "  "); err != nil {
		a.t.Fatalf("%s: %v in %s", target, err, b)
	}
	pretty.WriteByte('\n')
	file := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		a.t.Fatal(err)
	}
	if d := cmp.Diff(string(want), pretty.String()); d != "" {
		a.t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func (a *account) article(key string, change ...func(*store.Article)) {
	row := store.Article{ID: blog + "/ap/posts/" + key, URL: blog + "/posts/" + key + "/", SHA256: "00", JSON: []byte(`{"type":"Note","content":"from the ledger"}`),
		Published: day, Revision: 1, Announced: true}
	for _, c := range change {
		c(&row)
	}
	a.write(func(tx *store.Tx) error { return tx.PutArticle(a.t.Context(), row) })
}

func TestGolden(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.article("one")
	a.golden("actor.json", "/ap/actor")
	a.golden("instance.json", "/ap/instance")
	a.golden("webfinger.json", "/.well-known/webfinger?resource=acct:notes@blog.example")
	a.golden("nodeinfo.json", "/nodeinfo/2.1")
}

// TestOneHost: Misskey throws an actor away whose parts are on different hosts.
func TestOneHost(t *testing.T) {
	t.Parallel()
	doc := newAccount(t).as("/ap/actor")
	for _, k := range []string{"id", "inbox", "outbox", "followers", "following", "featured", "url"} {
		if u, err := url.Parse(doc[k].(string)); err != nil || u.Host != "blog.example" {
			t.Errorf("%s is %v", k, doc[k])
		}
	}
}

// TestGroup: a blog that is a Group is a community of Lemmy in which only the blog posts; a blog that is a Person says nothing of the kind.
func TestGroup(t *testing.T) {
	t.Parallel()
	group := newAccount(t, func(c *site.Config) { c.Federation.Type = "Group" })
	doc := group.as("/ap/actor")
	if doc["type"] != "Group" || doc["attributedTo"] != blog+"/ap/moderators" || doc["postingRestrictedToMods"] != true {
		t.Errorf("actor %v of %v, posting restricted: %v", doc["type"], doc["attributedTo"], doc["postingRestrictedToMods"])
	}
	for path, want := range map[string][]any{"/ap/moderators": {blog + "/ap/actor"}, "/ap/featured": {}} {
		c := group.as(path)
		if got, ok := c["orderedItems"].([]any); !ok || c["type"] != "OrderedCollection" || c["id"] != blog+path || !slices.Equal(got, want) {
			t.Errorf("%s is %v", path, c)
		}
	}
	person := newAccount(t)
	doc = person.as("/ap/actor")
	if doc["attributedTo"] != nil || doc["postingRestrictedToMods"] != nil {
		t.Errorf("a Person is %v", doc)
	}
	if res := person.do(http.MethodGet, "/ap/moderators"); res.StatusCode != http.StatusNotFound {
		t.Errorf("moderators of a Person: status %d, want 404", res.StatusCode)
	}
	if c := person.as("/ap/followers"); c["orderedItems"] != nil {
		t.Errorf("followers are listed: %v", c)
	}
}

func TestWebFinger(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) { c.Federation.URL = "https://ap.blog.example" })
	for resource, want := range map[string]int{
		"acct:notes@ap.blog.example": 200, "acct:NOTES@AP.Blog.Example": 200, "ACCT:notes@ap.blog.example": 200, "acct%3Anotes%40ap.blog.example": 200,
		"acct:notes@blog.example": 200, "https://ap.blog.example/ap/actor": 200, "https://blog.example/": 200, "https://blog.example": 200,
		"acct:ap.blog.example@ap.blog.example": 200, "https://ap.blog.example/ap/instance": 200,
		"": 400, "%zz": 400, "acct:nobody@ap.blog.example": 404, "acct:notes@evil.example": 404, "acct:@notes@ap.blog.example": 404, "acct:notes": 404,
		"acct:notes@ap.blog.example.evil.example": 404, "acct:..%2f..%2fetc@ap.blog.example": 404, "notes@ap.blog.example": 404,
		"https://ap.blog.example/ap/posts/one": 404, "acct:notes@ap.blog.example%00": 404,
	} {
		res := a.do(http.MethodGet, "/.well-known/webfinger?resource="+resource)
		if res.StatusCode != want {
			t.Errorf("%q: status %d, want %d", resource, res.StatusCode, want)
		}
		if res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%q: no CORS header", resource)
		}
		if want == 200 && res.Header.Get("Content-Type") != "application/jrd+json" {
			t.Errorf("%q: type %s", resource, res.Header.Get("Content-Type"))
		}
	}
	doc := a.read("/.well-known/webfinger?resource=https://blog.example/", 200, "application/jrd+json")
	if doc["subject"] != "acct:notes@blog.example" {
		t.Errorf("subject %v", doc["subject"])
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	b, _ := io.ReadAll(a.do(http.MethodGet, "/.well-known/host-meta").Body)
	if !strings.Contains(string(b), `template="https://blog.example/.well-known/webfinger?resource={uri}"`) {
		t.Errorf("host-meta: %s", b)
	}
	links := a.read("/.well-known/nodeinfo", 200, "application/json")["links"].([]any)
	for _, l := range links {
		u, _ := url.Parse(l.(map[string]any)["href"].(string))
		version := u.Path[len(u.Path)-3:]
		doc := a.read(u.Path, 200, `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/`+version+`#"`)
		if doc["version"] != version || doc["software"].(map[string]any)["name"] != "postil" {
			t.Errorf("%s: %v", u, doc)
		}
		if _, has := doc["software"].(map[string]any)["repository"]; has == (version == "2.0") {
			t.Errorf("%s: repository present %v", u, has)
		}
	}
}

// TestPost: the site's own file with live counts in it, members in their order, and nothing else changed.
func TestPost(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.publish([]string{"one"})
	a.article("one")
	for n := range 3 {
		a.comment(fmt.Sprint("https://s.example/", n), store.Reply, store.Shown)
	}
	a.comment("https://s.example/held", store.Reply, store.Held)
	a.comment("https://s.example/like", store.Like, store.Shown)
	b, _ := io.ReadAll(a.do(http.MethodGet, "/ap/posts/one").Body)
	want := `{"@context":"https://www.w3.org/ns/activitystreams","id":"` + post + `","type":"Article","content":"<p>words of one & more</p>",` +
		`"likes":{"id":"` + post + `/likes","type":"Collection","totalItems":1},"zz":1,` +
		`"replies":{"id":"` + post + `/replies","type":"Collection","totalItems":3,"first":"` + post + `/replies?page=1"},` +
		`"shares":{"id":"` + post + `/shares","type":"Collection","totalItems":0}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	for _, accept := range []string{"text/html", "*/*", "application/ld+json", "image/png"} { // never HTML at this address
		if res := a.do(http.MethodGet, "/ap/posts/one", "Accept", accept); res.StatusCode != 200 || res.Header.Get("Content-Type") != activitypub.ContentType {
			t.Errorf("Accept %s: status %d %s", accept, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
}

func (a *account) comment(id string, k store.Kind, s store.CommentState) {
	a.write(func(tx *store.Tx) error {
		return tx.PutComment(a.t.Context(), store.Comment{ID: id, Kind: k, Post: post, Parent: post, Actor: id + "/actor", Published: day, Received: day, State: s})
	})
}

// TestWhatIsNotOut: a draft's file that was left behind, a post that was withdrawn, one that never was, and odd keys.
func TestWhatIsNotOut(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.publish([]string{"one", "draft"})
	a.publish([]string{"one"}, "gone") // draft.json is still in the folder (mutant: files are served without the list)
	a.article("told", func(r *store.Article) { r.Withdrawn = day })
	for key, want := range map[string]int{"one": 200, "draft": 404, "gone": 410, "told": 410, "never": 404, "..%2f..%2fpublished": 404, "%2e%2e": 404, "one.json": 404} {
		for _, below := range []string{"", "/replies", "/likes", "/shares", "/context"} {
			if res := a.do(http.MethodGet, "/ap/posts/"+key+below); res.StatusCode != want {
				t.Errorf("%s%s: status %d, want %d", key, below, res.StatusCode, want)
			}
		}
	}
	doc := a.read("/ap/posts/gone", http.StatusGone, activitypub.ContentType)
	if doc["type"] != "Tombstone" || doc["id"] != blog+"/ap/posts/gone" || doc["formerType"] != "Article" || doc["deleted"] != "2026-09-02T08:00:00Z" {
		t.Errorf("tombstone %v", doc)
	}
	a.publish([]string{"draft"}, "gone", "one") // the list is read again when it changes
	for key, want := range map[string]int{"one": 410, "draft": 200} {
		if res := a.do(http.MethodGet, "/ap/posts/"+key); res.StatusCode != want {
			t.Errorf("after the change, %s: status %d, want %d", key, res.StatusCode, want)
		}
	}
}

// TestSwitchedOff: without federation there is no account, but a withdrawn post stays withdrawn.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) { c.Federation.Enabled = false })
	a.publish([]string{"one"}, "gone")
	for target, want := range map[string]int{
		"/ap/actor": 404, "/ap/instance": 404, "/ap/outbox": 404, "/ap/followers": 404, "/ap/posts/one": 404, "/ap/posts/one/replies": 404, "/ap/activities/x": 404,
		"/.well-known/webfinger?resource=acct:notes@blog.example": 404, "/.well-known/nodeinfo": 404, "/nodeinfo/2.1": 404, "/.well-known/host-meta": 404, "/ap/posts/gone": 410,
	} {
		if res := a.do(http.MethodGet, target); res.StatusCode != want {
			t.Errorf("%s: status %d, want %d", target, res.StatusCode, want)
		}
	}
}

// TestSwitchedOffAfterTelling: who has a post must be able to check the signature of its Delete; the blog cannot be found any more.
func TestSwitchedOffAfterTelling(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) { c.Federation.Enabled = false })
	a.open(nil, nil)
	a.article("one")
	for target, want := range map[string]int{
		"/ap/actor": 200, "/ap/instance": 200, "/ap/outbox": 404, "/.well-known/webfinger?resource=acct:notes@blog.example": 404,
	} {
		if res := a.do(http.MethodGet, target); res.StatusCode != want {
			t.Errorf("%s: status %d, want %d", target, res.StatusCode, want)
		}
	}
}

// TestFromLedger: a daemon that does not see the site's folder tells posts as they were told to followers.
func TestFromLedger(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.open(nil, nil)
	a.article("one")
	if doc := a.as("/ap/posts/one"); doc["content"] != "from the ledger" || doc["likes"] == nil {
		t.Errorf("got %v", doc)
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.article("one")
	a.write(func(tx *store.Tx) error {
		for n := range 620 {
			id := fmt.Sprintf("https://s.example/%03d", n)
			c := store.Comment{ID: id, Kind: store.Reply, Post: post, Parent: post, Actor: "https://s.example/u", Published: day, Received: day, State: store.Shown}
			if n == 7 {
				c.State = store.Held
			}
			if err := tx.PutComment(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range []struct {
		name, items string
		total       int
		first       string
	}{{"replies", "items", 619, "https://s.example/000"}, {"context", "orderedItems", 620, post}} {
		got := a.walk("/ap/posts/one/"+c.name, c.items, c.total)
		if len(got) != c.total || got[0] != c.first {
			t.Errorf("%s: %d items from %v, want %d from %s", c.name, len(got), got[0], c.total, c.first)
		}
		slices.SortFunc(got, func(x, y any) int { return strings.Compare(x.(string), y.(string)) })
		if n := len(slices.Compact(got)); n != c.total {
			t.Errorf("%s: %d different items, want %d", c.name, n, c.total)
		}
		if slices.Contains(got, any("https://s.example/007")) {
			t.Errorf("%s shows a reply that is held", c.name)
		}
	}
	for _, bad := range []string{"0", "-1", "x", "99999999999"} {
		if res := a.do(http.MethodGet, "/ap/posts/one/replies?page="+bad); res.StatusCode != 404 {
			t.Errorf("page %s: status %d, want 404", bad, res.StatusCode)
		}
	}
}

// walk reads a collection from its first page to its last.
func (a *account) walk(target, items string, total int) []any {
	a.t.Helper()
	doc := a.as(target)
	if doc["totalItems"] != float64(total) {
		a.t.Errorf("%s: totalItems %v, want %d", target, doc["totalItems"], total)
	}
	var all []any
	next, _ := doc["first"].(string)
	for range 20 {
		if next == "" {
			break
		}
		page := a.as(strings.TrimPrefix(next, blog))
		if page["id"] != next || page["partOf"] != doc["id"] {
			a.t.Errorf("page %s: id %v, part of %v", next, page["id"], page["partOf"])
		}
		list, _ := page[items].([]any)
		all = append(all, list...)
		next, _ = page["next"].(string)
	}
	return all
}

// TestCountsOnly: nobody learns from us who reads or likes a blog.
func TestCountsOnly(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.article("one")
	a.comment("https://s.example/like", store.Like, store.Shown)
	a.comment("https://s.example/boost", store.Boost, store.Shown)
	a.write(func(tx *store.Tx) error {
		return tx.PutFollower(t.Context(), store.Follower{Actor: "https://s.example/CANARY", Of: blog + "/ap/actor", Inbox: "https://s.example/CANARY/inbox", Since: day})
	})
	for target, want := range map[string]float64{"/ap/followers": 1, "/ap/following": 0, "/ap/featured": 0, "/ap/tags": 0, "/ap/posts/one/likes": 1, "/ap/posts/one/shares": 1} {
		for _, q := range []string{"", "?page=1"} {
			doc := a.as(target + q)
			b, _ := json.Marshal(doc)
			listed, _ := doc["orderedItems"].([]any)
			if doc["totalItems"] != want || bytes.Contains(b, []byte("CANARY")) || doc["items"] != nil || len(listed) > 0 {
				t.Errorf("%s: %s, want a count of %v alone", target, b, want)
			}
		}
	}
}

// TestOutbox: what was sent, with the posts' present words; nothing of a post that was taken back, nothing meant for one follower.
func TestOutbox(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.publish([]string{"one"}, "gone")
	a.article("one")
	add := func(key, kind, object string, public bool) {
		doc := fmt.Sprintf(`{"id":"%s/ap/activities/%s","type":"%s","object":{"content":"OLD WORDS"}}`, blog, key, kind)
		a.write(func(tx *store.Tx) error {
			return tx.AddActivity(t.Context(), store.Activity{ID: blog + "/ap/activities/" + key, Type: kind, Object: object, Actor: blog + "/ap/actor", Public: public, JSON: []byte(doc), At: day})
		})
	}
	add("c1", "Create", post, true)
	add("c2", "Create", blog+"/ap/posts/gone", true)
	add("d2", "Delete", blog+"/ap/posts/gone", true)
	add("a1", "Accept", "https://s.example/follow", false)
	b, _ := io.ReadAll(a.do(http.MethodGet, "/ap/outbox?page=1").Body)
	items := a.walk("/ap/outbox", "orderedItems", 3)
	if len(items) != 2 || !bytes.Contains(b, []byte("words of one")) || bytes.Contains(b, []byte("Accept")) {
		t.Errorf("outbox %s", b)
	}
	for key, want := range map[string]int{"c1": 200, "c2": 410, "d2": 200, "a1": 404, "none": 404} {
		res := a.do(http.MethodGet, "/ap/activities/"+key)
		b, _ := io.ReadAll(res.Body)
		if res.StatusCode != want {
			t.Errorf("%s: status %d, want %d", key, res.StatusCode, want)
		}
		if key[0] == 'c' && bytes.Contains(b, []byte("OLD WORDS")) {
			t.Errorf("%s shows an old revision: %s", key, b)
		}
	}
}

// TestOutboxProof: what is served of an activity is proven as it is served, of the time when it was sent; what cannot be proven carries no proof of
// other words (mutant: the old proof stays).
func TestOutboxProof(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prove func(string, []byte, time.Time) []byte
		doc   string
		want  string // the end of what is served
	}{
		"proven again": {func(actor string, doc []byte, at time.Time) []byte {
			return fmt.Appendf(nil, `%s,"proof":"%s %s"}`, bytes.TrimSuffix(doc, []byte("}")), actor, at.UTC().Format(time.DateOnly))
		}, `,"proof":{"proofValue":"OLD"}`, `,"proof":"` + blog + `/ap/actor ` + day.UTC().Format(time.DateOnly) + `"}`},
		"nobody proves":     {nil, `,"proof":{"proofValue":"OLD"}`, `}}`},
		"never was a proof": {func(string, []byte, time.Time) []byte { panic("asked for one") }, ``, `}}`},
	} {
		a := newAccount(t)
		a.mux = http.NewServeMux()
		profile.New(profile.Options{Config: a.cfg, Store: a.store, Site: os.DirFS(a.dir), Prove: c.prove, Log: slog.New(slog.DiscardHandler)}).Register(a.mux)
		a.article("one")
		id := blog + "/ap/activities/c1"
		a.write(func(tx *store.Tx) error {
			return tx.AddActivity(t.Context(), store.Activity{ID: id, Type: "Create", Object: post, Actor: blog + "/ap/actor", Public: true, JSON: []byte(`{"id":"` + id + `","object":{}` + c.doc + `}`), At: day})
		})
		b, _ := io.ReadAll(a.do(http.MethodGet, "/ap/activities/c1").Body)
		if !bytes.HasSuffix(bytes.TrimSpace(b), []byte(c.want)) || bytes.Contains(b, []byte("OLD")) || !bytes.Contains(b, []byte("from the ledger")) {
			t.Errorf("%s: %s, want it to end with %s", name, b, c.want)
		}
		if b, _ := io.ReadAll(a.do(http.MethodGet, "/ap/outbox?page=1").Body); bytes.Contains(b, []byte("proof")) || !bytes.Contains(b, []byte("from the ledger")) {
			t.Errorf("%s: the outbox's page: %s", name, b)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	res := a.do(http.MethodGet, "/ap/actor")
	tag := res.Header.Get("ETag")
	if tag == "" || res.Header.Get("Cache-Control") != "public, max-age=180" || res.Header.Get("Vary") != "Accept" || len(res.Header.Values("Set-Cookie")) > 0 {
		t.Errorf("headers %v", res.Header)
	}
	if res := a.do(http.MethodGet, "/ap/actor", "If-None-Match", tag); res.StatusCode != http.StatusNotModified {
		t.Errorf("If-None-Match: status %d, want 304", res.StatusCode)
	}
	head := a.do(http.MethodHead, "/ap/actor")
	if b, _ := io.ReadAll(head.Body); head.StatusCode != 200 || len(b) != 0 || head.Header.Get("ETag") != tag {
		t.Errorf("HEAD: status %d, %d bytes, %s", head.StatusCode, len(b), head.Header.Get("ETag"))
	}
	if res := a.do(http.MethodPost, "/ap/actor"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") == "" {
		t.Errorf("POST: status %d", res.StatusCode)
	}
	odd := a.do(http.MethodGet, "/ap/actor", "X-Forwarded-Host", "evil.example", "Origin", "https://evil.example", "Accept-Language", "xx")
	x, _ := io.ReadAll(res.Body)
	y, _ := io.ReadAll(odd.Body)
	if !bytes.Equal(x, y) {
		t.Error("a request header changed the document")
	}
}

func TestBasePath(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) { c.Site.URL = blog + "/notes" })
	if doc := a.as("/notes/ap/actor"); doc["id"] != blog+"/notes/ap/actor" {
		t.Errorf("id %v", doc["id"])
	}
	a.read("/.well-known/webfinger?resource=acct:notes@blog.example", 200, "application/jrd+json")
	for _, l := range a.read("/.well-known/nodeinfo", 200, "application/json")["links"].([]any) {
		at := strings.TrimPrefix(l.(map[string]any)["href"].(string), blog)
		if res := a.do(http.MethodGet, at); res.StatusCode != 200 {
			t.Errorf("%s: status %d, want 200", at, res.StatusCode)
		}
	}
	if res := a.do(http.MethodGet, "/ap/actor"); res.StatusCode != 404 {
		t.Errorf("at the root: status %d, want 404", res.StatusCode)
	}
}

// TestPicturesHaveAddresses: the icon is named like a file, which may have spaces and umlauts; an address may not.
func TestPicturesHaveAddresses(t *testing.T) {
	t.Parallel()
	for icon, want := range map[string]string{
		"my icön.png": blog + "/my%20ic%C3%B6n.png", "a/50%.png": blog + "/a/50%25.png", "https://cdn.example/a%20b.png": "https://cdn.example/a%20b.png",
	} {
		a := newAccount(t, func(c *site.Config) { c.Federation.Icon = icon })
		if got, _ := a.as("/ap/actor")["icon"].(map[string]any); got["url"] != want {
			t.Errorf("icon %q is at %v, want %s", icon, got["url"], want)
		}
	}
}
