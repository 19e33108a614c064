package themes

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func read(t *testing.T, name string) string {
	t.Helper()
	theme, err := Load("default", nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(theme.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	own := fstest.MapFS{"default/style.css": {Data: []byte("own")}, "mine/style.css": {Data: []byte("mine")}, "bare/readme": {}, "file": {}}
	for _, c := range []struct {
		name, want, fault string
		dir               fs.FS
	}{
		{name: "default", want: ":root"}, {name: "default", dir: own, want: "own"}, {name: "mine", dir: own, want: "mine"}, {name: "default", dir: fstest.MapFS{}, want: ":root"},
		{name: "nosuch", dir: own, fault: "no such theme"}, {name: "bare", dir: own, fault: "themes/bare has no style.css"}, {name: "file", dir: own, fault: "is a file"},
		{name: "../x", dir: own, fault: "no such theme"}, {name: "", fault: "no such theme"}, {name: ".", fault: "no such theme"}, {name: "a/b", fault: "no such theme"},
	} {
		theme, err := Load(c.name, c.dir)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("Load(%q) = %v, want an error with %q", c.name, err, c.fault)
			}
			continue
		}
		if err != nil {
			t.Errorf("Load(%q): %v", c.name, err)
			continue
		}
		css, err := fs.ReadFile(theme.Files, "style.css")
		if err != nil || !strings.Contains(string(css), c.want) {
			t.Errorf("Load(%q) gives %.40q, %v, want one with %q", c.name, css, err, c.want)
		}
	}
	if _, err := Load("nosuch", nil); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown theme gives %v, want ErrUnknown", err)
	}
}

func TestNamesCanBeLoaded(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		if theme, err := Load(name, nil); err != nil || theme.Name != name {
			t.Errorf("Load(%q) = %v, %v", name, theme, err)
		}
	}
}

// The page loads nothing but what the blog itself serves, and nothing that has to be allowed in a strict policy.
func TestStyleLoadsNothing(t *testing.T) {
	t.Parallel()
	css := read(t, "style.css")
	for _, word := range []string{"url(", "@import", "@font-face", "expression(", "http:"} {
		if strings.Contains(css, word) {
			t.Errorf("style.css has %s", word)
		}
	}
	js := read(t, "theme.js")
	for _, word := range []string{"innerHTML", "eval(", "document.write", "fetch(", "XMLHttpRequest", "cookie", ".style", "insertAdjacentHTML"} {
		if strings.Contains(js, word) {
			t.Errorf("theme.js has %s", word)
		}
	}
}

// Right-to-left languages are laid out by logical properties alone. Code is the exception: it runs from left to right anywhere.
func TestStyleIsLogical(t *testing.T) {
	t.Parallel()
	physical := regexp.MustCompile(`(?:margin|padding|border)-(?:left|right)|(?:^|[;{ ])(?:left|right) *:|float *:|text-align: *(?:left|right)`)
	for i, line := range strings.Split(read(t, "style.css"), "\n") {
		if strings.HasPrefix(line, "pre {") {
			continue
		}
		if m := physical.FindString(line); m != "" {
			t.Errorf("style.css:%d: %q is physical", i+1, m)
		}
	}
}

func TestStyleIsBalanced(t *testing.T) {
	t.Parallel()
	css := read(t, "style.css")
	for _, pair := range []string{"{}", "()", "[]"} {
		if open, shut := strings.Count(css, pair[:1]), strings.Count(css, pair[1:]); open != shut {
			t.Errorf("%d %s and %d %s", open, pair[:1], shut, pair[1:])
		}
	}
	for _, m := range regexp.MustCompile(`var\((--[\w-]+)`).FindAllStringSubmatch(css, -1) {
		if !strings.Contains(css, m[1]+":") {
			t.Errorf("%s is used and nowhere set", m[1])
		}
	}
}

// TestPagesAreNotParts: the body of a page bears the page's kind as a class, so a bare ".tags" meant for a list would style every link of the
// page /tags/ as well. Only post and interact are styled by their kind.
func TestPagesAreNotParts(t *testing.T) {
	t.Parallel()
	bare := regexp.MustCompile(`(?m)(?:^|[\s,(>+~}])\.(index|page|tag|tags|archive)\b[^-]`)
	if m := bare.FindAllString(read(t, "style.css"), -1); m != nil {
		t.Errorf("style.css selects %q, which is also the body of a page", m)
	}
}

func TestScriptIsSmall(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(read(t, "theme.js")))
	w.Close()
	if b.Len() > 2<<10 {
		t.Errorf("theme.js is %d bytes in gzip, the limit is 2 KB", b.Len())
	}
}

// oklch is a colour: lightness 0–1, chroma, hue in degrees.
type oklch struct{ l, c, h float64 }

// luminance is the relative luminance of WCAG 2, of the colour brought into sRGB (https://www.w3.org/TR/css-color-4/#color-conversion-code).
func (k oklch) luminance() float64 {
	a, b := k.c*math.Cos(k.h*math.Pi/180), k.c*math.Sin(k.h*math.Pi/180)
	cube := func(x float64) float64 { return x * x * x }
	l, m, s := cube(k.l+.3963377774*a+.2158037573*b), cube(k.l-.1055613458*a-.0638541728*b), cube(k.l-.0894841775*a-1.2914855480*b)
	clamp := func(x float64) float64 { return min(max(x, 0), 1) }
	red := clamp(4.0767416621*l - 3.3077115913*m + .2309699292*s)
	green := clamp(-1.2684380046*l + 2.6097574011*m - .3413193965*s)
	blue := clamp(-.0041960863*l - .7034186147*m + 1.7076147010*s)
	return .2126*red + .7152*green + .0722*blue
}

func contrast(a, b oklch) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// palette reads the colours of :root for one of the two modes. It understands the few forms that the style sheet uses.
func palette(t *testing.T, css string, dark bool) map[string]oklch {
	t.Helper()
	root, _, _ := strings.Cut(css, "}")
	root = strings.ReplaceAll(root, "#fff", "oklch(100% 0 0)")
	number := func(s string) float64 {
		scale := 1.0
		if p, ok := strings.CutSuffix(s, "%"); ok {
			s, scale = p, .01
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%q is no number", s)
		}
		return f * scale
	}
	hue := number(regexp.MustCompile(`--hue: (\S+);`).FindStringSubmatch(root)[1])
	root = strings.ReplaceAll(root, "var(--hue)", strconv.FormatFloat(hue, 'f', -1, 64))
	p := map[string]oklch{}
	value := func(s string) oklch {
		if s == "var(--ink)" {
			return p["ink"]
		}
		f := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(s, "oklch("), ")"))
		if f[0] == "from" {
			return oklch{number(f[2]), number(f[3]), p["ink"].h}
		}
		return oklch{number(f[0]), number(f[1]), number(f[2])}
	}
	for _, m := range regexp.MustCompile(`--([\w-]+): (light-dark\((.+)\)|oklch\(.+\));`).FindAllStringSubmatch(root, -1) {
		if m[3] == "" {
			p[m[1]] = value(m[2])
			continue
		}
		light, night, ok := strings.Cut(m[3], ", ")
		if !ok {
			t.Fatalf("--%s is no pair", m[1])
		}
		p[m[1]] = value(map[bool]string{false: light, true: night}[dark])
	}
	return p
}

func TestContrast(t *testing.T) {
	t.Parallel()
	css := read(t, "style.css")
	for _, dark := range []bool{false, true} {
		p := palette(t, css, dark)
		body := 12.0
		if dark {
			body = 10
		}
		for _, c := range []struct {
			front, back string
			want        float64
		}{
			{"text", "bg", body}, {"text", "raised", body}, {"muted", "bg", 5.5}, {"muted", "raised", 5.5}, {"accent", "bg", 4.5}, {"accent", "raised", 4.5},
			{"on-accent", "accent", 4.5}, {"edge", "bg", 3},
		} {
			front, ok1 := p[c.front]
			back, ok2 := p[c.back]
			if !ok1 || !ok2 {
				t.Fatalf("the palette lacks %s or %s: %v", c.front, c.back, slices.Collect(func(yield func(string) bool) {
					for k := range p {
						if !yield(k) {
							return
						}
					}
				}))
			}
			if got := contrast(front, back); got < c.want {
				t.Errorf("dark %t: --%s on --%s is %.1f : 1, the limit is %.1f", dark, c.front, c.back, got, c.want)
			}
		}
	}
}

// The colours of code stand on --raised, those of callouts and faults on the page.
func TestContrastOfColouredText(t *testing.T) {
	t.Parallel()
	css := read(t, "style.css")
	n := 0
	for _, dark := range []bool{false, true} {
		p := palette(t, css, dark)
		for _, line := range strings.Split(css, "\n") {
			m := regexp.MustCompile(`(?:[ {]color|--co): light-dark\(oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\), oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)\)`).FindStringSubmatch(line)
			if m == nil {
				continue
			}
			n++
			f := func(i int) float64 {
				if dark {
					i += 3
				}
				v, err := strconv.ParseFloat(m[i], 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			for _, back := range []string{"bg", "raised"} {
				if got := contrast(oklch{f(1) / 100, f(2), f(3)}, p[back]); got < 4.5 {
					t.Errorf("dark %t, on --%s: %.1f : 1 in %s", dark, back, got, line)
				}
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d colours were found", n)
	}
}

// An initial is read on each of the twelve hues.
func TestContrastOfFaces(t *testing.T) {
	t.Parallel()
	pair := regexp.MustCompile(`\.face \{.*background: light-dark\(oklch\((\S+)% (\S+) .*oklch\((\S+)% (\S+) .*color: light-dark\(oklch\((\S+)% (\S+) .*oklch\((\S+)% (\S+) `).FindStringSubmatch(read(t, "style.css"))
	if pair == nil {
		t.Fatal("there is no .face")
	}
	f := func(i int) float64 {
		v, err := strconv.ParseFloat(pair[i], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for hue := 15.0; hue < 360; hue += 30 {
		for _, i := range []int{1, 3} {
			back, front := oklch{f(i) / 100, f(i + 1), hue}, oklch{f(i+4) / 100, f(i + 5), hue}
			if got := contrast(front, back); got < 4.5 {
				t.Errorf("hue %.0f, colours %d: %.1f : 1", hue, i, got)
			}
		}
	}
}

func TestContrastKnowsBlackAndWhite(t *testing.T) {
	t.Parallel()
	if got := contrast(oklch{0, 0, 0}, oklch{1, 0, 0}); math.Abs(got-21) > .01 {
		t.Errorf("black on white is %.2f, want 21", got)
	}
	// #c00000 has the luminance 0.1114 (WCAG), and is oklch(50.1% .205 29.2).
	if got := (oklch{.501, .205, 29.2}).luminance(); math.Abs(got-.1114) > .006 {
		t.Errorf("luminance of a red is %.4f, want 0.111", got)
	}
}
