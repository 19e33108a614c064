package activitypub

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// checkTree checks everything that is promised of a Tree: bounds, allow-list, and that writing and reading it again in either
// form, with our reader or with a browser's, gives the same.
func checkTree(t fataler, tree Tree) {
	t.Helper()
	checkBounds(t, tree)
	shown := tree.Pictures(func(string) string { return "/media/x" })
	for _, tr := range []Tree{tree, shown} {
		data, err := json.Marshal(tr)
		if err != nil {
			t.Fatalf("Marshal: %v", err)
		}
		var back Tree
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("Unmarshal %s: %v", data, err)
		}
		// Not cmp.Diff, whose cost doubles with each level.
		if again, _ := json.Marshal(back); string(again) != string(data) {
			t.Fatalf("the wire format changes:\n%s\n%s", data, again)
		}
	}
	written := string(disown(tree).HTML())
	if again := string(ParseHTML(written, nil).HTML()); again != written {
		t.Fatalf("read again, it is another:\n%s\n%s", written, again)
	}
	if repaired := browser(t, written); repaired != written {
		t.Fatalf("a browser repairs it:\n%s\n%s", written, repaired)
	}
	checkSecondOpinion(t, string(shown.HTML()))
}

// disown gives a copy whose pictures are remote ones, written as text.
func disown(t Tree) Tree {
	out := make(Tree, len(t))
	for i, n := range t {
		if n.Tag == "emoji" {
			n.Attr = map[string]string{"name": n.Attr["name"]}
		}
		n.Children = disown(n.Children)
		out[i] = n
	}
	return out
}

func checkBounds(t fataler, tree Tree) {
	t.Helper()
	nodes, text := 0, 0
	var walk func(list []Node, depth int)
	walk = func(list []Node, depth int) {
		for i, n := range list {
			nodes++
			text += len(n.Text) + len(n.Attr["name"])
			if n.Tag != "" && attributes[n.Tag] == nil {
				t.Fatalf("element %q", n.Tag)
			}
			for k, v := range n.Attr {
				if n.Tag != "emoji" && (!slices.Contains(attributes[n.Tag], k) || attribute(k, v) != v) {
					t.Fatalf("attribute %s=%q of %q", k, v, n.Tag)
				}
			}
			if n.Tag == "" && (n.Text == "" || i > 0 && list[i-1].Tag == "") {
				t.Fatalf("text %q is empty or beside text", n.Text)
			}
			if n.Tag != "" && depth >= maxLevels {
				t.Fatalf("%q on level %d", n.Tag, depth+1)
			}
			walk(n.Children, depth+1)
		}
	}
	walk(tree, 0)
	if nodes > maxNodes || text > maxText {
		t.Fatalf("%d nodes and %d bytes of text", nodes, text)
	}
}

// browser parses a fragment by the rules of the HTML standard and writes the result as Tree.HTML would.
func browser(t fataler, s string) string {
	t.Helper()
	list, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatalf("ParseFragment: %v", err)
	}
	var b strings.Builder
	var write func(n *html.Node)
	write = func(n *html.Node) {
		if n.Type == html.TextNode {
			escaper.WriteString(&b, n.Data)
			return
		}
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key + `="`)
			quoter.WriteString(&b, a.Val)
			b.WriteString(`"`)
		}
		b.WriteString(">")
		if n.Data == "br" {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			write(c)
		}
		b.WriteString("</" + n.Data + ">")
	}
	for _, n := range list {
		write(n)
	}
	return b.String()
}

// secondOpinion is another sanitiser, told what a Tree may hold.
var secondOpinion = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "span", "a", "del", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol", "li", "blockquote", "ruby", "rt", "rp", "img")
	p.AllowNoAttrs().OnElements("span", "a", "img")
	p.AllowAttrs("href", "rel").OnElements("a")
	p.AllowAttrs("lang", "dir", "class").Globally()
	p.AllowAttrs("src", "alt", "title", "width", "height", "loading").OnElements("img")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(true)
	return p
}()

// checkSecondOpinion fails if the other sanitiser finds anything to take away.
func checkSecondOpinion(t fataler, s string) {
	t.Helper()
	if got, want := tokens(secondOpinion.Sanitize(s)), tokens(s); got != want {
		t.Fatalf("bluemonday takes something away:\n%s\n%s", want, got)
	}
}

// tokens writes HTML in one spelling.
func tokens(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for z.Next() != html.ErrorToken {
		b.WriteString(z.Token().String())
	}
	return b.String()
}
