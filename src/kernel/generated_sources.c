/* Headers made of one file each, which lies beside them: copies that are shipped so that a build
 * needs no tool ("x_reg.h_shipped"), and what an ASN.1 grammar's compiler would write
 * (scripts/asn1_compiler.c): the decoder and the actions that it calls. */
#include "kernel/generated.h"

#include <string.h>

#define SHIPPED "_shipped"
#define GRAMMAR ".asn1"

static bool is_source(const char *path)
{
	return g_str_has_suffix(path, GRAMMAR) || g_str_has_suffix(path, ".h" SHIPPED) ||
	       g_str_has_suffix(path, ".inc" SHIPPED);
}

/* Such files of the tree: char *, borrowed from its index. Looked for once. */
static const GPtrArray *sources(kernel_tree *t)
{
	if (t->header_sources)
		return t->header_sources;
	t->header_sources = g_ptr_array_new();
	for (guint i = 0; i < t->index->files->len; i++) {
		const char *path = g_array_index(t->index->files, tree_file, i).path;
		if (is_source(path) && !g_str_has_prefix(path, "scripts/"))
			g_ptr_array_add(t->header_sources, (gpointer)path);
	}
	return t->header_sources;
}

static void declare(const char *name, GString *out)
{
	g_string_append_printf(
		out, "extern int %s(void *, size_t, unsigned char, const void *, size_t);\n", name);
}

/* "({ action })" behind an element: declared once each, in the grammar's order. */
static void declare_actions(GString *out, const char *text, size_t len)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const char *end = text + len;
	for (const char *at = text; at && (at = memmem(at, (size_t)(end - at), "({", 2));) {
		at += 2;
		while (at < end && g_ascii_isspace(*at))
			at++;
		const char *start = at;
		while (at < end && (g_ascii_isalnum(*at) || *at == '_'))
			at++;
		char *name = g_strndup(start, (size_t)(at - start));
		bool fresh = *name && !g_hash_table_contains(known, name);
		if (fresh)
			declare(name, out);
		g_hash_table_add(known, name);
	}
}

static char *header_of(const char *path, GBytes *grammar)
{
	gsize len;
	const char *text = g_bytes_get_data(grammar, &len);
	g_autofree char *name = g_path_get_basename(path);
	*strchr(name, '.') = 0;
	GString *out = g_string_new("#include <linux/asn1_decoder.h>\n");
	g_string_append_printf(out, "extern const struct asn1_decoder %s_decoder;\n",
		g_strdelimit(name, "-", '_'));
	if (text)
		declare_actions(out, text, len);
	return g_string_free(out, FALSE);
}

static char *shipped_of(GBytes *text)
{
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	return data ? g_strndup(data, len) : g_strdup("");
}

void generated_sources(tree_arch *a, tree_config *c)
{
	const GPtrArray *paths = sources(a->tree);
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		bool grammar = g_str_has_suffix(path, GRAMMAR);
		g_autoptr(GBytes) text = tree_read(a->tree, path);
		g_autofree char *place = grammar ? g_strconcat(path, ".h", NULL)
						 : g_strndup(path, strlen(path) - strlen(SHIPPED));
		if (text)
			generated_put(
				a, c, place, grammar ? header_of(path, text) : shipped_of(text));
	}
}
