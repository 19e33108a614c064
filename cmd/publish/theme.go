package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher/mend"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/postil-blog/postil/themes"
)

func (a *app) themeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "theme",
		Short: "see, choose and change how the blog looks",
		Long: `Templates make the pages, a theme is their style sheet, script and pictures. Both are built in; a file of templates/ replaces the
built-in template of its name, a folder of themes/ the built-in theme of its name. docs/themes.md tells what a template can use.`,
		Example: `publish theme list
publish theme eject post     the shipped templates/post.html, to change it
publish theme diff           what differs from the shipped ones`,
		SuggestFor: []string{"template", "templates", "themes", "style"},
	}
	cmd.AddCommand(a.themeListCommand(), a.themeUseCommand(), a.themeEjectCommand(), a.themeDiffCommand())
	return cmd
}

// shipped are the built-in files by the name that they have in a site: templates/post.html, themes/default/style.css.
func shipped() map[string][]byte {
	files := map[string][]byte{}
	for prefix, folder := range map[string]fs.FS{"templates": templates.Builtin(), "themes": themes.Builtin()} {
		err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files[path.Join(prefix, name)], err = fs.ReadFile(folder, name)
			return err
		})
		if err != nil {
			panic(err) // files of this program
		}
	}
	return files
}

// themeEntry is a theme, or a template of the site, in the list.
type themeEntry struct {
	Name   string `json:"name"`
	Origin string `json:"origin"` // built-in, or site
	InUse  bool   `json:"inUse"`
}

func (a *app) themeListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the themes, and the templates that the site has of its own",
		Example: `publish theme list
publish theme list --json
publish theme list --publish.theme paper`,
		SuggestFor: []string{"ls"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			list, own := themesOf(c), templatesOf(c)
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "themes": list, "templates": own})
			}
			for _, t := range list {
				mark := " "
				if t.InUse {
					mark = "*"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s %-20s %s\n", mark, t.Name, t.Origin)
			}
			for _, name := range own {
				fmt.Fprintf(cmd.OutOrStdout(), "  %-20s site\n", name)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// themesOf lists the built-in themes and those of the site, which win.
func themesOf(c *site.Config) []themeEntry {
	origin := map[string]string{}
	for _, name := range themes.Names() {
		origin[name] = "built-in"
	}
	entries, _ := os.ReadDir(c.Path("themes"))
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			origin[e.Name()] = "site"
		}
	}
	var list []themeEntry
	for name, from := range origin {
		list = append(list, themeEntry{name, from, name == c.Publish.Theme})
	}
	slices.SortFunc(list, func(x, y themeEntry) int { return strings.Compare(x.Name, y.Name) })
	return list
}

// templatesOf lists the site's own templates.
func templatesOf(c *site.Config) []string {
	files, _ := filepath.Glob(filepath.Join(c.Path("templates"), "*.html"))
	names := []string{}
	for _, f := range files {
		names = append(names, "templates/"+filepath.Base(f))
	}
	return names
}

func (a *app) themeUseCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "use NAME",
		Short: "choose a theme: sets publish.theme in config.toml",
		Example: `publish theme use paper
publish theme use default
publish preview --publish.theme paper     only try it`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			c, _, err := a.settings.Examine()
			if err != nil || c == nil {
				return themes.Names(), cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, t := range themesOf(c) {
				names = append(names, t.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			return useTheme(cmd, c, args[0])
		},
	}
}

func useTheme(cmd *cobra.Command, c *site.Config, name string) error {
	if _, err := themes.Load(name, os.DirFS(c.Path("themes"))); err != nil {
		var known []string
		for _, t := range themesOf(c) {
			known = append(known, t.Name)
		}
		s := err.Error()
		if meant := site.Nearest(name, known); meant != "" {
			s += fmt.Sprintf(". Did you mean %q?", meant)
		}
		return cli.Fail(cli.Usage, "%s   publish theme list shows all.", s)
	}
	src, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	text := setTheme(string(src), name)
	if err := mend.Write(c.File, []byte(text)); err != nil {
		return err
	}
	// What was written is what config.toml now says, or the old text comes back: a file may have the key in a form of its own.
	if now, err := site.Load(c.File, nil, nil); err != nil || now.Publish.Theme != name {
		if err := mend.Write(c.File, src); err != nil {
			return err
		}
		return cli.Fail(cli.Failed, "%s has [publish] in a form that is not changed here: write theme = %q there yourself", c.File, name)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "The theme is %s now. Next: publish preview\n", name)
	return err
}

// setTheme writes theme = NAME below [publish], over a line that is there.
func setTheme(text, name string) string {
	lines := strings.SplitAfter(text, "\n")
	section, head := "", -1
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			section, _, _ = strings.Cut(strings.TrimPrefix(trimmed, "["), "]")
			if section == "publish" {
				head = i
			}
			continue
		}
		key, _, ok := strings.Cut(trimmed, "=")
		if ok && section == "publish" && strings.TrimSpace(key) == "theme" {
			lines[i] = fmt.Sprintf("theme = %q\n", name)
			return strings.Join(lines, "")
		}
	}
	if head >= 0 {
		return strings.Join(slices.Insert(lines, head+1, fmt.Sprintf("theme = %q\n", name)), "")
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + fmt.Sprintf("\n[publish]\ntheme = %q\n", name)
}

func (a *app) themeEjectCommand() *cobra.Command {
	var all, force bool
	cmd := &cobra.Command{
		Use:   "eject [NAME …]",
		Short: "copy a shipped template or theme into the site, to change it",
		Long: `Copies the shipped files of that name into the site: a template such as post, or a whole theme such as default. From then on the
copies are used, and a new Postil does not change them: publish theme diff shows what that means. Nothing of the site is replaced
without --force.`,
		Example: `publish theme eject post
publish theme eject default     the theme's style sheet and script
publish theme eject --all`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ejectable(), cobra.ShellCompDirectiveNoFileComp
		},
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 0) != all {
				return cli.Fail(cli.Usage, "publish theme eject NAME, or --all   publish theme eject --help")
			}
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			return eject(cmd, c, args, force)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every template and theme")
	cmd.Flags().BoolVar(&force, "force", false, "replace files of the site")
	return cmd
}

// ejectable are the names that eject takes.
func ejectable() []string {
	names := themes.Names()
	for name := range shipped() {
		if path.Dir(name) == "templates" {
			names = append(names, strings.TrimSuffix(path.Base(name), ".html"))
		}
	}
	slices.Sort(names)
	return names
}

// eject writes the files of the names, all of them for none. It writes nothing where one would replace a file of the site.
func eject(cmd *cobra.Command, c *site.Config, names []string, force bool) error {
	files := shipped()
	var chosen []string
	for name := range files {
		if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return belongs(name, n) }) {
			chosen = append(chosen, name)
		}
	}
	slices.Sort(chosen)
	for _, n := range names {
		if !slices.ContainsFunc(chosen, func(name string) bool { return belongs(name, n) }) {
			s := fmt.Sprintf("No template or theme %q is shipped.", n)
			if meant := site.Nearest(n, ejectable()); meant != "" {
				s += fmt.Sprintf(" Did you mean %q?", meant)
			}
			return cli.Fail(cli.Usage, "%s   There are %s.", s, strings.Join(ejectable(), ", "))
		}
	}
	for _, name := range chosen {
		if at := filepath.Join(c.Dir, filepath.FromSlash(name)); exists(at) && !force {
			return cli.Fail(cli.Usage, "%s is there already; nothing was written   --force replaces it", name)
		}
	}
	for _, name := range chosen {
		at := filepath.Join(c.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, files[name], 0o644); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), name); err != nil {
			return err
		}
	}
	return nil
}

// belongs tells whether a shipped file is meant by a word: "post", "post.html", "templates/post.html", "default".
func belongs(name, word string) bool {
	if dir := path.Dir(name); dir != "templates" {
		return path.Base(dir) == word || dir == word
	}
	return name == word || path.Base(name) == word || strings.TrimSuffix(path.Base(name), ".html") == word
}

func (a *app) themeDiffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff [NAME …]",
		Short: "show how the site's templates and themes differ from the shipped ones",
		Example: `publish theme diff
publish theme diff post
publish theme diff > my-theme.patch`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ejectable(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			return themeDiff(cmd, c, args)
		},
	}
	return cmd
}

func themeDiff(cmd *cobra.Command, c *site.Config, names []string) error {
	files, own, differ := shipped(), 0, 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return belongs(name, n) }) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(c.Dir, filepath.FromSlash(name)))
		if err != nil {
			continue // the shipped one is used
		}
		own++
		if bytes.Equal(data, files[name]) {
			continue
		}
		differ++
		if _, err := cmd.OutOrStdout().Write(withoutHead(diff.Diff("shipped/"+name, files[name], "site/"+name, data))); err != nil {
			return err
		}
	}
	if differ == 0 {
		_, err := fmt.Fprintf(cmd.ErrOrStderr(), "Nothing differs from what is shipped (%s of the site's own).\n", cli.Count(own, "file"))
		return err
	}
	return nil
}
