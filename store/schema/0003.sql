-- Who may quote what (FEP-044f). A row that was taken back stays: the same quote is not allowed again.
CREATE TABLE quotes (
	key     TEXT   NOT NULL PRIMARY KEY,
	post    TEXT   NOT NULL,
	quote   TEXT   NOT NULL,
	actor   TEXT   NOT NULL,
	inbox   TEXT   NOT NULL,
	granted BIGINT NOT NULL, -- 0: never asked for, and refused
	revoked BIGINT NOT NULL  -- 0: holds
);
CREATE UNIQUE INDEX quotes_of ON quotes (quote, post);
CREATE INDEX quotes_actor ON quotes (actor);
