package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

func (a *app) checkCommand() *cobra.Command {
	var format string
	var strict bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "look for faults in settings, posts and templates; change nothing",
		Long: `Reads everything that publish would read, builds every page in memory, and tells every fault at once.
Exit code 3 means that the content has errors; warnings alone are exit code 0 unless --strict.`,
		Example: `publish check
publish check --format github     as annotations of a pull request
publish check --format json`,
		SuggestFor: []string{"lint", "validate", "test", "verify"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, ok := formats[format]
			if !ok {
				return cli.Fail(cli.Usage, "--format is text, json or github, not %q", format)
			}
			return a.check(cmd, write, strict)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or github")
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings are errors")
	return cmd
}

// formats are the ways to write faults.
var formats = map[string]func(w io.Writer, r checked) error{"text": checkText, "json": checkJSON, "github": checkGitHub}

// checked is what check found.
type checked struct {
	V           int              `json:"v"`
	Posts       int              `json:"posts"`
	Pages       int              `json:"pages"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
	Diagnostics site.Diagnostics `json:"diagnostics"`
}

// check reports faults of the settings in the same form as those of the content: an editor or a pull request shows both.
func (a *app) check(cmd *cobra.Command, write func(io.Writer, checked) error, strict bool) error {
	code := cli.Content
	r := checked{V: 1}
	c, err := a.settings.Load()
	switch {
	case err == nil:
		if r, err = check(cmd, c); err != nil {
			return err
		}
	case errors.As(err, &r.Diagnostics):
		code = cli.Usage
	default:
		return err
	}
	r.Diagnostics, r.Errors = list(r.Diagnostics), r.Diagnostics.Errors()
	r.Warnings = len(r.Diagnostics) - r.Errors
	if err := write(cmd.OutOrStdout(), r); err != nil {
		return err
	}
	if r.Errors > 0 || strict && r.Warnings > 0 {
		return cli.Exit{Code: code}
	}
	return nil
}

// check is a publication that writes nothing.
func check(cmd *cobra.Command, c *site.Config) (checked, error) {
	progress := cli.NewProgress(cmd.ErrOrStderr())
	defer progress.End()
	report, err := publisher.Publish(cmd.Context(), publisher.Options{Config: c, DryRun: true, Withdraw: true, Announce: true, Progress: progress.Step})
	r := checked{V: 1, Posts: report.Posts, Pages: report.Pages, Diagnostics: report.Diagnostics}
	if err != nil && !errors.As(err, &r.Diagnostics) {
		return r, err
	}
	return r, nil
}

func checkText(w io.Writer, r checked) error {
	if err := publisher.WriteDiagnostics(w, r.Diagnostics, cli.Color(w)); err != nil {
		return err
	}
	in := ""
	if r.Posts > 0 {
		in = fmt.Sprintf(" in %s, %s", cli.Count(r.Posts, "post"), cli.Count(r.Pages, "page"))
	}
	if len(r.Diagnostics) == 0 {
		_, err := fmt.Fprintf(w, "No faults%s.\n", in)
		return err
	}
	_, err := fmt.Fprintf(w, "%s%s.\n", countFaults(r.Diagnostics), in)
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
