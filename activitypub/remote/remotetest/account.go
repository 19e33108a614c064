package remotetest

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// Account is one pretend person.
type Account struct {
	// Scheme is how the account signs. Set it before it does anything.
	Scheme signature.Scheme

	server    *Server
	user      string
	name      string
	since     time.Time
	private   func() (crypto.Signer, error)
	following map[string]followed // by actor id; guarded by server.mu
	followers map[string]string   // inbox by actor id; likewise
	formerly  []string            // alsoKnownAs; likewise
	movedTo   string              // likewise
}

// followed is one actor that the account follows.
type followed struct {
	handle   string
	page     string
	inbox    string
	activity map[string]any // the Follow, for Undo
}

// ID is the actor's id.
func (a *Account) ID() string { return a.server.origin + "/users/" + a.user }

// Handle is "user@host".
func (a *Account) Handle() string { return a.user + "@" + a.server.host }

// Name is the name that others are shown.
func (a *Account) Name() string { return a.name }

// User is the first half of the handle.
func (a *Account) User() string { return a.user }

// URL is the account's page for people.
func (a *Account) URL() string { return a.server.origin + "/@" + a.user }

// Key is what the account signs with.
func (a *Account) Key() (signature.Key, error) {
	private, err := a.private()
	return signature.Key{ID: a.ID() + "#main-key", Private: private}, err
}

// newID makes an id that was never given before.
func (a *Account) newID(format string) string {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.server.next++
	return a.ID() + fmt.Sprintf(format, a.server.next)
}

// activity makes an activity of the account.
func (a *Account) activity(kind, id string, object any) map[string]any {
	return map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       id, "type": kind, "actor": a.ID(), "object": object,
	}
}

// Follow looks the handle up by WebFinger, follows that actor and waits for its Accept. The address of an actor or of its page
// does in the place of the handle.
func (a *Account) Follow(ctx context.Context, handle string) error {
	id := handle
	if !strings.Contains(handle, "://") {
		var err error
		if id, err = a.finger(ctx, handle); err != nil {
			return err
		}
	}
	actor, err := a.get(ctx, id)
	if err != nil {
		return err
	}
	follow := a.activity("Follow", a.newID("#follows/%d"), actor.ID)
	if err := a.deliver(ctx, follow, []string{actor.Inbox}); err != nil {
		return err
	}
	if err := a.waitAccept(ctx, follow["id"].(string), actor.ID); err != nil {
		return fmt.Errorf("following %s: %w", handle, err)
	}
	f := followed{actor.PreferredUsername + "@" + hostOf(actor.ID), pageOf(actor), actor.Inbox, follow}
	a.server.update(func() { a.following[actor.ID] = f })
	return nil
}

var errRejected = errors.New("the follow was rejected")

// waitAccept waits for the answer to a Follow, which names it by id or embeds it.
func (a *Account) waitAccept(ctx context.Context, follow, by string) error {
	var rejected bool
	err := a.server.Wait(ctx, func(received []*activitypub.Object) bool {
		return slices.ContainsFunc(received, func(o *activitypub.Object) bool {
			answers := o.Is("Accept", "Reject") && o.Actor.ID == by && len(o.Object) == 1 && o.Object[0].ID == follow
			rejected = answers && o.Is("Reject")
			return answers
		})
	})
	if rejected {
		return errRejected
	}
	return err
}

// Following gives the ids of the actors that the account follows.
func (a *Account) Following() []string {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return slices.Sorted(maps.Keys(a.following))
}

// Unfollow takes back every Follow of the account.
func (a *Account) Unfollow(ctx context.Context) error {
	a.server.mu.Lock()
	following := maps.Clone(a.following)
	a.server.mu.Unlock()
	for id := range following {
		if err := a.unfollow(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *Account) unfollow(ctx context.Context, id string) error {
	a.server.mu.Lock()
	f := a.following[id]
	a.server.mu.Unlock()
	undo := a.activity("Undo", a.newID("#undos/%d"), withoutContext(f.activity))
	if err := a.deliver(ctx, undo, []string{f.inbox}); err != nil {
		return err
	}
	a.server.update(func() { delete(a.following, id) })
	return nil
}

func withoutContext(activity map[string]any) map[string]any {
	inner := maps.Clone(activity)
	delete(inner, "@context")
	return inner
}

// Like sends a Like of an object to who wrote it, and gives the Like's id.
func (a *Account) Like(ctx context.Context, object string) (id string, err error) {
	return a.react(ctx, object, a.activity("Like", a.newID("#likes/%d"), object))
}

// React sends an EmojiReact in Pleroma's shape. emoji is a character, or ":name:" for a picture that the server serves.
func (a *Account) React(ctx context.Context, object, emoji string) (id string, err error) {
	react := a.activity("EmojiReact", a.newID("#reacts/%d"), object)
	react["content"] = emoji
	if tag := a.server.emoji(emoji); tag != nil {
		react["tag"] = []any{tag}
	}
	return a.react(ctx, object, react)
}

// Boost sends an Announce of an object to who wrote it, and gives the Announce's id.
func (a *Account) Boost(ctx context.Context, object string) (id string, err error) {
	author, o, err := a.authorOf(ctx, object)
	if err != nil {
		return "", err
	}
	announce := a.activity("Announce", a.newID("/statuses/%d")+"/activity", o.ID)
	announce["published"] = stamp(time.Now())
	announce["to"] = []string{activitypub.Public}
	announce["cc"] = []string{author.ID, a.ID() + "/followers"}
	return announce["id"].(string), a.deliver(ctx, announce, []string{inboxOf(author)})
}

func (a *Account) react(ctx context.Context, object string, activity map[string]any) (string, error) {
	author, o, err := a.authorOf(ctx, object)
	if err != nil {
		return "", err
	}
	activity["object"] = o.ID
	return activity["id"].(string), a.deliver(ctx, activity, []string{author.Inbox})
}

// Undo takes back a Like, Announce, EmojiReact or Follow by its id.
func (a *Account) Undo(ctx context.Context, id string) error {
	a.server.mu.Lock()
	sent, ok := a.server.sent[id]
	a.server.mu.Unlock()
	if !ok {
		return fmt.Errorf("%s was never sent", id)
	}
	return a.deliver(ctx, a.activity("Undo", id+"/undo", withoutContext(sent.activity)), sent.inboxes)
}

// authorOf fetches an object and the actor that wrote it.
func (a *Account) authorOf(ctx context.Context, object string) (author, o *activitypub.Object, err error) {
	if o, err = a.get(ctx, object); err != nil {
		return nil, nil, err
	}
	if len(o.AttributedTo) == 0 {
		return nil, nil, fmt.Errorf("%s is by nobody", object)
	}
	author, err = a.get(ctx, o.AttributedTo[0].ID)
	return author, o, err
}

// inboxOf is where an actor's server wants public things.
func inboxOf(actor *activitypub.Object) string {
	if actor.SharedInbox != "" {
		return actor.SharedInbox
	}
	return actor.Inbox
}

// pageOf is the first address of an object for people, its id where it has none.
func pageOf(o *activitypub.Object) string {
	if len(o.URL) > 0 {
		return o.URL[0].Href
	}
	return o.ID
}

// stamp writes a time as Mastodon does.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
