package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// TestPullKeepsImported: inboxd knows nothing of the comments that an import brought along, so a pull must not take them away.
func TestPullKeepsImported(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"config.toml": "format = 1\n[site]\nurl = \"https://example.com\"\n",
		"comments/a.json": `{"v":1,"key":"a","count":2,"replies":[{"id":"https://old.example/1","content":["Old"],"imported":true,"replies":[{"id":"https://old.example/2","content":["Answer"],"imported":true}]},{"id":"https://social.example/gone","content":["Withdrawn"]}]}`})
	c, err := site.Load(filepath.Join(dir, site.FileName), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second pull changes nothing
		fresh := activitypub.Thread{Version: 1, Key: "a", Count: 1, Replies: []*activitypub.Comment{{ID: "https://social.example/1", Content: activitypub.ParseText("New", nil)}}}
		if _, err := writeThread(c, "a", &fresh); err != nil {
			t.Fatal(err)
		}
	}
	var got activitypub.Thread
	text := read(t, filepath.Join(dir, "comments", "a.json"))
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Count != 3 || len(got.Replies) != 2 || !strings.Contains(text, "Old") || !strings.Contains(text, "Answer") || !strings.Contains(text, "New") || strings.Contains(text, "Withdrawn") {
		t.Errorf("the file is\n%s", text)
	}
}
