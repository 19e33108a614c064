package activitypub

// Collection is a collection or one page of it, as we serve it. Type is Collection, OrderedCollection, CollectionPage or
// OrderedCollectionPage. TotalItems is always written, Items only where they are shown.
type Collection struct {
	Context      any    `json:"@context,omitempty"`
	ID           string `json:"id"`
	Type         string `json:"type"`
	Name         string `json:"name,omitempty"`
	AttributedTo string `json:"attributedTo,omitempty"`
	TotalItems   int    `json:"totalItems"`
	First        string `json:"first,omitempty"`
	Next         string `json:"next,omitempty"`
	Prev         string `json:"prev,omitempty"`
	PartOf       string `json:"partOf,omitempty"`
	OrderedItems []any  `json:"orderedItems,omitzero"` // empty and not nil: shown as an empty list
	Items        []any  `json:"items,omitempty"`
}

// Tombstone is what stays of a withdrawn post (ActivityPub §6.4), answered with 410.
type Tombstone struct {
	Context    any    `json:"@context,omitempty"`
	ID         string `json:"id"`
	Type       string `json:"type"` // "Tombstone"
	FormerType string `json:"formerType,omitempty"`
	Deleted    string `json:"deleted,omitempty"`
}
