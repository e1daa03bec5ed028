/* A catalogue: the points of a common interface and the rules that find them, read from rules/. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"
#include "model/reading.h"

typedef struct catalogue catalogue;

/* Reads one YAML catalogue (docs/rules.md has the schema). Errors name file, line and key. */
bool catalogue_load(catalogue **out, const char *path, GError **err);
/* The same from memory; `name` stands for the file in messages. */
bool catalogue_read(catalogue **out, const char *name, GBytes *text, GError **err);
void catalogue_free(catalogue *c);
/* Name, version, digest, groups: a copy, the caller's. */
catalogue_info *catalogue_describe(const catalogue *c);
size_t catalogue_length(const catalogue *c);
const point *catalogue_point(const catalogue *c, size_t i); /* borrowed */

/* Paths of the base that hold native definitions of the points. When the engine puts their facts
 * into series_reading.base too, a vendor's definition is compared with the native one even when no
 * series touches the native file. NULL-terminated, borrowed; files that the base lacks are fine. */
const char *const *catalogue_native_files(const catalogue *c);

/* Tags of the structs that hold the operations, in all versions. NULL-terminated, borrowed. */
const char *const *catalogue_structs(const catalogue *c);

/* Does the catalogue fit a base? It names, as data, files and texts that must be in the tree.
 * `read` answers the bytes of a path of the base, or NULL. Higher is better; 0: it does not. */
typedef GBytes *(*catalogue_read_fn)(const char *path, void *data);
unsigned catalogue_fits(const catalogue *c, catalogue_read_fn read, void *data);

/* The version of the interface that a tree has, NULL when no version knows it. Borrowed. */
const char *catalogue_version_of(const catalogue *c, catalogue_read_fn read, void *data);
/* The version whose points a base of `version` is mapped to. `version` may be NULL. Borrowed. */
const char *catalogue_judged_as(const catalogue *c, const char *version);
/* Keeps the points of a version alone, with their types and names in it. Once a catalogue. */
void catalogue_take_version(catalogue *c, const char *version);
/* The member's name in the struct, in the version that was taken; NULL when it is no member of one.
 * Borrowed. */
const char *catalogue_slot(const catalogue *c, size_t i);
/* What happened to the points, by version (point_event *). The caller's. */
GPtrArray *catalogue_history(const catalogue *c);

/* Directories that hold catalogues, in order: $TRUCE_RULES, the source tree's rules/ when run from
 * a build tree, the installed data directory. NULL-terminated, the caller's. */
char **catalogue_dirs(void);
/* Finds a pack by name ("paravirt-i386") or path. The caller's path, or NULL. */
char *catalogue_find(const char *name);

/* For trying one rule alone: drops every rule but those with this id, and those of all points but
 * `point` (id, member or alias; NULL: all). *kept counts the points that have it. NOT_FOUND names
 * the nearest. */
bool catalogue_keep_rule(
	catalogue *c, const char *rule, const char *point, unsigned *kept, GError **err);

/* Maps what each series does to the points: one point_result a point of the catalogue, in its
 * order, sides in the order of `readings` (const series_reading *). */
bool catalogue_map(GPtrArray **points, const catalogue *c, GPtrArray *readings, GError **err);
/* The same of one series, for a catalogue with one rule. When that finds nothing at all, the answer
 * says what came nearest and which key it does not pass, in one line (the caller's); else NULL. */
char *catalogue_try(GPtrArray **points, const catalogue *c, const series_reading *reading);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(catalogue, catalogue_free)
