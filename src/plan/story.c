/* What a person reads of a plan. */
#include "plan/story.h"

#include <string.h>

/* Places named for a side of a point; the points command shows all. */
#define PLACES_SHOWN 6u

static const char *series_name(const atom_list *l, unsigned i)
{
	return ((const series *)g_ptr_array_index(l->m->series, i))->name;
}

static const char *patch_subject(const atom_list *l, unsigned series_index, unsigned n)
{
	const series *s = g_ptr_array_index(l->m->series, series_index);
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		if (c->n == n)
			return c->subject;
	}
	return "";
}

static unsigned count_files(const atom_list *l, const unit_list *u, const GArray *units)
{
	g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < units->len; i++) {
		const unit *at = g_ptr_array_index(u->all, g_array_index(units, unsigned, i));
		for (guint k = 0; k < at->atoms->len; k++)
			g_hash_table_add(paths,
				atom_get(l, g_array_index(at->atoms, unsigned, k))->change->path);
	}
	return g_hash_table_size(paths);
}

static const char *take_text(const finding *f)
{
	switch (f->decision ? f->decision->take : DECISION_NONE) {
	case DECISION_TAKE:
		return f->decision->party;
	case DECISION_BOTH:
		return "both";
	case DECISION_INTERFACE:
		return "through the interface";
	default:
		return "as ruled";
	}
}

void group_points(const mediation *m, const char *group, GPtrArray *out)
{
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		if (!strcmp(p->point->group, group) && point_needs_interface(m, p))
			g_ptr_array_add(out, g_strdup(p->point->id));
	}
}

static char *interface_title(const atom_list *l, const char *group)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func(g_free);
	group_points(l->m, group, points);
	return g_strdup_printf("%s: put %u contested operation%s behind the interface", group,
		points->len, points->len == 1 ? "" : "s");
}

/* The findings that the step of copies is about. */
static GPtrArray *copies(const mediation *m)
{
	GPtrArray *found = g_ptr_array_new();
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		bool open = !f->decision || f->decision->take == DECISION_NONE;
		if (open && f->severity >= SEVERITY_WARNING && !f->points->len &&
			finding_is_of_copies(f))
			g_ptr_array_add(found, f);
	}
	return found;
}

static char *copies_title(const atom_list *l)
{
	g_autoptr(GPtrArray) found = copies(l->m);
	return g_strdup_printf("copies: bring together %u name%s changed in place and in a copy",
		found->len, found->len == 1 ? "" : "s");
}

char *batch_title(const atom_list *l, const unit_list *u, const batch *b, const GPtrArray *groups)
{
	const slot *s = b->slot;
	unsigned files = count_files(l, u, b->units);
	const char *more = b->part > 1 ? ", more" : "";
	const char *plural = files == 1 ? "" : "s";
	switch (s->rank) {
	case RANK_EQUAL:
		return g_strdup_printf(
			"what several series bring alike (%u file%s)%s", files, plural, more);
	case RANK_TAKE:
		if (s->patch)
			return g_strdup_printf("%s: patch %u: %s%s", series_name(l, s->series),
				s->patch, patch_subject(l, s->series, s->patch), more);
		return g_strdup_printf("%s: %s as it is (%u file%s)%s", series_name(l, s->series),
			s->area, files, plural, more);
	case RANK_INTERFACE: {
		g_autofree char *title =
			s->group == groups->len
				? copies_title(l)
				: interface_title(
					  l, g_ptr_array_index((GPtrArray *)groups, s->group));
		return g_strdup_printf("%s%s", title, more);
	}
	case RANK_DECIDED: {
		const finding *f = g_ptr_array_index(l->m->findings, s->ruling);
		return g_strdup_printf("decided, %s: %s%s", take_text(f), f->title, more);
	}
	}
	g_assert_not_reached();
}

char *waiting_title(const atom_list *l, const waiting *w)
{
	if (!w->findings->len)
		return g_strdup("open");
	const finding *f =
		g_ptr_array_index(l->m->findings, g_array_index(w->findings, unsigned, 0));
	unsigned more = w->findings->len - 1;
	const char *lead = w->blocked ? "needs the lines of: " : "";
	if (!more)
		return g_strdup_printf("%s%s", lead, f->title);
	return g_strdup_printf(
		"%s%s, and %u finding%s more", lead, f->title, more, more == 1 ? "" : "s");
}

/* --- the interface steps --- */

static const char *how_to_move(evidence_weight weight, const evidence *e)
{
	if (weight == EVIDENCE_THROUGH)
		return "calls its hook: let it call the operation";
	if (!strcmp(e->kind, "shadow-copy"))
		return "in a copy: move the body into the backend, and drop it from the copy";
	if (!strcmp(e->kind, "ops-table"))
		return "fills its own table: fill the common one";
	if (!strcmp(e->kind, "assembly") || !strcmp(e->kind, "instruction"))
		return "assembly: patch or call through the operation";
	if (!strcmp(e->kind, "in-place"))
		return "changed in place: move the body into the backend, native code stays";
	return "its own implementation: move it into the backend";
}

/* The step that brings the lines of a place; 0: it is not in a hunk, or waits. *waits says so. */
static unsigned place_step(
	const atom_list *l, const location *place, const unsigned *step_of, bool *waits)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
	atoms_at_location(l, ids, place);
	*waits = false;
	if (!ids->len)
		return 0;
	unsigned n = step_of[g_array_index(ids, unsigned, 0)];
	*waits = n == 0;
	return n;
}

static bool is_told(const point_side *side, guint upto, const evidence *e)
{
	for (guint i = 0; i < upto; i++) {
		const evidence *before = g_ptr_array_index(side->evidence, i);
		if (!g_strcmp0(before->path, e->path) && before->line == e->line)
			return true;
	}
	return false;
}

static void tell_step(GString *text, const atom_list *l, const location *place,
	const unsigned *step_of, unsigned this_step)
{
	bool waits;
	unsigned n = place_step(l, place, step_of, &waits);
	if (waits)
		g_string_append(text, " (waits for a ruling)");
	else if (n && n != this_step)
		g_string_append_printf(text, " (comes with step %u)", n);
	g_string_append_c(text, '\n');
}

static void tell_evidence(GString *text, const atom_list *l, const evidence *e,
	const unsigned *step_of, unsigned this_step)
{
	location place = {.series = (int)e->series,
		.at = e->at,
		.path = e->path,
		.line = e->line,
		.end_line = MAX(e->line, e->end_line)};
	g_string_append_printf(
		text, "  - `%s:%u`%s", e->path, e->line, e->at == AT_BASE ? " of the base" : "");
	if (e->symbol && *e->symbol)
		g_string_append_printf(text, " `%s`", e->symbol);
	g_string_append_printf(text, ": %s", how_to_move(e->weight, e));
	tell_step(text, l, &place, step_of, this_step);
}

static void tell_place(GString *text, const atom_list *l, const location *place,
	const unsigned *step_of, unsigned this_step)
{
	g_string_append_printf(text, "- %s: `%s:%u`%s",
		place->series < 0 ? "base" : series_name(l, (unsigned)place->series), place->path,
		place->line, place->at == AT_BASE ? " of the base" : "");
	tell_step(text, l, place, step_of, this_step);
}

static void tell_side(GString *text, const atom_list *l, unsigned i, const point_side *side,
	const unsigned *step_of, unsigned this_step)
{
	g_string_append_printf(text, "- %s:\n", series_name(l, i));
	unsigned shown = 0, more = 0;
	for (guint k = 0; k < side->evidence->len; k++) {
		const evidence *e = g_ptr_array_index(side->evidence, k);
		if (!e->path || (e->weight != EVIDENCE_OVERRIDE && e->weight != EVIDENCE_THROUGH) ||
			is_told(side, k, e))
			continue;
		if (shown == PLACES_SHOWN) {
			more++;
			continue;
		}
		shown++;
		tell_evidence(text, l, e, step_of, this_step);
	}
	if (more)
		g_string_append_printf(text, "  - and %u places more\n", more);
}

char *copies_detail(const atom_list *l, const unsigned *step_of, unsigned this_step)
{
	g_autoptr(GPtrArray) found = copies(l->m);
	if (!found->len)
		return NULL;
	GString *text =
		g_string_new("The tree of this step holds both versions side by side. Put what "
			     "differs behind an operation, or into a function that each side "
			     "overrides, so that the copy is not needed:\n");
	for (guint i = 0; i < found->len; i++) {
		const finding *f = g_ptr_array_index(found, i);
		g_string_append_printf(text, "\n### %s\n", f->title);
		for (guint k = 0; k < f->locations->len; k++)
			tell_place(text, l, g_ptr_array_index(f->locations, k), step_of, this_step);
	}
	return g_string_free(text, FALSE);
}

char *interface_detail(
	const atom_list *l, const char *group, const unsigned *step_of, unsigned this_step)
{
	GString *text =
		g_string_new("The tree of this step holds both sides' code as they wrote it. "
			     "What is left to do by hand, operation by operation:\n");
	for (guint i = 0; i < l->m->points->len; i++) {
		const point_result *p = g_ptr_array_index(l->m->points, i);
		if (strcmp(p->point->group, group) || !point_needs_interface(l->m, p))
			continue;
		g_string_append_printf(text, "\n### %s", p->point->id);
		if (p->point->signature)
			g_string_append_printf(text, ": `%s`", p->point->signature);
		g_string_append_c(text, '\n');
		if (p->point->native)
			g_string_append_printf(
				text, "Native code stays behind it: %s\n", p->point->native);
		for (unsigned k = 0; k < p->sides->len; k++) {
			const point_side *side = g_ptr_array_index(p->sides, k);
			if (side->state == POINT_HOOKED)
				tell_side(text, l, k, side, step_of, this_step);
		}
	}
	return g_string_free(text, FALSE);
}
