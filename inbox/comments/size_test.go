package comments

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// talk puts n comments of usual length by as many people, each third one an answer.
func (b *blog) talk(n int) {
	words := strings.Fields("tides moon harbour lantern signal server follower timeline boost folder page write quiet morning gull rope anchor salt paper ink letter friend answer question reason window market bridge river stone summer winter")
	r := rand.New(rand.NewPCG(1, 2))
	parent := ""
	for i := range n {
		var text strings.Builder
		for range 25 {
			text.WriteString(words[r.IntN(len(words))] + fmt.Sprint(r.IntN(10)) + " ")
		}
		if i%3 == 0 {
			parent = ""
		}
		parent = b.reply(i, b.person(fmt.Sprintf("%s%d", words[r.IntN(len(words))], i)), parent, "<p>"+text.String()+"</p>")
	}
}

func (b *blog) gzipped() int {
	b.t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.Copy(w, b.get("/comments/7").Body); err != nil {
		b.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return out.Len()
}

// TestThreadIsLight: 100 comments weigh at most 30 KB in gzip, and each further one half a KB.
func TestThreadIsLight(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	empty := b.gzipped()
	b.talk(100)
	full := b.gzipped()
	t.Logf("%d bytes in gzip with 100 comments, %d each", full, (full-empty)/100)
	if full > 30<<10 {
		t.Errorf("100 comments are %d bytes in gzip, the limit is 30 KB", full)
	}
	if each := (full - empty) / 100; each > 512 {
		t.Errorf("a comment is %d bytes in gzip, the limit is 512", each)
	}
}
