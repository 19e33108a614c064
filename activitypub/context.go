package activitypub

import (
	"bytes"
	"encoding/json"
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
