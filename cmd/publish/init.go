package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

func (a *app) initCommand() *cobra.Command {
	var given publisher.Answers
	var yes bool
	var from importFlags
	cmd := &cobra.Command{
		Use:   "init [dir]",
		Short: "make a new blog: settings, one post, one page",
		Long: `Asks four questions and writes config.toml, content/posts/hello.md and content/about.md. Nothing that exists is overwritten.
With --yes, or when nobody can be asked, flags and defaults are the answers; a blog joins the fediverse only if told to.
With --from another program's blog is imported into a folder that is not there yet, and a summary says what was not carried.`,
		Example: `publish init myblog
publish init myblog --yes --title "My notes" --url https://example.com
publish init myblog --yes --federation --handle notes
publish init --from wordpress export.xml myblog --media wp-content/uploads`,
		SuggestFor: []string{"create", "setup", "scaffold"},
		Args: func(cmd *cobra.Command, args []string) error {
			if from.from != "" {
				return cobra.MaximumNArgs(2)(cmd, args)
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if from.from != "" {
				return importBlog(cmd, args, from, given)
			}
			if from.media != "" || from.asJSON || from.dryRun {
				return cli.Fail(cli.Usage, "--media, --json and --dry-run go with --from")
			}
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return initialise(cmd, dir, given, yes)
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&yes, "yes", "y", false, "ask nothing, take flags and defaults")
	flags.StringVar(&given.Title, "title", "My blog", "title of the blog")
	flags.StringVar(&given.URL, "url", "https://example.com", "its address")
	flags.StringVar(&given.Author, "author", "", "who writes")
	flags.BoolVar(&given.Federation, "federation", false, "make the blog an account of the fediverse")
	flags.StringVar(&given.Handle, "handle", "blog", "its name there, the first half of @blog@example.com")
	flags.StringVar(&given.Language, "language", "en", "language of the posts, a BCP 47 tag")
	flags.StringVar(&given.Timezone, "timezone", "UTC", "zone of dates without one, such as Europe/Berlin")
	from.add(cmd)
	return cmd
}

func initialise(cmd *cobra.Command, dir string, given publisher.Answers, yes bool) error {
	if file := filepath.Join(dir, site.FileName); exists(file) {
		return cli.Fail(cli.Usage, "%s is there already; nothing was changed", file)
	}
	if !yes && cli.Terminal(cmd.InOrStdin()) {
		if err := ask(cmd.InOrStdin(), cmd.OutOrStdout(), &given); err != nil {
			return err
		}
	}
	given.Now = now()
	if err := checkAnswers(given); err != nil {
		return err
	}
	err := publisher.Init(dir, given)
	if errors.Is(err, fs.ErrExist) {
		return cli.Exit{Code: cli.Usage, Err: err}
	}
	if err != nil {
		return err
	}
	step := ""
	if dir != "." {
		step = "cd " + dir + " && "
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Made a blog in %s: config.toml, content/posts/hello.md, content/about.md\nNext: %spublish preview     then write, and: publish\n", dir, step)
	return err
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// ask puts the four questions; an empty line takes the answer in brackets.
func ask(in io.Reader, out io.Writer, a *publisher.Answers) error {
	lines := bufio.NewScanner(in)
	question := func(text, standard string) string {
		fmt.Fprintf(out, "%s [%s] ", text, standard)
		if lines.Scan() && strings.TrimSpace(lines.Text()) != "" {
			return strings.TrimSpace(lines.Text())
		}
		return standard
	}
	a.Title = question("Title?", a.Title)
	a.URL = question("Address, as readers will type it?", a.URL)
	a.Author = question("Who writes?", a.Author)
	fmt.Fprintln(out, "Shall people be able to follow it from Mastodon and the rest of the fediverse? It then needs inboxd running at that address,")
	answer := question("and its name there stays for ever. A name such as notes, or no:", "no")
	switch strings.ToLower(answer) {
	case "no", "n":
		a.Federation = false
	case "yes", "y": // an answer to the first half of the question: @y@example.com for ever is not what was meant
		a.Federation, a.Handle = true, strings.TrimPrefix(question("Under which name?", a.Handle), "@")
	default:
		a.Federation, a.Handle = true, strings.TrimPrefix(answer, "@")
	}
	return lines.Err()
}

// checkAnswers holds the answers to the rules for settings before anything is written: they are tried in a folder of their own.
func checkAnswers(a publisher.Answers) error {
	dir, err := os.MkdirTemp("", "postil-init-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := publisher.Init(dir, a); err != nil {
		return err
	}
	_, err = site.Load(filepath.Join(dir, site.FileName), nil, nil)
	return err
}
