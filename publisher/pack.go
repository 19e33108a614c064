package publisher

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// pack appends a value to b, field after field, each so that it can be told from the next. Two values are the same if and only
// if they pack to the same bytes, so it serves hashes as well as .cache/. encoding/json takes ten times as long, gob three times.
// Unexported fields and functions are left out.
func pack(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return append(binary.AppendUvarint(b, uint64(v.Len())), v.String()...)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.Float32, reflect.Float64:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.Array, reflect.Slice:
		return packList(b, v)
	case reflect.Map:
		return packMap(b, v)
	case reflect.Struct:
		return packStruct(b, v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(b, 0)
		}
		if v.Kind() == reflect.Interface {
			return pack(append(b, byte(v.Elem().Kind())), v.Elem())
		}
		return pack(append(b, 1), v.Elem())
	}
	return b
}

// packList writes nil as 0 and any other list as its length and one: templates tell nil from empty.
func packList(b []byte, v reflect.Value) []byte {
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return append(b, 0)
		}
		b = binary.AppendUvarint(b, uint64(v.Len())+1)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 && (v.Kind() == reflect.Slice || v.CanAddr()) {
		return append(b, v.Bytes()...)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 { // an array without an address
		for i := range v.Len() {
			b = append(b, byte(v.Index(i).Uint()))
		}
		return b
	}
	for i := range v.Len() {
		b = pack(b, v.Index(i))
	}
	return b
}

func packMap(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, 0)
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
	b = binary.AppendUvarint(b, uint64(len(keys))+1)
	held := reflect.New(v.Type().Elem()).Elem() // one that has an address, for arrays of bytes
	for _, k := range keys {
		held.Set(v.MapIndex(k))
		b = pack(pack(b, k), held)
	}
	return b
}

var timeType = reflect.TypeFor[time.Time]()

func packStruct(b []byte, v reflect.Value) []byte {
	if v.Type() == timeType {
		t := v.Interface().(time.Time)
		// A zone is its offset: what is read back is put into the site's zone.
		_, offset := t.Zone()
		b = binary.AppendVarint(b, t.Unix())
		return binary.AppendVarint(binary.AppendVarint(b, int64(t.Nanosecond())), int64(offset))
	}
	for _, i := range fieldsOf(v.Type()) {
		b = pack(b, v.Field(i))
	}
	return b
}

var packed sync.Map // reflect.Type → []int

// fieldsOf are the exported fields of a struct. reflect makes a new description at each question.
func fieldsOf(t reflect.Type) []int {
	if list, ok := packed.Load(t); ok {
		return list.([]int)
	}
	var list []int
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			list = append(list, i)
		}
	}
	packed.Store(t, list)
	return list
}

// errPacked means that bytes are not those of the type that they are read into.
var errPacked = errors.New("not what was packed")

// unpacker reads back what pack wrote. Texts are parts of the one it reads: no byte is copied. It knows no interfaces.
type unpacker struct {
	rest string
	bad  bool
}

// unpack fills the value that v points to.
func unpack(s string, v any) error {
	u := unpacker{rest: s}
	u.value(reflect.ValueOf(v).Elem())
	if u.bad || u.rest != "" {
		return errPacked
	}
	return nil
}

func (u *unpacker) take(n uint64) string {
	if n > uint64(len(u.rest)) {
		u.bad, u.rest, n = true, "", 0
	}
	s := u.rest[:n]
	u.rest = u.rest[n:]
	return s
}

func (u *unpacker) uvarint() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		s := u.take(1)
		if s == "" {
			return 0
		}
		n |= uint64(s[0]&0x7f) << shift
		if s[0] < 0x80 {
			return n
		}
	}
	u.bad = true
	return 0
}

func (u *unpacker) varint() int64 {
	n := u.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// length is that of a list or map and whether it is there at all. Each element takes a byte at least, so no length is believed
// that the rest cannot hold.
func (u *unpacker) length() (int, bool) {
	n := u.uvarint()
	if n == 0 {
		return 0, false
	}
	if n-1 > uint64(len(u.rest)) {
		u.bad = true
		return 0, false
	}
	return int(n - 1), true
}

func (u *unpacker) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(u.take(u.uvarint()))
	case reflect.Bool:
		v.SetBool(u.take(1) == "\x01")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(u.varint())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(u.uvarint())
	case reflect.Float32, reflect.Float64:
		if s := u.take(8); s != "" {
			v.SetFloat(math.Float64frombits(binary.BigEndian.Uint64([]byte(s))))
		}
	case reflect.Array:
		u.array(v)
	case reflect.Slice:
		if n, ok := u.length(); ok && v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(u.take(uint64(n))))
		} else if ok {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			u.array(v)
		}
	case reflect.Map:
		u.table(v)
	case reflect.Struct:
		u.record(v)
	case reflect.Pointer:
		if u.take(1) == "\x01" {
			v.Set(reflect.New(v.Type().Elem()))
			u.value(v.Elem())
		}
	case reflect.Interface:
		u.bad = u.bad || u.take(1) != "\x00"
	}
}

func (u *unpacker) array(v reflect.Value) {
	if v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.Uint8 {
		copy(v.Bytes(), u.take(uint64(v.Len())))
		return
	}
	for i := 0; i < v.Len() && !u.bad; i++ {
		u.value(v.Index(i))
	}
}

func (u *unpacker) table(v reflect.Value) {
	n, ok := u.length()
	if !ok {
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), n))
	key, held := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	for range n {
		held.SetZero()
		u.value(key)
		u.value(held)
		if u.bad {
			return
		}
		v.SetMapIndex(key, held)
	}
}

func (u *unpacker) record(v reflect.Value) {
	if v.Type() == timeType {
		t := time.Unix(u.varint(), u.varint())
		zone := time.UTC
		if offset := u.varint(); offset != 0 {
			zone = time.FixedZone("", int(offset))
		}
		v.Set(reflect.ValueOf(t.In(zone)))
		return
	}
	for _, i := range fieldsOf(v.Type()) {
		if u.bad {
			return
		}
		u.value(v.Field(i))
	}
}
