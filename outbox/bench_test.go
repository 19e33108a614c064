//go:build unix

package outbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
)

// BenchmarkFanOut delivers one post to many servers, one inbox each: a connection for every delivery.
func BenchmarkFanOut(b *testing.B) { fanOut(b, 2000, 1) }

// BenchmarkFanOutShared delivers one post to 2,000 inboxes on 200 servers, each address once.
func BenchmarkFanOutShared(b *testing.B) { fanOut(b, 200, 10) }

// fanOut reports two ratios to the signatures that the deliveries need: "cpu/RSA", the processor time of everything on our side by that
// of the signatures alone, and "wall/RSA", the time that passed by the time in which all processors make as many signatures. Both are
// measured right before and after, so they hold on a busy machine too. The servers run in a process of their own.
func fanOut(b *testing.B, hosts, each int) {
	inboxes := hosts * each
	w := newWorld(b)
	key, err := signature.Generate()
	w.must(err)
	w.keys[w.actor()] = signature.Key{ID: w.config.Addresses().Key(), Private: key}
	sink := newBareServers(b)
	w.client = remote.New(remote.Options{Dev: true, DialHost: func(string) string { return sink.address }})
	b.Cleanup(w.client.Close)
	w.reopen()
	for i := range inboxes {
		w.follow(fmt.Sprintf("h%d", i/each), fmt.Sprintf("user%d", i%each), each == 1)
	}
	var signing, busy, all, wall time.Duration
	for i := 0; b.Loop(); i++ {
		w.put(fmt.Sprint("post", i), strings.Repeat("eight bytes, or so ", 400))
		cpu1, wall1 := signatures(b, key)
		cpu, start := used(), time.Now()
		if r := w.round(); r.Deliveries != inboxes {
			b.Fatalf("%+v", r)
		}
		all, wall = all+used()-cpu, wall+time.Since(start)
		cpu2, wall2 := signatures(b, key)
		signing += time.Duration(inboxes) * (cpu1 + cpu2) / 2
		busy += time.Duration(inboxes) * (wall1 + wall2) / 2
		if c, err := w.store.DeliveryCounts(b.Context(), w.id(fmt.Sprint("post", i))); err != nil || c.Delivered != inboxes {
			b.Fatalf("%+v, %v", c, err)
		}
		if got := sink.requests(); got != (i+1)*inboxes {
			b.Fatalf("%d requests after %d rounds of %d deliveries: each inbox is to be asked once", got, i+1, inboxes)
		}
	}
	b.ReportMetric(float64(b.N*inboxes)/wall.Seconds(), "deliveries/s")
	b.ReportMetric(all.Seconds()*1e6/float64(b.N*inboxes), "cpu-µs/delivery")
	b.ReportMetric(all.Seconds()/signing.Seconds(), "cpu/RSA")
	b.ReportMetric(wall.Seconds()/busy.Seconds(), "wall/RSA")
}

// signatures gives the processor time and the time passed of one RSA-2048 signature while all processors make some.
func signatures(b *testing.B, key crypto.Signer) (cpu, passed time.Duration) {
	b.Helper()
	digest := sha256.Sum256([]byte("x"))
	const n = 300
	workers := runtime.GOMAXPROCS(0)
	var all sync.WaitGroup
	before, start := used(), time.Now()
	for range workers {
		all.Go(func() {
			for range n {
				if _, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, digest[:]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	made := time.Duration(n * workers)
	return (used() - before) / made, time.Since(start) / made
}

// used is the processor time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
