package lookup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/cmd/internal/cli"
)

// peer starts a pretend server.
func peer(t *testing.T) *remotetest.Server {
	t.Helper()
	var s *remotetest.Server
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	s = remotetest.New(h.URL)
	t.Cleanup(func() { s.Close(); h.Close() })
	return s
}

// home makes a site with the daemon's key in its data folder, and serves the instance actor that the key belongs to.
func home(t *testing.T) (config string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	private, err := signature.CreateKey(filepath.Join(dir, "data", "instance.pem"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := signature.PublicPEM(private)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(nil)
	t.Cleanup(h.Close)
	id := h.URL + "/ap/instance"
	doc, err := json.Marshal(map[string]any{"id": id, "type": "Application", "inbox": h.URL + "/ap/inbox",
		"publicKey": map[string]string{"id": id + "#main-key", "owner": id, "publicKeyPem": public}})
	if err != nil {
		t.Fatal(err)
	}
	h.Config.Handler = serve(activitypub.ContentType, string(doc))
	config = filepath.Join(dir, "config.toml")
	text := fmt.Sprintf("format = 1\n[site]\nurl = %q\n[federation]\nenabled = true\nhandle = \"notes\"\n", h.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

func serve(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	})
}

// verb runs the command.
func verb(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := &cobra.Command{Use: "publish"}
	root.AddCommand(Command(cli.AddSettings(root), "publish", "lookup"))
	cli.Manners(root)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"lookup"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// wants holds that a text has all of the words.
func wants(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("lacks %q:\n%s", w, text)
		}
	}
}

// TestLookup: an account of a server that wants signatures, in both schemes, found by its handle; each attempt is shown.
func TestLookup(t *testing.T) {
	t.Parallel()
	s, config := peer(t), home(t)
	ada := s.Account("ada", "Ada")
	s.Secure(true)
	out, err := verb(t, "--config", config, "--dev", ada.Handle())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wants(t, out, "signed with ", "/ap/instance#main-key", "  200 ", "draft-cavage", "unsigned", "webfinger", "acct:"+ada.Handle(), ada.ID(), "Ada", "RSA 2048", "policy     follow: at once")

	s.Accept(signature.RFC9421)
	out, err = verb(t, "--config", config, "--dev", ada.ID())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wants(t, out, "  401 ", "draft-cavage", "  200 ", "rfc9421", "application/activity+json")

	out, err = verb(t, "--config", config, "--dev", "--signature", "cavage", "--json", ada.ID())
	var exit cli.Exit
	if !errors.As(err, &exit) || exit.Code != cli.Failed {
		t.Errorf("a scheme that is not read: %v", err)
	}
	var r report
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.V != 1 || len(r.Requests) != 1 || r.Requests[0].Status != 401 || r.Requests[0].Signature != "draft-cavage" || r.Error == "" {
		t.Errorf("%v, %+v", err, r)
	}
	out, err = verb(t, "--config", config, "--dev", "--signature", "none", ada.ID())
	if err == nil || !strings.Contains(out, "unsigned") || strings.Contains(out, "signed with") {
		t.Errorf("unsigned: %v\n%s", err, out)
	}
	out, err = verb(t, "--config", config, "--dev", "--signature", "rfc9421", "--raw", ada.ID())
	if err != nil || !json.Valid([]byte(out)) || !strings.Contains(out, "publicKeyPem") {
		t.Errorf("raw: %v\n%s", err, out)
	}
}

// TestReplacedKey: after a rotation the newest key signs, since the instance actor's document no longer lists the first for ever.
func TestReplacedKey(t *testing.T) {
	t.Parallel()
	s, config := peer(t), home(t)
	if _, err := signature.CreateKey(filepath.Join(filepath.Dir(config), "data", "instance.2.pem")); err != nil {
		t.Fatal(err)
	}
	out, err := verb(t, "--config", config, "--dev", s.Account("ada", "Ada").ID())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wants(t, out, "signed with ", "/ap/instance#main-key-2")
}

// TestPost: a post, by its address.
func TestPost(t *testing.T) {
	t.Parallel()
	s := peer(t)
	note, err := s.Account("ada", "Ada").Write(t.Context(), remotetest.Note{HTML: "<p>Hello there</p>"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := verb(t, "--config", home(t), "--dev", note)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, out, "document     "+note, "type       Note", "text       Hello there", "by         "+s.Origin()+"/users/ada")
}

// TestMissing: what is wrong with an answer is said, and what it says steers no terminal.
func TestMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		contentType, jrd string
		wants            []string
	}{
		"no subject": {"application/jrd+json", `{"links":[]}`, []string{"no subject", "no self link"}},
		"type":       {"application/json", `{"subject":"acct:ada@HOST","links":[{"rel":"self","type":"text/html","href":"x"}]}`, []string{"content type is", "the self link has the type"}},
		"terminal":   {"application/jrd+json", `{"subject":"acct:\u001b[2J\u0007\u202e","links":[]}`, []string{"another account"}},
		"HTML":       {"text/html", "<h1>\x1b[2JNot here</h1>", []string{"text/html"}},
	} {
		h := httptest.NewServer(nil)
		defer h.Close()
		host := strings.TrimPrefix(h.URL, "http://")
		h.Config.Handler = serve(c.contentType, strings.ReplaceAll(c.jrd, "HOST", host))
		out, err := verb(t, "--config", home(t), "--dev", "@ada@"+host)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		wants(t, out, c.wants...)
		if strings.ContainsAny(out+err.Error(), "\x1b\x07\u202e") {
			t.Errorf("%s: %q, %q", name, out, err)
		}
	}
}

// TestGuard: without --dev nothing on this machine or in this network is asked.
func TestGuard(t *testing.T) {
	t.Parallel()
	asked := false
	h := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer h.Close()
	config := home(t)
	for _, what := range []string{h.URL + "/1", "@ada@" + strings.TrimPrefix(h.URL, "https://"), "http://a.example/1", "file:///etc/passwd"} {
		out, err := verb(t, "--config", config, what)
		if err == nil || !strings.Contains(err.Error(), "not public") {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
	if asked {
		t.Error("a server on this machine was asked")
	}
}

// TestUsage: what makes no sense is refused before anybody is asked.
func TestUsage(t *testing.T) {
	t.Parallel()
	config := home(t)
	for _, args := range [][]string{{"ada"}, {"@ada@a.example", "--signature", "md5"}, {}} {
		out, err := verb(t, append([]string{"--config", config}, args...)...)
		if err == nil || strings.Contains(out, "requests") {
			t.Errorf("%v: %v, %s", args, err, out)
		}
	}
	if err := os.Remove(filepath.Join(filepath.Dir(config), "data", "instance.pem")); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(nil)
	h.Close() // nobody is there any more
	var exit cli.Exit
	if _, err := verb(t, "--config", config, "--dev", "--signature", "rfc9421", h.URL); !errors.As(err, &exit) || exit.Code != cli.Usage {
		t.Errorf("nothing to sign with: %v", err)
	}
	if out, err := verb(t, "--config", config, "--dev", h.URL); err == nil || !strings.Contains(out, "unsigned: no key in data") || !strings.Contains(out, "failed") {
		t.Errorf("without a key: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(config), "data", "instance.pem")); err == nil {
		t.Error("a look made a key")
	}
}
