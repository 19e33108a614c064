package templates

import (
	_ "embed" // the script
	"encoding/json"
)

// Live is the script of a page with comments: it tells of new replies while the page is open and turns the links to /interact into a dialog. Pages
// read and work without it.
//
//go:embed live.js
var Live []byte

// liveWords is the script's texts in a language, as JSON.
func liveWords(lang string) (string, error) {
	texts, _ := Words(lang, "new", "failed", "again", "offline", "your-account", "go-on", "close", "remember", "forget")
	data, err := json.Marshal(texts)
	return string(data), err
}
