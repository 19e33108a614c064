-- The owner's replies stand in the ledger beside the posts: what one answers ("" for a post), and who keeps it: "" the published list,
-- "api" the daemon alone.
ALTER TABLE articles ADD COLUMN in_reply_to TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN origin TEXT NOT NULL DEFAULT '';
