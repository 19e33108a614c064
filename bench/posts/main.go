// Command posts writes blog posts for measuring: of some 8 KB and 1,100 words each, with headings, lists, a table, notes, links, two or three
// blocks of code, and three of 199 tags. A number and a seed give the same post, so the first thousand of ten thousand are the same.
//
//	go run ./bench/posts -n 1000 -out DIR
//
// The front matter is TOML; with -yaml it is what Eleventy reads.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	n := flag.Int("n", 1000, "how many posts")
	seed := flag.Uint64("seed", 1, "where chance begins")
	out := flag.String("out", "", "folder that they are written to")
	yaml := flag.Bool("yaml", false, "front matter in YAML")
	flag.Parse()
	if err := os.MkdirAll(*out, 0o755); err != nil {
		log.Fatal(err)
	}
	for i := range *n {
		w := newWriter(*seed, uint64(i))
		name := filepath.Join(*out, fmt.Sprintf("%05d-%s.md", i, strings.Join(w.pick(2), "-")))
		if err := os.WriteFile(name, []byte(w.head(i, *yaml)+w.body()), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// tags is how many there are.
const tags = 199

type writer struct {
	r     *rand.Rand
	often *rand.Zipf // few words are most of a text
	notes []string
}

func newWriter(seed, post uint64) *writer {
	r := rand.New(rand.NewPCG(seed, post))
	return &writer{r: r, often: rand.NewZipf(r, 1.1, 8, uint64(len(vocabulary)-1))}
}

// vocabulary is made of syllables: as many words, and as long, as blogs have.
var vocabulary = func() (list []string) {
	r := rand.New(rand.NewPCG(7, 7))
	syllables := strings.Fields("a be co de er fi ga ho in ka lo me na or pe ra se ti un ve wa ing est tion ment al")
	for range 6000 {
		word := ""
		for range 1 + r.IntN(4) {
			word += syllables[r.IntN(len(syllables))]
		}
		list = append(list, word)
	}
	return list
}()

func (w *writer) word() string { return vocabulary[w.often.Uint64()] }

func (w *writer) pick(n int) (list []string) {
	for range n {
		list = append(list, vocabulary[w.r.IntN(len(vocabulary))])
	}
	return list
}

func (w *writer) phrase(n int) string {
	var list []string
	for range n {
		list = append(list, w.word())
	}
	return strings.Join(list, " ")
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (w *writer) head(i int, yaml bool) string {
	date := time.Date(2014, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 10 * time.Hour).Format(time.RFC3339)
	var names []string
	for _, t := range w.r.Perm(tags)[:3] {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("tag %d", t)))
	}
	format := "+++\ntitle = %q\ndate = %s\ntags = [%s]\ndescription = %q\n+++\n\n"
	if yaml {
		format = "---\ntitle: %q\ndate: %s\ntags: [%s]\ndescription: %q\n---\n\n"
	}
	return fmt.Sprintf(format, capital(w.phrase(4+w.r.IntN(5))), date, strings.Join(names, ", "), capital(w.phrase(14)))
}

// sentence has six to twenty-two words, some of them marked.
func (w *writer) sentence() string {
	list := strings.Fields(capital(w.phrase(6 + w.r.IntN(17))))
	for i := 1; i < len(list); i++ {
		switch w.r.IntN(50) {
		case 0:
			list[i] = "*" + list[i] + "*"
		case 1:
			list[i] = "**" + list[i] + "**"
		case 2:
			list[i] = "`" + list[i] + "()`"
		case 3:
			list[i] = "[" + list[i] + "](https://example.org/" + list[i] + ")"
		case 4, 5:
			list[i] += ","
		case 6:
			list[i] = `"` + list[i] + `"`
		}
	}
	return strings.Join(list, " ") + "."
}

func (w *writer) paragraph() string {
	var list []string
	for range 3 + w.r.IntN(4) {
		list = append(list, w.sentence())
	}
	return strings.Join(list, " ") + "\n\n"
}

func (w *writer) body() string {
	blocks := []func() string{w.list, w.table, w.quote, w.note, w.note, w.code, w.code}
	if w.r.IntN(2) == 0 {
		blocks = append(blocks, w.code)
	}
	w.r.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	var b strings.Builder
	b.WriteString(w.paragraph())
	for i, block := range blocks {
		if i%2 == 0 {
			fmt.Fprintf(&b, "## %s\n\n", capital(w.phrase(3)))
		}
		b.WriteString(w.paragraph() + w.paragraph() + block())
	}
	return b.String() + strings.Join(w.notes, "\n") + "\n"
}

func (w *writer) list() string {
	var b strings.Builder
	for range 3 + w.r.IntN(4) {
		b.WriteString("- " + capital(w.phrase(8)) + "\n")
	}
	return b.String() + "\n"
}

func (w *writer) table() string {
	b := "| Name | Value | Note |\n|------|------:|------|\n"
	for range 4 + w.r.IntN(4) {
		b += fmt.Sprintf("| %s | %d | %s |\n", w.word(), w.r.IntN(1000), w.phrase(4))
	}
	return b + "\n"
}

func (w *writer) quote() string { return "> " + w.sentence() + "\n> " + w.sentence() + "\n\n" }

func (w *writer) note() string {
	n := len(w.notes) + 1
	w.notes = append(w.notes, fmt.Sprintf("[^%d]: %s", n, w.sentence()))
	return fmt.Sprintf("%s[^%d]\n\n", w.sentence(), n)
}

// code is Go, Python or shell.
func (w *writer) code() string {
	a, b, c := w.word(), w.word(), w.word()
	switch w.r.IntN(3) {
	case 0:
		return fmt.Sprintf("```go\n// %s %s\nfunc %s(ctx context.Context, list []string) (n int, err error) {\n\tfor i, s := range list {\n\t\tif len(s) > %d {\n\t\t\tn += i\n\t\t}\n\t}\n"+
			"\tif err := send(ctx, %q); err != nil {\n\t\treturn 0, fmt.Errorf(\"%s: %%w\", err)\n\t}\n\treturn n, nil\n}\n```\n\n", capital(a), w.phrase(6), capital(a), w.r.IntN(100), b, c)
	case 1:
		return fmt.Sprintf("```python\ndef %s(rows, limit=%d):\n    \"\"\"%s.\"\"\"\n    out = []\n    for i, row in enumerate(rows):\n        if row.get('%s') is None and i < limit:\n            continue  # %s\n"+
			"        out.append({'%s': i, \"n\": f\"{row!r:>9}\"})\n    return out\n```\n\n", a, w.r.IntN(1000), w.phrase(7), b, w.phrase(4), c)
	}
	return fmt.Sprintf("```bash\n#!/usr/bin/env bash\nset -euo pipefail\nfor f in ./%s/*.txt; do\n  echo \"$f: $(wc -l <\"$f\")\" >>%s.log  # %s\ndone\nif [[ -z \"$1\" ]]; then\n  printf '%%s\\n' '%s' >&2\n  exit %d\nfi\n```\n\n", a, b, w.phrase(4), c, 1+w.r.IntN(9))
}
