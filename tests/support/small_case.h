/* A small mediation on a real repository: a base and series whose files are given as text. */
#pragma once

#include "git/repo.h"
#include "model/mediation.h"
#include "model/reading.h"

typedef struct small_case {
	char *directory;
	repo *repo;
	mediation *m;
	GPtrArray *readings; /* series_reading *, one a series; their tables are the case's */
} small_case;

/* Makes the repository. */
void small_case_init(small_case *c);
/* A file of the base; all of them before the first series. */
void small_case_base(small_case *c, const char *path, const char *text);
/* The next patch of the series (made when it is new): the file as it is after it; NULL deletes it.
 */
void small_case_patch(small_case *c, const char *series, const char *path, const char *text);
/* Changes one file more in the last patch of the series. */
void small_case_also(small_case *c, const char *series, const char *path, const char *text);
/* After the last patch: changes and readings. */
void small_case_finish(small_case *c);
/* A touch of the series' reading; `t` is copied, its strings must be literals. */
void small_case_touch(small_case *c, const char *series, const touch *t);
/* Text of a file in a tree; NULL when it is not there. The caller's. */
char *small_case_read(small_case *c, const oid *tree, const char *path);
/* Runs conflict_find and findings_finish. */
void small_case_find(small_case *c);
/* The only finding of the kind; fails when there is none or more. */
finding *small_case_finding(small_case *c, const char *kind);
unsigned small_case_count(const small_case *c, const char *kind);
/* Rules a finding. */
void small_case_rule(finding *f, decision_take take, const char *party);
void small_case_clear(small_case *c);
