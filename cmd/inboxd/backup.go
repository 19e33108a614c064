package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "copy the database to one file, also while the daemon runs",
		Long: `Writes one consistent copy of the SQLite database. The keys are not in it: keep data/actor.pem and data/instance.pem with
it, in a place that nobody else can read. An existing file is not overwritten. PostgreSQL has its own tool, pg_dump.`,
		Example: "inboxd backup /srv/backup/blog.db\ninboxd backup blog-$(date +%F).db\ninboxd backup /mnt/usb/blog.db --config /srv/blog/config.toml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := args[0]
			if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
				return cli.Fail(cli.Failed, "%s is there already; nothing was written", file)
			}
			return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
				if err := s.Backup(cmd.Context(), file); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\nNot in it: the keys in %s\n", file, c.Path(c.Inboxd.Data))
				return err
			})
		},
	}
}
