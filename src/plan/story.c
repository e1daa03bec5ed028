/* What a person reads of a plan. */
#include "plan/story.h"

#include <string.h>

#include "model/path.h"

/* Places named for a side of a point; the points command shows all. */
#define PLACES_SHOWN 6u

static const char *series_name(const atom_list *l, unsigned i)
{
	return ((const series *)g_ptr_array_index(l->m->series, i))->name;
}

static char *patch_title(const atom_list *l, unsigned series_index, unsigned n, bool whole)
{
	const series *s = g_ptr_array_index(l->m->series, series_index);
	const series_commit *c = NULL;
	for (guint i = 0; i < s->commits->len && (!c || c->n != n); i++)
		c = g_ptr_array_index(s->commits, i);
	const char *less = whole	 ? ""
			   : !c->applied ? " (what found its place)"
					 : " (what is not there already)";
	return g_strdup_printf("%s: patch %u: %s%s", s->name, n, c->subject, less);
}

/* The paths of a batch, in no order. */
static GHashTable *batch_paths(const atom_list *l, const unit_list *u, const GArray *units)
{
	GHashTable *paths = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < units->len; i++) {
		const unit *at = g_ptr_array_index(u->all, g_array_index(units, unsigned, i));
		for (guint k = 0; k < at->atoms->len; k++)
			g_hash_table_add(paths,
				atom_get(l, g_array_index(at->atoms, unsigned, k))->change->path);
		for (guint k = 0; k < at->pieces->len; k++) {
			const strand *s = g_ptr_array_index(
				u->history->strands, g_array_index(at->pieces, piece, k).strand);
			g_hash_table_add(paths, s->path);
		}
	}
	return paths;
}

static guint count_elsewhere(GHashTable *paths, const char *area)
{
	GHashTableIter it;
	gpointer path;
	guint n = 0;
	g_hash_table_iter_init(&it, paths);
	while (g_hash_table_iter_next(&it, &path, NULL)) {
		g_autofree char *own = path_area(path);
		n += strcmp(own, area) != 0;
	}
	return n;
}

/* What a finding is about: its title up to the colon. The caller's. */
static char *finding_subject(const finding *f)
{
	const char *colon = strstr(f->title, ": ");
	return colon ? g_strndup(f->title, (gsize)(colon - f->title)) : g_strdup(f->title);
}

static char *ruling_title(const finding *f)
{
	g_autofree char *subject = finding_subject(f);
	switch (f->decision ? f->decision->take : DECISION_NONE) {
	case DECISION_TAKE:
		return g_strdup_printf("take %s's side of %s", f->decision->party, subject);
	case DECISION_BOTH:
		return g_strdup_printf("take both sides of %s", subject);
	case DECISION_INTERFACE:
		return g_strdup_printf("write %s anew behind the interface", subject);
	default:
		return g_strdup_printf("as ruled: %s", subject);
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

/* "drivers/net as it is (4 files)", or "arch/um and 2 files elsewhere as they are (4 files)". */
static char *area_text(GHashTable *paths, const char *area)
{
	guint files = g_hash_table_size(paths), elsewhere = count_elsewhere(paths, area);
	if (!elsewhere)
		return g_strdup_printf(
			"%s as it is (%u file%s)", area, files, files == 1 ? "" : "s");
	return g_strdup_printf("%s and %u file%s elsewhere as they are (%u file%s)", area,
		elsewhere, elsewhere == 1 ? "" : "s", files, files == 1 ? "" : "s");
}

char *batch_title(
	const atom_list *l, const unit_list *u, const batch *b, const GPtrArray *groups, bool whole)
{
	const slot *s = b->slot;
	g_autoptr(GHashTable) paths = batch_paths(l, u, b->units);
	unsigned files = g_hash_table_size(paths);
	const char *more = b->part > 1 ? ", more" : "";
	switch (s->rank) {
	case RANK_EQUAL:
		return g_strdup_printf("what several series bring alike (%u file%s)%s", files,
			files == 1 ? "" : "s", more);
	case RANK_TAKE: {
		if (s->patch)
			return patch_title(l, s->series, s->patch, whole);
		g_autofree char *area = area_text(paths, s->area);
		return g_strdup_printf("%s: %s%s", series_name(l, s->series), area, more);
	}
	case RANK_INTERFACE: {
		g_autofree char *title =
			s->group == groups->len
				? copies_title(l)
				: interface_title(
					  l, g_ptr_array_index((GPtrArray *)groups, s->group));
		return g_strdup_printf("%s%s", title, more);
	}
	case RANK_DECIDED: {
		g_autofree char *title = ruling_title(g_ptr_array_index(l->m->findings, s->ruling));
		return g_strdup_printf("%s%s", title, more);
	}
	}
	g_assert_not_reached();
}

char *waiting_title(const atom_list *l, const GArray *findings)
{
	const finding *f = g_ptr_array_index(l->m->findings, g_array_index(findings, unsigned, 0));
	unsigned more = findings->len - 1;
	if (!more)
		return g_strdup(f->title);
	return g_strdup_printf("%s, and %u finding%s more", f->title, more, more == 1 ? "" : "s");
}

/* --- the steps of rulings --- */

/* "`a.c`: 2 hunks of one" for the hunks with a fate, each path and series once. */
static unsigned list_hunks(GString *text, const atom_list *l, const step *s, hunk_fate fate)
{
	unsigned paths = 0;
	for (guint i = 0; i < s->hunks->len;) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, i);
		unsigned n = 0;
		for (; i < s->hunks->len; i++) {
			const plan_hunk *other = g_ptr_array_index(s->hunks, i);
			if (other->series != h->series || strcmp(other->path, h->path))
				break;
			n += other->fate == fate;
		}
		if (!n)
			continue;
		g_string_append_printf(text, "- %s: `%s`, %u hunk%s\n", series_name(l, h->series),
			h->path, n, n == 1 ? "" : "s");
		paths++;
	}
	return paths;
}

/* "`a.c:12-18` of one", the places of a finding. */
static void list_places(GString *text, const atom_list *l, const finding *f)
{
	for (guint i = 0; i < f->locations->len; i++) {
		const location *at = g_ptr_array_index(f->locations, i);
		g_string_append_printf(text, "- %s: `%s:%u",
			at->series < 0 ? "base" : series_name(l, (unsigned)at->series), at->path,
			at->line);
		if (at->end_line > at->line)
			g_string_append_printf(text, "-%u", at->end_line);
		g_string_append_printf(text, "`%s%s%s\n", at->symbol ? " (" : "",
			at->symbol ? at->symbol : "", at->symbol ? ")" : "");
	}
}

static void tell_anew(GString *text, const atom_list *l, const finding *f)
{
	g_string_append(text,
		"The tree of this step holds neither side's lines. What is left to do "
		"by hand:\n");
	if (f->points->len) {
		g_string_append(text, "- put an operation behind the interface:");
		for (guint i = 0; i < f->points->len; i++)
			g_string_append_printf(text, "%s `%s`", i ? "," : "",
				(const char *)g_ptr_array_index(f->points, i));
		g_string_append_c(text, '\n');
	} else {
		g_string_append(
			text, "- put an operation behind the interface for what both change\n");
	}
	g_string_append(text, "- give each side a backend with what it does now:\n");
	g_autoptr(GString) places = g_string_new(NULL);
	list_places(places, l, f);
	g_auto(GStrv) lines = g_strsplit(places->str, "\n", -1);
	for (char **line = lines; *line && **line; line++)
		g_string_append_printf(text, "  %s\n", *line);
	g_string_append(text, "- let the code that was there call the operation\n");
}

/* True when two sides' hunks of the step replace the same lines. */
static bool replaces_twice(const atom_list *l, const step *s)
{
	for (guint i = 0; i < s->hunks->len; i++) {
		const plan_hunk *a = g_ptr_array_index(s->hunks, i);
		for (guint k = i + 1; k < s->hunks->len; k++) {
			const plan_hunk *b = g_ptr_array_index(s->hunks, k);
			if (a->series == b->series || strcmp(a->path, b->path) || !a->hunk ||
				!b->hunk || a->fate != HUNK_TAKEN || b->fate != HUNK_TAKEN)
				continue;
			const GArray *of_a = atom_list_path(l, a->series, a->path);
			const GArray *of_b = atom_list_path(l, b->series, b->path);
			if (atoms_overlap(atom_get(l, g_array_index(of_a, unsigned, a->hunk - 1)),
				    atom_get(l, g_array_index(of_b, unsigned, b->hunk - 1))))
				return true;
		}
	}
	return false;
}

char *ruling_detail(const atom_list *l, unsigned ruling, const step *s)
{
	const finding *f = g_ptr_array_index(l->m->findings, ruling);
	GString *text = g_string_new(NULL);
	decision_take take = f->decision ? f->decision->take : DECISION_NONE;
	if (take == DECISION_INTERFACE)
		tell_anew(text, l, f);
	g_autoptr(GString) trimmed = g_string_new(NULL);
	if (list_hunks(trimmed, l, s, HUNK_TRIMMED))
		g_string_append_printf(text,
			"%sTaken without the lines that the ruling leaves out:\n%s",
			text->len ? "\n" : "", trimmed->str);
	if (take == DECISION_BOTH && replaces_twice(l, s))
		g_string_append(text,
			"Both sides replace the same lines: the tree of this step holds "
			"one version below the other. Make one of them by hand.\n");
	g_autoptr(GString) fallen = g_string_new(NULL);
	if (list_hunks(fallen, l, s, HUNK_FALLS))
		g_string_append_printf(text,
			"%sLeft out too, because it needs lines that the ruling leaves out%s:\n%s",
			text->len ? "\n" : "",
			take == DECISION_INTERFACE ? "; to be taken once the new code has them"
						   : "",
			fallen->str);
	if (!text->len) {
		g_string_free(text, TRUE);
		return NULL;
	}
	return g_string_free(text, FALSE);
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

static bool is_told(const point_side *side, guint upto, const evidence *e)
{
	for (guint i = 0; i < upto; i++) {
		const evidence *before = g_ptr_array_index(side->evidence, i);
		if (!g_strcmp0(before->path, e->path) && before->line == e->line)
			return true;
	}
	return false;
}

/* Which step brings the lines of a place, when it is another one. */
static void tell_step(GString *text, const atom_list *l, const location *place,
	const unsigned *step_of, unsigned this_step)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
	atoms_at_location(l, ids, place);
	const atom *a = ids->len ? atom_get(l, g_array_index(ids, unsigned, 0)) : NULL;
	unsigned n = a ? step_of[a->id] : 0;
	if (a && !n)
		g_string_append(text, " (waits for a ruling)");
	else if (a && (a->set_aside || a->falls))
		g_string_append_printf(text, " (left out by the ruling of step %u)", n);
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
