package interop

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNginx puts nginx before the daemon, with the very configuration that `inboxd proxy nginx` prints and TLS, and drives the main
// job through it with Fedify, which finds the blog by its handle. Then the daemon stops, and the pages still answer.
func TestNginx(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := certificate(t, dir)
	port, inner := freePort(t), freePort(t)
	b := makeBlog(t, "https://localhost:"+port, "127.0.0.1:"+inner, map[string]string{"tide.md": firstPost})
	b.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca}}}
	b.start()
	startNginx(t, b, dir)
	eventually(t, "nginx answers", func() error { return b.status(b.base+"/", http.StatusOK) })

	p := startPeer(t, "fedify-1.5", []string{"NODE_EXTRA_CA_CERTS=" + filepath.Join(dir, "cert.pem")})
	found := p.do("lookup", map[string]string{"what": "@" + b.addr.Acct()})
	if json, _ := found["json"].(map[string]any); found["type"] != "Person" || json["id"] != b.addr.Actor() {
		t.Fatalf("Fedify looked up @%s and found %v", b.addr.Acct(), found)
	}
	(&stage{b: b, p: p, scheme: "cavage"}).play(t, func(step) {})
	assertNoMixing(t, b)

	b.stop()
	for _, page := range []string{"/", "/posts/tide/", "/archive/", "/feed.xml"} {
		if err := b.status(b.base+page, http.StatusOK); err != nil {
			t.Errorf("with inboxd stopped: %v", err)
		}
	}
	if err := b.status(b.base+"/nowhere/", http.StatusNotFound); err != nil {
		t.Errorf("with inboxd stopped: %v", err)
	}
	if err := b.status(b.addr.Actor(), http.StatusBadGateway); err != nil {
		t.Errorf("with inboxd stopped: %v", err)
	}
}

// assertNoMixing: a page is HTML and an actor JSON, whatever the Accept header says.
func assertNoMixing(t *testing.T, b *blog) {
	t.Helper()
	for _, accept := range []string{"", "*/*", "text/html", "application/activity+json", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "application/json"} {
		for url, want := range map[string]string{
			b.base + "/posts/tide/": "text/html", b.base + "/": "text/html",
			b.addr.Actor(): "application/activity+json", b.addr.Post("tide"): "application/activity+json",
		} {
			res, _, err := b.get(url, accept)
			if err != nil {
				t.Fatal(err)
			}
			if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, want) {
				t.Errorf("%s with Accept %q answers %s, want %s", url, accept, kind, want)
			}
		}
	}
}

// startNginx runs nginx in the foreground with the printed block. Only the paths of the certificate, which a real site has from
// its authority, and port 80, which a test must not take, are changed, and what else is told in pairs of old and new.
func startNginx(t *testing.T, b *blog, dir string, pairs ...string) {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx = "/usr/sbin/nginx"; !isFile(nginx) {
			missing(t, "nginx")
		}
	}
	var errs bytes.Buffer
	print := exec.Command("go", "run", "../cmd/inboxd", "proxy", "nginx", "--config", filepath.Join(b.dir, "config.toml"))
	print.Stderr = &errs
	block, err := print.Output()
	if err != nil {
		t.Fatalf("inboxd proxy nginx: %v\n%s", err, errs.String())
	}
	text := strings.NewReplacer(append(pairs,
		"/etc/letsencrypt/live/localhost/fullchain.pem", filepath.Join(dir, "cert.pem"),
		"/etc/letsencrypt/live/localhost/privkey.pem", filepath.Join(dir, "key.pem"),
		"listen 80;", "listen 127.0.0.1:"+freePort(t)+";", "listen [::]:80;", "",
	)...).Replace(string(block))
	conf := fmt.Sprintf("daemon off;\npid %[1]s/pid;\nerror_log %[1]s/error.log;\nevents {}\nhttp {\ninclude /etc/nginx/mime.types;\naccess_log off;\n"+
		"client_body_temp_path %[1]s/body;\nproxy_temp_path %[1]s/proxy;\nfastcgi_temp_path %[1]s/f;\nuwsgi_temp_path %[1]s/u;\nscgi_temp_path %[1]s/s;\n%[2]s\n}\n", dir, text)
	if os.Getuid() == 0 {
		conf = "user root;\n" + conf // so that its workers can read the test's folder
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-e", filepath.Join(dir, "error.log"), "-c", file)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("nginx: %s%s\n%s", out, log, text)
		}
	})
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// certificate writes cert.pem and key.pem for localhost to dir, and gives the pool that trusts it.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(cert)
	return pool
}
