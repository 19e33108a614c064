package publisher

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

const (
	idAda   = "https://example.com/ap/authors/ada"
	authors = "[authors.ada]\nname = \"Ada\"\n[authors.eve]\nhandle = \"@eve@elsewhere.example\"\n"
)

func (b *blog) articleOf(key string) (a activitypub.Article) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.read("public/ap/posts/"+key+".json")), &a); err != nil {
		b.t.Fatal(err)
	}
	return a
}

// TestSpeakerIsForEver: an author speaks of a post from its first publication on; what the blog told stays the blog's.
func TestSpeakerIsForEver(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/old.md": post("Old", "2026-10-26", "id = \"old\"\nauthor = \"ada\"", "One.")})
	b.publish() // ada is nobody yet: the blog speaks
	b.write("config.toml", testConfig+authors)
	b.configure()
	b.write("content/posts/a.md", post("A", "2026-10-27", "id = \"a\"\nauthor = \"ada\"", "One."))
	b.write("content/posts/e.md", post("E", "2026-10-27", "id = \"e\"\nauthor = \"eve\"", "One."))
	b.later(time.Hour)
	b.publish()
	const blogID = "https://example.com/ap/actor"
	for key, want := range map[string]string{"old": blogID, "a": idAda, "e": blogID} {
		a := b.articleOf(key)
		followers := strings.Replace(want, "/actor", "", 1) + "/followers"
		if a.AttributedTo != want || !slices.Equal(a.CC, []string{followers}) || a.Audience != "" {
			t.Errorf("%s is by %s, cc %v, for %q", key, a.AttributedTo, a.CC, a.Audience)
		}
	}
	for _, p := range b.list().Posts {
		if want := map[string]string{"https://example.com/ap/posts/a": idAda}[p.ID]; p.Actor != want {
			t.Errorf("the list says %q of %s", p.Actor, p.ID)
		}
	}
	b.write("content/posts/a.md", post("A", "2026-10-27", "id = \"a\"\nauthor = \"eve\"", "Two."))
	b.write("content/posts/old.md", post("Old", "2026-10-26", "id = \"old\"\nauthor = \"ada\"", "Two."))
	b.later(time.Hour)
	b.publish()
	if b.articleOf("a").AttributedTo != idAda || b.articleOf("old").AttributedTo != blogID {
		t.Errorf("edits are by %s and %s", b.articleOf("a").AttributedTo, b.articleOf("old").AttributedTo)
	}
	b.write("config.toml", testConfig)
	b.configure()
	_, err := Publish(t.Context(), b.o)
	var faults site.Diagnostics
	if !errors.As(err, &faults) || faults[0].Code != codeSpeaker {
		t.Errorf("without the author: %v", err)
	}
}

// TestGroupIsAddressed: Lemmy takes a post for the community that it is addressed to, and only what is for everybody may go there.
func TestGroupIsAddressed(t *testing.T) {
	t.Parallel()
	config := strings.Replace(testConfig, "enabled = true", "enabled = true\ntype = \"Group\"", 1)
	b := newBlog(t, map[string]string{
		"config.toml":        config + authors,
		"content/posts/a.md": post("A", "2026-10-27", "id = \"a\"\nauthor = \"ada\"", "One."),
		"content/posts/f.md": post("F", "2026-10-27", "id = \"f\"\nauthor = \"ada\"\n[fediverse]\nvisibility = \"followers\"", "One."),
	})
	b.publish()
	const group = "https://example.com/ap/actor"
	a := b.articleOf("a")
	if a.AttributedTo != idAda || a.Audience != group || !slices.Equal(a.To, []string{group, activitypub.Public}) || !slices.Equal(a.CC, []string{idAda + "/followers"}) {
		t.Errorf("by %s for %q to %v cc %v", a.AttributedTo, a.Audience, a.To, a.CC)
	}
	if f := b.articleOf("f"); !slices.Equal(f.To, []string{idAda + "/followers"}) || len(f.CC) != 0 {
		t.Errorf("for followers: to %v cc %v", f.To, f.CC)
	}
	r, err := Publish(t.Context(), b.o)
	if err != nil || slices.ContainsFunc(r.Diagnostics, func(d site.Diagnostic) bool { return d.Code == codeGroup }) {
		t.Errorf("a Group with an author: %v %v", r.Diagnostics, err)
	}
	b.write("config.toml", config)
	b.write("content/posts/a.md", post("A", "2026-10-27", "id = \"b\"", "One."))
	b.remove("content/posts/f.md")
	b.remove("public")
	b.remove(".cache")
	b.configure()
	r, err = Publish(t.Context(), b.o)
	if err != nil || !slices.ContainsFunc(r.Diagnostics, func(d site.Diagnostic) bool { return d.Code == codeGroup && d.Severity == site.Warning }) {
		t.Errorf("a Group without authors: %v %v", r.Diagnostics, err)
	}
	if a := b.articleOf("b"); a.AttributedTo != group || a.Audience != group {
		t.Errorf("by %s for %s", a.AttributedTo, a.Audience)
	}
}

// TestSplitHostFiles: the site's own host answers for the handle where the federation has another one, and says nothing elsewhere.
func TestSplitHostFiles(t *testing.T) {
	t.Parallel()
	split := strings.Replace(testConfig, "enabled = true", "enabled = true\nurl = \"https://ap.example.com\"", 1)
	b := newBlog(t, map[string]string{"config.toml": split + authors, "content/posts/a.md": post("A", "2026-10-27", "id = \"a\"", "One.")})
	b.publish()
	var r site.Resource
	if err := json.Unmarshal([]byte(b.read("public/.well-known/webfinger")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Subject != "acct:blog@example.com" || r.Links[0].Rel != "self" || r.Links[0].Href != "https://ap.example.com/ap/actor" {
		t.Errorf("WebFinger: %+v", r)
	}
	if meta := b.read("public/.well-known/host-meta"); !strings.Contains(meta, `template="https://ap.example.com/.well-known/webfinger?resource={uri}"`) {
		t.Errorf("host-meta: %s", meta)
	}
	b.write("config.toml", testConfig)
	b.configure()
	b.o.Withdraw = true // other ids: all that was out is
	b.publish()
	if b.has("public/.well-known/webfinger") {
		t.Error("a site that is not split has a WebFinger file")
	}
}
