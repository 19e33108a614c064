package outbox

import (
	"context"
	"time"

	"github.com/postil-blog/postil/store"
)

// Undone is what undo did, or would do, about one post.
type Undone struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	Name string `json:"name"`
	// Stopped and Left count the servers that it was kept from and those that have it or may have it.
	Stopped int `json:"stopped"`
	Left    int `json:"left"`
	// Had: an earlier state of the post, or this one, is out in the fediverse.
	Had bool `json:"had"`
}

// UndoNow reads what was published last and then recalls it: for the daemon, whose publisher asks right after publishing.
func (o *Outbox) UndoNow(ctx context.Context, dryRun bool) ([]Undone, error) {
	if !dryRun {
		if _, err := o.Reconcile(ctx); err != nil {
			return nil, err
		}
	}
	return o.Undo(ctx, dryRun)
}

// Undo stops what has not left yet of the last round that told followers anything: those Creates and Updates are dropped, and the ledger
// remembers what was recalled, so that the same is not told again. What has left stays: only an edit or a withdrawal reaches it. Posts
// come newest first; there are none where the last round has been undone already. With dryRun nothing is changed.
func (o *Outbox) Undo(ctx context.Context, dryRun bool) (list []Undone, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if dryRun {
		articles, err := o.o.Store.Articles(ctx)
		if err != nil {
			return nil, err
		}
		last := lastRound(articles)
		for _, a := range last {
			r, err := o.o.Store.Reach(ctx, a.ID, a.Told)
			if err != nil {
				return nil, err
			}
			list = append(list, undone(a, r))
		}
		return list, nil
	}
	err = o.o.Store.Write(ctx, func(tx *store.Tx) error {
		list = nil
		articles, err := tx.Articles(ctx)
		if err != nil {
			return err
		}
		for _, a := range lastRound(articles) {
			r, err := o.recall(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			list = append(list, undone(a, r))
		}
		return nil
	})
	o.done = ""
	return list, err
}

func undone(a store.Article, r store.Reach) Undone {
	return Undone{ID: a.ID, URL: a.URL, Name: a.Name, Stopped: r.Held, Left: r.Left, Had: r.Ever}
}

// lastRound gives the posts of the last round that told a Create or an Update and was not wholly recalled.
func lastRound(articles []store.Article) (list []store.Article) {
	var last time.Time
	for _, a := range articles {
		if a.Announced && a.Withdrawn.IsZero() {
			last = later(last, a.Told)
		}
	}
	for _, a := range articles {
		if a.Announced && a.Withdrawn.IsZero() && !last.IsZero() && a.Told.Equal(last) {
			list = append(list, a)
		}
	}
	return list
}

// recall drops what waits of one post and writes that into the ledger. A post that nobody has is as if it had never been announced.
func (o *Outbox) recall(ctx context.Context, tx *store.Tx, id string) (r store.Reach, err error) {
	a, err := tx.Article(ctx, id)
	if err != nil {
		return r, err
	}
	if r, err = tx.Reach(ctx, id, a.Told); err != nil || r.Ever && r.Held == 0 {
		return r, err
	}
	key, err := o.key(id)
	if err != nil {
		return r, err
	}
	if err := tx.Recall(ctx, id, a.Told, r.Ever); err != nil {
		return r, err
	}
	a.Recalled = a.SHA256
	drop := []string{}
	if r.Left == 0 {
		a.Told = time.Time{} // undone: the next undo is about the round before
		drop = append(drop, o.updateID(key, a.Revision))
	}
	if !r.Ever {
		if a.InReplyTo != "" { // nobody has the answer, and the page shows it no more
			if _, err := tx.RemoveComment(ctx, id); err != nil {
				return r, err
			}
		}
		a.Announced, a.Pinned = false, 0
		drop = append(drop, o.createID(key))
	}
	for _, activity := range drop {
		if err := tx.DropActivity(ctx, activity); err != nil {
			return r, err
		}
	}
	return r, tx.PutArticle(ctx, a)
}
