package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// forms are the forms that a post can take, by its id: what stands in its front matter and in its section [fediverse].
var forms = map[string]struct{ post, fediverse string }{
	"article":       {"", `as = "article"`},
	"excerpt":       {"", `content = "excerpt"`},
	"lead":          {`image = {src = "dot.png", alt = "A dot"}`, `lead = "image"`},
	"card":          {`image = {src = "dot.png", alt = "A dot"}`, `lead = "card"`},
	"warned":        {"", "cw = \"Water\"\nquote_policy = \"followers\""},
	"unlisted":      {"", `visibility = "unlisted"`},
	"foreign":       {`lang = "de"`, `quote_policy = "nobody"`},
	"note":          {"", `as = "note"`},
	"note-pictures": {"", "as = \"note\"\ncw = \"Dots\""},
	"math":          {"math = true", ""},
	"emoji":         {"summary = \"Mind the :tide:\"", ""},
	"series":        {`series = "Low water"`, ""},
	"audio":         {"", ""},
	"note-audio":    {"", `as = "note"`},
	"link":          {`image = {src = "dot.png", alt = "A dot"}`, `as = "link"`},
}

// formed is the text of a post in a form.
func formed(name string) string {
	f := forms[name]
	text := "The *causeway* is dry for four hours.\n"
	if name == "math" && raced {
		return strings.Replace(formed("article"), "id = \"article\"", "id = \"math\"", 1) // the typesetter is too slow under the race detector
	}
	text += map[string]string{
		"note-pictures": "\n![A dot](dot.png)\n\n![Another](dot.png)\n",
		"math":          "\nIt is $\\frac{1}{2}$ of what it was.\n\n$$\nx^2\n$$\n",
		"emoji":         "\nHi :tide: and :nobody:\n",
		"audio":         "\n![Waves](waves.wav)\n",
		"note-audio":    "\n![Waves](waves.wav)\n",
	}[name]
	return fmt.Sprintf("+++\nid = %q\ntitle = \"In form: %s\"\ndate = 2020-01-02\ntags = [\"Sea\", \"low water\"]\n%s\n[fediverse]\nannounce = true\n%s\n+++\n\n%s", name, name, f.post, f.fediverse, text)
}

// startForms runs a blog with a post in each form and every setting of the profile, with a follower, a reply, a like and a boost; each post
// has been edited once.
func startForms(t *testing.T) *blog {
	t.Helper()
	port := freePort(t)
	b := makeBlog(t, "http://127.0.0.1:"+port, "127.0.0.1:"+port, map[string]string{"tide.md": firstPost})
	b.configure("icon = \"posts/dot.png\"\nimage = \"posts/dot.png\"\nsummary = \"Of the sea :tide:\"\nfields = [\"Home: https://example.com/\", \"Port: Harwich\"]\n" +
		"tags = [\"Sea\"]\nalso_known_as = [\"https://old.example/users/tides\"]\nattribution_domains = [\"old.example\"]\n")
	b.file("content/posts/dot.png", dot(t))
	b.file("content/emoji/tide.png", dot(t))
	b.file("content/posts/waves.wav", "RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x50\x00\x00\x00\x50\x00\x00\x00\x01\x00\x08\x00data\x08\x00\x00\x00"+strings.Repeat("\x80", 8))
	for name := range forms {
		b.write(name+".md", formed(name))
	}
	b.publish()
	b.start()
	b.answered(t, b.addr.Post("article"))
	for name := range forms {
		b.write(name+".md", formed(name)+"\nMore.\n")
	}
	b.publish()
	eventually(t, "the edit is served", func() error {
		if b.document(b.addr.Post("article"))["updated"] == nil {
			return fmt.Errorf("no updated")
		}
		return nil
	})
	return b
}

// configure adds lines to [federation] and loads the settings anew.
func (b *blog) configure(lines string) {
	b.t.Helper()
	name := filepath.Join(b.dir, "config.toml")
	text, err := os.ReadFile(name)
	if err != nil {
		b.t.Fatal(err)
	}
	b.file("config.toml", strings.Replace(string(text), "[inboxd]", lines+"[inboxd]", 1))
	if b.cfg, err = site.Load(name, nil, nil); err != nil {
		b.t.Fatal(err)
	}
	b.addr = b.cfg.Addresses()
}

// answered has a pretend server follow the blog and answer a post, and waits until both are in the collections.
func (b *blog) answered(t *testing.T, post string) {
	t.Helper()
	ada, ctx := away(t).Account("ada", "Ada"), t.Context()
	eventually(t, "the daemon told of the post", func() error {
		_, body, err := b.get(b.addr.Outbox()+"?page=1", activitypub.ContentType)
		if err == nil && !strings.Contains(body, post) {
			err = errors.New(body)
		}
		return err
	})
	for _, do := range []func() error{
		func() error { return ada.Follow(ctx, b.addr.Acct()) },
		func() error { _, err := ada.Reply(ctx, post, "<p>Boots.</p>"); return err },
		func() error { _, err := ada.Like(ctx, post); return err },
		func() error { _, err := ada.Boost(ctx, post); return err },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	b.write("told.md", postNamed("told", "Told")) // something that the follower is told of
	b.publish()
	for _, id := range []string{b.addr.Followers(), b.addr.Replies(post), b.addr.Likes(post), b.addr.Shares(post)} {
		b.collectionTotal(t, id, 1)
	}
}

// dot is a picture.
func dot(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFormsStrict holds each form against the rules of the strict readers: what TestLifeOfAPost asks of what is sent.
func TestFormsStrict(t *testing.T) {
	t.Parallel()
	b := startForms(t)
	for name := range forms {
		t.Run(name, func(t *testing.T) {
			bad := func(format string, args ...any) { t.Errorf(format, args...) }
			b.t = t
			doc := b.document(b.addr.Post(name))
			plain(bad, "", doc)
			oneHost(bad, doc["id"], doc["url"], doc["attributedTo"])
			for _, member := range []string{"to", "cc", "attachment", "tag"} {
				if _, ok := doc[member].([]any); !ok {
					bad("%s is no list: %v", member, doc[member])
				}
			}
			if kind := doc["type"]; kind != "Article" && kind != "Note" || kind == "Note" && doc["name"] != nil || kind == "Article" && doc["name"] == nil {
				bad("%v with the name %v", kind, doc["name"])
			}
			raw, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			o, err := activitypub.Read(raw)
			if err != nil || o.ID != doc["id"] || o.Content == "" || !o.Updated.After(o.Published) || o.Published.After(time.Now()) {
				bad("read as %+v, %v", o, err)
			}
		})
	}
}
