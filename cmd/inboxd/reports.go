package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) reportsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reports",
		Short: "what other servers report to you: list, close",
		Long: `People of other servers can report a post, a comment under it or somebody who comments. Only you see it: here, and on the
admin page, where a comment can be hidden and its author blocked. At most 1,000 reports are kept, for 90 days.`,
		Example:    "inboxd reports\ninboxd reports list --all --json\ninboxd reports close k3x9q2mf7a",
		SuggestFor: []string{"flags", "moderate", "abuse"},
		RunE:       func(cmd *cobra.Command, _ []string) error { return a.listReports(cmd, false, false) },
	}
	cmd.AddCommand(a.reportsList(), a.reportsClose())
	return cmd
}

// reportLine is one report of reports list --json.
type reportLine struct {
	Key     string    `json:"key"`
	By      string    `json:"by"`
	Text    string    `json:"text,omitempty"`
	Objects []string  `json:"objects"`
	Dropped int       `json:"dropped,omitempty"` // objects that are not known here
	At      time.Time `json:"at"`
	Closed  time.Time `json:"closed,omitzero"`
}

func (a *app) reportsList() *cobra.Command {
	var asJSON, withClosed bool
	cmd := &cobra.Command{
		Use: "list", Short: "list the open reports, newest first", Example: "inboxd reports list\ninboxd reports list --all\ninboxd reports list --json",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listReports(cmd, withClosed, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&withClosed, "all", false, "closed ones too")
	return cmd
}

func (a *app) listReports(cmd *cobra.Command, withClosed, asJSON bool) error {
	return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
		rows, err := s.Reports(cmd.Context(), withClosed)
		if err != nil {
			return err
		}
		list := []reportLine{}
		for _, r := range rows {
			list = append(list, reportLine{r.Key, r.Who, r.Text, r.Objects, r.Dropped, r.At, r.Closed})
		}
		if asJSON {
			return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "reports": list})
		}
		return printReports(cmd.OutOrStdout(), list)
	})
}

// printReports writes reports for people: a line each, what it is about and what was said below.
func printReports(w io.Writer, list []reportLine) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "No reports.")
		return err
	}
	for _, r := range list {
		state := ""
		if !r.Closed.IsZero() {
			state = "  (closed)"
		}
		fmt.Fprintf(w, "%s  %s  %s%s\n", r.Key, r.At.Format(time.DateOnly), printable(r.By), state)
		for _, o := range r.Objects {
			fmt.Fprintf(w, "    about %s\n", printable(o))
		}
		if r.Dropped > 0 {
			fmt.Fprintf(w, "    and %d more that are not here\n", r.Dropped)
		}
		for line := range strings.Lines(r.Text) {
			if _, err := fmt.Fprintf(w, "    | %s\n", printable(strings.TrimRight(line, "\n"))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *app) reportsClose() *cobra.Command {
	return &cobra.Command{
		Use: "close KEY …", Short: "mark reports as dealt with", Args: cobra.MinimumNArgs(1), Example: "inboxd reports list\ninboxd reports close k3x9q2mf7a\ninboxd reports close k3x9q2mf7a p8d2w4h6z0",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				if err := s.Write(cmd.Context(), func(tx *store.Tx) error { return closeReports(cmd.Context(), tx, args) }); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "closed", strings.Join(args, " "))
				return err
			})
		},
	}
}

// closeReports closes all of them or none.
func closeReports(ctx context.Context, tx *store.Tx, keys []string) error {
	for _, key := range keys {
		was, err := tx.CloseReport(ctx, key, time.Now())
		if err != nil {
			return err
		}
		if !was {
			return cli.Fail(cli.Failed, "there is no open report %q\n  inboxd reports list", key)
		}
	}
	return nil
}
