package site

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// table lays the keys of one TOML table over the struct that stands for it, and notes each key that it does not know.
func (l *loader) table(path []string, to reflect.Value, values map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if strings.HasPrefix(key, "x-") {
			continue
		}
		at := append(slices.Clone(path), key)
		field, ok := fieldOf(to, key)
		if !ok {
			l.unknown(at, to.Type())
			continue
		}
		l.assign(at, field, values[key])
	}
}

// assign lays one value of the file over its field. "params" is the theme's and taken as it is.
func (l *loader) assign(path []string, field reflect.Value, value any) {
	name := dotted(path)
	switch {
	case name == "params":
		if params, ok := value.(map[string]any); ok {
			l.config.Params = params
			return
		}
	case field.Kind() == reflect.Struct:
		if values, ok := value.(map[string]any); ok {
			l.table(path, field, values)
			return
		}
	case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
		if l.tables(path, field, value) {
			return
		}
	case field.Kind() == reflect.Map:
		if values, ok := value.(map[string]any); ok {
			l.mapping(path, field, values)
			return
		}
	default:
		if set(field, value) {
			l.config.origins[name] = Origin{"file", fmt.Sprintf("%s:%d", l.doc.name, l.doc.keys[name].line)}
			return
		}
	}
	l.wrongType(name, field.Type(), value)
}

// mapping fills [authors.NAME] and the links of an author, whose keys are the owner's own words.
func (l *loader) mapping(path []string, field reflect.Value, values map[string]any) {
	field.Set(reflect.MakeMap(field.Type()))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		entry := reflect.New(field.Type().Elem()).Elem()
		l.assign(append(slices.Clone(path), key), entry, values[key])
		field.SetMapIndex(reflect.ValueOf(key), entry)
	}
}

// set gives field a value as go-toml reads it, and says whether the value is of the field's type.
func set(field reflect.Value, value any) bool {
	switch v := value.(type) {
	case string:
		if field.Kind() != reflect.String {
			return false
		}
		field.SetString(v)
	case bool:
		if field.Kind() != reflect.Bool {
			return false
		}
		field.SetBool(v)
	case int64:
		if field.Kind() != reflect.Int || field.OverflowInt(v) {
			return false
		}
		field.SetInt(v)
	case []any:
		return setList(field, v)
	default:
		return false
	}
	return true
}

func setList(field reflect.Value, values []any) bool {
	if field.Kind() != reflect.Slice {
		return false
	}
	list := make([]string, 0, len(values))
	for _, v := range values {
		s, ok := v.(string)
		if !ok {
			return false
		}
		list = append(list, s)
	}
	field.Set(reflect.ValueOf(list))
	return true
}

// setText is set for a value that came as text, from the environment or a flag.
func setText(field reflect.Value, text string) bool {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return false
		}
		field.SetBool(v)
	case reflect.Int:
		v, err := strconv.Atoi(text)
		if err != nil {
			return false
		}
		field.SetInt(int64(v))
	case reflect.Slice:
		list := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		field.Set(reflect.ValueOf(list))
	default:
		return false
	}
	return true
}

func (l *loader) wrongType(name string, want reflect.Type, got any) {
	at := l.doc.values[name]
	if at.line == 0 {
		at = l.doc.keys[name]
	}
	d := l.doc.fault(at, "P004", fmt.Sprintf("%s is %s and should be %s", name, called(got), wanted(want)), "for example "+example(name, want))
	l.faults = append(l.faults, d)
}

// called names a value's type as its writer would.
func called(v any) string {
	switch v := v.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int64, float64:
		return fmt.Sprintf("the number %v", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "a list of tables"
		}
		return "a list of texts"
	case reflect.Struct, reflect.Map:
		return "a table"
	}
	return "a text"
}

func example(name string, t reflect.Type) string {
	key := name[strings.LastIndexByte(name, '.')+1:]
	switch t.Kind() {
	case reflect.Bool:
		return key + " = true"
	case reflect.Int:
		return key + " = 1"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "[[" + name + "]]"
		}
		return key + ` = ["…"]`
	case reflect.Struct, reflect.Map:
		return "[" + name + "]"
	}
	return key + ` = "…"`
}
