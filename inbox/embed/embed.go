// Package embed is what other sites take of a thread: the elements <fedi-comments> and <fedi-follow>, whose files are made here, and the
// thread in the shapes that existing widgets and readers know (Mastodon's context, webmention.io's jf2, Atom).
//
// An activitypub.Thread comes in, bytes go out. It answers no request and reads no store: package comments does both. It refuses to make
// markup of remote words: activitypub.Tree writes them. What is plain text in a shape stays harmless where a careless widget takes it
// for HTML (plain.go), because most widgets in the wild do so somewhere.
package embed
