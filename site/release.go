package site

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Release is .scheduled/NNNN-UNIX/release.json: how the site changes at a moment to come. publish prepares it, inboxd puts it into place
// when its time has come. The files lie beside it in ReleaseFiles, at their own paths.
type Release struct {
	Version int       `json:"version"` // 1
	At      time.Time `json:"at"`
	// Base and List are the sums (SHA-256, hex) of the published list before and after. What stands on another list is not put into place.
	Base string `json:"base"`
	List string `json:"list"`
	// Files are put into place in this order; the published list, where it changes, is the last.
	Files []ReleasedFile `json:"files"`
	// Removed are files of the site that go: documents (below ap/) after the list is put into place, which names them until then, others before.
	Removed []string `json:"removed"`
}

// ReleasedFile is one file of a Release, its path relative to the output folder, with slashes.
type ReleasedFile struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // hex
}

// ReleaseFile and ReleaseFiles are the names of a release's manifest and of the folder with its files.
const (
	ReleaseFile  = "release.json"
	ReleaseFiles = "files"
)

// Releases tells whether inboxd puts scheduled posts into place: only where the blog federates and inboxd serves the very folder that
// publish writes. Elsewhere publish has to run again when their time has come.
func (c *Config) Releases() bool {
	return c.Federation.Enabled && c.Publish.Scheduled != "" && c.SiteFolder() == c.Path(c.Publish.Output)
}

// Lock waits until nobody else writes the site's output folder: no other publish, and no inboxd that releases a post. waiting is called
// at each try that failed. With a ctx that has ended already it tries once.
func (c *Config) Lock(ctx context.Context, waiting func()) (io.Closer, error) {
	dir := c.Path(".cache")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return lock(ctx, filepath.Join(dir, "lock"), waiting)
}
