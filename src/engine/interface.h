/* What `truce interface` asks: catalogues listed, drafted from a tree, held against one, and one
 * rule tried alone. Nothing here needs a database or a series. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/ops.h"
#include "model/point.h"

/* A catalogue as people see it. */
typedef struct interface_pack {
	catalogue_info *info;
	char *path;
	GPtrArray *points;  /* point *, in catalogue order */
	GPtrArray *history; /* point_event * */
	bool fits;	    /* the tree that was asked about */
	char *version;	    /* of the interface, that the tree has; NULL when none is known */
	unsigned compared;  /* interface_check: points of that version */
} interface_pack;

void interface_pack_free(interface_pack *p);

/* One catalogue by name or path; NULL: the one that fits the tree best (NOT_FOUND when none does).
 * `r` and `rev` may be NULL when `name` is given. */
bool interface_pack_open(
	interface_pack **out, const char *name, repo *r, const char *rev, GError **err);
/* All catalogues that are found by name, in the order of the names. `rev`: the tree that they are
 * held against; NULL: that of HEAD, if there is one. */
bool interface_packs(GPtrArray **out, repo *r, const char *rev, GError **err);

typedef struct interface_draft {
	const char *rev;
	const char *const *tags; /* of structs, NULL-terminated */
	const char *file;	 /* where they are defined; NULL: they are looked for */
	const char *name;	 /* the catalogue's; NULL: made of the first tag */
	const char *filler; /* a macro that fills a slot, its first argument the member; or NULL */
} interface_draft;

/* How often a draft's filler is met in the tree. */
typedef struct interface_filler {
	bool written;	     /* the tree's C has the name, with arguments, somewhere */
	unsigned operations; /* that stand as its first argument */
} interface_filler;

/* A catalogue drafted from structs of a tree. The table, when it is wanted, is the caller's;
 * `filler` (may be NULL) is filled in when the draft names one. */
bool interface_extract(GString *yaml, ops_table **table, interface_filler *filler, repo *r,
	const interface_draft *draft, GError **err);

/* What differs between a catalogue (NULL: the fitting one) and a tree: ops_drift *. *pack says what
 * was compared. */
bool interface_check(GPtrArray **drifts, interface_pack **pack, repo *r, const char *rev,
	const char *name, GError **err);

/* One rule tried on one file. */
typedef struct interface_trial {
	interface_pack *pack;
	GPtrArray *evidence; /* evidence *, by line; `point` is the index in pack.points */
	GBytes *text;	     /* of the file, whose lines the evidence counts (of the tip) */
	GBytes *base_text;   /* as the base has it; NULL when it has none */
	unsigned tried;	     /* points that have the rule */
	char *why;	     /* there is no evidence; NULL when there is */
} interface_trial;

typedef struct interface_question {
	const char *pack;  /* NULL: the fitting one */
	const char *rule;  /* id */
	const char *point; /* id or member; NULL: every point that has the rule */
	const char *file;  /* "REV:PATH", or a file on disk */
	const char *as;	   /* the path it has in the tree; NULL: the file's own */
	const char *base;  /* REV whose tree it is laid over */
} interface_question;

/* The file is laid over the base's tree, as if a series did that; what the rule then finds. */
bool interface_test(interface_trial **out, repo *r, const interface_question *q, GError **err);
void interface_trial_free(interface_trial *t);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(interface_pack, interface_pack_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(interface_trial, interface_trial_free)
