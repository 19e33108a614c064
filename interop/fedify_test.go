// Package interop proves Postil against software that it shares no code with: Fedify's servers over loopback, nginx in front,
// and a real browser. The blog here is the real one: publisher.Publish into a folder, daemon.Run on SQLite.
package interop

import (
	"slices"
	"testing"
)

const firstPost = `+++
id = "tide"
title = "The tide tables"
date = 2020-01-02
tags = ["Sea", "tables"]
summary = "When to walk, and when to run."
[fediverse]
announce = true
+++

# Low water

The *causeway* is dry for four hours.
`

// row is one line of the matrix: a Fedify that signs and verifies by one scheme, in both directions.
type row struct {
	folder, scheme string
	postgres       bool
}

// rows: Fedify 1.5 knows draft-cavage alone.
var rows = []row{
	{"fedify-1.5", "cavage", false},
	{"fedify-2.3", "cavage", false},
	{"fedify-2.3", "rfc9421", false},
	{"fedify-2.3", "rfc9421", true},
}

// TestFedify drives every step with every row: each activity in both directions, asserted on our page and on its side, and so is the
// signature scheme that each was taken in. One process per Fedify serves its rows.
func TestFedify(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"fedify-1.5", "fedify-2.3"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			mine := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.folder != folder })
			var schemes []string
			for _, r := range mine {
				schemes = append(schemes, r.scheme)
			}
			peers := startPeers(t, folder, nil, schemes...)
			for i, r := range mine {
				t.Run(r.name(), func(t *testing.T) {
					t.Parallel()
					r.run(t, *peers[i])
				})
			}
		})
	}
}

func (r row) name() string {
	if r.postgres {
		return r.scheme + " with PostgreSQL"
	}
	return r.scheme
}

func (r row) run(t *testing.T, p peer) {
	database := ""
	if r.postgres {
		database = postgres(t)
	}
	b, rec := startRecorded(t, database, map[string]string{"tide.md": firstPost})
	s := &stage{b: b, p: &p, rec: rec, scheme: r.scheme}
	s.play(t, func(c step) {
		if !r.postgres {
			proof.passed(p.version, r.scheme, c)
		}
	})
}
