/* What a configuration holds: what was set, room for what follows from it, and both put to rest. */
#include "kernel/kconfig_values.h"

#include <string.h>

typedef struct kept_value {
	guint id;
	user_value user;
} kept_value;

kconfig_values *kconfig_values_new(const kconfig *k)
{
	kconfig_values *v = g_new0(kconfig_values, 1);
	v->k = k;
	v->count = k->symbols->len;
	v->user = g_new0(user_value, v->count);
	v->value = g_new0(symbol_value, v->count);
	v->strings = g_string_chunk_new(4096);
	return v;
}

static void put_kept(kconfig_values *v, const GArray *kept)
{
	for (guint i = 0; i < kept->len; i++) {
		const kept_value *one = &g_array_index(kept, kept_value, i);
		v->user[one->id] = one->user;
	}
}

kconfig_values *kconfig_values_copy(const kconfig_values *v)
{
	kconfig_values *copy = kconfig_values_new(v->k);
	const user_value *from = v->user ? v->user : v->like->user;
	memcpy(copy->user, from, v->count * sizeof(user_value));
	if (!v->user)
		put_kept(copy, v->kept);
	for (guint i = 0; i < v->count; i++)
		if (copy->user[i].text)
			copy->user[i].text =
				g_string_chunk_insert_const(copy->strings, copy->user[i].text);
	return copy;
}

void kconfig_values_free(kconfig_values *v)
{
	if (!v)
		return;
	g_free(v->user);
	g_free(v->value);
	g_string_chunk_free(v->strings);
	g_clear_pointer(&v->kept, g_array_unref);
	g_free(v);
}

void kconfig_values_invalidate(kconfig_values *v)
{
	if (v->value)
		memset(v->value, 0, v->count * sizeof(symbol_value));
}

static bool is_same(const user_value *a, const user_value *b)
{
	return a->set == b->set && a->forced == b->forced && a->tri == b->tri &&
	       a->chosen == b->chosen && !g_strcmp0(a->text, b->text);
}

void kconfig_values_rest(kconfig_values *v, const kconfig_values *like)
{
	if (!v->user || v == like)
		return;
	g_assert(like->user && like->k == v->k);
	v->like = like;
	v->kept = g_array_new(FALSE, FALSE, sizeof(kept_value));
	for (guint i = 0; i < v->count; i++) {
		if (!is_same(&v->user[i], &like->user[i])) {
			kept_value one = {i, v->user[i]};
			g_array_append_val(v->kept, one);
		}
	}
	g_clear_pointer(&v->user, g_free);
	g_clear_pointer(&v->value, g_free);
}

/* Texts that both had alike are those of `like` from here on. */
void kconfig_values_unpack(kconfig_values *v)
{
	v->user = g_new(user_value, v->count);
	v->value = g_new0(symbol_value, v->count);
	memcpy(v->user, v->like->user, v->count * sizeof(user_value));
	put_kept(v, v->kept);
	g_clear_pointer(&v->kept, g_array_unref);
}
