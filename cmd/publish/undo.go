package main

import (
	"encoding/json"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
)

func (a *app) undoCommand() *cobra.Command {
	var flags cli.UndoFlags
	cmd := &cobra.Command{
		Use:   "undo",
		Short: "stop what the last run sends to followers and has not left yet",
		Long: `Asks inboxd to drop what waits of the last round: with federation.hold that is all of it until the window ends, else
what no server has taken yet. The page stays. The same words are not sent again; once the file is edited, publish
sends the new ones. What has left already is named: only an edit or a withdrawal reaches it.
It needs a token with the scope publish: inboxd token create NAME --scope publish.`,
		Example: `publish undo --dry-run
publish undo
publish undo --json`,
		Args:       cobra.NoArgs,
		SuggestFor: []string{"recall", "unsend", "cancel"},
		RunE:       func(cmd *cobra.Command, _ []string) error { return a.undo(cmd, flags) },
	}
	flags.Add(cmd)
	return cmd
}

func (a *app) undo(cmd *cobra.Command, flags cli.UndoFlags) error {
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	if !c.Federation.Enabled {
		return cli.Fail(cli.Usage, "this blog is not on the fediverse: nothing was sent that could be stopped")
	}
	token, err := credential(c)
	if err != nil {
		return err
	}
	if token == "" {
		return cli.Fail(cli.Usage, "there is no token for %s\n  inboxd token create NAME --scope publish, or run inboxd undo where inboxd runs", c.Federation.URL)
	}
	address := c.Addresses().Undo()
	if flags.DryRun {
		address += "?dry_run=1"
	}
	status, body, err := client(c).Ask(cmd.Context(), address, token)
	switch {
	case err != nil:
		return cli.Fail(cli.NotConnected, "inboxd did not answer: %v\n  nothing was stopped", err)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return cli.Fail(cli.NotConnected, "inboxd does not accept the token (%d)\n  a new one: inboxd token create NAME --scope publish", status)
	case status != http.StatusOK:
		return cli.Fail(cli.NotConnected, "inboxd answered %d\n  nothing is known to be stopped", status)
	}
	var answer struct{ Posts []cli.Undone }
	if err := json.Unmarshal(body, &answer); err != nil {
		return cli.Fail(cli.NotConnected, "inboxd's answer cannot be read: %v", err)
	}
	return flags.Print(cmd.OutOrStdout(), answer.Posts)
}
