package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "testdata/module"

// TestVerdicts: each mutant of the small module ends as its name says, and what is not killed makes the run fail.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	before := read(t, "door.go")
	var out bytes.Buffer
	err := run(t.Context(), &out, module, "mutants.txt", "", "1/1", 2)
	if err == nil {
		t.Error("no error, although not all were killed")
	}
	lines := map[string]string{}
	for line := range strings.Lines(out.String()) {
		if f := strings.Fields(line); len(f) > 2 && !strings.HasPrefix(line, " ") {
			lines[f[1]] = strings.ToLower(f[0])
		}
	}
	list, err := readTable(filepath.Join(module, "mutants.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		want, _, _ := strings.Cut(m.name, "-")
		if lines[m.name] != want {
			t.Errorf("%s: %q, want %q\n%s", m.name, lines[m.name], want, out.String())
		}
	}
	if !strings.Contains(out.String(), "mutants: 3 of 11 killed") {
		t.Errorf("no last line with the count:\n%s", out.String())
	}
	if read(t, "door.go") != before {
		t.Error("the tree was changed")
	}
}

// TestAllKilled: a run in which every mutant chosen is killed ends well.
func TestAllKilled(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out, module, "mutants.txt", "^killed-", "1/1", 1); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := run(t.Context(), &out, module, "mutants.txt", "^nobody$", "1/1", 1); err == nil {
		t.Error("a run of no mutant ends well")
	}
}

// TestParts: each mutant is in one part, whatever the number of parts.
func TestParts(t *testing.T) {
	t.Parallel()
	table := filepath.Join(module, "mutants.txt")
	all, err := choose(table, "", "1/1")
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]int{}
	for _, part := range []string{"1/3", "2/3", "3/3"} {
		list, err := choose(table, "", part)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			in[m.name]++
		}
	}
	for _, m := range all {
		if in[m.name] != 1 {
			t.Errorf("%s is in %d of three parts", m.name, in[m.name])
		}
	}
	for _, part := range []string{"", "3", "0/3", "4/3", "1/0", "a/b"} {
		if _, err := choose(table, "", part); err == nil {
			t.Errorf("a part %q was taken", part)
		}
	}
}

// TestTableRefused: a table that would silently test nothing is refused.
func TestTableRefused(t *testing.T) {
	t.Parallel()
	const whole = "mutant a\nwhy: b\ntest: . TestOpen\nfile: door.go\n-x\n"
	for name, text := range map[string]string{
		"no reason":     strings.Replace(whole, "why: b\n", "", 1),
		"no test":       strings.Replace(whole, "test: . TestOpen\n", "", 1),
		"no folder":     strings.Replace(whole, ". TestOpen", "TestOpen", 1),
		"no change":     strings.Replace(whole, "-x\n", "", 1),
		"same text":     whole + "+x\n",
		"same name":     whole + whole,
		"unknown line":  whole + "because: c\n",
		"before a name": "why: b\n" + whole,
		"before a file": "mutant a\nwhy: b\ntest: . TestOpen\n-x\n",
	} {
		path := filepath.Join(t.TempDir(), "mutants.txt")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if list, err := readTable(path); err == nil {
			t.Errorf("%s: read as %v", name, list)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(module, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
