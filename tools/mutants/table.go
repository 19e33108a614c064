package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a change that takes one protection out, and the test that must notice.
type mutant struct {
	name   string
	reason string
	folder string // of the package whose test it is
	test   string // as for go test -run, without ^ and $
	edits  []edit
}

// edit replaces one piece of one file. The old text must stand there exactly once.
type edit struct{ file, before, after string }

// readTable reads a file of blocks, with any number of empty lines and lines that begin with # between them:
//
//	mutant key-of-another-server
//	why: or anybody's key would sign for anybody
//	test: inbox TestDoorRefuses
//	file: inbox/actors.go
//	-if !activitypub.SameOrigin(keyID, id) {
//	+if false && !activitypub.SameOrigin(keyID, id) {
//
// What follows a minus is the old text, a plus the new one, line by line and to the letter; the text may begin and end within a line. No
// plus: the old text goes. A minus after a plus, and another file:, begins another edit.
func readTable(path string) ([]mutant, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []mutant
	scanner := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; scanner.Scan(); n++ {
		line := scanner.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(line, "mutant "); ok {
			list = append(list, mutant{name: strings.TrimSpace(name)})
			continue
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("%s:%d: this line belongs to no mutant", path, n)
		}
		if err := list[len(list)-1].read(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return list, errors.Join(scanner.Err(), checkTable(list))
}

// read takes one line of a block.
func (m *mutant) read(line string) error {
	if line[0] == '-' || line[0] == '+' {
		return m.readEdit(line[0], line[1:])
	}
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	switch {
	case ok && key == "why":
		m.reason = value
	case ok && key == "test":
		m.folder, m.test, ok = strings.Cut(value, " ")
		if !ok {
			return errors.New("a test is a folder and a name")
		}
	case ok && key == "file":
		m.edits = append(m.edits, edit{file: filepath.FromSlash(value)})
	default:
		return fmt.Errorf("%q is none of mutant, why:, test:, file:, - and +", line)
	}
	return nil
}

func (m *mutant) readEdit(sign byte, text string) error {
	if len(m.edits) == 0 {
		return errors.New("a change before the name of its file")
	}
	e := &m.edits[len(m.edits)-1]
	switch {
	case sign == '+':
		e.after += text + "\n"
	case e.after != "":
		m.edits = append(m.edits, edit{e.file, text + "\n", ""})
	default:
		e.before += text + "\n"
	}
	return nil
}

// checkTable refuses a table in which something is missing, and drops the line end after the last line of each text.
func checkTable(list []mutant) error {
	names := map[string]bool{}
	for _, m := range list {
		if names[m.name] {
			return fmt.Errorf("two mutants are called %s", m.name)
		}
		names[m.name] = true
		if m.reason == "" || m.test == "" || len(m.edits) == 0 {
			return fmt.Errorf("mutant %s lacks one of why:, test: and file:, or the text after it", m.name)
		}
		for i := range m.edits {
			e := &m.edits[i]
			e.before, e.after = strings.TrimSuffix(e.before, "\n"), strings.TrimSuffix(e.after, "\n")
			if e.before == "" || e.before == e.after {
				return fmt.Errorf("mutant %s changes nothing in %s", m.name, e.file)
			}
		}
	}
	return nil
}
