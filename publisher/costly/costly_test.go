package costly

import (
	"strings"
	"testing"
)

// TestLook gives what is costly, and what only looks like it.
func TestLook(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat("|a", 300) + "|\n" + strings.Repeat("|-", 300) + "|\n"
	for name, c := range map[string]struct {
		text, says string // "" for what is let through
		line       int
	}{
		"levels":             {strings.Repeat("> ", 101) + "a\n", "101 levels", 1},
		"indentation":        {"a\n\n" + strings.Repeat(" ", 250) + "a\n", "levels", 3},
		"deep lines":         {strings.Repeat(strings.Repeat(">", 50)+" a\n\n", 1200), "more than four levels", 2173},
		"brackets":           {"a\n" + strings.Repeat("[", 10_001), "10,000 brackets", 2},
		"brackets, lines":    {strings.Repeat("[]\n", 5_001), "10,000 brackets", 5_001},
		"marks":              {strings.Repeat("*", 10_001), "10,000 brackets or emphasis", 1},
		"dollars":            {strings.Repeat("$", 10_001), "", 0},
		"footnotes":          {strings.Repeat("[^1]: a\n\nb[^1]\n\n", 3_001), "3,000 footnotes", 12_001},
		"lacking":            {wide + strings.Repeat("|b|\n", 100), "lack more than 20,000 cells", 70},
		"lacking, bare":      {wide + strings.Repeat("b\n", 100), "lack more than 20,000 cells", 69},
		"lacking, quoted":    {"> " + strings.ReplaceAll(strings.TrimSpace(wide), "\n", "\n> ") + strings.Repeat("\n> |b|", 100), "lack", 70},
		"a quotation's end":  {strings.Repeat(strings.Repeat("> ", 6)+"a\n\n", 1000), "", 0},
		"a large table":      {"|a|b|\n|-|:-:|\n" + strings.Repeat("|c|d|\n", 4_000), "", 0},
		"many tables":        {strings.Repeat("|a|b|\n|-|-|\n|c|\n\n", 10_000), "", 0},
		"text below a table": {wide + "\n" + strings.Repeat("b\n", 1000), "", 0},
		"code":               {"```\n" + strings.Repeat("[^", 10_000) + "\n```\n", "", 0},
		"paragraphs":         {strings.Repeat("[a](b)\n\n", 10_000), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, ok := Look([]byte(c.text), false)
			line := strings.Count(c.text[:f.Offset], "\n") + 1
			if ok != (c.says != "") || ok && (!strings.Contains(f.Message, c.says) || line != c.line || f.Help == "") {
				t.Errorf("%v, line %d: %+v, want %q in line %d", ok, line, f, c.says, c.line)
			}
		})
	}
	if _, ok := Look([]byte(strings.Repeat("$", 10_001)), true); !ok {
		t.Error("dollar signs count where they begin formulas")
	}
}
