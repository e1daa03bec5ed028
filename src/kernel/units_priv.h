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
	char *reason;	/* why not, by the first architecture that builds the file */
	bool explained; /* `reason` is complete; see units_macros.c */
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
	GPtrArray *others;   /* see units_share.c; NULL until asked */
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
	GPtrArray *shared;	 /* taken_along *: see units_share.c */
	guint own;		 /* of the literals: those that are not for `shared` */
} making;

/* A goal of another header that the unit is to show too. */
typedef struct taken_along {
	const char *path;
	goal *goal;
} taken_along;

/* Asks for what of other headers goes with the chosen goals. The solution at hand is one of what is
 * asked for, before and after. */
void units_share(making *m);
/* Lists what was taken along and nothing but Kconfig and the compiler decides, in this
 * configuration, as the unit's. */
void units_promise(making *m, kernel_unit *u, kconfig_values *v, const kbuild_way *way);
/* For a wish with `macros`: until it is freed, the goals of the request are those that macros of
 * headers are about, with these put in. `around` as for units_run_scene. */
typedef struct units_put_in units_put_in;
units_put_in *units_put_in_new(request *r, scene *s, const GPtrArray *around);
const GPtrArray *units_put_in_around(const units_put_in *p); /* borrowed */
void units_put_in_free(units_put_in *p);
/* Tries with one more literal; keeps it when there is a solution. */
bool units_solve_with(making *m, int literal);
/* The goals of lines of another file. The caller's (goal *). */
GPtrArray *units_goals(request *r, const kernel_lines *lines);
bool units_all_done(const request *r);
/* The branches of a file on the way to a header, read once a request. Borrowed. */
const branch_file *units_branches(request *r, const char *path);
/* Units for the file asked for, compiled by way of `path`; `more` guards (kbuild_guard, may be
 * NULL) and the conditions `around` it (const branch *) must hold too. *built says whether that is
 * possible at all on this architecture. */
bool units_run_scene(request *r, tree_arch *a, const char *path, const GArray *more,
	const GPtrArray *around, bool *built, GError **err);
