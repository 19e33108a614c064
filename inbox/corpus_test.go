package inbox_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// row is one line of the corpus's INDEX.tsv with the payload that it names.
type row struct {
	path, split, delivery, expect, must, rewrite, setup, wireType string

	dir  string // of the corpus
	data []byte // the file, byte for byte
	text string // the file with our names in its placeholders
}

// runners is one row for each way in which a payload reaches us.
var runners = map[string]func(t *testing.T, r row){
	"inbox-post":        runInboxPost,
	"inbox-post-raw":    runRawBody,
	"served-doc":        runServed,
	"http-capture":      runCapture,
	"http-response-raw": runRawResponse,
	"scenario":          runScenario,
	"vector-list":       runList,
	"verify-vector":     runVectorFile,
}

// excepted are the rows whose payload cannot do what its row says, each with the rule in whose way it stands. They are not skipped:
// every one must be refused with a 4xx and leave no trace. The rule itself is read off the payload (payload.barred); this list
// names what falls under one, so that no other row of the corpus slips in.
var excepted = map[string]string{
	"bridgyfed/undo-follow-multiple-urls.json": "its actor is a tag: URI, which no server can answer for",
	"bridgyfed/undo-object-id.json":            "its actor is a tag: URI behind https:, whose port is no number",
	"bridgyfed/note-reply-min.json":            "an http: note of an https: actor, which anybody on the way may have written",
	"pleroma/question-attachment.json":         "its content stands twice, in different words",
	"misskey/like-reaction.json":               "its id belongs to another server than its actor (upstream replaced the hosts of one of the two)",
}

// corpus finds the wire payloads of other programs that lie outside the project, with the index of them, or skips.
func corpus(t *testing.T) (dir string, rows []map[string]string) {
	t.Helper()
	dir = os.Getenv("POSTIL_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Skip("no corpus of wire payloads beside the project: set POSTIL_CORPUS")
	}
	lines := strings.Split(strings.TrimSuffix(string(index), "\n"), "\n")
	columns := strings.Split(lines[0], "\t")
	for _, line := range lines[1:] {
		field := map[string]string{}
		for n, v := range strings.Split(line, "\t") {
			field[columns[n]] = v
		}
		rows = append(rows, field)
	}
	return dir, rows
}

// corpusRows reads the payloads.
func corpusRows(t *testing.T) (list []row) {
	t.Helper()
	dir, rows := corpus(t)
	for _, field := range rows {
		data, err := os.ReadFile(filepath.Join(dir, field["path"]))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, row{
			path: field["path"], split: field["split"], delivery: field["delivery"], expect: field["expect"], must: field["must"], rewrite: field["rewrite"],
			setup: field["setup"], wireType: field["wire_type"], dir: dir, data: data, text: localNames(string(data)),
		})
	}
	return list
}

// localNames puts our names in the place of the corpus's placeholders.
func localNames(s string) string {
	return strings.NewReplacer(
		"{{LOCAL_HOST}}", "blog.example", "{{LOCAL_HOST_UPPER}}", "BLOG.EXAMPLE", "{{LOCAL_ORIGIN}}", blog, "{{LOCAL_ACTOR}}", us, "{{LOCAL_USER}}", "blog",
		"{{LOCAL_USER_UPPER}}", "BLOG", "{{LOCAL_HANDLE}}", "@blog@blog.example", "{{LOCAL_INBOX}}", blog+"/ap/inbox", "{{LOCAL_POST}}", post,
		"{{LOCAL_POST_HTTP_UPPER}}", "http://BLOG.EXAMPLE/ap/posts/one", "{{LOCAL_DRAFT}}", blog+"/ap/posts/draft", "{{REMOTE_KEY}}", "AAAA",
	).Replace(s)
}

// tally counts what ran.
type tally struct {
	mu      sync.Mutex
	ran     map[string]int
	skipped []string
}

func (c *tally) done(t *testing.T, r row) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.Skipped() {
		c.skipped = append(c.skipped, r.path)
		return
	}
	c.ran[r.delivery+" "+r.expect]++
}

// TestCorpus runs every row of the corpus over the real door with real signatures: what fifty programs really send, what attackers
// send, what both serve. Each must do what its row says.
func TestCorpus(t *testing.T) {
	rows := corpusRows(t)
	c := &tally{ran: map[string]int{}}
	t.Run("row", func(t *testing.T) {
		for n, r := range rows {
			if n%corpusPart != 0 {
				continue
			}
			t.Run(r.path, func(t *testing.T) {
				defer c.done(t, r)
				run := runners[r.delivery]
				if run == nil {
					t.Fatalf("nobody knows how to deliver %q", r.delivery)
				}
				if !measured(r) {
					t.Parallel()
				}
				run(t, r)
			})
		}
	})
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(c.ran)) {
		t.Logf("%4d %s", c.ran[kind], kind)
		total += c.ran[kind]
	}
	t.Logf("%4d of %d rows ran", total, len(rows))
	for _, path := range c.skipped {
		if !usesPython(path, rows) {
			t.Errorf("%s was skipped", path)
		}
	}
}

// usesPython tells whether a row needs the corpus's own generator, the one thing that a machine may lack.
func usesPython(path string, rows []row) bool {
	n := slices.IndexFunc(rows, func(r row) bool { return r.path == path })
	return strings.Contains(rows[n].text, `"generator"`) && !havePython()
}

// demand reports a shortfall.
func demand(t *testing.T, faults []string) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}
