-- An errand is known by what it fetches and why, and takes along what it must not forget.
ALTER TABLE errands RENAME TO errands_before;
CREATE TABLE errands (
	url      TEXT   NOT NULL,
	reason   TEXT   NOT NULL,
	post     TEXT   NOT NULL,
	data     BYTEA,
	attempts BIGINT NOT NULL,
	added    BIGINT NOT NULL,
	due      BIGINT NOT NULL,
	PRIMARY KEY (url, reason)
);
INSERT INTO errands (url, reason, post, attempts, added, due) SELECT url, reason, post, attempts, added, due FROM errands_before;
DROP TABLE errands_before;
CREATE INDEX errands_due ON errands (due);
CREATE INDEX errands_added ON errands (added, url, reason);
