package templates

import (
	"regexp"
	"strings"
)

// Lean is a script of Postil's own as it is sent: without lines that are comments alone, and without indentation. It knows no text that
// runs over several lines, which these scripts do not have.
func Lean(script string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		if line = strings.TrimLeft(line, " "); !strings.HasPrefix(line, "//") && line != "\n" {
			b.WriteString(line)
		}
	}
	return b.String()
}

var (
	remark  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	around  = regexp.MustCompile(`\s*([{};])\s*`)
	setting = regexp.MustCompile(`([{;][a-z-]+): `)
)

// LeanStyle is a style sheet of Postil's own as it is sent: without comments and the spaces that divide nothing. It knows no string that
// holds a brace or a semicolon, which these style sheets do not have.
func LeanStyle(css string) string {
	css = around.ReplaceAllString(remark.ReplaceAllString(css, ""), "$1")
	return setting.ReplaceAllString(strings.ReplaceAll(strings.TrimSpace(css), ";}", "}"), "$1:") + "\n"
}
