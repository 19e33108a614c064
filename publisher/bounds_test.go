package publisher

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// The list that tells followers' servers what is published is publish's alone, and no file lies where another one is a folder.
func TestNothingLiesOverTheList(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"download": {"content/ap/published.json": `{"version":1}`},
		"folder":   {"content/contact": "x", "content/contact.md": "+++\ntitle = \"Contact\"\n+++\nx\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, files)
			_, err := Publish(t.Context(), b.o)
			var ds site.Diagnostics
			want := codeCollision
			if name == "download" {
				want = codeFile
			}
			if !errors.As(err, &ds) || ds[0].Code != want {
				t.Errorf("%v, want %s", err, want)
			}
		})
	}
}

// Brackets in code cost nothing: they are no reason to refuse a post.
func TestBracketsInCode(t *testing.T) {
	t.Parallel()
	code := "```\n" + strings.Repeat("([{<", 5000) + "\n" + strings.Repeat(" ", 500) + "x\n```\n"
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", code)})
	b.publish()
	b.write("content/posts/a.md", post("A", "2026-10-27", "", code+strings.Repeat("[", 20_000)))
	if _, err := Publish(t.Context(), b.o); err == nil || !strings.Contains(err.Error(), codeCostly) {
		t.Errorf("brackets behind the code: %v", err)
	}
}

// Thousands of faults of one file are told as a hundred and a number, and an error is never among those that are left out.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	var all site.Diagnostics
	for i := range 3000 {
		all = append(all, site.Diagnostic{Severity: site.Warning, Code: "P030", Line: i})
	}
	all = append(all, site.Diagnostic{Severity: site.Error, Code: "P031"})
	all = capped(all)
	if len(all) != maxFaults+1 || all.Errors() != 1 || !strings.HasPrefix(all[maxFaults].Message, "2901 more faults") {
		t.Errorf("%d faults, %d errors, the last %q", len(all), all.Errors(), all[len(all)-1].Message)
	}
}

// chroma is not given what it takes minutes for.
func TestColoursAreBounded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("a\n", maxColoured), strings.Repeat("a", maxColouredLine+1), strings.Repeat("/* a\n", maxUnclosed+1), strings.Repeat("<!-- a\n", maxUnclosed+1)} {
		if _, ok := tokenise("kotlin", text); ok {
			t.Errorf("%d bytes were coloured: %.20q", len(text), text)
		}
	}
	if _, ok := tokenise("kotlin", fmt.Sprint(strings.Repeat("/* a */ val b = 1\n", 500))); !ok {
		t.Error("comments that end keep a block from its colours")
	}
}
