package activitypub

import (
	"encoding/json"
	"testing"
)

// FuzzCollection reads a page of a collection whose items a stranger wrote, and collections within an object.
func FuzzCollection(f *testing.F) {
	for _, items := range []string{
		`["https://a.example/1",{"id":"https://a.example/2","type":"Note","content":"x"},null,7]`, `"https://a.example/1"`, `{"type":"Link","href":"https://a.example/3"}`,
		`[[["https://a.example/1"]]]`, `{}`, `[{"items":[{"items":[]}]}]`,
	} {
		f.Add(items, `"https://a.example/c?page=2"`, `3`)
	}
	f.Add(`[]`, `{"id":"https://a.example/c?page=2","type":"CollectionPage"}`, `-1`)
	f.Add(`[]`, `["x"]`, `1e300`)
	f.Fuzz(func(t *testing.T, items, next, total string) {
		doc := `{"type":"CollectionPage","id":"https://a.example/c?page=1","partOf":"https://a.example/c","orderedItems":` + items + `,"next":` + next +
			`,"totalItems":` + total + `,"replies":{"type":"Collection","first":{"type":"CollectionPage","items":` + items + `}},"likes":` + items + `}`
		o, err := Read([]byte(doc))
		if err != nil {
			return
		}
		checkCollection(t, o)
		for _, c := range []*Object{o.Replies, o.Likes} {
			if c != nil {
				checkCollection(t, c)
			}
			if c != nil && c.First != nil {
				checkCollection(t, c.First)
			}
		}
		if o.Next != "" && validID(o.Next) == "" {
			t.Errorf("next %q", o.Next)
		}
	})
}

// checkCollection: what is listed has an id that can be one, and its own JSON; a count is a count.
func checkCollection(t *testing.T, c *Object) {
	t.Helper()
	if c.TotalItems < 0 {
		t.Errorf("%d items", c.TotalItems)
	}
	for _, item := range c.Items {
		if item == nil || item.ID != "" && validID(item.ID) == "" || !json.Valid(item.Raw) || item.Bare && item.ID == "" {
			t.Errorf("item %+v", item)
		}
	}
}
