package activitypub

// Activity is one activity that we send. Object is an id (string) or any of our structs, or the raw JSON of what it answers.
type Activity struct {
	Context    any      `json:"@context,omitempty"`
	ID         string   `json:"id"`
	Type       string   `json:"type"`
	Actor      string   `json:"actor"`
	To         []string `json:"to,omitempty"`
	CC         []string `json:"cc,omitempty"`
	Audience   string   `json:"audience,omitempty"` // the Group that it is for (FEP-1b12)
	Summary    string   `json:"summary,omitempty"`  // Delete by a moderator: why (Lemmy)
	Published  string   `json:"published,omitempty"`
	Updated    string   `json:"updated,omitempty"`
	Object     any      `json:"object"`
	Target     string   `json:"target,omitempty"`
	Instrument string   `json:"instrument,omitempty"` // QuoteRequest: id of the quoting object
	Result     string   `json:"result,omitempty"`
}
