package remotetest

import (
	"cmp"
	"context"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

//go:embed pages
var pageFiles embed.FS

// templates are parsed once; remote words go through them escaped, or as the bounded tree that activitypub.ParseHTML makes.
var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"tree":   func(s string) template.HTML { return activitypub.ParseHTML(s, nil).HTML() },
	"answer": func(object string, v view) map[string]any { return map[string]any{"Object": object, "View": v} },
	"text":   func(s string) string { return activitypub.ParseHTML(s, nil).Text() },
	"date":   func(t time.Time) string { return t.Local().Format("2 Jan 2006, 15:04") },
}).ParseFS(pageFiles, "pages/*.html"))

// view is what the pages show.
type view struct {
	Title    string
	Host     string
	Accounts []*Account
	Posts    []entry
	Mine     []card
	Target   string // an object that the reader came to answer
	As       string // the account chosen before
	Problem  string
}

// entry is a post of the timeline with who wrote it.
type entry struct {
	Post
	First      bool
	Author     string // handle, or the actor's id where nobody here follows it
	AuthorPage string
}

// card is a note of one of the accounts.
type card struct {
	ID, URL, Content, Warning, InReplyTo string
	By                                   *Account
	Published                            time.Time
}

// pages adds what a person sees. Writing takes a plain form from this very origin.
func (s *Server) pages() {
	own := http.NewCrossOriginProtection()
	s.mux.HandleFunc("GET /{$}", s.serveHome)
	s.mux.HandleFunc("GET /authorize_interaction", s.serveHome)
	s.mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, pageFiles, "pages/style.css") })
	s.mux.HandleFunc("GET /{at}", s.serveProfile)
	s.mux.HandleFunc("GET /{at}/{n}", s.serveNotePage)
	s.mux.Handle("POST /act", own.Handler(http.HandlerFunc(s.act)))
}

func (s *Server) serveHome(w http.ResponseWriter, r *http.Request) {
	v := s.view("A pretend server")
	v.Target, v.As = r.URL.Query().Get("uri"), r.URL.Query().Get("as")
	show(w, http.StatusOK, "home.html", v)
}

func (s *Server) serveProfile(w http.ResponseWriter, r *http.Request) {
	user, ok := strings.CutPrefix(r.PathValue("at"), "@")
	a, err := s.account(user)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	v := s.view(a.name)
	v.Accounts, v.As, v.Posts = []*Account{a}, a.user, nil
	v.Mine = slices.DeleteFunc(v.Mine, func(c card) bool { return c.By != a })
	show(w, http.StatusOK, "profile.html", v)
}

func (s *Server) serveNotePage(w http.ResponseWriter, r *http.Request) {
	v := s.view("A note")
	page := s.origin + r.URL.Path
	v.Posts = nil
	v.Mine = slices.DeleteFunc(v.Mine, func(c card) bool { return c.URL != page })
	if len(v.Mine) == 0 {
		http.NotFound(w, r)
		return
	}
	v.Title = v.Mine[0].By.name
	show(w, http.StatusOK, "profile.html", v)
}

// view copies the state that a page shows, so that no template runs under the lock.
func (s *Server) view(title string) view {
	v := view{Title: title, Host: s.host}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.Accounts = slices.Clone(s.accounts)
	for i, p := range s.timeline {
		e := entry{Post: *p, First: i == 0, Author: p.By, AuthorPage: p.By}
		for _, a := range s.accounts {
			if f, ok := a.following[p.By]; ok {
				e.Author, e.AuthorPage = "@"+f.handle, f.page
			}
		}
		v.Posts = append(v.Posts, e)
	}
	for id, n := range s.notes {
		if n.gone {
			continue
		}
		text := func(member string) string { t, _ := n.doc[member].(string); return t }
		published, _ := time.Parse(time.RFC3339, text("published"))
		v.Mine = append(v.Mine, card{ID: id, URL: text("url"), Content: text("content"), Warning: text("summary"),
			InReplyTo: text("inReplyTo"), By: n.by, Published: published})
	}
	slices.SortFunc(v.Mine, func(a, b card) int {
		return cmp.Or(b.Published.Compare(a.Published), strings.Compare(b.ID, a.ID))
	})
	return v
}

// act does what a form asks for and goes back to where it stood.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	a, err := s.account(r.PostFormValue("as"))
	if err == nil {
		err = a.do(r)
	}
	if err != nil {
		v := s.view("That did not work")
		v.Problem = err.Error()
		show(w, http.StatusBadGateway, "home.html", v)
		return
	}
	http.Redirect(w, r, "/?as="+a.user, http.StatusSeeOther)
}

// formTimeout is how long a person waits for a form, a Follow's Accept included.
const formTimeout = 20 * time.Second

// do runs one form.
func (a *Account) do(r *http.Request) (err error) {
	ctx, cancel := context.WithTimeout(r.Context(), formTimeout)
	defer cancel()
	object, text := r.PostFormValue("object"), r.PostFormValue("text")
	switch r.PostFormValue("do") {
	case "reply":
		_, err = a.ReplyWith(ctx, object, Note{HTML: paragraphs(text), Summary: r.PostFormValue("warning"), Mention: true})
	case "like":
		_, err = a.Like(ctx, object)
	case "boost":
		_, err = a.Boost(ctx, object)
	case "follow":
		err = a.Follow(ctx, object)
	case "unfollow":
		err = a.Unfollow(ctx)
	case "edit":
		err = a.Edit(ctx, object, paragraphs(text))
	case "delete":
		err = a.Delete(ctx, object)
	}
	return err
}

// paragraphs makes HTML of what a person typed.
func paragraphs(text string) string {
	text = strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n")
	escaped := template.HTMLEscapeString(text)
	escaped = strings.ReplaceAll(escaped, "\n\n", "</p><p>")
	return "<p>" + strings.ReplaceAll(escaped, "\n", "<br>") + "</p>"
}

func show(w http.ResponseWriter, status int, name string, v view) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	// An error here is the reader's: it went away.
	_ = templates.ExecuteTemplate(w, name, v)
}
