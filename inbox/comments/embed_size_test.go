package comments

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/templates"
)

// wordlist is what people write here: no two comments are the same, so nothing is small because it repeats.
var wordlist = strings.Fields(`tide water causeway walk hour moon sand boat rope light harbour wind rain map clock stone path island bridge north south morning evening
	bird gull seal fish net salt wave storm cloud fog coast cliff shore beach pool rock shell weed mud flat deep shallow current swell spring neap table chart
	reading writing garden letter window kitchen river mountain forest meadow winter summer autumn thunder candle paper pencil engine station ticket journey
	because although while before after never always perhaps rather quite really simply almost already together without between against toward during
	remember forget notice wonder believe suggest prefer expect enjoy consider measure compare describe explain discover follow answer borrow return carry`)

// talk is one comment of some thirty words, with a link, as people write them.
func talk(r *rand.Rand, n int) string {
	var b strings.Builder
	for range 20 + r.IntN(25) {
		b.WriteString(wordlist[r.IntN(len(wordlist))] + " ")
	}
	return fmt.Sprintf(`<p><span class="h-card"><a href="https://blog.example/@notes" class="u-url mention">@<span>notes</span></a></span> %s<a href="https://elsewhere%d.example/%s">%[3]s</a></p>`, &b, n, wordlist[r.IntN(len(wordlist))])
}

// TestSizeThread: 100 comments of 60 people on 20 servers are at most 30 KB as HTML, and 0.4 KB each as JSON, compressed; another language adds
// at most 0.6 KB.
func TestSizeThread(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 100 {
		user, host := wordlist[n%60]+fmt.Sprint(n%60), fmt.Sprintf("%s.example", wordlist[90+n%20])
		id := fmt.Sprintf("https://%s/users/%s", host, user)
		b.actor(store.Actor{ID: id, Type: "Person", Handle: user + "@" + host, Name: stored(t, activitypub.ParseText(strings.ToUpper(user[:1])+user[1:], nil)), URL: fmt.Sprintf("https://%s/@%s", host, user), Icon: "https://" + host + "/" + user + ".png", Inbox: id + "/inbox", Indexable: true, Fetched: noon})
		parent := ""
		if n%3 > 0 {
			parent = fmt.Sprintf("https://%s.example/users/%s/statuses/%d", wordlist[90+(n-1)%20], wordlist[(n-1)%60]+fmt.Sprint((n-1)%60), 115_000_000_000_000_000+(n-1)*7919)
		}
		b.reply(n, id, parent, talk(r, n), func(c *store.Comment) {
			c.ID = fmt.Sprintf("%s/statuses/%d", id, 115_000_000_000_000_000+n*7919)
			c.URL = fmt.Sprintf("https://%s/@%s/%d", host, user, 115_000_000_000_000_000+n*7919)
		})
	}
	json := b.get("/api/v1/thread?post=" + url.QueryEscape(postID)).Body.Bytes()
	for _, c := range []struct {
		what   string
		data   []byte
		budget int
	}{{"100 comments as HTML", b.get("/comments/7").Body.Bytes(), 30 << 10}, {"100 comments as JSON", json, 100 * 400}} {
		n := zipped(t, c.data)
		t.Logf("size: %s %d bytes, %d compressed, of %d", c.what, len(c.data), n, c.budget)
		if n > c.budget || n < 4000 {
			t.Errorf("%s are %d bytes compressed, the budget is %d", c.what, n, c.budget)
		}
	}
	for _, lang := range templates.Languages() {
		n := zipped(t, b.get("/api/v1/thread?lang="+lang+"&post="+url.QueryEscape(postID)).Body.Bytes()) - zipped(t, json)
		t.Logf("size: %s adds %d bytes compressed, of 600", lang, n)
		if n > 600 || lang != "en" && n < 50 {
			t.Errorf("%s adds %d bytes compressed, its budget is 600", lang, n)
		}
	}
}

func zipped(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
