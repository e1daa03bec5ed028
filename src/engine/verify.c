/* Verification: does each step of the plan leave the tree parsing no worse than before? */
#include "engine/verify.h"

#include <string.h>

#include "base/error.h"
#include "engine/internal.h"

/* A .c file that a step changes. */
typedef struct verified_file {
	char *path;
	bool added;
	guint bound; /* errors that it may have; G_MAXUINT: it did not parse before either */
	guint errors;
} verified_file;

typedef struct verifier {
	mediation *m;
	engine *engine;
	facts_reader *facts;
} verifier;

static void verified_file_clear(gpointer data)
{
	g_free(((verified_file *)data)->path);
}

static verified_file *file_at(GArray *files, guint i)
{
	return &g_array_index(files, verified_file, i);
}

/* The .c files that differ between both trees, by path. */
static bool changed_files(
	GArray **out, verifier *v, const oid *before, const oid *after, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	if (!repo_diff(v->engine->repo, &changes, before, after, err))
		return false;
	GArray *files = g_array_new(FALSE, TRUE, sizeof(verified_file));
	g_array_set_clear_func(files, verified_file_clear);
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (!g_str_has_suffix(c->path, ".c") || c->status == CHANGE_DELETED)
			continue;
		verified_file f = {.path = g_strdup(c->path), .added = c->status == CHANGE_ADDED};
		g_array_append_val(files, f);
	}
	*out = files;
	return true;
}

/* Files that parse with errors, more than they may have. */
static bool is_worse(const verified_file *f)
{
	if (f->errors == G_MAXUINT)
		return f->bound != G_MAXUINT;
	return f->bound != G_MAXUINT && f->errors > f->bound;
}

typedef bool (*file_filter)(const verified_file *f);

static bool is_any(const verified_file *f)
{
	(void)f;
	return true;
}

static bool is_faulty_change(const verified_file *f)
{
	return !f->added && f->errors;
}

static GPtrArray *paths_of(GArray *files, file_filter wanted)
{
	GPtrArray *paths = g_ptr_array_new();
	for (guint i = 0; i < files->len; i++) {
		if (wanted(file_at(files, i)))
			g_ptr_array_add(paths, file_at(files, i)->path);
	}
	return paths;
}

/* What an added file may have: the errors that it has where it comes from. */
static bool bound_addition(verifier *v, verified_file *f, GError **err)
{
	f->bound = G_MAXUINT;
	for (guint i = 0; i < v->m->series->len; i++) {
		guint errors;
		if (!facts_reader_tip_errors(&errors, v->engine, v->facts, i, f->path, err))
			return false;
		if (errors != G_MAXUINT)
			f->bound = f->bound == G_MAXUINT ? errors : MAX(f->bound, errors);
	}
	return true;
}

/* Errors in the step's tree; and, of files with any, those that they may have. What parses now
 * cannot be worse than before: only the rest is parsed in the tree before. */
static bool count_errors(
	verifier *v, GArray *files, const oid *before, const oid *after, GError **err)
{
	g_autoptr(GPtrArray) all = paths_of(files, is_any);
	g_autoptr(GArray) now = NULL;
	if (!facts_reader_errors(&now, v->engine, v->facts, after, all, NULL, err))
		return false;
	for (guint i = 0; i < files->len; i++) {
		file_at(files, i)->errors = g_array_index(now, guint, i);
		file_at(files, i)->bound = 0;
	}
	g_autoptr(GPtrArray) faulty = paths_of(files, is_faulty_change);
	g_autoptr(GArray) then = NULL;
	if (!facts_reader_errors(&then, v->engine, v->facts, before, faulty, NULL, err))
		return false;
	for (guint i = 0, k = 0; i < files->len; i++) {
		verified_file *f = file_at(files, i);
		if (is_faulty_change(f))
			f->bound = g_array_index(then, guint, k++);
		else if (f->errors && !bound_addition(v, f, err))
			return false;
	}
	return true;
}

/* Kconfig and Kbuild files, and the configurations that an architecture ships. */
static bool is_build_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return g_str_has_prefix(name, "Kconfig") || g_str_has_prefix(name, "Makefile") ||
	       g_str_has_prefix(name, "Kbuild") || strstr(name, "defconfig");
}

/* The step's tree, configured and built as the series does it: sources of the step, build files of
 * the tip. */
static bool tip_build(verifier *v, oid *out, const oid *tree, const series *s, GError **err)
{
	g_autoptr(tree_edit) edit = NULL;
	if (!tree_edit_new(&edit, v->engine->repo, tree, err))
		return false;
	for (guint i = 0; i < s->changes->len; i++) {
		const file_change *c = g_ptr_array_index(s->changes, i);
		if (c->status != CHANGE_DELETED && is_build_file(c->path) &&
			!tree_edit_set(edit, c->path, &c->new_oid, c->new_mode, err))
			return false;
	}
	return tree_edit_write(edit, out, err);
}

static bool is_worse_change(const verified_file *f)
{
	return !f->added && is_worse(f);
}

static bool is_worse_addition(const verified_file *f)
{
	return f->added && is_worse(f);
}

/* Parses files once more, in another way; the better result counts. */
static bool try_again(verifier *v, GArray *files, file_filter which, const oid *tree,
	const char *const *symbols, GError **err)
{
	g_autoptr(GPtrArray) paths = paths_of(files, which);
	g_autoptr(GArray) errors = NULL;
	if (!facts_reader_errors(&errors, v->engine, v->facts, tree, paths, symbols, err))
		return false;
	for (guint i = 0, k = 0; i < files->len; i++) {
		verified_file *f = file_at(files, i);
		if (!which(f))
			continue;
		guint again = g_array_index(errors, guint, k++);
		f->errors = MIN(f->errors, again);
	}
	return true;
}

static bool has_any(GArray *files, file_filter which)
{
	g_autoptr(GPtrArray) paths = paths_of(files, which);
	return paths->len > 0;
}

/* Code that compiles only under the switches that a series brings is no worse when it parses with
 * them on: code of the base with those that the tree has; an added file, which nothing builds
 * before its switch is there, the way that its series builds it. */
static bool try_switches(
	verifier *v, GArray *files, const oid *tree, guint series_index, GError **err)
{
	if (has_any(files, is_worse_change)) {
		g_auto(GStrv) symbols = facts_reader_switches(v->facts, series_index);
		if (symbols && symbols[0] &&
			!try_again(
				v, files, is_worse_change, tree, (const char *const *)symbols, err))
			return false;
	}
	if (!has_any(files, is_worse_addition))
		return true;
	oid built;
	repo_scratch_begin(v->engine->repo);
	bool ok = tip_build(v, &built, tree, g_ptr_array_index(v->m->series, series_index), err) &&
		  try_again(v, files, is_worse_addition, &built, NULL, err);
	repo_scratch_end(v->engine->repo);
	return ok;
}

static bool has_series(const step *s, const char *name)
{
	return g_ptr_array_find_with_equal_func(s->series, name, g_str_equal, NULL);
}

static bool verify_step(verifier *v, step *s, const oid *before, GError **err)
{
	g_autoptr(GArray) files = NULL;
	if (!changed_files(&files, v, before, &s->tree, err) ||
		!count_errors(v, files, before, &s->tree, err))
		return false;
	for (guint i = 0; i < v->m->series->len; i++) {
		const series *from = g_ptr_array_index(v->m->series, i);
		if (has_series(s, from->name) && !try_switches(v, files, &s->tree, i, err))
			return false;
	}
	g_autoptr(GPtrArray) worse = paths_of(files, is_worse);
	s->verified = worse->len ? VERIFIED_WORSE : VERIFIED_OK;
	return true;
}

bool verify_steps(mediation *m, engine *e, facts_reader *f, GError **err)
{
	verifier v = {m, e, f};
	oid before = m->base_tree;
	bool ok = true;
	for (guint i = 0; ok && i < m->plan->steps->len; i++) {
		step *s = g_ptr_array_index(m->plan->steps, i);
		if (oid_is_zero(&s->tree))
			continue;
		g_snprintf(e->doing, sizeof e->doing, "Checking step %u of %u", i + 1,
			m->plan->steps->len);
		ok = verify_step(&v, s, &before, err);
		before = s->tree;
	}
	*e->doing = 0;
	return ok;
}
