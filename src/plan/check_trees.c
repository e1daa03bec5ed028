/* Checks the trees of a plan without trusting how they were made: hunk after hunk as a person would
 * apply them, and whole patches by a three-way merge, as `git cherry-pick` would. */
#include "plan/make.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* --- one hunk after the other --- */

/* The path's text of one step on from the text before: each hunk is looked for by its place in the
 * base and the lines that were put in before it, which is how a person would apply it. */
typedef struct grown_file {
	GByteArray *text;
	GArray *done; /* change_hunk *: laid so far */
	bool exists;
	unsigned mode;
	bool mixed; /* hunks of two series meet, and their order is the maker's to choose; or only a
		     * part of a hunk is there */
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
		g_hash_table_insert(files, g_strdup(h->path), f);
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

static bool is_same_file(
	repo *r, bool *same, const grown_file *f, const tree_entry *entry, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	*same = f->exists == (entry->mode != 0);
	if (!*same || !entry->mode)
		return true;
	if (!repo_read_blob(r, &bytes, &entry->id, err))
		return false;
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);
	*same = entry->mode == f->mode && len == f->text->len &&
		(!len || !memcmp(data, f->text->data, len));
	return true;
}

static tree_entry entry_at(repo *r, const oid *tree, const char *path)
{
	tree_entry entry;
	return repo_lookup(r, tree, path, &entry, NULL) ? entry : (tree_entry){0};
}

/* What a whole patch makes of a path may be more, or less, than its hunks: check_patch looks. */
static bool compare_file(
	repo *r, grown_file *f, const oid *tree, const char *path, bool whole, GError **err)
{
	if (f->mixed)
		return true;
	tree_entry entry = entry_at(r, tree, path);
	bool same;
	if (!is_same_file(r, &same, f, &entry, err))
		return false;
	f->mixed = !same && whole;
	return same || whole ||
	       error_set(err, TRUCE_ERROR_INTERNAL, NULL,
		       "%s is not what the hunks so far make of it", path);
}

/* --- whole patches --- */

typedef struct patch_check {
	repo *r;
	const oid *before, *after; /* trees of the steps */
	GHashTable *paths;	   /* char *: that the patch changes */
} patch_check;

static bool same_entry(const tree_entry *a, const tree_entry *b)
{
	return a->mode == b->mode && (!a->mode || oid_equal(&a->id, &b->id));
}

static bool is_text_file(const tree_entry *e)
{
	return (e->mode & 0170000) == 0100000;
}

static gint compare_spans(gconstpointer va, gconstpointer vb)
{
	const span *a = va, *b = vb;
	int order = memcmp(a->at, b->at, MIN(a->len, b->len));
	return order ? order : a->len < b->len ? -1 : a->len > b->len;
}

static GArray *sorted_lines(GBytes *bytes)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	line_index ix;
	line_index_init(&ix, text ? text : "", len);
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(span));
	for (size_t n = 1; n <= ix.count; n++) {
		span line = line_index_get(&ix, n);
		g_array_append_val(lines, line);
	}
	line_index_clear(&ix);
	g_array_sort(lines, compare_spans);
	return lines;
}

/* Where lines repeat, a hunk may stand in one of several places; the lines are the same. */
static bool same_lines(GBytes *a, GBytes *b)
{
	g_autoptr(GArray) x = sorted_lines(a);
	g_autoptr(GArray) y = sorted_lines(b);
	bool same = x->len == y->len;
	for (guint i = 0; same && i < x->len; i++)
		same = !compare_spans(&g_array_index(x, span, i), &g_array_index(y, span, i));
	return same;
}

/* The change of a patch on top of what other steps made of the file. Where git would see a conflict
 * (lines next to each other), nothing is said. */
static bool merged_is(bool *same, repo *r, const tree_entry *parent, const tree_entry *before,
	const tree_entry *patched, const tree_entry *after, GError **err)
{
	g_autoptr(GBytes) base = NULL;
	g_autoptr(GBytes) ours = NULL;
	g_autoptr(GBytes) theirs = NULL;
	g_autoptr(GBytes) merged = NULL;
	g_autoptr(GBytes) got = NULL;
	bool clean;
	if (!repo_read_blob(r, &base, &parent->id, err) ||
		!repo_read_blob(r, &ours, &before->id, err) ||
		!repo_read_blob(r, &theirs, &patched->id, err) ||
		!repo_read_blob(r, &got, &after->id, err) ||
		!repo_merge_texts(&merged, &clean, base, ours, theirs, "before", "patch", err))
		return false;
	*same = !clean || g_bytes_equal(merged, got) || same_lines(merged, got);
	return true;
}

static bool check_patched(const char *path, const tree_entry *parent, const tree_entry *patched,
	void *data, GError **err)
{
	patch_check *c = data;
	tree_entry before = entry_at(c->r, c->before, path);
	tree_entry after = entry_at(c->r, c->after, path);
	g_hash_table_add(c->paths, g_strdup(path));
	bool same = true;
	if (same_entry(&before, parent))
		same = same_entry(&after, patched);
	else if (is_text_file(parent) && is_text_file(patched) && is_text_file(&before) &&
		 is_text_file(&after) &&
		 !merged_is(&same, c->r, parent, &before, patched, &after, err))
		return false;
	return same || error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			       "%s is not what the patch makes of it", path);
}

static const series_commit *whole_patch(const mediation *m, const step *s, const oid **parent)
{
	const step_patch *p = &g_array_index(s->patches, step_patch, 0);
	const series *from = g_ptr_array_index(m->series, p->series);
	*parent = &from->base_tree;
	for (guint i = 0; i < from->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(from->commits, i);
		if (c->n == p->n)
			return c;
		*parent = &c->tree;
	}
	return NULL;
}

/* The step of a whole patch changes what the patch changed, as the patch did. */
static bool check_patch(const mediation *m, patch_check *c, const step *s, GError **err)
{
	const oid *parent;
	const series_commit *commit = whole_patch(m, s, &parent);
	return commit ? repo_compare(c->r, parent, &commit->tree, check_patched, c, err)
		      : error_set(err, TRUCE_ERROR_INTERNAL, NULL, "it is a patch of none");
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

static bool add_path(const char *path, const tree_entry *before, const tree_entry *after,
	void *data, GError **err)
{
	patch_check *c = data;
	(void)before;
	(void)after;
	(void)err;
	g_hash_table_add(c->paths, g_strdup(path));
	return true;
}

/* One patch, less what is there already: it may change lines that a later one changes back, which
 * are no hunk of the series. */
static bool add_paths_of_patch(const mediation *m, patch_check *c, const step *s, GError **err)
{
	const oid *parent;
	if (s->whole || s->action != STEP_TAKE || !s->patches->len)
		return true;
	unsigned first = g_array_index(s->patches, step_patch, 0).series;
	for (guint i = 1; i < s->patches->len; i++) {
		if (g_array_index(s->patches, step_patch, i).series == first)
			return true;
	}
	const series_commit *commit = whole_patch(m, s, &parent);
	return !commit || repo_compare(c->r, parent, &commit->tree, add_path, c, err);
}

/* Paths of which the step brings a part of a hunk, or more than its hunks. */
static bool note_others(const mediation *m, repo *r, GHashTable *files, GHashTable *stepped,
	const step *s, const patch_check *c, GError **err)
{
	g_autoptr(GPtrArray) others = g_ptr_array_new();
	for (guint i = 0; i < s->parts->len; i++)
		g_ptr_array_add(others, ((plan_hunk *)g_ptr_array_index(s->parts, i))->path);
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, c->paths);
	while (g_hash_table_iter_next(&it, &path, NULL)) {
		if (!g_hash_table_contains(stepped, path))
			g_ptr_array_add(others, path);
	}
	for (guint i = 0; i < others->len; i++) {
		path = g_ptr_array_index(others, i);
		grown_file *f = g_hash_table_lookup(files, path);
		tree_entry base = entry_at(r, &m->base_tree, path);
		const file_change change = {.old_oid = base.id, .old_mode = base.mode};
		if (!f) {
			f = grow_start(r, &change, err);
			if (!f)
				return false;
			g_hash_table_insert(files, g_strdup(path), f);
		}
		f->mixed = true;
		g_hash_table_add(stepped, path);
	}
	return true;
}

static bool check_tree(const mediation *m, repo *r, GHashTable *files, const step *s,
	const oid *before, GError **err)
{
	g_autoptr(GHashTable) stepped = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) patched =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	patch_check c = {r, before, &s->tree, patched};
	for (guint i = 0; i < s->hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, i);
		if (hunk_is_superseded(h))
			continue;
		g_hash_table_add(stepped, h->path);
		if (!grow(r, files, m, h, err))
			return false;
		if (h->fate == HUNK_TRIMMED)
			((grown_file *)g_hash_table_lookup(files, h->path))->mixed = true;
	}
	if (s->whole && !check_patch(m, &c, s, err))
		return false;
	if (!add_paths_of_patch(m, &c, s, err) || !note_others(m, r, files, stepped, s, &c, err))
		return false;
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, stepped);
	while (g_hash_table_iter_next(&it, &path, NULL)) {
		if (!compare_file(
			    r, g_hash_table_lookup(files, path), &s->tree, path, s->whole, err))
			return false;
	}
	return check_others(r, stepped, before, &s->tree, err);
}

/* --- the end --- */

static char *path_key(unsigned series_index, const char *path)
{
	return g_strdup_printf("%u %s", series_index, path);
}

/* How many hunks of each path of each series the steps take. */
static GHashTable *count_taken(const mediation *m)
{
	GHashTable *taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		for (guint k = 0; k < s->hunks->len; k++) {
			const plan_hunk *h = g_ptr_array_index(s->hunks, k);
			if (h->fate != HUNK_TAKEN)
				continue;
			char *key = path_key(h->series, h->path);
			guint n = GPOINTER_TO_UINT(g_hash_table_lookup(taken, key));
			g_hash_table_insert(taken, key, GUINT_TO_POINTER(n + 1));
		}
	}
	return taken;
}

static bool is_shared(const mediation *m, unsigned series_index, const char *path)
{
	for (unsigned i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		if (i != series_index && s->changes && series_change(s, path))
			return true;
	}
	return false;
}

/* A path that one series alone changes, and of which everything is taken, is in the end as in the
 * series' tip. */
static bool check_end(const mediation *m, repo *r, const oid *last, GError **err)
{
	g_autoptr(GHashTable) taken = count_taken(m);
	for (unsigned i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		for (guint k = 0; s->changes && k < s->changes->len; k++) {
			const file_change *c = g_ptr_array_index(s->changes, k);
			g_autofree char *key = path_key(i, c->path);
			guint n = GPOINTER_TO_UINT(g_hash_table_lookup(taken, key));
			const tree_entry tip = {c->new_oid, c->new_mode};
			if (n != MAX(c->hunks->len, 1) || is_shared(m, i, c->path))
				continue;
			tree_entry end = entry_at(r, last, c->path);
			if (!same_entry(&end, &tip))
				return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
					"%s is in the end not as series '%s' has it", c->path,
					s->name);
		}
	}
	return true;
}

bool plan_check_trees(const mediation *m, repo *r, GError **err)
{
	g_autoptr(GHashTable) files =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, grown_file_free);
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
	return check_end(m, r, &before, err);
}
