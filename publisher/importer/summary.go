package importer

import (
	"cmp"
	"slices"

	"github.com/postil-blog/postil/site"
)

// The codes of what is said about an import. Each keeps its meaning for ever; docs/diagnostics explains them.
const (
	CodeMarkup  = "P090" // a shortcode, tag or card that has no equal in Markdown
	CodeMedia   = "P091" // a picture or file that is not in the export
	CodeAddress = "P092" // an old address that no file can redirect, or that another page has
	CodeSlug    = "P093" // two posts with one slug: one was numbered
	CodeHTML    = "P094" // scripts, frames and forms that were dropped
	CodeDate    = "P095" // a date that is none
	CodeComment = "P096" // a comment that was not carried
	CodeItem    = "P097" // a post, page or file that was not carried, or as a draft alone
	CodeUnread  = "P098" // an export that cannot be read
	CodeSetting = "P099" // a setting or feature of the old blog without an equal
)

// Summary is what an import carried and what it did not.
type Summary struct {
	V       int    `json:"v"` // 1
	From    string `json:"from"`
	Dir     string `json:"dir"`
	Carried Counts `json:"carried"`
	// Silent counts the posts that are younger than a week and marked so that followers are not told of them.
	Silent     int    `json:"silent"`
	NotCarried []Note `json:"notCarried"`
}

// Counts is how much of each kind was carried.
type Counts struct {
	Posts     int `json:"posts"` // that are out
	Pages     int `json:"pages"`
	Drafts    int `json:"drafts"`
	Media     int `json:"media"`
	Comments  int `json:"comments"`
	Redirects int `json:"redirects"`
	Tags      int `json:"tags"`
	Authors   int `json:"authors"`
}

// Note is one thing that was not carried, or not as it was: where it stood, and why.
type Note struct {
	Code    string `json:"code"`
	File    string `json:"file,omitempty"` // of the export, or an address
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
	Help    string `json:"help,omitempty"`
}

// maxNotes bounds what is kept: a hostile export must not fill the memory with its faults.
const maxNotes = 100_000

func (in *importing) note(n Note) {
	if len(in.summary.NotCarried) < maxNotes {
		n.Message, n.Help = line(n.Message, 300), line(n.Help, 300)
		in.summary.NotCarried = append(in.summary.NotCarried, n)
	}
}

// about notes something of a post.
func (in *importing) about(p *Post, code, message, help string) {
	in.note(Note{Code: code, File: p.Source, Line: p.Line, Message: message, Help: help})
}

// sorted gives the notes in the order of codes and places, each once.
func sorted(notes []Note) []Note {
	slices.SortStableFunc(notes, func(x, y Note) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Message, y.Message))
	})
	return slices.Compact(notes)
}

// unread is the fault of an export that cannot be read.
func unread(file string, at int, message, help string) error {
	return site.Diagnostics{{Severity: site.Error, Code: CodeUnread, File: file, Line: at, Message: message, Help: help}}
}
