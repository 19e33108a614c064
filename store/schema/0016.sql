-- People whose words do not show, because they asked that. Nothing else is kept from them: they follow, and are told.
CREATE TABLE unshown (
	actor TEXT   PRIMARY KEY,
	since BIGINT NOT NULL
);
