/* The applier: each patch of a source becomes a commit on the series' tip, in memory. */
#include "series/apply.h"

#include <string.h>

#include "base/cancel.h"
#include "base/error.h"
#include "series/apply_ahead.h"
#include "series/apply_file.h"
#include "series/apply_threeway.h"
#include "series/patch_id.h"

/* One call of series_apply. Nothing reaches the series before everything went well. */
typedef struct applier {
	repo *r;
	tree_edit *edit; /* stands at `tree` between patches */
	ahead *others;	 /* what other threads do meanwhile */
	oid tip, tree;
	person fallback; /* author of what names none: fixed, with the base's date, for stable ids
			  */
	GPtrArray *commits; /* series_commit * */
	GPtrArray *rejects; /* reject * */
	GArray *idle;	    /* unsigned: n of patches that change nothing, though they say so */
	unsigned first;	    /* n of the first new commit */
	unsigned source;
} applier;

static void applier_clear(applier *a)
{
	tree_edit_free(a->edit);
	person_clear(&a->fallback);
	g_clear_pointer(&a->commits, g_ptr_array_unref);
	g_clear_pointer(&a->rejects, g_ptr_array_unref);
	g_clear_pointer(&a->idle, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(applier, applier_clear)

static bool applier_init(applier *a, const series *s, repo *r, unsigned source, GError **err)
{
	person base = {0};
	a->r = r;
	a->tip = oid_is_zero(&s->tip) ? s->base : s->tip;
	if (!repo_read_commit(r, &s->base, NULL, &base, NULL, NULL, err) ||
		!repo_commit_tree(r, &a->tree, &a->tip, err) ||
		!tree_edit_new(&a->edit, r, &a->tree, err)) {
		person_clear(&base);
		return false;
	}
	a->fallback =
		(person){g_strdup(NOBODY_NAME), g_strdup(NOBODY_EMAIL), base.time, base.offset};
	person_clear(&base);
	a->commits = g_ptr_array_new_with_free_func((GDestroyNotify)series_commit_free);
	a->rejects = g_ptr_array_new_with_free_func((GDestroyNotify)reject_free);
	a->idle = g_array_new(FALSE, FALSE, sizeof(unsigned));
	a->first = s->commits->len + 1;
	a->source = source;
	return true;
}

/* ---- the three kinds of patch; each leaves the edit at its result ---- */

static bool try_files(file_job *job, GError **err)
{
	const GPtrArray *files = job->patch->files;
	apply_file_prepare(job->stage, job->patch);
	for (guint i = 0; i < files->len; i++)
		if (!apply_file(job, g_ptr_array_index(files, i), err))
			return false;
	return true;
}

static reject *add_reject(
	applier *a, const patch *p, unsigned n, reject_reason reason, const char *path)
{
	reject *x = reject_new();
	x->patch = n;
	x->reason = reason;
	x->path = g_strdup(path);
	x->origin = g_strdup(p->source);
	g_ptr_array_add(a->rejects, x);
	return x;
}

static bool finish_stage(applier *a, stage *s, const patch *p, series_commit *c, GError **err)
{
	g_autofree char *blocked = NULL;
	g_autoptr(GArray) steps = path_steps_new();
	if (!stage_commit(s, steps, &blocked, err))
		return false;
	for (guint i = 0; i < steps->len; i++) {
		const path_step *step = &g_array_index(steps, path_step, i);
		GBytes *before, *after;
		stage_texts(s, step->path, &before, &after);
		ahead_change(a->others, step, before, after);
	}
	if (!blocked)
		c->steps = g_steal_pointer(&steps);
	if (blocked) {
		add_reject(a, p, c->n, REJECT_EXISTS, blocked);
		c->applied = false;
	}
	return true;
}

/* First as git apply does, whole; then by three-way merge, whole; then whatever fits. */
static bool apply_diff(applier *a, const patch *p, series_commit *c, GError **err)
{
	g_autoptr(stage) strict = stage_new(a->r, a->edit);
	file_job job = {.r = a->r, .stage = strict, .patch = p, .n = c->n, .rules = TEXT_STRICT};
	if (!try_files(&job, err))
		return false;
	c->applied = true;
	c->fuzzy = job.fuzzy;
	if (!job.failed)
		return finish_stage(a, strict, p, c, err);

	g_autoptr(stage) merged = stage_new(a->r, a->edit);
	bool done;
	if (!threeway_apply(&done, a->r, merged, a->edit, &a->tree, p, err))
		return false;
	c->fuzzy = job.fuzzy + job.failed;
	if (done)
		return finish_stage(a, merged, p, c, err);

	g_autoptr(stage) partial = stage_new(a->r, a->edit);
	file_job rest = {.r = a->r,
		.stage = partial,
		.patch = p,
		.n = c->n,
		.rules = TEXT_ALL,
		.rejects = a->rejects};
	if (!try_files(&rest, err))
		return false;
	c->fuzzy = rest.fuzzy;
	c->applied = !rest.failed;
	return finish_stage(a, partial, p, c, err);
}

static bool apply_overlay(applier *a, const patch *p, series_commit *c, GError **err)
{
	c->applied = true;
	for (guint i = 0; i < p->files->len; i++) {
		const overlay_file *f = g_ptr_array_index(p->files, i);
		size_t size;
		const char *data = g_bytes_get_data(f->data, &size);
		oid id;
		GError *inner = NULL;
		if (!repo_path_is_safe(f->path))
			return error_set(err, TRUCE_ERROR_INPUT, NULL,
				"%s: '%s' is not a path inside the tree", p->source, f->path);
		if (!repo_write_blob(a->r, &id, data ? data : "", size, err)) {
			error_prefix(err, "%s: %s", p->source, f->path);
			return false;
		}
		if (tree_edit_set(a->edit, f->path, &id, f->mode, &inner))
			continue;
		if (!g_error_matches(inner, TRUCE_ERROR, TRUCE_ERROR_INPUT)) {
			g_propagate_error(err, inner);
			return false;
		}
		g_error_free(inner);
		add_reject(a, p, c->n, REJECT_EXISTS, f->path);
		c->applied = false;
	}
	return true;
}

/* A commit whose parent is the tip is taken as it is; any other is carried over by merging its
 * change into the tip's tree. */
static bool apply_commit(applier *a, const patch *p, series_commit *c, GError **err)
{
	oid parent, parent_tree = {{0}}, tree, merged;
	if (!repo_read_commit(a->r, &p->commit, NULL, NULL, &parent, &tree, err))
		return false;
	/* The first commit of all has no parent: it adds everything. */
	if (!oid_is_zero(&parent) && !repo_commit_tree(a->r, &parent_tree, &parent, err))
		return false;
	c->applied = true;
	if (oid_equal(&parent, &a->tip)) {
		c->commit = p->commit;
		merged = tree;
	} else {
		g_autoptr(GPtrArray) conflicts = NULL;
		if (!repo_merge(a->r, &merged, &conflicts, &parent_tree, &a->tree, &tree, err))
			return false;
		for (guint i = 0; i < conflicts->len; i++) {
			const merge_conflict *conflict = g_ptr_array_index(conflicts, i);
			add_reject(a, p, c->n, REJECT_COMMIT, conflict->path);
			c->applied = false;
		}
	}
	g_clear_pointer(&a->edit, tree_edit_free);
	return tree_edit_new(&a->edit, a->r, &merged, err) &&
	       patch_id_of_trees(&c->patch_id, a->r, &parent_tree, &tree, err);
}

/* ---- what comes of a patch ---- */

static void copy_author(applier *a, person *out, const person *from)
{
	person_copy(out, from->name || from->email ? from : &a->fallback);
	if (!out->name)
		out->name = g_strdup(out->email);
	if (!out->email)
		out->email = g_strdup("");
	if (!out->time) {
		out->time = a->fallback.time;
		out->offset = a->fallback.offset;
	}
}

static char *whole_message(const patch *p)
{
	const char *text = p->message && *p->message ? p->message
			   : p->subject		     ? p->subject
						     : p->source;
	return g_str_has_suffix(text, "\n") ? g_strdup(text) : g_strconcat(text, "\n", NULL);
}

static series_commit *commit_for(applier *a, const patch *p)
{
	series_commit *c = series_commit_new();
	c->n = a->first + a->commits->len;
	c->source = a->source;
	c->subject = g_strdup(p->subject);
	c->message = whole_message(p);
	c->message_id = g_strdup(p->message_id);
	c->origin = g_strdup(p->source);
	copy_author(a, &c->author, &p->author);
	return c;
}

/* Writes the tree and, unless the patch did nothing at all, its commit. */
static bool write_result(applier *a, const patch *p, series_commit *c, GError **err)
{
	oid tree;
	if (!tree_edit_write(a->edit, &tree, err))
		return false;
	bool changed = !oid_equal(&tree, &a->tree);
	/* A commit may well be empty on purpose. */
	bool says_more = p->kind == PATCH_COMMIT ? c->patch_id != NULL : p->files->len;
	if (!changed && c->applied && says_more)
		g_array_append_val(a->idle, c->n);
	c->tree = a->tree = tree;
	if (oid_is_zero(&c->commit) && (c->applied || changed) &&
		!repo_write_commit(
			a->r, &c->commit, &tree, &a->tip, 1, &c->author, c->message, err))
		return false;
	if (!oid_is_zero(&c->commit))
		a->tip = c->commit;
	return true;
}

static bool apply_patch(applier *a, const patch *p, GError **err)
{
	series_commit *c = commit_for(a, p);
	g_ptr_array_add(a->commits, c);
	bool ok = false;
	switch (p->kind) {
	case PATCH_DIFF:
		c->patch_id = patch_id_of_diff(p);
		ok = apply_diff(a, p, c, err);
		break;
	case PATCH_COMMIT:
		ok = apply_commit(a, p, c, err);
		break;
	case PATCH_OVERLAY:
		ok = apply_overlay(a, p, c, err);
		break;
	}
	return ok && write_result(a, p, c, err);
}

/* Numbers shown; who gave a series twice needs not all of them. */
#define IDLE_SHOWN 12u

static void note_idle(series *s, const GArray *idle)
{
	if (!idle->len)
		return;
	g_autoptr(GString) numbers = g_string_new(NULL);
	for (guint i = 0; i < MIN(idle->len, IDLE_SHOWN); i++)
		g_string_append_printf(
			numbers, "%s%u", i ? ", " : "", g_array_index(idle, unsigned, i));
	const char *what = idle->len == 1 ? "patch changes nothing, what it does"
					  : "patches change nothing, what they do";
	g_ptr_array_add(s->notes, g_strdup_printf("%u %s is there already: %s%s", idle->len, what,
					  numbers->str, idle->len > IDLE_SHOWN ? ", ..." : ""));
}

static void move_all(GPtrArray *to, GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++)
		g_ptr_array_add(to, g_ptr_array_index(from, i));
	g_ptr_array_set_free_func(from, NULL);
}

static bool apply_all(applier *a, const patch_list *patches, GError **err)
{
	for (guint i = 0; i < patches->patches->len; i++) {
		const patch *p = g_ptr_array_index(patches->patches, i);
		if (!cancel_check(err))
			return false;
		if (!apply_patch(a, p, err)) {
			error_prefix(err, "%s", p->source);
			return false;
		}
	}
	return true;
}

bool series_apply(series *s, repo *r, const patch_list *patches, unsigned source, GError **err)
{
	g_auto(applier) a = {0};
	if (!applier_init(&a, s, r, source, err))
		return false;
	a.others = ahead_new(r, a.edit, patches, oid_equal(&a.tip, &s->base));
	bool ok = apply_all(&a, patches, err);
	g_clear_pointer(&a.others, ahead_free);
	if (!ok)
		return false;
	move_all(s->commits, a.commits);
	move_all(s->rejects, a.rejects);
	note_idle(s, a.idle);
	s->tip = a.tip;
	s->tip_tree = a.tree;
	return true;
}
