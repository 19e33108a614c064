package activitypub

import (
	"regexp"
	"slices"
	"time"
)

// EmojiName is what a custom emoji may be called for every server (FEP-9098): two characters at least.
var EmojiName = regexp.MustCompile(`^[A-Za-z0-9_]{2,64}$`)

var shortcode = regexp.MustCompile(`:[A-Za-z0-9_]{2,64}:`)

// Shortcodes gives the names of a text's ":name:"s, each once, in order. One that touches a letter, a digit or another colon is none, as
// on Mastodon: "12:30:45" is a time.
func Shortcodes(text string) []string {
	var names []string
	for _, at := range shortcode.FindAllStringIndex(text, -1) {
		name := text[at[0]+1 : at[1]-1]
		if at[0] > 0 && wordly(text[at[0]-1]) || at[1] < len(text) && wordly(text[at[1]]) || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// wordly tells whether a byte joins a shortcode to what stands beside it. Letters beyond ASCII do, too.
func wordly(c byte) bool {
	return c == ':' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// EmojiTag is the tag that gives a shortcode its picture (FEP-9098, Mastodon): servers fetch it again once updated is newer.
func EmojiTag(id, name, picture, mediaType string, updated time.Time) Tag {
	return Tag{ID: id, Type: "Emoji", Name: ":" + name + ":", Updated: updated.UTC().Format(time.RFC3339), Icon: &Image{Type: "Image", URL: picture, MediaType: mediaType}}
}

// Emoji is a custom emoji as a document of its own.
type Emoji struct {
	Context any `json:"@context"`
	Tag
}

// ContextOf is the @context of an Article or Note with such tags. The term Emoji stands only where there is one: another @context would
// be another document for everybody who has it.
func ContextOf(tags []Tag) []any { return withEmoji(ObjectContext, tags) }

// ActorContextOf is that of an Actor.
func ActorContextOf(tags []Tag) []any { return withEmoji(ActorContext, tags) }

func withEmoji(context []any, tags []Tag) []any {
	if !slices.ContainsFunc(tags, func(t Tag) bool { return t.Type == "Emoji" }) {
		return context
	}
	terms := context[len(context)-1].(contextTerms)
	return append(slices.Clone(context[:len(context)-1]), append(slices.Clone(terms), contextTerms{{"Emoji", "toot:Emoji"}}...))
}
