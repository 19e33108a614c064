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
-- Sites that Postil does not build ([[embed.sites]]), by the address of their feed: etag and modified are what it said of itself last, begun is false until
-- its first list was taken.
CREATE TABLE sites (
	feed     TEXT    NOT NULL PRIMARY KEY,
	etag     TEXT    NOT NULL,
	modified TEXT    NOT NULL,
	begun    BOOLEAN NOT NULL,
	polled   BIGINT  NOT NULL,
	error    TEXT    NOT NULL
);
-- Their pages, each with the post that stands for it. sum tells what the feed said last. gone is when the page answered 410 first, 0 for never; remove is set
-- where the owner said so; listed is the last time that the feed had it, checked when the page itself was asked.
CREATE TABLE site_pages (
	page    TEXT    NOT NULL PRIMARY KEY,
	feed    TEXT    NOT NULL,
	post    TEXT    NOT NULL,
	sum     TEXT    NOT NULL,
	gone    BIGINT  NOT NULL,
	remove  BOOLEAN NOT NULL,
	listed  BIGINT  NOT NULL,
	checked BIGINT  NOT NULL
);
CREATE INDEX site_pages_feed ON site_pages (feed, checked);
