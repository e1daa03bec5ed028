-- Version 2: the changes of a series are read in their own order, which an index by path too would
-- make SQLite sort.
DROP INDEX kept_change_series;
CREATE INDEX kept_change_series ON kept_change(series);
