/* Coverage: how much of what a series changes was seen by a compiler. */
#include "engine/coverage.h"

#include <string.h>

#include "engine/branches.h"
#include "engine/further.h"
#include "engine/causes.h"

static bool is_c_source(const char *path)
{
	return g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".h");
}

/* The last error of the first configuration on or above the line; NULL: none near. Of a file that
 * was not compiled at all: the first error. */
static const diagnostic *error_before(const fact_set *set, unsigned line)
{
	const diagnostic *best = NULL;
	for (guint i = 0; i < set->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(set->diagnostics, diagnostic, i);
		if (d->level != DIAGNOSTIC_ERROR)
			continue;
		if (!d->line || !set->seen->len)
			return d;
		if (!strcmp(d->path, set->path) && d->line <= line &&
			line - d->line < LINES_AFTER_ERROR && (!best || d->line > best->line))
			best = d;
	}
	return best;
}

/* Why a line that was not seen was not. The caller's. */
static char *why_unseen(const tree_facts *t, const fact_set *set, const char *path, unsigned line)
{
	const char *reason = branches_reason(t, path, line);
	const further_error *alone = branches_read_alone(t, path, line)
					     ? further_error_before(t, path, line, true)
					     : NULL;
	if (reason && alone)
		return g_strdup_printf("%s; read alone, it comes after an error in line %u: %s",
			reason, alone->line, alone->text);
	if (reason)
		return g_strdup(reason);
	if (!set || (!set->seen->len && !set->units))
		return g_strdup("no translation unit reaches the file");
	const diagnostic *first = error_before(set, line);
	const further_error *later = further_error_before(t, path, line, false);
	if (first && (!first->line || !set->seen->len))
		return g_strdup_printf("not parsed: %s", first->text);
	if (first && (!later || first->line >= later->line))
		return g_strdup_printf("after an error in line %u: %s", first->line, first->text);
	if (later)
		return g_strdup_printf("after an error in line %u: %s", later->line, later->text);
	return g_strdup("left out by the preprocessor in every configuration tried");
}

/* Counts the seen lines of first..first+count-1 and lists the others as ranges. */
static unsigned judge_lines(coverage *c, const tree_facts *t, const char *path, tree_at at,
	unsigned first, unsigned count)
{
	const fact_set *set = g_hash_table_lookup(t->sets, path);
	unsigned seen = 0;
	unparsed_range *open = NULL;
	for (unsigned line = first; line < first + count; line++) {
		if (set && fact_set_line_seen(set, line)) {
			seen++;
			open = NULL;
			continue;
		}
		g_autofree char *why = why_unseen(t, set, path, line);
		if (open && open->end_line + 1 == line && !strcmp(open->reason, why)) {
			open->end_line = line;
			continue;
		}
		open = unparsed_range_new(path, at, line, line, why);
		g_ptr_array_add(c->unparsed, open);
	}
	return seen;
}

static void measure_c(
	coverage *c, const file_change *change, const tree_facts *base, const tree_facts *tip)
{
	if (g_str_has_suffix(change->path, ".c")) {
		const tree_facts *at = change->status == CHANGE_DELETED ? base : tip;
		const fact_set *now = g_hash_table_lookup(at->sets, change->path);
		c->c_files++;
		c->c_files_clean += now && now->clean > 0;
	}
	c->c_lines_changed += change->insertions + change->deletions;
	for (guint i = 0; i < change->hunks->len; i++) {
		const change_hunk *h = &g_array_index(change->hunks, change_hunk, i);
		c->c_lines_parsed +=
			judge_lines(c, base, change->path, AT_BASE, h->old_start, h->old_count);
		c->c_lines_parsed +=
			judge_lines(c, tip, change->path, AT_TIP, h->new_start, h->new_count);
	}
}

coverage *coverage_measure(facts_reader *f, guint index)
{
	const series_reading *r = g_ptr_array_index(f->list, index);
	tree_facts *tip = g_ptr_array_index(f->trees, index + 1);
	coverage *c = coverage_new();
	causes_find(c, r);
	for (guint i = 0; i < r->series->changes->len; i++) {
		const file_change *change = g_ptr_array_index(r->series->changes, i);
		g_auto(GStrv) archs = kernel_tree_archs(
			tip->kernel, change->path, (const char *const *)f->prefer);
		if (is_c_source(change->path) && !change->binary && archs && archs[0]) {
			measure_c(c, change, g_ptr_array_index(f->trees, 0), tip);
			continue;
		}
		c->other_files++;
		c->other_lines_changed += change->insertions + change->deletions;
	}
	return c;
}
