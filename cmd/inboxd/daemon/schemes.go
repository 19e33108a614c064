package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// remembering is how often what was learned of hosts' signatures is kept. What a crash takes is one request to each of them.
const remembering = 5 * time.Minute

// knowing is Client with what was learned before the last stop.
func knowing(ctx context.Context, c *site.Config, o Options, s *store.Store, instance signature.Key) (*remote.Client, error) {
	rows, err := s.Schemes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading how servers want to be signed to: %w", err)
	}
	var known []remote.HostScheme
	for _, r := range rows {
		h := remote.HostScheme{Host: r.Host, Tried: r.Tried}
		if r.RFC9421 {
			h.Scheme = signature.RFC9421
		}
		known = append(known, h)
	}
	return client(c, o, instance, known), nil
}

// remember keeps what was learned now and then until ctx ends.
func remember(ctx context.Context, s *store.Store, client *remote.Client, log *slog.Logger) error {
	tick := time.NewTicker(remembering)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			learn(ctx, s, client, log)
		}
	}
}

// learn keeps what was learned since the last time.
func learn(ctx context.Context, s *store.Store, client *remote.Client, log *slog.Logger) {
	news := client.Learned()
	if len(news) == 0 {
		return
	}
	var rows []store.Scheme
	for _, h := range news {
		rows = append(rows, store.Scheme{Host: h.Host, RFC9421: h.Scheme == signature.RFC9421, Tried: h.Tried})
	}
	err := s.Write(ctx, func(tx *store.Tx) error { return tx.PutSchemes(ctx, rows, time.Now()) })
	if err != nil {
		log.Warn("what was learned of servers' signatures could not be kept", "err", err)
	}
}
