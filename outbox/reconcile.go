package outbox

import (
	"slices"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// action is what a difference between list and ledger asks for.
type action string

const (
	tellCreate action = "Create"
	tellUpdate action = "Update"
	tellDelete action = "Delete"
	note       action = "note" // write it into the ledger and tell nobody
)

// decision is one difference between what is published and what followers were told.
type decision struct {
	action action
	id     string
	post   site.PublishedPost // as listed; zero for what is withdrawn
	told   store.Article      // as in the ledger, without JSON; zero for what is new
	at     time.Time          // when it was withdrawn
}

// warning is something that a person should know of and that nothing is done about.
type warning struct{ id, text string }

// decide compares the published list with the ledger. It is all there is to know about what gets sent: a Create for what is new, an
// Update for what changed and says that it is newer, a Delete for what is stated to be gone. What is merely absent is left alone. With
// federation off everything that was announced is taken back and nothing else is told. Oldest posts come first, as readers would
// have got them.
func decide(list site.PublishedList, ledger []store.Article, enabled bool, now time.Time) (todo []decision, warnings []warning) {
	told := make(map[string]store.Article, len(ledger))
	for _, a := range ledger {
		told[a.ID] = a
	}
	gone := make(map[string]time.Time, len(list.Withdrawn))
	for _, w := range list.Withdrawn {
		gone[w.ID] = w.At
		if d, ok := withdrawn(w, told[w.ID]); ok {
			todo = append(todo, d)
		}
	}
	out := make(map[string]bool, len(list.Posts))
	for _, p := range slices.Backward(list.Posts) {
		out[p.ID] = true
		a, known := told[p.ID]
		switch _, stated := gone[p.ID]; {
		case stated:
			// The tombstone wins: it is carried for ever.
		case known && !a.Withdrawn.IsZero():
			warnings = append(warnings, warning{p.ID, "was withdrawn and is listed again; followers' servers never take a deleted id back, so give the post a new id"})
		case enabled:
			if d, ok := published(p, a, known); ok {
				todo = append(todo, d)
			}
		}
	}
	for _, a := range slices.Backward(ledger) {
		if _, stated := gone[a.ID]; stated || !a.Withdrawn.IsZero() {
			continue
		}
		if !enabled && a.Announced {
			todo = append(todo, decision{action: tellDelete, id: a.ID, told: a, at: now})
		} else if !out[a.ID] && a.Origin == "" { // a reply through the API was never on a list
			warnings = append(warnings, warning{a.ID, "is neither listed nor stated to be withdrawn; followers keep it"})
		}
	}
	return todo, warnings
}

// withdrawn decides about a tombstone. A post that was never announced needs no Delete; its id is noted all the same, so that it
// answers 410 and never comes back.
func withdrawn(w site.Withdrawn, told store.Article) (decision, bool) {
	d := decision{action: note, id: w.ID, told: told, at: w.At}
	if told.Announced {
		d.action = tellDelete
	}
	return d, told.Withdrawn.IsZero()
}

// published decides about a post that is out.
func published(p site.PublishedPost, told store.Article, known bool) (decision, bool) {
	d := decision{id: p.ID, post: p, told: told}
	switch {
	case !told.Announced && !p.Silent && (told.Recalled == "" || told.Recalled != p.SHA256):
		d.action = tellCreate
	case told.Announced && told.SHA256 != p.SHA256 && p.Updated.After(later(told.Updated, told.Published)):
		// Peers ignore an Update whose updated is not newer than the one they hold.
		d.action = tellUpdate
	case !known, told.URL != p.URL && p.InReplyTo == "", told.Name != p.Name, !told.Closes.Equal(p.Closes), told.Language != p.Language && p.InReplyTo == "", !told.Announced && told.SHA256 != p.SHA256:
		d.action = note
	default:
		return d, false
	}
	return d, true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
