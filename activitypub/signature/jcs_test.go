package signature

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestCanonical has the examples of RFC 8785: §3.2.3 (values), §3.2.4 (names) and its own rules' edges.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"values of the RFC": {
			`{ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			   "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		"names of the RFC": {
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
		"what HTML and JavaScript stumble over": {`"\u003c\u003e\u0026\u2028\u007f"`, "\"<>&\u2028\u007f\""},
		"controls":                              {`"\u0000\u0008\u0009\u000b\u000c\u000d\u001f"`, `"\u0000\b\t\u000b\f\r\u001f"`},
		"backslashes before a u":                {`"\\ud800"`, `"\\ud800"`},
		"empty":                                 {` { } `, `{}`},
		"nested":                                {`[{"b":[ ],"a":{"d":-0,"c":1.0}}]`, `[{"a":{"c":1,"d":0},"b":[]}]`},
		"beyond 2^53":                           {`9007199254740993`, `9007199254740992`},
	} {
		if got, err := Canonical([]byte(c.in)); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
}

// TestCanonicalNumbers is RFC 8785's appendix B.
func TestCanonicalNumbers(t *testing.T) {
	t.Parallel()
	for bits, want := range map[uint64]string{
		0: "0", 0x8000000000000000: "0", 1: "5e-324", 0x8000000000000001: "-5e-324", 0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308", 0x4340000000000000: "9007199254740992", 0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000", 0x44b52d02c7e14af5: "9.999999999999997e+22", 0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23", 0x444b1ae4d6e2ef4e: "999999999999999700000", 0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21", 0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7", 0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332", 0x41b3de4355555554: "333333333.33333325", 0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334", 0x41b3de4355555557: "333333333.33333343", 0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		text, err := json.Marshal(math.Float64frombits(bits))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Canonical(text); err != nil || string(got) != want {
			t.Errorf("%x: %s, %v, want %s", bits, got, err, want)
		}
	}
}

// TestCanonicalRefuses: what two readers would understand in two ways has no canonical form.
func TestCanonicalRefuses(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"a name twice": `{"a":1,"a":1}`, "a name twice, once escaped": `{"a":1,"\u0061":2}`, "deep inside": `{"x":[{"b":1,"c":2,"b":3}]}`,
		"half a character": `"\ud800"`, "the other half": `"\ude00"`, "two first halves": `"\ud83d\ud83d"`, "half before a letter": `"\ud83dx"`,
		"half a name": `{"\udfff":1}`, "not UTF-8": "\"\xff\"", "infinite": `1e999`, "two values": `{} {}`, "cut short": `{"a":`, "nothing": ``,
		"too deep": strings.Repeat("[", maxLevels+1) + strings.Repeat("]", maxLevels+1), "no JSON": `{a:1}`, "a comma too many": `[1,]`,
	} {
		if got, err := Canonical([]byte(in)); !errors.Is(err, errCanonical) {
			t.Errorf("%s: %s, %v, want an error", name, got, err)
		}
	}
}

// TestByUnits: names are in the order of their UTF-16 units, wherever they part.
func TestByUnits(t *testing.T) {
	t.Parallel()
	names := []string{"", "a", "aa", "aé", "aê", "a€", "a😀", "a😁", "a\uFB33", "b", "é", "😀", "\uFB33"}
	for _, a := range names {
		for _, b := range names {
			want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
			if got := byUnits(a, b); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				t.Errorf("%q and %q: %d, want %d", a, b, got, want)
			}
		}
	}
}

// FuzzCanonical: the canonical form means what the document meant, and is its own.
func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`{"b":[1e30,-0,"\u20ac\n"],"a":{"😀":null,"דּ":true}}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`"\ud83d\ude00\\ud800"`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		once, err := Canonical(doc)
		if err != nil {
			return
		}
		twice, err := Canonical(once)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%s becomes %s, %v", once, twice, err)
		}
		var before, after any
		if json.Unmarshal(doc, &before) != nil || json.Unmarshal(once, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%s is not %s", once, doc)
		}
	})
}
