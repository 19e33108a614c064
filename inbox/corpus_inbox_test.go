package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// runInboxPost posts a payload. One whose ids are http: is refused by a daemon that everybody can reach, and does what its row says
// in --dev; every other does so in both.
func runInboxPost(t *testing.T, r row) {
	p := payloadOf(t, r)
	bar := p.barred()
	p.admitted(t, bar)
	if r.expect == "reject-or-refetch" { // whose words they are is not who sends them
		p.by = bobS
	}
	worlds(t, p.insecure(), func(t *testing.T, w *corpusWorld, dev bool) {
		if bar != "" || p.insecure() && !dev {
			p.refused(t, w)
			return
		}
		w.serveSender(p.by)
		p.replay(t, w)
	})
}

// replay posts a payload unsigned, signed, and signed once more, and holds what happened against its row.
func (p payload) replay(t *testing.T, w *corpusWorld) {
	p.prepare(w)
	mailbox := w.mail(p.by + "/inbox")
	p.unsigned(t, w)
	look := w.glance
	if unseen[p.expect] {
		look = w.snapshot
	}
	before, was := w.counts(), look()
	first := w.post(p.letter())
	w.settle()
	got, now := w.counts(), look()
	demand(t, append(p.judge(w, first, before, got), p.extra(t, w, was, now, mailbox)...))
	inert(t, w.page())
	now = look()
	if again := w.post(p.letter()); again != first {
		t.Errorf("sent twice: status %d, then %d", first, again)
	}
	w.settle()
	if twice := look(); twice != now {
		t.Errorf("sent twice, it has a second effect:\n%s\nwas\n%s", twice, now)
	}
	w.deliver()
	if n := countOf(*mailbox, "Accept"); n > 1 {
		t.Errorf("%d Accepts, want at most one", n)
	}
}

func countOf(list []posted, kind string) int {
	n := 0
	for _, s := range list {
		if s.Type == kind {
			n++
		}
	}
	return n
}

// judge compares status and counts with the row's word for what must happen.
func (p payload) judge(w *corpusWorld, status int, before, got counts) (faults []string) {
	fault := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	fine := status >= 200 && status < 300
	switch {
	case p.expect == "reject-4xx":
		fine = is4xx(status)
	case strings.HasPrefix(p.expect, "reject"), strings.HasSuffix(p.expect, "any<500"):
		fine = is4xx(status) || fine
	}
	if !fine {
		fault("%s: status %d", p.expect, status)
	}
	wanted := before
	switch p.expect {
	case "delete-actor":
		wanted = counts{}
	case "count-like-or-emoji":
		if got.likes+got.reactions != before.likes+before.reactions+1 {
			fault("%+v, was %+v, want one like or reaction more", got, before)
		}
		return faults
	case "move-follower": // which of the two follows is looked at apart
	case "count-boost-not-listed", "count-boost-or-ignore-202", "count-like-or-ignore-202", "accept-comment-or-ignore-202":
		wanted = got
		if d := got.replies + got.likes + got.boosts - before.replies - before.likes - before.boosts; d < 0 || d > 1 {
			fault("%+v, was %+v, want at most one more", got, before)
		}
	default:
		field, change := counted(p.expect, &wanted)
		if field != nil {
			*field += change
		} else if !knownQuiet[p.expect] {
			fault("nobody knows what %q means", p.expect)
		}
	}
	if got != wanted {
		fault("%s: %+v, was %+v, want %+v", p.expect, got, before, wanted)
	}
	return faults
}

// knownQuiet are the expectations after which the counts are what they were.
var knownQuiet = map[string]bool{
	"ignore-202": true, "ignore-not-comment": true, "ignore-or-mention": true, "quote-or-ignore": true, "parse-ok": true, "accept-private": true,
	"private-never-public": true, "flag-record": true, "quote-request": true, "update-actor": true, "update-comment": true,
	"reject-4xx": true, "reject-4xx-or-ignore": true, "reject-or-ignore": true, "reject-or-refetch": true,
}

// unseen are those after which a reader sees what was there before, on the page and in every document.
var unseen = map[string]bool{
	"ignore-202": true, "ignore-not-comment": true, "parse-ok": true, "accept-private": true, "private-never-public": true, "flag-record": true,
	"reject-4xx": true, "reject-4xx-or-ignore": true, "reject-or-ignore": true, "reject-or-refetch": true,
}

// extra checks what a row's word means besides the counts.
func (p payload) extra(t *testing.T, w *corpusWorld, before, now string, mailbox *[]posted) []string {
	t.Helper()
	if unseen[p.expect] && now != before {
		return []string{p.expect + ": a reader sees it:\n" + now + "\nwas\n" + before}
	}
	switch p.expect {
	case "accept-comment":
		return p.isShown(w)
	case "follow":
		return p.isAnswered(w, mailbox)
	case "quote-request":
		w.deliver()
		if countOf(*mailbox, "Accept")+countOf(*mailbox, "Reject") != 1 {
			return []string{fmt.Sprintf("a QuoteRequest was answered with %v", *mailbox)}
		}
	case "delete-comment", "delete-actor":
		if c, ok := w.shown(get(p.doc, "/object")); ok {
			return []string{"still shown: " + c.Content.Text()}
		}
	case "update-comment":
		return p.isEdited(w)
	case "update-actor":
		return p.isRefreshed(w)
	case "move-follower":
		return p.isMoved(t, w)
	}
	return nil
}

// isShown tells whether a reply is under the post with its words and its author's host, and in our collection of replies. One that
// the blog's rules hold back for the owner is none.
func (p payload) isShown(w *corpusWorld) (faults []string) {
	id := get(p.doc, "/object")
	if page := get(p.doc, "/object/url"); !strings.HasPrefix(id, "http") && page != "" {
		id = page
	}
	c, ok := w.shown(id)
	if !ok {
		return []string{"the comment is not shown"}
	}
	if host := hostIn(p.by); !strings.HasSuffix(c.By.Handle, "@"+host) {
		faults = append(faults, fmt.Sprintf("its author is shown as %q, want the host %s", c.By.Handle, host))
	}
	if c.By.ID != p.by || strings.TrimSpace(c.By.Name.Text()) == "" {
		faults = append(faults, fmt.Sprintf("its author is shown as %q, %s", c.By.Name.Text(), c.By.ID))
	}
	if strings.TrimSpace(c.Content.Text()) == "" && len(c.Media) == 0 {
		faults = append(faults, "nothing of its words is shown")
	}
	if page := w.page(); !strings.Contains(page, `id="`+c.Anchor+`"`) {
		faults = append(faults, "the page has no place for it")
	}
	if !strings.Contains(w.body("/ap/posts/one/replies?page=1"), `"`+id+`"`) {
		faults = append(faults, "our collection of replies does not list it")
	}
	return faults
}

func hostIn(id string) string {
	_, rest, _ := strings.Cut(id, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(host)
}

// isAnswered tells whether a Follow got its Accept, with the whole Follow in it.
func (p payload) isAnswered(w *corpusWorld, mailbox *[]posted) []string {
	w.deliver()
	if len(*mailbox) != 1 || (*mailbox)[0].Type != "Accept" {
		return []string{fmt.Sprintf("the Follow was answered with %v", *mailbox)}
	}
	var back any
	if err := json.Unmarshal((*mailbox)[0].Object, &back); err != nil || !reflect.DeepEqual(back, p.doc) {
		return []string{fmt.Sprintf("the Accept embeds %s, want the Follow as it came (%v)", (*mailbox)[0].Object, err)}
	}
	return nil
}

// isEdited tells whether a stored comment has the payload's words, and its author still.
func (p payload) isEdited(w *corpusWorld) []string {
	o, _ := p.doc.(map[string]any)["object"].(map[string]any)
	c, ok := w.shown(get(p.doc, "/object"))
	if !ok {
		return []string{"the edited comment is not shown"}
	}
	content, _ := o["content"].(string)
	if words := activitypub.ParseHTML(content, nil).Text(); c.Content.Text() != words || c.By.ID != p.by {
		return []string{fmt.Sprintf("after the edit %q by %s, want %q by %s", c.Content.Text(), c.By.ID, words, p.by)}
	}
	return nil
}

// isRefreshed tells whether an actor's name was taken anew from where the actor is served, and the key was not taken from the payload.
func (p payload) isRefreshed(w *corpusWorld) (faults []string) {
	if name := p.nameShown(w); name != "The "+p.by[strings.LastIndex(p.by, "/")+1:] {
		faults = append(faults, "the comment's author is shown as "+name+" before anything changed at home")
	}
	w.peers.serve(p.by, merge(actor(p.by, nil), m{"publicKey": keyDoc(p.by), "name": "Renamed"}))
	doc := merge(m{}, p.doc.(map[string]any))
	doc["id"] = idOf(doc) + "/later"
	if got := w.post(letter{doc: doc, signer: p.by, keyID: keyIDOf(p.by)}); got != http.StatusAccepted {
		faults = append(faults, fmt.Sprintf("a second Update: status %d: was the key taken from the payload", got))
	}
	w.settle()
	if name := p.nameShown(w); name != "Renamed" {
		faults = append(faults, "after the Update the comment's author is shown as "+name)
	}
	return faults
}

func (p payload) nameShown(w *corpusWorld) string {
	c, ok := w.shown(p.by + "/setup/note")
	if !ok {
		return "nobody"
	}
	return c.By.Name.Text()
}

// isMoved tells whether a follower is at its new home, where that lists the old one, and stays where it is where that does not.
func (p payload) isMoved(t *testing.T, w *corpusWorld) []string {
	from, to := get(p.doc, "/object"), get(p.doc, "/target")
	// In the first world nobody served the new home with a word about the old one, and the followers were as before.
	second := newCorpusWorld(t, strings.HasPrefix(p.by, "http:"))
	for _, id := range []string{from, p.by} {
		second.peers.serve(id, merge(actor(id, nil), m{"publicKey": keyDoc(id), "movedTo": to}))
	}
	second.peers.serve(to, merge(actor(to, nil), m{"publicKey": keyDoc(to), "alsoKnownAs": []string{from}}))
	second.sendBy(from, activity("Follow", from+"/setup/follow", from, us, nil))
	if got := second.post(p.letter()); got != http.StatusAccepted {
		return []string{fmt.Sprintf("Move: status %d", got)}
	}
	second.settle()
	_, old := second.store.Follower(t.Context(), from, us)
	_, moved := second.store.Follower(t.Context(), to, us)
	if moved != nil || old == nil {
		return []string{fmt.Sprintf("after a Move that both homes confirm: new %v, old %v", moved, old)}
	}
	return nil
}

// runRawBody posts bytes that are no proper document.
func runRawBody(t *testing.T, r row) {
	w := newCorpusWorld(t, false)
	before := w.snapshot()
	if got := w.post(letter{body: []byte(r.text)}); !is4xx(got) {
		t.Errorf("unsigned: status %d, want 4xx", got)
	}
	got := w.post(letter{body: []byte(r.text), signer: aliceS})
	w.settle()
	once := w.glance()
	if again := w.post(letter{body: []byte(r.text), signer: aliceS}); again != got {
		t.Errorf("sent twice: status %d, then %d", got, again)
	}
	w.settle()
	if twice := w.glance(); twice != once {
		t.Errorf("sent twice, it has a second effect:\n%s\nwas\n%s", twice, once)
	}
	switch r.expect {
	case "reject-4xx":
		if now := w.snapshot(); !is4xx(got) || now != before {
			t.Errorf("status %d, want 4xx, and no trace:\n%s\nwas\n%s", got, now, before)
		}
	case "any<500":
		if got >= 500 {
			t.Errorf("status %d", got)
		}
		checkRaw(t, w)
	default:
		t.Fatalf("nobody knows what %q means", r.expect)
	}
	inert(t, w.page())
}

// checkRaw wants of an odd body that was taken what every comment must be: of alice, who signed it, at most one, and with characters
// that XML and JSON can carry.
func checkRaw(t *testing.T, w *corpusWorld) {
	t.Helper()
	if n := w.counts(); n.replies+n.likes+n.boosts+n.reactions > 1 {
		t.Errorf("one body had several effects: %+v", n)
	}
	for _, c := range w.thread().Replies {
		if c.By.ID != aliceS {
			t.Errorf("alice signed it, and it is shown as of %s", c.By.ID)
		}
		for _, r := range c.Content.Text() {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r <= 0x9F || r == 0xFFFE || r == 0xFFFF {
				t.Errorf("the comment shows the character %U", r)
			}
		}
	}
}
