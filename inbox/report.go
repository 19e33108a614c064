package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// What is kept of one report.
const (
	maxReported   = 20   // posts, comments, people
	maxReportText = 5000 // runes
	reportKey     = 10   // letters
)

// flag keeps a report for the owner: of a post, of a comment under one, or of somebody who follows or commented. One about anything
// else concerns nobody here.
func (i *Inbox) flag(ctx context.Context, l *letter) (effect, error) {
	return func(ctx context.Context, tx *store.Tx) error {
		objects, dropped, err := i.reported(ctx, tx, l.activity.Object)
		if err != nil {
			return err
		}
		if len(objects) == 0 {
			return errIgnored
		}
		if err := i.keep(ctx, tx, l); err != nil {
			return err
		}
		// Mastodon writes plain text into content, Lemmy into summary. Whatever it is, it is shown as text.
		text := activitypub.ParsePlain(firstOf(l.activity.Content, l.activity.Summary), nil).Text()
		return tx.AddReport(ctx, store.Report{
			Key: l.key()[:reportKey], Actor: l.actor.ID, Who: reporter(l.actor), Server: domain(l.actor.ID), Text: cut(text, maxReportText-1),
			Objects: objects, Dropped: dropped, At: l.now,
		})
	}, nil
}

// reported gives the ids of what is known here of a report's objects, and how many are not.
func (i *Inbox) reported(ctx context.Context, tx *store.Tx, list []*activitypub.Object) (known []string, dropped int, err error) {
	for n, o := range list {
		id := ""
		if len(known) < maxReported && n < 5*maxReported {
			if id, err = i.concerned(ctx, tx, o.ID); err != nil {
				return nil, 0, err
			}
		}
		switch {
		case id == "":
			dropped++
		case !slices.Contains(known, id):
			known = append(known, id)
		}
	}
	return known, dropped, nil
}

// concerned gives the id under which a post, a comment or a person is known here, "" for what is not.
func (i *Inbox) concerned(ctx context.Context, tx *store.Tx, id string) (string, error) {
	if own := i.ours(id); own != "" {
		id = own
	}
	if i.mine(id) {
		return id, nil
	}
	at, err := i.resolve(ctx, tx, id)
	if err == nil {
		return at.id, nil
	}
	if !errors.Is(err, errElsewhere) && !errors.Is(err, errIgnored) {
		return "", err
	}
	if here, err := tx.TakesPart(ctx, id); !here || err != nil {
		return "", err
	}
	return id, nil
}

// reporter names who reports. Most programs let the server's own actor do it, so that nobody learns who complained: then it is the server.
func reporter(a store.Actor) string {
	user, host, _ := strings.Cut(a.Handle, "@")
	if a.Type == "Application" || host == "" || user == host {
		return hostOf(a.ID)
	}
	return "@" + a.Handle
}
