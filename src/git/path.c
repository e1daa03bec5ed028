/* Which paths may stand in a tree. Follows git's verify_path with protectHFS and protectNTFS on,
 * so that a tree made here is safe to check out anywhere. */
#include "git/internal.h"

/* Code points that HFS+ drops from names: ".g\u200cit" is ".git" there (git's utf8.c). */
static bool hfs_ignores(gunichar c)
{
	return (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x206a && c <= 0x206f) || c == 0xfeff;
}

static bool is_hfs_dot_git(const char *name, size_t len)
{
	static const char wanted[] = ".git";
	size_t matched = 0;
	for (const char *p = name, *end = name + len; p < end;) {
		gunichar c = g_utf8_get_char_validated(p, end - p);
		if (c == (gunichar)-1 || c == (gunichar)-2)
			return false;
		p = g_utf8_next_char(p);
		if (hfs_ignores(c))
			continue;
		if (matched == 4 || c > 127 || g_ascii_tolower((char)c) != wanted[matched])
			return false;
		matched++;
	}
	return matched == 4;
}

/* NTFS ignores trailing blanks and dots and what follows a colon, takes '\\' for a slash, and
 * has the short name GIT~1 for .git. */
static bool is_ntfs_dot_git(const char *name, size_t len)
{
	size_t stem = 0;
	if (len >= 4 && !g_ascii_strncasecmp(name, ".git", 4))
		stem = 4;
	else if (len >= 5 && !g_ascii_strncasecmp(name, "git~1", 5))
		stem = 5;
	else
		return false;
	for (size_t i = stem; i < len; i++) {
		if (name[i] == ':' || name[i] == '\\')
			return true;
		if (name[i] != ' ' && name[i] != '.')
			return false;
	}
	return true;
}

static bool component_is_safe(const char *name, size_t len)
{
	if (!len || (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
		return false;
	if (is_hfs_dot_git(name, len))
		return false;
	for (size_t at = 0; at < len;) {
		const char *slash = memchr(name + at, '\\', len - at);
		size_t end = slash ? (size_t)(slash - name) : len;
		if (is_ntfs_dot_git(name + at, end - at))
			return false;
		at = end + 1;
	}
	return true;
}

bool repo_path_is_safe(const char *path)
{
	size_t len = path ? strlen(path) : 0;
	if (!len || len > LIMIT_PATH_BYTES)
		return false;
	for (const char *at = path;;) {
		const char *slash = strchr(at, '/');
		size_t part = slash ? (size_t)(slash - at) : strlen(at);
		if (!component_is_safe(at, part))
			return false;
		if (!slash)
			return true;
		at = slash + 1;
	}
}
