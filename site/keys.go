package site

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Keys lists every setting that has a name of its own, "site.url" and the rest, in the order of the sections of config.toml.
// Those below [authors] and [params] are the owner's and not listed.
func Keys() []string {
	keys := []string{"format"}
	for _, section := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if section.Type.Kind() != reflect.Struct || tag(section) == "" {
			continue
		}
		for _, key := range reflect.VisibleFields(section.Type) {
			if tables(key.Type) { // [[embed.sites]]: its keys are told with their place in it
				continue
			}
			keys = append(keys, tag(section)+"."+tag(key))
		}
	}
	return keys
}

// Value gives a setting by its name as Keys lists it: a string, bool, int or []string.
func (c *Config) Value(name string) (any, bool) {
	field, ok := c.field(name)
	if !ok {
		return nil, false
	}
	return field.Interface(), true
}

// field finds a setting by its dotted name.
func (c *Config) field(name string) (reflect.Value, bool) {
	at := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(name, ".") {
		if at.Kind() != reflect.Struct {
			return at, false
		}
		next, ok := fieldOf(at, part)
		if !ok {
			return at, false
		}
		at = next
	}
	return at, at.Kind() != reflect.Struct && at.Kind() != reflect.Map && !tables(at.Type())
}

// tables tells whether a setting is a list of tables.
func tables(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct
}

// fieldOf finds the field of a struct whose toml tag is key. Keys are exact: TOML's are.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	t := v.Type()
	for i := range t.NumField() {
		if tag(t.Field(i)) == key && key != "" {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// tag is the key of a field, "" for one that config.toml cannot set.
func tag(f reflect.StructField) string {
	if key := f.Tag.Get("toml"); key != "-" {
		return key
	}
	return ""
}

// siblings lists the keys that a table may hold.
func siblings(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if key := tag(t.Field(i)); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// Nearest gives the one of known that word was probably meant to be: at most two letters wrong, left out, doubled or
// swapped, and fewer than half of the word. "" means that nothing is near.
func Nearest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		d := edits(strings.ToLower(word), strings.ToLower(k))
		if d < distance && 2*d <= max(len(word), len(k)) {
			best, distance = k, d
		}
	}
	return best
}

// Meant is Nearest for whoever changes the word: "" also where two of known are as near.
func Meant(word string, known []string) string {
	best := Nearest(word, known)
	for _, k := range known {
		if k != best && best != "" && edits(strings.ToLower(word), strings.ToLower(k)) <= edits(strings.ToLower(word), strings.ToLower(best)) {
			return ""
		}
	}
	return best
}

// edits is the optimal string alignment distance of a and b, in characters. It gives 3 where it is more than 2.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y)+2 || len(y) > len(x)+2 {
		return 3
	}
	var before, last []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before, last, row = last, row, make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return min(row[len(y)], 3)
}

// unknown notes a key that means nothing, and what was probably meant: a key near it, or the section where it belongs.
func (l *loader) unknown(path []string, in reflect.Type) {
	name, key := dotted(path), path[len(path)-1]
	message, help := `unknown key "`+key+`"`, "x-"+key+" and anything below [params] are free for your own use"
	known := siblings(in)
	if meant := Nearest(key, known); meant != "" {
		message, help = message+`, did you mean "`+meant+`"?`, ""
	} else if home := homeOf(key); home != "" {
		help = key + " belongs below [" + home + "]"
	} else if len(known) <= 8 {
		help = "known here: " + strings.Join(known, ", ")
	}
	d := l.doc.fault(l.doc.keys[name], "P003", message, help)
	if meant := Meant(key, known); meant != "" && !slices.ContainsFunc(slices.Collect(maps.Keys(l.doc.keys)), func(k string) bool { return k == dotted(append(slices.Clone(path[:len(path)-1]), meant)) }) {
		d.Fix = Fix{Line: d.Line, Col: d.Col, Old: key, Text: meant}
	}
	l.faults = append(l.faults, d)
}

// homeOf gives the first section that has a key.
func homeOf(key string) string {
	i := slices.IndexFunc(Keys(), func(name string) bool { return strings.HasSuffix(name, "."+key) })
	if i < 0 {
		return ""
	}
	section, _, _ := strings.Cut(Keys()[i], ".")
	return section
}
