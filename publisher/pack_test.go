package publisher

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/postil-blog/postil/templates"
)

// filled sets every exported field of a value to something, the same for the same seed.
func filled(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a'+r.IntN(26))) + "ü\x00")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() - 1<<61)
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(r, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		if v.Type() == reflect.TypeFor[[]templates.Heading]() {
			v.Index(0).Field(0).SetInt(2) // headings hold headings, without end
			return
		}
		filled(r, v.Index(0))
	case reflect.Float64:
		v.SetFloat(r.Float64())
	case reflect.Array:
		for i := range v.Len() {
			filled(r, v.Index(i))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		filled(r, e)
		v.SetMapIndex(reflect.ValueOf("key"), e)
	case reflect.Struct:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<33), 7).In(time.FixedZone("", 3600))))
			return
		}
		for _, i := range fieldsOf(v.Type()) {
			filled(r, v.Field(i))
		}
	}
}

// TestPack reads back what was written, every field of it: what publish remembers must be what it knew.
func TestPack(t *testing.T) {
	t.Parallel()
	var want, got, none memory
	filled(rand.New(rand.NewPCG(1, 2)), reflect.ValueOf(&want).Elem())
	data := string(pack(nil, reflect.ValueOf(want)))
	if err := unpack(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(memory{}, Post{})); diff != "" {
		t.Errorf("what came back (-want +got):\n%s", diff)
	}
	for n := range data {
		if err := unpack(data[:n], &none); err == nil {
			t.Fatalf("%d of %d bytes were taken for the whole", n, len(data))
		}
	}
	var zero, same Post
	if err := unpack(string(pack(nil, reflect.ValueOf(zero))), &same); err != nil || !same.Date.IsZero() {
		t.Errorf("no date became %v, %v", same.Date, err)
	}
}

// TestPrintTellsFields changes each field of a page in turn: a page whose data changed must be made again.
func TestPrintTellsFields(t *testing.T) {
	t.Parallel()
	b := &build{}
	for _, v := range []any{&templates.Page{}, &templates.Post{}, &templates.Blog{}} {
		plain := b.print(reflect.ValueOf(v).Elem().Interface())
		typ := reflect.TypeOf(v).Elem()
		for i := range typ.NumField() {
			changed := reflect.New(typ).Elem()
			f := changed.Field(i)
			switch {
			case f.Kind() == reflect.Interface:
				f.Set(reflect.ValueOf(&templates.Blog{Title: "x"}))
			case f.Kind() == reflect.Map:
				f.Set(reflect.ValueOf(map[string]any{"a": []any{1, "x", map[string]any{"b": true}}}))
			default:
				filled(rand.New(rand.NewPCG(1, 2)), f)
			}
			if b.print(changed.Interface()) == plain {
				t.Errorf("%s: another %s gives the same print", typ, typ.Field(i).Name)
			}
		}
	}
	for _, pair := range [][2]any{{[]string{"a", "b"}, []string{"ab", ""}}, {map[string]any{"a": 1}, map[string]any{"a": "1"}}, {[]string(nil), []string{}}} {
		if b.print(pair[0]) == b.print(pair[1]) {
			t.Errorf("%#v and %#v have one print", pair[0], pair[1])
		}
	}
}
