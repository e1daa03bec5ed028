/* The facts of one tree. */
#include "engine/tree_facts.h"

#include <string.h>

#include "engine/batch.h"

void tree_facts_free(tree_facts *t)
{
	kernel_tree_free(t->kernel);
	g_hash_table_unref(t->wanted);
	g_hash_table_unref(t->sets);
	g_clear_pointer(&t->unreached, g_hash_table_unref);
	g_clear_pointer(&t->alone, g_hash_table_unref);
	g_clear_pointer(&t->errors, g_hash_table_unref);
	g_hash_table_unref(t->reached);
	g_free(t);
}

tree_facts *tree_facts_new(const oid *tree)
{
	tree_facts *t = g_new0(tree_facts, 1);
	t->tree = *tree;
	t->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	t->sets =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
	t->reached = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return t;
}

void tree_facts_want(tree_facts *t, const char *path, const oid *blob)
{
	g_hash_table_replace(t->wanted, g_strdup(path), oid_copy(blob));
}

static fact_set *tree_set(tree_facts *t, const char *path, const oid *blob)
{
	fact_set *set = g_hash_table_lookup(t->sets, path);
	if (!set) {
		set = fact_set_new(path, blob);
		g_hash_table_insert(t->sets, set->path, set);
	}
	return set;
}

void tree_facts_note_reached(tree_facts *t, const char *file, const GPtrArray *sets)
{
	for (guint i = 0; i < sets->len; i++) {
		const fact_set *set = g_ptr_array_index(sets, i);
		char *key = g_strconcat(file, "\n", set->path, NULL);
		if (!strcmp(set->path, file) || g_hash_table_contains(t->reached, key))
			g_free(key);
		else
			g_hash_table_insert(
				t->reached, key, GUINT_TO_POINTER(tree_facts_moment(t)));
	}
}

guint tree_facts_moment(const tree_facts *t)
{
	return g_hash_table_size(t->reached);
}

bool tree_facts_reaches(const tree_facts *t, const char *file, const char *header, guint before)
{
	gpointer at;
	g_autofree char *key = g_strconcat(file, "\n", header, NULL);
	return g_hash_table_lookup_extended(t->reached, key, NULL, &at) &&
	       GPOINTER_TO_UINT(at) < before;
}

void tree_facts_collect(GPtrArray *trees, GPtrArray *jobs)
{
	g_autoptr(GHashTable) grown = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < jobs->len; i++) {
		read_job *j = g_ptr_array_index(jobs, i);
		if (!j)
			continue;
		tree_facts *t = g_ptr_array_index(trees, j->tree);
		if (j->sets)
			tree_facts_note_reached(t, j->unit->path, j->sets);
		for (guint k = 0; j->sets && k < j->sets->len; k++) {
			const fact_set *from = g_ptr_array_index(j->sets, k);
			const oid *blob = g_hash_table_lookup(t->wanted, from->path);
			if (!blob)
				continue;
			fact_set *set = tree_set(t, from->path, blob);
			fact_set_merge(set, from);
			g_hash_table_add(grown, set);
		}
		if (j->failure) {
			fact_set *set = tree_set(t, j->unit->path, &j->unit->blob);
			g_autofree char *text =
				g_strdup_printf("%s: %s", j->reader->name, j->failure);
			diagnostic d = {DIAGNOSTIC_ERROR, j->unit->path, 0, text};
			fact_set_add_diagnostic(set, &d);
			set->units++;
			g_hash_table_add(grown, set);
		}
		g_clear_pointer(&j->sets, g_ptr_array_unref); /* once is enough */
	}
	GHashTableIter it;
	gpointer set;
	g_hash_table_iter_init(&it, grown);
	while (g_hash_table_iter_next(&it, &set, NULL))
		fact_set_finish(set);
}
