package publisher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
	"golang.org/x/sync/errgroup"
)

// Mentioned is an account that a post names as "@user@host". ID is its actor's id, URL the page that readers get (the id where there
// is none), Handle is "user@host" as the account's own server writes it.
type Mentioned struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Handle string `json:"handle"`
}

const (
	// mentionAge is how long a found account is believed, failureAge how long one is not asked for again that was not found.
	mentionAge, failureAge = 30 * 24 * time.Hour, time.Hour
	// lookupTime bounds all look-ups of a run together, lookupsAtOnce how many are under way.
	lookupTime, lookupsAtOnce = 30 * time.Second, 8
	// maxMentions is how many accounts a post tells of itself: servers drop posts that shout at many (Mastodon takes 100 at most).
	maxMentions = 50
)

// account is what is known of a handle. It has no ID where the last look-up failed.
type account struct {
	Mentioned
	At time.Time `json:"at"` // of the look-up
}

func (a account) fresh(now time.Time) bool {
	if a.ID == "" {
		return now.Sub(a.At) < failureAge
	}
	return now.Sub(a.At) < mentionAge
}

// accounts are all handles that were ever looked up, by their lower case. They lie in .cache/mentions.json, apart from the rest of
// the memory, and outlive a new version of the program: without network a post keeps its mentions.
type accounts struct {
	mu      sync.Mutex
	known   map[string]account
	changed bool
}

func (a *accounts) get(handle string) account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known[strings.ToLower(handle)]
}

// put keeps the outcome of a look-up. One that fails takes nothing away: a server may be down for a day.
func (a *accounts) put(handle string, found account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := strings.ToLower(handle)
	if found.ID == "" {
		found.Mentioned = a.known[key].Mentioned
	}
	a.known[key], a.changed = found, true
}

func readAccounts(file string) *accounts {
	a := &accounts{known: map[string]account{}}
	if data, err := plainfile.ReadPath(file, maxMemory); err == nil && (json.Unmarshal(data, &a.known) != nil || a.known == nil) {
		a.known = map[string]account{}
	}
	return a
}

func (a *accounts) save(file string) error {
	if !a.changed {
		return nil
	}
	data, err := json.MarshalIndent(a.known, "", " ")
	if err != nil {
		return err
	}
	if err := plainfile.Write(file+".new", data); err != nil {
		return fmt.Errorf("remembering the mentioned accounts: %w", err)
	}
	return os.Rename(file+".new", file)
}

func (c *cache) mentions() string { return filepath.Join(c.from, "mentions.json") }

// mention is a handle in a post's text.
type mention struct {
	Handle string
	Value  string          // what the HTML says of it
	Fault  site.Diagnostic // for when nobody is found
}

// account is where a handle leads, "" where it is not known.
func (b *build) account(handle string) string { return b.accounts.get(handle).URL }

// lookUp asks for the accounts that are named and not known, or known for too long. It tells whether it learnt anything.
func (b *build) lookUp(ctx context.Context) (bool, error) {
	resolve := b.options.Resolve
	if resolve == nil || !b.config.Federation.Enabled {
		return false, nil
	}
	var ask []string
	for handle := range b.named() {
		if !b.accounts.get(handle).fresh(b.now) {
			ask = append(ask, handle)
		}
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(lookupsAtOnce)
	for i, handle := range slices.Sorted(slices.Values(ask)) {
		b.progress("Looking up accounts", i, len(ask))
		g.Go(func() error {
			found, err := resolve(ctx, handle)
			if err != nil || !trusted(found) {
				found = Mentioned{}
			}
			b.accounts.put(handle, account{found, b.now})
			return nil
		})
	}
	return len(ask) > 0, errors.Join(g.Wait(), outer.Err())
}

// trusted tells whether what another server said can stand in a page: both addresses are plain web addresses.
func trusted(m Mentioned) bool {
	for _, at := range []string{m.ID, m.URL} {
		u, err := url.Parse(at)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(at) > 2000 {
			return false
		}
	}
	_, ok := activitypub.CutHandle(m.Handle)
	return ok
}

// named is every handle of the posts and replies that are out, in lower case.
func (b *build) named() map[string]bool {
	all := map[string]bool{}
	for _, p := range slices.Concat(b.posts, b.pages, b.answers) {
		for _, handle := range b.handles(p) {
			all[strings.ToLower(handle)] = true
		}
	}
	return all
}

// handles are those of the front matter, then those of the text.
func (b *build) handles(p *Post) []string {
	var list []string
	for _, s := range p.Fediverse.Mention {
		list = append(list, strings.TrimPrefix(s, "@"))
	}
	if r := b.notes[p].Rendering; r != nil {
		for _, m := range r.Mentions {
			list = append(list, m.Handle)
		}
	}
	return list
}

// mentioned are the accounts that a post tells of itself, each once.
func (b *build) mentioned(p *Post) []Mentioned {
	var list []Mentioned
	for _, handle := range b.handles(p) {
		a := b.accounts.get(handle)
		if a.ID != "" && len(list) < maxMentions && !slices.ContainsFunc(list, func(o Mentioned) bool { return o.ID == a.ID }) {
			list = append(list, a.Mentioned)
		}
	}
	return list
}

// mentions are the tags of the accounts, and their ids for cc.
func (b *build) mentions(p *Post) (tags []activitypub.Tag, cc []string) {
	for _, m := range b.mentioned(p) {
		tags = append(tags, activitypub.Tag{Type: "Mention", Name: "@" + m.Handle, Href: m.ID})
		cc = append(cc, m.ID)
	}
	return tags, cc
}

// checkMentions warns of handles that were looked up and not found.
func (b *build) checkMentions(p *Post) {
	failed := func(handle string) bool {
		a := b.accounts.get(handle)
		return a.ID == "" && !a.At.IsZero()
	}
	for _, m := range b.notes[p].Rendering.Mentions {
		if failed(m.Handle) {
			b.fault(m.Fault)
		}
	}
	at := p.at("fediverse")
	for _, s := range p.Fediverse.Mention {
		if handle := strings.TrimPrefix(s, "@"); failed(handle) {
			d := unknownAccount(handle)
			d.File, d.Line, d.Col, d.Width, d.Excerpt = b.shown(p.File), at.line, at.col, at.width, excerpt(b.source(p), at.line)
			b.fault(d)
		}
	}
}

func unknownAccount(handle string) site.Diagnostic {
	return site.Diagnostic{Severity: site.Warning, Code: codeMention, Message: fmt.Sprintf("no account @%s was found", handle),
		Help: "it stays text and is not told; look at the spelling, or publish again when its server answers"}
}

// keepAccounts saves what was learnt, but for what nobody names any more and is old.
func (b *build) keepAccounts() error {
	if b.cache.dir == "" {
		return nil
	}
	named := b.named()
	maps.DeleteFunc(b.accounts.known, func(handle string, a account) bool { return !named[handle] && !a.fresh(b.now) })
	err := b.accounts.save(b.cache.mentions())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // .cache/ was removed under us: it only ever saves work
	}
	return err
}

// Handles lists the accounts that the blog has met, "user@host": those that posts mentioned, as .cache/ remembers them, and those that
// wrote a comment that was pulled. It serves completion, so what cannot be read is left out.
func Handles(c *site.Config) []string {
	met := map[string]bool{}
	for handle, a := range readAccounts((&cache{from: c.Path(".cache")}).mentions()).known {
		if a.ID != "" {
			met[handle] = true
		}
	}
	files, _ := filepath.Glob(filepath.Join(c.Path("comments"), "*.json"))
	for _, file := range files {
		data, err := plainfile.ReadPath(file, maxMemory)
		var t activitypub.Thread
		if err != nil || json.Unmarshal(data, &t) != nil {
			continue
		}
		commenters(t.Replies, met)
	}
	delete(met, "")
	return slices.Sorted(maps.Keys(met))
}

func commenters(list []*activitypub.Comment, met map[string]bool) {
	for _, c := range list {
		met[strings.TrimPrefix(c.By.Handle, "@")] = true
		commenters(c.Replies, met)
	}
}
