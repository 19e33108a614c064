package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/peers"
	"github.com/postil-blog/postil/site"
)

// showFlags are those of show.
type showFlags struct {
	json, html bool
	as         []string
	out        string
}

func (f *showFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print the Activity Streams object; with --as the views")
	flags.StringSliceVar(&f.as, "as", nil, "how it looks on `PROGRAM`: mastodon, misskey, …, or all")
	flags.BoolVar(&f.html, "html", false, "with --as: one HTML page that needs no network")
	flags.StringVar(&f.out, "out", "", "with --as: write to `FILE` instead of stdout")
}

// check refuses what does not go together, and makes "all" the list of all programs.
func (f *showFlags) check() error {
	switch {
	case len(f.as) == 0 && (f.html || f.out != ""):
		return cli.Fail(cli.Usage, "--html and --out go with --as   publish show --help")
	case f.html && f.json:
		return cli.Fail(cli.Usage, "--html or --json, not both   publish show --help")
	case slices.Contains(f.as, "all"):
		f.as = peers.Names()
	}
	known := peers.Names()
	for _, name := range f.as {
		if slices.Contains(known, name) {
			continue
		}
		s := fmt.Sprintf("No program %q is known.", name)
		if meant := site.Nearest(name, known); meant != "" {
			s += fmt.Sprintf(" Did you mean %q?", meant)
		}
		return cli.Fail(cli.Usage, "%s   Known: %s, all.", s, strings.Join(known, ", "))
	}
	return nil
}

// showAs shows a post as other programs do.
func showAs(cmd *cobra.Command, c *site.Config, post *publisher.Post, doc []byte, f showFlags) error {
	p, err := peers.Read(doc)
	if err != nil {
		return err
	}
	p.Acct, p.Group = sender(c, p), c.Federation.Type == "Group"
	p.Page = peers.Page{Title: post.Title, Text: post.Summary}
	var views []peers.View
	for _, name := range f.as {
		v, _ := peers.Look(name, p)
		views = append(views, v)
	}
	var out bytes.Buffer
	switch {
	case f.json:
		err = cli.JSON(&out, map[string]any{"v": 1, "id": p.Object.ID, "views": views})
	case f.html:
		err = peers.WritePage(&out, post.Title, views)
	default:
		err = peers.WriteText(&out, views)
	}
	if err != nil {
		return err
	}
	return f.write(cmd, out.Bytes())
}

// write puts the views where they were asked for.
func (f showFlags) write(cmd *cobra.Command, views []byte) error {
	if f.out == "" {
		_, err := cmd.OutOrStdout().Write(views)
		return err
	}
	if err := os.WriteFile(f.out, views, 0o644); err != nil {
		return cli.Fail(cli.Failed, "writing the views: %w", err)
	}
	_, err := fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s\n", f.out)
	return err
}

// sender gives the user@host that a post comes from: its author's own, else the blog's.
func sender(c *site.Config, p *peers.Post) string {
	for _, actor := range c.Actors() {
		if len(p.Object.AttributedTo) > 0 && p.Object.AttributedTo[0].ID == actor.ID {
			return c.Addresses().AcctOf(actor.Handle)
		}
	}
	return c.Addresses().Acct()
}
