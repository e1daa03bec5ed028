#include "support/find_fact.h"

#include <string.h>

const entity *find_entity(const fact_set *f, entity_kind kind, const char *name)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (e->kind == kind && !strcmp(e->name, name))
			return e;
	}
	return NULL;
}

const use *find_use(const fact_set *f, use_kind kind, const char *name)
{
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if (u->kind == kind && !strcmp(u->name, name))
			return u;
	}
	return NULL;
}
