package feed

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSitemaps: an index names its sitemaps, each once, by addresses of the web; a sitemap or a feed is none.
func TestSitemaps(t *testing.T) {
	t.Parallel()
	const index = `<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="x.xsl"?><!-- made by a plugin --><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
		<sitemap><loc> https://h.example/post-sitemap.xml?page=1&amp;x=2 </loc><lastmod>2026-10-29</lastmod></sitemap><sitemap><loc>/page-sitemap.xml.gz</loc></sitemap>
		<sitemap><loc>/page-sitemap.xml.gz</loc></sitemap><sitemap><loc>ftp://h.example/x</loc></sitemap><sitemap><loc></loc></sitemap></sitemapindex>`
	want := []string{"https://h.example/post-sitemap.xml?page=1&x=2", "https://h.example/page-sitemap.xml.gz"}
	for _, data := range [][]byte{[]byte(index), packed(t, index)} {
		if got, ok := Sitemaps(data, "https://h.example/sitemap_index.xml"); !ok || !slices.Equal(got, want) {
			t.Errorf("%v %q, want %q", ok, got, want)
		}
	}
	for _, data := range []string{`<urlset><url><loc>https://h.example/</loc></url></urlset>`, `<rss><channel><item><sitemap/></item></channel></rss>`, `{"version":"https://jsonfeed.org/version/1.1"}`, "", "<"} {
		if got, ok := Sitemaps([]byte(data), "https://h.example/"); ok {
			t.Errorf("%q is an index of %q", data, got)
		}
	}
}

// TestPacked: a list that lies compressed is read, and one that is a bomb is refused before it is unpacked.
func TestPacked(t *testing.T) {
	t.Parallel()
	if got, err := Read(packed(t, `<urlset><url><loc>/one/</loc></url></urlset>`), "https://h.example/s.xml.gz"); err != nil || len(got) != 1 || got[0].URL != "https://h.example/one/" {
		t.Errorf("%+v, %v", got, err)
	}
	bomb := packed(t, "<urlset>"+strings.Repeat("<url><loc>/one/</loc></url>", maxUnpacked/20)+"</urlset>")
	if _, err := Read(bomb, "https://h.example/s.xml.gz"); err == nil || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("%d bytes that become more than 16 MiB: %v", len(bomb), err)
	}
}
