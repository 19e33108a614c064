package publisher

import (
	"strings"
	"unicode/utf8"
)

// Other servers drop <sup> and <sub>: "x2" would be read for x². Unicode has digits and signs in both heights.
var (
	raised  = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹", "+", "⁺", "-", "⁻", "−", "⁻", "=", "⁼", "(", "⁽", ")", "⁾", "n", "ⁿ", "i", "ⁱ")
	lowered = strings.NewReplacer("0", "₀", "1", "₁", "2", "₂", "3", "₃", "4", "₄", "5", "₅", "6", "₆", "7", "₇", "8", "₈", "9", "₉", "+", "₊", "-", "₋", "−", "₋", "=", "₌", "(", "₍", ")", "₎")
)

// scripted is the text of a <sup> or <sub> without its element. Endings of ordinals read well as they are (1st, 2e); any other
// letters get the mark that people type for them, x^k, a_max.
func scripted(element, s string) string {
	heights, mark, all := raised, "^", "0123456789+-−=()ni"
	if element == "sub" {
		heights, mark, all = lowered, "_", "0123456789+-−=()"
	}
	if strings.Trim(s, all) == "" {
		return heights.Replace(s)
	}
	switch strings.ToLower(s) {
	case "st", "nd", "rd", "th", "e", "er", "re", "ème", "o", "a", "™", "®", "*":
		return s
	}
	if utf8.RuneCountInString(s) == 1 {
		return mark + s
	}
	return mark + "(" + s + ")"
}
