package feed

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

var (
	morning = time.Date(2026, 10, 29, 8, 0, 0, 0, time.UTC)
	noon    = time.Date(2026, 10, 29, 12, 0, 0, 0, time.UTC)
)

// TestRead holds the forms that site generators write.
func TestRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want Entry
	}{
		"RSS of Hugo": {`<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Site</title><link>https://h.example/</link>
			<atom:link href="https://h.example/index.xml" rel="self"/><item><title>One &amp; two</title><link>https://h.example/one/</link><pubDate>Thu, 29 Oct 2026 08:00:00 +0000</pubDate>
			<guid>https://h.example/one/</guid><description>&lt;p&gt;Words&lt;/p&gt;</description></item></channel></rss>`,
			Entry{URL: "https://h.example/one/", Title: "One & two", Summary: "<p>Words</p>", Published: morning}},
		"RSS with the whole text": {`<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><guid isPermaLink="true">https://h.example/one/</guid>
			<content:encoded><![CDATA[<p>All</p>]]></content:encoded></item></channel></rss>`, Entry{URL: "https://h.example/one/", Content: "<p>All</p>"}},
		"Atom": {`<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><link rel="edit" href="/edit"/><link href="/one/#top"/><published>2026-10-29T10:00:00+02:00</published>
			<updated>2026-10-29T12:00:00Z</updated><summary type="text">1 &lt; 2</summary><content type="html">&lt;b&gt;x&lt;/b&gt;</content></entry></feed>`,
			Entry{URL: "https://h.example/one/", Title: "One", Summary: "1 &lt; 2", Content: "<b>x</b>", Published: morning, Updated: noon}},
		"Atom with XHTML": {`<feed><entry><link href="one/"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content></entry></feed>`,
			Entry{URL: "https://h.example/one/", Content: `<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>`}},
		"JSON Feed": {`{"version":"https://jsonfeed.org/version/1.1","items":[{"url":"/one/","title":"One","content_text":"1 < 2","date_published":"2026-10-29T08:00:00Z","date_modified":"2026-10-29T12:00:00Z"}]}`,
			Entry{URL: "https://h.example/one/", Title: "One", Content: "1 &lt; 2", Published: morning, Updated: noon}},
		"sitemap": {`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://h.example/one/</loc><lastmod>2026-10-29T12:00:00Z</lastmod></url></urlset>`,
			Entry{URL: "https://h.example/one/", Updated: noon}},
	} {
		got, err := Read([]byte(c.data), "https://h.example/index.xml")
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], c.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, c.want)
		}
	}
}

// TestReadOtherCharsets: a feed that says in which letters it is written is read in them.
func TestReadOtherCharsets(t *testing.T) {
	t.Parallel()
	utf16 := func(s string) string {
		var b strings.Builder
		b.WriteString("\xff\xfe")
		for _, u := range utf16.Encode([]rune(s)) {
			b.WriteString(string([]byte{byte(u), byte(u >> 8)}))
		}
		return b.String()
	}
	for data, want := range map[string]string{
		`<?xml version="1.0" encoding="ISO-8859-1"?>` + "<rss><item><link>/a</link><title>Caf\xe9</title></item></rss>":                    "Café",
		"<?xml version='1.0' encoding='windows-1251'?>" + "<rss><item><link>/a</link><title>\xcf\xf0\xe8\xe2\xe5\xf2</title></item></rss>": "Привет",
		`<?xml version="1.0" encoding="Shift_JIS"?>` + "<rss><item><link>/a</link><title>\x93\xfa\x96\x7b</title></item></rss>":            "日本",
		utf16(`<?xml version="1.0" encoding="UTF-16"?><rss><item><link>/a</link><title>Größe</title></item></rss>`):                        "Größe",
		`<?xml version="1.0" encoding="US-ASCII"?><rss><item><link>/a</link><title>plain</title></item></rss>`:                             "plain",
	} {
		if got, err := Read([]byte(data), "https://h.example/"); err != nil || len(got) != 1 || got[0].Title != want {
			t.Errorf("%.45q: %+v, %v, want %q", data, got, err, want)
		}
	}
	if _, err := Read([]byte(`<?xml version="1.0" encoding="made-up"?><rss><item><link>/a</link></item></rss>`), "https://h.example/"); err == nil {
		t.Error("letters that nobody knows are read")
	}
}

// TestReadBad: what is no list is an error, and never an empty list, which would mean that a site has no pages.
func TestReadBad(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"{}", "<html><item><link>https://h.example/</link></item></html>", "<rss><channel><item>", `{"version":"1"`, "<rss>" + strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200) + "</rss>"} {
		if got, err := Read([]byte(data), "https://h.example/"); err == nil {
			t.Errorf("%.40s: %v", data, got)
		}
	}
	got, err := Read([]byte(`<rss><item><link>javascript:x()</link></item><item><link></link></item><item><link>/a</link></item><item><link>/a#b</link></item></rss>`), "https://h.example/")
	if err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
}

// FuzzRead: whatever a list is, its entries have an absolute address.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`<rss><channel><item><link>/one</link></item></channel></rss>`))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","items":[{"url":"x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _ := Read(data, "https://h.example/")
		for _, e := range list {
			if !strings.HasPrefix(e.URL, "https://") && !strings.HasPrefix(e.URL, "http://") {
				t.Errorf("%q", e.URL)
			}
		}
	})
}
