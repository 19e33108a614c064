package activitypub

import "encoding/json"

// Article is a post as followers get it, members in the order of the golden Article (docs: FEDERATION.md). Type is "Article"
// or "Note". Times are RFC 3339 in UTC with whole seconds. Members that are empty are left out: strict readers refuse null.
type Article struct {
	Context           any                `json:"@context,omitempty"`
	ID                string             `json:"id"`
	Type              string             `json:"type"`
	AttributedTo      string             `json:"attributedTo"`
	To                []string           `json:"to"`
	CC                []string           `json:"cc,omitempty"`
	Audience          string             `json:"audience,omitempty"` // the Group that the post is for (FEP-1b12)
	InReplyTo         string             `json:"inReplyTo,omitempty"`
	Name              string             `json:"name,omitempty"`
	NameMap           map[string]string  `json:"nameMap,omitempty"`
	Summary           string             `json:"summary,omitempty"`
	SummaryMap        map[string]string  `json:"summaryMap,omitempty"`
	Sensitive         bool               `json:"sensitive,omitempty"`
	Subject           string             `json:"dcterms:subject,omitempty"` // the content warning of an Article, plain text (FEP-b2b8)
	Content           string             `json:"content"`
	ContentMap        map[string]string  `json:"contentMap,omitempty"`
	MediaType         string             `json:"mediaType,omitempty"`
	Source            *Source            `json:"source,omitempty"`
	URL               string             `json:"url,omitempty"`
	Published         string             `json:"published"`
	Updated           string             `json:"updated,omitempty"`
	Image             *Image             `json:"image,omitempty"`
	Attachment        []any              `json:"attachment,omitempty"` // Attachment link first, then Image
	Tag               []Tag              `json:"tag,omitempty"`
	Preview           *Preview           `json:"preview,omitempty"`
	Replies           *CollectionStub    `json:"replies,omitempty"`
	Likes             *CollectionStub    `json:"likes,omitempty"`
	Shares            *CollectionStub    `json:"shares,omitempty"`
	ContextCollection string             `json:"context,omitempty"`
	PartOf            *Series            `json:"dcterms:isPartOf,omitempty"`
	InteractionPolicy *InteractionPolicy `json:"interactionPolicy,omitempty"`
}

// Source is the text that content was made from.
type Source struct {
	Content   string `json:"content"`
	MediaType string `json:"mediaType"`
}

// Image is a picture: lead image, attachment, icon.
type Image struct {
	Type      string `json:"type"` // "Image"
	URL       string `json:"url"`
	MediaType string `json:"mediaType,omitempty"`
	Name      string `json:"name,omitempty"` // the alt text
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Blurhash  string `json:"blurhash,omitempty"`
	// FocalPoint is the place that a crop keeps: x from left to right, y from bottom to top, each -1 to 1 (Mastodon).
	FocalPoint []float64 `json:"focalPoint,omitempty"`
}

// AttachedMedia is sound or film: an attachment of type Audio or Video.
type AttachedMedia struct {
	Type      string `json:"type"`
	URL       string `json:"url"`
	MediaType string `json:"mediaType"`
	Name      string `json:"name,omitempty"`
	Duration  string `json:"duration,omitempty"` // xsd:duration
}

// AttachedLink is the card of a post (FEP-8967).
type AttachedLink struct {
	Type      string `json:"type"` // "Link"
	Href      string `json:"href"`
	MediaType string `json:"mediaType"`
}

// Tag is a Hashtag, a Mention or an Emoji.
type Tag struct {
	ID      string `json:"id,omitempty"` // of an Emoji
	Type    string `json:"type"`
	Name    string `json:"name"`
	Href    string `json:"href,omitempty"`
	Updated string `json:"updated,omitempty"` // of an Emoji's picture
	Icon    *Image `json:"icon,omitempty"`    // the picture
}

// Series is a collection of posts that belong together, as each of them names it.
type Series struct {
	ID   string `json:"id"`
	Type string `json:"type"` // "OrderedCollection"
	Name string `json:"name"`
}

// Preview is the short form of a long post (FEP-b2b8); it holds no link.
type Preview struct {
	Type    string `json:"type"` // "Note"
	Content string `json:"content"`
}

// CollectionStub is a collection as it is embedded in an object.
type CollectionStub struct {
	ID         string `json:"id"`
	Type       string `json:"type"` // "Collection"
	TotalItems int    `json:"totalItems"`
	First      string `json:"first,omitempty"`
}

// InteractionPolicy says who may do what (FEP-044f, GoToSocial).
type InteractionPolicy struct {
	CanQuote    *Policy `json:"canQuote,omitempty"`
	CanReply    *Policy `json:"canReply,omitempty"`
	CanLike     *Policy `json:"canLike,omitempty"`
	CanAnnounce *Policy `json:"canAnnounce,omitempty"`
}

// Policy is one rule of an InteractionPolicy.
type Policy struct {
	AutomaticApproval []string `json:"automaticApproval,omitempty"`
	ManualApproval    []string `json:"manualApproval,omitempty"`
}

// Attributed reads whom an Article or Note of ours is attributed to; "" if that cannot be read.
func Attributed(doc []byte) string {
	var d struct {
		AttributedTo string `json:"attributedTo"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return ""
	}
	return d.AttributedTo
}

// ObjectContext is the @context of an Article or Note.
var ObjectContext = []any{
	"https://www.w3.org/ns/activitystreams",
	contextTerms{
		{"Hashtag", "as:Hashtag"},
		{"sensitive", "as:sensitive"},
		{"toot", "http://joinmastodon.org/ns#"},
		{"blurhash", "toot:blurhash"},
		{"focalPoint", map[string]string{"@container": "@list", "@id": "toot:focalPoint"}},
		{"gts", "https://gotosocial.org/ns#"},
		{"interactionPolicy", map[string]string{"@id": "gts:interactionPolicy", "@type": "@id"}},
		{"canQuote", map[string]string{"@id": "gts:canQuote", "@type": "@id"}},
		{"canReply", map[string]string{"@id": "gts:canReply", "@type": "@id"}},
		{"canLike", map[string]string{"@id": "gts:canLike", "@type": "@id"}},
		{"canAnnounce", map[string]string{"@id": "gts:canAnnounce", "@type": "@id"}},
		{"automaticApproval", map[string]string{"@id": "gts:automaticApproval", "@type": "@id"}},
		{"dcterms", "http://purl.org/dc/terms/"},
	},
}
