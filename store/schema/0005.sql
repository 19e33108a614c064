-- What followers were told can be recalled, and posts can be pinned.

-- recalled is the sum (SHA-256, hex) of the document that the owner recalled before it left: it is not told again. told is when the round
-- began that told the post last. pinned is its place in the collection featured as followers were told, 0 for none; pins counts what
-- was told of that, pinned_by whose
-- collection it is.
ALTER TABLE articles ADD COLUMN recalled TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN pins BIGINT NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN pinned_by TEXT NOT NULL DEFAULT '';
CREATE INDEX articles_pinned ON articles (pinned);
