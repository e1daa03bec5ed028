/* A sheet: text laid out in columns of a terminal. Everything that comes from outside is made
 * printable on the way in, so that no byte of a patch reaches a terminal as a control sequence. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "report/report.h"

/* What a piece of text means; the colour follows. */
typedef enum style {
	STYLE_PLAIN,
	STYLE_HEAD, /* titles of sections */
	STYLE_DIM,  /* what may be skipped */
	STYLE_ID,   /* ids, as git colours commits */
	STYLE_NAME, /* series, points, commands */
	STYLE_GOOD,
	STYLE_NOTE,
	STYLE_WARNING,
	STYLE_ERROR,
	STYLES
} style;

typedef struct sheet {
	GString *out; /* borrowed */
	unsigned width;
	bool colour, unicode, verbose;
} sheet;

/* Narrower than this nothing can be laid out. */
#define SHEET_MIN_WIDTH 40u

/* `options` NULL: 80 columns, no colour, ASCII. */
sheet sheet_on(GString *out, const report_options *options);

/* One line of printable text: text_printable, newlines and tabs made blanks. NULL counts as "".
 * The caller's. */
char *sheet_line(const char *text);
/* How many columns printable text takes: wide characters two, combining ones none. */
unsigned sheet_columns(const char *text);
/* At most `columns` wide; the end replaced by "..." (or the one character for it) when cut.
 * The caller's. */
char *sheet_cut(const sheet *s, const char *text, unsigned columns);
/* The same, but keeps the end, which is what tells paths apart. */
char *sheet_cut_left(const sheet *s, const char *text, unsigned columns);

/* Appends `text` as it is (not made printable) in a style. */
void sheet_put(sheet *s, style st, const char *text);
/* Appends printf-like text, made one printable line, in a style. */
void sheet_print(sheet *s, style st, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
void sheet_blank(sheet *s, unsigned columns);
void sheet_newline(sheet *s);
/* Appends `text` cut and padded to exactly `columns`. */
void sheet_cell(sheet *s, style st, const char *text, unsigned columns);
/* Appends `text` broken at blanks into the width left beside `indent`, each line after the first
 * indented, a newline at the end. `column` is where the first line starts. Newlines in the text
 * start new lines. */
void sheet_wrap(sheet *s, style st, unsigned column, unsigned indent, const char *text);
/* A section's title on a line of its own: "FINDINGS  47". `note` may be NULL. */
void sheet_section(sheet *s, const char *title, const char *note);

style sheet_severity_style(severity v);
