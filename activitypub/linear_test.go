//go:build unix

package activitypub

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Four times the input may make four times the work, with some room for the machine's moods; what is quadratic makes sixteen. CPU time is
// counted and not the clock's, the least of several tries, and only where it is enough to be counted well.
const (
	longer = 4
	worst  = 10
	tries  = 7
	least  = 10 * time.Millisecond
)

// cpu gives the CPU time that this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// linear fails when f's work grows faster than its input. short and long are the same input, once four times as long.
func linear(t *testing.T, short, long string, f func(s string)) {
	t.Helper()
	var small, large time.Duration
	for i := range tries {
		begun := cpu(t)
		f(short)
		between := cpu(t)
		f(long)
		end := cpu(t)
		if i == 0 {
			small, large = between-begun, end-between
		}
		small, large = min(small, between-begun), min(large, end-between)
		if large < least || large <= worst*small {
			return
		}
	}
	t.Errorf("%d bytes took %v, %d took %v: %.40q…", len(short), small, len(long), large, long)
}

// repeated writes a piece again and again until there are about n bytes; %d in it counts, so that entries can differ.
func repeated(piece, between string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n && i < 9000*n>>17; i++ {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(strings.ReplaceAll(piece, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// TestEmojiCount: what a tree may hold it may hold with its emoji, however many texts they stand in.
func TestEmojiCount(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		strings.Repeat("<b>:cat:x</b>", 240), strings.Repeat("<i>:cat: </i>", 400), strings.Repeat("x:cat::cat:<br>", 200), strings.Repeat(":cat:", 2000), strings.Repeat(":", 9000) + ":cat:",
	} {
		tree := ParseHTML(s, testEmoji)
		checkTree(t, tree)
		if !strings.Contains(tree.Text(), ":cat:") {
			t.Errorf("%.30s: the emoji's names are gone", s)
		}
	}
}

// FuzzLinearHTML: a comment's HTML costs no more than its length, however it is made.
func FuzzLinearHTML(f *testing.F) {
	for _, s := range []string{"<p>", "<b>x", "x</b>", "<a href=https://a.example/%d>", "<x>a", "<li><ul>", "<ruby><rt>", "&amp;", "<!--", "<script>", "<pre>\n", ":cat:", "<h1>", "<p a=%d ", "\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, piece string) {
		if piece == "" || len(piece) > 200 {
			return
		}
		linear(t, repeated(piece, "", 64<<10/longer), repeated(piece, "", 64<<10), func(s string) { ParseHTML(s, testEmoji) })
	})
}

// FuzzLinearRead: a document costs no more than its length, whichever member holds how many of what.
func FuzzLinearRead(f *testing.F) {
	for _, member := range []string{"inReplyTo", "to", "tag", "attachment", "object", "actor", "publicKey", "url", "type", "items", "icon", "x%d"} {
		for _, piece := range []string{`"https://a.example/%d"`, `{"url":"https://a.example/%d"}`, `{"id":"https://a.example/%d","type":"Link","href":"https://a.example/%d"}`} {
			f.Add(member, piece)
		}
	}
	f.Add("contentMap", `{"l%d":"x"}`)
	f.Fuzz(func(t *testing.T, member, piece string) {
		if piece == "" || len(piece) > 300 || len(member) > 50 {
			return
		}
		name, _ := Marshal(member)
		doc := func(n int) string {
			return fmt.Sprintf(`{"type":"Note","id":"https://a.example/1",%s:[%s]}`, name, repeated(piece, ",", n))
		}
		linear(t, doc(128<<10/longer), doc(128<<10), func(s string) { _, _ = Read([]byte(s)) })
	})
}
