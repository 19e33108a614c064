package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
)

// Another site says by a form that a page of it mentions a post of ours (Webmention, https://www.w3.org/TR/webmention/ §3.2). The door is here: it
// believes nothing and fetches nothing. An errand looks at the page (mentioned.go).

const (
	maxForm     = 8 << 10 // bytes: two addresses of at most maxID each
	maxMentions = 1000    // that wait to be looked at: beyond it the errands of the fediverse would have to go
)

// claim is what a webmention says: that source links to target, a page of the post.
type claim struct {
	Source string `json:"source"`
	Target string `json:"target"`
	Post   string `json:"post"`
}

// webmention answers POST /webmention. 202 is said after the durable commit; all else is a 4xx and leaves no trace.
func (i *Inbox) webmention(w http.ResponseWriter, r *http.Request) {
	if !i.o.Config.Federation.Enabled || !i.o.Config.Webmention.Receive {
		http.NotFound(w, r)
		return
	}
	client := i.client(r)
	err := i.overload(client)
	if err == nil {
		err = i.takeMention(w, r)
	}
	var no refusal
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "Thank you. The page will be looked at soon.\n")
	case errors.As(err, &no):
		if client != "" && no.status != http.StatusTooManyRequests {
			i.limits.failures.take(client, 1, i.o.Now())
		}
		i.refuse(w, r, no)
	case r.Context().Err() != nil:
	default:
		i.o.Log.Error("storing a webmention", "error", err)
		w.Header().Set("Retry-After", "60")
		http.Error(w, "cannot store now", http.StatusServiceUnavailable)
	}
}

// takeMention makes an errand of a form.
func (i *Inbox) takeMention(w http.ResponseWriter, r *http.Request) error {
	m, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := i.mayMention(r.Context(), m.Source); err != nil {
		return err
	}
	post, err := i.mentionable(r.Context(), m)
	if err != nil {
		return err
	}
	if after := i.limits.mentions.take(domain(m.Source), 1, i.o.Now()); after > 0 {
		return refusal{http.StatusTooManyRequests, "too many webmentions of one site", after}
	}
	m.Post = post.ID
	return i.o.Store.Write(r.Context(), func(tx *store.Tx) error {
		if err := i.mayAnswer(r.Context(), tx, post, m.Source); err != nil {
			return err
		}
		n, err := tx.ErrandsFor(r.Context(), verifyMention)
		if err != nil {
			return err
		}
		if n >= maxMentions {
			return refusal{http.StatusTooManyRequests, "too many webmentions wait", errandTime}
		}
		return i.errand(r.Context(), tx, store.Errand{URL: store.WebmentionID(m.Source, post.ID), Reason: verifyMention, Post: post.ID, Data: marshal(m), Next: i.o.Now()})
	})
}

// readForm reads source and target, each given once.
func readForm(w http.ResponseWriter, r *http.Request) (m claim, err error) {
	if r.Method != http.MethodPost {
		return m, refusal{status: http.StatusMethodNotAllowed, why: "POST only: source and target, as a form"}
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return m, refusal{status: http.StatusUnsupportedMediaType, why: "content type is not application/x-www-form-urlencoded"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return m, refusal{status: http.StatusRequestEntityTooLarge, why: "larger than 8 KiB"}
	case err != nil:
		return m, refusal{status: http.StatusBadRequest, why: "body cut short"}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["source"]) != 1 || len(form["target"]) != 1 {
		return m, refusal{status: http.StatusBadRequest, why: "the form has not one source and one target"}
	}
	m.Source, m.Target = form.Get("source"), form.Get("target")
	if len(m.Source) > maxID-64 || len(m.Target) > maxID { // the id of the comment is a little longer
		return m, refusal{status: http.StatusBadRequest, why: "an address is too long"}
	}
	return m, nil
}

// mayMention refuses a source that is never asked: one that the client does not go to, our own pages, whom the owner blocks.
func (i *Inbox) mayMention(ctx context.Context, source string) error {
	switch {
	case strings.ContainsAny(source, " #\t\r\n") || !i.o.Client.Reaches(source):
		return refusal{status: http.StatusBadRequest, why: "source is at no address that is ever asked: https, a public host, no fragment"}
	case i.own(source):
		return refusal{status: http.StatusBadRequest, why: "source is a page of this site"}
	}
	no, err := i.o.Store.Blocked(ctx, source)
	if err == nil && no {
		return refusal{status: http.StatusForbidden, why: "blocked"}
	}
	return err
}

// own tells whether an address lies on a host of ours.
func (i *Inbox) own(address string) bool {
	return i.address.Local(i.ownSpelling(address)) || outbox.Ours(i.address, address)
}

// mentionable gives the post that the target is a page of.
func (i *Inbox) mentionable(ctx context.Context, m claim) (store.Article, error) {
	if m.Source == m.Target {
		return store.Article{}, refusal{status: http.StatusBadRequest, why: "source and target are the same"}
	}
	post, err := i.postAt(ctx, m.Target)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return post, refusal{status: http.StatusBadRequest, why: "target is no post of this site"}
	case err != nil:
		return post, err
	case comments.Closed(i.o.Config, post, i.o.Now()):
		return post, refusal{status: http.StatusBadRequest, why: "the post takes no more comments"}
	}
	return post, nil
}

// postAt finds the post that is out at a page's address, with or without its fragment, its query and its closing slash, or by its id.
func (i *Inbox) postAt(ctx context.Context, target string) (store.Article, error) {
	address := i.plainAddress(target)
	if !i.address.Local(address) {
		return store.Article{}, store.ErrNotFound
	}
	post, err := i.o.Store.Article(ctx, address)
	if errors.Is(err, store.ErrNotFound) {
		post, err = i.o.Store.ArticleByURL(ctx, address)
	}
	if errors.Is(err, store.ErrNotFound) {
		post, err = i.o.Store.ArticleByURL(ctx, address+"/")
	}
	if err == nil && (!post.Withdrawn.IsZero() || post.InReplyTo != "") {
		err = store.ErrNotFound
	}
	return post, err
}

// plainAddress is an address of ours as we write it, without fragment and query; any other as it is.
func (i *Inbox) plainAddress(address string) string {
	address = i.ownSpelling(address)
	if end := strings.IndexAny(address, "?#"); end >= 0 && i.own(address) {
		address = address[:end]
	}
	return address
}

// mayAnswer keeps a site to what the post says of who may answer, like and boost: where it may do none of it the page need not be looked at.
func (i *Inbox) mayAnswer(ctx context.Context, tx *store.Tx, post store.Article, source string) error {
	for _, of := range []rule{canReply, canLike, canAnnounce} {
		if ok, err := i.may(ctx, tx, post, source, of); err != nil || ok {
			return err
		}
	}
	return notAllowedHere(errNotAllowed)
}

// readClaim reads what an errand was made for.
func readClaim(e store.Errand) (m claim, err error) {
	if json.Unmarshal(e.Data, &m) != nil {
		err = errIgnored
	}
	return m, err
}
