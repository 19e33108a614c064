-- What followers know of our own actors: a sum of the document that they were told last, and every handle that an actor ever had.
CREATE TABLE profiles (
	actor    TEXT   NOT NULL PRIMARY KEY,
	sum      TEXT   NOT NULL,
	revision BIGINT NOT NULL, -- 1 at the first start, one more for each Update
	told     BIGINT NOT NULL
);
CREATE TABLE handles (
	handle TEXT   NOT NULL PRIMARY KEY, -- in lower case
	actor  TEXT   NOT NULL,
	since  BIGINT NOT NULL
);
CREATE INDEX activities_actor ON activities (actor, sent, id) WHERE public;
