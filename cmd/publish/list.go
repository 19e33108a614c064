package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	var state, tag string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list posts and pages, with their state",
		Long: `Lists every post and page of content/, newest first: live, draft, scheduled or expired. A live one that the published
list does not hold yet is new.`,
		Example: `publish list
publish list --state draft
publish list --json`,
		SuggestFor: []string{"ls", "posts"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			lines, err := listLines(cmd, c)
			if err != nil {
				return err
			}
			kept := []listLine{}
			for _, l := range lines {
				if (state == "" || l.State == state) && (tag == "" || hasTag(l.Post, tag)) {
					kept = append(kept, l)
				}
			}
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "posts": kept})
			}
			return printList(cmd, c, kept)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only those that are new, live, draft, scheduled or expired")
	cmd.Flags().StringVar(&tag, "tag", "", "only those with a tag")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// listLine is a post as the list shows it.
type listLine struct {
	*publisher.Post
	State     string    `json:"state"` // over Post.State: "new" for a live post that is not out yet
	URL       string    `json:"url"`
	Published time.Time `json:"published,omitzero"`
}

// listLines reads the content; faults in it are said on stderr and end nothing, since a list is wanted most while writing.
func listLines(cmd *cobra.Command, c *site.Config) ([]listLine, error) {
	posts, faults, err := publisher.Scan(cmd.Context(), publisher.Options{Config: c})
	if err != nil {
		return nil, err
	}
	if n := faults.Errors(); n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s in the content: publish check tells all\n", cli.Count(n, "error"))
	}
	out, err := publishedList(c)
	if err != nil {
		return nil, err
	}
	published := map[string]site.PublishedPost{}
	for _, p := range out.Posts {
		published[p.ID] = p
	}
	var lines []listLine
	for _, p := range posts {
		l := listLine{Post: p, State: p.State, URL: c.Addresses().Page(p.Path)}
		if p.Reply {
			l.URL = "" // it is read at its place in a thread
		}
		if entry, ok := published[c.Addresses().Post(p.Key)]; ok {
			l.Published = entry.Published
		} else if !p.Page && p.State == "live" && c.Federation.Enabled {
			l.State = "new"
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func hasTag(p *publisher.Post, tag string) bool {
	for _, t := range p.Tags {
		if strings.EqualFold(t, tag) {
			return true
		}
	}
	return false
}

func printList(cmd *cobra.Command, c *site.Config, lines []listLine) error {
	width := 0
	for _, l := range lines {
		width = max(width, len([]rune(l.File)))
	}
	for _, l := range lines {
		date := "          "
		if !l.Date.IsZero() {
			date = l.Date.Format(time.DateOnly)
		}
		pad := strings.Repeat(" ", width-len([]rune(l.File)))
		title := l.Title
		if l.State == "scheduled" && c.Releases() {
			title += "  (inboxd releases it)"
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-9s  %s  %s%s  %s\n", l.State, date, l.File, pad, title); err != nil {
			return err
		}
	}
	return nil
}
