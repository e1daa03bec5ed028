/* Reading the names of a series' texts into tables. */
#include "plan/reader.h"

#include <string.h>

#include "model/path.h"

unsigned atom_line_patch(const atom *a, unsigned line, bool tip)
{
	const change_hunk *h = a->lines;
	if (!h)
		return 0;
	unsigned start = tip ? h->new_start : h->old_start;
	unsigned count = tip ? h->new_count : h->old_count;
	const unsigned *patches = tip ? h->new_patch : h->old_patch;
	return patches && start <= line && line - start < count ? patches[line - start] : 0;
}

static void file_names_free(gpointer data)
{
	file_names *f = data;
	source_names_free(f->base);
	source_names_free(f->tip);
	g_array_unref(f->includes);
	g_hash_table_unref(f->base_defined);
	g_hash_table_unref(f->tip_defined);
	g_hash_table_unref(f->always);
	g_free(f);
}

static GHashTable *table_of_arrays(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
}

void reader_init(reader *d, links *k, repo *r, unsigned series_index)
{
	*d = (reader){.k = k, .r = r, .series = series_index};
	d->files = g_ptr_array_new_with_free_func(file_names_free);
	d->known = g_hash_table_new(g_str_hash, g_str_equal);
	d->added = table_of_arrays();
	d->removed = table_of_arrays();
	d->added_fields = table_of_arrays();
	d->removed_fields = table_of_arrays();
	d->removed_uses = table_of_arrays();
	d->removed_members = table_of_arrays();
	d->added_uses = table_of_arrays();
	d->symbols = table_of_arrays();
	d->old_symbols = g_hash_table_new(g_str_hash, g_str_equal);
}

void reader_clear(reader *d)
{
	g_hash_table_unref(d->known);
	g_hash_table_unref(d->added);
	g_hash_table_unref(d->removed);
	g_hash_table_unref(d->added_fields);
	g_hash_table_unref(d->removed_fields);
	g_hash_table_unref(d->removed_uses);
	g_hash_table_unref(d->removed_members);
	g_hash_table_unref(d->added_uses);
	g_hash_table_unref(d->symbols);
	g_hash_table_unref(d->old_symbols);
	g_ptr_array_unref(d->files); /* the tables borrow its strings */
}

static bool read_source(
	repo *r, source_names **out, const oid *blob, const char *path, GError **err)
{
	source_language language = source_language_of(path);
	if (oid_is_zero(blob) || language == SOURCE_OTHER) {
		*out = source_names_read("", 0, SOURCE_OTHER);
		return true;
	}
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_blob(r, &bytes, blob, err))
		return false;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	*out = source_names_read(text ? text : "", len, language);
	return true;
}

static GHashTable *defined_names(const source_names *s)
{
	GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < s->names->len; i++) {
		const source_name *n = &g_array_index(s->names, source_name, i);
		if (n->kind == NAME_DEFINED)
			g_hash_table_add(set, (gpointer)n->text);
	}
	return set;
}

static bool is_conditional(const source_names *s, unsigned line)
{
	for (guint i = 0; i < s->conditions->len; i++) {
		const line_condition *c = &g_array_index(s->conditions, line_condition, i);
		if (c->first <= line && line <= c->last)
			return true;
	}
	return false;
}

static GHashTable *names_defined_always(const source_names *s)
{
	GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; s->conditions->len && i < s->names->len; i++) {
		const source_name *n = &g_array_index(s->names, source_name, i);
		if ((n->kind == NAME_DEFINED || n->kind == NAME_FIELD) &&
			!is_conditional(s, n->line))
			g_hash_table_add(set, (gpointer)n->text);
	}
	return set;
}

/* A new header of the name of one in the base, in a directory above: it stands in for that one.
 * include/asm-x/mach-y/asm/page.h -> include/asm-x/page.h. */
static bool find_replaced(reader *d, tree_entry *out, char **path, const char *added)
{
	g_autofree char *name = g_path_get_basename(added);
	g_autofree char *directory = g_path_get_dirname(added);
	while (strcmp(directory, ".")) {
		char *parent = g_path_get_dirname(directory);
		g_free(directory);
		directory = parent;
		g_autofree char *candidate = g_build_filename(directory, name, NULL);
		if (repo_lookup(d->r, &d->k->l->m->base_tree, candidate, out, NULL)) {
			*path = g_steal_pointer(&candidate);
			return true;
		}
	}
	return false;
}

bool reader_read(reader *d, const file_change *change, GError **err)
{
	g_autoptr(source_names) base = NULL;
	g_autoptr(source_names) tip = NULL;
	g_autofree char *replaced = NULL;
	tree_entry entry = {.id = change->old_oid};
	oid none = {0};
	bool text = !change_is_whole(change);
	if (text && change->status == CHANGE_ADDED && path_is_header(change->path) &&
		!find_replaced(d, &entry, &replaced, change->path))
		entry.id = none;
	if (!read_source(d->r, &base, text ? &entry.id : &none, change->path, err) ||
		!read_source(d->r, &tip, text ? &change->new_oid : &none, change->path, err))
		return false;
	file_names *f = g_new0(file_names, 1);
	f->change = change;
	f->stand_in = replaced != NULL;
	f->atoms = atom_list_path(d->k->l, d->series, change->path);
	f->includes = g_array_new(FALSE, FALSE, sizeof(include_line));
	f->base_defined = defined_names(base);
	f->tip_defined = defined_names(tip);
	f->always = names_defined_always(tip);
	f->base = g_steal_pointer(&base);
	f->tip = g_steal_pointer(&tip);
	g_ptr_array_add(d->files, f);
	return true;
}

unsigned reader_atom(const reader *d, const file_names *f, unsigned line, bool tip)
{
	guint low = 0, high = f->atoms->len;
	if (!tip && f->change->status == CHANGE_ADDED)
		return G_MAXUINT; /* the base text is another file's */
	while (low < high) {
		guint middle = low + (high - low) / 2;
		unsigned id = g_array_index(f->atoms, unsigned, middle);
		const change_hunk *h = atom_get(d->k->l, id)->lines;
		if (!h)
			return G_MAXUINT;
		unsigned start = tip ? h->new_start : h->old_start;
		unsigned count = tip ? h->new_count : h->old_count;
		if (count ? line >= start + count : line > start)
			low = middle + 1;
		else if (!count || line < start)
			high = middle;
		else
			return id;
	}
	return G_MAXUINT;
}

static void push_definition(GHashTable *table, const source_name *n, const definition *def)
{
	GArray *list = g_hash_table_lookup(table, n->text);
	if (!list) {
		list = g_array_new(FALSE, FALSE, sizeof(definition));
		g_hash_table_insert(table, (gpointer)n->text, list);
	}
	g_array_append_val(list, *def);
}

static void push_atom(GHashTable *table, const char *name, unsigned id)
{
	GArray *list = g_hash_table_lookup(table, name);
	if (!list) {
		list = g_array_new(FALSE, FALSE, sizeof(unsigned));
		g_hash_table_insert(table, (gpointer)name, list);
	}
	if (!list->len || g_array_index(list, unsigned, list->len - 1) != id)
		g_array_append_val(list, id);
}

static void push_maker(links *k, const char *name, unsigned id)
{
	push_atom(k->makers, g_string_chunk_insert_const(k->strings, name), id);
}

static void collect_tip(reader *d, const file_names *f)
{
	for (guint i = 0; i < f->tip->names->len; i++) {
		const source_name *n = &g_array_index(f->tip->names, source_name, i);
		unsigned id = reader_atom(d, f, n->line, true);
		if (n->kind == NAME_INCLUDED) {
			include_line at = {n->text, id};
			g_array_append_val(f->includes, at);
		}
		if (id == G_MAXUINT)
			continue;
		bool fresh = !g_hash_table_contains(f->base_defined, n->text);
		definition def = {id, atom_line_patch(atom_get(d->k->l, id), n->line, true),
			f->change, f, n->shape, n->macro, fresh, f->stand_in, 0};
		if (!g_hash_table_contains(f->always, n->text) && is_conditional(f->tip, n->line))
			def.line = n->line;
		if (n->kind == NAME_DEFINED || n->kind == NAME_FIELD || n->kind == NAME_SYMBOL)
			push_maker(d->k, n->text, id);
		if (n->kind == NAME_DEFINED)
			push_definition(d->added, n, &def);
		else if (n->kind == NAME_FIELD)
			push_definition(d->added_fields, n, &def);
		else if (n->kind == NAME_SYMBOL)
			push_definition(d->symbols, n, &def);
		else if (n->kind == NAME_USED)
			push_atom(d->added_uses, n->text, id);
	}
}

static void collect_base(reader *d, const file_names *f)
{
	for (guint i = 0; i < f->base->names->len; i++) {
		const source_name *n = &g_array_index(f->base->names, source_name, i);
		if (n->kind == NAME_DEFINED && path_is_header(f->change->path) &&
			f->change->status != CHANGE_ADDED)
			g_hash_table_add(d->known, (gpointer)n->text);
		if (n->kind == NAME_SYMBOL)
			g_hash_table_add(d->old_symbols, (gpointer)n->text);
		unsigned id = reader_atom(d, f, n->line, false);
		if (id == G_MAXUINT)
			continue;
		definition def = {id, atom_line_patch(atom_get(d->k->l, id), n->line, false),
			f->change, f, n->shape, n->macro, false, false, 0};
		if (n->kind == NAME_DEFINED)
			push_definition(d->removed, n, &def);
		else if (n->kind == NAME_FIELD)
			push_definition(d->removed_fields, n, &def);
		else if (n->kind == NAME_USED)
			push_atom(d->removed_uses, n->text, id);
		else if (n->kind == NAME_MEMBER)
			push_atom(d->removed_members, n->text, id);
	}
}

void reader_collect(reader *d)
{
	for (guint i = 0; i < d->files->len; i++) {
		collect_base(d, g_ptr_array_index(d->files, i));
		collect_tip(d, g_ptr_array_index(d->files, i));
	}
}
