/* What the checks of src/conflict share: one const descriptor a family of findings, and a context
 * that answers questions about the series. Private to src/conflict. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/mediation.h"
#include "model/path.h"
#include "model/reading.h"

/* Two series that are looked at together; a < b, as the series were given. */
typedef struct series_pair {
	unsigned a, b;
} series_pair;

typedef struct conflict_context {
	mediation *m;
	repo *repo;
	GPtrArray *readings;  /* const series_reading *, one a series */
	GHashTable *texts;    /* oid -> GBytes *: blobs already read */
	GHashTable *diffs;    /* "hex hex" -> GArray of change_hunk: texts already compared */
	GHashTable *entities; /* series index -> (name -> GPtrArray of const touch *), entities */
	GHashTable *uses;     /* the same for uses */
	GHashTable *clashes;  /* "a b path": paths that text.conflict reported for a pair */
} conflict_context;

/* A check looks at everything once, or at each pair of series, or both. */
typedef struct conflict_check {
	const char *name;
	bool (*once)(conflict_context *c, GError **err);
	bool (*pair)(conflict_context *c, series_pair p, GError **err);
} conflict_check;

extern const conflict_check check_unapplied, check_text, check_equivalent, check_entity,
	check_definition, check_semantics, check_config, check_number, check_points;

/* A context over the series of `m`; `readings` (borrowed) may be empty where no facts are asked
 * for. */
void conflict_context_init(conflict_context *c, mediation *m, repo *r, GPtrArray *readings);
void conflict_context_clear(conflict_context *c);

/* --- the series --- */
const series *context_series(const conflict_context *c, unsigned i);
const series_reading *context_reading(const conflict_context *c, unsigned i);
/* "patch 3 (subject)"; "a patch" when n is 0. The caller's. */
char *context_patch_name(const conflict_context *c, unsigned series, unsigned n);
/* The entity of `path` in a tree of the series that holds `line`, innermost; NULL when no analyzer
 * saw one. Borrowed. */
const char *context_symbol(
	const conflict_context *c, unsigned series, tree_at at, const char *path, unsigned line);
/* Touches of entities (uses) of that name in a series; NULL when none. Borrowed. */
const GPtrArray *context_entities(const conflict_context *c, unsigned series, const char *name);
const GPtrArray *context_uses(const conflict_context *c, unsigned series, const char *name);
/* True when two touches of one name and kind, of two series, are about the same thing. */
typedef bool (*touch_match)(const touch *t, const touch *other);
/* The first entity of a series of the name and kind of `t` that matches it; NULL when none does.
 * Borrowed. */
const touch *context_partner(
	const conflict_context *c, unsigned series, const touch *t, touch_match matches);
void context_mark_clash(conflict_context *c, series_pair p, const char *path);
bool context_is_clash(const conflict_context *c, series_pair p, const char *path);

/* --- texts --- */
/* The bytes of a blob, kept by the context. NULL on failure. Borrowed. */
GBytes *context_text(conflict_context *c, const oid *blob, GError **err);
/* The hunks from one blob to another, kept by the context. NULL on failure. Borrowed. */
const GArray *context_diff(conflict_context *c, const oid *from, const oid *to, GError **err);
/* Lines first..last of a blob, joined; "" for an empty range. The caller's; NULL on failure. */
char *context_lines(
	conflict_context *c, const oid *blob, unsigned first, unsigned last, GError **err);

/* True when two touches leave the same text: both gone, or equal lines in their tips. */
bool context_same_text(
	conflict_context *c, bool *same, const touch *a, const touch *b, GError **err);

/* --- hunks --- */
/* Where a hunk stands between the lines of the old text: it replaces lines first+1..end. */
typedef struct gap {
	unsigned first, end;
} gap;
gap hunk_gap(const change_hunk *h);
/* Lines of unchanged text between two hunks; 0 when they touch or overlap. */
unsigned hunk_distance(const change_hunk *a, const change_hunk *b);
/* True when both hunks replace the same lines by the same text. */
bool context_same_hunk(conflict_context *c, bool *same, const file_change *ca, const change_hunk *a,
	const file_change *cb, const change_hunk *b, GError **err);
/* The patch that made a hunk: of its first added line, else of its first deleted one. */
unsigned hunk_patch(const change_hunk *h);

/* --- findings --- */
/* A finding about these series (indexes), its fingerprint made of `keys` (NULL-terminated).
 * Appended to m->findings, which owns it. */
finding *context_add(conflict_context *c, const char *kind, severity level, const unsigned *series,
	size_t n_series, const char *const *keys);
finding *context_add_pair(conflict_context *c, const char *kind, severity level, series_pair p,
	const char *const *keys);
/* Appends the lines of a hunk as the series leaves them; those it takes away when it adds none. */
void finding_add_hunk(conflict_context *c, finding *f, unsigned series, const file_change *change,
	const change_hunk *h);
void finding_add_touch(finding *f, unsigned series, const touch *t);
/* "lines 3-9", "line 3", "the file". The caller's. */
char *lines_text(unsigned line, unsigned end_line);

/* Adds to each finding of `from` on the points whose evidence stands where the finding stands, on
 * the side of every party. */
void findings_link_points(conflict_context *c, guint from);
/* Makes a note of each finding of `from` on whose every place stands in lines of one text.conflict:
 * there is nothing left to rule on its own. */
void findings_note_covered(mediation *m, guint from);
