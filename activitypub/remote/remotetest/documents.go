package remotetest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// serveWebFinger answers acct: and the addresses of actors (RFC 7033).
func (s *Server) serveWebFinger(w http.ResponseWriter, r *http.Request) {
	a := s.fingered(r.URL.Query().Get("resource"))
	if a == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	writeJSON(w, "application/jrd+json; charset=utf-8", map[string]any{
		"subject": "acct:" + a.Handle(),
		"aliases": []string{a.URL(), a.ID()},
		"links": []any{
			map[string]any{"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": a.URL()},
			map[string]any{"rel": "self", "type": activitypub.ContentType, "href": a.ID()},
			map[string]any{"rel": "http://ostatus.org/schema/1.0/subscribe", "template": s.origin + "/authorize_interaction?uri={uri}"},
		},
	})
}

// fingered finds the account that a resource names.
func (s *Server) fingered(resource string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.accounts, func(a *Account) bool {
		return strings.EqualFold(resource, "acct:"+a.Handle()) || resource == a.ID() || resource == a.URL()
	})
	if i < 0 {
		return nil
	}
	return s.accounts[i]
}

func (s *Server) serveNodeInfoLinks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, "application/json", map[string]any{"links": []any{
		map[string]any{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": s.origin + "/nodeinfo/2.0"},
	}})
}

func (s *Server) serveNodeInfo(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	users := len(s.accounts)
	s.mu.Unlock()
	writeJSON(w, "application/json", map[string]any{
		"version": "2.0", "software": map[string]any{"name": "remotetest", "version": "1.0"},
		"protocols": []string{"activitypub"}, "services": map[string]any{"inbound": []any{}, "outbound": []any{}},
		"openRegistrations": false, "usage": map[string]any{"users": map[string]any{"total": users}}, "metadata": map[string]any{},
	})
}

// serveActor serves an account in Mastodon's shape, and sends browsers to its page.
func (s *Server) serveActor(w http.ResponseWriter, r *http.Request) {
	a, err := s.account(r.PathValue("user"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if wantsHTML(r) {
		http.Redirect(w, r, a.URL(), http.StatusFound)
		return
	}
	if !s.admitted(w, r) {
		return
	}
	doc, err := a.Document()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, activitypub.ContentType+"; charset=utf-8", doc)
}

// Document is the account's actor as the server serves it, for tests that change it and serve it elsewhere.
func (a *Account) Document() (map[string]any, error) {
	key, err := a.Key()
	if err != nil {
		return nil, err
	}
	pem, err := signature.PublicPEM(key.Private)
	if err != nil {
		return nil, err
	}
	id := a.ID()
	doc := map[string]any{
		"@context": actorContext, "id": id, "type": "Person", "following": id + "/following", "followers": id + "/followers",
		"inbox": id + "/inbox", "outbox": id + "/outbox", "featured": id + "/featured",
		"preferredUsername": a.user, "name": a.name, "summary": "<p>A pretend person.</p>", "url": a.URL(),
		"manuallyApprovesFollowers": false, "discoverable": true, "indexable": true, "published": a.since.Format("2006-01-02") + "T00:00:00Z",
		"publicKey": map[string]any{"id": key.ID, "owner": id, "publicKeyPem": pem},
		"tag":       []any{}, "attachment": []any{}, "endpoints": map[string]any{"sharedInbox": a.server.origin + "/inbox"},
		"icon": map[string]any{"type": "Image", "mediaType": "image/png", "url": id + "/avatar.png"},
	}
	a.otherSelves(doc)
	return doc, nil
}

var actorContext = []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1", map[string]any{
	"alsoKnownAs": map[string]any{"@id": "as:alsoKnownAs", "@type": "@id"}, "movedTo": map[string]any{"@id": "as:movedTo", "@type": "@id"},
	"manuallyApprovesFollowers": "as:manuallyApprovesFollowers", "toot": "http://joinmastodon.org/ns#",
	"featured": map[string]any{"@id": "toot:featured", "@type": "@id"}, "discoverable": "toot:discoverable", "indexable": "toot:indexable",
}}

// serveNote serves a note, or its Tombstone with 410, and sends browsers to its page.
func (s *Server) serveNote(w http.ResponseWriter, r *http.Request) {
	n := s.note(s.origin + strings.TrimSuffix(r.URL.Path, "/"))
	if n == nil {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	doc, gone := n.doc, n.gone
	s.mu.Unlock()
	if page, _ := doc["url"].(string); wantsHTML(r) && page != "" {
		http.Redirect(w, r, page, http.StatusFound)
		return
	}
	if !s.admitted(w, r) {
		return
	}
	if gone {
		w.Header().Set("Content-Type", activitypub.ContentType+"; charset=utf-8")
		w.WriteHeader(http.StatusGone)
	}
	writeJSON(w, activitypub.ContentType+"; charset=utf-8", doc)
}

func (s *Server) note(id string) *note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes[id]
}

// serveActivity serves an activity that was sent.
func (s *Server) serveActivity(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	sent, ok := s.sent[s.origin+r.URL.Path]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, activitypub.ContentType+"; charset=utf-8", sent.activity)
}

// serveReplies serves what this server knows as answers to a note, on one page.
func (s *Server) serveReplies(w http.ResponseWriter, r *http.Request) {
	id := s.origin + strings.TrimSuffix(r.URL.Path, "/replies")
	s.mu.Lock()
	items := []string{}
	for _, n := range s.notes {
		if !n.gone && n.doc["inReplyTo"] == id {
			items = append(items, n.doc["id"].(string))
		}
	}
	s.mu.Unlock()
	slices.Sort(items)
	doc := map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": id + "/replies", "type": "Collection",
		"first": map[string]any{"type": "CollectionPage", "partOf": id + "/replies", "items": items}}
	if r.URL.Query().Get("page") != "" {
		doc = map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": s.origin + r.URL.RequestURI(), "type": "CollectionPage",
			"partOf": id + "/replies", "items": items}
	}
	writeJSON(w, activitypub.ContentType+"; charset=utf-8", doc)
}

// serveCollection serves an account's collections by their size alone.
func (s *Server) serveCollection(w http.ResponseWriter, r *http.Request) {
	a, err := s.account(r.PathValue("user"))
	name := r.PathValue("collection")
	if err != nil || !slices.Contains([]string{"outbox", "followers", "following", "featured"}, name) {
		http.NotFound(w, r)
		return
	}
	total := 0
	if name == "following" {
		total = len(a.Following())
	}
	writeJSON(w, activitypub.ContentType+"; charset=utf-8", map[string]any{"@context": "https://www.w3.org/ns/activitystreams",
		"id": a.ID() + "/" + name, "type": "OrderedCollection", "totalItems": total})
}

// admitted answers 401 where the server is secure and the request is not signed.
func (s *Server) admitted(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	secure := s.secure
	s.mu.Unlock()
	if !secure {
		return true
	}
	if _, err := s.verify(r, nil); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return false
	}
	return true
}

// wantsHTML tells a browser from a server.
func wantsHTML(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "text/html") && !strings.Contains(accept, "activity+json") && !strings.Contains(accept, "ld+json")
}

func writeJSON(w http.ResponseWriter, contentType string, doc any) {
	w.Header().Set("Content-Type", contentType)
	// An error here is the reader's: it went away.
	_ = json.NewEncoder(w).Encode(doc)
}
