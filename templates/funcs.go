package templates

import (
	"fmt"
	"html/template"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// functions is everything that a template can call. None of them reads a file, the environment or the clock.
var functions = template.FuncMap{
	"t":         Text,
	"n":         count,
	"dir":       direction,
	"locale":    locale,
	"date":      longDate,
	"day":       writtenDay,
	"shortdate": shortDate,
	"monthday":  monthDay,
	"datetime":  dateTime,
	"rfc3339":   func(t time.Time) string { return t.Format(time.RFC3339) },
	"updated":   wasUpdated,
	"dict":      dict,
	"hue":       func(degrees int) int { return ((degrees%360 + 360) % 360) / 30 },
	"abs":       absolute,
	"creator":   creator,
	"feedname":  feedName,
	"jsonld":    jsonLD,
	"tocworthy": tocWorthy,
	"thread":    threadOf,
	"heat":      heat,
	"livewords": liveWords,
	// The marks of the slot are constants, because html/template takes comments out of the templates' own text.
	"slotopen":  func() template.HTML { return "<!--comments:" },
	"slotkey":   slotKey,
	"slotshut":  func() template.HTML { return "-->" },
	"slotclose": func() template.HTML { return "<!--/comments-->" },
	// Those of the place where inboxd writes what it found.
	"foundopen":  func() template.HTML { return FoundOpen },
	"foundclose": func() template.HTML { return FoundClose },
}

// FoundOpen and FoundClose are the marks around the results of the search page.
const (
	FoundOpen  = "<!--found-->"
	FoundClose = "<!--/found-->"
)

// dict makes a map of key, value, key, value: the way to hand a partial more than one thing.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict wants pairs, got %d values", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict wants a name in place %d, got %T", i+1, pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// absolute resolves a reference against a base URL: {{abs .Blog.URL .Path}}.
func absolute(base, ref string) (string, error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u, err := b.Parse(ref)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// creator is the handle that a fediverse server shows under a link to the page: the post's author, else the blog.
func creator(p Page) string {
	if p.Post != nil && p.Post.Creator != "" {
		return p.Post.Creator
	}
	return p.Blog.Handle
}

func feedName(mediaType string) string {
	switch {
	case strings.Contains(mediaType, "rss"):
		return "RSS"
	case strings.Contains(mediaType, "atom"):
		return "Atom"
	case strings.Contains(mediaType, "json"):
		return "JSON"
	}
	return mediaType
}

// wasUpdated tells whether an update is worth saying: a typo mended within a day is not.
func wasUpdated(p *Post) bool { return p.Updated.Sub(p.Date) >= 24*time.Hour }

// tocWorthy tells whether a table of contents helps: from three headings on.
func tocWorthy(hs []Heading) bool {
	n := 0
	for _, h := range hs {
		n += 1 + len(h.Children)
	}
	return n >= 3
}

// slotKey is a post's key as it stands in the slot's mark: percent-encoded where it could end the HTML comment or be changed by
// escaping. inboxd reads it with url.QueryUnescape.
func slotKey(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(key), "+", "%20"), "--", "-%2D")
}

// posting is the schema.org description of a post (https://schema.org/BlogPosting), members in a fixed order.
type posting struct {
	Context       string   `json:"@context"`
	Type          string   `json:"@type"`
	Headline      string   `json:"headline"`
	Description   string   `json:"description,omitempty"`
	URL           string   `json:"url"`
	DatePublished string   `json:"datePublished"`
	DateModified  string   `json:"dateModified,omitempty"`
	InLanguage    string   `json:"inLanguage,omitempty"`
	WordCount     int      `json:"wordCount,omitempty"`
	Keywords      []string `json:"keywords,omitempty"`
	Image         string   `json:"image,omitempty"`
	Author        thing    `json:"author"`
	IsPartOf      thing    `json:"isPartOf"`
}

type thing struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// jsonLD gives what stands in a post's application/ld+json block, where html/template writes it as JSON.
func jsonLD(p Page) posting {
	d := posting{Context: "https://schema.org", Type: "BlogPosting", Headline: p.Title, Description: p.Description, URL: p.URL,
		Image: p.Image, InLanguage: p.Language, Author: thing{"Person", p.Blog.Author, p.Blog.URL}, IsPartOf: thing{"Blog", p.Blog.Title, p.Blog.URL}}
	if o := p.Post; o != nil {
		d.DatePublished, d.WordCount = o.Date.Format(time.RFC3339), o.Words
		if !o.Updated.IsZero() {
			d.DateModified = o.Updated.Format(time.RFC3339)
		}
		for _, t := range o.Tags {
			d.Keywords = append(d.Keywords, t.Name)
		}
		if o.Author != "" {
			d.Author.Name = o.Author
		}
		if o.AuthorURL != "" {
			d.Author.URL = o.AuthorURL
		}
	}
	if d.Author.Name == "" {
		d.Author.Name = p.Blog.Title
	}
	return d
}

// emptyThread has the members of an activitypub.Thread that nobody has answered yet.
type emptyThread struct {
	URL, Key, Handle, Language string
	Live                       string
	Actions                    emptyActions
	Count, Pending             int
	Closed                     bool
	Replies, Quotes, Reactions []struct{}
	Mentions                   []struct{}
	Likes, Boosts              emptyPile
}

type emptyActions struct{ Reply, Like, Boost, Follow, Share string }

type emptyPile struct {
	Count int
	Faces []struct{}
	All   string
}

// threadOf is what the comments slot of a post shows: the thread baked in, else the invitation to be the first, else (comments
// off, or no federation and nothing said) nothing at all.
func threadOf(p Page) any {
	if p.Post == nil || p.Post.CommentsOff {
		return nil
	}
	if v := reflect.ValueOf(p.Thread); v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return p.Thread
	}
	if p.Blog.Follow == "" || p.Post.ID == "" {
		return nil
	}
	t := &emptyThread{URL: p.URL, Key: p.Post.Key, Handle: p.Blog.Handle, Language: p.Language, Closed: !p.Post.CommentsOpen}
	t.Actions = emptyActions{
		Reply: intent(p.Blog.Follow, "reply", p.Post.ID), Like: intent(p.Blog.Follow, "like", p.Post.ID),
		Boost: intent(p.Blog.Follow, "boost", p.Post.ID), Follow: p.Blog.Follow, Share: intent(p.Blog.Follow, "share", p.Post.ID),
	}
	return t
}

// intent is the address of /interact for another intent than the follow that the page knows.
func intent(follow, name, uri string) string {
	page, _, _ := strings.Cut(follow, "?")
	return page + "?" + url.Values{"intent": {name}, "uri": {uri}}.Encode()
}
