/* Definitions that are taken away, moved or given another shape. */
#include "plan/reader.h"

#include <string.h>

#include "model/path.h"

/* The hunks that newly include the new header, of the removal's own file; of all files of the base
 * when that file has none, or when `all`. */
static void join_includers(reader *d, unsigned removal, const file_change *header, bool all)
{
	const file_change *own = atom_get(d->k->l, removal)->change;
	bool found = false;
	for (guint i = 0; i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		unsigned id = f->change == own ? reader_including_atom(f, header) : G_MAXUINT;
		if (id == G_MAXUINT)
			continue;
		links_join(d->k, removal, id);
		found = true;
	}
	for (guint i = 0; (all || !found) && i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		unsigned id = f->change->status != CHANGE_ADDED ? reader_including_atom(f, header)
								: G_MAXUINT;
		if (id != G_MAXUINT)
			links_join(d->k, removal, id);
	}
}

/* A definition taken from one place and put into another: not twice at a time, and never absent. */
static void link_move(reader *d, const definition *from, const definition *to, bool often)
{
	bool same_file = from->change == to->change;
	if (!same_file && (!path_is_header(from->change->path) ||
				  !path_is_header(to->change->path) || to->stand_in ||
				  paths_are_of_other_archs(from->change->path, to->change->path)))
		return;
	if (same_file || to->change->status != CHANGE_ADDED) {
		links_join(d->k, from->atom, to->atom);
		return;
	}
	links_add(d->k, &(link_edge){from->atom, to->atom, from->patch, to->patch, NULL});
	join_includers(d, from->atom, to->change, often && !from->macro);
}

/* A definition that is gone: after the uses of it. */
static void link_removal(reader *d, const definition *def, const GArray *uses)
{
	for (guint i = 0; uses && i < uses->len; i++) {
		unsigned id = g_array_index(uses, unsigned, i);
		const atom *user = atom_get(d->k->l, id);
		if (user->change == def->change ||
			(path_is_header(def->change->path) &&
				!paths_are_of_other_archs(user->change->path, def->change->path)))
			links_after(d->k, def->atom, id);
	}
}

static bool array_has(const GArray *ids, unsigned id)
{
	for (guint i = 0; ids && i < ids->len; i++) {
		if (g_array_index(ids, unsigned, i) == id)
			return true;
	}
	return false;
}

/* True when new code of a file means another definition of the name: a header's own, or that of a
 * header that is new as the file is. A .c file that defines what a header declares means both. */
static bool means_other(
	const reader *d, const definition *def, const file_change *user, const char *name)
{
	const GArray *defs = g_hash_table_lookup(d->added, name);
	for (guint i = 0; defs && i < defs->len; i++) {
		const definition *other = &g_array_index(defs, definition, i);
		if (other->change != def->change &&
			((other->change == user && path_is_header(user->path)) ||
				(other->stand_in && user->status == CHANGE_ADDED)))
			return true;
	}
	return false;
}

/* A definition that changed its parameters or type: with the callers that change with it. */
static void link_reshaped(reader *d, const definition *def, const char *name)
{
	const GArray *added = g_hash_table_lookup(d->added_uses, name);
	const GArray *removed = g_hash_table_lookup(d->removed_uses, name);
	bool header = path_is_header(def->change->path);
	for (guint i = 0; added && i < added->len; i++) {
		unsigned id = g_array_index(added, unsigned, i);
		const file_change *change = atom_get(d->k->l, id)->change;
		if ((!header && change != def->change) || means_other(d, def, change, name))
			continue;
		if (array_has(removed, id))
			links_join(d->k, def->atom, id);
		else
			links_after(d->k, id, def->atom);
	}
	for (guint i = 0; removed && i < removed->len; i++) {
		unsigned id = g_array_index(removed, unsigned, i);
		const file_change *change = atom_get(d->k->l, id)->change;
		if ((header || change == def->change) && !array_has(added, id))
			links_after(d->k, def->atom, id);
	}
}

/* A definition private to a .c file that a header takes over: the file's calls change with it. */
static void link_takeover(reader *d, const definition *from, const definition *to, const char *name)
{
	if (path_is_header(from->change->path) || !path_is_header(to->change->path) ||
		to->stand_in || paths_are_of_other_archs(from->change->path, to->change->path))
		return;
	links_add(d->k, &(link_edge){from->atom, to->atom, from->patch, to->patch, NULL});
	if (from->shape != to->shape)
		link_reshaped(d, from, name);
}

static void link_definition_lists(
	reader *d, const char *name, const GArray *removed, const GArray *added, const GArray *uses)
{
	for (guint i = 0; i < removed->len; i++) {
		const definition *from = &g_array_index(removed, definition, i);
		if (!added || !added->len) {
			link_removal(d, from, uses);
			continue;
		}
		for (guint k = 0; k < added->len; k++) {
			const definition *to = &g_array_index(added, definition, k);
			if (from->atom != to->atom)
				link_move(d, from, to, removed->len > 1);
			if (from->change != to->change)
				link_takeover(d, from, to, name);
			else if (from->shape != to->shape)
				link_reshaped(d, to, name);
		}
	}
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static void link_definitions(reader *d, GHashTable *removed, GHashTable *added, GHashTable *uses)
{
	g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(removed), compare_names);
	for (GList *n = names; n; n = n->next) {
		const GArray *gone = g_hash_table_lookup(removed, n->data);
		const GArray *new = g_hash_table_lookup(added, n->data);
		if (gone->len <= COMMON_NAME && (!new || new->len <= COMMON_NAME))
			link_definition_lists(
				d, n->data, gone, new, g_hash_table_lookup(uses, n->data));
	}
}

void link_moves(reader *d)
{
	link_definitions(d, d->removed, d->added, d->removed_uses);
	link_definitions(d, d->removed_fields, d->added_fields, d->removed_members);
}
