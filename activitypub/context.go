package activitypub

import (
	"bytes"
	"encoding/json"
	"slices"
)

// contextTerms is a JSON object whose members keep their order, so that what we send is byte-identical every time and
// reads like the specifications.
type contextTerms []struct {
	term string
	def  any
}

// MarshalJSON writes the terms in order.
func (c contextTerms) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, t := range c {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{t.term, t.def} {
			if j > 0 {
				b.WriteByte(':')
			}
			p, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			b.Write(p)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Marshal writes a document of ours: no HTML escaping of <, > and &, no trailing newline.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// WithContext adds an entry to a @context, behind the addresses it begins with and before terms of its own. context is a string, a list or
// the JSON of either; what has the entry already is left as it is.
func WithContext(context any, entry string) any {
	data, err := Marshal(context)
	if err != nil {
		return context
	}
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	added, err := Marshal(entry)
	if err != nil || slices.ContainsFunc(list, func(e json.RawMessage) bool { return bytes.Equal(e, added) }) {
		return context
	}
	at := slices.IndexFunc(list, func(e json.RawMessage) bool { return e[0] != '"' })
	if at < 0 {
		at = len(list)
	}
	return slices.Insert(list, at, added)
}
