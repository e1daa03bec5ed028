/* The macro language of Kconfig (since v4.18), with every question to the shell answered from
 * tables: the answers are those of clang 14 with its own assembler and LLD, since that is the
 * compiler that reads the tree here. No command is ever run. */
#include "kernel/kconfig_priv.h"

#include <stdlib.h>
#include <string.h>

/* Nesting of expansions: the kernel's own files stay under ten. Bounds a macro bomb. */
#define MACRO_DEPTH 64u
/* Bytes that one expansion may grow to; the longest of 6.1 is under 2 kB. */
#define MACRO_BYTES ((size_t)1 << 20)
/* References followed in one expansion: bounds doubling macros that yield nothing. */
#define MACRO_STEPS 20000u
/* Bytes of one reference as written; the longest of 6.1 is under 400. Bounds the search for its
 * end. */
#define MACRO_REFERENCE 8192
/* Arguments of one call. */
#define MACRO_ARGUMENTS 16u

typedef struct macro {
	bool simple;
	char *value;
} macro;

struct kconfig_macros {
	GHashTable *variables; /* name -> macro */
	GHashTable *environment;
	size_t budget; /* bytes left for this top-level expansion */
	unsigned steps;
};

static void macro_free(gpointer data)
{
	macro *m = data;
	g_free(m->value);
	g_free(m);
}

kconfig_macros *kconfig_macros_new(GHashTable *environment)
{
	kconfig_macros *m = g_new0(kconfig_macros, 1);
	m->variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, macro_free);
	m->environment = environment;
	return m;
}

void kconfig_macros_free(kconfig_macros *m)
{
	if (!m)
		return;
	g_hash_table_unref(m->variables);
	g_free(m);
}

/* What scripts print about the compiler in use: script name -> output. */
static const struct {
	const char *script, *output;
} script_outputs[] = {
	{"scripts/cc-version.sh", "Clang 140006"},
	{"scripts/as-version.sh", "LLVM 140006"},
	{"scripts/ld-version.sh", "LLD 140006"},
	{"scripts/clang-version.sh", "140006"},
	{"scripts/gcc-version.sh", "0"},
	{"scripts/lld-version.sh", "140006"},
	{"scripts/rustc-version.sh", "0"},
	{"scripts/rustc-llvm-version.sh", "0"},
	{"scripts/pahole-version.sh", "0"},
	{"scripts/rust_is_available.sh", ""},
	{"scripts/min-tool-version.sh", "0"},
	{"--version | head -n 1", "clang version 14.0.6"},
};

/* Words in a tested command that make clang 14 (or a machine without extras) fail. */
static const char *const refused[] = {
	"-fconserve-stack",
	"-fno-allow-store-data-races",
	"-fmin-function-alignment",
	"-mrecord-mcount",
	"-mnop-mcount",
	"-fplugin",
	"-fsanitize=bounds-strict",
	"-fsanitize-coverage=trace-cmp-gcc",
	"-fzero-call-used-regs", /* clang 15 */
	"-fstrict-flex-arrays",
	"-fsanitize=kcfi",
	"-fsanitize-memory-param-retval=0",
	"-mharden-sls=all",		  /* clang 15 */
	"-mfunction-return=thunk-extern", /* clang 15 */
	"-mindirect-branch",
	"-mskip-rax-setup",
	"-mpreferred-stack-boundary",
	"-D__SIZEOF_INT128__=0", /* it is defined, and redefining it is an error there */
	"gcc-x86_32-has-stack-protector.sh",
	"rustc",
	"RUSTC",
	"rust_is_available",
	"bindgen",
	"pahole",
	"gcc-plugin",
	"-march=armv8.9",
};

/* What clang 14 takes only beside a second option. */
static const char *const refused_alone[][2] = {{"-ftrivial-auto-var-init=zero",
	"-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang"}};

static const char *environment(kconfig_macros *m, const char *name)
{
	const char *value = m->environment ? g_hash_table_lookup(m->environment, name) : NULL;
	return value ? value : "";
}

/* Whether a compile or tool test succeeds. */
static bool probe(const char *command)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
		if (strstr(command, refused[i]))
			return false;
	for (size_t i = 0; i < G_N_ELEMENTS(refused_alone); i++)
		if (strstr(command, refused_alone[i][0]) && !strstr(command, refused_alone[i][1]))
			return false;
	return true;
}

/* `test A op B` and `[ A op B ]`: 1 true, 0 false, -1 not of this form. */
static int test_expression(const char *command)
{
	g_auto(GStrv) words = NULL;
	gint count;
	if (!g_shell_parse_argv(command, &count, &words, NULL))
		return -1;
	bool bracket = count == 5 && !strcmp(words[0], "[") && !strcmp(words[4], "]");
	if (!bracket && !(count == 4 && !strcmp(words[0], "test")))
		return -1;
	const char *a = words[1], *op = words[2], *b = words[3];
	long long x = strtoll(a, NULL, 10), y = strtoll(b, NULL, 10);
	if (!strcmp(op, "=") || !strcmp(op, "=="))
		return !strcmp(a, b);
	if (!strcmp(op, "!="))
		return strcmp(a, b) != 0;
	if (!strcmp(op, "-eq"))
		return x == y;
	if (!strcmp(op, "-ne"))
		return x != y;
	if (!strcmp(op, "-gt"))
		return x > y;
	if (!strcmp(op, "-ge"))
		return x >= y;
	if (!strcmp(op, "-lt"))
		return x < y;
	if (!strcmp(op, "-le"))
		return x <= y;
	return -1;
}

static bool succeeds(const char *command)
{
	g_autofree char *text = g_strstrip(g_strdup(command));
	int test = test_expression(text);
	if (test >= 0)
		return test;
	if (!strcmp(text, "false"))
		return false;
	return probe(text);
}

/* What a shell command prints. Unknown commands print nothing. */
static char *shell_output(const char *command)
{
	g_autofree char *text = g_strstrip(g_strdup(command));
	if (g_str_has_prefix(text, "set -- ")) {
		/* set -- WORDS && echo $N */
		const char *and = strstr(text, "&&");
		const char *dollar = and? strchr(and, '$') : NULL;
		if (!dollar || !g_ascii_isdigit(dollar[1]))
			return g_strdup("");
		g_autofree char *list = g_strndup(text + 7, (size_t)(and-text - 7));
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(list), " \t", -1);
		guint n = (guint)(dollar[1] - '0');
		return g_strdup(n && n <= g_strv_length(words) ? words[n - 1] : "");
	}
	for (size_t i = 0; i < G_N_ELEMENTS(script_outputs); i++)
		if (strstr(text, script_outputs[i].script))
			return g_strdup(script_outputs[i].output);
	/* { COMMAND; } >/dev/null 2>&1 && echo "y" || echo "n", and the reverse. */
	const char *yes = strstr(text, "&& echo \"y\" || echo \"n\"");
	const char *no = strstr(text, "&& echo \"n\" || echo \"y\"");
	const char *stop = yes ? yes : no;
	if (stop) {
		g_autofree char *inner = g_strndup(text, (size_t)(stop - text));
		char *brace = strrchr(inner, '}');
		char *from = inner + strspn(inner, "{ \t");
		if (brace)
			*brace = 0;
		bool good = succeeds(from);
		return g_strdup(good == (yes != NULL) ? "y" : "n");
	}
	if (g_str_has_prefix(text, "echo "))
		return g_strstrip(g_strdup(text + 5));
	return g_strdup("");
}

static char *expand(
	kconfig_macros *m, const char *text, char **arguments, guint n_arguments, unsigned depth);

size_t kconfig_macro_length(const char *text)
{
	unsigned depth = 0;
	for (const char *p = text + 1; *p && p - text < MACRO_REFERENCE; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return (size_t)(p - text) + 1;
	}
	return 0;
}

/* Questions that have one answer whatever their definition in the tree says. */
static bool known_function(kconfig_macros *m, char **out, char **arguments, guint n)
{
	const char *name = arguments[0];
	const char *first = n > 1 ? arguments[1] : "";
	(void)m;
	if (!strcmp(name, "shell")) {
		*out = shell_output(first);
	} else if (!strcmp(name, "success")) {
		*out = g_strdup(succeeds(first) ? "y" : "n");
	} else if (!strcmp(name, "failure")) {
		*out = g_strdup(succeeds(first) ? "n" : "y");
	} else if (!strcmp(name, "if-success")) {
		bool good = succeeds(first);
		*out = g_strdup(good ? (n > 2 ? arguments[2] : "") : (n > 3 ? arguments[3] : ""));
	} else if (!strcmp(name, "cc-option") || !strcmp(name, "ld-option") ||
		   !strcmp(name, "as-option") || !strcmp(name, "as-instr") ||
		   !strcmp(name, "as-instr64") || !strcmp(name, "cc-supports")) {
		*out = g_strdup(probe(first) ? "y" : "n");
	} else if (!strcmp(name, "rustc-option")) {
		*out = g_strdup("n");
	} else if (!strcmp(name, "cc-option-bit")) {
		*out = g_strdup(probe(first) ? first : "");
	} else if (!strcmp(name, "info") || !strcmp(name, "warning-if") ||
		   !strcmp(name, "error-if")) {
		*out = g_strdup("");
	} else if (!strcmp(name, "filename")) {
		*out = g_strdup("Kconfig");
	} else if (!strcmp(name, "lineno")) {
		*out = g_strdup("0");
	} else {
		return false;
	}
	return true;
}

/* The value of $(inner): a positional argument, a function, a variable, the environment. */
static char *evaluate(
	kconfig_macros *m, const char *inner, char **outer, guint n_outer, unsigned depth)
{
	char *arguments[MACRO_ARGUMENTS] = {NULL};
	guint n = 0;
	const char *start = inner;
	unsigned nesting = 0;
	for (const char *p = inner;; p++) {
		bool last_slot = n == MACRO_ARGUMENTS - 1;
		if (!*p || (*p == ',' && nesting == 0 && !last_slot)) {
			g_autofree char *raw = g_strndup(start, (size_t)(p - start));
			arguments[n++] = expand(m, raw, outer, n_outer, depth + 1);
			start = p + 1;
			if (!*p)
				break;
		} else if (*p == '(') {
			nesting++;
		} else if (*p == ')' && nesting) {
			nesting--;
		}
	}
	char *out = NULL;
	const char *name = arguments[0];
	macro *variable;
	if (g_ascii_isdigit(*name) && strspn(name, "0123456789") == strlen(name)) {
		guint index = (guint)strtoul(name, NULL, 10);
		out = g_strdup(index < n_outer ? outer[index] : "");
	} else if (known_function(m, &out, arguments, n)) {
	} else if ((variable = g_hash_table_lookup(m->variables, name))) {
		out = variable->simple ? g_strdup(variable->value)
				       : expand(m, variable->value, arguments, n, depth + 1);
	} else {
		out = g_strdup(environment(m, name));
	}
	for (guint i = 0; i < n; i++)
		g_free(arguments[i]);
	return out;
}

static char *expand(
	kconfig_macros *m, const char *text, char **arguments, guint n_arguments, unsigned depth)
{
	if (depth > MACRO_DEPTH)
		return g_strdup("");
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p;) {
		size_t len = p[0] == '$' && p[1] == '(' ? kconfig_macro_length(p) : 0;
		if (!len) {
			g_string_append_c(out, *p++);
			continue;
		}
		if (m->steps++ > MACRO_STEPS)
			break;
		g_autofree char *inner = g_strndup(p + 2, len - 3);
		g_autofree char *value = evaluate(m, inner, arguments, n_arguments, depth);
		size_t grown = strlen(value);
		if (grown > m->budget)
			break;
		m->budget -= grown;
		g_string_append(out, value);
		p += len;
	}
	return g_string_free(out, FALSE);
}

char *kconfig_macro_expand(kconfig_macros *m, const char *text)
{
	m->budget = MACRO_BYTES;
	m->steps = 0;
	return expand(m, text, NULL, 0, 0);
}

void kconfig_macro_assign(kconfig_macros *m, const char *name, char flavour, const char *value)
{
	macro *old = g_hash_table_lookup(m->variables, name);
	macro *new = g_new0(macro, 1);
	new->simple = flavour == ':' || (flavour == '+' && old && old->simple);
	g_autofree char *own = new->simple ? kconfig_macro_expand(m, value) : g_strdup(value);
	if (flavour == '+' && old)
		new->value = g_strdup_printf("%s %s", old->value, own);
	else
		new->value = g_steal_pointer(&own);
	g_hash_table_replace(m->variables, g_strdup(name), new);
}
