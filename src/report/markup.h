/* Markdown: text of others made safe inside of it. Everything answered is one line, printable, and
 * the caller's. */
#pragma once

#include <glib.h>

/* Running text, escaped; NULL counts as "". */
char *markup_plain(const char *text);
/* As code, also inside tables. "" for "". */
char *markup_code(const char *text);
/* Appends "`a`, `b`" of char *. */
void markup_codes(GString *out, GPtrArray *list);
/* Appends text of several lines: its paragraphs and lists stay, names between backticks become
 * code, runs of lines that begin with + and - a block of differences; all else is escaped. */
void markup_paragraphs(GString *out, const char *text);
/* Appends a block of lines (printable, each ending with a newline) fenced as `language`. */
void markup_block(GString *out, const char *language, const char *lines);
