/* A catalogue held against an ops table. */
#include "interface/ops.h"

#include <string.h>

static const char *member_part(const char *name)
{
	const char *dot = strchr(name, '.');
	return dot ? dot + 1 : name;
}

/* The table's member of that name; of several records, the one whose group is the point's. */
static ops_member *member_of(const ops_table *t, const char *group, const char *name)
{
	ops_member *found = NULL;
	for (guint i = 0; i < t->members->len; i++) {
		ops_member *m = g_ptr_array_index(t->members, i);
		if (strcmp(m->name, name) == 0 && (!found || strcmp(m->group, group) == 0))
			found = m;
	}
	return found;
}

/* By the name that the version has for it, or by another name of it. */
static ops_member *member_of_point(const ops_table *t, const point *p, const char *slot)
{
	ops_member *m = member_of(t, p->group, slot);
	m = m ? m : member_of(t, p->group, p->member);
	for (guint i = 0; !m && i < p->aliases->len; i++) {
		const char *alias = g_ptr_array_index(p->aliases, i);
		m = member_of(t, p->group, member_part(alias));
	}
	return m;
}

static ops_drift *add(GPtrArray *out, ops_drift_kind kind, const char *name, const ops_member *at)
{
	ops_drift *d = ops_drift_new(kind, name);
	d->path = at ? g_strdup(at->path) : NULL;
	d->line = at ? at->line : 0;
	g_ptr_array_add(out, d);
	return d;
}

static bool has_type(const ops_member *m, const point *p)
{
	if (!p->signature || ops_member_has_type(m, p->signature))
		return true;
	for (guint i = 0; i < p->variants->len; i++)
		if (ops_member_has_type(m, g_ptr_array_index(p->variants, i)))
			return true;
	return false;
}

static void compare_point(
	GPtrArray *out, const point *p, const char *slot, const ops_member *m, const ops_table *t)
{
	if (!m) {
		ops_drift *d = add(out, OPS_REMOVED, p->id, NULL);
		d->was = g_strdup(p->signature);
		if (t->files->len)
			d->path = g_strdup(g_ptr_array_index(t->files, 0));
		return;
	}
	if (strcmp(m->name, slot) != 0) {
		ops_drift *d = add(out, OPS_RENAMED, p->id, m);
		d->was = g_strdup(slot);
		d->is = g_strdup(m->name);
	}
	if (!has_type(m, p)) {
		ops_drift *d = add(out, OPS_SIGNATURE, p->id, m);
		d->was = g_strdup(p->signature);
		d->is = g_strdup(m->signature);
	}
}

void ops_compare(GPtrArray *out, const catalogue *c, const ops_table *t)
{
	g_autoptr(GHashTable) met = g_hash_table_new(NULL, NULL);
	for (size_t i = 0; i < catalogue_length(c); i++) {
		const point *p = catalogue_point(c, i);
		const char *slot = catalogue_slot(c, i);
		if (!slot)
			continue;
		ops_member *m = member_of_point(t, p, slot);
		if (m)
			g_hash_table_add(met, m);
		compare_point(out, p, slot, m, t);
	}
	for (guint i = 0; i < t->members->len; i++) {
		const ops_member *m = g_ptr_array_index(t->members, i);
		if (g_hash_table_contains(met, m))
			continue;
		g_autofree char *name = g_strdup_printf("%s.%s", m->group, m->name);
		add(out, OPS_ADDED, name, m)->is = g_strdup(m->signature);
	}
}
