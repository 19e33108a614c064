package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// The longest addresses that are taken, in bytes. The ledgers index two of them together (an activity with its actor, an object with an
// inbox, a key with its actor), and PostgreSQL refuses a row whose index entry is above about 2,700 bytes: a longer one would be a
// failure of ours that a stranger can cause. Fediverse ids are of some 60 bytes; the longest known, slugs in percent-encoded Korean, of 700.
const (
	maxID      = 1024 // of an activity or an object
	maxAddress = 512  // of an actor, a key, an inbox
	maxURL     = 2048 // of a picture or a page: indexed nowhere
)

// letter is one activity on its way through the door.
type letter struct {
	activity *activitypub.Object
	body     []byte
	actor    store.Actor
	fetched  bool   // actor was fetched for this letter or shortly before: the store's row is older or missing
	seen     string // under what the activity is remembered
	id       string // its id, or what stands for one
	now      time.Time
	sent     bool    // something was queued in the outbox
	by       *letter // of whoever passed it on, nil: the actor itself sent it
}

// verb handles one kind of activity. What it finds out without the store's write lock it does at once; what it changes is the
// effect, which runs in the transaction that marks the activity as seen. No effect: nothing is stored. An effect may run twice.
type verb func(i *Inbox, ctx context.Context, l *letter) (effect, error)

type effect func(ctx context.Context, tx *store.Tx) error

// verbs is one row for each kind of word. A type that stands not here is answered 202 and leaves no trace: Accept and Reject (we ask
// for nothing yet), Add, Remove and all that other programs invented.
var verbs = map[string]verb{
	"Follow":       (*Inbox).follow,
	"Block":        (*Inbox).blocked,
	"Create":       (*Inbox).create,
	"Update":       (*Inbox).update,
	"Delete":       (*Inbox).delete,
	"Like":         (*Inbox).like,
	"Dislike":      (*Inbox).like,
	"EmojiReact":   (*Inbox).like,
	"Announce":     (*Inbox).announce,
	"Undo":         (*Inbox).undo,
	"Move":         (*Inbox).move,
	"Flag":         (*Inbox).flag,
	"QuoteRequest": (*Inbox).quoteRequested,
}

// refusal is a fault of the sender: what we answer and why.
type refusal struct {
	status int
	why    string
	after  time.Duration // Retry-After of a 429
}

// Error gives the reason.
func (r refusal) Error() string { return r.why }

// errIgnored undoes an effect that found nothing to do. The answer is 202, and not even the activity's id is kept.
var errIgnored = errors.New("nothing of ours")

// receive is the door for every actor of ours. 202 is said after the durable commit and never before; 503 only where the store
// cannot store. Whatever is wrong with what was sent is a 4xx.
func (i *Inbox) receive(w http.ResponseWriter, r *http.Request) {
	if !i.o.Config.Federation.Enabled {
		http.NotFound(w, r)
		return
	}
	client := i.client(r)
	err := i.overload(client)
	if err == nil {
		err = i.accept(w, r)
	}
	var no refusal
	switch {
	case err == nil:
		w.WriteHeader(http.StatusAccepted)
	case errors.As(err, &no):
		if client != "" && no.status != http.StatusTooManyRequests {
			i.limits.failures.take(client, 1, i.o.Now())
		}
		i.refuse(w, r, no)
	case r.Context().Err() != nil: // the peer hung up: it will come again
		i.o.Log.Debug("peer left before the answer", "error", err)
	default:
		i.o.Log.Error("storing an activity", "error", err)
		w.Header().Set("Retry-After", "60")
		http.Error(w, "cannot store now", http.StatusServiceUnavailable)
	}
}

func (i *Inbox) refuse(w http.ResponseWriter, r *http.Request, no refusal) {
	i.o.Log.Debug("activity refused", "status", no.status, "why", no.why)
	if no.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(no.after.Seconds()+1)))
	}
	if no.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, no.why, no.status)
}

// overload refuses before anything is read.
func (i *Inbox) overload(client string) error {
	now := i.o.Now()
	after := take(i.limits.total, 1, now)
	if client != "" {
		after = max(after, i.limits.failures.spent(client, now))
	}
	if after > 0 {
		return refusal{http.StatusTooManyRequests, "too many requests", after}
	}
	return nil
}

// accept is the order of the checks (SECURITY.md, "Inbox"): cheap ones first, nothing fetched before they are over, nothing
// stored before the signature is good.
func (i *Inbox) accept(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	l, err := i.open(body)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := i.retired(ctx, l); err != nil {
		return err
	}
	if nameless(l.activity) {
		return i.anonymous(r, l)
	}
	if err := i.admit(ctx, l.activity.Actor.ID); err != nil {
		return err
	}
	if err := i.bound(l.activity); err != nil {
		return err
	}
	if done, err := i.nobody(r, l); done || err != nil {
		return err
	}
	if gone, err := i.believe(r, l); gone || err != nil {
		return err
	}
	sender := cmp.Or(l.by, l)
	if err := i.afford(sender); err != nil {
		return err
	}
	if err := i.o.Outbox.Heard(ctx, sender.actor.Inbox); err != nil { // its server is up: what waits for it may be tried
		i.o.Log.Debug("moving a probe", "error", err)
	}
	return i.do(ctx, l)
}

// readBody takes a POST of one of the two Activity Streams types, at most 1 MiB, uncompressed.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method != http.MethodPost {
		return nil, refusal{status: http.StatusMethodNotAllowed, why: "POST only"}
	}
	if !isActivity(r.Header.Values("Content-Type")) {
		return nil, refusal{status: http.StatusUnsupportedMediaType, why: "content type is not " + activitypub.ContentType}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, refusal{status: http.StatusUnsupportedMediaType, why: "compressed bodies are not read"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, activitypub.MaxDocument))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refusal{status: http.StatusRequestEntityTooLarge, why: "larger than 1 MiB"}
	case err != nil:
		return nil, refusal{status: http.StatusBadRequest, why: "body cut short"}
	}
	return body, nil
}

// isActivity tells whether a Content-Type is one of the two of Activity Streams. Some peers leave the quotes of the profile away,
// which mime refuses.
func isActivity(values []string) bool {
	if len(values) != 1 {
		return false
	}
	kind, params, _ := strings.Cut(values[0], ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case activitypub.ContentType:
		return true
	case "application/ld+json":
		return hasProfile(values[0], params)
	}
	return false
}

func hasProfile(whole, params string) bool {
	const profile = "https://www.w3.org/ns/activitystreams"
	if _, p, err := mime.ParseMediaType(whole); err == nil {
		return strings.Contains(" "+p["profile"]+" ", " "+profile+" ")
	}
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "profile") && v == profile {
			return true
		}
	}
	return false
}

// open reads the body as an activity with at most one actor.
func (i *Inbox) open(body []byte) (*letter, error) {
	o, err := activitypub.Read(body)
	switch {
	case errors.Is(err, activitypub.ErrTooLarge):
		return nil, refusal{status: http.StatusRequestEntityTooLarge, why: err.Error()}
	case err != nil:
		return nil, refusal{status: http.StatusBadRequest, why: err.Error()}
	case o.Type == "":
		return nil, refusal{status: http.StatusBadRequest, why: "activity without type"}
	case tooLong(o):
		return nil, refusal{status: http.StatusBadRequest, why: "id is too long"}
	case !nameless(o) && !activitypub.SameOrigin(o.Actor.ID, o.Actor.ID): // fails closed: no host, userinfo, trailing dot …
		return nil, refusal{status: http.StatusBadRequest, why: "actor is not an acceptable address"}
	case !nameless(o) && !i.o.Client.Reaches(o.Actor.ID): // http: outside --dev, names of one network
		return nil, refusal{status: http.StatusBadRequest, why: "actor is at no address that is ever asked"}
	case verbs[o.Type] != nil && len(o.Object) == 0:
		return nil, refusal{status: http.StatusBadRequest, why: "activity without object"}
	}
	l := &letter{activity: o, body: body, id: o.ID, now: i.o.Now().UTC()}
	if nameless(o) {
		return l, nil
	}
	if l.id == "" {
		sum := sha256.Sum256(body)
		l.id = o.Actor.ID + "#sha256-" + hex.EncodeToString(sum[:16])
	}
	// With the actor in it, so that nobody of the same server can use up an id that somebody else's activity will have.
	l.seen = l.id + " " + o.Actor.ID
	return l, nil
}

// tooLong tells whether an activity, its actor or what it speaks of has an id that cannot be kept.
func tooLong(a *activitypub.Object) bool {
	long := func(o *activitypub.Object) bool { return len(o.ID) > maxID }
	return long(a) || a.Actor != nil && len(a.Actor.ID) > maxAddress || slices.ContainsFunc(a.Object, long)
}

// nameless tells whether an activity does not say by an id who acts, as Activity Streams allows (§2.2, anonymous objects).
func nameless(a *activitypub.Object) bool { return a.Actor == nil || a.Actor.ID == "" }

// anonymous answers an activity that nobody says to have done: there is nobody to whom an effect could belong, so it has none. It is
// checked all the same, as if the owner of the key had said so.
func (i *Inbox) anonymous(r *http.Request, l *letter) error {
	keyID, err := signature.KeyID(r)
	if err != nil {
		return refusal{status: http.StatusUnauthorized, why: err.Error()}
	}
	owner, _, _ := strings.Cut(keyID, "#")
	l.activity = &activitypub.Object{Actor: &activitypub.Object{ID: owner}} // all the rest of it does not count
	if err := i.admit(r.Context(), owner); err != nil {
		return err
	}
	if _, err := i.authenticate(r, l); err != nil {
		return err
	}
	return i.afford(l)
}

// admit refuses who is blocked, and whoever says to be us.
func (i *Inbox) admit(ctx context.Context, actor string) error {
	if i.address.Local(actor) {
		return refusal{status: http.StatusForbidden, why: "that actor lives here"}
	}
	no, err := i.o.Store.Blocked(ctx, actor)
	if err != nil {
		return fmt.Errorf("looking for a block: %w", err)
	}
	if no {
		return refusal{status: http.StatusForbidden, why: "blocked"}
	}
	return nil
}

// bound checks that an activity speaks of what its actor's server may speak of: its own id, and what it says to delete or to change.
func (i *Inbox) bound(a *activitypub.Object) error {
	if verbs[a.Type] != nil && a.ID != "" && !activitypub.SameOrigin(a.ID, a.Actor.ID) {
		return refusal{status: http.StatusForbidden, why: "activity and actor are of different servers"}
	}
	if a.Type != "Delete" && a.Type != "Update" {
		return nil
	}
	if id := a.Object[0].ID; !activitypub.SameOrigin(id, a.Actor.ID) {
		return refusal{status: http.StatusForbidden, why: "object and actor are of different servers"}
	}
	return nil
}

// nobody answers the flood of Deletes that every server gets when somebody it never heard of closes an account: no fetch, no row. A
// request without the shape of a signature is refused all the same.
func (i *Inbox) nobody(r *http.Request, l *letter) (done bool, err error) {
	if err := signed(r); err != nil {
		return false, err
	}
	a := l.activity
	if a.Type != "Delete" && !(a.Type == "Update" && a.Object[0].ID == a.Actor.ID) {
		return false, nil
	}
	known, err := i.o.Store.ActorKnown(r.Context(), a.Actor.ID)
	if err != nil {
		return false, fmt.Errorf("looking for an actor: %w", err)
	}
	if known || a.Object[0].ID == a.Actor.ID {
		return !known, nil
	}
	// Somebody unknown deletes something. Where it is nothing of ours there is nothing to check either.
	if known, err = i.o.Store.ActorKnown(r.Context(), a.Object[0].ID); known || err != nil {
		return false, err
	}
	_, err = i.o.Store.Comment(r.Context(), a.Object[0].ID)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return false, err
}

// afford takes an authenticated activity from its server's budget.
func (i *Inbox) afford(l *letter) error {
	cost, host := costUnknown, domain(l.actor.ID)
	if !l.fetched {
		cost = costKnown
	}
	after := i.limits.posts.take(host, cost, l.now)
	if own := i.limits.verbs[l.activity.Type]; after == 0 && own != nil {
		after = own.take(host, cost, l.now)
	}
	if after > 0 {
		return refusal{http.StatusTooManyRequests, "too many activities of one server", after}
	}
	return nil
}

// do carries out an authenticated activity: its effect and the mark that it was seen are one transaction.
func (i *Inbox) do(ctx context.Context, l *letter) error {
	handle := verbs[l.activity.Type]
	if handle == nil {
		return nil
	}
	seen, err := i.o.Store.Seen(ctx, l.seen)
	if err != nil {
		return fmt.Errorf("looking for an activity: %w", err)
	}
	if seen {
		return nil
	}
	change, err := handle(i, ctx, l)
	if err != nil || change == nil {
		return err
	}
	err = i.o.Store.Write(ctx, func(tx *store.Tx) error {
		fresh, err := tx.MarkSeen(ctx, l.seen, l.actor.ID, l.now)
		if err != nil || !fresh {
			return err
		}
		return i.passOn(ctx, tx, l, change)
	})
	if errors.Is(err, errIgnored) {
		return nil
	}
	if err != nil {
		return err
	}
	i.met(l.actor.ID)
	if l.sent {
		i.o.Outbox.Wake()
	}
	return nil
}
