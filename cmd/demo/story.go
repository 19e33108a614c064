package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/publisher"
)

// story lets the three people follow, publishes, lets them answer, and looks whether all of it is on the page. Each line is
// printed after it has happened.
func (w *world) story(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	if err := w.where(out); err != nil {
		return err
	}
	if err := w.follow(ctx); err != nil {
		return err
	}
	fmt.Fprint(out, " ada, bjork and chidi followed you")
	if _, err := publisher.Publish(ctx, publisher.Options{Config: w.config, Announce: true}); err != nil {
		return err
	}
	id := w.config.Addresses().Post(w.post.Key)
	for _, p := range w.peers {
		if err := p.waitFor(ctx, "Create", id); err != nil {
			return fmt.Errorf("waiting for the post to reach %s: %w", p.person.Handle(), err)
		}
	}
	fmt.Fprintf(out, " · %q reached 3 servers\n", short(w.post.Title))
	if err := w.answer(ctx, id); err != nil {
		return err
	}
	fmt.Fprintln(out, " bjork replied · ada liked · chidi boosted · ada answered bjork · all of it is on the page")
	page := w.config.Addresses().Page(w.post.Path)
	fmt.Fprintf(out, "Read it    %s#comments\n", page)
	fmt.Fprintf(out, "Write a reply as ada: %s/      Edit the post: %s\n", w.peers[0].Origin(), filepath.Join(w.folder(), filepath.FromSlash(w.post.File)))
	_, err := fmt.Fprintln(out, "Ctrl-C removes everything.")
	return err
}

// where prints the addresses.
func (w *world) where(out io.Writer) error {
	link, err := daemon.LoginLink(w.config, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Blog       %s        (a copy of content/, in %s)\n", w.config.Addresses().Home(), w.config.Dir)
	fmt.Fprintf(out, "Inbox      %s\n", link)
	_, err = fmt.Fprintf(out, "Fediverse  3 pretend servers: %s  %s  %s\n", w.peers[0].person.Handle(), w.peers[1].person.Handle(), w.peers[2].person.Handle())
	return err
}

// follow lets everybody look the blog up by its handle and follow it, and waits for its Accepts.
func (w *world) follow(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range w.peers {
		g.Go(func() error {
			if err := p.person.Follow(ctx, w.config.Addresses().Acct()); err != nil {
				return fmt.Errorf("%s follows: %w", p.person.Handle(), err)
			}
			return nil
		})
	}
	return g.Wait()
}

// What the people write. Their words are looked for on the page afterwards.
const (
	reply  = "This made me want to move my own notes at last. What do you do about pictures?"
	answer = "They lie beside the post, look at the source. Simple is enough here."
)

// answer is what comes back, and the proof that a reader without script sees it.
func (w *world) answer(ctx context.Context, id string) error {
	ada, bjork, chidi := w.peers[0].person, w.peers[1].person, w.peers[2].person
	comment, err := bjork.Reply(ctx, id, "<p>"+reply+"</p>")
	if err != nil {
		return fmt.Errorf("bjork replies: %w", err)
	}
	if _, err := ada.Like(ctx, id); err != nil {
		return fmt.Errorf("ada likes: %w", err)
	}
	if _, err := chidi.Boost(ctx, id); err != nil {
		return fmt.Errorf("chidi boosts: %w", err)
	}
	if _, err := ada.Reply(ctx, comment, "<p>"+answer+"</p>"); err != nil {
		return fmt.Errorf("ada answers bjork: %w", err)
	}
	return w.seen(ctx, reply, answer, "Chidi", "Ada")
}

// seen waits until a post's page, as inboxd serves it, holds all the words.
func (w *world) seen(ctx context.Context, words ...string) error {
	page := w.config.Addresses().Page(w.post.Path)
	for {
		html, err := w.client.File(ctx, page, 4<<20)
		missing := ""
		for _, word := range words {
			if !bytes.Contains(html, []byte(word)) {
				missing = word
			}
		}
		if err == nil && missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not show %q: %w", page, missing, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// waitFor waits until the server got one more activity of a type about a post than was told of before.
func (p *peer) waitFor(ctx context.Context, kind, id string) error {
	key := kind + " " + id
	got := 0
	err := p.Wait(ctx, func(list []*activitypub.Object) bool {
		got = 0
		for _, a := range list {
			if a.Is(kind) && len(a.Object) > 0 && a.Object[0].ID == id {
				got++
			}
		}
		return got > p.updates[key]
	})
	if err == nil {
		p.updates[key] = got
	}
	return err
}
