/* Reports: a mediation told to people and machines. Pure functions of the mediation. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"

typedef struct report_options {
	unsigned width;	 /* columns of the terminal; 0: 80 */
	bool colour;
	bool unicode;	 /* box drawing and marks beyond ASCII */
	bool verbose;	 /* every finding and hunk, not the first few */
} report_options;

/* Appends the whole report. */
typedef void (*report_fn)(GString *out, const mediation *m, const report_options *options);

typedef struct report_format {
	const char *name;	 /* "text", "markdown", "json", ... */
	const char *media_type;
	const char *summary;	 /* one line for --help */
	report_fn write;
} report_format;

extern const report_format report_formats[]; /* ends with name NULL */
const report_format *report_format_find(const char *name); /* NULL when unknown */

/* Parts of the text report, for the commands that show one part. */
void report_text_series(GString *out, const mediation *m, const report_options *options);
void report_text_points(GString *out, const mediation *m, const report_options *options);
void report_text_findings(GString *out, const mediation *m, GPtrArray *findings,
	const report_options *options);
void report_text_plan(GString *out, const mediation *m, const report_options *options);
/* The part of the JSON report of that name ("points", "findings", "series", "plan"). */
void report_json_part(GString *out, const mediation *m, const char *part);
