/* Which hunks of a series depend on which, read from the names in their lines. */
#include "plan/links.h"

#include <string.h>

#include "model/path.h"
#include "plan/names.h"

/* A name that more hunks than this define is too common to tell anything. */
#define COMMON_NAME 8u

/* --- the lists --- */

static void links_init(links *k, const atom_list *l)
{
	*k = (links){.l = l};
	k->joins = g_array_new(FALSE, FALSE, sizeof(link_join));
	k->edges = g_array_new(FALSE, FALSE, sizeof(link_edge));
	k->makers =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
	k->strings = g_string_chunk_new(4096);
}

void links_clear(links *k)
{
	g_clear_pointer(&k->joins, g_array_unref);
	g_clear_pointer(&k->edges, g_array_unref);
	g_clear_pointer(&k->makers, g_hash_table_unref);
	g_clear_pointer(&k->strings, g_string_chunk_free);
}

static void links_join(links *k, unsigned a, unsigned b)
{
	link_join j = {a, b};
	if (a != b)
		g_array_append_val(k->joins, j);
}

static void add_edge(links *k, const link_edge *e)
{
	if (e->from != e->to)
		g_array_append_vals(k->edges, e, 1);
}

static void links_after(links *k, unsigned from, unsigned to)
{
	add_edge(k, &(link_edge){.from = from, .to = to});
}

/* The patch that added (removed) a line of an atom; 0: not known. */
static unsigned patch_of_line(const atom *a, unsigned line, bool tip)
{
	const change_hunk *h = a->lines;
	if (!h)
		return 0;
	unsigned start = tip ? h->new_start : h->old_start;
	unsigned count = tip ? h->new_count : h->old_count;
	const unsigned *patches = tip ? h->new_patch : h->old_patch;
	return patches && start <= line && line - start < count ? patches[line - start] : 0;
}

/* --- what one series' texts say --- */

/* A definition in lines that a hunk adds or removes. */
typedef struct file_names file_names;

typedef struct definition {
	unsigned atom;
	unsigned patch; /* that adds or removes it; 0: not known */
	const file_change *change;
	const file_names *file;
	guint shape;
	bool macro;
	bool fresh;    /* added: the file did not define the name before */
	bool stand_in; /* in a new header that stands in for one of the base */
	unsigned line; /* of an added one, in the tip: it stands under a condition there, and the
			* file defines the name nowhere else; else 0 */
} definition;

/* An #include of a tip. */
typedef struct include_line {
	const char *path; /* as written */
	unsigned atom;	  /* the hunk that adds it, or G_MAXUINT */
} include_line;

struct file_names {
	const file_change *change;
	const GArray *atoms; /* unsigned */
	source_names *base, *tip;
	GArray *includes;	  /* include_line */
	bool stand_in;		  /* a new header that stands in for one of the base */
	GHashTable *base_defined; /* names; of a new header also those of the header it replaces */
	GHashTable *tip_defined;
	GHashTable *always; /* names and fields that the tip defines under no condition */
};

/* Where a hunk uses a name. */
typedef struct use_place {
	unsigned atom;
	unsigned line; /* of the tip */
	const file_names *file;
} use_place;

/* The use comes after an atom, whose lines are of `to_patch` (0: not known) and give it `name`. */
static void use_after(
	links *k, const use_place *use, unsigned to, unsigned to_patch, const char *name)
{
	link_edge e = {use->atom, to, patch_of_line(atom_get(k->l, use->atom), use->line, true),
		to_patch, name ? g_string_chunk_insert_const(k->strings, name) : NULL};
	add_edge(k, &e);
}

typedef struct reader {
	links *k;
	repo *r;
	unsigned series;
	GPtrArray *files;	     /* file_names * */
	GHashTable *known;	     /* names that a touched header of the base defines */
	GHashTable *added, *removed; /* name -> GArray of definition */
	GHashTable *added_fields, *removed_fields;  /* the same */
	GHashTable *removed_uses, *removed_members; /* name -> GArray of unsigned */
	GHashTable *added_uses;			    /* the same */
	GHashTable *symbols;	 /* configuration symbol -> GArray of definition: entries added */
	GHashTable *old_symbols; /* those with an entry in the base of a touched file */
} reader;

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

static void reader_init(reader *d, links *k, repo *r, unsigned series_index)
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

static void reader_clear(reader *d)
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

static bool read_file(reader *d, const file_change *change, GError **err)
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

/* The hunk that adds (removes) a line; G_MAXUINT when none does. */
static unsigned atom_of_line(const reader *d, const file_names *f, unsigned line, bool tip)
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
		unsigned id = atom_of_line(d, f, n->line, true);
		if (n->kind == NAME_INCLUDED) {
			include_line at = {n->text, id};
			g_array_append_val(f->includes, at);
		}
		if (id == G_MAXUINT)
			continue;
		bool fresh = !g_hash_table_contains(f->base_defined, n->text);
		definition def = {id, patch_of_line(atom_get(d->k->l, id), n->line, true),
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
		unsigned id = atom_of_line(d, f, n->line, false);
		if (id == G_MAXUINT)
			continue;
		definition def = {id, patch_of_line(atom_get(d->k->l, id), n->line, false),
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

/* --- hunks that cannot be told apart --- */

/* Hunks inside one function, type or macro. */
static void join_blocks(reader *d, const file_names *f, bool tip)
{
	const GArray *blocks = tip ? f->tip->blocks : f->base->blocks;
	if (!tip && f->change->status == CHANGE_ADDED)
		return;
	for (guint i = 0; i < blocks->len; i++) {
		const line_block *b = &g_array_index(blocks, line_block, i);
		unsigned first = G_MAXUINT;
		for (guint k = 0; k < f->atoms->len; k++) {
			unsigned id = g_array_index(f->atoms, unsigned, k);
			const change_hunk *h = atom_get(d->k->l, id)->lines;
			unsigned start = tip ? h->new_start : h->old_start;
			unsigned count = tip ? h->new_count : h->old_count;
			bool inside = count ? start <= b->last && b->first < start + count
					    : b->first <= start && start < b->last;
			if (!inside)
				continue;
			if (first == G_MAXUINT)
				first = id;
			links_join(d->k, first, id);
		}
	}
}

static void add_balance(
	line_balance *sum, const source_names *s, unsigned start, unsigned count, int sign)
{
	for (unsigned line = start; line < start + count && line <= s->balance->len; line++) {
		const line_balance *b = &g_array_index(s->balance, line_balance, line - 1);
		sum->braces += sign * b->braces;
		sum->parens += sign * b->parens;
		sum->conditions += sign * b->conditions;
	}
}

/* A hunk that opens more than it closes goes with those up to where it is closed. */
static void join_unbalanced(reader *d, const file_names *f)
{
	line_balance sum = {0, 0, 0};
	unsigned before = G_MAXUINT;
	for (guint i = 0; i < f->atoms->len; i++) {
		unsigned id = g_array_index(f->atoms, unsigned, i);
		const change_hunk *h = atom_get(d->k->l, id)->lines;
		if (before != G_MAXUINT && (sum.braces || sum.parens || sum.conditions))
			links_join(d->k, before, id);
		add_balance(&sum, f->tip, h->new_start, h->new_count, 1);
		add_balance(&sum, f->base, h->old_start, h->old_count, -1);
		before = id;
	}
}

static void join_file(reader *d, const file_names *f)
{
	if (f->atoms->len < 2)
		return;
	if (change_is_whole(f->change)) {
		for (guint i = 1; i < f->atoms->len; i++)
			links_join(d->k, g_array_index(f->atoms, unsigned, 0),
				g_array_index(f->atoms, unsigned, i));
		return;
	}
	join_blocks(d, f, true);
	join_blocks(d, f, false);
	join_unbalanced(d, f);
}

/* --- what comes after what --- */

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

/* "../../x/y.c" counts from the directory of the file that says so. */
static bool is_relative_include(const char *written, const char *path, const char *user)
{
	if (!g_str_has_prefix(written, "../"))
		return false;
	g_autofree char *directory = g_path_get_dirname(user);
	g_autofree char *from = g_strconcat("/", directory, NULL);
	g_autofree char *full = g_canonicalize_filename(written, from);
	return !strcmp(full + 1, path);
}

/* <asm/x.h> is include/asm/x.h, include/asm-ARCH/x.h or a copy in a directory asm of its own, of
 * the architecture of the file that says so. */
static bool is_include_of(const char *written, const char *path, const char *user)
{
	size_t w = strlen(written), p = strlen(path);
	bool other_arch = paths_are_of_other_archs(path, user);
	if (is_relative_include(written, path, user))
		return true;
	if (p > w && path[p - w - 1] == '/' && !strcmp(path + p - w, written))
		return !other_arch || g_str_has_prefix(written, "asm-");
	if (other_arch)
		return false;
	const char *rest = g_str_has_prefix(written, "asm/") ? written + strlen("asm/") : NULL;
	const char *slash = rest && g_str_has_prefix(path, "include/asm-")
				    ? strchr(path + strlen("include/asm-"), '/')
				    : NULL;
	return slash && !strcmp(slash + 1, rest);
}

static bool includes(const file_names *f, const file_change *header)
{
	for (guint i = 0; i < f->includes->len; i++) {
		const include_line *n = &g_array_index(f->includes, include_line, i);
		if (is_include_of(n->path, header->path, f->change->path))
			return true;
	}
	return false;
}

/* The hunk of a file that newly includes a header; G_MAXUINT when none does. */
static unsigned including_atom(const file_names *f, const file_change *header)
{
	for (guint i = 0; i < f->includes->len; i++) {
		const include_line *n = &g_array_index(f->includes, include_line, i);
		if (n->atom != G_MAXUINT && is_include_of(n->path, header->path, f->change->path))
			return n->atom;
	}
	return G_MAXUINT;
}

/* A file of the base that uses a name of a new header comes after what brings the header in: an
 * #include of its own, or of a header that it includes. */
static void need_includer(reader *d, const use_place *use, const file_change *header)
{
	const file_names *user = use->file;
	unsigned own = including_atom(user, header);
	if (own != G_MAXUINT) {
		use_after(d->k, use, own, 0, NULL);
		return;
	}
	for (guint i = 0; i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		if (f->change->status == CHANGE_ADDED || !path_is_header(f->change->path) ||
			!includes(user, f->change))
			continue;
		unsigned through = including_atom(f, header);
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
					      ? atom_of_line(d, f, n->line, true)
					      : G_MAXUINT;
			if (at != G_MAXUINT)
				use_after(d->k, use, at,
					patch_of_line(atom_get(d->k->l, at), n->line, true), NULL);
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
			named = is_include_of(n->text, path, f->change->path);
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
		unsigned id = atom_of_line(d, f, n->line, true);
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
		unsigned id = atom_of_line(d, f, n->line, false);
		use_place use = {id, 0, f};
		if (id != G_MAXUINT)
			link_files(d, &use, n, CHANGE_DELETED, false);
	}
}

/* The hunks that newly include the new header, of the removal's own file; of all files of the base
 * when that file has none, or when `all`. */
static void join_includers(reader *d, unsigned removal, const file_change *header, bool all)
{
	const file_change *own = atom_get(d->k->l, removal)->change;
	bool found = false;
	for (guint i = 0; i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		unsigned id = f->change == own ? including_atom(f, header) : G_MAXUINT;
		if (id == G_MAXUINT)
			continue;
		links_join(d->k, removal, id);
		found = true;
	}
	for (guint i = 0; (all || !found) && i < d->files->len; i++) {
		const file_names *f = g_ptr_array_index(d->files, i);
		unsigned id =
			f->change->status != CHANGE_ADDED ? including_atom(f, header) : G_MAXUINT;
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
	add_edge(d->k, &(link_edge){from->atom, to->atom, from->patch, to->patch, NULL});
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
	add_edge(d->k, &(link_edge){from->atom, to->atom, from->patch, to->patch, NULL});
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

static bool read_series(links *k, repo *r, unsigned series_index, GError **err)
{
	const series *s = g_ptr_array_index(k->l->m->series, series_index);
	reader d;
	reader_init(&d, k, r, series_index);
	bool ok = true;
	for (guint i = 0; ok && s->changes && i < s->changes->len; i++)
		ok = read_file(&d, g_ptr_array_index(s->changes, i), err);
	for (guint i = 0; ok && i < d.files->len; i++) {
		collect_base(&d, g_ptr_array_index(d.files, i));
		collect_tip(&d, g_ptr_array_index(d.files, i));
	}
	for (guint i = 0; ok && i < d.files->len; i++) {
		const file_names *f = g_ptr_array_index(d.files, i);
		join_file(&d, f);
		link_tip_names(&d, f);
		link_base_names(&d, f);
	}
	if (ok) {
		link_definitions(&d, d.removed, d.added, d.removed_uses);
		link_definitions(&d, d.removed_fields, d.added_fields, d.removed_members);
	}
	reader_clear(&d);
	return ok;
}

bool links_read(links *k, const atom_list *l, repo *r, GError **err)
{
	links_init(k, l);
	for (unsigned i = 0; i < l->m->series->len; i++) {
		if (!read_series(k, r, i, err))
			return false;
	}
	return true;
}
