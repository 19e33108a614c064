package templates

import (
	"fmt"
	"html/template"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

var day = time.Date(2026, 10, 28, 9, 30, 0, 0, time.UTC)

// sampleBlog is a federated blog.
func sampleBlog() Blog {
	return Blog{
		Title: "Notes from the Edge", Description: "Essays on small software.", Language: "en", Author: "Ana Marin", Home: "/", URL: "https://example.blog/",
		Handle: "@notes@example.blog", Actor: "https://example.blog/ap/actor", Follow: "https://example.blog/interact?intent=follow&uri=https%3A%2F%2Fexample.blog%2Fap%2Factor",
		Icon: "/icon.png", CSS: "/assets/style.12345678.css", JS: "/assets/theme.12345678.js", Live: "/assets/live.12345678.js",
		Feeds:     []Feed{{"Notes from the Edge", "application/rss+xml", "https://example.blog/feed.xml"}, {"Notes from the Edge", "application/atom+xml", "https://example.blog/atom.xml"}, {"Notes from the Edge", "application/feed+json", "https://example.blog/feed.json"}},
		Menu:      []Link{{Name: "Archive", URL: "/archive/"}, {Name: "About", URL: "/about/", Current: true}},
		Generator: "Postil 1.0",
	}
}

// samplePost has every member set.
func samplePost() *Post {
	return &Post{
		Key: "7", ID: "https://example.blog/ap/posts/7", Title: "Federating a static blog", URL: "https://example.blog/posts/federating/", Path: "/posts/federating/",
		Summary: "How a folder became an account.", Dek: "How a folder of files became an account.", Body: template.HTML(`<h2 id="why">Why</h2><p>Because <code>files</code> last.</p>`),
		Language: "en", Date: day, Updated: day.Add(72 * time.Hour), Words: 640, Minutes: 3, Author: "Ana Marin", Creator: "@ana@example.blog",
		Tags: []Link{{Name: "fediverse", URL: "/tags/fediverse/", Count: 5}, {Name: "go", URL: "/tags/go/", Count: 12}},
		Series: &Series{Name: "A blog on the fediverse", URL: "/series/a-blog-on-the-fediverse/", Part: 2, Posts: []Link{{Name: "One", URL: "/posts/one/"}, {Name: "Two", URL: "/posts/federating/", Current: true}},
			Prev: &Link{Name: "One", URL: "/posts/one/"}},
		Image: &Image{URL: "/posts/federating/a.jpg", Alt: "A map", Width: 1200, Height: 630},
		TOC:   []Heading{{Level: 2, ID: "why", Text: "Why", Children: []Heading{{Level: 3, ID: "how", Text: "How"}}}, {Level: 2, ID: "end", Text: "End"}},
		Prev:  &Link{Name: "Older one", URL: "/posts/old/"}, Next: &Link{Name: "Newer one", URL: "/posts/new/"}, Related: []Link{{Name: "Like it", URL: "/posts/like/"}},
		CommentsOpen: true,
	}
}

func postPage() Page {
	o := samplePost()
	return Page{Blog: sampleBlog(), Kind: "post", Title: o.Title, Description: o.Dek, URL: o.URL, Path: o.Path, Language: "en", ActivityURL: o.ID,
		Image: "https://example.blog/posts/federating/a.jpg", ImageAlt: "A map", Post: o}
}

func listPage(kind string) Page {
	two := samplePost()
	two.Key, two.Title, two.Path, two.Language, two.Dek, two.Tags = "8", "Zweitens", "/posts/zweitens/", "de", "", nil
	return Page{Blog: sampleBlog(), Kind: kind, Title: "All about " + kind, URL: "https://example.blog/x/", Path: "/x/", Language: "en",
		Posts: []*Post{samplePost(), two}, Pager: Pager{Number: 2, Of: 3, Prev: "/", Next: "/page/3/"}, Tag: &Link{Name: "go", URL: "/tags/go/", Count: 2},
		Tags: []Link{{Name: "fediverse", URL: "/tags/fediverse/", Count: 5}, {Name: "go", URL: "/tags/go/", Count: 1}}, Years: []Year{{2026, []*Post{samplePost(), two}}},
		Feeds: []Feed{{"go", "application/rss+xml", "https://example.blog/tags/go/feed.xml"}}}
}

func sampleFace(name string, i int) activitypub.Face {
	f := activitypub.Face{ID: fmt.Sprintf("https://social.example/users/%d", i), Name: activitypub.ParseText(name, nil), Handle: "@" + name + "@social.example", URL: "https://social.example/@" + name}
	if i%2 == 0 {
		f.Avatar = fmt.Sprintf("https://example.blog/media/%032d", i)
	}
	return f
}

func sampleComment(i int, html string) *activitypub.Comment {
	return &activitypub.Comment{
		ID: fmt.Sprintf("https://social.example/notes/%d", i), Anchor: fmt.Sprintf("c-%d", i), URL: fmt.Sprintf("https://social.example/@ada/%d", i),
		By: sampleFace("ada", i), Content: activitypub.ParseHTML(html, nil), Language: "en", Published: day.Add(time.Duration(i) * time.Hour), Parent: "https://example.blog/posts/federating/",
		Actions: activitypub.Actions{Reply: fmt.Sprintf("https://example.blog/interact?intent=reply&uri=%d", i)},
	}
}

// sampleThread has a comment in every state.
func sampleThread() *activitypub.Thread {
	t := &activitypub.Thread{
		Version: 1, Post: "https://example.blog/ap/posts/7", URL: "https://example.blog/posts/federating/", Key: "7", Handle: "@notes@example.blog", Language: "en", Count: 6, Pending: 1,
		Actions: activitypub.Actions{Reply: "https://example.blog/interact?intent=reply", Like: "https://example.blog/interact?intent=like", Boost: "https://example.blog/interact?intent=boost"},
		Likes:   activitypub.Pile{Count: 37, Faces: []activitypub.Face{sampleFace("bea", 1), sampleFace("cem", 2)}}, Boosts: activitypub.Pile{Count: 1, Faces: []activitypub.Face{sampleFace("dan", 3)}},
		Reactions: []activitypub.ReactionGroup{{Emoji: activitypub.ParseText("🎉", nil), Pile: activitypub.Pile{Count: 2}}},
		Quotes:    []*activitypub.Comment{sampleComment(20, "<p>Look at this.</p>")},
	}
	plain, owner, edited, deep := sampleComment(1, "<p>Hello <em>there</em>.</p>"), sampleComment(2, "<p>Thanks.</p>"), sampleComment(3, "<p>Now right.</p>"), sampleComment(4, "<p>Deep.</p>")
	plain.Likes, plain.Boosts = 4, 1
	plain.Reactions = []activitypub.ReactionGroup{{Emoji: activitypub.ParseText("❤️", nil), Pile: activitypub.Pile{Count: 3}}}
	owner.Owner = true
	plain.Pinned = true
	edited.Edited = edited.Published.Add(time.Hour)
	deep.InReplyTo = "@ada@social.example"
	owner.Replies, plain.Replies = []*activitypub.Comment{edited, deep}, []*activitypub.Comment{owner}
	warned, sensitive, hidden := sampleComment(5, "<p>The butler.</p>"), sampleComment(6, "<p>Look.</p>"), sampleComment(7, "<p>مرحبا</p>")
	warned.Warning = activitypub.ParseText("Plot spoiler", nil)
	sensitive.Sensitive = true
	sensitive.Media = []activitypub.Media{{Kind: "image", Picture: "https://example.blog/media/0a", URL: "https://files.example/a.png", Alt: "A cat", Width: 640, Height: 480}, {Kind: "image", Picture: "https://example.blog/media/0b", URL: "https://files.example/b.png"}, {Kind: "video", URL: "https://files.example/c.mp4", Alt: "A film"}}
	hidden.Language, hidden.NoIndex = "ar", true
	gone := &activitypub.Comment{ID: "https://social.example/notes/9", Anchor: "c-9", Removed: true, Replies: []*activitypub.Comment{sampleComment(10, "<p>I saw it.</p>")}}
	t.Likes.All, t.Likes.Faces[0].NoIndex = "https://example.blog/comments/7/likes", true
	sensitive.Media[2].Picture = "https://example.blog/media/0c"
	t.Replies = []*activitypub.Comment{plain, warned, sensitive, hidden, gone}
	return t
}

func sampleInteract() Interact {
	return Interact{Blog: "Notes from the Edge", Home: "https://example.blog/", Language: "en", CSS: "/assets/style.12345678.css", Action: "/interact", Intent: "reply",
		URI: "https://example.blog/ap/posts/7", About: "Federating a static blog", AboutURL: "https://example.blog/posts/federating/", Handle: "@notes@example.blog"}
}

// states is every template in every state that looks different.
func states() map[string]struct {
	name string
	data any
} {
	s := map[string]struct {
		name string
		data any
	}{}
	add := func(state, name string, data any) {
		s[state] = struct {
			name string
			data any
		}{name, data}
	}
	full := postPage()
	full.Thread = sampleThread()
	add("post", "post", full)
	add("post-empty", "post", postPage())
	closed := postPage()
	closed.Post.CommentsOpen = false
	add("post-closed", "post", closed)
	french := postPage()
	french.Translations = []Translation{{Language: "en", Title: "Federating a static blog", URL: french.URL, Path: french.Path, Current: true}, {Language: "fr", Title: "Un blog fédéré", URL: "https://example.blog/posts/fr/", Path: "/posts/fr/"}}
	add("post-translated", "post", french)
	off := postPage()
	off.Post.CommentsOff = true
	add("post-off", "post", off)
	add("post-plain", "post", plainPost())
	german := postPage()
	german.Language, german.Post.Language = "de", "de"
	add("post-de", "post", german)
	arabic := postPage()
	arabic.Language, arabic.Post.Language = "ar", "ar"
	add("post-ar", "post", arabic)
	add("page", "page", Page{Blog: sampleBlog(), Kind: "page", Title: "About", URL: "https://example.blog/about/", Path: "/about/", Language: "en", Body: "<p>Me.</p>"})
	author := listPage("author")
	author.Author = &Author{Name: "Ana Marin", Summary: "Writes about the sea.", Handle: "@ana@example.blog", Account: "https://example.blog/ap/@ana", Picture: &Image{URL: "/ana.png", Width: 200, Height: 200},
		Links: []Link{{Name: "Web", URL: "https://ana.example/"}}, Fields: []Field{{Name: "Pronouns", Value: "she/her"}, {"Code", "https://code.example/ana", "https://code.example/ana"}}}
	add("author", "author", author)
	volume := listPage("series-page")
	volume.Series, volume.Pager, volume.Title = &Series{Name: "Tides", URL: "/series/tides/"}, Pager{}, "Tides"
	add("series", "series-page", volume)
	add("overview", "overview", Page{Blog: sampleBlog(), Kind: "overview", Title: "Authors", URL: "https://example.blog/authors/", Path: "/authors/", Language: "en",
		List: []Link{{Name: "Ana Marin", URL: "/authors/ana/", Count: 2}}})
	languages := listPage("index")
	languages.Languages = []Translation{{Language: "ar", Title: "العربية", URL: "https://example.blog/ar/", Path: "/ar/"}, {Language: "en", Title: "English", URL: "https://example.blog/en/", Path: "/en/", Current: true}}
	add("index-languages", "index", languages)
	for _, kind := range []string{"index", "tag", "tags", "archive"} {
		add(kind, kind, listPage(kind))
		add(kind+"-empty", kind, Page{Blog: sampleBlog(), Kind: kind, Title: kind, URL: "https://example.blog/x/", Language: "en"})
	}
	add("notfound", "notfound", Page{Blog: sampleBlog(), Kind: "404", Title: "Page not found", URL: "https://example.blog/404.html", Language: "en"})
	add("search", "search", Page{Blog: sampleBlog(), Kind: "search", Title: "Search", URL: "https://example.blog/search/", Path: "/search/", Language: "en",
		Search: &Search{Index: "/search/", Shards: 16, Docs: 1, Script: "/assets/search.12345678.js"}})
	add("found", "found", Found{Language: "en", Query: "blog", Archive: "/archive/", Total: 1, List: []FoundPost{{"Federating a static blog", "/posts/federating/", "2026-10-28", "en", "How a folder became an account."}}})
	add("comments", "comments", sampleThread())
	add("faces", "faces", Faces{Blog: "Notes from the Edge", Home: "https://example.blog/", Language: "en", CSS: "/assets/style.12345678.css", Kind: "likes", Count: 201,
		About: "Federating a static blog", AboutURL: "https://example.blog/posts/federating/", List: []activitypub.Face{sampleFace("bea", 1), sampleFace("cem", 2)}, Next: &Link{Name: "Page 2", URL: "?page=2"}})
	shut := sampleThread()
	shut.Closed, shut.Actions.Reply = true, ""
	add("comments-closed", "comments", shut)
	add("comments-empty", "comments", &activitypub.Thread{Version: 1, URL: "https://example.blog/p/", Language: "en", Actions: activitypub.Actions{Reply: "https://example.blog/interact?intent=reply"}})
	add("interact", "interact", sampleInteract())
	bad := sampleInteract()
	bad.Intent, bad.About, bad.Account, bad.Error, bad.ErrorHost = "follow", "", "you@nowhere.example", "no-answer", "nowhere.example"
	add("interact-error", "interact", bad)
	other := sampleInteract()
	other.Account, other.Next, other.NextHost = "you@a.example", "https://b.example/go", "b.example"
	add("interact-other", "interact", other)
	return s
}

// plainPost is a post of a blog without federation that sets nothing which may be left out.
func plainPost() Page {
	b := sampleBlog()
	b.Handle, b.Actor, b.Follow, b.Menu, b.Feeds, b.JS, b.Icon, b.Author, b.Description = "", "", "", nil, nil, "", "", "", ""
	o := &Post{Key: "1", Title: "Plain", URL: "https://example.blog/posts/plain/", Path: "/posts/plain/", Body: "<p>Text.</p>", Language: "en", Date: day, CommentsOpen: true}
	return Page{Blog: b, Kind: "post", Title: "Plain", URL: o.URL, Path: o.Path, Language: "en", Post: o}
}
