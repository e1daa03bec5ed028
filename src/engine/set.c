/* All series of a mediation at once: all of them, or everything stays as it was. */
#include <string.h>

#include "base/error.h"
#include "engine/internal.h"

/* A ref as it was before; zero when it was not there. */
typedef struct saved_ref {
	char *name;
	oid commit;
} saved_ref;

static void clear_saved(gpointer data)
{
	g_free(((saved_ref *)data)->name);
}

static void save_ref(engine *e, GArray *saved, const char *series_name)
{
	saved_ref s = {.name = g_strconcat(SERIES_REF, series_name, NULL)};
	if (!repo_get_ref(e->repo, &s.commit, s.name, NULL))
		memset(&s.commit, 0, sizeof s.commit);
	g_array_append_val(saved, s);
}

/* Best effort: the first error is the one to tell. */
static void restore_refs(engine *e, GArray *saved)
{
	for (guint i = 0; i < saved->len; i++) {
		const saved_ref *s = &g_array_index(saved, saved_ref, i);
		if (oid_is_zero(&s->commit))
			repo_delete_ref(e->repo, s->name, NULL);
		else
			repo_set_ref(e->repo, s->name, &s->commit, NULL);
	}
}

static bool is_wanted(const engine_source *sources, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(sources[i].name, name))
			return true;
	}
	return false;
}

/* True when the stored series that stay already stand at the front, in the order wanted: new ones
 * are stored behind them. */
static bool order_fits(GPtrArray *stored, const engine_source *sources, size_t n)
{
	size_t next = 0;
	for (guint i = 0; i < stored->len; i++) {
		const series *s = g_ptr_array_index(stored, i);
		if (!is_wanted(sources, n, s->name))
			continue;
		if (strcmp(s->name, sources[next++].name))
			return false;
	}
	return true;
}

static bool remove_others(
	engine *e, GPtrArray *stored, const engine_source *sources, size_t n, GError **err)
{
	bool keep = order_fits(stored, sources, n);
	for (guint i = 0; i < stored->len; i++) {
		const series *s = g_ptr_array_index(stored, i);
		if ((!keep || !is_wanted(sources, n, s->name)) &&
			!engine_series_remove(e, s->name, err))
			return false;
	}
	return true;
}

static bool replace_all(engine *e, const char *base, GPtrArray *stored,
	const engine_source *sources, size_t n, bool strict, char **how, GError **err)
{
	if (base && !engine_set_base(e, base, err))
		return false;
	if (!remove_others(e, stored, sources, n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		g_autofree char *found = NULL;
		if (!engine_series_add(
			    e, sources[i].name, sources[i].specs, false, strict, &found, err))
			return false;
		if (how && found && !*how)
			*how = g_steal_pointer(&found);
	}
	return true;
}

bool engine_series_set(engine *e, const char *base, const char *rules, const engine_source *sources,
	size_t n, bool strict, char **how, GError **err)
{
	g_autoptr(GPtrArray) stored = NULL;
	if (!store_begin(e->store, err))
		return false;
	g_autoptr(GArray) saved = g_array_new(FALSE, TRUE, sizeof(saved_ref));
	g_array_set_clear_func(saved, clear_saved);
	bool ok = store_series_list(e->store, &stored, err);
	for (guint i = 0; ok && i < stored->len; i++)
		save_ref(e, saved, ((const series *)g_ptr_array_index(stored, i))->name);
	for (size_t i = 0; ok && i < n; i++)
		save_ref(e, saved, sources[i].name);
	g_autofree char *found = NULL;
	ok = ok && engine_set_rules(e, rules, err) &&
	     replace_all(e, base, stored, sources, n, strict, &found, err);
	/* Rolls back when not ok, as a commit that fails does. */
	if (!engine_end(e, ok, err)) {
		restore_refs(e, saved);
		return false;
	}
	if (how)
		*how = g_steal_pointer(&found);
	return true;
}
