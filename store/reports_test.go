package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReports(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		one := Report{Key: "one", Actor: "https://a.example/actor", Who: "a.example", Server: "a.example", Text: "rude", Objects: []string{"x", "y"}, Dropped: 3, At: noon}
		two := Report{Key: "two", Actor: "https://b.example/u", Who: "@u@b.example", Server: "b.example", Objects: []string{"x"}, At: noon.Add(time.Hour)}
		write(t, s, func(tx *Tx) error {
			again := one
			again.Text = "changed"
			return errors.Join(tx.AddReport(ctx, one), tx.AddReport(ctx, two), tx.AddReport(ctx, again))
		})
		if d := cmp.Diff([]Report{two, one}, must(s.Reports(ctx, false))(t)); d != "" {
			t.Error(d)
		}
		closing := func(key string, want bool) {
			t.Helper()
			write(t, s, func(tx *Tx) error {
				if got := must(tx.CloseReport(ctx, key, noon.Add(2*time.Hour)))(t); got != want {
					t.Errorf("CloseReport(%s) = %v, want %v", key, got, want)
				}
				return nil
			})
		}
		closing("two", true)
		closing("two", false)
		closing("none", false)
		two.Closed = noon.Add(2 * time.Hour)
		if d := cmp.Diff([]Report{one}, must(s.Reports(ctx, false))(t)); d != "" {
			t.Error("open:", d)
		}
		if d := cmp.Diff([]Report{two, one}, must(s.Reports(ctx, true))(t)); d != "" {
			t.Error("all:", d)
		}
		if d := cmp.Diff(two, must(s.Report(ctx, "two"))(t)); d != "" || must(s.OpenReports(ctx))(t) != 1 {
			t.Error(d)
		}
		if _, err := s.Report(ctx, "none"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	})
}

// Beyond the bound closed reports leave first, then the oldest of who sent the most: a flood pushes out itself. All leave after 90 days.
func TestReportsAreBounded(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		s.limits.reports = 6
		add := func(key, server string, at time.Time) {
			t.Helper()
			write(t, s, func(tx *Tx) error { return tx.AddReport(ctx, Report{Key: key, Server: server, At: at}) })
		}
		add("honest", "a.example", noon)
		add("closed", "b.example", noon)
		write(t, s, func(tx *Tx) error { _, err := tx.CloseReport(ctx, "closed", noon); return err })
		for n := range 20 {
			add(fmt.Sprintf("flood%02d", n), "evil.example", noon.Add(time.Duration(n+1)*time.Second))
		}
		var keys []string
		for _, r := range must(s.Reports(ctx, true))(t) {
			keys = append(keys, r.Key)
		}
		if d := cmp.Diff([]string{"flood19", "flood18", "flood17", "flood16", "flood15", "honest"}, keys); d != "" {
			t.Error(d)
		}
		add("young", "a.example", s.now().Add(-89*24*time.Hour))
		if err := s.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		if list := must(s.Reports(ctx, true))(t); len(list) != 1 || list[0].Key != "young" {
			t.Errorf("after 90 days: %+v", list)
		}
	})
}
