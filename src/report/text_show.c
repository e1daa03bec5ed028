/* One finding or point in full, with the code of every side. */
#include "report/advice.h"
#include "report/report.h"
#include "report/sheet.h"
#include "report/tally.h"

#include <string.h>

#include "base/text.h"

#define INDENT 2u
#define LABEL 12u
/* Lines around a place, as a diff shows them. */
#define CONTEXT 3u
/* Lines of one place and places of one side that are shown when not verbose. */
#define FEW_LINES 24u
#define FEW_PLACES 3u
/* Kernel code is written for 80 columns: two of them and a gutter need this. */
#define SIDE_BY_SIDE_WIDTH 160u
#define GUTTER 2u
/* Longer lines of running text are hard to read, however wide the terminal is. */
#define MAX_PROSE 100u
#define TAB_WIDTH 8u

/* One place of one side. */
typedef struct code_place {
	const oid *blob;
	const char *path;
	unsigned line, end_line;
	char *caption; /* lines that stand under the path; or NULL */
} code_place;

typedef struct code_side {
	char *heading;
	GPtrArray *places; /* code_place * */
} code_side;

typedef struct view_line {
	char *text; /* printable, one line */
	style st;
} view_line;

typedef struct reader {
	report_read_fn read;
	void *data;
} reader;

static void free_place(gpointer data)
{
	code_place *p = data;
	g_free(p->caption);
	g_free(p);
}

static void free_side(gpointer data)
{
	code_side *c = data;
	g_free(c->heading);
	g_ptr_array_unref(c->places);
	g_free(c);
}

static void free_line(gpointer data)
{
	view_line *l = data;
	g_free(l->text);
	g_free(l);
}

static code_side *side_new(char *heading)
{
	code_side *c = g_new0(code_side, 1);
	c->heading = heading;
	c->places = g_ptr_array_new_with_free_func(free_place);
	return c;
}

/* Takes `text`. */
static void add_line(GPtrArray *lines, style st, char *text)
{
	view_line *l = g_new0(view_line, 1);
	l->text = text;
	l->st = st;
	g_ptr_array_add(lines, l);
}

/* A line of source as a terminal shows it: tabs at every eighth column. The caller's. */
static char *code_line(span line)
{
	size_t len = line.len;
	while (len && (line.at[len - 1] == '\n' || line.at[len - 1] == '\r'))
		len--;
	g_autofree char *printable = text_printable(line.at, len);
	GString *out = g_string_new(NULL);
	unsigned column = 0;
	for (const char *p = printable; *p; p = g_utf8_next_char(p)) {
		if (*p == '\t') {
			unsigned blanks = TAB_WIDTH - column % TAB_WIDTH;
			g_string_append_printf(out, "%*s", (int)blanks, "");
			column += blanks;
			continue;
		}
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(out, c);
		column += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
	}
	return g_string_free(out, FALSE);
}

static void view_code(GPtrArray *lines, const sheet *s, const code_place *p, GBytes *bytes)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	if (text_is_binary(text, len)) {
		add_line(lines, STYLE_DIM, g_strdup("    (binary)"));
		return;
	}
	line_index ix;
	line_index_init(&ix, text, len);
	unsigned count = (unsigned)ix.count;
	unsigned last = MIN(MAX(p->end_line, p->line), count);
	unsigned shown = s->verbose ? last : MIN(last, p->line + FEW_LINES - 1);
	unsigned from = p->line > CONTEXT ? p->line - CONTEXT : 1;
	unsigned to = shown < last ? shown : MIN(last + CONTEXT, count);
	int digits = 1;
	for (unsigned rest = to; rest >= 10; rest /= 10)
		digits++;
	for (unsigned n = from; n <= to; n++) {
		g_autofree char *code = code_line(line_index_get(&ix, n));
		bool inside = n >= p->line && n <= last;
		add_line(lines, inside ? STYLE_PLAIN : STYLE_DIM,
			g_strdup_printf("%s %*u  %s", inside ? ">" : " ", digits, n, code));
	}
	if (shown < last)
		add_line(lines, STYLE_DIM, g_strdup_printf("  and %u more lines", last - shown));
	if (p->line > count)
		add_line(lines, STYLE_DIM, g_strdup_printf("  (the file has %u lines)", count));
	line_index_clear(&ix);
}

/* Captions are broken, not cut: they are what makes a mediator believe. */
static void view_caption(GPtrArray *lines, const char *caption, unsigned width)
{
	g_autoptr(GString) text = g_string_new("  ");
	sheet page = {.out = text, .width = width};
	sheet_wrap(&page, STYLE_PLAIN, INDENT, 2 * INDENT, caption);
	g_auto(GStrv) rows = g_strsplit(g_strchomp(text->str), "\n", -1);
	for (char **row = rows; *row; row++)
		add_line(lines, STYLE_DIM, g_strdup(*row));
}

static void view_place(
	GPtrArray *lines, const sheet *s, const code_place *p, unsigned width, const reader *r)
{
	g_autofree char *place = tally_place(p->path, p->line, p->end_line);
	add_line(lines, STYLE_HEAD, sheet_line(place));
	g_auto(GStrv) captions = g_strsplit(p->caption ? p->caption : "", "\n", -1);
	for (char **one = captions; *one; one++)
		view_caption(lines, *one, width);
	if (!p->line || oid_is_zero(p->blob) || !r->read)
		return;
	GBytes *bytes = r->read(p->blob, r->data);
	if (!bytes) {
		add_line(lines, STYLE_DIM,
			g_strdup("  (its text is not in the repository any more)"));
		return;
	}
	view_code(lines, s, p, bytes);
	g_bytes_unref(bytes);
}

/* All lines that show one side in `width` columns. The caller's. */
static GPtrArray *view_side(const sheet *s, const code_side *c, unsigned width, const reader *r)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
	add_line(lines, STYLE_NAME, sheet_line(c->heading));
	guint shown = s->verbose || c->places->len <= FEW_PLACES + 1 ? c->places->len : FEW_PLACES;
	for (guint i = 0; i < shown; i++) {
		if (i)
			add_line(lines, STYLE_PLAIN, g_strdup(""));
		view_place(lines, s, g_ptr_array_index(c->places, i), width, r);
	}
	if (shown < c->places->len) {
		add_line(lines, STYLE_PLAIN, g_strdup(""));
		add_line(lines, STYLE_DIM,
			g_strdup_printf("and %u more places (--verbose shows them)",
				c->places->len - shown));
	}
	return lines;
}

static void print_lines(sheet *s, GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++) {
		const view_line *l = g_ptr_array_index(lines, i);
		g_autofree char *cut = sheet_cut(s, l->text, s->width - 1);
		sheet_put(s, l->st, cut);
		sheet_newline(s);
	}
}

static void print_pair(sheet *s, GPtrArray *left, GPtrArray *right, unsigned width)
{
	for (guint i = 0; i < MAX(left->len, right->len); i++) {
		const view_line *a = i < left->len ? g_ptr_array_index(left, i) : NULL;
		const view_line *b = i < right->len ? g_ptr_array_index(right, i) : NULL;
		sheet_cell(s, a ? a->st : STYLE_PLAIN, a ? a->text : "", width);
		sheet_put(s, STYLE_DIM, s->unicode ? "│" : "|");
		sheet_blank(s, GUTTER - 1);
		sheet_cell(s, b ? b->st : STYLE_PLAIN, b ? b->text : "", width);
		sheet_newline(s);
	}
}

static void print_sides(sheet *s, GPtrArray *sides, const reader *r)
{
	bool pair = sides->len == 2 && s->width >= SIDE_BY_SIDE_WIDTH;
	unsigned width = pair ? (s->width - GUTTER - 1) / 2 : s->width - 1;
	g_autoptr(GPtrArray) views =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; i < sides->len; i++)
		g_ptr_array_add(views, view_side(s, g_ptr_array_index(sides, i), width, r));
	if (pair) {
		sheet_newline(s);
		print_pair(s, g_ptr_array_index(views, 0), g_ptr_array_index(views, 1), width);
		return;
	}
	for (guint i = 0; i < views->len; i++) {
		sheet_newline(s);
		print_lines(s, g_ptr_array_index(views, i));
	}
}

static void prose(const sheet *s, unsigned column, const char *text)
{
	sheet page = *s;
	page.width = MIN(s->width, MAX_PROSE);
	sheet_wrap(&page, STYLE_PLAIN, column, column, text);
}

static void label(sheet *s, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	sheet_blank(s, INDENT);
	sheet_cell(s, STYLE_DIM, name, LABEL);
	prose(s, INDENT + LABEL, text);
}

static void paragraph(sheet *s, const char *text)
{
	if (!text || !*text)
		return;
	sheet_newline(s);
	prose(s, 0, text);
}

/* "set_pte, patch 5: subject", what is known of it. The caller's; NULL when nothing is. */
static char *origin_text(const mediation *m, int owner, const char *symbol, unsigned n)
{
	g_autoptr(GString) out = g_string_new(symbol);
	if (n) {
		const char *subject = tally_subject(m, owner, n);
		g_string_append_printf(out, "%spatch %u%s%s", out->len ? ", " : "", n,
			subject ? ": " : "", subject ? subject : "");
	}
	return out->len ? g_strdup(out->str) : NULL;
}

static GPtrArray *finding_sides(const mediation *m, const finding *f)
{
	GPtrArray *sides = g_ptr_array_new_with_free_func(free_side);
	for (int owner = -1; owner < (int)m->series->len; owner++) {
		for (tree_at at = AT_BASE; at <= AT_MERGED; at++) {
			code_side *c = NULL;
			for (guint i = 0; i < f->locations->len; i++) {
				const location *l = g_ptr_array_index(f->locations, i);
				if (l->series != owner || l->at != at)
					continue;
				if (!c) {
					c = side_new(tally_tree_name(m, l));
					g_ptr_array_add(sides, c);
				}
				code_place *p = g_new0(code_place, 1);
				p->blob = &l->blob;
				p->path = l->path;
				p->line = l->line;
				p->end_line = l->end_line;
				p->caption = origin_text(m, owner, l->symbol, l->patch);
				g_ptr_array_add(c->places, p);
			}
		}
	}
	return sides;
}

/* "take NAME, by A U Thor <a@example.org> on 2006-03-14". The caller's. */
static char *ruling_text(const decision *d)
{
	g_autofree char *ruling = tally_decision(d);
	if (!d)
		return g_strdup(ruling);
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(d->time);
	g_autofree char *day = time ? g_date_time_format(time, "%Y-%m-%d") : NULL;
	return g_strdup_printf(
		"%s, by %s%s%s", ruling, d->by ? d->by : "?", day ? " on " : "", day ? day : "");
}

void report_text_finding(GString *out, const mediation *m, const finding *f, report_read_fn read,
	void *data, const report_options *options)
{
	sheet s = sheet_on(out, options);
	sheet_print(&s, STYLE_PLAIN, "finding ");
	sheet_print(&s, STYLE_ID, "%s", f->id);
	const char *level = severity_name(f->severity);
	if (strlen("finding   ") + strlen(f->id) + strlen(level) + 1 + strlen(f->kind) > s.width)
		sheet_newline(&s);
	else
		sheet_blank(&s, 2);
	sheet_print(&s, sheet_severity_style(f->severity), "%s", level);
	sheet_print(&s, STYLE_HEAD, " %s", f->kind);
	sheet_newline(&s);
	sheet_wrap(&s, STYLE_HEAD, 0, 0, f->title);
	sheet_newline(&s);
	g_autofree char *parties = tally_join_names(f->parties);
	g_autofree char *points = tally_join_names(f->points);
	g_autofree char *confidence = g_strdup_printf("%.0f %%", f->confidence * 100);
	g_autofree char *ruling = ruling_text(f->decision);
	label(&s, "parties", parties);
	label(&s, "points", points);
	label(&s, "confidence", confidence);
	label(&s, "decision", ruling);
	label(&s, "note", f->decision ? f->decision->note : NULL);
	paragraph(&s, f->explanation);
	g_autofree char *advice = advice_commands(f);
	g_autofree char *todo = *advice ? g_strconcat("What to do: ", advice, NULL) : NULL;
	paragraph(&s, todo);
	g_autoptr(GPtrArray) sides = finding_sides(m, f);
	reader r = {read, data};
	print_sides(&s, sides, &r);
}

/* "override by rule R, 85 %: why". The caller's. */
static char *evidence_text(const evidence *e)
{
	const char *weight = evidence_weight_name(e->weight);
	bool same = !strcmp(weight, e->kind);
	return g_strdup_printf("%s%s%s by rule %s, %.0f %%%s%s", weight, same ? "" : ", ",
		same ? "" : e->kind, e->rule, e->confidence * 100, e->note ? ": " : "",
		e->note ? e->note : "");
}

static code_place *find_place(const code_side *c, const evidence *e)
{
	for (guint i = 0; i < c->places->len; i++) {
		code_place *p = g_ptr_array_index(c->places, i);
		if (oid_equal(p->blob, &e->blob) && !g_strcmp0(p->path, e->path) &&
			p->line == e->line)
			return p;
	}
	return NULL;
}

/* Several pieces of evidence at one place share its code. */
static void add_evidence(code_side *c, const mediation *m, int owner, const evidence *e)
{
	g_autofree char *why = evidence_text(e);
	code_place *p = find_place(c, e);
	if (p) {
		g_autofree char *before = p->caption;
		p->caption = g_strdup_printf("%s\n%s", before, why);
		p->end_line = MAX(p->end_line, e->end_line);
		return;
	}
	g_autofree char *what = origin_text(m, owner, e->symbol, e->patch);
	p = g_new0(code_place, 1);
	p->blob = &e->blob;
	p->path = e->path;
	p->line = e->line;
	p->end_line = e->end_line;
	p->caption = g_strdup_printf("%s%s%s", what ? what : "", what ? "\n" : "", why);
	g_ptr_array_add(c->places, p);
}

static GPtrArray *point_sides(const mediation *m, const point_result *p)
{
	GPtrArray *sides = g_ptr_array_new_with_free_func(free_side);
	for (guint i = 0; i < p->sides->len; i++) {
		const point_side *side = g_ptr_array_index(p->sides, i);
		const char *state = point_state_name(side->state);
		g_autofree char *how = tally_side_how(side, 0);
		bool more = *how && strcmp(how, state);
		code_side *c =
			side_new(g_strdup_printf("%s: %s%s%s%s", tally_series_name(m, (int)i),
				state, more ? " (" : "", more ? how : "", more ? ")" : ""));
		g_ptr_array_add(sides, c);
		/* What makes the state comes first. */
		for (int pass = 0; pass < 2; pass++) {
			for (guint k = 0; k < side->evidence->len; k++) {
				const evidence *e = g_ptr_array_index(side->evidence, k);
				if (tally_speaks_for(e->weight, side->state) == !pass)
					add_evidence(c, m, (int)i, e);
			}
		}
	}
	return sides;
}

static bool finding_names(const finding *f, const char *id)
{
	return g_ptr_array_find_with_equal_func(f->points, id, g_str_equal, NULL);
}

void report_text_point(GString *out, const mediation *m, const point_result *p, report_read_fn read,
	void *data, const report_options *options)
{
	sheet s = sheet_on(out, options);
	sheet_print(&s, STYLE_PLAIN, "point ");
	sheet_print(&s, STYLE_NAME, "%s", p->point->id);
	sheet_blank(&s, 2);
	sheet_print(&s, p->verdict == VERDICT_CONTESTED ? STYLE_WARNING : STYLE_PLAIN, "%s",
		point_verdict_name(p->verdict));
	sheet_newline(&s);
	if (p->point->title)
		sheet_wrap(&s, STYLE_HEAD, 0, 0, p->point->title);
	sheet_newline(&s);
	g_autofree char *aliases = tally_join_names(p->point->aliases);
	label(&s, "signature", p->point->signature);
	label(&s, "contract", p->point->contract);
	label(&s, "native", p->point->native);
	label(&s, "aliases", aliases);
	const char *name = "findings";
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!finding_names(f, p->point->id))
			continue;
		g_autofree char *text = g_strdup_printf(
			"%s %s %s: %s", f->id, severity_name(f->severity), f->kind, f->title);
		label(&s, name, text);
		name = "";
	}
	g_autoptr(GPtrArray) sides = point_sides(m, p);
	reader r = {read, data};
	print_sides(&s, sides, &r);
}
