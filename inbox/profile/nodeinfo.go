package profile

import (
	"net/http"

	"github.com/postil-blog/postil/site"
)

const nodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/"

// nodeInfoLinks says where the descriptions are.
func (p *Profile) nodeInfoLinks(w http.ResponseWriter, r *http.Request) {
	base := p.address.Origin() + p.address.FederationBasePath() + "/nodeinfo/"
	w.Header().Set("Access-Control-Allow-Origin", "*")
	p.document(w, r, http.StatusOK, "application/json", site.Resource{Links: []site.ResourceLink{
		{Rel: nodeInfoSchema + "2.1", Href: base + "2.1"},
		{Rel: nodeInfoSchema + "2.0", Href: base + "2.0"},
	}})
}

type software struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"`
}

type services struct {
	Inbound  []string `json:"inbound"`
	Outbound []string `json:"outbound"`
}

type users struct {
	Total int `json:"total"`
}

type usage struct {
	Users      users `json:"users"`
	LocalPosts int   `json:"localPosts"`
}

type nodeInfo struct {
	Version           string            `json:"version"`
	Software          software          `json:"software"`
	Protocols         []string          `json:"protocols"`
	Services          services          `json:"services"`
	OpenRegistrations bool              `json:"openRegistrations"`
	Usage             usage             `json:"usage"`
	Metadata          map[string]string `json:"metadata"`
}

// nodeInfo describes the server in a version of the schema.
func (p *Profile) nodeInfo(version string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		articles, err := p.o.Store.Articles(r.Context())
		if err != nil {
			p.fail(w, r, err)
			return
		}
		posts := 0
		for _, a := range articles {
			if a.Withdrawn.IsZero() && a.InReplyTo == "" {
				posts++
			}
		}
		doc := nodeInfo{
			Version: version, Software: software{Name: "postil", Version: firstOf(p.o.Version, "dev")}, Protocols: []string{"activitypub"},
			Services: services{[]string{}, []string{"atom1.0", "rss2.0"}}, Usage: usage{users{len(p.actors)}, posts},
			Metadata: map[string]string{"nodeName": p.o.Config.Site.Title, "nodeDescription": p.o.Config.Site.Description},
		}
		if version == "2.1" {
			doc.Software.Repository = "https://github.com/postil-blog/postil"
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		p.document(w, r, http.StatusOK, `application/json; profile="`+nodeInfoSchema+version+`#"`, doc)
	}
}
