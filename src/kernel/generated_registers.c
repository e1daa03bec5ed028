/* Tables of the registers of radeon's chips that user space may write, as
 * drivers/gpu/drm/radeon/mkregtable.c makes them: a bit a register, 0 for those of the list. */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

/* Registers lie below this; 6.1's highest is 0x2FFFC. Bounds the table. */
#define REGISTER_MOST 0x1000000ul

/* "0x1434 SRC_Y_X" somewhere in a line. */
static bool read_register(const char *line, unsigned long *at)
{
	const char *number = strstr(line, "0x");
	if (!number)
		return false;
	char *end;
	*at = strtoul(number, &end, 16);
	return end > number + 2 && *at < REGISTER_MOST;
}

char *generated_registers(tree_arch *a, tree_config *c, const char *path)
{
	(void)c;
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *base = g_path_get_basename(path);
	g_autofree char *name = g_strndup(base, strlen(base) - strlen("_reg_safe.h"));
	g_autofree char *list = g_strdup_printf("%s/reg_srcs/%s", folder, name);
	g_autoptr(GBytes) bytes = tree_read(a->tree, list);
	if (!bytes)
		return NULL;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	g_autofree char *text = g_strndup(data ? data : "", len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_auto(GStrv) head = lines[0] ? make_words(lines[0]) : NULL;
	if (!head || g_strv_length(head) < 2)
		return NULL;
	unsigned long last = MIN(strtoul(head[1], NULL, 16), REGISTER_MOST), at;
	for (char **l = lines + 1; *l; l++)
		last = read_register(*l, &at) ? MAX(last, at) : last;
	size_t entries = ((last >> 2) + 31) / 32;
	g_autofree guint32 *table = g_new(guint32, entries + 1);
	memset(table, 0xff, (entries + 1) * sizeof *table);
	for (char **l = lines + 1; *l; l++)
		if (read_register(*l, &at))
			table[(at >> 2) / 32] ^= (guint32)1 << ((at >> 2) & 31);
	GString *out = g_string_new(NULL);
	g_string_append_printf(
		out, "static const unsigned %s_reg_safe_bm[%zu] = {\n", head[0], entries);
	for (size_t i = 0; i < entries; i++)
		g_string_append_printf(out, "%s0x%08X,%s", i % 4 ? " " : "\t", table[i],
			i % 4 == 3 || i + 1 == entries ? "\n" : "");
	g_string_append(out, "};\n");
	return g_string_free(out, FALSE);
}
