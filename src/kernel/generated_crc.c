/* Tables of checksums, as lib/gen_crc32table.c and lib/gen_crc64table.c make them. Their form by
 * the text of those programs: one row before v2.6.35, four up to v3.4, then as many as the
 * configuration asks for. */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a table: eight bytes at a time. */
#define ROWS_MOST 8u

typedef guint32 table32[ROWS_MOST][256];

/* The remainder of every byte, the lowest bit first. */
static void fill_low(table32 t, guint32 polynomial, unsigned rows, unsigned size)
{
	guint32 crc = 1;
	t[0][0] = 0;
	for (unsigned i = size >> 1; i; i >>= 1) {
		crc = (crc >> 1) ^ ((crc & 1) ? polynomial : 0);
		for (unsigned j = 0; j < size; j += 2 * i)
			t[0][i + j] = crc ^ t[0][j];
	}
	for (unsigned i = 0; i < size; i++) {
		crc = t[0][i];
		for (unsigned j = 1; j < rows; j++)
			t[j][i] = crc = t[0][crc & 0xff] ^ (crc >> 8);
	}
}

static void fill_high(table32 t, guint32 polynomial, unsigned rows, unsigned size)
{
	guint32 crc = 0x80000000;
	t[0][0] = 0;
	for (unsigned i = 1; i < size; i <<= 1) {
		crc = (crc << 1) ^ ((crc & 0x80000000) ? polynomial : 0);
		for (unsigned j = 0; j < i; j++)
			t[0][i + j] = crc ^ t[0][j];
	}
	for (unsigned i = 0; i < size; i++) {
		crc = t[0][i];
		for (unsigned j = 1; j < rows; j++)
			t[j][i] = crc = t[0][(crc >> 24) & 0xff] ^ (crc << 8);
	}
}

static void append32(GString *out, const char *name, const char *order, table32 t, unsigned rows,
	unsigned size, bool flat)
{
	g_string_append_printf(out, "static const u32 ____cacheline_aligned %s", name);
	if (flat)
		g_string_append(out, "[] = {");
	else
		g_string_append_printf(out, "[%u][%u] = {", rows, size);
	for (unsigned j = 0; j < rows; j++) {
		g_string_append(out, flat ? "" : "{");
		for (unsigned i = 0; i < size; i++)
			g_string_append_printf(out, "%s%s(0x%08xL)%s", i % 4 ? " " : "\n", order,
				t[j][i], i + 1 < size ? "," : "");
		g_string_append(out, flat ? "\n" : "},\n");
	}
	g_string_append(out, "};\n");
}

static bool program_has(tree_arch *a, const char *path, const char *words)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, path);
	gsize len = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	return text && memmem(text, len, words, strlen(words));
}

/* lib/crc32defs.h: how many bits at a time. */
static unsigned bits_of(tree_config *c)
{
	static const struct {
		const char *symbol;
		unsigned bits;
	} choices[] = {{"CRC32_SLICEBY8", 64}, {"CRC32_SLICEBY4", 32}, {"CRC32_SARWATE", 8},
		{"CRC32_BIT", 1}};
	for (size_t i = 0; c->values && i < G_N_ELEMENTS(choices); i++)
		if (kconfig_tristate(c->values, choices[i].symbol) != TRI_N)
			return choices[i].bits;
	return c->values && kconfig_tristate(c->values, "64BIT") != TRI_N ? 64 : 32;
}

char *generated_crc32(tree_arch *a, tree_config *c, const char *path)
{
	static const char program[] = "lib/gen_crc32table.c";
	(void)path;
	if (!tree_has(a->tree, program))
		return NULL;
	bool flat = program_has(a, program, "crc32table_le[] =");
	bool four = program_has(a, program, "crc32table_le[4]");
	unsigned bits = flat ? 8 : four ? 32 : bits_of(c);
	unsigned rows = bits > 8 ? bits / 8 : 1, size = bits > 8 ? 256 : 1u << bits;
	GString *out = g_string_new(NULL);
	if (bits == 1)
		return g_string_free(out, FALSE);
	g_autofree table32 *t = g_malloc0(sizeof *t);
	fill_low(*t, 0xedb88320, rows, size);
	append32(out, "crc32table_le", "tole", *t, rows, size, flat);
	fill_high(*t, 0x04c11db7, rows, size);
	append32(out, "crc32table_be", "tobe", *t, rows, size, flat);
	if (program_has(a, program, "crc32ctable_le")) {
		fill_low(*t, 0x82f63b78, rows, size);
		append32(out, "crc32ctable_le", "tole", *t, rows, size, flat);
	}
	return g_string_free(out, FALSE);
}

static guint64 byte_high(guint64 byte, guint64 polynomial)
{
	guint64 crc = 0;
	byte <<= 56;
	for (unsigned j = 0; j < 8; j++) {
		bool set = ((crc ^ byte) >> 63) != 0;
		crc = (crc << 1) ^ (set ? polynomial : 0);
		byte <<= 1;
	}
	return crc;
}

static guint64 byte_low(guint64 byte, guint64 polynomial)
{
	guint64 crc = 0;
	for (unsigned j = 0; j < 8; j++) {
		bool set = ((crc ^ (byte >> j)) & 1) != 0;
		crc = (crc >> 1) ^ (set ? polynomial : 0);
	}
	return crc;
}

static void append64(
	GString *out, const char *name, guint64 (*fill)(guint64, guint64), guint64 polynomial)
{
	g_string_append_printf(out, "static const u64 ____cacheline_aligned %s[256] = {\n", name);
	for (unsigned i = 0; i < 256; i++)
		g_string_append_printf(out, "%s0x%016" G_GINT64_MODIFIER "xULL,%s",
			i % 2 ? " " : "\t", fill(i, polynomial), i % 2 ? "\n" : "");
	g_string_append(out, "};\n");
}

char *generated_crc64(tree_arch *a, tree_config *c, const char *path)
{
	static const char program[] = "lib/gen_crc64table.c";
	(void)c;
	(void)path;
	if (!tree_has(a->tree, program))
		return NULL;
	GString *out = g_string_new("#include <linux/types.h>\n#include <linux/cache.h>\n\n");
	append64(out, "crc64table", byte_high, G_GUINT64_CONSTANT(0x42f0e1eba9ea3693));
	if (program_has(a, program, "crc64rocksofttable"))
		append64(out, "crc64rocksofttable", byte_low,
			G_GUINT64_CONSTANT(0x9a6c9329ac4bc9b5));
	return g_string_free(out, FALSE);
}
