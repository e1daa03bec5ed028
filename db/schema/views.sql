-- The views that `truce sql` users read; docs/database.md describes each column. They hold no data:
-- they are made anew after every migration, and whenever this file changed.

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
