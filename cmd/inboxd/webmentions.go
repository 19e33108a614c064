package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) webmentionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webmentions",
		Short: "the pages that posts link to, and whether they were told: list, retry PAGE",
		Long: `Pages that a post links to are told so by Webmention (webmention.send), where they take any. This lists them with their answers.
Those that come in are comments: they wait on the admin page.`,
		Example:    "inboxd webmentions list\ninboxd webmentions list --json\ninboxd webmentions retry https://other.example/post/ --dry-run",
		SuggestFor: []string{"mentions", "webmention", "pingback"},
	}
	cmd.AddCommand(a.webmentionsList(), a.webmentionsRetry())
	return cmd
}

// sentMention is one page of webmentions list --json.
type sentMention struct {
	Post     string    `json:"post"`   // id
	Page     string    `json:"page"`   // of the post
	Target   string    `json:"target"` // the page that it links or linked to
	State    string    `json:"state"`  // waiting, told, "no endpoint", failed
	Endpoint string    `json:"endpoint,omitempty"`
	Status   int       `json:"status,omitempty"` // of its answer
	Error    string    `json:"error,omitempty"`
	Told     time.Time `json:"told,omitzero"` // of the last try
	Next     time.Time `json:"next,omitzero"` // of the next one
}

func (a *app) webmentionsList() *cobra.Command {
	var asJSON bool
	var post string
	cmd := &cobra.Command{
		Use: "list", Short: "who was told of which post, when, and with what answer", Args: cobra.NoArgs,
		Example: "inboxd webmentions list\ninboxd webmentions list --post https://example.com/posts/hello/\ninboxd webmentions list --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				list, err := sentMentions(cmd.Context(), s)
				if err != nil {
					return err
				}
				list = slices.DeleteFunc(list, func(m sentMention) bool { return post != "" && m.Post != post && m.Page != post })
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "webmentions": list})
				}
				return printMentions(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().StringVar(&post, "post", "", "of one post alone: its page or its id")
	return cmd
}

// sentMentions gives all of them, by post, the newest post first as the ledger has them.
func sentMentions(ctx context.Context, s *store.Store) ([]sentMention, error) {
	rows, err := s.Mentioned(ctx, "")
	if err != nil {
		return nil, err
	}
	waits, err := s.Errands(ctx, outbox.TellMention)
	if err != nil {
		return nil, err
	}
	next := map[string]time.Time{}
	for _, e := range waits {
		next[e.URL] = e.Next
	}
	list, pages := []sentMention{}, map[string]string{}
	for _, m := range rows {
		page, known := pages[m.Post]
		if !known {
			post, err := s.Article(ctx, m.Post)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			page = post.URL
			pages[m.Post] = page
		}
		l := sentMention{Post: m.Post, Page: page, Target: m.Target, Endpoint: m.Endpoint, Status: m.Status, Error: m.Error, Told: m.Told, Next: next[outbox.MentionErrand(m.Post, m.Target)]}
		l.State = mentionState(l)
		list = append(list, l)
	}
	return list, nil
}

func mentionState(m sentMention) string {
	switch {
	case m.Told.IsZero():
		return "waiting"
	case m.Error == "":
		return "told"
	case m.Endpoint == "" && m.Next.IsZero():
		return "no endpoint"
	}
	return "failed"
}

func printMentions(w io.Writer, list []sentMention) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "No post links to a page elsewhere.")
		return err
	}
	post := ""
	for _, m := range list {
		if m.Post != post {
			post = m.Post
			fmt.Fprintln(w, printable(firstNot(m.Page, m.Post)))
		}
		at := "-"
		if !m.Told.IsZero() {
			at = m.Told.Format(time.DateTime)
		}
		answer := ""
		if m.Status != 0 {
			answer = "  " + strconv.Itoa(m.Status)
		}
		if _, err := fmt.Fprintf(w, "    %-11s  %-19s  %s%s\n", m.State, at, printable(m.Target), answer); err != nil {
			return err
		}
		if m.State == "failed" {
			fmt.Fprintf(w, "                 ! %s\n", printable(m.Error))
		}
		if !m.Next.IsZero() {
			fmt.Fprintf(w, "                 next %s\n", m.Next.Format(time.DateTime))
		}
	}
	return nil
}

func firstNot(list ...string) string {
	return list[max(0, slices.IndexFunc(list, func(s string) bool { return s != "" }))]
}

func (a *app) webmentionsRetry() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "retry PAGE", Short: "tell a page again that posts link to it", Args: cobra.ExactArgs(1),
		Long:    `Tells PAGE of every post that links or linked to it, within a minute while inboxd runs. One that waits anyway is left as it is.`,
		Example: "inboxd webmentions retry https://other.example/post/\ninboxd webmentions retry https://other.example/post/ --dry-run\ninboxd webmentions list",
		RunE: func(cmd *cobra.Command, args []string) error {
			if dryRun {
				return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
					list, err := mentionsOf(cmd.Context(), s, args[0])
					return printTold(cmd.OutOrStdout(), "would tell", args[0], list, err)
				})
			}
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				list, err := mentionsOf(cmd.Context(), s, args[0])
				if err == nil {
					err = s.Write(cmd.Context(), func(tx *store.Tx) error { return tellAgain(cmd.Context(), tx, list) })
				}
				return printTold(cmd.OutOrStdout(), "tells", args[0], list, err)
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be told, and change nothing")
	return cmd
}

// mentionsOf gives what can be told to a page again.
func mentionsOf(ctx context.Context, s *store.Store, target string) ([]sentMention, error) {
	list, err := sentMentions(ctx, s)
	list = slices.DeleteFunc(list, func(m sentMention) bool { return m.Target != target || m.Page == "" })
	if err == nil && len(list) == 0 {
		err = cli.Fail(cli.Failed, "no post links to %s\n  inboxd webmentions list", target)
	}
	return list, err
}

func tellAgain(ctx context.Context, tx *store.Tx, list []sentMention) error {
	for _, m := range list {
		if err := outbox.TellPage(ctx, tx, m.Post, m.Page, m.Target, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

func printTold(w io.Writer, does, target string, list []sentMention, err error) error {
	if err != nil {
		return err
	}
	pages := make([]string, len(list))
	for i, m := range list {
		pages[i] = m.Page
	}
	_, err = fmt.Fprintf(w, "%s %s of %s\n", does, printable(target), printable(strings.Join(pages, ", ")))
	return err
}
