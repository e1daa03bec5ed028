/* A set of names by the hash of their bytes, with a number each; cleared in constant time. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct name_set {
	struct name_slot {
		uint64_t hash;
		uint32_t value, generation;
	} * slots;
	uint32_t mask, count, generation;
} name_set;

void names_init(name_set *n);
void names_free(name_set *n);
void names_clear(name_set *n);
void names_put(name_set *n, uint64_t hash, uint32_t value);
/* False when it is not there; `value` may be NULL. */
bool names_get(const name_set *n, uint64_t hash, uint32_t *value);
