package embed

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// TestPlainMembersAreHarmless: members that are no HTML, and that widgets put into markup all the same, hold no sign that could end a text or
// an attribute; and no address is anything but the web's.
func TestPlainMembersAreHarmless(t *testing.T) {
	t.Parallel()
	const evil = `x"'><` + "`" + `<img src=x onerror=alert(1)>`
	tree := activitypub.ParseText(evil, nil)
	face := activitypub.Face{ID: "https://social.example/" + evil, Name: tree, Handle: "@" + evil + "@social.example", URL: "javascript:alert(1)//" + evil, Avatar: "https://social.example/" + evil}
	c := &activitypub.Comment{ID: "https://social.example/" + evil, URL: "data:text/html," + evil, By: face, Content: tree, Warning: tree, Language: evil, Published: time.Unix(0, 0),
		Media: []activitypub.Media{{Kind: "image", Picture: "https://social.example/" + evil, URL: "vbscript:" + evil, Alt: evil}}}
	thread := &activitypub.Thread{Key: "7", URL: "https://blog.example/7", Count: 1, Replies: []*activitypub.Comment{c}, Likes: activitypub.Pile{Count: 1, Faces: []activitypub.Face{face}}}
	html := map[string]bool{"content": true, "html": true} // these are HTML, and written by the one function that may
	for name, shape := range map[string]any{"context": ContextOf(thread), "jf2": MentionsOf(thread)} {
		data, err := json.Marshal(shape)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		n := texts(v, "", func(key, s string) {
			if !html[key] && strings.ContainsAny(s, "<>\"'`") {
				t.Errorf("%s: %s is %q", name, key, s)
			}
			if html[key] && strings.Contains(s, "<img") {
				t.Errorf("%s: %s is %q", name, key, s)
			}
			if low := strings.ToLower(s); strings.HasPrefix(low, "javascript:") || strings.HasPrefix(low, "data:") || strings.HasPrefix(low, "vbscript:") {
				t.Errorf("%s: %s leads to %q", name, key, s)
			}
		})
		if n < 10 {
			t.Errorf("%s has %d texts: nothing was looked at", name, n)
		}
	}
}

// texts calls f for each text in a document, with the key that it is the value of, and counts them.
func texts(v any, key string, f func(key, s string)) (n int) {
	switch v := v.(type) {
	case string:
		f(key, v)
		return 1
	case []any:
		for _, one := range v {
			n += texts(one, key, f)
		}
	case map[string]any:
		for k, one := range v {
			n += texts(one, k, f)
		}
	}
	return n
}
