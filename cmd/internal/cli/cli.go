// Package cli is what the commands publish and inboxd have in common: exit codes, how a fault is told, how settings are found,
// and the manners of their help. It knows no verb.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/site"
)

// The exit codes of both programs.
const (
	OK           = 0
	Failed       = 1   // something went wrong that is not one of the below
	Usage        = 2   // the command line, config.toml or the data folder
	Content      = 3   // the content has errors
	NotConnected = 4   // the daemon did not accept us
	Partly       = 5   // sent in part; the queue keeps trying
	Interrupted  = 130 // by Ctrl-C
)

// Exit is an error with the code that the program ends with. An Err of nil says nothing more than was printed.
type Exit struct {
	Code int
	Err  error
}

// Error is the text of Err.
func (e Exit) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

// Unwrap gives Err.
func (e Exit) Unwrap() error { return e.Err }

// Fail is an Exit with a message.
func Fail(code int, format string, args ...any) error {
	return Exit{code, fmt.Errorf(format, args...)}
}

// Run executes a program's root command until it ends or is interrupted, prints its error on stderr, and gives the exit code.
// SIGINT and SIGTERM end the command's context; a second signal ends the process at once.
// faults prints the faults of config.toml.
func Run(root *cobra.Command, faults func(io.Writer, site.Diagnostics, bool) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	Manners(root)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return OK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return Interrupted
	}
	var ds site.Diagnostics
	if errors.As(err, &ds) {
		if err := faults(cmd.ErrOrStderr(), ds, Color(cmd.ErrOrStderr())); err != nil {
			return Failed
		}
		return Usage
	}
	return report(cmd, cmd.ErrOrStderr(), err)
}

// report tells an error once and gives its code.
func report(cmd *cobra.Command, w io.Writer, err error) int {
	var exit Exit
	switch {
	case errors.As(err, &exit):
		if exit.Err != nil {
			fmt.Fprintln(w, exit.Err)
		}
		return exit.Code
	case errors.Is(err, site.ErrNoSite):
		fmt.Fprintf(w, "%v\n  make a site here: publish init\n", err)
		return Usage
	case usage(err):
		fmt.Fprintf(w, "%s   %s --help\n", upper(err.Error()), cmd.CommandPath())
		return Usage
	}
	fmt.Fprintln(w, err)
	return Failed
}

// usage tells whether cobra refused the command line itself. Its errors are texts, not types.
func usage(err error) bool {
	for _, begin := range []string{"unknown ", "accepts ", "requires ", "required flag", "invalid argument", "flag needs", "bad flag", "if any flags", "Unknown "} {
		if strings.HasPrefix(err.Error(), begin) {
			return true
		}
	}
	return false
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// version is set by the linker in released binaries: -X …/cmd/internal/cli.version=1.2.3.
var version = "1.0.0"

// Version is Postil's version, with the revision it was built from where that is known.
func Version() string { return version }

// Build describes the binary for "version": version, revision, Go and platform.
func Build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Version()
	}
	s := Version()
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			s += " " + setting.Value[:12]
		}
	}
	return s + " " + info.GoVersion
}
