package inbox

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

const (
	maxAttachments = 16
	maxEmoji       = 100
	maxSource      = 64 << 10
	maxAlt         = 1500 // runes
)

// commentOf makes of a remote object what is kept of it. What it says of its own time is believed only where it makes sense.
func commentOf(o *activitypub.Object, now time.Time) store.Comment {
	emoji := emojiOf(o)
	c := store.Comment{
		ID: o.ID, URL: pageOf(o), Content: marshal(contentOf(o, emoji)), Sensitive: o.Sensitive, Language: languageOf(o),
		Published: past(o.Published, now), Received: now,
	}
	if !o.Updated.IsZero() && o.Updated.After(o.Published) {
		c.Updated = past(o.Updated, now)
	}
	if w := warningOf(o); w != "" {
		c.Warning, c.Sensitive = marshal(activitypub.ParseText(w, emoji)), true
	}
	if list := attachmentsOf(o); len(list) > 0 {
		c.Attachments = marshal(list)
	}
	if len(o.Raw) <= maxSource {
		c.Source = o.Raw
	}
	return c
}

// past gives t, or now where t is missing, absurd or still to come.
func past(t, now time.Time) time.Time {
	if t.Year() < 1990 || t.After(now) {
		return now
	}
	return t.UTC()
}

// words gives the content as it came. Some programs send contentMap alone.
func words(o *activitypub.Object) string {
	if strings.TrimSpace(o.Content) != "" {
		return o.Content
	}
	if s := o.ContentMap[o.Language]; s != "" {
		return s
	}
	for _, lang := range slices.Sorted(maps.Keys(o.ContentMap)) {
		if s := o.ContentMap[lang]; strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// contentOf parses the content by its media type: what is not HTML is text, whatever it looks like, with its line ends.
func contentOf(o *activitypub.Object, emoji map[string]string) activitypub.Tree {
	kind, _, _ := strings.Cut(strings.ToLower(o.MediaType), ";")
	if kind = strings.TrimSpace(kind); kind == "" || kind == "text/html" || kind == "application/xhtml+xml" {
		return activitypub.ParseHTML(words(o), emoji)
	}
	return activitypub.ParsePlain(words(o), emoji)
}

// warningOf gives a Note's content warning as text; the summary of an Article is a summary.
func warningOf(o *activitypub.Object) string {
	if !o.Is("Note") {
		return ""
	}
	return strings.TrimSpace(activitypub.ParseHTML(o.Summary, nil).Text())
}

func languageOf(o *activitypub.Object) string {
	if len(o.Language) > 35 {
		return ""
	}
	return o.Language
}

// emojiOf maps ":name:" to the picture that an object's tags give for it.
func emojiOf(o *activitypub.Object) map[string]string {
	emoji := map[string]string{}
	for _, t := range o.Tag {
		if len(emoji) == maxEmoji {
			break
		}
		src := pictureOf(t.Icon)
		name := ":" + strings.Trim(t.Name, ":") + ":"
		if t.Is("Emoji") && src != "" && len(name) > 2 && len(name) < 200 {
			emoji[name] = src
		}
	}
	return emoji
}

// pictureOf gives the first http(s) address of a list of images.
func pictureOf(list []*activitypub.Object) string {
	for _, o := range list {
		for _, u := range addressesOf(o) {
			if isWeb(u) {
				return u
			}
		}
	}
	return ""
}

// addressesOf gives the places where an image or attachment may lie: url, href, or the id of a bare one.
func addressesOf(o *activitypub.Object) []string {
	var list []string
	for _, u := range o.URL {
		list = append(list, u.Href)
	}
	list = append(list, o.Href)
	if o.Bare {
		list = append(list, o.ID)
	}
	return list
}

// pageOf gives the address where a person reads an object: its HTML link, else any, else its id.
func pageOf(o *activitypub.Object) string {
	page := ""
	for _, u := range o.URL {
		switch {
		case !isWeb(u.Href):
		case strings.HasPrefix(u.MediaType, "text/html"):
			return u.Href
		case page == "" && u.MediaType == "":
			page = u.Href
		}
	}
	if page == "" && isWeb(o.ID) {
		return o.ID
	}
	return page
}

func isWeb(u string) bool {
	return len(u) <= maxURL && (strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://"))
}

// attachmentsOf gives pictures, videos and sounds. A Link is a card and no attachment of the comment.
func attachmentsOf(o *activitypub.Object) []store.Attachment {
	var list []store.Attachment
	for _, a := range o.Attachment {
		if len(list) == maxAttachments {
			break
		}
		u, kind := "", a.MediaType
		for n, addr := range addressesOf(a) {
			if u == "" && isWeb(addr) {
				u = addr
				if kind == "" && n < len(a.URL) {
					kind = a.URL[n].MediaType
				}
			}
		}
		kind = mediaType(kind, a)
		if u == "" || a.Is("Link") && !strings.HasPrefix(kind, "image/") {
			continue
		}
		list = append(list, store.Attachment{
			URL: u, MediaType: kind, Alt: cut(firstOf(a.Name, a.Summary), maxAlt), Width: size(a.Width), Height: size(a.Height), Poster: posterOf(a, kind),
		})
	}
	return list
}

// posterOf gives the still picture of a film or sound: Mastodon and PeerTube name it as the attachment's icon.
func posterOf(a *activitypub.Object, kind string) string {
	if strings.HasPrefix(kind, "image/") {
		return ""
	}
	return pictureOf(a.Icon)
}

func mediaType(kind string, a *activitypub.Object) string {
	if kind != "" && len(kind) < 100 {
		return strings.ToLower(kind)
	}
	switch {
	case a.Is("Image"):
		return "image/*"
	case a.Is("Video"):
		return "video/*"
	case a.Is("Audio"):
		return "audio/*"
	}
	return "application/octet-stream"
}

func cut(s string, runes int) string {
	n := 0
	for at := range s {
		if n == runes {
			return s[:at] + "…"
		}
		n++
	}
	return s
}

// size makes a declared width or height sane.
func size(n int) int { return min(max(n, 0), 20000) }

// wantPictures makes known the remote pictures that a page shows with a comment.
func wantPictures(ctx context.Context, tx *store.Tx, c store.Comment) error {
	emoji := []string{c.EmojiURL}
	for _, b := range [][]byte{c.Content, c.Warning} {
		var t activitypub.Tree
		if len(b) > 0 && json.Unmarshal(b, &t) == nil {
			emoji = append(emoji, picturesIn(t)...)
		}
	}
	var attached []string
	var media []store.Attachment
	if len(c.Attachments) > 0 && json.Unmarshal(c.Attachments, &media) == nil {
		for _, a := range media {
			attached = append(attached, a.Pictures()...)
		}
	}
	if err := wantMedia(ctx, tx, emoji, smallSide); err != nil {
		return err
	}
	if err := wantMedia(ctx, tx, attached, shownSide); err != nil {
		return err
	}
	return tx.ShowMedia(ctx, c.ID, append(emoji, attached...)...)
}

// picturesIn lists the custom emoji of a tree.
func picturesIn(t activitypub.Tree) []string {
	var list []string
	for _, n := range t {
		if src := n.Attr["src"]; n.Tag != "" && src != "" {
			list = append(list, src)
		}
		list = append(list, picturesIn(n.Children)...)
	}
	return list
}

// wantMedia makes pictures known to the proxy, in the size in which they are shown. It fetches nothing that is not.
func wantMedia(ctx context.Context, tx *store.Tx, urls []string, side int) error {
	slices.Sort(urls)
	for _, u := range slices.Compact(urls) {
		if !isWeb(u) {
			continue
		}
		if err := tx.WantMedia(ctx, u, side); err != nil {
			return err
		}
	}
	return nil
}

// linksIn counts the people other than us whom a stored text mentions, and its links besides mentions and hashtags.
func (i *Inbox) linksIn(content []byte, o *activitypub.Object) (mentions, links int) {
	var t activitypub.Tree
	if json.Unmarshal(content, &t) != nil {
		return 0, 0
	}
	named := map[string]bool{}
	for _, tag := range o.Tag {
		named[tag.Href] = true
	}
	others := map[string]bool{}
	eachLink(t, func(n activitypub.Node) {
		href, class := n.Attr["href"], strings.Fields(n.Attr["class"])
		switch {
		case href == "" || i.address.Local(href) || slices.Contains(class, "hashtag"):
		case slices.Contains(class, "mention"), strings.HasPrefix(strings.TrimSpace(activitypub.Tree(n.Children).Text()), "@"):
			others[href] = true
		case !named[href]:
			links++
		}
	})
	return len(others), links
}

// eachLink calls f for every link of a tree.
func eachLink(t activitypub.Tree, f func(activitypub.Node)) {
	for _, n := range t {
		if n.Tag == "a" {
			f(n)
		}
		eachLink(n.Children, f)
	}
}
