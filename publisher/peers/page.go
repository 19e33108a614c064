package peers

import (
	_ "embed"
	"html/template"
	"io"
	"time"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"date":     func(t time.Time) string { return t.UTC().Format("2 Jan 2006") },
	"mark":     func(what string) string { return marks[what] },
	"count":    count,
	"describe": describe,
}).Parse(pageText))

// WritePage writes one HTML page with a card for each View. It holds its own styles, no script, and asks no server for anything:
// pictures are boxes with their description.
func WritePage(w io.Writer, title string, views []View) error {
	return pageTemplate.Execute(w, map[string]any{"Title": title, "Views": views})
}
