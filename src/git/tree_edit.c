/* A tree under change. Directories are read when a path first leads through them, changed in
 * memory, and only those that changed are written. */
#include "git/internal.h"

typedef struct node node;

typedef struct node_entry {
	const char *name; /* in node.raw or tree_edit.names; NUL-terminated */
	size_t len;
	unsigned mode; /* as stored */
	oid id;	       /* stale while `child` is dirty */
	node *child;   /* a directory that was read */
} node_entry;

struct node {
	GBytes *raw;	 /* holds the names; NULL for a new directory */
	GArray *entries; /* node_entry, in git's order */
	bool dirty;
};

struct tree_edit {
	repo *r;
	node *root;
	oid written; /* id of the root when it is not dirty */
	GStringChunk *names;
};

static void node_free(node *n);

static void clear_entry(gpointer data)
{
	node_free(((node_entry *)data)->child);
}

static node *node_new(void)
{
	node *n = g_new0(node, 1);
	n->entries = g_array_new(FALSE, FALSE, sizeof(node_entry));
	g_array_set_clear_func(n->entries, clear_entry);
	return n;
}

static void node_free(node *n)
{
	if (!n)
		return;
	g_array_unref(n->entries);
	g_clear_pointer(&n->raw, g_bytes_unref);
	g_free(n);
}

static node *node_read(repo *r, const oid *tree, GError **err)
{
	g_auto(raw_tree) t = {0};
	if (!raw_tree_open(&t, r, tree, err))
		return NULL;
	node *n = node_new();
	n->raw = g_bytes_ref(t.bytes);
	raw_entry raw;
	while (raw_tree_next(&t, &raw)) {
		node_entry entry = {raw.name, raw.len, raw.mode, {{0}}, NULL};
		memcpy(entry.id.bytes, raw.id, OID_BYTES);
		g_array_append_val(n->entries, entry);
	}
	if (!raw_tree_check(&t, tree, err))
		g_clear_pointer(&n, node_free);
	return n;
}

bool tree_edit_new(tree_edit **out, repo *r, const oid *tree, GError **err)
{
	bool empty = !tree || oid_is_zero(tree);
	node *root = empty ? node_new() : node_read(r, tree, err);
	if (!root)
		return false;
	tree_edit *e = g_new0(tree_edit, 1);
	e->r = r;
	e->root = root;
	e->names = g_string_chunk_new(1024);
	if (empty)
		root->dirty = true;
	else
		e->written = *tree;
	*out = e;
	return true;
}

void tree_edit_free(tree_edit *e)
{
	if (!e)
		return;
	node_free(e->root);
	g_string_chunk_free(e->names);
	g_free(e);
}

static bool is_directory(unsigned mode)
{
	return (mode & 0170000) == 0040000;
}

static node_entry *node_find(node *n, const char *name, size_t len)
{
	node_entry *entries = (node_entry *)(void *)n->entries->data;
	for (guint i = 0; i < n->entries->len; i++)
		if (entries[i].len == len && !memcmp(entries[i].name, name, len))
			return &entries[i];
	return NULL;
}

/* The directory of an entry, read at the first visit. */
static node *entry_child(tree_edit *e, node_entry *entry, GError **err)
{
	if (!entry->child)
		entry->child = node_read(e->r, &entry->id, err);
	return entry->child;
}

/* Follows `path`; NULL without error when it leads nowhere. */
static node_entry *find_path(tree_edit *e, const char *path, GError **err)
{
	node *at = e->root;
	for (const char *part = path;;) {
		size_t len = strcspn(part, "/");
		node_entry *entry = node_find(at, part, len);
		if (!entry || !part[len])
			return entry;
		if (!is_directory(entry->mode))
			return NULL;
		at = entry_child(e, entry, err);
		if (!at)
			return NULL;
		part += len + 1;
	}
}

bool tree_edit_lookup(tree_edit *e, const char *path, tree_entry *out, GError **err)
{
	const node_entry *entry = find_path(e, path, err);
	if (!entry)
		return false;
	out->id = entry->id;
	out->mode = mode_canonical(entry->mode);
	return true;
}

static node_entry *node_insert(tree_edit *e, node *n, const char *name, size_t len, unsigned mode)
{
	guint low = 0, high = n->entries->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const node_entry *there = &g_array_index(n->entries, node_entry, middle);
		if (tree_name_compare(name, len, is_directory(mode), there->name, there->len,
			    is_directory(there->mode)) < 0)
			high = middle;
		else
			low = middle + 1;
	}
	node_entry entry = {
		g_string_chunk_insert_len(e->names, name, (gssize)len), len, mode, {{0}}, NULL};
	g_array_insert_val(n->entries, low, entry);
	return &g_array_index(n->entries, node_entry, low);
}

/* Nothing is changed before it is known that the path is free. */
static bool check_free(tree_edit *e, const char *path, GError **err)
{
	if (!repo_path_is_safe(path))
		return error_set(
			err, TRUCE_ERROR_INPUT, NULL, "'%s' is not a path inside a tree", path);
	node *at = e->root;
	for (const char *part = path;;) {
		size_t len = strcspn(part, "/");
		node_entry *entry = node_find(at, part, len);
		if (!entry)
			return true;
		if (!part[len]) {
			if (is_directory(entry->mode))
				return error_set(err, TRUCE_ERROR_INPUT, NULL,
					"a directory is in the way of the file %s", path);
			return true;
		}
		if (!is_directory(entry->mode))
			return error_set(err, TRUCE_ERROR_INPUT, NULL,
				"the file %.*s is in the way of %s", (int)(part + len - path), path,
				path);
		at = entry_child(e, entry, err);
		if (!at)
			return false;
		part += len + 1;
	}
}

bool tree_edit_set(tree_edit *e, const char *path, const oid *blob, unsigned mode, GError **err)
{
	if (!check_free(e, path, err))
		return false;
	node *at = e->root;
	for (const char *part = path;;) {
		size_t len = strcspn(part, "/");
		at->dirty = true;
		node_entry *entry = node_find(at, part, len);
		if (!part[len]) {
			if (!entry)
				entry = node_insert(e, at, part, len, mode);
			/* A mode that only spells the same differently stays as it is. */
			if (mode_canonical(entry->mode) != mode)
				entry->mode = mode;
			entry->id = *blob;
			return true;
		}
		if (!entry) {
			entry = node_insert(e, at, part, len, 0040000);
			entry->child = node_new();
		}
		at = entry->child;
		part += len + 1;
	}
}

/* Removes `part` below `n`, and what becomes empty. The path is known to be there. */
static void remove_below(node *n, const char *part)
{
	size_t len = strcspn(part, "/");
	node_entry *entry = node_find(n, part, len);
	n->dirty = true;
	if (part[len]) {
		remove_below(entry->child, part + len + 1);
		if (entry->child->entries->len)
			return;
	}
	g_array_remove_index(n->entries, (guint)(entry - (node_entry *)(void *)n->entries->data));
}

bool tree_edit_remove(tree_edit *e, const char *path, GError **err)
{
	GError *inner = NULL;
	const node_entry *entry = find_path(e, path, &inner);
	if (inner) {
		g_propagate_error(err, inner);
		return false;
	}
	if (!entry || is_directory(entry->mode))
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL, "%s is not in the tree", path);
	remove_below(e->root, path);
	return true;
}

static bool node_write(tree_edit *e, node *n, oid *id, GError **err)
{
	size_t size = 0;
	for (guint i = 0; i < n->entries->len; i++) {
		node_entry *entry = &g_array_index(n->entries, node_entry, i);
		if (entry->child && entry->child->dirty &&
			!node_write(e, entry->child, &entry->id, err))
			return false;
		size += entry->len + OID_BYTES + 9;
	}
	char *data = g_malloc(size ? size : 1), *at = data;
	for (guint i = 0; i < n->entries->len; i++) {
		const node_entry *entry = &g_array_index(n->entries, node_entry, i);
		/* Octal without a leading zero: "40000 name". */
		char digits[8], *digit = digits + sizeof digits;
		for (unsigned mode = entry->mode; mode; mode >>= 3)
			*--digit = (char)('0' + (mode & 7));
		size_t mode_len = (size_t)(digits + sizeof digits - digit);
		memcpy(at, digit, mode_len);
		at += mode_len;
		*at++ = ' ';
		memcpy(at, entry->name, entry->len);
		at += entry->len;
		*at++ = 0;
		memcpy(at, entry->id.bytes, OID_BYTES);
		at += OID_BYTES;
	}
	g_autoptr(GBytes) bytes = g_bytes_new_take(data, (size_t)(at - data));
	if (!object_write(e->r, id, GIT_OBJECT_TREE, bytes, err))
		return false;
	n->dirty = false;
	return true;
}

bool tree_edit_write(tree_edit *e, oid *tree, GError **err)
{
	if (e->root->dirty && !node_write(e, e->root, &e->written, err))
		return false;
	*tree = e->written;
	return true;
}
