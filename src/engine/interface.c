/* What `truce interface` asks. */
#include "engine/interface.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "engine/packs.h"
#include "engine/text_facts.h"
#include "facts/touches.h"
#include "interface/catalogue.h"
#include "interface/ops.h"

static bool tree_of(oid *tree, repo *r, const char *rev, GError **err)
{
	oid commit;
	if (!r)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"run truce inside a git repository, or name one with -C DIR",
			"the current directory is not in a git repository");
	return repo_resolve(r, &commit, rev, err) && repo_commit_tree(r, tree, &commit, err);
}

/* --- packs --- */

void interface_pack_free(interface_pack *p)
{
	if (!p)
		return;
	catalogue_info_free(p->info);
	g_free(p->path);
	g_ptr_array_unref(p->points);
	g_ptr_array_unref(p->history);
	g_free(p->version);
	g_free(p);
}

static interface_pack *pack_of(const catalogue *c, const char *path)
{
	interface_pack *p = g_new0(interface_pack, 1);
	p->info = catalogue_describe(c);
	p->path = g_strdup(path);
	p->points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	p->history = catalogue_history(c);
	for (size_t i = 0; i < catalogue_length(c); i++)
		g_ptr_array_add(p->points, point_copy(catalogue_point(c, i)));
	return p;
}

/* `tree` is NULL when only a name is given. */
static bool open_catalogue(catalogue **out, char **path, const char *name, repo *r, const oid *tree,
	const char *rev, GError **err)
{
	if (name)
		return packs_open(out, path, name, err);
	if (!packs_fitting(out, path, r, tree, err))
		return false;
	return *out || error_set(err, TRUCE_ERROR_NOT_FOUND,
			       "name one with --rules PACK; `truce interface list` shows them",
			       "no catalogue fits %s", rev);
}

bool interface_pack_open(
	interface_pack **out, const char *name, repo *r, const char *rev, GError **err)
{
	g_autoptr(catalogue) c = NULL;
	g_autofree char *path = NULL;
	oid tree = {0};
	if ((!name && !tree_of(&tree, r, rev, err)) ||
		!open_catalogue(&c, &path, name, r, &tree, rev, err))
		return false;
	*out = pack_of(c, path);
	(*out)->fits =
		!name || (r && rev && tree_of(&tree, r, rev, NULL) && packs_fit(c, r, &tree));
	return true;
}

bool interface_packs(GPtrArray **out, repo *r, const char *rev, GError **err)
{
	oid tree;
	bool has_tree = tree_of(&tree, r, rev ? rev : "HEAD", rev ? err : NULL);
	if (rev && !has_tree)
		return false;
	g_autoptr(GPtrArray) paths = packs_list();
	g_autoptr(GPtrArray) packs =
		g_ptr_array_new_with_free_func((GDestroyNotify)interface_pack_free);
	for (guint i = 0; i < paths->len; i++) {
		g_autoptr(catalogue) c = NULL;
		if (!catalogue_load(&c, g_ptr_array_index(paths, i), err))
			return false;
		interface_pack *p = pack_of(c, g_ptr_array_index(paths, i));
		p->fits = has_tree && packs_fit(c, r, &tree) > 0;
		g_ptr_array_add(packs, p);
	}
	*out = g_steal_pointer(&packs);
	return true;
}

/* --- extract and check --- */

/* A pack's name of a struct's tag: "pv-mmu-ops". */
static char *pack_name(const char *tag)
{
	char *name = g_strdup(tag);
	return g_strdelimit(name, "_", '-');
}

/* A name as C spells them. */
static bool is_identifier(const char *text)
{
	return *text && !g_ascii_isdigit(*text) &&
	       !text[strspn(text, G_CSET_A_2_Z G_CSET_a_2_z "0123456789_")];
}

/* What the tree does with the filler. */
static bool meet_filler(interface_filler *out, text_tree *t, const ops_table *found,
	const char *filler, GError **err)
{
	g_autoptr(GHashTable) first = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) met = g_hash_table_new(g_str_hash, g_str_equal);
	if (!text_tree_arguments(first, t, filler, err))
		return false;
	for (guint i = 0; i < found->members->len; i++) {
		const ops_member *m = g_ptr_array_index(found->members, i);
		if (g_hash_table_contains(first, m->name))
			g_hash_table_add(met, m->name);
	}
	*out = (interface_filler){g_hash_table_size(first) > 0, g_hash_table_size(met)};
	return true;
}

/* What a draft is asked for becomes part of patterns and names in it. */
static bool check_draft(const interface_draft *draft, GError **err)
{
	if (draft->name && !*draft->name)
		return error_set(
			err, TRUCE_ERROR_USAGE, NULL, "the name of the catalogue is empty");
	if (draft->filler && !is_identifier(draft->filler))
		return error_set(err, TRUCE_ERROR_USAGE,
			"give the bare name, without arguments: LSM_HOOK_INIT",
			"'%s' is no name of a macro", draft->filler);
	return true;
}

bool interface_extract(GString *yaml, ops_table **table, interface_filler *filler, repo *r,
	const interface_draft *draft, GError **err)
{
	oid tree;
	if (!check_draft(draft, err) || !tree_of(&tree, r, draft->rev, err))
		return false;
	g_autoptr(text_tree) t = text_tree_new(r, &tree, draft->file);
	g_autoptr(ops_table) found = NULL;
	ops_source source = text_tree_source(t);
	if (!ops_read(&found, draft->tags, false, &source, err))
		return false;
	if (!found->members->len)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL,
			"struct %s holds no pointer to a function", *draft->tags);
	if (draft->filler && filler && !meet_filler(filler, t, found, draft->filler, err))
		return false;
	g_autofree char *own = pack_name(draft->name ? draft->name : *draft->tags);
	ops_draft(yaml, found, own, draft->rev, draft->filler);
	if (table)
		*table = g_steal_pointer(&found);
	return true;
}

bool interface_check(GPtrArray **drifts, interface_pack **pack, repo *r, const char *rev,
	const char *name, GError **err)
{
	oid tree;
	g_autoptr(catalogue) c = NULL;
	g_autofree char *path = NULL;
	if (!tree_of(&tree, r, rev, err) || !open_catalogue(&c, &path, name, r, &tree, rev, err))
		return false;
	if (!*catalogue_structs(c))
		return error_set(err, TRUCE_ERROR_INPUT,
			"name the structs under \"structs\" (docs/rules.md)",
			"the catalogue %s does not say which structs hold its operations", path);
	g_autofree char *version = g_strdup(packs_version(c, r, &tree));
	if (version)
		catalogue_take_version(c, version);
	g_autoptr(text_tree) t = text_tree_new(r, &tree, NULL);
	text_tree_prefer(t, catalogue_native_files(c));
	g_autoptr(ops_table) found = NULL;
	ops_source source = text_tree_source(t);
	if (!ops_read(&found, catalogue_structs(c), true, &source, err))
		return false;
	if (!found->records->len)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL,
			"%s has none of the structs of %s", rev, path);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)ops_drift_free);
	ops_compare(list, c, found);
	*drifts = g_steal_pointer(&list);
	*pack = pack_of(c, path);
	(*pack)->fits = packs_fit(c, r, &tree) > 0;
	(*pack)->version = g_steal_pointer(&version);
	(*pack)->compared = (*pack)->points->len;
	return true;
}

/* --- a rule tried on a file --- */

void interface_trial_free(interface_trial *t)
{
	if (!t)
		return;
	interface_pack_free(t->pack);
	if (t->evidence)
		g_ptr_array_unref(t->evidence);
	g_clear_pointer(&t->text, g_bytes_unref);
	g_clear_pointer(&t->base_text, g_bytes_unref);
	g_free(t->why);
	g_free(t);
}

/* The file at hand: where it is laid, over which tree. */
typedef struct laid_file {
	char *path;
	oid blob;
	oid base_tree;
} laid_file;

static bool read_disk(repo *r, oid *blob, const char *file, GError **err)
{
	g_autofree char *bytes = NULL;
	gsize len;
	g_autoptr(GError) io = NULL;
	if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"give a file on disk, or REV:PATH of a tree", "no file '%s'", file);
	if (!g_file_get_contents(file, &bytes, &len, &io))
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s", io->message);
	if (len > LIMIT_SOURCE_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s: %zu bytes; at most %zu are read", file, len, LIMIT_SOURCE_BYTES);
	return repo_write_blob(r, blob, bytes, len, err);
}

/* The path that a file on disk has in the tree when nobody says: as given, without "./". */
static char *own_path(const char *file)
{
	while (g_str_has_prefix(file, "./"))
		file += 2;
	return g_strdup(file);
}

/* "REV:PATH": of the tree of REV, which without the file is the base when none is named. */
static bool lay_blob(
	laid_file *f, repo *r, const interface_question *q, const char *colon, GError **err)
{
	g_autofree char *rev = g_strndup(q->file, (gsize)(colon - q->file));
	g_autoptr(tree_edit) edit = NULL;
	tree_entry entry;
	oid tree;
	if (!tree_of(&tree, r, rev, err))
		return false;
	if (!repo_lookup(r, &tree, colon + 1, &entry, NULL) || (entry.mode & 0170000) != 0100000)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"name it as git does, from the root of the tree", "%s has no file '%s'",
			rev, colon + 1);
	f->blob = entry.id;
	f->path = g_strdup(q->as ? q->as : colon + 1);
	if (q->base)
		return tree_of(&f->base_tree, r, q->base, err);
	return tree_edit_new(&edit, r, &tree, err) && tree_edit_remove(edit, colon + 1, err) &&
	       tree_edit_write(edit, &f->base_tree, err);
}

static bool lay(laid_file *f, repo *r, const interface_question *q, GError **err)
{
	const char *colon = strchr(q->file, ':');
	if (colon && !g_file_test(q->file, G_FILE_TEST_EXISTS)) {
		if (!lay_blob(f, r, q, colon, err))
			return false;
	} else {
		f->path = q->as ? g_strdup(q->as) : own_path(q->file);
		if (!tree_of(&f->base_tree, r, q->base ? q->base : "HEAD", err) ||
			!read_disk(r, &f->blob, q->file, err))
			return false;
	}
	return repo_path_is_safe(f->path) ||
	       error_set(err, TRUCE_ERROR_USAGE, "say which path it has with --as PATH",
		       "'%s' cannot be a path in a tree", f->path);
}

/* The facts of a path of a tree into `sets`, when it is there and text. */
static bool read_into(
	GHashTable *sets, repo *r, const oid *tree, const char *path, GBytes **text, GError **err)
{
	tree_entry entry;
	fact_set *set = NULL;
	if (g_hash_table_contains(sets, path) || !repo_lookup(r, tree, path, &entry, NULL) ||
		(entry.mode & 0170000) != 0100000)
		return true;
	if (!text_facts_read(&set, text, r, path, &entry.id, err))
		return false;
	if (set)
		g_hash_table_insert(sets, set->path, set);
	return true;
}

static GHashTable *sets_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
}

static gint by_line(gconstpointer a, gconstpointer b)
{
	const evidence *x = *(const evidence *const *)a, *y = *(const evidence *const *)b;
	int order = (int)x->at - (int)y->at;
	if (!order)
		order = strcmp(x->path, y->path);
	if (!order)
		order = (x->line > y->line) - (x->line < y->line);
	return order ? order : (x->point > y->point) - (x->point < y->point);
}

static GPtrArray *take_evidence(GPtrArray *points)
{
	GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)evidence_free);
	for (guint i = 0; i < points->len; i++) {
		const point_result *p = g_ptr_array_index(points, i);
		point_side *side = g_ptr_array_index(p->sides, 0);
		while (side->evidence->len)
			g_ptr_array_add(out, g_ptr_array_steal_index(side->evidence, 0));
	}
	g_ptr_array_sort(out, by_line);
	return out;
}

/* The tree with the file laid over it, its changes and shadow copies. */
static bool make_series(series *s, touch_set *touches, repo *r, const laid_file *f, GError **err)
{
	g_autoptr(tree_edit) edit = NULL;
	s->base_tree = f->base_tree;
	return tree_edit_new(&edit, r, &f->base_tree, err) &&
	       tree_edit_set(edit, f->path, &f->blob, 0100644, err) &&
	       tree_edit_write(edit, &s->tip_tree, err) &&
	       repo_diff(r, &s->changes, &s->base_tree, &s->tip_tree, err) &&
	       facts_find_shadows(touches, r, s, err);
}

static bool run_trial(
	interface_trial *out, const catalogue *c, repo *r, const laid_file *f, GError **err)
{
	g_autoptr(series) s = series_new("file");
	g_autoptr(touch_set) touches = touch_set_new();
	g_autoptr(GHashTable) base = sets_new();
	g_autoptr(GHashTable) tip = sets_new();
	g_autoptr(GPtrArray) points = NULL;
	if (!make_series(s, touches, r, f, err))
		return false;
	for (const char *const *path = catalogue_native_files(c); *path; path++)
		if (!read_into(base, r, &s->base_tree, *path, NULL, err))
			return false;
	const char *origin = touch_set_origin(touches, f->path);
	if (!read_into(base, r, &s->base_tree, f->path, NULL, err) ||
		(origin && !read_into(base, r, &s->base_tree, origin, NULL, err)) ||
		!read_into(tip, r, &s->tip_tree, f->path, &out->text, err))
		return false;
	repo_read_path(r, &out->base_text, &s->base_tree, f->path, NULL);
	series_reading reading = {s, base, tip, touches};
	facts_find_touches(touches, &reading);
	out->why = catalogue_try(&points, c, &reading);
	if (out->why && !s->changes->len) {
		g_free(out->why);
		out->why = g_strdup("the base has the file as it is, and a rule sees only what a "
				    "series touches");
	}
	out->evidence = take_evidence(points);
	return true;
}

bool interface_test(interface_trial **out, repo *r, const interface_question *q, GError **err)
{
	g_autoptr(interface_trial) t = g_new0(interface_trial, 1);
	g_autoptr(catalogue) c = NULL;
	g_autofree char *path = NULL;
	laid_file f = {0};
	if (!r)
		return tree_of(&f.base_tree, r, NULL, err);
	repo_scratch_begin(r);
	bool ok = lay(&f, r, q, err) &&
		  open_catalogue(&c, &path, q->pack, r, &f.base_tree, "the base", err) &&
		  catalogue_keep_rule(c, q->rule, q->point, &t->tried, err) &&
		  run_trial(t, c, r, &f, err);
	repo_scratch_end(r);
	g_free(f.path);
	if (!ok)
		return false;
	t->pack = pack_of(c, path);
	*out = g_steal_pointer(&t);
	return true;
}
