package remotetest

import (
	"context"
	"slices"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Formerly makes the account name others as its former selves (alsoKnownAs).
func (a *Account) Formerly(ids ...string) {
	a.server.update(func() { a.formerly = ids })
}

// MoveTo makes the account say that it is another one now, and tells its followers with a Move in Mastodon's shape.
func (a *Account) MoveTo(ctx context.Context, id string) error {
	a.server.update(func() { a.movedTo = id })
	move := a.activity("Move", a.newID("#moves/%d"), a.ID())
	move["target"] = id
	return a.deliver(ctx, move, a.followerInboxes())
}

// otherSelves writes into the account's actor what it was and where it went.
func (a *Account) otherSelves(doc map[string]any) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	if len(a.formerly) > 0 {
		doc["alsoKnownAs"] = slices.Clone(a.formerly)
	}
	if a.movedTo != "" {
		doc["movedTo"] = a.movedTo
	}
}

// answerMove lets each account that follows who moved follow the new actor, if that one names the old one, as Mastodon's MoveWorker
// does: after the Move is answered.
func (s *Server) answerMove(ctx context.Context, activity *activitypub.Object) {
	if !activity.Is("Move") || activity.Target == nil || len(activity.Object) != 1 || activity.Object[0].ID != activity.Actor.ID {
		return
	}
	from, to := activity.Actor.ID, activity.Target.ID
	for _, a := range s.followersOf(from) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		go func() {
			defer cancel()
			// What fails leaves the account where it was, which is what a test then sees.
			_ = a.refollow(ctx, from, to)
		}()
	}
}

func (a *Account) refollow(ctx context.Context, from, to string) error {
	target, err := a.get(ctx, to)
	if err != nil || !slices.Contains(target.AlsoKnownAs, from) {
		return err
	}
	if err := a.Follow(ctx, to); err != nil {
		return err
	}
	return a.unfollow(ctx, from)
}

func (s *Server) followersOf(id string) (list []*Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if _, ok := a.following[id]; ok {
			list = append(list, a)
		}
	}
	return list
}

// forget is what a Delete of an actor does: nobody follows it, none of its posts is here, nor its key. It runs under the server's lock.
func (s *Server) forget(actor string) {
	s.timeline = slices.DeleteFunc(s.timeline, func(p *Post) bool { return p.By == actor })
	for _, a := range s.accounts {
		delete(a.following, actor)
		delete(a.followers, actor)
	}
	for id, k := range s.keys {
		if k.owner == actor {
			delete(s.keys, id)
		}
	}
}
