package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

func config(t *testing.T, text string) *site.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), site.FileName)
	if err := os.WriteFile(file, []byte("format = 1\n"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := site.Load(file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestProxyText holds what differs between sites: scheme, hosts and paths.
func TestProxyText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config  string
		want    []string
		without []string
	}{
		"https": {"[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\n",
			[]string{"listen 443 ssl;", "server_name notes.example;", "proxy_set_header Host notes.example;", "location ^~ /ap/ {", "location ^~ /.well-known/ {", "return 301 https://notes.example$request_uri;"}, nil},
		"port": {"[site]\nurl = \"http://127.0.0.1:8000\"\n[federation]\nenabled = true\n[inboxd]\nlisten = \":9999\"\n",
			[]string{"listen 8000;", "server 127.0.0.1:9999;", "proxy_set_header Host 127.0.0.1:8000;"}, []string{"ssl"}},
		"below a path": {"[site]\nurl = \"https://example.com/blog\"\n[federation]\nenabled = true\n",
			[]string{"location ^~ /blog/ap/ {", "location ^~ /.well-known/ {", "location ^~ /blog/assets/ {", "rewrite ^/blog(/.*)$ $1 break;"}, []string{"location ^~ /ap/ {"}},
		"own host": {"[site]\nurl = \"https://example.com\"\n[federation]\nenabled = true\nurl = \"https://inbox.example.com\"\n",
			[]string{"server_name example.com;", "server_name inbox.example.com;"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := writeProxy(&b, "nginx", config(t, c.config)); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%q is not in\n%s", want, b.String())
				}
			}
			for _, not := range c.without {
				if strings.Contains(b.String(), not) {
					t.Errorf("%q is in\n%s", not, b.String())
				}
			}
			b.Reset()
			if err := writeProxy(&b, "caddy", config(t, c.config)); err != nil || strings.Count(b.String(), "{") != strings.Count(b.String(), "}") {
				t.Errorf("caddy: %v\n%s", err, b.String())
			}
		})
	}
}

// TestProxyRefusesFolder: a folder's name must not become configuration.
func TestProxyRefusesFolder(t *testing.T) {
	t.Parallel()
	c := config(t, "[site]\nurl = \"https://notes.example\"\n[publish]\noutput = 'pub\"; return 200 \"x'\n")
	if err := writeProxy(io.Discard, "nginx", c); err == nil {
		t.Error("a folder with quotes was written into the block")
	}
}

// TestNginx runs the printed block in a real nginx: pages come from the daemon while it is up and from the files when it is down,
// addresses arrive byte by byte, and the fediverse's addresses are never files.
func TestNginx(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx"
		if _, err := os.Stat(program); err != nil {
			if os.Getenv("POSTIL_TEST_REAL") != "" {
				t.Fatal("nginx is missing; .ci/install installs it")
			}
			t.Skip("nginx is not installed: apt-get install nginx-light")
		}
	}
	inboxd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "daemon %s host=%s proto=%s", r.RequestURI, r.Host, r.Header.Get("X-Forwarded-Proto"))
	}))
	defer inboxd.Close()
	port := freePort(t)
	c := config(t, fmt.Sprintf("[site]\nurl = \"http://127.0.0.1:%s\"\n[federation]\nenabled = true\n[inboxd]\nlisten = %q\n", port, inboxd.Listener.Addr()))
	for name, text := range map[string]string{"posts/x/index.html": "file x", "404.html": "file 404", "ap/posts/x.json": "file ap", "assets/a.css": "file css"} {
		file := filepath.Join(c.SiteFolder(), filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	runNginx(t, program, c)
	base := "http://127.0.0.1:" + port
	host := "host=127.0.0.1:" + port + " proto=http"
	expect := func(path string, status int, body string) {
		t.Helper()
		if s, b := get(t, base+path); s != status || body != "" && b != body {
			t.Errorf("GET %s = %d %q, want %d %q", path, s, b, status, body)
		}
	}
	expect("/posts/x/", 200, "daemon /posts/x/ "+host)
	expect("/posts/a%2Fb/?q=%20", 200, "daemon /posts/a%2Fb/?q=%20 "+host)
	expect("/ap/posts/x", 200, "daemon /ap/posts/x "+host)
	expect("/.well-known/webfinger?resource=acct:a@b", 200, "daemon /.well-known/webfinger?resource=acct:a@b "+host)
	expect("/assets/a.css", 200, "file css")
	inboxd.Close()
	expect("/posts/x/", 200, "file x")
	expect("/posts/x", 200, "file x")
	expect("/nowhere/", 404, "file 404")
	expect("/ap/posts/x", 502, "")
	expect("/ap/posts/x.json", 502, "")
}

// runNginx starts nginx with the block, waits until it answers, and ends it with the test.
func runNginx(t *testing.T, program string, c *site.Config) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var block bytes.Buffer
	if err := writeProxy(&block, "nginx", c); err != nil {
		t.Fatal(err)
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // the test's folders are root's
	}
	text := user + "daemon off;\npid nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\nclient_body_temp_path body;\nproxy_temp_path proxy;\n" +
		"fastcgi_temp_path fcgi;\nuwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n" + block.String() + "}\n"
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, program, "-p", dir, "-c", file)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cancel(); <-ended })
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.Site.URL, "http://"))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("nginx ended: %v\n%s", err, said.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("nginx does not answer")
		}
	}
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

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
