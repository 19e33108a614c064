package activitypub

import (
	"maps"
	"strings"
)

// objectful are the activities that mean nothing without an object.
var objectful = set("Accept Add Announce Block Create Delete Dislike EmojiReact Flag Follow Like Move Reject Remove Undo Update QuoteRequest")

// activities are the types of Activity Streams and of the known extensions that tell what happened. A document has at most one.
var activities = union(objectful, set(`Activity Arrive Ignore Invite Join Leave Listen Offer Question Read TentativeAccept TentativeReject
	Travel View IntransitiveActivity AnnounceRequest LikeRequest ReplyRequest FeatureRequest Bite Lock`))

// known are all the types whose meaning we know; of several, the first of these is the object's Type.
var known = union(activities, set(`Application Group Organization Person Service
	Article Audio Document Event Image Note Page Place Profile Relationship Tombstone Video
	Collection OrderedCollection CollectionPage OrderedCollectionPage Link Mention
	Hashtag Emoji PropertyValue Key Multikey CryptographicKey QuoteAuthorization LikeAuthorization ReplyAuthorization AnnounceAuthorization`))

func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}

func union(sets ...map[string]bool) map[string]bool {
	m := map[string]bool{}
	for _, s := range sets {
		maps.Copy(m, s)
	}
	return m
}
