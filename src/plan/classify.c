/* What findings, rulings and points say about each atom. */
#include "plan/atom.h"

#include <string.h>

/* --- places --- */

static bool stands_at(const atom *a, const location *place)
{
	if (!place->line || !a->lines)
		return true;
	unsigned last = MAX(place->line, place->end_line);
	const change_hunk *h = a->lines;
	bool tip = place->at != AT_BASE;
	unsigned start = tip ? h->new_start : h->old_start;
	unsigned count = tip ? h->new_count : h->old_count;
	if (count)
		return start <= last && place->line < start + count;
	return place->line <= start && start < last; /* between two lines of the place */
}

void atoms_at_location(const atom_list *l, GArray *out, const location *place)
{
	if (place->series < 0 || (guint)place->series >= l->paths->len || !place->path ||
		place->at == AT_MERGED)
		return;
	const GArray *ids = atom_list_path(l, (unsigned)place->series, place->path);
	for (guint i = 0; ids && i < ids->len; i++) {
		unsigned id = g_array_index(ids, unsigned, i);
		if (stands_at(atom_get(l, id), place))
			g_array_append_val(out, id);
	}
}

static bool array_has(const GArray *a, unsigned value)
{
	for (guint i = 0; i < a->len; i++) {
		if (g_array_index(a, unsigned, i) == value)
			return true;
	}
	return false;
}

static void array_add(GArray *a, unsigned value)
{
	if (!array_has(a, value))
		g_array_append_val(a, value);
}

/* --- findings --- */

static decision_take ruling_of(const finding *f)
{
	return f->decision ? f->decision->take : DECISION_NONE;
}

/* Two or more series cannot both have their way here before somebody rules. Findings about points
 * are settled by the interface; those about one series alone, and notes, stop nobody. */
static bool needs_ruling(const finding *f)
{
	if (f->severity < SEVERITY_WARNING || f->parties->len < 2)
		return false;
	return !g_str_has_prefix(f->kind, "point.") && !g_str_has_prefix(f->kind, "series.") &&
	       !g_str_has_prefix(f->kind, "interface.") && !g_str_has_prefix(f->kind, "patch.");
}

/* The lines of its parties are in different files: one of them changed a copy. Both can be taken,
 * side by side; what is left to do is to bring them together behind the interface. */
bool finding_is_of_copies(const finding *f)
{
	if (strcmp(f->kind, "code.same-entity") && strcmp(f->kind, "code.layout"))
		return false;
	for (guint i = 0; i < f->locations->len; i++) {
		const location *a = g_ptr_array_index(f->locations, i);
		for (guint k = i + 1; k < f->locations->len; k++) {
			const location *b = g_ptr_array_index(f->locations, k);
			if (a->series != b->series && !g_strcmp0(a->path, b->path))
				return false;
		}
	}
	return true;
}

static const finding *contest_of(const mediation *m, const point_result *p)
{
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!strcmp(f->kind, "point.contested") && f->points->len == 1 &&
			!strcmp(g_ptr_array_index(f->points, 0), p->point->id))
			return f;
	}
	return NULL;
}

bool point_needs_interface(const mediation *m, const point_result *p)
{
	if (p->verdict != VERDICT_CONTESTED)
		return false;
	const finding *f = contest_of(m, p);
	decision_take take = f ? ruling_of(f) : DECISION_NONE;
	return take == DECISION_NONE || take == DECISION_INTERFACE;
}

/* True when a point that goes behind the interface accounts for a finding. */
static bool is_covered(const mediation *m, const finding *f)
{
	for (guint i = 0; i < f->points->len; i++) {
		const point_result *p = mediation_point(m, g_ptr_array_index(f->points, i));
		if (p && point_needs_interface(m, p))
			return true;
	}
	return false;
}

static bool is_party(const atom_list *l, const atom *a, const char *party)
{
	const series *s = g_ptr_array_index(l->m->series, a->series);
	return party && !strcmp(s->name, party);
}

/* The lines of an added hunk that a finding is about, when the hunk holds more than those: a new
 * file, of which one definition is in question. */
static bool lines_in_question(const atom *a, const finding *f, GArray *lines)
{
	const change_hunk *h = a->lines;
	unsigned covered = 0;
	for (guint i = 0; h && !h->old_count && i < f->locations->len; i++) {
		const location *at = g_ptr_array_index(f->locations, i);
		unsigned last = MAX(at->line, at->end_line), end = h->new_start + h->new_count;
		if (at->series != (int)a->series || at->at == AT_BASE ||
			g_strcmp0(at->path, a->change->path) || !at->line ||
			at->line < h->new_start || last >= end)
			continue;
		atom_gap cut = {at->line - 1, last};
		g_array_append_val(lines, cut);
		covered += last - at->line + 1;
	}
	return covered && covered < h->new_count;
}

/* A ruling leaves the atom out, or those of its lines that it is about. */
static void leave_out(atom *a, const finding *f)
{
	g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(atom_gap));
	if (!lines_in_question(a, f, lines)) {
		a->set_aside = true;
		return;
	}
	g_array_append_vals(a->cuts, lines->data, lines->len);
	a->fate = MAX(a->fate, FATE_DECIDED);
}

static void apply_ruling(atom_list *l, atom *a, unsigned index, const finding *f)
{
	switch (ruling_of(f)) {
	case DECISION_TAKE:
		a->ruling = (int)index;
		if (!is_party(l, a, f->decision->party))
			leave_out(a, f);
		else if (a->fate < FATE_DECIDED)
			a->fate = FATE_DECIDED;
		break;
	case DECISION_BOTH:
		a->ruling = (int)index;
		if (a->fate < FATE_DECIDED)
			a->fate = FATE_DECIDED;
		break;
	case DECISION_INTERFACE: /* written anew behind the interface: neither text is taken */
		a->ruling = (int)index;
		leave_out(a, f);
		break;
	case DECISION_NONE:
		if (is_covered(l->m, f))
			break;
		if (finding_is_of_copies(f)) {
			a->fate = MAX(a->fate, FATE_INTERFACE);
			break;
		}
		array_add(a->open, index);
		a->fate = FATE_UNDECIDED;
		break;
	case DECISION_DISMISS:
		break;
	}
}

static void classify_finding(atom_list *l, unsigned index)
{
	const finding *f = g_ptr_array_index(l->m->findings, index);
	if (g_str_has_prefix(f->kind, "point.") || ruling_of(f) == DECISION_DISMISS)
		return;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (guint i = 0; i < f->locations->len; i++)
		atoms_at_location(l, ids, g_ptr_array_index(f->locations, i));
	for (guint i = 0; i < ids->len; i++) {
		atom *a = atom_get(l, g_array_index(ids, unsigned, i));
		if (array_has(a->findings, index))
			continue;
		g_array_append_val(a->findings, index);
		if (needs_ruling(f) || (ruling_of(f) != DECISION_NONE && a->leader < 0))
			apply_ruling(l, a, index, f);
	}
}

/* --- points --- */

static location evidence_place(const evidence *e)
{
	return (location){.series = (int)e->series,
		.at = e->at,
		.path = e->path,
		.line = e->line,
		.end_line = MAX(e->line, e->end_line)};
}

static void mark_side(atom_list *l, GArray *ids, const point_side *side)
{
	for (guint i = 0; i < side->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		if (!e->path || (e->weight != EVIDENCE_OVERRIDE && e->weight != EVIDENCE_THROUGH))
			continue;
		location place = evidence_place(e);
		atoms_at_location(l, ids, &place);
	}
}

/* A ruling for one party on a point: its code is taken; another party's hunk is set aside only when
 * all the contested points that it carries were ruled so. */
static void classify_ruled(atom_list *l, GArray *ids, const finding *f, unsigned index)
{
	for (guint i = 0; i < ids->len; i++) {
		atom *a = atom_get(l, g_array_index(ids, unsigned, i));
		array_add(a->findings, index);
		if (a->fate > FATE_INTERFACE)
			continue;
		bool loses = ruling_of(f) == DECISION_TAKE && !is_party(l, a, f->decision->party);
		if (loses && a->points->len)
			continue;
		a->ruling = (int)index;
		if (loses)
			a->set_aside = true;
		else if (a->fate < FATE_INTERFACE)
			a->fate = FATE_DECIDED;
	}
}

static unsigned finding_index(const mediation *m, const finding *f)
{
	guint index = 0;
	return f && g_ptr_array_find(m->findings, f, &index) ? index : G_MAXUINT;
}

static void classify_point(atom_list *l, unsigned index, bool ruled)
{
	const point_result *p = g_ptr_array_index(l->m->points, index);
	if (p->verdict != VERDICT_CONTESTED || point_needs_interface(l->m, p) == ruled)
		return;
	const finding *f = contest_of(l->m, p);
	unsigned contest = finding_index(l->m, f);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (guint i = 0; i < p->sides->len; i++) {
		const point_side *side = g_ptr_array_index(p->sides, i);
		if (side->state == POINT_HOOKED)
			mark_side(l, ids, side);
	}
	if (ruled) {
		if (f && ruling_of(f) != DECISION_DISMISS)
			classify_ruled(l, ids, f, contest);
		return;
	}
	for (guint i = 0; i < ids->len; i++) {
		atom *a = atom_get(l, g_array_index(ids, unsigned, i));
		array_add(a->points, index);
		if (f)
			array_add(a->findings, contest);
		if (a->fate < FATE_INTERFACE)
			a->fate = FATE_INTERFACE;
	}
}

void atoms_classify(atom_list *l)
{
	for (unsigned i = 0; i < l->m->findings->len; i++)
		classify_finding(l, i);
	for (unsigned i = 0; i < l->m->points->len; i++)
		classify_point(l, i, false);
	for (unsigned i = 0; i < l->m->points->len; i++)
		classify_point(l, i, true);
	for (guint i = 0; i < l->all->len; i++) {
		atom *a = g_ptr_array_index(l->all, i);
		/* an equal hunk stands in for a leader that was set aside */
		if (a->leader >= 0 && !a->set_aside && atom_get(l, (unsigned)a->leader)->set_aside)
			a->leader = -1;
		a->superseded = a->set_aside || a->leader >= 0;
		if (a->leader >= 0)
			atom_get(l, (unsigned)a->leader)->leads = true;
	}
}
