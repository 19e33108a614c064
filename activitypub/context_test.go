package activitypub

import (
	"encoding/json"
	"testing"
)

// TestWithContext: an entry stands behind the addresses and before the terms, once.
func TestWithContext(t *testing.T) {
	t.Parallel()
	const as, entry = `"https://www.w3.org/ns/activitystreams"`, "https://entry.example/v1"
	for name, c := range map[string]struct {
		context any
		want    string
	}{
		"an address":     {"https://www.w3.org/ns/activitystreams", `[` + as + `,"` + entry + `"]`},
		"a list":         {[]any{"https://www.w3.org/ns/activitystreams", contextTerms{{"a", "b"}}}, `[` + as + `,"` + entry + `",{"a":"b"}]`},
		"JSON":           {json.RawMessage(`[` + as + `,{"a":"b"}]`), `[` + as + `,"` + entry + `",{"a":"b"}]`},
		"terms alone":    {contextTerms{{"a", "b"}}, `["` + entry + `",{"a":"b"}]`},
		"there already":  {[]any{entry, "https://www.w3.org/ns/activitystreams"}, `["` + entry + `",` + as + `]`},
		"nothing at all": {nil, `["` + entry + `"]`},
	} {
		if got, err := Marshal(WithContext(c.context, entry)); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
}
