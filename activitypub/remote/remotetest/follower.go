package remotetest

import (
	"context"
	"maps"
	"slices"

	"github.com/postil-blog/postil/activitypub"
)

// answerFollow answers a Follow of one of the accounts with an Accept and forgets a follower with its Undo, as an account does that
// needs no approval. It runs before the Follow is answered, so that the Accept may come first: peers do that too.
func (s *Server) answerFollow(ctx context.Context, activity *activitypub.Object) error {
	if len(activity.Object) != 1 {
		return nil
	}
	object, by := activity.Object[0], activity.Actor.ID
	if activity.Is("Undo") && object.Is("Follow") && len(object.Object) == 1 {
		if a := s.fingered(object.Object[0].ID); a != nil {
			s.update(func() { delete(a.followers, by) })
		}
		return nil
	}
	a := s.fingered(object.ID)
	if !activity.Is("Follow") || a == nil {
		return nil
	}
	actor, err := a.get(ctx, by)
	if err != nil {
		return err
	}
	s.update(func() { a.followers[by] = inboxOf(actor) })
	accept := a.activity("Accept", a.newID("#accepts/follows/%d"), map[string]any{
		"id": activity.ID, "type": "Follow", "actor": by, "object": a.ID()})
	return a.deliver(ctx, accept, []string{actor.Inbox})
}

// Followers gives the ids of the actors that follow the account.
func (a *Account) Followers() []string {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return slices.Sorted(maps.Keys(a.followers))
}

// followerInboxes are where its public notes go besides those that they name.
func (a *Account) followerInboxes() []string {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return slices.Collect(maps.Values(a.followers))
}
