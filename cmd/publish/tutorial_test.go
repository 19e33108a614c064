package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// fence is a block of code in a document: its language, and its text.
var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// titled is the first line of a block that is a file: a comment with its name.
var titled = regexp.MustCompile(`^(?:/\*|<!--|#) ?(\S+\.\w+)(?: \*/| -->)?\n`)

// tutorial makes a script of a section of a document: commands are run, files are written. What is there of config.toml stays, with the block below it.
func tutorial(t *testing.T, document, section string) (script string, files map[string]string) {
	t.Helper()
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(data), "\n## "+section+"\n")
	if !ok {
		t.Fatalf("%s has no section %q", document, section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	files = map[string]string{}
	for i, m := range fence.FindAllStringSubmatch(text, -1) {
		if m[1] == "console" {
			for line := range strings.SplitSeq(m[2], "\n") {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					script += command + "\n"
				}
			}
			continue
		}
		name := titled.FindStringSubmatch(m[2])
		if name == nil {
			t.Fatalf("%s: a block does not begin with the name of its file:\n%s", document, m[2])
		}
		step := fmt.Sprintf("step%d", i)
		files[step] = m[2]
		script += fmt.Sprintf("add $WORK/%s %s\n", step, name[1])
	}
	return script, files
}

// TestThemeTutorial does what docs/themes.md teaches, step by step, and looks whether it shows.
func TestThemeTutorial(t *testing.T) {
	t.Parallel()
	script, files := tutorial(t, "../../docs/themes.md", "A theme in 15 minutes")
	if n := strings.Count(script, "publish"); n < 5 || len(files) < 4 {
		t.Fatalf("only %d commands and %d files were found in the document", n, len(files))
	}
	script = "cd blog\n" + script + `grep '^theme = "mine"' config.toml
grep 'written by Ada' public/posts/a/index.html
grep 'theme-color" content="#8a3a12"' public/index.html
exists themes/mine/extra.css
publish
stdout '^Nothing to publish'
-- blog/config.toml --
format = 1
[site]
url = "https://notes.example"
author = "Ada"
-- blog/content/posts/a.md --
+++
id = "a"
title = "A"
date = 2026-10-28
+++
Text.
`
	for name, text := range files {
		script += "-- " + name + " --\n" + text
	}
	file := filepath.Join(t.TempDir(), "tutorial.txtar")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{file},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"add": add},
	})
}

// add writes a step's file: over what is there, but for config.toml, which it lengthens.
func add(ts *testscript.TestScript, _ bool, args []string) {
	text, at := ts.ReadFile(args[0]), ts.MkAbs(args[1])
	if args[1] == "config.toml" {
		text = ts.ReadFile(at) + text
	}
	ts.Check(os.MkdirAll(filepath.Dir(at), 0o755))
	ts.Check(os.WriteFile(at, []byte(text), 0o644))
}
