package interop

import (
	"context"
	"strings"
	"testing"
	"time"
)

// lies is the answer of a daemon that somebody else has taken: trees with elements and addresses that ours never sends.
const lies = `{"v":1,"post":"javascript:top.ran=1","url":"x","key":"7","handle":"@x@x","actions":{"like":"javascript:top.ran=1","boost":"data:text/html,x"},"count":1,"version":"1","spoken":"en","likes":{"count":1,"faces":[{"id":"x","name":[["script",{},"top.ran=1"]],"handle":"@x","url":"javascript:top.ran=1","avatar":"data:image/svg+xml,x"}]},
"boosts":{"count":0},"reactions":[{"emoji":[["emoji",{"name":"x","src":"javascript:top.ran=1","own":"true"}]],"count":1}],"replies":[{"id":"javascript:top.ran=1","anchor":"c","url":"vbscript:x","by":{"id":"x","name":[["img",{"src":"x","onerror":"top.ran=1"}],"Eve"],"handle":"<img src=x onerror=top.ran=1>","url":"javascript:top.ran=1"},
"content":[["p",{"onclick":"top.ran=1","style":"position:fixed","id":"x","is":"x-y"},["script",{},"top.ran=1"],["iframe",{"srcdoc":"<script>top.ran=1</script>"}],["a",{"href":"java\tscript:top.ran=1"},"a link"],["svg",{},["style",{},"*{display:none}"]],["form",{"action":"https://evil.example"},["input",{"name":"x"}]],["fedi-comments",{"src":"https://evil.example","eager":""}]]],
"media":[{"kind":"image","picture":"https://evil.example/x.png","url":"javascript:top.ran=1"},{"kind":"video","url":"javascript:top.ran=1","alt":"<b>"}],"lang":"<x>","published":"2026-01-01T00:00:00Z","parent":"x","actions":{"reply":"javascript:top.ran=1"}}]}`

// TestEmbedTrustsNobody: the element makes no script, no form, no address but the web's of an answer, whoever gives it, on a page without any policy.
func TestEmbedTrustsNobody(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.raw("/api/v1/thread", strings.ReplaceAll(lies, "https://evil.example/x.png", "data:image/png,x"))
	w.page("/", "", strings.Replace(w.element(""), `src="`+w.inbox+`"`, `src="`+w.host+`"`, 1)+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	seen := watch(t, ctx, "nobody")
	w.open(ctx, "/")
	until(t, ctx, "the comment shows", shadow+`.includes("a link")`)
	lookFor(t, ctx, "the element", `[document.querySelector("fedi-comments").shadowRoot]`, "article", 1)
	if n := value[int](t, ctx, `document.querySelector("fedi-comments").shadowRoot.querySelectorAll("form, input, img:not([src='']), [style]:not([part=root]), [id], article [href]:not([href=''])").length`); n != 1 { // the link that answers, at the daemon that the page names
		t.Errorf("%d elements that no answer may make: %s", n, value[string](t, ctx, `[...document.querySelector("fedi-comments").shadowRoot.querySelectorAll("article")].map((e) => e.outerHTML).join()`))
	}
	for _, f := range w.foreign(seen.take()) {
		t.Error(f)
	}
}
