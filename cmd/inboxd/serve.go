package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/lmittmann/tint"
	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
)

// serveFlags are those of inboxd without a verb.
type serveFlags struct {
	listen       string
	dev, verbose bool
	logFormat    string
}

func (f *serveFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "", "address to listen on, in place of inboxd.listen")
	flags.BoolVar(&f.dev, "dev", false, "allow plain http and peers on this machine: for trying things out, never for a real blog")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "also log what other servers do wrong")
	flags.StringVar(&f.logFormat, "log", "text", "text or json")
}

// serve runs the daemon until a signal ends it, which is no failure.
func (a *app) serve(cmd *cobra.Command, f serveFlags) error {
	if f.logFormat != "text" && f.logFormat != "json" {
		return cli.Fail(cli.Usage, "--log is text or json, not %q", f.logFormat)
	}
	c, err := a.settings.Load()
	if err != nil {
		return err
	}
	log := logger(cmd.ErrOrStderr(), f)
	err = daemon.Run(cmd.Context(), c, daemon.Options{
		Dev: f.dev, Listen: f.listen, Version: cli.Version(), Log: log,
		Ready: func(at net.Addr) {
			log.Info("serving", "blog", c.Addresses().Home(), "listen", at.String(), "handle", handle(c.Federation.Enabled, c.Addresses().Acct()))
		},
	})
	var refusal daemon.Refusal
	if errors.As(err, &refusal) {
		return cli.Exit{Code: cli.Usage, Err: refusal}
	}
	if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
		return nil
	}
	return err
}

func handle(enabled bool, acct string) string {
	if !enabled {
		return "none: federation.enabled is false"
	}
	return "@" + acct
}

// logger writes for a person on a terminal and for journald elsewhere, which adds the time itself.
func logger(w io.Writer, f serveFlags) *slog.Logger {
	level := slog.LevelInfo
	if f.verbose {
		level = slog.LevelDebug
	}
	if f.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	if cli.Terminal(w) {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.TimeOnly, NoColor: !cli.Color(w)}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
