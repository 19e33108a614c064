package feed

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// maxUnpacked bounds what a compressed list becomes, in bytes.
const maxUnpacked = 16 << 20

// Sitemaps reads a sitemap index (https://www.sitemaps.org/protocol.html#index): the addresses of the sitemaps that it lists, each once. base is its
// own address. ok is false where data is no index.
func Sitemaps(data []byte, base string) (list []string, ok bool) {
	at, err := url.Parse(base)
	if err != nil {
		return nil, false
	}
	if data, err = plainXML(data); err != nil {
		return nil, false
	}
	d := decoder(data)
	var x struct {
		Maps []struct {
			Loc string `xml:"loc"`
		} `xml:"sitemap"`
	}
	root, err := opening(d)
	if err != nil || root.Name.Local != "sitemapindex" || d.DecodeElement(&x, &root) != nil {
		return nil, false
	}
	for _, m := range x.Maps[:min(len(x.Maps), MaxEntries)] {
		u, err := at.Parse(strings.TrimSpace(m.Loc))
		if err != nil || m.Loc == "" || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || slices.Contains(list, u.String()) {
			continue
		}
		list = append(list, u.String())
	}
	return list, true
}

// opening is the element that a document begins with.
func opening(d *xml.Decoder) (xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		if e, ok := t.(xml.StartElement); ok {
			return e, nil
		}
	}
}

// plainXML is a list unpacked and in UTF-8.
func plainXML(data []byte) ([]byte, error) {
	data, err := unpacked(data)
	if err != nil {
		return nil, err
	}
	return inUTF8(data)
}

// unpacked is a list that lies compressed on its server (sitemap.xml.gz), as it is meant to be read.
func unpacked(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err == nil && len(out) > maxUnpacked {
		err = fmt.Errorf("the list is larger than %d MiB when it is unpacked", maxUnpacked>>20)
	}
	return out, err
}
