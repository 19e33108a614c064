// Package peers says how a post looks on the servers of others: what is shown of it, what is folded behind a warning, what is dropped,
// and what would be wrong.
//
// The very document that is sent goes in; a View comes out for each program of the table (table.go). What a program does was read in its
// source, named in each row; where no source says it, the row says so. The package is functions of their arguments: it asks no server and
// reads no file.
package peers

import (
	"fmt"
	"slices"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Post is a document as it is sent, with what a peer learns besides.
type Post struct {
	Object *activitypub.Object
	Acct   string    // user@host of the sender
	Group  bool      // whether the sender is a Group
	Page   Page      // the post's page, from which peers make a card
	Sent   time.Time // when it reaches the peer; zero: as soon as it is published
}

// Page is what a card takes from a page: its title, description and picture (Open Graph).
type Page struct {
	Title, Text, Picture string
}

// Read reads a document that the publisher made. Its error is activitypub.ErrMalformed.
func Read(doc []byte) (*Post, error) {
	o, err := activitypub.Read(doc)
	if err != nil {
		return nil, fmt.Errorf("reading a post: %w", err)
	}
	return &Post{Object: o}, nil
}

// What can become of a part of a post.
const (
	Shown   = "shown"
	Folded  = "folded"  // behind a warning, until the reader opens it
	Dropped = "dropped" // readers there never see it
	Wrong   = "wrong"   // shown otherwise than it is meant, or refused for a fault of the document
)

// Finding says what becomes of a part of the post.
type Finding struct {
	What  string `json:"what"`            // Shown, Folded, Dropped or Wrong
	Field string `json:"field,omitempty"` // members of the document; "" for the whole
	Why   string `json:"why,omitempty"`
	Fix   string `json:"fix,omitempty"` // what the blogger can do, where something can be done
}

// View is a post as one program shows it.
type View struct {
	Peer      string           `json:"peer"`             // the row's name: "mastodon"
	Software  string           `json:"software"`         // as it writes itself
	Source    string           `json:"source"`           // where its behaviour was read
	Unsure    string           `json:"unsure,omitempty"` // what of it no source confirms
	Dropped   bool             `json:"dropped"`          // nothing of the post is shown
	Acct      string           `json:"acct,omitempty"`
	Published time.Time        `json:"published,omitzero"`
	Title     string           `json:"title,omitempty"`
	Warning   string           `json:"warning,omitempty"` // what stands over the folded text
	Body      activitypub.Tree `json:"-"`
	Text      string           `json:"text,omitempty"` // the body's
	More      int              `json:"more,omitempty"` // further words, which the View leaves out and the peer shows
	Cut       bool             `json:"cut,omitempty"`  // whether the peer cuts the text
	Link      string           `json:"link,omitempty"` // to the page
	Card      *Card            `json:"card,omitempty"`
	Pictures  []Picture        `json:"pictures,omitempty"`
	Of        int              `json:"of,omitempty"` // pictures that the post has
	Sensitive bool             `json:"sensitive,omitempty"`
	Tags      []string         `json:"tags,omitempty"`
	Findings  []Finding        `json:"findings"`
}

// Card is a link with what its page says of itself.
type Card struct {
	URL     string `json:"url"`
	Title   string `json:"title,omitempty"`
	Text    string `json:"text,omitempty"`
	Picture string `json:"picture,omitempty"`
}

// Picture is one that is shown beside the text.
type Picture struct {
	URL string `json:"url"`
	Alt string `json:"alt,omitempty"`
}

// Names lists the programs, those with the most readers first.
func Names() []string {
	names := make([]string, len(table))
	for i, r := range table {
		names[i] = r.name
	}
	return names
}

// Look shows a post as a program does. ok is false for a program that is not in the table.
func Look(name string, p *Post) (v View, ok bool) {
	i := slices.IndexFunc(table, func(r rule) bool { return r.name == name })
	if i < 0 {
		return View{}, false
	}
	return table[i].view(p), true
}

func (v *View) find(what, field, why, fix string) {
	v.Findings = append(v.Findings, Finding{what, field, why, fix})
}

// drop takes everything away that was to be shown.
func (v *View) drop(f Finding) {
	*v = View{Peer: v.Peer, Software: v.Software, Source: v.Source, Unsure: v.Unsure, Dropped: true, Findings: []Finding{f}}
}
