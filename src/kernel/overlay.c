/* What a tree has other than the tree that is laid out, told to clang as a map. */
#include "kernel/overlay.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/cache.h"

/* Hexadecimal digits of a path's digest in a file's name, and of a map's in its own: two files of
 * the same bytes at two paths must be two files to the compiler. */
#define NAME_DIGITS 16

typedef struct changed_file {
	const char *path; /* of one of the indexes */
	oid id;		  /* zero: the tree has none */
	bool told;	  /* in the map */
	bool written;
} changed_file;

typedef struct link_name {
	char *name, *folder;
} link_name;

struct overlay {
	repo *r;
	char *files, *maps; /* folders */
	char *root;
	GArray *changed; /* changed_file, by path */
	GArray *links;	 /* link_name */
	char *map;	 /* the file; NULL: to be made */
	bool current;
};

static void link_clear(gpointer data)
{
	link_name *l = data;
	g_free(l->name);
	g_free(l->folder);
}

static bool is_regular(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

/* What compilers look for by name without being told of it. */
static bool is_header(const char *path)
{
	return g_str_has_prefix(path, "include/") || g_str_has_suffix(path, ".h");
}

static void add_change(overlay *o, const tree_file *old, const tree_file *new)
{
	changed_file c = {.path = old ? old->path : new->path};
	if (new &&is_regular(new->mode))
		c.id = new->id;
	c.told = is_header(c.path);
	g_array_append_val(o->changed, c);
}

/* Both are sorted by path. */
static void compare_trees(overlay *o, const GArray *base, const GArray *tree)
{
	guint i = 0, k = 0;
	while (i < base->len || k < tree->len) {
		const tree_file *a = i < base->len ? &g_array_index(base, tree_file, i) : NULL;
		const tree_file *b = k < tree->len ? &g_array_index(tree, tree_file, k) : NULL;
		int order = !a ? 1 : !b ? -1 : tree_file_order(a, b);
		if (order < 0)
			add_change(o, a, NULL);
		else if (order > 0)
			add_change(o, NULL, b);
		else if (!oid_equal(&a->id, &b->id) || a->mode != b->mode)
			add_change(o, a, b);
		i += order <= 0;
		k += order >= 0;
	}
}

overlay *overlay_new(repo *r, const tree_index *base, const tree_index *tree, const char *cache_dir,
	const char *root)
{
	overlay *o = g_new0(overlay, 1);
	g_autofree char *absolute = g_canonicalize_filename(cache_dir, NULL);
	o->r = r;
	o->files = g_build_filename(absolute, "overlay", "files", NULL);
	o->maps = g_build_filename(absolute, "overlay", "maps", NULL);
	o->root = g_strdup(root);
	o->changed = g_array_new(FALSE, FALSE, sizeof(changed_file));
	o->links = g_array_new(FALSE, FALSE, sizeof(link_name));
	g_array_set_clear_func(o->links, link_clear);
	compare_trees(o, base->files, tree->files);
	return o;
}

void overlay_free(overlay *o)
{
	if (!o)
		return;
	g_array_unref(o->changed);
	g_array_unref(o->links);
	g_free(o->files);
	g_free(o->maps);
	g_free(o->root);
	g_free(o->map);
	g_free(o);
}

/* Position of the first change whose path is not before `path`. */
static guint lower(const overlay *o, const char *path)
{
	guint low = 0, high = o->changed->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (strcmp(g_array_index(o->changed, changed_file, middle).path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static changed_file *find(const overlay *o, const char *path)
{
	guint at = lower(o, path);
	changed_file *c =
		at < o->changed->len ? &g_array_index(o->changed, changed_file, at) : NULL;
	return c && !strcmp(c->path, path) ? c : NULL;
}

bool overlay_has(const overlay *o, const char *path)
{
	return find(o, path) != NULL;
}

void overlay_place(overlay *o, const char *path)
{
	changed_file *c = find(o, path);
	if (c && !c->told) {
		c->told = true;
		o->current = false;
	}
}

void overlay_link(overlay *o, const char *name, const char *folder)
{
	for (guint i = 0; i < o->links->len; i++) {
		if (!strcmp(g_array_index(o->links, link_name, i).name, name))
			return;
	}
	link_name l = {g_strdup(name), g_strdup(folder)};
	g_array_append_val(o->links, l);
	o->current = false;
}

bool overlay_each(overlay *o, const char *prefix,
	void (*note)(const char *path, GBytes *text, void *data), void *data, GError **err)
{
	for (guint i = lower(o, prefix); i < o->changed->len; i++) {
		const changed_file *c = &g_array_index(o->changed, changed_file, i);
		if (!g_str_has_prefix(c->path, prefix))
			break;
		if (!is_header(c->path) || oid_is_zero(&c->id))
			continue;
		g_autoptr(GBytes) text = NULL;
		if (!repo_read_source(o->r, &text, &c->id, err))
			return false;
		if (text)
			note(c->path, text, data);
	}
	return true;
}

/* --- writing --- */

static bool io_error(GError **err, const char *verb, const char *path)
{
	return error_set(err, TRUCE_ERROR_IO, "name another place with --db, or free space",
		"cannot %s %s: %s", verb, path, g_strerror(errno));
}

/* Writes a file beside its place and renames it: it is there whole or not at all. */
static bool write_whole(const char *path, const void *data, gsize len, GError **err)
{
	g_autofree char *temporary = g_strdup_printf("%s.%d.new", path, (int)getpid());
	g_autoptr(GError) why = NULL;
	if (!g_file_set_contents_full(
		    temporary, data, (gssize)len, G_FILE_SET_CONTENTS_NONE, 0666, &why))
		return error_set(err, TRUCE_ERROR_IO, "name another place with --db, or free space",
			"cannot write %s: %s", path, why->message);
	return !g_rename(temporary, path) || io_error(err, "write", path);
}

static char *file_name(const overlay *o, const changed_file *c)
{
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, c->path, -1);
	char hex[OID_HEX + 1];
	return g_strdup_printf("%s/%s-%.*s", o->files, oid_format(hex, &c->id), NAME_DIGITS, sum);
}

/* *place: where the compiler finds the file's bytes; a name that is not there when it has none. */
static bool put_file(overlay *o, changed_file *c, char **place, GError **err)
{
	*place = NULL;
	if (oid_is_zero(&c->id)) {
		*place = g_build_filename(o->files, "none", NULL);
		return true;
	}
	g_autofree char *name = file_name(o, c);
	if (!c->written && !cache_use(name)) {
		g_autoptr(GBytes) bytes = NULL;
		if (!repo_read_source(o->r, &bytes, &c->id, err))
			return false;
		if (!bytes) {
			c->id = (oid){0};
			return put_file(o, c, place, err);
		}
		gsize len;
		const void *data = g_bytes_get_data(bytes, &len);
		if (!write_whole(name, data ? data : "", len, err))
			return false;
	}
	c->written = true;
	*place = g_steal_pointer(&name);
	return true;
}

static void put_text(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			g_string_append_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			g_string_append_printf(out, "\\x%02x", c);
		else
			g_string_append_c(out, (char)c);
	}
	g_string_append_c(out, '"');
}

typedef struct map_writer {
	overlay *o;
	GString *out;
	char *folder; /* of the entry before; NULL: none */
} map_writer;

/* An entry at root/`path`. */
static bool put_entry(map_writer *w, const char *path, changed_file *c, GError **err)
{
	g_autofree char *place = NULL;
	/* YAML has no word for other bytes; such a file stays as the base has it. */
	if (!g_utf8_validate(path, -1, NULL))
		return true;
	if (!put_file(w->o, c, &place, err))
		return false;
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	if (g_strcmp0(folder, w->folder)) {
		g_autofree char *full = strcmp(folder, ".")
						? g_build_filename(w->o->root, folder, NULL)
						: g_strdup(w->o->root);
		if (w->folder)
			g_string_append(w->out, "]},\n");
		g_string_append(w->out, "{\"type\":\"directory\",\"name\":");
		put_text(w->out, full);
		g_string_append(w->out, ",\"contents\":[\n");
		g_free(w->folder);
		w->folder = g_steal_pointer(&folder);
	} else {
		g_string_append(w->out, ",\n");
	}
	g_string_append(w->out, "{\"type\":\"file\",\"name\":");
	put_text(w->out, name);
	g_string_append(w->out, ",\"external-contents\":");
	put_text(w->out, place);
	g_string_append_c(w->out, '}');
	return true;
}

static bool put_linked(map_writer *w, const link_name *l, GError **err)
{
	g_autofree char *prefix = g_strconcat(l->folder, "/", NULL);
	for (guint i = lower(w->o, prefix); i < w->o->changed->len; i++) {
		changed_file *c = &g_array_index(w->o->changed, changed_file, i);
		if (!g_str_has_prefix(c->path, prefix))
			break;
		g_autofree char *path = g_build_filename(l->name, c->path + strlen(prefix), NULL);
		if (c->told && !put_entry(w, path, c, err))
			return false;
	}
	return true;
}

static bool put_entries(map_writer *w, GError **err)
{
	for (guint i = 0; i < w->o->changed->len; i++) {
		changed_file *c = &g_array_index(w->o->changed, changed_file, i);
		if (c->told && !put_entry(w, c->path, c, err))
			return false;
	}
	for (guint i = 0; i < w->o->links->len; i++) {
		if (!put_linked(w, &g_array_index(w->o->links, link_name, i), err))
			return false;
	}
	return true;
}

bool overlay_map(overlay *o, const char **file, GError **err)
{
	*file = o->map;
	if (o->current)
		return true;
	g_clear_pointer(&o->map, g_free);
	if (g_mkdir_with_parents(o->files, 0777) || g_mkdir_with_parents(o->maps, 0777))
		return io_error(err, "make", o->files);
	g_autoptr(GString) text = g_string_new("{\"version\":0,\"case-sensitive\":\"true\","
					       "\"use-external-names\":\"false\",\"roots\":[\n");
	map_writer w = {o, text, NULL};
	bool ok = put_entries(&w, err);
	bool any = w.folder != NULL;
	g_free(w.folder);
	if (!ok)
		return false;
	if (any) {
		g_string_append(text, "]}\n]}\n");
		g_autofree char *sum = g_compute_checksum_for_string(
			G_CHECKSUM_SHA256, text->str, (gssize)text->len);
		g_autofree char *path = g_strdup_printf("%s/%.*s", o->maps, 2 * NAME_DIGITS, sum);
		if (!cache_use(path) && !write_whole(path, text->str, text->len, err))
			return false;
		o->map = g_steal_pointer(&path);
	}
	o->current = true;
	*file = o->map;
	return true;
}
