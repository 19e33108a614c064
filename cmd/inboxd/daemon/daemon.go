// Package daemon is inboxd without its flags: it puts the rooms together, serves, and stops in order. It is a package of its own
// so that the demo and the tests run the very wiring that a blog runs.
//
// What comes in is a checked site.Config; what goes out is an http.Server on inboxd.listen, the outbox's and the inbox's rounds,
// and an hourly upkeep of the store. It refuses to start (Refusal) where it could harm: on data in use, on a key that others can
// read, on addresses that no peer could reach and that could never be changed again.
package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// drain is how long requests under way may take once the daemon is told to stop.
const drain = 10 * time.Second

// upkeep is how often the store is looked after.
const upkeep = time.Hour

// Options of a daemon, besides the site's own settings.
type Options struct {
	// Dev permits plain http ids and peers on loopback. For tests and the demo alone.
	Dev bool
	// Listen, when set, is used in place of inboxd.listen; ":0" picks a free port.
	Listen string
	// Listener, when set, is served in place of listening. Run closes it.
	Listener net.Listener
	// Version is Postil's, as told to peers in User-Agent and NodeInfo.
	Version string
	Log     *slog.Logger
	// Ready is called once, when requests are answered, with the address listened on. May be nil.
	Ready func(net.Addr)
	// KeyCheck is how often the folder of the keys is looked at for new ones; by default ten seconds.
	KeyCheck time.Duration
}

// Refusal is why the daemon does not start, and what the owner can do about it. The program exits 2.
type Refusal struct{ Why, Do string }

// Error gives both sentences.
func (r Refusal) Error() string {
	if r.Do == "" {
		return r.Why
	}
	return r.Why + "\n  " + r.Do
}

// Run serves the blog until ctx ends, then stops in order: no new requests, those under way finish (at most 10 s), the rounds
// end, the store closes. It returns nil after such a stop, a Refusal if it did not start, and any other error when it failed.
func Run(ctx context.Context, c *site.Config, o Options) error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := check(c, o); err != nil {
		return err
	}
	s, err := open(ctx, c, o.Log)
	if err != nil {
		return err
	}
	err = run(ctx, c, o, s)
	if closing := s.Close(); closing != nil {
		err = errors.Join(err, fmt.Errorf("closing the store: %w", closing))
	}
	return err
}

// run is Run with the store open.
func run(ctx context.Context, c *site.Config, o Options, s *store.Store) error {
	first, err := furnish(ctx, c, o, s)
	if err != nil {
		return err
	}
	listener, err := listen(c, o)
	if err != nil {
		return err
	}
	return serve(ctx, listener, c, o, s, first)
}

// furnish puts the rooms together with the keys that there are now, and tells followers what changed of the actors since.
func furnish(ctx context.Context, c *site.Config, o Options, s *store.Store) (*rooms, error) {
	keys, seen, err := steadyKeys(c, o.Log)
	if err != nil {
		return nil, err
	}
	client, err := knowing(ctx, c, o, s, keys.instance)
	if err != nil {
		return nil, err
	}
	out := outbox.New(outbox.Options{Config: c, Store: s, Client: client, Keys: keys.signing, Retiring: keys.retiring, Proofs: keys.proofs, Log: o.Log})
	var in *inbox.Inbox
	desk, err := admin(c, s, out, func(w http.ResponseWriter, r *http.Request) { in.OwnersMedia(w, r) }, o.Log)
	if err != nil {
		return nil, err
	}
	in, err = inbox.New(inbox.Options{Config: c, Store: s, Client: client, Outbox: out, Keys: keys.signing, Multikeys: keys.multi, Log: o.Log, Version: o.Version, Admin: desk, Stopping: ctx.Done()})
	if err != nil {
		return nil, fmt.Errorf("preparing to serve: %w", err)
	}
	if err := announceKeys(ctx, c, s, out, in, keys); err != nil {
		return nil, err
	}
	if err := in.Introduce(ctx); errors.Is(err, inbox.ErrHandleTaken) {
		return nil, Refusal{err.Error(), "give the actor another handle in config.toml"}
	} else if err != nil {
		return nil, fmt.Errorf("introducing the blog's actors: %w", err)
	}
	return &rooms{in: in, out: out, client: client, seen: seen}, nil
}

// Client is the daemon's way out: what signs with the instance actor's key, and goes to public addresses only unless the settings
// open others. Tests of that wall take it from here, so that they test the very settings a blog runs with.
func Client(c *site.Config, o Options, instance signature.Key) *remote.Client {
	return client(c, o, instance, nil)
}

func client(c *site.Config, o Options, instance signature.Key, schemes []remote.HostScheme) *remote.Client {
	return remote.New(remote.Options{
		Schemes:       schemes,
		Key:           instance,
		UserAgent:     fmt.Sprintf("Postil/%s (+%s)", o.Version, c.Addresses().Home()),
		Dev:           o.Dev,
		AllowNetworks: c.AllowedNetworks(),
		Log:           o.Log,
	})
}

func listen(c *site.Config, o Options) (net.Listener, error) {
	if o.Listener != nil {
		return o.Listener, nil
	}
	address := cmp.Or(o.Listen, c.Inboxd.Listen)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, Refusal{fmt.Sprintf("cannot listen on %s: %v", address, err), "another address: inboxd --listen HOST:PORT, or inboxd.listen in config.toml"}
	}
	return listener, nil
}

// serve runs the server and the rounds until ctx ends or one of them fails.
func serve(ctx context.Context, listener net.Listener, c *site.Config, o Options, s *store.Store, first *rooms) error {
	var front atomic.Pointer[inbox.Inbox]
	front.Store(first.in)
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { front.Load().ServeHTTP(w, r) }), o.Log)
	rounds, end := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx: a request that drains may still queue something
	defer end()
	g, failed := errgroup.WithContext(rounds)
	g.Go(func() error { return live(rounds, failed, c, o, s, first, &front) })
	g.Go(func() error { return maintain(failed, s, o.Log) })
	g.Go(func() error {
		select {
		case err := <-s.Failed(): // what is answered from now on could not be kept
			return fmt.Errorf("the store failed: %w", err)
		case <-failed.Done():
			return nil
		}
	})
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		select {
		case <-ctx.Done():
			o.Log.Info("stopping: finishing what is under way")
		case <-failed.Done():
		}
		defer end()
		return shutdown(server, o.Log)
	})
	if o.Ready != nil {
		o.Ready(listener.Addr())
	}
	return g.Wait()
}

// newServer sets the limits that keep a slow or greedy client from holding the daemon.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return bounded(&http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // a peer's broken connection is not our error
	}, maxConnections)
}

// shutdown lets requests under way finish, and cuts off those that take longer than drain.
func shutdown(server *http.Server, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		log.Warn("cut off requests that did not finish", "after", drain)
		server.Close()
	}
	return nil
}

// ended makes nothing of a round's error once the rounds were told to end.
func ended(ctx context.Context, name string, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
