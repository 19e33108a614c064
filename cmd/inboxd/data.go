package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// read opens the database beside a running daemon and hands it to f.
func (a *app) read(ctx context.Context, f func(*site.Config, *store.Store) error) error {
	return a.with(ctx, store.OpenReader, f)
}

// write opens the database beside a running daemon to change something in one short transaction.
func (a *app) write(ctx context.Context, f func(*site.Config, *store.Store) error) error {
	return a.with(ctx, store.OpenBeside, f)
}

func (a *app) with(ctx context.Context, open func(context.Context, string) (*store.Store, error), f func(*site.Config, *store.Store) error) error {
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	s, err := open(ctx, daemon.Database(c))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return cli.Fail(cli.Usage, "there is no database in %s yet\n  it is made when inboxd runs for the first time", c.Path(c.Inboxd.Data))
	case errors.Is(err, store.ErrNewerSchema):
		return cli.Exit{Code: cli.Usage, Err: err}
	case err != nil:
		return err
	}
	return errors.Join(f(c, s), s.Close())
}
