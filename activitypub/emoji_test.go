package activitypub

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestShortcodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hi :blobcat: and :a_1:, :blobcat:!": "blobcat a_1", ":ab::cd:": "", "12:30:45": "", "x:ab:": "", ":ab:x": "", "é:ab:": "", ":a:": "", ":a-b:": "",
		"(:ab:)": "ab", "<p>:ab:</p>": "ab", ":ab: :cd:": "ab cd", "https://a.example:80:ab:": "", "": "", ":": "", "&amp;:ab:": "ab",
	} {
		if got := strings.Join(Shortcodes(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestContextOf: who has no emoji has the same @context as ever, so that no document changes by itself.
func TestContextOf(t *testing.T) {
	t.Parallel()
	emoji := []Tag{EmojiTag("https://a.example/ap/emoji/x", "xx", "https://a.example/xx.png", "image/png", time.Time{})}
	for _, c := range []struct{ plain, with []any }{{ObjectContext, ContextOf(emoji)}, {ActorContext, ActorContextOf(emoji)}} {
		before, _ := json.Marshal(c.plain)
		with, _ := json.Marshal(c.with)
		if strings.Contains(string(before), "toot:Emoji") || !strings.Contains(string(with), `"Emoji":"toot:Emoji"`) || len(with) != len(before)+len(`,"Emoji":"toot:Emoji"`) {
			t.Errorf("with an emoji %s\nwithout %s", with, before)
		}
	}
	if got, _ := json.Marshal(ContextOf([]Tag{{Type: "Hashtag"}})); strings.Contains(string(got), "Emoji") {
		t.Error("another @context without emoji")
	}
}
