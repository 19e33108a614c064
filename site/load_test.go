package site_test

import (
	"errors"
	"fmt"
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

// write puts text into config.toml of a new folder.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), site.FileName)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

const small = "format = 1\n[site]\nurl = \"https://example.com\"\n"

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	file := write(t, small+"title = \"Notes\"\ndescription = \"On things.\"\ntimezone = \"Europe/Berlin\"\n")
	c, err := site.Load(file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, key := range site.Keys() {
		got[key], _ = c.Value(key)
	}
	want := map[string]any{
		"format":   1,
		"site.url": "https://example.com", "site.title": "Notes", "site.description": "On things.", "site.language": "en",
		"site.timezone": "Europe/Berlin", "site.author": "",
		"federation.enabled": false, "federation.handle": "blog", "federation.name": "Notes", "federation.summary": "On things.",
		"federation.icon": "", "federation.image": "", "federation.type": "Person", "federation.url": "https://example.com",
		"federation.hold": "0s", "federation.also_known_as": []string(nil), "federation.attribution_domains": []string(nil), "federation.boost": "public", "federation.discoverable": true, "federation.fields": []string(nil),
		"federation.indexable": true, "federation.like": "public", "federation.quote": "public", "federation.reply": "public", "federation.tags": []string(nil),
		"federation.as": "article", "federation.content": "full", "federation.lead": "card", "federation.math": "mathml",
		"publish.content": "content", "publish.output": "public", "publish.theme": "default", "publish.scheduled": ".scheduled", "publish.toc": "auto", "publish.embeds": false,
		"publish.host": "own", "publish.robots": "allow", "publish.ai": "allow", "publish.search": true, "publish.cards": true,
		"inboxd.listen": "127.0.0.1:8080", "inboxd.data": "data", "inboxd.database": "", "inboxd.site": "",
		"inboxd.trusted_proxies": []string(nil), "inboxd.allow_networks": []string(nil),
		"comments.mode": "guarded", "comments.close_after": "", "comments.bake": true, "comments.order": "oldest", "comments.pending": false,
		"webmention.receive": true, "webmention.send": true, "embed.origins": []string(nil),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if c.Dir != filepath.Dir(file) || c.File != file {
		t.Errorf("Dir, File = %q, %q, want those of %q", c.Dir, c.File, file)
	}
	if got, want := c.Path("content"), filepath.Join(c.Dir, "content"); got != want {
		t.Errorf("Path = %q, want %q", got, want)
	}
	if got := c.Path("/srv/blog/"); got != "/srv/blog" {
		t.Errorf("Path of an absolute folder = %q, want it as it is", got)
	}
	if _, offset := time.Date(2026, 7, 1, 0, 0, 0, 0, c.Location()).Zone(); offset != 2*3600 {
		t.Errorf("Location has an offset of %d s in July, want that of Berlin", offset)
	}
}

// TestLoadLayers holds the order file < environment < flags and what Origin says of each.
func TestLoadLayers(t *testing.T) {
	t.Parallel()
	file := write(t, small+"title = \"File\"\nauthor = \"File\"\n[inboxd]\nlisten = \":1\"\n")
	env := []string{"POSTIL_SITE_TITLE=Env", "POSTIL_SITE_AUTHOR=Env", "POSTIL_FEDERATION_ENABLED=true", "HOME=/root",
		"POSTIL_INBOXD_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.7", "POSTIL_TOKEN=secret", "POSTIL_TEST_POSTGRES=x"}
	c, err := site.Load(file, env, map[string]string{"site.author": "Flag", "comments.bake": "false"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Site.Title != "Env" || c.Site.Author != "Flag" || !c.Federation.Enabled || c.Comments.Bake || c.Inboxd.Listen != ":1" {
		t.Errorf("got %+v", c)
	}
	if want := []string{"10.0.0.0/8", "192.0.2.7/32"}; !slices.Equal(c.Inboxd.TrustedProxies, want) {
		t.Errorf("trusted_proxies = %q, want %q", c.Inboxd.TrustedProxies, want)
	}
	for key, want := range map[string]site.Origin{
		"site.url":      {Kind: "file", At: "config.toml:3"},
		"inboxd.listen": {Kind: "file", At: "config.toml:7"},
		"site.title":    {Kind: "env", At: "POSTIL_SITE_TITLE"},
		"site.author":   {Kind: "flag", At: "--site.author"},
		"publish.theme": {Kind: "default"},
	} {
		if got := c.Origin(key); got != want {
			t.Errorf("Origin(%s) = %v, want %v", key, got, want)
		}
	}
}

// TestLoadFaults is a table of faulty files and what must be said of each: code, line, column, and words of the message.
func TestLoadFaults(t *testing.T) {
	t.Parallel()
	type fault struct {
		code      string
		line, col int
		says      string
	}
	for name, c := range map[string]struct {
		text string
		env  []string
		want []fault
	}{
		"typo":           {small + `titel = "x"`, nil, []fault{{"P003", 4, 1, `unknown key "titel", did you mean "title"?`}}},
		"typo after ä":   {"site = { \"x-ä\" = \"ää\", url = \"https://a.example\", titel = 1 }", nil, []fault{{"P003", 1, 51, `did you mean "title"?`}}},
		"section":        {small + "[inbox]\nlisten = \":1\"", nil, []fault{{"P003", 4, 2, `did you mean "inboxd"?`}}},
		"wrong home":     {small + "handle = \"x\"", nil, []fault{{"P003", 4, 1, "handle belongs below [federation]"}}},
		"far away":       {small + "quux = 1", nil, []fault{{"P003", 4, 1, `unknown key "quux"`}}},
		"case":           {"[site]\nURL = \"https://a.example\"", nil, []fault{{"P006", 1, 2, "site.url is missing"}, {"P003", 2, 1, `did you mean "url"?`}}},
		"dotted":         {small + "[a]\n", nil, []fault{{"P003", 4, 2, `unknown key "a"`}}},
		"inline":         {"site = { url = \"https://a.example\", titel = \"x\" }", nil, []fault{{"P003", 1, 37, `"title"`}}},
		"top of file":    {"site.url = \"https://a.example\"\nsite.lang = \"en\"", nil, []fault{{"P003", 2, 6, `unknown key "lang"`}}},
		"text for bool":  {small + "[federation]\nenabled = \"yes\"", nil, []fault{{"P004", 5, 11, "federation.enabled is a text and should be true or false"}}},
		"number":         {small + "title = 7", nil, []fault{{"P004", 4, 9, "site.title is the number 7 and should be a text"}}},
		"date":           {small + "title = 2026-01-01", nil, []fault{{"P004", 4, 9, "a date or time"}}},
		"list of number": {small + "[inboxd]\ntrusted_proxies = [1]", nil, []fault{{"P004", 5, 0, "a list of texts"}}},
		"table for text": {small + "[site.title]\nx = 1", nil, []fault{{"P004", 4, 7, "is a table and should be a text"}}},
		"text for table": {"federation = \"on\"\n" + small, nil, []fault{{"P004", 1, 14, "should be a table"}}},
		"no url":         {"[site]\ntitle = \"x\"", nil, []fault{{"P006", 1, 2, "site.url is missing"}}},
		"empty":          {"", nil, []fault{{"P006", 0, 0, "site.url is missing"}}},
		"syntax":         {small + "title = Notes", nil, []fault{{"P001", 4, 9, "not valid TOML"}}},
		"twice":          {small + "url = \"https://b.example\"", nil, []fault{{"P001", 4, 1, "not valid TOML"}}},
		"newer":          {"format = 2\nnew = 1\n[site]\nurl = 5", nil, []fault{{"P005", 1, 10, "formats up to 1"}}},
		"format 0":       {"format = 0\n[site]\nurl = \"https://a.example\"", nil, []fault{{"P007", 1, 10, "format 0"}}},
		"embed origin":   {"[site]\nurl = \"https://a.example\"\n[embed]\norigins = [\"https://B.example:443/\", \"https://b.example/x\"]", nil, []fault{{"P007", 4, 1, "b.example/x"}}},
		"relative url":   {"[site]\nurl = \"example.com\"", nil, []fault{{"P007", 2, 7, "https://"}}},
		"ftp":            {"[site]\nurl = \"ftp://example.com\"", nil, []fault{{"P007", 2, 7, "https://"}}},
		"query":          {"[site]\nurl = \"https://example.com/?a\"", nil, []fault{{"P007", 2, 7, "query"}}},
		"user":           {"[site]\nurl = \"https://me@example.com/\"", nil, []fault{{"P007", 2, 7, "user"}}},
		"fragment":       {"[site]\nurl = \"https://example.com/#\"", nil, []fault{{"P007", 2, 7, "fragment"}}},
		"dots":           {"[site]\nurl = \"https://example.com/a/../b\"", nil, []fault{{"P007", 2, 7, "path"}}},
		"no host":        {"[site]\nurl = \"https:///x\"", nil, []fault{{"P007", 2, 7, "host"}}},
		"port":           {"[site]\nurl = \"https://example.com:99999\"", nil, []fault{{"P007", 2, 7, "host"}}},
		"scheduled out":  {small + "[publish]\nscheduled = \"public/soon\"", nil, []fault{{"P007", 5, 13, "before their time"}}},
		"scheduled over": {small + "[publish]\nscheduled = \".\"", nil, []fault{{"P007", 5, 13, "own folder"}, {"P007", 5, 13, "before their time"}}},
		"handle":         {small + "[federation]\nhandle = \"@me@example.com\"", nil, []fault{{"P007", 5, 10, "cannot be a handle"}}},
		"handle end":     {small + "[federation]\nhandle = \"me.\"", nil, []fault{{"P007", 5, 10, "cannot be a handle"}}},
		"handle long":    {small + "[federation]\nhandle = \"" + strings.Repeat("a", 129) + "\"", nil, []fault{{"P007", 5, 10, "cannot be a handle"}}},
		"handle newline": {small + "[federation]\nhandle = \"me\\n\"", nil, []fault{{"P007", 5, 10, "cannot be a handle"}}},
		"type":           {small + "[federation]\ntype = \"person\"", nil, []fault{{"P018", 5, 8, `did you mean "Person"?`}}},
		"enums":          {small + "[federation]\nas = \"Artikle\"\ncontent = \"most\"\nlead = \"img\"\n", nil, []fault{{"P018", 5, 6, `"article"?`}, {"P018", 6, 11, "most"}, {"P018", 7, 8, "img"}}},
		"hold":           {small + "[federation]\nhold = \"soon\"", nil, []fault{{"P007", 5, 8, "0s to 6h"}}},
		"hold negative":  {small + "[federation]\nhold = \"-1s\"", nil, []fault{{"P007", 5, 8, "0s to 6h"}}},
		"timezone":       {small + "timezone = \"Berlin\"", nil, []fault{{"P007", 4, 12, "not a time zone"}}},
		"timezone local": {small + "timezone = \"Local\"", nil, []fault{{"P007", 4, 12, "not a time zone"}}},
		"language":       {small + "language = \"english!\"", nil, []fault{{"P007", 4, 12, "not a language"}}},
		"language none":  {small + "language = \"\"", nil, []fault{{"P007", 4, 12, "not a language"}}},
		"listen":         {small + "[inboxd]\nlisten = \"8080\"", nil, []fault{{"P007", 5, 10, "listen on"}}},
		"database":       {small + "[inboxd]\ndatabase = \"mysql://x\"", nil, []fault{{"P007", 5, 12, "PostgreSQL"}}},
		"proxies":        {small + "[inboxd]\ntrusted_proxies = [\"10.0.0.0/33\"]", nil, []fault{{"P007", 5, 0, "10.0.0.0/33"}}},
		"close_after":    {small + "[comments]\nclose_after = \"3 weeks\"", nil, []fault{{"P007", 5, 15, "days"}}},
		"toc":            {small + "[publish]\ntoc = \"auot\"", nil, []fault{{"P018", 5, 7, `did you mean "auto"?`}}},
		"mode":           {small + "[comments]\nmode = \"guraded\"", nil, []fault{{"P018", 5, 8, `did you mean "guarded"?`}}},
		"author's key":   {small + "[authors.ada]\nnam = \"Ada\"", nil, []fault{{"P003", 5, 1, `did you mean "name"?`}}},
		"env typo":       {small, []string{"POSTIL_SITE_TITEL=x"}, []fault{{"P003", 0, 0, "POSTIL_SITE_TITLE"}}},
		"env type":       {small, []string{"POSTIL_FEDERATION_ENABLED=maybe"}, []fault{{"P004", 0, 0, "true or false"}}},
		"env value":      {small, []string{"POSTIL_SITE_URL=nowhere"}, []fault{{"P007", 0, 0, "https://"}}},
		"all at once": {"format = 1\n[site]\nurl = \"nowhere\"\ntitel = \"x\"\nlanguage = 1\n[publsh]\n", nil,
			[]fault{{"P007", 3, 7, "nowhere"}, {"P003", 4, 1, "title"}, {"P004", 5, 12, "site.language"}, {"P003", 6, 2, "publish"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := site.Load(write(t, c.text), c.env, nil)
			var got site.Diagnostics
			if !errors.As(err, &got) || len(got) != len(c.want) {
				t.Fatalf("got %v, want %d faults", err, len(c.want))
			}
			for i, w := range c.want {
				g := got[i]
				said := g.Error()
				if g.Code != w.code || g.Line != w.line || w.col != 0 && g.Col != w.col || !strings.Contains(said, w.says) {
					t.Errorf("got  %s\nwant %s at %d:%d saying %q", said, w.code, w.line, w.col, w.says)
				}
				if g.Line > 0 && (g.File != "config.toml" || g.Excerpt != strings.Split(c.text, "\n")[g.Line-1]) {
					t.Errorf("file %q, excerpt %q", g.File, g.Excerpt)
				}
			}
		})
	}
}

// TestLoadFree holds that x-* keys anywhere and all below [params] are the owner's own.
func TestLoadFree(t *testing.T) {
	t.Parallel()
	text := small + "x-mine = 1\n[params]\ncolour = \"red\"\n[params.deep]\nn = 3\n[x-tool]\nany = true\n" +
		"[authors.ada]\nname = \"Ada\"\nx-role = \"editor\"\n[authors.ada.links]\nhome = \"https://ada.example\"\n"
	c, err := site.Load(write(t, text), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"colour": "red", "deep": map[string]any{"n": int64(3)}}
	if diff := cmp.Diff(want, c.Params); diff != "" {
		t.Errorf("params (-want +got):\n%s", diff)
	}
	authors := map[string]site.Author{"ada": {Name: "Ada", Links: map[string]string{"home": "https://ada.example"}}}
	if diff := cmp.Diff(authors, c.Authors); diff != "" {
		t.Errorf("authors (-want +got):\n%s", diff)
	}
}

// TestLoadAddresses holds that each spelling of an address becomes one: ids begin with it.
func TestLoadAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://example.com/":         "https://example.com",
		"https://Example.COM:443/":     "https://example.com",
		"HTTP://example.com:80":        "http://example.com",
		"https://example.com:8443/":    "https://example.com:8443",
		"https://example.com/blog/":    "https://example.com/blog",
		"https://bücher.example":       "https://xn--bcher-kva.example",
		"http://127.0.0.1:4440":        "http://127.0.0.1:4440",
		"http://[::0001]:4440/":        "http://[::1]:4440",
		"http://blog.localhost:4440/x": "http://blog.localhost:4440/x",
	} {
		c, err := site.Load(write(t, small), nil, map[string]string{"site.url": in})
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if c.Site.URL != want || c.Federation.URL != want {
			t.Errorf("%s became site %q, federation %q, want %q", in, c.Site.URL, c.Federation.URL, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	file := write(t, small)
	deep := filepath.Join(filepath.Dir(file), "content", "posts")
	if err := os.MkdirAll(filepath.Join(deep, site.FileName), 0o755); err != nil { // a folder of that name is no settings file
		t.Fatal(err)
	}
	if got, err := site.Find(deep); got != file || err != nil {
		t.Errorf("Find = %q, %v, want %q", got, err, file)
	}
	if got, err := site.Find(t.TempDir()); !errors.Is(err, site.ErrNoSite) {
		t.Errorf("Find in an empty folder = %q, %v, want ErrNoSite", got, err)
	}
}

func TestLoadMissing(t *testing.T) {
	t.Parallel()
	_, err := site.Load(filepath.Join(t.TempDir(), "config.toml"), nil, nil)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the file does not exist", err)
	}
	_, err = site.Load(write(t, strings.Repeat("#", 1<<20+1)), nil, nil)
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v, want a refusal of the size", err)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"title", "url", "timezone", "author"}
	for word, want := range map[string]string{
		"titel": "title", "tite": "title", "ttitle": "title", "Title": "title", "tzone": "", "timezones": "timezone",
		"ur": "url", "uri": "url", "x": "", "": "", "autor": "author", "auhtor": "author", "abc": "",
	} {
		if got := site.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

// FuzzConfig holds that no text makes Load panic, that a refusal names its places within the file, and that what it accepts
// it accepts unchanged when given again by flags.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{small, "", "format = 9", small + "titel = \"\\ud800\"", "[[site]]\nurl=1", "site={url=[{a={b=1}}]}",
		small + "[params]\na=[[[1]]]", "\"a.b\".c = 1\n'' = 2", "[site]\nurl = \"\"\"\nhttps://a\n\"\"\"", "\xef\xbb\xbf[site]", "a=\x00"} {
		f.Add(text)
	}
	file := filepath.Join(f.TempDir(), site.FileName)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := site.Parse(file, []byte(text), nil, nil)
		var faults site.Diagnostics
		if errors.As(err, &faults) {
			checkPlaces(t, text, faults)
			return
		}
		flags := map[string]string{"site.url": c.Site.URL, "federation.url": c.Federation.URL, "site.timezone": c.Site.Timezone}
		again, err := site.Parse(file, []byte(text), nil, flags)
		if err != nil || !again.Equal(c) {
			t.Errorf("accepted once, then %v", err)
		}
		if !maps.Equal(map[string]string{c.Site.URL: "https"}, map[string]string{strings.TrimRight(c.Site.URL, "/"): "https"}) {
			t.Errorf("site.url %q ends in a slash", c.Site.URL)
		}
	})
}

func checkPlaces(t *testing.T, text string, faults site.Diagnostics) {
	lines := strings.Split(text, "\n")
	for _, d := range faults {
		if d.Message == "" || d.Code == "" || d.Line < 0 || d.Line > len(lines) {
			t.Errorf("bad fault %+v", d)
		}
		if d.Line > 0 && d.Col > len([]rune(lines[d.Line-1]))+1 {
			t.Errorf("column %d beyond the line %q", d.Col, lines[d.Line-1])
		}
	}
}

// Thousands of faults of the settings are told as a hundred and a number.
func TestLoadManyFaults(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(small)
	for i := range 3000 {
		fmt.Fprintf(&text, "k%d = 1\n", i)
	}
	file := write(t, text.String())
	_, err := site.Load(file, nil, nil)
	_, examined, _ := site.Examine(file, nil, nil)
	var loaded site.Diagnostics
	errors.As(err, &loaded)
	for _, all := range []site.Diagnostics{loaded, examined} {
		if len(all) != 101 || all[0].Line != 4 || !strings.HasPrefix(all[100].Message, "2900 more faults in this file") {
			t.Errorf("%d faults: %.300v", len(all), all)
		}
	}
}
