package site

import "fmt"

// MovedFile is where publish leaves the list of addresses that moved, below the output folder. Nobody is served it: beneath ap/ lies what
// the daemon reads.
const MovedFile = "ap/moved.json"

// Moved says where each former path of the site leads now: from a path as it is, decoded, to one that is percent-encoded. Both begin at
// the root of the host.
type Moved map[string]string

// SearchDir is the folder of the search page and its index, below the output folder; SearchFile says how the index is divided.
const (
	SearchDir  = "search"
	SearchFile = SearchDir + "/index.json"
)

// PagePolicy is the Content-Security-Policy of the site's pages: nothing inline, no script or style but the theme's own, no frame unless
// publish.embeds wants players, nobody else's pictures but those that the daemon copies. formAction says where forms may go.
func (c *Config) PagePolicy(formAction string) string {
	a, own, frames := c.Addresses(), "'self'", ""
	if a.Host() != a.SiteHost() {
		own += " " + a.Origin()
	}
	if c.Publish.Embeds {
		frames = "frame-src https://www.youtube-nocookie.com https://player.vimeo.com; " // the players of publisher/video.go
	}
	return fmt.Sprintf("default-src 'none'; script-src 'self'; style-src 'self'; img-src %[1]s data:; media-src 'self'; font-src 'self'; connect-src %[1]s; %[3]s"+
		"manifest-src 'self'; form-action %[2]s; frame-ancestors 'none'; base-uri 'none'", own, formAction, frames)
}
