package site

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// FileName is the name of a site's settings file. The folder that holds it is the site's folder.
const FileName = "config.toml"

// ErrNoSite is what Find wraps when no folder from here up to the root holds a config.toml.
var ErrNoSite = errors.New("no " + FileName + " here or in a folder above")

// maxFile bounds config.toml, in bytes: settings of this size are a mistake, such as a picture of that name.
const maxFile = 1 << 20

// Find gives the absolute path of the nearest config.toml, from dir upward. The error wraps ErrNoSite where there is none.
func Find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", FileName, err)
	}
	for at := start; ; at = filepath.Dir(at) {
		file := filepath.Join(at, FileName)
		info, err := os.Stat(file)
		if err == nil && info.Mode().IsRegular() {
			return file, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return "", fmt.Errorf("looking for %s: %w", FileName, err)
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: %w", start, ErrNoSite)
		}
	}
}

// Load reads file, lays env ("POSTIL_SECTION_KEY=value", as os.Environ gives) and then flags ("site.url" → value) over it,
// fills in what is left out, and checks everything. Every fault found comes back at once as Diagnostics; any other error is
// that of reading the file.
func Load(file string, env []string, flags map[string]string) (*Config, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	data, err := read(file)
	if err != nil {
		return nil, err
	}
	return parse(file, data, env, flags)
}

// Examine is Load for a command that tells faults. Where the only faults are keys and variables that mean nothing, it gives the settings
// beside them (else nil), so that the content can be looked at in the same run.
func Examine(file string, env []string, flags map[string]string) (*Config, Diagnostics, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	data, err := read(file)
	if err != nil {
		return nil, nil, err
	}
	l, err := newLoader(file, data, env, flags)
	var faults Diagnostics
	if errors.As(err, &faults) {
		return nil, faults, nil
	}
	if err != nil {
		return nil, nil, err
	}
	l.sort()
	if slices.ContainsFunc(l.faults, func(d Diagnostic) bool { return d.Code != "P003" }) {
		return nil, bounded(l.faults), nil
	}
	return l.config, bounded(l.faults), nil
}

// maxFaults is how many faults of the file are told one by one.
const maxFaults = 100

// bounded keeps the first of many faults, and counts the others.
func bounded(all Diagnostics) Diagnostics {
	if len(all) <= maxFaults {
		return all
	}
	more := all[maxFaults]
	more.Message = fmt.Sprintf("%d more faults in this file, of which this is the first: %s", len(all)-maxFaults, more.Message)
	return append(slices.Clip(all[:maxFaults]), more)
}

func read(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("reading %s: larger than 1 MiB, which no settings file is", file)
	}
	return data, nil
}

// loader is one run of parse: the settings as far as they are known, where each came from, and the faults so far.
type loader struct {
	config *Config
	doc    *document
	faults Diagnostics
}

func parse(file string, data []byte, env []string, flags map[string]string) (*Config, error) {
	l, err := newLoader(file, data, env, flags)
	if err != nil {
		return nil, err
	}
	if len(l.faults) > 0 {
		l.sort()
		return nil, bounded(l.faults)
	}
	return l.config, nil
}

// newLoader reads and checks all settings. Its error are the faults that end the reading; others stand in the loader.
func newLoader(file string, data []byte, env []string, flags map[string]string) (*loader, error) {
	l := &loader{config: defaults(file), doc: index(filepath.Base(file), data)}
	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		return nil, Diagnostics{l.doc.syntax(err)}
	}
	if !l.understood(values) {
		return nil, l.faults
	}
	l.table(nil, reflect.ValueOf(l.config).Elem(), values)
	l.environment(env)
	l.flags(flags)
	l.inherit()
	l.validate()
	return l, nil
}

// understood refuses a site of a newer format before anything else is said of it: its other keys may mean anything.
func (l *loader) understood(values map[string]any) bool {
	n, ok := values["format"].(int64)
	if !ok || n <= Format {
		return true
	}
	l.fault("format", "P005", fmt.Sprintf("this site is of format %d, and this Postil understands formats up to %d", n, Format),
		"install a newer Postil; nothing was read or changed")
	return false
}

// defaults is a config.toml that says nothing.
func defaults(file string) *Config {
	return &Config{
		Dir:    filepath.Dir(file),
		File:   file,
		Format: Format,
		Site:   Site{Language: "en", Timezone: "UTC"},
		Federation: Federation{
			Handle: "blog", Type: "Person", Hold: "0s", As: "article", Content: "full", Lead: "card", Math: "mathml",
			Quote: "public", Reply: "public", Like: "public", Boost: "public", Discoverable: true, Indexable: true,
		},
		Publish: Publish{Content: "content", Output: "public", Theme: "default", Scheduled: ".scheduled", TOC: "auto", Host: "own", Robots: "allow", AI: "allow",
			Search: true, Cards: true},
		Inboxd:     Inboxd{Listen: "127.0.0.1:8080", Data: "data"},
		Comments:   Comments{Mode: "guarded", Bake: true, Order: "oldest"},
		Webmention: Webmention{Receive: true, Send: true},
		origins:    map[string]Origin{},
	}
}

// inherit fills in what by default repeats another setting.
func (l *loader) inherit() {
	c := l.config
	c.Site.URL = l.address("site.url", c.Site.URL)
	if c.Site.Title == "" {
		c.Site.Title = c.Addresses().SiteHost()
	}
	if c.Federation.URL == "" {
		c.Federation.URL = c.Site.URL
	} else {
		c.Federation.URL = l.address("federation.url", c.Federation.URL)
	}
	if c.Federation.Name == "" {
		c.Federation.Name = c.Site.Title
	}
	if c.Federation.Summary == "" {
		c.Federation.Summary = c.Site.Description
	}
}

// Location is the zone of site.timezone. It is UTC for a Config that did not come from Load and names no zone that loads.
func (c *Config) Location() *time.Location {
	if c.location != nil {
		return c.location
	}
	if zone, err := time.LoadLocation(c.Site.Timezone); err == nil {
		return zone
	}
	return time.UTC
}

// Path makes a folder or file of the settings absolute: rel is relative to the site's folder unless it is absolute already.
func (c *Config) Path(rel string) string {
	rel = filepath.FromSlash(rel)
	if filepath.IsAbs(rel) {
		return filepath.Clean(rel)
	}
	return filepath.Join(c.Dir, rel)
}

// HoldFor is federation.hold as a duration, 0 where it is not set.
func (c *Config) HoldFor() time.Duration {
	d, _ := time.ParseDuration(c.Federation.Hold)
	return max(d, 0)
}

// SiteFolder is the folder from which inboxd serves the site, and "" where inboxd.site is an address.
func (c *Config) SiteFolder() string {
	switch {
	case c.Inboxd.Site == "":
		return c.Path(c.Publish.Output)
	case strings.Contains(c.Inboxd.Site, "://"):
		return ""
	}
	return c.Path(c.Inboxd.Site)
}
