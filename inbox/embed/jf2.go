package embed

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Feed is the answer of webmention.io's GET /api/mentions.jf2 (https://webmention.io/#api, https://jf2.spec.indieweb.org).
type Feed struct {
	Type     string    `json:"type"`
	Name     string    `json:"name"`
	Children []Mention `json:"children"`
}

// Mention is one entry of it: a reply, a quote, a like, a boost or a reaction.
type Mention struct {
	Type      string   `json:"type"`
	Author    card     `json:"author"`
	URL       string   `json:"url"`
	Published string   `json:"published"`
	Received  string   `json:"wm-received"`
	ID        int64    `json:"wm-id"`
	Source    string   `json:"wm-source"`
	Target    string   `json:"wm-target"`
	Protocol  string   `json:"wm-protocol"`
	Content   *content `json:"content,omitempty"`
	Summary   string   `json:"summary,omitempty"` // the content warning
	ReplyTo   string   `json:"in-reply-to,omitempty"`
	LikeOf    string   `json:"like-of,omitempty"`
	RepostOf  string   `json:"repost-of,omitempty"`
	MentionOf string   `json:"mention-of,omitempty"`
	Property  string   `json:"wm-property"`
	Private   bool     `json:"wm-private"`

	at time.Time
}

type card struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Photo string `json:"photo"`
	URL   string `json:"url"`
}

type content struct {
	HTML string `json:"html"`
	Text string `json:"text"`
}

// MentionsOf gives everything in a thread, the newest first, likes and boosts as far as their faces are in it.
func MentionsOf(t *activitypub.Thread) []Mention {
	m := mentions{target: address(t.URL)}
	m.comments(t.Replies, "in-reply-to")
	m.comments(t.Quotes, "mention-of")
	m.comments(t.Mentions, "mention-of")
	m.pile(t.Likes, "like-of", nil)
	m.pile(t.Boosts, "repost-of", nil)
	for _, g := range t.Reactions {
		m.pile(g.Pile, "in-reply-to", g.Emoji)
	}
	slices.SortStableFunc(m.list, func(a, b Mention) int { return b.at.Compare(a.at) })
	return m.list
}

// Page is part of a list of mentions, as webmention.io pages it: page counts from 0.
func Page(list []Mention, page, perPage int) Feed {
	f := Feed{"feed", "Webmentions", []Mention{}}
	if start := page * perPage; start < len(list) {
		f.Children = list[start:min(start+perPage, len(list))]
	}
	return f
}

type mentions struct {
	target string
	list   []Mention
}

func (m *mentions) comments(list []*activitypub.Comment, property string) {
	for _, c := range list {
		if !c.Removed {
			e := m.entry(c.ID, c.URL, c.By, property, c.Published)
			words, _ := spelled(c.Content)
			e.Content = &content{string(words.HTML()), plain(words.Text())}
			warning, _ := spelled(c.Warning)
			e.Summary = plain(warning.Text())
			m.list = append(m.list, e)
		}
		m.comments(c.Replies, "in-reply-to")
	}
}

func (m *mentions) pile(p activitypub.Pile, property string, words activitypub.Tree) {
	for _, f := range p.Faces {
		e := m.entry(f.ID+" "+property+" "+words.Text(), f.URL, f, property, f.At)
		e.URL = apart(e.URL, property, e.ID)
		if words != nil {
			shown, _ := spelled(words)
			e.Content = &content{string(shown.HTML()), plain(shown.Text())}
		}
		m.list = append(m.list, e)
	}
}

func (m *mentions) entry(id, page string, by activitypub.Face, property string, at time.Time) Mention {
	name, _ := spelled(by.Name)
	e := Mention{Type: "entry", Author: card{"card", plain(name.Text()), address(by.Avatar), address(by.URL)}, URL: address(page), Source: address(page), Target: m.target,
		Protocol: "webmention", ID: number(id), Property: property, Published: at.UTC().Format(time.RFC3339), Received: at.UTC().Format(time.RFC3339), at: at}
	switch property {
	case "in-reply-to":
		e.ReplyTo = m.target
	case "like-of":
		e.LikeOf = m.target
	case "repost-of":
		e.RepostOf = m.target
	default:
		e.MentionOf = m.target
	}
	return e
}

// apart is the page of a person as the address of one thing that they did: widgets take two entries of one address for one, and drop the second.
func apart(page, property string, id int64) string {
	if page == "" || strings.Contains(page, "#") {
		return page
	}
	return page + "#" + property + "-" + strconv.FormatInt(id, 36)
}

// number is an id as a number that JavaScript holds exactly.
func number(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 12)
}
