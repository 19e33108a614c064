package activitypub

import (
	"math"
	"slices"
	"strings"
	"time"
)

// namespace is where the terms of Activity Streams live; a type may be written with it, or with its prefix "as:".
const namespace = "https://www.w3.org/ns/activitystreams#"

// How many types and keys of an object are kept.
const (
	maxTypes      = 16
	maxKeys       = 16
	maxImplements = 32
)

// reader fills Objects from the JSON tree. The first thing that makes the document as a whole unusable is kept in err.
type reader struct{ err error }

func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = malformed(format, a...)
	}
}

// object reads an object, or the IRI that stands for one. vital tells that the document means nothing if this cannot be
// identified: then an unreadable id, two actors or two verbs are an error; elsewhere the id counts as absent and the first one
// is taken. nil if there is nothing.
func (r *reader) object(v value, vital bool) *Object {
	switch v.kind {
	case '"':
		id := validID(v.text)
		if id == "" {
			if vital && v.text != "" {
				r.fail("%q is not an id", clip(v.text))
			}
			return nil
		}
		return &Object{ID: id, Bare: true, Raw: v.raw}
	case '{':
	default:
		return nil
	}
	o := &Object{Raw: v.raw, ID: r.id(v.get("id"), vital)}
	r.types(o, v, vital)
	r.people(o, v, vital)
	r.words(o, v)
	r.media(o, v)
	r.actor(o, v)
	r.collection(o, v)
	r.reactions(o, v)
	return o
}

// id reads the member id of an object.
func (r *reader) id(v value, vital bool) string {
	id := validID(v.text)
	if vital && v.kind != 'n' && id == "" && (v.kind != '"' || v.text != "") {
		r.fail("id %s is not an id", clip(string(v.raw)))
	}
	return id
}

// objects reads one-or-many objects or IRIs.
func (r *reader) objects(v value, vital bool) []*Object {
	var list []*Object
	for _, e := range v.many() {
		if o := r.object(e, vital); o != nil {
			list = append(list, o)
		}
	}
	return list
}

// first reads one-or-many and gives the first, or nil.
func (r *reader) first(v value) *Object {
	for _, e := range v.many() {
		if o := r.object(e, false); o != nil {
			return o
		}
	}
	return nil
}

func (r *reader) types(o *Object, v value, vital bool) {
	t := v.get("type")
	if vital && t.kind != 'n' && t.kind != '"' && t.kind != '[' {
		r.fail("type is neither a name nor a list")
	}
	var verbs int
	for _, e := range t.many() {
		name := strings.TrimPrefix(strings.TrimPrefix(e.text, namespace), "as:")
		if name == "" || len(name) > maxID || len(o.Types) == maxTypes || slices.Contains(o.Types, name) {
			continue
		}
		o.Types = append(o.Types, name)
		if activities[name] {
			verbs++
		}
		if o.Type == "" && known[name] {
			o.Type = name
		}
	}
	if vital && verbs > 1 {
		r.fail("more than one activity type: %s", clip(strings.Join(o.Types, ", ")))
	}
	if o.Type == "" && len(o.Types) > 0 {
		o.Type = o.Types[0]
	}
}

// people reads who does what to whom, and for whose eyes.
func (r *reader) people(o *Object, v value, vital bool) {
	for _, a := range r.objects(v.get("actor"), vital) {
		if o.Actor == nil {
			o.Actor = a
		} else if vital && a.ID != o.Actor.ID {
			r.fail("more than one actor")
		}
	}
	if a := v.get("actor"); vital && o.Actor == nil && a.kind != 'n' && objectful[o.Type] {
		r.fail("actor %s is nobody", clip(string(a.raw)))
	}
	o.AttributedTo = r.objects(v.get("attributedTo"), vital)
	o.Object = r.objects(v.get("object"), vital)
	o.Target = r.first(v.get("target"))
	o.Origin = r.first(v.get("origin"))
	o.Instrument = r.first(v.get("instrument", "as:instrument")) // Hackers' Pub writes the prefix
	o.Result = r.first(v.get("result"))
	o.To = ids(v.get("to"))
	o.CC = ids(v.get("cc"))
	o.BTo = ids(v.get("bto"))
	o.BCC = ids(v.get("bcc"))
	o.Audience = ids(v.get("audience"))
	o.InReplyTo = answered(v.get("inReplyTo"))
}

// answered reads inReplyTo. An embedded object stands for its page as well: Bridgy Fed gives what it bridges a tag: id and the web
// address that was answered beside it.
func answered(v value) []string {
	list := ids(v)
	named := make(map[string]bool, len(list)) // a list looked through for each entry would be quadratic, and a stranger writes it
	for _, id := range list {
		named[id] = true
	}
	for _, e := range v.many() {
		for _, l := range links(e.get("url")) {
			if !named[l.Href] {
				named[l.Href] = true
				list = append(list, l.Href)
			}
		}
	}
	return list
}

// words reads text, language and time.
func (r *reader) words(o *Object, v value) {
	var lang string
	o.Name, o.NameMap, _ = natural(v, "name", "nameMap")
	o.Summary, o.SummaryMap, _ = natural(v, "summary", "summaryMap")
	o.Content, o.ContentMap, lang = natural(v, "content", "contentMap")
	o.MediaType = str(v.get("mediaType", "mimeType"))
	o.Source = str(v.get("source"))
	if s := v.get("source"); s.kind == '{' {
		o.Source = str(s.get("content"))
	}
	o.Language = language(lang, v)
	o.Published = timestamp(str(v.get("published")))
	o.Updated = timestamp(str(v.get("updated")))
	if o.Updated.Before(o.Published) {
		o.Updated = time.Time{}
	}
	o.Sensitive = flag(v.get("sensitive", "as:sensitive", namespace+"sensitive"))
}

// media reads links, pictures and what is attached.
func (r *reader) media(o *Object, v value) {
	o.URL = links(v.get("url"))
	o.Href = link(v.get("href"))
	// A Link is written with href by some and with url by others (NodeBB): both members then say the same.
	if o.Href != "" && len(o.URL) == 0 {
		o.URL = []Link{{Href: o.Href, MediaType: o.MediaType}}
	}
	if o.Href == "" && len(o.URL) > 0 && o.Is("Link") {
		o.Href = o.URL[0].Href
	}
	for _, e := range v.get("tag").many() {
		if t := r.object(e, false); t != nil && !t.Bare && (t.Type != "" || t.Name != "" || t.Href != "") {
			o.Tag = append(o.Tag, t)
		}
	}
	o.Attachment = r.pictures(v.get("attachment"))
	o.Icon = r.pictures(v.get("icon"))
	o.Image = r.pictures(v.get("image"))
	o.Preview = r.first(v.get("preview"))
	for _, e := range v.get("rel").many() {
		if s := str(e); s != "" {
			o.Rel = append(o.Rel, s)
		}
	}
	o.Width, o.Height = number(v.get("width"), 100_000), number(v.get("height"), 100_000)
	o.Blurhash = str(v.get("blurhash"))
}

// pictures reads what is usually an object with url; where it is a bare address, that is both its id and its url.
func (r *reader) pictures(v value) []*Object {
	list := r.objects(v, false)
	for _, p := range list {
		if href := webURL(p.ID); p.Bare && href != "" {
			p.URL = []Link{{Href: href}}
		}
	}
	return list
}

func (r *reader) actor(o *Object, v value) {
	o.PreferredUsername = str(v.get("preferredUsername"))
	o.Inbox = firstID(v.get("inbox"))
	o.Outbox = firstID(v.get("outbox"))
	o.Followers = firstID(v.get("followers"))
	o.Following = firstID(v.get("following"))
	o.Featured = firstID(v.get("featured"))
	// Discourse writes sharedInbox beside inbox instead of in endpoints.
	if o.SharedInbox = firstID(v.get("endpoints").get("sharedInbox")); o.SharedInbox == "" {
		o.SharedInbox = firstID(v.get("sharedInbox"))
	}
	o.PublicKey = publicKeys(v)
	o.AlsoKnownAs = ids(v.get("alsoKnownAs"))
	o.MovedTo = firstID(v.get("movedTo"))
	o.Suspended = flag(v.get("suspended"))
	o.Discoverable = flag(v.get("discoverable"))
	o.Indexable = flag(v.get("indexable"))
	o.ManuallyApproves = flag(v.get("manuallyApprovesFollowers"))
	o.WebFinger = str(v.get("webfinger"))
	for _, e := range v.get("generator").get("implements").many() {
		if href := firstID(e.get("href")); href != "" && len(o.Implements) < maxImplements {
			o.Implements = append(o.Implements, href)
		}
	}
}

// publicKeys reads publicKey, assertionMethod and authentication (FEP-521a; many list the same keys under both), or, where the
// document is a key itself, that key.
func publicKeys(v value) []PublicKey {
	var keys []PublicKey
	for _, name := range []string{"publicKey", "assertionMethod", "authentication"} {
		for _, e := range v.get(name).many() {
			keys = addKey(keys, publicKey(e), name == "assertionMethod")
		}
	}
	if pem := str(v.get("publicKeyPem")); pem != "" && len(keys) == 0 {
		keys = append(keys, PublicKey{ID: validID(str(v.get("id"))), Owner: firstID(v.get("owner")), PEM: pem})
	}
	return keys
}

func publicKey(v value) PublicKey {
	if v.kind == '"' {
		return PublicKey{ID: validID(v.text)}
	}
	return PublicKey{
		ID:        validID(str(v.get("id"))),
		Owner:     firstID(v.get("owner", "controller")),
		PEM:       str(v.get("publicKeyPem")),
		Multibase: str(v.get("publicKeyMultibase")),
	}
}

// addKey adds a key that is not listed yet.
func addKey(keys []PublicKey, k PublicKey, asserts bool) []PublicKey {
	at := slices.IndexFunc(keys, func(old PublicKey) bool {
		old.Asserts = false
		return old == k
	})
	if at >= 0 {
		keys[at].Asserts = keys[at].Asserts || asserts
	} else if k != (PublicKey{}) && len(keys) < maxKeys {
		k.Asserts = asserts
		keys = append(keys, k)
	}
	return keys
}

func (r *reader) collection(o *Object, v value) {
	o.TotalItems = number(v.get("totalItems"), math.MaxInt32)
	o.Items = append(r.objects(v.get("items"), false), r.objects(v.get("orderedItems"), false)...)
	o.First = r.first(v.get("first"))
	o.Next = firstID(v.get("next"))
	o.PartOf = firstID(v.get("partOf"))
	o.Replies = r.embedded(v.get("replies"))
	o.Likes = r.embedded(v.get("likes"))
	o.Shares = r.embedded(v.get("shares"))
	o.Context = firstID(v.get("context"))
	if c := firstID(v.get("conversation")); !isWeb(o.Context) && isWeb(c) {
		o.Context = c
	} else if !isWeb(o.Context) {
		o.Context = ""
	}
}

// embedded reads a collection member: an IRI, a collection, or a bare list of its items (Pleroma).
func (r *reader) embedded(v value) *Object {
	if v.kind != '[' {
		return r.object(v, false)
	}
	items := r.objects(v, false)
	return &Object{Type: "Collection", Types: []string{"Collection"}, Items: items, TotalItems: len(items), Raw: v.raw}
}

func (r *reader) reactions(o *Object, v value) {
	o.MisskeyReaction = str(v.get("_misskey_reaction"))
	o.Quote, o.Quotes = quotes(v, o.Tag)
	o.QuoteAuthorization = firstID(v.get("quoteAuthorization"))
	o.FormerType = str(v.get("formerType"))
	o.HasProof = v.get("proof").kind != 'n'
}
