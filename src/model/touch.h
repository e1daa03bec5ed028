/* Touches: facts that differ between base and tip, with the patch and lines that did it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/fact.h"

typedef enum touch_change {
	TOUCH_ADDED,
	TOUCH_CHANGED,
	TOUCH_REMOVED,
	TOUCH_MOVED, /* same tokens at another path, or under another condition. An entity that went
		      * to another path with other tokens is CHANGED: base.path differs from
		      * tip.path while origin is NULL. */
} touch_change;

/* Places: a path and lines in base or tip. */
typedef struct place {
	const char *path; /* NULL: not in that tree */
	oid blob;
	unsigned line, end_line;
} place;

/* One touched entity or use. Strings are borrowed from the fact sets, or from the touch_set. */
typedef struct touch {
	touch_change change;
	bool is_use;
	entity_kind entity; /* when !is_use */
	use_kind use;	    /* when is_use */
	fact_reader reader;
	const char *name;
	const char *detail; /* uses: operands, arguments or slot value of the tip's side (the
			     * base's when removed). entities: the macro body, or "" */
	const char *in;	    /* enclosing entity */
	const char *condition;
	const char *signature_base, *signature_tip; /* entities; "" */
	unsigned flags; /* entity_flag of the tip's side (the base's when removed) */
	place base, tip;
	const char *origin; /* shadow copies: the base path that tip.path, or the function it is or
			     * stands in, is a copy of; or NULL */
	unsigned patch;	    /* series_commit.n; 0 unknown */
} touch;

/* A file of the tip that is a changed copy of a file of the base. */
typedef struct shadow_copy {
	const char *path;    /* in the tip */
	const char *origin;  /* in the base */
	unsigned similarity; /* per cent of lines shared */
} shadow_copy;

/* A function of the tip, new under its name in its file, that is a changed copy of one of the base
 * (which the series may have removed). Those that a shadow copy of the file has are not listed. */
typedef struct function_copy {
	const char *path, *name; /* in the tip */
	unsigned line, end_line;
	const char *origin, *origin_name; /* in the base */
	unsigned origin_line, origin_end;
	unsigned similarity; /* per cent of runs of tokens shared */
} function_copy;

typedef struct touch_set {
	GArray *touches;   /* touch, ordered by tip (else base) path, line, kind, name */
	GArray *shadows;   /* shadow_copy, ordered by path */
	GArray *functions; /* function_copy, ordered by path, line */
	GStringChunk *strings;
} touch_set;

touch_set *touch_set_new(void);
void touch_set_free(touch_set *t);
const char *touch_set_string(touch_set *t, const char *text);
/* The origin of `path` or NULL. */
const char *touch_set_origin(const touch_set *t, const char *path);
const char *touch_change_name(touch_change change);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(touch_set, touch_set_free)
