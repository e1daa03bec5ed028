/* Verification: does each step of the plan leave the tree parsing no worse than before?
 *
 * All steps go through the same ways of reading, one way after the other: the files of different
 * steps are parsed side by side, and only those that are still worse go on to the next way. */
#include "engine/verify.h"

#include <string.h>

#include "base/error.h"
#include "engine/internal.h"

/* A .c file that a step changes. */
typedef struct verified_file {
	char *path;
	bool added;
	guint bound;  /* errors that it may have; G_MAXUINT: it did not parse before either */
	guint errors; /* of the best way to read it that was tried */
	bool unknown; /* to be read in the tip at hand */
} verified_file;

/* A step under verification. */
typedef struct verified_step {
	step *step;
	oid before;
	GArray *files; /* verified_file */
} verified_step;

typedef struct verifier {
	mediation *m;
	engine *engine;
	facts_reader *facts;
	GPtrArray *steps; /* verified_step * */
} verifier;

static void verified_file_clear(gpointer data)
{
	g_free(((verified_file *)data)->path);
}

static void verified_step_free(gpointer data)
{
	verified_step *s = data;
	g_array_unref(s->files);
	g_free(s);
}

static verified_file *file_at(const verified_step *s, guint i)
{
	return &g_array_index(s->files, verified_file, i);
}

/* The .c files that differ between both trees, by path. */
static bool find_files(verifier *v, verified_step *s, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	if (!repo_diff(v->engine->repo, &changes, &s->before, &s->step->tree, err))
		return false;
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (!g_str_has_suffix(c->path, ".c") || c->status == CHANGE_DELETED)
			continue;
		/* As bad as where it comes from: not to be found out once more a step. */
		if (c->status == CHANGE_ADDED && !facts_reader_survived(v->facts, c->path))
			continue;
		verified_file f = {.path = g_strdup(c->path),
			.added = c->status == CHANGE_ADDED,
			.errors = G_MAXUINT};
		g_array_append_val(s->files, f);
	}
	return true;
}

static bool find_steps(verifier *v, GError **err)
{
	oid before = v->m->base_tree;
	for (guint i = 0; i < v->m->plan->steps->len; i++) {
		step *one = g_ptr_array_index(v->m->plan->steps, i);
		if (oid_is_zero(&one->tree))
			continue;
		verified_step *s = g_new0(verified_step, 1);
		s->step = one;
		s->before = before;
		s->files = g_array_new(FALSE, TRUE, sizeof(verified_file));
		g_array_set_clear_func(s->files, verified_file_clear);
		g_ptr_array_add(v->steps, s);
		if (!find_files(v, s, err))
			return false;
		before = one->tree;
	}
	return true;
}

/* Files that parse with errors, more than they may have. */
static bool is_worse(const verified_file *f)
{
	if (f->errors == G_MAXUINT)
		return f->bound != G_MAXUINT;
	return f->bound != G_MAXUINT && f->errors > f->bound;
}

static bool has_series(const step *s, const char *name)
{
	return g_ptr_array_find_with_equal_func(s->series, name, g_str_equal, NULL);
}

/* --- one way of reading, for the files of all steps --- */

/* What one request asks for: files of a step. */
typedef struct question {
	verified_step *step;
	GArray *files; /* guint: places in step->files, as the request's paths */
} question;

/* Requests for one way of reading: they are parsed side by side. */
typedef struct round {
	GPtrArray *requests;  /* parse_request * */
	GPtrArray *questions; /* question *, one a request */
} round;

static void question_free(gpointer data)
{
	question *q = data;
	g_array_unref(q->files);
	g_free(q);
}

static void round_init(round *r)
{
	r->requests = g_ptr_array_new_with_free_func((GDestroyNotify)parse_request_free);
	r->questions = g_ptr_array_new_with_free_func(question_free);
}

static void round_clear(round *r)
{
	g_clear_pointer(&r->requests, g_ptr_array_unref);
	g_clear_pointer(&r->questions, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(round, round_clear)

typedef bool (*file_filter)(const verified_file *f);

/* Asks for the files of a step that pass, as they stand in `tree`. */
static void ask(
	round *r, verified_step *s, file_filter wanted, const oid *tree, const char *const *symbols)
{
	question *q = g_new0(question, 1);
	q->step = s;
	q->files = g_array_new(FALSE, FALSE, sizeof(guint));
	parse_request *p = parse_request_new(tree, symbols);
	for (guint i = 0; i < s->files->len; i++) {
		if (!wanted(file_at(s, i)))
			continue;
		g_ptr_array_add(p->paths, g_strdup(file_at(s, i)->path));
		g_array_append_val(q->files, i);
	}
	g_ptr_array_add(r->requests, p);
	g_ptr_array_add(r->questions, q);
}

/* The better result counts. */
static void take_errors(verified_file *f, guint errors)
{
	f->errors = MIN(f->errors, errors);
}

/* Before the step: what it may have now. */
static void take_before(verified_file *f, guint errors)
{
	f->bound = errors;
}

/* Where an added file comes from: the tip with the most errors counts. */
static void take_tip(verified_file *f, guint errors)
{
	if (errors != G_MAXUINT)
		f->bound = f->bound == G_MAXUINT ? errors : MAX(f->bound, errors);
}

static bool answer(
	verifier *v, round *r, void (*take)(verified_file *f, guint errors), GError **err)
{
	if (!facts_reader_parse(v->engine, v->facts, "Checking steps", r->requests, err))
		return false;
	for (guint i = 0; i < r->requests->len; i++) {
		const parse_request *p = g_ptr_array_index(r->requests, i);
		const question *q = g_ptr_array_index(r->questions, i);
		for (guint k = 0; k < q->files->len; k++)
			take(file_at(q->step, g_array_index(q->files, guint, k)),
				parse_request_errors(p, k));
	}
	return true;
}

/* --- what is asked --- */

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

static bool is_change(const verified_file *f)
{
	return !f->added;
}

static bool is_worse_change(const verified_file *f)
{
	return !f->added && is_worse(f);
}

static bool is_worse_addition(const verified_file *f)
{
	return f->added && is_worse(f);
}

static verified_step *step_at(const verifier *v, guint i)
{
	return g_ptr_array_index(v->steps, i);
}

static bool has_any(const verified_step *s, file_filter wanted)
{
	for (guint i = 0; i < s->files->len; i++) {
		if (wanted(file_at(s, i)))
			return true;
	}
	return false;
}

/* Files that their step changes, in its tree. */
static bool read_changes(verifier *v, GError **err)
{
	g_auto(round) r = {0};
	round_init(&r);
	for (guint i = 0; i < v->steps->len; i++)
		ask(&r, step_at(v, i), is_change, &step_at(v, i)->step->tree, NULL);
	return answer(v, &r, take_errors, err);
}

/* What parses now cannot be worse than before: only the rest is parsed in the tree before. */
static bool bound_changes(verifier *v, GError **err)
{
	g_auto(round) r = {0};
	round_init(&r);
	for (guint i = 0; i < v->steps->len; i++)
		ask(&r, step_at(v, i), is_worse_change, &step_at(v, i)->before, NULL);
	return answer(v, &r, take_before, err);
}

/* An added file is first built the way that its series builds it: nothing else in the step's tree
 * may build it yet. */
static bool read_additions(verifier *v, guint series_index, GError **err)
{
	const series *from = g_ptr_array_index(v->m->series, series_index);
	g_auto(round) r = {0};
	round_init(&r);
	repo_scratch_begin(v->engine->repo);
	bool ok = true;
	for (guint i = 0; ok && i < v->steps->len; i++) {
		verified_step *s = step_at(v, i);
		oid built;
		if (!has_series(s->step, from->name) || !has_any(s, is_worse_addition))
			continue;
		ok = tip_build(v, &built, &s->step->tree, from, err);
		if (ok)
			ask(&r, s, is_worse_addition, &built, NULL);
	}
	ok = ok && answer(v, &r, take_errors, err);
	repo_scratch_end(v->engine->repo);
	return ok;
}

static bool is_unknown(const verified_file *f)
{
	return f->unknown;
}

/* Takes what the reading of the tip knows of the step's added files; what it does not is marked. */
static void take_known(verifier *v, verified_step *s, guint series_index)
{
	for (guint i = 0; i < s->files->len; i++) {
		verified_file *f = file_at(s, i);
		guint errors;
		f->unknown = false;
		if (!f->added || !f->errors)
			continue;
		f->unknown = !facts_reader_knows_errors(&errors, v->facts, series_index, f->path);
		if (!f->unknown)
			take_tip(f, errors);
	}
}

/* What an added file may have: the errors that it has where it comes from. */
static bool bound_additions(verifier *v, GError **err)
{
	for (guint i = 0; i < v->steps->len; i++) {
		for (guint k = 0; k < step_at(v, i)->files->len; k++) {
			verified_file *f = file_at(step_at(v, i), k);
			if (f->added && f->errors)
				f->bound = G_MAXUINT;
		}
	}
	for (guint n = 0; n < v->m->series->len; n++) {
		const series *from = g_ptr_array_index(v->m->series, n);
		g_auto(round) r = {0};
		round_init(&r);
		for (guint i = 0; i < v->steps->len; i++) {
			take_known(v, step_at(v, i), n);
			ask(&r, step_at(v, i), is_unknown, &from->tip_tree, NULL);
		}
		if (!answer(v, &r, take_tip, err))
			return false;
	}
	return true;
}

/* As the step's tree itself builds them, if it does. */
static bool read_additions_plainly(verifier *v, GError **err)
{
	g_auto(round) r = {0};
	round_init(&r);
	for (guint i = 0; i < v->steps->len; i++)
		ask(&r, step_at(v, i), is_worse_addition, &step_at(v, i)->step->tree, NULL);
	return answer(v, &r, take_errors, err);
}

/* Code of the base that compiles only under the switches that a series brings is no worse when it
 * parses with those on that the tree has. */
static bool read_switched(verifier *v, guint series_index, GError **err)
{
	const series *from = g_ptr_array_index(v->m->series, series_index);
	g_auto(GStrv) symbols = NULL;
	g_auto(round) r = {0};
	round_init(&r);
	for (guint i = 0; i < v->steps->len; i++) {
		verified_step *s = step_at(v, i);
		if (!has_series(s->step, from->name) || !has_any(s, is_worse_change))
			continue;
		if (!symbols && !facts_reader_switches(&symbols, v->facts, series_index, err))
			return false;
		if (symbols && symbols[0])
			ask(&r, s, is_worse_change, &s->step->tree, (const char *const *)symbols);
	}
	return answer(v, &r, take_errors, err);
}

static bool verify_changes(verifier *v, GError **err)
{
	if (!read_changes(v, err) || !bound_changes(v, err))
		return false;
	for (guint i = 0; i < v->m->series->len; i++) {
		if (!read_switched(v, i, err))
			return false;
	}
	return true;
}

static bool verify_additions(verifier *v, GError **err)
{
	for (guint i = 0; i < v->m->series->len; i++) {
		if (!read_additions(v, i, err))
			return false;
	}
	return bound_additions(v, err) && read_additions_plainly(v, err);
}

bool verify_steps(mediation *m, engine *e, facts_reader *f, GError **err)
{
	g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(verified_step_free);
	verifier v = {m, e, f, steps};
	if (!find_steps(&v, err) || !verify_changes(&v, err) || !verify_additions(&v, err))
		return false;
	for (guint i = 0; i < steps->len; i++) {
		const verified_step *s = step_at(&v, i);
		s->step->verified = has_any(s, is_worse) ? VERIFIED_WORSE : VERIFIED_OK;
	}
	return true;
}
