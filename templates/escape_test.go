package templates

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"golang.org/x/net/html"
)

// payloads break out of text, of attributes in each quoting, of URLs, of comments, and of the JSON-LD block.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `JaVaScRiPt&#58;alert(1)`,
	`data:text/html,<script>alert(1)</script>`, `--><script>alert(1)</script><!--`, `</script><script>alert(1)</script>`, `</title><svg onload=alert(1)>`,
	"`-alert(1)-`", `{{.Blog.Title}}`, `\u003cscript\u003e`, `vbscript:x`, "\x00<b>", `</style><script>x</script>`,
}

// poison puts the payload into every string below v. Rendered HTML and trees are left alone: their writers answer for them.
func poison(v reflect.Value, payload string) int {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[template.HTML]() || !v.CanSet() {
			return 0
		}
		v.SetString(payload)
		return 1
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return 0
		}
		return poison(v.Elem(), payload)
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			if v.Type() == reflect.TypeFor[Page]() && v.Type().Field(i).Name == "Kind" || v.Type() == reflect.TypeFor[Interact]() && v.Type().Field(i).Name == "Intent" {
				continue
			}
			if v.Field(i).CanSet() {
				n += poison(v.Field(i), payload)
			}
		}
		return n
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[activitypub.Tree]() {
			if v.Len() > 0 {
				v.Set(reflect.ValueOf(activitypub.ParseText(payload, nil)))
			}
			return 1
		}
		n := 0
		for i := range v.Len() {
			n += poison(v.Index(i), payload)
		}
		return n
	}
	return 0
}

// Every string of every page may come from a stranger one day: none of them gets out of its place.
func TestPayloadsStayText(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for _, payload := range payloads {
		for state, s := range states() {
			data := reflect.New(reflect.TypeOf(s.data))
			data.Elem().Set(reflect.ValueOf(s.data))
			if n := poison(data, payload); n < 5 {
				t.Fatalf("%s: only %d strings were poisoned", state, n)
			}
			out := execute(t, tmpl, s.name, data.Elem().Interface())
			if fault := breakout(t, out); fault != "" {
				t.Errorf("%s with %q: %s", state, payload, fault)
			}
		}
	}
}

// breakout looks for what no payload may bring about, "" if there is nothing.
func breakout(t *testing.T, out string) (fault string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"svg", "math", "iframe", "object", "embed", "style", "base", "b"}, n.Data) {
			return "an element " + n.Data
		}
		if n.Data == "script" && attr(n, "type") != "application/ld+json" && attr(n, "src") == "" {
			return "an inline script"
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				return fmt.Sprintf("an attribute %s=%q", a.Key, a.Val)
			}
			v := strings.ToLower(strings.TrimSpace(a.Val))
			if v == "data:," && attr(n, "rel") == "icon" {
				continue // our own: a blog without an icon, so that browsers do not ask for /favicon.ico
			}
			if slices.Contains([]string{"href", "src", "action"}, a.Key) && (strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "vbscript:") || strings.HasPrefix(v, "data:")) {
				return fmt.Sprintf("an address %s=%q", a.Key, a.Val)
			}
		}
	}
	return ""
}

// The pages must work under a Content-Security-Policy without 'unsafe-inline'.
func TestPagesHaveNothingInline(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for state, s := range states() {
		if fault := breakout(t, execute(t, tmpl, s.name, s.data)); fault != "" {
			t.Errorf("%s: %s", state, fault)
		}
	}
}
