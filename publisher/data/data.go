// Package data reads a site's data files: data/*.toml, .yaml and .json become what templates find as .Data, data/books/novels.toml as
// .Data.books.novels.
//
// A folder comes in, as a file system that cannot be left; values of plain types go out (maps, lists, texts, numbers, true and false, times),
// with a hash of all that they were made from, and every fault with its file and line. The files are the owner's and so are their mistakes:
// each is bounded in size and depth, and YAML may hold no aliases. It knows no post and no template.
package data

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postil-blog/postil/site"
)

// Folder is where the files lie, below the site's folder.
const Folder = "data"

// Code is that of every fault.
const Code = "P085"

// The bounds: of a file and of all of them in bytes, of their number, and of folders within folders.
const (
	maxFile    = 1 << 20
	maxAll     = 8 << 20
	maxFiles   = 1000
	maxFolders = 8
)

// Set is what the files of a folder hold.
type Set struct {
	Values map[string]any
	Sum    [32]byte // of names and contents; the zero value where there is no file
}

// formats are the readers by the end of a file's name.
var formats = map[string]func(file string, text string, zone *time.Location) (any, *site.Diagnostic){
	".toml": readTOML, ".yaml": readYAML, ".yml": readYAML, ".json": readJSON,
}

// Reads tells whether a file of this name is a data file.
func Reads(name string) bool {
	_, ok := formats[path.Ext(name)]
	return ok && !strings.HasPrefix(path.Base(name), ".")
}

// Load reads every data file below dir; times without a zone are in zone. Faults come back together; the error is the machine's.
func Load(dir fs.FS, zone *time.Location) (Set, site.Diagnostics, error) {
	l := loader{dir: dir, zone: zone, set: Set{Values: map[string]any{}}, from: map[string]string{}}
	names, err := l.list()
	if err != nil {
		return Set{}, nil, fmt.Errorf("reading %s: %w", Folder, err)
	}
	if len(names) == 0 {
		return Set{}, l.faults, nil
	}
	sum := sha256.New()
	for _, name := range names {
		text, ok, err := l.read(name)
		if err != nil {
			return Set{}, nil, fmt.Errorf("reading %s: %w", path.Join(Folder, name), err)
		}
		fmt.Fprintf(sum, "%d %s %d %s", len(name), name, len(text), text)
		if ok {
			l.parse(name, text)
		}
	}
	l.set.Sum = [32]byte(sum.Sum(nil))
	return l.set, l.faults, nil
}

// loader is one run of Load.
type loader struct {
	dir    fs.FS
	zone   *time.Location
	set    Set
	from   map[string]string // the file or folder that a value came from, by its dotted place
	total  int
	faults site.Diagnostics
}

func (l *loader) fault(name, message, help string) {
	l.faults = append(l.faults, site.Diagnostic{Severity: site.Error, Code: Code, File: path.Join(Folder, name), Message: message, Help: help})
}

// list names the data files, in order.
func (l *loader) list() (names []string, err error) {
	err = fs.WalkDir(l.dir, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(name, "/") >= maxFolders):
			return fs.SkipDir
		case d.IsDir() || !Reads(name):
			return nil
		case len(names) == maxFiles:
			l.fault(name, fmt.Sprintf("there are more than %d data files", maxFiles), "put them together")
			return fs.SkipAll
		}
		if info, err := fs.Stat(l.dir, name); err != nil || !info.Mode().IsRegular() {
			l.fault(name, "this is not a plain file, or leads out of the folder", "copy the file here")
			return nil
		}
		names = append(names, name)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) && len(names) == 0 {
		return nil, nil
	}
	return names, err
}

// read gives a file's text; ok is false, with a fault, where it cannot be one.
func (l *loader) read(name string) (text string, ok bool, err error) {
	f, err := l.dir.Open(name)
	if err != nil {
		return "", false, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", false, err
	}
	l.total += len(data)
	text = strings.TrimPrefix(string(data), "\ufeff")
	switch {
	case len(data) > maxFile:
		l.fault(name, "the file is larger than 1 MB", "split it")
	case l.total > maxAll:
		l.fault(name, "the data files are larger than 8 MB together", "templates read all of them for each site that is built: keep what pages show")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		l.fault(name, "this is not UTF-8 text", "save the file as UTF-8")
	default:
		return text, true, nil
	}
	return "", false, nil
}

// parse reads a file into the set, at the place that its name says.
func (l *loader) parse(name, text string) {
	file := path.Join(Folder, name)
	if at, deep := depth(text); deep {
		l.faults = append(l.faults, *faultAt(file, text, at, 1, "nested deeper than 100 lists and tables", "use plain keys and lists"))
		return
	}
	value, fault := formats[path.Ext(name)](file, text, l.zone)
	if fault != nil {
		l.faults = append(l.faults, *fault)
		return
	}
	l.put(name, value)
}

// put sets a value below its folders.
func (l *loader) put(name string, value any) {
	parts := strings.Split(strings.TrimSuffix(name, path.Ext(name)), "/")
	here, last := l.set.Values, len(parts)-1
	for i, part := range parts {
		at := strings.Join(parts[:i+1], "/")
		other, taken := l.from[at]
		if i < last && (!taken || other == at+"/") {
			l.from[at] = at + "/"
			if here[part] == nil {
				here[part] = map[string]any{}
			}
			here = here[part].(map[string]any)
			continue
		}
		if taken {
			l.fault(name, fmt.Sprintf("%s and %s would both be .Data.%s", path.Join(Folder, other), path.Join(Folder, name), strings.ReplaceAll(at, "/", ".")), "rename one of them")
			return
		}
		l.from[at], here[part] = name, value
	}
}

// depth gives the line on which brackets nest deeper than maxDepth, or dashes do in one line of YAML.
func depth(text string) (line int, deep bool) {
	open := 0
	for i, s := range strings.Split(text, "\n") {
		open = max(0, open+strings.Count(s, "[")+strings.Count(s, "{")-strings.Count(s, "]")-strings.Count(s, "}"))
		if within := deepest(s); open > maxDepth || within > maxDepth || dashes(s) > maxDepth {
			return i + 1, true
		}
	}
	return 0, false
}

// maxDepth bounds lists and tables within one another.
const maxDepth = 100

// dashes counts the lists that a line of YAML begins: "- - x".
func dashes(s string) int {
	begin := s[:len(s)-len(strings.TrimLeft(s, "-? \t"))]
	return strings.Count(begin, "- ") + strings.Count(begin, "? ")
}

// deepest is how deep the brackets of one line nest.
func deepest(s string) (most int) {
	open := 0
	for _, c := range []byte(s) {
		switch c {
		case '[', '{':
			open++
			most = max(most, open)
		case ']', '}':
			open = max(0, open-1)
		}
	}
	return most
}

// faultAt is a fault at a line and column, both from 1.
func faultAt(file, text string, line, col int, message, help string) *site.Diagnostic {
	d := &site.Diagnostic{Severity: site.Error, Code: Code, File: file, Line: line, Col: max(col, 1), Width: 1, Message: message, Help: help}
	lines := strings.Split(text, "\n")
	if line >= 1 && line <= len(lines) {
		d.Excerpt = cut(strings.TrimSuffix(lines[line-1], "\r"), 200)
	}
	return d
}

// cut shortens a line that would fill the screen.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
