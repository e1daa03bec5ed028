/* Runs every check over the series and pairs of series. */
#include "conflict/conflict.h"

#include "base/error.h"
#include "conflict/check.h"

/* Order matters once: text.conflict marks the places that later checks need not repeat. */
static const conflict_check *const checks[] = {
	&check_unapplied,
	&check_text,
	&check_equivalent,
	&check_entity,
	&check_definition,
	&check_semantics,
	&check_config,
	&check_number,
	&check_points,
};

static void index_touches(conflict_context *c, unsigned i, const touch_set *touches)
{
	GHashTable *entities = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	GHashTable *uses = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	for (guint k = 0; touches && k < touches->touches->len; k++) {
		touch *t = &g_array_index(touches->touches, touch, k);
		GHashTable *table = t->is_use ? uses : entities;
		GPtrArray *same = g_hash_table_lookup(table, t->name);
		if (!same) {
			same = g_ptr_array_new();
			g_hash_table_insert(table, (gpointer)t->name, same);
		}
		g_ptr_array_add(same, t);
	}
	g_hash_table_insert(c->entities, GUINT_TO_POINTER(i), entities);
	g_hash_table_insert(c->uses, GUINT_TO_POINTER(i), uses);
}

void conflict_context_init(conflict_context *c, mediation *m, repo *r, GPtrArray *readings)
{
	*c = (conflict_context){.m = m, .repo = r, .readings = readings};
	c->texts = g_hash_table_new_full(
		oid_hash, oid_equal_key, g_free, (GDestroyNotify)g_bytes_unref);
	c->diffs = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	c->entities = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
	c->uses = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
	c->clashes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < readings->len; i++) {
		const series_reading *reading = g_ptr_array_index(readings, i);
		index_touches(c, i, reading->touches);
	}
}

void conflict_context_clear(conflict_context *c)
{
	g_hash_table_unref(c->texts);
	g_hash_table_unref(c->diffs);
	g_hash_table_unref(c->entities);
	g_hash_table_unref(c->uses);
	g_hash_table_unref(c->clashes);
}

static bool run_check(conflict_context *c, const conflict_check *check, GError **err)
{
	if (check->once && !check->once(c, err))
		return false;
	if (!check->pair)
		return true;
	for (unsigned a = 0; a < c->m->series->len; a++) {
		for (unsigned b = a + 1; b < c->m->series->len; b++) {
			if (!check->pair(c, (series_pair){a, b}, err))
				return false;
		}
	}
	return true;
}

bool conflict_find(mediation *m, repo *r, GPtrArray *readings, GError **err)
{
	g_assert(readings->len == m->series->len);
	conflict_context c;
	conflict_context_init(&c, m, r, readings);
	guint first = m->findings->len;
	bool ok = true;
	for (size_t i = 0; ok && i < G_N_ELEMENTS(checks); i++) {
		ok = run_check(&c, checks[i], err);
		if (!ok)
			error_prefix(err, "%s", checks[i]->name);
	}
	if (ok) {
		findings_link_points(&c, first);
		findings_note_covered(m, first);
	} else { /* as on entry */
		g_ptr_array_set_size(m->findings, (gint)first);
	}
	conflict_context_clear(&c);
	return ok;
}
