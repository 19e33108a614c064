//go:build unix

package outbox

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
)

// BenchmarkFanOut delivers one post to many servers. "of-RSA-limit" is the processor time of the signatures alone, made on all processors
// at once in the same run, by the processor time of everything, the bare servers' side in the same process included: so it holds on a
// busy machine too.
func BenchmarkFanOut(b *testing.B) {
	const inboxes = 2000
	w := newWorld(b)
	key, err := signature.Generate()
	w.must(err)
	w.keys[w.actor()] = signature.Key{ID: w.config.Addresses().Key(), Private: key}
	sink := newSink(b)
	w.client = remote.New(remote.Options{Dev: true, DialHost: func(string) string { return sink }})
	b.Cleanup(w.client.Close)
	w.reopen()
	for i := range inboxes {
		w.follow(fmt.Sprintf("h%d", i), "ada", true)
	}
	var signing, all, wall time.Duration
	for i := 0; b.Loop(); i++ {
		w.put(fmt.Sprint("post", i), strings.Repeat("eight bytes, or so ", 400))
		before := signature1(b, key)
		cpu, start := used(), time.Now()
		if r := w.round(); r.Deliveries != inboxes {
			b.Fatalf("%+v", r)
		}
		all, wall = all+used()-cpu, wall+time.Since(start)
		signing += inboxes * (before + signature1(b, key)) / 2
		if c, err := w.store.DeliveryCounts(b.Context(), w.id(fmt.Sprint("post", i))); err != nil || c.Delivered != inboxes {
			b.Fatalf("%+v, %v", c, err)
		}
	}
	b.ReportMetric(float64(b.N*inboxes)/wall.Seconds(), "deliveries/s")
	b.ReportMetric(all.Seconds()*1e6/float64(b.N*inboxes), "cpu-µs/delivery")
	b.ReportMetric(signing.Seconds()/all.Seconds(), "of-RSA-limit")
}

// newSink answers 202 to every POST with as little work as can be, and gives its address.
func newSink(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go swallow(conn)
		}
	}()
	return l.Addr().String()
}

// swallow reads one request and answers it.
func swallow(conn net.Conn) {
	defer conn.Close()
	from, length := bufio.NewReader(conn), 0
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return
		}
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(n))
		}
		if line == "\r\n" {
			break
		}
	}
	if n, err := from.Discard(length); err == nil && n > 0 {
		_, _ = io.WriteString(conn, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}
}

// signature1 is the processor time of one RSA-2048 signature while all processors make some.
func signature1(b *testing.B, key crypto.Signer) time.Duration {
	b.Helper()
	digest := sha256.Sum256([]byte("x"))
	const n = 300
	workers := runtime.GOMAXPROCS(0)
	var all sync.WaitGroup
	start := used()
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
	return (used() - start) / time.Duration(n*workers)
}

// used is the processor time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
