/* The text report: the plan. */
#include "report/report.h"
#include "report/sheet.h"
#include "report/tally.h"

#include <string.h>

/* "  12  interface  " */
#define NUMBER 4u
#define ACTION 9u
#define COLUMN (NUMBER + 2 + ACTION + 2)
/* Below this, what belongs to a step stands under its action. */
#define NARROW 60u

static unsigned column_of(const sheet *s)
{
	return s->width < NARROW ? NUMBER + 2 : COLUMN;
}

/* "12 hunks in 3 paths, a part of 1 hunk in 1 path". The caller's. */
static char *hunks_text(const step *st)
{
	g_autofree char *whole = st->hunks->len	  ? tally_count_hunks(st->hunks)
				 : st->parts->len ? NULL
						  : g_strdup("no hunks of its own");
	g_autofree char *parts = st->parts->len ? tally_count_hunks(st->parts) : NULL;
	return g_strdup_printf("%s%s%s%s", whole ? whole : "", whole && parts ? ", " : "",
		parts ? "a part of " : "", parts ? parts : "");
}

static void detail_line(sheet *s, style st, const char *text)
{
	if (!text || !*text)
		return;
	sheet_blank(s, column_of(s));
	sheet_wrap(s, st, column_of(s), column_of(s) + 2, text);
}

static void print_hunks(sheet *s, const mediation *m, GPtrArray *hunks)
{
	g_autoptr(GPtrArray) paths = tally_hunks(hunks);
	for (guint i = 0; i < paths->len; i++) {
		const path_hunks *p = g_ptr_array_index(paths, i);
		g_autofree char *text = g_strdup_printf(
			"%s %s: %s", tally_series_name(m, (int)p->series), p->path, p->hunks);
		detail_line(s, STYLE_DIM, text);
	}
}

static void print_verified(sheet *s, const step *st)
{
	if (st->verified == VERIFIED_NO)
		return;
	bool ok = st->verified == VERIFIED_OK;
	const char *text = ok ? "parses no worse than before" : "parses worse than before";
	/* "tree 0123456789ab; " */
	if (column_of(s) + 19 + strlen(text) > s->width) {
		sheet_newline(s);
		sheet_blank(s, column_of(s));
	} else {
		sheet_put(s, ok ? STYLE_GOOD : STYLE_ERROR, "; ");
	}
	sheet_put(s, ok ? STYLE_GOOD : STYLE_ERROR, text);
}

/* Markdown as plain text: what is code keeps its backticks, headings lose their marks. */
static void print_detail(sheet *s, const char *detail)
{
	g_auto(GStrv) lines = g_strsplit(detail, "\n", -1);
	for (char **line = lines; *line; line++) {
		size_t marks = strspn(*line, "#");
		bool heading = marks && (*line)[marks] == ' ';
		sheet_blank(s, column_of(s));
		sheet_wrap(s, heading ? STYLE_HEAD : STYLE_PLAIN, column_of(s), column_of(s),
			heading ? *line + marks + 1 : *line);
	}
}

static void print_step(sheet *s, const mediation *m, const step *st)
{
	g_autofree char *number = g_strdup_printf("%*u", (int)NUMBER, st->n);
	sheet_put(s, STYLE_HEAD, number);
	sheet_blank(s, 2);
	sheet_cell(s, st->action == STEP_TAKE ? STYLE_GOOD : STYLE_NAME,
		step_action_name(st->action), ACTION);
	sheet_blank(s, 2);
	sheet_wrap(s, STYLE_PLAIN, COLUMN, column_of(s), st->title);

	if (st->action == STEP_INTERFACE && st->points->len) {
		g_autofree char *points = tally_join_names(st->points);
		detail_line(s, STYLE_NAME, points);
	}
	g_autofree char *hunks = hunks_text(st);
	g_autofree char *patches = tally_patches(m, st->patches);
	g_autofree char *amount =
		!*patches   ? g_strdup(hunks)
		: st->whole ? g_strdup_printf("%s; patch %s as a whole", hunks, patches)
			    : g_strdup_printf("%s; %s %s", hunks,
				      st->patches->len == 1 ? "patch" : "patches", patches);
	detail_line(s, STYLE_DIM, amount);
	if (st->depends_on->len) {
		g_autofree char *numbers = tally_numbers(st->depends_on);
		g_autofree char *text = g_strdup_printf("after %s", numbers);
		detail_line(s, STYLE_DIM, text);
	}
	if (!oid_is_zero(&st->tree)) {
		g_autofree char *tree = tally_short_oid(&st->tree);
		sheet_blank(s, column_of(s));
		sheet_put(s, STYLE_DIM, "tree ");
		sheet_put(s, STYLE_ID, tree);
		print_verified(s, st);
		sheet_newline(s);
	}
	if (st->owners->len) {
		g_autofree char *owners = tally_join_names(st->owners);
		g_autofree char *text = g_strdup_printf("for %s", owners);
		detail_line(s, STYLE_DIM, text);
	}
	if (!s->verbose)
		return;
	if (st->detail)
		print_detail(s, st->detail);
	print_hunks(s, m, st->hunks);
}

static void print_undecided(sheet *s, const mediation *m, const undecided *u)
{
	sheet_blank(s, NUMBER - 1);
	sheet_put(s, STYLE_WARNING, "?");
	sheet_blank(s, 2);
	sheet_cell(s, STYLE_WARNING, "decide", ACTION);
	sheet_blank(s, 2);
	sheet_wrap(s, STYLE_PLAIN, COLUMN, column_of(s), u->title);
	if (u->findings->len) {
		g_autoptr(GString) ids = g_string_new("truce show");
		for (guint i = 0; i < u->findings->len; i++)
			g_string_append_printf(
				ids, " %s", (const char *)g_ptr_array_index(u->findings, i));
		detail_line(s, STYLE_ID, ids->str);
	}
	g_autofree char *hunks = tally_open_hunks(u->hunks);
	detail_line(s, STYLE_DIM, hunks);
	if (s->verbose)
		print_hunks(s, m, u->hunks);
}

/* What found no place is in no step: whoever follows the plan must hear of it. */
static void print_left_out(sheet *s, const finding *f)
{
	sheet_blank(s, NUMBER - 1);
	sheet_put(s, STYLE_ERROR, "-");
	sheet_blank(s, 2);
	sheet_cell(s, STYLE_ERROR, "left out", ACTION);
	sheet_blank(s, 2);
	sheet_wrap(s, STYLE_PLAIN, COLUMN, column_of(s), f->title);
	g_autofree char *text = g_strdup_printf("truce show %s", f->id);
	detail_line(s, STYLE_ID, text);
}

void report_text_plan(GString *out, const mediation *m, const report_options *options)
{
	sheet s = sheet_on(out, options);
	if (!m->plan) {
		sheet_section(&s, "PLAN", "not made yet");
		return;
	}
	g_autofree char *steps = tally_count(m->plan->steps->len, "step", "steps");
	g_autofree char *open =
		tally_count(m->plan->undecided->len, "open decision", "open decisions");
	g_autoptr(GPtrArray) left_out = tally_left_out(m);
	g_autofree char *without = tally_count(left_out->len, "hunk", "hunks");
	g_autofree char *note =
		g_strdup_printf("%s, %s%s%s%s", steps, open, left_out->len ? ", " : "",
			left_out->len ? without : "", left_out->len ? " left out" : "");
	sheet_section(&s, "PLAN", note);
	sheet_newline(&s);
	for (guint i = 0; i < m->plan->steps->len; i++)
		print_step(&s, m, g_ptr_array_index(m->plan->steps, i));
	for (guint i = 0; i < m->plan->undecided->len; i++)
		print_undecided(&s, m, g_ptr_array_index(m->plan->undecided, i));
	for (guint i = 0; i < left_out->len; i++)
		print_left_out(&s, g_ptr_array_index(left_out, i));
}
