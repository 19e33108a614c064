package main

import (
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"
)

// TestQRCode reads the drawing back, half a block at a time: it is the code of the address, with light around it.
func TestQRCode(t *testing.T) {
	t.Parallel()
	const address = "http://192.168.178.42:4000/"
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	for _, color := range []bool{false, true} {
		drawn, err := qrCode(address, color)
		if err != nil {
			t.Fatal(err)
		}
		if color != strings.Contains(drawn, "\x1b[97;40m") {
			t.Errorf("colours: %v, drawn %q", color, drawn[:20])
		}
		lines := strings.Split(strings.TrimSuffix(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(drawn, ""), "\n"), "\n")
		if len(lines) != (code.Size+2*quietZone+1)/2 || len(lines) > 23 {
			t.Fatalf("%d lines for %d modules", len(lines), code.Size)
		}
		for n, l := range lines {
			for x, c := range []rune(l) {
				for half, light := range []bool{strings.ContainsRune("█▀", c), strings.ContainsRune("█▄", c)} {
					if y := 2*n + half; y < code.Size+2*quietZone && light == code.Black(x-quietZone, y-quietZone) {
						t.Fatalf("module %d, %d is drawn as %q", x, y, c)
					}
				}
			}
		}
	}
	if _, err := qrCode(strings.Repeat("x", 5000), false); err == nil {
		t.Error("an address that no code holds was drawn")
	}
}

// ownAddress is an address of this machine in its network, "" where it has none.
func ownAddress() string {
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return ""
}

// TestPreviewStaysHere: without --lan nobody in the network reaches a preview, with it a telephone does.
func TestPreviewStaysHere(t *testing.T) {
	t.Parallel()
	host, bound, err := previewHost(false)
	if err != nil || host != "127.0.0.1" || bound != "127.0.0.1" {
		t.Fatalf("without --lan: %s, %s, %v", host, bound, err)
	}
	own := ownAddress()
	if own == "" {
		t.Skip("this machine is in no network")
	}
	dir := folder(t, map[string]string{"config.toml": "format = 1\n[site]\nurl = \"https://notes.example\"\n", "content/posts/d.md": draftPost})
	base := startPreview(t, dir)
	_, port, _ := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(base, "http://"), "/"))
	if c, err := net.DialTimeout("tcp", net.JoinHostPort(own, port), 2*time.Second); err == nil {
		c.Close()
		t.Error("a preview without --lan answers in the network")
	}
	if host, _, err := previewHost(true); err != nil {
		t.Log(err)
	} else if base := startPreview(t, dir, "--lan"); !strings.HasPrefix(base, "http://"+host+":") {
		t.Errorf("--lan prints %s", base)
	} else {
		waitFor(t, base+"posts/d/", "First words.")
	}
}
