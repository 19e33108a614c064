// Command mutants takes one protection at a time out of the tree and demands that a named test goes red.
//
// A mutant is a block of a table (table.go): what to change, and which test must notice. Nothing in the tree is touched: the changed
// file is laid over the true one when the test is built (go build -overlay), so the product needs no seams, switches or build tags
// for its own tests. A mutant is killed when its test compiles, runs and fails by an assertion; it is broken when the text
// to change is not there exactly once, when the change does not compile, or when the test panics, hangs, does not run or fails without it.
//
//	go run -C tools ./mutants -dir .. [-run regexp] [-part 1/3]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

func main() {
	dir := flag.String("dir", ".", "the module's folder")
	table := flag.String("table", "tools/mutants/mutants.txt", "the table of mutants, seen from the module's folder")
	only := flag.String("run", "", "run only mutants whose name matches this regular expression")
	part := flag.String("part", "1/1", "run only the first, second … of so many parts, each a like mixture of the table")
	atOnce := flag.Int("parallel", 2, "mutants tried at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dir, *table, *only, *part, *atOnce); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		stop()
		os.Exit(1)
	}
}

// run tries the mutants of a table and writes a line for each. The error says that not all of them were killed.
func run(ctx context.Context, w io.Writer, dir, table, only, part string, atOnce int) error {
	list, err := choose(filepath.Join(dir, table), only, part)
	if err != nil {
		return err
	}
	l, err := newLab(dir)
	if err != nil {
		return err
	}
	defer l.close()
	begun := time.Now()
	var left []string
	for r := range tryAll(ctx, l, list, atOnce) {
		r.print(w)
		if r.verdict != dead {
			left = append(left, fmt.Sprintf("%s (%s)", r.name, strings.ToLower(string(r.verdict))))
		}
	}
	fmt.Fprintf(w, "mutants: %d of %d killed in %.0f s\n", len(list)-len(left), len(list), time.Since(begun).Seconds())
	if len(left) > 0 {
		return fmt.Errorf("not killed: %s", strings.Join(left, ", "))
	}
	return ctx.Err()
}

// choose reads a table and keeps the mutants whose name matches, and of them each one that is of the part: of "2/3" the second, the fifth …
func choose(table, only, part string) ([]mutant, error) {
	all, err := readTable(table)
	if err != nil {
		return nil, err
	}
	name, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	var at, of int
	if n, err := fmt.Sscanf(part, "%d/%d", &at, &of); n != 2 || err != nil || at < 1 || at > of {
		return nil, fmt.Errorf("no part of the table is called %q: 1/3 is the first of three", part)
	}
	var list []mutant
	matching := 0
	for _, m := range all {
		if !name.MatchString(m.name) {
			continue
		}
		if matching++; matching%of == at%of {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no mutant of %s is called %q", table, only)
	}
	return list, nil
}

// tryAll tries mutants, so many at once, and sends each result when it is known.
func tryAll(ctx context.Context, l *lab, list []mutant, atOnce int) <-chan result {
	todo, results := make(chan mutant), make(chan result)
	var workers sync.WaitGroup
	for range max(1, atOnce) {
		workers.Go(func() {
			for m := range todo {
				results <- l.try(ctx, m)
			}
		})
	}
	go func() {
		for _, m := range list {
			todo <- m
		}
		close(todo)
		workers.Wait()
		close(results)
	}()
	return results
}
