package activitypub

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"strings"
	"time"
	"unicode"
)

// Thread is what the fediverse answered to one post, arranged for showing. It is at once the data of the comments template, the
// answer of GET /api/v1/thread, and the content of comments/*.json: inboxd makes it of its rows, publish reads it back, one
// template renders it. Pictures in it are the blog's own addresses.
type Thread struct {
	Version   int             `json:"v"`              // 1
	Post      string          `json:"post"`           // id of the Article
	URL       string          `json:"url"`            // page of the post
	Key       string          `json:"key"`            // the post's own key
	Handle    string          `json:"handle"`         // "@blog@example.com"
	Language  string          `json:"lang,omitempty"` // of the post: in which the thread's own words ("Reply", dates) are shown
	Actions   Actions         `json:"actions"`
	Count     int             `json:"count"` // replies shown
	Pending   int             `json:"pending,omitempty"`
	Closed    bool            `json:"closed,omitempty"`
	Live      string          `json:"-"` // which state of the thread this is, where inboxd wrote it while serving; "" in a page that publish made
	Replies   []*Comment      `json:"replies"`
	Likes     Pile            `json:"likes"`
	Boosts    Pile            `json:"boosts"`
	Reactions []ReactionGroup `json:"reactions,omitempty"`
	Quotes    []*Comment      `json:"quotes,omitempty"`
	Mentions  []*Comment      `json:"mentions,omitempty"` // pages of other sites that link to the post (webmentions)
}

// Actions are the /interact addresses of a post or comment, plain links that work without script.
type Actions struct {
	Reply  string `json:"reply,omitempty"`
	Like   string `json:"like,omitempty"`
	Boost  string `json:"boost,omitempty"`
	Follow string `json:"follow,omitempty"`
	Share  string `json:"share,omitempty"`
}

// Pile is a facepile: the first 12 faces and the whole count.
type Pile struct {
	Count int    `json:"count"`
	Faces []Face `json:"faces,omitempty"`
	All   string `json:"all,omitempty"` // page that lists everybody
}

// Face is a person as a page shows one.
type Face struct {
	ID     string `json:"id"`
	Name   Tree   `json:"name"`   // with custom emoji; never empty
	Handle string `json:"handle"` // "@ada@social.example"
	URL    string `json:"url"`
	Avatar string `json:"avatar,omitempty"` // the blog's own copy; "" = draw the initial

	// NoIndex keeps somebody in a pile out of search results, as they asked.
	NoIndex bool `json:"noindex,omitempty"`

	At time.Time `json:"-"` // of a like, boost or reaction; zero in a pile that is made for a page
}

// ReactionGroup is one emoji and who sent it.
type ReactionGroup struct {
	Emoji Tree `json:"emoji"`
	Pile
}

// Comment is one reply or quote. Children deeper than MaxDepth stand beside their parent and name whom they answer in InReplyTo.
type Comment struct {
	ID        string          `json:"id"`
	Anchor    string          `json:"anchor"` // "c-…", unique on the page and stable
	URL       string          `json:"url"`
	By        Face            `json:"by"`
	Owner     bool            `json:"owner,omitempty"`  // written by the blog itself
	Pinned    bool            `json:"pinned,omitempty"` // put on top of the thread by the owner
	Content   Tree            `json:"content"`
	Warning   Tree            `json:"warning,omitempty"`
	Sensitive bool            `json:"sensitive,omitempty"`
	Media     []Media         `json:"media,omitempty"`
	Language  string          `json:"lang,omitempty"`
	Published time.Time       `json:"published"`
	Edited    time.Time       `json:"edited,omitzero"`
	Removed   bool            `json:"removed,omitempty"` // by its author; only its place in the thread is left
	Parent    string          `json:"parent"`            // page address of what it answers
	InReplyTo string          `json:"inReplyTo,omitempty"`
	Actions   Actions         `json:"actions"`
	Likes     int             `json:"likes,omitempty"`
	Boosts    int             `json:"boosts,omitempty"`
	Reactions []ReactionGroup `json:"reactions,omitempty"`
	NoIndex   bool            `json:"noindex,omitempty"`
	Imported  bool            `json:"imported,omitempty"` // it stood under the post on the blog's former program, and no server knows it
	Replies   []*Comment      `json:"replies,omitempty"`
}

// MaxDepth is how deep a thread is indented.
const MaxDepth = 4

// Media is an attachment of a comment. Picture is the blog's own copy of an image, or of the still picture that stands for a film or a
// sound; "" where there is none. What is no image is shown as a link, and nothing plays here. Width and Height are those of an image as it
// is shown, 0 where they are not known.
type Media struct {
	Kind    string `json:"kind"` // image, video, audio, file
	Picture string `json:"picture,omitempty"`
	URL     string `json:"url"`
	Alt     string `json:"alt,omitempty"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
}

// TakeImported takes the comments out of a thread that an import brought along, and counts them with their answers.
func (t *Thread) TakeImported() (imported []*Comment, count int) {
	kept := []*Comment{}
	for _, c := range t.Replies {
		if c.Imported {
			imported = append(imported, c)
			count += 1 + answers(c)
		} else {
			kept = append(kept, c)
		}
	}
	t.Replies = kept
	return imported, count
}

func answers(c *Comment) int {
	n := len(c.Replies)
	for _, r := range c.Replies {
		n += answers(r)
	}
	return n
}

// Initial is the first letter or digit of the name, else of the handle, in upper case, for a face without a picture.
func (f Face) Initial() string {
	for _, s := range []string{f.Name.letters(), f.Handle, f.ID} {
		for _, r := range s {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				return string(unicode.ToUpper(r))
			}
		}
	}
	return "?"
}

// letters is the text without the names of custom emoji.
func (t Tree) letters() string {
	var b strings.Builder
	for _, n := range t {
		b.WriteString(n.Text)
		b.WriteString(Tree(n.Children).letters())
	}
	return b.String()
}

// Hue is a colour angle in degrees from the id, the same on every page.
func (f Face) Hue() int {
	h := fnv.New32a()
	h.Write([]byte(f.ID))
	return int(h.Sum32() % 360)
}

// Anchor is the fragment of a comment on its page: of its id alone, so that a link to it holds.
func Anchor(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "c-" + hex.EncodeToString(sum[:5])
}
