// Package clitest holds a program's verbs to the manners of the house: it is for the tests of publish and inboxd.
package clitest

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
)

// maxShort is how many lines -h has, minExamples how many examples every verb has.
const maxShort, minExamples = 25, 3

// Manners holds of every verb, however deep, that -h is short and begins with at least three examples, that help says more, and that
// a typo of it gets one line.
func Manners(t *testing.T, root func() *cobra.Command) {
	t.Helper()
	top := root()
	cli.Manners(top)
	for _, cmd := range all(top) {
		if cmd.Name() == "help" {
			continue
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		short, _ := run(t, root(), slices.Concat(path, []string{"-h"})...)
		if n := strings.Count(short, "\n"); n > maxShort {
			t.Errorf("%s -h has %d lines, want at most %d:\n%s", cmd.CommandPath(), n, maxShort, short)
		}
		examples := strings.Split(strings.TrimSpace(cmd.Example), "\n")
		if len(examples) < minExamples {
			t.Errorf("%s -h has %d examples, want %d", cmd.CommandPath(), len(examples), minExamples)
		}
		if lines := strings.Split(short, "\n"); len(lines) < 3 || strings.TrimSpace(lines[2]) != strings.TrimSpace(examples[0]) {
			t.Errorf("%s -h does not begin with examples:\n%s", cmd.CommandPath(), short)
		}
		if len(path) == 0 {
			continue
		}
		if long, _ := run(t, root(), slices.Concat([]string{"help"}, path)...); len(long) == 0 || !strings.Contains(long, "Flags") {
			t.Errorf("help %s:\n%s", strings.Join(path, " "), long)
		}
		typo := slices.Clone(path)
		typo[len(typo)-1] += "x"
		if _, err := run(t, root(), typo...); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q gives %v, want one line", typo, err)
		}
	}
}

func all(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		list = append(list, all(sub)...)
	}
	return list
}

func run(t *testing.T, root *cobra.Command, args ...string) (string, error) {
	t.Helper()
	cli.Manners(root)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
}
