package related

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postil-blog/postil/search"
)

func post(lang, text string, tags ...string) Post {
	return Post{Lang: lang, Tags: tags, Words: search.Weigh("", nil, "", text)}
}

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
	all := func(i, j int) bool { return false }
	best := Best(posts, 3, all)
	for i, want := range map[int]string{0: "[1 5]", 2: "[3]", 3: "[2]", 4: "[]", 6: "[]"} {
		if got := fmt.Sprint(best[i]); got != want && !(i == 0 && got == "[5 1]") {
			t.Errorf("best of %d = %s, want %s", i, got, want)
		}
	}
	posts[2].None = true
	best = Best(posts, 3, func(i, j int) bool { return i == 0 && j == 1 })
	if len(best[2]) != 0 || fmt.Sprint(best[3]) != "[2]" || fmt.Sprint(best[0]) != "[5]" {
		t.Errorf("None or skip is not kept: %v", best)
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
	best := Best(posts, 3, func(i, j int) bool { return false })
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
