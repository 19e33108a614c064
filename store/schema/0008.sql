-- What our own actors say of themselves that no setting holds: which accounts they were before, where they have gone, whether they are
-- no more. moved and retired are 0 where it is not so.
CREATE TABLE standings (
	actor    TEXT   NOT NULL PRIMARY KEY,
	moved_to TEXT   NOT NULL,
	moved    BIGINT NOT NULL,
	retired  BIGINT NOT NULL
);
CREATE TABLE aliases (
	actor  TEXT   NOT NULL,
	alias  TEXT   NOT NULL,
	handle TEXT   NOT NULL,
	since  BIGINT NOT NULL,
	PRIMARY KEY (actor, alias)
);
