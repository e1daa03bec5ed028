/* A mediation: everything that one run found out. Stages fill it, db/ keeps it, reports show it. */
#pragma once

#include <glib.h>

#include "model/finding.h"
#include "model/plan.h"
#include "model/point.h"
#include "model/series.h"

/* Lines that no analyzer's compiler saw, with the reason. */
typedef struct unparsed_range {
	char *path;
	unsigned line, end_line;
	tree_at at;
	char *reason;
} unparsed_range;

/* An error outside of the files that it costs: a header that does not parse, or that is not there.
 * Each file that parses in no configuration counts once, with its first error. */
typedef struct coverage_cause {
	char *path; /* the header; of one that is not there, the first file that asks for it */
	unsigned line;
	char *text;
	unsigned files; /* touched .c files of the tip */
} coverage_cause;

/* What was read of one series' changes. */
typedef struct coverage {
	unsigned c_files;	/* touched .c files of architectures that clang targets */
	unsigned c_files_clean; /* parsed without error in some configuration */
	unsigned c_lines_changed, c_lines_parsed; /* added and deleted lines of .c and .h */
	unsigned other_files, other_lines_changed; /* everything else, read as text */
	GPtrArray *unparsed;	/* unparsed_range *, by path and line */
	GPtrArray *causes;	/* coverage_cause *, the dearest first */
} coverage;

typedef struct mediation {
	char *base_rev;
	oid base;	  /* commit */
	oid base_tree;
	catalogue_info *catalogue; /* NULL when no catalogue fits */
	GPtrArray *series;	/* series * */
	GPtrArray *coverage;	/* coverage *, one a series */
	GPtrArray *points;	/* point_result *, in catalogue order */
	GPtrArray *findings;	/* finding * */
	GPtrArray *resolutions; /* resolution * */
	plan *plan;		/* NULL before it is made */
} mediation;

mediation *mediation_new(void);
void mediation_free(mediation *m);
coverage *coverage_new(void);
void coverage_free(coverage *c);
unparsed_range *unparsed_range_new(const char *path, tree_at at, unsigned line, unsigned end_line,
	const char *reason);
void unparsed_range_free(unparsed_range *u);
coverage_cause *coverage_cause_new(
	const char *path, unsigned line, const char *text, unsigned files);
void coverage_cause_free(coverage_cause *c);
/* The finding whose id or fingerprint starts with `prefix`; NULL when none or ambiguous
 * (then *count, if given, says how many match). Borrowed. */
finding *mediation_finding(const mediation *m, const char *prefix, unsigned *count);
/* The point by id, member name or alias; NULL when none. Borrowed. */
point_result *mediation_point(const mediation *m, const char *name);
/* Index of a series by name, or -1. */
int mediation_series(const mediation *m, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mediation, mediation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(coverage, coverage_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(unparsed_range, unparsed_range_free)
