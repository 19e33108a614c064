package interop

// by is what shows that a line of FEDERATION.md is so: steps of the matrix ("in Follow"), verbs of the programs in inbox's TestHonest, and
// tests by package folder and name.
type by struct {
	steps, verbs, tests []string
}

type list = []string

// feps are the lines of "Supported FEPs": slug, words, proof.
var feps = []struct {
	slugs list
	words string
	by    by
}{
	{list{"67ff"}, "this document", by{tests: list{"interop TestFederationFile"}}},
	{list{"f1d5"}, "NodeInfo", by{tests: list{"inbox/profile TestDiscovery"}}},
	{list{"b2b8"}, "long-form text: `name`, `summary`, `content` in its subset of HTML, `preview`", by{steps: list{"out Create{Article}"}, tests: list{"publisher TestArticleGolden", "interop TestVocabulary"}}},
	{list{"8967"}, "the card of a post as a `Link` attachment", by{tests: list{"publisher TestArticleGolden", "interop TestVocabulary"}}},
	{list{"2c59"}, "`webfinger` of an actor: its handle on the site's host, also where the federation has a host of its own", by{tests: list{"inbox/profile TestGolden", "inbox/profile TestSplitHost"}}},
	{list{"3b86"}, "intents in WebFinger: what a reader's own server is asked with, and what others may send a reader here with", by{tests: list{"inbox/profile TestProfileSettings", "inbox/comments TestInteractElsewhere"}}},
	{list{"844e"}, "`generator.implements` says that RFC 9421 is read; that of others decides how their server is spoken to first", by{tests: list{"activitypub/remote TestGeneratorIsUnderstood", "activitypub/remote TestAdvertisedScheme"}}},
	{list{"044f"}, "`interactionPolicy.canQuote` says who may quote (`quote_policy`, by default everybody); a `QuoteRequest` is answered by it, with a `QuoteAuthorization` that can be revoked",
		by{steps: list{"in QuoteRequest", "out Accept{QuoteRequest}", "get QuoteAuthorization"}, tests: list{"inbox TestQuotePolicy", "inbox TestQuoteRevoked"}}},
	{list{"e232"}, "object links, read as quotes", by{tests: list{"activitypub TestQuotes"}}},
	{list{"c0e0"}, "emoji reactions, received", by{steps: list{"in EmojiReact"}, verbs: list{"reaction"}}},
	{list{"7628"}, "`Move` of a follower or commenter, in push and pull mode, received; the blog's own, sent once its target names the blog", by{steps: list{"in Move"}, verbs: list{"move"}, tests: list{"inbox TestMove", "cmd/inboxd TestMoveOut", "cmd/inboxd TestMoveIn"}}},
	{list{"1b12"}, "an `Announce` that wraps a `Create`, `Update`, `Like`, `Dislike`, `EmojiReact` or `Delete` is followed to the inner thing's own server, whose answer counts, or counts at once by its own proof (FEP-8b32). A blog that is a `Group` announces its authors' activities, and what it takes in, to its followers", by{tests: list{"inbox TestWrappedActivities", "inbox TestWrappedDelete", "outbox TestGroupWraps", "inbox TestGroupPassesOn"}}},
	{list{"f228", "7888"}, "a comment's `context` and `replies` are read, to find answers that were never sent here", by{tests: list{"inbox TestBackfill", "inbox TestCollectionsOfOthers"}}},
	{list{"521a"}, "keys of others that are listed as a Multikey (`assertionMethod`, `authentication`; Ed25519 and RSA) verify their requests; each actor of ours lists an Ed25519 key", by{tests: list{"inbox TestMultikey", "activitypub/signature TestMultikeyVector", "inbox/profile TestGolden"}}},
	{list{"8b32", "fe34"}, "every activity of ours carries an integrity proof (`eddsa-jcs-2022`) by its actor's Ed25519 key, over the activity and not over the object alone; what another server or a group brings counts as its actor's with such a proof, by a key of the actor's own origin that it lists as `assertionMethod`",
		by{tests: list{"activitypub/signature TestProofVectors", "outbox TestEverythingIsProven", "inbox TestBrought", "inbox TestWrappedWithProof", "inbox TestAttackProofs", "interop TestProofs"}}},
	{list{"dc88"}, "formulas: MathML with its TeX beside it (`federation.math`); those of others become their TeX", by{tests: list{"publisher TestMath", "activitypub TestParseHTML", "interop TestVocabulary"}}},
	{list{"9098"}, "custom emoji, sent and received; each has a document at its id", by{tests: list{"publisher TestEmoji", "publisher TestEmojiTags", "inbox/profile TestEmoji", "interop TestVocabulary"}}},
	{list{"5feb"}, "`indexable` of a commenter is honoured; the blog's own is true", by{tests: list{"inbox/profile TestGolden"}}},
}

// line is one of the two tables of activities.
type line struct {
	activity, words, shape string
	by                     by
}

var sent = []line{
	{"`Create{Article}`", "a post is published for the first time", "below", by{steps: list{"out Create{Article}"}, tests: list{"outbox TestPeerGetsCreateUpdateDelete"}}},
	{"`Create{Note}`", "likewise, for a post with `fediverse.as = \"note\"`", "", by{steps: list{"out Create{Note}"}}},
	{"`Update`", "a post changed in what followers get; `updated` rises strictly; to every server that got it", "the whole object", by{steps: list{"out Update{Article}"}, tests: list{"interop TestLifeOfAPost"}}},
	{"`Delete{Tombstone}`", "a post is withdrawn, becomes a draft again, or federation is turned off; to every server that got it, answered it, or has followers", "", by{steps: list{"out Delete{Tombstone}"}, tests: list{"interop TestLifeOfAPost", "outbox TestDeleteReachesWhoHoldsIt"}}},
	{"`Accept{Follow}`", "somebody follows", "embeds the whole `Follow`", by{steps: list{"out Accept{Follow}"}, tests: list{"inbox TestAcceptTellsTheWholeFollow"}}},
	{"`Create{Note}` with `inReplyTo`", "the owner answers; to followers, who is answered, and every server that holds the thread", "`Mention` of who is answered and of whom the words name; unlisted where what is answered is", by{steps: list{"out Create{Note}, a reply"}, tests: list{"inbox TestOwnerAnswers", "inbox TestOwnerAnswersReachTheThread", "inbox TestOwnerNamesOthers", "inbox TestOwnerKeepsAudience"}}},
	{"`Announce` of a post, and its `Undo`", "the blog shows its followers an author's post, until it is withdrawn", "`object` is the post's id", by{tests: list{"outbox TestAuthorsPost"}}},
	{"`Announce` of an activity", "the blog is a `Group`; a comment that is approved later or was found, and an edit that was found, likewise, once", "embeds the whole activity as it came; of what was fetched, a `Create` or `Update` around the fetched object, with its id and a fragment", by{tests: list{"outbox TestGroupWraps", "inbox TestGroupPassesOn", "inbox TestGroupPassesOnLater", "inbox TestGroupPassesOnWhatWasFetched"}}},
	{"`Undo{Announce}`, `Announce{Delete}`", "the blog is a `Group`, and a comment that it passed on shows no more: hidden, blocked, or gone without a `Delete`", "the `Delete` is an author's, as a moderator of the group, with `summary` (Lemmy)", by{tests: list{"inbox TestGroupPassesOnLater", "inbox TestGroupTakesBack"}}},
	{"`Add`, `Remove`", "a post is pinned, or no more; at most five", "`target` is `featured`", by{tests: list{"outbox TestPins", "interop TestTurnsOfAPost"}}},
	{"`Update` of an actor", "its profile or its key changed", "the whole actor", by{tests: list{"inbox TestProfileIsTold", "cmd/inboxd/daemon TestRotation"}}},
	{"`Move`", "the owner moves out (`inboxd move-out`, `move-domain`)", "", by{tests: list{"cmd/inboxd TestMoveOut", "cmd/inboxd TestMoveDomain"}}},
	{"`Delete` of an actor", "the account is retired (`inboxd retire`); every id answers 410 from then on", "", by{tests: list{"cmd/inboxd TestRetire"}}},
	{"`Reject{Follow}`", "somebody follows an actor that has moved", "", by{tests: list{"cmd/inboxd TestMoveOut"}}},
	{"`Accept{QuoteRequest}`", "somebody asks to quote a post and may, once the quote was seen", "`result` is the address of the `QuoteAuthorization`, which is not embedded", by{steps: list{"out Accept{QuoteRequest}"}, tests: list{"inbox TestQuoteRequest"}}},
	{"`Reject{QuoteRequest}`", "likewise, and may not: by policy, because the post is closed or withdrawn, the quote cannot be had, or it was revoked", "", by{tests: list{"inbox TestQuotePolicy", "inbox TestQuoteRequest"}}},
	{"`Delete{QuoteAuthorization}`", "the owner revokes; to who quotes, who answered the quote, and every server that got the post", "embeds the authorization with its two ids", by{tests: list{"inbox TestQuoteRevoked"}}},
}

var understood = []line{
	{activity: "`Follow` of the blog", words: "follower stored, `Accept` sent. A `Follow` of a post (Friendica's \"tell me of this thread\") stores nothing and is not answered. Any other id of ours: `404`", by: by{steps: list{"in Follow"}, verbs: list{"follow"}, tests: list{"inbox TestFollowOfSomethingElse"}}},
	{activity: "`Create{Note, Article, Page, …}` answering a post or a comment, to any depth", words: "a comment, if the object itself is public or unlisted, and the post's `canReply` allows its author: else `403`", by: by{steps: list{"in Create{Note}", "in Create{Note}, nested", "in Create{Note}, unlisted", "in Create{Note}, followers only"}, verbs: list{"reply"}, tests: list{"inbox TestTolerance", "inbox TestPrivateReplies", "inbox TestPolicyOfAThread"}}},
	{activity: "`Create` of a reply to something unknown", words: "kept unseen for up to 3 days; its parents are fetched from their origins, the first after 5 s, each further one later, at most 10; a comment if they lead to a post", by: by{tests: list{"inbox TestMissingParents", "inbox TestWaitingIsNotShown"}}},
	{activity: "`Update` of a comment", words: "replaced, marked as edited; an audience that is no longer public removes it", by: by{steps: list{"in Update{Note}"}, verbs: list{"edit"}, tests: list{"inbox TestUpdateNarrows"}}},
	{activity: "`Update` of an actor", words: "name and picture are refreshed", by: by{steps: list{"in Update{Person}"}, tests: list{"inbox TestUpdateOfActor"}}},
	{activity: "`Delete` of a comment or an actor", words: "removed; its place in the thread stays empty while it has answers", by: by{steps: list{"in Delete{Tombstone}", "in Delete{Person}"}, verbs: list{"delete", "delete account"}, tests: list{"inbox TestDeleteOfActor"}}},
	{activity: "`Like`; `Like` with `content` or `_misskey_reaction`; `EmojiReact`; `Dislike`", words: "counted as a like, a reaction, or not shown; `403` where the post's `canLike` does not allow it", by: by{steps: list{"in Like", "in EmojiReact", "in Dislike"}, verbs: list{"like", "reaction", "dislike"}, tests: list{"inbox TestPolicyAtTheDoor"}}},
	{activity: "`Announce` of a post or comment", words: "a boost; `403` where the post's `canAnnounce` does not allow it", by: by{steps: list{"in Announce", "in Announce of our reply"}, verbs: list{"boost"}, tests: list{"inbox TestPolicyAtTheDoor"}}},
	{activity: "`Announce` of an activity", words: "no boost. An object is fetched from its own id, a reaction too (it counts if served there, by an actor of that server); a `Delete` removes a comment whose server answers `404`, `410` or a `Tombstone`; all else is nothing", by: by{tests: list{"inbox TestWrappedActivities", "inbox TestWrappedReaction", "inbox TestWrappedDelete"}}},
	{activity: "`Undo` or `Delete` before what it takes back", words: "from an actor known here it is remembered: the late activity does nothing", by: by{tests: list{"inbox TestEarly"}}},
	{activity: "`Undo` of `Follow`, `Like`, `EmojiReact`, `Announce`, `Block`", words: "taken back, by id or by what it was", by: by{steps: list{"in Undo{Follow}", "in Undo{Like}", "in Undo{EmojiReact}", "in Undo{Announce}"}, verbs: list{"unfollow", "undo follow", "undo like", "undo reaction", "undo boost"}, tests: list{"inbox TestUndoShapes", "inbox TestBlockOfUs"}}},
	{activity: "`Block` of the blog", words: "the follower is removed, and edits of posts no longer go to that actor's own inbox (to a shared one they do). Comments and likes stay: a `Delete` takes them back", by: by{steps: list{"in Block"}, verbs: list{"block"}, tests: list{"inbox TestBlockOfUs"}}},
	{activity: "`Move` by the old actor (push) or the new one (pull)", words: "both actors are fetched: the new one's `alsoKnownAs` must name the old one, the old one's `movedTo` the new one (in push mode it may be missing yet). Then the new one is the follower, and comments show its name, picture and link. They stay the old one's: its `Delete` removes them; after a `Delete` of the new one they show the old one again. Once in seven days; no chains", by: by{steps: list{"in Move"}, verbs: list{"move"}, tests: list{"inbox TestMove", "inbox TestMoveNeedsBoth", "inbox TestAfterMove"}}},
	{activity: "`Flag` of a post, a comment, a commenter or follower", words: "kept for the owner alone (1,000 reports, 90 days, 5,000 characters, 20 objects); `content` or `summary` is the text. A `Flag` of anything else stores nothing", by: by{steps: list{"in Flag"}, verbs: list{"report"}, tests: list{"inbox TestFlag", "inbox TestFlagIsBounded"}}},
	{activity: "`Accept`, `Reject`, `Add`, `Remove`, and `Undo` of these", words: "`202`, nothing: the blog asks for nothing yet", by: by{tests: list{"inbox TestAnswersToNothing"}}},
	{activity: "`QuoteRequest` for a post", words: "`Accept` or `Reject`. The `instrument` must be the asker's: embedded its words count, of a bare id its own copy, which is fetched before anything is accepted (as Mastodon does)", by: by{steps: list{"in QuoteRequest"}, tests: list{"inbox TestQuoteRequest", "inbox TestQuoteRequestByID"}}},
	{activity: "`Create{Note, …}` with `quote`, `quoteUrl`, `quoteUri`, `_misskey_quote` or an object link that names a post", words: "listed under \"Quoted in\", if it is public and the post's policy lets its author quote; a reply that quotes stays a reply", by: by{tests: list{"inbox TestQuoteListed", "activitypub TestQuotes"}}},
	{activity: "`LikeRequest`, `ReplyRequest`, `AnnounceRequest` (GoToSocial)", words: "`202`, nothing stored: no policy of ours demands them, so the like, reply or boost itself comes without", by: by{tests: list{"inbox TestInteractionRequests"}}},
	{activity: "a poll vote, a private message, anything else", words: "`202`, nothing stored", by: by{steps: list{"in Create{Note}, direct"}, verbs: list{"vote", "votes"}, tests: list{"inbox TestPrivateReplies", "inbox TestUnknownWords"}}},
}
