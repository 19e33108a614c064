package daemon

import (
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
)

// Overlap is for how long a replaced key stays in its actor's document.
const Overlap = 7 * 24 * time.Hour

// ring is what one actor signs with. A key file's number is part of its id: actor.pem is #main-key, actor.2.pem is #main-key-2.
type ring struct {
	newest signature.Key
	proof  signature.Key // Ed25519
	old    signature.Key // no Private: nothing is being replaced
	multi  []activitypub.Multikey
}

// keyring is the keys of all our actors.
type keyring struct {
	signing  map[string]signature.Key          // by actor id: the newest
	retiring map[string]signature.Key          // the ones before, of actors whose key is being replaced
	proofs   map[string]signature.Key          // the newest Ed25519 key, which the actor lists as assertionMethod from the start
	multi    map[string][]activitypub.Multikey // what the actors list as assertionMethod
	instance signature.Key
}

// keyName is the name that the key files of an actor begin with.
func keyName(actor site.Actor) string {
	if actor.Author != "" {
		return "author-" + actor.Author
	}
	return "actor"
}

const instanceName = "instance"

// keys gives the keys of all actors, and that of the instance actor, which signs fetches. Missing ones are made, and those whose
// overlap is over are put away.
func keys(c *site.Config, now time.Time, log *slog.Logger) (keyring, error) {
	a, dir := c.Addresses(), c.Path(c.Inboxd.Data)
	k := keyring{signing: map[string]signature.Key{}, retiring: map[string]signature.Key{}, proofs: map[string]signature.Key{}, multi: map[string][]activitypub.Multikey{}}
	add := func(id, name string) error {
		r, err := ringOf(dir, name, id, a, now, log)
		k.signing[id], k.proofs[id], k.multi[id] = r.newest, r.proof, r.multi
		if r.old.Private != nil {
			k.retiring[id] = r.old
		}
		return err
	}
	for _, actor := range c.Actors() {
		if err := add(actor.ID, keyName(actor)); err != nil {
			return k, err
		}
	}
	if err := add(a.Instance(), instanceName); err != nil {
		return k, err
	}
	k.instance = k.signing[a.Instance()]
	return k, nil
}

// ProofKeys gives the keys that our actors prove their activities with (FEP-8b32), by actor id, as far as they are there: for the verbs that
// queue something beside a daemon, which makes the missing ones when it starts.
func ProofKeys(c *site.Config) map[string]signature.Key {
	a, keys := c.Addresses(), map[string]signature.Key{}
	for _, actor := range c.Actors() {
		base := filepath.Join(c.Path(c.Inboxd.Data), keyName(actor)+"-ed25519")
		n := signature.Newest(base)
		if private, err := signature.ReadKey(signature.Numbered(base, ".", n) + ".pem"); err == nil {
			keys[actor.ID] = signature.Key{ID: signature.Numbered(a.EdKeyOf(actor.ID), "-", n), Private: private}
		}
	}
	return keys
}

func ringOf(dir, name, actor string, a site.Addresses, now time.Time, log *slog.Logger) (r ring, err error) {
	r.newest, r.old, err = pair(filepath.Join(dir, name), a.KeyOf(actor), signature.CreateKey, now, log)
	if err != nil {
		return r, err
	}
	newest, old, err := pair(filepath.Join(dir, name+"-ed25519"), a.EdKeyOf(actor), signature.CreateEd25519Key, now, log)
	if err != nil {
		return r, err
	}
	r.proof = newest
	for i, k := range []signature.Key{newest, old, r.old} {
		if k.Private == nil {
			continue
		}
		var until time.Time
		if i > 0 {
			if until, err = overlapEnd(filepath.Join(dir, name)); err != nil {
				return r, err
			}
		}
		text, err := signature.Multikey(k.Private.Public())
		if err != nil {
			return r, fmt.Errorf("writing the key %s: %w", k.ID, err)
		}
		r.multi = append(r.multi, activitypub.Multikey{ID: k.ID, Type: "Multikey", Controller: actor, PublicKeyMultibase: text, Until: until})
	}
	return r, nil
}

// pair reads the newest key of one kind and, while they overlap, the one before. base is the files' path without ".pem".
func pair(base, id string, create func(string) (crypto.Signer, error), now time.Time, log *slog.Logger) (newest, old signature.Key, err error) {
	n := signature.Newest(base)
	if newest, err = key(signature.Numbered(base, ".", n)+".pem", signature.Numbered(id, "-", n), create, log); err != nil || n == 1 {
		return newest, old, err
	}
	before := signature.Numbered(base, ".", n-1) + ".pem"
	since, err := os.Stat(signature.Numbered(base, ".", n) + ".pem")
	if err != nil {
		return newest, old, fmt.Errorf("reading a key: %w", err)
	}
	if _, err := os.Stat(before); errors.Is(err, fs.ErrNotExist) {
		return newest, old, nil
	}
	if now.Sub(since.ModTime()) >= Overlap {
		if err := os.Rename(before, before+".old-"+now.UTC().Format(time.DateOnly)); err != nil {
			return newest, old, fmt.Errorf("putting a replaced key away: %w", err)
		}
		log.Info("put a replaced key away", "file", before)
		return newest, old, nil
	}
	old, err = key(before, signature.Numbered(id, "-", n-1), create, log)
	return newest, old, err
}

// overlapEnd is when the key before the newest is no longer listed: the newest key's file tells since when it is there.
func overlapEnd(base string) (time.Time, error) {
	info, err := os.Stat(signature.Numbered(base, ".", signature.Newest(base)) + ".pem")
	if err != nil {
		return time.Time{}, fmt.Errorf("reading a key: %w", err)
	}
	return info.ModTime().Add(Overlap), nil
}

func key(file, id string, create func(string) (crypto.Signer, error), log *slog.Logger) (signature.Key, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		private, err := create(file)
		if err != nil {
			return signature.Key{}, fmt.Errorf("making a key: %w", err)
		}
		log.Info("made a key; keep it with your backups", "file", file)
		return signature.Key{ID: id, Private: private}, nil
	}
	if err != nil {
		return signature.Key{}, fmt.Errorf("reading a key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return signature.Key{}, Refusal{fmt.Sprintf("others can read the key %s (mode %#o)", file, info.Mode().Perm()), "chmod 600 " + file}
	}
	private, err := signature.ReadKey(file)
	if err != nil {
		return signature.Key{}, Refusal{err.Error(), "restore this file from a backup: followers know the blog by it"}
	}
	return signature.Key{ID: id, Private: private}, nil
}

// Rotation is the replacing of an actor's keys: the files there are and the ones to be made.
type Rotation struct {
	Actor string   // id
	Files []string // to be made
}

// ErrRotating is what Rotate gives while the last replacing is not over.
var ErrRotating = errors.New("the key was replaced less than seven days ago; the one before is still listed")

// ErrNoActor is what Rotate gives for a name that nobody here has.
var ErrNoActor = errors.New("neither an author with an account here nor \"instance\"")

// Rotate makes the next keys of an actor: name is "" for the blog, "instance", or the NAME of an author. With dry it makes nothing. The
// daemon takes them up when it starts again. Keys that it never made cannot be replaced.
func Rotate(c *site.Config, name string, dry bool) (Rotation, error) {
	actor, base, err := actorNamed(c, name)
	if err != nil {
		return Rotation{}, err
	}
	r := Rotation{Actor: actor}
	creators := []func(string) (crypto.Signer, error){signature.CreateKey, signature.CreateEd25519Key}
	for _, kind := range []string{"", "-ed25519"} {
		at := filepath.Join(c.Path(c.Inboxd.Data), base+kind)
		n := signature.Newest(at)
		if _, err := os.Stat(signature.Numbered(at, ".", n) + ".pem"); err != nil {
			return r, fmt.Errorf("there is no key to replace yet: %w", err)
		}
		if n > 1 {
			if _, err := os.Stat(signature.Numbered(at, ".", n-1) + ".pem"); err == nil {
				return r, ErrRotating
			}
		}
		r.Files = append(r.Files, signature.Numbered(at, ".", n+1)+".pem")
	}
	for i, file := range r.Files {
		if dry {
			continue
		}
		if _, err := creators[i](file); err != nil {
			return r, err
		}
	}
	return r, nil
}

func actorNamed(c *site.Config, name string) (id, base string, err error) {
	if name == instanceName {
		return c.Addresses().Instance(), instanceName, nil
	}
	for _, actor := range c.Actors() {
		if actor.Author == name {
			return actor.ID, keyName(actor), nil
		}
	}
	return "", "", fmt.Errorf("%q: %w", name, ErrNoActor)
}
