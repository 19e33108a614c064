package interop

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// gatePolicy is stricter than inboxd's own: no data: pictures, and no string may become markup or script.
const gatePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"

// gateProse is text as people write it, to count the characters of its lines.
const gateProse = "The lamp had been out of oil since about nine, and there was no point in going down for more before the tide turned. So he sat at the table with " +
	"his coat on and wrote, by the light of a candle, what he remembered of the day. There had been two ships, both far out, and a third that he only heard. The wind " +
	"came from the north and brought the kind of rain that does not fall but stands in the air and waits for somebody to walk into it.\n\nHe wrote that the birds were gone, " +
	"and crossed it out, because one could be seen on the rail even now, asleep, with its head under a wing. He wrote that he was not lonely, and left that. Most evenings " +
	"are like this one, he wrote, and nobody would believe how much there is to do in them: the glass wants polishing, the log wants its line, the kettle has its own opinion of " +
	"the hour. When the candle was down to a thumb he stopped in the middle of a sentence, as he always did, so that he would know in the morning where to begin.\n"

// gatePosts stand beside the sample blog's own: what a theme finds hard. The first has a title of 57 characters.
var gatePosts = map[string]string{
	"posts/long-title.md": "+++\ntitle = \"What the lighthouse keeper wrote on the last dark evening\"\ndate = 2026-11-12\ntags = [\"notes\"]\nsummary = \"Not much, as it turned out.\"\n+++\n\n" + gateProse,
	"posts/arabic.md": "+++\ntitle = \"ملاحظات على الهامش\"\nlang = \"ar\"\ndate = 2026-11-10\ntags = [\"notes\"]\nsummary = \"كيف تبدو هذه المدونة عندما تقرأ من اليمين إلى اليسار.\"\n+++\n\n" +
		strings.Repeat("هذه فقرة طويلة تكفي لملء عدة أسطر على شاشة عريضة. ", 10) + "\n\n## عنوان\n\n- أولا\n- ثانيا\n\n> اقتباس قصير.\n\n| برنامج | وقت |\n|---|---|\n| `publish` | الآن |\n\n```go\nfunc main() { println(\"left to right\") }\n```\n\n## خاتمة\n\nانتهى.[^1]\n\n### ملحق\n\nسطر.\n\n[^1]: حاشية.\n",
	"posts/closed.md": "+++\ntitle = \"A post without answers\"\ndate = 2026-11-09\ncomments = \"read-only\"\nauthor = \"mara\"\n+++\n\n" + strings.Repeat("Nobody said a word. ", 20) + "\n",
	"posts/hard.md": "+++\ntitle = \"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft\"\ndate = 2026-09-01\ntags = [\"a tag of several words that goes on for longer than anybody would want it to\"]\n+++\n\n" +
		"A word: " + strings.Repeat("unbreakable", 12) + ", an address: https://elsewhere.example/" + strings.Repeat("path/", 30) + ", and code: `" + strings.Repeat("x", 120) + "`.\n\n" +
		"| " + strings.Repeat("a column | ", 14) + "\n|" + strings.Repeat("---|", 14) + "\n| " + strings.Repeat("`value` | ", 14) + "\n\n" +
		"- one\n  - two\n    - three\n      - four\n        - " + strings.Repeat("five ", 30) + "\n\n> said\n>\n> > and said before\n\n> [!WARNING]\n> ```\n> " + strings.Repeat("wide ", 40) + "\n> ```\n\n" +
		"## " + strings.Repeat("Heading", 14) + "\n\nTerm\n: What it means.\n\n$$" + strings.Repeat("x^2 + ", 40) + "y$$\n\n1. `" + strings.Repeat("y", 90) + "`\n",
	"posts/news.md": "+++\ntitle = \"Soon there is more\"\ndate = 2026-11-08\n+++\n\nWait for it.\n",
}

// gateAuthor is who wrote one of them, with all that a profile can have.
const gateAuthor = "\n[authors.mara]\nname = \"Mara Lind\"\nsummary = \"Writes about the sea.\"\nicon = \"icon.png\"\nlinks = {Web = \"https://mara.example/\"}\nfields = [\"Boat: a small one\", \"Site: https://boats.example/\"]\n"

// startGate serves the blog of makeGate behind a proxy that adds the strict policy. Of the post "news" it tells that there are three replies, which
// then cannot be had.
func startGate(t *testing.T, theme string) *blog {
	t.Helper()
	inner := freePort(t)
	back, err := url.Parse("http://127.0.0.1:" + inner)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(back)
	proxy.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	proxy.ModifyResponse = func(res *http.Response) error {
		if p := "Content-Security-Policy"; strings.HasPrefix(res.Request.URL.Path, "/interact") || strings.HasPrefix(res.Request.URL.Path, "/comments/") {
			res.Header.Set(p, res.Header.Get(p)+"; require-trusted-types-for 'script'") // the daemon's own pages: a form that leads to the reader's server, an icon of nothing
		} else {
			res.Header.Set(p, gatePolicy)
		}
		return nil
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/v1/stream" && strings.HasSuffix(r.FormValue("post"), "/posts/news/"):
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "event: thread\ndata: {\"v\":\"gate\",\"replies\":3}\n\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case r.URL.Query().Get("v") == "gate":
			http.Error(w, "not now", http.StatusServiceUnavailable)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	address := front.URL
	if *pictures != "" {
		address = pictured
	}
	b := makeGate(t, theme, address, inner)
	b.base = front.URL
	b.start()
	b.shows(t, "/posts/everything-you-can-write/", "Twentieth")
	return b
}

// makeGate publishes the sample blog and a few posts more for a daemon that will listen on a port. Under the long post stand twenty
// comments, piles of likes and boosts, and a quote.
func makeGate(t *testing.T, theme, address, inner string) *blog {
	t.Helper()
	b := &blog{t: t, dir: t.TempDir(), base: address, http: http.DefaultClient}
	if err := os.CopyFS(filepath.Join(b.dir, "content"), os.DirFS("../content")); err != nil {
		t.Fatal(err)
	}
	for name, text := range gatePosts {
		b.file("content/"+name, text)
	}
	config, err := os.ReadFile("../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	b.file("config.toml", strings.NewReplacer("https://notes.example", address, "127.0.0.1:8080", "127.0.0.1:"+inner, `theme = "default"`, `theme = "`+theme+`"`).Replace(string(config))+gateAuthor)
	b.cfg, err = site.Load(filepath.Join(b.dir, "config.toml"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.addr = b.cfg.Addresses()
	b.publish()
	b.converse("everything-you-can-write")
	return b
}

// talkers say the twenty comments.
var talkers = []string{"Ada", "Björk", "Chidi", "مريم", "Emil"}

// converse puts a whole conversation under a post before the daemon starts: nested to the fifth level, warned, foreign, edited, removed, long.
func (b *blog) converse(key string) {
	b.t.Helper()
	file := filepath.Join(b.dir, "data", "postil.db")
	storetest.Make(b.t, file)
	s, err := store.Open(b.t.Context(), file)
	if err != nil {
		b.t.Fatal(err)
	}
	defer s.Close()
	post, start := b.addr.Post(key), time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC)
	var list []store.Comment
	for i := range 20 {
		at := start.Add(time.Duration(i) * 37 * time.Minute)
		c := store.Comment{ID: fmt.Sprintf("https://social.example/notes/%d", i), Kind: store.Reply, Parent: post, URL: fmt.Sprintf("https://social.example/@someone/%d", i), Published: at, State: store.Shown}
		text := "<p>I read this on the train and wrote half a post of my own by the time I got off. Thank you for that.</p>"
		switch {
		case i == 4:
			c.Warning = treeJSON(activitypub.ParseText("spoils the ending", nil))
		case i == 8:
			c.Language, text = "ar", "<p>شكرا على هذا المقال الجميل.</p>"
		case i == 9:
			text = `<p>` + strings.Repeat("There is more to be said about this, and I mean to say all of it. ", 14) + `</p><pre><code>a line of code that is much longer than any telephone is wide, so that it has to scroll</code></pre><ul><li>one</li><li>two <a href="https://elsewhere.example/a/very/long/path/that/cannot/be/broken/anywhere">a link</a></li></ul>`
		case i == 11:
			c.Updated = at.Add(time.Hour)
		case i == 13:
			c.State = store.Removed
		case i == 19:
			text = "<p>Twentieth.</p>"
		}
		if i%4 != 0 && i < 17 || i == 14 {
			c.Parent = list[i-1].ID
		}
		c.Content = treeJSON(activitypub.ParseHTML(text, nil))
		list = append(list, c)
	}
	for i := range 9 {
		kind := store.Like
		if i%3 == 0 {
			kind = store.Boost
		}
		list = append(list, store.Comment{ID: fmt.Sprintf("https://social.example/likes/%d", i), Kind: kind, Parent: post, Published: start, State: store.Shown})
	}
	err = s.Write(b.t.Context(), func(tx *store.Tx) error {
		for i, c := range list {
			by := person(talkers[i%len(talkers)])
			by.Icon = "" // a picture from elsewhere is fetched by the daemon, and nobody is there
			if i == 9 {
				by.Handle = "a.very.long.handle.indeed@a.server.with.a.long.name.example"
			}
			c.Post, c.Actor, c.Received = post, by.ID, c.Published
			if err := tx.PutActor(b.t.Context(), by); err != nil {
				return err
			}
			if err := tx.PutComment(b.t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// asset finds the name of a file of the theme in a page.
func (b *blog) asset(page, pattern string) string {
	b.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		b.t.Fatalf("the page has no %s", pattern)
	}
	return m[1]
}
