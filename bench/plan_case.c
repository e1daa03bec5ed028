/* Plans a case from its SPECs without the database: how many steps, do the promises hold, how long.
 *
 *	plan_case REPO BASE NAME=SPEC...
 *
 * Built with the tree (not installed). Prints the steps and open decisions, one a line. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "conflict/conflict.h"
#include "plan/make.h"
#include "series/apply.h"
#include "series/read.h"

static bool add_series(mediation *m, repo *r, const char *option, GError **err)
{
	const char *spec = strchr(option, '=');
	if (!spec)
		return error_set(err, TRUCE_ERROR_USAGE, NULL, "NAME=SPEC, not %s", option);
	g_autofree char *name = g_strndup(option, (gsize)(spec - option));
	int at = mediation_series(m, name);
	series *s = at >= 0 ? g_ptr_array_index(m->series, at) : NULL;
	if (!s) {
		s = series_new(name);
		s->base = s->tip = m->base;
		s->base_tree = s->tip_tree = m->base_tree;
		g_ptr_array_add(m->series, s);
	}
	g_autoptr(patch_list) patches = NULL;
	if (!series_read(&patches, r, spec + 1, &m->base, err))
		return false;
	g_ptr_array_add(s->specs, g_strdup(spec + 1));
	return series_apply(s, r, patches, s->specs->len - 1, err);
}

static void print_plan(const mediation *m)
{
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		printf("finding %s %s %s: %s\n", f->id, severity_name(f->severity), f->kind,
			f->title);
	}
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		printf("step %u %s, %u hunks, needs", s->n, step_action_name(s->action),
			s->hunks->len);
		for (guint k = 0; k < s->depends_on->len; k++)
			printf(" %u", g_array_index(s->depends_on, unsigned, k));
		printf(": %s\n", s->title);
	}
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		printf("open, %u hunks: %s\n", u->hunks->len, u->title);
		for (guint k = 0; k < u->hunks->len; k++) {
			const plan_hunk *h = g_ptr_array_index(u->hunks, k);
			printf("\t%u %s %u\n", h->series, h->path, h->hunk);
		}
	}
}

static bool run(int argc, char **argv, GError **err)
{
	g_autoptr(repo) r = NULL;
	g_autoptr(mediation) m = mediation_new();
	if (!repo_open(&r, argv[1], err) || !repo_resolve(r, &m->base, argv[2], err) ||
		!repo_commit_tree(r, &m->base_tree, &m->base, err))
		return false;
	for (int i = 3; i < argc; i++) {
		if (!add_series(m, r, argv[i], err))
			return false;
	}
	g_autofree series_reading *readings = g_new0(series_reading, m->series->len);
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (guint i = 0; i < m->series->len; i++) {
		series *s = g_ptr_array_index(m->series, i);
		if (!series_finish(s, r, err))
			return false;
		readings[i].series = s;
		g_ptr_array_add(list, &readings[i]);
	}
	gint64 start = g_get_monotonic_time();
	if (!conflict_find(m, r, list, err))
		return false;
	findings_finish(m->findings);
	gint64 found = g_get_monotonic_time();
	if (!plan_make(m, r, err) || !plan_check(m, err))
		return false;
	gint64 made = g_get_monotonic_time();
	print_plan(m);
	printf("findings %.3f s, plan %.3f s\n", (double)(found - start) / G_USEC_PER_SEC,
		(double)(made - found) / G_USEC_PER_SEC);
	return plan_check_trees(m, r, err);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: plan_case REPO BASE NAME=SPEC...\n");
		return 2;
	}
	g_autoptr(GError) err = NULL;
	if (run(argc, argv, &err))
		return 0;
	fprintf(stderr, "plan_case: %s\n", err->message);
	return 1;
}
