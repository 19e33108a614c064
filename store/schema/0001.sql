-- One dialect for SQLite and PostgreSQL: TEXT keys, BIGINT times (Unix milliseconds, 0 = none), BYTEA documents.
-- Migrations are only ever added: never edit this file once it has been released.

CREATE TABLE articles (
	id         TEXT    NOT NULL PRIMARY KEY,
	url        TEXT    NOT NULL,
	name       TEXT    NOT NULL,
	sha256     TEXT    NOT NULL,
	json       BYTEA,
	published  BIGINT  NOT NULL,
	updated    BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL,
	announced  BOOLEAN NOT NULL,
	withdrawn  BIGINT  NOT NULL
);
CREATE INDEX articles_url ON articles (url);
CREATE INDEX articles_published ON articles (published);

CREATE TABLE activities (
	id     TEXT    NOT NULL PRIMARY KEY,
	type   TEXT    NOT NULL,
	object TEXT    NOT NULL,
	actor  TEXT    NOT NULL,
	public BOOLEAN NOT NULL,
	json   BYTEA,
	sent   BIGINT  NOT NULL
);
CREATE INDEX activities_public ON activities (sent, id) WHERE public;
CREATE INDEX activities_type ON activities (type, sent);

CREATE TABLE followers (
	actor        TEXT   NOT NULL,
	followed     TEXT   NOT NULL,
	inbox        TEXT   NOT NULL,
	shared_inbox TEXT   NOT NULL,
	host         TEXT   NOT NULL, -- the lane of the inbox that is used
	follow_id    TEXT   NOT NULL,
	since        BIGINT NOT NULL,
	parked       BIGINT NOT NULL,
	PRIMARY KEY (actor, followed)
);
CREATE INDEX followers_followed ON followers (followed, since);
CREATE INDEX followers_host ON followers (host);

-- seq orders the activities about one object. floor is the earliest moment that anybody allows (hold, Retry-After), due the moment of
-- the next try, since the start of the seven days. doubt counts the attempts that may have arrived though no answer says so: 0 means
-- that the inbox surely never got it. A row that waits has an earlier one about the same object before it.
CREATE TABLE deliveries (
	activity TEXT    NOT NULL,
	object   TEXT    NOT NULL,
	type     TEXT    NOT NULL,
	inbox    TEXT    NOT NULL,
	host     TEXT    NOT NULL,
	actor    TEXT    NOT NULL,
	state    TEXT    NOT NULL,
	seq      BIGINT  NOT NULL,
	waits    BOOLEAN NOT NULL,
	attempts BIGINT  NOT NULL,
	refused  BIGINT  NOT NULL,
	doubt    BIGINT  NOT NULL,
	created  BIGINT  NOT NULL,
	since    BIGINT  NOT NULL,
	floor    BIGINT  NOT NULL,
	due      BIGINT  NOT NULL,
	status   BIGINT  NOT NULL,
	error    TEXT    NOT NULL,
	done     BIGINT  NOT NULL,
	PRIMARY KEY (activity, inbox)
);
CREATE INDEX deliveries_due ON deliveries (host, due, created, floor) WHERE state = 'pending' AND NOT waits;
CREATE INDEX deliveries_host ON deliveries (host) WHERE state IN ('pending', 'parked');
CREATE INDEX deliveries_object ON deliveries (object, inbox, seq);

-- failing_since is when the breaker opened first without a success since; failed and heard are the last times of each.
CREATE TABLE hosts (
	host          TEXT   NOT NULL PRIMARY KEY,
	failures      BIGINT NOT NULL,
	first_failed  BIGINT NOT NULL,
	open_until    BIGINT NOT NULL,
	opened        BIGINT NOT NULL,
	failing_since BIGINT NOT NULL,
	failed        BIGINT NOT NULL,
	heard         BIGINT NOT NULL,
	last_error    TEXT   NOT NULL,
	last_ok       BIGINT NOT NULL
);
CREATE INDEX hosts_failed ON hosts (failed);

CREATE TABLE comments (
	id          TEXT    NOT NULL PRIMARY KEY,
	kind        TEXT    NOT NULL,
	post        TEXT    NOT NULL,
	parent      TEXT    NOT NULL,
	actor       TEXT    NOT NULL,
	url         TEXT    NOT NULL,
	content     BYTEA,
	warning     BYTEA,
	sensitive   BOOLEAN NOT NULL,
	attachments BYTEA,
	language    TEXT    NOT NULL,
	emoji       TEXT    NOT NULL,
	emoji_url   TEXT    NOT NULL,
	published   BIGINT  NOT NULL,
	updated     BIGINT  NOT NULL,
	received    BIGINT  NOT NULL,
	state       TEXT    NOT NULL,
	source      BYTEA
);
CREATE INDEX comments_post ON comments (post, kind, state);
CREATE INDEX comments_parent ON comments (parent);
CREATE INDEX comments_actor ON comments (actor);
CREATE INDEX comments_state ON comments (state, received);

-- A thread's version is replaced by a new random word with each change that a reader could see.
CREATE TABLE threads (
	post    TEXT NOT NULL PRIMARY KEY,
	version TEXT NOT NULL
);

CREATE TABLE seen (
	activity TEXT   NOT NULL PRIMARY KEY,
	actor    TEXT   NOT NULL,
	received BIGINT NOT NULL
);
CREATE INDEX seen_received ON seen (received);

CREATE TABLE errands (
	url      TEXT   NOT NULL PRIMARY KEY,
	reason   TEXT   NOT NULL,
	post     TEXT   NOT NULL,
	attempts BIGINT NOT NULL,
	added    BIGINT NOT NULL,
	due      BIGINT NOT NULL
);
CREATE INDEX errands_due ON errands (due);
CREATE INDEX errands_added ON errands (added);

CREATE TABLE actors (
	id            TEXT    NOT NULL PRIMARY KEY,
	type          TEXT    NOT NULL,
	handle        TEXT    NOT NULL,
	name          BYTEA,
	url           TEXT    NOT NULL,
	icon          TEXT    NOT NULL,
	inbox         TEXT    NOT NULL,
	shared_inbox  TEXT    NOT NULL,
	keys          BYTEA,
	followers     TEXT    NOT NULL,
	indexable     BOOLEAN NOT NULL,
	created       BIGINT  NOT NULL,
	fetched       BIGINT  NOT NULL,
	gone          BIGINT  NOT NULL,
	also_known_as BYTEA,
	moved_to      TEXT    NOT NULL
);
CREATE INDEX actors_fetched ON actors (fetched);

CREATE TABLE actor_keys (
	key   TEXT NOT NULL,
	actor TEXT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
	PRIMARY KEY (key, actor)
);
CREATE INDEX actor_keys_actor ON actor_keys (actor);

CREATE TABLE blocks (
	what   TEXT   NOT NULL PRIMARY KEY,
	reason TEXT   NOT NULL,
	since  BIGINT NOT NULL
);

CREATE TABLE media (
	hash     TEXT   NOT NULL PRIMARY KEY,
	url      TEXT   NOT NULL,
	type     TEXT   NOT NULL,
	data     BYTEA,
	size     BIGINT NOT NULL,
	max_side BIGINT NOT NULL, -- the largest size in which a page shows it, in pixels
	wanted   BIGINT NOT NULL,
	fetched  BIGINT NOT NULL,
	failed   BIGINT NOT NULL
);
CREATE INDEX media_fetched ON media (fetched);
CREATE INDEX media_wanted ON media (wanted);

CREATE TABLE tokens (
	sha256 TEXT   NOT NULL PRIMARY KEY,
	name   TEXT   NOT NULL,
	scope  TEXT   NOT NULL,
	since  BIGINT NOT NULL
);
