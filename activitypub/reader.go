package activitypub

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// namespace is where the terms of Activity Streams live; a type may be written with it, or with its prefix "as:".
const namespace = "https://www.w3.org/ns/activitystreams#"

// reader fills Objects from the JSON tree. The first thing that makes the document as a whole unusable is kept in err.
type reader struct{ err error }

func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = malformed(format, a...)
	}
}

// object reads an object, or the IRI that stands for one. vital tells that the document means nothing if this cannot be
// identified: then an unreadable id is an error, elsewhere it counts as absent. nil if there is nothing.
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
	r.people(o, v)
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
		if name == "" || len(name) > maxID || slices.Contains(o.Types, name) {
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
	if verbs > 1 {
		r.fail("more than one activity type: %s", clip(strings.Join(o.Types, ", ")))
	}
	if o.Type == "" && len(o.Types) > 0 {
		o.Type = o.Types[0]
	}
}

// people reads who does what to whom, and for whose eyes.
func (r *reader) people(o *Object, v value) {
	actors := r.objects(v.get("actor"), true)
	for _, a := range actors {
		if a.ID != actors[0].ID {
			r.fail("more than one actor")
		}
		o.Actor = actors[0]
	}
	o.AttributedTo = r.objects(v.get("attributedTo"), true)
	o.Object = r.objects(v.get("object"), true)
	o.Target = r.first(v.get("target"))
	o.Origin = r.first(v.get("origin"))
	o.Instrument = r.first(v.get("instrument"))
	o.Result = r.first(v.get("result"))
	o.To = ids(v.get("to"))
	o.CC = ids(v.get("cc"))
	o.BTo = ids(v.get("bto"))
	o.BCC = ids(v.get("bcc"))
	o.Audience = ids(v.get("audience"))
	o.InReplyTo = ids(v.get("inReplyTo"))
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
}

// publicKeys reads publicKey and assertionMethod (FEP-521a), or, where the document is a key itself, that key.
func publicKeys(v value) []PublicKey {
	var keys []PublicKey
	for _, e := range slices.Concat(v.get("publicKey").many(), v.get("assertionMethod").many()) {
		k := PublicKey{
			ID:        validID(str(e.get("id"))),
			Owner:     firstID(e.get("owner", "controller")),
			PEM:       str(e.get("publicKeyPem")),
			Multibase: str(e.get("publicKeyMultibase")),
		}
		if e.kind == '"' {
			k.ID = validID(e.text)
		}
		if k != (PublicKey{}) {
			keys = append(keys, k)
		}
	}
	if pem := str(v.get("publicKeyPem")); pem != "" && len(keys) == 0 {
		keys = append(keys, PublicKey{ID: validID(str(v.get("id"))), Owner: firstID(v.get("owner")), PEM: pem})
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
	for _, name := range []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"} {
		if o.Quote = firstID(v.get(name)); o.Quote != "" {
			break
		}
	}
	o.QuoteAuthorization = firstID(v.get("quoteAuthorization"))
	o.FormerType = str(v.get("formerType"))
}

// ids reads one-or-many ids or objects with ids; the three spellings of Public become one (ActivityPub §5.6).
func ids(v value) []string {
	var out []string
	for _, e := range v.many() {
		if e.kind == '{' {
			e = e.get("id")
		}
		id := validID(e.text)
		if e.text == "Public" || e.text == "as:Public" {
			id = Public
		}
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

func firstID(v value) string {
	if list := ids(v); len(list) > 0 {
		return list[0]
	}
	return ""
}

func isWeb(id string) bool { return origin(id) != "" }

func str(v value) string { return v.text }

func flag(v value) bool { return v.kind == 't' }

// number reads a count or a length between 0 and limit; what is outside counts as 0.
func number(v value, limit float64) int {
	if v.kind != 0 {
		return 0
	}
	f, err := strconv.ParseFloat(string(v.raw), 64)
	if err != nil || f < 0 || f > limit {
		return 0
	}
	return int(f)
}

// links reads url: a string, a Link, or a list of either. Only addresses that may stand in a page are kept.
func links(v value) []Link {
	var out []Link
	for _, e := range v.many() {
		l := Link{Href: link(e), MediaType: str(e.get("mediaType", "mimeType")), Rel: str(e.get("rel"))}
		if l.Href != "" {
			out = append(out, l)
		}
	}
	return out
}

func link(v value) string {
	if v.kind == '{' {
		v = v.get("href", "url")
	}
	// WordPress before 9.1 wrote addresses with the HTML entity for &.
	return webURL(strings.ReplaceAll(v.text, "&#038;", "&"))
}

// natural reads a natural-language value: plain, or only as a map of languages (Activity Streams §4.7). lang is the first
// language of the map.
func natural(v value, name, mapName string) (text string, m map[string]string, lang string) {
	text = str(v.get(name))
	for _, e := range v.get(mapName).members {
		s := str(e.value)
		if e.value.kind == '[' && len(e.value.list) > 0 {
			s = str(e.value.list[0])
		}
		if s == "" {
			continue
		}
		if m == nil {
			m, lang = map[string]string{}, e.name
		}
		m[e.name] = s
		if text == "" {
			text = s
		}
	}
	return text, m, lang
}

// language gives the first of these that is a language: of contentMap, Lemmy's own member, @language of @context.
func language(lang string, v value) string {
	candidates := []string{lang, str(v.get("language")), str(v.get("language").get("identifier"))}
	for _, c := range v.get("@context").many() {
		candidates = append(candidates, str(c.get("@language")))
	}
	for _, c := range candidates {
		if c != "und" && validLanguage(c) {
			return c
		}
	}
	return ""
}

// validLanguage tells whether s has the form of a language tag (RFC 5646).
func validLanguage(s string) bool {
	if len(s) < 2 || len(s) > 35 {
		return false
	}
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || len(part) > 8 || strings.IndexFunc(part, notAlphanumeric) >= 0 {
			return false
		}
	}
	return s[0] > '9'
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// layouts are the ways in which servers write a time: RFC 3339, without colon in the zone (Pixelfed, Threads), without
// seconds (allowed by Activity Streams §2.3), without zone (taken as UTC).
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04",
}

// timestamp reads a time. What is unreadable, or no later than the epoch, is the zero time: the reader then uses its own clock.
func timestamp(s string) time.Time {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			if t.Unix() <= 0 {
				return time.Time{}
			}
			return t.UTC()
		}
	}
	return time.Time{}
}

// clip shortens what another server wrote for an error message.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
