-- Version 3: fact sets are deflated. Those of the 2006 case take 67 MB as they are and 19 MB deflated
-- at zlib's quickest, which costs 0.7 s once. The cache is made anew.
DROP TABLE cache_facts;
CREATE TABLE cache_facts (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	path TEXT,                 -- for people who wonder what fills the database
	used INTEGER NOT NULL,     -- the last run that asked for it
	size INTEGER NOT NULL,     -- bytes when inflated
	data BLOB NOT NULL         -- a zlib stream
);
CREATE INDEX cache_facts_used ON cache_facts(used);
