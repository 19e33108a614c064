package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/peers"
	"github.com/postil-blog/postil/site"
)

func (a *app) showCommand() *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{
		Use:   "show POST",
		Short: "show a post as followers get it",
		Long: `POST is a file, a slug or an id. Prints what a follower's server shows of an Article: title, summary and link; with --json
the very object that is sent. With --as it shows how the post looks on the servers of others, and what of it is folded,
dropped or wrong there, from a table of what each program does: nothing is asked and nothing is sent.

Programs: ` + strings.Join(peers.Names(), ", ") + `.`,
		Example: `publish show hello
publish show hello --json
publish show hello --as mastodon,misskey
publish show hello --as all --html --out looks.html`,
		SuggestFor:        []string{"cat", "view", "render"},
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeOne(slugs),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			return showPost(cmd, c, args[0], f)
		},
	}
	f.add(cmd)
	complete(cmd, "as", append(peers.Names(), "all")...)
	return cmd
}

func showPost(cmd *cobra.Command, c *site.Config, name string, f showFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	posts, _, err := publisher.Scan(cmd.Context(), publisher.Options{Config: c})
	if err != nil {
		return err
	}
	post, err := find(c, posts, name)
	if err != nil {
		return err
	}
	doc, err := publisher.Article(cmd.Context(), publisher.Options{Config: c, Announce: true}, post)
	var faults site.Diagnostics
	if errors.As(err, &faults) {
		return failure(cmd.ErrOrStderr(), err)
	}
	if err != nil {
		return cli.Exit{Code: cli.Failed, Err: err}
	}
	if len(f.as) > 0 {
		return showAs(cmd, c, post, doc, f)
	}
	if f.json {
		var b json.RawMessage = doc
		return cli.JSON(cmd.OutOrStdout(), b)
	}
	return card(cmd.OutOrStdout(), c, doc)
}

// find gives the post that a word means: its file, slug, path, address or id.
func find(c *site.Config, posts []*publisher.Post, name string) (*publisher.Post, error) {
	content := c.Path(c.Publish.Content)
	abs, _ := filepath.Abs(name)
	rel, err := filepath.Rel(content, abs)
	if err != nil {
		rel = name
	}
	slugs := make([]string, 0, len(posts))
	for _, p := range posts {
		names := []string{p.File, p.Slug, p.Path, p.Key, strings.TrimSuffix(p.File, ".md"), c.Addresses().Page(p.Path), c.Addresses().Post(p.Key)}
		if slices.Contains(names, name) || filepath.ToSlash(rel) == p.File {
			return p, nil
		}
		slugs = append(slugs, p.Slug)
	}
	s := fmt.Sprintf("There is no post %q.", name)
	if meant := site.Nearest(name, slugs); meant != "" {
		s += fmt.Sprintf(" Did you mean %q?", meant)
	}
	return nil, cli.Fail(cli.Usage, "%s   publish list shows all.", s)
}

// card shows the parts of an Article that Mastodon shows.
func card(w io.Writer, c *site.Config, doc []byte) error {
	o, err := activitypub.Read(doc)
	if err != nil {
		return fmt.Errorf("reading our own document: %w", err)
	}
	fmt.Fprintf(w, "%s  %s\n", o.Type, o.ID)
	fmt.Fprintf(w, "from       @%s\n", c.Addresses().Acct())
	if o.Name != "" {
		fmt.Fprintf(w, "title      %s\n", o.Name)
	}
	if text := activitypub.ParseHTML(o.Summary, nil).Text(); text != "" {
		fmt.Fprintf(w, "summary    %s\n", text)
	}
	for _, link := range o.URL {
		if link.MediaType == "" || link.MediaType == "text/html" {
			_, err = fmt.Fprintf(w, "link       %s\n", link.Href)
			break
		}
	}
	return err
}
