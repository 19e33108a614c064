package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

func TestLoad(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	set, faults, err := Load(files(
		"books.toml", "count = 2\nsince = 2026-10-28\nat = 07:30:00\n[[list]]\ntitle = \"A\"\nyear = 1999\n[[list]]\ntitle = \"B\"\nmark = 1.5\n",
		"links.yaml", "- name: Ada\n  url: https://a.example/\n  tags: [x, y]\n  text: |\n    one\n    two\n  none:\n- name: Bea\n  on: true\n  n: 3\n",
		"shop/prices.json", "{\"tea\": 3, \"half\": 0.5, \"list\": [1, null, \"x\"]}",
		"shop/open.yml", "monday: 9",
		"README.md", "no data", ".hidden.json", "{", ".git/x.json", "{", "postil.db", "\x00",
	), zone)
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	want := map[string]any{
		"books": map[string]any{"count": int64(2), "since": time.Date(2026, 10, 28, 0, 0, 0, 0, zone), "at": "07:30:00",
			"list": []any{map[string]any{"title": "A", "year": int64(1999)}, map[string]any{"title": "B", "mark": 1.5}}},
		"links": []any{map[string]any{"name": "Ada", "url": "https://a.example/", "tags": []any{"x", "y"}, "text": "one\ntwo\n", "none": nil},
			map[string]any{"name": "Bea", "on": true, "n": uint64(3)}},
		"shop": map[string]any{"prices": map[string]any{"tea": int64(3), "half": 0.5, "list": []any{int64(1), nil, "x"}}, "open": map[string]any{"monday": uint64(9)}},
	}
	if diff := cmp.Diff(want, set.Values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	same, _, _ := Load(files("a.json", "1"), zone)
	other, _, _ := Load(files("a.json", "2"), zone)
	renamed, _, _ := Load(files("b.json", "1"), zone)
	if same.Sum == other.Sum || same.Sum == renamed.Sum || same.Sum == (Set{}).Sum {
		t.Error("the sum does not tell names and contents apart")
	}
	if none, faults, err := Load(files("README.md", "x"), zone); err != nil || faults != nil || none.Sum != (Set{}).Sum || none.Values != nil {
		t.Errorf("no data files give %v, %v, %v", none, faults, err)
	}
}

// TestFaults: every fault is told with its place, and the others as well.
func TestFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a.toml\x00x = 1\ny = z\n":                        "data/a.toml:2:5: error[P085] not valid TOML",
		"a.json\x00{\n  \"a\": 1,\n}":                     "data/a.json:3:1: error[P085] not valid JSON",
		"a.json\x00{\n\"a\": [1,\n2":                      "data/a.json:3:2: error[P085] not valid JSON: it ends too soon",
		"a.json\x00":                                      "data/a.json:1:1: error[P085] not valid JSON",
		"a.json\x00{}\n{}":                                "data/a.json:",
		"a.yaml\x00a: 1\nb: [1\n":                         "data/a.yaml:2:",
		"a.yaml\x00a: 1\na: 2\n":                          "data/a.yaml:2:",
		"a.yaml\x00a: &x 1\nb: *x\n":                      "data/a.yaml:1:4: error[P085] YAML anchors",
		"a.yaml\x00a: 1\n---\nb: 2\n":                     "data/a.yaml:1:1: error[P085] the file holds more than one",
		"a.yml\x00a: !!python/object 1\n":                 "data/a.yml:1:4: error[P085] YAML anchors",
		"a.json\x00\n" + strings.Repeat("[", 1<<19):       "data/a.json:2:1: error[P085] nested deeper",
		"a.toml\x00a = " + strings.Repeat("[\n", 1<<10):   "data/a.toml:101:1: error[P085] nested deeper",
		"a.yaml\x00" + strings.Repeat("- ", 1<<19):        "data/a.yaml:1:1: error[P085] nested deeper",
		"a.yaml\x00a: " + strings.Repeat("{a: ", 1<<10):   "data/a.yaml:1:1: error[P085] nested deeper",
		"a.json\x00" + strings.Repeat(" ", maxFile) + "1": "data/a.json: error[P085] the file is larger",
		"a.yaml\x00" + strings.Repeat("k: 1\n", 20000):    "data/a.yaml:1:1: error[P085] a YAML file is larger",
		"a.json\x00\"\xff\"":                              "data/a.json: error[P085] this is not UTF-8",
	} {
		name, content, _ := strings.Cut(text, "\x00")
		_, faults, err := Load(files(name, content, "good.json", "1", "zbad.toml", "="), time.UTC)
		if err != nil || len(faults) != 2 || !strings.HasPrefix(faults[0].Error(), want) || faults[1].File != "data/zbad.toml" {
			t.Errorf("%.60q gives %.300v, %v; want %s and that of zbad.toml", text, faults, err, want)
		}
	}
	for _, c := range [][2]string{{"a.json", "a.toml"}, {"a.json", "a/b.json"}} {
		if _, faults, _ := Load(files(c[0], "1", c[1], map[bool]string{true: "x = 1", false: "1"}[strings.HasSuffix(c[1], "toml")]), time.UTC); len(faults) != 1 || !strings.Contains(faults[0].Message, "would both be .Data.a") {
			t.Errorf("%v give %v", c, faults)
		}
	}
}

// TestBounds: many files end in a fault, not in a full memory.
func TestBounds(t *testing.T) {
	t.Parallel()
	many := files()
	for i := range maxFiles + 5 {
		many[fmt.Sprintf("f%04d.json", i)] = &fstest.MapFile{Data: []byte("1")}
	}
	if _, faults, err := Load(many, time.UTC); err != nil || len(faults) != 1 || !strings.Contains(faults[0].Message, "more than 1000") {
		t.Errorf("%v, %v", faults, err)
	}
	large := files()
	for i := range maxAll/maxFile + 1 {
		large[fmt.Sprintf("f%d.json", i)] = &fstest.MapFile{Data: []byte(strings.Repeat(" ", maxFile-1) + "1")}
	}
	if _, faults, err := Load(large, time.UTC); err != nil || len(faults) != 1 || !strings.Contains(faults[0].Message, "8 MB together") {
		t.Errorf("%v, %v", faults, err)
	}
}

// TestNoWayOut: a link out of the folder is refused, one within it is followed.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner := filepath.Join(dir, "data")
	for name, text := range map[string]string{filepath.Join(dir, "secret.json"): `"secret"`, filepath.Join(inner, "real.json"): `"real"`} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"out.json": "../secret.json", "in.json": "real.json", "loop.json": "loop.json"} {
		if err := os.Symlink(to, filepath.Join(inner, name)); err != nil {
			t.Skip(err)
		}
	}
	root, err := os.OpenRoot(inner)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	set, faults, err := Load(root.FS(), time.UTC)
	if err != nil || len(faults) != 2 || set.Values["in"] != "real" || strings.Contains(fmt.Sprint(set.Values), "secret") {
		t.Errorf("%v, %v, %v", set.Values, faults, err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{"a: [1, {b: c}]", "a = [1, 2]\n[b]\nc = 2026-10-28", `{"a": [1, null]}`, "- - x\n- |\n  y", "a: &x b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, faults, err := Load(files("a.toml", s, "b.yaml", s, "c.json", s), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range faults {
			lines := strings.Count(s, "\n") + strings.Count(s, "\r") + 1 // a carriage return ends a line of YAML (1.2.2, 5.4)
			if d.File == "" || d.Line < 0 || d.Line > lines+1 {
				t.Errorf("%+v is no place of %q", d, s)
			}
		}
	})
}
