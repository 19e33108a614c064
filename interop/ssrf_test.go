//go:build linux

package interop

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

const (
	ssrfBlog = "https://blog.example"
	ssrfPost = ssrfBlog + "/ap/posts/tide"
	inside   = "POSTIL_TEST_NAMESPACE" // set in the process that TestNoPrivateAddress starts
)

// TestNoPrivateAddress is R4: whatever strangers write, wherever they may write an address, the daemon connects to public addresses only.
// It runs itself in a network namespace in which every address there is leads to this machine: honest servers sit on some public ones, and
// a canary on all the others. The guard, the client, the inbox and the outbox are those of a blog, with the settings of a blog.
func TestNoPrivateAddress(t *testing.T) {
	if os.Getenv(inside) != "" {
		newMatrix(t).run()
		return
	}
	t.Parallel()
	if _, err := exec.LookPath("ip"); err != nil {
		missing(t, "iproute2")
	}
	cmd := exec.CommandContext(t.Context(), program(t), "-test.run=^TestNoPrivateAddress$", "-test.v", "-test.timeout=5m")
	trap := "http://" + proxy.String() + ":8080"
	cmd.Env = append(os.Environ(), inside+"=1", "GODEBUG=netdns=go", "HTTP_PROXY="+trap, "HTTPS_PROXY="+trap, "ALL_PROXY="+trap,
		"http_proxy="+trap, "https_proxy="+trap, "all_proxy="+trap, "NO_PROXY=", "no_proxy=")
	cmd.SysProcAttr = namespaces()
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EINVAL):
		missing(t, "the permission to make a network namespace")
	case err != nil:
		t.Error(err)
	case !bytes.Contains(out, []byte("--- PASS: TestNoPrivateAddress")):
		t.Error("the test did not run in the namespace")
	}
}

// program is this test program. Under the race detector it is built once more without: the matrix is tens of thousands of signatures and
// rows, which take six times as long there, and the same code has been raced by the tests of each room.
func program(t *testing.T) string {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if raced {
		file = filepath.Join(t.TempDir(), "interop.test")
		if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-race=false", "-o", file, ".").CombinedOutput(); err != nil {
			t.Fatalf("building the test without the race detector: %v\n%s", err, out)
		}
	}
	return file
}

// namespaces gives a process a network and mounts of its own. Who is not root becomes root of a user namespace for it.
func namespaces() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		a.Cloneflags |= syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{HostID: gid, Size: 1}}
	}
	return a
}

// matrix is the blog before that internet, and what its strangers tried.
type matrix struct {
	*elsewhere
	b      *blog
	store  *store.Store
	inbox  *inbox.Inbox
	outbox *outbox.Outbox
	start  time.Time
	passed atomic.Int64 // the blog's clock, since start
	last   atomic.Int64 // number of the last server that was made up

	done  sync.Mutex
	cells []cell
}

// cell is one address at one entry point in one manner.
type cell struct {
	entry, way, host string
	honest           string // the public server that the same words must reach
	asked            string // the name that has to be resolved, and how often; "" where the address stands there itself
	times            int
	never            string // a public server that must not be reached all the same
}

// entries are the places where a stranger may write an address, with the path that is asked for there.
var entries = []struct {
	name string
	path string
	try  func(m *matrix, target string)
}{
	{"key id", "/u", func(m *matrix, target string) { m.post(like(target, ""), target+"/u") }},
	{"actor", "/u", func(m *matrix, target string) { m.post(like(target, target+"/u"), target+"/u") }},
	{"inbox", "/inbox", func(m *matrix, target string) { m.follow(behaviour{inbox: target + "/inbox"}) }},
	{"shared inbox", "/shared", func(m *matrix, target string) {
		m.follow(behaviour{inbox: target + "/inbox", shared: target + "/shared"})
	}},
	{"object", "/n", func(m *matrix, target string) { m.relay("Create", target+"/n") }},
	{"wrapped object", "/n", func(m *matrix, target string) {
		m.relay("Announce", map[string]any{"type": "Create", "id": target + "/n/create", "actor": target + "/u", "object": noteAt(target, behaviour{})})
	}},
	{"parent", "/n", func(m *matrix, target string) { m.reply(behaviour{reply: target + "/n"}) }},
	{"picture", "/pic", func(m *matrix, target string) { m.reply(behaviour{icon: target + "/pic"}) }},
	{"WebFinger", "/.well-known/webfinger", (*matrix).interact},
}

func newMatrix(t *testing.T) *matrix {
	m := &matrix{elsewhere: newElsewhere(t), start: time.Now().UTC()}
	m.b = makeBlog(t, ssrfBlog, "127.0.0.1:4000", map[string]string{"tide.md": firstPost})
	m.store = storetest.Open(t)
	a := m.b.addr
	keys := map[string]signature.Key{a.Actor(): {ID: a.Key(), Private: m.key}, a.Instance(): {ID: a.InstanceKey(), Private: m.key}}
	quiet := slog.New(slog.DiscardHandler)
	client := daemon.Client(m.b.cfg, daemon.Options{Version: "test", Log: quiet}, keys[a.Instance()])
	t.Cleanup(client.Close)
	m.outbox = outbox.New(outbox.Options{Config: m.b.cfg, Store: m.store, Client: client, Keys: keys, Now: m.now, Log: quiet})
	var err error
	m.inbox, err = inbox.New(inbox.Options{Config: m.b.cfg, Store: m.store, Client: client, Outbox: m.outbox, Keys: keys, Now: m.now, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *matrix) now() time.Time { return m.start.Add(time.Duration(m.passed.Load())) }

func (m *matrix) pass(d time.Duration) { m.passed.Add(int64(d)) }

// run tries everything, lets the daemon do all that it has been asked to do, and looks at who was connected to.
func (m *matrix) run() {
	m.canariesSing()
	m.rounds()
	m.relay("Like", ssrfPost) // now it is known
	m.honestRedirects()
	work := make(chan func())
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	for some := range slices.Chunk(slices.Concat(hostile, spelled), 12) {
		var tried sync.WaitGroup
		for _, host := range some {
			for n := range entries {
				tried.Add(1)
				work <- func() { defer tried.Done(); m.try(n, host) }
			}
		}
		tried.Wait()
		m.pass(10 * time.Second) // for so long a reply waits for its parent to come by itself
		m.rounds()
	}
	close(work)
	workers.Wait()
	m.ownHost()
	m.b.write("walk.md", postNamed("walk", "A walk"))
	m.b.publish()
	m.rounds()
	m.look()
}

// try writes one address at one entry point, in every manner. To each belongs an honest server in the same manner, which must be reached.
func (m *matrix) try(n int, host string) {
	e := entries[n]
	put := func(way, target, honest, asked string, times int) {
		e.try(m, "https://"+target)
		m.done.Lock()
		defer m.done.Unlock()
		m.cells = append(m.cells, cell{entry: e.name, way: way, host: host, honest: honest, asked: asked, times: times})
	}
	account := e.name == "WebFinger" // a reader's form takes no address and no path
	twin := m.address()
	if account {
		twin = m.host("twin")
	}
	e.try(m, "https://"+twin)
	put("literal", host, twin, "", 0)
	for _, status := range []int{301, 302, 307, 308} {
		from := m.tenant("redirect")
		if account || strings.ContainsAny(host, "%\\") { // such a Location cannot be read, which counts as a fault of the host
			from = m.host("redirect")
		}
		m.behave(from, behaviour{status: status, target: "https://" + host})
		put(fmt.Sprint("redirect ", status), from, from, "", 0)
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil || ip.Zone() != "" { // no answer of a name server has one
		return
	}
	honest := []netip.Addr{netip.MustParseAddr("5.5.5.5"), netip.MustParseAddr("2a00:5::5")}
	bad, good := m.host("name"), m.host("twin")
	m.name(bad, []netip.Addr{ip})
	m.name(good, honest)
	e.try(m, "https://"+good)
	put("name", bad, good, bad, 1)

	bad, good = m.host("mixed"), m.host("mixed")
	m.name(bad, []netip.Addr{dead, ip})
	m.name(good, append([]netip.Addr{ip}, honest...))
	e.try(m, "https://"+good)
	put("mixed", bad, good, bad, 1)

	bad = m.host("rebinding")
	m.name(bad, honest, []netip.Addr{ip})
	m.behave(bad, behaviour{leave: true})
	times := 2
	if e.name == "shared inbox" { // the Accept went to the inbox before
		times = 3
	}
	put("rebinding", bad, bad, bad, times)
}

// canariesSing makes sure of what the matrix measures with: on nearly all of the addresses a connection would be noticed. Multicast and
// some of the reserved ones no kernel connects to.
func (m *matrix) canariesSing() {
	m.t.Helper()
	for _, host := range hostile {
		d := net.Dialer{Timeout: time.Second}
		if conn, err := d.DialContext(m.t.Context(), "tcp", host+":443"); err == nil {
			conn.Read(make([]byte, 1)) // until it was accepted and closed
			conn.Close()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.sang) < len(hostile)-10 {
		m.t.Fatalf("the canaries of only %d of %d addresses sing", len(m.sang), len(hostile))
	}
	m.t.Logf("%d of %d canaries sing", len(m.sang), len(hostile))
	m.sang = nil
}

// honestRedirects lead from one public server to another. A delivery is not sent on, everything else is.
func (m *matrix) honestRedirects() {
	for _, e := range entries {
		for _, status := range []int{301, 302, 307, 308} {
			from, to := m.host("redirect"), m.host("target")
			m.behave(from, behaviour{status: status, target: "https://" + to})
			e.try(m, "https://"+from)
			c := cell{entry: e.name, way: "honest redirect", host: to, honest: to}
			if strings.HasSuffix(e.name, "inbox") {
				c.honest, c.never = from, to
			}
			m.cells = append(m.cells, c)
		}
	}
}

// host makes up a server of its own domain: budgets go by domain, and none is to be used up here.
func (m *matrix) host(kind string) string { return fmt.Sprintf("%s%d.example", kind, m.last.Add(1)) }

// tenant makes up one of a few who share a server and its connections, and not more than its budget of fetches is for.
func (m *matrix) tenant(kind string) string {
	n := m.last.Add(1)
	return fmt.Sprintf("%s%d.example/%d", kind, n/15, n)
}

// address makes up an honest server that has an address and no name.
func (m *matrix) address() string {
	n := m.last.Add(1)
	return fmt.Sprintf("5.1.%d.%d/%d", n/1500, n/15%100+1, n)
}

// ownHost lets strangers have their inbox on our own server: nothing of ours may be delivered to ourselves.
func (m *matrix) ownHost() {
	for _, own := range []string{"blog.example", "BLOG.example", "blog.example:443", "blog.example.", "u@blog.example", "Blog.Example.:443"} {
		for _, path := range []string{"/admin/", "/ap/inbox", ""} {
			m.follow(behaviour{inbox: "https://" + own + path})
			m.follow(behaviour{inbox: "https://" + own + path, shared: "https://" + own + "/ap/inbox"})
		}
	}
}

// rounds lets the daemon do what is due: errands, deliveries and, as readers would, the pictures.
func (m *matrix) rounds() {
	m.t.Helper()
	for {
		n, err := m.inbox.Round(m.t.Context())
		if err != nil {
			m.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if _, err := m.outbox.Round(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// look compares what was connected to with what should have been.
func (m *matrix) look() {
	if list := m.canaries(); len(list) > 0 {
		slices.Sort(list)
		m.t.Errorf("%d connections to addresses that are not public, among them %v", len(list), slices.Compact(list)[:min(20, len(slices.Compact(list)))])
	}
	if m.reached("blog.example", "") {
		m.t.Error("something was delivered to the blog itself")
	}
	ways := map[string]int{}
	for _, c := range m.cells {
		ways[c.way]++
		path := ""
		for _, e := range entries {
			if e.name == c.entry {
				path = e.path
			}
		}
		paths := []string{path}
		switch {
		case c.way == "rebinding":
			paths = []string{""} // that it was there at all
		case c.entry == "picture":
			paths = []string{"/pic?icon", "/pic?emoji", "/pic?picture"}
		}
		for _, p := range paths {
			if !m.reached(c.honest, p) {
				m.t.Errorf("%s by %s, %s: %s was never asked for %s, so this proves nothing", c.host, c.entry, c.way, c.honest, p)
			}
		}
		if c.never != "" && m.reached(c.never, "") {
			m.t.Errorf("%s by %s: a POST was sent on to %s", c.honest, c.entry, c.never)
		}
		if n := m.questions(c.asked); n < c.times {
			m.t.Errorf("%s by %s, %s: %s was looked up %d times, want %d", c.host, c.entry, c.way, c.asked, n, c.times)
		}
	}
	m.t.Logf("%d addresses at %d entry points: %d cells, %v", len(hostile)+len(spelled), len(entries), len(m.cells), ways)
}
