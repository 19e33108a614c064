package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
)

// maxThread bounds one thread's JSON, in bytes.
const maxThread = 8 << 20

func (a *app) pullCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "fetch the comments into comments/, so that pages keep them",
		Long: `Fetches the thread of each published post from inboxd and writes it to comments/KEY.json. The next publish bakes the
threads into the pages: they stay when the daemon is gone for ever. Comments that were taken back leave the file.`,
		Example: `publish pull
publish pull && publish
publish pull --json`,
		SuggestFor: []string{"fetch", "sync"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			return a.pull(cmd, c, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// pulled counts what pull did.
type pulled struct {
	V       int `json:"v"`
	Posts   int `json:"posts"`
	Replies int `json:"replies"`
	Changed int `json:"changed"` // files
}

func (a *app) pull(cmd *cobra.Command, c *site.Config, asJSON bool) error {
	posts, err := publishedList(c)
	if err != nil {
		return err
	}
	progress := cli.NewProgress(cmd.ErrOrStderr())
	defer progress.End()
	result := pulled{V: 1}
	posts.Posts = slices.DeleteFunc(posts.Posts, func(p site.PublishedPost) bool { return p.InReplyTo != "" }) // a reply stands in another's thread
	for i, post := range posts.Posts {
		progress.Step("Fetching", i, len(posts.Posts))
		if err := pullPost(cmd, c, post, &result); err != nil {
			return err
		}
	}
	progress.End()
	if asJSON {
		return cli.JSON(cmd.OutOrStdout(), result)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s of %s, %s changed in comments/\n",
		cli.Count(result.Replies, "reply"), cli.Count(result.Posts, "post"), cli.Count(result.Changed, "file"))
	return err
}

// publishedList is what the last publish left.
func publishedList(c *site.Config) (site.PublishedList, error) {
	var l site.PublishedList
	file := filepath.Join(c.Path(c.Publish.Output), filepath.FromSlash(site.PublishedFile))
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, fmt.Errorf("reading the published list: %w", err)
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return l, fmt.Errorf("reading %s: %w", file, err)
	}
	return l, nil
}

// pullPost fetches one thread. A post that inboxd does not know yet has none; any other failure is the daemon's.
func pullPost(cmd *cobra.Command, c *site.Config, post site.PublishedPost, result *pulled) error {
	key, ok := c.Addresses().PostKey(post.ID)
	if !ok {
		return nil
	}
	data, err := client(c).File(cmd.Context(), c.Addresses().Thread(post.ID), maxThread)
	if errors.Is(err, remote.ErrNotFound) {
		return nil
	}
	if err != nil {
		return cli.Fail(cli.NotConnected, "inboxd did not give the comments of %q: %v", post.Name, err)
	}
	var thread activitypub.Thread
	if err := json.Unmarshal(data, &thread); err != nil {
		return cli.Fail(cli.NotConnected, "inboxd gave comments of %q that cannot be read: %v", post.Name, err)
	}
	result.Posts++
	result.Replies += thread.Count
	changed, err := writeThread(c, key, &thread)
	if changed {
		result.Changed++
	}
	return err
}

// writeThread writes comments/KEY.json where it differs; a thread without anything in it makes no file and empties an old one.
func writeThread(c *site.Config, key string, thread *activitypub.Thread) (changed bool, err error) {
	dir, err := os.OpenRoot(c.Dir)
	if err != nil {
		return false, err
	}
	defer dir.Close()
	name := filepath.Join("comments", key+".json")
	old, err := dir.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && empty(thread) {
		return false, nil
	}
	keepImported(old, thread)
	var b bytes.Buffer
	if err := cli.JSON(&b, thread); err != nil {
		return false, err
	}
	if bytes.Equal(old, b.Bytes()) {
		return false, nil
	}
	if err := dir.MkdirAll("comments", 0o755); err != nil {
		return false, fmt.Errorf("writing comments: %w", err)
	}
	temporary := name + ".new"
	if err := dir.WriteFile(temporary, b.Bytes(), 0o644); err != nil {
		return false, fmt.Errorf("writing comments: %w", err)
	}
	return true, dir.Rename(temporary, name)
}

// keepImported adds to a thread the comments of the old file that an import brought along: inboxd knows nothing of them.
func keepImported(old []byte, thread *activitypub.Thread) {
	var before activitypub.Thread
	if len(old) == 0 || json.Unmarshal(old, &before) != nil {
		return
	}
	imported, count := before.TakeImported()
	thread.Replies = append(thread.Replies, imported...)
	thread.Count += count
}

func empty(t *activitypub.Thread) bool {
	return len(t.Replies) == 0 && len(t.Quotes) == 0 && len(t.Mentions) == 0 && len(t.Reactions) == 0 && t.Likes.Count == 0 && t.Boosts.Count == 0
}
