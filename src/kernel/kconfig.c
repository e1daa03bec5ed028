/* A configuration language as read: its symbols, what they are kept in, and questions to it. */
#include <stdlib.h>
#include <string.h>

#include "kernel/kconfig_reader.h"

void *kconfig_node(kconfig *k, size_t size)
{
	void *n = g_malloc0(size);
	g_ptr_array_add(k->nodes, n);
	return n;
}

char *kconfig_keep(kconfig *k, const char *text)
{
	return g_string_chunk_insert_const(k->strings, text);
}

kconfig_symbol *kconfig_symbol_new(kconfig *k, const char *name)
{
	kconfig_symbol *s = kconfig_node(k, sizeof(*s));
	s->id = k->symbols->len;
	s->name = name ? kconfig_keep(k, name) : NULL;
	g_ptr_array_add(k->symbols, s);
	return s;
}

kconfig_symbol *kconfig_symbol_named(kconfig *k, const char *name)
{
	kconfig_symbol *s = g_hash_table_lookup(k->names, name);
	if (!s) {
		s = kconfig_symbol_new(k, name);
		g_hash_table_insert(k->names, (char *)s->name, s);
	}
	return s;
}

kconfig_symbol *kconfig_symbol_constant(kconfig *k, const char *text)
{
	kconfig_symbol *s = g_hash_table_lookup(k->constants, text);
	if (!s) {
		s = kconfig_symbol_new(k, text);
		s->constant = true;
		g_hash_table_insert(k->constants, (char *)s->name, s);
	}
	return s;
}

static void symbol_clear(gpointer data)
{
	kconfig_symbol *s = data;
	g_clear_pointer(&s->members, g_ptr_array_unref);
	g_clear_pointer(&s->properties, g_ptr_array_unref);
	g_clear_pointer(&s->entries, g_ptr_array_unref);
}

/* Whether KERNELVERSION names a kernel before v2.6.36. */
static bool has_old_choices(GHashTable *environment)
{
	const char *version =
		environment ? g_hash_table_lookup(environment, "KERNELVERSION") : NULL;
	return version && g_str_has_prefix(version, "2.6.") && atoi(version + 4) < 36;
}

kconfig *kconfig_new(GHashTable *environment)
{
	kconfig *k = g_new0(kconfig, 1);
	k->strings = g_string_chunk_new(1 << 16);
	k->nodes = g_ptr_array_new_with_free_func(g_free);
	k->symbols = g_ptr_array_new_with_free_func(symbol_clear);
	k->names = g_hash_table_new(g_str_hash, g_str_equal);
	k->constants = g_hash_table_new(g_str_hash, g_str_equal);
	k->properties = g_ptr_array_new();
	k->problems = g_ptr_array_new_with_free_func(g_free);
	k->files = g_ptr_array_new_with_free_func(g_free);
	k->environment = environment;
	k->old_choices = has_old_choices(environment);
	k->yes = kconfig_symbol_constant(k, "y");
	k->mod = kconfig_symbol_constant(k, "m");
	k->no = kconfig_symbol_constant(k, "n");
	k->modules = kconfig_symbol_named(k, "MODULES");
	k->root = kconfig_node(k, sizeof(*k->root));
	return k;
}

void kconfig_free(kconfig *k)
{
	if (!k)
		return;
	g_ptr_array_unref(k->symbols);
	g_ptr_array_unref(k->nodes);
	g_hash_table_unref(k->names);
	g_hash_table_unref(k->constants);
	g_ptr_array_unref(k->properties);
	g_ptr_array_unref(k->problems);
	g_ptr_array_unref(k->files);
	g_string_chunk_free(k->strings);
	g_free(k);
}

const kconfig_symbol *kconfig_find(const kconfig *k, const char *name)
{
	return g_hash_table_lookup(k->names, name);
}

const GPtrArray *kconfig_symbols(const kconfig *k)
{
	return k->symbols;
}

const kconfig_entry *kconfig_root(const kconfig *k)
{
	return k->root;
}

const GPtrArray *kconfig_problems(const kconfig *k)
{
	return k->problems;
}

const GPtrArray *kconfig_files(const kconfig *k)
{
	return k->files;
}

const char *kconfig_type_name(kconfig_type type)
{
	static const char *const names[] = {"", "bool", "tristate", "int", "hex", "string"};
	return names[type];
}
