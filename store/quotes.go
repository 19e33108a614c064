package store

import (
	"context"
	"errors"
	"time"
)

// MaxQuotes bounds what strangers can be allowed to quote in all; MaxQuotesBy, what one account can.
const (
	MaxQuotes   = 100_000
	MaxQuotesBy = 500
)

// ErrTooMany says that a bound is reached.
var ErrTooMany = errors.New("too many")

// QuoteAuthorization is our word that an object of somebody else's may quote a post (FEP-044f).
type QuoteAuthorization struct {
	Key     string // opaque: the last part of its address
	Post    string // id of the Article
	Quote   string // id of the quoting object
	Actor   string // who quotes; "" once that account was removed
	Inbox   string // the actor's, where a revocation goes
	Granted time.Time
	Revoked time.Time // zero while it holds
}

// QuoteView is an authorization, or a quote that is listed without one (Key ""), as the owner sees it.
type QuoteView struct {
	QuoteAuthorization
	Handle string       // "ada@social.example", "" if the actor is not in the store
	URL    string       // where a person reads it, "" if it is not listed
	State  CommentState // "" if it is not listed
}

const quoteColumns = `q.key, q.post, q.quote, q.actor, q.inbox, q.granted, q.revoked`

func (a *QuoteAuthorization) fields() []any {
	return []any{&a.Key, &a.Post, &a.Quote, &a.Actor, &a.Inbox, moment{&a.Granted}, moment{&a.Revoked}}
}

func scanQuote(r row) (a QuoteAuthorization, err error) {
	err = r.Scan(a.fields()...)
	return a, err
}

// AuthorizeQuote keeps an authorization and gives it back as it stands: for a quote that has one already that is the former, with the
// actor and inbox of this one unless it was revoked. ErrTooMany where the actor or all together have as many as there may be.
func (tx *Tx) AuthorizeQuote(ctx context.Context, a QuoteAuthorization) (QuoteAuthorization, error) {
	old, err := tx.QuoteOf(ctx, a.Post, a.Quote)
	switch {
	case err == nil && !old.Revoked.IsZero():
		return old, nil
	case err == nil:
		old.Actor, old.Inbox = a.Actor, a.Inbox
		_, err = tx.exec(ctx, `UPDATE quotes SET actor = $1, inbox = $2 WHERE key = $3`, a.Actor, a.Inbox, old.Key)
		return old, err
	case !errors.Is(err, ErrNotFound):
		return a, err
	}
	if err := tx.roomForQuote(ctx, a.Actor); err != nil {
		return a, err
	}
	return a, tx.putQuote(ctx, a)
}

func (tx *Tx) roomForQuote(ctx context.Context, actor string) error {
	by, err := tx.count(ctx, `SELECT COUNT(*) FROM quotes WHERE actor = $1`, actor)
	if err != nil {
		return err
	}
	all, err := tx.count(ctx, `SELECT COUNT(*) FROM quotes`)
	if err == nil && (by >= tx.store.limits.quotesBy || all >= tx.store.limits.quotes) {
		err = ErrTooMany
	}
	return err
}

func (tx *Tx) putQuote(ctx context.Context, a QuoteAuthorization) error {
	_, err := tx.exec(ctx, `INSERT INTO quotes (key, post, quote, actor, inbox, granted, revoked) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.Key, a.Post, a.Quote, a.Actor, a.Inbox, a.Granted, a.Revoked)
	return err
}

// RevokeQuote takes the word back that a quote was allowed, and the quote from the page. Where no word was ever given (Granted is zero
// then), it is kept under a.Key that none will be. For one that was revoked before nothing changes but the page.
func (tx *Tx) RevokeQuote(ctx context.Context, a QuoteAuthorization, at time.Time) (QuoteAuthorization, error) {
	old, err := tx.QuoteOf(ctx, a.Post, a.Quote)
	switch {
	case errors.Is(err, ErrNotFound):
		a.Granted, a.Revoked = time.Time{}, at
		old, err = a, tx.putQuote(ctx, a)
	case err == nil && old.Revoked.IsZero():
		old.Revoked = at
		_, err = tx.exec(ctx, `UPDATE quotes SET revoked = $1 WHERE key = $2`, at, old.Key)
	}
	if err != nil {
		return old, err
	}
	c, err := tx.Comment(ctx, a.Quote)
	if errors.Is(err, ErrNotFound) || err == nil && c.Kind != Quote {
		return old, nil
	}
	if err == nil {
		_, err = tx.RemoveComment(ctx, a.Quote)
	}
	return old, err
}

// ForgetQuote drops the authorizations of an object that its author deleted. What was revoked stays so. It tells whether there were any.
func (tx *Tx) ForgetQuote(ctx context.Context, quote, actor string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM quotes WHERE quote = $1 AND actor = $2 AND revoked = 0`, quote, actor)
	return n > 0, err
}

// forgetQuotesBy drops all authorizations of an actor, and its name from those that were revoked.
func (tx *Tx) forgetQuotesBy(ctx context.Context, actor string) error {
	if _, err := tx.exec(ctx, `DELETE FROM quotes WHERE actor = $1 AND revoked = 0`, actor); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE quotes SET actor = '', inbox = '' WHERE actor = $1`, actor)
	return err
}

// QuoteAuthorization gives one by its key, also if it is revoked or was never granted, or ErrNotFound.
func (q queries) QuoteAuthorization(ctx context.Context, key string) (QuoteAuthorization, error) {
	return one(ctx, q, scanQuote, `SELECT `+quoteColumns+` FROM quotes q WHERE q.key = $1`, key)
}

// QuoteOf gives the authorization of one object to quote one post, also if it is revoked, or ErrNotFound.
func (q queries) QuoteOf(ctx context.Context, post, quote string) (QuoteAuthorization, error) {
	return one(ctx, q, scanQuote, `SELECT `+quoteColumns+` FROM quotes q WHERE q.quote = $1 AND q.post = $2`, quote, post)
}

// quoteViews are all authorizations, and all quotes that are stored without one.
const quoteViews = `SELECT ` + quoteColumns + `, COALESCE(a.handle, ''), COALESCE(c.url, ''), COALESCE(c.state, '')
	FROM (SELECT key, post, quote, actor, inbox, granted, revoked FROM quotes
		UNION ALL SELECT '', post, id, actor, '', received, 0 FROM comments WHERE kind = 'quote' AND state <> 'removed'
			AND NOT EXISTS (SELECT 1 FROM quotes x WHERE x.quote = comments.id AND x.post = comments.post)) q
	LEFT JOIN comments c ON c.id = q.quote AND c.kind = 'quote' AND c.state <> 'removed' LEFT JOIN actors a ON a.id = q.actor `

func scanQuoteView(r row) (v QuoteView, err error) {
	err = r.Scan(append(v.fields(), &v.Handle, &v.URL, &v.State)...)
	return v, err
}

// Quotes gives the quotes of all posts, newest first, at most n: those that were allowed, those that were refused, and those that need
// no leave of ours; of the last the time of arrival stands for Granted.
func (q queries) Quotes(ctx context.Context, n int) ([]QuoteView, error) {
	return all(ctx, q, scanQuoteView, quoteViews+`ORDER BY CASE WHEN q.granted > q.revoked THEN q.granted ELSE q.revoked END DESC, q.quote LIMIT $1`, n)
}

// QuoteNamed finds quotes by what a person knows of one: the key, the object's id, or the address of its page.
func (q queries) QuoteNamed(ctx context.Context, name string) ([]QuoteView, error) {
	if name == "" {
		return nil, nil
	}
	return all(ctx, q, scanQuoteView, quoteViews+`WHERE q.key = $1 OR q.quote = $1 OR c.url = $1 ORDER BY q.post`, name)
}

// QuoteInboxes gives the inboxes of everybody who answered a quote: their servers hold a copy of it.
func (q queries) QuoteInboxes(ctx context.Context, quote string) ([]string, error) {
	return all(ctx, q, value[string], `SELECT DISTINCT CASE WHEN a.shared_inbox <> '' THEN a.shared_inbox ELSE a.inbox END
		FROM comments c JOIN actors a ON a.id = c.actor WHERE c.parent = $1 AND a.inbox <> ''`, quote)
}
