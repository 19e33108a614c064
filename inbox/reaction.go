package inbox

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// like takes a Like, a Dislike or an emoji reaction to a post or to a comment under one.
func (i *Inbox) like(ctx context.Context, l *letter) (effect, error) {
	a := l.activity
	c := store.Comment{Kind: store.Like}
	if a.Type == "Dislike" {
		c.Kind = store.Dislike
	} else if name, src := reactionOf(a); name != "" {
		c.Kind, c.Emoji, c.EmojiURL = store.Reaction, name, src
	}
	return i.react(l, c), nil
}

// announce takes a boost of a post or of a comment under one. What a group passes on wrapped into an Announce is no boost (wrapped.go).
func (i *Inbox) announce(ctx context.Context, l *letter) (effect, error) {
	o := l.activity.Object[0]
	if isActivityType(o) {
		return i.wrapped(ctx, l, o)
	}
	// A boost for somebody's followers only is neither shown nor counted: nobody meant it for the public.
	if !l.activity.IsPublic() {
		return nil, nil
	}
	return i.react(l, store.Comment{Kind: store.Boost}), nil
}

// isActivityType tells whether an object is itself an activity: liking a like is nothing that we count.
func isActivityType(o *activitypub.Object) bool {
	return o.Is("Create", "Update", "Delete", "Like", "Dislike", "EmojiReact", "Announce", "Undo", "Follow", "Block", "Accept", "Reject",
		"Add", "Remove", "Flag", "Move")
}

// react stores a like, boost or reaction, once for each actor.
func (i *Inbox) react(l *letter, c store.Comment) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		at, err := i.resolve(ctx, tx, l.activity.Object[0].ID)
		if errors.Is(err, errElsewhere) {
			return errIgnored
		}
		if err != nil {
			return err
		}
		if err := i.clickable(ctx, tx, at, l.actor.ID, c.Kind); err != nil {
			return notAllowedHere(err)
		}
		if old, err := tx.Comment(ctx, l.id); err == nil && (old.Actor != l.actor.ID || old.Kind != c.Kind) {
			return refusal{status: http.StatusForbidden, why: "that id is in use"}
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		c.ID, c.Post, c.Parent, c.Actor, c.State = l.id, at.article.ID, at.id, l.actor.ID, store.Shown
		c.URL, c.Received, c.Published = l.actor.URL, l.now, past(l.activity.Published, l.now)
		if err := tx.PutComment(ctx, c); err != nil {
			return err
		}
		if err := supersede(ctx, tx, c, l.actor.URL, l.actor.ID); err != nil {
			return err
		}
		if err := wantPictures(ctx, tx, c); err != nil {
			return err
		}
		return i.keep(ctx, tx, l)
	}
}

// reactionOf gives the emoji of a Like or EmojiReact and the picture of a custom one. "" is a plain like: so is a custom emoji without
// its picture, and any content that is no emoji, for a page must not print words as a reaction.
func reactionOf(a *activitypub.Object) (name, src string) {
	text := strings.TrimSpace(firstOf(a.MisskeyReaction, a.Content))
	if shortcode, ok := customEmoji(text); ok {
		emoji := emojiOf(a)
		for _, n := range []string{text, shortcode} {
			if src := emoji[n]; src != "" {
				return shortcode, src
			}
		}
		return "", ""
	}
	if isEmoji(text) {
		return text, ""
	}
	return "", ""
}

// customEmoji reads ":name:" and Misskey's ":name@host:"; shortcode is ":name:".
func customEmoji(s string) (shortcode string, ok bool) {
	name := strings.Trim(s, ":")
	if len(s) < 3 || len(s) > 200 || s[0] != ':' || s[len(s)-1] != ':' || name == "" {
		return "", false
	}
	name, _, _ = strings.Cut(name, "@")
	return ":" + name + ":", true
}

// isEmoji tells whether a short text is one emoji: symbols, joiners, modifiers and the digits of a keycap, and no letters.
func isEmoji(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > 12 {
		return false
	}
	symbol := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.So, r), unicode.Is(unicode.Sk, r) && r > 0x7f, r == 0x20e3, r == 0x203c, r == 0x2049, r > 0x2190 && unicode.IsSymbol(r):
			symbol = true
		case r == 0x200d, r == 0xfe0e, r == 0xfe0f, r >= '0' && r <= '9', r == '#', r == '*', r >= 0xe0020 && r <= 0xe007f:
		default:
			return false
		}
	}
	return symbol
}
