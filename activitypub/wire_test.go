package activitypub

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTreeJSON(t *testing.T) {
	t.Parallel()
	tree := ParseHTML(`<p>Hi <a href="https://a.example/?x=1&amp;y">you</a> :cat:</p>`, testEmoji)
	const want = `[["p",{},"Hi ",["a",{"href":"https://a.example/?x=1&y"},"you"]," ",["emoji",{"name":":cat:","src":"https://social.example/cat.png"}]]]`
	data, err := Marshal(tree)
	if err != nil || string(data) != want {
		t.Errorf("Marshal: %s, %v\nwant %s", data, err, want)
	}
	if data, err := json.Marshal(struct{ T Tree }{}); string(data) != `{"T":[]}` || err != nil {
		t.Errorf("no tree: %s, %v, want an empty list", data, err)
	}
}

// TestTreeJSONIsNotTrusted: what lies in a file or a database passes the same list as what comes from a stranger.
func TestTreeJSONIsNotTrusted(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`null`: ``, `[]`: ``, `["a","b"]`: `ab`,
		`[["script",{},"alert(1)"]]`:                                     ``,
		`[["img",{"src":"https://e.example/","alt":"x"}]]`:               `x`,
		`[["p",{"onclick":"x","style":"y","class":"z"},"a"]]`:            `<p>a</p>`,
		`[["a",{"href":"javascript:x"},"a"]]`:                            `a`,
		`[["a",{"href":7},"a"]]`:                                         `a`,
		`[["x><b",{},"a"]]`:                                              `a`,
		`[["p",{},["p",{},"a"],"b"]]`:                                    `<p>a</p>b`,
		`["\u202Ea",["br",{},"x"]]`:                                      `a<br>x`,
		`[["emoji",{"name":"a b","src":"https://e.example/"}]]`:          `a b`,
		`[["emoji",{"name":":a:","src":"javascript:x"}]]`:                `:a:`,
		`[["emoji",{"name":":a:","src":"//e.example/x","own":"true"}]]`:  `:a:`,
		`[["emoji",{"name":":a:","src":"/\\e.example/x","own":"true"}]]`: `:a:`,
		`[["emoji",{"name":":a:","src":"https://e.example/x"}]]`:         `:a:`,
		`[["emoji",{"name":":a:","src":"/media/1","own":"true"}]]`:       `<img class="emoji" src="/media/1" alt=":a:" title=":a:" width="20" height="20" loading="lazy">`,
	} {
		var tree Tree
		if err := json.Unmarshal([]byte(in), &tree); err != nil {
			t.Errorf("Unmarshal %s: %v", in, err)
		}
		if got := string(tree.HTML()); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{`{}`, `"a"`, `[1]`, `[null]`, `[[]]`, `[["p"]]`, `[["p","a"]]`, `[[1,{}]]`, `[["p",{},7]]`} {
		var tree Tree
		if err := json.Unmarshal([]byte(in), &tree); err == nil {
			t.Errorf("Unmarshal %s: no error, got %v", in, tree)
		}
	}
}

func TestTreeJSONBounds(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`["b",{},`, 28) + `"x"` + strings.Repeat(`]`, 28)
	for _, in := range []string{
		`[` + deep + `]`,
		`[` + strings.TrimSuffix(strings.Repeat(`["br",{}],`, 2_000), ",") + `]`,
		`[` + strings.TrimSuffix(strings.Repeat(`["emoji",{"name":":abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz:","src":"https://a.example/"}],`, 900), ",") + `]`,
		`["` + strings.Repeat("word ", 10_000) + `"]`,
	} {
		var tree Tree
		if err := json.Unmarshal([]byte(in), &tree); err != nil {
			t.Errorf("Unmarshal: %v", err)
		}
		checkTree(t, tree)
	}
}

// TestHandMadeNodes: HTML writes only what is on the list even of a Tree that no parser made.
func TestHandMadeNodes(t *testing.T) {
	t.Parallel()
	tree := Tree{
		{Tag: "script", Children: []Node{{Text: "x"}}},
		{Tag: "a", Attr: map[string]string{"href": "javascript:x", "onclick": "y", "class": "admin mention"}, Children: []Node{{Text: "<b>"}}},
		{Tag: "emoji", Attr: map[string]string{"name": "\"><i>", "src": "https://e.example/"}},
	}
	const want = `x<a class="mention" rel="nofollow ugc noopener noreferrer">&lt;b&gt;</a>&#34;&gt;&lt;i&gt;`
	if got := string(tree.HTML()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParseHTML(f *testing.F) {
	f.Add(`<p>Hi <span class="h-card"><a href="https://a.example/@x" class="u-url mention">@<span>x</span></a></span> :cat:</p>`)
	f.Add(`<a href="https://a.example/p"><span class="invisible">https://</span><span class="ellipsis">a.example</span><span class="invisible">/p</span></a>`)
	f.Add(`<ul><li>a<li><pre>` + "\n\n" + `x<h1>y<table><td>z<ruby>a<rt>b`)
	f.Add(`<svg><desc><style><img src=x onerror=alert(1)></style><math><noscript><p title="</noscript>`)
	f.Add(strings.Join(fragments, ""))
	f.Fuzz(func(t *testing.T, s string) {
		checkTree(t, ParseHTML(s, testEmoji))
		checkTree(t, ParseText(s, testEmoji))
		checkTree(t, ParsePlain(s, testEmoji))
	})
}

func FuzzTreeJSON(f *testing.F) {
	f.Add([]byte(`[["p",{},"Hi ",["a",{"href":"https://a.example/","class":"mention"},"you"],["emoji",{"name":":cat:","src":"/media/1","own":"true"}]]]`))
	f.Add([]byte(`[["p",{},["p",{},["script",{},"x"],["br",{}]]],"y",["ruby",{},["rt",{},"z"]]]`))
	f.Add([]byte(`[[1]]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tree Tree
		if err := tree.UnmarshalJSON(data); err != nil {
			return
		}
		checkTree(t, tree.Pictures(func(string) string { return "" }))
	})
}
