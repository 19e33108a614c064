package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/importer"
	"github.com/postil-blog/postil/site"
)

// importFlags are those of publish init --from.
type importFlags struct {
	from, media    string
	asJSON, dryRun bool
}

func (f *importFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "import hugo, jekyll, wordpress, ghost or bear: its folder or export is named next")
	flags.StringVar(&f.media, "media", "", "folder with the uploads of WordPress or Ghost")
	flags.BoolVar(&f.asJSON, "json", false, "with --from: print the summary as one JSON object")
	flags.BoolVar(&f.dryRun, "dry-run", false, "with --from: say what would be carried, make nothing")
}

// sourceAndTarget tells the two folders apart, in whichever order they stand: what is imported is there, and where it goes is not, or is
// empty.
func sourceAndTarget(args []string) (source, target string, err error) {
	switch len(args) {
	case 0:
		return "", "", cli.Fail(cli.Usage, "--from needs the folder or file to import: publish init --from hugo ../old-blog blog")
	case 1:
		return args[0], ".", nil
	}
	if there(args[0]) || !there(args[1]) {
		return args[0], args[1], nil
	}
	return args[1], args[0], nil
}

// there tells whether something to be imported is at a path: a file, or a folder that is not empty.
func there(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	return !info.IsDir() || importer.Free(name) != nil
}

// importBlog makes the new blog out of another program's. It is checked as publish would before it appears.
func importBlog(cmd *cobra.Command, args []string, f importFlags, given publisher.Answers) error {
	source, target, err := sourceAndTarget(args)
	if err != nil {
		return err
	}
	o := options(cmd, given, f)
	o.Source, o.Dir = source, target
	if err := importer.Free(target); err != nil {
		return cli.Fail(cli.Usage, "%v; nothing was changed\n  name a folder that is not there yet: publish init --from %s %s blog", err, f.from, source)
	}
	stage, err := importer.Run(cmd.Context(), o)
	var faults site.Diagnostics
	switch {
	case errors.As(err, &faults):
		_ = publisher.WriteDiagnostics(cmd.ErrOrStderr(), faults, cli.Color(cmd.ErrOrStderr()))
		return cli.Fail(cli.Content, "Nothing was imported.")
	case errors.Is(err, importer.ErrSource):
		return cli.Exit{Code: cli.Usage, Err: err}
	case err != nil:
		return err
	}
	return finishImport(cmd, stage, f)
}

// options takes of the answers what was given: what was not comes from the import.
func options(cmd *cobra.Command, given publisher.Answers, f importFlags) importer.Options {
	o := importer.Options{From: f.from, Media: f.media, Now: now(), Federation: given.Federation, Handle: given.Handle}
	for name, to := range map[string]struct {
		to    *string
		value string
	}{"title": {&o.Title, given.Title}, "url": {&o.URL, given.URL}, "author": {&o.Author, given.Author}, "language": {&o.Language, given.Language}, "timezone": {&o.Timezone, given.Timezone}} {
		if cmd.Flags().Changed(name) {
			*to.to = to.value
		}
	}
	return o
}

// finishImport checks what was staged, puts it into its place, and says what was carried.
func finishImport(cmd *cobra.Command, stage *importer.Stage, f importFlags) error {
	faults, err := checkStage(cmd, stage)
	if err != nil {
		return errors.Join(err, stage.Discard())
	}
	if f.dryRun {
		err = stage.Discard()
	} else {
		err = stage.Commit()
	}
	if err != nil {
		return err
	}
	if f.asJSON {
		err = cli.JSON(cmd.OutOrStdout(), imported{stage.Summary, list(faults)})
	} else {
		err = printImport(cmd.OutOrStdout(), stage.Summary, faults, f.dryRun)
	}
	if err == nil && faults.Errors() > 0 {
		err = cli.Exit{Code: cli.Content}
	}
	return err
}

// imported is the summary with what publish will say of the new blog.
type imported struct {
	importer.Summary
	Diagnostics site.Diagnostics `json:"diagnostics"`
}

// checkStage runs publish's own check over the new blog. Its settings are wrong only if a flag was.
func checkStage(cmd *cobra.Command, stage *importer.Stage) (site.Diagnostics, error) {
	c, err := site.Load(filepath.Join(stage.Dir, site.FileName), nil, nil)
	if err != nil {
		return nil, cli.Exit{Code: cli.Usage, Err: err}
	}
	r, err := check(cmd, c, checkFlags{})
	return r.Diagnostics, err
}

func printImport(w io.Writer, s importer.Summary, faults site.Diagnostics, dry bool) error {
	done := "Imported "
	if dry {
		done = "Would import "
	}
	c := s.Carried
	fmt.Fprintf(w, "%s%s, %s, %s, %s, %s and %s from %s into %s\n", done, cli.Count(c.Posts, "post"), cli.Count(c.Pages, "page"), cli.Count(c.Drafts, "draft"),
		cli.Count(c.Media, "media file"), cli.Count(c.Comments, "comment"), cli.Count(c.Redirects, "redirect"), s.From, s.Dir)
	fmt.Fprintf(w, "Followers are told of none of them")
	if s.Silent > 0 {
		fmt.Fprintf(w, "; %s younger than a week, or to come, say so in their front matter (announce = false)", cli.Count(s.Silent, "post"))
	}
	fmt.Fprintln(w, ".")
	if len(s.NotCarried) > 0 {
		fmt.Fprintf(w, "\nNot carried, or not as it was (%s):\n", cli.Count(len(s.NotCarried), "thing"))
	}
	for _, n := range s.NotCarried[:min(len(s.NotCarried), 2*most)] {
		fmt.Fprintf(w, "  %s\n", noteLine(n))
	}
	if more := len(s.NotCarried) - 2*most; more > 0 {
		fmt.Fprintf(w, "  and %s more: --json lists all\n", cli.Thousands(more))
	}
	if n := faults.Errors(); n > 0 {
		fmt.Fprintf(w, "\npublish will refuse %s until it is mended; publish check tells where:\n", cli.Count(n, "fault"))
		if err := publisher.WriteDiagnostics(w, errorsOf(faults), cli.Color(w)); err != nil {
			return err
		}
	}
	if dry {
		_, err := fmt.Fprintln(w, "\nNothing was changed.")
		return err
	}
	step := ""
	if s.Dir != "." {
		step = "cd " + quoted(s.Dir) + " && "
	}
	_, err := fmt.Fprintf(w, "\nNext: %spublish check, then publish\n", step)
	return err
}

func noteLine(n importer.Note) string {
	at := n.File
	if n.Line > 0 {
		at += fmt.Sprintf(":%d", n.Line)
	}
	s := n.Code + " "
	if at != "" {
		s += at + ": "
	}
	s += n.Message
	if n.Help != "" {
		s += " (" + n.Help + ")"
	}
	return s
}

// errorsOf are the faults that stop publish, as many as fit a screen.
func errorsOf(ds site.Diagnostics) (out site.Diagnostics) {
	for _, d := range ds {
		if d.Severity == site.Error && len(out) < most {
			out = append(out, d)
		}
	}
	return out
}
