//go:build unix

package inbox_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// senders is how many requests are under way at once.
const senders = 64

// BenchmarkReplies posts 1,000 signed replies at a time, of as many people on 100 servers, whose keys are known; each is answered 202
// after its fsynced commit. "of-limit" is the processor time of the RSA checks and of writing the same rows, both measured alone in the
// same run, by the processor time of everything; the client's side, in the same process, is in it.
func BenchmarkReplies(b *testing.B) {
	const replies = 1000
	w := newWorld(b)
	people := meet(b, w, replies)
	var limit, all, wall time.Duration
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		var letters [][]byte
		for _, by := range people {
			letters = append(letters, letterOf(b, w, note(fmt.Sprintf("%s/notes/%d", by, n), by, post, nil)))
		}
		limit += replies * (verification(b) + commits(b, w, replies))
		b.StartTimer()
		cpu, start := used(), time.Now()
		for status, times := range postAll(b, w.front.Listener.Addr().String(), letters) {
			if status != http.StatusAccepted {
				b.Errorf("status %d, %d times", status, times)
			}
		}
		all, wall = all+used()-cpu, wall+time.Since(start)
	}
	if n := w.count(store.Reply); n != b.N*replies {
		b.Fatalf("%d replies are stored, want %d", n, b.N*replies)
	}
	total := float64(b.N * replies)
	b.ReportMetric(total/wall.Seconds(), "replies/s")
	b.ReportMetric(wall.Seconds()/float64(b.N), "s/1000-replies")
	b.ReportMetric(all.Seconds()*1e6/total, "cpu-µs/reply")
	b.ReportMetric(limit.Seconds()/all.Seconds(), "of-limit")
}

// meet makes actors known to the blog: people of 100 servers, with few keys, because making one takes long.
func meet(b *testing.B, w *world, n int) (people []string) {
	b.Helper()
	pem, err := signature.PublicPEM(keys()["bob"])
	if err != nil {
		b.Fatal(err)
	}
	w.write(func(tx *store.Tx) error {
		for i := range n {
			id := fmt.Sprintf("https://h%d.example/users/%d", i%100, i)
			name, _ := json.Marshal([]any{})
			known, _ := json.Marshal([]map[string]string{{"id": id + "#main-key", "pem": pem}})
			err := tx.PutActor(b.Context(), store.Actor{ID: id, Type: "Person", Name: name, Inbox: id + "/inbox", Keys: known, Fetched: w.now})
			if err != nil {
				return err
			}
			people = append(people, id)
		}
		return nil
	})
	return people
}

// letterOf is a whole signed request as it goes over the wire.
func letterOf(b *testing.B, w *world, reply m) []byte {
	b.Helper()
	r := w.request(letter{doc: create(reply), signer: reply["attributedTo"].(string), key: keys()["bob"]})
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		b.Fatal(err)
	}
	return wire.Bytes()
}

// postAll sends requests over as many connections as there are senders, and counts the answers.
func postAll(b *testing.B, address string, letters [][]byte) map[int]int {
	b.Helper()
	var mu sync.Mutex
	answers, next := map[int]int{}, make(chan []byte, len(letters))
	for _, l := range letters {
		next <- l
	}
	close(next)
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			from := bufio.NewReader(conn)
			for l := range next {
				status, err := exchange(conn, from, l)
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				answers[status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return answers
}

func exchange(conn net.Conn, from *bufio.Reader, request []byte) (status int, err error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(from, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode, err
}

// verification is the processor time of one RSA-2048 check.
func verification(b *testing.B) time.Duration {
	b.Helper()
	key := keys()["bob"].(*rsa.PrivateKey)
	digest := sha256.Sum256([]byte("x"))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	const n = 1000
	start := used()
	for range n {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], sig); err != nil {
			b.Fatal(err)
		}
	}
	return (used() - start) / n
}

// commits is the processor time of making the row of one reply, and the mark that its activity was seen, durable: with as many
// writers at once as there are senders.
func commits(b *testing.B, w *world, rows int) time.Duration {
	b.Helper()
	s := storetest.Open(b)
	start := used()
	var all sync.WaitGroup
	for g := range senders {
		all.Go(func() {
			for i := g; i < rows; i += senders {
				id := fmt.Sprintf("https://h%d.example/notes/%d", i%100, i)
				err := s.Write(context.Background(), func(tx *store.Tx) error {
					if _, err := tx.MarkSeen(context.Background(), id+"/activity", id, w.now); err != nil {
						return err
					}
					return tx.PutComment(context.Background(), store.Comment{ID: id, Kind: store.Reply, Post: post, Parent: post, Actor: id,
						Content: []byte(`[{"tag":"p","children":[{"text":"words"}]}]`), State: store.Shown, Published: w.now, Received: w.now})
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return (used() - start) / time.Duration(rows)
}

// used is the processor time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
