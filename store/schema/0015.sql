-- What was changed in a thread, in order, as far back as it is known: n counts within the post, version is what threads.version became, comment the row that
-- was written or deleted ("" for none). Whoever has read a version reads the rows named after it; of a post without that version here, everything.
CREATE TABLE thread_changes (
	post    TEXT   NOT NULL,
	n       BIGINT NOT NULL,
	version TEXT   NOT NULL,
	comment TEXT   NOT NULL,
	PRIMARY KEY (post, n)
);
-- Which comment or actor (by its id) brings which picture: it is served while one of them shows. The owner "" is shown always; it stands for what was
-- known before this was kept.
CREATE TABLE media_of (
	owner TEXT NOT NULL,
	hash  TEXT NOT NULL,
	PRIMARY KEY (owner, hash)
);
CREATE INDEX media_of_hash ON media_of (hash);
INSERT INTO media_of (owner, hash) SELECT '', hash FROM media;
-- The language of a post whose document nobody was told; '' leaves that to the document, or the site.
ALTER TABLE articles ADD COLUMN language TEXT NOT NULL DEFAULT '';
