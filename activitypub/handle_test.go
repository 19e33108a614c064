package activitypub

import (
	"slices"
	"testing"
)

func TestHandles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                     nil,
		"@ada@example.org":                     {"@ada@example.org"},
		"thanks, @ada@example.org. (@b@c.d:1)": {"@ada@example.org", "@b@c.d:1"},
		"@ä.ö-ü_@münchen.example!":             {"@ä.ö-ü_@münchen.example"},
		"mail ada@example.org x@ada@example.org https://example.org/@ada@example.org": nil,
		"@local @a@b @@ @@a@b.c @a@b.c@d.e @a@b.c/d":                                  nil,
		"\xff@a@b.c \xc3@a@b.c": {"@a@b.c", "@a@b.c"},
	} {
		var got []string
		for _, m := range Handles(text) {
			got = append(got, text[m[0]:m[1]])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
