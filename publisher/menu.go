package publisher

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// menuKeys are those of menu = {name = …, weight = …}.
var menuKeys = map[string]func(*reader, value){
	"name":   func(r *reader, v value) { r.text(v, &r.post.MenuName) },
	"weight": (*reader).menuWeight,
}

// menu reads true, false, the name of the entry, its weight, or a table of both.
func (r *reader) menu(v value) {
	if v.kind == isTable && len(v.fields) == 1 && v.fields[0].name == "main" { // Hugo has such a table for each menu: this is the one there is
		v = v.fields[0].value
	}
	r.post.Menu = "on"
	switch on := true; {
	case v.kind == isTable:
		r.table(v, "menu", menuKeys)
	case v.kind == isNumber:
		r.menuWeight(v)
	case v.kind == isString && strings.EqualFold(v.text, "main"): // Hugo's name for the menu
	case v.kind == isString && !slices.Contains([]string{"yes", "no", "on", "off", "true", "false"}, strings.ToLower(v.text)):
		r.text(v, &r.post.MenuName)
	default:
		if r.boolean(v, &on); !on {
			r.post.Menu = "off"
		}
	}
}

func (r *reader) menuWeight(v value) {
	n, err := strconv.ParseInt(v.text, 10, 32)
	if v.kind != isNumber || err != nil {
		r.fault(codeType, v.at, "this is no weight", "", "a whole number: the lightest entry comes first")
		return
	}
	r.post.MenuWeight = int(n)
}

// menuItem is an entry of the menu and its place.
type menuItem struct {
	link   templates.Link
	weight int
}

// lastWeight is the weight of pages that state none: they follow all others, by title.
const lastWeight = math.MaxInt32

// makeMenus makes the menu for each language that pages are in.
func (b *build) makeMenus() {
	b.menus = map[string][]templates.Link{}
	for _, lang := range b.languages() {
		items := b.ownMenu(lang)
		if len(b.config.Menu) == 0 {
			items = b.usualMenu(lang)
		}
		items = append(items, b.pageMenu(lang)...)
		slices.SortStableFunc(items, func(x, y menuItem) int { return cmp.Compare(x.weight, y.weight) })
		for _, i := range items {
			b.menus[lang] = append(b.menus[lang], i.link)
		}
	}
}

// languages are those that pages are in, in order.
func (b *build) languages() []string {
	langs := map[string]bool{b.config.Site.Language: true}
	for _, p := range slices.Concat(b.posts, b.pages) {
		langs[cmp.Or(p.Lang, b.config.Site.Language)] = true
	}
	return slices.Sorted(maps.Keys(langs))
}

// menuIn is the menu as a page of a language shows it.
func (b *build) menuIn(lang, path string) []templates.Link {
	list, ok := b.menus[lang]
	if !ok {
		list = b.menus[b.config.Site.Language]
	}
	list = slices.Clone(list)
	for i, l := range list {
		list[i].Current = l.URL == path
	}
	return list
}

// usualMenu is the menu of a site that states none.
func (b *build) usualMenu(lang string) []menuItem {
	entry := func(key, at string, weight int) menuItem {
		return menuItem{templates.Link{Name: templates.Text(lang, key), URL: b.addresses.Path(at)}, weight}
	}
	items := []menuItem{entry("archive", "/archive/", 10)}
	if len(b.tagNames) > 0 {
		items = append(items, entry("tags", "/tags/", 20))
	}
	if b.searches() {
		items = append(items, entry("search", b.searchOf(lang), 30))
	}
	return items
}

// ownMenu is what [[menu]] of the settings states for a language: the entries of that language, where there are any; else those of none.
func (b *build) ownMenu(lang string) (items []menuItem) {
	of := func(e site.MenuEntry) bool {
		return e.Lang != "" && (strings.EqualFold(e.Lang, lang) || strings.HasPrefix(strings.ToLower(lang), strings.ToLower(e.Lang)+"-"))
	}
	own := slices.ContainsFunc(b.config.Menu, of)
	for i, e := range b.config.Menu {
		if own != of(e) || !own && e.Lang != "" {
			continue
		}
		if l, ok := b.menuLink(e, lang); ok {
			items = append(items, menuItem{l, cmp.Or(e.Weight, 10*(i+1))})
		}
	}
	return items
}

// menuLink is an entry of the settings, and whether it leads to something that is out.
func (b *build) menuLink(e site.MenuEntry, lang string) (templates.Link, bool) {
	if e.Page == "" {
		if strings.HasPrefix(e.URL, "/") {
			return templates.Link{Name: e.Name, URL: b.addresses.Path(e.URL)}, true
		}
		return templates.Link{Name: e.Name, URL: e.URL}, true
	}
	p := b.byFile[e.Page]
	if p == nil || p.Reply || p.State != live && !b.shows(p) {
		return templates.Link{}, false
	}
	l := *b.linkTo(b.inMenu(p, lang))
	l.Name = cmp.Or(e.Name, l.Name)
	return l, true
}

// pageMenu is the pages that the menu shows: where the settings state none all but those that do not want it, else those that want it.
func (b *build) pageMenu(lang string) (items []menuItem) {
	for _, p := range slices.Concat(b.pages, b.posts) {
		wanted := p.Menu == "on"
		if hidden, _ := p.Params["menu"].(bool); p.Menu == "" && p.Page && len(b.config.Menu) == 0 {
			wanted = p.Params["menu"] == nil || hidden
		}
		if !wanted || b.inMenu(p, lang) != p {
			continue
		}
		l := *b.linkTo(p)
		l.Name = cmp.Or(p.MenuName, l.Name)
		items = append(items, menuItem{l, cmp.Or(p.MenuWeight, lastWeight)})
	}
	return items
}

// inMenu is the one of a page's translations that a menu names: in its language, else in the site's.
func (b *build) inMenu(p *Post, lang string) *Post {
	list := b.translations[p]
	for _, want := range []string{lang, b.config.Site.Language} {
		for _, q := range list {
			if strings.EqualFold(q.Lang, want) {
				return q
			}
		}
	}
	if len(list) > 0 {
		return list[0]
	}
	return p
}

// checkMenu refuses an entry that leads to a file that is not there.
func (b *build) checkMenu() {
	for i, e := range b.config.Menu {
		if p := b.byFile[e.Page]; e.Page == "" || p != nil && !p.Reply {
			continue
		}
		b.fault(site.Diagnostic{Severity: site.Error, Code: codeMenu, File: site.FileName, Line: b.config.Line(fmt.Sprintf("menu.%d.page", i)),
			Message: fmt.Sprintf("the menu leads to %s, which is not there", b.shown(e.Page)), Help: cmp.Or(nearestFile(e.Page, b.byFile), `name a file below the content folder: page = "about.md"`)})
	}
}
