/* Which patch of a series added and removed which line.
 *
 * For each path that the whole series changes, the origin of every line is carried through the
 * commits: a line either stands in the base, at a known line, or was added by patch n. Paths are
 * read only where a commit changed them. */
#include "series/apply.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* The lines of one path as they are after the commits so far. */
typedef struct lineage {
	GArray *origin;	     /* guint32 a line: n << 1 | 1 when patch n added it; base line << 1 */
	guint32 *removed_by; /* by base line - 1: the patch that removed it, 0 still there */
	unsigned base_lines;
} lineage;

static void lineage_free(gpointer data)
{
	lineage *l = data;
	g_array_unref(l->origin);
	g_free(l->removed_by);
	g_free(l);
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned count = 0;
	for (const char *p = text, *end = text + len; p < end; count++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		p = newline ? newline + 1 : end;
	}
	return count;
}

static lineage *lineage_new(unsigned base_lines)
{
	lineage *l = g_new0(lineage, 1);
	l->base_lines = base_lines;
	l->origin = g_array_sized_new(FALSE, FALSE, sizeof(guint32), base_lines);
	l->removed_by = g_new0(guint32, base_lines ? base_lines : 1);
	for (unsigned i = 1; i <= base_lines; i++) {
		guint32 value = i << 1;
		g_array_append_val(l->origin, value);
	}
	return l;
}

/* Lines at..at+old_count (from 0) were replaced by new_count lines of patch n. */
static void lineage_replace(
	lineage *l, unsigned at, unsigned old_count, unsigned new_count, unsigned n)
{
	at = MIN(at, l->origin->len);
	old_count = MIN(old_count, l->origin->len - at);
	for (unsigned i = at; i < at + old_count; i++) {
		guint32 value = g_array_index(l->origin, guint32, i);
		if (!(value & 1))
			l->removed_by[(value >> 1) - 1] = n;
	}
	if (old_count)
		g_array_remove_range(l->origin, at, old_count);
	if (!new_count)
		return;
	g_autofree guint32 *added = g_new(guint32, new_count);
	for (unsigned i = 0; i < new_count; i++)
		added[i] = n << 1 | 1;
	g_array_insert_vals(l->origin, at, added, new_count);
}

typedef struct tracer {
	repo *r;
	GHashTable *paths; /* char * (borrowed from changes) -> lineage * */
	unsigned n;
} tracer;

/* Equal beginnings and ends are most of a file between two patches: only the rest is compared. */
static bool replace_changed(
	lineage *l, GBytes *old_bytes, GBytes *new_bytes, unsigned n, GError **err)
{
	size_t old_len, new_len;
	const char *a = g_bytes_get_data(old_bytes, &old_len);
	const char *b = g_bytes_get_data(new_bytes, &new_len);
	size_t shared = MIN(old_len, new_len), front = 0, back = 0;
	while (front < shared && a[front] == b[front])
		front++;
	while (front && a[front - 1] != '\n')
		front--;
	while (back < shared - front && a[old_len - back - 1] == b[new_len - back - 1])
		back++;
	/* Back to a line's start on both sides. */
	while (back && !((old_len == back || a[old_len - back - 1] == '\n') &&
			       (new_len == back || b[new_len - back - 1] == '\n')))
		back--;
	g_autoptr(GArray) hunks = NULL;
	if (!repo_diff_texts(&hunks, a ? a + front : "", old_len - front - back, b ? b + front : "",
		    new_len - front - back, err))
		return false;
	unsigned before = count_lines(a, front);
	/* From the end, so that earlier positions stay right. */
	for (guint i = hunks->len; i-- > 0;) {
		const change_hunk *h = &g_array_index(hunks, change_hunk, i);
		unsigned at = h->old_count ? h->old_start - 1 : h->old_start;
		lineage_replace(l, before + at, h->old_count, h->new_count, n);
	}
	return true;
}

static bool trace_path(const char *path, const tree_entry *old_entry, const tree_entry *new_entry,
	void *data, GError **err)
{
	tracer *t = data;
	lineage *l = g_hash_table_lookup(t->paths, path);
	if (!l || oid_equal(&old_entry->id, &new_entry->id))
		return true;
	bool old_text = old_entry->mode && old_entry->mode != 0160000;
	bool new_text = new_entry->mode && new_entry->mode != 0160000;
	g_autoptr(GBytes) old_bytes = NULL;
	g_autoptr(GBytes) new_bytes = NULL;
	if (old_text ? !repo_read_blob(t->r, &old_bytes, &old_entry->id, err)
		     : !(old_bytes = g_bytes_new_static("", 0)))
		return false;
	if (new_text ? !repo_read_blob(t->r, &new_bytes, &new_entry->id, err)
		     : !(new_bytes = g_bytes_new_static("", 0)))
		return false;
	if (!old_entry->mode || !new_entry->mode)
		if (old_text && new_text)
			return replace_changed(l, old_bytes, new_bytes, t->n, err);
	size_t size;
	const char *text = g_bytes_get_data(new_bytes, &size);
	lineage_replace(l, 0, l->origin->len, count_lines(text, size), t->n);
	return true;
}

static unsigned added_by(const lineage *l, unsigned line)
{
	if (!line || line > l->origin->len)
		return 0;
	guint32 value = g_array_index(l->origin, guint32, line - 1);
	return value & 1 ? value >> 1 : 0;
}

static unsigned removed_by(const lineage *l, unsigned line)
{
	return line && line <= l->base_lines ? l->removed_by[line - 1] : 0;
}

/* The difference of base and tip may pair equal lines otherwise than the steps between did: a line
 * that then has no patch of its own gets the latest one of its hunk. */
static void fill_unknown(change_hunk *h)
{
	unsigned latest = 0;
	for (unsigned i = 0; i < h->old_count; i++)
		latest = MAX(latest, h->old_patch[i]);
	for (unsigned i = 0; i < h->new_count; i++)
		latest = MAX(latest, h->new_patch[i]);
	for (unsigned i = 0; i < h->old_count; i++)
		if (!h->old_patch[i])
			h->old_patch[i] = latest;
	for (unsigned i = 0; i < h->new_count; i++)
		if (!h->new_patch[i])
			h->new_patch[i] = latest;
}

static void attribute(file_change *c, const lineage *l)
{
	for (guint i = 0; i < c->hunks->len; i++) {
		change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		h->old_patch = g_new0(unsigned, h->old_count ? h->old_count : 1);
		h->new_patch = g_new0(unsigned, h->new_count ? h->new_count : 1);
		for (unsigned k = 0; k < h->old_count; k++)
			h->old_patch[k] = removed_by(l, h->old_start + k);
		for (unsigned k = 0; k < h->new_count; k++)
			h->new_patch[k] = added_by(l, h->new_start + k);
		fill_unknown(h);
	}
}

static bool start_lineages(tracer *t, GPtrArray *changes, GError **err)
{
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		g_autoptr(GBytes) base = NULL;
		size_t size = 0;
		const char *text = NULL;
		if (c->binary || !c->hunks->len)
			continue;
		if (c->old_mode && c->old_mode != 0160000) {
			if (!repo_read_blob(t->r, &base, &c->old_oid, err))
				return false;
			text = g_bytes_get_data(base, &size);
		}
		g_hash_table_insert(t->paths, c->path, lineage_new(count_lines(text, size)));
	}
	return true;
}

bool series_finish(series *s, repo *r, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	g_autoptr(GHashTable) paths =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lineage_free);
	tracer t = {r, paths, 0};
	oid before;
	if (oid_is_zero(&s->tip)) {
		s->tip = s->base;
		s->tip_tree = s->base_tree;
	}
	if (!repo_diff(r, &changes, &s->base_tree, &s->tip_tree, err) ||
		!start_lineages(&t, changes, err))
		return false;
	before = s->base_tree;
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		t.n = c->n;
		if (!repo_compare(r, &before, &c->tree, trace_path, &t, err))
			return false;
		before = c->tree;
	}
	s->files = changes->len;
	s->insertions = s->deletions = 0;
	for (guint i = 0; i < changes->len; i++) {
		file_change *c = g_ptr_array_index(changes, i);
		const lineage *l = g_hash_table_lookup(paths, c->path);
		if (l)
			attribute(c, l);
		s->insertions += c->insertions;
		s->deletions += c->deletions;
	}
	g_clear_pointer(&s->changes, g_ptr_array_unref);
	s->changes = g_steal_pointer(&changes);
	return true;
}
