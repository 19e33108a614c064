package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/webmention"
)

// maxTargetPage is how much of a page is searched for its endpoint, in bytes.
const maxTargetPage = 1 << 20

// errNoEndpoint says that a page takes no mentions.
var errNoEndpoint = fmt.Errorf("the page names no webmention endpoint: %w", errIgnored)

// mention tells one page that a post of ours links to it, or did (outbox/webmention.go queues it). What became of it is written down.
func (i *Inbox) mention(ctx context.Context, e store.Errand) error {
	var m outbox.Mentioning
	if json.Unmarshal(e.Data, &m) != nil || !i.o.Config.Webmention.Send {
		return errIgnored
	}
	post, err := i.o.Store.Article(ctx, e.Post)
	if err != nil {
		return err
	}
	if known, err := i.mayTell(ctx, post, m.Target); err != nil || !known {
		return cmp.Or(err, errIgnored)
	}
	row := store.Mentioned{Post: e.Post, Target: m.Target, Told: i.o.Now().UTC()}
	err = i.tellPage(ctx, m, &row)
	if errors.Is(err, errLater) {
		return err
	}
	if err != nil {
		row.Error = cut(err.Error(), 300)
	}
	return errors.Join(err, i.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutMentioned(ctx, row) }))
}

// mayTell tells whether a page may hear of a post: one that is out, or one that it heard of before. What was recalled, or withdrawn before it left,
// nobody is to know.
func (i *Inbox) mayTell(ctx context.Context, post store.Article, target string) (bool, error) {
	if post.Withdrawn.IsZero() {
		return post.Announced, nil
	}
	rows, err := i.o.Store.Mentioned(ctx, post.ID)
	return slices.ContainsFunc(rows, func(m store.Mentioned) bool { return m.Target == target && !m.Told.IsZero() }), err
}

// tellPage finds a page's endpoint and tells it.
func (i *Inbox) tellPage(ctx context.Context, m outbox.Mentioning, row *store.Mentioned) error {
	if err := i.welcome(ctx, m.Target); err != nil {
		return err
	}
	if err := i.afforded(m.Target); err != nil {
		return err
	}
	page, err := i.o.Client.Web(ctx, m.Target, maxTargetPage, true)
	if err != nil {
		return err
	}
	body := page.Body
	if !page.HTML() {
		body = nil
	}
	row.Endpoint = webmention.Endpoint(page.Header, body, page.URL)
	if row.Endpoint == "" {
		return errNoEndpoint
	}
	if i.own(row.Endpoint) { // nobody makes us speak to ourselves
		return fmt.Errorf("the endpoint is ours: %w", errIgnored)
	}
	if err := i.welcome(ctx, row.Endpoint); err != nil {
		return err
	}
	answer := i.o.Client.Mention(ctx, row.Endpoint, m.Source, m.Target)
	row.Status = answer.Status
	return mentionOutcome(answer)
}

// mentionOutcome tells whether an answer is final: a refusal is, a fault that may pass is tried again.
func mentionOutcome(r remote.Result) error {
	switch {
	case r.Err != nil:
		return r.Err
	case r.Status >= 200 && r.Status < 300:
		return nil
	case r.Status == http.StatusTooManyRequests, r.Status >= 500, r.Status == http.StatusRequestTimeout:
		return fmt.Errorf("the endpoint answers %d %s", r.Status, r.Body)
	}
	return fmt.Errorf("the endpoint answers %d %s: %w", r.Status, r.Body, errIgnored)
}
