/* A mediation: everything that one run found out. */
#include "model/mediation.h"

#include <string.h>

mediation *mediation_new(void)
{
	mediation *m = g_new0(mediation, 1);
	m->series = g_ptr_array_new_with_free_func((GDestroyNotify)series_free);
	m->coverage = g_ptr_array_new_with_free_func((GDestroyNotify)coverage_free);
	m->points = g_ptr_array_new_with_free_func((GDestroyNotify)point_result_free);
	m->findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	m->resolutions = g_ptr_array_new_with_free_func((GDestroyNotify)resolution_free);
	return m;
}

void mediation_free(mediation *m)
{
	if (!m)
		return;
	g_free(m->base_rev);
	catalogue_info_free(m->catalogue);
	g_ptr_array_unref(m->series);
	g_ptr_array_unref(m->coverage);
	g_ptr_array_unref(m->points);
	g_ptr_array_unref(m->findings);
	g_ptr_array_unref(m->resolutions);
	plan_free(m->plan);
	g_free(m);
}

coverage *coverage_new(void)
{
	coverage *c = g_new0(coverage, 1);
	c->unparsed = g_ptr_array_new_with_free_func((GDestroyNotify)unparsed_range_free);
	c->causes = g_ptr_array_new_with_free_func((GDestroyNotify)coverage_cause_free);
	return c;
}

void coverage_free(coverage *c)
{
	if (!c)
		return;
	g_ptr_array_unref(c->unparsed);
	g_ptr_array_unref(c->causes);
	g_free(c);
}

unparsed_range *unparsed_range_new(const char *path, tree_at at, unsigned line, unsigned end_line,
	const char *reason)
{
	unparsed_range *u = g_new0(unparsed_range, 1);
	u->path = g_strdup(path);
	u->at = at;
	u->line = line;
	u->end_line = end_line;
	u->reason = g_strdup(reason);
	return u;
}

coverage_cause *coverage_cause_new(
	const char *path, unsigned line, const char *text, unsigned files)
{
	coverage_cause *c = g_new0(coverage_cause, 1);
	c->path = g_strdup(path);
	c->line = line;
	c->text = g_strdup(text);
	c->files = files;
	return c;
}

void coverage_cause_free(coverage_cause *c)
{
	if (!c)
		return;
	g_free(c->path);
	g_free(c->text);
	g_free(c);
}

void unparsed_range_free(unparsed_range *u)
{
	if (!u)
		return;
	g_free(u->path);
	g_free(u->reason);
	g_free(u);
}

finding *mediation_finding(const mediation *m, const char *prefix, unsigned *count)
{
	finding *found = NULL;
	unsigned matches = 0;
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		if (*prefix && g_str_has_prefix(f->fingerprint, prefix)) {
			found = f;
			matches++;
		}
	}
	if (count)
		*count = matches;
	return matches == 1 ? found : NULL;
}

point_result *mediation_point(const mediation *m, const char *name)
{
	for (guint i = 0; i < m->points->len; i++) {
		point_result *r = g_ptr_array_index(m->points, i);
		if (point_is_named(r->point, name))
			return r;
	}
	return NULL;
}

int mediation_series(const mediation *m, const char *name)
{
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		if (!strcmp(s->name, name))
			return (int)i;
	}
	return -1;
}
