package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// maxDraft is how long a reply that is written in a form may be, in characters. A longer one is a post.
const maxDraft = 10_000

// What is wrong with a reply from the API.
var (
	ErrDraft    = errors.New("the reply cannot be sent")
	ErrNotOurs  = errors.New("there is no such reply")
	ErrFromFile = errors.New("this reply comes from a file below content/replies: remove the file and publish")
)

// Draft is a reply as the API and the admin page take it.
type Draft struct {
	InReplyTo string `json:"inReplyTo"`        // id or page of a comment, of somebody's post, or of one of ours
	Content   string `json:"content"`          // plain text; blank lines part paragraphs, addresses become links
	CW        string `json:"cw,omitempty"`     // content warning
	Author    string `json:"author,omitempty"` // NAME of [authors.NAME]; "" is the blog
}

// Reply sends a reply at once and gives its id. The ledger alone keeps it: no published list names it, and none takes it back. ErrDraft
// says that the draft is at fault; ErrNoParent and ErrPrivate that it cannot answer what it names.
func (o *Outbox) Reply(ctx context.Context, d Draft) (id string, err error) {
	if err := o.check(d); err != nil {
		return "", err
	}
	who := o.lookUp(ctx, d.Content)
	o.mu.Lock()
	defer o.mu.Unlock()
	a := o.o.Config.Addresses()
	id = a.Post(strings.ToLower(rand.Text()))
	now := o.o.Now().UTC().Truncate(time.Second)
	raw, err := activitypub.Marshal(o.note(d, who, id, now))
	if err != nil {
		return "", err
	}
	doc, err := parseDocument(raw)
	if err != nil {
		return "", err
	}
	post := site.PublishedPost{ID: id, Name: headline(d.Content), SHA256: sumOf(raw), Published: now, InReplyTo: d.InReplyTo}
	whole, err := o.complete(ctx, doc, d.InReplyTo)
	if err != nil {
		return "", err
	}
	var r Report
	if err := o.tellAnswer(ctx, decision{action: tellCreate, id: id, post: post}, whole, store.FromAPI, o.mentioned(ctx, doc), &r); err != nil {
		return "", err
	}
	wake(o.queued)
	return id, nil
}

// Withdraw takes a reply back that came through the API, by its key: a Delete goes out, and it leaves its thread. ErrNotOurs where there
// is none, ErrFromFile where a file says that it is out.
func (o *Outbox) Withdraw(ctx context.Context, key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	a, err := o.o.Store.Article(ctx, o.o.Config.Addresses().Post(key))
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (a.InReplyTo == "" || !a.Withdrawn.IsZero()):
		return ErrNotOurs
	case err != nil:
		return err
	case a.Origin != store.FromAPI:
		return ErrFromFile
	}
	var r Report
	if err := o.tellGone(ctx, decision{action: tellDelete, id: a.ID, told: a, at: o.o.Now()}, &r); err != nil {
		return err
	}
	wake(o.queued)
	return nil
}

func (o *Outbox) check(d Draft) error {
	_, known := o.o.Config.Authors[d.Author]
	switch {
	case !o.o.Config.Federation.Enabled:
		return fmt.Errorf("%w: federation is switched off", ErrDraft)
	case strings.TrimSpace(d.Content) == "":
		return fmt.Errorf("%w: it has no words", ErrDraft)
	case utf8.RuneCountInString(d.Content) > maxDraft || utf8.RuneCountInString(d.CW) > 500:
		return fmt.Errorf("%w: it is longer than %d characters", ErrDraft, maxDraft)
	case !utf8.ValidString(d.Content + d.CW):
		return fmt.Errorf("%w: it is not UTF-8", ErrDraft)
	case !strings.HasPrefix(d.InReplyTo, "https://") && !strings.HasPrefix(d.InReplyTo, "http://"):
		return fmt.Errorf("%w: inReplyTo is not a web address", ErrDraft)
	case d.Author != "" && !known:
		return fmt.Errorf("%w: there is no author %q", ErrDraft, d.Author)
	}
	return nil
}

func (o *Outbox) note(d Draft, who map[string]person, id string, now time.Time) activitypub.Article {
	a := o.o.Config.Addresses()
	actor := o.o.Config.ActorID(d.Author)
	if _, ok := o.o.Keys[actor]; !ok {
		actor = a.Actor()
	}
	content := paragraphs(d.Content, who)
	note := activitypub.Article{ID: id, Type: "Note", AttributedTo: actor, To: []string{activitypub.Public}, CC: []string{a.FollowersOf(actor)},
		Content: content, Published: now.Format(time.RFC3339)}
	address(&note, d.Content, who)
	if lang := o.o.Config.Site.Language; lang != "" {
		note.ContentMap = map[string]string{lang: content}
	}
	if cw := strings.TrimSpace(d.CW); cw != "" {
		note.Summary, note.Sensitive = html.EscapeString(cw), true
	}
	return note
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)'\]]`)

// paragraphs is plain text as HTML: blank lines part paragraphs, line ends are kept, addresses and known handles become links. Nothing else
// of it is markup.
func paragraphs(text string, who map[string]person) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.Trim(part, "\n"); strings.TrimSpace(part) == "" {
			continue
		}
		b.WriteString("<p>" + strings.ReplaceAll(linked(part, who), "\n", "<br>") + "</p>")
	}
	return b.String()
}

// linked escapes a text and makes links of the addresses and the known handles in it.
func linked(text string, who map[string]person) string {
	var b strings.Builder
	at := 0
	for _, m := range webAddress.FindAllStringIndex(text, -1) {
		link := html.EscapeString(text[m[0]:m[1]])
		b.WriteString(naming(text[at:m[0]], who) + `<a href="` + link + `" rel="noopener">` + link + `</a>`)
		at = m[1]
	}
	return b.String() + naming(text[at:], who)
}

// headline is how lists name a reply: its first words.
func headline(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}
