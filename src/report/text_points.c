/* The text report: the matrix of points by series. */
#include "report/report.h"
#include "report/sheet.h"
#include "report/tally.h"

#include <string.h>

/* "! " before the point's id. */
#define MARGIN 2u
#define CONTESTED "!"
#define GAP 2u
/* A cell that says how needs room for a mark and "shadow copy"; below it, marks alone. */
#define CELL_WITH_WORDS 13u
/* With this room a cell also says where. */
#define CELL_WITH_PLACE 44u
/* Which leaves the place the end of its path: "shadow copy, hypercall". */
#define HOW_BESIDE_PLACE 22u
/* A column of marks is as wide as its series' name, up to this. */
#define NARROW_CELL 10u

typedef struct matrix {
	unsigned id_width, cell_width;
	bool words, places;
} matrix;

static const char *mark(const sheet *s, point_state state)
{
	switch (state) {
	case POINT_UNTOUCHED:
		return s->unicode ? "·" : ".";
	case POINT_TOUCHED:
		return s->unicode ? "◐" : "~";
	case POINT_BYPASSED:
		return s->unicode ? "▲" : "x";
	case POINT_HOOKED:
		return s->unicode ? "●" : "#";
	}
	g_assert_not_reached();
}

static style state_style(point_state state, point_verdict verdict)
{
	switch (state) {
	case POINT_UNTOUCHED:
		return STYLE_DIM;
	case POINT_TOUCHED:
		return STYLE_PLAIN;
	case POINT_BYPASSED:
		return STYLE_ERROR;
	case POINT_HOOKED:
		return verdict == VERDICT_CONTESTED ? STYLE_WARNING : STYLE_GOOD;
	}
	g_assert_not_reached();
}

static matrix measure(const sheet *s, const mediation *m)
{
	matrix x = {0};
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		g_autofree char *id = sheet_line(p->point->id);
		x.id_width = MAX(x.id_width, sheet_columns(id));
	}
	guint n = MAX(m->series->len, 1u);
	unsigned taken = MARGIN + x.id_width;
	unsigned room = s->width > taken ? s->width - taken : 0;
	x.cell_width = room / n > GAP ? room / n - GAP : 1;
	x.words = x.cell_width >= CELL_WITH_WORDS;
	x.places = x.cell_width >= CELL_WITH_PLACE;
	if (!x.words) {
		unsigned longest = 1;
		for (guint i = 0; i < m->series->len; i++) {
			g_autofree char *name = sheet_line(tally_series_name(m, (int)i));
			longest = MAX(longest, sheet_columns(name));
		}
		x.cell_width = MIN(x.cell_width, MIN(longest, NARROW_CELL));
	}
	return x;
}

/* "● shadow copy path.c:12" in as much room as there is. */
static void print_side(sheet *s, const matrix *x, const point_result *p, const point_side *side)
{
	style st = state_style(side->state, p->verdict);
	sheet_put(s, st, mark(s, side->state));
	unsigned room = x->cell_width - 1;
	if (!x->words || side->state == POINT_UNTOUCHED) {
		sheet_blank(s, room);
		return;
	}
	const evidence *e = tally_side_evidence(side);
	sheet_blank(s, 1);
	room--;
	g_autofree char *words = tally_side_how(side, x->places ? HOW_BESIDE_PLACE : room);
	g_autofree char *how = sheet_line(words);
	unsigned used = sheet_columns(how);
	if (!x->places || !e || !e->path || used + 2 >= room) {
		sheet_cell(s, STYLE_PLAIN, how, room);
		return;
	}
	g_autofree char *place = tally_place(e->path, e->line, 0);
	g_autofree char *line = sheet_line(place);
	g_autofree char *cut = sheet_cut_left(s, line, room - used - 1);
	sheet_put(s, STYLE_PLAIN, how);
	sheet_blank(s, 1);
	sheet_cell(s, STYLE_DIM, cut, room - used - 1);
}

static void print_point(sheet *s, const matrix *x, const point_result *p)
{
	bool contested = p->verdict == VERDICT_CONTESTED;
	sheet_blank(s, MARGIN - 2);
	sheet_put(s, STYLE_WARNING, contested ? CONTESTED : "");
	sheet_blank(s, contested ? 1 : 2);
	sheet_cell(s, STYLE_PLAIN, p->point->id, x->id_width);
	for (guint i = 0; i < p->sides->len; i++) {
		sheet_blank(s, GAP);
		print_side(s, x, p, g_ptr_array_index(p->sides, i));
	}
	sheet_newline(s);
}

/* True when some series does something there. */
static bool is_touched(const point_result *p)
{
	for (guint i = 0; i < p->sides->len; i++) {
		const point_side *side = g_ptr_array_index(p->sides, i);
		if (side->state != POINT_UNTOUCHED)
			return true;
	}
	return false;
}

static void print_group(sheet *s, const matrix *x, const mediation *m, guint first, guint last)
{
	const point_result *head = g_ptr_array_index(m->points, first);
	sheet_blank(s, MARGIN - 2);
	sheet_print(s, STYLE_HEAD, "%s", head->point->group);
	sheet_newline(s);
	g_autoptr(GString) rest = g_string_new(NULL);
	for (guint i = first; i < last; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		if (s->verbose || is_touched(p))
			print_point(s, x, p);
		else
			g_string_append_printf(
				rest, "%s%s", rest->len ? ", " : "", p->point->member);
	}
	if (!rest->len)
		return;
	sheet_blank(s, MARGIN);
	sheet_put(s, STYLE_DIM, "untouched: ");
	sheet_wrap(s, STYLE_DIM, MARGIN + 11, MARGIN + 2, rest->str);
}

static void print_header(sheet *s, const matrix *x, const mediation *m)
{
	sheet_blank(s, MARGIN + x->id_width);
	for (guint i = 0; i < m->series->len; i++) {
		sheet_blank(s, GAP);
		sheet_cell(s, STYLE_NAME, tally_series_name(m, (int)i), x->cell_width);
	}
	sheet_newline(s);
}

static void print_legend(sheet *s)
{
	const struct {
		const char *mark, *name;
	} marks[] = {
		{mark(s, POINT_HOOKED), "hooked"},
		{mark(s, POINT_TOUCHED), "touched only"},
		{mark(s, POINT_BYPASSED), "bypassed"},
		{mark(s, POINT_UNTOUCHED), "untouched"},
		{CONTESTED, "contested"},
	};
	unsigned column = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		g_autofree char *one = g_strdup_printf("%s %s", marks[i].mark, marks[i].name);
		unsigned columns = sheet_columns(one);
		if (column && column + 2 + columns > s->width) {
			sheet_newline(s);
			column = 0;
		}
		sheet_blank(s, 2);
		sheet_put(s, STYLE_DIM, one);
		column += 2 + columns;
	}
	sheet_newline(s);
}

void report_text_points(GString *out, const mediation *m, const report_options *options)
{
	sheet s = sheet_on(out, options);
	if (!m->points->len) {
		sheet_section(&s, "POINTS", "no catalogue fits this base; name one with --rules");
		return;
	}
	point_tally t = tally_points(m);
	g_autofree char *note = g_strdup_printf(
		"%u contested, %u single, %u untouched, of %u in %s %s", t.contested, t.single,
		t.untouched, t.all, m->catalogue ? m->catalogue->name : "?",
		m->catalogue ? m->catalogue->version : "");
	sheet_section(&s, "POINTS", note);
	print_legend(&s);
	sheet_newline(&s);
	matrix x = measure(&s, m);
	print_header(&s, &x, m);
	for (guint first = 0, last = 0; tally_next_group(m, &first, &last);)
		print_group(&s, &x, m, first, last);
}
