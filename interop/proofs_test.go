package interop

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/activitypub/signature"
)

// TestProofs has Fedify verify the integrity proofs (FEP-8b32) of what the blog sends and serves, and the blog take what Fedify proved from a third
// server that brings it. What was changed on the way is refused on both sides.
func TestProofs(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"fedify-1.5", "fedify-2.3"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			p := startPeer(t, folder, nil)
			b := startBlog(t, "", map[string]string{"tide.md": firstPost})
			away := httptest.NewUnstartedServer(nil)
			third := remotetest.New("http://" + away.Listener.Addr().String())
			away.Config.Handler = third
			away.Start()
			t.Cleanup(away.Close)
			t.Cleanup(third.Close)
			p.verifiesOurs(t, b, third)
			p.isBrought(t, b, third.Account("relay", "Relay"))
		})
	}
}

// verifiesOurs has Fedify look at the activities of a post's life, as a follower gets them and as they are served.
func (p *peer) verifiesOurs(t *testing.T, b *blog, third *remotetest.Server) {
	t.Helper()
	if err := third.Account("ada", "Ada").Follow(t.Context(), b.addr.Acct()); err != nil {
		t.Fatal(err)
	}
	b.write("told.md", postNamed("told", "Told"))
	b.publish()
	var create map[string]any
	eventually(t, "the follower got the post", func() error {
		for _, o := range third.Received() {
			var doc map[string]any
			if err := json.Unmarshal(o.Raw, &doc); err != nil {
				return err
			}
			p.verifies(t, doc, true)
			if o.Is("Create") {
				create = doc
			}
		}
		if create == nil {
			return errors.New("not yet")
		}
		return nil
	})
	served := b.document(create["id"].(string))
	p.verifies(t, served, true)
	for name, value := range map[string]any{"published": "2001-01-01T00:00:00Z", "id": create["id"].(string) + "1", "object": b.addr.Post("tide")} {
		changed := maps.Clone(create)
		changed[name] = value
		p.verifies(t, changed, false)
	}
}

func (p *peer) verifies(t *testing.T, doc map[string]any, want bool) {
	t.Helper()
	if doc["proof"] == nil {
		t.Errorf("%v carries no proof", doc["id"])
	}
	if got := p.do("verify", map[string]any{"document": doc})["verified"]; got != want {
		t.Errorf("Fedify verifies %v of %v: %v, want %v", doc["type"], doc["id"], got, want)
	}
}

// isBrought has somebody else bring what Fedify proved.
func (p *peer) isBrought(t *testing.T, b *blog, relay *remotetest.Account) {
	t.Helper()
	post := b.addr.Post("tide")
	answer := p.do("prove", map[string]string{"user": "ada", "object": post, "id": p.origin + "/activities/like-by-proof"})
	doc, _ := answer["document"].(map[string]any)
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	read, err := signature.ReadProof(body, time.Now())
	if err != nil || read.Method == "" {
		t.Fatalf("%v: %s", err, body)
	}
	changed := maps.Clone(doc)
	changed["type"] = "Dislike"
	for _, c := range []struct {
		doc  any
		want int
	}{{changed, http.StatusUnauthorized}, {doc, http.StatusAccepted}} {
		if status, text, err := relay.Post(t.Context(), b.addr.Inbox(), c.doc); err != nil || status != c.want {
			t.Errorf("status %d, %s, %v, want %d", status, text, err, c.want)
		}
	}
	b.collectionTotal(t, b.addr.Likes(post), 1)
}
