// Package outbox is what leaves: the published list → followers' servers.
//
// In comes the list that publish left (site.PublishedList), from a folder or over https, and activities that other rooms queue (an
// Accept). Out go signed requests, through remote. Between the two lies one row for each activity and inbox, durable before anything
// is sent: what is sent is never decided in memory, so a crash, a second run or a day of downtime all end in the same place.
//
// It compares states and counts no events (reconcile.go), because events get lost. It is cautious about absence, because a Delete
// cannot be taken back: only a tombstone deletes. It delivers in lanes, one a server (deliver.go), so that a bad server delays nobody
// else. It knows nothing of what arrives: inbox tells it that a server was heard (Heard), and no more.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// Options of an Outbox. Keys maps one of our actors' ids to its key, Retiring to the one before while it is being replaced: it signs
// to an inbox until the Update that brings the new one has been taken there. Proofs maps our actors' ids to the Ed25519 keys that
// their activities are proven with (FEP-8b32); an actor without one proves nothing.
type Options struct {
	Config   *site.Config
	Store    *store.Store
	Client   *remote.Client
	Keys     map[string]signature.Key
	Retiring map[string]signature.Key
	Proofs   map[string]signature.Key
	Now      func() time.Time // default time.Now
	Log      *slog.Logger     // default slog.Default()
}

// Outbox reconciles and delivers. It is safe for concurrent use.
type Outbox struct {
	o      Options
	source source
	random func() float64 // in [0, 1): the jitter of retries

	listed  chan struct{} // wakes the reconciling loop
	queued  chan struct{} // wakes the delivering loop
	slots   chan struct{} // one for each young attempt under way
	patient time.Duration // for so long an attempt keeps its slot

	delivering sync.Mutex // one dispatcher at a time

	mu     sync.Mutex      // one round of Reconcile at a time
	done   string          // sum of the list with which nothing is left to do
	warned *string         // sum of the list that was warned of last
	began  time.Time       // when the round under way began
	next   time.Time       // when the next scheduled post is released; zero: none is known
	odd    string          // the release that was last warned of
	copied func()          // after each step of a release: tests stop there; may be nil
	waits  map[string]wait // replies whose parent is not found yet, by id
}

// New makes an Outbox. It touches neither disk nor network.
func New(o Options) *Outbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Outbox{
		o:       o,
		source:  sourceOf(o.Config, o.Client),
		random:  rand.Float64,
		listed:  make(chan struct{}, 1),
		queued:  make(chan struct{}, 1),
		slots:   make(chan struct{}, maxYoung),
		patient: youth,
	}
}

// Run reconciles when the published list changes (fsnotify), when Wake is called, and every minute; and delivers what is due. It returns
// when ctx ends and the attempts under way are over and written down, at most some seconds later.
func (o *Outbox) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	loops.Go(func() { o.watch(ctx) })
	loops.Go(func() { o.reconcileLoop(ctx) })
	loops.Go(func() { o.deliverLoop(ctx) })
	loops.Go(func() { o.siteLoop(ctx) })
	loops.Wait()
	return nil
}

// Wake asks for a round now.
func (o *Outbox) Wake() {
	wake(o.listed)
	wake(o.queued)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is asked for already
	}
}

func (o *Outbox) reconcileLoop(ctx context.Context) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	release := time.NewTimer(time.Hour)
	defer release.Stop()
	for ctx.Err() == nil {
		if _, err := o.Reconcile(ctx); err != nil && ctx.Err() == nil {
			o.o.Log.Error("the published list could not be compared with what followers were told; trying again in a minute", "err", err)
		}
		if err := o.pass(ctx); err != nil && ctx.Err() == nil {
			o.o.Log.Error("what the page shows could not be compared with what was passed on; trying again in a minute", "err", err)
		}
		release.Reset(o.untilRelease())
		select {
		case <-ctx.Done():
		case <-o.listed:
		case <-minute.C:
		case <-release.C:
		}
	}
}

// Report counts what one round of Reconcile queued.
type Report struct{ Created, Updated, Deleted, Deliveries int }

// Reconcile does one round: it puts into place what is scheduled for a moment that has come, and tells followers what changed: the published list against the ledger, one transaction a post. It reports what it told. A post that
// cannot be told yet (publish is at work, its page is not to be seen) waits for the next round and keeps no other back.
func (o *Outbox) Reconcile(ctx context.Context) (Report, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var r Report
	o.began = o.o.Now()
	o.release(ctx)
	list, sum, err := o.source.list(ctx)
	if err != nil || sum != "" && sum == o.done {
		return r, err
	}
	ledger, err := o.o.Store.Articles(ctx)
	if err != nil {
		return r, err
	}
	todo, warnings := decide(list, ledger, o.o.Config.Federation.Enabled, o.o.Now())
	todo, left, err := o.remaining(ctx, todo)
	if err != nil {
		return r, err
	}
	o.warn(append(warnings, left...), sum)
	waiting := 0
	for _, d := range todo {
		err := o.apply(ctx, d, &r)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			waiting++
			o.complain(d.id, err, waiting)
		}
	}
	if o.o.Config.Federation.Enabled {
		if err := o.pins(ctx, list, &r); err != nil {
			return r, err
		}
	}
	if o.done = sum; waiting > 0 {
		o.done = ""
	}
	if r.Deliveries > 0 {
		wake(o.queued)
	}
	return r, nil
}

// complain says why a post waits for the next round, of the first few.
func (o *Outbox) complain(id string, err error, nth int) {
	const few = 5
	switch {
	case errors.Is(err, errNotYet), nth > few:
	case nth == few:
		o.o.Log.Info("more posts wait for the next round")
	case errors.Is(err, ErrNoParent), errors.Is(err, ErrPrivate):
		o.o.Log.Warn("a reply is not sent yet", "id", id, "why", err)
	case errors.Is(err, errHalfWritten), errors.Is(err, errUnseen):
		o.o.Log.Info("a post waits for the next round", "id", id, "why", err)
	default:
		o.o.Log.Error("a post could not be told to followers; trying again in a minute", "id", id, "err", err)
	}
}

// warn says once for each list what is wrong with it: the list is read every minute.
func (o *Outbox) warn(warnings []warning, sum string) {
	if o.warned != nil && *o.warned == sum {
		return
	}
	o.warned = &sum
	for _, w := range warnings {
		o.o.Log.Warn("a post "+w.text, "id", w.id)
	}
}

// Round reconciles once and then delivers until nothing is due any more: what Run does again and again, for tests and tools that keep
// their own clock.
func (o *Outbox) Round(ctx context.Context) (Report, error) {
	r, err := o.Reconcile(ctx)
	if err == nil {
		err = o.pass(ctx)
	}
	if err != nil {
		return r, err
	}
	return r, o.Deliver(ctx)
}

// Queue makes an activity durable with one delivery for each inbox, in the caller's transaction (an Accept, with the follower's row).
// Wake afterwards. object is what orders deliveries: activities about the same object reach an inbox in the order they were queued.
// A Create, Update and Delete of one object settle what has not left (store.AddDeliveries).
func (o *Outbox) Queue(ctx context.Context, tx *store.Tx, a activitypub.Activity, object string, inboxes []string) error {
	return o.queue(ctx, tx, a, object, inboxes, time.Time{})
}

// TellActor queues, in the caller's transaction, that one of our actors is described by another document now, for its followers. key ends
// the id of the Update.
func (o *Outbox) TellActor(ctx context.Context, tx *store.Tx, key string, doc activitypub.Actor) error {
	a := o.o.Config.Addresses()
	inboxes, err := tx.FollowerInboxes(ctx, doc.ID)
	if err != nil {
		return err
	}
	doc.Context = nil
	return o.Queue(ctx, tx, activitypub.Activity{
		Context: activitypub.ActorContext, ID: a.Activity(key), Type: "Update", Actor: doc.ID, To: []string{activitypub.Public},
		CC: []string{a.FollowersOf(doc.ID)}, Object: doc,
	}, doc.ID, inboxes)
}

var errSameID = errors.New("an activity needs an id of its own, not its object's")

func (o *Outbox) queue(ctx context.Context, tx *store.Tx, a activitypub.Activity, object string, inboxes []string, notBefore time.Time) error {
	if s, err := tx.Standing(ctx, a.Actor); err != nil || !s.Retired.IsZero() && a.ID != RetireID(o.o.Config.Addresses(), a.Actor) {
		return err // who is no more says nothing any more
	}
	doc, err := o.written(a)
	if err != nil {
		return err
	}
	if a.ID == objectID(doc) { // peers keep both under one roof: the second would be taken for the first
		return errSameID
	}
	row := store.Activity{ID: a.ID, Type: a.Type, Object: object, Actor: a.Actor, Public: listed(a), JSON: doc, At: o.o.Now()}
	if err := tx.AddActivity(ctx, row); err != nil {
		return err
	}
	return tx.AddDeliveries(ctx, row, slices.DeleteFunc(slices.Clone(inboxes), ours(o.o.Config.Addresses())), notBefore)
}

// objectID is the id of an activity's object, embedded or bare; "" if it has none.
func objectID(activity []byte) (id string) {
	var a struct{ Object json.RawMessage }
	if json.Unmarshal(activity, &a) != nil || json.Unmarshal(a.Object, &id) == nil {
		return id
	}
	var o struct{ ID string }
	_ = json.Unmarshal(a.Object, &o)
	return o.ID
}

// Ours tells whether an inbox lies on a host of the blog, or is written so oddly that nobody can tell (no plain host, a username, a
// trailing dot): an actor may name any address as its inbox, and signed POSTs to our own pages are not for strangers to order.
func Ours(a site.Addresses, inbox string) bool { return ours(a)(inbox) }

// ours is Ours, for asking of many.
func ours(a site.Addresses) func(inbox string) bool {
	own := []string{""}
	for _, host := range []string{a.Host(), a.SiteHost()} {
		own = append(own, activitypub.Origin("https://"+host), activitypub.Origin("http://"+host))
	}
	return func(inbox string) bool { return slices.Contains(own, activitypub.Origin(inbox)) }
}

// public tells whether everybody may see what is addressed like this.
func public(to, cc []string) bool {
	return slices.Contains(to, activitypub.Public) || slices.Contains(cc, activitypub.Public)
}

// listed tells whether the outbox collection shows an activity: what made something public. Updates need no place of their own,
// because the Create carries what they say.
func listed(a activitypub.Activity) bool {
	public := slices.Contains(a.To, activitypub.Public) || slices.Contains(a.CC, activitypub.Public)
	_, plain := a.Object.(string) // what a Group passes on whole is in its author's outbox, or another server's
	return public && (a.Type == "Create" || a.Type == "Announce" && plain)
}
