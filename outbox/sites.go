package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/feed"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// A site that Postil does not build lists its pages in a feed or a sitemap ([[embed.sites]]). Each becomes a post of the blog, with an id of its own, a thread, and
// (unless as = "none") a Create for followers. As with the published list, states are compared: what the first list has is noted and told
// nobody, what comes later is told, what changed is told again, and what is absent stays: a feed holds the last few pages only. A page is taken back when it
// answers 410 twice, a day apart, or when the owner says so.

const (
	maxFeed      = 4 << 20        // bytes of a feed or sitemap
	maxNewPages  = 5              // told of one list; where there are more it is another list, and they are noted only
	oldPage      = 7 * 24 * hour  // a page whose feed says that it is older, or changed longer ago, is noted only, as with posts
	goneFor      = 24 * time.Hour // between the two 410
	checkedAtOne = 5              // absent pages asked after one look
	maxPageURL   = 1024           // bytes
)

// siteLoop looks at the other sites.
func (o *Outbox) siteLoop(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := o.Sites(ctx); err != nil && ctx.Err() == nil {
			o.o.Log.Error("looking at other sites", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Sites looks once at each site whose time has come.
func (o *Outbox) Sites(ctx context.Context) error {
	if !o.o.Config.Federation.Enabled {
		return nil
	}
	var failed error
	for _, s := range o.o.Config.Embed.Sites {
		known, err := o.o.Store.Site(ctx, s.List())
		if err != nil {
			return err
		}
		if err := o.removals(ctx, s); err != nil {
			failed = errors.Join(failed, err)
		}
		if o.o.Now().Sub(known.Polled).Abs() < s.Every() {
			continue
		}
		err = o.poll(ctx, s, known)
		if ctx.Err() != nil {
			return nil
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// poll looks at one site. What goes wrong there is written down for the owner and is no fault of ours.
func (o *Outbox) poll(ctx context.Context, s site.EmbedSite, known store.Site) error {
	known.Polled, known.Error = o.o.Now().UTC(), ""
	now := known
	entries, changed, err := o.list(ctx, s.List(), &now)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		known.Error = err.Error()
		o.o.Log.Info("another site's list cannot be read", "site", s.Name, "err", err)
		return o.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutSite(ctx, known) })
	}
	if changed {
		if err := o.takeList(ctx, s, known.Begun, entries); err != nil {
			return err
		}
		now.Begun = true
	}
	if err := o.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutSite(ctx, now) }); err != nil {
		return err
	}
	return o.askAbsent(ctx, s)
}

// SiteStep is what a look at a site would do with one page.
type SiteStep struct {
	Page   string `json:"page"`
	Action string `json:"action"` // "tell", "note", "update"
	entry  feed.Entry
	page   store.SitePage
}

// takeList carries out what a list asks for, the oldest page first.
func (o *Outbox) takeList(ctx context.Context, s site.EmbedSite, begun bool, entries []feed.Entry) error {
	steps, err := o.siteSteps(ctx, s, begun, entries)
	if err != nil {
		return err
	}
	for i := len(steps) - 1; i >= 0; i-- {
		if err := o.takePage(ctx, s, steps[i]); err != nil {
			return err
		}
	}
	return nil
}

// siteSteps compares a list with what is known of a site's pages. A list names no page of another site.
func (o *Outbox) siteSteps(ctx context.Context, s site.EmbedSite, begun bool, entries []feed.Entry) (steps []SiteStep, err error) {
	fresh := 0
	for _, e := range entries {
		if !s.Holds(e.URL) || len(e.URL) > maxPageURL {
			continue
		}
		p, err := o.o.Store.SitePage(ctx, e.URL)
		switch {
		case errors.Is(err, store.ErrNotFound):
			fresh++
			steps = append(steps, SiteStep{Page: e.URL, Action: "tell", entry: e, page: store.SitePage{Page: e.URL, Feed: s.List(), Post: o.siteID(e.URL)}})
		case err != nil:
			return nil, err
		default:
			action := "note"
			if p.Sum != sumOfEntry(e) {
				action = "update"
			}
			steps = append(steps, SiteStep{Page: e.URL, Action: action, entry: e, page: p})
		}
	}
	for i, step := range steps {
		at := step.entry.Published
		if at.IsZero() { // a sitemap knows when a page changed last
			at = step.entry.Updated
		}
		if step.Action == "tell" && (!begun || fresh > maxNewPages || s.As == "none" || !at.IsZero() && o.o.Now().Sub(at) > oldPage) {
			steps[i].Action = "note"
		}
	}
	return steps, nil
}

// siteID is the id of the post that stands for a page: a function of its address, for ever.
func (o *Outbox) siteID(page string) string {
	sum := sha256.Sum256([]byte(page))
	return o.o.Config.Addresses().Post("site-" + hex.EncodeToString(sum[:8]))
}

func sumOfEntry(e feed.Entry) string {
	return sumOf([]byte(e.Title + "\x00" + e.Summary + "\x00" + e.Content + "\x00" + e.Updated.String()))
}

// takePage registers a page, tells it, or tells that it changed.
func (o *Outbox) takePage(ctx context.Context, s site.EmbedSite, step SiteStep) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.o.Now().UTC().Truncate(time.Second)
	p := step.page
	p.Sum, p.Listed, p.Gone = sumOfEntry(step.entry), now, time.Time{}
	told, err := o.o.Store.Article(ctx, p.Post)
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if known && !told.Withdrawn.IsZero() { // taken back: a deleted id never returns
		return nil
	}
	if known && step.Action == "note" {
		return o.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutSitePage(ctx, p) })
	}
	a := store.Article{ID: p.Post, URL: p.Page, Name: step.entry.Title, Published: now, Origin: store.FromSite}
	if known {
		a.Published, a.Updated, a.Announced = told.Published, now, told.Announced
	}
	doc, err := o.siteDocument(s, step.entry, a)
	if err != nil {
		return err
	}
	a.JSON, a.SHA256 = doc.raw, sumOf(doc.raw)
	if err := o.tellSite(ctx, step.Action, told, a, doc); err != nil {
		return err
	}
	return o.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutSitePage(ctx, p) })
}

// tellSite writes a page's post into the ledger, and tells followers where they are to know.
func (o *Outbox) tellSite(ctx context.Context, action string, told, a store.Article, doc document) error {
	var r Report
	d := decision{action: tellCreate, id: a.ID, told: told}
	switch {
	case told.Announced:
		d.action = tellUpdate
	case action != "tell":
		return o.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutArticle(ctx, a) })
	}
	err := o.tellDocument(ctx, d, a, answer{doc: doc}, nil, &r)
	wake(o.queued)
	return err
}

// siteDocument makes the Article or Note of a page. Its words go through the same tree as those of strangers: a feed is written by programs.
func (o *Outbox) siteDocument(s site.EmbedSite, e feed.Entry, a store.Article) (document, error) {
	adr := o.o.Config.Addresses()
	link := `<p><a href="` + html.EscapeString(a.URL) + `">` + html.EscapeString(a.URL) + `</a></p>`
	title := ""
	if e.Title != "" {
		title = "<p><strong>" + html.EscapeString(e.Title) + "</strong></p>"
	}
	summary, words := string(activitypub.ParseHTML(e.Summary, nil).HTML()), string(activitypub.ParseHTML(e.Content, nil).HTML())
	doc := activitypub.Article{Context: activitypub.ObjectContext, ID: a.ID, Type: "Note", AttributedTo: adr.Actor(), To: []string{activitypub.Public},
		CC: []string{adr.Followers()}, URL: a.URL, Published: a.Published.Format(time.RFC3339)}
	switch s.As {
	case "note":
		doc.Content = title + summary + link
	case "link":
		doc.Content = title + link
	default:
		doc.Type, doc.Name, doc.Summary, doc.Content = "Article", e.Title, summary, words
		if words == "" {
			doc.Summary, doc.Content = "", summary+link
		}
	}
	doc.Attachment = []any{activitypub.AttachedLink{Type: "Link", Href: a.URL, MediaType: "text/html"}}
	if !a.Updated.IsZero() {
		doc.Updated = a.Updated.Format(time.RFC3339)
	}
	raw, err := activitypub.Marshal(doc)
	if err != nil {
		return document{}, err
	}
	if len(raw) > activitypub.MaxDocument/2 {
		return document{}, fmt.Errorf("the feed's entry of %s is too large", a.URL)
	}
	return parseDocument(raw)
}

// askAbsent asks a few pages that the list does not have any more whether they are there: only they can say that they are gone.
func (o *Outbox) askAbsent(ctx context.Context, s site.EmbedSite) error {
	pages, err := o.o.Store.SitePages(ctx, s.List())
	if err != nil {
		return err
	}
	var last time.Time // when the list was taken last
	for _, p := range pages {
		if p.Listed.After(last) {
			last = p.Listed
		}
	}
	now, asked := o.o.Now().UTC(), 0
	for _, p := range pages {
		if asked == checkedAtOne || ctx.Err() != nil {
			break
		}
		if p.Remove || last.Sub(p.Listed) < time.Minute || now.Sub(p.Checked) < goneFor {
			continue
		}
		asked++
		_, err := o.o.Client.Web(ctx, p.Page, 1<<10, true)
		p.Checked = now
		switch {
		case errors.Is(err, remote.ErrGone) && !p.Gone.IsZero() && now.Sub(p.Gone) >= goneFor:
			p.Remove = true
		case errors.Is(err, remote.ErrGone) && p.Gone.IsZero():
			p.Gone = now
		case err == nil:
			p.Gone = time.Time{}
		}
		if err := o.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutSitePage(ctx, p) }); err != nil {
			return err
		}
	}
	return o.removals(ctx, s)
}

// removals takes back the pages that are gone, by their own answer or by the owner's word.
func (o *Outbox) removals(ctx context.Context, s site.EmbedSite) error {
	pages, err := o.o.Store.SitePages(ctx, s.List())
	if err != nil {
		return err
	}
	for _, p := range pages {
		if !p.Remove {
			continue
		}
		if err := o.takeBackPage(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) takeBackPage(ctx context.Context, p store.SitePage) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	a, err := o.o.Store.Article(ctx, p.Post)
	if err != nil || !a.Withdrawn.IsZero() {
		return err
	}
	d := decision{action: tellDelete, id: a.ID, told: a, at: o.o.Now().UTC()}
	if !a.Announced {
		return o.o.Store.Write(ctx, func(tx *store.Tx) error { return noteOnly(ctx, tx, d) })
	}
	var r Report
	err = o.tellGone(ctx, d, &r)
	wake(o.queued)
	return err
}
