package mathml

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// set typesets a formula that is one.
func set(t *testing.T, s *Typesetter, tex string, display bool) string {
	t.Helper()
	out, err := s.Typeset(tex, display)
	if err != nil {
		t.Errorf("%s: %v", tex, err)
	}
	return out
}

func typesetter(t *testing.T, workers int) *Typesetter {
	t.Helper()
	if raced {
		t.Skip("too slow under the race detector")
	}
	s := New(workers)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestTypeset(t *testing.T) {
	t.Parallel()
	s := typesetter(t, 1)
	for _, c := range []struct {
		tex     string
		display bool
		want    string
	}{
		{`x^2`, false, `<math><semantics><msup><mi>x</mi><mn class="tml-sml-pad">2</mn></msup> <annotation encoding="application/x-tex">x^2</annotation></semantics></math>`},
		{`a<b`, false, `<math><semantics><mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow> <annotation encoding="application/x-tex">a&lt;b</annotation></semantics></math>`},
		{`x`, true, `<math display="block"><semantics><mi>x</mi> <annotation encoding="application/x-tex">x</annotation></semantics></math>`},
		{`\text{<b onclick="x">}`, false, "<math><semantics><mtext>&lt;b\u00a0onclick=&#34;x&#34;&gt;</mtext>" + ` <annotation encoding="application/x-tex">\text{&lt;b onclick=&#34;x&#34;&gt;}</annotation></semantics></math>`},
		{`\color{red}x`, false, `<math><semantics><mrow><mi mathcolor="#ff0000">x</mi></mrow> <annotation encoding="application/x-tex">\color{red}x</annotation></semantics></math>`},
	} {
		if got := set(t, s, c.tex, c.display); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.tex, got, c.want)
		}
	}
}

// many are formulas with what Temml has a style for.
var many = []string{
	`\begin{array}{c|c}a&b\\\hline c&d\end{array}`, `\begin{align}a&=b\tag{1}\\c&=d\end{align}`, `\begin{equation}x\end{equation}`, `\cancel{x}\boxed{y}\phase{z}\bcancel a\xcancel b\sout c`,
	`\raisebox{2pt}{x}\kern1em y\kern-1em z`, `\vec{x}\hat y f'\overline{xy}\underbrace{x}_{y}`, `\left(\begin{matrix}a\\[2em]b\end{matrix}\right)`,
	`\begin{cases}a&b\\c&d\end{cases}`, `\smash{x}\rule{1em}{2em}\large x\colorbox{yellow}{x}\textcolor{#123}{y}\fcolorbox{red}{blue}{x}`,
	`\llap{x}\rlap{y}\mathbf{x}\boldsymbol{\alpha}\reflectbox{R}\cfrac{1}{2}\dfrac12\genfrac(]{0pt}{0}{a}{b}`, `\begin{CD}A@>a>>B\\@VVV@AAA\\C@=D\end{CD}`,
	`\begin{smallmatrix}a&b\end{smallmatrix}\xrightarrow[a]{b}\cancelto{0}{x}`, `\begin{dcases}a&b\\\hdashline c&d\end{dcases}`, `\prescript{a}{b}{X}\sqrt[3]{x}\sum\limits_a^b\operatorname{foo}`,
}

// TestNoStyle holds all that leaves against the pages' Content-Security-Policy and against the form of FEP-dc88.
func TestNoStyle(t *testing.T) {
	t.Parallel()
	s := typesetter(t, 1)
	for _, tex := range many {
		out := set(t, s, tex, true)
		var open []string
		for z := html.NewTokenizer(strings.NewReader(out)); z.Next() != html.ErrorToken; {
			tok := z.Token()
			for _, a := range tok.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "javascript:") {
					t.Errorf("%s: %s=%q", tex, a.Key, a.Val)
				}
			}
			switch tok.Type {
			case html.StartTagToken:
				if !known(tok.Data) {
					t.Errorf("%s: <%s>", tex, tok.Data)
				}
				open = append(open, tok.Data)
			case html.EndTagToken:
				if len(open) == 0 || open[len(open)-1] != tok.Data {
					t.Fatalf("%s: </%s> within %v", tex, tok.Data, open)
				}
				open = open[:len(open)-1]
			}
		}
		if len(open) > 0 || !strings.HasPrefix(out, `<math display="block"><semantics>`) || !strings.HasSuffix(out, `</annotation></semantics></math>`) {
			t.Errorf("%s: %s", tex, out)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := typesetter(t, 1)
	for tex, want := range map[string]Fault{
		`\frac{a`:                     {7, "Unexpected end of input in a macro argument, expected '}'"},
		`é𝔸 \nosuch{x}`:               {7, `Unsupported function name: \nosuch`},
		`\href{javascript:x}{y}`:      {0, `Unsupported function name: \href`},
		`x\class{a}{y}`:               {1, `Function "\class" is not trusted`},
		`\includegraphics{/x.png}`:    {0, `Function "\includegraphics" is not trusted`},
		strings.Repeat("x", MaxTeX+1): {MaxTeX, "a formula of more than 16 KB"},
	} {
		_, err := s.Typeset(tex, false)
		var f *Fault
		if !errors.As(err, &f) || *f != want {
			t.Errorf("%.40s: %#v, want %#v", tex, err, want)
		}
	}
}

// TestBounded gives what would take for ever, or all memory, and then an honest formula to the same engine.
func TestBounded(t *testing.T) {
	t.Parallel()
	s := typesetter(t, 1)
	for _, tex := range []string{
		`\def\x{\x\x}\x`, strings.Repeat("{", MaxTeX/2) + strings.Repeat("}", MaxTeX/2), strings.Repeat(`\sqrt{`, 2000) + strings.Repeat("}", 2000),
		`\def\a{xxxxxxxxxxxxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c\c\c}\d\d\d\d\d\d\d\d\d\d`,
	} {
		_, err := s.Typeset(tex, false)
		var f *Fault
		if !errors.As(err, &f) {
			t.Errorf("%.40s: %v, want a fault of the formula", tex, err)
		}
	}
	set(t, s, "x", false)
}

// TestStopped takes an engine that ran out of time or memory away: what it would say next is not to be trusted.
func TestStopped(t *testing.T) {
	t.Parallel()
	s := typesetter(t, 1)
	set(t, s, "x", false)
	e := <-s.slots
	if _, err := e.vm.Eval("temml.renderToString = function() { let a = []; for (;;) a.push(new Array(1000)) }", 0); err != nil {
		t.Fatal(err)
	}
	s.slots <- e
	_, err := s.Typeset("x", false)
	var f *Fault
	if !errors.As(err, &f) {
		t.Fatalf("%v, want a fault", err)
	}
	set(t, s, "y", false)
}

// TestSameBytes asks for the same formulas in another order and side by side: macros of one do not reach the next.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	s := typesetter(t, 2)
	list := append(slices.Clone(many), `\gdef\mine{y}\mine`)
	want := make([]string, len(list))
	for i, tex := range list {
		want[i] = set(t, s, tex, true)
	}
	if _, err := s.Typeset(`\mine`, false); err == nil {
		t.Error("a macro of one formula is known in the next")
	}
	var wg sync.WaitGroup
	for i, tex := range slices.Backward(list) {
		wg.Go(func() {
			if got, err := s.Typeset(tex, true); got != want[i] || err != nil {
				t.Errorf("%s: %s %v, then %s", tex, want[i], err, got)
			}
		})
	}
	wg.Wait()
}

// TestClosed: a Typesetter that nobody asked costs nothing, and a closed one answers.
func TestClosed(t *testing.T) {
	t.Parallel()
	s := New(4)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Typeset("x", false); !errors.Is(err, errClosed) {
		t.Errorf("%v, want %v", err, errClosed)
	}
}

func FuzzTypeset(f *testing.F) {
	if raced {
		f.Skip("too slow under the race detector")
	}
	s := New(1)
	f.Cleanup(func() { _ = s.Close() })
	for _, tex := range many {
		f.Add(tex)
	}
	f.Fuzz(func(t *testing.T, tex string) {
		out, err := s.Typeset(tex, true)
		var fault *Fault
		if err != nil && !errors.As(err, &fault) {
			t.Fatal(err)
		}
		if fault != nil && (fault.Offset < 0 || fault.Offset > len(tex)) {
			t.Errorf("offset %d of %d bytes", fault.Offset, len(tex))
		}
		if strings.Contains(out, " style=") && !strings.Contains(tex, "style=") {
			t.Error(out)
		}
	})
}

func BenchmarkTypeset(b *testing.B) {
	s := New(1)
	if _, err := s.Typeset("x", false); err != nil { // the engine is made
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Typeset(`e^{i\pi}_{x} + 1_{y} = \frac{a}{b}`, false); err != nil {
			b.Fatal(err)
		}
	}
	_ = s.Close()
}
