package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// class is a set of kinds of bytes.
type class uint32

const (
	space class = 1 << iota
	digit
	letter
	octal
	hexadecimal
	binary
	dash
	dollar
	underscore
	point
	colon
	star
	generic // of a type with its parameters
	atSign
	foreign // beyond ASCII
	backslash
	slash
	member // of a path with points and question marks
	word   = letter | digit
)

// classes has the kinds of every byte.
var classes = func() (t [256]class) {
	mark := func(c class, bytes string) {
		for _, b := range []byte(bytes) {
			t[b] |= c
		}
	}
	mark(space, " \t\n\v\f")
	mark(digit, "0123456789")
	mark(letter, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
	mark(octal, "01234567")
	mark(hexadecimal, "0123456789abcdefABCDEF")
	mark(binary, "01")
	mark(dash, "-")
	mark(dollar, "$")
	mark(underscore, "_")
	mark(point, ".")
	mark(colon, ":")
	mark(star, "*")
	mark(generic, ".[]<>?")
	mark(atSign, "@")
	mark(backslash, `\`)
	mark(slash, "/")
	for b := 0x80; b < len(t); b++ {
		t[b] |= foreign
	}
	mark(member, ".?")
	return t
}()

// types are words with their token type.
type types map[string]chroma.TokenType

// add gives words a type, which they keep if they have one: chroma takes the first rule that fits.
func (t types) add(c chroma.TokenType, words string) types {
	for _, w := range strings.Fields(words) {
		if _, ok := t[w]; !ok {
			t[w] = c
		}
	}
	return t
}
