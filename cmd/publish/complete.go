package main

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// What a shell completes comes from the site of the folder that it is in. Where there is none, or it cannot be read, nothing is offered
// and nothing is said: a person is in the middle of a line.

// offer lists words for a completion. A tab and a description may follow a word.
type offer func(ctx context.Context, c *site.Config) []string

// complete gives a flag its fixed words.
func complete(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // a flag that was just made
	}
}

// completeFlag gives a flag words of the site. One that takes several, with commas, goes on after the last comma.
func (a *app) completeFlag(cmd *cobra.Command, flag string, words offer) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		list := a.words(cmd, words)
		for i := range list {
			list[i] = before + list[i]
		}
		return list, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag that was just made
	}
}

// completeOne gives a verb's first argument words of the site.
func (a *app) completeOne(words offer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.words(cmd, words), cobra.ShellCompDirectiveNoFileComp
	}
}

func (a *app) words(cmd *cobra.Command, words offer) []string {
	c, _, err := a.settings.Examine()
	if err != nil || c == nil {
		return nil
	}
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	return words(ctx, c)
}

// slugs are those of all posts and pages, with their titles.
func slugs(ctx context.Context, c *site.Config) []string {
	var list []string
	for _, p := range sources(ctx, c) {
		if p.Slug != "" {
			list = append(list, p.Slug+"\t"+p.Title)
		}
	}
	return list
}

// tags are those of all posts, the most used first.
func tags(ctx context.Context, c *site.Config) []string {
	n := map[string]int{}
	for _, p := range sources(ctx, c) {
		for _, t := range p.Tags {
			n[t]++
		}
	}
	return slices.SortedFunc(maps.Keys(n), func(x, y string) int {
		if n[x] != n[y] {
			return n[y] - n[x]
		}
		return strings.Compare(x, y)
	})
}

// handles are the accounts that the blog has to do with: its own, those that posts mention, and those that wrote comments.
func handles(ctx context.Context, c *site.Config) []string {
	known := map[string]bool{}
	for _, actor := range c.Actors() {
		known["@"+c.Addresses().AcctOf(actor.Handle)] = true
	}
	for _, p := range sources(ctx, c) {
		for _, m := range p.Fediverse.Mention {
			known["@"+strings.TrimPrefix(m, "@")] = true
		}
	}
	for _, h := range publisher.Handles(c) {
		known["@"+h] = true
	}
	return slices.Sorted(maps.Keys(known))
}

func sources(ctx context.Context, c *site.Config) []*publisher.Post {
	if _, err := os.Stat(c.Path(c.Publish.Content)); err != nil {
		return nil
	}
	posts, _, err := publisher.Scan(ctx, publisher.Options{Config: c})
	if err != nil {
		return nil
	}
	return posts
}
