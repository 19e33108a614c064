package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// maxQuotes is how many quotes are listed.
const maxQuotes = 1000

func (a *app) quotesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quotes",
		Short: "who quotes the blog's posts: list, revoke ID",
		Long: `Who quotes a post and asks first is allowed what the post's quote_policy allows. Such a leave can be taken back: the quote
goes from the page, and the servers that may have seen it are told to show it without the post.`,
		Example:    "inboxd quotes list\ninboxd quotes list --json\ninboxd quotes revoke https://social.example/@ada/1",
		SuggestFor: []string{"quote"},
	}
	cmd.AddCommand(a.quotesList(), a.quotesRevoke())
	return cmd
}

// quoteLine is one line of quotes list --json.
type quoteLine struct {
	ID      string    `json:"id"`
	URL     string    `json:"url,omitempty"`
	Post    string    `json:"post"`
	By      string    `json:"by"`
	Handle  string    `json:"handle,omitempty"`
	State   string    `json:"state"` // allowed, listed, revoked
	Shown   string    `json:"shown,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
}

func lineOf(q store.QuoteView) quoteLine {
	l := quoteLine{ID: q.Quote, URL: q.URL, Post: q.Post, By: q.Actor, Handle: q.Handle, State: "allowed", Shown: string(q.State), Since: q.Granted, Revoked: q.Revoked}
	switch {
	case !q.Revoked.IsZero():
		l.State = "revoked"
	case q.Key == "":
		l.State = "listed"
	}
	return l
}

func (a *app) quotesList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "list the quotes, newest first: allowed, listed without having asked, revoked", Args: cobra.NoArgs,
		Example: "inboxd quotes list\ninboxd quotes list --json\ninboxd quotes list --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				quotes, err := s.Quotes(cmd.Context(), maxQuotes)
				if err != nil {
					return err
				}
				list := []quoteLine{}
				for _, q := range quotes {
					list = append(list, lineOf(q))
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "quotes": list})
				}
				return printQuotes(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printQuotes(w io.Writer, list []quoteLine) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nobody quotes the blog.")
		return err
	}
	for _, l := range list {
		who, since := l.By, l.Since
		if l.Handle != "" {
			who = "@" + l.Handle
		}
		if !l.Revoked.IsZero() {
			since = l.Revoked
		}
		if _, err := fmt.Fprintf(w, "%s  %-8s %s  %s\n", since.Format(time.DateOnly), l.State, printable(l.ID), printable(who)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) quotesRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "take a leave to quote back, for good", Args: cobra.ExactArgs(1),
		Long: `ID is what quotes list prints, or the address of the quote's page. The quote goes from the page and is not allowed again; who
quotes, and every server that got the post, is told. It cannot be undone.`,
		Example: "inboxd quotes list\ninboxd quotes revoke https://social.example/@ada/1\ninboxd quotes revoke https://social.example/@ada/1 --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
				n, err := revokeQuote(cmd.Context(), c, s, args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "revoked %s\n", printable(args[0]))
				if err == nil && n > 0 {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s will be told within a minute, if inboxd runs.\n", cli.Count(n, "server"))
				}
				return err
			})
		},
	}
}

// revokeQuote revokes whatever quotes a name stands for and returns how many servers will hear of it.
func revokeQuote(ctx context.Context, c *site.Config, s *store.Store, name string) (told int, err error) {
	out := queuing(c, s)
	err = s.Write(ctx, func(tx *store.Tx) error {
		told = 0
		list, err := tx.QuoteNamed(ctx, name)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return cli.Fail(cli.Failed, "no quote is called %s\n  inboxd quotes list lists them", printable(name))
		}
		for _, q := range list {
			n, err := out.RevokeQuote(ctx, tx, q.QuoteAuthorization)
			if err != nil {
				return err
			}
			told += n
		}
		return nil
	})
	return told, err
}
