/* Conditions as literals, and their values in a configuration. */
#include "kernel/scene.h"

#include <string.h>

#include "kernel/arch.h"
#include "kernel/scene_reason.h"

/* ---- what the compiler itself defines ---- */

/* Macros with one value for every kernel file that clang 14 reads as gcc 4.2. */
static const struct {
	const char *name;
	gint64 value;
} fixed[] = {{"__KERNEL__", 1}, {"__GNUC__", 4}, {"__GNUC_MINOR__", 2}, {"__GNUC_PATCHLEVEL__", 1},
	{"__clang__", 1}, {"__clang_major__", 14}, {"__STDC__", 1}, {"__linux__", 1},
	{"__gnu_linux__", 1}, {"__unix__", 1}, {"__ELF__", 1}, {"GCC_VERSION", 40201}};

/* Macros that no file of a kernel is compiled with. */
static const char *const never[] = {"__cplusplus", "__CHECKER__", "__GENKSYMS__", "__DECC",
	"__INTEL_COMPILER", "__ICC", "_MSC_VER", "__STRICT_ANSI__", "__OPTIMIZE__", "_WIN32",
	"__FreeBSD__", "__NetBSD__", "__OpenBSD__", "__sun", "__APPLE__", "__DragonFly__",
	"__bsdi__", "__CYGWIN__", "__sgi", "__SANITIZE_ADDRESS__", "__SANITIZE_THREAD__",
	"__COVERITY__", "LINT", "lint", "TEST_HARNESS", "UNIT_TEST"};

/* Macros of a target, by the start of its name. A macro that stands here and not with the target
 * is not defined. */
static const struct {
	const char *target, *macro;
} of_target[] = {{"i386-", "__i386__"}, {"i386-", "__i386"}, {"i386-", "i386"},
	{"x86_64-", "__x86_64__"}, {"x86_64-", "__x86_64"}, {"x86_64-", "__amd64__"},
	{"arm-", "__arm__"}, {"arm-", "__ARMEL__"}, {"arm-", "__ARM_EABI__"},
	{"aarch64-", "__aarch64__"}, {"powerpc", "__powerpc__"}, {"powerpc", "__PPC__"},
	{"powerpc", "__ppc__"}, {"powerpc", "PPC"}, {"powerpc64", "__powerpc64__"},
	{"powerpc64", "__PPC64__"}, {"powerpc64", "__ppc64__"}, {"mips", "__mips__"},
	{"mips", "__mips"}, {"mips64", "__mips64"}, {"sparc", "__sparc__"}, {"sparc", "__sparc"},
	{"sparc64", "__sparc_v9__"}, {"sparc64", "__arch64__"}, {"sparc64", "__sparc64__"},
	{"s390x-", "__s390x__"}, {"s390x-", "__s390__"}, {"m68k-", "__m68k__"},
	{"m68k-", "__mc68000__"}, {"riscv", "__riscv"}, {"hexagon", "__hexagon__"},
	{"?", "__ia64__"}, {"?", "__ia64"}, {"?", "__alpha__"}, {"?", "__alpha"}, {"?", "__hppa__"},
	{"?", "__hppa64__"}, {"?", "__sh__"}, {"?", "__cris__"}, {"?", "__frv__"},
	{"?", "__xtensa__"}, {"?", "__v850__"}, {"?", "__H8300H__"}, {"?", "__AVR32__"},
	{"?", "__M32R__"}, {"?", "__m32r__"}, {"?", "__arc__"}, {"?", "__nds32__"},
	{"?", "__nios2__"}, {"?", "__csky__"}, {"?", "__loongarch__"}};

static bool is_fixed(const char *name, gint64 *value)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		if (!strcmp(name, fixed[i].name)) {
			*value = fixed[i].value;
			return true;
		}
	return false;
}

static bool is_never(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(never); i++)
		if (!strcmp(name, never[i]))
			return true;
	return false;
}

/* Whether a target defines the macro; *known when some target does. */
static bool target_defines(const char *target, const char *name, bool *known)
{
	bool has = false;
	*known = false;
	for (size_t i = 0; i < G_N_ELEMENTS(of_target); i++) {
		if (strcmp(name, of_target[i].macro) != 0)
			continue;
		*known = true;
		has |= target && g_str_has_prefix(target, of_target[i].target);
	}
	return has;
}

bool scene_target_has(const char *folder, const char *macro)
{
	const char *narrow, *wide, *symbol;
	bool known;
	arch_forms(folder, &narrow, &wide, &symbol);
	return target_defines(narrow, macro, &known) || target_defines(wide, macro, &known);
}

/* 64-bit targets of clang: unsigned long has 64 bits. */
static bool is_64(const char *target)
{
	static const char *const wide[] = {
		"x86_64-", "aarch64-", "powerpc64", "mips64", "sparc64", "s390x-", "riscv64"};
	for (size_t i = 0; target && i < G_N_ELEMENTS(wide); i++)
		if (g_str_has_prefix(target, wide[i]))
			return true;
	return false;
}

/* ---- names of CONFIG_ ---- */

/* What CONFIG_X stands for: a symbol, and whether its _MODULE form was meant. NULL: no symbol. */
static const kconfig_symbol *config_symbol(const scene *s, const char *macro, bool *module)
{
	const kconfig *k = s->a->language;
	const char *name = macro + strlen("CONFIG_");
	const kconfig_symbol *symbol = k ? kconfig_find(k, name) : NULL;
	*module = false;
	if (symbol && symbol->entries && !symbol->constant)
		return symbol;
	if (!k || !g_str_has_suffix(name, "_MODULE"))
		return NULL;
	g_autofree char *base = g_strndup(name, strlen(name) - strlen("_MODULE"));
	symbol = kconfig_find(k, base);
	*module = true;
	return symbol && symbol->entries && symbol->type == KCONFIG_TRISTATE ? symbol : NULL;
}

static bool is_logical(const kconfig_symbol *s)
{
	return s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE;
}

sat *scene_sat(scene *s)
{
	return s->solver ? kconfig_solver_sat(s->solver) : s->own;
}

int scene_guard_literal(scene *s, const kbuild_guard *g)
{
	int on = s->solver ? kconfig_solver_literal(s->solver, g->name, TRI_M) : SAT_YES;
	return g->on ? on : -on;
}

static int guards_literal(scene *s, const GArray *guards)
{
	int all = SAT_YES;
	for (guint i = 0; guards && i < guards->len; i++)
		all = sat_and(scene_sat(s), all,
			scene_guard_literal(s, &g_array_index(guards, kbuild_guard, i)));
	return all;
}

/* m, not y, for one of the symbols that the way asks for. */
static int module_literal(scene *s, const kbuild_way *way)
{
	int any = SAT_NO;
	for (guint i = 0; s->solver && i < way->guards->len; i++) {
		const kbuild_guard *g = &g_array_index(way->guards, kbuild_guard, i);
		if (!g->on)
			continue;
		int m = kconfig_solver_literal(s->solver, g->name, TRI_M);
		int y = kconfig_solver_literal(s->solver, g->name, TRI_Y);
		any = sat_or(scene_sat(s), any, sat_and(scene_sat(s), m, -y));
	}
	return any;
}

scene *scene_new(tree_arch *a, const char *path, const GArray *more)
{
	scene *s = g_new0(scene, 1);
	s->a = a;
	s->path = path;
	s->more = more;
	s->assembly = g_str_has_suffix(path, ".S");
	s->literals = g_hash_table_new(NULL, NULL);
	s->unknown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	s->way_literals = g_array_new(FALSE, FALSE, sizeof(int));
	arch_forms(a->folder, &s->narrow, &s->wide, &s->wide_symbol);
	s->ways = tree_ways(a, path);
	return s;
}

static void prepare_circuit(scene *s)
{
	s->solver = tree_solver(s->a);
	s->own = s->solver ? NULL : sat_new();
}

void scene_prepare_alone(scene *s)
{
	prepare_circuit(s);
	s->alone = true;
	s->built = SAT_YES;
	s->module = SAT_NO;
}

void scene_prepare(scene *s)
{
	prepare_circuit(s);
	int extra = guards_literal(s, s->more);
	s->built = s->ways->len ? SAT_NO : extra;
	s->module = SAT_NO;
	for (guint i = 0; i < s->ways->len; i++) {
		const kbuild_way *way = g_ptr_array_index(s->ways, i);
		int holds = sat_and(scene_sat(s), extra, guards_literal(s, way->guards));
		int module = sat_and(scene_sat(s), holds, module_literal(s, way));
		g_array_append_val(s->way_literals, holds);
		s->built = sat_or(scene_sat(s), s->built, holds);
		s->module = sat_or(scene_sat(s), s->module, module);
	}
}

void scene_free(scene *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->ways);
	g_array_unref(s->way_literals);
	g_hash_table_unref(s->literals);
	g_hash_table_unref(s->unknown);
	g_clear_pointer(&s->absent, g_hash_table_unref);
	sat_free(s->own);
	g_free(s);
}

static int unknown_literal(scene *s, const char *text)
{
	gpointer known;
	if (g_hash_table_lookup_extended(s->unknown, text, NULL, &known))
		return GPOINTER_TO_INT(known);
	int made = sat_variable(scene_sat(s), false);
	g_hash_table_insert(s->unknown, g_strdup(text), GINT_TO_POINTER(made));
	return made;
}

/* What follows from the choice between the two targets. */
static int by_target(scene *s, bool narrow, bool wide)
{
	if (!s->wide || narrow == wide)
		return narrow ? SAT_YES : SAT_NO;
	int on = s->solver ? kconfig_solver_literal(s->solver, s->wide_symbol, TRI_M) : SAT_YES;
	return wide ? on : -on;
}

/* A macro that compiler and makefiles decide; false when it is none of those. */
static bool compiler_literal(scene *s, const char *name, int *out)
{
	gint64 value;
	bool known;
	if (!strcmp(name, "__ASSEMBLY__") || !strcmp(name, "__ASSEMBLER__")) {
		*out = s->assembly ? SAT_YES : SAT_NO;
		return true;
	}
	if (!strcmp(name, "MODULE")) {
		*out = s->module;
		return true;
	}
	if (is_fixed(name, &value)) {
		*out = value ? SAT_YES : SAT_NO;
		return true;
	}
	if (is_never(name)) {
		*out = SAT_NO;
		return true;
	}
	if (!strcmp(name, "__LP64__") || !strcmp(name, "_LP64")) {
		*out = by_target(s, is_64(s->narrow), is_64(s->wide));
		return true;
	}
	bool narrow = target_defines(s->narrow, name, &known);
	bool wide = s->wide ? target_defines(s->wide, name, &known) : narrow;
	if (!known || !s->narrow)
		return false;
	*out = by_target(s, narrow, wide);
	return true;
}

/* A number of the kernel's own headers that is known anyway. */
static bool known_number(const scene *s, const char *name, gint64 *value)
{
	const kernel_tree *t = s->a->tree;
	if (is_fixed(name, value))
		return true;
	if (!strcmp(name, "LINUX_VERSION_CODE")) {
		*value = (gint64)((t->version << 16) + (t->patchlevel << 8) +
				  MIN(t->sublevel, 255u));
		return true;
	}
	return false;
}

static int config_literal(scene *s, const branch *b)
{
	bool module;
	const kconfig_symbol *symbol = config_symbol(s, b->name, &module);
	if (!symbol)
		return SAT_NO;
	int m = kconfig_solver_literal(s->solver, symbol->name, TRI_M);
	int y = kconfig_solver_literal(s->solver, symbol->name, TRI_Y);
	if (module)
		return sat_and(scene_sat(s), m, -y);
	if (is_logical(symbol))
		return b->kind == BRANCH_ENABLED ? m : y;
	int there = kconfig_solver_compare(s->solver, symbol->name, KEXPR_UNEQUAL, "");
	if (b->kind != BRANCH_TRUE)
		return there;
	return sat_and(scene_sat(s), there,
		kconfig_solver_compare(s->solver, symbol->name, KEXPR_UNEQUAL, "0"));
}

/* A 0-or-1 value compared with a number. */
static int either_way(scene *s, int literal, const branch *b)
{
	bool on = branch_compares(b->comparison, 1, b->number),
	     off = branch_compares(b->comparison, 0, b->number);
	return sat_choice(scene_sat(s), literal, on ? SAT_YES : SAT_NO, off ? SAT_YES : SAT_NO);
}

static char *number_text(const kconfig_symbol *symbol, gint64 number)
{
	return symbol->type == KCONFIG_HEX ? g_strdup_printf("0x%" G_GINT64_MODIFIER "x", number)
					   : g_strdup_printf("%" G_GINT64_FORMAT, number);
}

/* Macros of generic headers that stand for a symbol's number, or for another without it. */
static const struct {
	const char *macro, *symbol;
	gint64 without;
} of_symbol[] = {{"NR_CPUS", "CONFIG_NR_CPUS", 1}, {"HZ", "CONFIG_HZ", 100}};

/* The comparison with the symbol in the macro's place; *without: how it comes out when there is
 * none. NULL: no such macro. */
static const branch *in_place(const scene *s, branch *out, const branch *b, bool *without)
{
	bool module;
	for (size_t i = 0; s->a->language && i < G_N_ELEMENTS(of_symbol); i++) {
		if (strcmp(b->name, of_symbol[i].macro) != 0 ||
			!config_symbol(s, of_symbol[i].symbol, &module))
			continue;
		*without = branch_compares(b->comparison, of_symbol[i].without, b->number);
		*out = *b;
		out->name = of_symbol[i].symbol;
		return out;
	}
	return NULL;
}

/* Macros of the compiler, of makefiles or of generic headers that are one number. */
static bool is_width(const char *name)
{
	return !strcmp(name, "BITS_PER_LONG") || !strcmp(name, "__BITS_PER_LONG");
}

bool scene_knows(const scene *s, const branch *leaf)
{
	static const char *const built[] = {
		"__ASSEMBLY__", "__ASSEMBLER__", "MODULE", "__LP64__", "_LP64"};
	bool flag;
	gint64 number;
	branch placed;
	if (g_str_has_prefix(leaf->name, "CONFIG_") && s->a->language)
		return config_symbol(s, leaf->name, &flag) != NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(built); i++)
		if (!strcmp(leaf->name, built[i]))
			return true;
	if (leaf->kind == BRANCH_COMPARE &&
		(is_width(leaf->name) || in_place(s, &placed, leaf, &flag)))
		return true;
	target_defines(s->narrow, leaf->name, &flag);
	return flag || known_number(s, leaf->name, &number) || is_never(leaf->name);
}

void scene_set_absent(scene *s, const char *name)
{
	if (!s->absent)
		s->absent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_add(s->absent, g_strdup(name));
}

static bool is_absent(const scene *s, const char *name)
{
	return s->absent && g_hash_table_contains(s->absent, name);
}

static int compare_literal(scene *s, const branch *b);

/* With the symbol, its value decides; without, the macro's other value. */
static int in_place_literal(scene *s, const branch *b, bool without)
{
	branch there = {.kind = BRANCH_DEFINED, .name = b->name};
	return sat_choice(scene_sat(s), config_literal(s, &there), compare_literal(s, b),
		without ? SAT_YES : SAT_NO);
}

static int compare_literal(scene *s, const branch *b)
{
	bool module, without;
	gint64 number;
	branch placed;
	if (s->solver && in_place(s, &placed, b, &without))
		return in_place_literal(s, &placed, without);
	if (known_number(s, b->name, &number))
		return branch_compares(b->comparison, number, b->number) ? SAT_YES : SAT_NO;
	if (is_width(b->name))
		return by_target(s,
			branch_compares(b->comparison, is_64(s->narrow) ? 64 : 32, b->number),
			branch_compares(b->comparison, is_64(s->wide) ? 64 : 32, b->number));
	if (!g_str_has_prefix(b->name, "CONFIG_")) {
		g_autofree char *text = branch_text(b);
		if (is_absent(s, b->name))
			return branch_compares(b->comparison, 0, b->number) ? SAT_YES : SAT_NO;
		return unknown_literal(s, text);
	}
	const kconfig_symbol *symbol = s->solver ? config_symbol(s, b->name, &module) : NULL;
	if (!symbol)
		return branch_compares(b->comparison, 0, b->number) ? SAT_YES : SAT_NO;
	if (is_logical(symbol)) {
		branch defined = {.kind = BRANCH_DEFINED, .name = b->name};
		return either_way(s, config_literal(s, &defined), b);
	}
	g_autofree char *text = number_text(symbol, b->number);
	return kconfig_solver_compare(s->solver, symbol->name, b->comparison, text);
}

static int make_literal(scene *s, const branch *b)
{
	int known;
	switch (b->kind) {
	case BRANCH_YES:
		return SAT_YES;
	case BRANCH_NOT:
		return -scene_literal(s, b->left);
	case BRANCH_AND:
		return sat_and(scene_sat(s), scene_literal(s, b->left), scene_literal(s, b->right));
	case BRANCH_OR:
		return sat_or(scene_sat(s), scene_literal(s, b->left), scene_literal(s, b->right));
	case BRANCH_COMPARE:
		return compare_literal(s, b);
	case BRANCH_OPAQUE:
		return unknown_literal(s, b->name);
	default:
		if (s->solver && g_str_has_prefix(b->name, "CONFIG_"))
			return config_literal(s, b);
		if (compiler_literal(s, b->name, &known))
			return known;
		/* "#if X" and "#ifdef X" are one question until a header is read. */
		return is_absent(s, b->name) ? SAT_NO : unknown_literal(s, b->name);
	}
}

int scene_literal(scene *s, const branch *b)
{
	gpointer known;
	if (g_hash_table_lookup_extended(s->literals, b, NULL, &known))
		return GPOINTER_TO_INT(known);
	int made = make_literal(s, b);
	g_hash_table_insert(s->literals, (gpointer)b, GINT_TO_POINTER(made));
	return made;
}

bool scene_is_decided(scene *s, const branch *b)
{
	if (b->kind == BRANCH_YES)
		return true;
	if (b->kind == BRANCH_NOT)
		return scene_is_decided(s, b->left);
	if (b->kind == BRANCH_AND || b->kind == BRANCH_OR)
		return scene_is_decided(s, b->left) && scene_is_decided(s, b->right);
	g_autofree char *text = b->kind == BRANCH_COMPARE ? branch_text(b) : g_strdup(b->name);
	return !g_hash_table_contains(s->unknown, text);
}

/* ---- values ---- */

bool scene_is_module(const kbuild_way *way, kconfig_values *v)
{
	for (guint i = 0; way && v && i < way->guards->len; i++) {
		const kbuild_guard *g = &g_array_index(way->guards, kbuild_guard, i);
		if (g->on && kconfig_tristate(v, g->name) == TRI_M)
			return true;
	}
	return false;
}

static scene_answer answer(bool value)
{
	return value ? SCENE_YES : SCENE_NO;
}

static scene_answer unknown_value(scene *s, const char *text, bool solved)
{
	gpointer known;
	if (!solved || !g_hash_table_lookup_extended(s->unknown, text, NULL, &known))
		return SCENE_UNKNOWN;
	return answer(sat_value(scene_sat(s), GPOINTER_TO_INT(known)));
}

static scene_answer config_value(scene *s, const branch *b, kconfig_values *v)
{
	bool module;
	const kconfig_symbol *symbol = v ? config_symbol(s, b->name, &module) : NULL;
	if (!symbol)
		return b->kind == BRANCH_COMPARE
			       ? answer(branch_compares(b->comparison, 0, b->number))
			       : SCENE_NO;
	if (is_logical(symbol)) {
		tristate tri = kconfig_tristate(v, symbol->name);
		bool on = module		      ? tri == TRI_M
			  : b->kind == BRANCH_ENABLED ? tri != TRI_N
						      : tri == TRI_Y;
		return answer(b->kind == BRANCH_COMPARE
				      ? branch_compares(b->comparison, on, b->number)
				      : on);
	}
	const char *text = kconfig_value(v, symbol->name);
	bool there = text && *text;
	if (b->kind == BRANCH_DEFINED || b->kind == BRANCH_ENABLED)
		return answer(there);
	gint64 number = !there			      ? 0
			: symbol->type == KCONFIG_HEX ? (gint64)g_ascii_strtoull(text, NULL, 16)
						      : g_ascii_strtoll(text, NULL, 10);
	return answer(b->kind == BRANCH_TRUE ? number != 0
					     : branch_compares(b->comparison, number, b->number));
}

/* What the literal of a macro of compiler or target comes to in a configuration. */
static scene_answer plain_value(
	scene *s, const branch *b, kconfig_values *v, const kbuild_way *way, bool solved)
{
	bool wide = s->wide && (!v || kconfig_tristate(v, s->wide_symbol) != TRI_N);
	const char *target = wide ? s->wide : s->narrow;
	gint64 number;
	bool without;
	branch placed;
	if (b->kind == BRANCH_COMPARE && v && in_place(s, &placed, b, &without)) {
		branch there = {.kind = BRANCH_DEFINED, .name = placed.name};
		bool has = config_value(s, &there, v) == SCENE_YES;
		return has ? config_value(s, &placed, v) : answer(without);
	}
	if (b->kind == BRANCH_COMPARE) {
		if (known_number(s, b->name, &number))
			return answer(branch_compares(b->comparison, number, b->number));
		if (is_width(b->name))
			return answer(
				branch_compares(b->comparison, is_64(target) ? 64 : 32, b->number));
		if (is_absent(s, b->name))
			return answer(branch_compares(b->comparison, 0, b->number));
		g_autofree char *text = branch_text(b);
		return unknown_value(s, text, solved);
	}
	int literal;
	bool known;
	if (!strcmp(b->name, "MODULE"))
		return answer(scene_is_module(way, v));
	if (!strcmp(b->name, "__LP64__") || !strcmp(b->name, "_LP64"))
		return answer(is_64(target));
	bool has = target_defines(target, b->name, &known);
	if (known && target)
		return answer(has);
	if (compiler_literal(s, b->name, &literal))
		return answer(literal == SAT_YES);
	return is_absent(s, b->name) ? SCENE_NO : unknown_value(s, b->name, solved);
}

scene_answer scene_value(
	scene *s, const branch *b, kconfig_values *v, const kbuild_way *way, bool solved)
{
	scene_answer left, right;
	switch (b->kind) {
	case BRANCH_YES:
		return SCENE_YES;
	case BRANCH_NOT:
		left = scene_value(s, b->left, v, way, solved);
		return left == SCENE_UNKNOWN ? left : answer(left == SCENE_NO);
	case BRANCH_AND:
	case BRANCH_OR:
		left = scene_value(s, b->left, v, way, solved);
		if (left == (b->kind == BRANCH_AND ? SCENE_NO : SCENE_YES))
			return left;
		right = scene_value(s, b->right, v, way, solved);
		if (right == (b->kind == BRANCH_AND ? SCENE_NO : SCENE_YES))
			return right;
		return left == SCENE_UNKNOWN ? left : right;
	case BRANCH_OPAQUE:
		return unknown_value(s, b->name, solved);
	default:
		if (s->a->language && g_str_has_prefix(b->name, "CONFIG_"))
			return config_value(s, b, v);
		return plain_value(s, b, v, way, solved);
	}
}

/* A leaf that asks whether a macro is there. */
static bool asks_for_macro(const branch *b)
{
	return b->kind == BRANCH_DEFINED || b->kind == BRANCH_TRUE || b->kind == BRANCH_ENABLED;
}

/* A macro that neither Kconfig nor the compiler decides, with its value in the last solution. */
static bool is_undecided(scene *s, const char *name, bool *defined)
{
	gpointer known;
	bool module;
	*defined = false;
	if (g_str_has_prefix(name, "CONFIG_") && s->a->language)
		return !config_symbol(s, name, &module);
	if (!g_hash_table_lookup_extended(s->unknown, name, NULL, &known))
		return false;
	*defined = sat_value(scene_sat(s), GPOINTER_TO_INT(known));
	return true;
}

/* Hands on the undecided macros that are as `on` says in the last solution and that the condition
 * asks for with that outcome. */
static void collect(scene *s, const branch *b, bool wanted, bool on,
	void (*each)(const char *name, void *data), void *data)
{
	bool defined;
	if (b->kind == BRANCH_NOT)
		collect(s, b->left, !wanted, on, each, data);
	if (b->kind == BRANCH_AND || b->kind == BRANCH_OR) {
		collect(s, b->left, wanted, on, each, data);
		collect(s, b->right, wanted, on, each, data);
	}
	if (asks_for_macro(b) && wanted == on && is_undecided(s, b->name, &defined) &&
		defined == on)
		each(b->name, data);
}

void scene_wanted_macros(
	scene *s, const branch *b, void (*each)(const char *name, void *data), void *data)
{
	collect(s, b, true, true, each, data);
}

void scene_unwanted_macros(
	scene *s, const branch *b, void (*each)(const char *name, void *data), void *data)
{
	collect(s, b, true, false, each, data);
}
