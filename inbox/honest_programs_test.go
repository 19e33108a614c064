package inbox_test

import (
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
)

// answer is a reply to the blog as most programs write it.
func answer(id, by string, with m) m {
	return merge(m{
		"id": id, "type": "Note", "attributedTo": by, "inReplyTo": post, "content": "<p>hello</p>", "published": year + "Z",
		"to": []any{public}, "cc": []any{by + "/followers", us},
	}, with)
}

var microblogs = []program{mastodon("Mastodon 4.4", hand{}), mastodon("Mastodon 4.5 with RFC 9421", hand{scheme: signature.RFC9421}), movingHouse(), gotosocial(), misskey(), pleroma(), akkoma(), pixelfed(), threads(), bridgyfed(), gnusocial(), mitra(), tootik()}

func mastodon(name string, sign hand) program {
	by := "https://mastodon.example/users/ann"
	note := answer(by+"/statuses/11", by, m{
		"summary": nil, "sensitive": false, "atomUri": by + "/statuses/11", "inReplyToAtomUri": post, "conversation": "tag:mastodon.example,2026-01-02:objectId=9:objectType=Conversation",
		"url": "https://mastodon.example/@ann/11", "contentMap": m{"en": "<p>hello</p>"}, "attachment": []any{}, "tag": []any{m{"type": "Mention", "href": us, "name": "@blog@blog.example"}},
		"replies": m{"id": by + "/statuses/11/replies", "type": "Collection", "first": m{"type": "CollectionPage", "next": by + "/statuses/11/replies?only_other_accounts=true&page=true", "items": []any{}}},
	})
	ld := m{"signature": m{"type": "RsaSignature2017", "creator": by + "#main-key", "created": year + "Z", "signatureValue": "AAAA"}}
	follow := activity("Follow", "https://mastodon.example/5a9f6c1e-0001", by, us, nil)
	like := activity("Like", by+"#likes/7", by, post, nil)
	boost := activity("Announce", by+"/statuses/12/activity", by, post, m{"published": year + "Z", "to": []any{public}, "cc": []any{us, by + "/followers"}})
	return program{name: name, id: by, keyID: by + "#main-key", sign: sign,
		actor: m{"endpoints": m{"sharedInbox": "https://mastodon.example/inbox"}, "featured": by + "/collections/featured", "indexable": false, "tag": []any{}, "attachment": []any{m{"type": "PropertyValue", "name": "a", "value": "b"}}},
		says: []vector{
			{verb: "follow", doc: follow, after: followed}, {verb: "like", doc: like, after: liked}, {verb: "boost", doc: boost, after: boosted},
			words("reply", "Create", by+"/statuses/11/activity", note, "hello", replied, ld),
			words("edit", "Update", by+"/statuses/11#updates/1767323045", copyOf(note, m{"content": "<p>edited</p>", "contentMap": m{"en": "<p>edited</p>"}, "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, ld),
			says("vote", "Create", by, by+"#votes/1/activity", m{"id": by + "#votes/1", "type": "Note", "name": "yes", "attributedTo": by, "inReplyTo": post, "to": us}, nothing, m{"to": us}),
			says("undo boost", "Undo", by, by+"#announces/12/undo", copyOf(boost, m{"atomUri": boost["id"]}), unboosted, m{"to": []any{public}}),
			says("undo like", "Undo", by, by+"#likes/7/undo", like, unliked, nil),
			says("delete", "Delete", by, by+"/statuses/11#delete", m{"id": by + "/statuses/11", "type": "Tombstone", "atomUri": by + "/statuses/11"}, deleted, merge(m{"to": []any{public}}, ld)),
			says("unfollow", "Undo", by, by+"#follows/3/undo", follow, unfollowed, nil),
			says("follow again", "Follow", by, "https://mastodon.example/5a9f6c1e-0002", us, followed, nil),
			says("block", "Block", by, by+"#blocks/1", us, unfollowed, nil),
			says("delete account", "Delete", by, by+"#delete", by, nothing, m{"to": []any{public}}),
		}}
}

// movingHouse: a Move must never lose the follower. Who follows afterwards is the subject of move_test.go.
func movingHouse() program {
	by, to := "https://mastodon.example/users/moe", "https://new.example/users/moe"
	return program{name: "Mastodon, moving house", id: by, keyID: by + "#main-key", actor: m{"movedTo": to},
		serve: func(p program) map[string]m { return map[string]m{to: actor(to, m{"alsoKnownAs": []any{by}})} },
		says: []vector{
			says("follow", "Follow", by, "https://mastodon.example/f1", us, followed, nil),
			{verb: "move", doc: activity("Move", by+"#moves/1", by, by, m{"target": to, "to": by + "/followers"}), after: nothing, round: true},
		}}
}

func gotosocial() program {
	by := "https://gts.example/users/zork"
	note := answer(by+"/statuses/01HA", by, m{"to": public, "cc": []any{by + "/followers", us}, "url": "https://gts.example/@zork/statuses/01HA", "summary": "", "sensitive": false,
		"tag": m{"type": "Mention", "href": us, "name": "@blog@blog.example"}, "interactionPolicy": m{"canLike": m{"always": public}}, "replies": m{"type": "Collection", "id": by + "/statuses/01HA/replies"}})
	like := activity("Like", by+"/liked/01HB", by, post, m{"to": us})
	return program{name: "GoToSocial", id: by, keyID: by + "/main-key", sign: hand{covers: "(request-target) host date digest", algorithm: "hs2019"},
		serve: func(p program) map[string]m {
			return map[string]m{p.keyID: {"@context": []any{"https://w3id.org/security/v1", "https://www.w3.org/ns/activitystreams"}, "id": by, "type": "Person", "preferredUsername": "zork", "publicKey": p.publicKey()}}
		},
		says: []vector{
			says("follow", "Follow", by, by+"/follow/01HC", us, followed, m{"to": us}), {verb: "like", doc: like, after: liked},
			words("reply", "Create", by+"/statuses/01HA/activity#Create", note, "hello", replied, nil),
			words("edit", "Update", by+"/statuses/01HA/activity#Update/01HD", copyOf(note, m{"content": "<p>edited</p>", "updated": "2026-01-02T04:04:05+02:00"}), "edited", nothing, nil),
			says("votes", "Create", by, by+"/activity#vote0/post", []any{m{"id": by + "#1/votes/1", "type": "Note", "name": "a", "attributedTo": by, "inReplyTo": post, "to": us}, m{"id": by + "#1/votes/2", "type": "Note", "name": "b", "attributedTo": by, "inReplyTo": post, "to": us}}, nothing, m{"to": us}),
			says("boost", "Announce", by, by+"/statuses/01HE", post, boosted, m{"to": by + "/followers", "cc": []any{us, public}, "published": year + "+02:00"}),
			says("undo like", "Undo", by, by+"/undo/01HF", like, unliked, m{"to": us}),
			says("delete", "Delete", by, by+"/statuses/01HA#Delete", by+"/statuses/01HA", deleted, m{"to": public, "cc": us}),
		}}
}

func misskey() program {
	by := "https://misskey.example/users/9k2x"
	emoji := []any{m{"id": "https://misskey.example/emojis/blob", "type": "Emoji", "name": ":blob:", "updated": year + "Z", "icon": m{"type": "Image", "mediaType": "image/png", "url": "https://misskey.example/files/blob"}}}
	note := answer("https://misskey.example/notes/9k3a", by, m{"_misskey_content": "hello", "source": m{"content": "hello", "mediaType": "text/x.misskeymarkdown"}, "attachment": []any{}, "sensitive": false, "tag": emoji, "published": year + ".123Z"})
	react := activity("Like", "https://misskey.example/likes/9k4b", by, post, m{"content": ":blob:", "_misskey_reaction": ":blob:", "tag": emoji})
	follow := activity("Follow", "https://misskey.example/follows/9k2x/9k3d", by, us, nil)
	boost := activity("Announce", "https://misskey.example/notes/9k5c/activity", by, post, m{"published": year + ".000Z", "to": []any{public}, "cc": []any{by + "/followers"}})
	return program{name: "Misskey", id: by, keyID: by + "/publickey", sign: hand{covers: "(request-target) date host digest"}, actor: m{"name": nil, "icon": nil, "isCat": true, "sharedInbox": "https://misskey.example/inbox"},
		serve: func(p program) map[string]m {
			return map[string]m{p.keyID: merge(p.publicKey(), m{"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"}})}
		},
		says: []vector{
			{verb: "follow", doc: follow, after: followed}, {verb: "reaction", doc: react, after: reacted}, {verb: "boost", doc: boost, after: boosted},
			words("reply", "Create", "https://misskey.example/notes/9k3a/activity", note, "hello", replied, m{"published": year + ".123Z"}),
			says("undo reaction", "Undo", by, "https://misskey.example/likes/9k4b/undo", react, unreacted, m{"published": year + "Z"}),
			says("another reaction", "Like", by, "https://misskey.example/likes/9k4c", post, reacted, m{"content": "❤", "_misskey_reaction": "❤"}),
			says("undo boost", "Undo", by, "https://misskey.example/notes/9k5c/undo", boost, unboosted, nil),
			says("delete", "Delete", by, "https://misskey.example/9k6d", m{"id": "https://misskey.example/notes/9k3a", "type": "Tombstone"}, deleted, m{"published": year + "Z"}),
			says("unfollow", "Undo", by, "https://misskey.example/follows/9k2x/9k3d/undo", follow, unfollowed, m{"published": year + "Z"}),
		}}
}

func pleroma() program {
	by := "https://pleroma.example/users/lain"
	id := func(n string) string { return "https://pleroma.example/activities/" + n }
	note := answer("https://pleroma.example/objects/a1", by, m{"actor": by, "source": "hello", "context": "https://pleroma.example/contexts/c1", "context_id": 77, "conversation": "https://pleroma.example/contexts/c1", "emoji": m{}, "summary": "", "sensitive": nil,
		"published": year + ".123456Z", "cc": []any{by + "/followers"}, "to": []any{public, us}, "tag": []any{m{"type": "Mention", "href": us, "name": "@blog@blog.example"}}, "repliesCount": 0, "replies": []any{}})
	react := activity("EmojiReact", id("e1"), by, post, m{"content": "🍮", "to": []any{us, by + "/followers"}, "cc": []any{public}, "context": "https://pleroma.example/contexts/c1"})
	like := activity("Like", id("l1"), by, post, m{"to": []any{us}, "cc": []any{}, "context": nil})
	return program{name: "Pleroma", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) content-length date digest host"}, actor: m{"capabilities": m{"acceptsChatMessages": true}, "tag": []any{}, "endpoints": m{"sharedInbox": "https://pleroma.example/inbox"}},
		says: []vector{
			says("follow", "Follow", by, id("f1"), us, followed, m{"state": "pending", "cc": []any{}, "to": []any{us}, "bto": []any{}}), {verb: "like", doc: like, after: liked}, {verb: "reaction", doc: react, after: reacted},
			words("reply", "Create", id("c1"), note, "hello", replied, m{"context": "https://pleroma.example/contexts/c1", "context_id": 77, "directMessage": false}),
			words("edit", "Update", id("u1"), copyOf(note, m{"content": "<p>edited</p>", "updated": year + ".223456Z", "formerRepresentations": m{"type": "OrderedCollection", "orderedItems": []any{}}}), "edited", nothing, nil),
			says("undo reaction", "Undo", by, id("e2"), id("e1"), unreacted, nil), says("undo like", "Undo", by, id("l2"), like, unliked, nil),
			says("boost", "Announce", by, id("b1"), post, boosted, m{"to": []any{by + "/followers", us}, "cc": []any{public}}),
			says("delete", "Delete", by, id("d1"), "https://pleroma.example/objects/a1", deleted, m{"to": []any{public}}),
		}}
}

func akkoma() program {
	by := "https://akkoma.example/users/marta"
	emoji := []any{m{"id": nil, "type": "Emoji", "name": ":dino:", "updated": "1970-01-01T00:00:00Z", "icon": m{"type": "Image", "url": "https://akkoma.example/emoji/dino.png"}}}
	return program{name: "Akkoma", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) content-length date digest host"},
		says: []vector{
			says("follow", "Follow", by, by+"/f", us, followed, m{"state": "pending"}),
			says("reaction", "EmojiReact", by, by+"/e", post, reacted, m{"content": ":dino:", "tag": emoji, "to": []any{us}}),
			words("reply", "Create", by+"/c", answer(by+"/n", by, m{"tag": emoji, "content": "hello", "source": m{"content": "hello", "mediaType": "text/x.misskeymarkdown"}, "contentMap": m{"en": "hello"}}), "hello", replied, nil),
			says("delete", "Delete", by, by+"/d", by+"/n", deleted, nil),
		}}
}

func pixelfed() program {
	by := "https://pixelfed.example/users/dan"
	note := answer("https://pixelfed.example/p/dan/65", by, m{"summary": nil, "published": year + "+00:00", "url": "https://pixelfed.example/p/dan/65", "sensitive": false, "attachment": []any{}, "tag": m{"type": "Mention", "href": us, "name": "@blog@blog.example"},
		"commentsEnabled": true, "capabilities": m{"announce": public, "like": public, "reply": public}, "location": nil})
	return program{name: "Pixelfed", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) host date digest content-type user-agent"}, actor: m{"endpoints": m{"sharedInbox": "https://pixelfed.example/f/inbox"}},
		says: []vector{
			says("follow", "Follow", by, by+"#follow/1", us, followed, nil), says("like", "Like", by, by+"#likes/2", post, liked, nil),
			words("reply", "Create", "https://pixelfed.example/p/dan/65/activity", note, "hello", replied, m{"published": year + "+00:00"}),
			says("boost", "Announce", by, "https://pixelfed.example/p/dan/66/activity", post, boosted, m{"to": []any{public}, "cc": []any{by, by + "/followers"}, "published": year + "+0000"}),
			says("undo like", "Undo", by, by+"#like/2/undo", m{"id": by + "#likes/2", "type": "Like", "actor": by, "object": post}, unliked, nil),
			says("delete", "Delete", by, "https://pixelfed.example/p/dan/65#delete", m{"id": "https://pixelfed.example/p/dan/65", "type": "Tombstone"}, deleted, nil),
		}}
}

func threads() program {
	by := "https://threads.example/ap/users/178414/"
	note := answer(by+"post/179/", by, m{"url": "https://www.threads.example/@frank/post/Abc", "published": year + "+0000", "updated": year + "+0000", "to": []any{public}, "cc": []any{by + "followers/", us}, "tag": []any{}, "contentMap": m{"en": "<p>hello</p>"}})
	follow := activity("Follow", by+"#follow/18", by, us, nil)
	like := activity("Like", by+"#likes/869", by, post, nil)
	return program{name: "Threads", id: by, keyID: by + "#main-key", sign: hand{covers: "(request-target) host date digest content-type", expires: time.Unix(1, 0)}, actor: m{"inbox": by + "inbox/", "url": "https://www.threads.example/@frank", "preferredUsername": "frank", "endpoints": m{"sharedInbox": "https://threads.example/ap/inbox/"}},
		says: []vector{
			{verb: "follow", doc: follow, after: followed}, {verb: "like", doc: like, after: liked},
			words("reply", "Create", by+"post/179/#create", note, "hello", replied, nil),
			says("boost", "Announce", by, by+"repost/1/", post, boosted, m{"to": []any{public}}),
			says("undo like", "Undo", by, by+"#likes/869/undo", like, unliked, nil),
			says("delete", "Delete", by, by+"post/179/#delete", m{"id": by + "post/179/", "type": "Tombstone"}, deleted, nil),
			says("unfollow", "Undo", by, by+"#unfollow/18", follow, unfollowed, nil),
		}}
}

func bridgyfed() program {
	by := "https://bsky.brid.example/ap/did:plc:3ljm"
	id := "https://bsky.brid.example/convert/ap/at://did:plc:3ljm/app.bsky.feed.post/3k"
	note := answer(id, by, m{"url": []any{"https://bsky.app.example/profile/ryan/post/3k", m{"type": "Link", "rel": "canonical", "href": "at://did:plc:3ljm/app.bsky.feed.post/3k"}}, "contentMap": m{"en": "<p>hello</p>"}, "content_is_html": true,
		"inReplyTo": []any{post}, "tag": []any{m{"type": "Mention", "href": us}}, "published": year + ".000Z"})
	like := activity("Like", "https://bsky.brid.example/convert/ap/at://did:plc:3ljm/app.bsky.feed.like/3l", by, post, m{"to": []any{public}})
	return program{name: "Bridgy Fed", id: by, keyID: by + "#key", sign: hand{covers: "(request-target) host date digest", algorithm: "hs2019"}, actor: m{"inbox": by + "/inbox", "endpoints": m{"sharedInbox": "https://ap.brid.example/sharedInbox"}, "url": "https://bsky.app.example/profile/ryan",
		"icon": []any{m{"type": "Image", "url": "https://cdn.bsky.example/a.jpg"}}, "alsoKnownAs": []any{"at://did:plc:3ljm"}},
		says: []vector{
			says("follow", "Follow", by, "https://bsky.brid.example/convert/ap/at://did:plc:3ljm/app.bsky.graph.follow/3m", us, followed, m{"to": []any{public}}), {verb: "like", doc: like, after: liked},
			words("reply", "Create", id+"#bridgy-fed-create", note, "hello", replied, nil),
			words("edit", "Update", id+"#bridgy-fed-update-2026", copyOf(note, m{"content": "<p>edited</p>", "contentMap": m{"en": "<p>edited</p>"}, "updated": "2026-01-02T04:04:05Z"}), "edited", nothing, nil),
			says("boost", "Announce", by, "https://bsky.brid.example/convert/ap/at://did:plc:3ljm/app.bsky.feed.repost/3n", post, boosted, m{"to": []any{public}}),
			says("undo like", "Undo", by, "https://bsky.brid.example/undo/3l", like, unliked, m{"to": []any{public}}),
			says("delete", "Delete", by, id+"#delete", id, deleted, m{"to": []any{public}}),
		}}
}

func gnusocial() program {
	by := "https://gs.example/actor/43"
	note := answer("https://gs.example/object/note/1338", by, m{"published": year + "+00:00", "source": m{"content": "hello", "mediaType": "text/plain"}, "mediaType": "text/html", "attachment": []any{}, "tag": []any{}, "inConversation": "https://gs.example/conversation/1338", "cc": []any{us}})
	return program{name: "GNU social", id: by, keyID: by + "#public-key", sign: hand{covers: "(request-target) host date digest content-type accept"}, actor: m{"inbox": by + "/inbox.json", "followers": by + "/subscribers"},
		says: []vector{
			says("follow", "Follow", by, "https://gs.example/activity/1", us, followed, m{"to": []any{us}, "cc": []any{}, "published": year + "+00:00"}),
			says("like", "Like", by, "https://gs.example/activity/2", post, liked, m{"to": []any{public}, "cc": []any{us}, "published": year + "+00:00"}),
			words("reply", "Create", "https://gs.example/activity/3", note, "hello", replied, m{"published": year + "+00:00"}),
			says("boost", "Announce", by, "https://gs.example/activity/4", post, boosted, m{"to": []any{public}, "cc": []any{us}}),
			says("delete", "Delete", by, "https://gs.example/activity/5", m{"id": "https://gs.example/object/note/1338", "type": "Tombstone"}, deleted, nil),
		}}
}

// lists gives an actor that lists a Multikey beside the PEM.
func lists(t multikeyer, id, by string) m {
	return m{"assertionMethod": []any{t(id, by)}, "authentication": []any{t(id, by)}}
}

type multikeyer func(id, controller string) m

func multi(key string) multikeyer {
	return func(id, controller string) m { return multikey(quiet{}, id, controller, keys()[key].Public()) }
}

func mitra() program {
	by := "https://mitra.example/users/silver"
	note := answer("https://mitra.example/objects/0195", by, m{"context": "https://mitra.example/conversations/1", "proof": m{"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "verificationMethod": by + "#ed25519-key", "proofPurpose": "assertionMethod", "proofValue": "zAAA", "created": year + "Z"}})
	return program{name: "Mitra", id: by, keyID: by + "#ed25519-key", key: keys()["other"], sign: hand{scheme: signature.RFC9421}, actor: merge(lists(multi("other"), by+"#ed25519-key", by), m{"publicKey": m{"id": by + "#main-key", "owner": by, "publicKeyPem": must(signature.PublicPEM(keys()["bob"]))}}),
		says: []vector{
			says("follow", "Follow", by, "https://mitra.example/activities/follow/1", us, followed, m{"to": []any{us}}),
			words("reply", "Create", "https://mitra.example/activities/create/0195", note, "hello", replied, nil),
			says("reaction", "EmojiReact", by, "https://mitra.example/activities/like/2", post, reacted, m{"content": "🔥", "to": []any{us, public}}),
			says("delete", "Delete", by, "https://mitra.example/activities/delete/0195", m{"id": "https://mitra.example/objects/0195", "type": "Tombstone", "formerType": "Note"}, deleted, m{"to": []any{public}}),
		}}
}

func tootik() program {
	by := "https://tootik.example/user/nobody"
	return program{name: "tootik", id: by, keyID: by + "#ed25519-key", key: keys()["other"], sign: hand{scheme: signature.RFC9421, algorithm: "ed25519"}, actor: m{"publicKey": nil, "assertionMethod": []any{multi("other")(by+"#ed25519-key", by)}},
		says: []vector{
			says("follow", "Follow", by, "https://tootik.example/follow/1", us, followed, nil),
			words("reply", "Create", "https://tootik.example/create/1", answer("https://tootik.example/post/1", by, m{"to": []any{public}, "cc": []any{us}}), "hello", replied, nil),
			says("delete", "Delete", by, "https://tootik.example/delete/1", m{"id": "https://tootik.example/post/1", "type": "Note", "attributedTo": by, "content": "<p>hello</p>", "to": []any{public}}, deleted, nil),
		}}
}
