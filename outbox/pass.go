package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// A blog that is a Group passes on what others say in its threads (FEP-1b12). What comes by itself and shows at once the inbox passes on as
// it came. All else is found here by comparing states: what the owner approved later or hid, what was fetched, edited or blocked away. So
// whatever changed a comment, and whether the daemon ran or not, its followers end with what the page shows, told once.

// passAtOnce bounds what one round tells of each kind; the rest waits for the next one.
const passAtOnce = 100

// pass does one round for a Group.
func (o *Outbox) pass(ctx context.Context) error {
	if !o.isGroup() || !o.o.Config.Federation.Enabled {
		return nil
	}
	a, n := o.o.Config.Addresses(), 0
	err := o.o.Store.Write(ctx, func(tx *store.Tx) error {
		n = 0
		since, err := tx.GroupSince(ctx, a.Actor(), o.o.Now())
		if err != nil {
			return err
		}
		gone, err := tx.NoMoreShown(ctx, passAtOnce)
		if err != nil {
			return err
		}
		added, err := tx.ToPass(ctx, a.Post(""), since, passAtOnce)
		if err != nil {
			return err
		}
		changed, err := tx.Outdated(ctx, passAtOnce)
		if err != nil {
			return err
		}
		n = len(gone) + len(added) + len(changed)
		return errors.Join(each(gone, func(p store.Passed) error { return o.takeBack(ctx, tx, p) }),
			each(added, func(c store.Comment) error { return o.passOn(ctx, tx, c) }),
			each(changed, func(c store.Comment) error { return o.passEdit(ctx, tx, c) }), tx.TidyPassed(ctx))
	})
	if n > 0 {
		wake(o.queued)
	}
	return err
}

func each[T any](list []T, f func(T) error) error {
	for _, one := range list {
		if err := f(one); err != nil {
			return err
		}
	}
	return nil
}

// passOn tells the Group's followers of a comment: by its Create as it came, else by one made of its words.
func (o *Outbox) passOn(ctx context.Context, tx *store.Tx, c store.Comment) error {
	p, err := tx.Passed(ctx, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p.Comment, p.Times, p.Edited = c.ID, p.Times+1, c.Updated
	p.Announce = o.passID(c.ID, p.Times)
	inner, public := created(c, p.Activity)
	if !public {
		p.Announce, p.Times = "", -1
		return tx.PutPassed(ctx, p)
	}
	list := []activitypub.Activity{o.around(p.Announce, inner)}
	if del, ok := o.moderated(c.ID, p.Times-1); ok && p.Times > 1 {
		undo := activitypub.Activity{ID: del.ID + "-undo", Type: "Undo", Actor: del.Actor, To: del.To, CC: del.CC, Audience: del.Audience, Object: del}
		list = append(list, o.around(p.Announce+"-undelete", undo))
	}
	if _, err := o.queueAll(ctx, tx, list, c.ID, time.Time{}); err != nil {
		return err
	}
	return tx.PutPassed(ctx, p)
}

// passEdit tells them that a comment was edited which nobody sent an Update of.
func (o *Outbox) passEdit(ctx context.Context, tx *store.Tx, c store.Comment) error {
	p, err := tx.Passed(ctx, c.ID)
	if err != nil {
		return err
	}
	p.Edited, p.Activity = c.Updated, nil
	if update, public := madeOf(c, "Update"); public {
		announce := o.around(o.passID(c.ID, p.Times)+"-edit-"+strconv.FormatInt(c.Updated.UnixMilli(), 10), update)
		if _, err := o.queueAll(ctx, tx, []activitypub.Activity{announce}, c.ID, time.Time{}); err != nil {
			return err
		}
	}
	return tx.PutPassed(ctx, p)
}

// takeBack undoes the Announce of what the page does not show any more. Lemmy reads no such Undo, but a Delete by a moderator.
func (o *Outbox) takeBack(ctx context.Context, tx *store.Tx, p store.Passed) error {
	a := o.o.Config.Addresses()
	undo := activitypub.Activity{Context: activityStreams, ID: p.Announce + "-undo", Type: "Undo", Actor: a.Actor(), To: []string{activitypub.Public},
		CC: []string{a.Followers()}, Object: activitypub.Activity{ID: p.Announce, Type: "Announce", Actor: a.Actor(), To: []string{activitypub.Public}, CC: []string{a.Followers()}, Object: p.Comment}}
	list := []activitypub.Activity{undo}
	if del, ok := o.moderated(p.Comment, p.Times); ok {
		list = append(list, o.around(p.Announce+"-delete", del))
	}
	if _, err := o.queueAll(ctx, tx, list, p.Comment, time.Time{}); err != nil {
		return err
	}
	if err := tx.DropActivity(ctx, p.Announce); err != nil { // its words are to be had from us no more
		return err
	}
	p.Announce = ""
	return tx.PutPassed(ctx, p)
}

// moderated is the Delete of somebody's comment by a moderator of the Group, which its followers alone get. A Group is none itself.
func (o *Outbox) moderated(comment string, times int64) (activitypub.Activity, bool) {
	actors := o.o.Config.Actors()
	a := o.o.Config.Addresses()
	if len(actors) < 2 {
		return activitypub.Activity{}, false
	}
	return activitypub.Activity{
		ID: o.passID(comment, times) + "-moderated", Type: "Delete", Actor: actors[1].ID, To: []string{activitypub.Public}, CC: []string{a.Actor()},
		Audience: a.Actor(), Summary: "removed by the blog", Object: comment,
	}, true
}

// passID is the id of the Announce of a comment that did not come by itself, or is told again.
func (o *Outbox) passID(comment string, times int64) string {
	sum := sha256.Sum256([]byte(comment + " " + strconv.FormatInt(times, 10)))
	return o.o.Config.Addresses().Activity("pass-" + hex.EncodeToString(sum[:16]))
}

// around is Wrap under a whole id.
func (o *Outbox) around(id string, inner any) activitypub.Activity {
	w := Wrap(o.o.Config.Addresses(), "", activitypub.Activity{})
	w.Context, w.ID, w.Object = activityStreams, id, inner
	return w
}

// created is the Create of a comment: as it came, else made of its words.
func created(c store.Comment, came []byte) (inner any, public bool) {
	if len(came) > 0 {
		o, err := activitypub.Read(came)
		return json.RawMessage(came), err == nil && len(o.Object) > 0 && o.Object[0].IsPublic()
	}
	return madeOf(c, "Create")
}

// madeOf makes an activity around a comment's own words: for what was fetched nobody sent one. It has the comment's id with a fragment,
// so that whoever asks for it gets those words from their own server, and no other.
func madeOf(c store.Comment, kind string) (inner any, public bool) {
	o, err := activitypub.Read(c.Source)
	if err != nil || o.ID != c.ID || strings.Contains(c.ID, "#") || !o.IsPublic() {
		return nil, false
	}
	words := document{raw: c.Source}
	if words.split() != nil {
		return nil, false
	}
	made := activitypub.Activity{ID: c.ID + "#create", Type: kind, Actor: c.Actor, To: slices.Clone(o.To), CC: slices.Clone(o.CC), Object: words.bare}
	if kind == "Update" {
		made.ID = c.ID + "#update-" + strconv.FormatInt(c.Updated.UnixMilli(), 10)
	}
	if len(words.context) > 0 {
		made.Context = words.context
	}
	return made, true
}
