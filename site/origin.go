package site

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// envPrefix begins the name of every variable that Load reads: POSTIL_SITE_URL is site.url.
const envPrefix = "POSTIL_"

// Origin tells where a setting, named as in Keys, came from.
func (c *Config) Origin(name string) Origin {
	if o, ok := c.origins[name]; ok {
		return o
	}
	return Origin{Kind: "default"}
}

// Variable is the environment variable that sets a setting: "site.url" is POSTIL_SITE_URL.
func Variable(name string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
}

// environment lays the variables over the file. A variable of one of our sections whose key is unknown is a fault, as it
// would be in the file; POSTIL_TOKEN and other names that belong to no section are not ours to judge.
func (l *loader) environment(env []string) {
	names := map[string]string{}
	for _, key := range Keys() {
		names[Variable(key)] = key
	}
	for _, pair := range slices.Sorted(slices.Values(env)) {
		variable, text, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(variable, envPrefix) {
			continue
		}
		if key, ok := names[variable]; ok {
			l.override(key, text, Origin{"env", variable})
		} else if section(variable) {
			l.unknownName(variable, slices.Sorted(maps.Keys(names)))
		}
	}
}

// section tells whether a variable's name begins with one of our sections: "POSTIL_SITE_…".
func section(variable string) bool {
	word, _, more := strings.Cut(strings.TrimPrefix(variable, envPrefix), "_")
	return more && slices.ContainsFunc(Keys(), func(key string) bool {
		return strings.HasPrefix(key, strings.ToLower(word)+".")
	})
}

func (l *loader) flags(flags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(flags)) {
		if !slices.Contains(Keys(), key) {
			l.unknownName(key, Keys())
			continue
		}
		l.override(key, flags[key], Origin{"flag", "--" + key})
	}
}

// override sets one key from text.
func (l *loader) override(key, text string, from Origin) {
	field, _ := l.config.field(key)
	if !setText(field, text) {
		d := Diagnostic{Severity: Error, Code: "P004", File: from.At, Message: fmt.Sprintf("%q should be %s", text, wanted(field.Type()))}
		l.faults = append(l.faults, d)
		return
	}
	l.config.origins[key] = from
}

func (l *loader) unknownName(name string, known []string) {
	d := Diagnostic{Severity: Error, Code: "P003", File: name, Message: "sets nothing that Postil knows"}
	if meant := Nearest(name, known); meant != "" {
		d.Message += fmt.Sprintf(", did you mean %q?", meant)
	}
	l.faults = append(l.faults, d)
}

// fault notes that the value of a setting will not do, at the place that the value came from.
func (l *loader) fault(key, code, message, help string) {
	origin := l.config.Origin(key)
	if origin.Kind == "env" || origin.Kind == "flag" {
		l.faults = append(l.faults, Diagnostic{Severity: Error, Code: code, File: origin.At, Message: message, Help: help})
		return
	}
	at := l.doc.values[key]
	if at.line == 0 {
		at = cmp.Or(l.doc.keys[key], l.doc.keys[strings.Split(key, ".")[0]])
	}
	l.faults = append(l.faults, l.doc.fault(at, code, message, help))
}

// Equal tells whether two configurations have the same settings, wherever these came from.
func (c *Config) Equal(o *Config) bool {
	a, b := *c, *o
	a.origins, b.origins, a.location, b.location = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}
