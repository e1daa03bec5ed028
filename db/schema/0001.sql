-- Version 1: the first schema.
--
-- Two kinds of table, told apart by their prefix:
--   kept_*   what cannot be made again: series, findings and their history, rulings, plans.
--   cache_*  what an analysis makes again. A migration may drop and make these anew (and then
--            must empty cache_analysis); rows of kept_* never refer to them.
--
-- Users read the views (views.sql), never these tables, so tables may change freely.
--
-- Conventions: object ids are blobs of 20 bytes, NULL for git's all-zero id. Lines count from 1.
-- Lists keep their order by the rowid of their rows: a list is read by its owner, ordered by id.
-- Enumerations are stored by name, so that a row explains itself and a new release may reorder
-- them. Text is whatever bytes a patch held, most often UTF-8.

-- Settings of the mediation: base.rev, rules, ...
CREATE TABLE kept_setting (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- One version of a series. The version in force has a position; one that was replaced stays, with
-- position NULL, as long as the analysis still refers to it. Ids are never used twice.
CREATE TABLE kept_series (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	position INTEGER,          -- in the order the series were added
	digest TEXT,               -- of the sources, told by the engine
	base BLOB, base_tree BLOB, -- commit and tree the series stands on
	tip BLOB, tip_tree BLOB,
	files INTEGER NOT NULL,    -- as git diff --shortstat --no-renames base tip
	insertions INTEGER NOT NULL,
	deletions INTEGER NOT NULL,
	content TEXT NOT NULL,     -- SHA-256 of this row's meaning and of all lists but the changes
	changes TEXT               -- SHA-256 of the changes; NULL: they were never stored
);
CREATE UNIQUE INDEX kept_series_name ON kept_series(name) WHERE position IS NOT NULL;
CREATE INDEX kept_series_superseded ON kept_series(id) WHERE position IS NULL;

-- The SPECs of a series, in the order given.
CREATE TABLE kept_source (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	spec TEXT NOT NULL
);
CREATE INDEX kept_source_series ON kept_source(series);

CREATE TABLE kept_patch (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	n INTEGER NOT NULL,        -- from 1, in the series
	source INTEGER NOT NULL,   -- which of its SPECs, from 0
	"commit" BLOB,             -- NULL: nothing of it applied
	tree BLOB,                 -- the tree after it
	subject TEXT,
	message TEXT,
	author_name TEXT, author_email TEXT,
	author_time INTEGER NOT NULL, author_offset INTEGER NOT NULL, -- seconds; minutes east
	message_id TEXT,
	origin TEXT,
	patch_id TEXT,             -- git's stable patch id
	applied INTEGER NOT NULL,
	fuzzy INTEGER NOT NULL,    -- hunks placed by offset, reduced context or three-way
	UNIQUE (series, n)
);

-- Hunks that found no place.
CREATE TABLE kept_reject (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	patch INTEGER NOT NULL,    -- kept_patch.n
	reason TEXT NOT NULL,
	path TEXT,
	origin TEXT,
	source_line INTEGER NOT NULL,
	hunk INTEGER NOT NULL,     -- 0: the whole file
	near_line INTEGER NOT NULL, near_end INTEGER NOT NULL, -- 0: nothing is near
	difference TEXT
);
CREATE INDEX kept_reject_series ON kept_reject(series);

-- What a reader left out or missed, one sentence each.
CREATE TABLE kept_note (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	text TEXT NOT NULL
);
CREATE INDEX kept_note_series ON kept_note(series);

-- Paths that differ between base and tip.
CREATE TABLE kept_change (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	status TEXT NOT NULL,      -- A, M, D or T as git names them
	old_oid BLOB, new_oid BLOB,
	old_mode INTEGER NOT NULL, new_mode INTEGER NOT NULL,
	binary INTEGER NOT NULL,
	insertions INTEGER NOT NULL, deletions INTEGER NOT NULL
);
CREATE INDEX kept_change_series ON kept_change(series, path);

-- Their hunks, without context. old_patch and new_patch say of each line which patch removed or
-- added it, as runs: pairs of LEB128 numbers (patch, lines), patch 0 for unknown; NULL: not told.
CREATE TABLE kept_hunk (
	id INTEGER PRIMARY KEY,
	change INTEGER NOT NULL REFERENCES kept_change(id) ON DELETE CASCADE,
	old_start INTEGER NOT NULL, old_count INTEGER NOT NULL,
	new_start INTEGER NOT NULL, new_count INTEGER NOT NULL,
	old_patch BLOB, new_patch BLOB
);
CREATE INDEX kept_hunk_change ON kept_hunk(change);

-- Analyses that were made, so that a closed finding can say when it was seen last. Making the same
-- analysis again (same key) is no new run.
CREATE TABLE kept_run (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	key TEXT NOT NULL,
	time INTEGER NOT NULL      -- seconds since 1970
);

-- Findings by fingerprint, those of the last analysis (ordinal is not NULL) and the closed ones.
CREATE TABLE kept_finding (
	id INTEGER PRIMARY KEY,
	fingerprint TEXT NOT NULL UNIQUE,
	short TEXT,                -- first digits of the fingerprint, as people name it
	kind TEXT NOT NULL,
	severity TEXT NOT NULL,
	confidence REAL NOT NULL,
	title TEXT,
	explanation TEXT,
	suggestion TEXT,
	ordinal INTEGER,           -- place in the last analysis, from 0; NULL: closed
	first_run INTEGER NOT NULL REFERENCES kept_run(id),
	last_run INTEGER NOT NULL REFERENCES kept_run(id)
);
CREATE UNIQUE INDEX kept_finding_open ON kept_finding(ordinal) WHERE ordinal IS NOT NULL;

CREATE TABLE kept_finding_party (
	id INTEGER PRIMARY KEY,
	finding INTEGER NOT NULL REFERENCES kept_finding(id) ON DELETE CASCADE,
	name TEXT NOT NULL         -- of a series
);
CREATE INDEX kept_finding_party_of ON kept_finding_party(finding);

CREATE TABLE kept_finding_point (
	id INTEGER PRIMARY KEY,
	finding INTEGER NOT NULL REFERENCES kept_finding(id) ON DELETE CASCADE,
	point TEXT NOT NULL        -- id of a point: mmu.set_pte
);
CREATE INDEX kept_finding_point_of ON kept_finding_point(finding);

CREATE TABLE kept_location (
	id INTEGER PRIMARY KEY,
	finding INTEGER NOT NULL REFERENCES kept_finding(id) ON DELETE CASCADE,
	series TEXT,               -- name; NULL: the base
	at TEXT NOT NULL,          -- base, tip or merged: the tree that path and line count in
	blob BLOB,
	path TEXT,
	line INTEGER NOT NULL, end_line INTEGER NOT NULL, -- 0: the whole file
	symbol TEXT,
	patch INTEGER NOT NULL     -- number in its series; 0: unknown
);
CREATE INDEX kept_location_of ON kept_location(finding);

-- Rulings. Bound to the fingerprint alone, so that they outlive findings and series.
CREATE TABLE kept_decision (
	fingerprint TEXT PRIMARY KEY,
	take TEXT NOT NULL,
	party TEXT,                -- series name for take
	note TEXT,
	by TEXT,
	time INTEGER NOT NULL
) WITHOUT ROWID;

-- What the merge resolved by itself.
CREATE TABLE kept_resolution (
	id INTEGER PRIMARY KEY,
	path TEXT,
	line INTEGER NOT NULL, end_line INTEGER NOT NULL,
	method TEXT,
	confidence REAL NOT NULL,
	verified INTEGER NOT NULL
);

-- The plan: one row when there is one, so that an empty plan is not no plan.
CREATE TABLE kept_plan (
	id INTEGER PRIMARY KEY CHECK (id = 1)
);

CREATE TABLE kept_step (
	id INTEGER PRIMARY KEY,    -- in the order of the plan
	n INTEGER NOT NULL,
	action TEXT NOT NULL,
	title TEXT,
	tree BLOB,
	verified TEXT NOT NULL,
	detail TEXT                -- Markdown
);

CREATE TABLE kept_step_item (
	id INTEGER PRIMARY KEY,
	step INTEGER NOT NULL REFERENCES kept_step(id) ON DELETE CASCADE,
	kind TEXT NOT NULL,        -- series, point, finding, owner
	value TEXT NOT NULL
);
CREATE INDEX kept_step_item_of ON kept_step_item(step);

CREATE TABLE kept_step_patch (
	id INTEGER PRIMARY KEY,
	step INTEGER NOT NULL REFERENCES kept_step(id) ON DELETE CASCADE,
	series TEXT NOT NULL,
	n INTEGER NOT NULL         -- kept_patch.n
);
CREATE INDEX kept_step_patch_of ON kept_step_patch(step);

CREATE TABLE kept_step_after (
	id INTEGER PRIMARY KEY,
	step INTEGER NOT NULL REFERENCES kept_step(id) ON DELETE CASCADE,
	n INTEGER NOT NULL         -- kept_step.n of a step that must come before
);
CREATE INDEX kept_step_after_of ON kept_step_after(step);

-- Open decisions of the plan.
CREATE TABLE kept_undecided (
	id INTEGER PRIMARY KEY,
	title TEXT
);

CREATE TABLE kept_undecided_finding (
	id INTEGER PRIMARY KEY,
	undecided INTEGER NOT NULL REFERENCES kept_undecided(id) ON DELETE CASCADE,
	finding TEXT NOT NULL      -- kept_finding.short
);
CREATE INDEX kept_undecided_finding_of ON kept_undecided_finding(undecided);

-- Which step, or which open decision, each hunk of each series went to.
CREATE TABLE kept_plan_hunk (
	id INTEGER PRIMARY KEY,
	step INTEGER REFERENCES kept_step(id) ON DELETE CASCADE,
	undecided INTEGER REFERENCES kept_undecided(id) ON DELETE CASCADE,
	series TEXT NOT NULL,
	path TEXT NOT NULL,
	hunk INTEGER NOT NULL,     -- from 1 within the path; 0: the whole path
	superseded INTEGER NOT NULL, -- another hunk stands for it
	CHECK ((step IS NULL) <> (undecided IS NULL))
);
CREATE INDEX kept_plan_hunk_step ON kept_plan_hunk(step) WHERE step IS NOT NULL;
CREATE INDEX kept_plan_hunk_undecided ON kept_plan_hunk(undecided) WHERE undecided IS NOT NULL;

-- ------------------------------------------------------------------------------------- caches

-- Encoded fact sets, by a digest of everything they depend on.
CREATE TABLE cache_facts (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	path TEXT,                 -- for people who wonder what fills the database
	used INTEGER NOT NULL,     -- the last run that asked for it
	data BLOB NOT NULL
);
CREATE INDEX cache_facts_used ON cache_facts(used);

-- The last analysis. Its rows below are replaced together.
CREATE TABLE cache_analysis (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	key TEXT NOT NULL,
	base_rev TEXT,
	base BLOB, base_tree BLOB,
	catalogue INTEGER NOT NULL, -- 0: none fits the base
	catalogue_name TEXT, catalogue_version TEXT, catalogue_title TEXT, catalogue_digest TEXT
);

-- The groups of the catalogue, in the order to show them.
CREATE TABLE cache_group (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);

-- Which version of which series was analysed; id counts from 0.
CREATE TABLE cache_analysed (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id)
);
CREATE INDEX cache_analysed_series ON cache_analysed(series);

CREATE TABLE cache_coverage (
	analysed INTEGER PRIMARY KEY REFERENCES cache_analysed(id) ON DELETE CASCADE,
	c_files INTEGER NOT NULL, c_files_clean INTEGER NOT NULL,
	c_lines_changed INTEGER NOT NULL, c_lines_parsed INTEGER NOT NULL,
	other_files INTEGER NOT NULL, other_lines_changed INTEGER NOT NULL
);

CREATE TABLE cache_unparsed (
	id INTEGER PRIMARY KEY,
	analysed INTEGER NOT NULL REFERENCES cache_coverage(analysed) ON DELETE CASCADE,
	path TEXT,
	at TEXT NOT NULL,
	line INTEGER NOT NULL, end_line INTEGER NOT NULL,
	reason TEXT
);
CREATE INDEX cache_unparsed_of ON cache_unparsed(analysed);

-- The points of the catalogue, in its order, from 0.
CREATE TABLE cache_point (
	id INTEGER PRIMARY KEY,
	name TEXT,                 -- mmu.set_pte
	"group" TEXT, member TEXT,
	title TEXT, signature TEXT, contract TEXT, native TEXT,
	verdict TEXT NOT NULL
);

CREATE TABLE cache_point_alias (
	id INTEGER PRIMARY KEY,
	point INTEGER NOT NULL REFERENCES cache_point(id) ON DELETE CASCADE,
	name TEXT NOT NULL
);
CREATE INDEX cache_point_alias_of ON cache_point_alias(point);

-- One series at one point.
CREATE TABLE cache_side (
	point INTEGER NOT NULL REFERENCES cache_point(id) ON DELETE CASCADE,
	analysed INTEGER NOT NULL REFERENCES cache_analysed(id) ON DELETE CASCADE,
	state TEXT NOT NULL,
	confidence REAL NOT NULL,
	PRIMARY KEY (point, analysed)
) WITHOUT ROWID;
CREATE INDEX cache_side_analysed ON cache_side(analysed);

CREATE TABLE cache_evidence (
	id INTEGER PRIMARY KEY,
	point INTEGER NOT NULL,
	analysed INTEGER NOT NULL,
	weight TEXT NOT NULL,
	kind TEXT, rule TEXT, symbol TEXT, note TEXT,
	at TEXT NOT NULL,
	blob BLOB,
	path TEXT,
	line INTEGER NOT NULL, end_line INTEGER NOT NULL,
	patch INTEGER NOT NULL,
	confidence REAL NOT NULL,
	FOREIGN KEY (point, analysed) REFERENCES cache_side(point, analysed) ON DELETE CASCADE
);
CREATE INDEX cache_evidence_of ON cache_evidence(point, analysed);

-- What was read, for queries: stands apart from the analysis, since it is replaced less often.
CREATE TABLE cache_reading (
	id INTEGER PRIMARY KEY,
	series TEXT NOT NULL       -- name
);

-- A file of the base (reading is NULL) or of a tip.
CREATE TABLE cache_file (
	id INTEGER PRIMARY KEY,
	reading INTEGER REFERENCES cache_reading(id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	blob BLOB,
	units INTEGER NOT NULL,    -- translation units with this main file
	clean INTEGER NOT NULL     -- of these, how many parsed without error
);
CREATE INDEX cache_file_reading ON cache_file(reading);

CREATE TABLE cache_entity (
	id INTEGER PRIMARY KEY,
	file INTEGER NOT NULL REFERENCES cache_file(id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	reader TEXT NOT NULL,
	flags INTEGER NOT NULL,    -- 1 definition, 2 static, 4 inline, 8 function-like, 16 undef
	line INTEGER NOT NULL, end_line INTEGER NOT NULL,
	name TEXT NOT NULL, parent TEXT NOT NULL,
	signature TEXT NOT NULL, value TEXT NOT NULL, condition TEXT NOT NULL
);
CREATE INDEX cache_entity_file ON cache_entity(file);

CREATE TABLE cache_touch (
	id INTEGER PRIMARY KEY,
	reading INTEGER NOT NULL REFERENCES cache_reading(id) ON DELETE CASCADE,
	change TEXT NOT NULL,      -- added, changed, removed, moved
	use INTEGER NOT NULL,      -- 0: an entity, 1: a use of one
	kind TEXT NOT NULL,
	reader TEXT NOT NULL,
	flags INTEGER NOT NULL,
	name TEXT NOT NULL,
	detail TEXT, "in" TEXT, condition TEXT,
	signature_base TEXT, signature_tip TEXT,
	base_file INTEGER REFERENCES cache_file(id) ON DELETE CASCADE,
	base_line INTEGER NOT NULL, base_end INTEGER NOT NULL,
	tip_file INTEGER REFERENCES cache_file(id) ON DELETE CASCADE,
	tip_line INTEGER NOT NULL, tip_end INTEGER NOT NULL,
	origin TEXT,               -- of a shadow copy: the path in the base
	patch INTEGER NOT NULL
);
CREATE INDEX cache_touch_reading ON cache_touch(reading);

-- Added files that are changed copies of a file of the base.
CREATE TABLE cache_shadow (
	id INTEGER PRIMARY KEY,
	reading INTEGER NOT NULL REFERENCES cache_reading(id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	origin TEXT NOT NULL,
	similarity INTEGER NOT NULL -- per cent of lines shared
);
CREATE INDEX cache_shadow_reading ON cache_shadow(reading);
