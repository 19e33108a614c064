package inbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/outbox"
)

// maxReply is the largest reply that is read, in bytes.
const maxReply = 64 << 10

// writeReply answers POST /api/v1/replies: the owner, by a token, answers a comment, a post of somebody else's, or an own one. The body is
// an outbox.Draft, the answer 201 with the id.
func (i *Inbox) writeReply(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		notAllowed(w, http.MethodPost)
		return
	}
	if !i.permitted(w, r, "publish", "moderate") {
		return
	}
	// A form of another page cannot send JSON, so a browser that happens to hold a token is not made to speak.
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		http.Error(w, "the body is to be application/json", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReply))
	if err != nil {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	var d outbox.Draft
	if err := json.Unmarshal(body, &d); err != nil {
		http.Error(w, "the body cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	id, err := i.o.Outbox.Reply(r.Context(), d)
	if err != nil {
		i.refuseReply(w, r, err)
		return
	}
	answer, err := activitypub.Marshal(map[string]any{"v": 1, "id": id})
	if err != nil {
		i.refuseReply(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", id)
	w.WriteHeader(http.StatusCreated)
	w.Write(answer)
}

// withdrawReply answers DELETE /api/v1/replies/KEY: 204.
func (i *Inbox) withdrawReply(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodDelete {
		notAllowed(w, http.MethodDelete)
		return
	}
	if !i.permitted(w, r, "publish", "moderate") {
		return
	}
	if err := i.o.Outbox.Withdraw(r.Context(), r.PathValue("key")); err != nil {
		i.refuseReply(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// refuseReply says why not: the draft is at fault, what it answers is, or our store is.
func (i *Inbox) refuseReply(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	switch {
	case errors.Is(err, outbox.ErrDraft):
		status = http.StatusBadRequest
	case errors.Is(err, outbox.ErrPrivate):
		status = http.StatusForbidden
	case errors.Is(err, outbox.ErrNotOurs):
		status = http.StatusNotFound
	case errors.Is(err, outbox.ErrFromFile):
		status = http.StatusConflict
	case errors.Is(err, outbox.ErrNoParent):
		status = http.StatusUnprocessableEntity
	default:
		i.o.Log.Error("a reply of the owner", "path", r.URL.Path, "err", err)
		http.Error(w, "the reply could not be kept; the log says why", status)
		return
	}
	http.Error(w, err.Error(), status)
}
