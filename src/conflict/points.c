/* point.contested: what the points of the interface say, as findings. */
#include "conflict/check.h"

#include <string.h>

/* Places shown for a side: enough to believe it; the points command shows all. */
#define PLACES_PER_SIDE 4u

static bool place_known(const finding *f, int series_index, const evidence *e)
{
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		if (l->series == series_index && l->at == e->at && !strcmp(l->path, e->path) &&
			(l->line == e->line || !g_strcmp0(l->symbol, e->symbol)))
			return true;
	}
	return false;
}

/* The strongest places of a side with one of the weights wanted. */
static void add_places(finding *f, unsigned series_index, const point_side *side, unsigned weights)
{
	unsigned shown = 0;
	for (guint i = 0; i < side->evidence->len && shown < PLACES_PER_SIDE; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		if (!(weights & 1u << e->weight) || !e->path ||
			place_known(f, (int)series_index, e))
			continue;
		finding_add_place(f, (int)series_index, e->at, &e->blob, e->path, e->line,
			MAX(e->line, e->end_line), e->symbol, e->patch);
		shown++;
	}
}

static void describe_side(GString *text, const conflict_context *c, const finding *f, unsigned i,
	const point_side *side)
{
	g_string_append_printf(text, "%s", context_series(c, i)->name);
	const char *glue = ": ";
	for (guint k = 0; k < f->locations->len; k++) {
		const location *l = g_ptr_array_index(f->locations, k);
		if (l->series != (int)i)
			continue;
		g_string_append_printf(text, "%s%s%s%s:%u", glue, l->symbol ? l->symbol : "",
			l->symbol ? " in " : "", l->path, l->line);
		glue = "; ";
	}
	for (guint k = 0; k < side->evidence->len; k++) {
		const evidence *e = g_ptr_array_index(side->evidence, k);
		if (e->note && *e->note && e->weight <= EVIDENCE_THROUGH) {
			g_string_append_printf(text, " (%s)", e->note);
			break;
		}
	}
	g_string_append(text, ". ");
}

static char *party_list(const finding *f)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < f->parties->len; i++) {
		const char *glue = i == 0 ? "" : i + 1 == f->parties->len ? " and " : ", ";
		g_string_append_printf(
			text, "%s%s", glue, (const char *)g_ptr_array_index(f->parties, i));
	}
	return g_string_free(text, FALSE);
}

/* With one full stop, whether the catalogue's text has one or not. */
static void append_sentence(GString *text, const char *lead, const char *said)
{
	g_string_append_printf(text, "%s%s%s ", lead, said, g_str_has_suffix(said, ".") ? "" : ".");
}

static void report_contested(conflict_context *c, const point_result *p)
{
	g_autoptr(GArray) hooked = g_array_new(FALSE, FALSE, sizeof(unsigned));
	double confidence = 1.0;
	for (unsigned i = 0; i < p->sides->len; i++) {
		const point_side *side = g_ptr_array_index(p->sides, i);
		if (side->state != POINT_HOOKED)
			continue;
		g_array_append_val(hooked, i);
		confidence = MIN(confidence, side->confidence);
	}
	const char *keys[] = {p->point->id, NULL};
	finding *f = context_add(c, "point.contested", SEVERITY_WARNING,
		(const unsigned *)(void *)hooked->data, hooked->len, keys);
	g_ptr_array_add(f->points, g_strdup(p->point->id));
	f->confidence = confidence;
	g_autofree char *parties = party_list(f);
	finding_set_title(f, "%s: %s each bring their own", p->point->id, parties);
	GString *text = g_string_new(NULL);
	if (p->point->title && *p->point->title)
		append_sentence(text, "The operation: ", p->point->title);
	if (p->point->native && *p->point->native)
		append_sentence(text, "Native code: ", p->point->native);
	for (guint k = 0; k < hooked->len; k++) {
		unsigned i = g_array_index(hooked, unsigned, k);
		const point_side *side = g_ptr_array_index(p->sides, i);
		add_places(f, i, side, 1u << EVIDENCE_OVERRIDE | 1u << EVIDENCE_THROUGH);
		describe_side(text, c, f, i, side);
	}
	f->explanation = g_string_free(text, FALSE);
	f->suggestion = g_strdup_printf("Put one operation, %s%s%s, into the common interface, "
					"with the native code behind it, "
					"and move each side's code into its own backend (`truce "
					"decide ID --interface`; the plan "
					"says which lines). Compare what the sides expect of it "
					"first: units, context, return.",
		p->point->member ? p->point->member : p->point->id, p->point->signature ? ": " : "",
		p->point->signature ? p->point->signature : "");
}

static bool once(conflict_context *c, GError **err)
{
	(void)err;
	for (guint i = 0; i < c->m->points->len; i++) {
		const point_result *p = g_ptr_array_index(c->m->points, i);
		if (p->verdict == VERDICT_CONTESTED)
			report_contested(c, p);
	}
	return true;
}

const conflict_check check_points = {.name = "point.contested", .once = once};
