package inbox_test

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// slack is how much longer than the corpus says something may take on a busy machine.
const slack = 5

// asserts is one row for each word of a scenario's expectations. An error says what was there instead.
var asserts = map[string]func(o *observed, v any) error{
	"comments":                func(o *observed, v any) error { return compare(o.w.counts().replies, v) },
	"likes":                   func(o *observed, v any) error { return compare(o.w.counts().likes, v) },
	"boosts":                  func(o *observed, v any) error { return compare(o.w.counts().boosts, v) },
	"reactions":               func(o *observed, v any) error { return compare(o.w.counts().reactions, v) },
	"followers":               func(o *observed, v any) error { return compare(o.w.counts().followers, v) },
	"accepts_sent":            func(o *observed, v any) error { return compare(countOf(o.mail, "Accept"), v) },
	"outbound_total":          func(o *observed, v any) error { return compare(o.total, v) },
	"max_ms":                  func(o *observed, v any) error { return atMost(o.took.Milliseconds(), v, slack) },
	"max_rss_delta_mb":        func(o *observed, v any) error { return atMost(int64(o.allocated>>20), v, 1) },
	"page_bytes":              func(o *observed, v any) error { return compare(len(o.w.page()), v) },
	"page_parse_depth":        func(o *observed, v any) error { return compare(depthOf(o.w.page()), v) },
	"page_contains":           func(o *observed, v any) error { return holdsText(o.w.page(), v, true) },
	"page_not_contains":       func(o *observed, v any) error { return holdsText(o.w.page()+o.w.json(), v, false) },
	"page_not_contains_regex": pageNotMatching,
	"page_shows":              pageShows,
	"json_not_contains":       func(o *observed, v any) error { return holdsText(o.w.json(), v, false) },
	"comment_author":          commentAuthor(true),
	"comment_author_not":      commentAuthor(false),
	"outbound_requests_to":    requestsTo,
	"no_outbound_to":          noRequestTo,
	"follower_list_not_contains": func(o *observed, v any) error {
		_, err := o.w.store.Follower(o.w.t.Context(), fmt.Sprint(v), us)
		if !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%v is a follower: %v", v, err)
		}
		return nil
	},
	"local_post_exists":            localPost,
	"local_actor_unchanged":        localActor,
	"no_file_access":               noFile,
	"blocked_domain_still_blocked": stillBlocked,
	"note":                         noteSays,
}

// compare holds a number against 3, "<=3" or "<3".
func compare(got int, v any) error {
	if f, ok := v.(float64); ok {
		if got != int(f) {
			return fmt.Errorf("%d, want %d", got, int(f))
		}
		return nil
	}
	text := fmt.Sprint(v)
	limit, err := strconv.Atoi(strings.TrimLeft(text, "<="))
	switch {
	case err != nil:
		return fmt.Errorf("%q is no number", text)
	case strings.HasPrefix(text, "<="):
		limit++
	case !strings.HasPrefix(text, "<"):
		return fmt.Errorf("%q is no bound", text)
	}
	if got >= limit {
		return fmt.Errorf("%d, want %s", got, text)
	}
	return nil
}

func atMost(got int64, v any, times int64) error {
	limit, ok := v.(float64)
	if !ok || got > int64(limit)*times {
		return fmt.Errorf("%d, want at most %d × %v", got, times, v)
	}
	return nil
}

func holdsText(text string, v any, yes bool) error {
	word, ok := v.(string)
	if !ok || strings.Contains(text, word) != yes {
		return fmt.Errorf("%v found: %t, want %t", v, !yes, yes)
	}
	return nil
}

func pageNotMatching(o *observed, v any) error {
	re, err := regexp.Compile("(?i)" + fmt.Sprint(v))
	if err != nil {
		return err
	}
	if at := re.FindString(markupOf(o.w.t, o.w.page())); at != "" {
		return fmt.Errorf("the page has %q", at)
	}
	return nil
}

// markupOf is a page without its words. Escaped text may well read "onerror=": somebody's name, or a lesson about HTML. What a browser
// could act on is elements and attributes.
func markupOf(t testing.TB, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			n.Data = ""
		}
		for i, a := range n.Attr {
			if a.Key == "alt" || a.Key == "title" || a.Key == "aria-label" {
				n.Attr[i].Val = ""
			}
		}
	}
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pageShows knows the one thing that a scenario wants shown: a host that looks like another one stands there in ASCII.
func pageShows(o *observed, v any) error {
	if !strings.Contains(fmt.Sprint(v), "xn--") {
		return fmt.Errorf("nobody knows how to see %q", v)
	}
	replies := o.w.thread().Replies
	if len(replies) != 1 || !strings.Contains(replies[0].By.Handle, "@xn--") || !strings.Contains(o.w.page(), replies[0].By.Handle) {
		return fmt.Errorf("shown is %v", replies)
	}
	return nil
}

// commentAuthor wants every comment to be of somebody, or none.
func commentAuthor(yes bool) func(o *observed, v any) error {
	return func(o *observed, v any) error {
		replies := o.w.thread().Replies
		for _, c := range replies {
			if (c.By.ID == v) != yes {
				return fmt.Errorf("a comment is by %s", c.By.ID)
			}
		}
		if yes && len(replies) == 0 {
			return errors.New("there is no comment")
		}
		return nil
	}
}

func requestsTo(o *observed, v any) error {
	limits, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no list of hosts", v)
	}
	for host, limit := range limits {
		n := 0
		for at, hits := range o.hits {
			if u, err := url.Parse(at); err == nil && u.Hostname() == host {
				n += hits
			}
		}
		if err := compare(n, limit); err != nil {
			return fmt.Errorf("%s: %w", host, err)
		}
	}
	return nil
}

// noRequestTo wants nothing to have been sent to an address, nor anything to be waiting for it.
func noRequestTo(o *observed, v any) error {
	address := fmt.Sprint(v)
	if n := o.hits[address]; n != 0 {
		return fmt.Errorf("%d requests", n)
	}
	queued, err := o.w.store.Deliveries(o.w.t.Context(), get(o.s.Deliver.Body, "/id"))
	for _, d := range queued {
		if d.Inbox == address && !strings.Contains(d.Error, remote.ErrBlocked.Error()) {
			return fmt.Errorf("a delivery to it ended with %q, status %d", d.Error, d.Status)
		}
	}
	return err
}

func localPost(o *observed, _ any) error {
	a, err := o.w.store.Article(o.w.t.Context(), post)
	if err != nil || !a.Withdrawn.IsZero() {
		return fmt.Errorf("withdrawn %v, %v", a.Withdrawn, err)
	}
	o.w.body("/ap/posts/one")
	return nil
}

func localActor(o *observed, _ any) error {
	if now := o.w.body("/ap/actor"); now != o.actor {
		return fmt.Errorf("it is now %s", now)
	}
	return nil
}

// noFile wants that a name was not taken for a path: the thread belongs to our post, and nothing of the machine is on the page.
func noFile(o *observed, _ any) error {
	for _, word := range []string{"root:", "/bin/", "[site]"} {
		if strings.Contains(o.w.page()+o.w.json(), word) {
			return fmt.Errorf("shown is %q", word)
		}
	}
	return nil
}

// stillBlocked wants nobody of a blocked host to be taken in, however the host is written.
func stillBlocked(o *observed, v any) error {
	if o.w.counts() != (counts{}) {
		return fmt.Errorf("%+v came from %v", o.w.counts(), v)
	}
	blocked, err := o.w.store.Blocked(o.w.t.Context(), "https://"+fmt.Sprint(v)+"/users/alice")
	if err != nil || !blocked {
		return fmt.Errorf("blocked: %t, %v", blocked, err)
	}
	return nil
}

// noteSays checks what a scenario says in words only: the status is looked at anyway, the page must stand, and what is shown is at
// most one comment whose author signed it.
func noteSays(o *observed, v any) error {
	words := strings.ToLower(fmt.Sprint(v))
	for _, status := range o.statuses {
		if words == "4xx" && !is4xx(status) {
			return fmt.Errorf("status %d", status)
		}
	}
	replies := o.w.thread().Replies
	if len(replies) > 1 {
		return fmt.Errorf("%d comments", len(replies))
	}
	for _, c := range replies {
		if c.By.ID != o.s.Signer || c.Parent != page && c.Parent != post {
			return fmt.Errorf("a comment by %s under %s", c.By.ID, c.Parent)
		}
	}
	if strings.Contains(words, "act as delete") && o.w.counts().replies != len(replies) {
		return errors.New("something was deleted")
	}
	if n := len(o.w.page()); n > 2<<20 {
		return fmt.Errorf("the page has %d bytes", n)
	}
	return nil
}

// depthOf gives how deep a page's elements stand in each other.
func depthOf(page string) int {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return -1
	}
	deepest := 0
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		deepest = max(deepest, depth)
		for c := range n.ChildNodes() {
			walk(c, depth+1)
		}
	}
	walk(doc, 0)
	return deepest
}

// TestAssertWords: the words by which scenarios are judged can say no.
func TestAssertWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got int
		v   any
		ok  bool
	}{{3, 3.0, true}, {4, 3.0, false}, {3, "<=3", true}, {4, "<=3", false}, {3, "<3", false}, {2, "<3", true}, {3, "3", false}, {0, "<=x", false}} {
		if err := compare(c.got, c.v); (err == nil) != c.ok {
			t.Errorf("compare(%d, %v): %v", c.got, c.v, err)
		}
	}
}
