package feed

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// declared is the encoding in an XML declaration (XML 1.0, 4.3.3).
var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]*)["']`)

// inUTF8 gives a list in UTF-8: old sites write ISO-8859-1, windows-1251 or Shift_JIS and say so, and UTF-16 begins with a mark.
func inUTF8(data []byte) ([]byte, error) {
	name := "utf-8"
	switch {
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		name = "utf-16be"
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		name = "utf-16le"
	default:
		if m := declared.FindSubmatch(data[:min(len(data), 1000)]); m != nil {
			name = strings.ToLower(string(m[1]))
		}
	}
	if name == "utf-8" {
		return data, nil
	}
	letters, err := htmlindex.Get(name) // as browsers know them (https://encoding.spec.whatwg.org)
	if err != nil {
		return nil, fmt.Errorf("the feed is written in %s, which is not known: %w", name, err)
	}
	return letters.NewDecoder().Bytes(data)
}
