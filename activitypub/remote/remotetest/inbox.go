package remotetest

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// remoteKey is a public key of another server, with whose it is.
type remoteKey struct {
	public crypto.PublicKey
	owner  string
}

// serveInbox takes an activity that its actor signed.
func (s *Server) serveInbox(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.failing
	s.mu.Unlock()
	if f.status != 0 {
		if f.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(f.retryAfter.Seconds())))
		}
		http.Error(w, "failing on demand", f.status)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, activitypub.MaxDocument))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	activity, err := activitypub.Read(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.authenticate(r, body, activity); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	s.update(func() {
		s.received = append(s.received, activity)
		s.keep(activity)
	})
	s.answerMove(r.Context(), activity)
	if err := s.answerFollow(r.Context(), activity); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// authenticate checks that the activity's actor signed the request. A key may have been changed since it was fetched, so a bad
// signature is tried once more with a fresh one.
func (s *Server) authenticate(r *http.Request, body []byte, activity *activitypub.Object) error {
	v, err := s.verify(r, body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	owner := s.keys[v.KeyID].owner
	s.mu.Unlock()
	if activity.Actor == nil || activity.Actor.ID != owner {
		return fmt.Errorf("signed by %s, which is not the actor", owner)
	}
	return nil
}

func (s *Server) verify(r *http.Request, body []byte) (signature.Verified, error) {
	v, err := s.verifier.Verify(r, body)
	if errors.Is(err, signature.ErrSignature) {
		id, idErr := signature.KeyID(r)
		s.mu.Lock()
		_, cached := s.keys[id]
		delete(s.keys, id)
		s.mu.Unlock()
		if idErr == nil && cached {
			v, err = s.verifier.Verify(r, body)
		}
	}
	if err != nil {
		return v, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.accepts, v.Scheme) {
		return v, errors.New("this server does not understand that signature")
	}
	return v, nil
}

// publicKey finds the key of another server's actor, fetching it where it is not known.
func (s *Server) publicKey(ctx context.Context, keyID string) (crypto.PublicKey, error) {
	s.mu.Lock()
	k, ok := s.keys[keyID]
	s.mu.Unlock()
	if ok {
		return k.public, nil
	}
	document, _, _ := strings.Cut(keyID, "#")
	body, err := s.fetch(ctx, s.first(), document, activitypub.AcceptType)
	if err != nil {
		return nil, err
	}
	actor, err := activitypub.Read(body)
	if err != nil {
		return nil, err
	}
	if k, err = listedKey(actor, keyID); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[keyID] = k
	return k.public, nil
}

// learn keeps the keys of an actor that was fetched, as servers do with every actor they get to know: a Delete can be verified when the
// actor itself is gone.
func (s *Server) learn(actor *activitypub.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, listed := range actor.PublicKey {
		if k, err := listedKey(actor, listed.ID); err == nil {
			s.keys[listed.ID] = k
		}
	}
}

// first is the account that signs what the server itself fetches, nil where there is none.
func (s *Server) first() *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.accounts) == 0 {
		return nil
	}
	return s.accounts[0]
}

func listedKey(actor *activitypub.Object, keyID string) (remoteKey, error) {
	if !activitypub.SameOrigin(actor.ID, keyID) {
		return remoteKey{}, fmt.Errorf("the key %s leads to %s", keyID, actor.ID)
	}
	for _, k := range actor.PublicKey {
		if k.ID == keyID && k.Owner == actor.ID {
			if k.PEM == "" {
				public, err := signature.ParseMultikey(k.Multibase)
				return remoteKey{public, actor.ID}, err
			}
			public, err := signature.ParsePublicKey(k.PEM)
			return remoteKey{public, actor.ID}, err
		}
	}
	return remoteKey{}, fmt.Errorf("%s does not list the key %s", actor.ID, keyID)
}
