/* Points of the common interface and what each series does there. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

/* What a catalogue says of an operation's behaviour, one thing at a time. */
typedef enum contract_aspect {
	CONTRACT_UNITS,	     /* of: a parameter's name or "return"; value: "cycles", "ns" */
	CONTRACT_CONVENTION, /* value: "c", "callee-save", "jump" */
	CONTRACT_CONTEXT,    /* value: "interrupts-off", "may-sleep" */
	CONTRACT_RETURNS,    /* value: a sentence */
} contract_aspect;

typedef struct contract_term {
	contract_aspect aspect;
	char *of; /* "" unless units */
	char *value;
} contract_term;

/* Must a backend bring it? */
typedef enum point_required {
	REQUIRED_UNSAID,
	REQUIRED_ALWAYS,
	REQUIRED_WHEN,	/* point.required_when is built in */
	REQUIRED_NEVER, /* native code serves */
} point_required;

/* One operation of the interface, as the catalogue describes it. The terms, variants and the
 * requirement come from the catalogue alone: the database does not keep them. */
typedef struct point {
	char *id;	     /* "mmu.set_pte"; never changes */
	char *group;	     /* "mmu" */
	char *member;	     /* "set_pte" */
	char *title;	     /* one line for people */
	char *signature;     /* "void (pte_t *ptep, pte_t pteval)" or NULL */
	char *contract;	     /* units, context, return meaning; or NULL */
	char *native;	     /* what native code does there; or NULL */
	GPtrArray *aliases;  /* char *: later or earlier names */
	GPtrArray *variants; /* char *: the signature in other configurations */
	GPtrArray *terms;    /* contract_term *: the contract as data */
	point_required required;
	char *required_when; /* REQUIRED_WHEN: "X86_PAE"; else NULL */
} point;

/* Is it called so: its id, member, an alias, or an alias behind its group and a dot? */
bool point_is_named(const point *p, const char *name);

/* Something that happened to a point in a version of the interface. */
typedef struct point_event {
	char *point;   /* id */
	char *version; /* "v2.6.21" */
	char *what;    /* "added", "is called get_scheduled_cycles" */
} point_event;

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
	EVIDENCE_AGAINST, /* speaks against a hook */
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
	char *kind; /* how: "in-place", "shadow-copy", "override", "ops-table", "hypercall",
		     * "assembly", "macro", "call" */
	char *rule; /* id of the rule in the catalogue */
	char *symbol;
	char *note; /* one sentence for a person, or NULL */
	tree_at at;
	oid blob;
	char *path;
	unsigned line, end_line;
	unsigned patch;	   /* series_commit.n; 0 unknown */
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
	char *digest;	   /* 64 hex */
	GPtrArray *groups; /* char *, in the order to show them */
} catalogue_info;

point *point_new(void);
point *point_copy(const point *p);
void point_free(point *p);
evidence *evidence_new(void);
void evidence_free(evidence *e);
point_side *point_side_new(void);
void point_side_free(point_side *s);
point_result *point_result_new(void);
void point_result_free(point_result *r);
catalogue_info *catalogue_info_new(void);
void catalogue_info_free(catalogue_info *c);

void point_event_free(point_event *e);
contract_term *contract_term_new(contract_aspect aspect, const char *of, const char *value);
void contract_term_free(contract_term *t);
/* The value of a term, NULL when the catalogue does not say. `of` may be NULL for the first. */
const char *point_term(const point *p, contract_aspect aspect, const char *of);
const char *contract_aspect_name(contract_aspect aspect); /* "units" */
const char *point_required_name(point_required required); /* "always" */

const char *point_state_name(point_state state);       /* "hooked" */
const char *point_verdict_name(point_verdict verdict); /* "contested" */
const char *evidence_weight_name(evidence_weight weight);
const char *tree_at_name(tree_at at);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(point, point_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(contract_term, contract_term_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(evidence, evidence_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(point_side, point_side_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(point_result, point_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(catalogue_info, catalogue_info_free)
