// Command demo shows the whole of Postil on one machine, with no network: a copy of the sample blog, published by the real
// publisher, served by the real daemon, and three pretend fediverse servers whose people follow it, read it and answer.
//
//	go run ./cmd/demo [--port N] [--keep] [--once]
//
// It is run in the checkout: the sample blog is found by going up from the working folder to the one with go.mod and content/.
// Signatures, WebFinger, queue and database are real; only the network is not, since all of it is plain http on loopback, which the
// daemon allows because it is told that this is no real blog. Everything lies in a temporary folder that goes when the demo ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // as in publish: the sample blog names a zone
)

// options are the demo's flags.
type options struct {
	port       int
	keep, once bool
}

func main() {
	var o options
	flag.IntVar(&o.port, "port", 4440, "port of the blog; the pretend servers take the ports 2, 3 and 4 above it; 0 picks free ones")
	flag.BoolVar(&o.keep, "keep", false, "leave the temporary folder when the demo ends")
	flag.BoolVar(&o.once, "once", false, "end as soon as all has happened")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := sample()
	if err == nil {
		err = demo(ctx, os.Stdout, root, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo runs with the blog in root until ctx ends (or, with once, until all has happened) and takes away what it made.
func demo(ctx context.Context, out io.Writer, root string, o options) (err error) {
	dir, err := os.MkdirTemp("", "postil-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if o.keep {
			fmt.Fprintln(out, "Kept       ", dir)
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	w, err := newWorld(ctx, root, dir, o.port)
	if err != nil {
		return err
	}
	return w.run(ctx, out, o.once)
}
