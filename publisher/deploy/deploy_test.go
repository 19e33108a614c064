package deploy

import (
	"os/exec"
	"path"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/pelletier/go-toml/v2"
)

// TestFiles holds that the file of each host is what its name says, and that it publishes.
func TestFiles(t *testing.T) {
	t.Parallel()
	for _, h := range Hosts() {
		var any map[string]any
		var err error
		switch path.Ext(h.File) {
		case ".yml":
			err = yaml.Unmarshal([]byte(h.Text), &any)
		case ".toml":
			err = toml.Unmarshal([]byte(h.Text), &any)
		case ".sh":
			sh := exec.Command("sh", "-n")
			sh.Stdin = strings.NewReader(h.Text)
			err = sh.Run()
		}
		if err != nil {
			t.Errorf("%s: %s: %v", h.Name, h.File, err)
		}
		if h.File != "" && (!strings.Contains(h.Text, "publish\n") && !strings.Contains(h.Text, "publish@latest") || !strings.Contains(h.Text, "public")) {
			t.Errorf("%s: %s publishes nothing:\n%s", h.Name, h.File, h.Text)
		}
		if h.Title == "" || h.Next == "" {
			t.Errorf("%s: %+v", h.Name, h)
		}
		if got, ok := Find(h.Name); !ok || got != h {
			t.Errorf("Find(%q) gives %+v", h.Name, got)
		}
	}
	if _, ok := Find("geocities"); ok {
		t.Error("an unknown host was found")
	}
}

// TestListGoesLast holds the order of the copies: a reader of the list must find what it names.
func TestListGoesLast(t *testing.T) {
	t.Parallel()
	h, _ := Find("rsync")
	list := strings.Index(h.Text, `rsync -az public/ap/published.json`)
	if site := strings.Index(h.Text, "rsync -az --delete-after --exclude /ap/published.json"); site < 0 || list < site {
		t.Errorf("the list does not go last:\n%s", h.Text)
	}
}
