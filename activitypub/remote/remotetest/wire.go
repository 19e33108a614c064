package remotetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// newClient makes the server's own HTTP client. Names below localhost lead to this machine, as in a browser.
func (s *Server) newClient() *http.Client {
	d := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, hostport string) (net.Conn, error) {
			if s.DialHost != nil {
				hostport = s.DialHost(hostport)
			}
			if host, port, err := net.SplitHostPort(hostport); err == nil && isLocal(host) {
				hostport = net.JoinHostPort("127.0.0.1", port)
			}
			return d.DialContext(ctx, network, hostport)
		},
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     10 * time.Second,
	}}
}

// Close lets go of idle connections.
func (s *Server) Close() { s.client.CloseIdleConnections() }

func isLocal(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }

// alternate finds the address of an HTML page's ActivityPub twin, as servers do when somebody pastes the page's address.
var alternate = regexp.MustCompile(`<link rel="?alternate"? type="?application/activity\+json"? href="?([^" >]+)`)

// get fetches a document signed as the account: by its id, or by the address of a page that names it.
func (a *Account) get(ctx context.Context, id string) (*activitypub.Object, error) {
	body, err := a.server.fetch(ctx, a, id, activitypub.AcceptType+", text/html;q=0.1")
	if err != nil {
		return nil, err
	}
	if m := alternate.FindSubmatch(body); m != nil && body[0] == '<' {
		if body, err = a.server.fetch(ctx, a, html.UnescapeString(string(m[1])), activitypub.AcceptType); err != nil {
			return nil, err
		}
	}
	o, err := activitypub.Read(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	a.server.learn(o)
	return o, nil
}

// fetch gets the body of an address, signed as the account if there is one.
func (s *Server) fetch(ctx context.Context, as *Account, address, accept string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("User-Agent", userAgent)
	if as != nil {
		if err := as.sign(r, nil); err != nil {
			return nil, err
		}
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, activitypub.MaxDocument+1))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s: %.200s", address, resp.Status, body)
	}
	return body, nil
}

const userAgent = "remotetest/1.0 (a pretend fediverse server)"

// Post sends any document to an inbox signed as the account, and gives the answer's status and body. doc is JSON where it is
// []byte, json.RawMessage or string, and is made into JSON otherwise.
func (a *Account) Post(ctx context.Context, inbox string, doc any) (status int, body string, err error) {
	data, err := encode(doc)
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, inbox, bytes.NewReader(data))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", activitypub.ContentType)
	r.Header.Set("User-Agent", userAgent)
	if err := a.sign(r, data); err != nil {
		return 0, "", err
	}
	resp, err := a.server.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, string(text), err
}

func encode(doc any) ([]byte, error) {
	switch d := doc.(type) {
	case []byte:
		return d, nil
	case json.RawMessage:
		return d, nil
	case string:
		return []byte(d), nil
	}
	return activitypub.Marshal(doc)
}

// sign signs a request in the account's scheme.
func (a *Account) sign(r *http.Request, body []byte) error {
	key, err := a.Key()
	if err != nil {
		return err
	}
	return signature.Sign(r, body, key, a.Scheme, time.Now())
}

// deliver posts an activity to each inbox once, and remembers it for Undo. The first refusal is an error.
func (a *Account) deliver(ctx context.Context, activity map[string]any, inboxes []string) error {
	inboxes = distinct(inboxes)
	if id, _ := activity["id"].(string); id != "" {
		a.server.update(func() { a.server.sent[id] = sentActivity{activity, inboxes} })
	}
	for _, inbox := range inboxes {
		status, body, err := a.Post(ctx, inbox, activity)
		if err != nil {
			return fmt.Errorf("sending a %v to %s: %w", activity["type"], inbox, err)
		}
		if status >= 300 {
			return fmt.Errorf("sending a %v to %s: %d %.200s", activity["type"], inbox, status, body)
		}
	}
	return nil
}

func distinct(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// finger looks a handle up and gives the actor's id.
func (a *Account) finger(ctx context.Context, handle string) (string, error) {
	handle = strings.TrimPrefix(handle, "@")
	_, host, ok := strings.Cut(handle, "@")
	if !ok {
		return "", fmt.Errorf("%q is no handle", handle)
	}
	scheme, _, _ := strings.Cut(a.server.origin, ":")
	u := url.URL{Scheme: scheme, Host: host, Path: "/.well-known/webfinger", RawQuery: url.Values{"resource": {"acct:" + handle}}.Encode()}
	body, err := a.server.fetch(ctx, nil, u.String(), "application/jrd+json")
	if err != nil {
		return "", err
	}
	var jrd struct {
		Subject string
		Links   []struct{ Rel, Type, Href string }
	}
	if err := json.Unmarshal(body, &jrd); err != nil {
		return "", fmt.Errorf("WebFinger of %s: %w", handle, err)
	}
	if !strings.EqualFold(jrd.Subject, "acct:"+handle) {
		return "", fmt.Errorf("WebFinger of %s is about %q", handle, jrd.Subject)
	}
	for _, l := range jrd.Links {
		if l.Rel == "self" && l.Type == activitypub.ContentType {
			return l.Href, nil
		}
	}
	return "", fmt.Errorf("WebFinger of %s has no self link", handle)
}
