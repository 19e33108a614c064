package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
)

// TestShortHelp holds for every verb that -h is at most 25 lines and begins with examples, and that help VERB says more.
func TestShortHelp(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		short, long := help(t, cmd, "-h"), help(t, cmd, "help")
		if n := strings.Count(short, "\n"); n > 25 {
			t.Errorf("%s -h has %d lines, want at most 25:\n%s", cmd.CommandPath(), n, short)
		}
		if cmd.Example == "" || !strings.Contains(short, strings.TrimSpace(strings.Split(cmd.Example, "\n")[0])) {
			t.Errorf("%s -h has no example:\n%s", cmd.CommandPath(), short)
		}
		if cmd.HasParent() && !strings.Contains(long, "Flags") {
			t.Errorf("help %s:\n%s", cmd.Name(), long)
		}
	}
}

func help(t *testing.T, cmd *cobra.Command, how string) string {
	t.Helper()
	root := rootCommand()
	cli.Manners(root)
	args := []string{"-h"}
	if cmd.HasParent() {
		args = map[string][]string{"-h": {cmd.Name(), "-h"}, "help": {"help", cmd.Name()}}[how]
	}
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
