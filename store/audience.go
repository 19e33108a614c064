package store

import (
	"context"
	"slices"
)

// AnswerInboxes gives the inbox of everybody who answered a post (reply, like, boost …) or may quote it, the shared one where there is one: their servers
// hold a copy of the post although it may never have been delivered there. Who is blocked, and who was forgotten, is left out.
func (q queries) AnswerInboxes(ctx context.Context, post string) ([]string, error) {
	type answerer struct{ actor, inbox string }
	scan := func(r row) (a answerer, err error) {
		err = r.Scan(&a.actor, &a.inbox)
		return a, err
	}
	list, err := all(ctx, q, scan, `SELECT DISTINCT a.id, CASE WHEN a.shared_inbox <> '' THEN a.shared_inbox ELSE a.inbox END
		FROM comments c JOIN actors a ON a.id = c.actor WHERE c.post = $1 AND a.inbox <> ''
		UNION SELECT q.actor, COALESCE(NULLIF(a.shared_inbox, ''), q.inbox) FROM quotes q LEFT JOIN actors a ON a.id = q.actor
		WHERE q.post = $1 AND q.inbox <> ''`, post)
	if err != nil {
		return nil, err
	}
	blocked, err := q.blockList(ctx)
	if err != nil {
		return nil, err
	}
	var inboxes []string
	for _, a := range list {
		if !blocked.has(a.actor) && !blocked.has(a.inbox) {
			inboxes = append(inboxes, a.inbox)
		}
	}
	slices.Sort(inboxes)
	return slices.Compact(inboxes), nil
}
