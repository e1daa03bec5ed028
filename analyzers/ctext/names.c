/* A set of names: open addressing, generations instead of clearing. */
#include "analyzers/ctext/names.h"

#define FIRST_SLOTS 64u /* the locals of nearly every function */

void names_init(name_set *n)
{
	*n = (name_set){g_new0(struct name_slot, FIRST_SLOTS), FIRST_SLOTS - 1, 0, 1};
}

void names_free(name_set *n)
{
	g_clear_pointer(&n->slots, g_free);
}

void names_clear(name_set *n)
{
	n->generation++; /* 4 billion functions in one file are beyond LIMIT_SOURCE_BYTES */
	n->count = 0;
}

static struct name_slot *find(const name_set *n, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash ^ hash >> 32) & n->mask;
	while (n->slots[i].generation == n->generation && n->slots[i].hash != hash)
		i = (i + 1) & n->mask;
	return &n->slots[i];
}

static void grow(name_set *n)
{
	name_set old = *n;
	n->mask = old.mask * 2 + 1;
	n->slots = g_new0(struct name_slot, (size_t)n->mask + 1);
	for (uint32_t i = 0; i <= old.mask; i++)
		if (old.slots[i].generation == n->generation)
			*find(n, old.slots[i].hash) = old.slots[i];
	g_free(old.slots);
}

void names_put(name_set *n, uint64_t hash, uint32_t value)
{
	struct name_slot *slot = find(n, hash);
	if (slot->generation == n->generation) {
		slot->value = value;
		return;
	}
	*slot = (struct name_slot){hash, value, n->generation};
	if (++n->count * 2 > n->mask)
		grow(n);
}

bool names_get(const name_set *n, uint64_t hash, uint32_t *value)
{
	const struct name_slot *slot = find(n, hash);
	if (slot->generation != n->generation)
		return false;
	if (value)
		*value = slot->value;
	return true;
}
