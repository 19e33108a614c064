package peers

import (
	"bytes"
	"os"
	"testing"
)

// TestRecordings: a post with sound has no card where a picture takes the card's place, and Lemmy refuses an attachment of that type.
func TestRecordings(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../testdata/forms/audio.json")
	if err != nil {
		t.Fatal(err)
	}
	read := func(doc []byte) *Post {
		p, err := Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		p.Group = true
		return p
	}
	p := read(data)
	if v := look(t, "mastodon", p); v.Card != nil || !v.has(Dropped, "attachment") {
		t.Errorf("mastodon: %+v", v)
	}
	if v := look(t, "misskey", p); v.Card == nil {
		t.Errorf("misskey: %+v", v)
	}
	if v := look(t, "lemmy", p); !v.Dropped || !v.has(Dropped, "attachment") {
		t.Errorf("lemmy: %+v", v)
	}
	if v := look(t, "lemmy", read(bytes.Replace(data, []byte(`"type": "Audio"`), []byte(`"type": "Document"`), 1))); v.Dropped {
		t.Errorf("lemmy, as a Group sends it: %+v", v)
	}
}
