/* Findings from what the conformance suite found out. */
#include "conform/conform.h"

#include <string.h>

#define KIND "point.contract"

static const point *find_point(GPtrArray *points, const char *id)
{
	for (guint i = 0; i < points->len; i++) {
		const point *p = g_ptr_array_index(points, i);
		if (!strcmp(p->id, id))
			return p;
	}
	return NULL;
}

/* A path from here, as reports show paths: never from the root. The caller's. */
static char *shown_path(const char *path)
{
	g_autofree char *here = g_get_current_dir();
	g_autofree char *full = g_canonicalize_filename(path, here);
	g_autofree char *below = g_strconcat(here, G_DIR_SEPARATOR_S, NULL);
	if (g_str_has_prefix(full, below))
		return g_strdup(full + strlen(below));
	return g_path_get_basename(full);
}

static finding *add(mediation *m, const char *path, const char *what)
{
	finding *f = finding_new(KIND);
	location *l = location_new();
	const char *keys[] = {what, NULL};
	f->severity = SEVERITY_ERROR;
	g_ptr_array_add(f->parties, g_strdup(CONFORM_SERIES));
	f->fingerprint = finding_fingerprint(f->kind, f->parties, keys);
	l->series = (int)m->series->len - 1;
	l->at = AT_TIP;
	l->path = shown_path(path);
	g_ptr_array_add(f->locations, l);
	g_ptr_array_add(m->findings, f);
	return f;
}

static char *failures_text(const conform_operation *o)
{
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < o->failures->len; i++) {
		const conform_failure *f = g_ptr_array_index(o->failures, i);
		g_string_append_printf(out, "%s\"%s\"", i ? "; " : "", f->says);
		if (f->reason)
			g_string_append_printf(out, " (%s)", f->reason);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void add_operation(
	mediation *m, const conform_operation *o, const char *path, const point *p)
{
	finding *f = add(m, path, o->id);
	location *l = g_ptr_array_index(f->locations, 0);
	const conform_failure *first = g_ptr_array_index(o->failures, 0);
	g_autofree char *failures = failures_text(o);
	g_ptr_array_add(f->points, g_strdup(o->id));
	l->symbol = g_strdup(p ? p->member : o->id);
	f->title = g_strdup_printf("%s: breaks its contract: %s", o->id, first->says);
	f->explanation = g_strdup_printf("On the simulated machine %u of the operation's tests %s: %s.%s%s",
		o->failures->len, o->failures->len == 1 ? "fails" : "fail", failures,
		p && p->contract ? " The contract: " : "", p && p->contract ? p->contract : "");
	f->suggestion = g_strdup_printf("`truce interface show %s --rules reference` has the contract; "
					"--point %s runs these tests alone.",
		o->id, o->id);
}

static void add_series(mediation *m, const char *path)
{
	series *s = series_new(CONFORM_SERIES);
	g_ptr_array_add(s->specs, g_strdup(path));
	g_ptr_array_add(m->series, s);
}

void conform_find(mediation *m, const conform_result *r, const char *path, GPtrArray *points)
{
	add_series(m, path);
	for (guint i = 0; i < r->operations->len; i++) {
		const conform_operation *o = g_ptr_array_index(r->operations, i);
		if (o->failed)
			add_operation(m, o, path, find_point(points, o->id));
	}
	if (r->bail_out && !r->failed) {
		finding *f = add(m, path, "");
		f->title = g_strdup_printf("the backend ends the run: %s", r->bail_out);
		f->explanation = g_strdup("It happened while no test ran: as the backend was chosen and "
					  "set up, between two tests, or after the last.");
		f->suggestion = g_strdup("arch_setup comes first; until it has returned no other "
					 "operation is called (docs/interface.md).");
	}
	findings_finish(m->findings);
}
