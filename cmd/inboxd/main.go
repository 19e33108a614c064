// Command inboxd is the blog's daemon: it serves the site with its comments, makes the blog an account of the fediverse, delivers
// posts to followers and receives what they answer.
//
// Without a verb it serves. One file here is one verb; the wiring is in the package daemon, so that tests and the demo run the
// same. Verbs that read open the database beside a running daemon; those that write do so too, in one short transaction.
package main

import (
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // a container without zone files must read site.timezone too

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/cmd/internal/lookup"
	"github.com/postil-blog/postil/site"
)

func main() {
	cobra.EnableCommandSorting = false // help lists the verbs in the order of use
	os.Exit(cli.Run(rootCommand(), writeFaults))
}

// writeFaults prints the faults of config.toml, one a line. The pictures with a caret are the publisher's, and its Markdown
// and highlighting would cost the daemon memory for as long as it runs.
func writeFaults(w io.Writer, ds site.Diagnostics, _ bool) error {
	_, err := fmt.Fprintln(w, ds.Error())
	return err
}

// app is what the verbs share.
type app struct {
	settings *cli.Settings
}

func rootCommand() *cobra.Command {
	var flags serveFlags
	a := &app{}
	root := &cobra.Command{
		Use:   "inboxd",
		Short: "serve the blog and its fediverse account",
		Long: `Serves the site with its comments, delivers posts to followers, and receives what they answer, until it is stopped.
Started in a site's folder it needs no flag. SIGTERM lets requests under way finish and exits 0; a second inboxd on the
same data exits 2.`,
		Example: `inboxd                      serve the site in this folder
inboxd status               followers, deliveries, replies
inboxd proxy nginx          the block for the web server in front of it`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd, flags) },
	}
	a.settings = cli.AddSettings(root)
	flags.add(root)
	root.SetHelpCommand(cli.Help())
	root.AddCommand(
		a.statusCommand(), a.loginCommand(), a.queueCommand(), a.undoCommand(), a.blockCommand(), a.hideCommand(), a.reportsCommand(), a.quotesCommand(), a.sitesCommand(), a.webmentionsCommand(), a.tokenCommand(), a.keyCommand(), a.backupCommand(),
		a.pinCommand(), a.moveInCommand(), a.moveOutCommand(), a.moveDomainCommand(), a.retireCommand(),
		lookup.Command(a.settings, "inboxd", "fetch"),
		a.proxyCommand(), a.configCommand(), cli.Completion("inboxd"), versionCommand(), cli.Man("inboxd"),
	)
	return root
}
