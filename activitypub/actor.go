package activitypub

import "time"

// Actor is the blog, an author or the instance, as other servers fetch it.
type Actor struct {
	Context            any             `json:"@context,omitempty"`
	ID                 string          `json:"id"`
	Type               string          `json:"type"` // Person, Group or Application
	PreferredUsername  string          `json:"preferredUsername"`
	Name               string          `json:"name"`
	Summary            string          `json:"summary,omitempty"`
	URL                string          `json:"url,omitempty"`
	Inbox              string          `json:"inbox"`
	Outbox             string          `json:"outbox"`
	AttributedTo       string          `json:"attributedTo,omitempty"`            // of a Group: its moderators
	ModsOnly           bool            `json:"postingRestrictedToMods,omitempty"` // of a Group
	Followers          string          `json:"followers,omitempty"`
	Following          string          `json:"following,omitempty"`
	Featured           string          `json:"featured,omitempty"`
	FeaturedTags       string          `json:"featuredTags,omitempty"`
	Endpoints          *Endpoints      `json:"endpoints,omitempty"`
	Published          string          `json:"published,omitempty"`
	Icon               *Image          `json:"icon,omitempty"`
	Image              *Image          `json:"image,omitempty"`
	Attachment         []PropertyValue `json:"attachment,omitempty"`
	Tag                []Tag           `json:"tag,omitempty"` // the custom emoji of name, summary and rows
	PublicKey          *ActorKey       `json:"publicKey,omitempty"`
	AssertionMethod    []Multikey      `json:"assertionMethod,omitempty"` // FEP-521a
	Generator          *Application    `json:"generator,omitempty"`       // FEP-844e
	ManuallyApproves   bool            `json:"manuallyApprovesFollowers"`
	Discoverable       bool            `json:"discoverable"`
	Indexable          bool            `json:"indexable"`
	AttributionDomains []string        `json:"attributionDomains,omitempty"`
	WebFinger          string          `json:"webfinger,omitempty"`   // FEP-2c59
	AlsoKnownAs        []string        `json:"alsoKnownAs,omitempty"` // ids of accounts that it was before (FEP-7628)
	MovedTo            string          `json:"movedTo,omitempty"`     // id of the account that it is now
}

// Endpoints of an actor.
type Endpoints struct {
	SharedInbox string `json:"sharedInbox"`
}

// PropertyValue is one row of a profile (Mastodon's PropertyValue).
type PropertyValue struct {
	Type  string `json:"type"` // "PropertyValue"
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ActorKey is the key that an actor signs requests with.
type ActorKey struct {
	ID           string `json:"id"`
	Owner        string `json:"owner"`
	PublicKeyPem string `json:"publicKeyPem"`
}

// Multikey is a key of an actor in W3C's form (FEP-521a): an Ed25519 key, or one of RSA that is being replaced.
type Multikey struct {
	ID                 string    `json:"id"`
	Type               string    `json:"type"` // "Multikey"
	Controller         string    `json:"controller"`
	PublicKeyMultibase string    `json:"publicKeyMultibase"`
	Until              time.Time `json:"-"` // when it is no longer listed; zero: while it is in use
}

// ActorContext is the @context of an Actor.
var ActorContext = []any{
	"https://www.w3.org/ns/activitystreams",
	"https://w3id.org/security/v1",
	"https://w3id.org/security/multikey/v1",
	contextTerms{
		{"toot", "http://joinmastodon.org/ns#"},
		{"featured", map[string]string{"@id": "toot:featured", "@type": "@id"}},
		{"featuredTags", map[string]string{"@id": "toot:featuredTags", "@type": "@id"}},
		{"discoverable", "toot:discoverable"},
		{"indexable", "toot:indexable"},
		{"attributionDomains", map[string]string{"@id": "toot:attributionDomains", "@type": "@id"}},
		{"manuallyApprovesFollowers", "as:manuallyApprovesFollowers"},
		{"alsoKnownAs", map[string]string{"@id": "as:alsoKnownAs", "@type": "@id"}},
		{"movedTo", map[string]string{"@id": "as:movedTo", "@type": "@id"}},
		{"lemmy", "https://join-lemmy.org/ns#"},
		{"postingRestrictedToMods", "lemmy:postingRestrictedToMods"},
		{"schema", "http://schema.org#"},
		{"PropertyValue", "schema:PropertyValue"},
		{"value", "schema:value"},
		{"assertionMethod", map[string]string{"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"}},
		{"implements", map[string]string{"@id": "https://w3id.org/fep/844e#implements", "@type": "@id", "@container": "@set"}},
		{"webfinger", "https://purl.archive.org/socialweb/webfinger#webfinger"},
	},
}

// TagsContext is the @context of a collection of Hashtags.
var TagsContext = []any{"https://www.w3.org/ns/activitystreams", contextTerms{{"Hashtag", "as:Hashtag"}}}
