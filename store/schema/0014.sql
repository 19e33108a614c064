-- Webmentions. webmentions: the addresses that a comment which came as one says to be at, by which it is told from what came by the fediverse.
CREATE TABLE webmentions (
	comment TEXT NOT NULL,
	url     TEXT NOT NULL,
	PRIMARY KEY (comment, url)
);
CREATE INDEX webmentions_url ON webmentions (url);
-- What was mentioned to others: the pages that a post links or linked to. told is when their endpoint was last asked, 0 for never; status its
-- answer, 0 where there is no endpoint or none was reached.
CREATE TABLE mentioned (
	post     TEXT   NOT NULL,
	target   TEXT   NOT NULL,
	endpoint TEXT   NOT NULL,
	status   BIGINT NOT NULL,
	error    TEXT   NOT NULL,
	told     BIGINT NOT NULL,
	PRIMARY KEY (post, target)
);
