//go:build linux

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// slow are beginnings of Markdown that a reader without bounds takes more than linear time for, many times over.
var slow = map[string]string{
	"links":             "[a](b",
	"lists":             "- ",
	"ordered lists":     "1. ",
	"ordered, brackets": "1) ",
	"quotes":            "> ",
	"quotes, tight":     ">",
	"mixed":             "> - ",
	"emphasis":          "*a_ ",
	"emphasis, odd":     "**a *b ",
	"emphasis, words":   "a**b",
	"underscores":       "_a __b ",
	"strikes":           "~~a ~b ",
	"brackets":          "[",
	"pairs":             "[]",
	"closing":           "]",
	"pictures":          "![",
	"nested pictures":   "![a](b \"![",
	"code":              "`a``b",
	"html":              "<a ",
	"html attributes":   "<a b='",
	"comments":          "<!-- ",
	"declarations":      "<!A ",
	"instructions":      "<?",
	"cdata":             "<![CDATA[",
	"autolinks":         "<a:",
	"addresses":         "http://a.example/(",
	"www":               "www.a.",
	"mail":              "a@b.",
	"mail, long":        "a.",
	"mail signs":        "a@",
	"entities":          "&#x",
	"escapes":           "\\",
	"quotation":         "\"a 'b ",
	"dashes":            "-- ... <<",
	"footnotes":         "[^a",
	"footnote uses":     "[^1] ",
	"wikilinks":         "[[a|",
	"embeds":            "![[a",
	"shortcodes":        "{{< a ",
	"shortcodes, open":  "{{< details >}}",
	"shortcode values":  "{{< figure src=\"a",
	"mentions":          "@a@b.example ",
	"mention signs":     "@a@",
	"emoji":             ":a",
	"emoji known":       ":smile:",
	"marks":             "==a ",
	"scripts":           "^a ~b ",
	"attributes":        "{#a .b ",
	"tables":            "|a",
	"pipes":             "|-",
	"tasks":             "- [ ] ",
	"hashtags":          "#a ",
	"spaces":            "   ",
	"tabs":              "\t",
}

// lines are the same line by line, with numbers where %d stands.
var lines = map[string]string{
	"headings":          "# a\n",
	"headings, slugs":   "# a-%d\n",
	"headings, names":   "# a {#b}\n\n",
	"setext":            "a\n-\n",
	"rules":             "***\n",
	"definitions":       "[a%d]: b\n",
	"definitions, use":  "[a%d]: b\n\n[a%[1]d]\n\n",
	"same definition":   "[a]: b\n",
	"footnotes":         "[^%d]: b\n\na[^%[1]d]\n\n",
	"footnotes, inner":  "[^%d]: b [^%[1]d]\n",
	"footnote, twice":   "[^1]: b\n\n",
	"terms":             "a\n: b\n",
	"abbreviations":     "*[A%d]: b\n\nA%[1]d A1\n\n",
	"tables":            "|a|\n|-|\n|b|\n\n",
	"rows":              "|a|b|\n|-|-|\n",
	"lists":             "- a\n\n",
	"list of lists":     "- a\n  - b\n    - c\n",
	"tasks":             "- [ ] a\n",
	"quotes":            "> a\n\n",
	"callouts":          "> [!note] a\n> b\n\n",
	"callouts, unknown": "> [!nonsense] a\n\n",
	"fences":            "```\na\n```\n",
	"fences, options":   "```go {hl_lines=[1-%d] title=\"a\"}\na\n```\n",
	"fences, open":      "```\n~~~\n",
	"html":              "<div>\n",
	"html, closed":      "<b>a</b>\n\n",
	"comments":          "<!--\n\n",
	"formulas":          "$$\na\n$$\n\n",
	"formulas, inline":  "$a_%d$ \n",
	"figures":           "![a](b.png \"c\")\n\n",
	"wikilinks":         "[[a%d]]\n\n",
	"shortcodes":        "{{< details >}}\na\n{{< /details >}}\n\n",
	"shortcodes, wrong": "{{< nothing%d >}}\n\n",
	"lazy":              "> a\nb\n",
	"breaks":            "a  \n",
	"empty":             "\n",
	"mentions":          "@a%d@b.example\n\n",
	"links":             "[a](x%d.md)\n\n",
	"anchors":           "[a](#x%d)\n\n",
	"addresses":         "https://a.example/%d\n\n",
}

// languages are those of code that is coloured.
var languages = []string{"go", "python", "sh", "js", "html", "css", "c", "rust", "java", "ruby", "php", "perl", "sql", "yaml", "toml", "json", "markdown", "diff", "make", "haskell", "lua", "tex", "xml", "ts", "kotlin", "swift", "jsx", "cs", "cpp", "docker"}

// markdownRows are texts of 64 and of 300 KB.
func markdownRows() (rows []hostile) {
	add := func(name, text string) {
		rows = append(rows, hostile{name: name, either: true, lay: func(b *box) {
			b.write(posts+"a.md", "+++\ntitle = \"A\"\ndate = 2020-01-02\nmath = true\n+++\n"+text+"\n")
		}})
	}
	for _, name := range slices.Sorted(maps.Keys(slow)) {
		part := slow[name]
		for _, kb := range []int{64, 300} {
			add(fmt.Sprintf("%s, %d KB", name, kb), strings.Repeat(part, kb<<10/len(part)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		line := lines[name]
		for _, kb := range []int{64, 300} {
			var s strings.Builder
			for i := 0; s.Len() < kb<<10; i++ {
				if strings.Contains(line, "%") {
					fmt.Fprintf(&s, line, i)
				} else {
					s.WriteString(line)
				}
			}
			add(fmt.Sprintf("lines of %s, %d KB", name, kb), s.String())
		}
	}
	for name, text := range shapes() {
		add(name, text)
	}
	for _, l := range languages {
		for name, part := range map[string]string{"words": "abc ", "quotes": "\"'`\\", "brackets": "({[<", "comments": "/* // # -- ", "letters": "a", "blanks": " "} {
			add("code in "+l+", "+name, "```"+l+"\n"+strings.Repeat(part, 128<<10/len(part))+"\n```")
		}
	}
	slices.SortFunc(rows, func(x, y hostile) int { return strings.Compare(x.name, y.name) })
	return rows
}

// shapes are texts of 300 KB whose lines differ.
func shapes() map[string]string {
	body := func(head, line string) string {
		var s strings.Builder
		for s.WriteString(head); s.Len() < 300<<10; {
			s.WriteString(line)
		}
		return s.String()
	}
	numbered := func(line string) string {
		var s strings.Builder
		for i := 0; s.Len() < 300<<10; i++ {
			fmt.Fprintf(&s, line, i)
		}
		return s.String()
	}
	return map[string]string{
		"a wide table":           body(strings.Repeat("|a", 3000)+"|\n"+strings.Repeat("|-", 3000)+"|\n", "|b|\n"),
		"quotes in quotes":       body("", strings.Repeat(">", 50)+" a\n\n"),
		"tables in tables":       body("", "<table><tr><td>\n\n"),
		"ends of nothing":        body(strings.Repeat("<div>\n\n", 20_000), "</b>\n\n"),
		"many languages":         numbered("```lang%d\na b c\n```\n"),
		"formulas of all kinds":  numbered("$$a_{%d}$$\n\n"),
		"formulas in captions":   numbered("![a](b.png \"*c* $x_%d$ @d@e.example\")\n\n"),
		"a formula without end":  body("$$\n", "a\n"),
		"emoji of all kinds":     numbered(":a%d:\n\n"),
		"mentions of all kinds":  numbered("@a%d@b.example "),
		"links within the post":  numbered("# a%d\n\n[b](#c%[1]d)\n\n"),
		"links that are written": numbered("[a](#x&amp;%d)\n\n"),
	}
}

// everyTime are the names of rows that a reader without the bounds and the indices of ours takes longest for.
func everyTime(name string) bool {
	return slices.Contains([]string{
		"lines of headings, 300 KB", "lines of headings, names, 300 KB", "lines of setext, 300 KB", "lines of anchors, 300 KB", "lines of footnotes, 300 KB", "lines of formulas, 300 KB",
		"mail, 300 KB", "mail signs, 300 KB", "mention signs, 300 KB", "mentions, 300 KB", "lines of figures, 300 KB",
		"a wide table", "quotes in quotes", "tables in tables", "many languages", "formulas of all kinds", "formulas in captions", "emoji of all kinds", "mentions of all kinds",
	}, name)
}
