package publisher

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
)

// listText is the published list as it lies there: single lines are read and written without the others. It knows the form that writeList gives,
// and no other.
type listText struct {
	text string
	at   map[string]int // where the entry of an id begins
	rest site.PublishedList
}

// What stands around each entry, and between them and what was withdrawn.
const (
	entryBegins = "  {\n   \"id\": \""
	entryEnds   = "\n  }"
	restBegins  = "],\n \"withdrawn\": "
)

var errForm = errors.New("the published list is not in the form that publish writes")

func (b *build) listText() (*listText, error) {
	data, err := plainfile.Read(b.output.FS(), site.PublishedFile, maxList)
	if err != nil {
		return nil, err
	}
	l := &listText{text: string(data), at: map[string]int{}}
	end := strings.LastIndex(l.text, restBegins)
	if !strings.HasPrefix(l.text, "{\n \"version\": 1,\n \"posts\": [") || end < 0 || json.Unmarshal([]byte("{"+l.text[end+2:]), &l.rest) != nil {
		return nil, errForm
	}
	for at := 0; ; {
		i := strings.Index(l.text[at:end], "\n"+entryBegins)
		if i < 0 {
			return l, nil
		}
		from := at + i + len("\n  ")
		at += i + len(entryBegins) + 1
		id, _, _ := strings.Cut(l.text[at:end], `"`)
		l.at[id] = from
	}
}

// entry is the list's line of an id. It is false for one that is not there.
func (l *listText) entry(id string) (e site.PublishedPost, ok bool) {
	from, ok := l.at[id]
	if !ok {
		return e, false
	}
	return e, json.Unmarshal([]byte(l.text[from:l.end(from)]), &e) == nil && e.ID == id
}

func (l *listText) end(from int) int {
	return from + max(0, strings.Index(l.text[from:], entryEnds)) + len(entryEnds)
}

// replace writes other lines in the places of those of the same ids.
func (l *listText) replace(list []site.PublishedPost) ([]byte, error) {
	text := l.text
	for _, e := range list {
		old, ok := l.entry(e.ID)
		before, err := entryText(old)
		after, err2 := entryText(e)
		from := l.at[e.ID]
		if err := errors.Join(err, err2); err != nil || !ok || l.text[from:l.end(from)] != before {
			return nil, errors.Join(errForm, err)
		}
		text = strings.Replace(text, before, after, 1)
	}
	return []byte(text), nil
}

// entryText is an entry as it stands in the list.
func entryText(p site.PublishedPost) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", " ")
	err := e.Encode(p)
	return strings.TrimSuffix(b.String(), "\n"), err
}
