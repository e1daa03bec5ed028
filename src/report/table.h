/* A table: rows and columns of text whose widths fit the sheet. The same bytes in every locale. */
#pragma once

#include <glib.h>

#include "report/sheet.h"

typedef enum table_align {
	TABLE_LEFT,
	TABLE_RIGHT,
} table_align;

typedef struct table table;

table *table_new(void);
void table_free(table *t);
/* Columns come before rows. A `flexible` column gives way when the sheet is too narrow. */
void table_column(table *t, const char *title, table_align align, bool flexible);
/* The next cell; rows fill from left to right and begin by themselves. Text is made one printable
 * line; NULL is empty. */
void table_cell(table *t, style st, const char *text);
void table_number(table *t, style st, guint64 number);
size_t table_rows(const table *t);
/* Appends the table, its titles first, each line indented; as a list of rows where the sheet is too
 * narrow for columns. */
void table_print(const table *t, sheet *s, unsigned indent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(table, table_free)
