package moderation

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// How long a link and a session last.
const (
	LinkLife    = 10 * time.Minute
	SessionLife = 30 * 24 * time.Hour
)

const cookieName = "postil_admin"

// LoginLink makes a link that opens the admin page once, within LinkLife. secret is the content of data/admin.key.
func LoginLink(addr site.Addresses, secret []byte, now time.Time) string {
	return addr.Admin() + "login?t=" + mint(secret, "link", now.Add(LinkLife))
}

// mint makes "kind.until.nonce.mac": a claim that only who knows the secret could make.
func mint(secret []byte, kind string, until time.Time) string {
	claim := kind + "." + strconv.FormatInt(until.Unix(), 10) + "." + rand.Text()
	return claim + "." + seal(secret, claim)
}

func seal(secret []byte, claim string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(claim))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// valid tells whether a token is of the kind, ours, and not over.
func valid(secret []byte, kind, token string, now time.Time) bool {
	i := strings.LastIndexByte(token, '.')
	if i < 0 || len(secret) < 16 || !hmac.Equal([]byte(token[i+1:]), []byte(seal(secret, token[:i]))) {
		return false
	}
	part := strings.Split(token[:i], ".")
	if len(part) != 3 || part[0] != kind {
		return false
	}
	until, err := strconv.ParseInt(part[1], 10, 64)
	return err == nil && now.Unix() < until
}

// private lets only a session through; others read how to get one.
func (m *Moderation) private(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(cookieName)
		if err != nil || !valid(m.o.Secret, "session", c.Value, m.o.Now()) {
			m.render(w, http.StatusUnauthorized, view{Login: "ask"})
			return
		}
		next(w, r)
	}
}

// askLogin shows a button. Opening the link changes nothing (mail programs and previews open links), only the button does.
func (m *Moderation) askLogin(w http.ResponseWriter, r *http.Request) {
	m.render(w, http.StatusOK, view{Login: "confirm", Token: r.URL.Query().Get("t")})
}

// login trades an unused link for a session.
func (m *Moderation) login(w http.ResponseWriter, r *http.Request) {
	token, now := r.PostFormValue("t"), m.o.Now()
	if !valid(m.o.Secret, "link", token, now) {
		m.render(w, http.StatusForbidden, view{Login: "ask"})
		return
	}
	var fresh bool
	err := m.o.Store.Write(r.Context(), func(tx *store.Tx) (err error) {
		fresh, err = tx.MarkSeen(r.Context(), "login:"+token, m.addr.Actor(), now)
		return err
	})
	if err != nil {
		m.fail(w, err)
		return
	}
	if !fresh {
		m.render(w, http.StatusForbidden, view{Login: "ask"})
		return
	}
	m.setCookie(w, mint(m.o.Secret, "session", now.Add(SessionLife)), int(SessionLife.Seconds()))
	http.Redirect(w, r, m.addr.FederationBasePath()+"/admin/", http.StatusSeeOther)
}

func (m *Moderation) logout(w http.ResponseWriter, r *http.Request) {
	m.setCookie(w, "", -1)
	http.Redirect(w, r, m.addr.FederationBasePath()+"/admin/", http.StatusSeeOther)
}

func (m *Moderation) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, MaxAge: age, Path: m.addr.FederationBasePath() + "/admin/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: strings.HasPrefix(m.addr.Origin(), "https:"),
	})
}
