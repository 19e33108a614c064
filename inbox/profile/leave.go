package profile

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// otherSelves gives the accounts that an actor of ours was before, by the settings and by inboxd move-in, and the one that it is now.
func (p *Profile) otherSelves(ctx context.Context, actor string, settings []string) (before []string, now string, err error) {
	s, err := p.o.Store.Standing(ctx, actor)
	if err != nil {
		return nil, "", err
	}
	kept, err := p.o.Store.Aliases(ctx, actor)
	before = slices.Clone(settings)
	for _, a := range kept {
		if !slices.Contains(before, a.ID) {
			before = append(before, a.ID)
		}
	}
	return before, s.MovedTo, err
}

// retired answers 410 with a Tombstone where the account is no more: for ever, federation on or off. Posts see to that themselves. The
// instance actor stays, because it signs what is fetched and is nobody's account.
func (p *Profile) retired(w http.ResponseWriter, r *http.Request) bool {
	if !p.ofAccount(r) {
		return false
	}
	s, err := p.o.Store.Standing(r.Context(), p.address.Actor())
	switch {
	case err != nil:
		p.fail(w, r, err)
		return true
	case s.Retired.IsZero():
		return false
	case r.URL.Path == fingerPath:
		w.Header().Set("Access-Control-Allow-Origin", "*")
		http.Error(w, "the account is no more", http.StatusGone)
		return true
	}
	t := activitypub.Tombstone{Context: plainContext, ID: p.address.Origin() + r.URL.EscapedPath(), Type: "Tombstone", Deleted: s.Retired.UTC().Format(time.RFC3339)}
	if t.ID == p.address.Actor() {
		t.FormerType = firstOf(p.o.Config.Federation.Type, "Person")
	}
	p.serve(w, r, http.StatusGone, t)
	return true
}

const fingerPath = "/.well-known/webfinger"

// ofAccount tells whether a request is for something that goes when the account goes.
func (p *Profile) ofAccount(r *http.Request) bool {
	if r.URL.Path == fingerPath {
		d, err := p.find(r.Context(), r.URL.Query().Get("resource"))
		return err == nil && d.Subject != "acct:"+p.address.InstanceAcct()
	}
	rest, ok := strings.CutPrefix(r.URL.Path, p.address.FederationBasePath()+"/ap/")
	return ok && rest != "instance" && !strings.HasPrefix(rest, "posts/")
}
