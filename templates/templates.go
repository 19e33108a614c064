// Package templates lends the built-in HTML templates to publish and inboxd, and names the data that each of them gets: what a
// theme author can rely on (page.go).
//
// Template files come in, the built-in ones and over them a site's own; one *template.Template goes out. It reads no
// environment and opens no file but those of the folder it is given, it imports nothing of ours, and no function that a
// template can call reaches further than its arguments: the same data gives the same bytes on every machine.
//
// One file is one template of that name. The names that programs execute are fixed: post, page, index, tag, tags, author, series-page,
// overview, archive, notfound and search with a Page; comments with an activitypub.Thread, by publish when it bakes a thread and by inboxd when it serves
// one, so that both are the same to the byte; found with a Found, by inboxd; interact with an Interact. All other files are partials. The data for comments
// is known here by its members only (Thread in docs), because this room knows no fediverse.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed *.html
var builtin embed.FS

// Builtin is the folder of the built-in templates, one file each, for who wants to change them.
func Builtin() fs.FS { return builtin }

// Executable lists the templates that programs execute, in the order of the package comment.
var Executable = []string{"post", "page", "index", "tag", "tags", "author", "series-page", "overview", "archive", "notfound", "search", "comments", "comments-head", "comment", "comments-tail",
	"found", "faces", "interact"}

// Load parses the built-in templates and, over them, the *.html files of dir (a site's templates/ folder; nil for none). A
// file of dir replaces the built-in template of its name, or adds one. A fault names file and line, also one that only shows
// when values are escaped for where they stand (an unclosed quote): no fault of syntax waits for the first page.
// Every caller without a folder gets the same set: execute it, add nothing to it.
func Load(dir fs.FS) (*template.Template, error) {
	if dir == nil {
		return unchanged()
	}
	return parse(dir)
}

// unchanged is the built-in set, parsed once: who gets it executes it and changes nothing.
var unchanged = sync.OnceValues(func() (*template.Template, error) { return parse(nil) })

func parse(dir fs.FS) (*template.Template, error) {
	root := template.New("").Funcs(functions)
	if err := parseAll(root, builtin, ""); err != nil {
		return nil, fmt.Errorf("built-in templates: %w", err)
	}
	if dir != nil {
		if err := parseAll(root, dir, "templates/"); err != nil {
			return nil, err
		}
	}
	if err := escape(root, Executable); err != nil {
		return nil, err
	}
	return root, nil
}

// escape has the escaper look at templates and at all that they call. It runs when a template is first executed, so each is called where it is
// never reached: one that does not end must not run here.
func escape(root *template.Template, names []string) error {
	files := map[string]string{}
	for _, name := range names {
		files[name] = root.Lookup(name).Tree.ParseName
		if _, err := root.New("escape/" + name).Parse(fmt.Sprintf("{{if false}}{{template %q .}}{{end}}", name)); err != nil {
			return err
		}
	}
	for _, name := range names {
		var fault *template.Error
		if err := root.ExecuteTemplate(io.Discard, "escape/"+name, nil); errors.As(err, &fault) {
			return escapeFault(files[name], err)
		}
	}
	return nil
}

// escapeFault adds the file where the escaper names the template alone (a tag or quote still open at its end).
func escapeFault(file string, err error) error {
	if strings.Contains(err.Error(), file) {
		return err
	}
	return fmt.Errorf("%s: %w", file, err)
}

// parseAll adds every *.html file at the top of dir. prefix is how messages name the folder.
func parseAll(root *template.Template, dir fs.FS, prefix string) error {
	names, err := fs.Glob(dir, "*.html")
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := parseFile(root, dir, name, prefix+name); err != nil {
			return err
		}
	}
	return nil
}

// parseFile makes the file's text the template of its name. The tree keeps the file's name for messages. A file that only
// holds {{define}} blocks does not empty the template that it is named after.
func parseFile(root *template.Template, dir fs.FS, name, shown string) error {
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	t, err := root.New(shown).Parse(string(text))
	if err != nil {
		return err
	}
	if t.Tree == nil || strings.TrimSpace(t.Tree.Root.String()) == "" && root.Lookup(stem(name)) != nil {
		return nil
	}
	_, err = root.AddParseTree(stem(name), t.Tree)
	return err
}

func stem(name string) string { return strings.TrimSuffix(path.Base(name), ".html") }
