/* One file that is compiled for one architecture, and what must hold for its lines to be seen:
 * conditions of its text, of Kbuild and of Kconfig, as literals of one circuit. */
#pragma once

#include "kernel/branch_priv.h"
#include "kernel/tree_priv.h"

typedef struct scene {
	tree_arch *a;
	const char *path;			 /* of the compiled file */
	const GArray *more;			 /* kbuild_guard; NULL: none. Borrowed */
	kconfig_solver *solver;			 /* NULL without Kconfig: then only `own` counts */
	sat *own;				 /* the circuit, when there is no solver */
	GPtrArray *ways;			 /* kbuild_way *; empty when no makefile names it */
	GArray *way_literals;			 /* int */
	int built;				 /* one of the ways holds */
	int module;				 /* ... and makes a module */
	const char *narrow, *wide, *wide_symbol; /* targets, see arch_forms */
	bool assembly;
	bool alone;	      /* read as no makefile builds it: ways and `more` do not bind */
	GHashTable *literals; /* const branch * -> int */
	GHashTable *unknown;  /* text -> int: what only headers know */
	GHashTable *absent;   /* names (set) of macros that nothing defines; NULL: none known */
} scene;

/* The outcome of a condition. */
typedef enum scene_answer { SCENE_NO, SCENE_YES, SCENE_UNKNOWN } scene_answer;

/* `more` (may be NULL): kbuild_guards that must hold beside those of the file's makefiles. Asks the
 * solver for nothing yet: scene_value works without, the rest needs scene_prepare first. */
scene *scene_new(tree_arch *a, const char *path, const GArray *more);
void scene_prepare(scene *s);
/* The same, but the file is read alone: nothing asks that a makefile builds it so. */
void scene_prepare_alone(scene *s);
void scene_free(scene *s);
sat *scene_sat(scene *s);
/* The literal of "what the makefile asks for here holds". After either of the two above. */
int scene_guard_literal(scene *s, const kbuild_guard *g);
/* The literal of a condition of any file. */
int scene_literal(scene *s, const branch *b);
/* Whether Kconfig, the compiler or a makefile's way of building decides a leaf: its macro. */
bool scene_knows(const scene *s, const branch *leaf);
/* From now on the macro is not defined. Before anything is asked about it. */
void scene_set_absent(scene *s, const char *name);
/* Whether Kconfig and the compiler decide every part of a condition that has its literal. */
bool scene_is_decided(scene *s, const branch *b);
/* What a condition comes to in a configuration. `way` (may be NULL) is how the file is built. With
 * `solved`, unknown macros are as in the last solution of the circuit, else UNKNOWN. */
scene_answer scene_value(
	scene *s, const branch *b, kconfig_values *v, const kbuild_way *way, bool solved);
/* True when the object is part of a module in this configuration. */
bool scene_is_module(const kbuild_way *way, kconfig_values *v);
/* The name of the first unknown macro (not an expression) that the condition wants defined in the
 * last solution; each is handed to `each`. */
void scene_wanted_macros(
	scene *s, const branch *b, void (*each)(const char *name, void *data), void *data);
/* The same of macros that the condition wants undefined and only a makefile could define:
 * unknown ones, and CONFIG_ names that are no symbols. */
void scene_unwanted_macros(
	scene *s, const branch *b, void (*each)(const char *name, void *data), void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(scene, scene_free)
