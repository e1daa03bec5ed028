/* Differences of trees and of texts, counted and cut into hunks as git diff does. */
#include "git/diff_shorten.h"
#include "git/internal.h"

static int collect_hunk(const git_diff_delta *delta, const git_diff_hunk *from, void *data)
{
	(void)delta;
	change_hunk h = {(unsigned)from->old_start, (unsigned)from->old_lines,
		(unsigned)from->new_start, (unsigned)from->new_lines, NULL, NULL};
	g_array_append_val((GArray *)data, h);
	return 0;
}

static void set_options(git_diff_options *options)
{
	git_diff_options_init(options, GIT_DIFF_OPTIONS_VERSION);
	options->flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
	options->context_lines = 0;
	options->interhunk_lines = 0;
	/* The limit on file sizes is ours and was checked when the texts were read. */
	options->max_size = -1;
}

/* An empty name: for any other, "file" when there is none, libgit2 asks for .gitattributes. */
static bool diff_into(GArray *hunks, const char *old_text, size_t old_len, const char *new_text,
	size_t new_len, GError **err)
{
	git_diff_options options;
	set_options(&options);
	if (git_diff_buffers(old_text, old_len, "", new_text, new_len, "", &options, NULL, NULL,
		    collect_hunk, NULL, hunks))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "two texts cannot be compared");
	return true;
}

/* The same for two blobs, whose ids spare libgit2 the hashing of both: a third of the time. */
static bool diff_blobs(repo *r, GArray *hunks, const oid *old_id, const oid *new_id, GError **err)
{
	git_diff_options options;
	g_autoptr(git_blob) old_blob = NULL;
	g_autoptr(git_blob) new_blob = NULL;
	set_options(&options);
	if (git_blob_lookup(&old_blob, r->detached, to_git(old_id)) ||
		git_blob_lookup(&new_blob, r->detached, to_git(new_id)) ||
		git_diff_blobs(old_blob, "", new_blob, "", &options, NULL, NULL, collect_hunk, NULL,
			hunks))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "two files cannot be compared");
	return true;
}

bool repo_diff_texts(GArray **hunks, const char *old_text, size_t old_len, const char *new_text,
	size_t new_len, GError **err)
{
	if (!git_library_init(err))
		return false;
	g_autoptr(GArray) found = g_array_new(FALSE, TRUE, sizeof(change_hunk));
	if (!diff_into(found, old_text, old_len, new_text, new_len, err))
		return false;
	*hunks = g_steal_pointer(&found);
	return true;
}

/* What git compares for one side: the blob, or for a submodule the line that names its commit. */
static bool side_text(repo *r, GBytes **out, const tree_entry *entry, GError **err)
{
	char hex[OID_HEX + 1];
	if (!entry->mode) {
		*out = g_bytes_new_static("", 0);
		return true;
	}
	if (entry->mode == 0160000) {
		char *text = g_strdup_printf("Subproject commit %s\n", oid_format(hex, &entry->id));
		*out = g_bytes_new_take(text, strlen(text));
		return true;
	}
	return repo_read_blob(r, out, &entry->id, err);
}

static bool bytes_are_binary(GBytes *bytes)
{
	size_t len;
	const char *data = g_bytes_get_data(bytes, &len);
	return len && text_is_binary(data, len);
}

static span bytes_span(GBytes *bytes)
{
	span s;
	s.at = g_bytes_get_data(bytes, &s.len);
	return s;
}

static unsigned count_lines(GBytes *bytes)
{
	return text_count_lines(bytes_span(bytes));
}

/* A file that is only on one side is one hunk of all its lines. */
static void one_hunk(GArray *hunks, unsigned old_count, unsigned new_count)
{
	change_hunk h = {old_count ? 1 : 0, old_count, new_count ? 1 : 0, new_count, NULL, NULL};
	if (old_count || new_count)
		g_array_append_val(hunks, h);
}

/* Makes a part of a text a blob that libgit2 can look up, under an id that no object has. */
static bool lend_part(repo *r, oid *id, const char *text, size_t len)
{
	/* A copy: the cache shall not keep a whole text for a part of it. */
	GBytes *part = g_bytes_new(text, len);
	memset(id->bytes, 0xff, OID_BYTES);
	r->parts_lent++;
	memcpy(id->bytes, &r->parts_lent, sizeof r->parts_lent);
	bool lent = object_cache_put(r->cache, id, GIT_OBJECT_BLOB, part);
	g_bytes_unref(part);
	return lent;
}

/* Two texts at hand. As buffers libgit2 would hash them, which costs more than to compare them. */
static bool diff_lent(repo *r, GArray *hunks, const char *a, size_t a_len, const char *b,
	size_t b_len, GError **err)
{
	oid old_id, new_id;
	if (lend_part(r, &old_id, a, a_len) && lend_part(r, &new_id, b, b_len))
		return diff_blobs(r, hunks, &old_id, &new_id, err);
	return diff_into(hunks, a, a_len, b, b_len, err);
}

/* Two blobs, as shortened texts where they can be shortened. */
static bool diff_versions(repo *r, GArray *hunks, const tree_entry *old_entry,
	const tree_entry *new_entry, GBytes *old_text, GBytes *new_text, GError **err)
{
	g_auto(short_texts) parts = {0};
	if (!diff_shorten(&parts, bytes_span(old_text), bytes_span(new_text)))
		return diff_blobs(r, hunks, &old_entry->id, &new_entry->id, err);
	if (!diff_lent(r, hunks, parts.old_text->str, parts.old_text->len, parts.new_text->str,
		    parts.new_text->len, err))
		return false;
	for (guint i = 0; i < hunks->len; i++) {
		change_hunk *h = &g_array_index(hunks, change_hunk, i);
		h->old_start += parts.shift;
		h->new_start += parts.shift;
	}
	return true;
}

static bool find_hunks(repo *r, file_change *c, const tree_entry *old_entry,
	const tree_entry *new_entry, GError **err)
{
	g_autoptr(GBytes) old_text = NULL;
	g_autoptr(GBytes) new_text = NULL;
	if (!side_text(r, &old_text, old_entry, err) || !side_text(r, &new_text, new_entry, err))
		return false;
	c->binary = bytes_are_binary(old_text) || bytes_are_binary(new_text);
	if (c->binary)
		return true;
	if (!old_entry->mode || !new_entry->mode) {
		one_hunk(c->hunks, count_lines(old_text), count_lines(new_text));
		return true;
	}
	if (old_entry->mode != 0160000 && new_entry->mode != 0160000)
		return diff_versions(r, c->hunks, old_entry, new_entry, old_text, new_text, err);
	size_t old_len, new_len;
	const char *a = g_bytes_get_data(old_text, &old_len);
	const char *b = g_bytes_get_data(new_text, &new_len);
	return diff_into(c->hunks, a ? a : "", old_len, b ? b : "", new_len, err);
}

static bool is_submodule(unsigned mode)
{
	return (mode & 0170000) == 0160000;
}

/* Takes what was made ahead; false when it was not. */
static bool take_change(repo *r, file_change *c)
{
	if (!r->ahead || is_submodule(c->old_mode) || is_submodule(c->new_mode))
		return false;
	g_autoptr(diff_job) job = diff_ahead_take(r->ahead, &c->old_oid, &c->new_oid);
	if (!job)
		return false;
	GArray *empty = c->hunks;
	c->hunks = job->change->hunks;
	job->change->hunks = empty;
	c->binary = job->change->binary;
	c->insertions = job->change->insertions;
	c->deletions = job->change->deletions;
	return true;
}

bool repo_diff_change(repo *r, file_change *c, GError **err)
{
	const tree_entry old_entry = {c->old_oid, c->old_mode},
			 new_entry = {c->new_oid, c->new_mode};
	if (oid_equal(&c->old_oid, &c->new_oid) || take_change(r, c))
		return true;
	if (!find_hunks(r, c, &old_entry, &new_entry, err)) {
		error_prefix(err, "%s", c->path);
		return false;
	}
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		c->insertions += h->new_count;
		c->deletions += h->old_count;
	}
	return true;
}

static bool step_text(repo *r, GBytes **out, const oid *id, GError **err)
{
	if (!oid_is_zero(id))
		return repo_read_blob(r, out, id, err);
	*out = g_bytes_new_static("", 0);
	return true;
}

/* The hunks of what is left between equal sides. */
static bool diff_parts(repo *r, GArray *hunks, span a, span b, GError **err)
{
	if (a.len && b.len)
		return diff_lent(r, hunks, a.at, a.len, b.at, b.len, err);
	one_hunk(hunks, text_count_lines(a), text_count_lines(b));
	return true;
}

bool repo_diff_step(repo *r, text_step *out, const oid *old_id, const oid *new_id, GError **err)
{
	g_autoptr(GBytes) old_text = NULL;
	g_autoptr(GBytes) new_text = NULL;
	g_autoptr(GArray) hunks = g_array_new(FALSE, TRUE, sizeof(change_hunk));
	if (!step_text(r, &old_text, old_id, err) || !step_text(r, &new_text, new_id, err))
		return false;
	span a = bytes_span(old_text), b = bytes_span(new_text);
	size_t front, back;
	text_equal_sides(&front, &back, a, b);
	const span old_part = {a.at + front, a.len - front - back},
		   new_part = {b.at + front, b.len - front - back};
	if (!diff_parts(r, hunks, old_part, new_part, err))
		return false;
	unsigned before = text_count_lines((span){a.at, front});
	for (guint i = 0; i < hunks->len; i++) {
		change_hunk *h = &g_array_index(hunks, change_hunk, i);
		h->old_start += before;
		h->new_start += before;
	}
	out->old_lines = before + text_count_lines((span){a.at + front, a.len - front});
	out->hunks = g_steal_pointer(&hunks);
	return true;
}

void text_step_clear(text_step *s)
{
	g_clear_pointer(&s->hunks, g_array_unref);
}

static bool add_change(const char *path, const tree_entry *old_entry, const tree_entry *new_entry,
	void *data, GError **err)
{
	(void)err;
	file_change *c = file_change_new(path);
	c->old_oid = old_entry->id;
	c->new_oid = new_entry->id;
	c->old_mode = old_entry->mode;
	c->new_mode = new_entry->mode;
	if (!c->old_mode)
		c->status = CHANGE_ADDED;
	else if (!c->new_mode)
		c->status = CHANGE_DELETED;
	else if ((c->old_mode ^ c->new_mode) & 0170000)
		c->status = CHANGE_TYPE;
	g_ptr_array_add(data, c);
	return true;
}

bool repo_changes(
	repo *r, GPtrArray **changes, const oid *old_tree, const oid *new_tree, GError **err)
{
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	if (!repo_compare(r, old_tree, new_tree, add_change, found, err))
		return false;
	*changes = g_steal_pointer(&found);
	return true;
}

bool repo_diff(repo *r, GPtrArray **changes, const oid *old_tree, const oid *new_tree, GError **err)
{
	g_autoptr(GPtrArray) found = NULL;
	if (!repo_changes(r, &found, old_tree, new_tree, err))
		return false;
	for (guint i = 0; i < found->len; i++)
		if (!repo_diff_change(r, g_ptr_array_index(found, i), err))
			return false;
	*changes = g_steal_pointer(&found);
	return true;
}
