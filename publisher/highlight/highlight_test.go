package highlight

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// shown is a class as themes see it: plain text and blanks have none.
func shown(t chroma.TokenType) string {
	switch t {
	case chroma.Text, chroma.TextWhitespace, chroma.Name:
		return ""
	}
	return chroma.StandardTypes[t]
}

// perByte has the class of every byte.
func perByte(tokens []chroma.Token) (classes []string, text string) {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.Value)
		for range len(t.Value) {
			classes = append(classes, shown(t.Type))
		}
	}
	return classes, b.String()
}

func reference(t testing.TB, language, text string) []chroma.Token {
	t.Helper()
	next, err := chroma.Coalesce(lexers.Get(language)).Tokenise(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	return next.Tokens()
}

// corpus is what one author may write in a language.
func corpus(t testing.TB, language string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + language + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + generated(language)
}

// generated is code like that of the benchmarks' posts.
func generated(language string) string {
	var b strings.Builder
	for i := range 20 {
		switch language {
		case "go":
			fmt.Fprintf(&b, "func (q *Queue%d) Push(ctx context.Context, rows []string) (n int, err error) {\n\tfor i, s := range rows {\n\t\tif len(s) > %d && s != \"a word\" {\n\t\t\tn += i * %d\n\t\t}\n\t}\n\treturn n, nil\n}\n\n", i, i*7, i)
		case "python":
			fmt.Fprintf(&b, "def push%d(rows, limit=%d):\n    \"\"\"Pushes rows.\"\"\"\n    out = []\n    for i, row in enumerate(rows):\n        out.append({'at': i, \"row\": f\"{row!r:>%d}\"})\n    return sorted(out, key=lambda r: -r['at'])\n\n\n", i, i*9, i)
		case "shell":
			fmt.Fprintf(&b, "push%d() {\n  local n=$(( %d * 2 ))\n  for f in ./rows/*.txt; do\n    echo \"$f: $(wc -l < \"$f\")\" >> rows.log\n  done\n  grep -E '^row[0-9]+' \"$1\" | head -n \"$n\"\n}\n", i, i)
		}
	}
	return b.String()
}

// corpora are the languages that have a text in testdata.
func corpora(t testing.TB) (languages []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 3 {
		t.Fatal("no corpus", err)
	}
	for _, f := range files {
		languages = append(languages, strings.TrimSuffix(filepath.Base(f), ".txt"))
	}
	return languages
}

func TestLikeChroma(t *testing.T) {
	t.Parallel()
	for _, language := range corpora(t) {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			likeChroma(t, language, corpus(t, language))
		})
	}
}

// likeChroma wants the class that chroma gives for nearly all bytes that are no blanks.
func likeChroma(t *testing.T, language, text string) {
	t.Helper()
	tokens, ok := Tokens(language, text)
	if !ok {
		t.Fatalf("gave up before %q", gaveUp(language, text))
	}
	have, got := perByte(tokens)
	want, _ := perByte(reference(t, language, text))
	if got != text || len(want) != len(have) {
		t.Fatal("bytes lost")
	}
	same, all := 0, 0
	for i := range have {
		if strings.IndexByte(" \t\n", text[i]) >= 0 {
			continue
		}
		all++
		if have[i] == want[i] {
			same++
		} else if i == 0 || have[i-1] == want[i-1] {
			line := strings.Count(text[:i], "\n") + 1
			t.Logf("%d: %q is %q, chroma: %q", line, text[i:min(i+20, len(text))], have[i], want[i])
		}
	}
	t.Logf("%s: %d of %d bytes agree (%.2f %%)", language, same, all, 100*float64(same)/float64(all))
	if same*100 < all*95 {
		t.Error("too few agree")
	}
}

// gaveUp is what stands where a lexer gives up.
func gaveUp(language, text string) string {
	s := &scanner{text: text}
	s.lexAll(known[language])
	return text[s.pos:min(s.pos+40, len(text))]
}

func TestGivesUp(t *testing.T) {
	for _, c := range []struct{ language, text string }{
		{"haskell", "main = print 1"}, {"", "x"}, {"go", "a\x00b"}, {"go", "a\r\nb"}, {"go", "a\xffb"}, {"go", `x := "open`},
		{"go", "/* open"}, {"go", "`{{.Name}}`"}, {"go", "größe := 1"}, {"go", "0'"}, {"python", `x = "open`}, {"python", `f"{a`},
		{"python", "'a\nb'"}, {"python", strings.Repeat(`f"{`, 100)}, {"sh", `echo "open`}, {"sh", "echo $(ls"},
		{"sh", "cat <<EOF\nno end"}, {"sh", "echo é"},
		{"html", "&" + strings.Repeat("a", 2*longestEntity) + ";"}, {"html", "<script>'"}, {"html", "<!open"},
		{"php", `"$a[` + strings.Repeat("a", 2*longestIndex) + `]"`}, {"php", `"{$a"`}, {"php", "<<<A\nno end\n"}, {"php", "a ?> b"},
		{"c++", strings.Repeat("a b() {", 3*maxFunctions)}, {"c++", `R"x(open`}, {"c", "/* open"}, {"rust", `r#"open`}, {"css", "a { b: url(c"},
		{"js", "a = /open"}, {"js", "'a' + 'b\\'"}, {"js", "größe"}, {"js", "<!-- a"}, {"docker", "RUN echo \"open"}, {"java", "\"\"\"\nopen"},
	} {
		if _, ok := Tokens(c.language, c.text); ok {
			t.Errorf("%s: %q did not give up", c.language, c.text)
		}
	}
}

// TestEmbedded wants that a language within another ends with its part, whatever it left open.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, text, value string }{
		{"html", "<script>a = 'b</script><p title='c'>d</p>", "p"}, {"html", "<style>a { b: \"c</style><p title=\"d\">e</p>", "p"},
	} {
		tokens, ok := Tokens(c.language, c.text)
		if !ok || !slices.Contains(tokens, chroma.Token{Type: chroma.NameTag, Value: c.value}) {
			t.Errorf("%s is %v", c.text, tokens)
		}
	}
}

func FuzzTokens(f *testing.F) {
	languages := corpora(f)
	at := func(language string) byte { return byte(slices.Index(languages, language)) }
	for i, language := range languages {
		parts := strings.Split(corpus(f, language), "\n\n")
		for _, part := range parts[:min(len(parts), 8)] {
			f.Add(byte(i), part)
		}
	}
	f.Add(at("python"), `f"{x:{y}}" '{a["b"]}' %(`)
	f.Add(at("shell"), "echo ${a:-`b`} $((1#2)) <<<x \\")
	f.Fuzz(func(t *testing.T, which byte, text string) {
		language := languages[int(which)%len(languages)]
		tokens, ok := Tokens(language, text)
		if !ok {
			return
		}
		if _, got := perByte(tokens); got != text {
			t.Errorf("%q became %q", text, got)
		}
		for _, token := range tokens {
			if token.Value == "" {
				t.Errorf("an empty token in %q", text)
			}
		}
	})
}
