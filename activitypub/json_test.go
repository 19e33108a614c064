package activitypub

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// read reads a Note with these members besides id and type.
func read(t *testing.T, members string) *Object {
	t.Helper()
	return readDocument(t, `{"id":"https://a.example/n/1","type":"Note"`+strings.TrimRight(","+members, ",")+`}`)
}

func readDocument(t *testing.T, doc string) *Object {
	t.Helper()
	o, err := Read([]byte(doc))
	if err != nil {
		t.Fatalf("Read(%s): %v", doc, err)
	}
	return o
}

// TestReadRefuses has a line for everything that would be ambiguous, dangerous or without meaning.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	note := func(members string) string { return `{"id":"https://a.example/1","type":"Note",` + members + `}` }
	nested := func(n int) string { return note(`"x":` + strings.Repeat("[", n) + strings.Repeat("]", n)) }
	values := func(n int) string { return note(`"x":[` + strings.Repeat("1,", n) + `1]`) }
	tests := []struct{ name, doc string }{
		{"empty", ``},
		{"blank", ` `},
		{"number", `42`}, {"text", `"hello"`}, {"true", `true`}, {"null", `null`}, {"list", `[{"type":"Note"}]`},
		{"comment", `/* hi */{"type":"Note"}`},
		{"cut short", `{"type":"Note"`},
		{"second document", note(`"x":1`) + note(`"x":1`)},
		{"anything after", note(`"x":1`) + `x`},
		{"two byte order marks", "\uFEFF\uFEFF" + note(`"x":1`)},
		{"UTF-16", "\xff\xfe{\x00}\x00"},
		{"invalid UTF-8", note("\"content\":\"\xc0\xbcp>\"")},
		{"raw NUL", note("\"content\":\"a\x00b\"")},
		{"33 levels", nested(32)},
		{"a million levels", strings.Repeat("[", 500_000)},
		{"10,001 values", values(9_996)},
		{"duplicate member", note(`"actor":"https://a.example/a","actor":"https://b.example/b"`)},
		{"duplicate in disguise", note(`"actor":"https://a.example/a","\u0061ctor":"https://b.example/b"`)},
		{"duplicate up to case", note(`"actor":"https://a.example/a","Actor":"https://b.example/b"`)},
		{"duplicate up to the Kelvin sign", note(`"publicKey":{},"public\u212Aey":{}`)},
		{"duplicate up to the long s", note(`"sensitive":true,"\u017Fensitive":false`)},
		{"duplicate deep down", note(`"attachment":[{"type":"Image","url":"https://a.example/1","URL":"https://b.example/2"}]`)},
		{"duplicate in @context", note(`"@context":{"a":"b","a":"c"}`)},
		{"@context a number", note(`"@context":42`)},
		{"no type", `{"id":"https://a.example/1"}`},
		{"type an object", `{"id":"https://a.example/1","type":{"weird":"object"}}`},
		{"type a number", `{"id":"https://a.example/1","type":7}`},
		{"two verbs", `{"id":"https://a.example/1","type":["Like","Delete"],"actor":"https://a.example/a","object":"https://b.example/1"}`},
		{"id true", `{"id":true,"type":"Note"}`},
		{"id an object", `{"id":{"a":"b"},"type":"Note"}`},
		{"id without scheme", `{"id":"a.example/1","type":"Note"}`},
		{"id with a space", `{"id":"https://a.example/1 2","type":"Note"}`},
		{"id with NUL", `{"id":"https://a.example/\u0000","type":"Note"}`},
		{"id without host", `{"id":"https:///1","type":"Note"}`},
		{"id of 64 KB", `{"id":"https://a.example/` + strings.Repeat("a", 64<<10) + `","type":"Note"}`},
		{"actor with a nested id", `{"type":"Create","actor":{"id":{"a":"b"}},"object":"https://b.example/1"}`},
		{"actor without scheme", `{"type":"Like","actor":"mas.to","object":"https://b.example/1"}`},
		{"actor empty", `{"type":"Like","actor":"","object":"https://b.example/1"}`},
		{"actors none", `{"type":"Like","actor":[],"object":"https://b.example/1"}`},
		{"actor false", `{"type":"Like","actor":false,"object":"https://b.example/1"}`},
		{"two actors", `{"type":"Like","actor":["https://a.example/a","https://a.example/b"],"object":"https://b.example/1"}`},
		{"object missing", `{"type":"Delete","actor":"https://a.example/a"}`},
		{"object an empty list", `{"type":"Like","actor":"https://a.example/a","object":[]}`},
		{"attributedTo no id", note(`"attributedTo":"alice"`)},
	}
	for _, tt := range tests {
		if _, err := Read([]byte(tt.doc)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: Read gives %v, want ErrMalformed", tt.name, err)
		}
	}
	for name, doc := range map[string]string{"32 levels": nested(31), "10,000 values": values(9_995), "one byte order mark": "\uFEFF" + note(`"x":1`)} {
		if _, err := Read([]byte(doc)); err != nil {
			t.Errorf("%s: Read gives %v, want no error", name, err)
		}
	}
	full := note(`"content":"` + strings.Repeat("a", MaxDocument-len(note(`"content":""`))) + `"`)
	if _, err := Read([]byte(full)); err != nil {
		t.Errorf("exactly 1 MiB: Read gives %v", err)
	}
	if _, err := Read([]byte(full + " ")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("1 MiB and a byte: Read gives %v, want ErrTooLarge", err)
	}
}

// TestContextTermsMayDifferByCase: Ghost defines quoteAuthorization and QuoteAuthorization side by side.
func TestContextTermsMayDifferByCase(t *testing.T) {
	t.Parallel()
	read(t, `"@context":["https://www.w3.org/ns/activitystreams",{"quote":"x:quote","Quote":"x:Quote"}]`)
	readDocument(t, `{"type":"Create","actor":"https://a.example/a","object":{"type":"Note","@context":{"Move":"toot:Move","move":"x"}}}`)
}

// TestReadTolerates has a case for every line of the list of shapes that honest servers send (federation.md, B2).
func TestReadTolerates(t *testing.T) {
	t.Parallel()
	const alice, bob = "https://a.example/alice", "https://b.example/bob"
	when := time.Date(2026, 10, 1, 11, 59, 0, 0, time.UTC)
	tests := []struct {
		name, members string
		got           func(o *Object) any
		want          any
	}{
		{"to a string", `"to":"` + Public + `"`, func(o *Object) any { return o.To }, []string{Public}},
		{"to a list", `"to":["` + alice + `","as:Public"]`, func(o *Object) any { return o.To }, []string{alice, Public}},
		{"to Public for short", `"to":["Public"]`, func(o *Object) any { return o.To }, []string{Public}},
		{"to null", `"to":null`, func(o *Object) any { return o.To }, []string(nil)},
		{"to missing", ``, func(o *Object) any { return o.To }, []string(nil)},
		{"to of all kinds", `"to":[null,1,{"id":"` + alice + `"},[],"x",""]`, func(o *Object) any { return o.To }, []string{alice}},
		{"other audiences", `"cc":"` + alice + `","bto":"` + bob + `","bcc":["` + bob + `"],"audience":{"id":"` + bob + `"}`,
			func(o *Object) any { return [][]string{o.CC, o.BTo, o.BCC, o.Audience} }, [][]string{{alice}, {bob}, {bob}, {bob}}},
		{"actor a string", `"actor":"` + alice + `"`, func(o *Object) any { return []any{o.Actor.ID, o.Actor.Bare} }, []any{alice, true}},
		{"actor an object", `"actor":{"id":"` + alice + `","type":"Person"}`, func(o *Object) any { return []any{o.Actor.ID, o.Actor.Type, o.Actor.Bare} }, []any{alice, "Person", false}},
		{"actor a list of one", `"actor":["` + alice + `"]`, func(o *Object) any { return o.Actor.ID }, alice},
		{"the same actor twice", `"actor":["` + alice + `",{"id":"` + alice + `"}]`, func(o *Object) any { return o.Actor.ID }, alice},
		{"attributedTo a string", `"attributedTo":"` + alice + `"`, func(o *Object) any { return IDs(o.AttributedTo) }, []string{alice}},
		{"attributedTo an object", `"attributedTo":{"type":"Person","id":"` + alice + `"}`, func(o *Object) any { return IDs(o.AttributedTo) }, []string{alice}},
		{"attributedTo a list", `"attributedTo":["` + alice + `",{"id":"` + bob + `"}]`, func(o *Object) any { return IDs(o.AttributedTo) }, []string{alice, bob}},
		{"object a string", `"object":"` + bob + `"`, func(o *Object) any { return IDs(o.Object) }, []string{bob}},
		{"object a list", `"object":["` + alice + `",{"id":"` + bob + `"}]`, func(o *Object) any { return IDs(o.Object) }, []string{alice, bob}},
		{"object without id", `"object":{"type":"Follow","id":null}`, func(o *Object) any { return []any{len(o.Object), o.Object[0].Type, o.Object[0].ID} }, []any{1, "Follow", ""}},
		{"tag null", `"tag":null`, func(o *Object) any { return len(o.Tag) }, 0},
		{"tag an object", `"tag":{"type":"Mention","href":"` + bob + `"}`, func(o *Object) any { return []any{o.Tag[0].Type, o.Tag[0].Href} }, []any{"Mention", bob}},
		{"tag of all kinds", `"tag":[null,1,"x","` + bob + `",{},{"type":null},{"type":"Hashtag","name":"#a"}]`, func(o *Object) any { return []any{len(o.Tag), o.Tag[0].Name} }, []any{1, "#a"}},
		{"emoji without id", `"tag":[{"type":"Emoji","id":null,"name":"cat","icon":{"type":"Image","url":"https://a.example/c.png"}}]`,
			func(o *Object) any { return o.Emoji() }, map[string]string{":cat:": "https://a.example/c.png"}},
		{"emoji with a bare icon", `"tag":[{"type":"Emoji","name":":cat:","icon":"https://a.example/c.png"}]`,
			func(o *Object) any { return o.Emoji() }, map[string]string{":cat:": "https://a.example/c.png"}},
		{"emoji that are none", `"tag":[{"type":"Emoji","name":":x\" y:","icon":"https://a.example/c.png"},{"type":"Emoji","name":":b:"},{"type":"Emoji","name":":c:","icon":{"url":"javascript:x"}}]`,
			func(o *Object) any { return o.Emoji() }, map[string]string{}},
		{"attachment an object", `"attachment":{"type":"Image","url":"https://a.example/1.png","name":"alt","width":640,"height":480.0,"blurhash":"LKO"}`,
			func(o *Object) any {
				a := o.Attachment[0]
				return []any{a.URL[0].Href, a.Name, a.Width, a.Height, a.Blurhash}
			},
			[]any{"https://a.example/1.png", "alt", 640, 480, "LKO"}},
		{"attachment without type", `"attachment":[{"url":"https://a.example/1.png"}]`, func(o *Object) any { return o.Attachment[0].URL[0].Href }, "https://a.example/1.png"},
		{"link with url for href", `"attachment":[{"type":"Link","url":"https://a.example/1"}]`, func(o *Object) any { return o.Attachment[0].Href }, "https://a.example/1"},
		{"link with href", `"attachment":[{"type":"Link","href":"https://a.example/1","mediaType":"text/html","rel":["a","b"]}]`,
			func(o *Object) any { return []any{o.Attachment[0].URL, o.Attachment[0].Rel} },
			[]any{[]Link{{Href: "https://a.example/1", MediaType: "text/html"}}, []string{"a", "b"}}},
		{"sizes that are none", `"attachment":{"width":-1,"height":1e400}`, func(o *Object) any { return []int{o.Attachment[0].Width, o.Attachment[0].Height} }, []int{0, 0}},
		{"url a string", `"url":"https://a.example/x"`, func(o *Object) any { return o.URL }, []Link{{Href: "https://a.example/x"}}},
		{"url a Link", `"url":{"type":"Link","href":"https://a.example/x","mimeType":"text/html"}`, func(o *Object) any { return o.URL }, []Link{{Href: "https://a.example/x", MediaType: "text/html"}}},
		{"url a list", `"url":["https://a.example/x",{"type":"Link","href":"https://a.example/y","mediaType":"video/mp4","rel":"z"},{"href":"magnet:?xt=1"}]`,
			func(o *Object) any { return o.URL }, []Link{{Href: "https://a.example/x"}, {Href: "https://a.example/y", MediaType: "video/mp4", Rel: "z"}}},
		{"url that is a script", `"url":"javascript:alert(1)"`, func(o *Object) any { return len(o.URL) }, 0},
		{"url with an entity", `"url":"https://a.example/?p=1&#038;q=2"`, func(o *Object) any { return o.URL[0].Href }, "https://a.example/?p=1&q=2"},
		{"icon a string", `"icon":"https://a.example/i.png"`, func(o *Object) any { return o.Icon[0].URL[0].Href }, "https://a.example/i.png"},
		{"icon an object", `"icon":{"type":"Image","url":"https://a.example/i.png"}`, func(o *Object) any { return o.Icon[0].URL[0].Href }, "https://a.example/i.png"},
		{"icon a list", `"icon":[{"url":[{"href":"https://a.example/i.png"}]}]`, func(o *Object) any { return o.Icon[0].URL[0].Href }, "https://a.example/i.png"},
		{"only contentMap", `"contentMap":{"de":"Hallo","en":"Hello"}`, func(o *Object) any { return []any{o.Content, o.Language, o.ContentMap["en"]} }, []any{"Hallo", "de", "Hello"}},
		{"content and map", `"content":"Hello","contentMap":{"en-GB":"Hello"}`, func(o *Object) any { return []any{o.Content, o.Language} }, []any{"Hello", "en-GB"}},
		{"maps null and empty", `"contentMap":null,"nameMap":{},"summaryMap":{"en":null}`, func(o *Object) any { return []any{o.ContentMap, o.NameMap, o.SummaryMap, o.Language} },
			[]any{map[string]string(nil), map[string]string(nil), map[string]string(nil), ""}},
		{"language undetermined", `"contentMap":{"und":"x"},"@context":["x",{"@language":"fr"}]`, func(o *Object) any { return o.Language }, "fr"},
		{"language as Lemmy has it", `"language":{"identifier":"nl","name":"x"}`, func(o *Object) any { return o.Language }, "nl"},
		{"language that is none", `"contentMap":{"\"><b>":"x"}`, func(o *Object) any { return o.Language }, ""},
		{"content of odd shapes", `"content":12345,"name":["a"],"summary":{"en":"x"}`, func(o *Object) any { return o.Content + o.Name + o.Summary }, ""},
		{"name without content", `"name":"Option A"`, func(o *Object) any { return []any{o.Name, o.Content} }, []any{"Option A", ""}},
		{"inReplyTo a string", `"inReplyTo":"` + bob + `"`, func(o *Object) any { return o.InReplyTo }, []string{bob}},
		{"inReplyTo an object", `"inReplyTo":{"id":"` + bob + `"}`, func(o *Object) any { return o.InReplyTo }, []string{bob}},
		{"inReplyTo a list", `"inReplyTo":["` + bob + `","` + alice + `"]`, func(o *Object) any { return o.InReplyTo }, []string{bob, alice}},
		{"inReplyTo an object with a page", `"inReplyTo":{"id":"tag:b.example,2026:1","url":"` + bob + `"}`, func(o *Object) any { return o.InReplyTo }, []string{"tag:b.example,2026:1", bob}},
		{"inReplyTo an object without id", `"inReplyTo":{"type":"Note","url":["` + bob + `"]}`, func(o *Object) any { return o.InReplyTo }, []string{bob}},
		{"inReplyTo null", `"inReplyTo":null`, func(o *Object) any { return o.InReplyTo }, []string(nil)},
		{"published with Z", `"published":"2026-10-01T11:59:00Z"`, func(o *Object) any { return o.Published }, when},
		{"published with an offset", `"published":"2026-10-01T13:59:00+02:00"`, func(o *Object) any { return o.Published }, when},
		{"published without colon", `"published":"2026-10-01T11:59:00+0000"`, func(o *Object) any { return o.Published }, when},
		{"published with microseconds", `"published":"2026-10-01T11:59:00.123456Z"`, func(o *Object) any { return o.Published }, when.Add(123456 * time.Microsecond)},
		{"published in small letters", `"published":"2026-10-01t11:59:00z"`, func(o *Object) any { return o.Published }, when},
		{"published without zone", `"published":"2026-10-01T11:59:00"`, func(o *Object) any { return o.Published }, when},
		{"published without seconds", `"published":"2026-10-01T11:59Z"`, func(o *Object) any { return o.Published }, when},
		{"published in the future", `"published":"2999-01-01T00:00:00Z"`, func(o *Object) any { return o.Published.Year() }, 2999},
		{"updated after", `"published":"2026-10-01T11:59:00Z","updated":"2026-10-01T12:59:00Z"`, func(o *Object) any { return o.Updated }, when.Add(time.Hour)},
		{"updated before", `"published":"2026-10-01T11:59:00Z","updated":"2020-10-01T12:59:00Z"`, func(o *Object) any { return o.Updated.IsZero() }, true},
		{"source a string", `"source":"*x*"`, func(o *Object) any { return o.Source }, "*x*"},
		{"source an object", `"source":{"content":"*x*","mediaType":"text/markdown"}`, func(o *Object) any { return o.Source }, "*x*"},
		{"sensitive by its full name", `"` + namespace + `sensitive":true`, func(o *Object) any { return o.Sensitive }, true},
		{"sensitive null", `"sensitive":null`, func(o *Object) any { return o.Sensitive }, false},
		{"replies a string", `"replies":"` + bob + `"`, func(o *Object) any { return []any{o.Replies.ID, o.Replies.Bare} }, []any{bob, true}},
		{"replies a list", `"replies":["` + bob + `"]`, func(o *Object) any { return IDs(o.Replies.Items) }, []string{bob}},
		{"replies a collection", `"replies":{"type":"Collection","totalItems":3,"first":{"type":"CollectionPage","items":[],"next":"` + bob + `","partOf":"` + alice + `"}}`,
			func(o *Object) any {
				return []any{o.Replies.TotalItems, o.Replies.First.Next, o.Replies.First.PartOf}
			}, []any{3, bob, alice}},
		{"items of both names", `"items":"` + alice + `","orderedItems":[{"id":"` + bob + `"}]`, func(o *Object) any { return IDs(o.Items) }, []string{alice, bob}},
		{"totalItems that is none", `"totalItems":"3"`, func(o *Object) any { return o.TotalItems }, 0},
		{"context", `"context":"https://a.example/c"`, func(o *Object) any { return o.Context }, "https://a.example/c"},
		{"conversation", `"context":"tag:a.example,2026:1","conversation":"https://a.example/c"`, func(o *Object) any { return o.Context }, "https://a.example/c"},
		{"conversation that is none", `"conversation":"tag:a.example,2026:1"`, func(o *Object) any { return o.Context }, ""},
		{"quote of any name", `"_misskey_quote":"` + bob + `"`, func(o *Object) any { return o.Quote }, bob},
		{"quotes of all names", `"quoteUri":"` + alice + `","quoteUrl":{"id":"` + bob + `"},"quoteAuthorization":"` + alice + `"`, func(o *Object) any { return []string{o.Quote, o.QuoteAuthorization} }, []string{bob, alice}},
		{"reaction", `"_misskey_reaction":":cat:"`, func(o *Object) any { return o.MisskeyReaction }, ":cat:"},
		{"half a surrogate pair", `"content":"a\ud83d"`, func(o *Object) any { return o.Content }, "a\uFFFD"},
		{"escaped NUL", `"content":"a\u0000b"`, func(o *Object) any { return o.Content }, "a\uFFFDb"},
		{"nonsense far from the point", `"replies":{"type":"Collection","items":[{"id":7,"type":{},"actor":["x",{"id":"` + alice + `"},"` + bob + `"]}]}`,
			func(o *Object) any { return o.Replies.Items[0].Actor.ID }, alice},
		{"expanded names do not count", `"@type":"Delete","@id":"https://evil.example/1"`, func(o *Object) any { return []any{o.Type, o.ID} }, []any{"Note", "https://a.example/n/1"}},
		{"names of another case do not count", `"Content":"x"`, func(o *Object) any { return o.Content }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got(read(t, tt.members))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.members, diff)
			}
		})
	}
}

func TestTimesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "yesterday", "Thu, 01 Oct 2026 11:59:00 GMT", "-0977-11-03T08:31:22Z", "10000-11-03T08:31:22Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
		"1970-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-10-01T25:00:00Z", "2026-12-31T23:59:60Z", "<script>2026</script>", "٢٠٢٦-١٠-٠١T١١:٥٩:٠٠Z",
	} {
		if got := timestamp(s); !got.IsZero() {
			t.Errorf("timestamp(%q) = %v, want the zero time", s, got)
		}
	}
}

func TestReadTypes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		json, want string
		all        []string
	}{
		{`"Note"`, "Note", []string{"Note"}},
		{`["foaf:Person","Person"]`, "Person", []string{"foaf:Person", "Person"}},
		{`["Story"]`, "Story", []string{"Story"}},
		{`"as:Note"`, "Note", []string{"Note"}},
		{`"https://www.w3.org/ns/activitystreams#Note"`, "Note", []string{"Note"}},
		{`["Note",null,7,"Note"]`, "Note", []string{"Note"}},
	}
	for _, tt := range tests {
		o := readDocument(t, `{"id":"https://a.example/1","type":`+tt.json+`}`)
		if o.Type != tt.want || !slices.Equal(o.Types, tt.all) {
			t.Errorf("type %s: got %q of %q, want %q of %q", tt.json, o.Type, o.Types, tt.want, tt.all)
		}
		if !o.Is("X", tt.want) || o.Is("X") || o.Is() {
			t.Errorf("type %s: Is does not tell %q from X", tt.json, tt.want)
		}
	}
}

func TestReadActor(t *testing.T) {
	t.Parallel()
	const a = "https://a.example/alice"
	o := readDocument(t, `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1"],"id":"`+a+`","type":"Person",
		"preferredUsername":"alice","name":null,"summary":"<p>x</p>","inbox":"`+a+`/inbox","outbox":"`+a+`/outbox","followers":{"id":"`+a+`/followers"},
		"following":"`+a+`/following","featured":"`+a+`/featured","endpoints":{"sharedInbox":"https://a.example/inbox"},
		"publicKey":{"id":"`+a+`#main-key","owner":"`+a+`","publicKeyPem":"PEM"},
		"assertionMethod":[{"id":"`+a+`#ed","type":"Multikey","controller":"`+a+`","publicKeyMultibase":"z6Mk"}],
		"alsoKnownAs":"https://old.example/a","movedTo":"https://new.example/a","suspended":true,"discoverable":true,"indexable":true,
		"manuallyApprovesFollowers":true,"webfinger":"alice@a.example"}`)
	want := &Object{
		ID: a, Type: "Person", Types: []string{"Person"}, Summary: "<p>x</p>", PreferredUsername: "alice",
		Inbox: a + "/inbox", Outbox: a + "/outbox", Followers: a + "/followers", Following: a + "/following", Featured: a + "/featured",
		SharedInbox: "https://a.example/inbox",
		PublicKey:   []PublicKey{{ID: a + "#main-key", Owner: a, PEM: "PEM"}, {ID: a + "#ed", Owner: a, Multibase: "z6Mk", Asserts: true}},
		AlsoKnownAs: []string{"https://old.example/a"}, MovedTo: "https://new.example/a",
		Suspended: true, Discoverable: true, Indexable: true, ManuallyApproves: true, WebFinger: "alice@a.example", Raw: o.Raw,
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("actor (-want +got):\n%s", diff)
	}
}

func TestReadKeys(t *testing.T) {
	t.Parallel()
	const a = "https://a.example/alice"
	tests := []struct {
		name, members string
		want          []PublicKey
	}{
		{"by reference", `"type":"Person","publicKey":"` + a + `/key"`, []PublicKey{{ID: a + "/key"}}},
		{"a list", `"type":"Person","publicKey":[{"id":"` + a + `#1","owner":"` + a + `"},"` + a + `#2"]`, []PublicKey{{ID: a + "#1", Owner: a}, {ID: a + "#2"}}},
		{"owner an object", `"type":"Person","publicKey":{"id":"` + a + `#1","owner":{"id":"` + a + `"}}`, []PublicKey{{ID: a + "#1", Owner: a}}},
		{"a key document", `"owner":"` + a + `","publicKeyPem":"PEM"`, []PublicKey{{ID: a, Owner: a, PEM: "PEM"}}},
		{"of odd shapes", `"type":"Person","publicKey":[null,1,{},{"id":7}]`, nil},
	}
	for _, tt := range tests {
		o := readDocument(t, `{"id":"`+a+`",`+tt.members+`}`)
		if diff := cmp.Diff(tt.want, o.PublicKey); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if o := readDocument(t, `{"type":"Person","sharedInbox":"`+a+`"}`); o.SharedInbox != a {
		t.Errorf("sharedInbox beside inbox: got %q, want %q", o.SharedInbox, a)
	}
}

// TestNoteOfTwoServers: a note that names its author in actor as well, as old programs do, cannot speak for another server.
func TestNoteOfTwoServers(t *testing.T) {
	t.Parallel()
	const home = "https://a.example/"
	for members, fine := range map[string]bool{
		`"type":"Note"`: true,
		`"type":"Note","actor":"` + home + `users/alice"`:                                                  true,
		`"type":"Note","attributedTo":"` + home + `users/alice","actor":"` + home + `users/alice"`:         true,
		`"type":"Note","attributedTo":"` + home + `users/alice","actor":"https://b.example/users/bob"`:     false,
		`"type":["Note","x"],"actor":{"id":"https://b.example/users/bob"}`:                                 false,
		`"type":"Article","actor":"http://a.example/users/alice"`:                                          false,
		`"type":"Event","attributedTo":"https://b.example/groups/1","actor":"https://b.example/users/bob"`: true, // Mobilizon: whose group it is
		`"type":"Like","actor":"https://b.example/users/bob","object":"` + home + `n"`:                     true, // ids of activities are the door's business
	} {
		_, err := Read([]byte(`{"id":"` + home + `n/1",` + members + `}`))
		if (err == nil) != fine || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, want read: %t", members, err, fine)
		}
	}
}

func TestRawIsTheObjectsOwnJSON(t *testing.T) {
	t.Parallel()
	const inner = `{ "type" : "Note", "content":"\u0041" }`
	doc := `{"type":"Create","actor":"https://a.example/a", "object": ` + inner + ` ,"x":1}`
	o := readDocument(t, "\uFEFF"+doc)
	if string(o.Raw) != doc || string(o.Object[0].Raw) != inner || string(o.Actor.Raw) != `"https://a.example/a"` {
		t.Errorf("Raw: got %s, %s and %s", o.Raw, o.Object[0].Raw, o.Actor.Raw)
	}
}

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]bool{
		`"to":"` + Public + `"`: true, `"cc":["as:Public"]`: true, `"to":[],"cc":"Public"`: true, `"to":{"id":"` + Public + `"}`: true,
		``: false, `"to":["https://a.example/followers"]`: false, `"bto":"` + Public + `"`: false, `"audience":"` + Public + `"`: false,
		`"to":"public"`: false, `"to":"http://www.w3.org/ns/activitystreams#Public"`: false, `"to":"` + Public + `/x"`: false,
	} {
		if got := read(t, members).IsPublic(); got != want {
			t.Errorf("%s: IsPublic = %v, want %v", members, got, want)
		}
	}
}

func TestReadBombs(t *testing.T) {
	t.Parallel()
	many := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for name, members := range map[string]string{
		"9,000 names":     many(`"k%d":1,`, 9_000),
		"3,000 mentions":  `"tag":[` + many(`{"type":"Mention","href":"https://a.example/%d"},`, 3_000) + `]`,
		"9,000 ids":       `"to":[` + many(`"https://a.example/%d",`, 9_000) + `]`,
		"9,000 types":     `"attachment":{"type":[` + many(`"T%d",`, 9_000) + `]}`,
		"9,000 languages": `"contentMap":{` + many(`"l%d":"x",`, 9_000) + `}`,
	} {
		if o := read(t, members); o.ID == "" {
			t.Errorf("%s: not read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, doc := range []string{
		`{"@context":"https://www.w3.org/ns/activitystreams","id":"https://a.example/1","type":"Create","actor":"https://a.example/a","to":["as:Public"],"object":{"id":"https://a.example/2","type":"Note","attributedTo":"https://a.example/a","content":"<p>Hi :cat:</p>","contentMap":{"en":"x"},"tag":[{"type":"Emoji","name":":cat:","icon":{"url":"https://a.example/c.png"}}],"inReplyTo":"https://b.example/1","published":"2026-10-01T11:59:00Z"}}`,
		`{"id":"https://a.example/a","type":["Person","x"],"publicKey":[{"id":"https://a.example/a#k","publicKeyPem":"x"}],"endpoints":{"sharedInbox":"https://a.example/i"},"url":[{"href":"https://a.example"}]}`,
		`{"type":"Like","actor":["https://a.example/a"],"object":["https://b.example/1"],"content":"\ud83d\ude00","_misskey_reaction":":x:"}`,
		`{"type":"Collection","first":{"items":[{}],"next":"x"},"totalItems":1e3}`, "\uFEFF{}", `[[[[`, `{"a":1,"A":2}`, `{"type":"Delete"}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := Read(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("Read: %v is neither of its errors", err)
			}
			return
		}
		if o.ID != "" && validID(o.ID) == "" {
			t.Fatalf("id %q", o.ID)
		}
		checkTree(t, o.ContentTree())
		again, err := Read(o.Raw)
		if err != nil {
			t.Fatalf("Raw cannot be read: %v", err)
		}
		if diff := cmp.Diff(o.ContentTree().Text(), again.ContentTree().Text()); diff != "" || again.ID != o.ID || again.Type != o.Type {
			t.Fatalf("Raw says something else:\n%s", diff)
		}
	})
}
