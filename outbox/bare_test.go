package outbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// bareServers are servers in a process of their own that take every delivery with as little work as can be.
type bareServers struct {
	b       *testing.B
	address string
	ask     io.Writer
	answers *bufio.Reader
}

// newBareServers starts them. They end with the benchmark.
func newBareServers(b *testing.B) *bareServers {
	b.Helper()
	child := exec.Command(os.Args[0])
	child.Env, child.Stderr = append(os.Environ(), "POSTIL_OUTBOX_SERVERS=1"), os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = child.Wait() })
	s := &bareServers{b: b, ask: in, answers: bufio.NewReader(out)}
	s.address = s.line()
	return s
}

func (s *bareServers) line() string {
	s.b.Helper()
	line, err := s.answers.ReadString('\n')
	if err != nil {
		s.b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// requests is how many they have got so far.
func (s *bareServers) requests() int {
	s.b.Helper()
	fmt.Fprintln(s.ask)
	n, err := strconv.Atoi(s.line())
	if err != nil {
		s.b.Fatal(err)
	}
	return n
}

// serveBare is the process: it says where it listens, and for each line that it reads how many requests came. It ends with its input.
func serveBare() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	var requests atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go swallow(conn, &requests)
		}
	}()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(requests.Load())
	}
	return l.Close()
}

// swallow reads requests and answers them.
func swallow(conn net.Conn, requests *atomic.Int64) {
	defer conn.Close()
	from, length := bufio.NewReaderSize(conn, 16<<10), 0
	for {
		line, err := from.ReadSlice('\n')
		if err != nil {
			return
		}
		if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(n)))
		}
		if len(line) > len("\r\n") {
			continue
		}
		if n, err := from.Discard(length); err != nil || n == 0 {
			return
		}
		requests.Add(1)
		if _, err := io.WriteString(conn, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"); err != nil {
			return
		}
	}
}
