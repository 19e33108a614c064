package templates

import (
	"html/template"
	"io/fs"
	"slices"
	"strings"
)

// Shortcode is what a template of templates/shortcodes/ gets: NAME.html is run for {{< NAME … >}} in a post.
type Shortcode struct {
	Name   string
	Inner  template.HTML     // the Markdown between the shortcode and its end, rendered
	Args   []string          // arguments without a name
	Params map[string]string // arguments with one
	// Of the post:
	Title, Language string
	Page            map[string]any // params and x-… of its front matter
	Data            map[string]any // what the site's data files hold, as in Page
}

// Get is an argument by its place (from 0) or its name, "" where it is not given.
func (s Shortcode) Get(key any) string {
	switch key := key.(type) {
	case int:
		if 0 <= key && key < len(s.Args) {
			return s.Args[key]
		}
	case string:
		return s.Params[key]
	}
	return ""
}

// LoadShortcodes parses the *.html files of dir (a site's templates/shortcodes/), each the shortcode of its name. They see the
// functions of all templates and nothing else: no file, no environment. A fault names file and line.
func LoadShortcodes(dir fs.FS) (*template.Template, error) {
	root := template.New("").Funcs(functions)
	if err := parseAll(root, dir, "templates/shortcodes/"); err != nil {
		return nil, err
	}
	names, _ := ShortcodeNames(root)
	if err := escape(root, names); err != nil {
		return nil, err
	}
	return root, nil
}

// ShortcodeNames are the names that LoadShortcodes found, in order, each with whether its template uses .Inner.
func ShortcodeNames(t *template.Template) (names []string, inner map[string]bool) {
	inner = map[string]bool{}
	for _, s := range t.Templates() {
		if strings.Contains(s.Name(), "/") || s.Name() == "" || s.Tree == nil {
			continue // the file, which parseFile keeps beside its name
		}
		names = append(names, s.Name())
		inner[s.Name()] = strings.Contains(s.Tree.Root.String(), ".Inner")
	}
	slices.Sort(names)
	return names, inner
}
