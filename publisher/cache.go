package publisher

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/site"
)

// memory is what publish knows of its last run. It only ever saves work: without it, or with any part of it gone, the same
// bytes come out.
type memory struct {
	Output  string // the output folder that Outputs lie in
	Program string // the program and the settings that everything below depends on
	Written int64  // Unix nanoseconds: files changed at about that moment or later are read again
	Sources map[string]remembered
	Files   map[string]fileFact
	Outputs map[string]outputFact
	Index   search.State // of the search index
	Gone    []string     // names of Outputs that there are no more: of edits alone

	bodies  map[string]bodies // handed from run to run by Watch, never saved
	threads *sync.Map         // likewise: hashes of the threads of a preview
}

// remembered is a source as it was read and rendered.
type remembered struct {
	Stamp     stamp
	Sum       [32]byte
	Post      Post
	Params    []byte   // Post.Params as JSON: gob has no names for what lies in it
	Head      [32]byte // of the front matter as it was read
	Textless  bool
	Faults    site.Diagnostics // of the front matter, warnings only
	Near      nearness
	Indexed   indexed
	Rendering *rendering // the last: an edit reads those alone that it needs
}

// outputFact is a file of the output folder as it was written.
type outputFact struct {
	Print [32]byte // of everything that its bytes were made from
	Sum   [32]byte
	Stamp stamp
}

// slack is how long after a change a file's time may still be the same for a second change.
const slack = int64(2 * time.Second)

// trusts tells whether a file with this stamp cannot have changed since memory was written without its stamp changing too.
func (m *memory) trusts(s stamp) bool { return s.Modified < m.Written-slack }

func newMemory(program string) *memory {
	return &memory{Program: program, Sources: map[string]remembered{}, Files: map[string]fileFact{}, Outputs: map[string]outputFact{}}
}

// same tells whether saving m would only repeat old.
func (m *memory) same(old *memory) bool {
	return m.Output == old.Output && maps.Equal(m.Outputs, old.Outputs) && maps.Equal(m.Files, old.Files) && maps.EqualFunc(m.Sources, old.Sources,
		func(x, y remembered) bool {
			return x.Stamp == y.Stamp && x.Sum == y.Sum && x.Indexed == y.Indexed && x.Near.Out == y.Near.Out && slices.Equal(x.Near.Best, y.Near.Best) && sameBlob(x.Rendering, y.Rendering)
		})
}

func sameBlob(x, y *rendering) bool {
	if x == nil || y == nil {
		return x == y
	}
	return x.Blob == y.Blob && x.For == y.For
}

// keep takes a copy of the post for the next run.
func (m *remembered) keep(p *Post) {
	m.Post = *p
	m.Post.Params, m.Post.lines = nil, nil
	if p.Params != nil {
		m.Params, _ = json.Marshal(p.Params)
	}
	m.Head = sha256.Sum256(append(pack(nil, reflect.ValueOf(m.Post)), m.Params...))
}

// recall makes the post of a remembered one, with times in the site's zone and its state as of now.
func (b *build) recall(m remembered) *Post {
	p := m.Post
	if len(m.Params) > 0 {
		_ = json.Unmarshal(m.Params, &p.Params)
	}
	for _, t := range []*time.Time{&p.Date, &p.Updated, &p.Expires} {
		if !t.IsZero() {
			*t = t.In(b.config.Location())
		}
	}
	b.settle(&p, m.Textless)
	return &p
}

// program names this program and every setting that the remembered posts depend on. A binary that was built anew forgets
// everything: nobody has to remember to raise a number.
func program(c *site.Config) string {
	h := sha256.New()
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			fmt.Fprintln(h, info.Size(), info.ModTime().UnixNano())
		}
	}
	_ = json.NewEncoder(h).Encode([]any{c.Site, c.Federation, c.Authors, c.Publish, c.Comments})
	return hex.EncodeToString(h.Sum(nil))
}

// cache is the .cache folder, or nothing but memory for a dry run or a preview elsewhere.
type cache struct {
	dir    string // "" = keep everything new in memory
	from   string // where the last real run left its part; read only unless it is dir
	mu     sync.Mutex
	bodies map[string]bodies
	held   int
	wrote  map[string]bool // by this run: what it wrote it reads again without asking whether it is whole
}

// maxHeld is how many bytes of rendered posts are kept in memory besides the folder.
const maxHeld = 8 << 20

// maxMemory bounds each file of .cache/ in bytes: some ten times what 20,000 posts need.
const maxMemory = 128 << 20

func (c *cache) blob(name string) string { return filepath.Join(c.from, "bodies", name[:2], name) }

// put keeps the bodies of a post under a name.
func (c *cache) put(blob string, t bodies) error {
	c.hold(blob, t, true)
	if c.dir == "" {
		return nil
	}
	room := printRooms.Get().(*[]byte)
	defer printRooms.Put(room)
	data := append((*room)[:0], make([]byte, sha256.Size)...)
	for _, s := range []string{t.page, t.feed, t.federated, t.words} {
		data = append(strconv.AppendInt(data, int64(len(s)), 10), '\n')
		data = append(data, s...)
	}
	*room = data
	sum := sha256.Sum256(data[sha256.Size:])
	copy(data, sum[:])
	name := c.blob(blob)
	err := plainfile.Write(name, data)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			err = plainfile.Write(name, data)
		}
	}
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.wrote == nil {
			c.wrote = map[string]bool{}
		}
		c.wrote[blob] = true
	}
	return err
}

// hold keeps bodies in memory, within maxHeld bytes: others go for them. Without a folder those that are new are nowhere else, and all of
// them are kept.
func (c *cache) hold(blob string, t bodies, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, held := c.bodies[blob]; held || c.dir == "" && !fresh && c.held+t.size() > maxHeld {
		return
	}
	c.bodies[blob] = t
	c.held += t.size()
	for other, old := range c.bodies {
		if c.dir == "" || c.held <= maxHeld {
			return
		}
		if other != blob {
			delete(c.bodies, other)
			c.held -= old.size()
		}
	}
}

// adopt takes over what an earlier run held.
func (c *cache) adopt(held map[string]bodies) {
	c.bodies = held
	for _, t := range held {
		c.held += t.size()
	}
}

// get gives the bodies kept under a name, and whether they were there and whole.
func (c *cache) get(blob string) (bodies, bool) {
	c.mu.Lock()
	t, ok := c.bodies[blob]
	wrote := c.wrote[blob]
	c.mu.Unlock()
	if ok || blob == "" {
		return t, ok
	}
	file, err := plainfile.ReadPath(c.blob(blob), maxMemory)
	if err != nil || len(file) < sha256.Size {
		return t, false
	}
	if !wrote {
		if sum := sha256.Sum256(file[sha256.Size:]); !bytes.Equal(sum[:], file[:sha256.Size]) {
			return t, false
		}
	}
	rest := string(file[sha256.Size:])
	for _, s := range []*string{&t.page, &t.feed, &t.federated, &t.words} {
		head, tail, _ := strings.Cut(rest, "\n")
		n, err := strconv.Atoi(head)
		if err != nil || n < 0 || n > len(tail) {
			return t, false
		}
		*s, rest = tail[:n], tail[n:]
	}
	c.hold(blob, t, false) // the next feed shows the same posts
	return t, true
}

// forget removes the bodies that the last run used and this one does not.
func (c *cache) forget(before, after *memory) {
	used := map[string]bool{}
	for _, m := range after.Sources {
		if m.Rendering != nil {
			used[m.Rendering.Blob] = true
		}
	}
	for _, m := range before.Sources {
		if m.Rendering != nil && !used[m.Rendering.Blob] && c.dir != "" {
			_ = os.Remove(c.blob(m.Rendering.Blob))
		}
	}
}
