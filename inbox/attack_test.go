package inbox_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// attack is one class of the attacks that others have suffered: its number in the list of SECURITY.md, the published cases, and a play
// that stages it. Everything is played in both signature schemes.
type attack struct {
	class int
	name  string
	cases string
	play  func(t *testing.T, s signature.Scheme)
}

// TestAttackClasses plays all of them. What is refused leaves nothing behind: no row, nothing in memory that the honest twin would
// suffer from, no request but the one for the key; and the twin, sent next, is taken.
func TestAttackClasses(t *testing.T) {
	t.Parallel()
	classes := slices.Concat(signatureAttacks, originAttacks, fetchAttacks, pageAttacks)
	met := map[int]bool{}
	for _, a := range classes {
		met[a.class] = true
		t.Run(fmt.Sprintf("%02d %s", a.class, a.name), func(t *testing.T) {
			t.Parallel()
			schemes(t, a.play)
		})
	}
	for n := range 40 {
		if !met[n+1] {
			t.Errorf("no attack of class %d is played", n+1)
		}
	}
}

// attempt is one forged or broken letter.
type attempt struct {
	name    string
	letter  letter
	want    int                   // status; 0: any 4xx
	fetches int                   // at most, of which there is one for a key
	hand    func(w *world) hand   // signs instead of the letter's signer; nil: not
	before  func(w *world)        // what is there already
	change  func(r *http.Request) // at last
	twin    m                     // nil: a reply of alice's
	known   int                   // how often the twin's actor may have been fetched in the end; 0: once
}

// refuse sends each attempt to a blog of its own and wants it refused without a trace.
func refuse(t *testing.T, s signature.Scheme, attempts ...attempt) {
	t.Helper()
	for _, a := range attempts {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			a.run(t, s)
		})
	}
}

func (a attempt) run(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	if a.before != nil {
		a.before(w)
	}
	rows, fetches := w.rows(), w.peers.count()
	if got := w.deliver(a.request(w, s)); a.want == 0 && (got < 400 || got > 499) || a.want != 0 && got != a.want {
		t.Errorf("status %d, want %d (0: 4xx)", got, a.want)
	}
	if n := w.peers.count() - fetches; n > a.fetches {
		t.Errorf("%d fetches, want at most %d", n, a.fetches)
	}
	if now := w.rows(); now != rows {
		t.Errorf("it left a trace in the store:\n%s", changed(rows, now))
	}
	if n := w.round(); n != 0 {
		t.Errorf("%d errands, want none", n)
	}
	a.honestTwin(w, s)
}

// request makes the attempt's request in a scheme.
func (a attempt) request(w *world, s signature.Scheme) *http.Request {
	w.t.Helper()
	a.letter.scheme = s
	if a.hand != nil {
		a.letter.signer = ""
		h := a.hand(w)
		h.scheme = s
		a.letter.tamper = byHand(w, h)
	}
	r := w.request(a.letter)
	if a.change != nil {
		a.change(r)
	}
	return r
}

// deliver sends a request as it is and gives the status.
func (w *world) deliver(r *http.Request) int {
	w.t.Helper()
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// honestTwin sends what the attacker imitated. Nobody was made to fetch her key twice, or to distrust it.
func (a attempt) honestTwin(w *world, s signature.Scheme) {
	w.t.Helper()
	twin := a.twin
	if twin == nil {
		twin = create(note(aliceID+"/notes/1", aliceID, post, nil))
	}
	by, before := twin["actor"].(string), w.rows()
	if got := w.post(letter{doc: twin, signer: by, scheme: s}); got != http.StatusAccepted {
		w.t.Fatalf("honest twin: status %d, want 202", got)
	}
	if w.rows() == before {
		w.t.Errorf("honest twin: no effect")
	}
	if n := w.peers.asked(by); n > max(a.known, 1) {
		w.t.Errorf("%s fetched %d times, want %d", by, n, max(a.known, 1))
	}
}

// effectless sends what is answered politely (202) or refused and must change nothing, in one world. That it was seen may be noted.
func (w *world) effectless(letters ...letter) {
	w.t.Helper()
	for _, l := range letters {
		rows := w.rows("seen")
		if got := w.post(l); got != http.StatusAccepted && (got < 400 || got > 499) {
			w.t.Errorf("%v: status %d, want 202 or 4xx", l.doc, got)
		}
		for w.round() > 0 {
		}
		if now := w.rows("seen"); now != rows {
			w.t.Errorf("%v left a trace:\n%s", l.doc, changed(rows, now))
		}
	}
}

// rows is all that the store holds besides some tables, one line a row. It reads the file itself, so that no query of the store's can
// forget a table.
func (w *world) rows(besides ...string) string {
	w.t.Helper()
	db := w.database()
	var lines []string
	for _, table := range query(w.t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
		if slices.Contains(besides, table) {
			continue
		}
		for _, row := range query(w.t, db, "SELECT * FROM "+table) {
			lines = append(lines, table+": "+row)
		}
	}
	if len(lines) == 0 {
		w.t.Fatal("the database is empty: not even the post is there")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// databases are those that were opened, by world.
var databases sync.Map

// database opens the world's own file beside its store.
func (w *world) database() *sql.DB {
	w.t.Helper()
	if db, ok := databases.Load(w); ok {
		return db.(*sql.DB)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(w.cfg.Dir), "*", "data", "postil.db"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("%d databases, %v, want one: a world needs a test of its own", len(files), err)
	}
	file := url.URL{Scheme: "file", Path: files[0], RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		w.t.Fatal(err)
	}
	databases.Store(w, db)
	w.t.Cleanup(func() {
		databases.Delete(w)
		db.Close()
	})
	return db
}

// query gives the rows of a query as text.
func query(t testing.TB, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		cells, at := make([]any, len(names)), make([]any, len(names))
		for n := range cells {
			at[n] = &cells[n]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		out = append(out, line(cells))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func line(cells []any) string {
	var words []string
	for _, c := range cells {
		text := fmt.Sprint(c)
		if b, ok := c.([]byte); ok {
			text = string(b)
		}
		if len(text) > 300 {
			text = fmt.Sprintf("%s… %x", text[:100], sha256.Sum256([]byte(text)))
		}
		words = append(words, text)
	}
	return strings.Join(words, " | ")
}

// changed tells the lines that are in one and not in the other.
func changed(before, after string) string {
	var out []string
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, l := range a {
		if !slices.Contains(b, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range b {
		if !slices.Contains(a, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}

// TestSnapshotSeesAll: what the attacks are judged by sees a row in any table (mutant: rows gives the same string for ever).
func TestSnapshotSeesAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty := w.rows()
	w.write(func(tx *store.Tx) error {
		return tx.AddErrand(t.Context(), store.Errand{URL: aliceID, Reason: "actor", Next: w.clock().Add(time.Hour)})
	})
	if got := changed(empty, w.rows()); !strings.HasPrefix(got, "+ errands: ") || strings.Count(got, "\n") != 0 {
		t.Errorf("an errand shows as %q", got)
	}
	for _, table := range strings.Fields("articles actors comments followers deliveries hosts seen errands blocks media tokens activities") {
		if !strings.Contains(w.tables(), " "+table+" ") {
			t.Errorf("the snapshot knows no table %s, only %s", table, w.tables())
		}
	}
}

func (w *world) tables() string {
	db := w.database()
	return " " + strings.Join(query(w.t, db, "SELECT name FROM sqlite_master WHERE type = 'table'"), " ") + " "
}
