package daemon

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// keyCheck is how often the folder of the keys is looked at.
const keyCheck = 10 * time.Second

// rooms are what the daemon is made of for as long as its keys are the same. New keys (inboxd key rotate) make new rooms, by the very way
// of a start: so a key that is replaced while the daemon runs is told and used as one that is replaced while it stands still.
type rooms struct {
	in     *inbox.Inbox
	out    *outbox.Outbox
	client *remote.Client
	seen   string // the key files that they were made with
}

// live does the rooms' rounds until they end, with new rooms whenever the keys have changed. Requests go on being answered: by the new
// rooms as soon as they are there. The old ones' deliveries end before the new ones' begin, so nothing is sent twice.
func live(rounds, failed context.Context, c *site.Config, o Options, s *store.Store, r *rooms, front *atomic.Pointer[inbox.Inbox]) error {
	for r != nil {
		next, err := r.run(rounds, failed, c, o, s, front)
		learn(context.WithoutCancel(failed), s, r.client, o.Log)
		if err != nil {
			return err
		}
		r = next
	}
	return nil
}

// run does the rounds until they end, or until there are new rooms, which it gives.
func (r *rooms) run(rounds, failed context.Context, c *site.Config, o Options, s *store.Store, front *atomic.Pointer[inbox.Inbox]) (next *rooms, err error) {
	ctx, end := context.WithCancel(failed)
	defer end()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.ended(rounds, ctx, "outbox", r.out.Run(ctx)) })
	g.Go(func() error { return r.ended(rounds, ctx, "inbox", r.in.Run(ctx)) })
	g.Go(func() error { return remember(ctx, s, r.client, o.Log) })
	g.Go(func() error {
		defer end()
		if next = r.renewed(ctx, c, o, s); next != nil {
			front.Store(next.in)
		}
		return nil
	})
	err = g.Wait()
	return next, err
}

// ended makes nothing of a round's error once the rounds, or these rooms' alone, were told to end.
func (r *rooms) ended(rounds, ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return ended(rounds, name, err)
}

// renewed waits until the key files have changed and makes rooms with them; nil once ctx ends. Two looks must find the same: a rotation
// makes several files. What cannot be made is logged once, and the rooms stay as they are.
func (r *rooms) renewed(ctx context.Context, c *site.Config, o Options, s *store.Store) *rooms {
	tick := time.NewTicker(cmp.Or(o.KeyCheck, keyCheck))
	defer tick.Stop()
	for last := r.seen; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := keyFiles(c)
		if err != nil || now == r.seen || now != last {
			last = now
			continue
		}
		next, err := furnish(ctx, c, o, s)
		if err == nil {
			o.Log.Info("took new keys up")
			return next
		}
		if ctx.Err() == nil {
			o.Log.Error("there are new keys, and they cannot be used; going on with the former ones", "err", err)
		}
		r.seen = now
	}
}

// steadyKeys reads the keys with the names of their files, again where these changed meanwhile: the first reading makes what is missing.
func steadyKeys(c *site.Config, log *slog.Logger) (k keyring, seen string, err error) {
	for range 3 {
		before, err := keyFiles(c)
		if err != nil {
			return k, "", err
		}
		if k, err = keys(c, time.Now(), log); err != nil {
			return k, "", err
		}
		if seen, err = keyFiles(c); err != nil || seen == before {
			return k, seen, err
		}
	}
	return k, seen, nil
}

// keyFiles names the key files in the data folder. A key that is put away has another name.
func keyFiles(c *site.Config) (string, error) {
	names, err := filepath.Glob(filepath.Join(c.Path(c.Inboxd.Data), "*.pem"))
	if err != nil {
		return "", fmt.Errorf("looking for keys: %w", err)
	}
	return strings.Join(names, "\n"), nil
}
