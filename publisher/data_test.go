package publisher

import (
	"strings"
	"testing"
)

// TestData: templates and shortcodes find data files; a changed one makes the pages again that may show it, and no others.
func TestData(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md":              post("A", "2026-10-01", "", "{{< price >}}"),
		"templates/shortcodes/price.html": `<b>{{.Data.shop.tea}}</b>`,
		"templates/footer.html":           `<p class="data">{{range .Data.links}}{{.name}} {{end}}</p></main></body></html>`,
		"data/shop.json":                  `{"tea": 3}`,
		"data/links.yaml":                 "- name: Bea\n- name: <Cem>\n",
		"data/postil.db":                  "not ours",
	})
	b.publish()
	page := b.read("public/posts/a/index.html")
	if !strings.Contains(page, "<b>3</b>") || !strings.Contains(page, `<p class="data">Bea &lt;Cem&gt; </p>`) {
		t.Fatalf("the page has no data:\n%s", page)
	}
	if r := b.publish(); len(r.Changes) != 0 {
		t.Errorf("a second run changes %v", r.Changes)
	}
	b.write("data/links.yaml", "- name: Dan\n")
	b.write("data/shop.json", `{"tea": 4}`)
	b.publish()
	if page := b.read("public/posts/a/index.html"); !strings.Contains(page, `<p class="data">Dan </p>`) || !strings.Contains(page, "<b>4</b>") {
		t.Errorf("the page shows what the file held before:\n%s", page)
	}
	b.remove("templates")
	b.write("content/posts/a.md", post("A", "2026-10-01", "", "Text."))
	b.publish()
	before := b.times("public")
	b.write("data/shop.json", `{"tea": 5}`)
	b.publish()
	for name, at := range b.times("public") {
		if !at.Equal(before[name]) {
			t.Errorf("%s was made again, and no template asks for data", name)
		}
	}
	b.write("data/shop.json", `{"tea": }`)
	if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeData || ds[0].File != "data/shop.json" || ds[0].Line != 1 {
		t.Errorf("a broken file gives %v", ds)
	}
}
