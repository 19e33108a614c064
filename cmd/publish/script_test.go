package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what came out into the scripts")

// roles are what the test's own binary can be besides the test.
var roles = map[string]func(){"publish": main}

func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv("POSTIL_TEST_ROLE")]; ok {
		role()
		os.Exit(0)
	}
	testscript.Main(m, map[string]func(){"publish": main})
}

// TestScripts runs the command as a person does; each file of testdata/script is one story.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("CI", "")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each command waits a second before it ends, under the race detector
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":     code,
			"snapshot": snapshot,
		},
	})
}

// code runs a command and compares its exit code: code 3 publish check.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [args]")
	}
	want, got := args[0], "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = exitCode(err)
	}
	if got != want {
		ts.Fatalf("exit code %s, want %s", got, want)
	}
}

// snapshot notes every file of a folder with size and time, or (snapshot -same) holds that none has changed since.
func snapshot(ts *testscript.TestScript, neg bool, args []string) {
	list := ""
	err := filepath.WalkDir(ts.MkAbs(args[len(args)-1]), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			list += path + " " + info.ModTime().String() + "\n"
		}
		return err
	})
	ts.Check(err)
	if args[0] != "-same" {
		ts.Setenv("SNAPSHOT", list)
	} else if was := ts.Getenv("SNAPSHOT"); was != list {
		ts.Fatalf("files changed:\n%s\nnow:\n%s", was, list)
	}
}
