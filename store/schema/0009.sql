-- Which way of signing a host takes, where it is not as with any stranger: worth one request each, so few and bounded.
CREATE TABLE schemes (
	host    TEXT    NOT NULL PRIMARY KEY,
	rfc9421 BOOLEAN NOT NULL,
	tried   BOOLEAN NOT NULL,
	learned BIGINT  NOT NULL
);
CREATE INDEX schemes_learned ON schemes (learned);
