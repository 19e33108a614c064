package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postil-blog/postil/store"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"inboxd": main})
}

// TestScripts runs the command as a person does; each file of testdata/script is one story.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each command waits a second before it ends, under the race detector
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":      code,
			"newer":     newer,
			"poll":      poll,
			"reply":     reply,
			"flag":      flag,
			"mentioned": mentioned,
			"quote":     quote,
			"tell":      tell,
			"term":      term,
		},
	})
}

// code runs a command and compares its exit code: code 2 inboxd.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [args]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		got = strconv.Itoa(e.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// newer makes a SQLite file look as if a later version had written it: its user_version stands in the bytes 60 to 63.
func newer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: newer FILE")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	defer f.Close()
	_, err = f.WriteAt([]byte{0, 0, 3, 0xe7}, 60)
	ts.Check(err)
}

// quote lets somebody quote a post, as the inbox would, beside a running daemon: quote DATABASE POST ID allowed, or listed.
func quote(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: quote DATABASE POST ID allowed|listed")
	}
	ctx, ada, now := context.Background(), "https://social.example/users/ada", time.Now()
	s, err := store.OpenBeside(ctx, ts.MkAbs(args[0]))
	ts.Check(err)
	defer s.Close()
	ts.Check(s.Write(ctx, func(tx *store.Tx) error {
		a := store.Actor{ID: ada, Type: "Person", Handle: "ada@social.example", URL: ada, Inbox: ada + "/inbox", Fetched: now}
		if err := tx.PutActor(ctx, a); err != nil {
			return err
		}
		c := store.Comment{ID: args[2], Kind: store.Quote, Post: args[1], Parent: args[1], Actor: ada, URL: args[2] + "/page", Published: now, Received: now, State: store.Shown}
		if err := tx.PutComment(ctx, c); err != nil || args[3] == "listed" {
			return err
		}
		_, err := tx.AuthorizeQuote(ctx, store.QuoteAuthorization{Key: "stamp", Post: args[1], Quote: args[2], Actor: ada, Inbox: a.Inbox, Granted: now})
		return err
	}))
}

// poll runs a command until it succeeds, for at most 20 seconds: what runs in the background has no other sign of being ready.
func poll(ts *testscript.TestScript, neg bool, args []string) {
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v never succeeded: %v", args, err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// term sends SIGTERM to what runs in the background; testscript's own kill knows only INT and KILL.
func term(ts *testscript.TestScript, neg bool, args []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// beside opens the store that a running daemon has.
func beside(ts *testscript.TestScript, f func(ctx context.Context, tx *store.Tx) error) {
	ctx := context.Background()
	s, err := store.OpenBeside(ctx, ts.MkAbs("data/postil.db"))
	ts.Check(err)
	ts.Check(errors.Join(s.Write(ctx, func(tx *store.Tx) error { return f(ctx, tx) }), s.Close()))
}

// reply makes an actor answer a post, as if it had arrived: reply ACTOR.
func reply(ts *testscript.TestScript, neg bool, args []string) {
	beside(ts, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutComment(ctx, store.Comment{ID: args[0] + "/1", Kind: store.Reply, Post: "p", Parent: "p", Actor: args[0], State: store.Shown,
			Published: time.Now(), Received: time.Now()})
	})
}

// flag makes a server report something: flag KEY OBJECT.
func flag(ts *testscript.TestScript, neg bool, args []string) {
	beside(ts, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddReport(ctx, store.Report{Key: args[0], Actor: "https://other.example/actor", Who: "other.example", Server: "other.example",
			Text: "rude\x1b[31m words\nand more", Objects: args[1:], Dropped: 1, At: time.Now()})
	})
}

// mentioned notes what became of telling a page of a post, as a round would: mentioned POST PAGE STATUS [ERROR].
func mentioned(ts *testscript.TestScript, neg bool, args []string) {
	status, err := strconv.Atoi(args[2])
	ts.Check(err)
	m := store.Mentioned{Post: "https://notes.invalid/ap/posts/" + args[0], Target: args[1], Status: status, Told: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	if status != 0 {
		m.Endpoint = args[1] + "/endpoint"
	}
	if len(args) > 3 {
		m.Error = args[3]
	}
	beside(ts, func(ctx context.Context, tx *store.Tx) error {
		a := store.Article{ID: m.Post, URL: "https://notes.invalid/posts/" + args[0] + "/", JSON: []byte("{}"), Published: m.Told, Revision: 1, Announced: true}
		return errors.Join(tx.PutArticle(ctx, a), tx.PutMentioned(ctx, m))
	})
}

// tell notes a Create in the ledger, as a round would: tell POST HOUR STATE, the round having begun at that hour of a day to come.
func tell(ts *testscript.TestScript, neg bool, args []string) {
	hour, err := strconv.Atoi(args[1])
	ts.Check(err)
	at := time.Date(2100, 1, 1, hour, 0, 0, 0, time.UTC)
	beside(ts, func(ctx context.Context, tx *store.Tx) error {
		create := store.Activity{ID: args[0] + "-create", Type: "Create", Object: args[0], Actor: "https://notes.example/ap/actor", At: at, JSON: []byte("{}")}
		if err := tx.AddActivity(ctx, create); err != nil {
			return err
		}
		inbox := "https://social.example/inbox"
		if err := tx.AddDeliveries(ctx, create, []string{inbox}, time.Time{}); err != nil {
			return err
		}
		if args[2] == "delivered" {
			d := store.Delivery{Activity: create.ID, Object: args[0], Type: "Create", Inbox: inbox}
			if _, err := tx.RecordAttempt(ctx, d, store.Attempt{State: store.Delivered, At: at}); err != nil {
				return err
			}
		}
		return tx.PutArticle(ctx, store.Article{ID: args[0], URL: args[0], SHA256: "sum", JSON: []byte("{}"), Published: at, Revision: 1, Announced: true, Told: at})
	})
}
