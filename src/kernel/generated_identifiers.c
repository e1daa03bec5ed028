/* ASN.1 object identifiers, encoded and sorted as lib/build_OID_registry does it. */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

/* Parts of an identifier, and bytes of a part: those of 6.1 have 10 of up to 3. */
#define PARTS_MOST 32u
#define OCTETS_MOST (PARTS_MOST * 10)

typedef struct identifier {
	char *name;
	guint8 octets[OCTETS_MOST];
	unsigned size;
	guint8 hash;
} identifier;

static void identifier_clear(gpointer data)
{
	g_free(((identifier *)data)->name);
}

static void encode_part(identifier *x, guint64 part)
{
	unsigned shift = 0;
	while (shift < 63 && part >> (shift + 7))
		shift += 7;
	for (; shift; shift -= 7)
		x->octets[x->size++] = (guint8)((part >> shift & 0x7f) | 0x80);
	x->octets[x->size++] = part & 0x7f;
}

static bool encode(identifier *x, const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, ".", -1);
	guint n = g_strv_length(parts);
	if (n < 2 || n > PARTS_MOST)
		return false;
	x->octets[x->size++] =
		(guint8)(strtoul(parts[0], NULL, 10) * 40 + strtoul(parts[1], NULL, 10));
	for (guint i = 2; i < n; i++)
		encode_part(x, g_ascii_strtoull(parts[i], NULL, 10));
	guint32 hash = x->size - 1;
	for (unsigned i = 0; i < x->size; i++)
		hash += x->octets[i] * 33u;
	x->hash = (guint8)((hash >> 24) ^ (hash >> 16) ^ (hash >> 8) ^ hash);
	return true;
}

/* Lines "OID_name,  / * 1.2.3 * /" of the enumeration. */
static GArray *read_identifiers(tree_arch *a)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, "include/linux/oid_registry.h");
	GArray *list = g_array_new(FALSE, TRUE, sizeof(identifier));
	g_array_set_clear_func(list, identifier_clear);
	gsize len = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	g_autofree char *text = g_strndup(data ? data : "", len);
	g_autoptr(GRegex) line =
		g_regex_new("^\\s+OID_([A-Za-z][A-Za-z0-9_]+),\\s+/[*]\\s+([012][.0-9]*)\\s+[*]/",
			G_REGEX_RAW | G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	for (g_regex_match(line, text, 0, &match); g_match_info_matches(match);
		g_match_info_next(match, NULL)) {
		g_autofree char *number = g_match_info_fetch(match, 2);
		identifier x = {.name = g_match_info_fetch(match, 1)};
		if (encode(&x, number))
			g_array_append_val(list, x);
		else
			g_free(x.name);
	}
	return list;
}

static gint compare(gconstpointer va, gconstpointer vb)
{
	const identifier *a = *(identifier *const *)va, *b = *(identifier *const *)vb;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	for (unsigned i = a->size; i-- > 0;)
		if (a->octets[i] != b->octets[i])
			return a->octets[i] < b->octets[i] ? -1 : 1;
	return 0;
}

static void append_octets(GString *out, const GArray *list, unsigned total)
{
	unsigned at = 0;
	g_string_append_printf(out, "static const unsigned %s oid_index[OID__NR + 1] = {\n",
		total <= 255 ? "char" : "short");
	for (guint i = 0; i < list->len; i++) {
		const identifier *x = &g_array_index(list, identifier, i);
		g_string_append_printf(out, "\t[OID_%s] = %u,\n", x->name, at);
		at += x->size;
	}
	g_string_append_printf(out, "\t[OID__NR] = %u\n};\n\n", total);
	g_string_append_printf(out, "static const unsigned char oid_data[%u] = {\n", total);
	for (guint i = 0; i < list->len; i++) {
		const identifier *x = &g_array_index(list, identifier, i);
		g_string_append_c(out, '\t');
		for (unsigned k = 0; k < x->size; k++)
			g_string_append_printf(out, "%u, ", x->octets[k]);
		g_string_append_printf(out, "\t// %s\n", x->name);
	}
	g_string_append(out, "};\n\n");
}

char *generated_identifiers(tree_arch *a, tree_config *c, const char *path)
{
	(void)c;
	(void)path;
	g_autoptr(GArray) list = read_identifiers(a);
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	unsigned total = 0;
	for (guint i = 0; i < list->len; i++) {
		identifier *x = &g_array_index(list, identifier, i);
		g_ptr_array_add(sorted, x);
		total += x->size;
	}
	if (!list->len)
		return NULL;
	g_ptr_array_sort(sorted, compare);
	GString *out = g_string_new(NULL);
	append_octets(out, list, total);
	g_string_append_printf(out,
		"static const struct {\n\tunsigned char hash;\n\tenum OID oid : %u;\n"
		"} oid_search_table[OID__NR] = {\n",
		list->len <= 256 ? 8 : 16);
	for (guint i = 0; i < sorted->len; i++) {
		const identifier *x = g_ptr_array_index(sorted, i);
		g_string_append_printf(out, "\t[%3u] = { %3u, OID_%s },\n", i, x->hash, x->name);
	}
	g_string_append(out, "};\n");
	return g_string_free(out, FALSE);
}
