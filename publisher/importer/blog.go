package importer

import (
	"time"
)

// Blog is what every source is read into.
type Blog struct {
	Title, Description string
	URL                string // the old address, "" where the source does not say it
	Language, Timezone string
	Authors            []Author
	Posts              []*Post
}

// Author is one who writes.
type Author struct {
	Key  string // as posts name them
	Name string // as readers see it

	name string // of [authors.NAME]
}

// Post is a post or a page of the old blog.
type Post struct {
	Source string // file or address in the export, for notes
	Line   int    // where it begins there, 0 if that says nothing
	Key    string // its identity in the export: the same in every export of the blog

	Page  bool
	Draft bool
	Title string
	Slug  string // as the old blog has it
	Body  string // Markdown
	Lang  string

	Date, Updated, Expires time.Time
	Tags                   []string
	Series                 string
	Summary                string
	Author                 string // Author.Key
	Image                  Picture
	Math                   bool
	CommentsMode           string // front matter's comments
	Canonical              string // where the text first appeared, if elsewhere
	Params                 map[string]any

	OldPath  string   // path at the old site, "/2024/01/hello/"; "" if it has none
	Query    []string // old addresses that are a query alone, "?p=12"
	Aliases  []string // further old paths
	Comments []Comment
	Beside   map[string]asset // files of its own folder, by their name there
	raw      bool             // Body may hold raw HTML: it was Markdown already

	file      string // below content/
	path      string // site path
	permalink bool   // path is not what the file's name gives
	id        string
	aliases   []string
}

// Picture is a post's lead picture.
type Picture struct{ Src, Alt string }

// Comment is one that stood under a post. It has no e-mail address: none is read.
type Comment struct {
	ID, Parent string // Parent is "" or the ID of another
	Name       string
	URL        string // of its author
	HTML       string
	Date       time.Time
	Owner      bool // the blog's own
}
