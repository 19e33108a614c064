package remote

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/postil-blog/postil/activitypub/signature"
)

// maxTraced is how much of an answer an Exchange keeps, in bytes.
const maxTraced = 1 << 20

// Exchange is one request with its answer, as a person who looks for a fault wants to see it. Status 0 means that no answer came.
type Exchange struct {
	Method, URL string
	Signature   string // "draft-cavage", "rfc9421" or "none"
	KeyID       string // of the key that signed
	Status      int
	ContentType string
	Location    string
	Body        []byte // what was read of it, at most 1 MB
	Err         error
}

// observed tells Options.Trace of every request: of each hop and each knock, since each is a request of its own.
func (c *Client) observed(next http.RoundTripper) http.RoundTripper {
	if c.o.Trace == nil {
		return next
	}
	return observer{next, c.o.Trace, c.o.Key.ID}
}

type observer struct {
	next  http.RoundTripper
	trace func(Exchange)
	keyID string
}

// RoundTrip hands the exchange on when the body has been read and closed, or at once where no answer came.
func (o observer) RoundTrip(r *http.Request) (*http.Response, error) {
	e := Exchange{Method: r.Method, URL: r.URL.String(), Signature: signatureOf(r)}
	if e.Signature != "none" {
		e.KeyID = o.keyID
	}
	resp, err := o.next.RoundTrip(r)
	if err != nil {
		e.Err = err
		o.trace(e)
		return nil, err
	}
	e.Status, e.ContentType, e.Location = resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Location")
	resp.Body = &tracedBody{ReadCloser: resp.Body, e: e, trace: o.trace}
	return resp, nil
}

func signatureOf(r *http.Request) string {
	switch {
	case r.Header.Get("Signature-Input") != "":
		return signature.RFC9421.String()
	case r.Header.Get("Signature") != "":
		return signature.DraftCavage.String()
	}
	return "none"
}

// tracedBody keeps what passes.
type tracedBody struct {
	io.ReadCloser
	e     Exchange
	kept  bytes.Buffer
	trace func(Exchange)
}

func (b *tracedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept.Write(p[:min(n, maxTraced-b.kept.Len())])
	return n, err
}

func (b *tracedBody) Close() error {
	if b.trace != nil {
		b.e.Body = b.kept.Bytes()
		b.trace(b.e)
		b.trace = nil
	}
	return b.ReadCloser.Close()
}

// ask makes the request in the one scheme that was asked for, else as knock does.
func (c *Client) ask(ctx context.Context, q query, b *budget) (answer, error) {
	if c.o.Only == nil {
		return c.knock(ctx, q, b)
	}
	return c.once(ctx, q, *c.o.Only, b)
}
