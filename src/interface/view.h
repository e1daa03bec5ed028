/* One series as the rules look at it: its definitions and touched uses, by name. Internal to
 * src/interface. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "interface/catalogue.h"
#include "interface/rule.h"
#include "model/reading.h"

/* A file of the tip (or, for what was removed, of the base). */
typedef struct file_view {
	const fact_set *facts;
	file_copy copy;
} file_view;

/* One definition. */
typedef struct definition {
	const entity *entity;
	const file_view *file;
	tree_at at;
	touch_change change;
	unsigned patch;
} definition;

/* A touched use; `file` is where it stands now, or stood. */
typedef struct touched_use {
	const touch *touch;
	const file_view *file;
} touched_use;

typedef struct view {
	GHashTable *files;	/* path -> file_view *, tip; owned */
	GHashTable *base_files; /* the same of the base */
	GHashTable *tip;	/* name -> GArray of definition: all of the touched files */
	GHashTable *base;	/* name -> GArray of definition: all of the base's files */
	GPtrArray *changed;	/* definition *, borrowed: touched ones, in a fixed order */
	GArray *removed;	/* definition: of the base, gone from their place */
	GHashTable *by_name;	/* name -> GPtrArray of definition *: `changed` and `removed` */
	GHashTable *uses;	/* name -> GArray of touched_use */
	GPtrArray *use_names;	/* const char *, sorted: the keys of `uses` */
	GHashTable *matches;	/* pattern * -> GPtrArray of const char *: use names it matches */
} view;

/* `c` says which paths and conditions count. Both must live as long as the view. */
view *view_new(const catalogue *c, const series_reading *reading);
void view_free(view *v);

/* Does the definition use something of the list? */
bool definition_uses(const definition *d, const GPtrArray *tests);
/* A use of the definition that hits the list and whose name none of `base` (GArray of definition,
 * may be NULL) uses; NULL when there is none. */
const use *definition_gains(const definition *d, const GPtrArray *tests, const GArray *base);
/* True when one of `base` hits the list and `d` does not. */
bool definition_loses(const definition *d, const GPtrArray *tests, const GArray *base);
base_relation definition_relation(const view *v, const definition *d, const GArray *base);
/* The distinct names of touched uses that the pattern matches. Borrowed. */
const GPtrArray *view_use_names(view *v, const pattern *p);
/* Does a use hit one test of the list? */
bool use_hits(const GPtrArray *tests, use_kind kind, const char *name, const char *detail);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(view, view_free)
