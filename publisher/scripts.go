package publisher

import (
	"bytes"
	"io/fs"
	"path"
	"slices"

	"github.com/postil-blog/postil/templates"
	"github.com/postil-blog/postil/themes"
)

// scripts are the paths of a language's scripts: the theme's, and that of a page's thread where the theme's does not hold it.
type scripts struct{ Theme, Live string }

// makeScripts plans the scripts of pages in each language. What brings new comments is a part of the theme's own script, so that a page asks for
// one file; a theme without a script gets it as a file of pages with comments. The dialog is a file that the first press on Reply fetches.
func (b *build) makeScripts(theme []byte) {
	b.scripts = map[string]scripts{}
	for _, lang := range b.languages() {
		var s scripts
		js := theme
		if b.config.Federation.Enabled {
			dialog := b.planScript("ask", templates.AskScript(lang))
			live := templates.LiveScript(lang, dialog)
			if theme == nil {
				s.Live = b.planScript("live", live)
			} else {
				js = slices.Concat(theme, []byte("\n;"), live)
			}
		}
		if theme != nil {
			s.Theme = b.planScript("theme", js)
		}
		b.scripts[lang] = s
	}
}

// planScript plans a script under a name that changes with its content, and gives its path. Languages without words of their own share one.
func (b *build) planScript(name string, data []byte) string {
	at := "assets/" + name + "." + sumOf(data)[:8] + ".js"
	if !b.taken(at) {
		b.planAsset(at, data)
	}
	return b.addresses.Path("/" + at)
}

func (b *build) planAsset(at string, data []byte) {
	b.plan(output{path: at, print: b.print("asset", string(data)), class: assets, make: func() ([]byte, error) { return data, nil }})
}

// scriptsIn are the scripts of a page in a language.
func (b *build) scriptsIn(lang string) scripts {
	if s, ok := b.scripts[lang]; ok {
		return s
	}
	return b.scripts[b.config.Site.Language]
}

// asSent is a file of a theme as it goes to readers: those that are Postil's own to the byte without what only people read.
func asSent(theme, name string, data []byte) []byte {
	own, err := fs.ReadFile(themes.Builtin(), theme+"/"+name)
	if err != nil || !bytes.Equal(own, data) {
		return data
	}
	switch path.Ext(name) {
	case ".js":
		return []byte(templates.Lean(string(data)))
	case ".css":
		return []byte(templates.LeanStyle(string(data)))
	}
	return data
}
