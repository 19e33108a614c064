-- What a blog that is a Group passes on of others (FEP-1b12). activity is the Create of a comment as it came, NULL where none came or the
-- comment was edited since; announce the id of the Announce by which the Group's followers know it, '' while they do not; times how often
-- they were told; edited the comment's last edit of which they know.
CREATE TABLE passed_on (
	comment  TEXT   NOT NULL PRIMARY KEY,
	activity BYTEA,
	announce TEXT   NOT NULL,
	times    BIGINT NOT NULL,
	edited   BIGINT NOT NULL
);
-- Since when an actor of ours is a Group: what came before is not passed on.
CREATE TABLE groups_since (
	actor TEXT   NOT NULL PRIMARY KEY,
	since BIGINT NOT NULL
);
