-- When a post takes no more comments by its own front matter: 0 leaves that to the settings.
ALTER TABLE articles ADD COLUMN closes BIGINT NOT NULL DEFAULT 0;
-- The comment that the owner put on top of a post's thread, one a post.
CREATE TABLE pins (
	post    TEXT NOT NULL PRIMARY KEY,
	comment TEXT NOT NULL
);
