// Package deploy knows where a site can live, and writes the file with which that place builds it after each push.
//
// Every build that starts from a clean checkout asks the live site what is out (publish --live, on by itself where CI is set), and
// checks before it publishes. The package only makes texts: which file goes where, its callers decide.
package deploy

import "slices"

// Host is a place where a site can live.
type Host struct {
	Name  string // as publish init takes it
	Title string
	File  string // relative to the site, "" for none
	Text  string // of the file
	Run   bool   // the file is a program
	// Static hosts serve files alone and have rules of their own for redirects: publish.host takes their names.
	Static bool
	Next   string // what remains to be done there
}

// Own is the name of the host that needs nothing: inboxd on a machine of one's own.
const Own = "own"

// program is how a build machine gets publish.
const program = "go run github.com/postil-blog/postil/cmd/publish@latest"

// Hosts lists the places, the most usual first.
func Hosts() []Host {
	return []Host{
		{Name: Own, Title: "a server of your own, with inboxd", Next: "inboxd serves public/ there: docs/your-own-blog.md"},
		{Name: "netlify", Static: true, Title: "Netlify", File: "netlify.toml", Text: netlify, Next: "connect the repository in Netlify"},
		{Name: "cloudflare", Static: true, Title: "Cloudflare Pages", File: workflow, Text: action(cloudflare),
			Next: "make a Pages project, and set the variable PAGES_PROJECT and the secrets CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID of the repository"},
		{Name: "github", Static: true, Title: "GitHub Pages", File: workflow, Text: action(pages), Next: "in the repository's settings, Pages: the source is GitHub Actions"},
		{Name: "gitlab", Static: true, Title: "GitLab Pages", File: ".gitlab-ci.yml", Text: gitlab, Next: "push: the job named pages does the rest; a schedule (Build, Pipeline schedules) publishes scheduled posts"},
		{Name: "vercel", Static: true, Title: "Vercel", File: workflow, Text: action(vercel), Next: "make a project without a framework, and set the secrets VERCEL_TOKEN, VERCEL_ORG_ID and VERCEL_PROJECT_ID of the repository"},
		{Name: "rsync", Title: "any server, by rsync over ssh", File: "deploy.sh", Text: rsync, Run: true, Next: "./deploy.sh you@example.com:/srv/blog"},
	}
}

// Names lists the names of Hosts.
func Names() (names []string) {
	for _, h := range Hosts() {
		names = append(names, h.Name)
	}
	return names
}

// Find gives a host by its name.
func Find(name string) (Host, bool) {
	all := Hosts()
	i := slices.IndexFunc(all, func(h Host) bool { return h.Name == name })
	if i < 0 {
		return Host{}, false
	}
	return all[i], true
}

const workflow = ".github/workflows/publish.yml"

// action is a GitHub workflow: it checks pull requests, and on the main branch, and every quarter of an hour for scheduled posts,
// publishes and ends with the steps of the host.
func action(deploy string) string {
	return `name: publish
on:
  push: {branches: [main]}
  pull_request:
  schedule: [{cron: "*/15 * * * *"}]   # scheduled posts
  workflow_dispatch:
permissions: {contents: read, pages: write, id-token: write}
concurrency: {group: publish}
jobs:
  publish:
    runs-on: ubuntu-latest
    env:
      POSTIL_TOKEN: ${{ secrets.POSTIL_TOKEN }}   # inboxd token create github --scope publish
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-go@v5
        with: {go-version: stable, cache: false}
      - run: ` + program + ` check --format github
      - if: github.event_name != 'pull_request'
        run: ` + program + `
` + deploy
}

const pages = `      - if: github.event_name != 'pull_request'
        uses: actions/upload-pages-artifact@v3
        with: {path: public}
      - if: github.event_name != 'pull_request'
        uses: actions/deploy-pages@v4
`

const cloudflare = `      - if: github.event_name != 'pull_request'
        run: npx --yes wrangler@4 pages deploy public --project-name "${{ vars.PAGES_PROJECT }}" --branch main
        env:
          CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_API_TOKEN }}
          CLOUDFLARE_ACCOUNT_ID: ${{ secrets.CLOUDFLARE_ACCOUNT_ID }}
`

const vercel = `      - if: github.event_name != 'pull_request'
        run: npx --yes vercel@latest deploy public --prod --yes --token "$VERCEL_TOKEN"
        env:
          VERCEL_TOKEN: ${{ secrets.VERCEL_TOKEN }}
          VERCEL_ORG_ID: ${{ secrets.VERCEL_ORG_ID }}
          VERCEL_PROJECT_ID: ${{ secrets.VERCEL_PROJECT_ID }}
`

const netlify = `[build]
command = "` + program + `"
publish = "public"

[build.environment]
GO_VERSION = "1.26"
`

const gitlab = `image: golang:1.26

check:
  rules: [{if: $CI_PIPELINE_SOURCE == "merge_request_event"}]
  script:
    - ` + program + ` check

pages:
  rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]
  script:
    - ` + program + `
  artifacts: {paths: [public]}
`

const rsync = `#!/bin/sh
# Publishes and copies the site to a server: ./deploy.sh you@example.com:/srv/blog
# The list of what is out goes last: what it names is there when it appears.
set -eu
to=${1:?usage: ./deploy.sh HOST:FOLDER}
publish
rsync -az --delete-after --exclude /ap/published.json public/ "$to/"
if [ -e public/ap/published.json ]; then
	rsync -az public/ap/published.json "$to/ap/published.json"
fi
`
