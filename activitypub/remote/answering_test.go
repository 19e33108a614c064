package remote

import (
	"bytes"
	"io"
	"net/http"
)

// answering is a network in a function: for fuzzing, where a socket for each input would be most of the work. The guard's tests
// use real ones.
type answering func(r *http.Request) *http.Response

// RoundTrip answers.
func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

func reply(r *http.Request, kind string, body []byte) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {kind}}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
}
