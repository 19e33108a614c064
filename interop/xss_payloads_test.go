package interop

import "strings"

// vectors are what runs, loads, or breaks out for who is careless. RUN is what a script would do: it leaves a message on the console and a
// mark in the window. EVIL is a host that must never be asked.
var vectors = []string{
	`<script>RUN</script>`, `<ScRiPt/src=//EVIL/x></sCrIpT>`, `<img src=x onerror=RUN>`, `<svg/onload=RUN>`, `<svg><script>RUN</script></svg>`, `<svg><animate onbegin=RUN attributeName=x dur=1s>`,
	`<svg><a xlink:href="javascript:RUN"><text y=20>x</text></a></svg>`, `<svg><use href="data:image/svg+xml,<svg id=x onload=RUN>#x">`, `<math><mtext><table><mglyph><style><img src=x onerror=RUN>`,
	`<math><annotation-xml encoding="text/html"><img src=x onerror=RUN></annotation-xml></math>`, `<math href="javascript:RUN">x</math>`, `<iframe src="javascript:RUN"></iframe>`, `<iframe srcdoc="<script>RUN</script>">`,
	`<style>*{display:none}body{background:url(//EVIL/a)}</style>`, `<style>@import'//EVIL/b'</style>`, `<link rel=stylesheet href=//EVIL/x.css>`, `<link rel=preload as=image href=//EVIL/p>`, `<meta http-equiv=refresh content="0;url=//EVIL">`,
	`<base href=//EVIL/>`, `<object data=//EVIL></object>`, `<embed src=//EVIL>`, `<form action=//EVIL><input name=a><button>go</button></form>`, `<input type=image src=//EVIL/i>`, `<isindex type=image src=1 onerror=RUN>`,
	`<textarea>`, `<title>`, `<plaintext>`, `<xmp>`, `<noembed><img title="</noembed><img src=x onerror=RUN>">`, `<noscript><p title="</noscript><img src=x onerror=RUN>">`, `<noframes><p title="</noframes><img src=x onerror=RUN>">`,
	`<p style="position:fixed;top:0;left:0;width:9999px;height:9999px">x</p>`, `<p style="background:url(//EVIL/s)">x</p>`, `<p id=comments class="btn wait face" onclick=RUN>x</p>`, `<p hidden>x</p>`, `<p slot=x part=dialog is=x-y>x</p>`,
	`<a href="javascript:RUN">x</a>`, `<a href=" java&#9;script:RUN">x</a>`, `<a href="&#1;javascript:RUN">x</a>`, `<a href="vbscript:RUN">x</a>`, `<a href="data:text/html,<script>RUN</script>">x</a>`, `<a href="blob:https://EVIL/x">x</a>`,
	`<a href="//EVIL">x</a>`, `<a href='x' onmouseover='RUN'>x</a>`, `<a href="https://EVIL/" target=_top ping=//EVIL rel=opener download>x</a>`, `<a href="https://EVIL/&quot; onclick=RUN x=&quot;">x</a>`, `<a><a href="javascript:RUN">x`,
	`"><script>RUN</script>`, `'><img src=x onerror=RUN>`, `" autofocus onfocus=RUN x="`, "` onerror=RUN `", `' style='position:fixed' x='`, `</article></li></ol></section><h1>owned</h1>`, `</details></summary></span></a><script>RUN</script>`,
	`</textarea><script>RUN</script>`, `</title><script>RUN</script>`, `</style><script>RUN</script>`, `</script><script>RUN</script>`, `]]><script>RUN</script>`, `<!--><script>RUN</script>-->`, `<!--comments:tide-->`, `<!--/comments-->`,
	`<![CDATA[<script>RUN</script>]]>`, `<?xml-stylesheet href="//EVIL/x.xsl"?><script>RUN</script>`, `<template><script>RUN</script></template>`, `<template shadowrootmode=open><script>RUN</script></template>`, `<video><source onerror=RUN></video>`,
	`<video poster=//EVIL/v><track src=//EVIL/t>`, `<audio src=x onerror=RUN>`, `<details open ontoggle=RUN>`, `<dialog open style="inset:0">x</dialog>`, `<div popover id=p></div><button popovertarget=p>x</button>`, `<marquee onstart=RUN>`,
	`<input autofocus onfocus=RUN>`, `<body onload=RUN>`, `<html onclick=RUN>`, `<img src="https://EVIL/track.gif">`, `<img srcset="//EVIL/a 1x">`, `<picture><source srcset=//EVIL/b><img></picture>`, `<blockquote cite="//EVIL" onclick="` + "\n" + `RUN">x</blockquote>`,
	`<p/onclick=RUN//>`, `<x onclick=RUN contenteditable>`, `<custom-element onfocus=RUN tabindex=1 autofocus>`, `<fedi-comments src="//EVIL" for="x" eager></fedi-comments>`, `&lt;script&gt;RUN&lt;/script&gt;`, `&#60;script&#62;RUN&#60;/script&#62;`,
	`&amp;lt;img src=x onerror=RUN&amp;gt;`, `{{constructor.constructor('RUN')()}}`, `${RUN}`, `{{.}}`, `<%= RUN %>`, "<scr\x00ipt>RUN</scr\x00ipt>", "<scr\u200bipt>RUN</script>", `<img/src="x"/onerror="RUN"/>`, "<img\nsrc=x\nonerror\n=\nRUN>", `<<script>RUN//<</script>`,
	`<svg><style><img src=x onerror=RUN></style></svg>`, `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=RUN>`, `<select><option><script>RUN</script></select>`, `<frameset><frame src=javascript:RUN>`, `<table><td background=//EVIL/t>`,
	`+ADw-script+AD4-RUN+ADw-/script+AD4-`, `:blob:"><script>RUN</script>:`, `javascript:RUN`, `JaVaScRiPt:RUN//https://x.example`, `data:image/svg+xml,<svg onload=RUN>`, `https://EVIL/"onload="RUN`, `https://EVIL/'style='position:fixed`, `http://EVIL\@x.example/`,
	// These break nothing but the layout.
	strings.Repeat("W", 3000), strings.Repeat("<ul><li>", 60) + "deep", strings.Repeat("<blockquote>", 60) + "deep", `<pre>` + strings.Repeat("long ", 400) + `</pre>`, strings.Repeat("<br>", 400) + "low", "\u202e" + strings.Repeat("مرحبا ", 40), strings.Repeat("\u2066", 200) + "x",
	strings.Repeat("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307", 60), strings.Repeat("﷽", 60), strings.Repeat("👩‍👩‍👧‍👦", 120), `<ruby>` + strings.Repeat("a<rt>"+strings.Repeat("b", 60)+"</rt>", 20) + `</ruby>`, "\u0000\u0001\u0008\u001b[2J\u007f\u0085\u2028",
}

// armed is a vector that tells on itself.
func armed(vector string) string {
	return strings.NewReplacer("RUN", "console.error(top.ran=1)", "EVIL", "evil.example").Replace(vector)
}
