package lookup

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
)

// report is what was found, as --json prints it.
type report struct {
	V         int       `json:"v"`
	Query     string    `json:"query"`
	Signed    string    `json:"signed"` // with which key, or why not
	Requests  []request `json:"requests"`
	WebFinger *finger   `json:"webfinger,omitempty"`
	Object    *object   `json:"object,omitempty"`
	Error     string    `json:"error,omitempty"`

	exchanges []remote.Exchange
}

type request struct {
	URL         string `json:"url"`
	Signature   string `json:"signature"`
	Status      int    `json:"status,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	Location    string `json:"location,omitempty"`
	Says        string `json:"says,omitempty"` // the beginning of a refusal
	Error       string `json:"error,omitempty"`
}

// finger is a WebFinger answer with what is wrong about it.
type finger struct {
	Subject string   `json:"subject"`
	Aliases []string `json:"aliases,omitempty"`
	Self    string   `json:"self"`
	Page    string   `json:"profilePage,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

// object is a document as it is understood.
type object struct {
	ID                string            `json:"id"`
	IDMatches         bool              `json:"idMatches"` // with the address that served it
	Type              string            `json:"type"`
	Name              string            `json:"name,omitempty"`
	PreferredUsername string            `json:"preferredUsername,omitempty"`
	Summary           string            `json:"summary,omitempty"`
	Text              string            `json:"text,omitempty"`
	URL               []string          `json:"url,omitempty"`
	AttributedTo      []string          `json:"attributedTo,omitempty"`
	InReplyTo         []string          `json:"inReplyTo,omitempty"`
	To                []string          `json:"to,omitempty"`
	CC                []string          `json:"cc,omitempty"`
	Published         time.Time         `json:"published,omitzero"`
	Updated           time.Time         `json:"updated,omitzero"`
	Inbox             string            `json:"inbox,omitempty"`
	SharedInbox       string            `json:"sharedInbox,omitempty"`
	Outbox            string            `json:"outbox,omitempty"`
	Followers         string            `json:"followers,omitempty"`
	Featured          string            `json:"featured,omitempty"`
	Keys              []key             `json:"keys,omitempty"`
	Policies          map[string]string `json:"policies,omitempty"`
	MovedTo           string            `json:"movedTo,omitempty"`
	AlsoKnownAs       []string          `json:"alsoKnownAs,omitempty"`
	Suspended         bool              `json:"suspended,omitempty"`
	Missing           []string          `json:"missing,omitempty"`
}

type key struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // "RSA 2048", "Ed25519", or what is wrong with it
}

// seen keeps an exchange.
func (r *report) seen(e remote.Exchange) {
	r.exchanges = append(r.exchanges, e)
	q := request{URL: e.URL, Signature: e.Signature, Status: e.Status, ContentType: e.ContentType, Location: e.Location}
	if e.Err != nil {
		q.Error = e.Err.Error()
	} else if e.Status >= 400 {
		q.Says = clip(e.Body)
	}
	r.Requests = append(r.Requests, q)
}

// clip is the beginning of a refusal, on one line.
func clip(body []byte) string {
	s := strings.Join(strings.Fields(printable(strings.ToValidUTF8(string(body[:min(len(body), 300)]), ""))), " ")
	return strings.TrimSpace(s)
}

// finger reads the last WebFinger answer that came, also one that was refused: what is wrong with it is what is looked for.
func (r *report) finger(acct string) {
	for _, e := range slices.Backward(r.exchanges) {
		var jrd remote.Resource
		if e.Status != 200 || json.Unmarshal(e.Body, &jrd) != nil {
			continue
		}
		f := &finger{Subject: jrd.Subject, Aliases: jrd.Aliases, Self: jrd.Self()}
		for _, l := range jrd.Links {
			if l.Rel == "http://webfinger.net/rel/profile-page" {
				f.Page = l.Href
			}
		}
		f.Missing = f.lacks(acct, jrd, e.ContentType)
		r.WebFinger = f
		return
	}
}

// lacks says what peers would stumble over.
func (f *finger) lacks(acct string, jrd remote.Resource, contentType string) []string {
	var list []string
	if !strings.HasPrefix(contentType, "application/jrd+json") {
		list = append(list, fmt.Sprintf("content type is %q, not application/jrd+json", contentType))
	}
	switch subject := strings.TrimPrefix(f.Subject, "acct:"); {
	case f.Subject == "":
		list = append(list, "no subject: Mastodon refuses the answer")
	case !strings.HasPrefix(f.Subject, "acct:"):
		list = append(list, "the subject is no acct: address")
	case !strings.EqualFold(subject, acct):
		list = append(list, "the subject is another account: "+subject)
	}
	if f.Self != "" {
		return list
	}
	for _, l := range jrd.Links {
		if strings.EqualFold(l.Rel, "self") {
			return append(list, fmt.Sprintf("the self link has the type %q, not application/activity+json", l.Type))
		}
	}
	return append(list, "no self link: the account is no ActivityPub actor")
}

// keys lists an actor's keys.
func keys(o *activitypub.Object) []key {
	var list []key
	for _, k := range o.PublicKey {
		list = append(list, key{k.ID, kind(o, k)})
	}
	return list
}

func kind(o *activitypub.Object, k activitypub.PublicKey) string {
	if k.PEM == "" && k.Multibase == "" {
		return "by reference"
	}
	if k.Owner != "" && k.Owner != o.ID {
		return "of another owner: " + k.Owner
	}
	read, text := signature.ParsePublicKey, k.PEM
	if text == "" {
		read, text = signature.ParseMultikey, k.Multibase
	}
	public, err := read(text)
	if err != nil {
		return err.Error()
	}
	switch p := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", p.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", public)
}

// policies are what an actor or object says of who may do what.
func policies(o *activitypub.Object) map[string]string {
	out := map[string]string{}
	if o.Inbox != "" {
		out["follow"] = map[bool]string{true: "asks first", false: "at once"}[o.ManuallyApproves]
		out["directory"], out["search"] = yes(o.Discoverable), yes(o.Indexable)
	}
	var doc struct {
		Policy map[string]struct {
			Automatic json.RawMessage `json:"automaticApproval"`
			Manual    json.RawMessage `json:"manualApproval"`
		} `json:"interactionPolicy"`
	}
	if json.Unmarshal(o.Raw, &doc) == nil {
		for _, name := range slices.Sorted(maps.Keys(doc.Policy)) {
			p := doc.Policy[name]
			out[name] = strings.TrimSpace("at once " + string(p.Automatic))
			if len(p.Manual) > 0 {
				out[name] += ", asks first " + string(p.Manual)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func yes(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }

// missing says what an actor or object lacks that others want.
func missing(o *activitypub.Object) []string {
	var list []string
	want := func(ok bool, what string) {
		if !ok {
			list = append(list, what)
		}
	}
	if o.Inbox == "" {
		if o.Is("Note", "Article", "Page", "Question", "Event", "Video") {
			want(len(o.AttributedTo) > 0, "attributedTo")
			want(!o.Published.IsZero(), "published")
			want(o.IsPublic(), "the public audience")
		}
		return list
	}
	want(o.PreferredUsername != "", "preferredUsername")
	want(o.Outbox != "", "outbox")
	want(len(o.PublicKey) > 0, "publicKey")
	for name, at := range map[string]string{"inbox": o.Inbox, "sharedInbox": o.SharedInbox, "outbox": o.Outbox} {
		want(at == "" || activitypub.SameOrigin(at, o.ID), name+" on the actor's own host")
	}
	slices.Sort(list)
	return list
}
