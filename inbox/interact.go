package inbox

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postil-blog/postil/inbox/comments"
)

// askTimeout is how long a reader waits for the own server's answer before they are told.
const askTimeout = 3 * time.Second

// subscribe asks a reader's server how it wants to be asked to reply, like, boost, follow or share. "" means that the usual
// address is to be tried: the reader named a server alone, the server says nothing about it, or too many were asked lately.
// Anybody can make us ask, so all such questions together share the budget of one domain.
func (i *Inbox) subscribe(ctx context.Context, account, intent string) (string, error) {
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
		links = append(links, comments.Link{Rel: l.Rel, Template: cmp.Or(l.Template, l.Href)})
	}
	return comments.Choose(links, intent), nil
}
