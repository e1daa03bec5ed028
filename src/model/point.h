/* Points of the common interface and what each series does there. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

/* One operation of the interface, as the catalogue describes it. */
typedef struct point {
	char *id;	 /* "mmu.set_pte"; never changes */
	char *group;	 /* "mmu" */
	char *member;	 /* "set_pte" */
	char *title;	 /* one line for people */
	char *signature; /* "void (pte_t *ptep, pte_t pteval)" or NULL */
	char *contract;  /* units, context, return meaning; or NULL */
	char *native;	 /* what native code does there; or NULL */
	GPtrArray *aliases; /* char *: later or earlier names */
} point;

typedef enum point_state {
	POINT_UNTOUCHED,
	POINT_TOUCHED,	/* moved, copied or taken away without an implementation of its own */
	POINT_BYPASSED, /* a privileged operation used outside the interface */
	POINT_HOOKED,	/* own implementation, or call sites routed through its hook */
} point_state;

/* What a piece of evidence says about the state. */
typedef enum evidence_weight {
	EVIDENCE_OVERRIDE, /* an implementation of its own */
	EVIDENCE_THROUGH,  /* call sites routed through its hook */
	EVIDENCE_MOVED,
	EVIDENCE_REMOVED,
	EVIDENCE_BYPASS,
	EVIDENCE_AGAINST,  /* speaks against a hook */
} evidence_weight;

typedef enum tree_at {
	AT_BASE,
	AT_TIP,
	AT_MERGED,
} tree_at;

typedef struct evidence {
	unsigned series; /* index in mediation.series */
	unsigned point;	 /* index in mediation.points */
	evidence_weight weight;
	char *kind;	 /* how: "in-place", "shadow-copy", "override", "ops-table", "hypercall",
			  * "assembly", "macro", "call" */
	char *rule;	 /* id of the rule in the catalogue */
	char *symbol;
	char *note;	 /* one sentence for a person, or NULL */
	tree_at at;
	oid blob;
	char *path;
	unsigned line, end_line;
	unsigned patch;	 /* series_commit.n; 0 unknown */
	double confidence; /* 0..1 */
} evidence;

typedef struct point_side {
	point_state state;
	double confidence;
	GPtrArray *evidence; /* evidence *, strongest first; owned by point_result.sides */
} point_side;

typedef enum point_verdict {
	VERDICT_UNTOUCHED,
	VERDICT_SINGLE,
	VERDICT_CONTESTED, /* hooked by two or more */
} point_verdict;

typedef struct point_result {
	point *point;
	point_verdict verdict;
	GPtrArray *sides; /* point_side *, one a series, same order */
} point_result;

typedef struct catalogue_info {
	char *name, *version, *title;
	char *digest; /* 64 hex */
	GPtrArray *groups; /* char *, in the order to show them */
} catalogue_info;

point *point_new(void);
void point_free(point *p);
evidence *evidence_new(void);
void evidence_free(evidence *e);
point_side *point_side_new(void);
void point_side_free(point_side *s);
point_result *point_result_new(void);
void point_result_free(point_result *r);
catalogue_info *catalogue_info_new(void);
void catalogue_info_free(catalogue_info *c);

const char *point_state_name(point_state state);	 /* "hooked" */
const char *point_verdict_name(point_verdict verdict);	 /* "contested" */
const char *evidence_weight_name(evidence_weight weight);
const char *tree_at_name(tree_at at);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(point, point_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(evidence, evidence_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(point_side, point_side_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(point_result, point_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(catalogue_info, catalogue_info_free)
