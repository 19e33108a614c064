package peers

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what came out into the golden files")

// forms are the documents below testdata.
var forms = []string{"article", "article-cw", "note", "note-cw", "note-pictures", "link", "math"}

func load(t *testing.T, form string) *Post {
	t.Helper()
	data, err := os.ReadFile("testdata/" + form + ".json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	p.Acct, p.Page = "notes@notes.example", Page{Title: "Notes on fog", Text: "What the harbour sounds like"}
	return p
}

func look(t *testing.T, name string, p *Post) View {
	t.Helper()
	v, ok := Look(name, p)
	if !ok {
		t.Fatalf("%s is not in the table", name)
	}
	return v
}

func lookAll(t *testing.T, p *Post) []View {
	t.Helper()
	var views []View
	for _, name := range Names() {
		views = append(views, look(t, name, p))
	}
	return views
}

// has tells whether a View has a finding about a member.
func (v View) has(what, field string) bool {
	return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.What == what && strings.Contains(f.Field, field) })
}

// TestGolden holds every peer's view of every form, as the terminal shows it.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, form := range append(slices.Clone(forms), "article-group") {
		p := load(t, strings.TrimSuffix(form, "-group"))
		p.Group = strings.HasSuffix(form, "-group")
		var out bytes.Buffer
		if err := WriteText(&out, lookAll(t, p)); err != nil {
			t.Fatal(err)
		}
		compare(t, "testdata/"+form+".golden.txt", out.String())
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
