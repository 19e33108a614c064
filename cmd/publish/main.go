// Command publish turns a folder of Markdown into a blog: it builds the site, says what changed, and leaves the list of what is
// out for inboxd, the daemon that delivers it to the fediverse.
//
// Without a verb it publishes. One file here is one verb; each takes flags and settings to the package publisher and prints
// what comes back: results on stdout, narration on stderr.
package main

import (
	"os"
	_ "time/tzdata" // a machine without zone files must read site.timezone too

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/cmd/internal/lookup"
	"github.com/postil-blog/postil/publisher"
)

func main() {
	cobra.EnableCommandSorting = false // help lists the verbs in the order of use
	os.Exit(cli.Run(rootCommand(), publisher.WriteDiagnostics))
}

// app is what the verbs share.
type app struct {
	settings *cli.Settings
}

// lookupCommand is the one that both programs have, with the handles of this site to complete.
func (a *app) lookupCommand() *cobra.Command {
	cmd := lookup.Command(a.settings, "publish", "lookup")
	cmd.ValidArgsFunction = a.completeOne(handles)
	return cmd
}

func rootCommand() *cobra.Command {
	var run publishFlags
	a := &app{}
	root := &cobra.Command{
		Use:   "publish",
		Short: "publish the blog in this folder",
		Long: `Builds the site from content/, writes what changed to public/, and leaves the list of what is out for inboxd.
Nothing is skipped silently, a second run writes nothing, and a fault in one post publishes nothing at all:
every fault is told at once, and the old site stays.`,
		Example: `publish --dry-run          say what would happen, change nothing
publish                    do it
publish new "My title"     start a post`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.publish(cmd, run) },
	}
	a.settings = cli.AddSettings(root)
	run.add(root)
	root.SetHelpCommand(cli.Help())
	root.AddCommand(
		a.initCommand(), a.newCommand(), a.previewCommand(), a.checkCommand(), a.listCommand(), a.showCommand(), a.undoCommand(),
		a.commentsCommand(), a.lookupCommand(), a.pullCommand(), a.configCommand(), a.statusCommand(), a.themeCommand(), cli.Completion("publish"), versionCommand(), cli.Man("publish"),
	)
	return root
}
