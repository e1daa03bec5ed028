/* The functions of make that kernel makefiles use, and the kernel's own cc-option family. */
#include "kernel/make_priv.h"

#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 12u

typedef struct call {
	make *m;
	char *raw[ARGUMENTS]; /* unexpanded */
	guint n;
} call;

static char *argument(call *c, guint i)
{
	return i < c->n ? make_expand(c->m, c->raw[i]) : g_strdup("");
}

static bool matches(const char *pattern, const char *word, const char **stem, size_t *stem_len)
{
	const char *percent = strchr(pattern, '%');
	if (!percent)
		return !strcmp(pattern, word);
	size_t before = (size_t)(percent - pattern), after = strlen(percent + 1);
	size_t len = strlen(word);
	if (len < before + after || strncmp(pattern, word, before) != 0 ||
		strcmp(word + len - after, percent + 1) != 0)
		return false;
	*stem = word + before;
	*stem_len = len - before - after;
	return true;
}

static void append_word(GString *out, const char *word)
{
	if (out->len)
		g_string_append_c(out, ' ');
	g_string_append(out, word);
}

char *make_patsubst(const char *from, const char *to, const char *text)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) words = make_words(text);
	for (char **w = words; *w; w++) {
		const char *stem = "";
		size_t len = 0;
		if (!matches(from, *w, &stem, &len)) {
			append_word(out, *w);
			continue;
		}
		const char *percent = strchr(to, '%');
		g_autofree char *replaced =
			percent ? g_strdup_printf("%.*s%.*s%s", (int)(percent - to), to, (int)len,
					  stem, percent + 1)
				: g_strdup(to);
		append_word(out, replaced);
	}
	return g_string_free(out, FALSE);
}

static char *do_patsubst(call *c)
{
	g_autofree char *from = argument(c, 0), *to = argument(c, 1), *text = argument(c, 2);
	return make_patsubst(from, to, text);
}

static char *do_subst(call *c)
{
	g_autofree char *from = argument(c, 0), *to = argument(c, 1), *text = argument(c, 2);
	if (!*from)
		return g_strdup(text);
	g_auto(GStrv) parts = g_strsplit(text, from, -1);
	return g_strjoinv(to, parts);
}

static char *do_strip(call *c)
{
	g_autofree char *text = argument(c, 0);
	g_auto(GStrv) words = make_words(text);
	return g_strjoinv(" ", words);
}

static char *do_findstring(call *c)
{
	g_autofree char *needle = argument(c, 0), *text = argument(c, 1);
	return g_strdup(strstr(text, needle) ? needle : "");
}

static char *filter(call *c, bool keep)
{
	g_autofree char *patterns = argument(c, 0), *text = argument(c, 1);
	g_auto(GStrv) wanted = make_words(patterns);
	g_auto(GStrv) words = make_words(text);
	GString *out = g_string_new(NULL);
	for (char **w = words; *w; w++) {
		bool hit = false;
		const char *stem;
		size_t len;
		for (char **p = wanted; *p && !hit; p++)
			hit = matches(*p, *w, &stem, &len);
		if (hit == keep)
			append_word(out, *w);
	}
	return g_string_free(out, FALSE);
}

static char *do_filter(call *c)
{
	return filter(c, true);
}

static char *do_filter_out(call *c)
{
	return filter(c, false);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *do_sort(call *c)
{
	g_autofree char *text = argument(c, 0);
	g_auto(GStrv) words = make_words(text);
	guint n = g_strv_length(words);
	if (n)
		qsort(words, n, sizeof(char *), compare_words);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < n; i++)
		if (!i || strcmp(words[i], words[i - 1]) != 0)
			append_word(out, words[i]);
	return g_string_free(out, FALSE);
}

static char *do_words(call *c)
{
	g_autofree char *text = argument(c, 0);
	g_auto(GStrv) words = make_words(text);
	return g_strdup_printf("%u", g_strv_length(words));
}

static char *word_range(const char *text, long first, long last)
{
	g_auto(GStrv) words = make_words(text);
	GString *out = g_string_new(NULL);
	long n = (long)g_strv_length(words);
	for (long i = MAX(first, 1); i <= last && i <= n; i++)
		append_word(out, words[i - 1]);
	return g_string_free(out, FALSE);
}

static char *do_word(call *c)
{
	g_autofree char *n = argument(c, 0), *text = argument(c, 1);
	long at = strtol(n, NULL, 10);
	return word_range(text, at, at);
}

static char *do_wordlist(call *c)
{
	g_autofree char *a = argument(c, 0), *b = argument(c, 1), *text = argument(c, 2);
	return word_range(text, strtol(a, NULL, 10), strtol(b, NULL, 10));
}

static char *do_firstword(call *c)
{
	g_autofree char *text = argument(c, 0);
	return word_range(text, 1, 1);
}

static char *do_lastword(call *c)
{
	g_autofree char *text = argument(c, 0);
	g_auto(GStrv) words = make_words(text);
	guint n = g_strv_length(words);
	return g_strdup(n ? words[n - 1] : "");
}

/* Applies `one` to each word. */
static char *each_word(
	const char *text, char *(*one)(const char *word, const char *extra), const char *extra)
{
	g_auto(GStrv) words = make_words(text);
	GString *out = g_string_new(NULL);
	for (char **w = words; *w; w++) {
		g_autofree char *result = one(*w, extra);
		append_word(out, result);
	}
	return g_string_free(out, FALSE);
}

static char *one_dir(const char *word, const char *extra)
{
	(void)extra;
	const char *slash = strrchr(word, '/');
	return slash ? g_strndup(word, (size_t)(slash - word) + 1) : g_strdup("./");
}

static char *one_notdir(const char *word, const char *extra)
{
	(void)extra;
	const char *slash = strrchr(word, '/');
	return g_strdup(slash ? slash + 1 : word);
}

static const char *suffix_of(const char *word)
{
	const char *dot = strrchr(word, '.'), *slash = strrchr(word, '/');
	return dot && (!slash || dot > slash) ? dot : word + strlen(word);
}

static char *one_suffix(const char *word, const char *extra)
{
	(void)extra;
	return g_strdup(suffix_of(word));
}

static char *one_basename(const char *word, const char *extra)
{
	(void)extra;
	return g_strndup(word, (size_t)(suffix_of(word) - word));
}

static char *one_addsuffix(const char *word, const char *extra)
{
	return g_strconcat(word, extra, NULL);
}

static char *one_addprefix(const char *word, const char *extra)
{
	return g_strconcat(extra, word, NULL);
}

static char *do_dir(call *c)
{
	g_autofree char *text = argument(c, 0);
	return each_word(text, one_dir, NULL);
}

static char *do_notdir(call *c)
{
	g_autofree char *text = argument(c, 0);
	return each_word(text, one_notdir, NULL);
}

static char *do_suffix(call *c)
{
	g_autofree char *text = argument(c, 0);
	return each_word(text, one_suffix, NULL);
}

static char *do_basename(call *c)
{
	g_autofree char *text = argument(c, 0);
	return each_word(text, one_basename, NULL);
}

static char *do_addsuffix(call *c)
{
	g_autofree char *extra = argument(c, 0), *text = argument(c, 1);
	return each_word(text, one_addsuffix, extra);
}

static char *do_addprefix(call *c)
{
	g_autofree char *extra = argument(c, 0), *text = argument(c, 1);
	return each_word(text, one_addprefix, extra);
}

/* Files of the tree without a pattern; patterns are not looked up. */
static char *do_wildcard(call *c)
{
	g_autofree char *text = argument(c, 0);
	g_auto(GStrv) words = make_words(text);
	GString *out = g_string_new(NULL);
	for (char **w = words; *w; w++) {
		const char *p = *w;
		while (g_str_has_prefix(p, "./"))
			p += 2;
		if (c->m->source.exists && c->m->source.exists(p, c->m->source.data))
			append_word(out, *w);
	}
	return g_string_free(out, FALSE);
}

static char *do_if(call *c)
{
	g_autofree char *condition = argument(c, 0);
	return argument(c, *g_strstrip(condition) ? 1 : 2);
}

static char *do_or(call *c)
{
	for (guint i = 0; i < c->n; i++) {
		g_autofree char *value = argument(c, i);
		if (*value)
			return g_steal_pointer(&value);
	}
	return g_strdup("");
}

static char *do_and(call *c)
{
	char *value = g_strdup("");
	for (guint i = 0; i < c->n; i++) {
		g_free(value);
		value = argument(c, i);
		if (!*value)
			break;
	}
	return value;
}

/* A variable set while `body` is expanded, then as it was. */
static char *with_variable(make *m, const char *name, const char *value, const char *body)
{
	const make_variable *old = g_hash_table_lookup(m->variables, name);
	g_autofree char *kept = old ? g_strdup(old->value) : NULL;
	bool simple = old && old->simple;
	make_set(m, name, value);
	char *result = make_expand(m, body);
	if (!kept) {
		g_hash_table_remove(m->variables, name);
	} else {
		make_variable *v = g_new0(make_variable, 1);
		v->value = g_steal_pointer(&kept);
		v->simple = simple;
		g_hash_table_replace(m->variables, g_strdup(name), v);
	}
	return result;
}

static char *do_foreach(call *c)
{
	g_autofree char *name = argument(c, 0), *list = argument(c, 1);
	g_auto(GStrv) words = make_words(list);
	GString *out = g_string_new(NULL);
	g_strstrip(name);
	for (char **w = words; c->n > 2 && *w; w++) {
		g_autofree char *value = with_variable(c->m, name, *w, c->raw[2]);
		append_word(out, value);
	}
	return g_string_free(out, FALSE);
}

/* Options that gcc has and clang 14 has not. */
static bool option_known(const char *option)
{
	static const char *const unknown[] = {"-fconserve-stack", "-mpreferred-stack-boundary",
		"-fno-delete-null-pointer-checks-gcc", "-maccumulate-outgoing-args",
		"-fno-allow-store-data-races", "-mskip-rax-setup", "-mindirect-branch",
		"-mfunction-return", "-falign-jumps", "-falign-labels", "-mrecord-mcount"};
	for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
		if (strstr(option, unknown[i]))
			return false;
	return true;
}

/* The kernel's probes of the compiler, by name: their definitions would run it. */
static bool call_probe(call *c, const char *name, char **result)
{
	g_autofree char *first = argument(c, 1), *second = argument(c, 2);
	g_strstrip(first);
	if (!strcmp(name, "cc-option") || !strcmp(name, "as-option") ||
		!strcmp(name, "ld-option") || !strcmp(name, "__cc-option"))
		*result = g_strdup(option_known(first) ? first : second);
	else if (!strcmp(name, "cc-option-yn"))
		*result = g_strdup(option_known(first) ? "y" : "n");
	else if (!strcmp(name, "as-instr") || !strcmp(name, "as-instr64"))
		*result = g_strdup(second);
	else if (!strcmp(name, "cc-version") || !strcmp(name, "cc-fullversion"))
		*result = g_strdup("0402"); /* what clang claims to be: gcc 4.2 */
	else if (!strcmp(name, "cc-ifversion") || !strcmp(name, "cc-disable-warning") ||
		 !strcmp(name, "try-run") || !strcmp(name, "cc-cross-prefix") ||
		 !strcmp(name, "cc-option-align") || !strcmp(name, "gcc-min-version"))
		*result = g_strdup("");
	else
		return false;
	return true;
}

static char *do_call(call *c)
{
	g_autofree char *name = argument(c, 0);
	char *result = NULL;
	if (call_probe(c, g_strstrip(name), &result))
		return result;
	const make_variable *v = g_hash_table_lookup(c->m->variables, name);
	if (!v)
		return g_strdup("");
	/* Arguments become $(1)...; nested calls put back what they found. */
	char *values[ARGUMENTS] = {NULL}, *kept[ARGUMENTS] = {NULL};
	for (guint i = 1; i < ARGUMENTS; i++) {
		char number[16];
		g_snprintf(number, sizeof number, "%u", i);
		values[i] = argument(c, i);
		kept[i] = make_get(c->m, number);
	}
	for (guint i = 1; i < ARGUMENTS; i++) {
		char number[16];
		g_snprintf(number, sizeof number, "%u", i);
		make_set(c->m, number, values[i]);
	}
	v = g_hash_table_lookup(c->m->variables, name);
	g_autofree char *body = g_strdup(v->value);
	result = make_expand(c->m, body);
	for (guint i = 1; i < ARGUMENTS; i++) {
		char number[16];
		g_snprintf(number, sizeof number, "%u", i);
		make_set(c->m, number, kept[i]);
		g_free(kept[i]);
		g_free(values[i]);
	}
	return result;
}

static char *do_nothing(call *c)
{
	(void)c;
	return g_strdup("");
}

static char *do_same(call *c)
{
	return argument(c, 0);
}

/* Nothing is run. The machine that builds is an x86_64, as for Kconfig's SUBARCH: arch/x86 chooses
 * its defconfig by that. */
static char *do_shell(call *c)
{
	g_autofree char *command = g_strstrip(argument(c, 0));
	if (!strcmp(command, "uname -s"))
		return g_strdup("Linux");
	return g_strdup(strcmp(command, "uname -m") ? "" : "x86_64");
}

static const struct {
	const char *name;
	char *(*run)(call *c);
} functions[] = {
	{"patsubst", do_patsubst},
	{"subst", do_subst},
	{"strip", do_strip},
	{"findstring", do_findstring},
	{"filter", do_filter},
	{"filter-out", do_filter_out},
	{"sort", do_sort},
	{"words", do_words},
	{"word", do_word},
	{"wordlist", do_wordlist},
	{"firstword", do_firstword},
	{"lastword", do_lastword},
	{"dir", do_dir},
	{"notdir", do_notdir},
	{"suffix", do_suffix},
	{"basename", do_basename},
	{"addsuffix", do_addsuffix},
	{"addprefix", do_addprefix},
	{"wildcard", do_wildcard},
	{"if", do_if},
	{"or", do_or},
	{"and", do_and},
	{"foreach", do_foreach},
	{"call", do_call},
	{"shell", do_shell},
	{"error", do_nothing},
	{"warning", do_nothing},
	{"info", do_nothing},
	{"eval", do_nothing},
	{"origin", do_nothing},
	{"flavor", do_nothing},
	{"realpath", do_same},
	{"abspath", do_same},
};

bool make_call_function(make *m, const char *inner, char **result)
{
	size_t len = 0;
	while (g_ascii_isalpha(inner[len]) || inner[len] == '-')
		len++;
	if (!len || (inner[len] != ' ' && inner[len] != '\t'))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		if (strlen(functions[i].name) != len || strncmp(inner, functions[i].name, len) != 0)
			continue;
		call c = {.m = m};
		const char *start = inner + len + strspn(inner + len, " \t");
		for (const char *p = start;;) {
			size_t reference = *p ? make_reference_length(p) : 0;
			if (reference > 2) {
				p += reference;
				continue;
			}
			if (!*p || (*p == ',' && c.n < ARGUMENTS - 1)) {
				c.raw[c.n++] = g_strndup(start, (size_t)(p - start));
				start = p + 1;
				if (!*p)
					break;
			}
			p++;
		}
		*result = functions[i].run(&c);
		for (guint a = 0; a < c.n; a++)
			g_free(c.raw[a]);
		return true;
	}
	return false;
}
