-- What was changed in a thread, in order, as far back as it is known: n counts within the post, version is what threads.version became, comment the row that
-- was written or deleted ("" for none). Whoever has read a version reads the rows named after it; of a post without that version here, everything.
CREATE TABLE thread_changes (
	post    TEXT   NOT NULL,
	n       BIGINT NOT NULL,
	version TEXT   NOT NULL,
	comment TEXT   NOT NULL,
	PRIMARY KEY (post, n)
);
