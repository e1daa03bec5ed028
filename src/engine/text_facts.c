/* Facts of files as a tree has them, by the text readers alone. */
#include "engine/text_facts.h"

#include <string.h>

#include "analyzers/list.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

bool text_facts_read(
	fact_set **out, GBytes **text, repo *r, const char *path, const oid *blob, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_blob(r, &bytes, blob, err))
		return false;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	fact_set *set = NULL;
	if (len <= LIMIT_SOURCE_BYTES && !text_is_binary(data, len)) {
		analysis_unit unit = {.path = (char *)path,
			.blob = *blob,
			.text = bytes,
			.arch = (char *)"",
			.bodies = true};
		g_autoptr(GPtrArray) readers = g_ptr_array_new();
		g_auto(fact_sink) sink = {0};
		fact_sink_init(&sink);
		analyzers_for(readers, path);
		for (guint i = 0; i < readers->len; i++) {
			const analyzer *a = g_ptr_array_index(readers, i);
			if (!a->needs_layout && !a->run(&unit, &sink, err))
				return false;
		}
		set = fact_set_new(path, blob);
		for (guint i = 0; i < sink.sets->len; i++)
			fact_set_merge(set, g_ptr_array_index(sink.sets, i));
		fact_set_finish(set);
	}
	*out = set;
	if (text)
		*text = g_steal_pointer(&bytes);
	return true;
}

/* --- records in a tree --- */

/* A file that was read. */
typedef struct text_file {
	fact_set *facts; /* NULL: not readable as text */
	GBytes *text;
} text_file;

/* Where records are looked for first: what is meant to be included, then what is near its users. */
typedef enum search_pass {
	PASS_INCLUDE, /* headers below a folder include/ */
	PASS_HEADER,  /* other headers */
	PASS_SOURCE,  /* .c files */
	PASSES
} search_pass;

typedef struct tree_file {
	char *path;
	oid blob;
} tree_file;

struct text_tree {
	repo *repo;
	oid tree;
	char *file;
	const char *const *preferred; /* NULL: none */
	GArray *passes[PASSES];	      /* tree_file, in git's order; NULL before the first search */
	GHashTable *files;	      /* path -> text_file * */
	GHashTable *includers;	      /* path -> GPtrArray of const fact_set * */
};

static void text_file_free(gpointer data)
{
	text_file *f = data;
	fact_set_free(f->facts);
	g_bytes_unref(f->text);
	g_free(f);
}

static void tree_file_clear(gpointer data)
{
	g_free(((tree_file *)data)->path);
}

text_tree *text_tree_new(repo *r, const oid *tree, const char *file)
{
	text_tree *t = g_new0(text_tree, 1);
	t->repo = r;
	t->tree = *tree;
	t->file = g_strdup(file);
	t->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, text_file_free);
	t->includers = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	return t;
}

void text_tree_prefer(text_tree *t, const char *const *paths)
{
	t->preferred = paths;
}

void text_tree_free(text_tree *t)
{
	if (!t)
		return;
	g_free(t->file);
	for (unsigned i = 0; i < PASSES; i++)
		if (t->passes[i])
			g_array_unref(t->passes[i]);
	g_hash_table_unref(t->files);
	g_hash_table_unref(t->includers);
	g_free(t);
}

static bool is_regular(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

static bool collect_file(const char *path, const tree_entry *entry, void *data)
{
	text_tree *t = data;
	bool header = g_str_has_suffix(path, ".h");
	if (!is_regular(entry->mode) || (!header && !g_str_has_suffix(path, ".c")))
		return true;
	bool include = g_str_has_prefix(path, "include/") || strstr(path, "/include/");
	tree_file f = {g_strdup(path), entry->id};
	g_array_append_val(
		t->passes[header ? include ? PASS_INCLUDE : PASS_HEADER : PASS_SOURCE], f);
	return true;
}

static bool collect(text_tree *t, GError **err)
{
	if (t->passes[0])
		return true;
	for (unsigned i = 0; i < PASSES; i++) {
		t->passes[i] = g_array_new(FALSE, FALSE, sizeof(tree_file));
		g_array_set_clear_func(t->passes[i], tree_file_clear);
	}
	return repo_walk(t->repo, &t->tree, "", collect_file, t, err);
}

static bool read_file(
	const text_file **out, text_tree *t, const char *path, const oid *blob, GError **err)
{
	text_file *f = g_hash_table_lookup(t->files, path);
	if (!f) {
		fact_set *facts = NULL;
		GBytes *text = NULL;
		if (!text_facts_read(&facts, &text, t->repo, path, blob, err))
			return false;
		f = g_new0(text_file, 1);
		f->facts = facts;
		f->text = text;
		g_hash_table_insert(t->files, g_strdup(path), f);
	}
	*out = f;
	return true;
}

static bool defines(const text_file *f, const char *tag)
{
	for (guint i = 0; f->facts && i < f->facts->entities->len; i++) {
		const entity *e = &g_array_index(f->facts->entities, entity, i);
		if ((e->kind == ENTITY_STRUCT || e->kind == ENTITY_UNION) &&
			e->flags & ENTITY_DEFINITION && strcmp(e->name, tag) == 0)
			return true;
	}
	return false;
}

/* Does the text have the tag as a word with a brace soon after it? A cheap look before reading. */
static bool may_define(GBytes *text, const char *tag)
{
	gsize len;
	const char *at = g_bytes_get_data(text, &len), *end = at + len;
	size_t size = strlen(tag);
	while (at && (at = memmem(at, (size_t)(end - at), tag, size))) {
		const char *next = at + size;
		while (next < end && g_ascii_isspace(*next))
			next++;
		/* "struct TAG {" or with an attribute between; not "struct TAG x;". */
		if (next < end && (*next == '{' || (*next == '_' && next > at + size)))
			return true;
		at += size;
	}
	return false;
}

/* The only file of a list that defines the record; *out NULL when none does. */
static bool search(const text_file **out, text_tree *t, const GArray *list, const char *directory,
	const char *tag, GError **err)
{
	g_autoptr(GString) places =
		g_string_new(t->preferred ? "list the one that is meant under \"files\" of the "
					    "catalogue:"
					  : "say which with --file:");
	const text_file *found = NULL;
	unsigned count = 0;
	for (guint i = 0; i < list->len; i++) {
		const tree_file *f = &g_array_index(list, tree_file, i);
		g_autoptr(GBytes) text = NULL;
		const text_file *read = NULL;
		g_autofree char *folder = directory ? g_path_get_dirname(f->path) : NULL;
		if (directory && strcmp(folder, directory) != 0)
			continue;
		if (!repo_read_blob(t->repo, &text, &f->blob, err))
			return false;
		if (!may_define(text, tag))
			continue;
		if (!read_file(&read, t, f->path, &f->blob, err))
			return false;
		if (!defines(read, tag))
			continue;
		g_string_append_printf(places, "%s %s", count ? "," : "", f->path);
		found = read;
		count++;
	}
	if (count > 1)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, places->str,
			"%u files of the tree define '%s'", count, tag);
	*out = found;
	return true;
}

static bool find_near(
	const text_file **out, text_tree *t, const char *near, const char *tag, GError **err)
{
	const text_file *own = g_hash_table_lookup(t->files, near);
	if (own && defines(own, tag)) {
		*out = own;
		return true;
	}
	g_autofree char *directory = g_path_get_dirname(near);
	if (!collect(t, err))
		return false;
	for (unsigned i = PASS_INCLUDE; !*out && i <= PASS_HEADER; i++) {
		/* Defined twice beside it: nobody asked for it by name, so it is passed over. */
		GError *why = NULL;
		if (search(out, t, t->passes[i], directory, tag, &why))
			continue;
		if (!g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND)) {
			g_propagate_error(err, why);
			return false;
		}
		g_error_free(why);
	}
	return true;
}

static bool find_named(const text_file **out, text_tree *t, const char *tag, GError **err)
{
	if (t->file) {
		tree_entry entry;
		const text_file *f = NULL;
		if (!repo_lookup(t->repo, &t->tree, t->file, &entry, NULL) ||
			!is_regular(entry.mode))
			return error_set(err, TRUCE_ERROR_NOT_FOUND,
				"name it as git does, from the root of the tree",
				"the tree has no file '%s'", t->file);
		if (!read_file(&f, t, t->file, &entry.id, err))
			return false;
		*out = defines(f, tag) ? f : NULL;
		return true;
	}
	for (const char *const *p = t->preferred; p && *p; p++) {
		tree_entry entry;
		const text_file *f = NULL;
		if (!repo_lookup(t->repo, &t->tree, *p, &entry, NULL) || !is_regular(entry.mode))
			continue;
		if (!read_file(&f, t, *p, &entry.id, err))
			return false;
		if (defines(f, tag)) {
			*out = f;
			return true;
		}
	}
	if (!collect(t, err))
		return false;
	for (unsigned i = 0; !*out && i < PASSES; i++)
		if (!search(out, t, t->passes[i], NULL, tag, err))
			return false;
	return true;
}

static bool find_record(const char *tag, const char *near, const fact_set **facts, GBytes **text,
	void *data, GError **err)
{
	text_tree *t = data;
	const text_file *f = NULL;
	if (!(near ? find_near(&f, t, near, tag, err) : find_named(&f, t, tag, err)))
		return false;
	*facts = f ? f->facts : NULL;
	*text = f ? f->text : NULL;
	return true;
}

static bool includes(const fact_set *f, const char *name)
{
	for (guint i = 0; f && i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if (u->kind == USE_INCLUDE && g_str_has_suffix(u->name, name))
			return true;
	}
	return false;
}

static bool find_includers(const char *path, const GPtrArray **sets, void *data, GError **err)
{
	text_tree *t = data;
	GPtrArray *list = g_hash_table_lookup(t->includers, path);
	if (!list && !collect(t, err))
		return false;
	if (!list) {
		list = g_ptr_array_new();
		g_hash_table_insert(t->includers, g_strdup(path), list);
		const text_file *own = g_hash_table_lookup(t->files, path);
		if (own && own->facts)
			g_ptr_array_add(list, own->facts);
		g_autofree char *directory = g_path_get_dirname(path);
		g_autofree char *name = g_path_get_basename(path);
		for (unsigned p = PASS_INCLUDE; p <= PASS_HEADER; p++)
			for (guint i = 0; i < t->passes[p]->len; i++) {
				const tree_file *f = &g_array_index(t->passes[p], tree_file, i);
				g_autofree char *folder = g_path_get_dirname(f->path);
				const text_file *read = NULL;
				if (strcmp(folder, directory) != 0 || strcmp(f->path, path) == 0)
					continue;
				if (!read_file(&read, t, f->path, &f->blob, err))
					return false;
				if (includes(read->facts, name))
					g_ptr_array_add(list, read->facts);
			}
	}
	*sets = list;
	return true;
}

/* As a compiler would find it: beside the file, else below a folder include/. */
static bool find_include(const char *name, const char *from, const fact_set **facts, GBytes **text,
	void *data, GError **err)
{
	text_tree *t = data;
	g_autofree char *directory = g_path_get_dirname(from);
	g_autofree char *beside = g_build_filename(directory, name, NULL);
	g_autofree char *shared = g_build_filename("include", name, NULL);
	const char *const candidates[] = {beside, shared};
	*facts = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
		tree_entry entry;
		const text_file *f = NULL;
		if (!repo_path_is_safe(candidates[i]) ||
			!repo_lookup(t->repo, &t->tree, candidates[i], &entry, NULL) ||
			!is_regular(entry.mode))
			continue;
		if (!read_file(&f, t, candidates[i], &entry.id, err))
			return false;
		*facts = f->facts;
		*text = f->text;
		return true;
	}
	return true;
}

ops_source text_tree_source(text_tree *t)
{
	return (ops_source){find_record, find_includers, find_include, t};
}

static bool is_name(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* "MACRO(first": the names behind each opening parenthesis. */
static void first_arguments(GHashTable *out, GBytes *text, const char *macro)
{
	gsize len;
	const char *start = g_bytes_get_data(text, &len), *end = start + len, *at = start;
	size_t size = strlen(macro);
	while (at && (at = memmem(at, (size_t)(end - at), macro, size))) {
		bool whole = at == start || !is_name(at[-1]);
		const char *p = at + size;
		at = p;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (!whole || p == end || *p != '(')
			continue;
		for (p++; p < end && g_ascii_isspace(*p); p++)
			;
		size_t name = 0;
		while (p + name < end && is_name(p[name]))
			name++;
		g_hash_table_add(out, g_strndup(p, name));
	}
}

bool text_tree_arguments(GHashTable *out, text_tree *t, const char *macro, GError **err)
{
	if (!collect(t, err))
		return false;
	for (unsigned i = 0; *macro && i < PASSES; i++)
		for (guint k = 0; k < t->passes[i]->len; k++) {
			const tree_file *f = &g_array_index(t->passes[i], tree_file, k);
			g_autoptr(GBytes) text = NULL;
			if (!cancel_check(err) || !repo_read_blob(t->repo, &text, &f->blob, err))
				return false;
			first_arguments(out, text, macro);
		}
	return true;
}
