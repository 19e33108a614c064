package activitypub

import (
	"errors"
	"slices"
)

// The faults that Read tells apart. All of them are the sender's: answer 400 (ErrTooLarge: 413).
var (
	ErrTooLarge  = errors.New("document is larger than 1 MiB")
	ErrMalformed = errors.New("document is not acceptable JSON")
)

// MaxDocument is the largest document that Read takes, in bytes.
const MaxDocument = 1 << 20

// Read parses one document of another server.
//
// It refuses (ErrTooLarge, ErrMalformed) what two readers could understand in two ways or what could exhaust one: more than
// 1 MiB, 32 levels or 10,000 values, invalid UTF-8, anything after the document, a name that stands twice or twice up to case,
// two activity types or two actors at once. It also refuses what cannot mean anything: a document without a type that is no
// key, an id that is no absolute URI, a note with an actor of another server, an activity about nothing, one whose actor is neither an id nor an object. An activity may
// leave its actor out, or name one without an id (Activity Streams §2.2): then Actor, or its ID, is empty.
//
// Everything else that is missing, null or of an odd shape is taken as absent (federation.md, B2). Nothing is read by
// JSON-LD expansion: @context is not looked into, except for @language.
func Read(data []byte) (*Object, error) {
	v, err := parseDocument(data)
	if err != nil {
		return nil, err
	}
	if v.kind != '{' {
		return nil, malformed("not an object")
	}
	switch v.get("@context").kind {
	case '"', '[', '{', 'n':
	default:
		return nil, malformed("@context is neither a name nor a list")
	}
	var r reader
	o := r.object(v, true)
	if r.err != nil {
		return nil, r.err
	}
	return o, checkDocument(o)
}

// checkDocument refuses a document that says nothing: without a type, or an activity about nothing.
func checkDocument(o *Object) error {
	if o.Type == "" && len(o.PublicKey) == 0 {
		return malformed("no type")
	}
	if objectful[o.Type] && len(o.Object) == 0 {
		return malformed("%s without an object", o.Type)
	}
	// Old programs name the author of a note in actor as well. One of another server is a claim that this document cannot make.
	if o.Is("Note", "Article", "Page", "Question") && o.Actor != nil && o.Actor.ID != "" && !SameOrigin(o.Actor.ID, o.ID) {
		return malformed("%s of %s speaks for %s", o.Type, clip(o.ID), clip(o.Actor.ID))
	}
	return nil
}

// IDs gives the ids of a list, leaving out objects without one.
func IDs(list []*Object) []string {
	var ids []string
	for _, o := range list {
		if o != nil && o.ID != "" {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// IsPublic tells whether the object names Public in to or cc.
func (o *Object) IsPublic() bool {
	return slices.Contains(o.To, Public) || slices.Contains(o.CC, Public)
}

// Listed tells whether the object may stand in public timelines: Public is in its to. What names it in cc alone is "unlisted", or "quiet
// public": for everybody who comes by.
func (o *Object) Listed() bool { return slices.Contains(o.To, Public) }

// Is tells whether the object has one of the types.
func (o *Object) Is(types ...string) bool {
	return slices.ContainsFunc(o.Types, func(t string) bool { return slices.Contains(types, t) })
}

// Emoji gives the custom emoji that the object's tags define: ":name:" to the picture's URL, as ParseHTML and ParseText take them.
func (o *Object) Emoji() map[string]string {
	emoji := map[string]string{}
	for _, t := range o.Tag {
		if !t.Is("Emoji") || len(t.Icon) == 0 || len(t.Icon[0].URL) == 0 {
			continue
		}
		if name := emojiName(t.Name); name != "" {
			emoji[name] = t.Icon[0].URL[0].Href
		}
	}
	return emoji
}
