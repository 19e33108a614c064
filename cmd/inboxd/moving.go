package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// place puts the verbs about the account's place on one line of inboxd -h.
func place() map[string]string {
	return map[string]string{cli.Together: "the account comes, goes, ends"}
}

// moving are the flags that the verbs about the account's place share.
type moving struct {
	author                   string
	dryRun, yes, asJSON, dev bool
}

// toAsk adds the flags of a verb that asks other servers.
func (m *moving) toAsk(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&m.dev, "dev", false, "ask servers on this machine too, over plain http: for trying things out")
}

func (m *moving) toAct(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&m.dryRun, "dry-run", false, "look and say what would be done; nothing is written or sent")
	cmd.Flags().BoolVarP(&m.yes, "yes", "y", false, "do not ask")
}

func (m *moving) toChoose(cmd *cobra.Command) {
	cmd.Flags().StringVar(&m.author, "author", "", "NAME of [authors.NAME], in place of the blog")
}

// ours gives the actor that a verb is about.
func (m *moving) ours(c *site.Config) (site.Actor, error) {
	if !c.Federation.Enabled {
		return site.Actor{}, cli.Fail(cli.Usage, "the blog is not on the fediverse\n  set federation.enabled = true in %s", c.File)
	}
	return m.actor(c)
}

// actor is ours, also while federation is off: how far word of an end got can be asked after it.
func (m *moving) actor(c *site.Config) (site.Actor, error) {
	for _, a := range c.Actors() {
		if a.Author == m.author {
			return a, nil
		}
	}
	return site.Actor{}, cli.Fail(cli.Usage, "there is no author %q with an account of the blog's in %s", m.author, c.File)
}

func (m *moving) client(c *site.Config) (*remote.Client, error) {
	client, err := daemon.Outgoing(c, daemon.Options{Dev: m.dev, Version: cli.Version()})
	var no daemon.Refusal
	if errors.As(err, &no) {
		err = cli.Exit{Code: cli.Usage, Err: no}
	}
	return client, err
}

// confirm asks for a word; "" stands for yes. Where nobody can be asked it wants --yes.
func (m *moving) confirm(cmd *cobra.Command, question, word string) error {
	if m.yes {
		return nil
	}
	if !cli.Terminal(cmd.InOrStdin()) {
		return cli.Fail(cli.Usage, "nobody can be asked here\n  add --yes if you are sure, or --dry-run to see what would be done")
	}
	fmt.Fprint(cmd.ErrOrStderr(), question+" ")
	line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if answer := strings.TrimSpace(line); answer != word && (word != "" || !strings.EqualFold(answer, "yes") && !strings.EqualFold(answer, "y")) {
		return cli.Fail(cli.Failed, "nothing was done")
	}
	return nil
}

// whois finds an actor by its handle (WebFinger) or its id. It is fetched from its own server, and is none of the blog's.
func whois(ctx context.Context, client *remote.Client, c *site.Config, name string) (*activitypub.Object, error) {
	id := name
	if !strings.Contains(name, "://") {
		r, err := client.WebFinger(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("looking %s up: %w", printable(name), err)
		}
		if id = r.Self(); id == "" {
			return nil, cli.Fail(cli.Failed, "%s is known to its server, and is no account of the fediverse", printable(name))
		}
	}
	if c.Addresses().Local(id) {
		return nil, cli.Fail(cli.Usage, "%s is on this blog", printable(name))
	}
	o, err := client.Actor(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", printable(id), err)
	}
	if c.Addresses().Local(o.ID) {
		return nil, cli.Fail(cli.Usage, "%s is on this blog", printable(name))
	}
	return o, nil
}

// queuing is an outbox that only queues: what runs delivers.
func queuing(c *site.Config, s *store.Store) *outbox.Outbox {
	return outbox.New(outbox.Options{Config: c, Store: s, Proofs: daemon.ProofKeys(c)})
}

// leavingState is what --status prints of one actor of ours: how far its Move or its Delete got.
type leavingState struct {
	V       int    `json:"v"`
	Actor   string `json:"actor"`
	MovedTo string `json:"moved_to,omitempty"`
	Retired string `json:"retired,omitempty"` // RFC 3339
	Servers int    `json:"servers"`           // that are told in all
	Told    int    `json:"told"`
	Left    int    `json:"left"` // still to be told
	GaveUp  int    `json:"gave_up"`
}

// stateOf counts the deliveries of one activity.
func stateOf(ctx context.Context, s *store.Store, actor, activity string) (leavingState, error) {
	n, err := s.DeliveryCounts(ctx, activity)
	return leavingState{V: 1, Actor: actor, Servers: n.Sum(), Told: n.Delivered, Left: n.Pending + n.Parked, GaveUp: n.GivenUp + n.Blocked + n.Superseded}, err
}

func (l leavingState) progress() string {
	return fmt.Sprintf("%s: %s told, %d left, %d given up", cli.Count(l.Servers, "server"), cli.Thousands(l.Told), l.Left, l.GaveUp)
}
