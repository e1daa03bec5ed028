/* Headers made of files that lie beside them: copies that are shipped so that a build needs no tool
 * ("x_reg.h_shipped"), what an ASN.1 grammar's compiler would write (scripts/asn1_compiler.c): the
 * decoder and the actions that it calls, and files as strings. */
#include "kernel/generated.h"

#include <string.h>

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

char *generated_grammar(tree_arch *a, tree_config *c, const char *path)
{
	(void)c;
	g_autofree char *grammar = g_strndup(path, strlen(path) - strlen(".h"));
	g_autoptr(GBytes) bytes = tree_read(a->tree, grammar);
	if (!bytes)
		return NULL;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	g_autofree char *name = g_path_get_basename(path);
	*strchr(name, '.') = 0;
	GString *out = g_string_new("#include <linux/asn1_decoder.h>\n");
	g_string_append_printf(out, "extern const struct asn1_decoder %s_decoder;\n",
		g_strdelimit(name, "-", '_'));
	if (text)
		declare_actions(out, text, len);
	return g_string_free(out, FALSE);
}

char *generated_shipped(tree_arch *a, tree_config *c, const char *path)
{
	(void)c;
	g_autofree char *copy = g_strconcat(path, "_shipped", NULL);
	g_autoptr(GBytes) bytes = tree_read(a->tree, copy);
	if (!bytes)
		return NULL;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	return data ? g_strndup(data, len) : g_strdup("");
}

/* "profile" of security/x/policy/profile.conf.default as `static char tomoyo_builtin_profile[]`;
 * one that is not there is empty, as the build has it. */
static void append_string(GString *out, tree_arch *a, const char *name)
{
	g_autofree char *path = g_strdup_printf("security/tomoyo/policy/%s.conf.default", name);
	g_autoptr(GBytes) bytes = tree_read(a->tree, path);
	gsize len = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	g_string_append_printf(out, "static char tomoyo_builtin_%s[] __initdata =\n\t\"", name);
	for (gsize i = 0; data && i < len; i++) {
		if (data[i] == '\n')
			g_string_append(out, i + 1 < len ? "\\n\"\n\t\"" : "\\n");
		else if (g_ascii_isprint(data[i]) && data[i] != '"' && data[i] != '\\' &&
			 data[i] != '?')
			g_string_append_c(out, data[i]);
		else
			g_string_append_printf(out, "\\%03o", (unsigned char)data[i]);
	}
	g_string_append(out, "\";\n");
}

char *generated_policy(tree_arch *a, tree_config *c, const char *path)
{
	static const char *const parts[] = {
		"profile", "exception_policy", "domain_policy", "manager", "stat"};
	(void)c;
	(void)path;
	GString *out = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		append_string(out, a, parts[i]);
	return g_string_free(out, FALSE);
}
