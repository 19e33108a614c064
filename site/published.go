package site

import "time"

// PublishedFile is where the published list lies below the output folder.
const PublishedFile = "ap/published.json"

// PublishedList is public/ap/published.json: what is out and what was taken back. publish writes it last, by rename; the
// daemon compares it with its ledger. Newest post first. See docs/architecture.md, "How publish and the daemon talk".
type PublishedList struct {
	Version   int             `json:"version"` // 1
	Posts     []PublishedPost `json:"posts"`
	Withdrawn []Withdrawn     `json:"withdrawn"`
	// Emoji are the blog's custom emoji (content/emoji), by name.
	Emoji []PublishedEmoji `json:"emoji,omitempty"`
}

// PublishedEmoji is a custom emoji: what ":NAME:" shows in posts and profiles.
type PublishedEmoji struct {
	Name      string    `json:"name"` // without colons
	URL       string    `json:"url"`  // of the picture
	MediaType string    `json:"mediaType"`
	SHA256    string    `json:"sha256"`  // hex, of the picture
	Updated   time.Time `json:"updated"` // when this picture was first published, UTC, whole seconds
}

// PublishedPost is one post that is out. ID is the Activity Streams id, a full URL, and never changes.
type PublishedPost struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Article   string    `json:"article"` // path of the Article's JSON relative to the output folder
	SHA256    string    `json:"sha256"`  // hex, of the Article's file
	Name      string    `json:"name"`
	Published time.Time `json:"published"` // moment of first publication, UTC, whole seconds
	// Updated is the moment of the last change that followers should hear of; the zero time if there was none.
	Updated time.Time `json:"updated,omitzero"`
	// Actor is who speaks of the post for ever: the id of an author's actor, "" for the blog.
	Actor string `json:"actor,omitempty"`
	// InReplyTo makes it the owner's reply (content/replies): the id or page of what it answers.
	InReplyTo string `json:"inReplyTo,omitempty"`
	// Pinned posts stand in the collection featured, the lowest number first; 0 for the others.
	Pinned int `json:"pinned,omitempty"`
	// Silent posts are listed and served and never announced (an import, or announce = false).
	Silent bool `json:"silent,omitempty"`
	// Former are the page addresses that the post had before its slug changed: publish keeps a redirect at each.
	Former []string `json:"former,omitempty"`
	// Closes is when the post takes no more comments by its own front matter; the zero time leaves that to the settings.
	Closes time.Time `json:"closes,omitzero"`
	// Language is the post's (BCP 47), where it is not the site's.
	Language string `json:"language,omitempty"`
}

// Withdrawn is the tombstone of a post that was out. It is carried for ever.
type Withdrawn struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}
