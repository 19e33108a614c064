package main

import (
	"errors"
	"fmt"
	"slices"
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
		Long: `Lists every post and page of content/, newest first, with its state. A live one that is not out yet is new; one whose followers were
told is announced; changed is one that the next publish writes anew; needs-redirect one whose address changed and whose front
matter has no alias for the old one. --state finds every post of which a word is true: announced ones are live, too.`,
		Example: `publish list
publish list --state draft
publish list --tag letters --json`,
		SuggestFor: []string{"ls", "posts"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if state != "" && !slices.Contains(states, state) {
				return cli.Fail(cli.Usage, "--state is one of %s, not %q", strings.Join(states, ", "), state)
			}
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
				if (state == "" || slices.Contains(l.States, state)) && (tag == "" || hasTag(l.Post, tag)) {
					kept = append(kept, l)
				}
			}
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "posts": kept})
			}
			return printList(cmd, c, kept)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only those that are `STATE`: "+strings.Join(states, ", "))
	cmd.Flags().StringVar(&tag, "tag", "", "only those with a tag")
	complete(cmd, "state", states...)
	a.completeFlag(cmd, "tag", tags)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// states are what a post of the list can be.
var states = []string{"new", "live", "announced", "changed", "needs-redirect", "draft", "scheduled", "expired", "empty"}

// listLine is a post as the list shows it.
type listLine struct {
	*publisher.Post
	State     string    `json:"state"`  // over Post.State: the one of States that says most
	States    []string  `json:"states"` // all that is true of it
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
	changed, err := changedPosts(cmd, c)
	if err != nil {
		return nil, err
	}
	var lines []listLine
	for _, p := range posts {
		l := listLine{Post: p, States: []string{p.State}, URL: c.Addresses().Page(p.Path)}
		if p.Reply {
			l.URL = "" // it is read at its place in a thread
		}
		entry, out := published[c.Addresses().Post(p.Key)]
		l.Published = entry.Published
		switch {
		case p.State != "live":
		case out:
			l.States = append(l.States, beyond(c, p, entry, changed)...)
		case !p.Page && c.Federation.Enabled:
			l.States = []string{"new"}
		case changed[p.Path]:
			l.States = append(l.States, "changed")
		}
		l.State = l.States[len(l.States)-1]
		lines = append(lines, l)
	}
	return lines, nil
}

// beyond says what more is true of a live post that is out.
func beyond(c *site.Config, p *publisher.Post, entry site.PublishedPost, changed map[string]bool) (more []string) {
	if !entry.Silent {
		more = append(more, "announced")
	}
	if changed[p.Path] || changed[entry.ID] {
		more = append(more, "changed")
	}
	if at := c.Addresses().Page(p.Path); entry.URL != "" && entry.URL != at {
		if old, ok := strings.CutPrefix(entry.URL, strings.TrimSuffix(c.Addresses().Home(), "/")); ok && !slices.Contains(p.Aliases, old) {
			more = append(more, "needs-redirect")
		}
	}
	return more
}

// changedPosts asks what the next publish would write: the paths and ids of posts whose words differ from those that are out. It knows
// of none where the content has faults.
func changedPosts(cmd *cobra.Command, c *site.Config) (map[string]bool, error) {
	r, err := publisher.Publish(cmd.Context(), publisher.Options{Config: c, DryRun: true, Withdraw: true, Announce: true})
	var faults site.Diagnostics
	if errors.As(err, &faults) {
		return nil, nil
	}
	changed := map[string]bool{}
	for _, ch := range r.Changes {
		if ch.Federated == "Update" || ch.Mark == "~" && strings.HasPrefix(ch.Note, "text") {
			changed[ch.Path] = true
			changed[ch.ID] = ch.ID != ""
		}
	}
	return changed, err
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
	width, stateWidth := 0, len("scheduled")
	for _, l := range lines {
		width, stateWidth = max(width, len([]rune(l.File))), max(stateWidth, len(l.State))
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
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-*s  %s  %s%s  %s\n", stateWidth, l.State, date, l.File, pad, title); err != nil {
			return err
		}
	}
	return nil
}
