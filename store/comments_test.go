package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func putComments(t testing.TB, s *Store, list ...Comment) {
	t.Helper()
	write(t, s, func(tx *Tx) error {
		for _, c := range list {
			if err := tx.PutComment(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
}

// answer is a reply to another comment.
func answer(n int, to Comment) Comment {
	c := reply(n)
	c.Parent = to.ID
	return c
}

func like(n int, parent string) Comment {
	c := reply(n)
	c.Kind, c.Parent, c.Content, c.ID = Like, parent, nil, c.ID+"#like"
	return c
}

func ids(list []CommentView) (out []string) {
	for _, v := range list {
		out = append(out, v.ID)
	}
	return out
}

func TestThread(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		full := reply(1)
		full.Warning, full.Sensitive, full.Attachments = []byte(`["cw"]`), true, []byte(`[{"URL":"https://a.example/1.png","Width":3}]`)
		full.Language, full.Updated = "de", noon.Add(time.Hour)
		held, hidden, other := reply(3), reply(4), reply(5)
		held.State, hidden.State, other.Post = Held, Hidden, "https://blog.example/ap/posts/b"
		putComments(t, s, reply(2), full, held, hidden, other)
		ada := Actor{ID: full.Actor, Type: "Person", Handle: "ada@social.example", Name: []byte(`["Ada"]`), URL: "https://social.example/@ada",
			Icon: "https://social.example/ada.png", Indexable: true, Created: noon}
		write(t, s, func(tx *Tx) error { return tx.PutActor(ctx, ada) })
		want := []CommentView{{full, ada}, {reply(2), ada}}
		if got := must(s.Thread(ctx, full.Post))(t); !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		if got := must(s.Thread(ctx, other.Post))(t); len(got) != 1 || got[0].By.ID != ada.ID {
			t.Errorf("other thread: %v", got)
		}
		page, total, err := s.CommentsIn(ctx, Shown, 1, 1)
		if err != nil || total != 3 || !slices.Equal(ids(page), []string{reply(2).ID}) {
			t.Errorf("CommentsIn: %v of %d, %v", ids(page), total, err)
		}
	})
}

func TestThreadWithUnknownActor(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		putComments(t, s, reply(1))
		want := []CommentView{{reply(1), Actor{ID: reply(1).Actor}}}
		if got := must(s.Thread(t.Context(), reply(1).Post))(t); !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
	})
}

func TestCountsAndIDs(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		post, first := reply(1).Post, reply(1)
		ofReply := like(3, first.ID)
		ofReply.ID += "-of-reply"
		putComments(t, s, first, answer(2, first), like(3, post), ofReply)
		for kind, want := range map[Kind][]string{Reply: {reply(1).ID, reply(2).ID}, Like: {like(3, post).ID}, Boost: nil} {
			got := must(s.CommentIDs(ctx, post, kind, 0, 10))(t)
			n := must(s.CommentCount(ctx, post, kind))(t)
			if !slices.Equal(got, want) || n != len(want) {
				t.Errorf("%s: ids %q, count %d, want %q", kind, got, n, want)
			}
		}
		if got := must(s.CommentIDs(ctx, post, Reply, 1, 1))(t); !slices.Equal(got, []string{reply(2).ID}) {
			t.Errorf("second page: %q", got)
		}
	})
}

// What the owner hid or the author removed stays so, whatever comes later under the same id.
func TestEditsDoNotBringBack(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		hidden, removed := reply(1), reply(2)
		putComments(t, s, hidden, removed, answer(3, removed))
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.SetCommentState(ctx, hidden.ID, Hidden), second(tx.RemoveComment(ctx, removed.ID)))
		})
		late := hidden
		late.Content, late.Updated, late.Received = []byte(`["edited"]`), noon.Add(time.Hour), noon.Add(time.Hour)
		putComments(t, s, late, removed)
		got := must(s.Comment(ctx, hidden.ID))(t)
		if got.State != Hidden || string(got.Content) != `["edited"]` || !got.Received.Equal(hidden.Received) {
			t.Errorf("after the edit of a hidden reply: %s %s, received %v", got.State, got.Content, got.Received)
		}
		if got := must(s.Comment(ctx, removed.ID))(t); got.State != Removed || got.Content != nil || got.Source != nil {
			t.Errorf("after a late Create of a removed reply: %s %s", got.State, got.Content)
		}
		err := s.Write(ctx, func(tx *Tx) error { return tx.SetCommentState(ctx, removed.ID, Shown) })
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("showing a removed reply: %v, want ErrNotFound", err)
		}
	})
}

func TestSecondLikeReplacesTheFirst(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		post := reply(1).Post
		again, emoji := like(2, post), like(3, post)
		emoji.Kind, emoji.Emoji = Reaction, "🎉"
		other := emoji
		other.ID, other.Emoji = other.ID+"-2", ":blob:"
		putComments(t, s, like(1, post), again, emoji, other)
		if got := must(s.CommentIDs(ctx, post, Like, 0, 9))(t); !slices.Equal(got, []string{again.ID}) {
			t.Errorf("likes: %q", got)
		}
		if n := must(s.CommentCount(ctx, post, Reaction))(t); n != 2 {
			t.Errorf("%d reactions of two emoji, want 2", n)
		}
		write(t, s, func(tx *Tx) error {
			if found, err := tx.RemoveReaction(ctx, Like, post, again.Actor, ""); !found || err != nil {
				t.Errorf("RemoveReaction: %v, %v", found, err)
			}
			if found, err := tx.RemoveReaction(ctx, Like, post, again.Actor, ""); found || err != nil {
				t.Errorf("RemoveReaction of nothing: %v, %v", found, err)
			}
			return nil
		})
		if n := must(s.CommentCount(ctx, post, Like))(t); n != 0 {
			t.Errorf("%d likes after Undo", n)
		}
	})
}

// An Undo names a reply's kind and parent: it must not take words away, which have their own Delete.
func TestRemoveReactionLeavesReplies(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		putComments(t, s, reply(1))
		write(t, s, func(tx *Tx) error {
			if found, err := tx.RemoveReaction(t.Context(), Reply, reply(1).Parent, reply(1).Actor, ""); found || err != nil {
				t.Errorf("RemoveReaction of a reply: %v, %v", found, err)
			}
			return nil
		})
	})
}

func TestRemoveComment(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		a := reply(1)
		b, c := answer(2, a), reply(3)
		c.Parent = b.ID
		putComments(t, s, a, b, c, like(4, b.ID))
		remove := func(id string, want bool) {
			t.Helper()
			write(t, s, func(tx *Tx) error {
				if got, err := tx.RemoveComment(ctx, id); got != want || err != nil {
					t.Errorf("RemoveComment(%s) = %v, %v, want %v", id, got, err, want)
				}
				return nil
			})
		}
		remove(b.ID, true)
		remove(b.ID, false)
		remove("https://nobody.example/1", false)
		thread := must(s.Thread(ctx, a.Post))(t)
		want := Comment{ID: b.ID, Kind: Reply, Post: b.Post, Parent: a.ID, Actor: b.Actor, Published: b.Published, Received: b.Received, State: Removed}
		if !slices.Equal(ids(thread), []string{a.ID, b.ID, c.ID}) || !cmp.Equal(thread[1].Comment, want) {
			t.Errorf("thread %q with %s", ids(thread), cmp.Diff(want, thread[1].Comment))
		}
		remove(a.ID, true)
		// The last answer takes the empty rows above it along.
		remove(c.ID, true)
		if got := must(s.Thread(ctx, a.Post))(t); len(got) != 0 {
			t.Errorf("rows left: %q", ids(got))
		}
	})
}

func TestRemoveActorComments(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		mine, own, theirs, under := reply(1), answer(2, reply(1)), reply(3), answer(4, reply(3))
		under.Actor = "https://other.example/u"
		putComments(t, s, mine, own, theirs, under, like(5, mine.Post))
		write(t, s, func(tx *Tx) error {
			if n, err := tx.RemoveActorComments(ctx, mine.Actor); n != 4 || err != nil {
				t.Errorf("RemoveActorComments: %d, %v, want 4", n, err)
			}
			return nil
		})
		thread := must(s.Thread(ctx, mine.Post))(t)
		if !slices.Equal(ids(thread), []string{theirs.ID, under.ID}) || thread[0].State != Removed || thread[0].Actor != "" {
			t.Errorf("thread: %+v", thread)
		}
		if must(s.ActorKnown(ctx, mine.Actor))(t) {
			t.Error("the actor is still known")
		}
	})
}

// The pictures of removed words go with them.
func TestRemoveCommentForgetsItsPictures(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const picture = "https://social.example/1.png"
		c := reply(1)
		c.Attachments = []byte(`[{"URL":"` + picture + `"}]`)
		putComments(t, s, c)
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.WantMedia(ctx, picture, 640), tx.PutMedia(ctx, Media{URL: picture, Type: "image/png", Data: []byte("png"), Fetched: noon}),
				second(tx.RemoveComment(ctx, c.ID)))
		})
		if m := must(s.Media(ctx, MediaHash(picture)))(t); m.Data != nil || !m.Fetched.IsZero() {
			t.Errorf("our copy is still here: %q", m.Data)
		}
	})
}

func TestThreadVersionChangesWithWhatShows(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		post := reply(1).Post
		last := must(s.ThreadVersion(ctx, post))(t)
		step := func(what string, changes bool, f func(tx *Tx) error) {
			t.Helper()
			write(t, s, f)
			v := must(s.ThreadVersion(ctx, post))(t)
			if (v != last) != changes {
				t.Errorf("%s: version %q after %q; should change: %v", what, v, last, changes)
			}
			last = v
		}
		ada := Actor{ID: reply(1).Actor, Name: []byte(`["Ada"]`), Fetched: noon}
		renamed, refetched := ada, ada
		renamed.Name, refetched.Fetched = []byte(`["Countess"]`), noon.Add(time.Hour)
		held := reply(2)
		held.State = Held
		elsewhere := reply(9)
		elsewhere.Post = "https://blog.example/ap/posts/b"
		edited := reply(1)
		edited.Content = []byte(`["edited"]`)
		step("a reply", true, func(tx *Tx) error { return tx.PutComment(ctx, reply(1)) })
		step("an edit", true, func(tx *Tx) error { return tx.PutComment(ctx, edited) })
		step("an actor's first fetch", true, func(tx *Tx) error { return tx.PutActor(ctx, ada) })
		step("the same actor fetched again", false, func(tx *Tx) error { return tx.PutActor(ctx, refetched) })
		step("a new name", true, func(tx *Tx) error { return tx.PutActor(ctx, renamed) })
		step("a stranger's name", false, func(tx *Tx) error { return tx.PutActor(ctx, Actor{ID: "https://x.example/u", Name: []byte(`["X"]`)}) })
		step("a held reply", false, func(tx *Tx) error { return tx.PutComment(ctx, held) })
		step("a reply to another post", false, func(tx *Tx) error { return tx.PutComment(ctx, elsewhere) })
		step("approval", true, func(tx *Tx) error { return tx.SetCommentState(ctx, held.ID, Shown) })
		step("a like", true, func(tx *Tx) error { return tx.PutComment(ctx, like(3, post)) })
		step("its Undo", true, func(tx *Tx) error { return second(tx.RemoveReaction(ctx, Like, post, ada.ID, "")) })
		step("an Undo of nothing", false, func(tx *Tx) error { return second(tx.RemoveReaction(ctx, Like, post, ada.ID, "")) })
		step("a removal", true, func(tx *Tx) error { return second(tx.RemoveComment(ctx, held.ID)) })
		step("the actor's end", true, func(tx *Tx) error { return tx.DeleteActor(ctx, ada.ID) })
		step("the end of its words", true, func(tx *Tx) error { return second(tx.RemoveActorComments(ctx, ada.ID)) })
	})
}
