package publisher

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchPosts are as many posts in the shape of real ones: 8 KB, two code blocks, a table, notes, three of 199 tags. Where
// POSTIL_BENCH_POSTS names a folder of posts, those are taken instead.
func benchPosts(b *testing.B, n int) *blog {
	s := &blog{t: new(testing.T), dir: b.TempDir()}
	s.write("config.toml", testConfig)
	if dir := os.Getenv("POSTIL_BENCH_POSTS"); dir != "" {
		if err := os.CopyFS(filepath.Join(s.dir, "content/posts"), os.DirFS(dir)); err != nil {
			b.Fatal(err)
		}
	} else {
		for i := range n {
			s.write(fmt.Sprintf("content/posts/post-%05d.md", i), benchPost(i))
		}
	}
	s.configure()
	return s
}

func benchPost(i int) string {
	var t strings.Builder
	sentence := "The queue holds one lane a server, so *slow* peers never delay `fast` ones, and a [retry](https://example.org/retry) is cheap. "
	for s := range 5 {
		fmt.Fprintf(&t, "## Part %d of %d\n\n%s\n\n%s\n\n", s, i, strings.Repeat(sentence, 4), strings.Repeat(sentence, 3))
	}
	code := strings.Repeat("\tif err := send(ctx, \"inbox\"); err != nil {\n\t\treturn 0, fmt.Errorf(\"sending: %w\", err)\n\t}\n", 6)
	fmt.Fprintf(&t, "```go\nfunc Send(ctx context.Context) (n int, err error) {\n%s\treturn n, nil\n}\n```\n\n```python\n%s```\n\n", code, strings.Repeat("for row in rows:\n    print(f\"{row!r:>9}\")  # a comment\n", 8))
	fmt.Fprintf(&t, "| Name | Value |\n|---|---:|\n| a | %d |\n\nA note.[^1]\n\n[^1]: Here it is.\n", i)
	tags := fmt.Sprintf("tags = [\"t%d\", \"t%d\", \"t%d\"]", i%199, i*7%199, i*13%199)
	return post(fmt.Sprintf("Post number %d", i), fmt.Sprintf("20%02d-%02d-%02d", 14+i%12, 1+i%12, 1+i%28), tags, t.String())
}

// BenchmarkPublish measures whole runs: cold, with nothing changed, and with one post of the thousand edited.
func BenchmarkPublish(b *testing.B) {
	const n = 1000
	s := benchPosts(b, n)
	run := func(b *testing.B, before func(i int)) {
		for i := range b.N {
			b.StopTimer()
			before(i)
			b.StartTimer()
			if _, err := Publish(b.Context(), s.o); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "posts/s")
	}
	b.Run("cold", func(b *testing.B) {
		run(b, func(int) { s.remove("public"); s.remove(".cache") })
	})
	b.Run("unchanged", func(b *testing.B) { run(b, func(int) {}) })
	b.Run("edited", func(b *testing.B) {
		run(b, func(i int) { s.write("content/posts/post-00500.md", benchPost(500)+fmt.Sprintf("\nEdit %d.\n", i)) })
	})
}
