package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/postil-blog/postil/inbox/moderation"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// adminKey seals the links and sessions of the admin page.
const adminKey = "admin.key"

// LoginLink makes a link that opens the admin page once, within moderation.LinkLife. It needs the data folder and no daemon.
func LoginLink(c *site.Config, now time.Time) (string, error) {
	if err := folder(c.Path(c.Inboxd.Data), slog.New(slog.DiscardHandler)); err != nil {
		return "", err
	}
	secret, err := adminSecret(c)
	if err != nil {
		return "", err
	}
	return moderation.LoginLink(c.Addresses(), secret, now), nil
}

// admin is the handler of /admin/. picture serves the pictures of what does not show.
func admin(c *site.Config, s *store.Store, out *outbox.Outbox, picture http.HandlerFunc, log *slog.Logger) (http.Handler, error) {
	secret, err := adminSecret(c)
	if err != nil {
		return nil, err
	}
	m, err := moderation.New(moderation.Options{Config: c, Store: s, Secret: secret, Log: log, RevokeQuote: func(ctx context.Context, tx *store.Tx, q store.QuoteAuthorization) error {
		_, err := out.RevokeQuote(ctx, tx, q)
		return err
	}, Picture: picture, Sent: out.Wake, Withdraw: out.Withdraw, Reply: func(ctx context.Context, to, text string) error {
		_, err := out.Reply(ctx, outbox.Draft{InReplyTo: to, Content: text})
		return err
	}})
	if err != nil {
		return nil, err
	}
	return http.StripPrefix(c.Addresses().FederationBasePath(), m), nil
}

// adminSecret reads the key, or makes it where there is none. Two programs may do so at once: the first one's stays.
func adminSecret(c *site.Config) ([]byte, error) {
	file := filepath.Join(c.Path(c.Inboxd.Data), adminKey)
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := newSecret(file); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("making the admin key: %w", err)
		}
		info, err = os.Stat(file)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the admin key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, Refusal{fmt.Sprintf("others can read the key %s (mode %#o)", file, info.Mode().Perm()), "chmod 600 " + file}
	}
	secret, err := os.ReadFile(file)
	if err == nil && len(secret) < 16 {
		err = Refusal{file + " is too short to be a key", "remove it; a new one is made"}
	}
	return secret, err
}

// newSecret writes the whole key under another name and links it into place, so that nobody ever reads half of it.
func newSecret(file string) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".admin-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.WriteString(rand.Text() + rand.Text() + "\n"); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), file)
}
