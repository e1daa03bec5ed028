/* One series as the gate looks at it. */
#include "gate/side.h"

#include <stdarg.h>
#include <string.h>

bool gate_fills(const evidence *e)
{
	return e->weight == EVIDENCE_OVERRIDE && e->at == AT_TIP && !strcmp(e->kind, "ops-table");
}

const point_side *gate_point(const gate_side *g, const point_result *p)
{
	return g_ptr_array_index(p->sides, g->index);
}

void gate_side_init(gate_side *g, mediation *m, unsigned index, const series_reading *reading,
	const char *const *structs)
{
	static const char *const none[] = {NULL};
	*g = (gate_side){.m = m,
		.index = index,
		.series = g_ptr_array_index(m->series, index),
		.reading = reading,
		.structs = structs ? structs : none};
	g->backends = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < m->points->len; i++) {
		const point_side *side = gate_point(g, g_ptr_array_index(m->points, i));
		for (guint k = 0; k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (!gate_fills(e))
				continue;
			guint count = GPOINTER_TO_UINT(g_hash_table_lookup(g->backends, e->path));
			g_hash_table_insert(g->backends, e->path, GUINT_TO_POINTER(count + 1));
		}
	}
}

void gate_side_clear(gate_side *g)
{
	g_hash_table_unref(g->backends);
}

bool gate_is_struct(const gate_side *g, const char *tag)
{
	for (const char *const *s = g->structs; *s; s++)
		if (!strcmp(*s, tag))
			return true;
	return false;
}

const point *gate_member(const gate_side *g, const char *member)
{
	for (guint i = 0; i < g->m->points->len; i++) {
		const point *p = ((point_result *)g_ptr_array_index(g->m->points, i))->point;
		if (!strcmp(p->member, member))
			return p;
		for (guint k = 0; k < p->aliases->len; k++)
			if (!strcmp(g_ptr_array_index(p->aliases, k), member))
				return p;
	}
	return NULL;
}

const fact_set *gate_tip(const gate_side *g, const char *path)
{
	return g_hash_table_lookup(g->reading->tip, path);
}

const entity *gate_function(const gate_side *g, const char *name, const fact_set **in)
{
	/* in the order of the changes, not of the table: the answer is the same every time */
	for (guint i = 0; i < g->series->changes->len; i++) {
		const file_change *c = g_ptr_array_index(g->series->changes, i);
		const fact_set *f = gate_tip(g, c->path);
		for (guint k = 0; f && k < f->entities->len; k++) {
			const entity *e = &g_array_index(f->entities, entity, k);
			if (e->kind == ENTITY_FUNCTION && e->flags & ENTITY_DEFINITION &&
				!strcmp(e->name, name)) {
				*in = f;
				return e;
			}
		}
	}
	return NULL;
}

finding *gate_add(const gate_side *g, const char *kind, severity level, const char *const *keys)
{
	finding *f = finding_new(kind);
	f->severity = level;
	g_ptr_array_add(f->parties, g_strdup(g->series->name));
	f->fingerprint = finding_fingerprint(kind, f->parties, keys);
	g_ptr_array_add(g->m->findings, f);
	return f;
}

finding *gate_known(const gate_side *g, const char *kind, const char *const *keys)
{
	g_autoptr(GPtrArray) parties = g_ptr_array_new();
	g_ptr_array_add(parties, g->series->name);
	g_autofree char *fingerprint = finding_fingerprint(kind, parties, keys);
	for (guint i = 0; i < g->m->findings->len; i++) {
		finding *f = g_ptr_array_index(g->m->findings, i);
		if (!strcmp(f->fingerprint, fingerprint))
			return f;
	}
	return NULL;
}

void gate_title(finding *f, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	g_free(f->title);
	f->title = g_strdup_vprintf(fmt, args);
	va_end(args);
}

void gate_place(finding *f, int series_index, tree_at at, const oid *blob, const char *path,
	unsigned line, unsigned end_line, const char *symbol, unsigned by)
{
	location *l = location_new();
	l->series = series_index;
	l->at = at;
	if (blob)
		l->blob = *blob;
	l->path = g_strdup(path);
	l->line = line;
	l->end_line = MAX(end_line, line);
	l->symbol = symbol && *symbol ? g_strdup(symbol) : NULL;
	l->patch = by;
	g_ptr_array_add(f->locations, l);
}

void gate_evidence_place(finding *f, int series_index, const evidence *e)
{
	gate_place(f, series_index, e->at, &e->blob, e->path, e->line, e->end_line, e->symbol,
		e->patch);
}
