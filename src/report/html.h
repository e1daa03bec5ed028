/* Pieces that the parts of the HTML report are made of. */
#pragma once

#include <glib.h>

#include "base/text.h"
#include "report/report.h"

typedef struct page {
	GString *out;
	const mediation *m;
	const report_options *options; /* NULL: without code */
} page;

/* Markup, as it is. */
void html_raw(page *p, const char *markup);
/* Text, escaped; NULL counts as "". */
void html_text(page *p, const char *value);
/* <tag class="class">text</tag>; `class` may be NULL. */
void html_element(page *p, const char *tag, const char *class, const char *value);
/* Paragraphs of a text that writes names and commands between backticks: lines stay lines, those
 * that begin with # become titles, runs that begin with + and - a difference. */
void html_prose(page *p, const char *value);
/* Lines as `git diff` writes them, coloured. */
void html_diff(page *p, const char *lines);
void html_heading(page *p, const char *id, const char *title);

/* The parts. */
void html_points(page *p);
void html_findings(page *p);
