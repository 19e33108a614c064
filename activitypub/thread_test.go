package activitypub

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFace(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, handle, want string }{
		{"ada", "@x@a.example", "A"},
		{" :cat: «Ädi»", "@x@a.example", "Ä"},
		{":cat:", "@7x@a.example", "7"},
		{"…", "", "H"}, // of the id
		{"漢字", "", "漢"},
	}
	for _, tt := range tests {
		f := Face{ID: "https://a.example/x", Name: ParseText(tt.name, testEmoji), Handle: tt.handle}
		if got := f.Initial(); got != tt.want {
			t.Errorf("Initial of %q %q = %q, want %q", tt.name, tt.handle, got, tt.want)
		}
	}
	if got := (Face{}).Initial(); got != "?" {
		t.Errorf("Initial of nobody = %q, want ?", got)
	}
	hues := map[int]bool{}
	for _, id := range []string{"https://a.example/a", "https://a.example/b", "https://b.example/a"} {
		h := Face{ID: id}.Hue()
		if h < 0 || h >= 360 || h != (Face{ID: id, Handle: "x"}).Hue() {
			t.Errorf("Hue of %s = %d, want an angle that depends on the id alone", id, h)
		}
		hues[h] = true
	}
	if len(hues) != 3 {
		t.Errorf("three ids have the hues %v, want three", hues)
	}
}

func TestThreadJSON(t *testing.T) {
	t.Parallel()
	face := Face{ID: "https://a.example/ada", Name: ParseText("Ada :cat:", testEmoji), Handle: "@ada@a.example", URL: "https://a.example/@ada"}
	face.Name = face.Name.Pictures(func(string) string { return "/media/1" })
	thread := Thread{
		Version: 1, Post: "https://blog.example/ap/posts/1", URL: "https://blog.example/posts/one/", Key: "1", Handle: "@blog@blog.example",
		Actions: Actions{Reply: "/interact?x"}, Count: 2, Pending: 1,
		Replies: []*Comment{{
			ID: "https://a.example/1", Anchor: "c-1", URL: "https://a.example/@ada/1", By: face, Content: ParseHTML("<p>Hi <b>you</b></p>", nil), Warning: ParseText("CW", nil),
			Sensitive: true, Media: []Media{{Kind: "image", Picture: "/media/2", URL: "https://a.example/p", Alt: "a", Width: 2, Height: 1}},
			Language: "en", Published: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), Parent: "https://blog.example/posts/one/",
			Replies: []*Comment{{ID: "https://b.example/1", By: face, Content: ParseText("deep", nil), Warning: Tree{}, Edited: time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC), Removed: true}},
		}},
		Likes:     Pile{Count: 1, Faces: []Face{face}},
		Reactions: []ReactionGroup{{Emoji: face.Name, Pile: Pile{Count: 1}}},
	}
	data, err := json.Marshal(thread)
	if err != nil {
		t.Fatal(err)
	}
	var back Thread
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	empty := cmp.Transformer("empty", func(t Tree) string { b, _ := json.Marshal(t); return string(b) })
	if diff := cmp.Diff(thread, back, empty); diff != "" {
		t.Errorf("a thread changes on the way (-want +got):\n%s", diff)
	}
}
