/* Ops tables: read from a tree's facts, drafted as a catalogue, held against one. */
#pragma once

#include "interface/catalogue.h"
#include "model/fact.h"
#include "model/ops.h"

/* Where ops_read finds what it asks for. All answers are borrowed and live as long as the source.
 */
typedef struct ops_source {
	/* The file that defines a record (struct or union): its facts, by a reader that sees every
	 * #if branch, and its text. `near` is the file of the record around it, NULL when it is
	 * asked for by name. *facts NULL: the tree has no such record (there). */
	bool (*find)(const char *tag, const char *near, const fact_set **facts, GBytes **text,
		void *data, GError **err);
	/* The files beside `path` that include it (const fact_set *): inline callers are there. */
	bool (*includers)(const char *path, const GPtrArray **sets, void *data, GError **err);
	/* A file as `from` includes it: members may be a list of macros in it. *facts NULL: it is
	 * not in the tree. */
	bool (*include)(const char *name, const char *from, const fact_set **facts, GBytes **text,
		void *data, GError **err);
	void *data;
} ops_source;

/* The operations of these records and of the records within them. NOT_FOUND names the records that
 * the tree does not define, unless `lenient`. */
bool ops_read(ops_table **out, const char *const *tags, bool lenient, const ops_source *source,
	GError **err);

/* Appends a catalogue of the table in the format of docs/rules.md, ready to be edited. `name` and
 * `version` are the pack's; `filler` is a macro that fills a slot, with the member as its first
 * argument, or NULL. */
void ops_draft(GString *out, const ops_table *t, const char *name, const char *version,
	const char *filler);

/* Appends what differs between the catalogue and the table (ops_drift *): the catalogue's points
 * first, in order, then what the table has beyond. */
void ops_compare(GPtrArray *out, const catalogue *c, const ops_table *t);

/* Records within records. */
#define OPS_LIMIT_DEPTH 8u
