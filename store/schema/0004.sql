-- What others report to the owner, who has moved where, and who blocks us.

-- server is the domain that a report came from, as it was registered: where there are too many, the server with the most loses one.
CREATE TABLE reports (
	key      TEXT   NOT NULL PRIMARY KEY,
	actor    TEXT   NOT NULL,
	who      TEXT   NOT NULL,
	server   TEXT   NOT NULL,
	text     TEXT   NOT NULL,
	objects  BYTEA,
	dropped  BIGINT NOT NULL,
	received BIGINT NOT NULL,
	closed   BIGINT NOT NULL
);
CREATE INDEX reports_received ON reports (received);

-- Both accounts said so. An actor that moved back stands here with itself, so that it is known when it moved last.
CREATE TABLE moves (
	actor    TEXT   NOT NULL PRIMARY KEY,
	moved_to TEXT   NOT NULL,
	since    BIGINT NOT NULL
);
CREATE INDEX moves_moved_to ON moves (moved_to);

CREATE TABLE blocked_by (
	actor    TEXT   NOT NULL PRIMARY KEY,
	activity TEXT   NOT NULL,
	inbox    TEXT   NOT NULL,
	since    BIGINT NOT NULL
);
