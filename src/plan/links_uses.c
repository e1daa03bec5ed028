/* What a use of a name, a symbol or a file comes after. */
#include "plan/reader.h"

#include <string.h>

#include "model/path.h"

/* The use comes after an atom, whose lines are of `to_patch` (0: not known) and give it `name`. */
static void use_after(
	links *k, const use_place *use, unsigned to, unsigned to_patch, const char *name)
{
	link_edge e = {use->atom, to, atom_line_patch(atom_get(k->l, use->atom), use->line, true),
		to_patch, name ? g_string_chunk_insert_const(k->strings, name) : NULL};
	links_add(k, &e);
}

/* A new definition that a file needs: one of a header that says something new. A new header that
 * stands in for one of the base matters only to files that are new with it. */
static bool is_needed(
	const reader *d, const definition *def, const char *name, const file_names *user)
{
	if (def->change == user->change)
		return true;
	if (!path_is_header(def->change->path) ||
		paths_are_of_other_archs(def->change->path, user->change->path))
		return false;
	bool new_user = user->change->status == CHANGE_ADDED;
	if (!def->fresh)
		return new_user && def->change->status == CHANGE_ADDED;
	return new_user || !g_hash_table_contains(d->known, name);
}

/* A file of the base that uses a name of a new header comes after what brings the header in: an
 * #include of its own, or of a header that it includes. */
static void need_includer(reader *d, const use_place *use, const file_change *header)
{
	const file_names *user = use->file;
	unsigned own = reader_including_atom(user, header);
	if (own != G_MAXUINT) {
		use_after(d->k, use, own, 0, NULL);
		return;
	}
	for (guint i = 0; i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		if (f->change->status == CHANGE_ADDED || !path_is_header(f->change->path) ||
			!reader_includes(user, f->change))
			continue;
		unsigned through = reader_including_atom(f, header);
		if (through != G_MAXUINT)
			use_after(d->k, use, through, 0, NULL);
	}
}

/* --- what a configuration symbol opens --- */

/* The hunks that make a new Kconfig file count: those that name it as a source. */
static void need_sources(reader *d, const use_place *use, const file_change *kconfig)
{
	for (guint i = 0; i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		if (source_language_of(f->change->path) != SOURCE_KCONFIG)
			continue;
		for (guint k = 0; k < f->tip->names->len; k++) {
			const source_name *n = &g_array_index(f->tip->names, source_name, k);
			unsigned at = n->kind == NAME_FILE && !strcmp(n->text, kconfig->path)
					      ? reader_atom(d, f, n->line, true)
					      : G_MAXUINT;
			if (at != G_MAXUINT)
				use_after(d->k, use, at,
					atom_line_patch(atom_get(d->k->l, at), n->line, true),
					NULL);
		}
	}
}

/* What needs a new symbol comes after the entries that define it: without them no configuration
 * has it on. */
static void need_symbol(reader *d, const use_place *use, const char *symbol)
{
	const file_change *user = use->file->change;
	const GArray *defs = g_hash_table_lookup(d->symbols, symbol);
	if (!defs || g_hash_table_contains(d->old_symbols, symbol))
		return;
	bool entry = source_language_of(user->path) == SOURCE_KCONFIG;
	for (guint i = 0; i < defs->len; i++) {
		const definition *def = &g_array_index(defs, definition, i);
		if (def->atom == use->atom ||
			paths_are_of_other_archs(def->change->path, user->path))
			continue;
		use_after(d->k, use, def->atom, def->patch, symbol);
		if (!entry && def->change->status == CHANGE_ADDED)
			need_sources(d, use, def->change);
	}
}

/* True when a line of the tip of a file is read only where the symbol is on. */
static bool stands_under(const file_names *f, unsigned line, const char *symbol)
{
	for (guint i = 0; i < f->tip->conditions->len; i++) {
		const line_condition *c = &g_array_index(f->tip->conditions, line_condition, i);
		if (c->first <= line && line <= c->last && !strcmp(c->symbol, symbol))
			return true;
	}
	return false;
}

/* A use of a name that is defined only where a symbol is on needs the symbol, unless it stands
 * there itself or in a new file, which nobody builds before. */
static void need_conditions(reader *d, const use_place *use, const definition *def)
{
	bool built = use->file->change->status != CHANGE_ADDED;
	const file_names *at = def->line && built ? def->file : NULL;
	for (guint i = 0; at && i < at->tip->conditions->len; i++) {
		const line_condition *c = &g_array_index(at->tip->conditions, line_condition, i);
		if (c->first <= def->line && def->line <= c->last &&
			!stands_under(use->file, use->line, c->symbol))
			need_symbol(d, use, c->symbol);
	}
}

static void need_definitions(reader *d, const use_place *use, const GArray *defs, const char *name)
{
	const file_names *f = use->file;
	if (!defs || defs->len > COMMON_NAME)
		return;
	for (guint i = 0; i < defs->len; i++) {
		const definition *def = &g_array_index(defs, definition, i);
		if (def->atom == use->atom || !is_needed(d, def, name, f))
			continue;
		use_after(d->k, use, def->atom, def->patch, name);
		need_conditions(d, use, def);
		if (def->change->status == CHANGE_ADDED && f->change->status != CHANGE_ADDED &&
			def->change != f->change)
			need_includer(d, use, def->change);
	}
}

/* Links a hunk with the files of some status that a line names; `after`: the hunk comes after them,
 * otherwise they come after it. */
static void link_files(
	reader *d, const use_place *use, const source_name *n, change_status status, bool after)
{
	const file_names *f = use->file;
	g_autofree char *directory = g_path_get_dirname(f->change->path);
	size_t len = strlen(n->text);
	g_autofree char *stem = NULL;
	if (n->kind == NAME_FILE && source_language_of(f->change->path) == SOURCE_KBUILD)
		stem = n->text[len - 1] == '/'
			       ? g_build_filename(directory, n->text, "Makefile", NULL)
			       : g_strdup_printf("%s/%.*s.", directory, (int)len - 2, n->text);
	for (guint i = 0; i < d->files->len; i++) {
		const file_names *other = g_ptr_array_index(d->files, i);
		if (other == f || other->change->status != status)
			continue;
		const char *path = other->change->path;
		bool named;
		if (n->kind == NAME_INCLUDED)
			named = include_is_of(n->text, path, f->change->path);
		else if (stem)
			named = g_str_has_prefix(path, stem) && !strchr(path + strlen(stem), '/');
		else
			named = !strcmp(path, n->text);
		for (guint k = 0; named && k < other->atoms->len; k++) {
			unsigned to = g_array_index(other->atoms, unsigned, k);
			if (after)
				use_after(d->k, use, to, 0, NULL);
			else
				links_after(d->k, to, use->atom);
		}
	}
}

static void link_tip_names(reader *d, const file_names *f)
{
	for (guint i = 0; i < f->tip->names->len; i++) {
		const source_name *n = &g_array_index(f->tip->names, source_name, i);
		unsigned id = reader_atom(d, f, n->line, true);
		if (id == G_MAXUINT)
			continue;
		use_place use = {id, n->line, f};
		if (n->kind == NAME_USED) {
			bool own = g_hash_table_contains(f->tip_defined, n->text) &&
				   !g_hash_table_contains(f->base_defined, n->text);
			const GArray *defs = g_hash_table_lookup(d->added, n->text);
			if (own || !g_hash_table_contains(f->tip_defined, n->text))
				need_definitions(d, &use, defs, n->text);
		} else if (n->kind == NAME_MEMBER) {
			need_definitions(
				d, &use, g_hash_table_lookup(d->added_fields, n->text), n->text);
		} else if (n->kind == NAME_NEEDED) {
			need_symbol(d, &use, n->text);
		} else if (n->kind == NAME_INCLUDED || n->kind == NAME_FILE) {
			link_files(d, &use, n, CHANGE_ADDED, true);
		}
	}
}

static void link_base_names(reader *d, const file_names *f)
{
	for (guint i = 0; i < f->base->names->len; i++) {
		const source_name *n = &g_array_index(f->base->names, source_name, i);
		if (n->kind != NAME_INCLUDED && n->kind != NAME_FILE)
			continue;
		unsigned id = reader_atom(d, f, n->line, false);
		use_place use = {id, 0, f};
		if (id != G_MAXUINT)
			link_files(d, &use, n, CHANGE_DELETED, false);
	}
}

void link_uses(reader *d, const file_names *f)
{
	link_tip_names(d, f);
	link_base_names(d, f);
}
