/* The JSON report, "truce-report/1": docs/truce-report-1.schema.json describes it. Keys stand in
 * the schema's order; everything is ASCII, so that neither a byte of a patch nor the locale can
 * change how it reads. */
#include "report/report.h"
#include "report/tally.h"

#include <jansson.h>
#include <string.h>

#define SCHEMA "truce-report/1"
/* Confidences are kept to a thousandth: what is behind it is noise of floating point. */
#define DECIMALS 1000.0
#define JSON_STYLE (JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6) | JSON_ENCODE_ANY)

static json_t *text_or_null(const char *text)
{
	if (!text)
		return json_null();
	/* Sources of 2006 hold Latin-1; JSON is Unicode. */
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	return json_string(valid);
}

static json_t *oid_or_null(const oid *id)
{
	char hex[OID_HEX + 1];
	return oid_is_zero(id) ? json_null() : json_string(oid_format(hex, id));
}

static json_t *number_or_null(unsigned n)
{
	return n ? json_integer(n) : json_null();
}

/* 0 <= x <= 1. */
static json_t *real(double x)
{
	return json_real((double)(long)(x * DECIMALS + 0.5) / DECIMALS);
}

static json_t *texts(GPtrArray *list)
{
	json_t *out = json_array();
	for (guint i = 0; i < list->len; i++)
		json_array_append_new(out, text_or_null(g_ptr_array_index(list, i)));
	return out;
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *json_base(const mediation *m)
{
	json_t *out = json_object();
	put(out, "rev", text_or_null(m->base_rev));
	put(out, "oid", oid_or_null(&m->base));
	return out;
}

static json_t *json_catalogue(const mediation *m)
{
	if (!m->catalogue)
		return json_null();
	json_t *out = json_object();
	put(out, "name", text_or_null(m->catalogue->name));
	put(out, "version", text_or_null(m->catalogue->version));
	put(out, "digest", text_or_null(m->catalogue->digest));
	return out;
}

static json_t *json_commit(const series_commit *c)
{
	json_t *out = json_object();
	g_autofree char *author = c->author.name ? g_strdup_printf("%s <%s>", c->author.name,
							   c->author.email ? c->author.email : "")
						 : NULL;
	put(out, "n", json_integer(c->n));
	put(out, "oid", oid_or_null(&c->commit));
	put(out, "subject", text_or_null(c->subject));
	put(out, "author", text_or_null(author));
	put(out, "message_id", text_or_null(c->message_id));
	put(out, "applied", json_boolean(c->applied));
	return out;
}

static json_t *json_series(const mediation *m)
{
	json_t *out = json_array();
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		json_t *one = json_object();
		json_t *commits = json_array();
		for (guint k = 0; k < s->commits->len; k++)
			json_array_append_new(
				commits, json_commit(g_ptr_array_index(s->commits, k)));
		put(one, "name", text_or_null(s->name));
		put(one, "sources", texts(s->specs));
		put(one, "patches", json_integer(s->commits->len));
		put(one, "files", json_integer(s->files));
		put(one, "insertions", json_integer(s->insertions));
		put(one, "deletions", json_integer(s->deletions));
		put(one, "tip_tree", oid_or_null(&s->tip_tree));
		put(one, "commits", commits);
		json_array_append_new(out, one);
	}
	return out;
}

static json_t *json_unparsed(const unparsed_range *u)
{
	json_t *out = json_object();
	put(out, "path", text_or_null(u->path));
	put(out, "line", json_integer(u->line));
	put(out, "end_line", json_integer(u->end_line));
	put(out, "at", json_string(tree_at_name(u->at)));
	put(out, "reason", text_or_null(u->reason));
	return out;
}

static json_t *json_cause(const coverage_cause *c)
{
	json_t *out = json_object();
	put(out, "path", text_or_null(c->path));
	put(out, "line", json_integer(c->line));
	put(out, "text", text_or_null(c->text));
	put(out, "files", json_integer(c->files));
	return out;
}

static json_t *json_one_coverage(const coverage *c)
{
	json_t *out = json_object(), *files = json_object(), *other = json_object();
	json_t *unparsed = json_array(), *causes = json_array();
	put(files, "files", json_integer(c->c_files));
	put(files, "files_clean", json_integer(c->c_files_clean));
	put(files, "lines_changed", json_integer(c->c_lines_changed));
	put(files, "lines_parsed", json_integer(c->c_lines_parsed));
	put(other, "files", json_integer(c->other_files));
	put(other, "lines_changed", json_integer(c->other_lines_changed));
	for (guint i = 0; i < c->unparsed->len; i++)
		json_array_append_new(unparsed, json_unparsed(g_ptr_array_index(c->unparsed, i)));
	for (guint i = 0; i < c->causes->len; i++)
		json_array_append_new(causes, json_cause(g_ptr_array_index(c->causes, i)));
	put(out, "c", files);
	put(out, "other", other);
	put(out, "unparsed", unparsed);
	put(out, "causes", causes);
	return out;
}

static json_t *json_coverage(const mediation *m)
{
	json_t *out = json_object();
	for (guint i = 0; i < MIN(m->coverage->len, m->series->len); i++) {
		g_autofree char *name = g_utf8_make_valid(tally_series_name(m, (int)i), -1);
		put(out, name, json_one_coverage(g_ptr_array_index(m->coverage, i)));
	}
	return out;
}

static json_t *json_evidence(const mediation *m, const evidence *e)
{
	json_t *out = json_object();
	put(out, "kind", text_or_null(e->kind));
	put(out, "rule", text_or_null(e->rule));
	put(out, "weight", json_string(evidence_weight_name(e->weight)));
	put(out, "note", text_or_null(e->note));
	put(out, "series", text_or_null(tally_series_name(m, (int)e->series)));
	put(out, "patch", number_or_null(e->patch));
	put(out, "at", json_string(tree_at_name(e->at)));
	put(out, "oid", oid_or_null(&e->blob));
	put(out, "path", text_or_null(e->path));
	put(out, "line", json_integer(e->line));
	put(out, "symbol", text_or_null(e->symbol));
	put(out, "confidence", real(e->confidence));
	return out;
}

static json_t *json_side(const mediation *m, const point_side *side)
{
	json_t *out = json_object(), *list = json_array();
	for (guint i = 0; i < side->evidence->len; i++)
		json_array_append_new(list, json_evidence(m, g_ptr_array_index(side->evidence, i)));
	put(out, "state", json_string(point_state_name(side->state)));
	put(out, "evidence", list);
	return out;
}

static json_t *json_points(const mediation *m)
{
	json_t *out = json_array();
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		json_t *one = json_object(), *sides = json_object();
		for (guint k = 0; k < MIN(p->sides->len, m->series->len); k++) {
			g_autofree char *name = g_utf8_make_valid(tally_series_name(m, (int)k), -1);
			put(sides, name, json_side(m, g_ptr_array_index(p->sides, k)));
		}
		put(one, "id", text_or_null(p->point->id));
		put(one, "group", text_or_null(p->point->group));
		put(one, "title", text_or_null(p->point->title));
		put(one, "verdict", json_string(point_verdict_name(p->verdict)));
		put(one, "sides", sides);
		json_array_append_new(out, one);
	}
	return out;
}

static json_t *json_location(const mediation *m, const location *l)
{
	json_t *out = json_object();
	put(out, "series",
		l->series < 0 ? json_null() : text_or_null(tally_series_name(m, l->series)));
	put(out, "at", json_string(tree_at_name(l->at)));
	put(out, "oid", oid_or_null(&l->blob));
	put(out, "path", text_or_null(l->path));
	put(out, "line", number_or_null(l->line));
	put(out, "end_line", number_or_null(l->line ? MAX(l->line, l->end_line) : 0));
	put(out, "symbol", text_or_null(l->symbol));
	put(out, "patch", number_or_null(l->patch));
	return out;
}

static json_t *json_decision(const decision *d)
{
	if (!d)
		return json_null();
	json_t *out = json_object();
	put(out, "take", json_string(decision_take_name(d->take)));
	put(out, "party", text_or_null(d->party));
	put(out, "note", text_or_null(d->note));
	put(out, "by", text_or_null(d->by));
	put(out, "time", json_integer(d->time));
	return out;
}

static json_t *json_finding(const mediation *m, const finding *f)
{
	json_t *out = json_object(), *places = json_array();
	for (guint i = 0; i < f->locations->len; i++)
		json_array_append_new(places, json_location(m, g_ptr_array_index(f->locations, i)));
	put(out, "id", text_or_null(f->id));
	put(out, "fingerprint", text_or_null(f->fingerprint));
	put(out, "kind", text_or_null(f->kind));
	put(out, "severity", json_string(severity_name(f->severity)));
	put(out, "confidence", real(f->confidence));
	put(out, "title", text_or_null(f->title));
	put(out, "parties", texts(f->parties));
	put(out, "points", texts(f->points));
	put(out, "locations", places);
	put(out, "explanation", text_or_null(f->explanation));
	put(out, "suggestion", text_or_null(f->suggestion));
	put(out, "decision", json_decision(f->decision));
	return out;
}

static json_t *json_findings(const mediation *m, GPtrArray *findings)
{
	json_t *out = json_array();
	for (guint i = 0; i < findings->len; i++)
		json_array_append_new(out, json_finding(m, g_ptr_array_index(findings, i)));
	return out;
}

static json_t *json_resolutions(const mediation *m)
{
	json_t *out = json_array();
	for (guint i = 0; i < m->resolutions->len; i++) {
		const resolution *r = g_ptr_array_index(m->resolutions, i);
		json_t *one = json_object();
		put(one, "path", text_or_null(r->path));
		put(one, "line", json_integer(r->line));
		put(one, "end_line", json_integer(r->end_line));
		put(one, "method", text_or_null(r->method));
		put(one, "confidence", real(r->confidence));
		put(one, "verified", json_boolean(r->verified));
		json_array_append_new(out, one);
	}
	return out;
}

/* A hunk by its number in the path, and by the numbers that git's @@ line would give it; null for a
 * whole path. */
static json_t *json_hunk(const mediation *m, const plan_hunk *h)
{
	json_t *out = json_object();
	const series *s =
		h->series < m->series->len ? g_ptr_array_index(m->series, h->series) : NULL;
	const file_change *change = s && s->changes ? series_change(s, h->path) : NULL;
	const change_hunk *lines = change && h->hunk && h->hunk <= change->hunks->len
					   ? &g_array_index(change->hunks, change_hunk, h->hunk - 1)
					   : NULL;
	put(out, "series", text_or_null(tally_series_name(m, (int)h->series)));
	put(out, "path", text_or_null(h->path));
	put(out, "hunk", json_integer(h->hunk));
	put(out, "superseded", json_boolean(hunk_is_superseded(h)));
	put(out, "fate", json_string(hunk_fate_name(h->fate)));
	put(out, "old_start", lines ? json_integer(lines->old_start) : json_null());
	put(out, "old_count", lines ? json_integer(lines->old_count) : json_null());
	put(out, "new_start", lines ? json_integer(lines->new_start) : json_null());
	put(out, "new_count", lines ? json_integer(lines->new_count) : json_null());
	return out;
}

static json_t *json_hunks(const mediation *m, GPtrArray *hunks)
{
	json_t *out = json_array();
	for (guint i = 0; i < hunks->len; i++)
		json_array_append_new(out, json_hunk(m, g_ptr_array_index(hunks, i)));
	return out;
}

static json_t *json_patches(const mediation *m, GArray *patches)
{
	json_t *out = json_array();
	for (guint i = 0; i < patches->len; i++) {
		const step_patch *p = &g_array_index(patches, step_patch, i);
		json_t *one = json_object();
		put(one, "series", text_or_null(tally_series_name(m, (int)p->series)));
		put(one, "n", json_integer(p->n));
		json_array_append_new(out, one);
	}
	return out;
}

/* true, false, or null for what was not checked. */
static json_t *json_verified(step_verified v)
{
	return v == VERIFIED_NO ? json_null() : json_boolean(v == VERIFIED_OK);
}

static json_t *json_step(const mediation *m, const step *s)
{
	json_t *out = json_object(), *depends = json_array();
	for (guint i = 0; i < s->depends_on->len; i++)
		json_array_append_new(
			depends, json_integer(g_array_index(s->depends_on, unsigned, i)));
	put(out, "n", json_integer(s->n));
	put(out, "action", json_string(step_action_name(s->action)));
	put(out, "title", text_or_null(s->title));
	put(out, "series", texts(s->series));
	put(out, "patches", json_patches(m, s->patches));
	put(out, "whole", json_boolean(s->whole));
	put(out, "hunks", json_hunks(m, s->hunks));
	put(out, "parts", json_hunks(m, s->parts));
	put(out, "points", texts(s->points));
	put(out, "findings", texts(s->findings));
	put(out, "depends_on", depends);
	put(out, "tree", oid_or_null(&s->tree));
	put(out, "verified", json_verified(s->verified));
	put(out, "owners", texts(s->owners));
	return out;
}

static json_t *json_plan(const mediation *m)
{
	if (!m->plan)
		return json_null();
	json_t *out = json_object(), *steps = json_array(), *open = json_array();
	json_t *left_out = json_array();
	g_autoptr(GPtrArray) unplaced = tally_left_out(m);
	for (guint i = 0; i < unplaced->len; i++)
		json_array_append_new(left_out,
			text_or_null(((const finding *)g_ptr_array_index(unplaced, i))->id));
	for (guint i = 0; i < m->plan->steps->len; i++)
		json_array_append_new(steps, json_step(m, g_ptr_array_index(m->plan->steps, i)));
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		json_t *one = json_object();
		put(one, "title", text_or_null(u->title));
		put(one, "findings", texts(u->findings));
		put(one, "hunks", json_hunks(m, u->hunks));
		json_array_append_new(open, one);
	}
	put(out, "steps", steps);
	put(out, "undecided", open);
	put(out, "left_out", left_out);
	return out;
}

/* Appends and releases `value`. */
static void dump(GString *out, json_t *value)
{
	char *text = json_dumps(value, JSON_STYLE);
	g_assert(text); /* only allocation or foreign bytes could fail, and texts() let none in */
	g_string_append(out, text);
	g_string_append_c(out, '\n');
	free(text);
	json_decref(value);
}

static json_t *json_findings_all(const mediation *m)
{
	return json_findings(m, m->findings);
}

/* The sections, in the report's order. */
static const struct section {
	const char *name;
	json_t *(*make)(const mediation *m);
} sections[] = {
	{"base", json_base},
	{"catalogue", json_catalogue},
	{"series", json_series},
	{"coverage", json_coverage},
	{"points", json_points},
	{"findings", json_findings_all},
	{"resolutions", json_resolutions},
	{"plan", json_plan},
};

void report_json(GString *out, const mediation *m, const report_options *options)
{
	(void)options; /* the bytes never depend on the terminal */
	json_t *top = json_object(), *tool = json_object();
	put(tool, "version", json_string(TRUCE_VERSION));
	put(top, "schema", json_string(SCHEMA));
	put(top, "tool", tool);
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
		put(top, sections[i].name, sections[i].make(m));
	dump(out, top);
}

void report_json_part(GString *out, const mediation *m, const char *part)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		if (!strcmp(sections[i].name, part)) {
			dump(out, sections[i].make(m));
			return;
		}
	}
	g_assert_not_reached();
}

void report_json_findings(GString *out, const mediation *m, GPtrArray *findings)
{
	dump(out, json_findings(m, findings));
}
