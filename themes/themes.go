// Package themes lends the built-in themes (styles, scripts, pictures) to publish, and finds a site's own. A name and a site's
// themes/ folder come in, a folder of files goes out. It knows neither templates nor pages, and imports nothing of ours.
package themes

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed default plain
var builtin embed.FS

// Theme is one folder of files. style.css is linked from every page, theme.js where there is one; the rest is copied beside them.
type Theme struct {
	Name  string
	Files fs.FS
}

// ErrUnknown is what Load gives for a name that neither the site nor Postil has.
var ErrUnknown = errors.New("no such theme")

// Load gives the theme NAME: dir's folder of that name where the site has one (dir is the site's themes/ folder, nil for none), else
// the built-in one. A theme without a style.css is refused: every page would link to nothing.
func Load(name string, dir fs.FS) (*Theme, error) {
	if !fs.ValidPath(name) || name == "." || strings.Contains(name, "/") {
		return nil, fmt.Errorf("theme %q: %w: a theme's name is the name of a folder in themes/", name, ErrUnknown)
	}
	if dir != nil {
		if t, err := open(name, dir); !errors.Is(err, fs.ErrNotExist) {
			return t, err
		}
	}
	t, err := open(name, builtin)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("theme %q: %w: there is no themes/%s; built in: %s", name, ErrUnknown, name, strings.Join(Names(), ", "))
	}
	return t, err
}

// open takes the folder name of dir as a theme; fs.ErrNotExist if there is none.
func open(name string, dir fs.FS) (*Theme, error) {
	info, err := fs.Stat(dir, name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("theme %q: themes/%s is a file, not a folder", name, name)
	}
	if _, err := fs.Stat(dir, name+"/style.css"); err != nil {
		return nil, fmt.Errorf("theme %q: themes/%s has no style.css", name, name)
	}
	files, err := fs.Sub(dir, name)
	if err != nil {
		return nil, err
	}
	return &Theme{Name: name, Files: files}, nil
}

// Builtin is the folder of the built-in themes, one folder each, for who wants to change them.
func Builtin() fs.FS { return builtin }

// Names lists the built-in themes.
func Names() []string { return []string{"default", "plain"} }
