package comments

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// BenchmarkPage serves a post's page with 20 replies in its slot over keep-alive connections, and the very same bytes as a file by
// http.FileServer, in turn. "of-FileServer" is the requests a second of the first by those of the second.
func BenchmarkPage(b *testing.B) {
	dir := b.TempDir()
	bl := newBlog(b, func(_ *blog, o *Options) { o.Site = os.DirFS(dir) })
	page := strings.Replace(pageOf("7", "baked"), "<p>Post</p>", "<p>"+strings.Repeat("eight bytes, or so ", 400)+"</p>", 1)
	write(b, filepath.Join(dir, "posts", "federating", "index.html"), page)
	for n := range 20 {
		bl.reply(n, bl.person(fmt.Sprint("ada", n)), "", "<p>"+strings.Repeat("words of a reply ", 10)+"</p>")
	}
	ours := httptest.NewServer(bl.handler)
	b.Cleanup(ours.Close)
	filled := answer(b, ours.Listener.Addr().String(), "/posts/federating/")
	if !strings.Contains(filled, "words of a reply") || strings.Contains(filled, "baked") {
		b.Fatalf("the slot is not filled: %s", filled)
	}
	write(b, filepath.Join(dir, "plain", "page.html"), filled)
	plain := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(dir, "plain"))))
	b.Cleanup(plain.Close)

	const burst = 500
	var with, without time.Duration
	for b.Loop() {
		with += gets(b, ours.Listener.Addr().String(), "/posts/federating/", burst)
		without += gets(b, plain.Listener.Addr().String(), "/page.html", burst)
	}
	b.ReportMetric(float64(b.N*burst)/with.Seconds(), "pages/s")
	b.ReportMetric(without.Seconds()/with.Seconds(), "of-FileServer")
}

func write(b *testing.B, file, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

func answer(b *testing.B, address, path string) string {
	b.Helper()
	resp, err := http.Get("http://" + address + path)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
	return string(body)
}

// gets asks n times for a page over one connection and gives how long that took.
func gets(b *testing.B, address, path string, n int) time.Duration {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	from, request := bufio.NewReaderSize(conn, 64<<10), "GET "+path+" HTTP/1.1\r\nHost: example.blog\r\n\r\n"
	start := time.Now()
	for range n {
		if _, err := io.WriteString(conn, request); err != nil {
			b.Fatal(err)
		}
		resp, err := http.ReadResponse(from, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp.Status, err)
		}
		resp.Body.Close()
	}
	return time.Since(start)
}

// BenchmarkThread renders a thread of 500 comments from the database, as the first reader after a change gets it: before each, somebody likes
// one of them. "of-5ms" is the 5 ms that it may take by what it takes; "cold-ms" is what the first reader after a start waits for.
func BenchmarkThread(b *testing.B) {
	bl := newBlog(b)
	bl.talk(500)
	post, err := bl.store.Article(b.Context(), postID)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if _, err := bl.c.render(b.Context(), post, "state"); err != nil {
		b.Fatal(err)
	}
	cold := time.Since(start)
	n := 0
	for b.Loop() {
		b.StopTimer()
		bl.react(store.Like, n, "https://social.example/users/fan", fmt.Sprintf("https://social.example/notes/%d", n%500), "")
		b.StartTimer()
		body, err := bl.c.render(b.Context(), post, "state")
		if err != nil || strings.Count(string(body), "<article") != 500 {
			b.Fatalf("%v: %d comments", err, strings.Count(string(body), "<article"))
		}
		n++
	}
	each := b.Elapsed() / time.Duration(n)
	b.ReportMetric(float64(5*time.Millisecond)/float64(each), "of-5ms")
	b.ReportMetric(float64(cold)/float64(time.Millisecond), "cold-ms")
}
