package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/cmd/internal/cli/clitest"
)

// TestShortHelp holds for inboxd and its verbs that -h is at most 25 lines and begins with an example, and that inboxd -h names each verb.
func TestShortHelp(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	all := shortHelp(t)
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		short := all
		if cmd.HasParent() {
			short = shortHelp(t, cmd.Name())
		}
		if n := strings.Count(short, "\n"); n > 25 {
			t.Errorf("%s -h has %d lines, want at most 25:\n%s", cmd.CommandPath(), n, short)
		}
		if cmd.Example == "" || !strings.Contains(short, strings.TrimSpace(strings.Split(cmd.Example, "\n")[0])) {
			t.Errorf("%s -h has no example:\n%s", cmd.CommandPath(), short)
		}
		if cmd.HasParent() && !strings.Contains(all, " "+cmd.Name()) {
			t.Errorf("inboxd -h does not name %s:\n%s", cmd.Name(), all)
		}
	}
}

// TestManners holds every verb, however deep, to the manners of the house.
func TestManners(t *testing.T) {
	t.Parallel()
	clitest.Manners(t, rootCommand)
}

func shortHelp(t *testing.T, verb ...string) string {
	t.Helper()
	root := rootCommand()
	cli.Manners(root)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append(verb, "-h"))
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
