PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE kept_setting (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO kept_setting VALUES('base.rev','v1.0');
INSERT INTO kept_setting VALUES('schema.views','793e2c438dfe600fb6d87111c1abde856a3b286ff28f9fdeaf8a7893df5ab54c');
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
INSERT INTO kept_series VALUES(1,'acme',1,'digest',X'1111111111111111111111111111111111111111',NULL,X'2222222222222222222222222222222222222222',NULL,1,3,0,'e0dcfcc3dfd59419b2fb73db4e0229bda861b8f3b18a5596fe41d0e43f784ccf','39049a0a62e0792e64b180ec202a8853a8a7a146f2c58415eeb7b4d6c0baed4b');
INSERT INTO kept_series VALUES(2,'bolt',2,'digest',X'1111111111111111111111111111111111111111',NULL,NULL,NULL,0,0,0,'785c40d641ad5637380b3ca908223b3e7e4cd2a6aaae14b930e792a5e88b405b','af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc');
CREATE TABLE kept_source (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	spec TEXT NOT NULL
);
INSERT INTO kept_source VALUES(1,1,'quilt:acme/patches');
INSERT INTO kept_source VALUES(2,2,'mbox:bolt.mbox');
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
INSERT INTO kept_patch VALUES(1,1,1,0,NULL,NULL,'irq: a flag',replace('irq: a flag\n','\n',char(10)),'Jörg','joerg@acme.example',0,0,NULL,NULL,NULL,1,0);
INSERT INTO kept_patch VALUES(2,1,2,0,NULL,NULL,'irq: it''s acme''s own flag',replace('irq: it''s acme''s own flag\n','\n',char(10)),'Jörg','joerg@acme.example',0,0,NULL,NULL,NULL,1,0);
INSERT INTO kept_patch VALUES(3,2,1,0,NULL,NULL,'irq: bolt''s flag',NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,0);
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
INSERT INTO kept_reject VALUES(1,2,1,'hunk','kernel/irq.c',NULL,0,0,17,0,NULL);
CREATE TABLE kept_note (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id) ON DELETE CASCADE,
	text TEXT NOT NULL
);
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
INSERT INTO kept_change VALUES(1,1,'kernel/irq.c','M',NULL,NULL,0,0,0,3,0);
CREATE TABLE kept_hunk (
	id INTEGER PRIMARY KEY,
	change INTEGER NOT NULL REFERENCES kept_change(id) ON DELETE CASCADE,
	old_start INTEGER NOT NULL, old_count INTEGER NOT NULL,
	new_start INTEGER NOT NULL, new_count INTEGER NOT NULL,
	old_patch BLOB, new_patch BLOB
);
INSERT INTO kept_hunk VALUES(1,1,10,0,11,3,X'',X'010102010101');
CREATE TABLE kept_run (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	key TEXT NOT NULL,
	time INTEGER NOT NULL      -- seconds since 1970
);
INSERT INTO kept_run VALUES(1,'one',1795460877);
INSERT INTO kept_run VALUES(2,'two',1795460877);
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
INSERT INTO kept_finding VALUES(1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','aaaaaaaa','text.conflict','note',1.0,'kernel/irq.c',NULL,NULL,0,1,2);
INSERT INTO kept_finding VALUES(2,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','bbbbbbbb','text.adjacent','note',1.0,'kernel/irq.c',NULL,NULL,1,1,2);
INSERT INTO kept_finding VALUES(3,'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','cccccccc','code.same-entity','note',1.0,'kernel/irq.c',NULL,NULL,NULL,1,1);
CREATE TABLE kept_finding_party (
	id INTEGER PRIMARY KEY,
	finding INTEGER NOT NULL REFERENCES kept_finding(id) ON DELETE CASCADE,
	name TEXT NOT NULL         -- of a series
);
INSERT INTO kept_finding_party VALUES(5,3,'acme');
INSERT INTO kept_finding_party VALUES(6,3,'bolt');
INSERT INTO kept_finding_party VALUES(7,1,'acme');
INSERT INTO kept_finding_party VALUES(8,1,'bolt');
INSERT INTO kept_finding_party VALUES(9,2,'acme');
INSERT INTO kept_finding_party VALUES(10,2,'bolt');
CREATE TABLE kept_finding_point (
	id INTEGER PRIMARY KEY,
	finding INTEGER NOT NULL REFERENCES kept_finding(id) ON DELETE CASCADE,
	point TEXT NOT NULL        -- id of a point: mmu.set_pte
);
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
INSERT INTO kept_location VALUES(3,3,'acme','tip',NULL,'kernel/irq.c',12,12,NULL,0);
INSERT INTO kept_location VALUES(4,1,'acme','tip',NULL,'kernel/irq.c',12,12,NULL,0);
INSERT INTO kept_location VALUES(5,2,'acme','tip',NULL,'kernel/irq.c',12,12,NULL,0);
CREATE TABLE kept_decision (
	fingerprint TEXT PRIMARY KEY,
	take TEXT NOT NULL,
	party TEXT,                -- series name for take
	note TEXT,
	by TEXT,
	time INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO kept_decision VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','take','acme',NULL,NULL,0);
CREATE TABLE kept_resolution (
	id INTEGER PRIMARY KEY,
	path TEXT,
	line INTEGER NOT NULL, end_line INTEGER NOT NULL,
	method TEXT,
	confidence REAL NOT NULL,
	verified INTEGER NOT NULL
);
CREATE TABLE kept_plan (
	id INTEGER PRIMARY KEY CHECK (id = 1)
);
INSERT INTO kept_plan VALUES(1);
CREATE TABLE kept_step (
	id INTEGER PRIMARY KEY,    -- in the order of the plan
	n INTEGER NOT NULL,
	action TEXT NOT NULL,
	title TEXT,
	tree BLOB,
	verified TEXT NOT NULL,
	detail TEXT                -- Markdown
, whole INTEGER NOT NULL DEFAULT 0);
INSERT INTO kept_step VALUES(1,1,'take','Take acme''s flag',NULL,'no',NULL,0);
CREATE TABLE kept_step_item (
	id INTEGER PRIMARY KEY,
	step INTEGER NOT NULL REFERENCES kept_step(id) ON DELETE CASCADE,
	kind TEXT NOT NULL,        -- series, point, finding, owner
	value TEXT NOT NULL
);
CREATE TABLE kept_step_patch (
	id INTEGER PRIMARY KEY,
	step INTEGER NOT NULL REFERENCES kept_step(id) ON DELETE CASCADE,
	series TEXT NOT NULL,
	n INTEGER NOT NULL         -- kept_patch.n
);
CREATE TABLE kept_step_after (
	id INTEGER PRIMARY KEY,
	step INTEGER NOT NULL REFERENCES kept_step(id) ON DELETE CASCADE,
	n INTEGER NOT NULL         -- kept_step.n of a step that must come before
);
CREATE TABLE kept_undecided (
	id INTEGER PRIMARY KEY,
	title TEXT
);
INSERT INTO kept_undecided VALUES(1,'Whose flag?');
CREATE TABLE kept_undecided_finding (
	id INTEGER PRIMARY KEY,
	undecided INTEGER NOT NULL REFERENCES kept_undecided(id) ON DELETE CASCADE,
	finding TEXT NOT NULL      -- kept_finding.short
);
CREATE TABLE kept_plan_hunk (
	id INTEGER PRIMARY KEY,
	step INTEGER REFERENCES kept_step(id) ON DELETE CASCADE,
	undecided INTEGER REFERENCES kept_undecided(id) ON DELETE CASCADE,
	series TEXT NOT NULL,
	path TEXT NOT NULL,
	hunk INTEGER NOT NULL,     -- from 1 within the path; 0: the whole path
	fate TEXT NOT NULL DEFAULT 'taken', -- another hunk stands for it
	CHECK ((step IS NULL) <> (undecided IS NULL))
);
INSERT INTO kept_plan_hunk VALUES(1,1,NULL,'acme','kernel/irq.c',1,'taken');
INSERT INTO kept_plan_hunk VALUES(2,NULL,1,'bolt','kernel/irq.c',1,'taken');
CREATE TABLE cache_analysis (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	key TEXT NOT NULL,
	base_rev TEXT,
	base BLOB, base_tree BLOB,
	catalogue INTEGER NOT NULL, -- 0: none fits the base
	catalogue_name TEXT, catalogue_version TEXT, catalogue_title TEXT, catalogue_digest TEXT
);
INSERT INTO cache_analysis VALUES(1,'two','v1.0',NULL,NULL,0,NULL,NULL,NULL,NULL);
CREATE TABLE cache_group (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);
CREATE TABLE cache_analysed (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES kept_series(id)
);
INSERT INTO cache_analysed VALUES(0,1);
INSERT INTO cache_analysed VALUES(1,2);
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
CREATE TABLE cache_side (
	point INTEGER NOT NULL REFERENCES cache_point(id) ON DELETE CASCADE,
	analysed INTEGER NOT NULL REFERENCES cache_analysed(id) ON DELETE CASCADE,
	state TEXT NOT NULL,
	confidence REAL NOT NULL,
	PRIMARY KEY (point, analysed)
) WITHOUT ROWID;
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
CREATE TABLE cache_reading (
	id INTEGER PRIMARY KEY,
	series TEXT NOT NULL       -- name
);
CREATE TABLE cache_file (
	id INTEGER PRIMARY KEY,
	reading INTEGER REFERENCES cache_reading(id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	blob BLOB,
	units INTEGER NOT NULL,    -- translation units with this main file
	clean INTEGER NOT NULL     -- of these, how many parsed without error
);
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
CREATE TABLE cache_shadow (
	id INTEGER PRIMARY KEY,
	reading INTEGER NOT NULL REFERENCES cache_reading(id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	origin TEXT NOT NULL,
	similarity INTEGER NOT NULL -- per cent of lines shared
);
CREATE TABLE cache_facts (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	path TEXT,                 -- for people who wonder what fills the database
	used INTEGER NOT NULL,     -- the last run that asked for it
	size INTEGER NOT NULL,     -- bytes when inflated
	data BLOB NOT NULL         -- a zlib stream
);
CREATE TABLE cache_cause (
	id INTEGER PRIMARY KEY,
	analysed INTEGER NOT NULL REFERENCES cache_coverage(analysed) ON DELETE CASCADE,
	path TEXT,
	line INTEGER NOT NULL,
	text TEXT,
	files INTEGER NOT NULL
);
CREATE TABLE cache_choice (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	path TEXT,                 -- for people who wonder what fills the database
	used INTEGER NOT NULL,     -- the last run that asked for it
	size INTEGER NOT NULL,     -- bytes of the data when inflated
	data BLOB NOT NULL
);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('kept_series',2);
INSERT INTO sqlite_sequence VALUES('kept_run',2);
CREATE UNIQUE INDEX kept_series_name ON kept_series(name) WHERE position IS NOT NULL;
CREATE INDEX kept_series_superseded ON kept_series(id) WHERE position IS NULL;
CREATE INDEX kept_source_series ON kept_source(series);
CREATE INDEX kept_reject_series ON kept_reject(series);
CREATE INDEX kept_note_series ON kept_note(series);
CREATE INDEX kept_hunk_change ON kept_hunk(change);
CREATE UNIQUE INDEX kept_finding_open ON kept_finding(ordinal) WHERE ordinal IS NOT NULL;
CREATE INDEX kept_finding_party_of ON kept_finding_party(finding);
CREATE INDEX kept_finding_point_of ON kept_finding_point(finding);
CREATE INDEX kept_location_of ON kept_location(finding);
CREATE INDEX kept_step_item_of ON kept_step_item(step);
CREATE INDEX kept_step_patch_of ON kept_step_patch(step);
CREATE INDEX kept_step_after_of ON kept_step_after(step);
CREATE INDEX kept_undecided_finding_of ON kept_undecided_finding(undecided);
CREATE INDEX kept_plan_hunk_step ON kept_plan_hunk(step) WHERE step IS NOT NULL;
CREATE INDEX kept_plan_hunk_undecided ON kept_plan_hunk(undecided) WHERE undecided IS NOT NULL;
CREATE INDEX cache_analysed_series ON cache_analysed(series);
CREATE INDEX cache_unparsed_of ON cache_unparsed(analysed);
CREATE INDEX cache_point_alias_of ON cache_point_alias(point);
CREATE INDEX cache_side_analysed ON cache_side(analysed);
CREATE INDEX cache_evidence_of ON cache_evidence(point, analysed);
CREATE INDEX cache_file_reading ON cache_file(reading);
CREATE INDEX cache_entity_file ON cache_entity(file);
CREATE INDEX cache_touch_reading ON cache_touch(reading);
CREATE INDEX cache_shadow_reading ON cache_shadow(reading);
CREATE INDEX kept_change_series ON kept_change(series);
CREATE INDEX cache_facts_used ON cache_facts(used);
CREATE INDEX cache_cause_of ON cache_cause(analysed);
CREATE INDEX cache_choice_used ON cache_choice(used);
CREATE VIEW settings AS
SELECT key, value FROM kept_setting WHERE key NOT LIKE 'schema.%';
CREATE VIEW series AS
SELECT s.name, s.position,
	lower(hex(s.base)) AS base, lower(hex(s.tip)) AS tip, lower(hex(s.tip_tree)) AS tip_tree,
	(SELECT count(*) FROM kept_patch p WHERE p.series = s.id) AS patches,
	(SELECT count(*) FROM kept_patch p WHERE p.series = s.id AND p.applied) AS applied,
	(SELECT count(*) FROM kept_reject r WHERE r.series = s.id) AS rejects,
	s.files, s.insertions, s.deletions
FROM kept_series s WHERE s.position IS NOT NULL;
CREATE VIEW sources AS
SELECT s.name AS series,
	row_number() OVER (PARTITION BY o.series ORDER BY o.id) AS n, o.spec
FROM kept_source o JOIN kept_series s ON s.id = o.series WHERE s.position IS NOT NULL;
CREATE VIEW patches AS
SELECT s.name AS series, p.n, nullif(lower(hex(p."commit")), '') AS "commit",
	nullif(lower(hex(p.tree)), '') AS tree, p.subject,
	p.author_name, p.author_email, datetime(p.author_time, 'unixepoch') AS date,
	p.message_id, p.origin, p.patch_id, p.applied, p.fuzzy, p.message
FROM kept_patch p JOIN kept_series s ON s.id = p.series WHERE s.position IS NOT NULL;
CREATE VIEW rejects AS
SELECT s.name AS series, r.patch, r.reason, r.path, r.hunk, r.origin, r.source_line,
	r.near_line, r.near_end, r.difference
FROM kept_reject r JOIN kept_series s ON s.id = r.series WHERE s.position IS NOT NULL;
CREATE VIEW notes AS
SELECT s.name AS series, o.text
FROM kept_note o JOIN kept_series s ON s.id = o.series WHERE s.position IS NOT NULL;
CREATE VIEW files AS
SELECT s.name AS series, c.path, c.status, c.insertions, c.deletions, c.binary,
	nullif(lower(hex(c.old_oid)), '') AS old_oid, nullif(lower(hex(c.new_oid)), '') AS new_oid,
	nullif(printf('%06o', c.old_mode), '000000') AS old_mode,
	nullif(printf('%06o', c.new_mode), '000000') AS new_mode,
	(SELECT count(*) FROM kept_hunk h WHERE h.change = c.id) AS hunks
FROM kept_change c JOIN kept_series s ON s.id = c.series WHERE s.position IS NOT NULL;
CREATE VIEW hunks AS
SELECT s.name AS series, c.path,
	row_number() OVER (PARTITION BY h.change ORDER BY h.id) AS n,
	h.old_start, h.old_count, h.new_start, h.new_count
FROM kept_hunk h JOIN kept_change c ON c.id = h.change JOIN kept_series s ON s.id = c.series
WHERE s.position IS NOT NULL;
CREATE VIEW points AS
SELECT p.name AS id, p."group", p.member, p.title, p.verdict, s.name AS series, d.state,
	d.confidence,
	(SELECT count(*) FROM cache_evidence e
		WHERE e.point = d.point AND e.analysed = d.analysed) AS evidence,
	p.signature, p.contract, p.native
FROM cache_point p LEFT JOIN cache_side d ON d.point = p.id
	LEFT JOIN cache_analysed a ON a.id = d.analysed LEFT JOIN kept_series s ON s.id = a.series;
CREATE VIEW evidence AS
SELECT p.name AS point, s.name AS series, e.weight, e.kind, e.rule, e.symbol, e.at, e.path, e.line,
	e.end_line, nullif(lower(hex(e.blob)), '') AS oid, nullif(e.patch, 0) AS patch,
	e.confidence, e.note
FROM cache_evidence e JOIN cache_point p ON p.id = e.point
	JOIN cache_analysed a ON a.id = e.analysed JOIN kept_series s ON s.id = a.series;
CREATE VIEW findings AS
SELECT f.short AS id, f.kind, f.severity, f.confidence, f.title,
	CASE WHEN f.ordinal IS NULL THEN 'closed' WHEN d.take IS NULL THEN 'open'
		ELSE 'decided' END AS state,
	(SELECT group_concat(name, ' ') FROM (SELECT name FROM kept_finding_party
		WHERE finding = f.id ORDER BY id)) AS parties,
	(SELECT group_concat(point, ' ') FROM (SELECT point FROM kept_finding_point
		WHERE finding = f.id ORDER BY id)) AS points,
	d.take AS decision, d.party AS decision_party,
	f.first_run, f.last_run, f.fingerprint, f.explanation, f.suggestion
FROM kept_finding f LEFT JOIN kept_decision d ON d.fingerprint = f.fingerprint;
CREATE VIEW locations AS
SELECT f.short AS finding, l.series, l.at, l.path, nullif(l.line, 0) AS line,
	nullif(l.end_line, 0) AS end_line, l.symbol, nullif(lower(hex(l.blob)), '') AS oid,
	nullif(l.patch, 0) AS patch
FROM kept_location l JOIN kept_finding f ON f.id = l.finding;
CREATE VIEW decisions AS
SELECT f.short AS finding, d.take, d.party, d.note, d.by, datetime(d.time, 'unixepoch') AS date,
	f.kind, f.title, d.fingerprint
FROM kept_decision d LEFT JOIN kept_finding f ON f.fingerprint = d.fingerprint;
CREATE VIEW runs AS
SELECT id AS run, datetime(time, 'unixepoch') AS date, key FROM kept_run;
CREATE VIEW resolutions AS
SELECT path, line, end_line, method, confidence, verified FROM kept_resolution;
CREATE VIEW steps AS
SELECT s.n, s.action, s.title,
	(SELECT group_concat(value, ' ') FROM (SELECT value FROM kept_step_item
		WHERE step = s.id AND kind = 'series' ORDER BY id)) AS series,
	(SELECT group_concat(value, ' ') FROM (SELECT value FROM kept_step_item
		WHERE step = s.id AND kind = 'point' ORDER BY id)) AS points,
	(SELECT group_concat(value, ' ') FROM (SELECT value FROM kept_step_item
		WHERE step = s.id AND kind = 'finding' ORDER BY id)) AS findings,
	(SELECT group_concat(value, '; ') FROM (SELECT value FROM kept_step_item
		WHERE step = s.id AND kind = 'owner' ORDER BY id)) AS owners,
	(SELECT group_concat(series || ':' || n, ' ') FROM (SELECT series, n FROM kept_step_patch
		WHERE step = s.id ORDER BY id)) AS patches,
	(SELECT group_concat(n, ' ') FROM (SELECT n FROM kept_step_after
		WHERE step = s.id ORDER BY id)) AS depends_on,
	(SELECT count(*) FROM kept_plan_hunk h WHERE h.step = s.id AND h.fate <> 'part') AS hunks,
	nullif(lower(hex(s.tree)), '') AS tree, s.verified, s.detail, s.whole
FROM kept_step s;
CREATE VIEW undecided AS
SELECT u.id AS n, u.title,
	(SELECT group_concat(finding, ' ') FROM (SELECT finding FROM kept_undecided_finding
		WHERE undecided = u.id ORDER BY id)) AS findings,
	(SELECT count(*) FROM kept_plan_hunk h WHERE h.undecided = u.id) AS hunks
FROM kept_undecided u;
CREATE VIEW plan_hunks AS
SELECT s.n AS step, h.undecided, h.series, h.path, h.hunk,
	h.fate IN ('stood-for', 'anew', 'falls') AS superseded, h.fate
FROM kept_plan_hunk h LEFT JOIN kept_step s ON s.id = h.step WHERE h.fate <> 'part';
CREATE VIEW coverage AS
SELECT s.name AS series, c.c_files, c.c_files_clean, c.c_lines_changed, c.c_lines_parsed,
	c.other_files, c.other_lines_changed
FROM cache_coverage c JOIN cache_analysed a ON a.id = c.analysed
	JOIN kept_series s ON s.id = a.series;
CREATE VIEW unparsed AS
SELECT s.name AS series, u.path, u.at, u.line, u.end_line, u.reason
FROM cache_unparsed u JOIN cache_analysed a ON a.id = u.analysed
	JOIN kept_series s ON s.id = a.series;
CREATE VIEW causes AS
SELECT s.name AS series, c.path, c.line, c.text, c.files
FROM cache_cause c JOIN cache_analysed a ON a.id = c.analysed
	JOIN kept_series s ON s.id = a.series;
CREATE VIEW touches AS
SELECT r.series, t.change, CASE t.use WHEN 0 THEN 'entity' ELSE 'use' END AS what, t.kind, t.name,
	t."in", t.detail, tf.path AS path, nullif(t.tip_line, 0) AS line,
	nullif(t.tip_end, 0) AS end_line, bf.path AS base_path,
	nullif(t.base_line, 0) AS base_line, nullif(t.base_end, 0) AS base_end, t.origin,
	nullif(t.patch, 0) AS patch, t.condition, t.signature_base, t.signature_tip, t.reader
FROM cache_touch t JOIN cache_reading r ON r.id = t.reading
	LEFT JOIN cache_file tf ON tf.id = t.tip_file
	LEFT JOIN cache_file bf ON bf.id = t.base_file;
CREATE VIEW entities AS
SELECT r.series, f.path, e.line, e.end_line, e.kind, e.name, nullif(e.parent, '') AS parent,
	e.flags & 1 AS definition, (e.flags & 2) / 2 AS static, e.signature, e.value, e.condition,
	e.reader
FROM cache_entity e JOIN cache_file f ON f.id = e.file
	LEFT JOIN cache_reading r ON r.id = f.reading;
CREATE VIEW shadows AS
SELECT r.series, s.path, s.origin, s.similarity
FROM cache_shadow s JOIN cache_reading r ON r.id = s.reading;
COMMIT;
