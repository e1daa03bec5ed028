/* A catalogue as the engine runs it: every rule of every point, its placeholders filled in and its
 * patterns compiled. load.c makes it, match.c runs it. Internal to src/interface. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "interface/catalogue.h"
#include "interface/pattern.h"
#include "model/fact.h"
#include "model/point.h"
#include "model/touch.h"

/* What code may use: one use fact, by kind, name and detail. Patterns are the catalogue's. */
typedef struct use_test {
	unsigned kinds;		   /* bits 1 << use_kind */
	const pattern *name;	   /* NULL: any name */
	const pattern *detail;	   /* NULL: any operands, arguments or slot value */
	const pattern *not_detail; /* NULL: none is excluded */
} use_test;

/* How a definition stands to those of its name in the base. */
typedef enum base_relation {
	BASE_NONE,    /* the base files that were read have no definition of the name */
	BASE_SAME,    /* one of them has the same tokens */
	BASE_DIFFERS, /* there are some, and all have other tokens */
	BASE_RELATIONS
} base_relation;

/* What the file of the tip is to the base. */
typedef enum file_copy {
	FILE_IN_PLACE, /* the base has the path */
	FILE_SHADOW,   /* added, a changed copy of a file of the base */
	FILE_NEW,      /* added, no copy */
	FILE_COPIES
} file_copy;

typedef enum rule_subject {
	RULE_ON_DEFINITION,
	RULE_ON_USE,
} rule_subject;

/* Lists of use_test *: NULL means the key was not given. */
typedef struct body_tests {
	GPtrArray *has;	  /* at least one hits */
	GPtrArray *lacks; /* none hits */
} body_tests;

typedef struct rule {
	char *id;
	rule_subject on;
	/* char *: names that the base files read must define, all; must not define, any */
	GPtrArray *base_has, *base_lacks;
	unsigned changes; /* bits 1 << touch_change */
	unsigned copies;  /* bits 1 << file_copy */
	GPtrArray *paths; /* char *: globs; NULL: all */
	GPtrArray *not_paths;
	const pattern *condition, *not_condition; /* of the preprocessor */

	/* on a definition */
	unsigned entities; /* bits 1 << entity_kind */
	GPtrArray *names;  /* const pattern *; NULL: all */
	unsigned bases;	   /* bits 1 << base_relation */
	body_tests body;
	GPtrArray *gains; /* used here and by no definition of the name in the base */
	GPtrArray *loses; /* used by one in the base and not here */
	bool has_other;	  /* another definition of the name in the tip must pass `other` */
	body_tests other;
	bool gone; /* removed, and the tip's touched files define the name nowhere */

	/* on a use */
	GPtrArray *uses;	    /* NULL when `via` is given */
	GPtrArray *via;		    /* uses of a new function or macro whose body hits this list */
	const pattern *in, *not_in; /* enclosing definition */
	GPtrArray *beside;	    /* another touched use in the same definition, or NULL */
	unsigned beside_changes;

	evidence_weight weight;
	double confidence;
	char *kind; /* NULL: told from the file (in-place, shadow-copy, override) */
	char *note; /* or NULL */
} rule;

typedef struct point_spec {
	point *point;
	char *slot;   /* the member's name in the version that was taken; NULL: as the id says */
	bool no_slot; /* it is no member of the structs */
	GPtrArray *rules; /* rule * */
} point_spec;

/* A text of the base that a tree must have for the catalogue to fit. */
typedef struct fit_test {
	char *path;
	const pattern *has, *lacks; /* NULL: any content */
	bool absent;		    /* the path must not exist */
} fit_test;

/* One version of the interface, told by what changed in it. */
typedef struct version_spec {
	char *name;	 /* "v2.6.21" */
	char *judged_as; /* the version whose points a base of this one is mapped to; NULL: itself
			  */
	GPtrArray *fits; /* fit_test *: how its trees are known */
	GPtrArray *adds, *drops;   /* char *: ids */
	GHashTable *types, *names; /* id -> signature, name of the slot: from this version on */
} version_spec;

typedef struct thresholds {
	double hooked, bypassed, touched;
} thresholds;

struct catalogue {
	catalogue_info *info;
	GPtrArray *specs; /* point_spec * */
	GPtrArray *fits;  /* fit_test * */
	GPtrArray *paths; /* char *: globs of the code that counts; NULL: all */
	GPtrArray *not_paths;
	GPtrArray *files;    /* char *: base files that hold native definitions */
	GPtrArray *versions; /* version_spec *, oldest first */
	GPtrArray *structs;  /* char *: records that hold the operations */
	const pattern *dead; /* condition of code that is never compiled, or NULL */
	thresholds limits;
	GHashTable *patterns; /* "mode text" -> pattern *, owned */
	GHashTable *idle;     /* id of a rule -> key: of rules that some point leaves out, for it
			       * has none of the lists that the key asks for. Both static or owned */
};

void rule_free(rule *r);
void point_spec_free(point_spec *s);
void fit_test_free(fit_test *t);
void version_spec_free(version_spec *v);
/* All of `fits` (fit_test *) hold, and there is one. */
bool fits_hold(const GPtrArray *fits, catalogue_read_fn read, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(rule, rule_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(point_spec, point_spec_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fit_test, fit_test_free)
