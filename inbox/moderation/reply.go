package moderation

import (
	"net/http"
	"strings"
)

// reply answers a comment in the blog's name: a POST of the form beneath it. What is wrong is told to the owner, whose own words these are.
func (m *Moderation) reply(w http.ResponseWriter, r *http.Request) {
	id, text := r.PostFormValue("id"), strings.TrimSpace(r.PostFormValue("text"))
	switch {
	case m.o.Reply == nil:
		http.NotFound(w, r)
		return
	case id == "" || text == "":
		http.Error(w, "An answer needs words.", http.StatusBadRequest)
		return
	}
	if err := m.o.Reply(r.Context(), id, text); err != nil {
		m.o.Log.Warn("an answer was not sent", "to", id, "err", err)
		http.Error(w, "The answer was not sent: "+err.Error(), http.StatusUnprocessableEntity)
		return
	}
	m.back(w, r)
}

// withdraw takes an answer of the blog's back that was written here or through the API.
func (m *Moderation) withdraw(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("id")
	key, ours := m.addr.PostKey(id)
	if m.o.Withdraw == nil || !ours {
		http.NotFound(w, r)
		return
	}
	if err := m.o.Withdraw(r.Context(), key); err != nil {
		m.o.Log.Warn("an answer was not taken back", "id", id, "err", err)
		http.Error(w, "The answer was not taken back: "+err.Error(), http.StatusUnprocessableEntity)
		return
	}
	m.back(w, r)
}
