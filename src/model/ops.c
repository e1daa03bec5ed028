/* Ops tables as a tree has them. */
#include "model/ops.h"

#include <string.h>

#include "model/function_type.h"

ops_member *ops_member_new(const char *record, const char *name)
{
	ops_member *m = g_new0(ops_member, 1);
	m->record = g_strdup(record);
	m->group = ops_group(record);
	m->name = g_strdup(name);
	m->variants = g_ptr_array_new_with_free_func(g_free);
	return m;
}

void ops_member_free(ops_member *m)
{
	if (!m)
		return;
	g_free(m->record);
	g_free(m->group);
	g_free(m->name);
	g_free(m->signature);
	g_ptr_array_unref(m->variants);
	g_free(m->wrapper);
	g_free(m->convention);
	g_free(m->condition);
	g_free(m->path);
	g_free(m);
}

ops_table *ops_table_new(void)
{
	ops_table *t = g_new0(ops_table, 1);
	t->records = g_ptr_array_new_with_free_func(g_free);
	t->fields = g_ptr_array_new_with_free_func(g_free);
	t->files = g_ptr_array_new_with_free_func(g_free);
	t->members = g_ptr_array_new_with_free_func((GDestroyNotify)ops_member_free);
	return t;
}

void ops_table_free(ops_table *t)
{
	if (!t)
		return;
	g_ptr_array_unref(t->records);
	g_ptr_array_unref(t->fields);
	g_ptr_array_unref(t->files);
	g_ptr_array_unref(t->members);
	g_free(t);
}

ops_member *ops_table_find(const ops_table *t, const char *record, const char *name)
{
	for (guint i = 0; i < t->members->len; i++) {
		ops_member *m = g_ptr_array_index(t->members, i);
		if ((!record || strcmp(m->record, record) == 0) && strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

char *ops_group(const char *tag)
{
	static const char *const endings[] = {"_ops", "_operations", "_functions", "_hooks"};
	g_autofree char *stem = g_strdup(tag);
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(stem, endings[i]) && strlen(stem) > strlen(endings[i])) {
			stem[strlen(stem) - strlen(endings[i])] = '\0';
			break;
		}
	/* Tables of one interface share what stands in front: pv_mmu_ops, pv_cpu_ops. */
	const char *last = strrchr(stem, '_');
	return g_strdup(last && last[1] ? last + 1 : stem);
}

bool ops_member_has_type(const ops_member *m, const char *signature)
{
	if (!m->signature || function_type_same(m->signature, signature))
		return true;
	for (guint i = 0; i < m->variants->len; i++)
		if (function_type_same(g_ptr_array_index(m->variants, i), signature))
			return true;
	return false;
}

ops_drift *ops_drift_new(ops_drift_kind kind, const char *name)
{
	ops_drift *d = g_new0(ops_drift, 1);
	d->kind = kind;
	d->name = g_strdup(name);
	return d;
}

void ops_drift_free(ops_drift *d)
{
	if (!d)
		return;
	g_free(d->name);
	g_free(d->was);
	g_free(d->is);
	g_free(d->path);
	g_free(d);
}

const char *ops_drift_name(ops_drift_kind kind)
{
	switch (kind) {
	case OPS_ADDED:
		return "added";
	case OPS_REMOVED:
		return "removed";
	case OPS_RENAMED:
		return "renamed";
	case OPS_SIGNATURE:
		return "signature";
	}
	g_assert_not_reached();
}
