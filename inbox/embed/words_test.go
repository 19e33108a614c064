package embed

import (
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// TestSpoken: a tag is answered in a language that there is, with its region where that is one; a made-up one is English.
func TestSpoken(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{"": "en", "en": "en", "en-GB": "en-GB", "en_US": "en-US", "de": "de", "de_AT": "de-AT", "de-AT": "de-AT", "DE": "de", "fr-CA": "fr-CA", "xx": "en", "nl-BE": "nl-BE", "sv-FI": "en", "<script>": "en", "de-<b>": "de", "zh-Hant-TW": "zh-TW"} {
		if got := Spoken(asked); got != want {
			t.Errorf("%q is answered in %q, want %q", asked, got, want)
		}
	}
}

// TestWordsOfAThread: a language brings the texts that the thread shows and no others; English brings none.
func TestWordsOfAThread(t *testing.T) {
	t.Parallel()
	empty := &activitypub.Thread{}
	full := &activitypub.Thread{Count: 2, Pending: 2, Closed: true, Replies: []*activitypub.Comment{{Owner: true, Likes: 1, Media: []activitypub.Media{{Kind: "video"}}}, {Removed: true}}}
	if w := Words("en-GB", empty); w != nil {
		t.Errorf("English brings %v", w)
	}
	if w := Words("en", full); len(w) != 2 || w["pending.other"] == "" {
		t.Errorf("English with replies that wait brings %v, want that text alone", w)
	}
	if w := Words("en", &activitypub.Thread{Mentions: []*activitypub.Comment{{}}}); len(w) != 1 || w["mentions"] == "" {
		t.Errorf("English with mentions brings %v, want that text alone", w)
	}
	for key, c := range map[string]struct{ empty, full bool }{
		"comments": {true, true}, "failed": {true, true}, "empty": {true, false}, "closed": {false, true}, "author": {false, true}, "removed": {false, true}, "video": {false, true}, "audio": {false, false}, "likes.one": {false, true}, "boosts.one": {false, false},
		"pending.one": {false, true}, "more": {false, true}, "replies.other": {true, true},
	} {
		if got := Words("de", empty)[key] != ""; got != c.empty {
			t.Errorf("an empty thread brings %q: %v", key, got)
		}
		if got := Words("de", full)[key] != ""; got != c.full {
			t.Errorf("a full thread brings %q: %v", key, got)
		}
	}
}
