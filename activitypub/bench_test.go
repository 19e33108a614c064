package activitypub

import (
	"encoding/json"
	"testing"
)

// reply is a Create as Mastodon sends it, in shape and size.
const reply = `{"@context":["https://www.w3.org/ns/activitystreams",{"ostatus":"http://ostatus.org#","atomUri":"ostatus:atomUri","sensitive":"as:sensitive"}],
"id":"https://a.example/users/ada/statuses/1/activity","type":"Create","actor":"https://a.example/users/ada","published":"2026-10-01T11:59:00Z",
"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://a.example/users/ada/followers","https://blog.example/ap/actor"],
"object":{"id":"https://a.example/users/ada/statuses/1","type":"Note","summary":null,"inReplyTo":"https://blog.example/ap/posts/1","published":"2026-10-01T11:59:00Z",
"url":"https://a.example/@ada/1","attributedTo":"https://a.example/users/ada","to":["https://www.w3.org/ns/activitystreams#Public"],
"cc":["https://a.example/users/ada/followers","https://blog.example/ap/actor"],"sensitive":false,"conversation":"tag:a.example,2026:1",
"content":"<p><span class=\"h-card\" translate=\"no\"><a href=\"https://blog.example/\" class=\"u-url mention\">@<span>blog</span></a></span> Good post. See <a href=\"https://b.example/long/path\" rel=\"nofollow\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">b.example/long</span><span class=\"invisible\">/path</span></a></p><p>And <strong>more</strong> of it :cat:</p>",
"contentMap":{"en":"<p>Good post.</p>"},"attachment":[],"tag":[{"type":"Mention","href":"https://blog.example/ap/actor","name":"@blog@blog.example"},
{"type":"Emoji","id":"https://a.example/emojis/1","name":":cat:","icon":{"type":"Image","mediaType":"image/png","url":"https://a.example/cat.png"}}],
"replies":{"id":"https://a.example/users/ada/statuses/1/replies","type":"Collection","first":{"type":"CollectionPage","next":"https://a.example/x","partOf":"https://a.example/y","items":[]}}}}`

func BenchmarkRead(b *testing.B) {
	b.SetBytes(int64(len(reply)))
	for b.Loop() {
		if _, err := Read([]byte(reply)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnyJSON is the yardstick: encoding/json reading the same into maps.
func BenchmarkAnyJSON(b *testing.B) {
	b.SetBytes(int64(len(reply)))
	for b.Loop() {
		var v any
		if err := json.Unmarshal([]byte(reply), &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContentTree(b *testing.B) {
	o, err := Read([]byte(reply))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if o.Object[0].ContentTree().HTML() == "" {
			b.Fatal("nothing left")
		}
	}
}
