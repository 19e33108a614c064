package interop

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// parts are the generated parts of FEDERATION.md by the name in their marks.
var parts = map[string]func(*testing.T, evidence) string{
	"FEPs":                  fepTable,
	"activities sent":       sentTable,
	"activities understood": understoodTable,
	"example":               example,
	"peers":                 peerTables,
}

const fepLink = "[FEP-%[1]s](https://codeberg.org/fediverse/fep/src/branch/main/fep/%[1]s/fep-%[1]s.md)"

func fepTable(t *testing.T, e evidence) string {
	rows := []string{"| FEP | what of it | proven by |", "|---|---|---|"}
	for _, f := range feps {
		var links []string
		for _, slug := range f.slugs {
			links = append(links, fmt.Sprintf(fepLink, slug))
		}
		rows = append(rows, tableRow(strings.Join(links, ", "), f.words, e.shown(t, f.by)))
	}
	return strings.Join(rows, "\n")
}

func sentTable(t *testing.T, e evidence) string {
	rows := []string{"| activity | when | shape | proven by |", "|---|---|---|---|"}
	for _, l := range sent {
		rows = append(rows, tableRow(l.activity, l.words, l.shape, e.shown(t, l.by)))
	}
	return strings.Join(rows, "\n")
}

func understoodTable(t *testing.T, e evidence) string {
	rows := []string{"| activity | effect | proven by |", "|---|---|---|"}
	for _, l := range understood {
		rows = append(rows, tableRow(l.activity, l.words, e.shown(t, l.by)))
	}
	return strings.Join(rows, "\n")
}

func tableRow(columns ...string) string {
	return strings.ReplaceAll("| "+strings.Join(columns, " | ")+" |", "|  |", "| |")
}

// peerTables are the live matrix with its dates, what each Fedify's vocabulary does not know, and the programs whose shapes are sent.
func peerTables(t *testing.T, e evidence) string {
	var out strings.Builder
	rows, dates := matrixTable(e)
	fmt.Fprintf(&out, "Live, over loopback, with the real publisher and daemon (`interop TestFedify`), last recorded %s. Each cell is a test; the scheme is that in which the "+
		"receiver verified the signature. A dash: that Fedify has no such thing.\n\n%s\n\n", strings.Join(dates, ", "), strings.Join(rows, "\n"))
	out.WriteString("Every form of a post, the actors and the collections are read into Fedify's classes and written again (`interop TestVocabulary`). All members survive but these, which its vocabulary does not have:\n\n")
	for _, folder := range slices.Sorted(maps.Keys(unknown)) {
		for _, member := range slices.Sorted(maps.Keys(unknown[folder])) {
			fmt.Fprintf(&out, "- Fedify %s: `%s` (%s)\n", fedifyVersion(t, folder), member, unknown[folder][member])
		}
	}
	out.WriteString("\nIn their shapes, as each program writes and signs them, not live (`inbox TestHonest`):\n\n| program | what it says there |\n|---|---|\n")
	for _, p := range e.programs {
		out.WriteString(tableRow(p.Program, strings.Join(p.Says, ", ")) + "\n")
	}
	return out.String()
}

// matrixTable has a line for each step and a column for each version and scheme.
func matrixTable(e evidence) (rows, dates []string) {
	type column struct{ version, scheme string }
	var columns []column
	for _, p := range e.matrix {
		if c := (column{p.Version, p.Scheme}); !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
		if !slices.Contains(dates, p.Date) {
			dates = append(dates, p.Date)
		}
	}
	head := []string{"", "activity"}
	for _, c := range columns {
		head = append(head, fmt.Sprintf("Fedify %s, %s", c.version, map[string]string{"cavage": "draft-cavage", "rfc9421": "RFC 9421"}[c.scheme]))
	}
	rows = []string{tableRow(head...), strings.Repeat("|---", len(head)) + "|"}
	for _, s := range steps {
		cells := []string{directions[s.Direction], s.Activity}
		for _, c := range columns {
			passed := slices.ContainsFunc(e.matrix, func(p proven) bool {
				return p.Version == c.version && p.Scheme == c.scheme && p.Direction == s.Direction && p.Activity == s.Activity
			})
			cells = append(cells, map[bool]string{true: "yes", false: "–"}[passed])
		}
		rows = append(rows, tableRow(cells...))
	}
	slices.Sort(dates)
	return rows, dates
}

var directions = map[string]string{"in": "received", "out": "sent", "get": "it fetches", "give": "the blog fetches"}

var longString = regexp.MustCompile(`"(?:[^"\\]|\\.){90,}"`)

// example is the golden Article with its long texts cut short.
func example(t *testing.T, _ evidence) string {
	golden, err := os.ReadFile("../publisher/testdata/article.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	short := longString.ReplaceAllStringFunc(string(golden), func(s string) string {
		cut := s[:70]
		for !utf8.ValidString(cut) {
			cut = cut[:len(cut)-1]
		}
		if i := strings.LastIndexByte(cut, '\\'); i > len(cut)-7 {
			cut = cut[:i]
		}
		return cut + `…"`
	})
	return "An Article, from the golden file `publisher/testdata/article.golden.json`, long texts cut short:\n\n```json\n" + strings.TrimSpace(short) + "\n```"
}
