package publisher

import (
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// emojiFolder holds the blog's custom emoji: content/emoji/NAME.png is what ":NAME:" shows.
const emojiFolder = "emoji/"

// maxEmoji is how large such a picture may be, in bytes: Mastodon takes no larger one.
const maxEmoji = 256 << 10

// What an emoji may have in pixels: a line of text shows it twenty high, and whoever reads decodes all of it. Mastodon takes no larger GIF.
const (
	maxEmojiPixels    = 2048 * 2048
	maxEmojiGIFPixels = 1280 * 720
)

// emojiKinds are the pictures that every server takes, and otherKinds are what else somebody may have meant for one.
var (
	emojiKinds = []string{".png", ".gif", ".webp"}
	otherKinds = []string{".svg", ".jpg", ".jpeg", ".avif", ".bmp", ".ico", ".apng", ".heic", ".jxl"}
)

// customEmoji is one of the blog's.
type customEmoji struct {
	site.PublishedEmoji
	shown string // its picture's address from the site's root
	width int    // on a line of text that is emojiHeight high, pixels
}

// emojiHeight is how high an emoji is where no style sheet says so: in feed readers.
const emojiHeight = 20

// readEmoji takes the custom emoji from the content folder. What nobody could see is an error.
func (b *build) readEmoji() {
	before := map[string]site.PublishedEmoji{}
	for _, e := range b.previous.Emoji {
		before[e.Name] = e
	}
	b.emoji = map[string]customEmoji{}
	for _, name := range b.inEmojiFolder() {
		rest := strings.TrimPrefix(name, emojiFolder)
		kind := strings.ToLower(path.Ext(rest))
		if !slices.Contains(emojiKinds, kind) && !slices.Contains(otherKinds, kind) {
			continue
		}
		f := b.files[name]
		short := strings.TrimSuffix(rest, path.Ext(rest))
		if why, help := b.unfit(f, short, kind); why != "" {
			b.fault(site.Diagnostic{Severity: site.Error, Code: codeEmoji, File: b.shown(name), Message: why, Help: help})
			continue
		}
		fact := f.look(b)
		e := customEmoji{shown: escapePath(b.addresses.Path("/" + name)), width: max(1, emojiHeight*fact.Width/fact.Height)}
		e.PublishedEmoji = site.PublishedEmoji{Name: short, URL: b.addresses.Page(escapePath("/" + name)), MediaType: mediaType(name), SHA256: hex.EncodeToString(fact.Sum[:]), Updated: b.now.UTC().Truncate(time.Second)}
		if old, ok := before[short]; ok && old.SHA256 == e.SHA256 {
			e.Updated = old.Updated
		}
		b.emoji[short] = e
	}
}

// inEmojiFolder lists the folder's files by name.
func (b *build) inEmojiFolder() (names []string) {
	for name := range b.files {
		if strings.HasPrefix(name, emojiFolder) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unfit says why a picture is no emoji, and what to do.
func (b *build) unfit(f *file, name, kind string) (why, help string) {
	switch width, height := f.size(b); {
	case !slices.Contains(emojiKinds, kind):
		return "no server shows this as an emoji", "save it as PNG, GIF or WebP"
	case !activitypub.EmojiName.MatchString(name):
		return fmt.Sprintf("an emoji cannot be called %q", name), "two to 64 letters without accents, digits and _, directly in content/emoji"
	case f.stamp.Size > maxEmoji:
		return fmt.Sprintf("this emoji has %d KB", (f.stamp.Size+1023)>>10), "at most 256 KB: servers take no larger one"
	case width == 0 || height == 0:
		return "this is no picture", "save it as PNG, GIF or WebP"
	case width > maxEmojiPixels/height || kind == ".gif" && width > maxEmojiGIFPixels/height:
		return fmt.Sprintf("this emoji has %d × %d pixels", width, height), "128 × 128 are plenty: readers see it 20 pixels high"
	}
	if other, twice := b.emoji[name]; twice {
		return fmt.Sprintf("there are two pictures for :%s:", name), "keep one of them and " + path.Base(other.URL)
	}
	return "", ""
}

// emojiValue is all that a page says about an emoji, "" for a name that is none.
func (b *build) emojiValue(name string) string {
	e, ok := b.emoji[name]
	if !ok {
		return ""
	}
	return fmt.Sprintf(`<img class="emoji" src="%s" alt=":%s:" title=":%[2]s:" width="%d" height="%d" loading="lazy">`, html.EscapeString(e.shown), name, e.width, emojiHeight)
}

// emojiTags are those of all emoji that a post names, in its text or in what is said about it.
func (b *build) emojiTags(p *Post) (tags []activitypub.Tag) {
	if len(b.emoji) == 0 {
		return nil
	}
	var names []string
	for _, u := range b.notes[p].Rendering.Emoji {
		names = append(names, u.Name)
	}
	names = append(names, activitypub.Shortcodes(strings.Join([]string{p.Title, b.summary(p), p.Fediverse.CW}, "\n"))...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if e, ok := b.emoji[name]; ok {
			tags = append(tags, activitypub.EmojiTag(b.addresses.Emoji(name), name, e.URL, e.MediaType, e.Updated))
		}
	}
	return tags
}

// emojis adds the tags of those emoji that a document shows, and the word for them to its @context.
func (b *build) emojis(doc *activitypub.Article, p *Post) {
	shown := strings.Join([]string{doc.Name, doc.Summary, doc.Subject, doc.Content}, "\n")
	for _, t := range b.emojiTags(p) {
		if strings.Contains(shown, t.Name) {
			doc.Tag = append(doc.Tag, t)
		}
	}
	doc.Context = activitypub.ContextOf(doc.Tag)
}

// publishedEmoji is what the list says of them.
func (b *build) publishedEmoji() (list []site.PublishedEmoji) {
	if !b.config.Federation.Enabled {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(b.emoji)) {
		list = append(list, b.emoji[name].PublishedEmoji)
	}
	return list
}

// planEmoji plans the documents that the ids of emoji lead to.
func (b *build) planEmoji() {
	for _, e := range b.publishedEmoji() {
		tag := activitypub.EmojiTag(b.addresses.Emoji(e.Name), e.Name, e.URL, e.MediaType, e.Updated)
		b.plan(output{path: b.addresses.EmojiFile(e.Name), print: b.print("emoji", tag), class: documents, make: func() ([]byte, error) {
			data, err := activitypub.Marshal(activitypub.Emoji{Context: activitypub.ContextOf([]activitypub.Tag{tag}), Tag: tag})
			return append(data, '\n'), err
		}})
	}
}
