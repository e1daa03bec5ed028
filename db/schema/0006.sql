-- Version 6: what was chosen to be parsed, by a digest of all that was asked; aged like cache_facts.
CREATE TABLE cache_choice (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	path TEXT,                 -- for people who wonder what fills the database
	used INTEGER NOT NULL,     -- the last run that asked for it
	size INTEGER NOT NULL,     -- bytes of the data when inflated
	data BLOB NOT NULL
);
CREATE INDEX cache_choice_used ON cache_choice(used);
