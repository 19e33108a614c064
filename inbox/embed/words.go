package embed

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/templates"
)

// words lists the built-in texts of each element.
var words = map[string][]string{
	"fedi-comments": {"comments", "replies", "closed", "empty", "reply-fedi", "reply", "reply-to", "like", "boost", "likes", "boosts", "reactions", "quotes", "removed", "author",
		"edited", "in-reply-to", "sensitive", "alt", "no-alt", "image", "video", "audio", "file", "your-account", "go-on", "close", "failed", "again", "more", "new", "no-network"},
	"fedi-follow": {"follow", "your-account", "go-on", "close"},
}

// Spoken is the language in which an element answers to a tag (BCP 47, or with underscores): one of templates.Languages, with the region
// that was asked for ("en-GB"), which decides how dates are written.
func Spoken(asked string) string {
	_, spoken := templates.Words(asked)
	if region, sure := language.Make(asked).Region(); sure == language.Exact && strings.HasPrefix(strings.ToLower(asked), spoken) {
		spoken += "-" + region.String()
	}
	return spoken
}

// Words gives the texts that <fedi-comments> needs to show a thread in a language. English texts are in the element itself: for them the
// map is nil, but for the words about replies that wait and mentions, which few threads show and which are lent where they are needed.
func Words(asked string, t *activitypub.Thread) map[string]string {
	keys := needed(t)
	if _, spoken := templates.Words(asked); spoken == "en" {
		keys = slices.DeleteFunc(keys, func(key string) bool { return key != "pending" && key != "mentions" })
	}
	if len(keys) == 0 {
		return nil
	}
	texts, _ := templates.Words(asked, keys...)
	maps.DeleteFunc(texts, func(key, _ string) bool { // only replies are counted where there are none
		return strings.HasSuffix(key, ".zero") && key != "replies.zero"
	})
	return texts
}

// optional tells of the texts that not every thread shows, whether this one does.
type optional map[string]bool

// needed lists the texts for a thread: a language is to weigh little.
func needed(t *activitypub.Thread) []string {
	o := optional{"closed": t.Closed, "empty": t.Count == 0, "pending": t.Pending > 0, "likes": t.Likes.Count > 0, "boosts": t.Boosts.Count > 0, "reactions": t.Reactions != nil, "quotes": t.Quotes != nil, "mentions": t.Mentions != nil}
	for _, key := range []string{"removed", "author", "edited", "in-reply-to", "sensitive", "alt", "no-alt", "image", "video", "audio", "file", "more"} {
		o[key] = false
	}
	o.shows(t.Replies, false)
	o.shows(t.Quotes, false)
	o.shows(t.Mentions, false)
	return slices.DeleteFunc(append(slices.Clone(words["fedi-comments"]), "pending", "mentions"), func(key string) bool {
		show, ok := o[key]
		return ok && !show
	})
}

func (o optional) shows(list []*activitypub.Comment, below bool) {
	for n, c := range list {
		o.see(below || c.InReplyTo != "", "in-reply-to") // also where an element shows fewer levels
		o.see(c.Removed, "removed")
		o.see(c.Owner, "author")
		o.see(!c.Edited.IsZero(), "edited")
		o.see(c.Sensitive, "sensitive")
		o.see(c.Likes > 0, "likes")
		o.see(c.Boosts > 0, "boosts")
		o.see(c.Reactions != nil, "reactions")
		o.see(n > 0 || below, "more")
		for _, m := range c.Media {
			o.see(m.Picture == "", m.Kind)
			o.see(m.Picture != "" && m.Alt != "", "alt")
			o.see(m.Picture != "" && m.Alt == "", "no-alt")
		}
		o.shows(c.Replies, true)
	}
}

func (o optional) see(there bool, key string) {
	if there {
		o[key] = true
	}
}
