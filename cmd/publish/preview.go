package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// previewFlags are those of preview.
type previewFlags struct {
	port                      int
	drafts, future, lan, open bool
	comments                  string
}

func (a *app) previewCommand() *cobra.Command {
	var f previewFlags
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "show the blog at a local address, anew after each save",
		Long: `Builds the blog, drafts and scheduled posts included, into a temporary folder (in memory where the system has one there) and shows it on
this machine alone; --lan lets telephones of your network see it. Pages load again after each save. A fault is shown over the last
good page, in the words of the terminal. The key f shows how the post looks on Mastodon, and back. Nothing is published; public/
is not touched.

Under each post stand sample comments, of each kind that a theme has to cope with. --comments=live asks inboxd for the true ones,
--comments=none shows none.`,
		Example: `publish preview
publish preview --open --comments=none
publish preview --drafts=false     as readers would see it`,
		SuggestFor: []string{"serve", "server", "watch", "dev", "start"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			if !slices.Contains(commentKinds, f.comments) {
				return cli.Fail(cli.Usage, "--comments is %s, not %q", strings.Join(commentKinds, ", "), f.comments)
			}
			return preview(cmd, c, f)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.port, "port", 4000, "port to listen on; 0 picks a free one")
	flags.BoolVar(&f.drafts, "drafts", true, "show drafts")
	flags.BoolVar(&f.future, "future", true, "show scheduled posts")
	flags.StringVar(&f.comments, "comments", "fixtures", strings.Join(commentKinds, ", "))
	flags.BoolVar(&f.lan, "lan", false, "let other machines of the network see it, drafts included; draws a QR code for telephones")
	flags.BoolVar(&f.open, "open", false, "open it in the browser")
	complete(cmd, "comments", commentKinds...)
	return cmd
}

// quiet is how long a preview waits for an editor to be done with a save.
const quiet = 10 * time.Millisecond

// preview serves until the command is interrupted, which is its ordinary end.
func preview(cmd *cobra.Command, c *site.Config, f previewFlags) error {
	dir, err := os.MkdirTemp(memoryFolder(), "postil-preview-")
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	defer os.RemoveAll(dir)
	host, bound, err := previewHost(f.lan)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(bound, strconv.Itoa(f.port)))
	if err != nil {
		return cli.Fail(cli.Usage, "cannot listen on port %d: %v\n  another one: publish preview --port 0", f.port, err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	o := publisher.Options{Drafts: f.drafts, Future: f.future, Announce: true, Withdraw: true, Output: dir, Settle: quiet, Progress: sparing(func(string, int, int) {}), Encoders: encoders(cmd.Context())}
	o.Config = previewConfig(c, net.JoinHostPort(host, port))
	o.Thread = threads(cmd, c, f.comments)
	p := &previewer{dir: dir, base: o.Config.Addresses().BasePath(), host: host, site: c, changed: make(chan struct{})}
	fmt.Fprintf(cmd.OutOrStdout(), "Preview    %s     (Ctrl-C ends it)\n", o.Config.Addresses().Home())
	if f.lan {
		tellTelephones(cmd.ErrOrStderr(), o.Config.Addresses().Home())
	}
	if f.open {
		if err := openBrowser(cmd, o.Config.Addresses().Home()); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "The browser was not opened: %v\n", err)
		}
	}
	return p.run(cmd, listener, o)
}

// tellTelephones draws the address for a camera, and says who else can read it. Where it is too long for a code it was printed anyway.
func tellTelephones(w io.Writer, home string) {
	if code, err := qrCode(home, cli.Color(w)); err == nil {
		fmt.Fprint(w, code)
	}
	fmt.Fprintln(w, "           everybody in this network can read it, drafts included")
}

// memoryFolder is a folder that lies in memory, "" for the system's folder of temporary files where there is none.
func memoryFolder() string {
	const shared = "/dev/shm" // Linux
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		if f, err := os.CreateTemp(shared, "postil-"); err == nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			return shared
		}
	}
	return ""
}

// previewHost is the host in the preview's address, and the address to listen on: this machine's own, or that of its network.
func previewHost(lan bool) (host, bound string, err error) {
	if !lan {
		return "127.0.0.1", "127.0.0.1", nil
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", "", err
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsPrivate() {
			return n.IP.String(), "0.0.0.0", nil
		}
	}
	return "", "", cli.Fail(cli.Failed, "this machine has no address in a local network")
}

// openBrowser opens an address with $BROWSER, else as the system does.
func openBrowser(cmd *cobra.Command, address string) error {
	program := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		program = []string{"open"}
	case "windows":
		program = []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if own := strings.Fields(os.Getenv("BROWSER")); len(own) > 0 {
		program = own
	}
	e := exec.Command(program[0], append(program[1:], address)...)
	if err := e.Start(); err != nil {
		return err
	}
	go func() { _ = e.Wait() }()
	return nil
}

// previewConfig is the site at the preview's address: a link must not lead to the published blog.
func previewConfig(c *site.Config, at string) *site.Config {
	local := *c
	local.Site.URL = "http://" + at + c.Addresses().BasePath()
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
