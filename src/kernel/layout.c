/* The headers of a tree on disk. */
#include "kernel/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/overlay.h"

struct layout {
	repo *r;
	const tree_index *index;
	layout *origin;		   /* of the base; NULL for the base itself */
	overlay *changes;	   /* what differs from the base; NULL for the base itself */
	cache_hold *hold;	   /* on the folder; NULL beside the base: it has that */
	char *root;		   /* the base's */
	GHashTable *ready;	   /* groups known to be there */
	GHashTable *known_folders; /* made in the group that is being written */
};

/* Layouts of another make are not mixed with these: raise when what is laid out changes. */
#define LAYOUT_FORMAT "1"

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

bool layout_open(layout **out, repo *r, const oid *tree, const tree_index *index,
	const char *cache_dir, layout *origin, GError **err)
{
	g_autoptr(layout) l = g_new0(layout, 1);
	l->r = r;
	l->index = index;
	l->origin = origin;
	l->ready = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (origin) {
		l->root = g_strdup(origin->root);
		l->changes = overlay_new(r, origin->index, index, cache_dir, l->root);
		*out = g_steal_pointer(&l);
		return true;
	}
	char hex[OID_HEX + 1];
	g_autofree char *name = g_strconcat(oid_format(hex, tree), "-" LAYOUT_FORMAT, NULL);
	if (!cache_hold_new(&l->hold, cache_dir, name, err))
		return false;
	l->root = g_strdup(cache_hold_root(l->hold));
	*out = g_steal_pointer(&l);
	return true;
}

void layout_free(layout *l)
{
	if (!l)
		return;
	g_hash_table_unref(l->ready);
	overlay_free(l->changes);
	cache_hold_free(l->hold);
	g_free(l->root);
	g_free(l);
}

const char *layout_root(const layout *l)
{
	return l->root;
}

cache_hold *layout_hold(const layout *l)
{
	return l->origin ? l->origin->hold : l->hold;
}

char *layout_resolve(const char *folder, const char *path)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	g_auto(GStrv) first = g_strsplit(folder, "/", -1), second = g_strsplit(path, "/", -1);
	char **lists[] = {first, second};
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		for (char **p = lists[i]; *p; p++) {
			if (!**p || !strcmp(*p, "."))
				continue;
			if (strcmp(*p, "..") != 0) {
				g_ptr_array_add(parts, *p);
				continue;
			}
			if (!parts->len)
				return NULL;
			g_ptr_array_set_size(parts, (gint)parts->len - 1);
		}
	}
	g_ptr_array_add(parts, NULL);
	return g_strjoinv("/", (char **)parts->pdata);
}

/* The folder that is laid out together with `path`: two components below arch/ and drivers/, one
 * elsewhere; NULL for files at the top. */
static char *group_of(const char *path)
{
	const char *slash = strchr(path, '/');
	if (!slash)
		return NULL;
	if (g_str_has_prefix(path, "arch/") || g_str_has_prefix(path, "drivers/")) {
		const char *second = strchr(slash + 1, '/');
		return second ? g_strndup(path, (size_t)(second - path)) : NULL;
	}
	return g_strndup(path, (size_t)(slash - path));
}

static bool io_error(GError **err, const char *verb, const char *path)
{
	return error_set(
		err, TRUCE_ERROR_IO, NULL, "cannot %s %s: %s", verb, path, g_strerror(errno));
}

/* The parent folders of `full`, made once each while a group is written. */
static bool make_parents(layout *l, const char *full, GError **err)
{
	g_autofree char *folder = g_path_get_dirname(full);
	if (l->known_folders && g_hash_table_contains(l->known_folders, folder))
		return true;
	if (g_mkdir_with_parents(folder, 0777))
		return io_error(err, "make", folder);
	if (l->known_folders)
		g_hash_table_add(l->known_folders, g_steal_pointer(&folder));
	return true;
}

static bool write_file(layout *l, const char *full, GBytes *bytes, GError **err)
{
	if (!make_parents(l, full, err))
		return false;
	int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return io_error(err, "write", full);
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	while (len) {
		ssize_t done = write(fd, data, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			close(fd);
			return io_error(err, "write", full);
		}
		data += done;
		len -= (gsize)done;
	}
	return close(fd) == 0 || io_error(err, "write", full);
}

/* Notes the groups that "../" includes of a header lead to. */
static void note_groups(const char *path, GBytes *bytes, GHashTable *groups)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	const char *end = text + len;
	g_autofree char *folder = g_path_get_dirname(path);
	for (const char *p = text; p && (p = memmem(p, (size_t)(end - p), "\"../", 4)); p++) {
		const char *quote = memchr(p + 1, '"', (size_t)(end - p - 1));
		const char *newline = memchr(p + 1, '\n', (size_t)(end - p - 1));
		if (!quote || (newline && newline < quote))
			continue;
		g_autofree char *name = g_strndup(p + 1, (size_t)(quote - p - 1));
		g_autofree char *target = layout_resolve(folder, name);
		char *group = target ? group_of(target) : NULL;
		if (group)
			g_hash_table_add(groups, group);
	}
}

static bool wanted(const tree_file *file)
{
	return g_str_has_prefix(file->path, "include/") || g_str_has_suffix(file->path, ".h");
}

/* Writes a group's files below `under`. */
static bool write_group(
	layout *l, const char *group, const char *under, GHashTable *others, GError **err)
{
	g_autofree char *prefix = g_strconcat(group, "/", NULL);
	for (guint i = tree_index_lower(l->index, prefix); i < l->index->files->len; i++) {
		const tree_file *file = &g_array_index(l->index->files, tree_file, i);
		if (!g_str_has_prefix(file->path, prefix))
			break;
		if (!wanted(file))
			continue;
		g_autofree char *full = g_build_filename(under, file->path + strlen(prefix), NULL);
		g_autoptr(GBytes) bytes = NULL;
		if (!repo_read_source(l->r, &bytes, &file->id, err))
			return false;
		if (!bytes)
			continue;
		if (!write_file(l, full, bytes, err))
			return false;
		if (!g_str_has_prefix(file->path, "include/"))
			note_groups(file->path, bytes, others);
	}
	return true;
}

/* The groups that a group needs are kept beside it, for runs that find it there. */
static char *needs_path(const layout *l, const char *group)
{
	g_autofree char *flat = g_strdelimit(g_strdup(group), "/", '_');
	return g_strdup_printf("%s/.needs/%s", l->root, flat);
}

static bool need_group(layout *l, const char *group, GError **err);

static void read_needs(const layout *l, const char *group, GHashTable *others)
{
	g_autofree char *path = needs_path(l, group);
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	g_auto(GStrv) names = g_strsplit(text, "\n", -1);
	for (char **n = names; *n; n++)
		if (**n)
			g_hash_table_add(others, g_strdup(*n));
}

static bool lay_out(layout *l, const char *group, GHashTable *others, GError **err)
{
	g_autofree char *place = g_build_filename(l->root, group, NULL);
	g_autofree char *parent = g_path_get_dirname(place);
	g_autofree char *temporary = g_strdup_printf("%s/.new-XXXXXX", l->root);
	if (g_mkdir_with_parents(parent, 0777))
		return io_error(err, "make", parent);
	if (!g_mkdtemp_full(temporary, 0777))
		return io_error(err, "make", temporary);
	l->known_folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bool done = write_group(l, group, temporary, others, err);
	g_clear_pointer(&l->known_folders, g_hash_table_unref);
	if (!done) {
		cache_remove_folder(temporary);
		return false;
	}
	g_autofree char *needs = needs_path(l, group);
	g_autoptr(GString) text = g_string_new(NULL);
	GList *names = g_list_sort(g_hash_table_get_keys(others), by_text);
	for (GList *n = names; n; n = n->next)
		g_string_append_printf(text, "%s\n", (char *)n->data);
	g_list_free(names);
	g_autofree char *folder = g_path_get_dirname(needs);
	if (g_mkdir_with_parents(folder, 0777) ||
		!g_file_set_contents(needs, text->str, (gssize)text->len, err)) {
		cache_remove_folder(temporary);
		return err && *err ? false : io_error(err, "make", folder);
	}
	/* Another run may have been faster: its copy is as good. */
	if (g_rename(temporary, place)) {
		bool there = errno == EEXIST || errno == ENOTEMPTY;
		cache_remove_folder(temporary);
		return there || io_error(err, "make", place);
	}
	return true;
}

static void note_changed(const char *path, GBytes *text, void *data)
{
	if (!g_str_has_prefix(path, "include/"))
		note_groups(path, text, data);
}

static bool need_group(layout *l, const char *group, GError **err)
{
	if (g_hash_table_contains(l->ready, group))
		return true;
	g_hash_table_add(l->ready, g_strdup(group));
	g_autoptr(GHashTable) others = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *place = g_build_filename(l->root, group, NULL);
	if (l->origin) {
		g_autofree char *prefix = g_strconcat(group, "/", NULL);
		if (!need_group(l->origin, group, err) ||
			!overlay_each(l->changes, prefix, note_changed, others, err))
			return false;
	} else if (g_file_test(place, G_FILE_TEST_IS_DIR)) {
		read_needs(l, group, others);
	} else if (tree_index_has_folder(l->index, group)) {
		if (!lay_out(l, group, others, err))
			return false;
	}
	GHashTableIter iter;
	gpointer name;
	g_hash_table_iter_init(&iter, others);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		if (!need_group(l, name, err))
			return false;
	return true;
}

bool layout_need(layout *l, const char *path, GError **err)
{
	g_autofree char *group = group_of(path);
	return !group || need_group(l, group, err);
}

bool layout_place(layout *l, const char *path, GError **err)
{
	const tree_file *file = tree_index_find(l->index, path);
	if (!file)
		return true;
	if (!layout_need(l, path, err))
		return false;
	if (l->origin && overlay_has(l->changes, path)) {
		overlay_place(l->changes, path);
		return true;
	}
	if (l->origin)
		return layout_place(l->origin, path, err);
	g_autofree char *full = g_build_filename(l->root, path, NULL);
	if (g_file_test(full, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_source(l->r, &bytes, &file->id, err))
		return false;
	if (!bytes)
		return true;
	g_autofree char *temporary = g_strdup_printf("%s.%d.new", full, (int)getpid());
	if (!write_file(l, temporary, bytes, err))
		return false;
	return !g_rename(temporary, full) || io_error(err, "write", full);
}

bool layout_make_folder(layout *l, const char *path, GError **err)
{
	g_autofree char *full = g_build_filename(l->root, path, NULL);
	if (!layout_need(l, path, err))
		return false;
	/* A map brings its own folders, but a tree that is like its base has none. */
	g_autofree char *folder = g_path_get_dirname(path);
	if (l->origin && !tree_index_has_folder(l->origin->index, folder))
		return true;
	return make_parents(l, full, err);
}

bool layout_link(layout *l, char **out, const char *name, const char *folder, GError **err)
{
	if (l->origin) {
		g_autofree char *linked = g_build_filename(".link", name, "asm", NULL);
		overlay_link(l->changes, linked, folder);
		return layout_link(l->origin, out, name, folder, err);
	}
	g_autofree char *place = g_build_filename(l->root, ".link", name, NULL);
	g_autofree char *link = g_build_filename(place, "asm", NULL);
	g_autofree char *target = g_strconcat("../../", folder, NULL);
	if (g_mkdir_with_parents(place, 0777))
		return io_error(err, "make", place);
	if (symlink(target, link) && errno != EEXIST)
		return io_error(err, "make", link);
	*out = g_steal_pointer(&place);
	return true;
}

bool layout_map(layout *l, const char **file, GError **err)
{
	*file = NULL;
	return !l->origin || overlay_map(l->changes, file, err);
}
