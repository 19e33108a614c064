package publisher

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postil-blog/postil/publisher/bounded"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// templatePlace is how html/template begins what it says: "template: templates/post.html:3:7: executing "post" at <.Titel>: …".
var templatePlace = regexp.MustCompile(`(?s)^(?:.*?: )?(?:html/)?template: ?([^:\s]+\.html):(\d+)(?::(\d+))?: (?:executing "[^"]*" at <(.*?)>: )?(.*)$`)

// templateFault names both places: the template's, and the page or post that was being made. Of a list it names the post that failed in it, where
// that is known.
func (b *build) templateFault(name string, err error, at string, posts []*Post, culprit *Post) error {
	d := b.inTemplate(codeTemplate, err)
	if errors.Is(err, bounded.ErrLong) || errors.Is(err, bounded.ErrTime) {
		d.File = "templates/" + name + ".html"
	}
	d.Help = "while rendering /" + strings.TrimSuffix(at, "index.html")
	if len(posts) == 1 {
		d.Help = "while rendering " + b.shown(posts[0].File)
	} else if culprit != nil {
		d.Help += " with " + b.shown(culprit.File)
	}
	return site.Diagnostics{d}
}

// culprit is the first post of a list that fails by itself as the whole list did; nil where the list fails without any.
func (b *build) culprit(name string, page templates.Page, posts []*Post, fault error) *Post {
	if len(page.Posts) != len(posts) {
		return nil
	}
	fails := func(list []*templates.Post) bool {
		page.Posts = list
		err := b.templates.ExecuteTemplate(io.Discard, name, page)
		return err != nil && err.Error() == fault.Error()
	}
	all := page.Posts
	if fails(nil) {
		return nil
	}
	for i, p := range posts {
		if fails(all[i : i+1]) {
			return p
		}
	}
	return nil
}

// inTemplate makes a diagnostic of a template's error, at its place in the template where that is told.
func (b *build) inTemplate(code string, err error) site.Diagnostic {
	d := site.Diagnostic{Severity: site.Error, Code: code, File: "templates", Message: err.Error()}
	m := templatePlace.FindStringSubmatch(err.Error())
	if m == nil {
		return d
	}
	d.File, d.Message = m[1], m[5]
	d.Line, _ = strconv.Atoi(m[2])
	offset, _ := strconv.Atoi(m[3])
	data, err := fs.ReadFile(b.site.FS(), d.File)
	if err != nil {
		return d // a built-in one: it has no file to show
	}
	d.Excerpt = excerpt(strings.ReplaceAll(string(data), "\r\n", "\n"), d.Line)
	d.Col, d.Width = 1, 1
	if m[4] != "" {
		// The place is that of the last word of what stands between < and >.
		if i := strings.Index(d.Excerpt, m[4]); i >= 0 {
			offset, d.Width = i, utf8.RuneCountInString(m[4])
		}
	}
	d.Col = utf8.RuneCountInString(d.Excerpt[:min(offset, len(d.Excerpt))]) + 1
	return d
}

// noFile makes a diagnostic of an error that says what lies in a folder of templates or of a theme: no plain file, too large a one, or a
// link that leads out of the folder or nowhere.
func (b *build) noFile(folder, code string, err error) (site.Diagnostic, bool) {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return site.Diagnostic{}, false
	}
	name := path.Join(folder, at.Path)
	d := site.Diagnostic{Severity: site.Error, Code: code, File: name, Message: at.Err.Error(), Help: "copy the file here, or remove it"}
	if errors.Is(err, plainfile.ErrKind) || errors.Is(err, plainfile.ErrLarge) {
		return d, true
	}
	d.Message = "this leads out of the folder, or nowhere"
	info, lost := b.site.Lstat(name)
	return d, lost == nil && info.Mode()&fs.ModeSymlink != 0
}

// sameTemplate tells the faults of pages once for each place in a template, with the first page by name and the number of the others.
func sameTemplate(faults site.Diagnostics) site.Diagnostics {
	slices.SortFunc(faults, func(x, y site.Diagnostic) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Col, y.Col), cmp.Compare(x.Message, y.Message), cmp.Compare(x.Help, y.Help))
	})
	var told site.Diagnostics
	more := 0
	for i, d := range faults {
		again := d.Code == codeTemplate && i > 0 && d.File == faults[i-1].File && d.Line == faults[i-1].Line && d.Col == faults[i-1].Col && d.Message == faults[i-1].Message
		if !again {
			told, more = append(told, d), 0
			continue
		}
		more++
		last := &told[len(told)-1]
		last.Help, _, _ = strings.Cut(last.Help, ", and ")
		last.Help += fmt.Sprintf(", and %s", plural(more, "more page"))
	}
	return told
}

// together is one error of several: all faults where all are faults, else the first that is the machine's.
func together(errs ...error) error {
	var all site.Diagnostics
	for _, err := range errs {
		var ds site.Diagnostics
		if err != nil && !errors.As(err, &ds) {
			return err
		}
		all = append(all, ds...)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
