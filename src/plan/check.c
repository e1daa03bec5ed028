/* Checks the account of a plan without trusting how it was made: every hunk once, every step after
 * what it depends on, every open decision with something to rule on. */
#include "plan/make.h"

#include <string.h>

#include "base/error.h"

static char *hunk_key(unsigned series_index, const char *path, unsigned n)
{
	return g_strdup_printf("%u %u %s", series_index, n, path);
}

static void expect_hunks(GHashTable *open, unsigned series_index, const file_change *change)
{
	if (!change->hunks->len)
		g_hash_table_add(open, hunk_key(series_index, change->path, 0));
	for (unsigned n = 1; n <= change->hunks->len; n++)
		g_hash_table_add(open, hunk_key(series_index, change->path, n));
}

static bool strike_hunks(GHashTable *open, const GPtrArray *hunks, const char *where, GError **err)
{
	for (guint i = 0; i < hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(hunks, i);
		g_autofree char *key = hunk_key(h->series, h->path, h->hunk);
		if (!g_hash_table_remove(open, key))
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"%s: hunk %u of %s, series %u, is in the plan twice or not in the "
				"series",
				where, h->hunk, h->path, h->series + 1);
	}
	return true;
}

static bool check_step(const step *s, unsigned n, GError **err)
{
	if (s->n != n)
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "step %u is numbered %u", n, s->n);
	for (guint i = 0; i < s->depends_on->len; i++) {
		unsigned on = g_array_index(s->depends_on, unsigned, i);
		if (!on || on >= n)
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"step %u depends on step %u, which does not come before it", n, on);
	}
	if (oid_is_zero(&s->tree) && s->hunks->len)
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "step %u has hunks but no tree", n);
	if (s->whole && (!s->patches->len || s->action != STEP_TAKE))
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "step %u is a whole patch of none", n);
	return true;
}

/* A decision without an open finding leads nowhere: there is nothing to rule on. */
static bool check_undecided(const mediation *m, const undecided *u, GError **err)
{
	bool open = u->findings->len > 0;
	for (guint i = 0; i < u->findings->len; i++) {
		const finding *f = mediation_finding(m, g_ptr_array_index(u->findings, i), NULL);
		open &= f && (!f->decision || f->decision->take == DECISION_NONE);
	}
	return open || error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			       "the open decision '%s' has nothing to rule on", u->title);
}

bool plan_check(const mediation *m, GError **err)
{
	g_autoptr(GHashTable) open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (unsigned i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		for (guint k = 0; s->changes && k < s->changes->len; k++)
			expect_hunks(open, i, g_ptr_array_index(s->changes, k));
	}
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		if (!check_step(s, i + 1, err) || !strike_hunks(open, s->hunks, s->title, err))
			return false;
	}
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		if (!check_undecided(m, u, err) || !strike_hunks(open, u->hunks, u->title, err))
			return false;
	}
	GHashTableIter it;
	gpointer key;
	g_hash_table_iter_init(&it, open);
	if (g_hash_table_iter_next(&it, &key, NULL))
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"%u hunks are in no step, one of them: %s", g_hash_table_size(open),
			(const char *)key);
	return true;
}
