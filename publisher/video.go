package publisher

import (
	"cmp"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/postil-blog/postil/publisher/markup"
)

// video is a film on a site for films. A page asks no other site for anything by itself: it has a link, and a player only where
// the blogger wants one (publish.embeds).
type video struct {
	where, id, title string
	watch            string // "Watch on YouTube"
	start            int    // seconds
}

// players are the sites, with the address of a film's page and of its player.
var players = map[string]struct{ name, page, frame string }{
	"youtube": {"YouTube", "https://www.youtube.com/watch?v=%s", "https://www.youtube-nocookie.com/embed/%s"},
	"vimeo":   {"Vimeo", "https://vimeo.com/%s", "https://player.vimeo.com/video/%s?dnt=1"},
}

var (
	filmID      = regexp.MustCompile(`^[A-Za-z0-9_-]{4,24}$`)
	filmAddress = regexp.MustCompile(`^https://(?:www\.|m\.)?(?:youtu\.be/|youtube\.com/(?:watch\?v=|shorts/|live/|embed/)|vimeo\.com/)([A-Za-z0-9_-]{4,24})(?:[?&#].*)?$`)
)

// video reads {{< youtube ID "Title" >}} with id, title and start.
func (r *rendered) video(c markup.Call, where string) (video, bool) {
	at := players[where]
	v := video{where: where, id: c.Get("id", 0), title: c.Get("title", 1), watch: r.word("watch-on", at.name)}
	if m := filmAddress.FindStringSubmatch(v.id); m != nil {
		v.id = m[1]
	}
	v.start, _ = strconv.Atoi(c.Get("start", -1))
	if !filmID.MatchString(v.id) {
		r.misuse(c, codeShortcode, fmt.Sprintf("%q is no film of %s", v.id, at.name), fmt.Sprintf("write what stands in its address: {{< %s ID \"Title\" >}}", where))
		return v, false
	}
	return v, true
}

func (v video) page() string {
	at := fmt.Sprintf(players[v.where].page, v.id)
	switch {
	case v.start > 0 && v.where == "youtube":
		at += "&t=" + strconv.Itoa(v.start) + "s"
	case v.start > 0:
		at += "#t=" + strconv.Itoa(v.start) + "s"
	}
	return at
}

// link leads to the film's page. It stays where the frame is dropped: in feeds and on other servers.
func (v video) link() string {
	words := v.watch
	if v.title != "" {
		words = v.title + " (" + players[v.where].name + ")"
	}
	return `<a class="watch" href="` + html.EscapeString(v.page()) + `" rel="external">` + html.EscapeString(words) + `</a>`
}

func (v video) html(framed bool) string {
	if !framed {
		return `<p class="film">` + v.link() + "</p>\n"
	}
	src := fmt.Sprintf(players[v.where].frame, url.PathEscape(v.id))
	if v.start > 0 && v.where == "youtube" {
		src += "?start=" + strconv.Itoa(v.start)
	}
	title := cmp.Or(v.title, strings.TrimSpace(v.watch))
	return `<figure class="film"><iframe src="` + html.EscapeString(src) + `" title="` + html.EscapeString(title) +
		`" loading="lazy" allowfullscreen="" referrerpolicy="strict-origin-when-cross-origin"></iframe><figcaption>` + v.link() + "</figcaption></figure>\n"
}
