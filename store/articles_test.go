package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestArticles(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		old := Article{ID: "https://blog.example/ap/posts/old", URL: "https://blog.example/posts/x/", Name: "Old", SHA256: "aa",
			JSON: []byte(`{"a":1}`), Published: noon, Revision: 1, Announced: true, Withdrawn: noon.Add(time.Hour)}
		now := Article{ID: "https://blog.example/ap/posts/new", URL: "https://blog.example/posts/x/", Name: "New", SHA256: "bb",
			JSON: []byte(`{"a":2}`), Published: noon.Add(time.Hour), Updated: noon.Add(2 * time.Hour), Revision: 2}
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutArticle(ctx, old), tx.PutArticle(ctx, Article{ID: now.ID, URL: "other", Published: noon}),
				tx.PutArticle(ctx, now))
		})
		if got := must(s.Article(ctx, old.ID))(t); !cmp.Equal(got, old) {
			t.Error("Article:", cmp.Diff(old, got))
		}
		if got := must(s.ArticleByURL(ctx, now.URL))(t); got.ID != now.ID {
			t.Errorf("ArticleByURL gives %s, want the one that is out", got.ID)
		}
		short, shortOld := now, old
		short.JSON, shortOld.JSON = nil, nil
		if got, want := must(s.Articles(ctx))(t), []Article{short, shortOld}; !cmp.Equal(got, want) {
			t.Error("Articles:", cmp.Diff(want, got))
		}
		for _, err := range []error{second(s.Article(ctx, "no")), second(s.ArticleByURL(ctx, "no")), second(s.Activity(ctx, "no"))} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("reading what is not there: %v, want ErrNotFound", err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestOutboxListsPublicActivitiesNewestFirst(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		a := func(id string, public bool, after time.Duration) Activity {
			return Activity{ID: id, Type: "Create", Object: "o", Actor: "a", Public: public, JSON: []byte(`{"id":"` + id + `"}`), At: noon.Add(after)}
		}
		write(t, s, func(tx *Tx) error {
			again := a("1", true, time.Hour*99)
			return errors.Join(tx.AddActivity(ctx, a("1", true, 1*time.Hour)), tx.AddActivity(ctx, a("2", true, 2*time.Hour)),
				tx.AddActivity(ctx, a("accept", false, 3*time.Hour)), tx.AddActivity(ctx, a("3", true, 4*time.Hour)),
				tx.AddActivity(ctx, again))
		})
		page, total, err := s.Outbox(ctx, 1, 5)
		if want := []Activity{a("2", true, 2*time.Hour), a("1", true, time.Hour)}; err != nil || total != 3 || !cmp.Equal(page, want) {
			t.Errorf("Outbox(1, 5): total %d, %v, %s", total, err, cmp.Diff(want, page))
		}
		if got := must(s.Activity(ctx, "accept"))(t); got.Public {
			t.Error("an Accept became public")
		}
	})
}

// A string that PostgreSQL would refuse must not turn a stranger's words into our error.
func TestStringsAreMadeStorable(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		write(t, s, func(tx *Tx) error {
			return tx.PutActor(ctx, Actor{ID: "https://a.example/u", Handle: "a\x00b\xff@a.example", Name: []byte("\x00\xff")})
		})
		got := must(s.Actor(ctx, "https://a.example/u"))(t)
		if got.Handle != "ab\uFFFD@a.example" || string(got.Name) != "\x00\xff" {
			t.Errorf("got %q and %q", got.Handle, got.Name)
		}
	})
}

func TestTokens(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		write(t, s, func(tx *Tx) error { return tx.AddToken(ctx, "laptop", "publish", "s3cret", noon) })
		if scope := must(s.Token(ctx, "s3cret"))(t); scope != "publish" {
			t.Errorf("scope %q, want publish", scope)
		}
		if got, want := must(s.Tokens(ctx))(t), []Token{{"laptop", "publish", noon}}; !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		write(t, s, func(tx *Tx) error { return second(tx.DeleteToken(ctx, "laptop")) })
		if _, err := s.Token(ctx, "s3cret"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a revoked token: %v, want ErrNotFound", err)
		}
		kept := must(one(ctx, s.queries, value[int], `SELECT COUNT(*) FROM tokens WHERE sha256 = 's3cret'`))(t)
		if kept != 0 {
			t.Error("the secret itself is kept")
		}
	})
}
