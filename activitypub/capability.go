package activitypub

// Application is the software behind an actor, told as its generator (FEP-844e: what it can do).
type Application struct {
	Type       string       `json:"type"` // "Application"
	Name       string       `json:"name,omitempty"`
	Implements []Capability `json:"implements"`
}

// Capability is one thing that a server can do; Href is its identifier.
type Capability struct {
	Href string `json:"href"`
	Name string `json:"name"`
}

// The identifier that FEP-844e registers for RFC 9421, and another spelling of the same document.
const (
	rfc9421      = "https://datatracker.ietf.org/doc/html/rfc9421"
	rfc9421Plain = "https://www.rfc-editor.org/rfc/rfc9421"
)

// IsRFC9421 tells whether a capability says that the server verifies HTTP Message Signatures.
func IsRFC9421(href string) bool { return href == rfc9421 || href == rfc9421Plain }

// Generator is what Postil's actors say of Postil: it verifies RFC 9421.
func Generator() *Application {
	return &Application{Type: "Application", Name: "Postil", Implements: []Capability{{rfc9421, "RFC-9421: HTTP Message Signatures"}}}
}
