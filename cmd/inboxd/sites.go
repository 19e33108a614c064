package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) sitesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sites",
		Short: "the sites of [[embed.sites]]: list, remove PAGE",
		Long: `Pages of sites that Postil does not build become posts of the blog, each with a thread. They are never taken back because a feed
has them no more: only a page that answers 410 on two days is, and one that you remove here.`,
		Example:    "inboxd sites list\ninboxd sites list --json\ninboxd sites remove https://other.example/post/ --dry-run",
		SuggestFor: []string{"site", "embed"},
	}
	cmd.AddCommand(a.sitesList(), a.sitesRemove())
	return cmd
}

// siteLine is one site of sites list --json.
type siteLine struct {
	Name   string     `json:"name"`
	Feed   string     `json:"feed"`
	As     string     `json:"as"`
	Polled time.Time  `json:"polled,omitzero"`
	Error  string     `json:"error,omitempty"`
	Pages  []pageLine `json:"pages"`
}

type pageLine struct {
	Page  string `json:"page"`
	ID    string `json:"id"`
	State string `json:"state"` // told, noted, removed
}

func (a *app) sitesList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "the sites with their pages: told to followers, noted, removed", Args: cobra.NoArgs,
		Example: "inboxd sites list\ninboxd sites list --json\ninboxd sites list --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(c *site.Config, s *store.Store) error {
				list := []siteLine{}
				for _, e := range c.Embed.Sites {
					l, err := siteOf(cmd.Context(), s, e)
					if err != nil {
						return err
					}
					list = append(list, l)
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "sites": list})
				}
				return printSites(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func siteOf(ctx context.Context, s *store.Store, e site.EmbedSite) (siteLine, error) {
	l := siteLine{Name: e.Name, Feed: e.List(), As: e.As, Pages: []pageLine{}}
	known, err := s.Site(ctx, e.List())
	if err != nil {
		return l, err
	}
	l.Polled, l.Error = known.Polled, known.Error
	pages, err := s.SitePages(ctx, e.List())
	if err != nil {
		return l, err
	}
	for _, p := range pages {
		post, err := s.Article(ctx, p.Post)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return l, err
		}
		state := "noted"
		switch {
		case p.Remove || !post.Withdrawn.IsZero():
			state = "removed"
		case post.Announced:
			state = "told"
		}
		l.Pages = append(l.Pages, pageLine{p.Page, p.Post, state})
	}
	return l, nil
}

func printSites(w io.Writer, list []siteLine) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "No sites. [[embed.sites]] in config.toml names one.")
		return err
	}
	for _, l := range list {
		at := "not looked at yet"
		if !l.Polled.IsZero() {
			at = l.Polled.Format(time.DateTime)
		}
		if _, err := fmt.Fprintf(w, "%s  %s  as %s, %d pages, %s\n", printable(l.Name), printable(l.Feed), l.As, len(l.Pages), at); err != nil {
			return err
		}
		if l.Error != "" {
			fmt.Fprintf(w, "    ! %s\n", printable(l.Error))
		}
		for _, p := range l.Pages {
			if _, err := fmt.Fprintf(w, "    %-7s  %s\n", p.State, printable(p.Page)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *app) sitesRemove() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "remove PAGE", Short: "take the post that stands for a page back, for good", Args: cobra.ExactArgs(1),
		Example: "inboxd sites remove https://other.example/post/\ninboxd sites remove https://other.example/post/ --dry-run\ninboxd sites remove https://other.example/post/ --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if dryRun {
				return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
					p, err := pageOf(s.SitePage(cmd.Context(), args[0]))
					if err == nil {
						fmt.Fprintf(cmd.OutOrStdout(), "would remove %s\n", printable(p.Post))
					}
					return err
				})
			}
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				return s.Write(cmd.Context(), func(tx *store.Tx) error {
					p, err := pageOf(tx.SitePage(cmd.Context(), args[0]))
					if err != nil {
						return err
					}
					p.Remove = true
					if err := tx.PutSitePage(cmd.Context(), p); err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", printable(p.Post))
					fmt.Fprintln(cmd.ErrOrStderr(), "inboxd tells followers within a minute, while it runs")
					return nil
				})
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be removed, and change nothing")
	return cmd
}

// pageOf says of a page that is not there what to do.
func pageOf(p store.SitePage, err error) (store.SitePage, error) {
	if errors.Is(err, store.ErrNotFound) {
		return p, cli.Fail(cli.Failed, "no site has such a page\n  see inboxd sites list")
	}
	return p, err
}
