package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// checkFlags are those of check.
type checkFlags struct {
	format                      string
	strict, fix, dryRun, online bool
	external                    bool
}

func (a *app) checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "look for faults in settings, posts and templates",
		Long: `Reads everything that publish would read, builds every page in memory, and tells every fault at once. It also warns of what a careful
author would want to know: links that lead nowhere, headings that skip a level, heavy pictures, addresses that changed, dates
that are odd, front matter that sends followers something else than it says. "publish help P045" explains a code.
Exit code 3 means that the content has errors; warnings alone are exit code 0 unless --strict.

--fix changes what can be meant in one way alone: a date such as 28/10/2026, a misspelt key, tabs in YAML, the id line of a post that
was renamed, the alias of one that moved. It prints the changes as a diff. 5/10/2026 it leaves to you.`,
		Example: `publish check
publish check --fix               mend what is certain, print the diff
publish check --external          ask other sites too, each page once a day
publish check --format github     as annotations of a pull request; also json, sarif`,
		SuggestFor: []string{"lint", "validate", "test", "verify", "fix"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, ok := formats[f.format]
			switch {
			case !ok:
				return cli.Fail(cli.Usage, "--format is text, json or github, or sarif, not %q", f.format)
			case f.dryRun && !f.fix:
				return cli.Fail(cli.Usage, "--dry-run goes with --fix   publish check --help")
			case f.fix && f.format != "text":
				return cli.Fail(cli.Usage, "--fix prints text: it does not go with --format   publish check --help")
			}
			return a.check(cmd, write, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "text", "text, json, github or sarif")
	flags.BoolVar(&f.strict, "strict", false, "warnings are errors")
	flags.BoolVar(&f.fix, "fix", false, "mend what can be meant in one way alone")
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "with --fix: print the diff and change nothing")
	flags.BoolVar(&f.online, "online", false, "also look up the accounts that posts mention")
	flags.BoolVar(&f.external, "external", false, "also ask other sites whether the linked pages are there")
	complete(cmd, "format", "text", "json", "github", "sarif")
	return cmd
}

// formats are the ways to write faults.
var formats = map[string]func(w io.Writer, r checked) error{"text": checkText, "json": checkJSON, "github": checkGitHub, "sarif": checkSARIF}

// checked is what check found.
type checked struct {
	V           int              `json:"v"`
	Posts       int              `json:"posts"`
	Pages       int              `json:"pages"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
	Fixable     int              `json:"fixable"` // how many carry a fix
	Diagnostics site.Diagnostics `json:"diagnostics"`
}

// check reports faults of the settings in the same form as those of the content: an editor or a pull request shows both.
func (a *app) check(cmd *cobra.Command, write func(io.Writer, checked) error, f checkFlags) error {
	if f.fix {
		if err := a.mend(cmd, f); err != nil {
			return err
		}
	}
	r, code, err := a.examine(cmd, f)
	if err != nil {
		return err
	}
	if err := write(cmd.OutOrStdout(), r); err != nil {
		return err
	}
	if r.Errors > 0 || f.strict && r.Warnings > 0 {
		return cli.Exit{Code: code}
	}
	return nil
}

// examine finds all faults. code is that of the program where they are errors.
func (a *app) examine(cmd *cobra.Command, f checkFlags) (r checked, code int, err error) {
	c, faults, err := a.settings.Examine()
	if err != nil {
		return r, code, err
	}
	r = checked{V: 1}
	if c != nil {
		if r, err = check(cmd, c, f); err != nil {
			return r, code, err
		}
	}
	if code = cli.Content; r.Diagnostics.Errors() == 0 && len(faults) > 0 {
		code = cli.Usage
	}
	r.Diagnostics = list(slices.Concat(r.Diagnostics, faults))
	r.Errors, r.Fixable = r.Diagnostics.Errors(), r.Diagnostics.Fixable()
	r.Warnings = len(r.Diagnostics) - r.Errors
	return r, code, nil
}

// check is a publication that writes nothing.
func check(cmd *cobra.Command, c *site.Config, f checkFlags) (checked, error) {
	progress := cli.NewProgress(cmd.ErrOrStderr())
	defer progress.End()
	o := publisher.Options{Config: c, DryRun: true, Lint: true, Announce: true, Progress: progress.Step, Encoders: encoders(cmd.Context())}
	o.External = f.external
	if f.online {
		o.Resolve = resolver(c)
	}
	report, err := publisher.Publish(cmd.Context(), o)
	if errors.Is(err, publisher.ErrWithdraw) { // what would be taken back is for publish to ask
		o.Withdraw = true
		report, err = publisher.Publish(cmd.Context(), o)
	}
	r := checked{V: 1, Posts: report.Posts, Pages: report.Pages, Diagnostics: report.Diagnostics}
	if err != nil && !errors.As(err, &r.Diagnostics) {
		return r, err
	}
	links, err := checkLinks(cmd.Context(), c, report.External, progress.Step)
	r.Diagnostics = append(r.Diagnostics, links...)
	return r, err
}

func checkText(w io.Writer, r checked) error {
	if err := publisher.WriteDiagnostics(w, r.Diagnostics, cli.Color(w)); err != nil {
		return err
	}
	in := ""
	if r.Posts > 0 {
		in = " in " + cli.Count(r.Posts, "post")
	}
	if r.Posts > 0 && r.Pages > 0 {
		in += ", " + cli.Count(r.Pages, "page")
	}
	if len(r.Diagnostics) == 0 {
		_, err := fmt.Fprintf(w, "No faults%s.\n", in)
		return err
	}
	can := ""
	if r.Fixable > 0 {
		can = fmt.Sprintf("  %d can be fixed: publish check --fix", r.Fixable)
	}
	_, err := fmt.Fprintf(w, "%s%s.%s\n", countFaults(r.Diagnostics), in, can)
	return err
}

func checkJSON(w io.Writer, r checked) error { return cli.JSON(w, r) }

// checkGitHub writes workflow commands, which GitHub and Forgejo show beside the line.
func checkGitHub(w io.Writer, r checked) error {
	for _, d := range r.Diagnostics {
		text := d.Message
		if d.Help != "" {
			text += "\n" + d.Help
		}
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", d.Severity, property(d.File), max(d.Line, 1), max(d.Col, 1), property(d.Code), escape(text))
		if err != nil {
			return err
		}
	}
	return nil
}

// escape and property write text so that it ends neither the command nor the property it stands in.
func escape(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escape(s))
}
