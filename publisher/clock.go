package publisher

import (
	"fmt"
	"path"
	"time"

	"github.com/postil-blog/postil/site"
)

// clockSlack is how far the list may be ahead of the clock before that is told: two updates within a second are a second apart in it.
const clockSlack = time.Minute

// nameKeys gives every post its final key: one whose id was withdrawn gets a new one, since other servers refuse to see a
// deleted id again.
//
// It judges posts that the list tells of at no earlier moment than the list does. A clock that was set back says that posts which are out
// are still to come, and that others have not expired yet: the first would be withdrawn, which cannot be taken back, and the second
// announced again under a new id.
func (b *build) nameKeys() {
	gone := map[string]bool{}
	for _, w := range b.previous.Withdrawn {
		gone[w.ID] = true
	}
	ahead := b.ahead()
	for _, p := range b.sources() {
		base, at := p.Key, ahead[b.addresses.Post(p.Key)]
		for n := 2; gone[b.addresses.Post(p.Key)]; n++ {
			p.Key = fmt.Sprintf("%s-%d", base, n)
			at = newer(at, ahead[b.addresses.Post(p.Key)])
		}
		if !at.IsZero() {
			p.hold(at.Add(time.Second), b.notes[p].Textless) // the list has whole seconds, and was written in the one that it names
		}
	}
}

// ahead gives the last moment that the list has for an id, where it is later than the clock, and tells of a clock that is behind.
func (b *build) ahead() map[string]time.Time {
	last, newest := map[string]time.Time{}, b.now
	note := func(id string, t time.Time) {
		if t.After(b.now) {
			last[id], newest = newer(last[id], t), newer(newest, t)
		}
	}
	for _, e := range b.previous.Posts {
		note(e.ID, newer(e.Published, e.Updated))
	}
	for _, w := range b.previous.Withdrawn {
		note(w.ID, w.At)
	}
	if by := newest.Sub(b.now); by > clockSlack {
		b.fault(site.Diagnostic{Severity: site.Warning, Code: codeClock, File: path.Join(pathSlashes(b.config.Publish.Output), site.PublishedFile),
			Message: fmt.Sprintf("the clock says %s, and something was published %s after that", b.now.UTC().Format(time.DateTime+" MST"), by.Round(time.Second)),
			Help:    "set this machine's clock; what is out stays out until then"})
	}
	return last
}

func newer(x, y time.Time) time.Time {
	if y.After(x) {
		return y
	}
	return x
}
