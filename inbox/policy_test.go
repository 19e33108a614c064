package inbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// ruled is a world whose post has rules: who may reply, like and boost.
func ruled(t *testing.T, reply, like, boost string) *world {
	t.Helper()
	w := newWorld(t)
	policy := `{"canReply":{"automaticApproval":["` + reply + `"]},"canLike":{"automaticApproval":["` + like + `"]},"canAnnounce":{"automaticApproval":["` + boost + `"]}}`
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: post, URL: page, Name: "One", Published: w.now.Add(-time.Hour), Revision: 1, Announced: true,
			JSON: []byte(`{"id":"` + post + `","type":"Article","attributedTo":"` + us + `","to":["` + public + `"],"interactionPolicy":` + policy + `}`)})
	})
	return w
}

const fans = blog + "/ap/followers"

// TestPolicyAtTheDoor: what a post's rules do not allow is refused with 403 and leaves nothing; who follows may what followers may.
func TestPolicyAtTheDoor(t *testing.T) {
	t.Parallel()
	boost := func(by string) m { return activity("Announce", by+"/b", by, post, m{"to": []string{public}}) }
	for _, c := range []struct {
		reply, like, boost string
		stranger, follower string // of a reply, a like, a reaction, a boost: 2 taken, 4 refused
	}{
		{public, public, public, "2222", "2222"}, {fans, fans, fans, "4444", "2222"}, {us, us, us, "4444", "4444"}, {us, public, fans, "4224", "4222"},
	} {
		w := ruled(t, c.reply, c.like, c.boost)
		w.send(activity("Follow", bobID+"/f", bobID, us, nil))
		for by, want := range map[string]string{aliceID: c.stranger, bobID: c.follower} {
			var got strings.Builder
			for _, doc := range []m{create(note(by+"/n", by, post, nil)), activity("Like", by+"/l", by, post, nil), activity("EmojiReact", by+"/e", by, post, m{"content": "🎉"}), boost(by)} {
				status := w.post(letter{doc: doc, signer: by})
				got.WriteByte(byte('0' + status/100))
				if status != http.StatusAccepted && status != http.StatusForbidden {
					t.Errorf("%s: status %d", doc["type"], status)
				}
			}
			if got.String() != want {
				t.Errorf("%v: of %s was taken %s, want %s", c, by, &got, want)
			}
			if _, there := w.comment(by + "/n"); there != (want[0] == '2') {
				t.Errorf("%v: the reply of %s is here: %v", c, by, there)
			}
		}
	}
}

// TestPolicyOfAThread: a post's rule is for all of its page, also for what is fetched or has waited; whom the owner answered may answer back.
func TestPolicyOfAThread(t *testing.T) {
	t.Parallel()
	w := ruled(t, fans, public, public)
	w.send(activity("Follow", bobID+"/f", bobID, us, nil))
	w.send(create(note(aliceID+"/waits", aliceID, bobID+"/n", nil))) // before what it answers
	w.send(create(note(bobID+"/n", bobID, post, nil)))
	if _, there := w.comment(bobID + "/n"); !there {
		t.Fatal("the follower's reply is not here")
	}
	if _, there := w.comment(aliceID + "/waits"); there {
		t.Error("a stranger's reply that has waited is here")
	}
	w.sendAs(aliceID, create(note(aliceID+"/below", aliceID, bobID+"/n", nil)), http.StatusForbidden)
	w.peers.serve(aliceID+"/found", served(note(aliceID+"/found", aliceID, bobID+"/n", nil)))
	w.send(activity("Create", bobID+"/c", bobID, aliceID+"/found", m{"to": []string{public}}))
	w.round()
	if _, there := w.comment(aliceID + "/found"); there {
		t.Error("a stranger's reply that was fetched is here")
	}
	w.send(activity("Like", aliceID+"/like", aliceID, bobID+"/n", nil))
	own := blog + "/ap/posts/answer"
	w.write(func(tx *store.Tx) error {
		doc := `{"id":"` + own + `","type":"Note","attributedTo":"` + us + `","to":["` + public + `"],"tag":[{"type":"Mention","href":"` + aliceID + `","name":"@alice"}]}`
		if err := tx.PutArticle(t.Context(), store.Article{ID: own, Published: w.now, Revision: 1, Announced: true, InReplyTo: bobID + "/n", JSON: []byte(doc)}); err != nil {
			return err
		}
		return tx.PutComment(t.Context(), store.Comment{ID: own, Kind: store.Reply, Post: post, Parent: bobID + "/n", Actor: us, State: store.Shown, Published: w.now, Received: w.now, Content: []byte("[]")})
	})
	w.send(create(note(aliceID+"/asked", aliceID, own, nil)))
	if _, there := w.comment(aliceID + "/asked"); !there {
		t.Error("who was asked may not answer")
	}
	w.sendAs(evilID, create(note(evilID+"/n", evilID, own, nil)), http.StatusForbidden)
}
