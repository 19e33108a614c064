package publisher

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/site"
)

// releases reads what is prepared, in order.
func (b *blog) releases() (names []string, list []site.Release) {
	b.t.Helper()
	found, _ := filepath.Glob(filepath.Join(b.dir, ".scheduled", "*", site.ReleaseFile))
	for _, name := range found {
		var m site.Release
		data, err := os.ReadFile(name)
		if err != nil || json.Unmarshal(data, &m) != nil {
			b.t.Fatalf("%s: %v %s", name, err, data)
		}
		names, list = append(names, filepath.Dir(name)), append(list, m)
	}
	return names, list
}

// TestScheduleIsTheBuildOfItsMoment puts what was prepared over the site, moment by moment: at each the site is what publish would have
// built then, byte for byte, and before it nothing of a coming post is in the output folder.
func TestScheduleIsTheBuildOfItsMoment(t *testing.T) {
	t.Parallel()
	files := sample()
	files["content/posts/later.md"] = post("Later", "2026-10-29 08:00:00", "tags = [\"tomorrow\"]", "SOON ![A dot](later.png)")
	files["content/posts/later.png"] = dot + "later"
	files["content/posts/last.md"] = post("Last", "2026-10-30 08:00:00", "expires = 2026-11-02", "FINALLY [later](later.md)")
	files["content/posts/two.md"] = strings.Replace(files["content/posts/two.md"], "tags", "expires = 2026-10-30 20:00:00\ntags", 1)
	files["content/posts/hello.md"] = strings.Replace(files["content/posts/hello.md"], "[two](two.md#part)", "two", 1)
	b, other := newBlog(t, files), newBlog(t, files)
	r := b.publish()
	other.publish()
	if len(r.Moments) != 4 || !r.Releases || !slices.ContainsFunc(r.HeldBack, func(h Held) bool {
		return h.File == "posts/later.md" && strings.HasSuffix(h.Why, "; inboxd releases it")
	}) {
		t.Fatalf("report: %v %v %+v", r.Moments, r.Releases, r.HeldBack)
	}
	for name, text := range b.tree("public") {
		if strings.Contains(name, "later") || strings.Contains(text, "SOON") || strings.Contains(text, "FINALLY") || strings.Contains(text, "tomorrow") {
			t.Errorf("%s is out before its time", name)
		}
	}
	if info, err := os.Stat(filepath.Join(b.dir, ".scheduled")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf(".scheduled: %v %v", info, err)
	}
	before := b.times("")
	if r := b.publish(); !r.Nothing {
		t.Errorf("the second run did something: %+v", r)
	}
	if diff := cmp.Diff(before, b.times("")); diff != "" {
		t.Errorf("the second run wrote:\n%s", diff)
	}
	names, list := b.releases()
	if len(list) != 4 {
		t.Fatalf("%d releases: %v", len(list), names)
	}
	standing := b.tree("public")
	for i, m := range list {
		if !m.At.Equal(r.Moments[i]) || m.Base != sumOf([]byte(standing[site.PublishedFile])) {
			t.Fatalf("release %d is for %v over %s", i, m.At, m.Base)
		}
		for _, name := range m.Removed {
			delete(standing, name)
		}
		for _, f := range m.Files {
			data, err := os.ReadFile(filepath.Join(names[i], site.ReleaseFiles, f.Path))
			if sum := sha256.Sum256(data); err != nil || hex.EncodeToString(sum[:]) != f.SHA256 {
				t.Errorf("%s: %v", f.Path, err)
			}
			if f.Path != site.PublishedFile && standing[f.Path] == string(data) {
				t.Errorf("release %d holds %s, which does not change", i, f.Path)
			}
			standing[f.Path] = string(data)
		}
		if last := m.Files[len(m.Files)-1].Path; last != site.PublishedFile || sumOf([]byte(standing[last])) != m.List {
			t.Errorf("release %d ends with %s", i, last)
		}
		other.o.Now, other.o.Withdraw = m.At, true
		other.publish()
		if diff := cmp.Diff(other.tree("public"), standing); diff != "" {
			t.Fatalf("release %d is not the site of %v:\n%s", i, m.At, diff)
		}
	}
}

func TestScheduleFollowsTheContent(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/now.md":   post("Now", "2026-10-28 08:00:00", "", "Text."),
		"content/posts/later.md": post("Later", "2026-10-29 08:00:00", "", "First words."),
	})
	b.publish()
	held := func() string {
		names, _ := b.releases()
		var all []string
		for _, name := range names {
			data, _ := os.ReadFile(filepath.Join(name, "files/posts/later/index.html"))
			all = append(all, string(data))
		}
		return strings.Join(all, "")
	}
	if !strings.Contains(held(), "First words.") {
		t.Fatalf("not prepared: %q", held())
	}
	b.write("content/posts/later.md", post("Later", "2026-10-29 08:00:00", "", "Better words."))
	if r := b.publish(); !r.Nothing || !strings.Contains(held(), "Better words.") || strings.Contains(held(), "First") {
		t.Errorf("after an edit: %+v %q", r, held())
	}
	b.write("content/posts/later.md", post("Later", "2026-10-29 08:00:00", "", "A [bad](nowhere.md) link."))
	if r := b.publish(); len(r.Diagnostics) != 1 || r.Diagnostics[0].Severity != site.Warning || held() != "" {
		t.Errorf("after a bad link: %+v %q", r.Diagnostics, held())
	}
	b.write("content/posts/later.md", post("Later", "2026-10-29 08:00:00", "draft = true", "Better words."))
	if b.publish(); b.has(".scheduled") {
		t.Errorf("a draft is scheduled: %v", slices.Sorted(maps.Keys(b.tree(".scheduled"))))
	}
}

// TestScheduleOnlyForTheDaemonHere prepares nothing where no inboxd would put it into place, nor for a dry run or a preview.
func TestScheduleOnlyForTheDaemonHere(t *testing.T) {
	t.Parallel()
	files := map[string]string{"content/posts/later.md": post("Later", "2026-10-29 08:00:00", "", "Text.")}
	for name, config := range map[string]string{
		"federation off": strings.Replace(testConfig, "true", "false", 1), "elsewhere": testConfig + "[inboxd]\nsite = \"https://example.com\"\n",
		"another folder": testConfig + "[inboxd]\nsite = \"/srv/www\"\n",
	} {
		b := newBlog(t, files)
		b.write("config.toml", config)
		b.configure()
		if r := b.publish(); r.Releases || len(r.Moments) != 1 || b.has(".scheduled") {
			t.Errorf("%s: %v, %v", name, r.Releases, b.has(".scheduled"))
		}
	}
	b := newBlog(t, files)
	b.o.DryRun = true
	if r := b.publish(); len(r.Moments) != 1 || b.has(".scheduled") {
		t.Errorf("dry run: %v, %v", r.Moments, b.has(".scheduled"))
	}
	b.o.DryRun, b.o.Future, b.o.Output = false, true, t.TempDir()
	if b.publish(); b.has(".scheduled") {
		t.Error("a preview prepares releases")
	}
}

func TestScheduleNearestMoments(t *testing.T) {
	t.Parallel()
	b := newBlog(t, nil)
	b.write("content/posts/now.md", post("Now", "2026-10-28 08:00:00", "", "Text."))
	for i := range maxMoments + 3 {
		at := now.Add(time.Duration(i+1) * time.Hour).Format(time.RFC3339)
		b.write("content/posts/p"+string(rune('a'+i))+".md", post("P", at, "", "Text."))
		b.write("content/posts/q"+string(rune('a'+i))+".md", post("Q", at, "", "Text."))
	}
	b.publish()
	_, list := b.releases()
	if len(list) != maxMoments || !list[0].At.Equal(now.Add(time.Hour)) || !list[maxMoments-1].At.Equal(now.Add(maxMoments*time.Hour)) {
		t.Errorf("%d releases", len(list))
	}
}
