package publisher

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/plainfile"
)

// What a run learns lies in two files. index holds all of it, each source for itself, so that an edit decodes those alone that it needs; edits
// holds what is another since index was written, and is small. Each is whole or not believed, and edits only beside the index that it was made for.

// maxEdits is how many sources edits may hold before all is written anew.
const maxEdits = 200

func (c *cache) index() string { return filepath.Join(c.from, "index") }
func (c *cache) edits() string { return filepath.Join(c.from, "edits") }

// sinceIndex is what is another since the index of a moment was written.
type sinceIndex struct {
	Base int64 // memory.Written of that index
	Now  memory
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal32 puts a check sum before a file of .cache/. Nobody gains from forging one: it tells of files that are damaged or cut off.
func seal32(data []byte) { binary.BigEndian.PutUint32(data, crc32.Checksum(data[4:], castagnoli)) }

// readChecked reads such a file of this program. Another one packs other fields.
func readChecked(name, program string) (string, bool) {
	data, err := plainfile.ReadPath(name, maxMemory)
	if err != nil || len(data) < 4 || crc32.Checksum(data[4:], castagnoli) != binary.BigEndian.Uint32(data) {
		return "", false
	}
	return strings.CutPrefix(string(data[4:]), program)
}

// sketch is the memory of the last run with nothing of it decoded but what is asked for.
type sketch struct {
	head    memory            // without Sources and Outputs
	sources map[string]string // packed, by file
	outputs string            // packed
	edits   memory
	count   int // of sources in edits
}

// sketch reads the last run's files. It is false where they are not there, or not whole.
func (c *cache) sketch(program string) (*sketch, bool) {
	rest, ok := readChecked(c.index(), program)
	if !ok {
		return nil, false
	}
	s, u := &sketch{}, unpacker{rest: rest}
	u.value(reflect.ValueOf(&s.head).Elem())
	n := u.uvarint()
	if u.bad || n > uint64(len(u.rest)) {
		return nil, false
	}
	s.sources = make(map[string]string, n)
	for range n {
		name := u.take(u.uvarint())
		s.sources[name] = u.take(u.uvarint())
	}
	if s.outputs = u.rest; u.bad {
		return nil, false
	}
	if rest, ok = readChecked(c.edits(), program); ok {
		var e sinceIndex
		if unpack(rest, &e) == nil && e.Base == s.head.Written {
			s.edits, s.count = e.Now, len(e.Now.Sources)
		}
	}
	return s, true
}

// written is when the memory was saved last.
func (s *sketch) written() int64 { return max(s.head.Written, s.edits.Written) }

// load reads the memory of the last run. A broken one is as good as none.
func (c *cache) load(program string) *memory {
	s, ok := c.sketch(program)
	if !ok {
		return newMemory(program)
	}
	m := s.head
	m.Program, m.Sources = program, make(map[string]remembered, len(s.sources))
	for name, packed := range s.sources {
		var source remembered
		if unpack(packed, &source) != nil {
			return newMemory(program)
		}
		m.Sources[name] = source
	}
	if unpack(s.outputs, &m.Outputs) != nil {
		return newMemory(program)
	}
	if s.edits.Written > 0 {
		maps.Copy(m.Sources, s.edits.Sources)
		maps.Copy(m.Outputs, s.edits.Outputs)
		for _, name := range s.edits.Gone {
			delete(m.Outputs, name)
		}
		m.Written, m.Index = s.edits.Written, s.edits.Index
	}
	m.fill()
	return &m
}

// fill makes the maps that were empty when they were packed.
func (m *memory) fill() {
	fresh := newMemory(m.Program)
	if m.Sources == nil {
		m.Sources = fresh.Sources
	}
	if m.Files == nil {
		m.Files = fresh.Files
	}
	if m.Outputs == nil {
		m.Outputs = fresh.Outputs
	}
}

// save writes the memory, whole or not at all.
func (c *cache) save(m *memory) error {
	if c.dir == "" {
		return nil
	}
	head := *m
	head.Sources, head.Outputs, head.Gone = nil, nil, nil
	data := pack(append(make([]byte, 4, 1<<20), m.Program...), reflect.ValueOf(head))
	data = binary.AppendUvarint(data, uint64(len(m.Sources)))
	var source []byte
	for _, name := range slices.Sorted(maps.Keys(m.Sources)) {
		r := m.Sources[name]
		source = pack(source[:0], reflect.ValueOf(&r).Elem())
		data = append(binary.AppendUvarint(data, uint64(len(name))), name...)
		data = append(binary.AppendUvarint(data, uint64(len(source))), source...)
	}
	data = pack(data, reflect.ValueOf(m.Outputs))
	if err := c.replace(c.index(), data); err != nil {
		return err
	}
	if err := os.Remove(c.edits()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remembering the build: %w", err)
	}
	return nil
}

// saveEdits writes what is another since the index of a moment was written.
func (c *cache) saveEdits(program string, base int64, m memory) error {
	return c.replace(c.edits(), pack(append(make([]byte, 4), program...), reflect.ValueOf(sinceIndex{base, m})))
}

// replace writes a file of .cache/ with its check sum, whole or not at all.
func (c *cache) replace(name string, data []byte) error {
	seal32(data)
	tmp := name + ".new"
	err := plainfile.Write(tmp, data)
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return fmt.Errorf("remembering the build: %w", err)
	}
	return nil
}

// outputFacts decodes those facts that are asked for.
func (s *sketch) outputFacts(names map[string]bool) (map[string]outputFact, bool) {
	list, u := map[string]outputFact{}, unpacker{rest: s.outputs}
	n, _ := u.length()
	for range n {
		name := u.take(u.uvarint())
		var fact outputFact
		if !names[name] {
			u.take(64)
			u.uvarint()
			u.uvarint()
			continue
		}
		u.value(reflect.ValueOf(&fact).Elem())
		list[name] = fact
	}
	for name, fact := range s.edits.Outputs {
		if names[name] {
			list[name] = fact
		}
	}
	return list, !u.bad
}
