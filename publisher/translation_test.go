package publisher

import (
	"strings"
	"testing"
)

func TestTranslations(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/hello.md":    post("Hello", "2026-10-01", "", "x"),
		"content/posts/hello.de.md": post("Hallo", "2026-10-02", "", "y"),
		"content/posts/salut.md":    post("Salut", "2026-10-03", "lang = \"fr\"\ntranslation_of = \"hello.md\"", "z"),
		"content/posts/hola.es.md":  post("Hola", "2026-10-04", "", "no hola.md stands beside it"),
		"content/posts/geheim.md":   post("Geheim", "2026-10-05", "lang = \"nl\"\ndraft = true\ntranslation_of = \"hello.md\"", "z"),
	})
	b.publish()
	links := []string{`<link rel="alternate" hreflang="de" href="https://example.com/posts/hello.de/">`, `<link rel="alternate" hreflang="en" href="https://example.com/posts/hello/">`, `<link rel="alternate" hreflang="fr" href="https://example.com/posts/salut/">`}
	for _, page := range []string{"hello", "hello.de", "salut"} {
		text := b.read("public/posts/" + page + "/index.html")
		if !strings.Contains(text, strings.Join(links, "\n")) {
			t.Errorf("%s does not name its languages:\n%.2500s", page, text)
		}
		if strings.Contains(text, "eheim") {
			t.Errorf("%s tells of a draft", page)
		}
	}
	german := b.read("public/posts/hello.de/index.html")
	if !strings.Contains(german, `<html lang="de"`) || !strings.Contains(german, `<a href="/posts/salut/" rel="alternate" hreflang="fr" lang="fr" dir="ltr">Salut</a>`) {
		t.Errorf("the German page:\n%.3000s", german)
	}
	if alone := b.read("public/posts/hola.es/index.html"); strings.Contains(alone, "hreflang") || !strings.Contains(alone, `<html lang="en"`) {
		t.Error("a post without an original is taken for a translation")
	}
	if m := b.read("public/sitemap.xml"); strings.Count(m, `hreflang="fr"`) != 3 || strings.Contains(m, "geheim") {
		t.Errorf("the sitemap:\n%s", m)
	}
	b.write("content/posts/salut.md", post("Salut", "2026-10-03", "lang = \"fr\"\ntranslation_of = \"helo.md\"", "z"))
	if ds := b.faults(); ds.Errors() != 1 || ds[0].Code != codeTranslation || !strings.Contains(ds[0].Help, "hello.md") {
		t.Errorf("faults: %v", ds)
	}
}
