package importer

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// Bounds of an export, in bytes: of one item, and of the text that is kept of all.
const (
	maxItem = 64 << 20
	maxKept = 256 << 20
)

// wxrBlog is what the channel of an export says about the blog.
type wxrBlog struct {
	title, link, description, language, base string
	authors                                  []wxrAuthor
}

type wxrAuthor struct {
	ID    string `xml:"author_id"`
	Login string `xml:"author_login"`
	Name  string `xml:"author_display_name"`
}

// wxrItem is one <item> of an export (WXR 1.2, WordPress wp-admin/includes/export.php).
type wxrItem struct {
	line, contentLine int

	title, link, creator, content, excerpt    string
	id, date, gmt, modified, modifiedGMT      string
	name, status, kind, parent, password, url string
	commentStatus, sticky                     string

	categories []wxrCategory
	meta       map[string]string
	comments   []wxrComment
}

type wxrCategory struct {
	Domain string `xml:"domain,attr"`
	Name   string `xml:",chardata"`
}

type wxrMeta struct {
	Key   string `xml:"meta_key"`
	Value string `xml:"meta_value"`
}

// wxrComment has neither the e-mail nor the network address of its author: they are not even read.
type wxrComment struct {
	ID       string `xml:"comment_id"`
	Author   string `xml:"comment_author"`
	URL      string `xml:"comment_author_url"`
	Date     string `xml:"comment_date"`
	GMT      string `xml:"comment_date_gmt"`
	Content  string `xml:"comment_content"`
	Approved string `xml:"comment_approved"`
	Type     string `xml:"comment_type"`
	Parent   string `xml:"comment_parent"`
	User     string `xml:"comment_user_id"`
}

// gauge stops reading where an item does not end.
type gauge struct {
	r    io.Reader
	left int
}

var errLargeItem = errors.New("an item is larger than 64 MB")

func (g *gauge) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errLargeItem
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// wxr reads an export, item by item.
type wxr struct {
	file  string
	d     *xml.Decoder
	gauge *gauge
	blog  wxrBlog
	items func(wxrItem) error
}

// xmlText drops what XML does not allow and WordPress writes all the same.
func xmlText(r io.Reader) io.Reader {
	return transform.NewReader(r, transform.Chain(unicode.UTF8BOM.NewDecoder(), runes.ReplaceIllFormed(), runes.Map(func(c rune) rune {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == '\uFFFE' || c == '\uFFFF' {
			return ' '
		}
		return c
	})))
}

func newWXR(file string, r io.Reader, items func(wxrItem) error) *wxr {
	g := &gauge{r: xmlText(r), left: maxItem}
	d := xml.NewDecoder(g)
	d.Entity = xml.HTMLEntity // no other is known: a document cannot define its own
	return &wxr{file: file, d: d, gauge: g, items: items}
}

// read reads the whole export.
func (w *wxr) read() error {
	seen := false
	for {
		w.gauge.left = maxItem
		t, err := w.d.Token()
		if err == io.EOF && seen {
			return nil
		}
		if err == io.EOF {
			return unread(w.file, 0, "this is no WordPress export: it has no <channel>", "in WordPress: Tools, Export, All content")
		}
		if err != nil {
			return w.fault(err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch name := wxrName(start.Name); {
		case name == "rss":
		case name == "channel":
			seen = true
		case !seen:
			return unread(w.file, w.line(), "this is no WordPress export: it begins with <"+line(start.Name.Local, 30)+">", "in WordPress: Tools, Export, All content")
		default:
			if err := w.channel(name, start); err != nil {
				return err
			}
		}
	}
}

func (w *wxr) line() int {
	n, _ := w.d.InputPos()
	return n
}

func (w *wxr) fault(err error) error {
	help := "the export is damaged there: export again, or repair that line"
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected EOF") {
		help = "the export ends in the middle: export again, in parts if WordPress runs out of time"
	}
	return unread(w.file, w.line(), strings.TrimPrefix(err.Error(), "XML syntax error on "), help)
}

// wxrName is an element's name with WordPress's prefix.
func wxrName(n xml.Name) string {
	switch {
	case n.Space == "":
		return n.Local
	case n.Space == "wp" || strings.Contains(n.Space, "wordpress.org/export/") && !strings.Contains(n.Space, "/excerpt"):
		return "wp:" + n.Local
	case n.Space == "excerpt" || strings.Contains(n.Space, "/excerpt"):
		return "excerpt:" + n.Local
	case n.Space == "content" || strings.Contains(n.Space, "purl.org/rss/1.0/modules/content"):
		return "content:" + n.Local
	case n.Space == "dc" || strings.Contains(n.Space, "purl.org/dc/"):
		return "dc:" + n.Local
	}
	return "?:" + n.Local
}

func (w *wxr) channel(name string, start xml.StartElement) error {
	fields := map[string]*string{"title": &w.blog.title, "link": &w.blog.link, "description": &w.blog.description, "language": &w.blog.language, "wp:base_blog_url": &w.blog.base}
	var err error
	switch {
	case name == "item":
		return w.item(w.line())
	case fields[name] != nil:
		err = w.d.DecodeElement(fields[name], &start)
	case name == "wp:author":
		var a wxrAuthor
		if err = w.d.DecodeElement(&a, &start); len(w.blog.authors) < maxComments {
			w.blog.authors = append(w.blog.authors, a)
		}
	default:
		err = w.d.Skip()
	}
	if err != nil {
		return w.fault(err)
	}
	return nil
}

// item reads one item, up to its end.
func (w *wxr) item(at int) error {
	i := wxrItem{line: at, meta: map[string]string{}}
	fields := map[string]*string{
		"title": &i.title, "link": &i.link, "dc:creator": &i.creator, "content:encoded": &i.content, "excerpt:encoded": &i.excerpt,
		"wp:post_id": &i.id, "wp:post_date": &i.date, "wp:post_date_gmt": &i.gmt, "wp:post_modified": &i.modified, "wp:post_modified_gmt": &i.modifiedGMT,
		"wp:post_name": &i.name, "wp:status": &i.status, "wp:post_type": &i.kind, "wp:post_parent": &i.parent, "wp:post_password": &i.password,
		"wp:attachment_url": &i.url, "wp:comment_status": &i.commentStatus, "wp:is_sticky": &i.sticky,
	}
	for {
		t, err := w.d.Token()
		if err != nil {
			return w.fault(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return w.items(i)
		case xml.StartElement:
			if err := w.part(&i, fields, t); err != nil {
				return w.fault(err)
			}
		}
	}
}

func (w *wxr) part(i *wxrItem, fields map[string]*string, start xml.StartElement) error {
	name := wxrName(start.Name)
	if name == "content:encoded" {
		i.contentLine = w.line()
	}
	if to := fields[name]; to != nil {
		return w.d.DecodeElement(to, &start)
	}
	switch name {
	case "category":
		var c wxrCategory
		err := w.d.DecodeElement(&c, &start)
		i.categories = append(i.categories, c)
		return err
	case "wp:postmeta":
		var m wxrMeta
		err := w.d.DecodeElement(&m, &start)
		if usedMeta[m.Key] && len(i.meta) < 100 {
			i.meta[m.Key] = m.Value
		} else if m.Key == "_wp_old_slug" && len(i.meta) < 100 {
			i.meta["_wp_old_slug "+strconv.Itoa(len(i.meta))] = m.Value
		}
		return err
	case "wp:comment":
		var c wxrComment
		err := w.d.DecodeElement(&c, &start)
		i.comments = append(i.comments, c)
		return err
	}
	return w.d.Skip()
}

// usedMeta are the custom fields of WordPress and of Yoast that mean something here.
var usedMeta = map[string]bool{"_thumbnail_id": true, "_wp_attachment_image_alt": true, "footnotes": true, "_yoast_wpseo_metadesc": true, "_yoast_wpseo_canonical": true}

// size is roughly how much of an item stays in memory.
func (i *wxrItem) size() int {
	n := len(i.content) + len(i.excerpt) + len(i.title)
	for _, c := range i.comments {
		n += len(c.Content) + len(c.Author)
	}
	return n
}

var errKept = fmt.Errorf("the export holds more than %d MB of text", maxKept>>20)
