package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

func (a *app) commentsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "comments",
		Short: "list the comments and answer them",
		Long: `Shows what the fediverse answered, and writes your answers. An answer is a file below content/replies/: edit it and publish
to change it, remove it and publish to take it back.`,
		Example: `publish comments list
publish comments list --json
publish comments reply https://example.social/@ada/1 --message "Thank you."`,
		SuggestFor: []string{"replies", "reply", "answer"},
	}
	cmd.AddCommand(a.commentsListCommand(), a.commentsReplyCommand())
	return cmd
}

func (a *app) commentsListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the comments of all posts, newest first",
		Long:  `Asks inboxd for the thread of each published post. The first column is what publish comments reply takes.`,
		Example: `publish comments list
publish comments list --json
publish pull && publish comments list     the newest first`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			list, err := commentLines(cmd, c)
			if err != nil {
				return err
			}
			if asJSON {
				return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "comments": list})
			}
			for _, l := range list {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %s  %s\n", l.ID, l.Published.Format(time.DateOnly), l.By, l.Text); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// commentLine is a comment as the list shows it.
type commentLine struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`  // where it is read at its author's server
	Page      string    `json:"page"` // where it is read here
	By        string    `json:"by"`   // handle
	Owner     bool      `json:"owner,omitempty"`
	Text      string    `json:"text"` // its first words
	Published time.Time `json:"published"`
}

func commentLines(cmd *cobra.Command, c *site.Config) ([]commentLine, error) {
	out, err := publishedList(c)
	if err != nil {
		return nil, err
	}
	list := []commentLine{}
	for _, post := range out.Posts {
		if post.InReplyTo != "" {
			continue
		}
		t, err := threadOf(cmd, c, post)
		if err != nil {
			return nil, err
		}
		list = flatten(list, t.URL, slices.Concat(t.Replies, t.Quotes, t.Mentions))
	}
	slices.SortStableFunc(list, func(x, y commentLine) int { return y.Published.Compare(x.Published) })
	return list, nil
}

func flatten(list []commentLine, page string, comments []*activitypub.Comment) []commentLine {
	for _, m := range comments {
		if !m.Removed {
			list = append(list, commentLine{m.ID, m.URL, page + "#" + m.Anchor, m.By.Handle, m.Owner, firstWords(m.Content.Text(), 60), m.Published})
		}
		list = flatten(list, page, m.Replies)
	}
	return list
}

// firstWords is a remote text on one line, without what would steer a terminal.
func firstWords(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if r := []rune(strings.Join(strings.Fields(s), " ")); len(r) > n {
		return string(r[:n]) + "…"
	}
	return strings.Join(strings.Fields(s), " ")
}

// threadOf fetches a post's thread from inboxd; an empty one where inboxd does not know the post yet.
func threadOf(cmd *cobra.Command, c *site.Config, post site.PublishedPost) (activitypub.Thread, error) {
	var t activitypub.Thread
	data, err := client(c).File(cmd.Context(), c.Addresses().Thread(post.ID), maxThread)
	if errors.Is(err, remote.ErrNotFound) {
		return t, nil
	}
	if err != nil {
		return t, cli.Fail(cli.NotConnected, "inboxd did not give the comments of %q: %v", post.Name, err)
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return t, cli.Fail(cli.NotConnected, "inboxd gave comments of %q that cannot be read: %v", post.Name, err)
	}
	return t, nil
}

// replyFlags are those of publish comments reply.
type replyFlags struct {
	message, cw, author string
	dryRun, noPublish   bool
}

func (a *app) commentsReplyCommand() *cobra.Command {
	var f replyFlags
	cmd := &cobra.Command{
		Use:   "reply ADDRESS",
		Short: "answer a comment or a post",
		Long: `Writes content/replies/DATE-WORDS.md and publishes it: inboxd sends the answer to its author, to your followers and to all who
hold the thread, and shows it on the page at once. ADDRESS is the id of what is answered, or the page where it is read, there or
here. The text is --message, or what you write in $EDITOR, or stdin.`,
		Example: `publish comments reply https://example.social/@ada/1 --message "Thank you."
publish comments reply https://example.social/@ada/1 --dry-run --message "Thank you."
publish comments reply https://example.social/@ada/1      write it in $EDITOR`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.reply(cmd, args[0], f) },
	}
	cmd.Flags().StringVarP(&f.message, "message", "m", "", "the text, in Markdown")
	cmd.Flags().StringVar(&f.cw, "cw", "", "content warning")
	cmd.Flags().StringVar(&f.author, "author", "", "NAME of [authors.NAME] who answers")
	cmd.Flags().BoolVarP(&f.dryRun, "dry-run", "n", false, "print the file and write nothing")
	cmd.Flags().BoolVar(&f.noPublish, "no-publish", false, "write the file and leave it")
	return cmd
}

func (a *app) reply(cmd *cobra.Command, to string, f replyFlags) error {
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	if f.message, err = message(cmd, f); err != nil {
		return err
	}
	draft := publisher.Reply{InReplyTo: to, Text: f.message, CW: f.cw, Author: f.author}
	if f.dryRun {
		name, text, err := draft.File(c, now())
		if err != nil {
			return cli.Fail(cli.Usage, "%v", err)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Would write %s:\n\n%sNothing was changed.\n", name, text)
		return err
	}
	file, err := publisher.NewReply(c, draft, now())
	if errors.Is(err, publisher.ErrReply) {
		return cli.Fail(cli.Usage, "%v", err)
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), file); err != nil || f.noPublish {
		return err
	}
	return a.publish(cmd, publishFlags{})
}

// message is the text of an answer: the flag's, what a person writes in $EDITOR, else stdin.
func message(cmd *cobra.Command, f replyFlags) (string, error) {
	text := f.message
	if text == "" && cli.Terminal(cmd.InOrStdin()) {
		written, err := edited(cmd)
		if err != nil {
			return "", err
		}
		text = written
	} else if text == "" {
		data, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), 1<<20))
		if err != nil {
			return "", err
		}
		text = string(data)
	}
	if strings.TrimSpace(text) == "" {
		return "", cli.Fail(cli.Usage, `An answer needs words: --message "Thank you."`)
	}
	return text, nil
}

// edited opens an empty file in $EDITOR and gives what is in it afterwards.
func edited(cmd *cobra.Command) (string, error) {
	editor := strings.Fields(os.Getenv("EDITOR"))
	if len(editor) == 0 {
		return "", cli.Fail(cli.Usage, `There is no $EDITOR: --message "Thank you."`)
	}
	file, err := os.CreateTemp("", "reply-*.md")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	if err := file.Close(); err != nil {
		return "", err
	}
	e := exec.CommandContext(cmd.Context(), editor[0], append(editor[1:], file.Name())...)
	e.Stdin, e.Stdout, e.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := e.Run(); err != nil {
		return "", err
	}
	data, err := os.ReadFile(file.Name())
	return string(data), err
}
