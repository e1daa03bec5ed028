/* What a path says about its place in a kernel tree. */
#include "model/path.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

bool path_is_header(const char *path)
{
	return g_str_has_suffix(path, ".h");
}

/* The name of the architecture inside the path; empty when it belongs to none. */
static span arch_span(const char *path)
{
	const char *name = NULL;
	if (g_str_has_prefix(path, "arch/"))
		name = path + strlen("arch/");
	else if (g_str_has_prefix(path, "include/asm-"))
		name = path + strlen("include/asm-");
	if (!name || g_str_has_prefix(name, "generic/"))
		return (span){"", 0};
	const char *end = strchr(name, '/');
	return (span){name, end ? (size_t)(end - name) : 0};
}

char *path_arch(const char *path)
{
	span arch = arch_span(path);
	return arch.len ? g_strndup(arch.at, arch.len) : NULL;
}

bool paths_are_of_other_archs(const char *a, const char *b)
{
	span x = arch_span(a), y = arch_span(b);
	return x.len && y.len && (x.len != y.len || memcmp(x.at, y.at, x.len) != 0);
}

/* Subarchitectures: at the first component where the paths differ, both are named mach-... */
static bool are_subarchitectures(char **a, char **b)
{
	guint i = 0;
	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return a[i] && b[i] && g_str_has_prefix(a[i], "mach-") && g_str_has_prefix(b[i], "mach-");
}

bool paths_are_alternatives(const char *a, const char *b)
{
	if (!strcmp(a, b))
		return false;
	if (paths_are_of_other_archs(a, b))
		return true;
	g_auto(GStrv) parts_a = g_strsplit(a, "/", -1);
	g_auto(GStrv) parts_b = g_strsplit(b, "/", -1);
	if (are_subarchitectures(parts_a, parts_b))
		return true;
	g_autofree char *name_a = g_path_get_basename(a);
	g_autofree char *name_b = g_path_get_basename(b);
	return path_is_header(a) && !strcmp(name_a, name_b);
}

char *path_area(const char *path)
{
	static const char *const deep[] = {"drivers", "include", "net", "fs", "sound", NULL};
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	guint n = g_strv_length(parts);
	g_autofree char *arch = path_arch(path);
	if (arch)
		return g_strdup_printf("arch/%s", arch);
	if (n < 2)
		return g_strdup("top");
	if (n > 2 && g_strv_contains((const char *const *)deep, parts[0]))
		return g_strdup_printf("%s/%s", parts[0], parts[1]);
	return g_strdup(parts[0]);
}
