package main

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) queueCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "queue",
		Short:   "deliveries: status, retry HOST",
		Example: "inboxd queue status\ninboxd queue status --json\ninboxd queue retry old.example",
	}
	var asJSON bool
	show := &cobra.Command{
		Use: "status", Short: "servers that do not take deliveries, and when they are tried next",
		Example: "inboxd queue status\ninboxd queue status --json\ninboxd queue status --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				list, err := failingHosts(cmd.Context(), s)
				if err != nil {
					return err
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "failing": list})
				}
				if len(list) == 0 {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "No server fails.")
					return err
				}
				return printFailing(cmd.OutOrStdout(), list, time.Now())
			})
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	retry := &cobra.Command{
		Use: "retry HOST", Short: "try a server now instead of waiting", Args: cobra.ExactArgs(1),
		Example: "inboxd queue retry old.example\ninboxd queue retry old.example --config /srv/blog/config.toml\ninboxd queue status",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				host, err := retryHost(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is tried within a minute, if inboxd runs.\n", host)
				return err
			})
		},
	}
	cmd.AddCommand(show, retry)
	return cmd
}

// retryHost closes a server's breaker and makes what waits for it due. name is a host as a person types it.
func retryHost(ctx context.Context, s *store.Store, name string) (host string, err error) {
	now := time.Now()
	return host, s.Write(ctx, func(tx *store.Tx) error {
		hosts, err := tx.FailingHosts(ctx)
		if err != nil {
			return err
		}
		for _, h := range hosts {
			if h.Host != name && !strings.HasSuffix(h.Host, "://"+strings.ToLower(name)) {
				continue
			}
			host, h.OpenUntil = h.Host, now
			if err := tx.PutHost(ctx, h); err != nil {
				return err
			}
			if err := tx.UnparkHost(ctx, h.Host, now); err != nil {
				return err
			}
			return tx.ReleaseHost(ctx, h.Host, now)
		}
		return cli.Fail(cli.Failed, "%s is not among the servers that fail\n  inboxd queue status lists them", name)
	})
}

// printable takes out what would steer a terminal: errors are in the words of other servers.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
