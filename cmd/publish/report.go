package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// now is the machine's clock. Pages never see it, only people do.
func now() time.Time { return time.Now() }

// most is how many lines of one kind are printed before "and N more".
const most = 20

// printer writes a run's report for people.
type printer struct {
	out, narration io.Writer
	config         *site.Config
	now            time.Time
}

// report says what was done. Its last line is the address to look at, or that there was nothing to publish.
func (p printer) report(r publisher.Report) error {
	fmt.Fprintf(p.narration, "Checked    %s, %s\n", cli.Count(r.Posts, "post"), cli.Count(r.Pages, "page"))
	if r.Nothing {
		p.heldBack(r.HeldBack)
		p.moments(r)
		_, err := fmt.Fprintln(p.out, "Nothing to publish.")
		return err
	}
	fmt.Fprintf(p.narration, "Built      %s changed, %s unchanged\n", cli.Thousands(r.Changed), cli.Thousands(r.Unchanged))
	p.changes(r.Changes)
	p.heldBack(r.HeldBack)
	p.silent(r.Silent)
	fmt.Fprintf(p.out, "Published  %s\n", written(r))
	if sent := p.federated(r.Changes); sent != "" {
		fmt.Fprintf(p.out, "Followers  %s, which inboxd delivers\n", sent)
	}
	p.moments(r)
	p.recall(r)
	_, err := fmt.Fprintf(p.out, "%s     %s\n", p.look(r.Changes), elapsed(r.Elapsed))
	return err
}

// dryRun says what would be done.
func (p printer) dryRun(r publisher.Report) error {
	if r.Nothing {
		p.heldBack(r.HeldBack)
		_, err := fmt.Fprintln(p.out, "Nothing to publish.")
		return err
	}
	p.changes(r.Changes)
	fmt.Fprintf(p.out, "Would publish  %s\n", written(r))
	verbs := map[string]string{}
	for _, c := range r.Changes {
		if c.Federated != "" {
			verbs[c.Federated] += "\n               " + c.Path
		}
	}
	for _, verb := range []string{"Create", "Update", "Delete"} {
		if paths, ok := verbs[verb]; ok {
			fmt.Fprintf(p.out, "Would send     %s to %s:%s\n", verb, audience(verb), paths)
		}
	}
	p.silent(r.Silent)
	for _, h := range r.HeldBack {
		fmt.Fprintf(p.out, "Would not send %s: %s\n", h.File, h.Why)
	}
	_, err := fmt.Fprintln(p.out, "Nothing was changed.")
	return err
}

// moments says when the site changes next by itself, and who sees to it.
func (p printer) moments(r publisher.Report) {
	if len(r.Moments) == 0 {
		return
	}
	next := r.Moments[0].In(p.config.Location()).Format("2 Jan 2006 15:04 MST")
	if r.Releases {
		fmt.Fprintf(p.out, "Scheduled  next at %s; inboxd releases it\n", next)
		return
	}
	fmt.Fprintf(p.out, "Scheduled  next at %s, when publish has to run again. A line for cron:\n     */5 * * * *  cd %s && publish\n", next, quoted(p.config.Dir))
}

// quoted is a word of a shell command.
func quoted(s string) string {
	if strings.ContainsAny(s, " '\"\\$`*?&|;<>()#~!") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// recall says until when publish undo can stop what this run sends.
func (p printer) recall(r publisher.Report) {
	hold := p.config.HoldFor()
	if hold == 0 || !slices.ContainsFunc(r.Changes, func(c publisher.Change) bool { return c.Federated == "Create" || c.Federated == "Update" }) {
		return
	}
	fmt.Fprintf(p.out, "Undo       until %s: publish undo\n", p.now.Add(hold).In(p.config.Location()).Format("15:04:05 MST"))
}

func audience(verb string) string {
	if verb == "Create" {
		return "every follower"
	}
	return "every server that has the post"
}

// changes prints the diff, posts before the listings that follow from them.
func (p printer) changes(list []publisher.Change) {
	width := 0
	for i, c := range list {
		if i < most {
			width = max(width, len([]rune(c.Path)))
		}
	}
	for i, c := range list {
		if i == most {
			fmt.Fprintf(p.out, "     and %s more\n", cli.Thousands(len(list)-most))
			return
		}
		fmt.Fprintf(p.out, "  %s  %s%s  %s\n", c.Mark, c.Path, strings.Repeat(" ", width-len([]rune(c.Path))), c.Note)
	}
}

// heldBack names each post that stays unpublished: nothing is skipped silently.
func (p printer) heldBack(list []publisher.Held) {
	if len(list) == 0 {
		return
	}
	width := 0
	for _, h := range list {
		width = max(width, len([]rune(h.File)))
	}
	fmt.Fprintf(p.out, "Held back  %s\n", cli.Count(len(list), "post"))
	for _, h := range list {
		flag := ""
		if h.Flag != "" {
			flag = "   (" + h.Flag + ")"
		}
		fmt.Fprintf(p.out, "     %s%s  %s%s\n", h.File, strings.Repeat(" ", width-len([]rune(h.File))), h.Why, flag)
	}
}

// silent says which new posts followers are not told of: each where there are few, else how many for each reason.
func (p printer) silent(list []publisher.Held) {
	few := 3
	var old, others []publisher.Held
	for _, h := range list {
		if h.Flag != "" {
			old = append(old, h)
		} else {
			others = append(others, h)
		}
	}
	if len(list) <= few {
		for _, h := range list {
			fmt.Fprintf(p.out, "Not announced  %s: %s\n", h.File, h.Why)
		}
	} else {
		if len(old) > 0 {
			fmt.Fprintf(p.out, "Not announced  %s dated more than a week back\n", cli.Count(len(old), "post"))
		}
		if len(others) > 0 {
			fmt.Fprintf(p.out, "Not announced  %s as asked\n", cli.Count(len(others), "post"))
		}
	}
	if len(old) > 0 {
		fmt.Fprintf(p.out, "     (%s sends a post of any date, where it stands there when the post is first published)\n", old[0].Flag)
	}
}

// federated counts what followers get: "1 Create, 2 Updates".
func (p printer) federated(list []publisher.Change) string {
	n := map[string]int{}
	for _, c := range list {
		n[c.Federated]++
	}
	var parts []string
	for _, verb := range []string{"Create", "Update", "Delete"} {
		if n[verb] > 0 {
			parts = append(parts, cli.Count(n[verb], verb))
		}
	}
	return strings.Join(parts, ", ")
}

// look is the address to open: that of the one new post, else the front page.
func (p printer) look(list []publisher.Change) string {
	var posts []string
	for _, c := range list {
		if c.Mark == "+" && c.ID != "" && !c.Reply {
			posts = append(posts, c.Path)
		}
	}
	if len(posts) == 1 {
		return p.config.Addresses().Page(posts[0])
	}
	return p.config.Addresses().Home()
}

func written(r publisher.Report) string {
	s := fmt.Sprintf("%s (%s)", cli.Count(r.Files, "file"), cli.Size(r.Bytes))
	if r.Removed > 0 {
		s += fmt.Sprintf(", %s removed", cli.Count(r.Removed, "file"))
	}
	return s
}

func elapsed(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// runReport is the report as JSON; v counts its versions.
type runReport struct {
	V         int                `json:"v"`
	DryRun    bool               `json:"dryRun"`
	Nothing   bool               `json:"nothing"`
	URL       string             `json:"url"`
	Posts     int                `json:"posts"`
	Pages     int                `json:"pages"`
	Changed   int                `json:"changed"`
	Unchanged int                `json:"unchanged"`
	Files     int                `json:"files"`
	Bytes     int                `json:"bytes"`
	Removed   int                `json:"removed"`
	Changes   []publisher.Change `json:"changes"`
	HeldBack  []publisher.Held   `json:"heldBack"`
	Silent    []publisher.Held   `json:"silent"`
	Warnings  site.Diagnostics   `json:"warnings"`
	Seconds   float64            `json:"seconds"`
	Moments   []time.Time        `json:"moments"`  // at which scheduled posts appear and expiring ones go
	Releases  bool               `json:"releases"` // whether inboxd sees to them
}

func reportJSON(c *site.Config, f publishFlags, r publisher.Report) runReport {
	return runReport{
		V: 1, DryRun: f.dryRun, Nothing: r.Nothing, URL: c.Addresses().Home(), Posts: r.Posts, Pages: r.Pages,
		Changed: r.Changed, Unchanged: r.Unchanged, Files: r.Files, Bytes: r.Bytes, Removed: r.Removed,
		Changes: list(r.Changes), HeldBack: list(r.HeldBack), Silent: list(r.Silent), Warnings: list(r.Diagnostics), Seconds: r.Elapsed.Seconds(),
		Moments: list(r.Moments), Releases: r.Releases,
	}
}

// list makes an empty list of none: JSON readers need not know null.
func list[S ~[]E, E any](s S) S {
	if s == nil {
		return S{}
	}
	return s
}
