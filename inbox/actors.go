package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"crypto"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

const (
	fetchAgain = 5 * time.Minute // a key is fetched at most once in this time, whatever signatures arrive
	stale      = 24 * time.Hour  // an actor older than this is refreshed behind the answer
	maxCallers = 1000
	maxKeys    = 5
)

// errKey says that the actor lists no such key.
var errKey = errors.New("the actor has no such key")

// caller is an actor who was fetched because a signature asked for it, or why that failed. It is kept in memory until a
// signature is good: a row in the store is only made for those who proved themselves.
type caller struct {
	actor store.Actor
	err   error
	at    time.Time
	spent bool // not fetched again while this is fresh: a signature failed against a key that was just fetched
}

// signed refuses a request that has not even the shape of a signed one.
func signed(r *http.Request) error {
	if _, err := signature.KeyID(r); err != nil {
		return refusal{status: http.StatusUnauthorized, why: err.Error()}
	}
	return nil
}

// authenticate proves that the activity's actor sent it. The key is the stored one, else the one fetched lately, else it is
// fetched: at most one fetch. gone means that the actor deleted itself, which its own server confirms, and all is done.
func (i *Inbox) authenticate(r *http.Request, l *letter) (gone bool, err error) {
	id, ctx := l.activity.Actor.ID, r.Context()
	keyID, err := signature.KeyID(r)
	if err != nil {
		return false, refusal{status: http.StatusUnauthorized, why: err.Error()}
	}
	if len(keyID) > maxAddress {
		return false, refusal{status: http.StatusUnauthorized, why: "the key's id is too long"}
	}
	if !activitypub.SameOrigin(keyID, id) { // also: acct: and other forms that are no address
		return false, refusal{status: http.StatusUnauthorized, why: "the key is not the actor's"}
	}
	row, err := i.o.Store.Actor(ctx, id)
	stored := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, fmt.Errorf("reading an actor: %w", err)
	}
	reached, err := i.verify(r, l.body, row) // without a row: only what needs no key
	switch {
	case err == nil:
		l.actor = row
		return false, nil
	case !reached:
		return false, refusal{status: http.StatusUnauthorized, why: err.Error()}
	}
	c, err := i.call(ctx, l, stored, func(a store.Actor) error {
		_, err := i.verify(r, l.body, a)
		return err
	})
	if err != nil {
		return false, err
	}
	if c.err != nil {
		if stored && errors.Is(c.err, remote.ErrGone) && l.activity.Type == "Delete" && l.activity.Object[0].ID == id {
			l.actor = row
			return true, i.do(ctx, l)
		}
		return false, refusal{status: http.StatusUnauthorized, why: "the key cannot be fetched: " + c.err.Error()}
	}
	l.actor, l.fetched = c.actor, true
	return false, nil
}

// call gives the letter's actor in a state that passes check, which is that a signature is good for one of its keys, from memory or by one fetch.
// stored tells that the row in the store does not pass. What is remembered goes by the actor: nothing that a stranger says about somebody's key can
// make us refuse that somebody.
func (i *Inbox) call(ctx context.Context, l *letter, stored bool, check func(store.Actor) error) (caller, error) {
	id := l.activity.Actor.ID
	c, met := i.callers.get(id)
	met = met && l.now.Sub(c.at).Abs() < fetchAgain
	if met && c.err == nil {
		if check(c.actor) == nil {
			return c, nil
		}
	}
	if met && (c.err != nil || c.spent) {
		return refusedCaller(c)
	}
	if after := i.affordKey(id); after > 0 {
		return c, refusal{http.StatusTooManyRequests, "too many unknown actors of one server", after}
	}
	if !met {
		c = caller{}
	}
	c = i.meet(ctx, id, c.at, func(a store.Actor) bool { return stored || met || check(a) != nil })
	c.at, c.spent = l.now, c.spent || stored || met
	if c.err != nil {
		i.callers.put(id, c)
		return c, nil
	}
	err := check(c.actor)
	c.spent = c.spent || err != nil
	i.callers.put(id, c)
	if err != nil {
		return c, refusal{status: http.StatusUnauthorized, why: err.Error()}
	}
	return c, nil
}

func refusedCaller(c caller) (caller, error) {
	if c.err != nil {
		return c, nil
	}
	return c, refusal{status: http.StatusUnauthorized, why: "signature refused"}
}

// meet fetches the actor who is said to speak. The client has checked that the document came from its own id, and left it only the keys
// that are its own; whether the signature's key is one of them is seen when it is checked. What somebody else fetched after before
// (the time of what the caller has looked at, zero for nothing) is as good. spent tells whether another fetch would be one too many.
func (i *Inbox) meet(ctx context.Context, id string, before time.Time, spent func(store.Actor) bool) caller {
	// The fetch is shared by all who wait for it, so it must not end when one of them hangs up.
	v, _, _ := i.flights.Do("actor "+id, func() (any, error) {
		now := i.o.Now().UTC()
		if c, ok := i.callers.get(id); ok && !c.at.Equal(before) && now.Sub(c.at).Abs() < fetchAgain {
			return c, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		o, err := i.o.Client.Actor(remote.Frugal(ctx), id)
		if err == nil && o.ID != id {
			err = fmt.Errorf("%s is somebody else: %s", id, o.ID)
		}
		c := caller{err: err, at: now}
		if err == nil {
			c.actor = actorRow(o, now)
			c.spent = spent(c.actor)
		}
		i.callers.put(id, c) // before the flight ends: who comes a moment later must find it
		return c, nil
	})
	return v.(caller)
}

// verify checks the request's signature against the keys that an actor lists. reached tells that all was well up to the point where
// the key is needed: nothing is fetched for a request that fails before.
func (i *Inbox) verify(r *http.Request, body []byte, a store.Actor) (reached bool, err error) {
	v := signature.Verifier{Origin: i.address.Origin(), Now: i.o.Now, Key: func(_ context.Context, id string) (crypto.PublicKey, error) {
		reached = true
		return publicKey(a, id)
	}}
	_, err = v.Verify(r, body)
	return reached, err
}

// actorKey is one key in a store.Actor's Keys, in one of the two ways in which actors write keys.
type actorKey struct {
	ID        string `json:"id"`
	PEM       string `json:"pem,omitempty"`
	Multibase string `json:"multibase,omitempty"` // FEP-521a
	Asserts   bool   `json:"asserts,omitempty"`   // it may prove what the actor says (FEP-8b32)
}

func (k actorKey) parse() (crypto.PublicKey, error) {
	if k.PEM == "" {
		return signature.ParseMultikey(k.Multibase)
	}
	return signature.ParsePublicKey(k.PEM)
}

func publicKey(a store.Actor, id string) (crypto.PublicKey, error) {
	return keyThat(a, func(k actorKey) bool { return k.ID == id })
}

// assertionKey gives a key of those that an actor lists as assertionMethod.
func assertionKey(a store.Actor, id string) (crypto.PublicKey, error) {
	return keyThat(a, func(k actorKey) bool { return k.ID == id && k.Asserts })
}

func keyThat(a store.Actor, is func(actorKey) bool) (crypto.PublicKey, error) {
	var keys []actorKey
	if err := json.Unmarshal(a.Keys, &keys); err != nil {
		return nil, errKey
	}
	for _, k := range keys {
		if is(k) {
			return k.parse()
		}
	}
	return nil, errKey
}

// actorRow makes what is remembered of an actor.
func actorRow(o *activitypub.Object, now time.Time) store.Actor {
	keys := []actorKey{}
	for _, k := range o.PublicKey {
		if len(keys) < maxKeys && len(k.ID) <= maxAddress && k.PEM+k.Multibase != "" && len(k.PEM)+len(k.Multibase) < 8192 && (k.Owner == "" || k.Owner == o.ID) {
			keys = append(keys, actorKey{k.ID, k.PEM, k.Multibase, k.Asserts})
		}
	}
	name := activitypub.ParseName(firstOf(o.Name, o.PreferredUsername, hostOf(o.ID)), emojiOf(o))
	if strings.TrimSpace(name.Text()) == "" {
		name = activitypub.ParseText(firstOf(o.PreferredUsername, hostOf(o.ID)), nil)
	}
	return store.Actor{
		ID: o.ID, Type: o.Type, Handle: handle(o), Name: marshal(name), URL: pageOf(o), Icon: pictureOf(o.Icon),
		Inbox: o.Inbox, SharedInbox: sharedInbox(o), Keys: marshal(keys), Followers: o.Followers, Indexable: o.Indexable,
		Created: o.Published, Fetched: now, AlsoKnownAs: marshal(o.AlsoKnownAs[:min(len(o.AlsoKnownAs), 10)]), MovedTo: o.MovedTo,
	}
}

// handle gives user@host. The host is the id's, or the one that the actor names (FEP-2c59) where both belong to the same owner:
// a foreign server must not appear under somebody else's domain.
func handle(o *activitypub.Object) string {
	user := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-~", r) {
			return r
		}
		return -1
	}, o.PreferredUsername)
	if user == "" || len(user) > 200 {
		return hostOf(o.ID)
	}
	u, host, at := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(o.WebFinger, "acct:"), "@"), "@")
	host = strings.ToLower(host)
	if at && strings.EqualFold(u, user) && !strings.ContainsAny(host, "/@ ") && domain("https://"+host) == domain(o.ID) {
		return user + "@" + host
	}
	return user + "@" + hostOf(o.ID)
}

// sharedInbox gives an actor's shared inbox where it is on the host of its own inbox: anything else would let one follower aim
// our posts at a server of its choice.
func sharedInbox(o *activitypub.Object) string {
	if len(o.SharedInbox) <= maxAddress && activitypub.SameOrigin(o.SharedInbox, o.Inbox) {
		return o.SharedInbox
	}
	return ""
}

// keep stores the actor of a letter beside what the letter changes, and asks for a refresh where the row is old.
func (i *Inbox) keep(ctx context.Context, tx *store.Tx, l *letter) error {
	if l.by == nil { // its own server spoke to us
		if err := tx.UnparkFollower(ctx, l.actor.ID); err != nil {
			return err
		}
	}
	if l.fetched {
		return putActor(ctx, tx, l.actor)
	}
	if l.now.Sub(l.actor.Fetched) > stale {
		return tx.AddErrand(ctx, store.Errand{URL: l.actor.ID, Reason: refreshActor, Next: l.now})
	}
	return nil
}

// putActor stores an actor and makes its pictures known to the media proxy.
func putActor(ctx context.Context, tx *store.Tx, a store.Actor) error {
	if err := tx.PutActor(ctx, a); err != nil {
		return err
	}
	var name activitypub.Tree
	if err := json.Unmarshal(a.Name, &name); err != nil {
		return err
	}
	pictures := append(picturesIn(name), a.Icon)
	if err := wantMedia(ctx, tx, pictures, smallSide); err != nil {
		return err
	}
	return tx.ShowMedia(ctx, a.ID, pictures...)
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, and trees of strings: they always marshal
	}
	return b
}

func firstOf(list ...string) string {
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

func hostOf(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
