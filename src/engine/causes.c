/* Why .c files of a series do not parse, when the reason lies outside of them. */
#include "engine/causes.h"

#include <string.h>

/* Causes kept of one series: the first few explain most, the rest cost a file each. */
#define CAUSES_KEPT 20u

/* The error that the compiler came to first; what follows may follow from it. */
static const diagnostic *first_error(const fact_set *set)
{
	for (guint i = 0; i < set->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(set->diagnostics, diagnostic, i);
		if (d->level == DIAGNOSTIC_ERROR)
			return d;
	}
	return NULL;
}

/* A header that is not there is one cause wherever it is asked for. */
static bool is_missing(const diagnostic *d)
{
	return g_str_has_suffix(d->text, "file not found");
}

static void count_cause(coverage *c, const diagnostic *d)
{
	for (guint i = 0; i < c->causes->len; i++) {
		coverage_cause *known = g_ptr_array_index(c->causes, i);
		if (!strcmp(known->text, d->text) &&
			(is_missing(d) ||
				(known->line == d->line && !strcmp(known->path, d->path)))) {
			known->files++;
			return;
		}
	}
	g_ptr_array_add(c->causes, coverage_cause_new(d->path, d->line, d->text, 1));
}

static gint compare_causes(gconstpointer va, gconstpointer vb)
{
	const coverage_cause *a = *(coverage_cause *const *)va, *b = *(coverage_cause *const *)vb;
	if (a->files != b->files)
		return a->files > b->files ? -1 : 1;
	int order = strcmp(a->path, b->path);
	if (order)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return strcmp(a->text, b->text);
}

void causes_find(coverage *c, const series_reading *r)
{
	const GPtrArray *changes = r->series->changes;
	for (guint i = 0; i < changes->len; i++) {
		const file_change *change = g_ptr_array_index(changes, i);
		const fact_set *set =
			change->status == CHANGE_DELETED || !g_str_has_suffix(change->path, ".c")
				? NULL
				: g_hash_table_lookup(r->tip, change->path);
		const diagnostic *d = set && set->units && !set->clean ? first_error(set) : NULL;
		if (d && d->line && (is_missing(d) || strcmp(d->path, set->path) != 0))
			count_cause(c, d);
	}
	g_ptr_array_sort(c->causes, compare_causes);
	if (c->causes->len > CAUSES_KEPT)
		g_ptr_array_set_size(c->causes, CAUSES_KEPT);
}
