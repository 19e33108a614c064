package activitypub

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// corpusDir is the folder of wire payloads that lies outside the project, where there is one.
func corpusDir(t *testing.T) string {
	dir := os.Getenv("POSTIL_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the federation corpus is not here (POSTIL_CORPUS names it); the fixtures in json_test.go cover the same rules")
	}
	return dir
}

// index reads INDEX.tsv as rows by column name.
func index(t *testing.T, dir string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	columns := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, field := range strings.Split(line, "\t") {
			row[columns[i]] = field
		}
		rows = append(rows, row)
	}
	return rows
}

// refusable are payloads that Read refuses although the corpus would let them pass: each says nothing that anybody could act on.
var refusable = map[string]string{
	"fep/1b12-announce-add.json":         "ids without a scheme",
	"pleroma/question-attachment.json":   "content stands twice",
	"hostile/raw/case-variant-keys.body": "names that differ by case only",
	"hostile/raw/duplicate-type.body":    "type stands twice",
	"hostile/raw/overlong-utf8.body":     "not UTF-8",
	"hostile/raw/type-two-verbs.body":    "two activity types",
	"vernissage/delete-user.json":        "two actors",
}

// TestCorpusRead reads every Activity Streams payload of the corpus and holds the outcome against its index.
func TestCorpusRead(t *testing.T) {
	dir := corpusDir(t)
	read := 0
	for _, row := range index(t, dir) {
		path := row["path"]
		isDocument := row["delivery"] == "inbox-post" || row["delivery"] == "inbox-post-raw" ||
			row["delivery"] == "served-doc" && row["wire_type"] != ""
		if !isDocument {
			continue // scenarios, lists, WebFinger and NodeInfo answers
		}
		read++
		t.Run(path, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				t.Fatal(err)
			}
			o, err := Read([]byte(strings.NewReplacer("{{LOCAL_", "https://blog.example/{{").Replace(string(data))))
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("Read: %v, which is not ErrMalformed", err)
			}
			mustRefuse := row["expect"] == "reject-4xx" || refusable[path] != ""
			switch {
			case mustRefuse && err == nil:
				t.Error("Read accepted what must be refused")
			case !mustRefuse && err != nil && row["expect"] != "parse-reject":
				t.Errorf("Read: %v; index says %s", err, row["expect"])
			case err == nil:
				// What can be read can be shown: none of these may panic or break a bound.
				checkTree(t, o.ContentTree())
				checkTree(t, ParseText(o.Name, o.Emoji()))
			}
		})
	}
	if read < 300 {
		t.Errorf("read %d payloads, want at least 300: has the index changed?", read)
	}
}

// TestCorpusHTML runs the hostile comments of the corpus: what a page must not hold, and which words must survive.
func TestCorpusHTML(t *testing.T) {
	lists, err := filepath.Glob(filepath.Join(corpusDir(t), "hostile", "lists", "html-vectors.*.json"))
	if err != nil || len(lists) == 0 {
		t.Fatal("no list of hostile HTML", err)
	}
	for _, file := range lists {
		t.Run(filepath.Base(file), func(t *testing.T) { checkVectors(t, file) })
	}
}

func checkVectors(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Vectors []struct {
			ID, HTML string
			MustNot  []string `json:"must_not_match"`
			MustKeep []string `json:"must_keep_text"`
		}
	}
	if err := json.Unmarshal(data, &list); err != nil || len(list.Vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(list.Vectors), err)
	}
	for _, v := range list.Vectors {
		tree := ParseHTML(v.HTML, nil)
		checkTree(t, tree)
		for _, pattern := range v.MustNot {
			if re := regexp.MustCompile("(?i)" + pattern); re.MatchString(string(tree.HTML())) {
				t.Errorf("%s: %s matches %s", v.ID, tree.HTML(), pattern)
			}
		}
		for _, word := range v.MustKeep {
			if !strings.Contains(tree.Text(), word) {
				t.Errorf("%s: %q does not hold %q", v.ID, tree.Text(), word)
			}
		}
	}
}
