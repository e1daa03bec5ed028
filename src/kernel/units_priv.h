/* What the parts of the choice of units share. */
#pragma once

#include "kernel/scene.h"
#include "kernel/units.h"

/* Wanted lines that stand under one condition. */
typedef struct goal {
	const branch *condition;
	const char *text; /* the innermost #if around it; NULL: none */
	GArray *ranges;	  /* line_range */
	bool error;	  /* an #error stands there */
	bool done;
	char *reason; /* why not, by the first architecture that builds the file */
} goal;

typedef struct request {
	kernel_tree *t;
	const kernel_wish *wish;
	branch_file *file;
	GPtrArray *goals;  /* goal * */
	GHashTable *files; /* path -> branch_file: what includes a header */
	kernel_units *out;
	GHashTable *missing; /* see scene_missing (set): for what is still open */
	char *unbuilt;	     /* why no unit could be made at all; NULL: one could */
	guint made;	     /* units of the architecture at hand */
} request;

/* One unit of one scene, under way. */
typedef struct making {
	request *r;
	scene *s;
	const GArray *more;
	const GPtrArray *around; /* const branch *: what leads to the file asked for */
	GArray *literals;	 /* int: what is asked for so far */
	GPtrArray *chosen;	 /* goal * */
	GPtrArray *avoided;	 /* const branch *: #errors that can be kept out */
} making;

bool units_all_done(const request *r);
/* The branches of a file on the way to a header, read once a request. Borrowed. */
const branch_file *units_branches(request *r, const char *path);
/* Units for the file asked for, compiled by way of `path`; `more` guards (kbuild_guard, may be
 * NULL) and the conditions `around` it (const branch *) must hold too. *built says whether that is
 * possible at all on this architecture. */
bool units_run_scene(request *r, tree_arch *a, const char *path, const GArray *more,
	const GPtrArray *around, bool *built, GError **err);
