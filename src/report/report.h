/* Reports: a mediation told to people and machines. Pure functions of the mediation: the same one
 * gives the same bytes, in every locale. Whatever comes from patches and trees is made printable
 * (text) or escaped (markdown, json) on the way. Thread-safe. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"

/* Answers the bytes of a blob, or NULL when it cannot be read. The caller's, g_bytes_unref. */
typedef GBytes *(*report_read_fn)(const oid *blob, void *data);

typedef struct report_options {
	unsigned width; /* columns of the terminal; 0: 80 */
	bool colour;
	bool unicode;	     /* box drawing and marks beyond ASCII */
	bool verbose;	     /* every finding and hunk, not the first few */
	report_read_fn read; /* for formats that show code (html); NULL: they go without */
	void *read_data;
} report_options;

/* Appends the whole report. `options` may be NULL everywhere: 80 columns, no colour, ASCII. */
typedef void (*report_fn)(GString *out, const mediation *m, const report_options *options);

typedef struct report_format {
	const char *name;      /* "text", "markdown", "json", ... */
	const char *extension; /* of files that hold it: ".md"; NULL: none of its own */
	const char *media_type;
	const char *summary; /* one line for --help */
	report_fn write;
} report_format;

extern const report_format report_formats[];		   /* ends with name NULL */
const report_format *report_format_find(const char *name); /* NULL when unknown */
/* The format whose extension the file's name has; NULL when none. */
const report_format *report_format_of_file(const char *path);

/* The writers behind report_formats. */
void report_text(GString *out, const mediation *m, const report_options *options);
void report_markdown(GString *out, const mediation *m, const report_options *options);
void report_json(GString *out, const mediation *m, const report_options *options);
void report_sarif(GString *out, const mediation *m, const report_options *options);
void report_github(GString *out, const mediation *m, const report_options *options);
void report_html(GString *out, const mediation *m, const report_options *options);
void report_mail(GString *out, const mediation *m, const report_options *options);
void report_junit(GString *out, const mediation *m, const report_options *options);
void report_ktap(GString *out, const mediation *m, const report_options *options);

/* Parts of the text report, for the commands that show one part. Findings are const finding *. */
void report_text_summary(GString *out, const mediation *m, const report_options *options);
void report_text_series(GString *out, const mediation *m, const report_options *options);
void report_text_points(GString *out, const mediation *m, const report_options *options);
void report_text_findings(
	GString *out, const mediation *m, GPtrArray *findings, const report_options *options);
void report_text_plan(GString *out, const mediation *m, const report_options *options);

/* One finding a line, for scripts: id, severity, kind, decision ("open" when there is none), title,
 * separated by tabs; nothing is cut. */
void report_findings_lines(GString *out, GPtrArray *findings);

/* One series in full: its sources, notes, patches and what found no place. */
void report_text_one_series(
	GString *out, const mediation *m, const series *s, const report_options *options);

/* One finding or point with the code of its places, read by `read`: side by side on wide sheets,
 * one after the other otherwise. */
void report_text_finding(GString *out, const mediation *m, const finding *f, report_read_fn read,
	void *data, const report_options *options);
void report_text_point(GString *out, const mediation *m, const point_result *p, report_read_fn read,
	void *data, const report_options *options);

/* Findings (const finding *) as workflow commands that GitHub shows beside the lines:
 * "::error file=PATH,line=N,title=KIND::TEXT", one a finding, at its first place in the tree of the
 * series. */
void report_annotations(GString *out, GPtrArray *findings);
/* Findings as compilers tell errors: "PATH:LINE: SEVERITY: TITLE [KIND FINGERPRINT]", what it means
 * and what to do below. */
void report_lines(GString *out, GPtrArray *findings, const report_options *options);

/* The part of the JSON report of that name ("points", "findings", "series", "plan"). */
void report_json_part(GString *out, const mediation *m, const char *part);
/* The `findings` part of these findings alone (const finding *). */
void report_json_findings(GString *out, const mediation *m, GPtrArray *findings);
/* SARIF 2.1.0 of these findings alone (const finding *). */
void report_sarif_findings(GString *out, const mediation *m, const GPtrArray *findings);
