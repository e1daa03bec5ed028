/* The engine's door: repository, database, base, rules, series. */
#include "engine/engine.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "engine/batch.h"
#include "engine/internal.h"
#include "engine/packs.h"
#include "interface/catalogue.h"
#include "series/apply.h"
#include "series/read.h"

static bool make_directory(const char *path, GError **err)
{
	if (!g_mkdir_with_parents(path, 0777))
		return true;
	return error_set(err, TRUCE_ERROR_IO, "give another place for the database with --db PATH",
		"cannot make %s: %s", path, g_strerror(errno));
}

/* Where the database is, and beside it what can be made again. */
static bool place_files(engine *e, const engine_options *o, GError **err)
{
	if (o->db_path)
		e->db_path = g_canonicalize_filename(o->db_path, NULL);
	else
		e->db_path = g_build_filename(repo_common_dir(e->repo), "truce", "truce.db", NULL);
	g_autofree char *directory = g_path_get_dirname(e->db_path);
	/* A database beside its cache, named after it: two databases in one folder keep apart. */
	e->cache_dir = o->db_path ? g_strconcat(e->db_path, ".cache", NULL)
				  : g_build_filename(directory, "cache", NULL);
	return e->read_only || make_directory(directory, err);
}

/* Objects go into the repository; where that is not allowed, beside the database. */
static bool place_objects(engine *e, GError **err)
{
	g_autofree char *objects = g_build_filename(repo_common_dir(e->repo), "objects", NULL);
	if (!access(objects, W_OK))
		return true;
	g_autofree char *beside = g_strconcat(e->db_path, ".objects", NULL);
	if (!e->read_only && !make_directory(beside, err))
		return false;
	return !g_file_test(beside, G_FILE_TEST_IS_DIR) ||
	       repo_keep_objects_in(e->repo, beside, err);
}

/* The setting truce.parseSeconds. */
static bool read_limits(engine *e, GError **err)
{
	g_autofree char *text = repo_config(e->repo, "truce.parseSeconds");
	guint64 seconds = LIMIT_PARSE_SECONDS;
	if (text && !g_ascii_string_to_unsigned(text, 10, 1, 86400, &seconds, NULL))
		return error_set(err, TRUCE_ERROR_USAGE,
			"set it with `git config truce.parseSeconds N`",
			"truce.parseSeconds is '%s', not a number of seconds from 1 to 86400",
			text);
	e->parse_seconds = (unsigned)seconds;
	return true;
}

bool engine_open(engine **out, const engine_options *options, GError **err)
{
	g_autoptr(engine) e = g_new0(engine, 1);
	e->jobs = options->jobs;
	progress_show_init(&e->progress, options->progress);
	e->read_only = options->read_only;
	if (!repo_open(&e->repo, options->repo_path, err) || !read_limits(e, err) ||
		!place_files(e, options, err) || !place_objects(e, err))
		return false;
	if (e->read_only && !g_file_test(e->db_path, G_FILE_TEST_EXISTS))
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"start with `truce mediate --base REV --series NAME=SPEC ...` or `truce "
			"series add NAME SPEC`",
			"no series are under mediation here: %s does not exist", e->db_path);
	e->made = !g_file_test(e->db_path, G_FILE_TEST_EXISTS);
	if (!store_open(&e->store, e->db_path, e->read_only ? STORE_READ : STORE_WRITE, err))
		return false;
	*out = g_steal_pointer(&e);
	return true;
}

void engine_free(engine *e)
{
	if (!e)
		return;
	reader_pool_free(e->readers);
	g_clear_pointer(&e->failed, g_hash_table_unref);
	if (e->made) {
		/* A first run that failed leaves nothing behind; folders go when they are empty. */
		g_autofree char *directory = e->db_path ? g_path_get_dirname(e->db_path) : NULL;
		store_free_made(e->store);
		if (!g_file_test(e->db_path, G_FILE_TEST_EXISTS) &&
			g_str_has_prefix(directory, repo_common_dir(e->repo))) {
			(void)rmdir(e->cache_dir);
			(void)rmdir(directory);
		}
	} else {
		store_free(e->store);
	}
	repo_free(e->repo);
	g_free(e->db_path);
	g_free(e->cache_dir);
	g_free(e);
}

repo *engine_repo(engine *e)
{
	return e->repo;
}

store *engine_store(engine *e)
{
	return e->store;
}

engine_work engine_work_done(const engine *e)
{
	return e->work;
}

bool engine_end(engine *e, bool ok, GError **err)
{
	/* A commit that fails has rolled back its own level. */
	if (ok)
		return store_commit(e->store, err);
	store_rollback(e->store);
	return false;
}

/* --- base and rules --- */

static bool keep_base(engine *e, const char *rev, const oid *commit, GError **err)
{
	char hex[OID_HEX + 1];
	return store_begin(e->store, err) &&
	       engine_end(e,
		       store_set(e->store, "base.rev", rev, err) &&
			       store_set(e->store, "base.oid", oid_format(hex, commit), err),
		       err);
}

bool engine_set_base(engine *e, const char *rev, GError **err)
{
	oid commit, old;
	if (!repo_resolve(e->repo, &commit, rev, err))
		return false;
	if (engine_base(e, &old, NULL, NULL) && oid_equal(&old, &commit))
		return store_set(e->store, "base.rev", rev, err);
	return keep_base(e, rev, &commit, err);
}

bool engine_base(engine *e, oid *base, char **rev, GError **err)
{
	g_autofree char *hex = NULL;
	if (!store_get(e->store, "base.oid", &hex, err))
		return false;
	if (!hex || !oid_parse(base, hex))
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, "name it with --base REV", "no base is set");
	return !rev || store_get(e->store, "base.rev", rev, err);
}

bool engine_set_rules(engine *e, const char *rules, GError **err)
{
	if (!rules)
		return store_set(e->store, "rules", NULL, err);
	g_autoptr(catalogue) c = NULL;
	return packs_open(&c, NULL, rules, err) && store_set(e->store, "rules", rules, err);
}

/* --- series --- */

static bool read_sources(
	GPtrArray **lists, engine *e, GPtrArray *specs, const oid *base, GError **err)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)patch_list_free);
	for (guint i = 0; i < specs->len; i++) {
		patch_list *list = NULL;
		if (!series_read(&list, e->repo, g_ptr_array_index(specs, i), base, err))
			return false;
		g_ptr_array_add(all, list);
	}
	*lists = g_steal_pointer(&all);
	return true;
}

/* The digest of everything that decides what a series becomes: base and sources. */
static void begin_digest(digest *d, const oid *base)
{
	digest_init(d);
	digest_add_text(d, TRUCE_VERSION);
	digest_add(d, base->bytes, OID_BYTES);
}

static void digest_source(digest *d, const char *spec, const char *one)
{
	digest_add_text(d, spec);
	digest_add_text(d, one);
}

static bool sources_digest(char **out, engine *e, GPtrArray *specs, const oid *base, GError **err)
{
	g_auto(digest) d = {0};
	begin_digest(&d, base);
	for (guint i = 0; i < specs->len; i++) {
		const char *spec = g_ptr_array_index(specs, i);
		g_autofree char *one = NULL;
		if (!series_digest(&one, e->repo, spec, base, err))
			return false;
		digest_source(&d, spec, one);
	}
	*out = digest_hex(&d);
	return true;
}

/* read_sources and sources_digest in one. */
static bool read_and_digest(
	GPtrArray **lists, char **out, engine *e, GPtrArray *specs, const oid *base, GError **err)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)patch_list_free);
	g_auto(digest) d = {0};
	begin_digest(&d, base);
	for (guint i = 0; i < specs->len; i++) {
		const char *spec = g_ptr_array_index(specs, i);
		patch_list *list = NULL;
		g_autofree char *one = NULL;
		if (!series_read_digested(&list, &one, e->repo, spec, base, err))
			return false;
		g_ptr_array_add(all, list);
		digest_source(&d, spec, one);
	}
	*lists = g_steal_pointer(&all);
	*out = digest_hex(&d);
	return true;
}

static void note_list(series *s, const patch_list *list)
{
	for (guint i = 0; i < list->notes->len; i++)
		g_ptr_array_add(s->notes, g_strdup(g_ptr_array_index(list->notes, i)));
}

/* A series nothing of which applies is the wrong base or the wrong patches: never stored. */
static bool check_applied(const series *s, bool strict, GError **err)
{
	if (!s->commits->len)
		return error_set(err, TRUCE_ERROR_INPUT, "check the SPEC",
			"series '%s' holds no patches", s->name);
	const reject *first = s->rejects->len ? g_ptr_array_index(s->rejects, 0) : NULL;
	if (first && oid_equal(&s->tip_tree, &s->base_tree))
		return error_set(err, TRUCE_ERROR_INPUT,
			"name the commit they were made for with --base REV",
			"series '%s': nothing applies to the base; first: %s:%u: %s", s->name,
			first->origin, first->source_line, first->path);
	if (first && strict)
		return error_set(err, TRUCE_ERROR_INPUT,
			"leave out --strict to get a finding for each and go on",
			"series '%s': %u hunks have no place; first: %s:%u: %s", s->name,
			s->rejects->len, first->origin, first->source_line, first->path);
	return true;
}

static char *series_ref(const char *name)
{
	return g_strconcat(SERIES_REF, name, NULL);
}

/* A name is part of a ref and of a table's column: letters, digits, '-', '_', '.'. */
static bool check_name(const char *name, GError **err)
{
	size_t len = strlen(name);
	bool ok = len > 0 && len <= 64 && g_ascii_isalnum(name[0]) &&
		  strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789-_.") == len &&
		  !strstr(name, "..") && !g_str_has_suffix(name, ".lock") && name[len - 1] != '.';
	return ok ||
	       error_set(err, TRUCE_ERROR_USAGE, "use up to 64 letters, digits, '-', '_' and '.'",
		       "'%s' cannot name a series", name);
}

typedef struct tag_search {
	const oid *commit;
	char *tag; /* or NULL */
} tag_search;

static bool is_tag_of(const char *ref, const oid *commit, void *data)
{
	static const char tags[] = "refs/tags/";
	tag_search *s = data;
	if (g_str_has_prefix(ref, tags) && oid_equal(commit, s->commit))
		s->tag = g_strdup(ref + strlen(tags));
	return !s->tag;
}

/* What people call a commit: the first tag that leads to it, else its id. The caller's. */
static char *name_of(engine *e, const oid *commit)
{
	tag_search s = {commit, NULL};
	char hex[OID_HEX + 1];
	(void)repo_each_ref(e->repo, is_tag_of, &s, NULL);
	return s.tag ? s.tag : g_strdup(oid_format(hex, commit));
}

bool engine_find_base(engine *e, GPtrArray *specs, oid *base, char **rev, char **how, GError **err)
{
	g_autoptr(GPtrArray) lists = NULL;
	if (!read_sources(&lists, e, specs, NULL, err))
		return false;
	for (guint i = 0; i < lists->len; i++) {
		bool last = i + 1 == lists->len;
		if (!series_find_base(
			    base, how, e->repo, g_ptr_array_index(lists, i), last ? err : NULL))
			continue;
		*rev = name_of(e, base);
		return true;
	}
	return false;
}

static bool apply_sources(series **out, engine *e, const char *name, GPtrArray *specs,
	GPtrArray *lists, const oid *base, bool strict, GError **err)
{
	g_autoptr(series) s = series_new(name);
	s->base = s->tip = *base;
	if (!repo_commit_tree(e->repo, &s->base_tree, base, err))
		return false;
	s->tip_tree = s->base_tree;
	for (guint i = 0; i < lists->len; i++) {
		const patch_list *list = g_ptr_array_index(lists, i);
		g_ptr_array_add(s->specs, g_strdup(g_ptr_array_index(specs, i)));
		note_list(s, list);
		if (!series_apply(s, e->repo, list, i, err)) {
			error_prefix(err, "series '%s'", name);
			return false;
		}
	}
	if (!check_applied(s, strict, err) || !series_finish(s, e->repo, err))
		return false;
	*out = g_steal_pointer(&s);
	return true;
}

bool engine_read_series(series **out, engine *e, const char *name, GPtrArray *specs,
	const oid *base, bool strict, GError **err)
{
	g_autoptr(GPtrArray) lists = NULL;
	return read_sources(&lists, e, specs, base, err) &&
	       apply_sources(out, e, name, specs, lists, base, strict, err);
}

static bool keep_series(engine *e, series *s, const char *sources, GError **err)
{
	g_autofree char *ref = series_ref(s->name);
	return repo_set_ref(e->repo, ref, &s->tip, err) &&
	       store_series_put(e->store, s, sources, err);
}

/* The SPECs that a stored series has now; NULL when there is no such series. */
static bool stored_specs(engine *e, const char *name, GPtrArray **specs, GError **err)
{
	g_autoptr(GPtrArray) all = NULL;
	if (!store_series_list(e->store, &all, err))
		return false;
	*specs = NULL;
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		if (strcmp(s->name, name))
			continue;
		*specs = g_ptr_array_new_with_free_func(g_free);
		for (guint k = 0; k < s->specs->len; k++)
			g_ptr_array_add(*specs, g_strdup(g_ptr_array_index(s->specs, k)));
	}
	return true;
}

/* *same: the stored series of that name was made of the very same. */
static bool is_stored(
	engine *e, const char *name, GPtrArray *specs, const oid *base, bool *same, GError **err)
{
	g_autofree char *before = NULL, *now = NULL;
	if (!store_series_digest(e->store, name, &before, err) ||
		(before && !sources_digest(&now, e, specs, base, err)))
		return false;
	*same = before && !strcmp(before, now);
	return true;
}

/* The base of the mediation, or where there is none yet the one that the patches ask for. */
static bool need_base(
	engine *e, const char *name, GPtrArray *specs, oid *base, char **how, GError **err)
{
	g_autofree char *rev = NULL;
	if (engine_base(e, base, NULL, NULL))
		return true;
	if (engine_find_base(e, specs, base, &rev, how, err))
		return keep_base(e, rev, base, err);
	error_prefix(err, "series '%s'", name);
	return false;
}

static bool add_series(engine *e, const char *name, GPtrArray *specs, bool strict, bool *changed,
	char **how, GError **err)
{
	oid base;
	bool same = false;
	/* Strict once more reads again: what was lenient before may not be now. */
	if (!need_base(e, name, specs, &base, how, err) ||
		(!strict && !is_stored(e, name, specs, &base, &same, err)))
		return false;
	*changed = !same;
	if (same)
		return true;
	g_autoptr(GPtrArray) lists = NULL;
	g_autoptr(series) s = NULL;
	g_autofree char *sources = NULL;
	return read_and_digest(&lists, &sources, e, specs, &base, err) &&
	       apply_sources(&s, e, name, specs, lists, &base, strict, err) &&
	       keep_series(e, s, sources, err);
}

/* Absolute paths in SPECs, so that `update` works from any directory. */
static char *absolute_spec(const char *spec)
{
	static const char *const schemes[] = {
		"mbox:", "maildir:", "quilt:", "patches:", "diff:", "overlay:"};
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (!g_str_has_prefix(spec, schemes[i]))
			continue;
		const char *path = spec + strlen(schemes[i]);
		const char *arrow = !strcmp(schemes[i], "overlay:") ? strstr(path, "=>") : NULL;
		g_autofree char *file =
			arrow ? g_strndup(path, (gsize)(arrow - path)) : g_strdup(path);
		if (!*file)
			break; /* names no path, which the reader says */
		g_autofree char *full = g_canonicalize_filename(file, NULL);
		return g_strconcat(schemes[i], full, arrow, NULL);
	}
	if (g_file_test(spec, G_FILE_TEST_EXISTS))
		return g_canonicalize_filename(spec, NULL);
	return g_strdup(spec);
}

bool engine_series_add(engine *e, const char *name, GPtrArray *specs, bool append, bool strict,
	char **how, GError **err)
{
	if (!check_name(name, err))
		return false;
	g_autoptr(GPtrArray) all = NULL;
	if (append && !stored_specs(e, name, &all, err))
		return false;
	if (!all)
		all = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < specs->len; i++)
		g_ptr_array_add(all, absolute_spec(g_ptr_array_index(specs, i)));
	bool changed;
	g_autofree char *found = NULL;
	if (!add_series(e, name, all, strict, &changed, &found, err))
		return false;
	if (how)
		*how = g_steal_pointer(&found);
	return true;
}

bool engine_series_update(engine *e, const char *name, bool strict, bool *changed, GError **err)
{
	g_autoptr(GPtrArray) specs = NULL;
	if (!stored_specs(e, name, &specs, err))
		return false;
	if (!specs)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "see `truce series list`",
			"no series '%s'", name);
	g_autofree char *how = NULL;
	return add_series(e, name, specs, strict, changed, &how, err);
}

bool engine_series_remove(engine *e, const char *name, GError **err)
{
	if (!store_series_remove(e->store, name, err))
		return false;
	g_autofree char *ref = series_ref(name);
	g_autoptr(GError) why = NULL;
	if (!repo_delete_ref(e->repo, ref, &why) &&
		!g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND)) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	return true;
}
