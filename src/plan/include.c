/* Which file an #include means. */
#include "plan/reader.h"

#include <string.h>

#include "model/path.h"

/* "../../x/y.c" counts from the directory of the file that says so. */
static bool is_relative_include(const char *written, const char *path, const char *user)
{
	if (!g_str_has_prefix(written, "../"))
		return false;
	g_autofree char *directory = g_path_get_dirname(user);
	g_autofree char *from = g_strconcat("/", directory, NULL);
	g_autofree char *full = g_canonicalize_filename(written, from);
	return !strcmp(full + 1, path);
}

/* <asm/x.h> is include/asm/x.h, include/asm-ARCH/x.h or a copy in a directory asm of its own, of
 * the architecture of the file that says so. */
bool include_is_of(const char *written, const char *path, const char *user)
{
	size_t w = strlen(written), p = strlen(path);
	bool other_arch = paths_are_of_other_archs(path, user);
	if (is_relative_include(written, path, user))
		return true;
	if (p > w && path[p - w - 1] == '/' && !strcmp(path + p - w, written))
		return !other_arch || g_str_has_prefix(written, "asm-");
	if (other_arch)
		return false;
	const char *rest = g_str_has_prefix(written, "asm/") ? written + strlen("asm/") : NULL;
	const char *slash = rest && g_str_has_prefix(path, "include/asm-")
				    ? strchr(path + strlen("include/asm-"), '/')
				    : NULL;
	return slash && !strcmp(slash + 1, rest);
}

bool reader_includes(const file_names *f, const file_change *header)
{
	for (guint i = 0; i < f->includes->len; i++) {
		const include_line *n = &g_array_index(f->includes, include_line, i);
		if (include_is_of(n->path, header->path, f->change->path))
			return true;
	}
	return false;
}

unsigned reader_including_atom(const file_names *f, const file_change *header)
{
	for (guint i = 0; i < f->includes->len; i++) {
		const include_line *n = &g_array_index(f->includes, include_line, i);
		if (n->atom != G_MAXUINT && include_is_of(n->path, header->path, f->change->path))
			return n->atom;
	}
	return G_MAXUINT;
}
