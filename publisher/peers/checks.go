package peers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// realTime is how old a Create may be for Mastodon to put it into home timelines (Status::REAL_TIME_WINDOW).
const realTime = 6 * time.Hour

// audience says who may see the post; peers agree about it.
func audience(p *Post, v *View) {
	o := p.Object
	switch {
	case slices.Contains(o.To, activitypub.Public):
	case slices.Contains(o.CC, activitypub.Public):
		v.find(Shown, "cc", "unlisted: in followers' timelines and not in public ones", "")
	default:
		v.find(Shown, "to", "for followers alone: nobody else there sees it", "")
	}
	for _, a := range picturesOf(o.Attachment) {
		if a.Alt == "" {
			v.find(Wrong, "attachment", "a picture without a description: "+a.URL, "write what it shows: ![here](picture.jpg)")
		}
	}
}

// homeTimeline: Mastodon stores what comes late and tells nobody.
func homeTimeline(p *Post, v *View) {
	o := p.Object
	until := o.Published.Add(realTime)
	if !p.Sent.IsZero() && p.Sent.After(until) {
		v.find(Dropped, "published", "older than 6 hours when it arrives: in no home timeline, only on the profile and in searches", "publish it anew under a new id, or boost it")
		return
	}
	v.find(Shown, "published", "in home timelines if it arrives within 6 hours of publication", "")
}

// quotable: what is not allowed is denied there.
func quotable(p *Post, v *View) {
	if !strings.Contains(string(p.Object.Raw), `"canQuote"`) {
		v.find(Wrong, "interactionPolicy", "without canQuote nobody there may quote the post", `[fediverse] quote_policy = "public"`)
	}
}

// longTitle says where a title is cut.
func longTitle(limit int) check {
	return func(_ *Post, v *View) {
		if short, cut := shorten(v.Title, limit); cut {
			v.Title = short
			v.find(Dropped, "name", "the title is cut after "+count(limit, "character"), "a shorter title")
		}
	}
}

// oneHost: some peers throw away what names two hosts.
func oneHost(p *Post, v *View) {
	o := p.Object
	for _, a := range o.AttributedTo {
		if !activitypub.SameOrigin(a.ID, o.ID) {
			v.find(Wrong, "attributedTo", "author and post are on two hosts: such a post is refused", "serve both on one host: federation.url")
		}
	}
}

// firstLine gives a post without a name the title that forums need: its first line.
func firstLine(p *Post, v *View) {
	if v.Title != "" {
		return
	}
	v.Title, _, _ = strings.Cut(v.Text, "\n")
	v.find(Shown, "content", "without a name its first line is the title", "")
}

// says adds a fixed remark.
func says(what, field, why, fix string) check {
	return func(_ *Post, v *View) { v.find(what, field, why, fix) }
}

// repeated: Friendica leaves a warning out where the text begins with the same words.
func repeated(_ *Post, v *View) {
	begin := strings.TrimRight(v.Warning, "….")
	if v.Warning == "" || !strings.HasPrefix(strings.Join(strings.Fields(v.Text), " "), strings.Join(strings.Fields(begin), " ")) {
		return
	}
	v.Warning = ""
	v.Findings = slices.DeleteFunc(v.Findings, func(f Finding) bool { return f.What == Folded })
	v.find(Dropped, "summary", "the text begins with the same words, so the summary is left out", "")
}

// linkedPreview: what stands in the preview is the post's text on Bluesky, so a link in it would be there twice.
func linkedPreview(p *Post, v *View) {
	if q := p.Object.Preview; q != nil && strings.Contains(q.Content, "<a ") {
		v.find(Wrong, "preview", "a link in the preview is posted beside the card", "take the link out of the summary")
	}
}

// relativeSource: who renders the Markdown itself cannot know where a relative address leads.
func relativeSource(p *Post, v *View) {
	for i, after := range strings.Split(p.Object.Source, "](") {
		at, _, closed := strings.Cut(after, ")")
		if i == 0 || !closed || at == "" || strings.HasPrefix(at, "#") || strings.HasPrefix(at, "mailto:") || strings.Contains(at, "://") {
			continue
		}
		v.find(Wrong, "source", fmt.Sprintf("the Markdown is rendered there, and %q in it leads nowhere", at), "an absolute address in the post")
		return
	}
}

// The refusals: what is not taken at all.

func never(why, fix string) func(*Post) (Finding, bool) {
	return func(*Post) (Finding, bool) { return Finding{Dropped, "", why, fix}, true }
}

func reply(p *Post) bool { return len(p.Object.InReplyTo) > 0 }

// pixelfed: only Notes with pictures, each of them as it wants it; replies are let through.
func pixelfed(p *Post) (Finding, bool) {
	o := p.Object
	switch {
	case !isNote(o):
		return Finding{Dropped, "type", "only Notes are taken, no " + o.Type, `[fediverse] as = "note", with a picture in the text`}, true
	case reply(p):
		return Finding{}, false
	case len(pictures(o)) == 0:
		return Finding{Dropped, "attachment", "a Note without a picture is not taken", "put a picture into the text"}, true
	}
	for _, a := range o.Attachment {
		if why := unfit(a); why != "" {
			return Finding{Dropped, "attachment", why + ": one such attachment, and the whole post is refused", "pictures of at most 5000 pixels, as JPEG, PNG or GIF, and no link beside them"}, true
		}
	}
	return Finding{}, false
}

func unfit(a *activitypub.Object) string {
	switch {
	case !a.Is("Image", "Document"):
		return "an attached " + a.Type
	case !slices.Contains([]string{"image/jpeg", "image/png", "image/gif"}, a.MediaType):
		return fmt.Sprintf("a picture of the type %q", a.MediaType)
	case a.Width > 5000 || a.Height > 5000:
		return fmt.Sprintf("a picture of %d × %d pixels", a.Width, a.Height)
	}
	return ""
}

// lemmy: communities are Groups, and a post belongs to one that it names.
func lemmy(p *Post) (Finding, bool) {
	o := p.Object
	switch {
	case reply(p) && isNote(o):
		return Finding{}, false
	case !p.Group:
		return Finding{Dropped, "attributedTo", "only communities can be followed there, and the blog is a Person", `federation.type = "Group" makes it a community`}, true
	case len(o.AttributedTo) == 0:
		return Finding{Dropped, "attributedTo", "a post without an author is refused", ""}, true
	}
	for _, a := range o.Attachment {
		if !a.Is("Link", "Image", "Document") {
			return Finding{Dropped, "attachment", "an attached " + a.Type + ": one such attachment, and the whole post is refused", ""}, true
		}
	}
	return Finding{}, false
}

// gotosocial refuses a post that was changed before it was published.
func gotosocial(p *Post) (Finding, bool) {
	var times struct{ Published, Updated time.Time } // as they are sent: the tolerant reader mends them
	if err := json.Unmarshal(p.Object.Raw, &times); err == nil && !times.Updated.IsZero() && times.Updated.Before(times.Published) {
		return Finding{Dropped, "updated", "updated lies before published: such a post is refused", "correct the date in the front matter"}, true
	}
	return Finding{}, false
}

// nodebb refuses two authors in a list.
func nodebb(p *Post) (Finding, bool) {
	if len(p.Object.AttributedTo) > 1 {
		return Finding{Dropped, "attributedTo", "a post with a list of authors is refused", ""}, true
	}
	return Finding{}, false
}

func threads(p *Post) (Finding, bool) {
	if !isNote(p.Object) {
		return Finding{Dropped, "type", "there is no sign that Articles are shown", `[fediverse] as = "note"`}, true
	}
	return Finding{}, false
}
