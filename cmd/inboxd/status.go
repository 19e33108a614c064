package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// lastPosts is how many posts status tells of.
const lastPosts = 5

// status is what inboxd status --json prints.
type status struct {
	V          int          `json:"v"`
	Blog       string       `json:"blog"`
	Handle     string       `json:"handle,omitempty"`
	Federation bool         `json:"federation"`
	Followers  int          `json:"followers"`
	Servers    int          `json:"servers"` // distinct inboxes of followers
	Held       int          `json:"held"`    // comments that wait for the owner
	Reports    int          `json:"reports"` // that are open
	Posts      []postStatus `json:"posts"`
	Failing    []failing    `json:"failing"`
}

// postStatus is how far one post got, and what came back.
type postStatus struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	URL     string         `json:"url"`
	Reached int            `json:"reached"` // deliveries that arrived, of Of
	Of      int            `json:"of"`
	States  map[string]int `json:"deliveries"`
	Replies int            `json:"replies"`
	Likes   int            `json:"likes"`
	Boosts  int            `json:"boosts"`
}

// failing is a server that does not take deliveries.
type failing struct {
	Host     string    `json:"host"`
	Failures int       `json:"failures"`
	Since    time.Time `json:"since"`
	Next     time.Time `json:"next,omitzero"` // zero: it is not paused
	Error    string    `json:"error"`         // in the server's own words
}

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "followers, deliveries, failing servers, comments that wait",
		Example: "inboxd status\ninboxd status --json\ninboxd status --config /srv/blog/config.toml",
		Long: `Reads the database, also while the daemon runs. REACHED counts the deliveries of a post that arrived, of all that were
made for it.`,
		SuggestFor: []string{"stats", "info"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(c *site.Config, s *store.Store) error {
				st, err := gather(cmd.Context(), c, s)
				if err != nil {
					return err
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), st)
				}
				return st.print(cmd.OutOrStdout(), time.Now())
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func gather(ctx context.Context, c *site.Config, s *store.Store) (st status, err error) {
	a := c.Addresses()
	st = status{V: 1, Blog: a.Home(), Federation: c.Federation.Enabled, Posts: []postStatus{}}
	if st.Federation {
		st.Handle = "@" + a.Acct()
	}
	if st.Followers, err = s.FollowerCount(ctx, a.Actor()); err != nil {
		return st, err
	}
	inboxes, err := s.FollowerInboxes(ctx, a.Actor())
	if err != nil {
		return st, err
	}
	st.Servers = len(inboxes)
	if _, st.Held, err = s.CommentsIn(ctx, store.Held, 0, 1); err != nil {
		return st, err
	}
	if st.Reports, err = s.OpenReports(ctx); err != nil {
		return st, err
	}
	if st.Failing, err = failingHosts(ctx, s); err != nil {
		return st, err
	}
	articles, err := s.Articles(ctx)
	if err != nil {
		return st, err
	}
	for _, article := range articles {
		if len(st.Posts) == lastPosts {
			break
		}
		if !article.Withdrawn.IsZero() {
			continue
		}
		post, err := gatherPost(ctx, s, article)
		if err != nil {
			return st, err
		}
		st.Posts = append(st.Posts, post)
	}
	return st, nil
}

func gatherPost(ctx context.Context, s *store.Store, article store.Article) (p postStatus, err error) {
	n, err := s.DeliveryCounts(ctx, article.ID)
	if err != nil {
		return p, err
	}
	p = postStatus{ID: article.ID, Name: article.Name, URL: article.URL, Reached: n.Delivered, Of: n.Sum() - n.Superseded, States: map[string]int{
		"pending": n.Pending, "delivered": n.Delivered, "given-up": n.GivenUp, "superseded": n.Superseded, "parked": n.Parked,
	}}
	for kind, to := range map[store.Kind]*int{store.Reply: &p.Replies, store.Like: &p.Likes, store.Boost: &p.Boosts} {
		if *to, err = s.CommentCount(ctx, article.ID, kind); err != nil {
			return p, err
		}
	}
	return p, nil
}

func failingHosts(ctx context.Context, s *store.Store) ([]failing, error) {
	hosts, err := s.FailingHosts(ctx)
	list := make([]failing, 0, len(hosts))
	for _, h := range hosts {
		list = append(list, failing{Host: h.Host, Failures: h.Failures, Since: h.FirstFailed, Next: h.OpenUntil, Error: h.LastError})
	}
	return list, err
}

// print writes the status for people.
func (st status) print(w io.Writer, now time.Time) error {
	if !st.Federation {
		fmt.Fprintf(w, "%s is not on the fediverse (federation.enabled = false)\n", st.Blog)
	} else {
		fmt.Fprintf(w, "%s   %s on %s\n", st.Handle, cli.Count(st.Followers, "follower"), cli.Count(st.Servers, "server"))
	}
	if st.Held > 0 {
		fmt.Fprintf(w, "%s for you\n", waits(st.Held))
	}
	if st.Reports > 0 {
		fmt.Fprintf(w, "%s open: inboxd reports\n", cli.Count(st.Reports, "report"))
	}
	if len(st.Posts) > 0 {
		fmt.Fprintf(w, "%-44s %9s %8s %6s %7s\n", "POST", "REACHED", "REPLIES", "LIKES", "BOOSTS")
	}
	for _, p := range st.Posts {
		reached := fmt.Sprintf("%d/%d", p.Reached, p.Of)
		fmt.Fprintf(w, "%-44s %9s %8d %6d %7d\n", cut(p.Name, 44), reached, p.Replies, p.Likes, p.Boosts)
	}
	return printFailing(w, st.Failing, now)
}

func waits(n int) string {
	if n == 1 {
		return "1 reply waits"
	}
	return cli.Count(n, "reply") + " wait"
}

func printFailing(w io.Writer, list []failing, now time.Time) error {
	for _, f := range list {
		next := ""
		if f.Next.After(now) {
			next = ", next try in " + f.Next.Sub(now).Round(time.Minute).String()
		}
		if _, err := fmt.Fprintf(w, "failing: %s (%s%s): %s\n", f.Host, cli.Count(f.Failures, "failure"), next, printable(f.Error)); err != nil {
			return err
		}
	}
	return nil
}

// cut shortens text to n characters; what others wrote must not steer the terminal.
func cut(s string, n int) string {
	runes := []rune(printable(s))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n-1]) + "…"
}
