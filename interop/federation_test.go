package interop

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const federationFile = "../FEDERATION.md"

var update = flag.Bool("update", false, "write the generated parts of FEDERATION.md anew")

// TestFederationFile: what stands between the marks of FEDERATION.md is what the tests have proven: the recorded matrix, the programs of
// TestHonest, the tests that each line names, and the golden files.
func TestFederationFile(t *testing.T) {
	t.Parallel()
	e := readEvidence(t)
	have, err := os.ReadFile(federationFile)
	if err != nil {
		t.Fatal(err)
	}
	want := string(have)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		want = replacePart(t, want, name, parts[name](t, e))
	}
	if want == string(have) {
		return
	}
	if !*update {
		t.Fatalf("FEDERATION.md is not what the tests prove: run go test ./interop -run TestFederationFile -update\n%s", firstDifference(string(have), want))
	}
	if err := os.WriteFile(federationFile, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestProofIsOfTheMatrix: the recorded proof names every step of every row of today's matrix and no other, with today's versions.
func TestProofIsOfTheMatrix(t *testing.T) {
	t.Parallel()
	want := map[proven]bool{}
	for _, r := range rows {
		version := fedifyVersion(t, r.folder)
		for _, c := range steps {
			if c.in(version) {
				want[proven{"Fedify", version, r.scheme, c.Direction, c.Activity, ""}] = true
			}
		}
	}
	for _, p := range readProof(t) {
		if p.Date == "" {
			t.Errorf("%+v has no date", p)
		}
		if p.Date = ""; !want[p] {
			t.Errorf("%s names what is no test: %+v", proofFile, p)
		}
		delete(want, p)
	}
	for p := range want {
		t.Errorf("%s lacks %+v: run go test ./interop -run 'TestFedify$' -record", proofFile, p)
	}
}

// evidence is what there is to show.
type evidence struct {
	matrix   []proven
	programs []honest
	tests    map[string]bool // "inbox TestMove"
}

// honest is one of inbox's TestHonest, with what it says there.
type honest struct {
	Program string
	Says    []string
}

func readEvidence(t *testing.T) evidence {
	t.Helper()
	e := evidence{matrix: readProof(t), tests: testNames(t)}
	readJSON(t, "../inbox/testdata/honest.json", &e.programs)
	return e
}

func readProof(t *testing.T) []proven {
	t.Helper()
	var list []proven
	readJSON(t, proofFile, &list)
	if len(list) == 0 {
		t.Fatalf("%s proves nothing", proofFile)
	}
	return list
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// testNames finds the tests of the tree, by package folder and name.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names, test := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	for _, folder := range []string{"activitypub", "activitypub/signature", "activitypub/remote", "inbox", "inbox/comments", "inbox/profile", "cmd/inboxd", "cmd/inboxd/daemon", "outbox", "publisher", "interop"} {
		files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range test.FindAllStringSubmatch(string(data), -1) {
				names[folder+" "+m[1]] = true
			}
		}
	}
	return names
}

// fedify tells with which Fedify and by which schemes steps passed, all of them: "Fedify 1.5.9 c, 2.3.6 c r".
func (e evidence) fedify(wanted []string) string {
	found := map[string]map[string]int{} // version, scheme, how many of the steps
	for _, p := range e.matrix {
		if slices.Contains(wanted, p.Direction+" "+p.Activity) {
			if found[p.Version] == nil {
				found[p.Version] = map[string]int{}
			}
			found[p.Version][p.Scheme]++
		}
	}
	var list []string
	for _, version := range slices.Sorted(maps.Keys(found)) {
		letters := ""
		for _, scheme := range slices.Sorted(maps.Keys(found[version])) {
			if found[version][scheme] == len(wanted) {
				letters += " " + scheme[:1]
			}
		}
		if letters != "" {
			list = append(list, version+letters)
		}
	}
	if list == nil {
		return ""
	}
	return "Fedify " + strings.Join(list, ", ")
}

// said counts the programs that say one of some verbs in inbox's TestHonest, several versions of one once: the first word is the program's.
func (e evidence) said(verbs []string) int {
	found := map[string]bool{}
	for _, p := range e.programs {
		if slices.ContainsFunc(p.Says, func(v string) bool { return slices.Contains(verbs, v) }) {
			name, _, _ := strings.Cut(p.Program, " ")
			found[strings.TrimSuffix(name, ",")] = true
		}
	}
	return len(found)
}

// shown is the last column of a line. Each thing that the line leans on has to be there, and there has to be one.
func (e evidence) shown(t *testing.T, b by) string {
	t.Helper()
	var list []string
	if len(b.steps) > 0 {
		s := e.fedify(b.steps)
		if s == "" {
			t.Errorf("nothing of the matrix proves %v", b.steps)
		}
		list = append(list, s)
	}
	if len(b.verbs) > 0 {
		n := e.said(b.verbs)
		if n == 0 {
			t.Fatalf("no program says %v", b.verbs)
		}
		list = append(list, fmt.Sprintf("%d program%s", n, strings.Repeat("s", min(n-1, 1))))
	}
	for _, name := range b.tests {
		if !e.tests[name] {
			t.Errorf("there is no test %s", name)
		}
		list = append(list, "`"+name+"`")
	}
	if len(list) == 0 {
		t.Errorf("a line of FEDERATION.md is proven by nothing")
	}
	return strings.Join(list, ", ")
}

// mark is a line that stands around a generated part.
func mark(name, which string) string {
	return fmt.Sprintf("<!-- %s of %s, generated by interop/federation_test.go -->", which, name)
}

func replacePart(t *testing.T, text, name, part string) string {
	t.Helper()
	before, rest, ok := strings.Cut(text, mark(name, "begin")+"\n")
	_, after, ended := strings.Cut(rest, mark(name, "end"))
	if !ok || !ended {
		t.Fatalf("FEDERATION.md has no place for %s", name)
	}
	return before + mark(name, "begin") + "\n\n" + strings.TrimSpace(part) + "\n\n" + mark(name, "end") + after
}

func firstDifference(have, want string) string {
	h, w := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range cmp.Or(min(len(h), len(w)), 1) {
		if h[i] != w[i] {
			return fmt.Sprintf("line %d\nis   %s\nwant %s", i+1, h[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(h), len(w))
}
