package activitypub

import (
	"slices"
	"testing"
)

// TestQuotes reads what a note quotes in every spelling that is in use.
func TestQuotes(t *testing.T) {
	t.Parallel()
	const a, b = "https://a.example/1", "https://b.example/2"
	link := func(more string) string {
		return `"tag":[{"type":"Link","mediaType":"application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"","href":"` + a + `"` + more + `}]`
	}
	for name, c := range map[string]struct {
		members string
		want    []string
	}{
		"FEP-044f":        {`"quote":"` + a + `"`, []string{a}},
		"embedded":        {`"quote":{"type":"Note","id":"` + a + `"}`, []string{a}},
		"Tombstone":       {`"quote":{"type":"Tombstone"}`, nil},
		"Misskey":         {`"_misskey_quote":"` + a + `","quoteUrl":"` + a + `"`, []string{a}},
		"Fedibird of old": {`"quoteURL":"` + a + `"`, []string{a}},
		"two addresses":   {`"quoteUri":"` + b + `","_misskey_quote":"` + a + `"`, []string{b, a}},
		"object link":     {link(`,"rel":"https://misskey-hub.net/ns#_misskey_quote"`), []string{a}},
		"without rel":     {link(""), []string{a}},
		"of another rel":  {link(`,"rel":"payment"`), nil},
		"a link to HTML":  {`"tag":{"type":"Link","mediaType":"text/html","href":"` + a + `"}`, nil},
		"a mention":       {`"tag":{"type":"Mention","href":"` + a + `"}`, nil},
	} {
		o, err := Read([]byte(`{"type":"Note","id":"https://c.example/3",` + c.members + `}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(o.Quotes, c.want) {
			t.Errorf("%s: %v, want %v", name, o.Quotes, c.want)
		}
	}
}

// TestWithoutQuote takes the line for older programs away, and never anybody's own words.
func TestWithoutQuote(t *testing.T) {
	t.Parallel()
	const ours = `<a href="https://blog.example/posts/one/">blog.example/posts/one/</a>`
	of := func(href string) bool { return href == "https://blog.example/posts/one/" }
	for name, c := range map[string]struct{ html, want string }{
		"Mastodon":               {`<p class="quote-inline">RE: ` + ours + `</p><p>Read this.</p>`, "Read this."},
		"FEP-044f":               {`Read this.<span class="quote-inline"><br/>RE: ` + ours + `</span>`, "Read this."},
		"Akkoma":                 {`Read this.<span class="quote-inline"><br/><br/>RE: ` + ours + `</span>`, "Read this."},
		"Misskey":                {`<p><span>Read this.<br>Now.<br><br>RE: </span>` + ours + `</p>`, "Read this.\nNow."},
		"Fedibird":               {`<p>Read this.<span class="quote-inline"><br/>QT: ` + ours + `</span></p>`, "Read this."},
		"with a language":        {`<p lang="en">Read this.<span lang="en"><br>RE: ` + ours + `</span></p>`, "Read this."},
		"a paragraph at the end": {`<p>Read this.</p><p>RE: ` + ours + `</p>`, "Read this."},
		"nothing else":           {`<p>RE: ` + ours + `</p>`, ""},
		"of something else":      {`<p>Read this.<br>RE: <a href="https://a.example/1">a.example/1</a></p>`, "Read this.\nRE: a.example/1"},
		"a link in the words":    {`<p>Read ` + ours + `</p>`, "Read blog.example/posts/one/"},
		"no line of its own":     {`<p>You wrote RE: ` + ours + `</p>`, "You wrote RE: blog.example/posts/one/"},
		"more after it":          {`<p>RE: ` + ours + ` is fine.</p>`, "RE: blog.example/posts/one/ is fine."},
		"in the middle":          {`<p>One.</p><p>RE: ` + ours + `</p><p>Two.</p>`, "One.\nRE: blog.example/posts/one/\nTwo."},
	} {
		got := ParseHTML(c.html, nil).WithoutQuote(of)
		if got.Text() != c.want {
			t.Errorf("%s: %q, want %q", name, got.Text(), c.want)
		}
		checkBounds(t, got)
		if again := ParseHTML(string(got.HTML()), nil); again.Text() != got.Text() {
			t.Errorf("%s: read again it is %q, was %q", name, again.Text(), got.Text())
		}
	}
}
