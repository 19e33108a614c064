package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// TestCommentsReply is the life of an answer from the command line, with the real daemon and another server: ada answers a post, the
// owner finds that in the list and answers, changes the file, and removes it.
func TestCommentsReply(t *testing.T) {
	_, config, c, peer := liveBlog(t, "")
	ada := peer.Account("ada", "Ada")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	wait := func(kind, words string) {
		t.Helper()
		must(peer.Wait(ctx, func(list []*activitypub.Object) bool {
			return slices.ContainsFunc(list, func(a *activitypub.Object) bool {
				return a.Is(kind) && (a.Object[0].Is("Tombstone") || strings.Contains(a.Object[0].Content, words))
			})
		}))
	}
	t.Setenv("CI", "")
	t.Setenv("POSTIL_TOKEN", token(t, c))
	must(ada.Follow(ctx, c.Addresses().Acct()))
	_, _, err := run(t, "--config", config)
	must(err)
	wait("Create", "Words")
	hers, err := ada.Reply(ctx, c.Addresses().Post("hello"), "<p>What a fine folder.</p>")
	must(err)

	out, _, err := run(t, "comments", "list", "--config", config)
	if err != nil || !strings.HasPrefix(out, hers+"  ") || !strings.Contains(out, "What a fine folder.") {
		t.Fatalf("comments list: %q, %v", out, err)
	}
	out, _, err = run(t, "comments", "reply", hers, "--message", "Is it *not*?", "--config", config)
	must(err)
	file, _, _ := strings.Cut(out, "\n")
	wait("Create", "Is it <em>not</em>?")
	if out, _, err = run(t, "comments", "list", "--json", "--config", config); err != nil || !strings.Contains(out, `"owner": true`) || !strings.Contains(out, `"v": 1`) {
		t.Errorf("comments list --json: %q, %v", out, err)
	}

	text := read(t, file)
	must(os.WriteFile(file, []byte(strings.Replace(text, "not", "so", 1)), 0o644))
	_, _, err = run(t, "--config", config)
	must(err)
	wait("Update", "Is it <em>so</em>?")
	must(os.Remove(file))
	_, _, err = run(t, "--config", config)
	must(err)
	wait("Delete", "")
	if out, _, err = run(t, "comments", "list", "--config", config); err != nil || strings.Contains(out, "Is it") {
		t.Errorf("comments list at last: %q, %v", out, err)
	}
}

// TestFirstWords: what strangers write steers no terminal.
func TestFirstWords(t *testing.T) {
	t.Parallel()
	if got := firstWords("a\x1b[2J\n  b\u009b c d", 5); got != "a [2J…" {
		t.Errorf("%q", got)
	}
}
