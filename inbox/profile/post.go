package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

const perPage = 50

// post serves the JSON of a post with live counts, or what stays of a withdrawn one: 410 for ever, federation on or off.
func (p *Profile) post(w http.ResponseWriter, r *http.Request) {
	post, ok := p.lookUp(w, r)
	if !ok {
		return
	}
	doc, err := p.live(r.Context(), post)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.serve(w, r, http.StatusOK, doc)
}

// lookUp finds the post that a request names and answers itself where there is none.
func (p *Profile) lookUp(w http.ResponseWriter, r *http.Request) (published, bool) {
	key := r.PathValue("key")
	if strings.ContainsAny(key, "/\\\x00") {
		missing(w, r)
		return published{}, false
	}
	post, err := p.findPost(r.Context(), p.address.Post(key))
	if err == nil && post.withdrawn.IsZero() {
		var s store.Standing
		s, err = p.o.Store.Standing(r.Context(), p.address.Actor())
		post.withdrawn = s.Retired // all that a retired account said is gone with it
	}
	switch {
	case errors.Is(err, errUnknown):
		missing(w, r)
	case err != nil:
		p.fail(w, r, err)
	case !post.withdrawn.IsZero():
		p.gone(w, r, post)
	case !p.o.Config.Federation.Enabled:
		missing(w, r)
	default:
		return post, true
	}
	return post, false
}

// gone answers 410 with a Tombstone (ActivityPub §6.4).
func (p *Profile) gone(w http.ResponseWriter, r *http.Request, post published) {
	p.serve(w, r, http.StatusGone, activitypub.Tombstone{
		Context: "https://www.w3.org/ns/activitystreams", ID: post.id, Type: "Tombstone", FormerType: post.kind,
		Deleted: post.withdrawn.UTC().Format(time.RFC3339),
	})
}

// live is the post's document with the counts of this moment in it.
func (p *Profile) live(ctx context.Context, post published) ([]byte, error) {
	members := map[string]any{}
	for name, kind := range map[string]store.Kind{"replies": store.Reply, "likes": store.Like, "shares": store.Boost} {
		n, err := p.o.Store.CommentCount(ctx, post.id, kind)
		if err != nil {
			return nil, err
		}
		c := activitypub.CollectionStub{ID: post.id + "/" + name, Type: "Collection", TotalItems: n}
		if name == "replies" {
			c.First = c.ID + "?page=1"
		}
		members[name] = c
	}
	return splice(post.json, members)
}

// splice sets members of a JSON object and keeps all else as it stands, order included. New members come last; nil takes one away.
func splice(doc []byte, members map[string]any) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("reading a document of ours: not an object (%v)", err)
	}
	var out bytes.Buffer
	done := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("reading a document of ours: %w", err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("reading a document of ours: %w", err)
		}
		name := t.(string)
		var v any = raw
		if m, ok := members[name]; ok {
			v, done[name] = m, true
		}
		if v == nil {
			continue
		}
		if err := writeMember(&out, name, v); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"replies", "likes", "shares", "object"} {
		if m, ok := members[name]; ok && !done[name] {
			if err := writeMember(&out, name, m); err != nil {
				return nil, err
			}
		}
	}
	return append(append([]byte{'{'}, out.Bytes()...), '}'), nil
}

func writeMember(out *bytes.Buffer, name string, v any) error {
	k, err := activitypub.Marshal(name)
	if err != nil {
		return err
	}
	b, ok := v.(json.RawMessage)
	if !ok {
		if b, err = activitypub.Marshal(v); err != nil {
			return err
		}
	}
	if out.Len() > 0 {
		out.WriteByte(',')
	}
	out.Write(k)
	out.WriteByte(':')
	out.Write(b)
	return nil
}
