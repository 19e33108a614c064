package outbox

import (
	"context"
	"crypto/ed25519"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// TestMain is also the process that TestKilledMidway kills, and the servers of a benchmark.
func TestMain(m *testing.M) {
	if os.Getenv("POSTIL_OUTBOX_SERVERS") != "" {
		if err := serveBare(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	dir := os.Getenv("POSTIL_OUTBOX_CHILD")
	if dir == "" {
		// A history is some hundred requests and commits. -rapid.checks asks for more.
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	if err := deliverUntilKilled(dir, os.Getenv("POSTIL_OUTBOX_SITE")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func deliverUntilKilled(dir, url string) error {
	ctx, config := context.Background(), &site.Config{Dir: dir, Publish: site.Publish{Output: "public"}}
	config.Site.URL, config.Federation.Enabled = url, true
	s, err := store.Open(ctx, filepath.Join(dir, "data", "postil.db"))
	if err != nil {
		return err
	}
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	a := config.Addresses()
	out := New(Options{Config: config, Store: s, Client: remote.New(remote.Options{Dev: true}), Log: slog.New(slog.DiscardHandler),
		Keys: map[string]signature.Key{a.Actor(): {ID: a.Key(), Private: private}}, Now: func() time.Time { return noon }})
	_, err = out.Round(ctx)
	return err
}
