/* Maps series that are trees already to the points of a catalogue, by the text readers alone, and
 * times the stages: points_run REPO PACK BASE NAME=TIP [NAME=TIP ...] (commits or trees).
 * Prints the JSON report, whose points bench/points_check judges; times go to stderr. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "engine/packs.h"
#include "engine/text_facts.h"
#include "facts/touches.h"
#include "git/repo.h"
#include "interface/catalogue.h"
#include "model/mediation.h"
#include "report/report.h"

static void stage(const char *name, gint64 *since)
{
	gint64 now = g_get_monotonic_time();
	fprintf(stderr, "%-10s %7.3f s\n", name, (double)(now - *since) / 1e6);
	*since = now;
}

static bool resolve(repo *r, oid *tree, const char *rev, GError **err)
{
	oid commit;
	if (oid_parse(tree, rev))
		return true;
	return repo_resolve(r, &commit, rev, err) && repo_commit_tree(r, tree, &commit, err);
}

/* The facts of one file into `sets`. */
static bool read_file(GHashTable *sets, repo *r, const char *path, const oid *blob, GError **err)
{
	fact_set *set = NULL;
	if (g_hash_table_contains(sets, path))
		return true;
	if (!text_facts_read(&set, NULL, r, path, blob, err))
		return false;
	if (set)
		g_hash_table_insert(sets, set->path, set);
	return true;
}

static GHashTable *sets_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
}

static bool is_regular(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

static bool read_base_path(
	GHashTable *base, repo *r, const oid *tree, const char *path, GError **err)
{
	tree_entry entry;
	return !repo_lookup(r, tree, path, &entry, NULL) || !is_regular(entry.mode) ||
	       read_file(base, r, path, &entry.id, err);
}

typedef struct side {
	series *series;
	GHashTable *tip;
	touch_set *touches;
	series_reading reading;
} side;

static bool read_side(side *s, repo *r, GHashTable *base, GError **err)
{
	for (guint i = 0; i < s->series->changes->len; i++) {
		const file_change *c = g_ptr_array_index(s->series->changes, i);
		if (c->status != CHANGE_ADDED && is_regular(c->old_mode) &&
			!read_file(base, r, c->path, &c->old_oid, err))
			return false;
		if (c->status != CHANGE_DELETED && is_regular(c->new_mode) &&
			!read_file(s->tip, r, c->path, &c->new_oid, err))
			return false;
	}
	for (guint i = 0; i < s->touches->shadows->len; i++) {
		const shadow_copy *c = &g_array_index(s->touches->shadows, shadow_copy, i);
		if (!read_base_path(base, r, &s->series->base_tree, c->origin, err))
			return false;
	}
	for (guint i = 0; i < s->touches->functions->len; i++) {
		const function_copy *c = &g_array_index(s->touches->functions, function_copy, i);
		if (!read_base_path(base, r, &s->series->base_tree, c->origin, err))
			return false;
	}
	return true;
}

static bool open_side(side *s, repo *r, const oid *base_tree, char *spec, GError **err)
{
	char *equals = strchr(spec, '=');
	if (!equals)
		return false;
	*equals = '\0';
	s->series = series_new(spec);
	s->series->base_tree = *base_tree;
	s->tip = sets_new();
	s->touches = touch_set_new();
	return resolve(r, &s->series->tip_tree, equals + 1, err) &&
	       repo_diff(r, &s->series->changes, base_tree, &s->series->tip_tree, err) &&
	       facts_find_shadows(s->touches, r, s->series, err);
}

static bool run(mediation *m, char **argv, GError **err)
{
	gint64 since = g_get_monotonic_time();
	g_autoptr(repo) r = NULL;
	g_autoptr(catalogue) c = NULL;
	if (!repo_open(&r, argv[1], err) || !packs_open(&c, NULL, argv[2], err) ||
		!resolve(r, &m->base_tree, argv[3], err))
		return false;
	packs_take_judged(c, r, &m->base_tree);
	m->base_rev = g_strdup(argv[3]);
	m->catalogue = catalogue_describe(c);
	stage("open", &since);
	GHashTable *base = sets_new();
	g_autoptr(GPtrArray) readings = g_ptr_array_new();
	for (char **spec = argv + 4; *spec; spec++) {
		side *s = g_new0(side, 1);
		if (!open_side(s, r, &m->base_tree, *spec, err))
			return false;
		s->reading = (series_reading){s->series, base, s->tip, s->touches};
		g_ptr_array_add(readings, &s->reading);
		g_ptr_array_add(m->series, s->series);
		stage("shadows", &since);
		if (!read_side(s, r, base, err))
			return false;
		stage("facts", &since);
	}
	for (const char *const *path = catalogue_native_files(c); *path; path++)
		if (!read_base_path(base, r, &m->base_tree, *path, err))
			return false;
	stage("native", &since);
	for (guint i = 0; i < readings->len; i++) {
		series_reading *reading = g_ptr_array_index(readings, i);
		facts_find_touches((touch_set *)reading->touches, reading);
	}
	stage("touches", &since);
	g_ptr_array_unref(m->points);
	if (!catalogue_map(&m->points, c, readings, err))
		return false;
	stage("points", &since);
	return true; /* what was read lives as long as this short program */
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: points_run REPO PACK BASE NAME=TIP [NAME=TIP ...]\n");
		return 2;
	}
	g_autoptr(mediation) m = mediation_new();
	g_autoptr(GError) err = NULL;
	if (!run(m, argv, &err)) {
		fprintf(stderr, "points_run: %s\n", err ? err->message : "NAME=TIP expected");
		return 2;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	report_json(out, m, NULL);
	fwrite(out->str, 1, out->len, stdout);
	return 0;
}
