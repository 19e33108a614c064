package importer

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// The films of the two great sites, by the paths of their pages, players and short addresses.
var (
	youtubePath = regexp.MustCompile(`^/(?:embed|v|shorts|live)/([A-Za-z0-9_-]{6,20})/?$`)
	youtubeID   = regexp.MustCompile(`^[A-Za-z0-9_-]{6,20}$`)
	vimeoPath   = regexp.MustCompile(`^/(?:video/)?([0-9]{4,20})/?$`)
	filmStart   = regexp.MustCompile(`^(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,6})s?)?$`)
	// filmLine is a line that holds one link and nothing else: a bare address, one between < and >, or [words](address).
	filmLine = regexp.MustCompile(`^ {0,3}(?:<?(https?://[^\s<>()]+)>?|\[((?:[^\[\]\\]|\\.)*)\]\(<?(https?://[^\s<>()]+)>?\))\s*$`)
)

// films makes shortcodes of the films that stand alone in their paragraph, which is where other programs show a player: publish makes a link
// of them, and a player where the blogger wants players. It comes after clean, which lets no shortcode of the export through.
func (in *importing) films(p *Post) {
	if !strings.Contains(p.Body, "youtu") && !strings.Contains(p.Body, "vimeo.com/") {
		return
	}
	lines := strings.SplitAfter(p.Body, "\n")
	fence := ""
	blank := func(i int) bool { return i < 0 || i >= len(lines) || strings.TrimSpace(lines[i]) == "" }
	for i, l := range lines {
		mark := fenceOf(l)
		switch {
		case fence == "" && mark != "":
			fence = mark
		case fence != "":
			if strings.HasPrefix(mark, fence) && strings.Trim(strings.TrimSpace(l), mark[:1]) == "" {
				fence = ""
			}
		case len(l) < maxSummary && (blank(i-1) && blank(i+1) || strings.HasPrefix(l, "[Video")): // what stood for a player has a line of its own
			if code := filmCode(strings.TrimSuffix(l, "\n")); code != "" {
				lines[i] = code + l[len(strings.TrimSuffix(l, "\n")):]
			}
		}
	}
	p.Body = strings.Join(lines, "")
}

// filmCode is the shortcode for a line that is a link to a film, "" for all others.
func filmCode(l string) string {
	m := filmLine.FindStringSubmatch(l)
	if m == nil {
		return ""
	}
	name, id, start := filmOf(strings.ReplaceAll(m[1]+m[3], `\`, ""))
	if name == "" {
		return ""
	}
	code := "{{< " + name + " " + id
	if title := filmTitle(m[2]); title != "" {
		code += ` "` + title + `"`
	}
	if start > 0 {
		code += " start=" + strconv.Itoa(start)
	}
	return code + " >}}"
}

// filmTitle is a link's text as a shortcode holds it, "" where it says nothing of the film.
func filmTitle(text string) string {
	text = strings.NewReplacer(`\`, "", `"`, "", "“", "", "”", "", "{{", "", "}}", "", "<", "", ">", "", "`", "", "*", "").Replace(html.UnescapeString(text))
	text = line(text, maxTag)
	if text == "Video" || strings.HasPrefix(text, "Video on ") || strings.Contains(text, "://") {
		return ""
	}
	return text
}

// filmOf tells which film an address leads to, and where in it, in seconds. Lists of films, channels and what is not public have no equal.
func filmOf(at string) (name, id string, start int) {
	u, err := url.Parse(unescaped(at))
	if err != nil || u.User != nil {
		return "", "", 0
	}
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Host), "www."), "m.")
	q := u.Query()
	switch host {
	case "youtu.be":
		id = strings.Trim(u.Path, "/")
	case "youtube.com", "youtube-nocookie.com":
		if id = q.Get("v"); strings.TrimSuffix(u.Path, "/") != "/watch" {
			id = ""
			if m := youtubePath.FindStringSubmatch(u.Path); m != nil && m[1] != "videoseries" {
				id = m[1]
			}
		}
	case "vimeo.com", "player.vimeo.com":
		if m := vimeoPath.FindStringSubmatch(u.Path); m != nil && q.Get("h") == "" {
			return "vimeo", m[1], seconds(strings.TrimPrefix(u.Fragment, "t="))
		}
		return "", "", 0
	}
	if !youtubeID.MatchString(id) || q.Get("list") != "" {
		return "", "", 0
	}
	return "youtube", id, seconds(q.Get("t") + q.Get("start"))
}

// seconds reads "90", "90s" and "1m30s"; 0 for anything else.
func seconds(s string) int {
	m := filmStart.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	sec, _ := strconv.Atoi(m[3])
	return (h*60+min)*60 + sec
}
