package inbox

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postil-blog/postil/inbox/comments"
)

const (
	askTimeout  = 3 * time.Second // how long a reader waits for the own server's answer before they are told
	answerTime  = 24 * time.Hour  // how long that answer is believed
	keptAnswers = 2000            // of so many accounts
	keptLinks   = 50              // of one answer: a server chooses how many it sends
)

// answered is what a server said of an account.
type answered struct {
	links []comments.Link
	at    time.Time
}

// subscribe asks a reader's server how it wants to be asked to reply, like, boost, follow or share. "" means that the usual
// address is to be tried: the reader named a server alone, the server says nothing about it, or too many were asked lately.
// Anybody can make us ask, so all such questions together share the budget of one domain. An answer is kept for a day, a failure is not.
func (i *Inbox) subscribe(ctx context.Context, account, intent string) (string, error) {
	name := strings.ToLower(account)
	if a, ok := i.asked.get(name); ok && i.o.Now().Sub(a.at).Abs() < answerTime {
		return comments.Choose(a.links, intent), nil
	}
	if !strings.Contains(account, "@") || take(i.limits.lookups, 1, i.o.Now()) > 0 {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r, err := i.o.Client.WebFinger(ctx, account)
	if err != nil {
		return "", fmt.Errorf("asking the server of %s: %w", account, err)
	}
	var links []comments.Link
	for _, l := range r.Links {
		if len(links) < keptLinks {
			links = append(links, comments.Link{Rel: l.Rel, Template: cmp.Or(l.Template, l.Href)})
		}
	}
	if len(name) <= 300 {
		i.asked.put(name, answered{links, i.o.Now()})
	}
	return comments.Choose(links, intent), nil
}
