-- Version 5: the errors that cost several files of a series, outside of them.
CREATE TABLE cache_cause (
	id INTEGER PRIMARY KEY,
	analysed INTEGER NOT NULL REFERENCES cache_coverage(analysed) ON DELETE CASCADE,
	path TEXT,
	line INTEGER NOT NULL,
	text TEXT,
	files INTEGER NOT NULL
);
CREATE INDEX cache_cause_of ON cache_cause(analysed);
