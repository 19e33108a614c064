package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// The files of the data folder. They are the daemon's alone.
const (
	databaseFile = "postil.db"
)

// Database is the data source of a site's store: inboxd.database, or the SQLite file in inboxd.data.
func Database(c *site.Config) string {
	if c.Inboxd.Database != "" {
		return c.Inboxd.Database
	}
	return filepath.Join(c.Path(c.Inboxd.Data), databaseFile)
}

// open prepares the data folder and opens the store, which locks the data: whatever follows runs in one daemon only.
func open(ctx context.Context, c *site.Config, log *slog.Logger) (*store.Store, error) {
	if err := folder(c.Path(c.Inboxd.Data), log); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, Database(c))
	switch {
	case errors.Is(err, store.ErrInUse):
		return nil, Refusal{err.Error(), "one inboxd serves one data folder; stop the other one first"}
	case errors.Is(err, store.ErrNewerSchema):
		return nil, Refusal{err.Error(), "install the newer Postil again, or restore a backup; nothing was changed"}
	case errors.Is(err, store.ErrDamaged):
		return nil, Refusal{err.Error(), "restore a backup; or move " + Database(c) + " away to start without followers and comments: the keys beside it stay good"}
	case err != nil:
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return s, nil
}

// folder makes the data folder, for its owner alone. One that others may enter is closed: it holds the keys.
func folder(dir string, log *slog.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("looking at the data folder: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return Refusal{fmt.Sprintf("others can enter the data folder, which holds the keys: %v", err), "chmod 700 " + dir}
	}
	log.Warn("closed the data folder to others", "folder", dir)
	return nil
}

// maintain looks after the store once an hour until ctx ends. A round that fails is said and tried again.
func maintain(ctx context.Context, s *store.Store, log *slog.Logger) error {
	tick := time.NewTicker(upkeep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.Maintain(ctx); err != nil && ctx.Err() == nil {
				log.Error("looking after the store", "error", err)
			}
		}
	}
}

// Outgoing is the daemon's client for a verb that has to ask other servers: it signs with the instance actor's key, which a running
// inboxd serves. The key must be there: it is made when inboxd runs for the first time.
func Outgoing(c *site.Config, o Options) (*remote.Client, error) {
	base := filepath.Join(c.Path(c.Inboxd.Data), instanceName)
	n := signature.Newest(base)
	file := signature.Numbered(base, ".", n) + ".pem"
	if _, err := os.Stat(file); err != nil {
		return nil, Refusal{fmt.Sprintf("there is no key %s", file), "it is made when inboxd runs for the first time"}
	}
	k, err := key(file, signature.Numbered(c.Addresses().InstanceKey(), "-", n), signature.CreateKey, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return Client(c, o, k), nil
}
