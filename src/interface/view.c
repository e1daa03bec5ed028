/* One series as the rules look at it. */
#include "interface/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"

static bool any_glob(const GPtrArray *globs, const char *path)
{
	for (guint i = 0; i < globs->len; i++)
		if (text_glob_match(g_ptr_array_index(globs, i), path))
			return true;
	return false;
}

static bool in_scope(const catalogue *c, const char *path)
{
	return (!c->paths || any_glob(c->paths, path)) &&
	       (!c->not_paths || !any_glob(c->not_paths, path));
}

static bool is_dead(const catalogue *c, const char *condition)
{
	return c->dead && condition && *condition && pattern_match(c->dead, condition);
}

static GPtrArray *sorted_keys(GHashTable *table)
{
	GPtrArray *keys = g_ptr_array_new();
	GHashTableIter it;
	gpointer key;
	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &key, NULL))
		g_ptr_array_add(keys, key);
	g_ptr_array_sort(keys, sort_by_text);
	return keys;
}

/* --- files --- */

static file_copy copy_of(const series_reading *reading, const char *path)
{
	if (touch_set_origin(reading->touches, path))
		return FILE_SHADOW;
	const file_change *change =
		reading->series->changes ? series_change(reading->series, path) : NULL;
	if (change)
		return change->status == CHANGE_ADDED ? FILE_NEW : FILE_IN_PLACE;
	return g_hash_table_contains(reading->base, path) ? FILE_IN_PLACE : FILE_NEW;
}

static void add_files(
	GHashTable *out, const catalogue *c, const series_reading *reading, GHashTable *sets)
{
	GHashTableIter it;
	gpointer path, facts;
	g_hash_table_iter_init(&it, sets);
	while (g_hash_table_iter_next(&it, &path, &facts)) {
		if (!facts || !in_scope(c, path))
			continue;
		file_view *f = g_new0(file_view, 1);
		f->facts = facts;
		f->copy = sets == reading->tip ? copy_of(reading, path) : FILE_IN_PLACE;
		g_hash_table_insert(out, path, f);
	}
}

/* --- definitions --- */

static bool defines(const entity *e)
{
	/* An empty macro is a definition too: mach-default turns hooks into nothing that way. */
	return !(e->flags & ENTITY_UNDEF) &&
	       (e->flags & ENTITY_DEFINITION || e->kind == ENTITY_MACRO ||
		       e->kind == ENTITY_ASM_LABEL || e->kind == ENTITY_ASM_MACRO);
}

static GArray *definitions_of(GHashTable *table, const char *name)
{
	GArray *list = g_hash_table_lookup(table, name);
	if (!list) {
		list = g_array_new(FALSE, TRUE, sizeof(definition));
		g_hash_table_insert(table, (gpointer)name, list);
	}
	return list;
}

static void add_definitions(GHashTable *out, const catalogue *c, GHashTable *files, tree_at at)
{
	g_autoptr(GPtrArray) paths = sorted_keys(files);
	for (guint p = 0; p < paths->len; p++) {
		const file_view *f = g_hash_table_lookup(files, g_ptr_array_index(paths, p));
		for (guint i = 0; i < f->facts->entities->len; i++) {
			const entity *e = &g_array_index(f->facts->entities, entity, i);
			if (!defines(e) || is_dead(c, e->condition))
				continue;
			/* What a file that is no file of the base holds unchanged was moved there.
			 */
			definition d = {e, f, at, TOUCH_MOVED, 0};
			GArray *list = definitions_of(out, e->name);
			g_array_append_val(list, d);
		}
	}
}

static definition *find_definition(
	GHashTable *table, const char *name, const char *path, entity_kind kind, unsigned line)
{
	GArray *list = g_hash_table_lookup(table, name);
	for (guint i = 0; list && i < list->len; i++) {
		definition *d = &g_array_index(list, definition, i);
		if (d->entity->line == line && d->entity->kind == kind &&
			strcmp(d->file->facts->path, path) == 0)
			return d;
	}
	return NULL;
}

static void note_name(view *v, definition *d)
{
	GPtrArray *list = g_hash_table_lookup(v->by_name, d->entity->name);
	if (!list) {
		list = g_ptr_array_new();
		g_hash_table_insert(v->by_name, (gpointer)d->entity->name, list);
	}
	g_ptr_array_add(list, d);
}

static void apply_touch(view *v, const touch *t)
{
	if (t->change == TOUCH_REMOVED) {
		definition *d = t->base.path ? find_definition(v->base, t->name, t->base.path,
						       t->entity, t->base.line)
					     : NULL;
		if (!d)
			return;
		definition gone = {d->entity, d->file, AT_BASE, TOUCH_REMOVED, t->patch};
		g_array_append_val(v->removed, gone);
		return;
	}
	definition *d =
		t->tip.path ? find_definition(v->tip, t->name, t->tip.path, t->entity, t->tip.line)
			    : NULL;
	if (!d)
		return;
	d->change = t->change;
	d->patch = t->patch;
	g_ptr_array_add(v->changed, d);
}

static int compare_definitions(gconstpointer a, gconstpointer b)
{
	const definition *x = *(const definition *const *)a, *y = *(const definition *const *)b;
	int order = strcmp(x->file->facts->path, y->file->facts->path);
	if (!order)
		order = (x->entity->line > y->entity->line) - (x->entity->line < y->entity->line);
	if (!order)
		order = (int)x->entity->kind - (int)y->entity->kind;
	return order ? order : strcmp(x->entity->name, y->entity->name);
}

/* Definitions of added files that no touch names: unchanged ones of a copy. */
static void add_untouched_copies(view *v)
{
	g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < v->changed->len; i++)
		g_hash_table_add(known, g_ptr_array_index(v->changed, i));
	GHashTableIter it;
	gpointer list;
	g_hash_table_iter_init(&it, v->tip);
	while (g_hash_table_iter_next(&it, NULL, &list)) {
		GArray *definitions = list;
		for (guint i = 0; i < definitions->len; i++) {
			definition *d = &g_array_index(definitions, definition, i);
			if (d->file->copy != FILE_IN_PLACE && !g_hash_table_contains(known, d))
				g_ptr_array_add(v->changed, d);
		}
	}
}

static void index_definitions(view *v, const series_reading *reading)
{
	for (guint i = 0; i < reading->touches->touches->len; i++) {
		const touch *t = &g_array_index(reading->touches->touches, touch, i);
		if (!t->is_use)
			apply_touch(v, t);
	}
	add_untouched_copies(v);
	g_ptr_array_sort(v->changed, compare_definitions);
	for (guint i = 0; i < v->changed->len; i++)
		note_name(v, g_ptr_array_index(v->changed, i));
	for (guint i = 0; i < v->removed->len; i++)
		note_name(v, &g_array_index(v->removed, definition, i));
}

/* --- uses --- */

static void index_uses(view *v, const catalogue *c, const series_reading *reading)
{
	for (guint i = 0; i < reading->touches->touches->len; i++) {
		const touch *t = &g_array_index(reading->touches->touches, touch, i);
		if (!t->is_use || is_dead(c, t->condition))
			continue;
		bool gone = t->change == TOUCH_REMOVED;
		const char *path = gone ? t->base.path : t->tip.path;
		const file_view *f =
			path ? g_hash_table_lookup(gone ? v->base_files : v->files, path) : NULL;
		if (!f)
			continue;
		GArray *list = g_hash_table_lookup(v->uses, t->name);
		if (!list) {
			list = g_array_new(FALSE, TRUE, sizeof(touched_use));
			g_hash_table_insert(v->uses, (gpointer)t->name, list);
		}
		touched_use u = {t, f};
		g_array_append_val(list, u);
	}
	v->use_names = sorted_keys(v->uses);
}

view *view_new(const catalogue *c, const series_reading *reading)
{
	view *v = g_new0(view, 1);
	GDestroyNotify drop_array = (GDestroyNotify)g_array_unref;
	GDestroyNotify drop_list = (GDestroyNotify)g_ptr_array_unref;
	v->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	v->base_files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	v->tip = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop_array);
	v->base = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop_array);
	v->changed = g_ptr_array_new();
	v->removed = g_array_new(FALSE, TRUE, sizeof(definition));
	v->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop_list);
	v->uses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop_array);
	v->matches = g_hash_table_new_full(NULL, NULL, NULL, drop_list);
	add_files(v->files, c, reading, reading->tip);
	add_files(v->base_files, c, reading, reading->base);
	add_definitions(v->tip, c, v->files, AT_TIP);
	add_definitions(v->base, c, v->base_files, AT_BASE);
	index_definitions(v, reading);
	index_uses(v, c, reading);
	return v;
}

void view_free(view *v)
{
	if (!v)
		return;
	g_hash_table_unref(v->files);
	g_hash_table_unref(v->base_files);
	g_hash_table_unref(v->tip);
	g_hash_table_unref(v->base);
	g_ptr_array_unref(v->changed);
	g_array_unref(v->removed);
	g_hash_table_unref(v->by_name);
	g_hash_table_unref(v->uses);
	g_ptr_array_unref(v->use_names);
	g_hash_table_unref(v->matches);
	g_free(v);
}

const GPtrArray *view_use_names(view *v, const pattern *p)
{
	GPtrArray *known = g_hash_table_lookup(v->matches, p);
	if (known)
		return known;
	GPtrArray *names = g_ptr_array_new();
	for (guint i = 0; i < v->use_names->len; i++)
		if (pattern_match(p, g_ptr_array_index(v->use_names, i)))
			g_ptr_array_add(names, g_ptr_array_index(v->use_names, i));
	g_hash_table_insert(v->matches, (gpointer)p, names);
	return names;
}

/* --- what a definition uses --- */

static bool test_hits(const use_test *t, use_kind kind, const char *name, const char *detail)
{
	return t->kinds & (1u << kind) && (!t->name || pattern_match(t->name, name)) &&
	       (!t->detail || pattern_match(t->detail, detail)) &&
	       (!t->not_detail || !pattern_match(t->not_detail, detail));
}

bool use_hits(const GPtrArray *tests, use_kind kind, const char *name, const char *detail)
{
	for (guint i = 0; i < tests->len; i++)
		if (test_hits(g_ptr_array_index(tests, i), kind, name, detail))
			return true;
	return false;
}

/* The first use at or after a line: uses are ordered by line. */
static guint first_use(const GArray *uses, unsigned line)
{
	guint low = 0, high = uses->len;
	while (low < high) {
		guint mid = low + (high - low) / 2;
		if (g_array_index(uses, use, mid).line < line)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A label's end is not known: what says to be in it is. */
static bool belongs(const definition *d, const use *u)
{
	if (d->entity->kind == ENTITY_ASM_LABEL)
		return strcmp(u->in, d->entity->name) == 0;
	return u->line <= d->entity->end_line;
}

typedef bool (*use_fn)(const use *u, const void *data);

/* The first use inside the definition for which `wanted` says yes. */
static const use *find_use(const definition *d, use_fn wanted, const void *data)
{
	const GArray *uses = d->file->facts->uses;
	bool label = d->entity->kind == ENTITY_ASM_LABEL;
	for (guint i = first_use(uses, d->entity->line); i < uses->len; i++) {
		const use *u = &g_array_index(uses, use, i);
		if (!label && u->line > d->entity->end_line)
			return NULL;
		if (belongs(d, u) && wanted(u, data))
			return u;
	}
	return NULL;
}

static bool hits_list(const use *u, const void *tests)
{
	return use_hits(tests, u->kind, u->name, u->detail);
}

bool definition_uses(const definition *d, const GPtrArray *tests)
{
	return find_use(d, hits_list, tests) != NULL;
}

static bool has_name(const use *u, const void *name)
{
	return strcmp(u->name, name) == 0;
}

static bool used_by_any(const GArray *definitions, const char *name)
{
	for (guint i = 0; definitions && i < definitions->len; i++)
		if (find_use(&g_array_index(definitions, definition, i), has_name, name))
			return true;
	return false;
}

typedef struct gain {
	const GPtrArray *tests;
	const GArray *base;
	const char *self;
} gain;

static bool is_gain(const use *u, const void *data)
{
	const gain *g = data;
	return strcmp(u->name, g->self) != 0 && hits_list(u, g->tests) &&
	       !used_by_any(g->base, u->name);
}

const use *definition_gains(const definition *d, const GPtrArray *tests, const GArray *base)
{
	gain g = {tests, base, d->entity->name};
	return find_use(d, is_gain, &g);
}

bool definition_loses(const definition *d, const GPtrArray *tests, const GArray *base)
{
	bool had = false;
	for (guint i = 0; !had && base && i < base->len; i++)
		had = definition_uses(&g_array_index(base, definition, i), tests);
	return had && !definition_uses(d, tests);
}

static bool same_tokens(const entity *e, const GArray *base)
{
	for (guint i = 0; i < base->len; i++) {
		const entity *b = g_array_index(base, definition, i).entity;
		if (b->body[0] == e->body[0] && b->body[1] == e->body[1] && b->tokens == e->tokens)
			return true;
	}
	return false;
}

/* Two readers may both have read the definition, and take its tokens differently: one that finds
 * them in the base is enough. */
base_relation definition_relation(const view *v, const definition *d, const GArray *base)
{
	if (!base || !base->len)
		return BASE_NONE;
	const GArray *all =
		g_hash_table_lookup(d->at == AT_TIP ? v->tip : v->base, d->entity->name);
	for (guint i = 0; i < all->len; i++) {
		const definition *o = &g_array_index(all, definition, i);
		if (o->file == d->file && o->entity->line == d->entity->line &&
			same_tokens(o->entity, base))
			return BASE_SAME;
	}
	return BASE_DIFFERS;
}
