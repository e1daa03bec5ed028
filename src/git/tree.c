/* Reading trees: raw objects entry by entry, lookup by path, walks, comparison of two trees. */
#include "git/internal.h"

unsigned mode_canonical(unsigned mode)
{
	switch (mode & 0170000) {
	case 0100000:
		return mode & 0100 ? 0100755 : 0100644;
	case 0120000:
		return 0120000;
	case 0040000:
		return 0040000;
	default:
		return 0160000;
	}
}

int tree_name_compare(
	const char *a, size_t a_len, bool a_dir, const char *b, size_t b_len, bool b_dir)
{
	size_t common = MIN(a_len, b_len);
	int order = memcmp(a, b, common);
	if (order)
		return order;
	unsigned char next_a = common < a_len ? (unsigned char)a[common] : a_dir ? '/' : 0;
	unsigned char next_b = common < b_len ? (unsigned char)b[common] : b_dir ? '/' : 0;
	return (int)next_a - (int)next_b;
}

bool raw_tree_open(raw_tree *t, repo *r, const oid *id, GError **err)
{
	*t = (raw_tree){0};
	if (!id || oid_is_zero(id))
		return true;
	if (!object_read(r, &t->bytes, GIT_OBJECT_TREE, id, err))
		return false;
	size_t size;
	t->at = g_bytes_get_data(t->bytes, &size);
	t->end = t->at + size;
	return true;
}

bool raw_tree_next(raw_tree *t, raw_entry *entry)
{
	if (t->at >= t->end)
		return false;
	unsigned mode = 0;
	const char *p = t->at;
	for (; p < t->end && *p >= '0' && *p <= '7' && p - t->at < 7; p++)
		mode = mode * 8 + (unsigned)(*p - '0');
	const char *name = p + 1;
	const char *nul = p < t->end && *p == ' ' && name < t->end
				  ? memchr(name, 0, (size_t)(t->end - name))
				  : NULL;
	if (!nul || nul == name || t->end - nul < 1 + OID_BYTES) {
		t->damaged = true;
		return false;
	}
	*entry = (raw_entry){name, (size_t)(nul - name), mode, (const uint8_t *)nul + 1};
	t->at = nul + 1 + OID_BYTES;
	return true;
}

bool raw_tree_check(const raw_tree *t, const oid *id, GError **err)
{
	if (!t->damaged)
		return true;
	char hex[OID_HEX + 1];
	return error_set(err, TRUCE_ERROR_GIT, "run git fsck on the repository",
		"tree %s is damaged", oid_format(hex, id));
}

void raw_tree_close(raw_tree *t)
{
	g_clear_pointer(&t->bytes, g_bytes_unref);
}

static void entry_from_raw(tree_entry *out, const raw_entry *raw)
{
	memcpy(out->id.bytes, raw->id, OID_BYTES);
	out->mode = mode_canonical(raw->mode);
}

/* Finds the entry `name` in one tree; false without error when it is not there. */
static bool find_in_tree(
	repo *r, const oid *tree, const char *name, size_t len, tree_entry *out, GError **err)
{
	g_auto(raw_tree) t = {0};
	if (!raw_tree_open(&t, r, tree, err))
		return false;
	raw_entry raw;
	while (raw_tree_next(&t, &raw))
		if (raw.len == len && !memcmp(raw.name, name, len)) {
			entry_from_raw(out, &raw);
			return true;
		}
	raw_tree_check(&t, tree, err);
	return false;
}

bool repo_lookup(repo *r, const oid *tree, const char *path, tree_entry *out, GError **err)
{
	tree_entry at = {*tree, 0040000};
	for (const char *part = path; *part;) {
		size_t len = strcspn(part, "/");
		oid here = at.id;
		if (at.mode != 0040000 || !find_in_tree(r, &here, part, len, &at, err))
			return false;
		part += len;
		if (*part == '/')
			part++;
	}
	*out = at;
	return true;
}

bool repo_read_blob(repo *r, GBytes **out, const oid *blob, GError **err)
{
	return object_read(r, out, GIT_OBJECT_BLOB, blob, err);
}

bool repo_read_source(repo *r, GBytes **out, const oid *blob, GError **err)
{
	return object_read_most(r, out, blob, LIMIT_SOURCE_BYTES, err);
}

bool repo_read_path(repo *r, GBytes **out, const oid *tree, const char *path, GError **err)
{
	tree_entry entry;
	GError *inner = NULL;
	if (!repo_lookup(r, tree, path, &entry, &inner)) {
		if (!inner)
			return error_set(
				err, TRUCE_ERROR_NOT_FOUND, NULL, "%s is not in the tree", path);
		g_propagate_error(err, inner);
		return false;
	}
	if (entry.mode == 0040000 || entry.mode == 0160000)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL, "%s is not a file", path);
	if (!repo_read_blob(r, out, &entry.id, err)) {
		error_prefix(err, "%s", path);
		return false;
	}
	return true;
}

typedef struct walk {
	repo *r;
	repo_walk_fn each;
	void *data;
	GString *path;
	bool stopped;
} walk;

static bool walk_tree(walk *w, const oid *tree, GError **err)
{
	if (w->path->len > LIMIT_PATH_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"the tree has paths longer than %u bytes", LIMIT_PATH_BYTES);
	g_auto(raw_tree) t = {0};
	if (!raw_tree_open(&t, w->r, tree, err))
		return false;
	raw_entry raw;
	size_t prefix = w->path->len;
	while (!w->stopped && raw_tree_next(&t, &raw)) {
		tree_entry entry;
		entry_from_raw(&entry, &raw);
		g_string_append_len(w->path, raw.name, (gssize)raw.len);
		if (entry.mode == 0040000) {
			g_string_append_c(w->path, '/');
			if (!walk_tree(w, &entry.id, err))
				return false;
		} else {
			w->stopped = !w->each(w->path->str, &entry, w->data);
		}
		g_string_truncate(w->path, prefix);
	}
	return raw_tree_check(&t, tree, err);
}

bool repo_walk(
	repo *r, const oid *tree, const char *prefix, repo_walk_fn each, void *data, GError **err)
{
	g_autoptr(GString) path = g_string_new(prefix);
	while (path->len && path->str[path->len - 1] == '/')
		g_string_truncate(path, path->len - 1);
	tree_entry entry = {*tree, 0040000};
	GError *inner = NULL;
	if (path->len && !repo_lookup(r, tree, path->str, &entry, &inner)) {
		if (!inner)
			return true; /* nothing below it */
		g_propagate_error(err, inner);
		return false;
	}
	if (entry.mode != 0040000) {
		each(path->str, &entry, data);
		return true;
	}
	if (path->len)
		g_string_append_c(path, '/');
	walk w = {r, each, data, path, false};
	return walk_tree(&w, &entry.id, err);
}

typedef struct comparison {
	repo *r;
	repo_compare_fn each;
	void *data;
	GString *path;
} comparison;

static bool compare_trees(comparison *c, const oid *old_tree, const oid *new_tree, GError **err);

/* Reports one entry that is on one side, or on both with a difference. */
static bool compare_entry(
	comparison *c, const raw_entry *old_raw, const raw_entry *new_raw, GError **err)
{
	static const tree_entry nothing = {0};
	tree_entry old_entry = nothing, new_entry = nothing;
	if (old_raw)
		entry_from_raw(&old_entry, old_raw);
	if (new_raw)
		entry_from_raw(&new_entry, new_raw);
	if (old_entry.mode == new_entry.mode && oid_equal(&old_entry.id, &new_entry.id))
		return true;
	const raw_entry *named = old_raw ? old_raw : new_raw;
	size_t prefix = c->path->len;
	if (prefix + named->len > LIMIT_PATH_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"the tree has paths longer than %u bytes", LIMIT_PATH_BYTES);
	g_string_append_len(c->path, named->name, (gssize)named->len);
	bool directory = (old_raw ? old_entry.mode : new_entry.mode) == 0040000;
	bool ok;
	if (directory) {
		g_string_append_c(c->path, '/');
		ok = compare_trees(
			c, old_raw ? &old_entry.id : NULL, new_raw ? &new_entry.id : NULL, err);
	} else {
		ok = c->each(c->path->str, &old_entry, &new_entry, c->data, err);
	}
	g_string_truncate(c->path, prefix);
	return ok;
}

static bool compare_trees(comparison *c, const oid *old_tree, const oid *new_tree, GError **err)
{
	if (old_tree && new_tree && oid_equal(old_tree, new_tree))
		return true;
	g_auto(raw_tree) old_raw = {0};
	g_auto(raw_tree) new_raw = {0};
	if (!raw_tree_open(&old_raw, c->r, old_tree, err) ||
		!raw_tree_open(&new_raw, c->r, new_tree, err))
		return false;
	raw_entry a, b;
	bool has_a = raw_tree_next(&old_raw, &a), has_b = raw_tree_next(&new_raw, &b);
	while (has_a || has_b) {
		int order =
			!has_b	 ? -1
			: !has_a ? 1
				 : tree_name_compare(a.name, a.len, (a.mode & 0170000) == 0040000,
					   b.name, b.len, (b.mode & 0170000) == 0040000);
		if (!compare_entry(c, order <= 0 ? &a : NULL, order >= 0 ? &b : NULL, err))
			return false;
		if (order <= 0)
			has_a = raw_tree_next(&old_raw, &a);
		if (order >= 0)
			has_b = raw_tree_next(&new_raw, &b);
	}
	return raw_tree_check(&old_raw, old_tree, err) && raw_tree_check(&new_raw, new_tree, err);
}

bool repo_compare(repo *r, const oid *old_tree, const oid *new_tree, repo_compare_fn each,
	void *data, GError **err)
{
	g_autoptr(GString) path = g_string_new(NULL);
	comparison c = {r, each, data, path};
	return compare_trees(&c, old_tree, new_tree, err);
}
