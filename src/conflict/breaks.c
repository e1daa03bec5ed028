/* merge.breaks: the clean merge of a file that two series change no longer parses. The parsing is
 * the engine's; here the errors become a finding with both sides' lines. */
#include <string.h>

#include "conflict/check.h"
#include "conflict/conflict.h"

/* Errors told one by one; the rest is mostly what follows from the first. */
#define ERRORS_TOLD 3u

/* The line of a tip that a line of the merged file comes from, or the one before it. */
static unsigned tip_line(const GArray *hunks, unsigned merged)
{
	long shift = 0;
	for (guint i = 0; i < hunks->len; i++) {
		const change_hunk *h = &g_array_index(hunks, change_hunk, i);
		unsigned start = h->new_count ? h->new_start : h->new_start + 1;
		if (merged < start)
			break;
		if (merged < start + h->new_count)
			return h->old_count ? h->old_start : MAX(h->old_start, 1u);
		shift = ((long)h->old_start + (h->old_count ? (long)h->old_count : 1)) -
			((long)start + (long)h->new_count);
	}
	return (unsigned)MAX(1L, (long)merged + shift);
}

static unsigned distance(const change_hunk *h, unsigned line)
{
	unsigned last = h->new_start + MAX(h->new_count, 1u) - 1;
	if (line < h->new_start)
		return h->new_start - line;
	return line > last ? line - last : 0;
}

/* The hunk of a change that is nearest to a line of the tip; NULL when there is none. */
static const change_hunk *nearest_hunk(const file_change *c, unsigned line)
{
	const change_hunk *best = NULL;
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		if (!best || distance(h, line) < distance(best, line))
			best = h;
	}
	return best;
}

static bool has_place(const finding *f, unsigned series_index, const change_hunk *h)
{
	unsigned line = h->new_count ? h->new_start : h->old_start;
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		if (l->series == (int)series_index && l->line == line)
			return true;
	}
	return false;
}

/* The lines of one side next to each error. */
static bool add_side(conflict_context *c, finding *f, GString *text, const merge_break *b,
	unsigned series_index, GError **err)
{
	const series *s = context_series(c, series_index);
	const file_change *change = series_change(s, b->path);
	if (!change || !change->hunks->len)
		return true;
	const GArray *hunks = context_diff(c, &change->new_oid, &b->blob, err);
	if (!hunks)
		return false;
	bool told = false;
	for (guint i = 0; i < b->errors->len; i++) {
		const diagnostic *d = &g_array_index(b->errors, diagnostic, i);
		if (strcmp(d->path, b->path))
			continue;
		const change_hunk *h = nearest_hunk(change, tip_line(hunks, d->line));
		if (has_place(f, series_index, h))
			continue;
		finding_add_hunk(c, f, series_index, change, h);
		if (told)
			continue;
		told = true;
		g_autofree char *by = context_patch_name(c, series_index, hunk_patch(h));
		g_autofree char *lines =
			h->new_count ? lines_text(h->new_start, h->new_start + h->new_count - 1)
				     : g_strdup("lines that it takes away");
		g_string_append_printf(text, " Nearest of %s: %s, by %s.", s->name, lines, by);
	}
	return true;
}

static void tell_errors(GString *text, const merge_break *b)
{
	for (guint i = 0; i < b->errors->len && i < ERRORS_TOLD; i++) {
		const diagnostic *d = &g_array_index(b->errors, diagnostic, i);
		bool own = !strcmp(d->path, b->path);
		g_string_append_printf(text, "%s %s%sline %u: %s", i ? ";" : "", own ? "" : d->path,
			own ? "" : ", ", d->line, d->text);
	}
	if (b->errors->len > ERRORS_TOLD)
		g_string_append_printf(text, "; and %u more", b->errors->len - ERRORS_TOLD);
	g_string_append_c(text, '.');
}

static bool fill(conflict_context *c, finding *f, const merge_break *b, GError **err)
{
	finding_set_title(f, "%s: the clean merge of %s and %s does not parse", b->path,
		context_series(c, b->a)->name, context_series(c, b->b)->name);
	const diagnostic *first = &g_array_index(b->errors, diagnostic, 0);
	bool own = !strcmp(first->path, b->path);
	finding_add_place(f, -1, AT_MERGED, &b->blob, b->path, own ? first->line : 0,
		own ? first->line : 0, NULL, 0);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text,
		"git merges the two versions of %s without a conflict, and each parses by "
		"itself; the merge does not:",
		b->path);
	tell_errors(text, b);
	if (!add_side(c, f, text, b, b->a, err) || !add_side(c, f, text, b, b->b, err))
		return false;
	f->explanation = g_strdup(text->str);
	f->suggestion =
		g_strdup("Read the merged lines with both patches beside them. Make the "
			 "series that comes second fit the first, and run `truce series "
			 "update`; until then take one side: `truce decide ID --take NAME`.");
	return true;
}

bool conflict_add_break(mediation *m, repo *r, const merge_break *b, GError **err)
{
	conflict_context c;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	conflict_context_init(&c, m, r, none);
	const char *keys[] = {b->path, NULL};
	series_pair p = {b->a, b->b};
	finding *f = context_add_pair(&c, "merge.breaks", SEVERITY_ERROR, p, keys);
	bool ok = fill(&c, f, b, err);
	if (!ok)
		g_ptr_array_remove(m->findings, f);
	conflict_context_clear(&c);
	return ok;
}
