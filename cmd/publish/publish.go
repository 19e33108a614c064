package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"sync"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// publishFlags are those of publish without a verb.
type publishFlags struct {
	dryRun, withdraw, json, noAnnounce, live, offline bool
}

func (f *publishFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "say what would happen and change nothing")
	flags.BoolVar(&f.withdraw, "withdraw", false, "take back posts whose files are gone, however many (cannot be undone)")
	flags.BoolVar(&f.noAnnounce, "no-announce", false, "publish new posts without sending them to followers")
	flags.BoolVar(&f.live, "live", os.Getenv("CI") != "", "where public/ has no list of what is out, take the live site's (on when CI is set)")
	flags.BoolVar(&f.offline, "offline", false, "look up no mentioned accounts: those that are known are linked and told")
	_ = flags.MarkHidden("offline") // publish -h has room for 25 lines; docs/commands.md tells of it
	flags.BoolVar(&f.json, "json", false, "print the report as one JSON object")
}

// muchWork is how many posts or files make memory worth more than time, and roomFor how many of them fit into room, in bytes, so that the
// collector finds something: ten thousand posts are 36,000 files and hold 120 MB.
const (
	muchWork = 4000
	roomFor  = 45_000
	room     = 205 << 20
	// little is the room for less work, in bytes. The collector hardly runs in it.
	little = 150 << 20
	// grown is the room for a blog of many posts of which few are new: what is known of all of them is held, and little else is made.
	grown = 400 << 20
)

// sparing lets garbage lie: collecting takes half the time of a run that renders one post, and a quarter of one that renders a
// thousand. Once there is much more to render or to write, memory is worth more.
func sparing(step func(stage string, done, total int)) func(stage string, done, total int) {
	if os.Getenv("GOGC") != "" {
		return step
	}
	debug.SetGCPercent(800)
	debug.SetMemoryLimit(little)
	var once, work sync.Once
	return func(stage string, done, total int) {
		switch {
		case total > muchWork && stage == "Comparing":
			once.Do(func() { debug.SetMemoryLimit(grown) })
		case total > muchWork:
			work.Do(func() { debug.SetGCPercent(300); debug.SetMemoryLimit(room) })
		}
		if total > roomFor {
			debug.SetGCPercent(150)
			debug.SetMemoryLimit(math.MaxInt64)
		}
		step(stage, done, total)
	}
}

// publish is publish without a verb: rule C1 of the commands.
func (a *app) publish(cmd *cobra.Command, f publishFlags) error {
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	progress := cli.NewProgress(cmd.ErrOrStderr())
	o := publisher.Options{Config: c, DryRun: f.dryRun, Withdraw: f.withdraw, Announce: !f.noAnnounce, Progress: sparing(progress.Step), Encoders: encoders(cmd.Context())}
	if !f.offline {
		o.Resolve = resolver(c)
	}
	if f.live {
		o.Previous = func() (*site.PublishedList, error) { return previous(cmd, c) }
	}
	report, err := publisher.Publish(cmd.Context(), o)
	progress.End()
	if err != nil {
		return failure(cmd.ErrOrStderr(), err)
	}
	if err := tell(cmd, c, f, report); err != nil {
		return err
	}
	if f.dryRun || report.Nothing {
		return nil
	}
	return a.notify(cmd, c)
}

// tell prints a report as the flags ask.
func tell(cmd *cobra.Command, c *site.Config, f publishFlags, r publisher.Report) error {
	if f.json {
		return cli.JSON(cmd.OutOrStdout(), reportJSON(c, f, r))
	}
	if err := publisher.WriteDiagnostics(cmd.ErrOrStderr(), r.Diagnostics, cli.Color(cmd.ErrOrStderr())); err != nil {
		return err
	}
	p := printer{out: cmd.OutOrStdout(), narration: cmd.ErrOrStderr(), config: c, now: now()}
	if f.dryRun {
		return p.dryRun(r)
	}
	return p.report(r)
}

// failure gives an error of publisher the exit code that it deserves, and prints all faults of the content.
func failure(w io.Writer, err error) error {
	var faults site.Diagnostics
	switch {
	case errors.As(err, &faults):
		if err := publisher.WriteDiagnostics(w, faults, cli.Color(w)); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s. Nothing was published.\n", countFaults(faults))
		return cli.Exit{Code: cli.Content}
	case errors.Is(err, publisher.ErrWithdraw):
		return cli.Fail(cli.Content, "%v\n  if that is meant: publish --withdraw (followers' servers delete their copies, which cannot be undone)", err)
	}
	return err
}

func countFaults(ds site.Diagnostics) string {
	n := ds.Errors()
	s := cli.Count(n, "error")
	if w := len(ds) - n; w > 0 {
		s += ", " + cli.Count(w, "warning")
	}
	return s
}

// stateFile is a file of the user's own settings, outside every site: secrets never lie in a site's folder.
func stateFile(name string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return dir + "/postil/" + name, nil
}
