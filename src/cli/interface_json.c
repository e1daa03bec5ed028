/* What `truce interface` tells, as JSON. Keys stand in the schema's order. */
#include "cli/interface_json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/tally.h"

#define SCHEMA "truce-interface/1"

static json_t *text_or_null(const char *text)
{
	if (!text || !*text)
		return json_null();
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	return json_string(valid);
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

static json_t *begin(const char *command)
{
	json_t *out = json_object();
	put(out, "schema", json_string(SCHEMA));
	put(out, "command", json_string(command));
	return out;
}

/* Appends and releases `value`. */
static void dump(GString *out, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	g_assert(text);
	g_string_append_printf(out, "%s\n", text);
	free(text);
	json_decref(value);
}

/* --- catalogues --- */

static json_t *json_catalogue(const interface_pack *p)
{
	json_t *out = json_object();
	put(out, "name", text_or_null(p->info->name));
	put(out, "version", text_or_null(p->info->version));
	put(out, "title", text_or_null(p->info->title));
	put(out, "digest", text_or_null(p->info->digest));
	put(out, "path", text_or_null(p->path));
	put(out, "points", json_integer(p->points->len));
	put(out, "fits", json_boolean(p->fits));
	return out;
}

void interface_json_packs(GString *out, GPtrArray *packs)
{
	json_t *top = begin("list"), *list = json_array();
	for (guint i = 0; i < packs->len; i++)
		json_array_append_new(list, json_catalogue(g_ptr_array_index(packs, i)));
	put(top, "packs", list);
	dump(out, top);
}

/* --- points --- */

static json_t *json_terms(const point *p)
{
	json_t *out = json_array();
	for (guint i = 0; i < p->terms->len; i++) {
		const contract_term *t = g_ptr_array_index(p->terms, i);
		json_t *one = json_object();
		put(one, "aspect", json_string(contract_aspect_name(t->aspect)));
		put(one, "of", text_or_null(t->of));
		put(one, "value", text_or_null(t->value));
		json_array_append_new(out, one);
	}
	return out;
}

/* Null: the catalogue does not say. */
static json_t *json_required(const point *p)
{
	if (p->required == REQUIRED_UNSAID)
		return json_null();
	json_t *out = json_object();
	put(out, "is", json_string(point_required_name(p->required)));
	put(out, "symbol", text_or_null(p->required_when));
	return out;
}

static json_t *json_history(const interface_pack *pack, const point *p)
{
	json_t *out = json_array();
	for (guint i = 0; i < pack->history->len; i++) {
		const point_event *e = g_ptr_array_index(pack->history, i);
		if (strcmp(e->point, p->id))
			continue;
		json_t *one = json_object();
		put(one, "version", text_or_null(e->version));
		put(one, "what", text_or_null(e->what));
		json_array_append_new(out, one);
	}
	return out;
}

/* What a series does there, how, and the strongest piece of evidence's place. */
static json_t *json_side(const point_side *side)
{
	json_t *out = json_object();
	const evidence *e = tally_side_evidence(side);
	g_autofree char *how = tally_side_how(side, 0);
	put(out, "state", json_string(point_state_name(side->state)));
	put(out, "how", e ? text_or_null(how) : json_null());
	put(out, "path", e ? text_or_null(e->path) : json_null());
	put(out, "line", e && e->line ? json_integer(e->line) : json_null());
	return out;
}

/* By the series' names; null when nothing was analysed. */
static json_t *json_sides(const mediation *m, const point *p)
{
	const point_result *r = m ? mediation_point(m, p->id) : NULL;
	if (!r)
		return json_null();
	json_t *out = json_object();
	for (guint i = 0; i < MIN(r->sides->len, m->series->len); i++) {
		g_autofree char *name = g_utf8_make_valid(tally_series_name(m, (int)i), -1);
		put(out, name, json_side(g_ptr_array_index(r->sides, i)));
	}
	return out;
}

static json_t *json_point(const interface_pack *pack, const point *p, const mediation *m)
{
	json_t *out = json_object();
	put(out, "id", text_or_null(p->id));
	put(out, "group", text_or_null(p->group));
	put(out, "member", text_or_null(p->member));
	put(out, "title", text_or_null(p->title));
	put(out, "signature", text_or_null(p->signature));
	put(out, "variants", texts(p->variants));
	put(out, "contract", text_or_null(p->contract));
	put(out, "terms", json_terms(p));
	put(out, "required", json_required(p));
	put(out, "native", text_or_null(p->native));
	put(out, "aliases", texts(p->aliases));
	put(out, "history", json_history(pack, p));
	put(out, "sides", json_sides(m, p));
	return out;
}

void interface_json_points(GString *out, const char *command, const interface_pack *pack,
	GPtrArray *points, const mediation *m)
{
	json_t *top = begin(command), *list = json_array();
	for (guint i = 0; i < points->len; i++)
		json_array_append_new(list, json_point(pack, g_ptr_array_index(points, i), m));
	put(top, "pack", json_catalogue(pack));
	put(top, "points", list);
	dump(out, top);
}

/* --- ops tables --- */

static json_t *json_member(const ops_member *m)
{
	json_t *out = json_object();
	put(out, "struct", text_or_null(m->record));
	put(out, "group", text_or_null(m->group));
	put(out, "name", text_or_null(m->name));
	put(out, "signature", text_or_null(m->signature));
	put(out, "variants", texts(m->variants));
	put(out, "wrapper", text_or_null(m->wrapper));
	put(out, "convention", text_or_null(m->convention));
	put(out, "condition", text_or_null(m->condition));
	put(out, "path", text_or_null(m->path));
	put(out, "line", json_integer(m->line));
	return out;
}

void interface_json_table(GString *out, const char *rev, const ops_table *found)
{
	json_t *top = begin("extract"), *list = json_array();
	for (guint i = 0; i < found->members->len; i++)
		json_array_append_new(list, json_member(g_ptr_array_index(found->members, i)));
	put(top, "tree", text_or_null(rev));
	put(top, "structs", texts(found->records));
	put(top, "files", texts(found->files));
	put(top, "operations", list);
	dump(out, top);
}

void interface_json_drift(
	GString *out, const char *rev, const interface_pack *pack, GPtrArray *drifts)
{
	json_t *top = begin("check"), *list = json_array();
	for (guint i = 0; i < drifts->len; i++) {
		const ops_drift *d = g_ptr_array_index(drifts, i);
		json_t *one = json_object();
		put(one, "kind", json_string(ops_drift_name(d->kind)));
		put(one, "name", text_or_null(d->name));
		put(one, "was", text_or_null(d->was));
		put(one, "is", text_or_null(d->is));
		put(one, "path", text_or_null(d->path));
		put(one, "line", d->line ? json_integer(d->line) : json_null());
		json_array_append_new(list, one);
	}
	put(top, "tree", text_or_null(rev));
	put(top, "pack", json_catalogue(pack));
	put(top, "version", text_or_null(pack->version));
	put(top, "compared", json_integer(pack->compared));
	put(top, "differences", list);
	dump(out, top);
}
