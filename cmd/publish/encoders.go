package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/publisher/pictures"
)

// Bounds on an encoder's run: a photograph of 1440 pixels takes a second or two.
const (
	encodeTime   = 2 * time.Minute
	versionTime  = 10 * time.Second
	maxEncoded   = 64 << 20 // bytes of a result
	maxComplaint = 200      // bytes of what a program said that are told
)

// encoderProgram is a program that writes pictures in another format.
type encoderProgram struct {
	name, kind, ext string
	version         []string // arguments with which it says its version
	photo, drawing  []string // for JPEG, and for PNG: nil where it has nothing to offer; in and out stand for the files
}

// encoderPrograms are those of Debian's packages libavif-bin and webp. Drawings and screenshots, which are PNG, lose nothing: letters blur first.
var encoderPrograms = []encoderProgram{
	{
		name: "avifenc", kind: "image/avif", ext: ".avif", version: []string{"--version"},
		photo: []string{"--jobs", "1", "--speed", "6", "--min", "0", "--max", "63", "-a", "end-usage=q", "-a", "cq-level=24", "-c", "aom", "in", "out"},
	},
	{
		name: "cwebp", kind: "image/webp", ext: ".webp", version: []string{"-version"},
		photo: []string{"-quiet", "-q", "78", "-m", "5", "-metadata", "icc", "in", "-o", "out"}, drawing: []string{"-quiet", "-z", "6", "-exact", "-metadata", "icc", "in", "-o", "out"},
	},
}

// encoders are the programs that are installed here, each asked for its version: another one writes other bytes.
func encoders(ctx context.Context) func() []pictures.Encoder {
	return func() (list []pictures.Encoder) {
		found := make([]pictures.Encoder, len(encoderPrograms))
		var wg sync.WaitGroup
		for i, p := range encoderPrograms {
			wg.Go(func() { found[i] = p.find(ctx) })
		}
		wg.Wait()
		for _, e := range found {
			if e.Encode != nil {
				list = append(list, e)
			}
		}
		return list
	}
}

// find looks for the program; without Encode it is not here, or does not say what it is.
func (p encoderProgram) find(ctx context.Context) (e pictures.Encoder) {
	at, err := exec.LookPath(p.name)
	if err != nil {
		return e
	}
	ctx, cancel := context.WithTimeout(ctx, versionTime)
	defer cancel()
	version, err := command(ctx, at, p.version...).Output()
	if err != nil {
		return e
	}
	return pictures.Encoder{
		Name: p.name, Type: p.kind, Ext: p.ext, Print: fmt.Sprintf("%s %q %q %q", p.name, version, p.photo, p.drawing),
		Encode: func(ctx context.Context, picture []byte) ([]byte, error) { return p.encode(ctx, at, picture) },
	}
}

// command is a program that ends with its context, and is not waited for longer.
func command(ctx context.Context, at string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, at, args...)
	c.WaitDelay = time.Second
	return c
}

// encode runs the program on one picture, in a folder of its own: not every encoder reads from a pipe.
func (p encoderProgram) encode(ctx context.Context, at string, picture []byte) ([]byte, error) {
	args, ext := p.photo, ".jpg"
	if bytes.HasPrefix(picture, []byte("\x89PNG")) {
		args, ext = p.drawing, ".png"
	}
	if args == nil {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "postil-picture-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "in"+ext), filepath.Join(dir, "out"+p.ext)
	if err := os.WriteFile(in, picture, 0o600); err != nil {
		return nil, err
	}
	if err := runEncoder(ctx, at, named(args, in, out)); err != nil {
		return nil, err
	}
	info, err := os.Stat(out)
	if err != nil {
		return nil, errors.New("it wrote nothing")
	}
	if info.Size() > maxEncoded {
		return nil, fmt.Errorf("it wrote %d bytes", info.Size())
	}
	return os.ReadFile(out)
}

func named(args []string, in, out string) (list []string) {
	for _, a := range args {
		switch a {
		case "in":
			a = in
		case "out":
			a = out
		}
		list = append(list, a)
	}
	return list
}

// runEncoder runs a program within encodeTime. Its complaint, one line of it, is the error.
func runEncoder(ctx context.Context, at string, args []string) error {
	ctx, cancel := context.WithTimeout(ctx, encodeTime)
	defer cancel()
	c := command(ctx, at, args...)
	said, err := c.CombinedOutput()
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("it took longer than %s", encodeTime)
	}
	if err == nil {
		return nil
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	if line == "" {
		return err
	}
	line = strings.ReplaceAll(line, filepath.Dir(args[len(args)-1]), "…")
	return fmt.Errorf("%w: %.*s", err, maxComplaint, line)
}
