/* Findings, decisions and resolutions. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"
#include "model/point.h"

typedef enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
} severity;

typedef struct location {
	int series; /* index in mediation.series; -1: the base */
	tree_at at;
	oid blob;
	char *path;
	unsigned line, end_line; /* 0: the whole file */
	char *symbol;		 /* or NULL */
	unsigned patch;		 /* series_commit.n; 0 unknown */
} location;

typedef enum decision_take {
	DECISION_NONE,
	DECISION_TAKE,	    /* one party's side: `party` names it */
	DECISION_INTERFACE, /* through the common interface */
	DECISION_BOTH,
	DECISION_DISMISS,
} decision_take;

/* A mediator's ruling. Bound to the fingerprint, so that it survives re-analysis. */
typedef struct decision {
	char *fingerprint;
	decision_take take;
	char *party; /* series name for DECISION_TAKE, else NULL */
	char *note;  /* or NULL */
	char *by;    /* "Name <mail>" */
	gint64 time; /* seconds since 1970 */
} decision;

typedef struct finding {
	char *id;	   /* first hex digits of the fingerprint, at least 8, unique in the run */
	char *fingerprint; /* 64 hex: kind, parties and names; never line numbers */
	char *kind;	   /* "point.contested" */
	severity severity;
	double confidence;    /* 0..1 */
	char *title;	      /* one line */
	GPtrArray *parties;   /* char *: series names */
	GPtrArray *points;    /* char *: point ids */
	GPtrArray *locations; /* location * */
	char *explanation;
	char *suggestion;
	decision *decision; /* NULL: open */
} finding;

/* One automatic resolution of a merge. */
typedef struct resolution {
	char *path;
	unsigned line, end_line; /* in the merged file */
	char *method;
	double confidence;
	bool verified;
} resolution;

finding *finding_new(const char *kind);
void finding_free(finding *f);
location *location_new(void);
void finding_set_title(finding *f, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Appends a place of series `series` (-1: none's), by its patch n (0: not known). `blob` and
 * `symbol` may be NULL. */
void finding_add_place(finding *f, int series, tree_at at, const oid *blob, const char *path,
	unsigned line, unsigned end_line, const char *symbol, unsigned n);
void location_free(location *l);
decision *decision_new(void);
void decision_free(decision *d);
resolution *resolution_new(void);
void resolution_free(resolution *r);

/* The fingerprint of a finding: kind, parties, and the keys that name what it is about (path,
 * symbol, point; NULL-terminated, never lines). Parties count in sorted order. The caller's. */
char *finding_fingerprint(const char *kind, GPtrArray *parties, const char *const *keys);
/* Sorts findings (severity down, kind, title, fingerprint), merges those of equal fingerprint by
 * joining their locations, and gives each its id. */
void findings_finish(GPtrArray *findings);

/* True when a finding is about code, which can be put behind an operation of the interface: not
 * about configuration, a makefile, a number, or patches as such. */
bool finding_has_code(const finding *f);

const char *severity_name(severity s);
bool severity_parse(severity *out, const char *name);
const char *decision_take_name(decision_take take);
bool decision_take_parse(decision_take *out, const char *name);

/* Every kind of finding there is, NULL-terminated; each has a page in docs/findings/. */
extern const char *const finding_kinds[];

G_DEFINE_AUTOPTR_CLEANUP_FUNC(finding, finding_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(location, location_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(decision, decision_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(resolution, resolution_free)
