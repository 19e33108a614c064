package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/dates"
	"github.com/postil-blog/postil/site"
)

// newFlags are those of new.
type newFlags struct {
	kind, at string
	tags     []string
	noEdit   bool
}

func (a *app) newCommand() *cobra.Command {
	var f newFlags
	cmd := &cobra.Command{
		Use:   "new TITLE",
		Short: "start a post: a draft with id and date",
		Long: `Writes a draft to content/posts/ and prints its file. On a terminal it opens $EDITOR. The id in it is the post's own key:
leave it, and title, slug and file name may change as you like.

--at is the date: "2026-12-01 09:00", "09:00", "tomorrow 09:00", "friday 18:30", "in 3 days". One ahead schedules the post, once
draft is taken out. A file templates/archetypes/KIND.md in the site is what a post of that kind begins with; {{.Title}}, {{.Date}},
{{.ID}}, {{.Tags}}, {{.Slug}} and {{.Kind}} stand in it for what they say.`,
		Example: `publish new "My title"
publish new "A thought" --kind note --tags letters,sea
publish new "For later" --at "tomorrow 09:00"`,
		SuggestFor: []string{"add", "post", "draft"},
		Args:       cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			title := strings.TrimSpace(strings.Join(args, " "))
			if title == "" {
				return cli.Fail(cli.Usage, `A post needs a title: publish new "My title"`)
			}
			return a.start(cmd, title, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "kind", "article", strings.Join(publisher.Kinds, ", ")+", or one of the site's own")
	flags.StringSliceVar(&f.tags, "tags", nil, "its tags, with commas between them")
	flags.StringVar(&f.at, "at", "", "its `DATE`; now if none is given")
	flags.BoolVar(&f.noEdit, "no-edit", false, "do not open $EDITOR")
	a.completeFlag(cmd, "tags", tags)
	a.completeFlag(cmd, "kind", func(_ context.Context, c *site.Config) []string { return publisher.AllKinds(c) })
	return cmd
}

// start writes the post and, for a person, opens it.
func (a *app) start(cmd *cobra.Command, title string, f newFlags) error {
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	if known := publisher.AllKinds(c); !slices.Contains(known, f.kind) {
		return cli.Fail(cli.Usage, "--kind is one of %s, not %q", strings.Join(known, ", "), f.kind)
	}
	at := now()
	if f.at != "" {
		if at, err = dates.At(f.at, at.In(c.Location())); err != nil {
			return cli.Fail(cli.Usage, "--at: %w", err)
		}
	}
	file, err := publisher.NewPost(c, title, f.kind, f.tags, at)
	if err != nil {
		return err
	}
	shown := file
	if dir, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(dir, file); err == nil && !strings.HasPrefix(rel, "..") {
			shown = rel
		}
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), shown); err != nil {
		return err
	}
	editor := strings.Fields(os.Getenv("EDITOR"))
	if f.noEdit || len(editor) == 0 || !cli.Terminal(cmd.InOrStdin()) || !cli.Terminal(cmd.OutOrStdout()) {
		return nil
	}
	e := exec.CommandContext(cmd.Context(), editor[0], append(editor[1:], file)...)
	e.Stdin, e.Stdout, e.Stderr = os.Stdin, os.Stdout, os.Stderr
	return e.Run()
}
