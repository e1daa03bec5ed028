/* Looking for facts in a set. */
#pragma once

#include "model/fact.h"

/* The first of that kind and name; NULL when there is none. */
const entity *find_entity(const fact_set *f, entity_kind kind, const char *name);
const use *find_use(const fact_set *f, use_kind kind, const char *name);
