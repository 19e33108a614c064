package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
)

// kinds are the archetypes of publisher.NewPost.
var kinds = []string{"article", "note", "photo", "page"}

func (a *app) newCommand() *cobra.Command {
	var kind string
	var noEdit bool
	cmd := &cobra.Command{
		Use:   "new TITLE",
		Short: "start a post: a draft with id and date",
		Long: `Writes a draft to content/posts/ and prints its file. On a terminal it opens $EDITOR. The id in it is the post's own key:
leave it, and title, slug and file name may change as you like.`,
		Example: `publish new "My title"
publish new "A thought" --kind note
publish new About --kind page`,
		SuggestFor: []string{"add", "post", "draft"},
		Args:       cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			title := strings.TrimSpace(strings.Join(args, " "))
			if title == "" {
				return cli.Fail(cli.Usage, `A post needs a title: publish new "My title"`)
			}
			if !slices.Contains(kinds, kind) {
				return cli.Fail(cli.Usage, "--kind is one of %s, not %q", strings.Join(kinds, ", "), kind)
			}
			return a.start(cmd, title, kind, !noEdit)
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "article", strings.Join(kinds, ", "))
	cmd.Flags().BoolVar(&noEdit, "no-edit", false, "do not open $EDITOR")
	return cmd
}

// start writes the post and, for a person, opens it.
func (a *app) start(cmd *cobra.Command, title, kind string, edit bool) error {
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	file, err := publisher.NewPost(c, title, kind, now())
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
	if !edit || len(editor) == 0 || !cli.Terminal(cmd.InOrStdin()) || !cli.Terminal(cmd.OutOrStdout()) {
		return nil
	}
	e := exec.CommandContext(cmd.Context(), editor[0], append(editor[1:], file)...)
	e.Stdin, e.Stdout, e.Stderr = os.Stdin, os.Stdout, os.Stderr
	return e.Run()
}
