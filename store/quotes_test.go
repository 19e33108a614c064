package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func quoteAuthorization(n string) QuoteAuthorization {
	c := reply(1)
	return QuoteAuthorization{Key: "key" + n, Post: c.Post, Quote: "https://social.example/q" + n, Actor: c.Actor, Inbox: c.Actor + "/inbox", Granted: noon}
}

func TestQuoteAuthorizations(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		first, again := quoteAuthorization("1"), quoteAuthorization("1")
		again.Key, again.Granted = "other", noon.Add(time.Hour)
		write(t, s, func(tx *Tx) error {
			for _, a := range []QuoteAuthorization{first, again} {
				got, err := tx.AuthorizeQuote(ctx, a)
				if err != nil || !cmp.Equal(got, first) {
					t.Errorf("%v: %s", err, cmp.Diff(first, got))
				}
			}
			return nil
		})
		if got := must(s.QuoteAuthorization(ctx, "key1"))(t); !cmp.Equal(got, first) {
			t.Error(cmp.Diff(first, got))
		}
		if _, err := s.QuoteAuthorization(ctx, "other"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a second key for one quote: %v", err)
		}
		if got := must(s.QuoteNamed(ctx, first.Quote))(t); len(got) != 1 || got[0].Key != "key1" || got[0].State != "" {
			t.Errorf("by its id: %+v", got)
		}
	})
}

// TestRevokedQuote: what was revoked is not granted again, and its author's Delete does not wash it (mutants: either).
func TestRevokedQuote(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		a, later := quoteAuthorization("1"), noon.Add(time.Hour)
		listed := reply(1)
		listed.ID, listed.Kind, listed.Parent = a.Quote, Quote, a.Post
		putComments(t, s, listed)
		write(t, s, func(tx *Tx) error {
			if _, err := tx.AuthorizeQuote(ctx, a); err != nil {
				return err
			}
			_, err := tx.RevokeQuote(ctx, a, later)
			return err
		})
		if _, err := s.Comment(ctx, a.Quote); !errors.Is(err, ErrNotFound) {
			t.Errorf("the quote is still listed: %v", err)
		}
		write(t, s, func(tx *Tx) error {
			if found, err := tx.ForgetQuote(ctx, a.Quote, a.Actor); found || err != nil {
				t.Errorf("ForgetQuote took a revoked one: %v, %v", found, err)
			}
			if _, err := tx.RemoveActorComments(ctx, a.Actor); err != nil {
				return err
			}
			got, err := tx.AuthorizeQuote(ctx, a)
			if err != nil || !got.Revoked.Equal(later) || got.Actor != "" {
				t.Errorf("asked for again: %+v, %v", got, err)
			}
			return nil
		})
	})
}

// TestForgetQuote: what its author deletes leaves nothing, and nobody else's word counts (mutant: by the quote alone).
func TestForgetQuote(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		a, b := quoteAuthorization("1"), quoteAuthorization("2")
		write(t, s, func(tx *Tx) error {
			for _, q := range []QuoteAuthorization{a, b} {
				if _, err := tx.AuthorizeQuote(ctx, q); err != nil {
					return err
				}
			}
			if found, err := tx.ForgetQuote(ctx, a.Quote, "https://evil.example/x"); found || err != nil {
				t.Errorf("by somebody else: %v, %v", found, err)
			}
			found, err := tx.ForgetQuote(ctx, a.Quote, a.Actor)
			if !found {
				t.Error("by its author: not found")
			}
			return err
		})
		if list := must(s.Quotes(ctx, 10))(t); len(list) != 1 || list[0].Key != b.Key {
			t.Errorf("left: %+v", list)
		}
	})
}

// TestQuoteBounds: one account, and all together, can have so many authorizations and no more (mutant: no bound).
func TestQuoteBounds(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		s.limits.quotesBy, s.limits.quotes = 1, 2
		write(t, s, func(tx *Tx) error {
			a, b, c, d := quoteAuthorization("1"), quoteAuthorization("2"), quoteAuthorization("3"), quoteAuthorization("4")
			c.Actor, d.Actor = "https://social.example/c", "https://social.example/d"
			for _, q := range []struct {
				QuoteAuthorization
				want error
			}{{a, nil}, {b, ErrTooMany}, {a, nil}, {c, nil}, {d, ErrTooMany}} {
				if _, err := tx.AuthorizeQuote(ctx, q.QuoteAuthorization); !errors.Is(err, q.want) {
					t.Errorf("%s: %v, want %v", q.Key, err, q.want)
				}
			}
			return nil
		})
	})
}

// TestQuotes lists what was allowed and what is only listed; a quote that never asked can be refused as well.
func TestQuotes(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		a := quoteAuthorization("1")
		unasked := reply(2)
		unasked.Kind, unasked.Parent = Quote, unasked.Post
		putComments(t, s, unasked)
		write(t, s, func(tx *Tx) error { _, err := tx.AuthorizeQuote(ctx, a); return err })
		list := must(s.Quotes(ctx, 10))(t)
		if len(list) != 2 {
			t.Fatalf("%d quotes: %+v", len(list), list)
		}
		named := must(s.QuoteNamed(ctx, unasked.ID))(t)
		if len(named) != 1 || named[0].Key != "" || named[0].State != Shown || named[0].URL != unasked.URL || named[0].Post != unasked.Post {
			t.Fatalf("by its id: %+v", named)
		}
		refused := named[0].QuoteAuthorization
		refused.Key = "refused"
		write(t, s, func(tx *Tx) error {
			got, err := tx.RevokeQuote(ctx, refused, noon)
			if !got.Granted.IsZero() || got.Key != "refused" {
				t.Errorf("revoked %+v", got)
			}
			return err
		})
		if list := must(s.Thread(ctx, unasked.Post))(t); len(list) != 0 {
			t.Errorf("still listed: %+v", list)
		}
		if q := must(s.QuoteOf(ctx, unasked.Post, unasked.ID))(t); q.Revoked.IsZero() {
			t.Errorf("not refused: %+v", q)
		}
	})
}

// TestQuoteInboxes: who may quote a post hears of its withdrawal, though the quote itself is listed nowhere; who answered a quote hears
// of its revocation.
func TestQuoteInboxes(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		a, b := quoteAuthorization("1"), quoteAuthorization("2")
		b.Actor, b.Inbox = "https://other.example/bea", "https://other.example/bea/inbox"
		write(t, s, func(tx *Tx) error {
			bea := Actor{ID: b.Actor, Type: "Person", Name: []byte(`[]`), Inbox: b.Inbox, SharedInbox: "https://other.example/inbox", Fetched: noon}
			if err := tx.PutActor(ctx, bea); err != nil {
				return err
			}
			for _, q := range []QuoteAuthorization{a, b} {
				if _, err := tx.AuthorizeQuote(ctx, q); err != nil {
					return err
				}
			}
			c := like(5, a.Quote)
			c.Actor = b.Actor
			return tx.PutComment(ctx, c)
		})
		if got, want := must(s.AnswerInboxes(ctx, a.Post))(t), []string{"https://other.example/inbox", a.Inbox}; !slices.Equal(got, want) {
			t.Errorf("of the post %v, want %v", got, want)
		}
		if got := must(s.QuoteInboxes(ctx, a.Quote))(t); !slices.Equal(got, []string{"https://other.example/inbox"}) {
			t.Errorf("of the quote %v", got)
		}
	})
}

// TestEmojiVariants: a heart with and without its variation selector is one reaction (mutant: compared byte by byte).
func TestEmojiVariants(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		react := func(id, emoji string) Comment {
			c := like(1, "https://blog.example/ap/posts/a")
			c.ID, c.Kind, c.Emoji = id, Reaction, emoji
			return c
		}
		putComments(t, s, react("https://social.example/1", "❤"), react("https://social.example/2", "❤\uFE0F"), react("https://social.example/3", "🎉"))
		list := must(s.Thread(t.Context(), reply(1).Post))(t)
		if got := ids(list); len(got) != 2 || list[0].ID != "https://social.example/2" {
			t.Errorf("%v, want the second heart and the party", got)
		}
		write(t, s, func(tx *Tx) error {
			if _, err := tx.RemoveReaction(t.Context(), Reaction, list[0].Parent, list[0].Actor, "❤"); err != nil {
				return err
			}
			return nil
		})
		if got := ids(must(s.Thread(t.Context(), reply(1).Post))(t)); len(got) != 1 || got[0] != "https://social.example/3" {
			t.Errorf("%v after the heart went, want the party alone", got)
		}
	})
}
