package webmention

import (
	"net/http"
	"testing"
)

// TestEndpoint holds where pages take mentions: one row for each of webmention.rocks' 23 tests of discovery (the redirect of the last is the client's),
// and some that it lacks.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	const page, want = "https://rocks.example/test/1", "https://rocks.example/test/1/webmention"
	for _, c := range []struct {
		name  string
		links []string
		body  string
		want  string
	}{
		{"1 header, unquoted, relative", []string{`</test/1/webmention>; rel=webmention`}, "", want},
		{"2 header, unquoted, absolute", []string{`<` + want + `>; rel=webmention`}, "", want},
		{"3 link, relative", nil, `<link rel="webmention" href="/test/1/webmention">`, want},
		{"4 link, absolute", nil, `<link rel="webmention" href="` + want + `">`, want},
		{"5 a, relative", nil, `<a rel="webmention" href="/test/1/webmention">x</a>`, want},
		{"6 a, absolute", nil, `<a rel="webmention" href="` + want + `">x</a>`, want},
		{"8 header, quoted", []string{`<` + want + `>; rel="webmention"`}, "", want},
		{"9 link, several rels", nil, `<link rel="webmention somethingelse" href="` + want + `">`, want},
		{"10 header, several rels", []string{`<` + want + `>; rel="webmention somethingelse"`}, "", want},
		{"11 header before link before a", []string{`<` + want + `>; rel=webmention`}, `<link rel="webmention" href="/error"><a href="/error2" rel="webmention">x</a>`, want},
		{"12 only like it", nil, `<link rel="not-webmention" href="/error"><a href="/test/1/webmention" rel="webmention">x</a>`, want},
		{"13 in a comment", nil, `<!-- <a href="/error" rel="webmention"></a> --><a href="/test/1/webmention" rel="webmention">x</a>`, want},
		{"14 in escaped HTML", nil, `<code>&lt;a href="/error" rel="webmention"&gt;</code><a href="/test/1/webmention" rel="webmention">x</a>`, want},
		{"15 empty", nil, `<link rel="webmention" href="">`, page},
		{"16 a before link", nil, `<a rel="webmention" href="/test/1/webmention">x</a><link rel="webmention" href="/error">`, want},
		{"17 link before a", nil, `<link rel="webmention" href="/test/1/webmention"><a rel="webmention" href="/error">x</a>`, want},
		{"18 several headers", []string{`</test/1/webmention>; rel="webmention"`, `</error>; rel="other"`}, "", want},
		{"18 the other way round", []string{`</error>; rel="other"`, `</test/1/webmention>; rel="webmention"`}, "", want},
		{"19 several in one header", []string{`</error>; rel="other", </test/1/webmention>; rel="webmention"`}, "", want},
		{"20 a link without href", nil, `<link rel="webmention"><a rel="webmention" href="/test/1/webmention">x</a>`, want},
		{"21 query kept", nil, `<link rel="webmention" href="/test/1/webmention?query=yes">`, want + "?query=yes"},
		{"22 relative to the path", nil, `<a rel="webmention" href="1/webmention">x</a>`, want},

		{"none", nil, `<a href="/x">x</a>`, ""},
		{"a base", nil, `<base href="https://other.example/a/"><link rel="webmention" href="b">`, "https://other.example/a/b"},
		{"case of the relation", nil, `<LINK REL="WebMention" HREF="/test/1/webmention">`, want},
		{"comma in an address", []string{`</a,b>; title="x, y; rel=z"; rel="webmention"`}, "", "https://rocks.example/a,b"},
		{"another scheme", []string{`<javascript:x>; rel=webmention`}, `<link rel="webmention" href="data:x">`, ""},
		{"in a script and a template", nil, `<script>"<a rel=webmention href=/error>"</script><template><a rel=webmention href=/error></a></template>`, ""},
		{"the first rel of two", []string{`</error>; rel=other; rel=webmention`}, "", ""},
		{"a broken header", []string{`</error; rel=webmention`, `;;`, `<>`}, "", ""},
	} {
		h := http.Header{"Link": c.links}
		if got := Endpoint(h, []byte(c.body), page); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	h := http.Header{}
	h.Set("LinK", `<`+want+`>; rel="webmention"`) // test 7
	if got := Endpoint(h, nil, page); got != want {
		t.Errorf("7 odd case of the header: %q", got)
	}
}
