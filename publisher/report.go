package publisher

import (
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
)

// Report is what a run did, for people (cmd/publish prints it) and --json.
type Report struct {
	Posts, Pages int
	Changed      int // content files rendered
	Unchanged    int
	Files, Bytes int // written
	Removed      int // files
	Changes      []Change
	HeldBack     []Held
	Silent       []Held           // posts that are new and that followers are not told of
	Diagnostics  site.Diagnostics // warnings; errors come as the error
	External     []External       // with Options.External
	Elapsed      time.Duration
	Nothing      bool // nothing to publish: not a byte of the site was written
	// Moments are those at which scheduled posts appear and expiring ones go, the nearest first, as far as they are prepared. With
	// Releases inboxd makes them come true, else the next run of publish.
	Moments  []time.Time
	Releases bool
}

// Change is one line of the diff. Mark is "+", "~" or "-".
type Change struct {
	Mark string `json:"mark"`
	Path string `json:"path"` // "/posts/x/"
	Note string `json:"note"` // "new post", "text (12 words), federated update", "listing"
	// Federated is what followers will get: "Create", "Update", "Delete" or "".
	Federated string `json:"federated,omitempty"`
	ID        string `json:"id,omitempty"`
	Reply     bool   `json:"reply,omitempty"` // it has no page: Path names its file
}

// Held is a post that was not published, or not announced, and why.
type Held struct {
	File string `json:"file"` // relative to content
	Why  string `json:"why"`  // "draft: true", "scheduled 1 Dec 2026 09:00 CET, in 9 days", "expired …"
	Flag string `json:"flag"` // what includes it: "publish preview --drafts"
}

func (b *build) report() Report {
	r := Report{Changed: b.rendered, Diagnostics: b.faults}
	moments := b.moments()
	for _, p := range b.all {
		switch {
		case p.Page:
			r.Pages++
		default:
			r.Posts++
		}
		if p.State != live && !b.shows(p) {
			h := Held{File: p.File, Why: p.Why, Flag: flagOf(p.State)}
			if p.State == scheduled && b.config.Releases() && slices.ContainsFunc(moments, p.Date.Equal) {
				h.Why += "; inboxd releases it"
			}
			r.HeldBack = append(r.HeldBack, h)
		}
	}
	for _, p := range b.replies {
		if p.State != live && !b.shows(p) {
			r.HeldBack = append(r.HeldBack, Held{File: p.File, Why: p.Why, Flag: flagOf(p.State)})
		}
	}
	r.Unchanged = len(b.sources()) - len(r.HeldBack) - r.Changed
	return r
}

// hush notes that a post became silent in this run, and why.
func (b *build) hush(p *Post) {
	h := Held{File: p.File, Why: "announce = false"}
	switch {
	case b.form(p).Announce == "no":
	case !b.options.Announce:
		h.Why = "published without announcing"
	default:
		h.Why, h.Flag = "dated "+moment(p.Date)+", more than 7 days back: listed, not announced", "announce = true under [fediverse]"
	}
	b.silenced = append(b.silenced, h)
}

func flagOf(state string) string {
	switch state {
	case draft, empty:
		return "publish preview --drafts"
	case scheduled:
		return "publish preview --future"
	}
	return ""
}

// describe adds to the report what was written and removed.
func (b *build) describe(r *Report, changed []staged, gone []string, published []byte) {
	for _, s := range changed {
		r.Files++
		r.Bytes += s.size
		if c, ok := b.line(s); ok {
			r.Changes = append(r.Changes, c)
		}
	}
	withdrawn := map[string]bool{}
	for _, c := range b.changes {
		withdrawn[outputPath(c.Path)] = true
	}
	for _, name := range gone {
		if strings.HasSuffix(name, ".html") && !withdrawn[name] {
			r.Changes = append(r.Changes, Change{Mark: "-", Path: "/" + strings.TrimSuffix(name, "index.html"), Note: "removed"})
		}
	}
	r.Changes = append(r.Changes, b.changes...)
	r.Removed = len(gone)
	if published != nil {
		r.Files++
		r.Bytes += len(published)
	}
	r.Nothing = r.Files == 0 && r.Removed == 0
	r.Silent = b.silenced
	b.unannounced(r)
	b.answered(r)
}

// line describes a changed page.
func (b *build) line(s staged) (Change, bool) {
	c := Change{Mark: "~", Path: "/" + strings.TrimSuffix(s.path, "index.html")}
	if s.new {
		c.Mark = "+"
	}
	switch {
	case s.post != nil:
		c.Note, c.Federated = b.note(s), b.federated[s.post]
		if c.Federated != "" {
			c.ID = b.addresses.Post(s.post.Key)
		}
		if c.Federated == "Update" {
			c.Note += ", federated update"
		}
	case s.alias != nil:
		c.Note = "redirect"
	case s.class == listings && strings.HasSuffix(s.path, ".html") && !strings.Contains(s.path, "page/"):
		c.Note = "listing"
	default:
		return c, false
	}
	return c, true
}

func (b *build) note(s staged) string {
	kind := "post"
	if s.post.Page {
		kind = "page"
	}
	old, known := b.memory.Sources[s.post.File]
	now := b.notes[s.post]
	switch {
	case s.new:
		return "new " + kind
	case known && old.Sum == now.Sum:
		return "around the text"
	case known && old.Rendering != nil && old.Rendering.Words != now.Rendering.Words:
		n := now.Rendering.Words - old.Rendering.Words
		return "text (" + plural(max(n, -n), "word") + ")"
	}
	return "text"
}

// unannounced adds updates of posts whose page is the same: a changed content warning, say.
func (b *build) unannounced(r *Report) {
	for _, p := range b.posts {
		id := b.addresses.Post(p.Key)
		if f := b.federated[p]; f != "" && !slices.ContainsFunc(r.Changes, func(c Change) bool { return c.ID == id }) {
			r.Changes = append(r.Changes, Change{Mark: "~", Path: p.Path, Note: "for followers", Federated: f, ID: id})
		}
	}
}

func (b *build) change(c Change) { b.changes = append(b.changes, c) }

// progress passes on what is being done: each stage, and within one at most twenty times a second.
func (b *build) progress(stage string, done, total int) {
	if b.options.Progress == nil {
		return
	}
	b.tick.Lock()
	defer b.tick.Unlock()
	if stage == b.stageNow && done != total && time.Since(b.ticked) < 50*time.Millisecond {
		return
	}
	b.stageNow, b.ticked = stage, time.Now()
	b.options.Progress(stage, done, total)
}
