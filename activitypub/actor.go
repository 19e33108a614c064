package activitypub

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
	Endpoints          *Endpoints      `json:"endpoints,omitempty"`
	Published          string          `json:"published,omitempty"`
	Icon               *Image          `json:"icon,omitempty"`
	Image              *Image          `json:"image,omitempty"`
	Attachment         []PropertyValue `json:"attachment,omitempty"`
	PublicKey          *ActorKey       `json:"publicKey,omitempty"`
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

// ActorContext is the @context of an Actor.
var ActorContext = []any{
	"https://www.w3.org/ns/activitystreams",
	"https://w3id.org/security/v1",
	contextTerms{
		{"toot", "http://joinmastodon.org/ns#"},
		{"featured", map[string]string{"@id": "toot:featured", "@type": "@id"}},
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
		{"webfinger", "https://purl.archive.org/socialweb/webfinger#webfinger"},
	},
}
