/* What an analyzer is given, and where it writes. */
#include "model/unit.h"

void analysis_unit_free(analysis_unit *u)
{
	if (!u)
		return;
	g_free(u->path);
	g_clear_pointer(&u->text, g_bytes_unref);
	g_free(u->arch);
	g_free(u->root);
	g_free(u->map);
	g_clear_pointer(&u->args, g_ptr_array_unref);
	g_free(u->how);
	g_free(u);
}

memory_file *memory_file_new(const char *path, GBytes *data)
{
	memory_file *m = g_new0(memory_file, 1);
	m->path = g_strdup(path);
	m->data = g_bytes_ref(data);
	return m;
}

void memory_file_free(memory_file *m)
{
	if (!m)
		return;
	g_free(m->path);
	g_bytes_unref(m->data);
	g_free(m);
}

computed_header *computed_header_new(const char *path, GBytes *text)
{
	computed_header *h = g_new0(computed_header, 1);
	h->path = g_strdup(path);
	h->text = g_bytes_ref(text);
	h->places = g_ptr_array_new_with_free_func(g_free);
	h->parts = g_ptr_array_new_with_free_func((GDestroyNotify)memory_file_free);
	h->args = g_ptr_array_new_with_free_func(g_free);
	h->reads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return h;
}

void computed_header_free(computed_header *h)
{
	if (!h)
		return;
	g_ptr_array_unref(h->places);
	g_free(h->path);
	g_bytes_unref(h->text);
	g_ptr_array_unref(h->parts);
	g_ptr_array_unref(h->args);
	g_clear_pointer(&h->made, g_bytes_unref);
	g_hash_table_unref(h->reads);
	g_free(h);
}

void fact_sink_init(fact_sink *s)
{
	s->sets = g_ptr_array_new_with_free_func((GDestroyNotify)fact_set_free);
	s->index = g_hash_table_new(g_str_hash, g_str_equal);
	s->reads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void fact_sink_clear(fact_sink *s)
{
	g_clear_pointer(&s->index, g_hash_table_unref);
	g_clear_pointer(&s->sets, g_ptr_array_unref);
	g_clear_pointer(&s->reads, g_hash_table_unref);
}

fact_set *fact_sink_file(fact_sink *s, const char *path, const oid *blob)
{
	fact_set *set = g_hash_table_lookup(s->index, path);
	if (!set) {
		set = fact_set_new(path, blob);
		g_ptr_array_add(s->sets, set);
		g_hash_table_insert(s->index, set->path, set);
	}
	return set;
}

void fact_sink_read(fact_sink *s, const char *path)
{
	if (!g_hash_table_contains(s->reads, path))
		g_hash_table_add(s->reads, g_strdup(path));
}
