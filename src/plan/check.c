/* Checks a plan without trusting how it was made: the account of hunks, and the trees. */
#include "plan/make.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* --- the account --- */

static char *hunk_key(unsigned series_index, const char *path, unsigned n)
{
	return g_strdup_printf("%u %u %s", series_index, n, path);
}

static void expect_hunks(GHashTable *open, unsigned series_index, const file_change *change)
{
	if (!change->hunks->len)
		g_hash_table_add(open, hunk_key(series_index, change->path, 0));
	for (unsigned n = 1; n <= change->hunks->len; n++)
		g_hash_table_add(open, hunk_key(series_index, change->path, n));
}

static bool strike_hunks(GHashTable *open, const GPtrArray *hunks, const char *where, GError **err)
{
	for (guint i = 0; i < hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(hunks, i);
		g_autofree char *key = hunk_key(h->series, h->path, h->hunk);
		if (!g_hash_table_remove(open, key))
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"%s: hunk %u of %s, series %u, is in the plan twice or not in the "
				"series",
				where, h->hunk, h->path, h->series + 1);
	}
	return true;
}

static bool check_step(const step *s, unsigned n, GError **err)
{
	if (s->n != n)
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "step %u is numbered %u", n, s->n);
	for (guint i = 0; i < s->depends_on->len; i++) {
		unsigned on = g_array_index(s->depends_on, unsigned, i);
		if (!on || on >= n)
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"step %u depends on step %u, which does not come before it", n, on);
	}
	if (oid_is_zero(&s->tree) && s->hunks->len)
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "step %u has hunks but no tree", n);
	return true;
}

bool plan_check(const mediation *m, GError **err)
{
	g_autoptr(GHashTable) open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (unsigned i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		for (guint k = 0; s->changes && k < s->changes->len; k++)
			expect_hunks(open, i, g_ptr_array_index(s->changes, k));
	}
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		if (!check_step(s, i + 1, err) || !strike_hunks(open, s->hunks, s->title, err))
			return false;
	}
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		if (!strike_hunks(open, u->hunks, u->title, err))
			return false;
	}
	GHashTableIter it;
	gpointer key;
	g_hash_table_iter_init(&it, open);
	if (g_hash_table_iter_next(&it, &key, NULL))
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"%u hunks are in no step, one of them: %s", g_hash_table_size(open),
			(const char *)key);
	return true;
}

/* --- the trees --- */

/* The path's text of one step on from the text before: each hunk is looked for by its place in the
 * base and the lines that were put in before it, which is how a person would apply it. */
typedef struct grown_file {
	GByteArray *text;
	GArray *done; /* change_hunk *: laid so far */
	bool exists;
	unsigned mode;
	bool mixed; /* hunks of two series meet: their order is the maker's to choose */
} grown_file;

static void grown_file_free(gpointer data)
{
	grown_file *f = data;
	g_byte_array_unref(f->text);
	g_array_unref(f->done);
	g_free(f);
}

static bool append_blob(repo *r, GByteArray *out, const oid *blob, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	if (oid_is_zero(blob))
		return true;
	if (!repo_read_blob(r, &bytes, blob, err))
		return false;
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	g_byte_array_append(out, data, (guint)len);
	return true;
}

static grown_file *grow_start(repo *r, const file_change *change, GError **err)
{
	grown_file *f = g_new0(grown_file, 1);
	f->text = g_byte_array_new();
	f->done = g_array_new(FALSE, FALSE, sizeof(const change_hunk *));
	f->exists = change->old_mode != 0;
	f->mode = change->old_mode;
	if (append_blob(r, f->text, &change->old_oid, err))
		return f;
	grown_file_free(f);
	return NULL;
}

static unsigned start_of(const change_hunk *h)
{
	return h->old_count ? h->old_start - 1 : h->old_start;
}

/* Splices the new lines of `h` in, where the hunks before moved its place to. */
static bool grow_hunk(
	repo *r, grown_file *f, const file_change *change, const change_hunk *h, GError **err)
{
	long at = start_of(h);
	for (guint i = 0; i < f->done->len; i++) {
		const change_hunk *before = g_array_index(f->done, const change_hunk *, i);
		unsigned b = start_of(before), e = b + before->old_count;
		if (b <= start_of(h) + h->old_count && start_of(h) <= e)
			f->mixed |= b < start_of(h) + h->old_count || start_of(h) < e ||
				    (!before->old_count && !h->old_count) || !before->old_count ||
				    !h->old_count;
		if (e <= start_of(h))
			at += (long)before->new_count - (long)before->old_count;
	}
	g_autoptr(GByteArray) source = g_byte_array_new();
	if (f->mixed)
		return true;
	if (!append_blob(r, source, &change->new_oid, err))
		return false;
	line_index from, to;
	line_index_init(&from, (const char *)source->data, source->len);
	line_index_init(&to, (const char *)f->text->data, f->text->len);
	size_t first = h->new_count ? h->new_start - 1 : 0;
	bool inside = at >= 0 && (size_t)at + h->old_count <= to.count &&
		      first + h->new_count <= from.count;
	g_autoptr(GByteArray) grown = g_byte_array_new();
	if (inside) {
		g_byte_array_append(grown, f->text->data, (guint)to.start[at]);
		g_byte_array_append(grown, source->data + from.start[first],
			(guint)(from.start[first + h->new_count] - from.start[first]));
		g_byte_array_append(grown, f->text->data + to.start[(size_t)at + h->old_count],
			(guint)(to.len - to.start[(size_t)at + h->old_count]));
	}
	line_index_clear(&from);
	line_index_clear(&to);
	if (!inside)
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "%s: a hunk finds no place", change->path);
	g_byte_array_unref(f->text);
	f->text = g_steal_pointer(&grown);
	g_array_append_val(f->done, h);
	return true;
}

static bool grow_whole(repo *r, grown_file *f, const file_change *change, GError **err)
{
	if (change->status == CHANGE_DELETED) {
		f->exists = false;
		return true;
	}
	f->exists = true;
	f->mode = change->new_mode;
	if (oid_equal(&change->old_oid, &change->new_oid))
		return true;
	g_byte_array_set_size(f->text, 0);
	/* a submodule has no blob, its commit is not here */
	f->mixed |= (change->new_mode & 0170000) == 0160000;
	return f->mixed || append_blob(r, f->text, &change->new_oid, err);
}

static bool grow(repo *r, GHashTable *files, const mediation *m, const plan_hunk *h, GError **err)
{
	const file_change *change = series_change(g_ptr_array_index(m->series, h->series), h->path);
	grown_file *f = g_hash_table_lookup(files, h->path);
	if (!f) {
		f = grow_start(r, change, err);
		if (!f)
			return false;
		g_hash_table_insert(files, h->path, f);
	}
	if (!h->hunk || change->binary || change->status == CHANGE_TYPE)
		return grow_whole(r, f, change, err);
	const change_hunk *lines = &g_array_index(change->hunks, change_hunk, h->hunk - 1);
	if (change->status == CHANGE_DELETED)
		f->exists = false;
	else if (change->status == CHANGE_ADDED)
		f->exists = true;
	if (h->hunk == 1 && change->new_mode && change->new_mode != change->old_mode)
		f->mode = change->new_mode;
	return grow_hunk(r, f, change, lines, err);
}

static bool compare_file(
	repo *r, const grown_file *f, const oid *tree, const char *path, GError **err)
{
	tree_entry entry;
	bool there = repo_lookup(r, tree, path, &entry, NULL);
	if (f->mixed)
		return true;
	if (there != f->exists)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL, "%s %s in the tree", path,
			there ? "is still" : "is not");
	if (!there)
		return true;
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_blob(r, &bytes, &entry.id, err))
		return false;
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);
	if (entry.mode != f->mode || len != f->text->len ||
		(len && memcmp(data, f->text->data, len)))
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"%s is not what the hunks so far make of it", path);
	return true;
}

/* Everything but the paths of the steps so far is as in the tree before. */
static bool check_others(
	repo *r, GHashTable *stepped, const oid *before, const oid *tree, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	if (!repo_diff(r, &changes, before, tree, err))
		return false;
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (!g_hash_table_contains(stepped, c->path))
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"%s changes without a hunk of the step", c->path);
	}
	return true;
}

static bool check_tree(const mediation *m, repo *r, GHashTable *files, const step *s,
	const oid *before, GError **err)
{
	g_autoptr(GHashTable) stepped = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < s->hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, i);
		if (h->superseded)
			continue;
		g_hash_table_add(stepped, h->path);
		if (!grow(r, files, m, h, err))
			return false;
	}
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, stepped);
	while (g_hash_table_iter_next(&it, &path, NULL)) {
		if (!compare_file(r, g_hash_table_lookup(files, path), &s->tree, path, err))
			return false;
	}
	return check_others(r, stepped, before, &s->tree, err);
}

bool plan_check_trees(const mediation *m, repo *r, GError **err)
{
	g_autoptr(GHashTable) files =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, grown_file_free);
	oid before = m->base_tree;
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		if (oid_is_zero(&s->tree))
			continue;
		if (!check_tree(m, r, files, s, &before, err)) {
			error_prefix(err, "step %u", s->n);
			return false;
		}
		before = s->tree;
	}
	return true;
}
