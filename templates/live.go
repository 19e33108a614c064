package templates

import (
	_ "embed" // the scripts
	"encoding/json"
	"fmt"
)

//go:embed live.js
var live string

//go:embed ask.js
var ask string

// LiveScript is the script of a page in a language: it tells of new replies while the page is open, and where a link leads to /interact it opens
// the dialog of AskScript, which lies at the address dialog. Pages read and work without it.
func LiveScript(lang, dialog string) []byte {
	texts := worded(lang, "new", "failed", "again", "offline")
	delete(texts, "new.zero") // nobody is told of no replies
	return called(live, texts, dialog)
}

// AskScript asks for the reader's account in a dialog, and remembers it on the page of /interact if the reader wants that.
func AskScript(lang string) []byte {
	return called(ask, worded(lang, "your-account", "go-on", "close", "remember", "forget"))
}

// called is a script, whose source is a function, that calls itself with arguments.
func called(source string, args ...any) []byte {
	list, _ := json.Marshal(args) // texts alone
	return fmt.Appendf(nil, "(%s)(%s);\n", Lean(source), list[1:len(list)-1])
}

func worded(lang string, keys ...string) map[string]string {
	texts, _ := Words(lang, keys...)
	return texts
}

// liveWords is the scripts' texts in a language, as JSON: for templates of sites from the time when pages held them.
func liveWords(lang string) (string, error) {
	data, err := json.Marshal(worded(lang, "new", "failed", "again", "offline", "your-account", "go-on", "close", "remember", "forget"))
	return string(data), err
}
