package store

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"
)

// A webmention goes with its claims, and what it says to be at is found under its own post alone.
func TestWebmentions(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		c := reply(1)
		c.ID, c.URL = WebmentionID("https://ada.example/1", c.Post), "https://ada.example/1"
		if !c.Webmention() || reply(1).Webmention() || WebmentionID("https://ada.example/1", "other") == c.ID {
			t.Errorf("id %s", c.ID)
		}
		putComments(t, s, c, reply(2))
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutClaims(ctx, c.ID, []string{"https://a.example/", "https://b.example/"}), tx.PutClaims(ctx, c.ID, []string{c.URL, "https://b.example/", c.URL}))
		})
		if n := must(s.CommentCount(ctx, c.Post, Reply))(t); n != 1 {
			t.Errorf("%d replies that peers can ask for, want 1", n)
		}
		for url, want := range map[string]int{c.URL: 1, "https://b.example/": 1, "https://a.example/": 0} {
			if got := must(s.Claimants(ctx, c.Post, url))(t); len(got) != want {
				t.Errorf("%s: %d claimants, want %d", url, len(got), want)
			}
		}
		if got := must(s.Claimants(ctx, "other", c.URL))(t); len(got) != 0 {
			t.Errorf("under another post: %v", got)
		}
		if got := must(s.CommentsAt(ctx, c.Post, c.URL))(t); len(got) != 1 || got[0].ID != c.ID {
			t.Errorf("at its page: %v", got)
		}
		write(t, s, func(tx *Tx) error {
			_, err := tx.RemoveComment(ctx, c.ID)
			return errors.Join(err, tx.pruneClaims(ctx))
		})
		if n := must(s.count(ctx, `SELECT COUNT(*) FROM webmentions`))(t); n != 0 {
			t.Errorf("%d claims of what is gone", n)
		}
	})
}

// A post remembers what it linked to.
func TestMentioned(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		tell := func(links ...string) (got []string) {
			write(t, s, func(tx *Tx) (err error) { got, err = tx.ToMention(ctx, "p", links); return err })
			return got
		}
		if got := tell("b", "a"); !slices.Equal(got, []string{"b", "a"}) {
			t.Errorf("first: %v", got)
		}
		write(t, s, func(tx *Tx) error { return tx.PutMentioned(ctx, Mentioned{"p", "a", "e", 202, "", noon}) })
		if got := tell("c"); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("edited: %v", got)
		}
		if got := must(s.Mentioned(ctx, ""))(t); len(got) != 3 || got[0] != (Mentioned{"p", "a", "e", 202, "", noon}) {
			t.Errorf("remembered %+v", got)
		}
		if n := must(s.ErrandsFor(ctx, "mention"))(t); n != 0 {
			t.Errorf("%d errands", n)
		}
		later := Errand{URL: "p b", Reason: "tell", Post: "p", Data: []byte("{}"), Attempts: 2, Next: noon.Add(time.Hour)}
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.AddErrand(ctx, later), tx.AddErrand(ctx, Errand{URL: "p a", Reason: "tell", Next: noon}), tx.AddErrand(ctx, Errand{URL: "x", Reason: "fetch", Next: noon}))
		})
		if got := must(s.Errands(ctx, "tell"))(t); len(got) != 2 || got[0].URL != "p a" || !reflect.DeepEqual(got[1], later) {
			t.Errorf("errands that wait: %+v", got)
		}
	})
}

// What is known of a site and its pages comes back as it was written.
func TestSites(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		if got := must(s.Site(ctx, "f"))(t); got != (Site{Feed: "f"}) {
			t.Errorf("unknown: %+v", got)
		}
		site := Site{"f", `"1"`, "m", true, noon, "e"}
		page := SitePage{"https://h.example/", "f", "p", "s", noon, true, noon.Add(time.Hour), noon}
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutSite(ctx, Site{Feed: "f"}), tx.PutSite(ctx, site), tx.PutSitePage(ctx, SitePage{Page: page.Page, Feed: "f", Post: "p"}), tx.PutSitePage(ctx, page))
		})
		if got := must(s.Site(ctx, "f"))(t); got != site {
			t.Errorf("%+v", got)
		}
		if got := must(s.SitePages(ctx, "f"))(t); len(got) != 1 || got[0] != page {
			t.Errorf("%+v", got)
		}
		if _, err := s.SitePage(ctx, "none"); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
