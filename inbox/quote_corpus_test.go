package inbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postil-blog/postil/store"
)

func TestCorpusQuotes(t *testing.T) {
	t.Parallel()
	dir, rows := corpus(t)
	tried := 0
	for _, row := range rows {
		if row["kind"] != "quote-request" && row["kind"] != "create-quote" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		tried++
		t.Run(row["path"], func(t *testing.T) {
			t.Parallel()
			var doc any
			if err := json.Unmarshal([]byte(localNames(string(b))), &doc); err != nil {
				t.Fatal(err)
			}
			for p := range strings.SplitSeq(row["rewrite"], ";") {
				if strings.HasPrefix(p, "/") {
					doc = set(doc, strings.Split(p[1:], "/"), post)
				}
			}
			if row["kind"] == "create-quote" {
				listedFromCorpus(t, doc.(m), row["rewrite"] != "")
				return
			}
			answeredFromCorpus(t, doc.(m))
		})
	}
	if tried < 10 {
		t.Errorf("%d rows, want at least 10", tried)
	}
}

func answeredFromCorpus(t *testing.T, doc m) {
	w := newWorld(t)
	by := actorOf(doc)
	w.peers.serve(by, actor(by, nil))
	h := w.listenAt(by + "/inbox")
	if id, ok := doc["instrument"].(string); ok {
		w.peers.serve(id, quoting(id, by, nil))
	}
	w.sendAs(by, doc, http.StatusAccepted)
	w.round()
	w.sendOut()
	if len(h.docs) != 1 || len(h.of("Accept")) != 1 {
		t.Errorf("sent %v, want one Accept", h.docs)
	}
}

func listedFromCorpus(t *testing.T, doc m, ours bool) {
	w := newWorld(t)
	by, id := idOf(doc["attributedTo"]), idOf(doc)
	if by == "" || id == "" {
		t.Skip("it does not say whose it is")
	}
	w.peers.serve(by, actor(by, nil))
	w.send(activity("Create", id+"#create", by, doc, m{"to": public}))
	c, ok := w.comment(id)
	if ok != ours || ok && c.Kind != store.Quote {
		t.Errorf("listed %v as %+v, want %v", ok, c, ours)
	}
}
