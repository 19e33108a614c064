package site

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// MenuEntry is one [[menu]]: a line of the main menu. It leads to URL, or to the page or post whose file Page is.
type MenuEntry struct {
	Name   string `toml:"name"`   // default: the title of Page
	URL    string `toml:"url"`    // a path of the site, "/archive/", or an absolute address
	Page   string `toml:"page"`   // a file below content/, "about.md"
	Weight int    `toml:"weight"` // the lightest comes first; 0 for ten times its place in the file
	Lang   string `toml:"lang"`   // on pages in this language alone
}

// Line is the line of config.toml on which a setting stands, "menu.0.page" for one of a list; 0 where that is not known.
func (c *Config) Line(name string) int {
	o := c.Origin(name)
	_, line, _ := strings.Cut(o.At, ":")
	if n, err := strconv.Atoi(line); err == nil && o.Kind == "file" {
		return n
	}
	return 0
}

// tables fills a list of tables, [[menu]]. Their keys are told with their place in it: "menu.0.name".
func (l *loader) tables(path []string, field reflect.Value, value any) bool {
	list, ok := value.([]any)
	if !ok {
		return false
	}
	for i, item := range list {
		values, ok := item.(map[string]any)
		if !ok {
			return false
		}
		entry := reflect.New(field.Type().Elem()).Elem()
		l.table(append(append([]string{}, path...), strconv.Itoa(i)), entry, values)
		field.Set(reflect.Append(field, entry))
	}
	return true
}

// menu checks each [[menu]].
func (l *loader) menu() {
	for i, e := range l.config.Menu {
		key := fmt.Sprintf("menu.%d", i)
		switch {
		case (e.URL == "") == (e.Page == ""):
			l.fault(key, "P007", "an entry of the menu leads to a url or to a page", `url = "/archive/", or page = "about.md"`)
		case e.URL != "" && e.Name == "":
			l.fault(key, "P007", "an entry of the menu that leads to a url needs a name", `name = "Archive"`)
		case e.URL != "" && !leads(e.URL):
			l.fault(key+".url", "P007", fmt.Sprintf("%q is no address for a menu", e.URL), `a path of the site such as "/archive/", or an address with https:// or mailto:`)
		}
		if _, err := language.Parse(e.Lang); e.Lang != "" && err != nil {
			l.fault(key+".lang", "P007", fmt.Sprintf("%q is not a language", e.Lang), `a BCP 47 tag such as "en", "de" or "pt-BR"`)
		}
	}
}

// leads tells whether an address may stand in a menu. What a browser would run is none, and no path may turn into another host.
func leads(address string) bool {
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, "\\\t\n\r ") {
		return false
	}
	switch u.Scheme {
	case "":
		return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	case "http", "https":
		return u.Host != ""
	}
	return u.Scheme == "mailto"
}
