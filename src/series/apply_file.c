/* One file of a diff onto the stage: what it starts from, its new content, mode and name. Follows
 * git's apply.c (check_patch, apply_data, check_to_create). */
#include "series/apply_file.h"

#include <string.h>

#include "base/error.h"
#include "series/apply_binary.h"

#define TYPE_MASK 0170000u
#define MODE_SUBMODULE 0160000u
/* Rejects of one patch for which the nearest place is looked for: nobody reads more, and a patch of
 * a hundred thousand wrong hunks must not buy an hour. */
#define NEAR_REJECTS_MAX 100u

reject *apply_reject(file_job *job, const patch_file *f, reject_reason reason, unsigned hunk_n)
{
	reject *x = reject_new();
	x->patch = job->n;
	x->reason = reason;
	x->path = g_strdup(patch_file_path(f));
	x->origin = g_strdup(job->patch->source);
	x->source_line = f->source_line;
	x->hunk = hunk_n;
	g_ptr_array_add(job->rejects, x);
	return x;
}

/* The whole file finds no place. Always true: a result, not a failure. */
static bool refuse(file_job *job, const patch_file *f, reject_reason reason, const char *difference)
{
	job->failed++;
	if (job->rules == TEXT_ALL) {
		reject *x = apply_reject(job, f, reason, 0);
		x->difference = g_strdup(difference);
	}
	return true;
}

void apply_file_prepare(stage *s, const patch *p)
{
	for (guint i = 0; i < p->files->len; i++) {
		const patch_file *f = g_ptr_array_index(p->files, i);
		if (f->old_path && (f->change == PATCH_DELETE || f->change == PATCH_RENAME))
			stage_expect_gone(s, f->old_path);
	}
}

static bool check_paths(const file_job *job, const patch_file *f, GError **err)
{
	const char *paths[] = {f->old_path, f->new_path};
	for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++)
		if (paths[i] && !repo_path_is_safe(paths[i]))
			return error_set(err, TRUCE_ERROR_INPUT,
				"a patch may only name files inside the tree",
				"%s:%u: '%s' is not a path inside the tree", job->patch->source,
				f->source_line, paths[i]);
	return true;
}

static bool adds_file(const patch_file *f)
{
	return f->change == PATCH_ADD;
}

/* What the file starts from. False when it is not there. */
static bool find_source(file_job *job, const patch_file *f, staged_file *out)
{
	if (f->change == PATCH_RENAME || f->change == PATCH_COPY)
		return stage_get_before(job->stage, f->old_path, out);
	return stage_get(job->stage, f->old_path, out);
}

/* git's empty_blob: what a missing side is compared with. */
static GBytes *empty_bytes(void)
{
	return g_bytes_new_static("", 0);
}

static bool id_matches(repo *r, const char *abbreviated, GBytes *data)
{
	size_t size;
	const char *bytes = g_bytes_get_data(data, &size);
	oid id;
	char hex[OID_HEX + 1];
	repo_hash_blob(r, &id, bytes ? bytes : "", size);
	oid_format(hex, &id);
	return !g_ascii_strncasecmp(hex, abbreviated, strlen(abbreviated));
}

static bool says_nothing(const char *id)
{
	return !id || strspn(id, "0") == strlen(id);
}

/* The new content of a binary file; NULL when the patch does not fit. */
static GBytes *binary_content(file_job *job, const patch_file *f, GBytes *old)
{
	if (!says_nothing(f->new_id) && id_matches(job->r, f->new_id, old)) {
		/* It is there already. */
		job->fuzzy++;
		return g_bytes_ref(old);
	}
	bool matches = says_nothing(f->old_id) ? !g_bytes_get_size(old)
					       : id_matches(job->r, f->old_id, old);
	if (!matches)
		return NULL;
	g_autoptr(GBytes) made = NULL;
	if (f->forward.kind == PATCH_BINARY_OMITTED) {
		/* The repository may know what the patch leaves out. */
		oid id;
		if (says_nothing(f->new_id) || !repo_find_blob(job->r, &id, f->new_id, NULL) ||
			!repo_read_blob(job->r, &made, &id, NULL))
			return NULL;
	} else if (!binary_apply(&made, &f->forward, old)) {
		return NULL;
	}
	bool wrong = !says_nothing(f->new_id) && !id_matches(job->r, f->new_id, made);
	return wrong ? NULL : g_steal_pointer(&made);
}

static void reject_hunk(file_job *job, const patch_file *f, guint i, GBytes *text)
{
	const hunk *h = g_ptr_array_index(f->hunks, i);
	reject *x = apply_reject(job, f, REJECT_HUNK, i + 1);
	near_place near;
	x->source_line = h->source_line;
	if (++job->searched > NEAR_REJECTS_MAX)
		return;
	text_nearest(&near, text, h);
	x->near_line = near.first;
	x->near_end = near.last;
	x->difference = near.difference;
}

typedef enum merge_result {
	MERGE_UNKNOWN, /* what the patch was made on cannot be had */
	MERGE_CLEAN,
	MERGE_CONFLICT,
} merge_result;

/* The patch's change made on the blob that it was made on, merged with the content there is. */
static merge_result merge_content(file_job *job, const patch_file *f, GBytes *old, GBytes **out)
{
	g_autoptr(GBytes) base = NULL;
	g_autoptr(GBytes) merged = NULL;
	oid id;
	if (says_nothing(f->old_id) || !repo_find_blob(job->r, &id, f->old_id, NULL) ||
		!repo_read_blob(job->r, &base, &id, NULL))
		return MERGE_UNKNOWN;
	g_autofree placement *places = g_new0(placement, f->hunks->len);
	g_autoptr(GBytes) changed = text_apply(base, f->hunks, TEXT_STRICT, places, NULL);
	for (guint i = 0; i < f->hunks->len; i++)
		if (places[i] == PLACED_NOWHERE)
			return MERGE_UNKNOWN;
	bool clean = false;
	if (!repo_merge_texts(&merged, &clean, base, old, changed, "ours", "theirs", NULL))
		return MERGE_UNKNOWN;
	if (!clean)
		return MERGE_CONFLICT;
	*out = g_steal_pointer(&merged);
	return MERGE_CLEAN;
}

/* The new content of a text file. *failed counts the hunks left out of it. */
static GBytes *text_content(
	file_job *job, const patch_file *f, GBytes *old, text_edit *edit, unsigned *failed)
{
	guint count = f->hunks->len;
	g_autofree placement *places = g_new0(placement, count ? count : 1);
	g_autoptr(GBytes) made = text_apply(old, f->hunks, TEXT_STRICT, places, edit);
	unsigned missing = 0, moved = 0;
	for (guint i = 0; i < count; i++) {
		missing += places[i] == PLACED_NOWHERE;
		moved += places[i] > PLACED_EXACT;
	}
	*failed = missing;
	if (!missing || job->rules == TEXT_STRICT) {
		job->fuzzy += moved;
		return g_steal_pointer(&made);
	}
	g_autoptr(GBytes) merged = NULL;
	merge_result result =
		f->change == PATCH_ADD ? MERGE_UNKNOWN : merge_content(job, f, old, &merged);
	if (result == MERGE_CLEAN) {
		job->fuzzy += missing + moved;
		*failed = 0;
		text_edit_clear(edit);
		return g_steal_pointer(&merged);
	}
	/* Where the merge shows a conflict, less context would only hide it. */
	if (result == MERGE_UNKNOWN) {
		g_bytes_unref(made);
		text_edit_clear(edit);
		made = text_apply(old, f->hunks, TEXT_ALL, places, edit);
	}
	*failed = 0;
	for (guint i = 0; i < count; i++) {
		if (places[i] == PLACED_NOWHERE) {
			reject_hunk(job, f, i, old);
			++*failed;
		} else if (places[i] != PLACED_EXACT) {
			job->fuzzy++;
		}
	}
	return g_steal_pointer(&made);
}

/* Deleting needs the whole content to match: git refuses to delete what the patch has not seen. */
static bool apply_deletion(file_job *job, const patch_file *f, staged_file *source, GError **err)
{
	if (!stage_load(job->stage, source, err))
		return false;
	bool binary = f->forward.kind != PATCH_BINARY_NONE;
	bool fits;
	if (binary || !f->hunks->len) {
		fits = says_nothing(f->old_id) ? !g_bytes_get_size(source->data)
					       : id_matches(job->r, f->old_id, source->data);
	} else {
		unsigned failed = 0;
		g_auto(text_edit) edit = {0};
		g_autoptr(GBytes) left = text_content(job, f, source->data, &edit, &failed);
		fits = !failed && !g_bytes_get_size(left);
		if (failed) {
			job->failed += failed;
			return true;
		}
	}
	if (!fits)
		return refuse(job, f, binary ? REJECT_BINARY : REJECT_HUNK,
			"the file holds more than the patch deletes\n");
	stage_remove(job->stage, f->old_path, source->data);
	return true;
}

static bool is_file_mode(unsigned mode)
{
	return mode == 0100644 || mode == 0100755 || mode == 0120000 || mode == MODE_SUBMODULE;
}

/* Content and mode of what the file becomes. *fits is false when nothing can be made. */
static bool make_content(file_job *job, const patch_file *f, staged_file *source, staged_file *out,
	bool *fits, GError **err)
{
	*fits = true;
	out->mode = source->mode;
	bool same_mode = f->old_mode == f->new_mode;
	if (f->new_mode && (!same_mode || adds_file(f)))
		out->mode = f->new_mode;
	if (!out->mode)
		out->mode = 0100644;
	if ((out->mode & TYPE_MASK) == 0100000)
		out->mode = out->mode & 0100 ? 0100755 : 0100644;
	if (!is_file_mode(out->mode)) {
		*fits = false;
		return true;
	}
	bool binary = f->forward.kind != PATCH_BINARY_NONE;
	if (!binary && !f->hunks->len) {
		out->id = source->id;
		out->data = source->data ? g_bytes_ref(source->data) : NULL;
		if (adds_file(f))
			out->data = empty_bytes();
		return true;
	}
	if (!adds_file(f) && !stage_load(job->stage, source, err))
		return false;
	g_autoptr(GBytes) old = adds_file(f) ? empty_bytes() : g_bytes_ref(source->data);
	if (binary) {
		out->data = binary_content(job, f, old);
		*fits = out->data != NULL;
		return true;
	}
	unsigned failed = 0;
	out->data = text_content(job, f, old, &out->edit, &failed);
	job->failed += failed;
	/* A new file is made whole or not at all. */
	*fits = !failed || (job->rules == TEXT_ALL && !adds_file(f));
	return true;
}

static bool bytes_same(const file_job *job, staged_file *a, staged_file *b)
{
	if ((a->mode & TYPE_MASK) != (b->mode & TYPE_MASK))
		return false;
	return stage_load(job->stage, a, NULL) && stage_load(job->stage, b, NULL) &&
	       g_bytes_equal(a->data, b->data);
}

/* A submodule's content must go on naming a commit. */
static bool names_commit(const staged_file *f)
{
	if (f->mode != MODE_SUBMODULE || !f->data)
		return true;
	size_t size;
	const char *text = g_bytes_get_data(f->data, &size);
	static const char prefix[] = "Subproject commit ";
	oid id;
	if (size < strlen(prefix) + OID_HEX || memcmp(text, prefix, strlen(prefix)))
		return false;
	g_autofree char *hex = g_strndup(text + strlen(prefix), OID_HEX);
	return oid_parse(&id, hex);
}

bool apply_file(file_job *job, const patch_file *f, GError **err)
{
	g_auto(staged_file) source = {0};
	g_auto(staged_file) result = {0};
	if (!check_paths(job, f, err))
		return false;
	if (!adds_file(f)) {
		if (!find_source(job, f, &source))
			return refuse(job, f, REJECT_MISSING, NULL);
		if (f->old_mode && (f->old_mode & TYPE_MASK) != (source.mode & TYPE_MASK))
			return refuse(job, f, REJECT_HUNK,
				"the file in the tree is of another type (link, file, "
				"submodule)\n");
	}
	if (f->change == PATCH_DELETE)
		return apply_deletion(job, f, &source, err);
	bool moves = adds_file(f) || f->change == PATCH_RENAME || f->change == PATCH_COPY;
	bool taken = moves && !stage_is_free(job->stage, f->new_path) &&
		     !(f->old_path && !strcmp(f->old_path, f->new_path));
	if (taken && job->rules == TEXT_STRICT) {
		job->failed++;
		return true;
	}
	bool fits;
	unsigned failed_before = job->failed;
	if (!make_content(job, f, &source, &result, &fits, err))
		return false;
	if (fits && taken) {
		g_auto(staged_file) there = {0};
		if (!stage_get(job->stage, f->new_path, &there) ||
			!bytes_same(job, &there, &result))
			return refuse(job, f, REJECT_EXISTS, NULL);
		job->fuzzy++;
		result.mode = there.mode;
	}
	bool binary = f->forward.kind != PATCH_BINARY_NONE;
	if (!fits && binary)
		return refuse(job, f, REJECT_BINARY,
			f->forward.kind == PATCH_BINARY_OMITTED
				? "the patch names the binary file but does not hold its content\n"
				: NULL);
	if (fits && !names_commit(&result))
		return refuse(job, f, REJECT_HUNK, "a submodule that names no commit\n");
	if (!fits)
		return job->failed > failed_before ||
		       refuse(job, f, REJECT_HUNK, "the patch asks for a mode that no file has\n");
	result.edited = !stage_touches(job->stage, f->new_path) &&
			(adds_file(f) || f->change == PATCH_MODIFY);
	result.from = source.id;
	if (result.edited && source.data)
		result.before = g_bytes_ref(source.data);
	stage_put(job->stage, f->new_path, &result);
	if (f->change == PATCH_RENAME)
		stage_move_away(job->stage, f->old_path);
	return true;
}
