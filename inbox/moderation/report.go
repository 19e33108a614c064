package moderation

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/postil-blog/postil/store"
)

// report is one report as the page shows it.
type report struct {
	Key, Who, Text string
	At             time.Time
	Dropped        int
	About          []reported
}

// reported is a post, a comment or a person that somebody reported. Actor is whom the buttons block, "" where there is nobody.
type reported struct {
	ID, Kind, Name, URL   string
	Actor, Handle, Server string
	State                 store.CommentState
	Shows                 bool
	Content               template.HTML
}

// reports lists the open reports.
func (m *Moderation) reports(ctx context.Context) ([]report, error) {
	rows, err := m.o.Store.Reports(ctx, false)
	if err != nil {
		return nil, err
	}
	list := make([]report, 0, min(len(rows), perPage))
	for _, r := range rows[:min(len(rows), perPage)] {
		shown := report{Key: r.Key, Who: r.Who, Text: r.Text, At: r.At, Dropped: r.Dropped}
		for _, id := range r.Objects {
			about, err := m.about(ctx, id)
			if err != nil {
				return nil, err
			}
			shown.About = append(shown.About, about)
		}
		list = append(list, shown)
	}
	return list, nil
}

// about tells what an id in a report stands for today: it may have been edited or deleted since.
func (m *Moderation) about(ctx context.Context, id string) (reported, error) {
	if id == m.addr.Actor() {
		return reported{ID: id, Kind: "this blog", URL: m.addr.Home(), Name: m.o.Config.Site.Title}, nil
	}
	if post, err := m.o.Store.Article(ctx, id); err == nil {
		return reported{ID: id, Kind: "post", URL: post.URL, Name: post.Name}, nil
	} else if !errors.Is(err, store.ErrNotFound) {
		return reported{}, err
	}
	c, err := m.o.Store.Comment(ctx, id)
	if err == nil {
		about := reported{ID: id, Kind: string(c.Kind), URL: c.URL, State: c.State, Shows: c.State == store.Shown, Content: m.html(c.Content)}
		return about, m.person(ctx, &about, c.Actor)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return reported{}, err
	}
	about := reported{ID: id, Kind: "account", URL: id}
	return about, m.person(ctx, &about, id)
}

// person fills in whom the buttons beside something reported block. Our own words have none.
func (m *Moderation) person(ctx context.Context, about *reported, actor string) error {
	if actor == "" || m.addr.Local(actor) {
		return nil
	}
	here, err := m.o.Store.TakesPart(ctx, actor)
	if err != nil {
		return err
	}
	if about.Kind == "account" && !here {
		about.Kind = "no longer here"
		return nil
	}
	about.Actor, about.Server, about.Handle = actor, hostOf(actor), actor
	a, err := m.o.Store.Actor(ctx, actor)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if a.Handle != "" {
		about.Handle = "@" + a.Handle
	}
	return err
}

// report does one thing about a report: close it, hide a comment that it names, or block whose it is.
func (m *Moderation) report(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	row, err := m.o.Store.Report(ctx, r.PostFormValue("key"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "That report is not there any more.", http.StatusNotFound)
		return
	case err != nil:
		m.fail(w, err)
		return
	}
	object, do := r.PostFormValue("object"), r.PostFormValue("do")
	if do != "close" && !slices.Contains(row.Objects, object) {
		http.Error(w, "The report does not name that.", http.StatusBadRequest)
		return
	}
	act, ok := map[string]func(tx *store.Tx) error{
		"close":        func(tx *store.Tx) error { _, err := tx.CloseReport(ctx, row.Key, m.o.Now()); return err },
		"hide":         func(tx *store.Tx) error { return tx.SetCommentState(ctx, object, store.Hidden) },
		"block-person": func(tx *store.Tx) error { return m.blockReported(ctx, tx, object, m.blockPerson) },
		"block-server": func(tx *store.Tx) error { return m.blockReported(ctx, tx, object, m.blockServer) },
	}[do]
	if !ok {
		http.Error(w, "Unknown action.", http.StatusBadRequest)
		return
	}
	switch err := m.o.Store.Write(ctx, act); {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "That comment is not there any more.", http.StatusNotFound)
	case err != nil:
		m.fail(w, err)
	default:
		if m.o.Sent != nil {
			m.o.Sent()
		}
		m.back(w, r)
	}
}

// blockReported blocks the author of a reported comment, or the reported person.
func (m *Moderation) blockReported(ctx context.Context, tx *store.Tx, object string, block func(context.Context, *store.Tx, string) error) error {
	c, err := tx.Comment(ctx, object)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return block(ctx, tx, object)
	case err != nil:
		return err
	}
	return block(ctx, tx, c.Actor)
}
