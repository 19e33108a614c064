package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

func (a *app) previewCommand() *cobra.Command {
	var port int
	var drafts, future bool
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "show the blog at a local address, anew after each save",
		Long: `Builds the blog, drafts and scheduled posts included, into a temporary folder and shows it on this machine alone.
Pages load again after each save. A fault is shown over the last good page, in the words of the terminal.
Nothing is published; public/ is not touched.`,
		Example: `publish preview
publish preview --port 8000
publish preview --drafts=false     as readers would see it`,
		SuggestFor: []string{"serve", "server", "watch", "dev", "start"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			return preview(cmd, c, port, publisher.Options{Drafts: drafts, Future: future, Announce: true, Withdraw: true})
		},
	}
	cmd.Flags().IntVar(&port, "port", 4000, "port to listen on; 0 picks a free one")
	cmd.Flags().BoolVar(&drafts, "drafts", true, "show drafts")
	cmd.Flags().BoolVar(&future, "future", true, "show scheduled posts")
	return cmd
}

// preview serves until the command is interrupted, which is its ordinary end.
func preview(cmd *cobra.Command, c *site.Config, port int, o publisher.Options) error {
	dir, err := os.MkdirTemp("", "postil-preview-")
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	defer os.RemoveAll(dir)
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return cli.Fail(cli.Usage, "cannot listen on port %d: %v\n  another one: publish preview --port 0", port, err)
	}
	o.Config, o.Output = previewConfig(c, listener.Addr()), dir
	p := &previewer{dir: dir, base: o.Config.Addresses().BasePath(), changed: make(chan struct{})}
	fmt.Fprintf(cmd.OutOrStdout(), "Preview    %s     (Ctrl-C ends it)\n", o.Config.Addresses().Home())
	return p.run(cmd, listener, o)
}

// previewConfig is the site at the preview's address: a link must not lead to the published blog.
func previewConfig(c *site.Config, at net.Addr) *site.Config {
	local := *c
	local.Site.URL = "http://" + at.String() + c.Addresses().BasePath()
	return &local
}

// run serves and watches until the context ends.
func (p *previewer) run(cmd *cobra.Command, listener net.Listener, o publisher.Options) error {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := publisher.Watch(ctx, o, func(r publisher.Report, err error) { p.built(cmd, r, err) })
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		return server.Close() // a page that listens for changes never ends by itself
	})
	return g.Wait()
}

// built tells the terminal and the open pages how a run ended.
func (p *previewer) built(cmd *cobra.Command, r publisher.Report, err error) {
	var faults site.Diagnostics
	switch {
	case errors.As(err, &faults):
		publisher.WriteDiagnostics(cmd.ErrOrStderr(), faults, cli.Color(cmd.ErrOrStderr()))
		fmt.Fprintf(cmd.ErrOrStderr(), "%s. The last good page stays.\n", countFaults(faults))
	case err != nil:
		fmt.Fprintln(cmd.ErrOrStderr(), err)
	default:
		publisher.WriteDiagnostics(cmd.ErrOrStderr(), r.Diagnostics, cli.Color(cmd.ErrOrStderr()))
		fmt.Fprintf(cmd.ErrOrStderr(), "Built      %s changed, %s\n", cli.Count(r.Changed, "page"), elapsed(r.Elapsed))
	}
	p.set(err)
}
