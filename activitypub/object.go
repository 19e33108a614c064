// Package activitypub is the fediverse's words: Activity Streams objects as plain structs, a strict reader of how other
// servers really write JSON (json.go), and the one way in which remote HTML becomes ours (html.go).
//
// Bytes come in, structs go out, and the reverse. It knows no blog, no database and no network: signatures are made and
// checked in activitypub/signature, requests in activitypub/remote.
//
// There are two families of types on purpose. What we write is exact, so it has one struct a document (Article, Note, Actor,
// Activity, Collection), with members in the order of the golden files. What we read is whatever fifty programs send, so it
// has one tolerant struct (Object).
package activitypub

import "time"

// Public is the special collection that stands for everybody (ActivityPub §5.6).
const Public = "https://www.w3.org/ns/activitystreams#Public"

// ContentType is what we send; AcceptType is what we ask for.
const (
	ContentType = "application/activity+json"
	AcceptType  = `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
)

// Object is any document of another server as the tolerant reader understood it: an activity, an actor, a note or a
// collection. A bare IRI where an object could stand is an Object with only ID set and Bare true. Members that are absent,
// null or of a shape that means nothing are the zero value; only what would be ambiguous is an error (see Read).
type Object struct {
	ID    string
	Type  string   // the first type that Activity Streams or a known extension defines, else the first
	Types []string // all of them
	Bare  bool

	Actor        *Object   // first of actor
	AttributedTo []*Object // strings and embedded objects alike
	Object       []*Object // activities; one-or-many
	Target       *Object
	Origin       *Object
	Instrument   *Object
	Result       *Object

	To, CC, BTo, BCC, Audience []string // ids; the three spellings of Public are made Public

	Name       string
	NameMap    map[string]string
	Summary    string // HTML
	SummaryMap map[string]string
	Content    string // HTML unless MediaType says otherwise
	ContentMap map[string]string
	MediaType  string
	Source     string // source.content
	Language   string // first key of contentMap in document order, or @language of @context; "" if unknown

	InReplyTo     []string
	Published     time.Time // zero when missing or unreadable
	Updated       time.Time
	URL           []Link
	Tag           []*Object // Hashtag, Mention, Emoji …; bare strings are dropped
	Attachment    []*Object
	Icon          []*Object
	Image         []*Object
	Preview       *Object
	Sensitive     bool
	Href          string // Link, Mention, Hashtag
	Rel           []string
	Width, Height int
	Blurhash      string

	// Actors.
	PreferredUsername string
	Inbox, Outbox     string
	Followers         string
	Following         string
	Featured          string
	SharedInbox       string // endpoints.sharedInbox, or a top-level sharedInbox
	PublicKey         []PublicKey
	AlsoKnownAs       []string
	MovedTo           string
	Suspended         bool
	Discoverable      bool
	Indexable         bool
	ManuallyApproves  bool
	WebFinger         string   // FEP-2c59
	Implements        []string // hrefs of generator.implements (FEP-844e)

	// Collections.
	TotalItems int
	Items      []*Object // items and orderedItems
	First      *Object
	Next       string
	PartOf     string

	Replies *Object
	Likes   *Object
	Shares  *Object
	Context string // context, or conversation where that is an http(s) id

	// Reactions, votes, quotes.
	MisskeyReaction    string   // _misskey_reaction
	Quote              string   // quote, quoteUrl, quoteUri, _misskey_quote: the first there is
	Quotes             []string // all of these, and the object links of FEP-e232; each once
	QuoteAuthorization string
	FormerType         string // Tombstone

	HasProof bool // it carries an integrity proof (FEP-8b32), good or bad: activitypub/signature reads it from Raw

	Raw []byte // the object's own JSON, as it stood in the document
}

// Link is one url of an object.
type Link struct {
	Href      string
	MediaType string
	Rel       string
}

// PublicKey is a key as an actor or key document lists it. A key given by reference has only ID.
type PublicKey struct {
	ID        string
	Owner     string
	PEM       string // publicKeyPem
	Multibase string // publicKeyMultibase of a Multikey (FEP-521a)
	Asserts   bool   // listed as assertionMethod: it may prove what its owner says (FEP-8b32)
}
