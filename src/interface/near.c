/* What came nearest to a rule. */
#include "interface/near.h"

#include <string.h>

/* Bytes of a detail that are shown. */
#define DETAIL_BYTES 60

/* The keys in the order in which they are asked: who fails later is nearer. */
static unsigned rank_of(const char *key)
{
	static const char *const keys[] = {"kind", "entity", "change", "copy", "path", "not_path",
		"condition", "not_condition", "detail", "not_detail", "in", "not_in", "beside",
		"base", "gone", "has", "lacks", "other", "gains", "loses"};
	unsigned rank = 1;
	while (rank <= G_N_ELEMENTS(keys) && strcmp(keys[rank - 1], key))
		rank++;
	return rank;
}

void near_note(near *n, const char *key, const near_fact *f)
{
	if (!n)
		return;
	unsigned rank = rank_of(key);
	n->named++;
	if (rank < n->rank)
		return;
	if (rank == n->rank) {
		n->failed++;
		return;
	}
	bool cut = strlen(f->detail) > DETAIL_BYTES;
	g_free(n->text);
	n->text = g_strdup_printf("%s:%u: %s %s%s%.*s%s, %s", f->path, f->line, f->kind, f->name,
		*f->detail ? " " : "", DETAIL_BYTES, f->detail, cut ? "..." : "", f->change);
	n->rank = rank;
	n->failed = 1;
	n->key = key;
}

void near_note_base(near *n)
{
	if (n)
		n->base = true;
}

char *near_tell(const near *n)
{
	if (n->rank)
		return g_strdup_printf("%u %s the name; the nearest does not pass \"%s\": %s",
			n->named, n->named == 1 ? "has" : "have", n->key, n->text);
	if (n->base)
		return g_strdup("the base does not pass \"base_has\" or \"base_lacks\"");
	return g_strdup("nothing that the file adds, changes or removes has the name");
}

void near_clear(near *n)
{
	g_clear_pointer(&n->text, g_free);
}
