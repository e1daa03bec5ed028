/* A table: rows and columns of text whose widths fit the sheet. */
#include "report/table.h"

/* Between two columns. */
#define GAP 2u
/* A flexible column is not cut below this. */
#define MIN_COLUMN 8u

typedef struct column {
	char *title;
	table_align align;
	bool flexible;
} column;

typedef struct cell {
	char *text;
	style st;
} cell;

struct table {
	GArray *columns; /* column */
	GArray *cells;	 /* cell, row after row */
};

static void clear_column(gpointer c)
{
	g_free(((column *)c)->title);
}

static void clear_cell(gpointer c)
{
	g_free(((cell *)c)->text);
}

table *table_new(void)
{
	table *t = g_new0(table, 1);
	t->columns = g_array_new(FALSE, TRUE, sizeof(column));
	g_array_set_clear_func(t->columns, clear_column);
	t->cells = g_array_new(FALSE, TRUE, sizeof(cell));
	g_array_set_clear_func(t->cells, clear_cell);
	return t;
}

void table_free(table *t)
{
	if (!t)
		return;
	g_array_unref(t->columns);
	g_array_unref(t->cells);
	g_free(t);
}

void table_column(table *t, const char *title, table_align align, bool flexible)
{
	g_assert(!t->cells->len);
	column c = {sheet_line(title), align, flexible};
	g_array_append_val(t->columns, c);
}

void table_cell(table *t, style st, const char *text)
{
	cell c = {sheet_line(text), st};
	g_array_append_val(t->cells, c);
}

void table_number(table *t, style st, guint64 number)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, number);
	table_cell(t, st, text);
}

size_t table_rows(const table *t)
{
	return t->columns->len ? t->cells->len / t->columns->len : 0;
}

static const cell *cell_at(const table *t, size_t row, guint i)
{
	return &g_array_index(t->cells, cell, row * t->columns->len + i);
}

/* Takes what is too much from the widest flexible columns, a column at a time. False: it cannot be
 * made to fit. */
static bool fit(const table *t, unsigned *widths, unsigned room)
{
	guint n = t->columns->len;
	unsigned total = GAP * (n - 1);
	for (guint i = 0; i < n; i++)
		total += widths[i];
	for (; total > room; total--) {
		guint widest = n;
		for (guint i = 0; i < n; i++) {
			if (!g_array_index(t->columns, column, i).flexible ||
				widths[i] <= MIN_COLUMN)
				continue;
			if (widest == n || widths[i] > widths[widest])
				widest = i;
		}
		if (widest == n)
			return false;
		widths[widest]--;
	}
	return true;
}

/* A row of a table that is too wide for its sheet: the first cell, then all that says something,
 * "added 263, deleted 19", broken as text is. */
static void print_record(const table *t, sheet *s, unsigned indent, size_t row)
{
	const cell *head = cell_at(t, row, 0);
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 1; i < t->columns->len; i++) {
		const column *c = &g_array_index(t->columns, column, i);
		const cell *one = cell_at(t, row, i);
		if (*one->text)
			g_string_append_printf(
				text, "%s%s %s", text->len ? ", " : "", c->title, one->text);
	}
	sheet_blank(s, indent);
	sheet_put(s, head->st, head->text);
	sheet_newline(s);
	sheet_blank(s, indent + GAP);
	sheet_wrap(s, STYLE_PLAIN, indent + GAP, indent + GAP, text->str);
}

static void print_cell(sheet *s, const column *c, style st, const char *text, unsigned width)
{
	unsigned columns = sheet_columns(text);
	if (c->align == TABLE_RIGHT && columns < width)
		sheet_blank(s, width - columns);
	sheet_cell(s, st, text, c->align == TABLE_RIGHT && columns < width ? columns : width);
}

void table_print(const table *t, sheet *s, unsigned indent)
{
	guint n = t->columns->len;
	size_t rows = table_rows(t);
	g_assert(n && t->cells->len % n == 0);
	g_autofree unsigned *widths = g_new(unsigned, n);
	for (guint i = 0; i < n; i++) {
		widths[i] = sheet_columns(g_array_index(t->columns, column, i).title);
		for (size_t row = 0; row < rows; row++)
			widths[i] = MAX(widths[i], sheet_columns(cell_at(t, row, i)->text));
	}
	if (!fit(t, widths, s->width > indent ? s->width - indent : 0)) {
		for (size_t row = 0; row < rows; row++)
			print_record(t, s, indent, row);
		return;
	}
	sheet_blank(s, indent);
	for (guint i = 0; i < n; i++) {
		const column *c = &g_array_index(t->columns, column, i);
		sheet_blank(s, i ? GAP : 0);
		print_cell(s, c, STYLE_DIM, c->title, widths[i]);
	}
	sheet_newline(s);
	for (size_t row = 0; row < rows; row++) {
		sheet_blank(s, indent);
		for (guint i = 0; i < n; i++) {
			const cell *c = cell_at(t, row, i);
			sheet_blank(s, i ? GAP : 0);
			print_cell(s, &g_array_index(t->columns, column, i), c->st, c->text,
				widths[i]);
		}
		sheet_newline(s);
	}
}
