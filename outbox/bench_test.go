//go:build linux

package outbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"strings"
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

// fanOut reports "of-RSA-signatures": the processor time of everything on our side by that of the signatures alone that the deliveries
// need, the median of the rounds. What a signature takes is measured while the round runs, beside it: on a shared machine it is another
// time from one second to the next. The servers run in a process of their own.
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
	var all, wall time.Duration
	var ratios []float64
	var ones []time.Duration
	for i := 0; b.Loop(); i++ {
		w.put(fmt.Sprint("post", i), strings.Repeat("eight bytes, or so ", 400))
		signature := beginSignatures(b, key)
		cpu, start := used(), time.Now()
		if r := w.round(); r.Deliveries != inboxes {
			b.Fatalf("%+v", r)
		}
		cpu, passed := used()-cpu, time.Since(start)
		one, sampling := signature.end()
		cpu -= sampling
		ones = append(ones, one)
		all, wall = all+cpu, wall+passed
		ratios = append(ratios, cpu.Seconds()/one.Seconds()/float64(inboxes))
		if c, err := w.store.DeliveryCounts(b.Context(), w.id(fmt.Sprint("post", i))); err != nil || c.Delivered != inboxes {
			b.Fatalf("%+v, %v", c, err)
		}
		if got := sink.requests(); got != (i+1)*inboxes {
			b.Fatalf("%d requests after %d rounds of %d deliveries: each inbox is to be asked once", got, i+1, inboxes)
		}
	}
	b.ReportMetric(float64(b.N*inboxes)/wall.Seconds(), "deliveries/s")
	b.ReportMetric(all.Seconds()*1e6/float64(b.N*inboxes), "cpu-µs/delivery")
	b.ReportMetric(median(ratios), "of-RSA-signatures")
	b.Logf("one signature: %v", ones)
	b.Logf("of-RSA-signatures of each round: %.3f", ratios)
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// signatures measures what a signature takes while something else runs.
type signatures struct {
	stop chan struct{}
	done chan [2]time.Duration
}

// beginSignatures makes some RSA-2048 signatures every 20 ms on a thread of their own. Of each few the first is not counted: it finds
// cold caches.
func beginSignatures(b *testing.B, key crypto.Signer) signatures {
	b.Helper()
	s := signatures{make(chan struct{}), make(chan [2]time.Duration, 1)}
	digest := sha256.Sum256([]byte("x"))
	sign := func() {
		if _, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, digest[:]); err != nil {
			b.Error(err)
		}
	}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		const few = 3
		var counted time.Duration
		begin := usedBy(syscall.RUSAGE_THREAD)
		for n := 0; ; n += few {
			sign()
			before := usedBy(syscall.RUSAGE_THREAD)
			for range few {
				sign()
			}
			counted += usedBy(syscall.RUSAGE_THREAD) - before
			select {
			case <-tick.C:
			case <-s.stop:
				s.done <- [2]time.Duration{counted / time.Duration(n+few), usedBy(syscall.RUSAGE_THREAD) - begin}
				return
			}
		}
	}()
	return s
}

// end gives the processor time of one signature, and that of the measuring.
func (s signatures) end() (one, all time.Duration) {
	close(s.stop)
	d := <-s.done
	return d[0], d[1]
}

// used is the processor time of the process so far.
func used() time.Duration { return usedBy(syscall.RUSAGE_SELF) }

func usedBy(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
