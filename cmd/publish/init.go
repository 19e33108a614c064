package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/deploy"
	"github.com/postil-blog/postil/site"
)

func (a *app) initCommand() *cobra.Command {
	var given publisher.Answers
	var yes, git bool
	var from importFlags
	cmd := &cobra.Command{
		Use:   "init [dir]",
		Short: "make a new blog: settings, one post, one page",
		Long: `Asks for title, address and author, whether people shall be able to follow the blog, and where it will live; then writes config.toml,
content/posts/hello.md, content/about.md, and the file with which that place builds the site after each push. Nothing that exists
is overwritten. With --yes, or when nobody can be asked, flags and defaults are the answers; a blog joins the fediverse only if
told to. With --from another program's blog is imported into a folder that is not there yet, and a summary says what was not carried.`,
		Example: `publish init myblog
publish init myblog --yes --federation --handle notes
publish init myblog --host github --git
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
			if _, ok := deploy.Find(given.Host); !ok {
				return cli.Fail(cli.Usage, "--host is one of %s, not %q", strings.Join(deploy.Names(), ", "), given.Host)
			}
			return initialise(cmd, dir, given, yes, git)
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
	flags.StringVar(&given.Host, "host", deploy.Own, "where it will live: "+strings.Join(deploy.Names(), ", "))
	flags.BoolVar(&git, "git", false, "make it a git repository")
	complete(cmd, "host", deploy.Names()...)
	from.add(cmd)
	return cmd
}

func initialise(cmd *cobra.Command, dir string, given publisher.Answers, yes, git bool) error {
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
	if git {
		if err := gitInit(cmd, dir); err != nil {
			return err
		}
	}
	files := "config.toml, content/posts/hello.md, content/about.md"
	host, _ := deploy.Find(given.Host)
	if host.File != "" {
		files += ", " + host.File
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Made a blog in %s: %s\nNext: %spublish preview     then write, and: publish\n%s: %s\n", dir, files, step, upperFirst(host.Title), host.Next)
	return err
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// gitInit makes the folder a repository with its files added. The first commit is its owner's: it bears a name.
func gitInit(cmd *cobra.Command, dir string) error {
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}} {
		e := exec.CommandContext(cmd.Context(), "git", args...)
		e.Dir, e.Stderr = dir, cmd.ErrOrStderr()
		if err := e.Run(); err != nil {
			return fmt.Errorf("git %s: %w", args[0], err)
		}
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// ask puts the questions; an empty line takes the answer in brackets.
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
	fmt.Fprintln(out, "Where will it live?")
	for _, h := range deploy.Hosts() {
		fmt.Fprintf(out, "  %-10s %s\n", h.Name, h.Title)
	}
	host := question("Name one, or press Enter:", a.Host)
	if meant := site.Nearest(host, deploy.Names()); meant != "" {
		host = meant
	}
	if _, ok := deploy.Find(host); !ok && host != "" {
		return cli.Fail(cli.Usage, "%q is none of %s; nothing was written", host, strings.Join(deploy.Names(), ", "))
	}
	a.Host = host
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
