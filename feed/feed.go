// Package feed reads what a site lists of its pages: RSS 2.0 and 1.0, Atom 1.0, JSON Feed 1.1 and sitemaps (sitemaps.org 0.9). Bytes come in, entries go
// out. It opens no connection, and what it gives are the words of whoever wrote the feed.
package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// MaxEntries bounds what is read of one list.
const MaxEntries = 5000

// maxDepth bounds how deep elements of XML lie in one another.
const maxDepth = 100

// Entry is one page of a site, as its feed or sitemap has it.
type Entry struct {
	URL       string // absolute
	Title     string
	Summary   string // HTML
	Content   string // HTML
	Published time.Time
	Updated   time.Time // last change where it is said
}

// ErrFormat says that a list is none of the known forms.
var ErrFormat = errors.New("not a feed and not a sitemap")

// Read reads a list. base is its address. Entries without an address of their own are left out.
func Read(data []byte, base string) ([]Entry, error) {
	at, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("reading a feed: %w", err)
	}
	read := readXML
	if b := bytes.TrimSpace(data); len(b) > 0 && b[0] == '{' {
		read = readJSON
	}
	found, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("reading a feed: %w", err)
	}
	var list []Entry
	seen := map[string]bool{}
	for _, e := range found[:min(len(found), MaxEntries)] {
		u, err := at.Parse(strings.TrimSpace(e.URL))
		if err != nil || strings.TrimSpace(e.URL) == "" || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			continue
		}
		u.Fragment, u.RawFragment = "", ""
		if e.URL = u.String(); seen[e.URL] {
			continue
		}
		seen[e.URL] = true
		e.Title = strings.Join(strings.Fields(e.Title), " ")
		list = append(list, e)
	}
	return list, nil
}

func readJSON(data []byte) ([]Entry, error) {
	var f struct {
		Version string `json:"version"`
		Items   []struct {
			URL       string `json:"url"`
			Title     string `json:"title"`
			Summary   string `json:"summary"`
			HTML      string `json:"content_html"`
			Text      string `json:"content_text"`
			Published string `json:"date_published"`
			Modified  string `json:"date_modified"`
		} `json:"items"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if !strings.Contains(f.Version, "jsonfeed.org/version/") {
		return nil, ErrFormat
	}
	var list []Entry
	for _, i := range f.Items {
		e := Entry{URL: i.URL, Title: i.Title, Summary: escape(i.Summary), Content: i.HTML, Published: when(i.Published), Updated: when(i.Modified)}
		if e.Content == "" {
			e.Content = escape(i.Text)
		}
		list = append(list, e)
	}
	return list, nil
}

// escape makes HTML of plain text.
func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer does not fail
	return b.String()
}

// entries are the elements that are one page; the names of the fields of each form do not clash.
var entries = map[string]bool{"item": true, "entry": true, "url": true}

// roots are the elements that a list begins with.
var roots = map[string]bool{"rss": true, "feed": true, "RDF": true, "urlset": true}

// readXML goes through the elements: what a field is called tells what it is in all the forms.
func readXML(data []byte) (list []Entry, err error) {
	data, err = plainXML(data)
	if err != nil {
		return nil, err
	}
	d := decoder(data)
	for depth := 0; len(list) < MaxEntries; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth == 0 && !roots[t.Name.Local] {
				return nil, ErrFormat
			}
			if depth++; depth > maxDepth {
				return nil, ErrFormat
			}
			if !entries[t.Name.Local] {
				continue
			}
			var x item
			if err := d.DecodeElement(&x, &t); err != nil {
				return nil, err
			}
			depth--
			list = append(list, x.entry())
		case xml.EndElement:
			depth--
		}
	}
	return list, nil
}

// decoder reads XML as feeds are: not always well formed, and in UTF-8 by now, whatever they say.
func decoder(data []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d
}

// item has the fields of all forms.
type item struct {
	Links []struct {
		Href string `xml:"href,attr"`
		Rel  string `xml:"rel,attr"`
		Text string `xml:",chardata"`
	} `xml:"link"`
	Loc         string `xml:"loc"`
	GUID        string `xml:"guid"`
	Title       text   `xml:"title"`
	Description text   `xml:"description"`
	Summary     text   `xml:"summary"`
	Content     text   `xml:"content"`
	Encoded     text   `xml:"encoded"`
	PubDate     string `xml:"pubDate"`
	Date        string `xml:"date"`
	Published   string `xml:"published"`
	Updated     string `xml:"updated"`
	LastMod     string `xml:"lastmod"`
}

// text is an Atom text construct, or plain characters.
type text struct {
	Type  string `xml:"type,attr"`
	Chars string `xml:",chardata"`
	Inner string `xml:",innerxml"`
}

// html gives a text as HTML: in RSS it is HTML that was escaped, in Atom its type says.
func (t text) html() string {
	switch t.Type {
	case "xhtml":
		return t.Inner
	case "text":
		return escape(t.Chars)
	}
	return t.Chars
}

func (x item) entry() Entry {
	e := Entry{URL: x.Loc, Title: x.Title.Chars, Summary: first(x.Summary.html(), x.Description.html()), Content: first(x.Encoded.html(), x.Content.html()),
		Published: when(first(x.Published, x.PubDate, x.Date)), Updated: when(first(x.Updated, x.LastMod))}
	for _, l := range x.Links {
		if e.URL == "" && (l.Rel == "" || l.Rel == "alternate") {
			e.URL = first(l.Href, strings.TrimSpace(l.Text))
		}
	}
	if e.URL == "" && strings.HasPrefix(x.GUID, "http") {
		e.URL = x.GUID
	}
	return e
}

func first(list ...string) string {
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// times are the forms of dates: RFC 3339 and what it allows to leave out, and RFC 822 as RSS has it, with what is usual beside it.
var times = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700"}

func when(s string) time.Time {
	for _, form := range times {
		if t, err := time.Parse(form, strings.TrimSpace(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
