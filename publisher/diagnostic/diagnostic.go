// Package diagnostic is the table of everything that Postil has to say about settings, content, templates and themes: one row a
// code. From it come docs/diagnostics, "publish help P012" and the rules of a SARIF log.
//
// A row holds an example that yields its code, and one that does not: the publisher's tests run both. To add a code, add its
// constant beside the others in publisher/diagnostics.go, a row here, and run
// go test ./publisher -run TestDiagnosticPages -update. The package knows no post and reads no file.
package diagnostic

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Row explains one code, for ever the same thing.
type Row struct {
	Code     string // "P012"
	Severity string // "error", "warning", or "error or warning"
	Name     string // a few words, "date is not a date"
	Meaning  string
	Why      string // what would happen otherwise
	Fix      string // what to do
	// Bad yields the code and Good does not. A text that begins with "-- " is a txtar archive of a site's files, in which those
	// below before/ are published first; any other text is a post.
	Bad, Good string
	// Import names the program ("jekyll") whose blog the examples are, where the code is told by publish init --from.
	Import string
	// Outside names the package and the test that hold the code where a program or a server is at fault: the examples are only shown.
	Outside string
}

// All lists the rows by their code.
func All() []Row {
	all := slices.Concat(frontMatter, files, content, look, markup, imports)
	slices.SortFunc(all, func(x, y Row) int { return cmp.Compare(x.Code, y.Code) })
	return all
}

// Find gives the row of a code, whatever its case.
func Find(code string) (Row, bool) {
	all := All()
	i := slices.IndexFunc(all, func(r Row) bool { return strings.EqualFold(r.Code, code) })
	if i < 0 {
		return Row{}, false
	}
	return all[i], true
}

// ExampleFile is the file of an example that is one post.
const ExampleFile = "content/posts/example.md"

// Files gives the files of an example.
func Files(example string) map[string]string {
	if !strings.HasPrefix(example, "-- ") {
		return map[string]string{ExampleFile: example}
	}
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(example)).Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// Address is where the page of a code is read.
func (r Row) Address() string {
	return "https://github.com/postil-blog/postil/blob/main/docs/diagnostics/" + r.Code + ".md"
}

// Text is the row for a terminal.
func (r Row) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n\n%s\n", r.Code, r.Severity, r.Name, wrap(r.Meaning))
	if r.Why != "" {
		fmt.Fprintf(&b, "\nWhy it matters\n%s\n", wrap(r.Why))
	}
	fmt.Fprintf(&b, "\nWhat to do\n%s\n", wrap(r.Fix))
	for _, e := range []struct{ title, text string }{{"Not so", r.Bad}, {"But so", r.Good}} {
		if e.text != "" {
			fmt.Fprintf(&b, "\n%s\n%s\n", e.title, indent(shown(e.text)))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// Page is the row as a page of docs/diagnostics.
func (r Row) Page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n*%s*\n\n%s\n", r.Code, r.Name, r.Severity, markdown(r.Meaning))
	if r.Why != "" {
		fmt.Fprintf(&b, "\n## Why it matters\n\n%s\n", markdown(r.Why))
	}
	fmt.Fprintf(&b, "\n## What to do\n\n%s\n", markdown(r.Fix))
	for _, e := range []struct{ title, text string }{{"Not so", r.Bad}, {"But so", r.Good}} {
		if e.text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n```\n%s```\n", e.title, ended(shown(e.text)))
		}
	}
	return b.String()
}

// Index is docs/diagnostics/README.md.
func Index() string {
	var b strings.Builder
	b.WriteString("# Diagnostics\n\nEvery fault that `publish` tells has a code that keeps its meaning for ever. An error stops the run before anything is written; a warning is said and\n" +
		"published. `publish help P012` says the same as the page of a code. These pages are made from the table in `publisher/diagnostic`.\n\n" +
		"| code | means | | what to do |\n|---|---|---|---|\n")
	for _, r := range All() {
		fmt.Fprintf(&b, "| %s | [%s](%s.md) | %s | %s |\n", r.Code, cell(r.Name), r.Code, r.Severity, cell(markdown(r.Fix)))
	}
	return b.String()
}

// markdownLink is Markdown that a row talks about: in a page it stands as code, else it would be a link of the page.
var markdownLink = regexp.MustCompile(`!?\[[^\]]*\]\([^)]*\)`)

func markdown(s string) string { return markdownLink.ReplaceAllString(s, "`$0`") }

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// maxShown bounds an example in a page, in lines.
const maxShown = 40

// shown is an example as people read it: a line that is long for the sake of the fault is cut.
func shown(example string) string {
	lines := strings.Split(strings.TrimRight(example, "\n"), "\n")
	if len(lines) > maxShown {
		lines = append(lines[:maxShown], "…")
	}
	for i, line := range lines {
		if r := []rune(line); len(r) > 160 {
			lines[i] = string(r[:160]) + "…"
		}
	}
	return strings.Join(lines, "\n")
}

func ended(s string) string { return strings.TrimRight(s, "\n") + "\n" }

func indent(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("    "+line, " ")
	}
	return strings.Join(lines, "\n")
}

// wrap breaks a paragraph into lines for a terminal.
func wrap(s string) string {
	const width = 96
	var b strings.Builder
	at := 0
	for _, word := range strings.Fields(s) {
		n := len([]rune(word))
		switch {
		case at == 0:
			b.WriteString("  ")
			at = 2
		case at+1+n > width:
			b.WriteString("\n  ")
			at = 2
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
