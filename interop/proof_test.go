package interop

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const proofFile = "testdata/proof.json"

var record = flag.Bool("record", false, "write the steps that passed to "+proofFile)

// proven is one step of the matrix that passed.
type proven struct {
	Peer      string `json:"peer"`
	Version   string `json:"version"`
	Scheme    string `json:"scheme"`
	Direction string `json:"direction"`
	Activity  string `json:"activity"`
	Date      string `json:"date"` // UTC
}

// proofs collects what passed in this run.
type proofs struct {
	mu   sync.Mutex
	list []proven
}

var proof proofs

func (p *proofs) passed(version, scheme string, c step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, proven{"Fedify", version, scheme, c.Direction, c.Activity, time.Now().UTC().Format(time.DateOnly)})
}

// TestMain writes the proof with -record, if all that ran has passed.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && *record {
		if err := proof.write(); err != nil {
			os.Stderr.WriteString("recording: " + err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// write puts one line for each step that passed, in the order of the matrix. Part of a matrix is not recorded.
func (p *proofs) write() error {
	want := 0
	for _, r := range rows {
		for _, s := range steps {
			if !r.postgres && (s.since == "" || strings.HasSuffix(r.folder, s.since)) {
				want++
			}
		}
	}
	if len(p.list) != want {
		return fmt.Errorf("%d steps passed in this run, and the matrix has %d", len(p.list), want)
	}
	slices.SortFunc(p.list, func(a, b proven) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Scheme, b.Scheme), place(a)-place(b))
	})
	var out bytes.Buffer
	for i, c := range p.list {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		out.WriteString(map[bool]string{true: "[\n", false: ",\n"}[i == 0])
		out.Write(line)
	}
	out.WriteString("\n]\n")
	return os.WriteFile(proofFile, out.Bytes(), 0o644)
}

// place is where a step stands in the matrix, -1 where it is none.
func place(p proven) int {
	return slices.IndexFunc(steps, func(c step) bool { return c.Direction == p.Direction && c.Activity == p.Activity })
}
