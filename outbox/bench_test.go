//go:build unix

package outbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
)

// BenchmarkFanOut delivers one post to many servers. "of-RSA-limit" is the processor time of the signatures alone by the processor time
// of everything (the servers' side of HTTP, in the same process, included), so it holds on a busy machine too.
func BenchmarkFanOut(b *testing.B) {
	const inboxes = 2000
	w := newWorld(b)
	key, err := signature.Generate()
	w.must(err)
	w.keys[w.actor()] = signature.Key{ID: w.config.Addresses().Key(), Private: key}
	null := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		rw.WriteHeader(http.StatusAccepted)
	})
	for i := range inboxes {
		name := fmt.Sprintf("h%d", i)
		w.host(name, null)
		w.follow(name, "ada", true)
	}
	var signing, all, wall time.Duration
	for i := 0; b.Loop(); i++ {
		w.put(fmt.Sprint("post", i), strings.Repeat("eight bytes, or so ", 400))
		signing += inboxes * signature1(b, key)
		cpu, start := used(), time.Now()
		if r := w.round(); r.Deliveries != inboxes {
			b.Fatalf("%+v", r)
		}
		all, wall = all+used()-cpu, wall+time.Since(start)
	}
	b.ReportMetric(float64(b.N*inboxes)/wall.Seconds(), "deliveries/s")
	b.ReportMetric(signing.Seconds()/all.Seconds(), "of-RSA-limit")
}

// signature1 is the processor time of one RSA-2048 signature.
func signature1(b *testing.B, key crypto.Signer) time.Duration {
	b.Helper()
	digest := sha256.Sum256([]byte("x"))
	const n = 200
	start := used()
	for range n {
		if _, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
	}
	return (used() - start) / n
}

// used is the processor time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
