/* Names of x86's processor features for the setup code, as arch/x86/boot/mkcpustr.c makes them of
 * what arch/x86/kernel/cpu/mkcapflags.sh reads. */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

/* 32-bit words of features: 6.1 has 22. */
#define WORDS_MOST 256u

/* The name that a comment gives in quotes, else the macro's, in lower case; "" is none. */
static char *name_of(const GMatchInfo *match)
{
	g_autofree char *macro = g_match_info_fetch(match, 1);
	g_autofree char *quoted = g_match_info_fetch(match, 4);
	return g_ascii_strdown(quoted && *quoted ? quoted + 1 : macro, -1);
}

/* char *[words][32] of "#define X86_FEATURE_NAME (word*32+bit) / * "name" ... * /". */
static char **read_names(const char *text, unsigned words)
{
	char **names = g_new0(char *, (size_t)words * 32 + 1);
	g_autoptr(GRegex) line =
		g_regex_new("^[ \\t]*#[ \\t]*define[ \\t]+X86_FEATURE_(\\w+)[ \\t]+"
			    "\\([ \\t]*(\\d+)[ \\t]*\\*[ \\t]*32[ \\t]*\\+[ \\t]*(\\d+)[ \\t]*\\)"
			    "(?:[ \\t]*/\\*[ \\t]*(\"[^\"\\n]*)\")?",
			G_REGEX_RAW | G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	for (g_regex_match(line, text, 0, &match); g_match_info_matches(match);
		g_match_info_next(match, NULL)) {
		g_autofree char *word = g_match_info_fetch(match, 2);
		g_autofree char *bit = g_match_info_fetch(match, 3);
		unsigned long w = strtoul(word, NULL, 10), b = strtoul(bit, NULL, 10);
		if (w >= words || b >= 32)
			continue;
		g_free(names[w * 32 + b]);
		names[w * 32 + b] = name_of(match);
	}
	return names;
}

static unsigned count_words(const char *text)
{
	const char *macro = strstr(text, "#define NCAPINTS");
	unsigned long n = macro ? strtoul(macro + strlen("#define NCAPINTS"), NULL, 10) : 0;
	return (unsigned)MIN(n, WORDS_MOST);
}

char *generated_features(tree_arch *a, tree_config *c, const char *path)
{
	static const char *const headers[] = {
		"arch/x86/include/asm/cpufeatures.h", "arch/x86/include/asm/cpufeature.h"};
	(void)c;
	(void)path;
	g_autoptr(GBytes) bytes = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(headers) && !bytes; i++)
		bytes = tree_read(a->tree, headers[i]);
	gsize len = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	g_autofree char *text = g_strndup(data ? data : "", len);
	unsigned words = count_words(text);
	if (!words)
		return NULL;
	char **names = read_names(text, words);
	GString *out = g_string_new("static const char x86_cap_strs[] =\n");
	for (unsigned i = 0; i < words * 32; i++) {
		const char *name = names[i];
		/* The last takes the zero that ends the whole. */
		if (i + 1 == words * 32)
			g_string_append_printf(out, "\t\"\\x%02x\\x%02x\"\"%s\"\n", i / 32, i % 32,
				name ? name : "");
		else if (name && *name)
			g_string_append_printf(out,
				"#if REQUIRED_MASK%u & (1 << %u)\n"
				"\t\"\\x%02x\\x%02x\"\"%s\\0\"\n#endif\n",
				i / 32, i % 32, i / 32, i % 32, name);
		g_free(names[i]);
	}
	g_free(names);
	g_string_append(out, "\t;\n");
	return g_string_free(out, FALSE);
}
