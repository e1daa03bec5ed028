/* point.incomplete: operations that a backend must bring and does not.
 *
 * A series brings a backend when files that it adds fill at least a third of the operations that
 * are always required (where the catalogue has none of them: of those that some configuration
 * requires): fewer are a part of a backend that the base has (a file of its own for the locks). Of
 * such a part, what is told is an operation that it filled in the base and fills no more. */
#include "gate/side.h"

#include <string.h>

#define BACKEND_SHARE 3u /* one in so many */

static const evidence *filled(const gate_side *g, const point_result *r, bool in_added)
{
	const point_side *side = gate_point(g, r);
	for (guint i = 0; i < side->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		const file_change *c = gate_fills(e) ? series_change(g->series, e->path) : NULL;
		if (c && (!in_added || c->status == CHANGE_ADDED))
			return e;
	}
	return NULL;
}

/* Do added files fill enough of the operations that are required so? *any: there are some. */
static bool fills_enough(const gate_side *g, point_required how, bool *any)
{
	guint all = 0, count = 0;
	for (guint i = 0; i < g->m->points->len; i++) {
		const point_result *r = g_ptr_array_index(g->m->points, i);
		if (r->point->required != how)
			continue;
		all++;
		count += filled(g, r, true) != NULL;
	}
	*any = all > 0;
	return count > 0 && count * BACKEND_SHARE >= all;
}

static bool brings_backend(const gate_side *g)
{
	bool any;
	bool enough = fills_enough(g, REQUIRED_ALWAYS, &any);
	return any ? enough : fills_enough(g, REQUIRED_WHEN, &any);
}

/* The file that fills most slots: where a missing one would stand. */
static const char *main_file(const gate_side *g)
{
	const char *best = NULL;
	guint most = 0;
	for (guint i = 0; i < g->series->changes->len; i++) {
		const file_change *c = g_ptr_array_index(g->series->changes, i);
		guint count = GPOINTER_TO_UINT(g_hash_table_lookup(g->backends, c->path));
		if (count > most) {
			most = count;
			best = c->path;
		}
	}
	return best;
}

/* The last slot that the file fills for an operation of the group (else of any): the missing one
 * belongs beside it. */
static const evidence *nearest_fill(const gate_side *g, const point *p, const char *path)
{
	const evidence *best = NULL, *other = NULL;
	for (guint i = 0; i < g->m->points->len; i++) {
		const point_result *r = g_ptr_array_index(g->m->points, i);
		const point_side *side = gate_point(g, r);
		for (guint k = 0; k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (!gate_fills(e) || strcmp(e->path, path))
				continue;
			if (!strcmp(r->point->group, p->group) && (!best || e->line > best->line))
				best = e;
			if (!other || e->line < other->line)
				other = e;
		}
	}
	return best ? best : other;
}

static finding *add(const gate_side *g, const point *p)
{
	const char *keys[] = {p->id, NULL};
	finding *f = gate_add(g, "point.incomplete", SEVERITY_ERROR, keys);
	g_ptr_array_add(f->points, g_strdup(p->id));
	return f;
}

static void suggest(finding *f, const point *p)
{
	f->suggestion = g_strdup_printf("Fill the slot %s%s%s, even if with the native function%s.",
		p->member, p->signature ? ", " : "", p->signature ? p->signature : "",
		p->required == REQUIRED_WHEN ? "; or make the configuration that needs it "
					       "impossible for this backend"
					     : "");
}

static void report_missing(const gate_side *g, const point *p, const char *path)
{
	finding *f = add(g, p);
	const evidence *near = nearest_fill(g, p, path);
	finding_set_title(f, "%s: the backend in %s lacks it", p->id, path);
	if (near)
		gate_evidence_place(f, (int)g->index, near);
	g_autofree char *when =
		p->required == REQUIRED_WHEN
			? g_strdup_printf(
				  "with CONFIG_%s, which nothing rules out here", p->required_when)
			: g_strdup("always");
	f->explanation = g_strdup_printf(
		"The files that %s adds fill slots of the ops table, and none fills %s (%s), which "
		"a backend needs %s.",
		g->series->name, p->member, p->title ? p->title : p->id, when);
	suggest(f, p);
}

static bool rules_out(const gate_side *g, const char *symbol);

static void find_missing(const gate_side *g)
{
	const char *path = main_file(g);
	for (guint i = 0; path && i < g->m->points->len; i++) {
		const point_result *r = g_ptr_array_index(g->m->points, i);
		const point *p = r->point;
		bool needed = p->required == REQUIRED_ALWAYS ||
			      (p->required == REQUIRED_WHEN && !rules_out(g, p->required_when));
		if (needed && !filled(g, r, false) && !gate_tables_lack(g, p))
			report_missing(g, p, path);
	}
}

/* ---- configurations ---- */

/* The Kconfig symbols that the file is built by: "obj-$(CONFIG_X) += name.o", in what the series
 * touches. char *, the caller's. */
static GPtrArray *built_by(const gate_side *g, const char *path)
{
	const char *dot = strrchr(path, '.');
	g_autofree char *object =
		g_strdup_printf("%.*s.o", dot ? (int)(dot - path) : (int)strlen(path), path);
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		if (t->is_use || t->entity != ENTITY_BUILD_OBJECT || !t->tip.path ||
			strcmp(t->name, object))
			continue;
		static const char opening[] = "$(CONFIG_";
		const char *at = strstr(t->detail, opening);
		const char *end = at ? strchr(at, ')') : NULL;
		if (end)
			g_ptr_array_add(out, g_strndup(at + strlen(opening),
						     (gsize)(end - at) - strlen(opening)));
	}
	return out;
}

/* Does the text of a dependency exclude the symbol ("!X", "X=n")? */
static bool excludes(const char *text, const char *symbol)
{
	size_t len = strlen(symbol);
	for (const char *at = strstr(text, symbol); at; at = strstr(at + 1, symbol)) {
		bool whole = (at == text || (!g_ascii_isalnum(at[-1]) && at[-1] != '_')) &&
			     !g_ascii_isalnum(at[len]) && at[len] != '_';
		const char *before = at;
		while (before > text && g_ascii_isspace(before[-1]))
			before--;
		const char *behind = at + len;
		while (g_ascii_isspace(*behind))
			behind++;
		if (whole && ((before > text && before[-1] == '!') ||
				     (behind[0] == '=' && strchr(behind, 'n') == behind + 1)))
			return true;
	}
	return false;
}

/* Do the dependencies of a Kconfig entry, as the series leaves it, exclude the symbol? */
static bool entry_excludes(const gate_side *g, const char *entry, const char *symbol)
{
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		if (!t->is_use && t->entity == ENTITY_CONFIG_SYMBOL && t->tip.path &&
			t->change != TOUCH_REMOVED && !strcmp(t->name, entry) &&
			excludes(t->condition, symbol))
			return true;
	}
	return false;
}

/* The entry excludes the symbol, or all that select the entry do. */
static bool is_impossible(const gate_side *g, const char *entry, const char *symbol)
{
	const GArray *touches = g->reading->touches->touches;
	unsigned selected = 0, excluding = 0;
	if (entry_excludes(g, entry, symbol))
		return true;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		if (!t->is_use || t->use != USE_CONFIG || !t->tip.path || strcmp(t->name, entry) ||
			strcmp(t->detail, "select"))
			continue;
		selected++;
		excluding += entry_excludes(g, t->in, symbol);
	}
	return selected && selected == excluding;
}

/* The backend cannot be built with the symbol: Kconfig says so of what builds one of its files. */
static bool rules_out(const gate_side *g, const char *symbol)
{
	GHashTableIter it;
	gpointer path;
	bool out = false;
	g_hash_table_iter_init(&it, g->backends);
	while (!out && g_hash_table_iter_next(&it, &path, NULL)) {
		g_autoptr(GPtrArray) own = built_by(g, path);
		for (guint i = 0; !out && i < own->len; i++)
			out = is_impossible(g, g_ptr_array_index(own, i), symbol);
	}
	return out;
}

/* ---- what a backend of the base loses ---- */

static void report_lost(const gate_side *g, const point *p, const evidence *e)
{
	finding *f = add(g, p);
	finding_set_title(f, "%s: %s fills it no more", p->id, e->path);
	gate_evidence_place(f, (int)g->index, e);
	f->explanation = g_strdup_printf(
		"%s, line %u of the base, fills %s (%s); after the series nothing that it touches "
		"does, and the file still fills other slots.",
		e->path, e->line, p->member, p->title ? p->title : p->id);
	suggest(f, p);
}

/* Does the file as the series leaves it fill slots of an ops table? */
static bool still_fills(const gate_side *g, const char *path)
{
	const fact_set *f = gate_tip(g, path);
	for (guint i = 0; f && i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		const char *dot = u->kind == USE_SLOT ? strchr(u->name, '.') : NULL;
		g_autofree char *tag = dot ? g_strndup(u->name, (gsize)(dot - u->name)) : NULL;
		if (tag && gate_is_struct(g, tag))
			return true;
	}
	return g_hash_table_contains(g->backends, path);
}

static bool fills(const gate_side *g, const fact_set *f, const point *p)
{
	for (guint i = 0; f && i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		const char *dot = u->kind == USE_SLOT ? strchr(u->name, '.') : NULL;
		g_autofree char *tag = dot ? g_strndup(u->name, (gsize)(dot - u->name)) : NULL;
		if (tag && gate_is_struct(g, tag) && gate_is_member(p, dot + 1))
			return true;
	}
	return false;
}

/* The code went to a file that did not fill the slot before: moved as it was, it is no evidence of
 * an override. Files of other backends fill theirs before and after. */
static bool moved_on(const gate_side *g, const point *p)
{
	for (guint i = 0; i < g->series->changes->len; i++) {
		const file_change *c = g_ptr_array_index(g->series->changes, i);
		if (fills(g, gate_tip(g, c->path), p) &&
			!fills(g, g_hash_table_lookup(g->reading->base, c->path), p))
			return true;
	}
	return false;
}

static void find_lost(const gate_side *g)
{
	for (guint i = 0; i < g->m->points->len; i++) {
		const point_result *r = g_ptr_array_index(g->m->points, i);
		const point_side *side = gate_point(g, r);
		bool needed = r->point->required == REQUIRED_ALWAYS ||
			      r->point->required == REQUIRED_WHEN;
		if (!needed || filled(g, r, false) || gate_leaves_interface(g, r->point) ||
			gate_tables_lack(g, r->point))
			continue;
		for (guint k = 0; k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (e->weight == EVIDENCE_REMOVED && !strcmp(e->kind, "ops-table") &&
				still_fills(g, e->path) && !moved_on(g, r->point)) {
				report_lost(g, r->point, e);
				break;
			}
		}
	}
}

void gate_find_incomplete(const gate_side *g)
{
	if (brings_backend(g))
		find_missing(g);
	else
		find_lost(g);
}
