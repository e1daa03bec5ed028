/* One series as the gate looks at it, and how it tells a finding. Internal to src/gate. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"
#include "model/reading.h"

typedef struct gate_side {
	mediation *m;
	unsigned index; /* of the series */
	const series *series;
	const series_reading *reading;
	const char *const *structs; /* tags of ops tables, NULL-terminated */
	GHashTable *backends;  /* path -> number of slots filled there: files of the tip that fill
				* slots, in lines of this series */
	GHashTable *functions; /* name -> gate_definition *: functions of the touched files, and
				* labels of their assembly */
} gate_side;

typedef struct gate_definition {
	const entity *entity;
	const fact_set *in;
} gate_definition;

void gate_side_init(gate_side *g, mediation *m, unsigned index, const series_reading *reading,
	const char *const *structs);
void gate_side_clear(gate_side *g);

const point_side *gate_point(const gate_side *g, const point_result *p);
/* Does the evidence say that a slot of the ops table is filled? */
bool gate_fills(const evidence *e);
bool gate_is_struct(const gate_side *g, const char *tag);
/* Is `name` the operation's member, or another name of it? */
bool gate_is_member(const point *p, const char *name);
/* The point that a member of an ops table is, by its name or an alias, or NULL. */
const point *gate_member(const gate_side *g, const char *member);
/* The facts of a path as the series leaves it, or NULL. */
const fact_set *gate_tip(const gate_side *g, const char *path);
/* The definition of a function in the files that the series touches, or NULL; *in is its file. */
const entity *gate_function(const gate_side *g, const char *name, const fact_set **in);

/* What is put into the slot where gate_fills evidence stands: borrowed, NULL when the facts do not
 * say. *member is the slot as it is called there, the caller's. */
const char *gate_filling(const gate_side *g, const point *p, const evidence *e, char **member);
/* The first word of a text, "open" of "(open, vendor_open)"; "" when it has none. The caller's. */
char *gate_first_word(const char *text);
/* The first function of the series that a text names; NULL when there is none: native functions,
 * numbers of calls, data. *in is its file. */
const entity *gate_named_function(const gate_side *g, const char *text, const fact_set **in);

/* The series takes the operation out of an ops table: what stands in its place is the author's to
 * say. */
bool gate_leaves_interface(const gate_side *g, const point *p);
/* The tree's own ops tables, as the series leaves them, are read and have no slot for the
 * operation: the catalogue tells of another version. */
bool gate_tables_lack(const gate_side *g, const point *p);
/* Is it the type of the operation, as the tree's own table has it (where that is read), or as the
 * catalogue has it? `member` is the slot as it is called there. A typedef passes for any number:
 * what it stands for is not read. */
bool gate_fits(const gate_side *g, const point *p, const char *member, const char *type);
/* The same function type, whether spelled with the kernel's short names or C's (u64). */
bool gate_same_type(const char *a, const char *b);
/* The same, or it can be: a number and a typedef (u64 and cycle_t). */
bool gate_may_be_type(const char *a, const char *b);

/* A new finding of this series; `keys` as for finding_fingerprint. The mediation owns it. */
finding *gate_add(const gate_side *g, const char *kind, severity level, const char *const *keys);
/* The finding of this series that was added with these keys, or NULL. */
finding *gate_known(const gate_side *g, const char *kind, const char *const *keys);
/* Once, however often it is given. */
void gate_place(finding *f, int series_index, tree_at at, const oid *blob, const char *path,
	unsigned line, unsigned end_line, const char *symbol, unsigned by);
void gate_evidence_place(finding *f, int series_index, const evidence *e);

/* The checks. */
void gate_find_bypass(const gate_side *g);
void gate_find_incomplete(const gate_side *g);
void gate_find_types(const gate_side *g);
void gate_find_drift(const gate_side *g);
/* Of a contested point: what its sides mean by it. `sides` are gate_side, one a series. */
void gate_find_clashes(mediation *m, const GArray *sides);
