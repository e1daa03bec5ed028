/* Who has a line. */
#include "facts/line_table.h"

void line_table_init(line_table *t, size_t lines)
{
	t->mask = 64;
	while (t->mask < lines * 2)
		t->mask *= 2;
	t->slots = g_new0(known_line, t->mask);
	t->mask--;
}

void line_table_clear(line_table *t)
{
	for (uint64_t i = 0; t->slots && i <= t->mask; i++)
		if (t->slots[i].owners)
			g_array_unref(t->slots[i].owners);
	g_clear_pointer(&t->slots, g_free);
}

known_line *line_table_find(const line_table *t, uint64_t hash)
{
	uint64_t i = (hash ^ hash >> 29) & t->mask;
	while (t->slots[i].owners && t->slots[i].hash != hash)
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

void line_table_add(line_table *t, uint64_t hash, guint owner)
{
	known_line *line = line_table_find(t, hash);
	if (!line->owners) {
		line->hash = hash;
		line->owners = g_array_new(FALSE, FALSE, sizeof(guint));
	}
	if (line->owners->len <= POSTINGS_LIMIT)
		g_array_append_val(line->owners, owner);
}

const GArray *line_table_meet(const line_table *t, uint64_t hash, guint index)
{
	known_line *line = line_table_find(t, hash);
	if (!line->owners || line->last == index + 1)
		return NULL;
	line->last = index + 1;
	line->files++;
	return line->owners->len <= POSTINGS_LIMIT ? line->owners : NULL;
}
