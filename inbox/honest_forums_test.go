package inbox_test

import (
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
)

// quiet is a testing.TB for tables, which are made before any test runs.
type quiet struct{ testing.TB }

func (quiet) Helper()                   {}
func (quiet) Fatalf(f string, a ...any) { panic(f) }

var threadiverse = []program{lemmy(), peertube(), friendica(), hubzilla(), nodebb(), discourse(), mbin(), flipboard()}

func lemmy() program {
	by, group := "https://lemmy.example/u/beta", "https://lemmy.example/c/main"
	id := func(kind, n string) string { return "https://lemmy.example/activities/" + kind + "/" + n }
	note := answer("https://lemmy.example/comment/1", by, m{"mediaType": "text/html", "source": m{"content": "hello", "mediaType": "text/markdown"}, "audience": group, "distinguished": false, "language": m{"identifier": "en", "name": "English"},
		"tag": []any{m{"type": "Mention", "href": us, "name": "@blog@blog.example"}}, "attachment": []any{}, "published": year + ".871846Z", "cc": []any{group, us}})
	wrapped := copyOf(note, m{"id": "https://lemmy.example/comment/2", "content": "<p>passed on</p>"})
	like := activity("Like", id("like", "1"), by, post, m{"audience": group})
	dislike := activity("Dislike", id("dislike", "1"), by, post, m{"audience": group})
	community := &program{name: "Lemmy, the community", id: group, keyID: group + "#main-key", sign: hand{covers: "(request-target) content-type date digest host", algorithm: "hs2019"}, actor: m{"type": "Group", "name": "Main", "postingRestrictedToMods": false, "attributedTo": group + "/moderators"}}
	pass := func(verb, n string, inner any, after counts) vector {
		return vector{verb: verb, doc: activity("Announce", id("announce", n), group, inner, m{"to": []any{public}, "cc": []any{group + "/followers"}}), after: after, round: true, by: community}
	}
	return program{name: "Lemmy", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) content-type date digest host", algorithm: "hs2019"}, actor: m{"matrixUserId": "@a:b", "endpoints": m{"sharedInbox": "https://lemmy.example/inbox"}, "source": m{"content": "x", "mediaType": "text/markdown"}},
		serve: func(program) map[string]m {
			return map[string]m{"https://lemmy.example/comment/2": copyOf(wrapped, m{"@context": "https://www.w3.org/ns/activitystreams"})}
		},
		says: []vector{
			says("follow", "Follow", by, id("follow", "1"), us, followed, m{"to": []any{us}}),
			words("reply", "Create", id("create", "1"), note, "hello", replied, m{"audience": group, "tag": note["tag"]}),
			{verb: "like", doc: like, after: liked}, says("undo like", "Undo", by, id("undo", "1"), like, unliked, m{"audience": group}),
			{verb: "dislike", doc: dislike, after: nothing}, says("undo dislike", "Undo", by, id("undo", "2"), dislike, nothing, m{"audience": group}),
			words("edit", "Update", id("update", "1"), copyOf(note, m{"content": "<p>edited</p>", "updated": "2026-01-02T04:04:05.5Z"}), "edited", nothing, m{"audience": group}),
			says("delete", "Delete", by, id("delete", "1"), "https://lemmy.example/comment/1", deleted, m{"audience": group, "to": []any{public}, "summary": "reason"}),
			pass("reply passed on by the community", "1", activity("Create", id("create", "2"), by, wrapped, m{"to": []any{public}, "audience": group}), replied),
			pass("page passed on", "2", activity("Create", id("create", "3"), by, m{"id": "https://lemmy.example/post/7", "type": "Page", "attributedTo": by, "name": "p", "to": []any{group, public}}, nil), nothing),
			says("undo follow", "Undo", by, id("undo", "3"), m{"id": id("follow", "1"), "type": "Follow", "actor": by, "object": us, "to": []any{us}}, unfollowed, m{"to": []any{us}}),
		}}
}

func peertube() program {
	by := "https://peertube.example/accounts/carla"
	id := "https://peertube.example/videos/watch/1/comments/2"
	note := answer(id, by, m{"attributedTo": []any{m{"type": "Person", "id": by}}, "mediaType": "text/markdown", "content": "hello", "url": id, "replyApproval": nil, "cc": []any{by + "/followers"}, "published": year + ".278Z"})
	note2 := copyOf(note, m{"attributedTo": by}) // whose Create it is
	reply := words("reply", "Create", id+"/activity", note2, "hello", replied, nil)
	reply.doc["object"] = note
	return program{name: "PeerTube", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) host date digest"}, actor: m{"playlists": by + "/playlists", "endpoints": m{"sharedInbox": "https://peertube.example/inbox"}, "icon": []any{m{"type": "Image", "url": "https://peertube.example/a.png", "width": 48}}},
		says: []vector{
			says("follow", "Follow", by, by+"/follows/1", us, followed, nil), says("like", "Like", by, by+"/likes/1", post, liked, m{"to": []any{public}}), reply,
			says("boost", "Announce", by, by+"/announces/1", post, boosted, m{"to": []any{public}, "cc": []any{by + "/followers"}}),
			says("dislike", "Dislike", by, by+"/dislikes/1", post, nothing, nil),
			says("delete", "Delete", by, id+"/delete", id, deleted, m{"to": []any{public}}),
		}}
}

func friendica() program {
	by := "https://friendica.example/profile/heluecht"
	id := func(n string) string { return "https://friendica.example/objects/ec054ce7-" + n }
	service := m{"type": "Service", "name": "Friendica 'Siberian Iris'", "url": "https://friendica.example"}
	note := answer(id("1"), by, m{"summary": "", "diaspora:guid": "ec054ce7", "diaspora:comment": "{}", "url": "https://friendica.example/display/ec054ce7-1", "sensitive": false, "context": post + "#context", "contentMap": m{"de": "<p>hello</p>"}, "source": m{"content": "hello", "mediaType": "text/bbcode"}, "attachment": []any{}, "tag": []any{}, "generator": service, "instrument": service})
	ld := m{"signature": m{"type": "RsaSignature2017", "nonce": "aa", "creator": by + "#main-key", "created": year + "Z", "signatureValue": "AAAA"}}
	reaction := m{"instrument": service, "diaspora:guid": "x", "diaspora:like": "{}", "to": []any{us}, "cc": []any{public}, "published": year + "Z"}
	like := activity("Like", id("2"), by, post, reaction)
	return program{name: "Friendica", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) date digest host content-type"}, actor: m{"vcard:hasInstantMessage": "xmpp:a@b", "generator": service, "diaspora:guid": "x", "endpoints": m{"sharedInbox": "https://friendica.example/inbox"}},
		says: []vector{
			says("follow", "Follow", by, by+"/follow/1", us, followed, m{"to": []any{us}, "instrument": service}),
			says("follow of a post", "Follow", by, by+"/follow/2", post, nothing, m{"to": []any{us}}),
			{verb: "like", doc: like, after: liked}, says("dislike", "Dislike", by, id("3"), post, nothing, reaction),
			words("reply", "Create", id("1")+"/Create", note, "hello", replied, ld), words("edit", "Update", id("1")+"/Update", copyOf(note, m{"content": "<p>edited</p>", "contentMap": m{"de": "<p>edited</p>"}, "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, ld),
			says("undo like", "Undo", by, id("2")+"/Undo", like, unliked, m{"instrument": service}),
			says("delete", "Delete", by, id("1")+"/Delete", m{"id": id("1"), "type": "Tombstone", "published": year + "Z"}, deleted, ld),
			says("unfollow", "Undo", by, by+"/undo/1", activity("Follow", by+"/follow/1", by, us, nil), unfollowed, nil),
		}}
}

func hubzilla() program {
	by := "https://hub.example/channel/kaniini"
	whole := m{"id": by, "type": "Person", "preferredUsername": "kaniini", "name": "Kaniini", "inbox": "https://hub.example/inbox/kaniini", "publicKey": m{"id": by + "/public_key_pem", "owner": by, "publicKeyPem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"}}
	ld := m{"actor": whole, "signature": m{"type": "RsaSignature2017", "nonce": "f00", "creator": by, "created": year + "Z", "signatureValue": "AAAA"}}
	note := answer("https://hub.example/item/1", by, m{"diaspora:guid": "1", "conversation": post, "context": post, "contextHistory": "https://hub.example/conversation/1", "url": m{"type": "Link", "rel": "alternate", "mediaType": "text/html", "href": "https://hub.example/display/1"}, "source": m{"content": "hello", "mediaType": "text/bbcode"}, "published": year + "Z", "commentPolicy": "any"})
	return program{name: "Hubzilla", id: by, keyID: by + "/public_key_pem", sign: hand{covers: "(request-target) date digest host content-type"}, actor: m{"inbox": "https://hub.example/inbox/kaniini", "endpoints": m{"sharedInbox": "https://hub.example/inbox"}},
		says: []vector{
			says("follow", "Follow", by, by+"#follows/2", us, followed, merge(m{"nickname": "kaniini"}, ld)), says("like", "Like", by, "https://hub.example/like/1", post, liked, merge(m{"to": []any{us}}, ld)),
			words("reply", "Create", "https://hub.example/activity/1", note, "hello", replied, ld),
			words("edit", "Update", "https://hub.example/activity/1#edit", copyOf(note, m{"content": "edited", "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, ld),
			says("delete", "Delete", by, "https://hub.example/item/1#delete", m{"id": "https://hub.example/item/1", "type": "Tombstone"}, deleted, ld),
		}}
}

func nodebb() program {
	by := "https://nodebb.example/uid/2"
	note := answer("https://nodebb.example/post/103", by, m{"updated": nil, "url": "https://nodebb.example/post/103", "name": "Re: a topic", "summary": nil, "audience": "https://nodebb.example/category/30", "context": "https://nodebb.example/topic/9", "replies": "https://nodebb.example/post/103/replies", "source": m{"content": "hello", "mediaType": "text/markdown"},
		"attachment": []any{m{"type": "Link", "mediaType": "text/html", "url": "https://nodebb.example/file"}, m{"type": "Image", "mediaType": "image/png", "url": "https://nodebb.example/1.png"}}, "tag": []any{m{"type": "Mention", "href": us, "name": "@blog@blog.example"}}, "published": year + ".680Z"})
	like := activity("Like", by+"#activity/like/1", by, m{"id": post, "type": "Article", "attributedTo": us, "content": "a copy of ours"}, m{"to": []any{us}})
	return program{name: "NodeBB", id: by, keyID: by + "#key", sign: hand{covers: "(request-target) host date digest"}, actor: m{"endpoints": m{"sharedInbox": "https://nodebb.example/inbox"}, "url": "https://nodebb.example/user/julian", "icon": nil},
		says: []vector{
			says("follow", "Follow", by, by+"#activity/follow/1", us, followed, m{"to": []any{us}}), {verb: "like", doc: like, after: liked},
			words("reply", "Create", "https://nodebb.example/post/103#activity/create", note, "hello", replied, nil),
			words("edit", "Update", "https://nodebb.example/post/103#activity/update/1", copyOf(note, m{"content": "<p>edited</p>", "updated": "2026-01-02T04:04:05.000Z"}), "edited", nothing, nil),
			says("boost", "Announce", by, by+"#activity/announce/1", post, boosted, m{"to": []any{by + "/followers"}, "cc": []any{us, public}}),
			says("undo like", "Undo", by, by+"#activity/undo:like/1", copyOf(like, m{"object": post}), unliked, nil),
			says("delete", "Delete", by, "https://nodebb.example/post/103#activity/delete", "https://nodebb.example/post/103", deleted, m{"to": []any{public}, "origin": "https://nodebb.example/topic/9"}),
		}}
}

func discourse() program {
	by := "https://discourse.example/ap/actor/495843"
	note := answer("https://discourse.example/ap/object/ce04", by, m{"name": "Re: a topic", "audience": "https://discourse.example/ap/actor/7972", "context": "https://discourse.example/ap/collection/1", "url": "https://discourse.example/t/1/2", "content": "hello", "cc": []any{"https://discourse.example/ap/actor/7972/followers"}})
	return program{name: "Discourse", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) (created) (expires) host digest", algorithm: "hs2019", expires: time.Unix(1, 0)}, actor: m{"sharedInbox": "https://discourse.example/ap/users/inbox", "updated": year + "Z", "url": "https://discourse.example/u/angus"},
		says: []vector{
			says("follow", "Follow", by, "https://discourse.example/ap/activity/1", us, followed, m{"to": []any{us}}), says("like", "Like", by, "https://discourse.example/ap/activity/2", post, liked, m{"to": []any{public}}),
			words("reply", "Create", "https://discourse.example/ap/activity/3", note, "hello", replied, nil),
			words("edit", "Update", "https://discourse.example/ap/activity/4", copyOf(note, m{"content": "edited", "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, nil),
			says("delete", "Delete", by, "https://discourse.example/ap/activity/5", m{"id": "https://discourse.example/ap/object/ce04", "type": "Tombstone"}, deleted, nil),
		}}
}

func mbin() program {
	by, magazine := "https://mbin.example/u/user2", "https://mbin.example/m/test"
	with := m{"to": []any{public}, "cc": []any{by + "/followers", magazine}, "audience": magazine}
	note := answer("https://mbin.example/m/test/t/1/-/comment/2", by, m{"audience": magazine, "sensitive": false, "tag": []any{}, "mediaType": "text/html", "source": m{"content": "hello", "mediaType": "text/markdown"}, "contentMap": m{"en": "<p>hello</p>"}, "published": year + "+00:00", "url": "https://mbin.example/m/test/t/1/-/comment/2"})
	like := activity("Like", "https://mbin.example/f/like/1", by, post, with)
	return program{name: "Mbin", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) host date digest content-type"}, actor: m{"endpoints": m{"sharedInbox": "https://mbin.example/f/inbox"}, "manuallyApprovesFollowers": false},
		says: []vector{
			says("follow", "Follow", by, "https://mbin.example/f/object/1", us, followed, nil), {verb: "like", doc: like, after: liked}, words("reply", "Create", "https://mbin.example/f/object/2", note, "hello", replied, nil),
			words("edit", "Update", "https://mbin.example/f/object/3", copyOf(note, m{"content": "<p>edited</p>", "contentMap": m{"en": "<p>edited</p>"}, "updated": "2026-01-02T04:04:05+00:00"}), "edited", nothing, nil),
			says("boost", "Announce", by, "https://mbin.example/f/object/a1", post, boosted, m{"to": []any{public}, "cc": []any{by + "/followers"}, "published": year + "+00:00"}),
			says("undo like", "Undo", by, "https://mbin.example/f/undo/1", like, unliked, with),
			says("report", "Flag", by, "https://mbin.example/reports/1", []any{us}, nothing, m{"content": nil, "audience": magazine}),
			says("delete", "Delete", by, "https://mbin.example/f/object/4", m{"id": "https://mbin.example/m/test/t/1/-/comment/2", "type": "Tombstone"}, deleted, with),
		}}
}

func flipboard() program {
	by := "https://flip.example/users/editor"
	follow := activity("Follow", "https://flip.example/activities/1", by, us, nil)
	return program{name: "Flipboard", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) host date digest"},
		says: []vector{
			{verb: "follow", doc: follow, after: followed}, says("like", "Like", by, "https://flip.example/activities/2", post, liked, nil),
			says("boost", "Announce", by, "https://flip.example/activities/3", post, boosted, m{"to": []any{public}, "cc": []any{by + "/followers"}, "published": year + "Z"}),
			words("reply", "Create", "https://flip.example/activities/4", answer("https://flip.example/notes/4", by, nil), "hello", replied, nil), says("unfollow", "Undo", by, "https://flip.example/activities/5", follow, unfollowed, nil),
		}}
}

var blogs = []program{wordpress("WordPress", hand{}), wordpress("WordPress with RFC 9421", hand{scheme: signature.RFC9421, algorithm: "rsa-v1_5-sha256"}), writefreely(), ghost(), hollo(), snac()}

func wordpress(name string, sign hand) program {
	by := "https://wp.example/?author=0"
	note := answer("https://wp.example/?c=148", by, m{"url": "https://wp.example/?p=5&#038;c=148", "contentMap": m{"en": "<p>hello</p>"}, "tag": []any{}, "to": []any{public, "https://wp.example/wp-json/activitypub/1.0/actors/0/followers"}, "cc": []any{}, "replies": m{"id": "https://wp.example/r", "type": "Collection", "first": m{"type": "CollectionPage", "items": []any{}}}})
	like := activity("Like", "https://wp.example/?author=0#activity-like-1", by, post, nil)
	return program{name: name, id: by, keyID: by + "#main-key", sign: sign, actor: m{"type": "Group", "inbox": "https://wp.example/wp-json/activitypub/1.0/actors/0/inbox", "endpoints": m{"sharedInbox": "https://wp.example/wp-json/activitypub/1.0/inbox"}, "streams": []any{}, "webfinger": "blog@wp.example",
		"generator": m{"type": "Application", "implements": []any{m{"href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC-9421"}}}},
		says: []vector{
			says("follow", "Follow", by, "https://wp.example/?author=0#follow-1", us, followed, m{"to": []any{us}}), {verb: "like", doc: like, after: liked},
			words("reply", "Create", "https://wp.example/?c=148#activity", note, "hello", replied, nil),
			words("edit", "Update", "https://wp.example/?c=148#activity-update-1", copyOf(note, m{"content": "<p>edited</p>", "contentMap": m{"en": "<p>edited</p>"}, "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, nil),
			says("boost", "Announce", by, "https://wp.example/?p=9#activity", post, boosted, m{"to": []any{public}, "cc": []any{by}}),
			says("undo like", "Undo", by, "https://wp.example/?author=0#activity-undo-1", like, unliked, nil),
			says("delete", "Delete", by, "https://wp.example/?c=148#activity-delete", m{"id": "https://wp.example/?c=148", "type": "Tombstone"}, deleted, m{"to": []any{public}}),
		}}
}

func writefreely() program {
	by := "https://write.example/api/collections/matt"
	follow := activity("Follow", by+"/follows/1", by, us, nil)
	article := answer("https://write.example/api/posts/abc", by, m{"type": "Article", "attributedTo": []any{by}, "name": "An answer", "url": "https://write.example/matt/an-answer", "tag": []any{}, "contentMap": m{"en": "<p>hello</p>"}, "cc": []any{by + "/followers"}})
	return program{name: "WriteFreely", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) date host digest"}, actor: m{"url": "https://write.example/matt/", "outbox": by + "/outbox"},
		says: []vector{
			{verb: "follow", doc: follow, after: followed}, words("reply", "Create", "https://write.example/api/posts/abc/activity", article, "hello", replied, nil),
			words("edit", "Update", "https://write.example/api/posts/abc/update", copyOf(article, m{"content": "<p>edited</p>", "contentMap": m{"en": "<p>edited</p>"}, "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, nil),
			says("delete", "Delete", by, "https://write.example/api/posts/abc/delete", m{"id": "https://write.example/api/posts/abc", "type": "Article"}, deleted, m{"to": []any{public}}),
			vector{verb: "unfollow, without an id", doc: activity("Undo", "", by, follow, m{"id": nil}), after: unfollowed},
		}}
}

func ghost() program {
	by := "https://ghost.example/.ghost/activitypub/users/index"
	id := func(kind, n string) string { return "https://ghost.example/.ghost/activitypub/" + kind + "/" + n }
	note := answer(id("note", "1"), by, m{"summary": nil, "cc": by + "/followers", "to": "as:Public", "tag": []any{m{"type": "Mention", "href": us, "name": "@blog@blog.example"}}, "updated": year + "Z"})
	like := activity("Like", id("like", "1"), by, post, m{"to": "as:Public", "cc": by + "/followers"})
	return program{name: "Ghost", id: by, keyID: by + "#main-key", sign: hand{scheme: signature.RFC9421, covers: "@method @target-uri @authority host date content-digest", algorithm: "rsa-v1_5-sha256"}, actor: m{"type": "Person", "preferredUsername": "index"},
		says: []vector{
			says("follow", "Follow", by, id("follow", "1"), us, followed, m{"to": us}), {verb: "like", doc: like, after: liked},
			words("reply", "Create", id("create", "1"), note, "hello", replied, m{"@context": []any{"https://www.w3.org/ns/activitystreams", m{"QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization", "quoteAuthorization": m{"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"}}}}),
			says("boost", "Announce", by, id("announce", "1"), post, boosted, m{"to": "as:Public", "cc": by + "/followers"}), says("undo like", "Undo", by, id("undo", "1"), like, unliked, m{"to": "as:Public"}),
			says("delete", "Delete", by, id("delete", "1"), m{"id": id("note", "1"), "type": "Tombstone"}, deleted, m{"to": "as:Public"}),
		}}
}

// hollo stands for what is built with Fedify: both kinds of key are listed, the RSA one signs requests.
func hollo() program {
	by := "https://hollo.example/@hong"
	return program{name: "Hollo", id: by, keyID: by + "#main-key", sign: hand{scheme: signature.RFC9421, covers: "@method @target-uri @authority host date content-digest", algorithm: "rsa-v1_5-sha256"}, actor: m{"assertionMethod": []any{multi("bob")(by+"#main-key", by), multi("other")(by+"#key-2", by)}},
		says: []vector{
			says("follow", "Follow", by, by+"#follows/1", us, followed, nil), words("reply", "Create", by+"/1#create", answer(by+"/1", by, nil), "hello", replied, nil),
			says("reaction", "EmojiReact", by, by+"#react/1", post, reacted, m{"content": "🎉", "to": public}), says("undo reaction", "Undo", by, by+"#undo/1", by+"#react/1", unreacted, nil),
			says("delete", "Delete", by, by+"/1#delete", m{"id": by + "/1", "type": "Tombstone"}, deleted, nil),
		}}
}

func snac() program {
	by := "https://snac.example/grunfink"
	like := activity("Like", by+"/d/1/Like", by, post, m{"to": us})
	return program{name: "snac", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) host digest date"}, actor: m{"endpoints": m{"sharedInbox": "https://snac.example/shared-inbox"}},
		says: []vector{
			says("follow", "Follow", by, by+"/d/1/Follow", us, followed, m{"to": us}), {verb: "like", doc: like, after: liked},
			words("reply", "Create", by+"/p/1/Create", answer(by+"/p/1", by, m{"sourceContent": "hello", "context": by + "/p/1#ctxt", "updated": year + "Z", "sensitive": false, "summary": "", "tag": []any{}, "attachment": []any{}, "url": by + "/p/1"}), "hello", replied, nil),
			says("boost", "Announce", by, by+"/d/2/Announce", post, boosted, m{"to": []any{public}, "cc": []any{us}}), says("undo like", "Undo", by, by+"/d/3/Undo", like, unliked, m{"to": us}),
			says("delete", "Delete", by, by+"/p/1/Delete", m{"id": by + "/p/1", "type": "Tombstone"}, deleted, m{"to": []any{public}}),
		}}
}
