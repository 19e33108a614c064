package related

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/search"
)

func post(lang, text string, tags ...string) Post {
	return Post{Lang: lang, Tags: tags, Words: Words(search.Weigh("", nil, "", text))}
}

// everything asks for each post.
func everything(posts []Post) []bool { return slices.Repeat([]bool{true}, len(posts)) }

func TestBest(t *testing.T) {
	t.Parallel()
	posts := []Post{
		0: post("en", "The fog came over the harbour and the boats stayed in the harbour.", "sea"),
		1: post("en", "Boats in fog: how the harbour works when nobody sees.", "work"),
		2: post("en", "A compiler reads tokens and writes machine code.", "go"),
		3: post("en", "Parsing: tokens, trees and the code that a compiler writes.", "code"),
		4: post("de", "Boats harbour fog tokens compiler", "sea"),
		5: post("en", "Nothing to do with anything here at all.", "sea"),
		6: post("en", "Nobody reads this."),
	}
	best := Best(posts, 3, everything(posts))
	for i, want := range map[int]string{0: "[1 5]", 2: "[3]", 3: "[2]", 4: "[]", 6: "[]"} {
		if got := fmt.Sprint(best[i]); got != want && !(i == 0 && got == "[5 1]") {
			t.Errorf("best of %d = %s, want %s", i, got, want)
		}
	}
}

// The rarer tag says more; of equals the newest, which stands first, wins; there are never more than asked for.
func TestTags(t *testing.T) {
	t.Parallel()
	var posts []Post
	for i := range 20 {
		posts = append(posts, post("en", strings.Repeat(fmt.Sprintf("own%d ", i), 3), "common"))
	}
	posts[3].Tags, posts[17].Tags = []string{"common", "rare"}, []string{"common", "rare"}
	best := Best(posts, 3, everything(posts))
	if got := fmt.Sprint(best[3]); got != "[17 0 1]" {
		t.Errorf("best = %s", got)
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	if got := Best(nil, 3, nil); len(got) != 0 {
		t.Errorf("best of none: %v", got)
	}
}

// Short words that every text repeats do not push out those that tell what it is about.
func TestWords(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("the and with for not but was are you his her its our out all can had has him how man new now old see two way who boy did get let put say she too use ", 6)
	with, without := Words(search.Weigh("", nil, "", text+"harbour harbour harbour lighthouse lighthouse")), Words(search.Weigh("", nil, "", text))
	if with[:8] == without[:8] || len(with) > 4*most {
		t.Errorf("the longest words are not the first: %x", with[:8])
	}
}

// After any change the stale ones alone answer otherwise: the others' answers stay, named by what they name.
func TestStaleNamesAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		var posts []Post
		var names []string
		count := 40
		if seed == 0 {
			count = crowd + 10 // one word is in about as many as may have it
		}
		for i := range count {
			posts, names = append(posts, randomPost(r)), append(names, fmt.Sprint(i))
		}
		before := named(names, Best(posts, 3, everything(posts)))
		for step := range 20 {
			count, changes := len(posts), []Change(nil)
			posts, names, changes = edit(r, posts, names, fmt.Sprintf("%d.", step))
			stale := Stale(posts, count, changes)
			now := named(names, Best(posts, 3, stale))
			for i, name := range names {
				if !stale[i] && before[name] != "" {
					now[name] = before[name]
				}
			}
			want := named(names, Best(posts, 3, everything(posts)))
			if diff := cmp.Diff(want, now); diff != "" {
				t.Fatalf("seed %d, step %d (-all anew +the stale ones): %s", seed, step, diff)
			}
			before = now
		}
	}
}

func randomPost(r *rand.Rand) Post {
	var text strings.Builder
	for range 5 + r.IntN(10) {
		fmt.Fprintf(&text, "word%c%c ", 'a'+rune(r.IntN(26)), 'a'+rune(r.IntN(3)))
	}
	if r.IntN(30) > 0 {
		text.WriteString("crowded")
	}
	p := post([]string{"en", "en", "de"}[r.IntN(3)], text.String())
	for i := range 6 {
		if r.IntN(5) == 0 {
			p.Tags = append(p.Tags, fmt.Sprint("t", i))
		}
	}
	return p
}

// edit changes, adds, removes or moves a post.
func edit(r *rand.Rand, posts []Post, names []string, name string) ([]Post, []string, []Change) {
	posts, names = slices.Clone(posts), slices.Clone(names)
	i, p := r.IntN(len(posts)), randomPost(r)
	switch r.IntN(5) {
	case 0:
		return slices.Insert(posts, i, p), slices.Insert(names, i, name), []Change{{After: p, Moved: true, At: i}}
	case 1:
		c := Change{Before: posts[i], Moved: true, At: -1}
		return slices.Delete(posts, i, i+1), slices.Delete(names, i, i+1), []Change{c}
	case 2:
		p, name = posts[i], names[i]
		posts, names = slices.Delete(posts, i, i+1), slices.Delete(names, i, i+1)
		to := r.IntN(len(posts))
		return slices.Insert(posts, to, p), slices.Insert(names, to, name), []Change{{Before: p, After: p, Moved: true, At: to}}
	}
	if r.IntN(2) == 0 {
		p = posts[i]
		p.Tags = p.Tags[:len(p.Tags)/2]
	}
	c := Change{Before: posts[i], After: p, At: i}
	posts[i] = p
	return posts, names, []Change{c}
}

func named(names []string, best [][]int) map[string]string {
	m := map[string]string{}
	for i, list := range best {
		for _, j := range list {
			m[names[i]] += names[j] + " "
		}
	}
	return m
}
