// Package sample makes the comments that publish preview shows under every post: each kind that a theme has to cope with, once. They are
// invented, always the same, and never written to the site.
package sample

import (
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// about is when the sample thread took place.
var about = time.Date(2026, 10, 28, 9, 0, 0, 0, time.UTC)

// Post names the post that a thread belongs to.
type Post struct {
	ID, URL, Key, Language string
}

// Threads gives the sample threads of a blog: replies in replies, one with a content warning, one very long, one in another script, one that
// was removed, one of the owner's, and piles of likes and boosts. They share their comments, which are made once, and a post's thread is the same each time.
func Threads(handle string) func(Post) *activitypub.Thread {
	whole, made := thread(handle), sync.Map{}
	return func(p Post) *activitypub.Thread {
		t := *whole
		t.Post, t.URL, t.Key, t.Language = p.ID, p.URL, p.Key, p.Language
		same, _ := made.LoadOrStore(p, &t)
		return same.(*activitypub.Thread)
	}
}

func thread(handle string) *activitypub.Thread {
	t := &activitypub.Thread{Version: 1, Handle: handle}
	deep := comment("3", "Chidi", "chidi@photos.example", "<p>And it goes on, as threads do.</p>")
	deep.Replies = []*activitypub.Comment{comment("4", "Dora", "dora@social.example", "<p>To the very edge of a telephone's screen.</p>")}
	answer := comment("2", "The author", strings.TrimPrefix(handle, "@"), "<p>Thank you. I had wondered about that myself.</p>")
	answer.Owner, answer.Replies = true, []*activitypub.Comment{deep}
	first := comment("1", "Ada", "ada@social.example", `<p>This made my day. <a href="https://social.example/tags/letters">#letters</a></p><p>Is there more to come?</p>`)
	first.Replies, first.Likes, first.Boosts = []*activitypub.Comment{answer}, 12, 3
	warned := comment("5", "Björk Guðmundsdóttir", "bjork@music.example", "<p>The ending: nobody had been at sea at all.</p>")
	warned.Warning, warned.Sensitive = activitypub.ParseText("spoils the ending", nil), true
	long := comment("6", strings.Repeat("Long Name ", 8), "a.very.long.handle.indeed@a.server.with.a.long.name.example",
		"<p>"+strings.Repeat("There is a great deal to be said about this, and I mean to say all of it. ", 20)+"</p><pre>a line of code that is much longer than any telephone is wide, so it has to scroll</pre>")
	other := comment("7", "مريم", "maryam@social.example", "<p>شكرا على هذا المقال الجميل.</p>")
	other.Language = "ar"
	gone := comment("8", "Emil", "emil@gone.example", "")
	gone.Removed, gone.Replies = true, []*activitypub.Comment{comment("9", "Fatima", "fatima@peer.example", "<p>I liked what stood here.</p>")}
	t.Replies = []*activitypub.Comment{first, warned, long, other, gone}
	t.Count = 9
	t.Likes, t.Boosts = pile(42), pile(7)
	return t
}

func comment(n, name, handle, html string) *activitypub.Comment {
	at := about.Add(time.Duration(n[0]-'0') * 17 * time.Minute)
	address := "https://social.example/@sample/" + n
	return &activitypub.Comment{
		ID: address, Anchor: "c-sample" + n, URL: address, By: face(name, handle), Content: activitypub.ParseHTML(html, nil), Published: at,
	}
}

func face(name, handle string) activitypub.Face {
	return activitypub.Face{ID: "https://social.example/users/" + handle, Name: activitypub.ParseText(name, nil), Handle: "@" + handle, URL: "https://social.example/@" + handle}
}

func pile(n int) activitypub.Pile {
	p := activitypub.Pile{Count: n}
	for _, name := range []string{"Ada", "Björk", "Chidi", "Dora", "Emil", "Fatima"} {
		p.Faces = append(p.Faces, face(name, strings.ToLower(name[:1])+"@social.example"))
	}
	return p
}
