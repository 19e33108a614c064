package search

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello, World 2026":       "hello|world|2026",
		"Ärger über Größe, Œuvre": "arger|uber|grosse|oeuvre",
		"ΣΊΣΥΦΟΣ":                 "σισυφοσ",
		"Ёлка":                    "елка",
		"日本語で書く":                  "日本|本語|語で|で書|書く",
		"字":                       "字",
		"Go言語":                    "go|言語",
		"한국어 블로그":                 "한국어|블로그",
		"สวัสดี":                  "สว|วั|ัส|สด|ดี",
		"don't stop-words":        "don|t|stop|words",
		"हिन्दी में":              "हिन्दी|में",
		"C++ & <b>":               "c|b",
		"":                        "",
	} {
		if got := strings.Join(slices.Collect(Tokens(text)), "|"); got != want {
			t.Errorf("Tokens(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	got := strings.Join(strings.Fields(Text(`<h2 id="a">One</h2><p>two &amp; <b>three</b><!-- no > no --><script>alert("secret")</script>four<style>p{}</style></p>`)), " ")
	if got != "One two & three four" {
		t.Errorf("Text = %q", got)
	}
}

// site is an index of some posts, in memory.
func site(docs ...Doc) (fs.FS, Layout) {
	m := fstest.MapFS{}
	for name, data := range Build(docs) {
		m["search/"+name] = &fstest.MapFile{Data: data}
	}
	return m, LayoutOf(len(docs))
}

func doc(key, title, text string, tags ...string) Doc {
	return Doc{Key: key, Title: title, URL: "/" + key + "/", Date: "2026-10-28", Terms: Weigh(title, tags, "", text)}
}

func titles(t *testing.T, dir fs.FS, l Layout, query string) string {
	t.Helper()
	found, total, err := Find(dir, "search", l, query, 10)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, d := range found {
		list = append(list, d.Title)
	}
	return fmt.Sprint(total, " ", strings.Join(list, ", "))
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir, l := site(
		doc("a", "The harbour", "Boats and fog. The fediverse came later."),
		doc("b", "Fog over the valley", "It was fog all day, and nothing else."),
		doc("c", "Café", "Über den Kaffee.", "fog"),
		doc("d", "日本語", "東京で書く"),
		doc("e", "Federation", "Servers that speak."),
	)
	for query, want := range map[string]string{
		"fog":                      "3 Fog over the valley, Café, The harbour", // title, then tag, then text
		"FOG boats":                "1 The harbour",
		"fed":                      "2 Federation, The harbour", // as one types
		"cafe":                     "1 Café",
		"kaffee über":              "1 Café",
		"東京":                       "1 日本語",
		"日":                        "1 日本語",
		"nosuch":                   "0 ",
		"fog nosuch":               "0 ",
		"":                         "0 ",
		"!?":                       "0 ",
		strings.Repeat("fog ", 99): "3 Fog over the valley, Café, The harbour",
	} {
		if got := titles(t, dir, l, query); got != want {
			t.Errorf("%.20q finds %s, want %s", query, got, want)
		}
	}
}

// A word that half of the posts have tells nothing, and does not keep the others from being found.
func TestCommonWords(t *testing.T) {
	t.Parallel()
	var docs []Doc
	for i := range 100 {
		docs = append(docs, doc(fmt.Sprint(i), fmt.Sprintf("Post%d", i), "the same words"))
	}
	dir, l := site(docs...)
	if got := titles(t, dir, l, "the post42"); got != "1 Post42" {
		t.Errorf("found %s", got)
	}
	if got := titles(t, dir, l, "the"); got != "0 " {
		t.Errorf("found %s", got)
	}
}

// An edit changes the files of its words and no other; the order of the documents changes none.
func TestEditTouchesItsFilesAlone(t *testing.T) {
	t.Parallel()
	var docs []Doc
	for i := range 80 {
		docs = append(docs, doc(fmt.Sprint(i), fmt.Sprintf("Title %d", i), strings.Repeat(fmt.Sprintf("word%c%c text%d ", 'a'+i%26, 'b'+i%20, i), 3)))
	}
	before := Build(docs)
	slices.Reverse(docs)
	if diff := cmp.Diff(before, Build(docs)); diff != "" {
		t.Error("the order of the posts changes the index")
	}
	docs[5].Terms = Weigh(docs[5].Title, nil, "", "zebra "+strings.Repeat("wordac text99 ", 3))
	changed := 0
	for name, data := range Build(docs) {
		if string(data) != string(before[name]) {
			changed++
		}
	}
	if changed == 0 || changed > 6 {
		t.Errorf("an edit of three words changed %d of %d files", changed, len(before))
	}
	// One more post keeps the names of the others.
	more := Build(append(docs, doc("new", "New", "quagga")))
	same := 0
	for name, data := range more {
		if string(data) == string(before[name]) {
			same++
		}
	}
	if same < len(before)/2 {
		t.Errorf("one more post changed %d of %d files", len(before)-same, len(before))
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	terms := Weigh("A title", []string{"tag"}, "sum", "some text with some words")
	if diff := cmp.Diff(terms, Decode(terms.Encode())); diff != "" {
		t.Error(diff)
	}
	for _, broken := range []string{"", " ", "x", "1 ", "9abc"} {
		_ = Decode(broken)
	}
}

func TestBrokenIndex(t *testing.T) {
	t.Parallel()
	dir, l := site(doc("a", "Fog", "fog"))
	if _, _, err := Find(fstest.MapFS{}, "search", l, "fog", 3); err == nil {
		t.Error("no error without an index")
	}
	m := dir.(fstest.MapFS)
	m["search/d0.json"] = &fstest.MapFile{Data: []byte("{}")}
	if _, _, err := Find(m, "search", l, "fog", 3); err == nil {
		t.Error("no error where the document is missing")
	}
}

// A text that is read chunk by chunk has the words that it has as a whole.
func TestChunks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 9))
	parts := strings.Fields("a Word don't “ ” … ’ – é E\u0301 \u0301 =\u0338 < . ß Σ 日本 語 สวั 한국 x1 \u0938\u094d - #a \u00a0 İ ǅ \u2011 ½ ﬁ")
	for range 3000 {
		text := ""
		for range r.IntN(8) {
			text += parts[r.IntN(len(parts))] + strings.Repeat(" ", r.IntN(2))
		}
		var whole []string
		folded(text, func(word string) bool { whole = append(whole, word); return true })
		if got := slices.Collect(Tokens(text)); !slices.Equal(got, whole) {
			t.Fatalf("%q has the words %q, as a whole %q", text, got, whole)
		}
	}
}

// Files that are mended after changes are those of a new index; what cannot be mended says so.
func TestMend(t *testing.T) {
	t.Parallel()
	mended := 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 5))
		docs := map[string]Terms{}
		for i := range 36 + 4*int(seed) {
			docs[fmt.Sprint("key", i)] = randomTerms(r)
		}
		before, files := indexOf(docs)
		for step := range 40 {
			keys := slices.Collect(maps.Keys(docs))
			changes := randomChanges(r, docs, step)
			after, want := indexOf(docs)
			x := New(docsOf(docs))
			if x.From(keys) && x.Recount(before, changes) {
				if got, ok := mendAll(x, files, changes); ok {
					mended++
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("seed %d, step %d (-anew +mended): %s", seed, step, diff)
					}
					if x.Widest < after.Widest || !maps.Equal(x.Common, after.Common) {
						t.Fatalf("seed %d, step %d: state %+v, want %+v", seed, step, x.State, after)
					}
				}
			}
			before, files = after, want
		}
	}
	if mended < 100 {
		t.Errorf("%d of 320 indexes could be mended", mended)
	}
}

func docsOf(docs map[string]Terms) (list []Doc) {
	for key := range docs {
		list = append(list, Doc{Key: key})
	}
	return list
}

// indexOf gives the state and the files of words.
func indexOf(docs map[string]Terms) (State, []string) {
	x := New(docsOf(docs))
	_ = x.Fill(func(d Doc) (Terms, error) { return docs[d.Key], nil })
	var files []string
	for i := range x.layout.Shards {
		files = append(files, string(x.Words(i)))
	}
	return x.State, files
}

func mendAll(x *Index, files []string, changes []Change) ([]string, bool) {
	files = slices.Clone(files)
	for n := range x.Touched(changes) {
		file := x.Mend(n, []byte(files[n]), changes)
		if file == nil {
			return nil, false
		}
		files[n] = string(file)
	}
	return files, true
}

// randomChanges changes, adds and removes documents.
func randomChanges(r *rand.Rand, docs map[string]Terms, step int) (changes []Change) {
	for i := range 1 + r.IntN(3) {
		keys := slices.Sorted(maps.Keys(docs))
		c := Change{Key: keys[r.IntN(len(keys))]}
		if r.IntN(4) == 0 {
			c.Key = fmt.Sprintf("new%d.%d", step, i)
		}
		if slices.ContainsFunc(changes, func(other Change) bool { return other.Key == c.Key }) {
			continue
		}
		c.Before = docs[c.Key]
		if c.Before != nil && r.IntN(3) == 0 {
			delete(docs, c.Key)
		} else {
			c.After = randomTerms(r)
			docs[c.Key] = c.After
		}
		changes = append(changes, c)
	}
	return changes
}

func randomTerms(r *rand.Rand) Terms {
	var text []string
	for range 5 + r.IntN(20) {
		text = append(text, fmt.Sprintf("w%c%c", 'a'+rune(r.IntN(26)), 'a'+rune(r.IntN(2))))
	}
	if r.IntN(20) < 9 {
		text = append(text, "nearly")
	}
	return Weigh("", nil, "", strings.Join(text, " ")+" all")
}
