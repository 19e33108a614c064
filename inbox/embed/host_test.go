package embed

import (
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// TestAddressesThatBrowsersTake: widgets take addresses apart with new URL(), which throws for what Go's parser lets through; one person with such an
// address must not empty the list of all.
func TestAddressesThatBrowsersTake(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://social.example/@ada":     "https://social.example/@ada",
		"https://my_blog.example:8443/":   "https://my_blog.example:8443/",
		"https://bücher.example/":         "https://bücher.example/",
		"http://127.0.0.1:4440/":          "http://127.0.0.1:4440/",
		"https://[2001:db8::1]/x":         "https://[2001:db8::1]/x",
		"https://social.example./x":       "https://social.example./x",
		"https://social.example/'x":       "https://social.example/%27x",
		"https://social.example:99999/":   "",
		"https://a<b.example/":            "",
		"https://1.2.3.4.5/":              "",
		"https://256.256.256.256/":        "",
		"https://0x7f.1/":                 "",
		"https://xn--a.example/":          "",
		"https://ex!ample/":               "",
		"https:///x":                      "",
		"https://:80/":                    "",
		"https://.":                       "",
		"javascript:alert(1)//https://x/": "",
	} {
		if got := address(given); got != want {
			t.Errorf("address(%q) = %q, want %q", given, got, want)
		}
	}
	f := activitypub.Face{ID: "https://social.example/users/eve", Handle: "@eve@social.example", URL: "https://social.example:99999/@eve"}
	if got := accountOf(f).URL; got != f.ID {
		t.Errorf("an account is at %q, want its id", got)
	}
}

// TestMentionsStandApart: webmention.js shows one entry of an address; the like and the boost of one person are two, and so are two reactions.
func TestMentionsStandApart(t *testing.T) {
	t.Parallel()
	pile := activitypub.Pile{Count: 1, Faces: []activitypub.Face{{ID: "https://social.example/users/ada", URL: "https://social.example/@ada"}}}
	thread := &activitypub.Thread{URL: "https://blog.example/7", Likes: pile, Boosts: pile, Reactions: []activitypub.ReactionGroup{
		{Emoji: activitypub.ParseText("🎉", nil), Pile: pile}, {Emoji: activitypub.ParseText("🐈", nil), Pile: pile}}}
	seen := map[string]bool{}
	for _, m := range MentionsOf(thread) {
		if seen[m.URL] {
			t.Errorf("%s stands for two", m.URL)
		}
		seen[m.URL] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d entries, want 4: %v", len(seen), seen)
	}
}
