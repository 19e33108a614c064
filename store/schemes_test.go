package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSchemes(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		s.limits.schemes = 3
		for i := range 5 {
			write(t, s, func(tx *Tx) error {
				return tx.PutSchemes(ctx, []Scheme{{Host: fmt.Sprint("h", i), RFC9421: true}}, noon.Add(time.Duration(i)*time.Minute))
			})
		}
		write(t, s, func(tx *Tx) error {
			return tx.PutSchemes(ctx, []Scheme{{Host: "h2", Tried: true}}, noon.Add(time.Hour))
		})
		want := []Scheme{{"h3", true, false}, {"h4", true, false}, {"h2", false, true}}
		if diff := cmp.Diff(want, must(s.Schemes(ctx))(t)); diff != "" {
			t.Errorf("newest three, each once (-want +got):\n%s", diff)
		}
	})
}
