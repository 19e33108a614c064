package peers

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// maxLines is how many lines of a text the terminal shows.
const maxLines = 12

// width is the breadth of a card in the terminal, in characters.
const width = 76

// WriteText writes a small card for each View, with its findings beneath.
func WriteText(w io.Writer, views []View) error {
	var b strings.Builder
	for i, v := range views {
		if i > 0 {
			b.WriteString("\n")
		}
		v.writeText(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (v View) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n", v.Software)
	if !v.Dropped {
		b.WriteString("┌─\n")
		for _, line := range v.lines() {
			fmt.Fprintf(b, "│ %s\n", printable(line))
		}
		b.WriteString("└─\n")
	}
	for _, f := range v.Findings {
		f.write(b)
	}
	if v.Unsure != "" {
		fmt.Fprintf(b, "  ? %-8s %s\n", "unsure", v.Unsure)
	}
}

// marks stand before findings.
var marks = map[string]string{Shown: "✓", Folded: "▸", Dropped: "✗", Wrong: "!"}

func (f Finding) write(b *strings.Builder) {
	rest := strings.TrimPrefix(f.Field+": "+f.Why, ": ")
	if f.Why == "" {
		rest = f.Field
	}
	fmt.Fprintf(b, "  %s %-8s %s\n", marks[f.What], f.What, printable(rest))
	if f.Fix != "" {
		fmt.Fprintf(b, "    %-8s %s\n", "fix", printable(f.Fix))
	}
}

// lines are what stands in the card.
func (v View) lines() []string {
	head := "@" + v.Acct
	if !v.Published.IsZero() {
		head += " · " + v.Published.UTC().Format(time.DateOnly)
	}
	lines := []string{head}
	add := func(format string, a ...any) { lines = append(lines, wrap(fmt.Sprintf(format, a...))...) }
	if v.Title != "" {
		add("** %s **", v.Title)
	}
	if v.Warning != "" {
		add("▸ %s  [show more]", v.Warning)
	}
	lines = append(lines, v.bodyLines()...)
	for i, p := range v.Pictures {
		add("[picture %d of %d] %s", i+1, v.Of, describe(p))
	}
	if v.Card != nil {
		add("[card] %s  %s", v.Card.Title, v.Card.URL)
	}
	if len(v.Tags) > 0 {
		add("%s", strings.Join(v.Tags, " "))
	}
	return lines
}

func describe(p Picture) string {
	if p.Alt == "" {
		return "without a description"
	}
	return p.Alt
}

// bodyLines is the text, cut to what a terminal holds.
func (v View) bodyLines() []string {
	var lines []string
	for line := range strings.SplitSeq(v.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, wrap(line)...)
		}
	}
	if len(lines) > maxLines {
		lines = append(lines[:maxLines:maxLines], fmt.Sprintf("(%d more lines)", len(lines)-maxLines))
	}
	if v.More > 0 {
		lines = append(lines, "(and "+count(v.More, "word")+" more)")
	}
	if v.Warning != "" {
		for i := range lines {
			lines[i] = "  " + lines[i]
		}
	}
	return lines
}

// wrap breaks a text into lines of at most width characters, where it has spaces.
func wrap(s string) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// printable takes out what would steer a terminal or turn a line around: a preview must not be told what to look like by a post.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}
