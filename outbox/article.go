package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// document is an Article or Note as publish wrote it, taken apart as far as an activity around it needs.
type document struct {
	ID           string   `json:"id"`
	Type         string   `json:"type"`
	AttributedTo string   `json:"attributedTo"`
	To           []string `json:"to"`
	CC           []string `json:"cc"`
	Audience     string   `json:"audience"`
	InReplyTo    string   `json:"inReplyTo"`
	URL          string   `json:"url"`
	Published    string   `json:"published"`
	Updated      string   `json:"updated"`
	Tag          []tag    `json:"tag"`

	raw     []byte          // the file
	context json.RawMessage // its @context
	bare    json.RawMessage // the rest, members in their order
}

// tag is whom or what a document names.
type tag struct {
	Type string `json:"type"`
	Href string `json:"href"`
}

func parseDocument(data []byte) (document, error) {
	d := document{raw: data}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("reading an Article: %w", err)
	}
	return d, d.split()
}

// split takes the @context off, so that the activity can carry it: JSON-LD readers want it outermost, and twice is once too often.
func (d *document) split() error {
	dec := json.NewDecoder(bytes.NewReader(d.raw))
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("reading an Article: %w", err)
	}
	var rest bytes.Buffer
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return fmt.Errorf("reading an Article: %w", err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return fmt.Errorf("reading an Article: %w", err)
		}
		if name == "@context" {
			d.context = value
			continue
		}
		key, err := activitypub.Marshal(name)
		if err != nil {
			return err
		}
		rest.WriteByte(',')
		rest.Write(key)
		rest.WriteByte(':')
		rest.Write(value)
	}
	d.bare = fmt.Appendf(nil, "{%s}", bytes.TrimPrefix(rest.Bytes(), []byte(",")))
	return nil
}

// create is the Create of a post. Its published is the post's: Mastodon takes the time of the object, others that of the activity.
func (d document) create(id, actor string) activitypub.Activity {
	return activitypub.Activity{Context: d.hoisted(), ID: id, Type: "Create", Actor: actor, To: d.To, CC: d.CC, Audience: d.Audience, Published: d.Published, Object: d.bare}
}

// update is the Update of a post.
func (d document) update(id, actor string) activitypub.Activity {
	return activitypub.Activity{Context: d.hoisted(), ID: id, Type: "Update", Actor: actor, To: d.To, CC: d.CC, Audience: d.Audience, Updated: d.Updated, Object: d.bare}
}

// remove is the Delete of a post with its Tombstone embedded: a bare id would make readers fetch it.
func (d document) remove(id, actor string, at time.Time) activitypub.Activity {
	return activitypub.Activity{Context: activityStreams, ID: id, Type: "Delete", Actor: actor, To: d.To, CC: d.CC, Audience: d.Audience, Object: d.tombstone(at)}
}

func (d document) tombstone(at time.Time) activitypub.Tombstone {
	return activitypub.Tombstone{ID: d.ID, Type: "Tombstone", FormerType: d.Type, Deleted: at.UTC().Format(time.RFC3339)}
}

const activityStreams = "https://www.w3.org/ns/activitystreams"

func (d document) hoisted() any {
	if len(d.context) == 0 {
		return activityStreams
	}
	return d.context
}
