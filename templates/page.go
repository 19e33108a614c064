package templates

import (
	"html/template"
	"time"
)

// Blog is what every page knows of the blog.
type Blog struct {
	Title, Description, Language, Author string
	Home                                 string // path of the front page, "/" or "/blog/"
	URL                                  string // absolute URL of the front page
	Handle                               string // "@blog@example.com", "" when federation is off
	Actor                                string // actor id, "" when federation is off
	Webmention                           string // where posts take mentions, "" where they take none
	Follow                               string // address of /interact for a follow, "" when federation is off
	Icon                                 string
	CSS, JS                              string // paths of the theme's style sheet and script, with content hash
	Live                                 string // path of the script that keeps a thread up to date, "" where JS does or there are no comments
	Feeds                                []Feed
	Menu                                 []Link
	Generator                            string // "Postil 1.0"
	Params                               map[string]any
}

// Feed is one <link rel="alternate"> of a page.
type Feed struct{ Title, Type, URL string }

// Link is an entry of a menu or list.
type Link struct {
	Name, URL string
	Current   bool
	Count     int
}

// Page is what every page template gets. Kind is "post", "page", "index", "tag", "tags", "archive", "author", "series-page", "overview", "search", "404".
type Page struct {
	Blog         Blog
	Kind         string
	Title        string // of the page alone
	Description  string
	URL          string // canonical, absolute
	Path         string // site path
	Home         string // site path of the front page in this page's language, "" for Blog.Home
	Language     string
	ActivityURL  string // id for <link rel="alternate" type="application/activity+json">, "" if none
	Image        string // absolute URL of the OpenGraph picture
	ImageAlt     string
	ImageWidth   int // in pixels, 0 where they are not known
	ImageHeight  int
	Translations []Translation // post, page, index: in all languages, this one among them; none where there is one
	Post         *Post         // post, page
	Posts        []*Post       // index, tag, author, series-page
	Years        []Year        // archive
	Tags         []Link        // tags
	List         []Link        // overview: all authors or all series
	Author       *Author       // author
	Series       *Series       // series-page: its name and address
	Languages    []Translation // where posts are in several: this page in each, else that language's home
	Tag          *Link
	Search       *Search // search
	Pager        Pager
	Feeds        []Feed        // of this page, besides Blog.Feeds
	Thread       any           // post: *activitypub.Thread to bake in, nil if none were pulled or comments are off
	Imported     any           // post: []*activitypub.Comment that stood under it on the blog's former program, nil if there are none
	Body         template.HTML // page: rendered Markdown
	// Data is what the files in data/ hold, by folder and name: .Data.books.novels is data/books/novels.toml.
	Data map[string]any
}

// Search is what the search page's script needs to know of the index.
type Search struct {
	Index        string // path of the folder that holds it
	Shards, Docs int    // into how many files words and documents are divided
	Script       string
}

// Found is what inboxd found for a reader without scripts.
type Found struct {
	Language, Query string
	Archive         string // path of the list of all posts
	Total           int
	List            []FoundPost
}

// FoundPost is one of the posts found.
type FoundPost struct{ Title, URL, Date, Language, Excerpt string }

// Translation is a page in one of its languages.
type Translation struct {
	Language, Title string
	URL             string // absolute
	Path            string
	Current         bool // this page
}

// Year is a year of the archive.
type Year struct {
	Year  int
	Posts []*Post
}

// Pager leads through a paginated list. Prev and Next are site paths, "" at the ends.
type Pager struct {
	Number, Of int
	Prev, Next string
}

// Post is a post as templates see it.
type Post struct {
	Key          string // the post's own key, for comment addresses
	ID           string // Activity Streams id, "" when federation is off
	Title        string
	URL, Path    string
	Summary      string // plain text
	Dek          string // front matter summary, "" if none was written
	Body         template.HTML
	Language     string
	Date         time.Time // the author's date, in the site's zone
	Updated      time.Time
	Words        int
	Minutes      int // reading time
	Tags         []Link
	Series       *Series
	Author       string
	AuthorURL    string // absolute URL of the author's page, "" where there is none
	Creator      string // "@ada@example.com" for fediverse:creator
	Image        *Image
	TOC          []Heading
	AlwaysTOC    bool  // show TOC whatever its length
	Prev, Next   *Link // neighbours in time
	Related      []Link
	CommentsOpen bool
	CommentsOff  bool
	Draft        bool
	Params       map[string]any
}

// Series is the place of a post in a series.
type Series struct {
	Name       string
	URL        string // path of its page, "" where there is none
	Part       int
	Posts      []Link // all parts, the first one first
	Prev, Next *Link  // the parts before and after this one
}

// Author is who writes on the blog, as the page of their own shows them.
type Author struct {
	Name, Summary string
	Handle        string // "@ada@example.com", "" for none
	Account       string // page of the account where it is one of the blog's own
	Picture       *Image
	Links         []Link
	Fields        []Field
}

// Field is a row of a profile. URL is set where the value is an address.
type Field struct{ Name, Value, URL string }

// Heading is an entry of the table of contents.
type Heading struct {
	Level    int
	ID, Text string
	Children []Heading
}

// Image is a picture with its size in pixels.
type Image struct {
	URL, Alt      string
	Width, Height int
	Set, Sizes    string // for srcset and sizes, "" where there is no smaller one
	// Class gives a picture its colour until it is there, "" for none. Sources are the same picture in other formats, the best first.
	Class   string
	Sources []Source
}

// Source is a picture in another format: attributes of <source>.
type Source struct{ Type, Set, Sizes string }

// Interact is the data of the page where a reader says from which server to reply, like, boost, follow or share.
type Interact struct {
	Blog     string // its title
	Home     string // absolute URL of the front page
	Language string
	CSS      string // path of the theme's style sheet, "" if it could not be found
	Action   string // where the form goes: our own /interact
	Intent   string // reply, like, boost, follow or share
	URI      string // what it is about, an id
	About    string // name of the post, "" if it is the blog itself
	AboutURL string
	Handle   string // of the blog
	Account  string // what the reader typed, to correct
	Error    string // why it did not work: the key of a text, "" at first
	// ErrorHost is the server that the error is about.
	ErrorHost string
	// Next is where to go on when the reader's server named an address on another host, NextHost; "" otherwise.
	Next, NextHost string
}

// Faces is the data of the page that lists everybody who likes or boosts a post.
type Faces struct {
	Blog     string // its title
	Home     string // absolute URL of the front page
	Language string
	CSS      string // path of the theme's style sheet, "" if it could not be found
	Kind     string // likes or boosts
	Count    int
	About    string // name of the post
	AboutURL string // of its page
	List     any    // []activitypub.Face: this part of it
	// Prev and Next are the other parts, nil at the ends.
	Prev, Next *Link
}
