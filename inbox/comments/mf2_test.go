package comments

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"willnorris.com/go/microformats"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// said is a comment as a reader of microformats finds it, and as the database holds it.
type said struct {
	Author, Handle, AuthorURL, Photo     string
	URL, Published, Updated, To, Content string
	Warning                              string
	Below                                []said
}

// property is a value of a microformat's property as text; "" if it is not there once.
func property(m *microformats.Microformat, name string) string {
	if m == nil || len(m.Properties[name]) != 1 {
		return ""
	}
	switch v := m.Properties[name][0].(type) {
	case string:
		return v
	case map[string]string:
		return v["value"]
	case *microformats.Microformat:
		return v.Value
	}
	return fmt.Sprintf("%T", m.Properties[name][0])
}

func children(m *microformats.Microformat, name string) []*microformats.Microformat {
	var list []*microformats.Microformat
	for _, v := range m.Properties[name] {
		if c, ok := v.(*microformats.Microformat); ok {
			list = append(list, c)
		}
	}
	return list
}

func author(m *microformats.Microformat) *microformats.Microformat {
	if list := children(m, "author"); len(list) == 1 {
		return list[0]
	}
	return nil
}

// found reads the citations of one kind.
func found(m *microformats.Microformat, name string) []said {
	var list []said
	for _, c := range children(m, name) {
		by := author(c)
		photo := property(by, "photo")
		if photo == "" && by != nil { // with an alternative text, even an empty one, it comes as two
			if list := by.Properties["photo"]; len(list) == 1 {
				if v, ok := list[0].(map[string]string); ok {
					photo = v["value"]
				}
			}
		}
		list = append(list, said{
			Author: property(by, "name"), Handle: property(by, "nickname"), AuthorURL: property(by, "url"), Photo: photo,
			URL: property(c, "url"), Published: property(c, "published"), Updated: property(c, "updated"), To: property(c, "in-reply-to"),
			Content: strings.Join(strings.Fields(property(c, "content")), " "), Warning: property(c, "summary"), Below: found(c, "comment"),
		})
	}
	return list
}

// held reads the same from the rows.
func (b *blog) held(parent string, rows []store.CommentView, kind store.Kind) []said {
	var list []said
	for _, r := range rows {
		if r.Parent != parent || r.Kind != kind {
			continue
		}
		text := func(stored []byte) string {
			return strings.Join(strings.Fields(b.c.tree(stored).Text()), " ")
		}
		s := said{Author: text(r.By.Name), Handle: "@" + r.By.Handle, AuthorURL: r.By.URL, URL: r.URL, Published: r.Published.Format(time.RFC3339), To: postURL,
			Content: text(r.Content), Warning: text(r.Warning), Below: b.held(r.ID, rows, store.Reply)}
		if !r.Updated.IsZero() {
			s.Updated = r.Updated.Format(time.RFC3339)
		}
		if r.By.Icon != "" {
			s.Photo = b.c.a.Media(store.MediaHash(r.By.Icon))
		}
		for _, p := range rows {
			if p.ID == r.Parent {
				s.To = p.URL
			}
		}
		list = append(list, s)
	}
	return list
}

// TestPageIsItsDatabase: what a reader of microformats takes from the page, scripts off, is what the database holds: who said what, when, and to
// whom.
func TestPageIsItsDatabase(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.file("posts/federating/index.html", `<html><body><article class="h-entry"><h1 class="p-name">Federating</h1><a class="u-url" href="`+postURL+`">here</a><section id="comments"><!--comments:7--><!--/comments--></section></article></body></html>`)
	ada, bea := b.person("ada"), b.person("bea")
	cem := store.Actor{ID: "https://social.example/users/cem", Type: "Person", Handle: "cem@social.example", Name: stored(t, activitypub.ParseText(`Cem <b>"Ü"</b> :cat:`, map[string]string{":cat:": "https://social.example/cat.png"})),
		URL: "https://social.example/@cem", Icon: "https://social.example/cem.png", Inbox: ada + "/inbox", Fetched: noon}
	b.actor(cem)
	one := b.reply(1, ada, "", `<p>One <em>two</em> &lt;three&gt; <a href="https://elsewhere.example/?a=1&amp;b=2">link</a></p>`)
	two := b.reply(2, cem.ID, one, "<p>Deeper</p>", func(m *store.Comment) { m.Updated = noon.Add(time.Hour) })
	b.reply(3, bea, two, "<p>Deepest</p>")
	b.reply(4, bea, "", "<p>The butler</p>", func(m *store.Comment) { m.Warning = stored(t, activitypub.ParseText("Plot & spoiler", nil)) })
	b.reply(5, ada, "", "<p>Quoting</p>", func(m *store.Comment) { m.Kind = store.Quote })
	for n, who := range []string{ada, bea, cem.ID} {
		b.react(store.Like, n, who, "", "")
	}
	b.react(store.Boost, 9, bea, "", "")

	base, err := url.Parse(postURL)
	if err != nil {
		t.Fatal(err)
	}
	items := microformats.Parse(b.get("/posts/federating/").Body, base).Items
	if len(items) != 1 || items[0].Type[0] != "h-entry" || property(items[0], "name") != "Federating" || property(items[0], "url") != postURL {
		t.Fatalf("the page is no single entry: %+v", items)
	}
	rows, err := b.store.Thread(t.Context(), postID)
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]store.Kind{"comment": store.Reply, "quotation": store.Quote} {
		if diff := cmp.Diff(b.held(postID, rows, kind), found(items[0], name)); diff != "" {
			t.Errorf("%s (-database +page):\n%s", name, diff)
		}
	}
	for name, kind := range map[string]store.Kind{"like": store.Like, "repost": store.Boost} {
		want, got := []string{}, []string{}
		for _, r := range rows {
			if r.Kind == kind && r.Parent == postID {
				want = append(want, strings.TrimSpace(b.c.tree(r.By.Name).Text())+" "+r.By.URL+" of "+postURL)
			}
		}
		for _, m := range children(items[0], name) {
			got = append(got, property(author(m), "name")+" "+property(author(m), "url")+" of "+property(m, name+"-of"))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-database +page):\n%s", name, diff)
		}
	}
}
