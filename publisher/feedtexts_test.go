package publisher

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
)

// A text stands in an Atom feed as encoding/xml would have written it, whatever it holds, and each in its own entry.
func TestAtomTexts(t *testing.T) {
	t.Parallel()
	texts := []string{"", `<p title="a&b">it's > 1 & "so"</p>` + "\r\n\t", `<content type="html"></content>`, plainText("ä \x00\xff\ufffe ]]> 日本 🜨"), strings.Repeat("<p>x</p>\n", 50)}
	type entry struct {
		Content struct {
			Text string `xml:",chardata"`
			Type string `xml:"type,attr"`
		} `xml:"content"`
	}
	whole, empty := make([]entry, len(texts)), make([]entry, len(texts))
	for i, s := range texts {
		whole[i].Content.Text, whole[i].Content.Type, empty[i].Content.Type = s, "html", "html"
	}
	write := func(v any) []byte {
		data, err := xml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if got, want := putTexts(write(empty), texts), write(whole); !bytes.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
