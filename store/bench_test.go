package store

import (
	"sync/atomic"
	"testing"
)

// BenchmarkWrite is durable rows per second: 64 goroutines for each processor write one comment each call, all waiting for the fsync.
func BenchmarkWrite(b *testing.B) {
	for _, dsn := range dsns(b) {
		name := "sqlite"
		if isPostgres(dsn) {
			name = "postgres"
		}
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), dsn)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var n atomic.Int64
			b.SetParallelism(64)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					c := reply(int(n.Add(1)))
					if err := s.Write(b.Context(), func(tx *Tx) error { return tx.PutComment(b.Context(), c) }); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkThread reads a thread of 100 replies.
func BenchmarkThread(b *testing.B) {
	s := open(b, sqliteDSN(b))
	for i := range 100 {
		putComments(b, s, reply(i))
	}
	for b.Loop() {
		if _, err := s.Thread(b.Context(), reply(0).Post); err != nil {
			b.Fatal(err)
		}
	}
}
