/* Deep comparison of two mediations, field by field. */
#include "support/mediation_compare.h"

#include <string.h>

/* Where in the mediation the comparison stands, and the first difference found. */
typedef struct comparison {
	GString *at;
	char *difference;
} comparison;

/* One level down: "findings[3]". Gives the length to go back to. */
static gsize enter(comparison *c, const char *name, guint index)
{
	gsize before = c->at->len;
	g_string_append_printf(c->at, "%s%s[%u]", before ? "." : "", name, index);
	return before;
}

static void differ(comparison *c, const char *field, const char *a, const char *b)
{
	if (!c->difference)
		c->difference = g_strdup_printf("%s%s%s: %s and %s", c->at->str,
			c->at->len ? "." : "", field, a ? a : "NULL", b ? b : "NULL");
}

static void numbers(comparison *c, const char *field, gint64 a, gint64 b)
{
	if (a == b)
		return;
	g_autofree char *ta = g_strdup_printf("%" G_GINT64_FORMAT, a);
	g_autofree char *tb = g_strdup_printf("%" G_GINT64_FORMAT, b);
	differ(c, field, ta, tb);
}

static void reals(comparison *c, const char *field, double a, double b)
{
	if (!memcmp(&a, &b, sizeof a))
		return;
	g_autofree char *ta = g_strdup_printf("%.17g", a);
	g_autofree char *tb = g_strdup_printf("%.17g", b);
	differ(c, field, ta, tb);
}

static void texts(comparison *c, const char *field, const char *a, const char *b)
{
	if (g_strcmp0(a, b))
		differ(c, field, a, b);
}

static void oids(comparison *c, const char *field, const oid *a, const oid *b)
{
	char ta[OID_HEX + 1], tb[OID_HEX + 1];
	if (!oid_equal(a, b))
		differ(c, field, oid_format(ta, a), oid_format(tb, b));
}

static bool both(comparison *c, const char *field, const void *a, const void *b)
{
	if (!a != !b)
		differ(c, field, a ? "there" : NULL, b ? "there" : NULL);
	return a && b;
}

typedef void (*compare_fn)(comparison *c, const void *a, const void *b);

static void lists(comparison *c, const char *field, GPtrArray *a, GPtrArray *b, compare_fn each)
{
	if (!both(c, field, a, b))
		return;
	if (a->len != b->len)
		numbers(c, field, a->len, b->len);
	for (guint i = 0; i < MIN(a->len, b->len) && !c->difference; i++) {
		gsize before = enter(c, field, i);
		each(c, g_ptr_array_index(a, i), g_ptr_array_index(b, i));
		g_string_truncate(c->at, before);
	}
}

static void compare_text(comparison *c, const void *a, const void *b)
{
	texts(c, "", a, b);
}

#define NUMBER(field) numbers(c, #field, (gint64)a->field, (gint64)b->field)
#define REAL(field) reals(c, #field, a->field, b->field)
#define TEXT(field) texts(c, #field, a->field, b->field)
#define OBJECT(field) oids(c, #field, &a->field, &b->field)
#define TEXTS(field) lists(c, #field, a->field, b->field, compare_text)
#define LIST(field, each) lists(c, #field, a->field, b->field, each)

static void compare_commit(comparison *c, const void *va, const void *vb)
{
	const series_commit *a = va, *b = vb;
	NUMBER(n);
	NUMBER(source);
	OBJECT(commit);
	OBJECT(tree);
	TEXT(subject);
	TEXT(message);
	TEXT(author.name);
	TEXT(author.email);
	NUMBER(author.time);
	NUMBER(author.offset);
	TEXT(message_id);
	TEXT(origin);
	TEXT(patch_id);
	NUMBER(applied);
	NUMBER(fuzzy);
}

static void compare_reject(comparison *c, const void *va, const void *vb)
{
	const reject *a = va, *b = vb;
	NUMBER(patch);
	NUMBER(reason);
	TEXT(path);
	TEXT(origin);
	NUMBER(source_line);
	NUMBER(hunk);
	NUMBER(near_line);
	NUMBER(near_end);
	TEXT(difference);
}

static void compare_lines(
	comparison *c, const char *field, const unsigned *a, const unsigned *b, unsigned count)
{
	if (both(c, field, a, b) && count && memcmp(a, b, count * sizeof *a))
		differ(c, field, "some lines", "others");
}

static void compare_change(comparison *c, const void *va, const void *vb)
{
	const file_change *a = va, *b = vb;
	TEXT(path);
	NUMBER(status);
	OBJECT(old_oid);
	OBJECT(new_oid);
	NUMBER(old_mode);
	NUMBER(new_mode);
	NUMBER(binary);
	NUMBER(insertions);
	NUMBER(deletions);
	NUMBER(hunks->len);
	for (guint i = 0; i < MIN(a->hunks->len, b->hunks->len) && !c->difference; i++) {
		gsize before = enter(c, "hunks", i);
		const change_hunk *ha = &g_array_index(a->hunks, change_hunk, i);
		const change_hunk *hb = &g_array_index(b->hunks, change_hunk, i);
		numbers(c, "old_start", ha->old_start, hb->old_start);
		numbers(c, "old_count", ha->old_count, hb->old_count);
		numbers(c, "new_start", ha->new_start, hb->new_start);
		numbers(c, "new_count", ha->new_count, hb->new_count);
		if (!c->difference) {
			compare_lines(c, "old_patch", ha->old_patch, hb->old_patch, ha->old_count);
			compare_lines(c, "new_patch", ha->new_patch, hb->new_patch, ha->new_count);
		}
		g_string_truncate(c->at, before);
	}
}

static void compare_series_but_changes(comparison *c, const series *a, const series *b)
{
	NUMBER(id);
	TEXT(name);
	TEXTS(specs);
	OBJECT(base);
	OBJECT(base_tree);
	OBJECT(tip);
	OBJECT(tip_tree);
	LIST(commits, compare_commit);
	LIST(rejects, compare_reject);
	TEXTS(notes);
	NUMBER(files);
	NUMBER(insertions);
	NUMBER(deletions);
}

static void compare_series(comparison *c, const void *va, const void *vb)
{
	const series *a = va, *b = vb;
	compare_series_but_changes(c, a, b);
	if (a->changes || b->changes)
		LIST(changes, compare_change);
}

static void compare_unparsed(comparison *c, const void *va, const void *vb)
{
	const unparsed_range *a = va, *b = vb;
	TEXT(path);
	NUMBER(line);
	NUMBER(end_line);
	NUMBER(at);
	TEXT(reason);
}

static void compare_cause(comparison *c, const void *va, const void *vb)
{
	const coverage_cause *a = va, *b = vb;
	TEXT(path);
	NUMBER(line);
	TEXT(text);
	NUMBER(files);
}

static void compare_coverage(comparison *c, const void *va, const void *vb)
{
	const coverage *a = va, *b = vb;
	NUMBER(c_files);
	NUMBER(c_files_clean);
	NUMBER(c_lines_changed);
	NUMBER(c_lines_parsed);
	NUMBER(other_files);
	NUMBER(other_lines_changed);
	LIST(unparsed, compare_unparsed);
	LIST(causes, compare_cause);
}

static void compare_evidence(comparison *c, const void *va, const void *vb)
{
	const evidence *a = va, *b = vb;
	NUMBER(series);
	NUMBER(point);
	NUMBER(weight);
	TEXT(kind);
	TEXT(rule);
	TEXT(symbol);
	TEXT(note);
	NUMBER(at);
	OBJECT(blob);
	TEXT(path);
	NUMBER(line);
	NUMBER(end_line);
	NUMBER(patch);
	REAL(confidence);
}

static void compare_side(comparison *c, const void *va, const void *vb)
{
	const point_side *a = va, *b = vb;
	NUMBER(state);
	REAL(confidence);
	LIST(evidence, compare_evidence);
}

static void compare_point(comparison *c, const void *va, const void *vb)
{
	const point_result *a = va, *b = vb;
	TEXT(point->id);
	TEXT(point->group);
	TEXT(point->member);
	TEXT(point->title);
	TEXT(point->signature);
	TEXT(point->contract);
	TEXT(point->native);
	TEXTS(point->aliases);
	NUMBER(verdict);
	LIST(sides, compare_side);
}

static void compare_location(comparison *c, const void *va, const void *vb)
{
	const location *a = va, *b = vb;
	NUMBER(series);
	NUMBER(at);
	OBJECT(blob);
	TEXT(path);
	NUMBER(line);
	NUMBER(end_line);
	TEXT(symbol);
	NUMBER(patch);
}

static void compare_decision(comparison *c, const decision *a, const decision *b)
{
	TEXT(fingerprint);
	NUMBER(take);
	TEXT(party);
	TEXT(note);
	TEXT(by);
	NUMBER(time);
}

static void compare_finding(comparison *c, const void *va, const void *vb)
{
	const finding *a = va, *b = vb;
	TEXT(id);
	TEXT(fingerprint);
	TEXT(kind);
	NUMBER(severity);
	REAL(confidence);
	TEXT(title);
	TEXTS(parties);
	TEXTS(points);
	LIST(locations, compare_location);
	TEXT(explanation);
	TEXT(suggestion);
	if (both(c, "decision", a->decision, b->decision))
		compare_decision(c, a->decision, b->decision);
}

static void compare_resolution(comparison *c, const void *va, const void *vb)
{
	const resolution *a = va, *b = vb;
	TEXT(path);
	NUMBER(line);
	NUMBER(end_line);
	TEXT(method);
	REAL(confidence);
	NUMBER(verified);
}

static void compare_plan_hunk(comparison *c, const void *va, const void *vb)
{
	const plan_hunk *a = va, *b = vb;
	NUMBER(series);
	TEXT(path);
	NUMBER(hunk);
	NUMBER(fate);
}

static void compare_step(comparison *c, const void *va, const void *vb)
{
	const step *a = va, *b = vb;
	NUMBER(n);
	NUMBER(action);
	NUMBER(whole);
	TEXT(title);
	TEXTS(series);
	NUMBER(patches->len);
	for (guint i = 0; i < a->patches->len && !c->difference; i++) {
		const step_patch *pa = &g_array_index(a->patches, step_patch, i);
		const step_patch *pb = &g_array_index(b->patches, step_patch, i);
		numbers(c, "patches.series", pa->series, pb->series);
		numbers(c, "patches.n", pa->n, pb->n);
	}
	LIST(hunks, compare_plan_hunk);
	LIST(parts, compare_plan_hunk);
	TEXTS(points);
	TEXTS(findings);
	NUMBER(depends_on->len);
	for (guint i = 0; i < a->depends_on->len && !c->difference; i++)
		numbers(c, "depends_on", g_array_index(a->depends_on, unsigned, i),
			g_array_index(b->depends_on, unsigned, i));
	OBJECT(tree);
	NUMBER(verified);
	TEXT(detail);
	TEXTS(owners);
}

static void compare_undecided(comparison *c, const void *va, const void *vb)
{
	const undecided *a = va, *b = vb;
	TEXT(title);
	TEXTS(findings);
	LIST(hunks, compare_plan_hunk);
}

static void compare_plan(comparison *c, const plan *a, const plan *b)
{
	LIST(steps, compare_step);
	LIST(undecided, compare_undecided);
}

static void compare_catalogue(comparison *c, const catalogue_info *a, const catalogue_info *b)
{
	TEXT(name);
	TEXT(version);
	TEXT(title);
	TEXT(digest);
	TEXTS(groups);
}

char *mediation_difference(const mediation *a, const mediation *b)
{
	comparison here = {.at = g_string_new(NULL)}, *c = &here;
	TEXT(base_rev);
	OBJECT(base);
	OBJECT(base_tree);
	if (both(c, "catalogue", a->catalogue, b->catalogue))
		compare_catalogue(c, a->catalogue, b->catalogue);
	LIST(series, compare_series);
	LIST(coverage, compare_coverage);
	LIST(points, compare_point);
	LIST(findings, compare_finding);
	LIST(resolutions, compare_resolution);
	if (both(c, "plan", a->plan, b->plan))
		compare_plan(c, a->plan, b->plan);
	g_string_free(here.at, TRUE);
	return here.difference;
}

char *series_difference(const series *a, const series *b, bool changes)
{
	comparison here = {.at = g_string_new(NULL)};
	if (changes)
		compare_series(&here, a, b);
	else
		compare_series_but_changes(&here, a, b);
	g_string_free(here.at, TRUE);
	return here.difference;
}
