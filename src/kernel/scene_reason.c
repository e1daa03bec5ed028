/* The smallest set of conditions that exclude each other, put in words. */
#include "kernel/scene_reason.h"

#include <string.h>

#include "kernel/arch.h"

/* Conditions looked at for a reason; more are not told apart. */
#define CLAIMS 64u
/* How far dependencies are followed for names that are not there. */
#define MISSING_DEPTH 4u

/* Something that must hold, with its words. */
typedef struct claim {
	int literal;
	char *text;
	const char *symbol; /* of a guard or a CONFIG_ condition: without CONFIG_; NULL */
	bool on;
	bool blamed; /* one of those that were last found to exclude each other */
} claim;

static void claim_clear(gpointer data)
{
	g_free(((claim *)data)->text);
}

/* The symbol that a leaf is about; NULL: none. */
static const char *symbol_of(const branch *b, bool *on)
{
	*on = b->kind != BRANCH_NOT;
	const branch *leaf = *on ? b : b->left;
	bool named = leaf->kind == BRANCH_DEFINED || leaf->kind == BRANCH_ENABLED ||
		     leaf->kind == BRANCH_TRUE;
	return named && g_str_has_prefix(leaf->name, "CONFIG_") ? leaf->name + 7 : NULL;
}

static void add_claim(GArray *claims, int literal, char *text, const char *symbol, bool on)
{
	claim c = {literal, text, symbol, on, true};
	g_array_append_val(claims, c);
}

/* The parts of a conjunction, one claim each. */
static void add_condition(scene *s, GArray *claims, const branch *b)
{
	if (b->kind == BRANCH_AND && claims->len < CLAIMS) {
		add_condition(s, claims, b->left);
		add_condition(s, claims, b->right);
		return;
	}
	if (b->kind == BRANCH_YES)
		return;
	bool on;
	const char *symbol = symbol_of(b, &on);
	char *text = symbol ? g_strconcat(on ? "" : "!", "CONFIG_", symbol, NULL) : branch_text(b);
	add_claim(claims, scene_literal(s, b), text, symbol, on);
}

/* What the makefiles ask for: each symbol when there is one way, else the ways as one. */
static void add_build(scene *s, GArray *claims)
{
	if (s->ways->len != 1) {
		if (s->ways->len)
			add_claim(claims, s->built, g_strdup("its makefiles"), NULL, true);
		return;
	}
	const kbuild_way *way = g_ptr_array_index(s->ways, 0);
	for (guint i = 0; s->solver && i < way->guards->len; i++) {
		const kbuild_guard *g = &g_array_index(way->guards, kbuild_guard, i);
		int on = kconfig_solver_literal(s->solver, g->name, TRI_M);
		add_claim(claims, g->on ? on : -on,
			g_strconcat(g->on ? "" : "!", "CONFIG_", g->name, " of its makefile", NULL),
			g->name, g->on);
	}
}

static bool possible(scene *s, const GArray *claims)
{
	g_autoptr(GArray) literals = g_array_new(FALSE, FALSE, sizeof(int));
	for (guint i = 0; i < claims->len; i++)
		g_array_append_val(literals, g_array_index(claims, claim, i).literal);
	return sat_is_possible(scene_sat(s), (const int *)(void *)literals->data, literals->len);
}

/* Notes which claims the solver gave for the last "impossible". */
static void note_blamed(scene *s, GArray *claims)
{
	for (guint i = 0; i < claims->len; i++) {
		claim *c = &g_array_index(claims, claim, i);
		c->blamed = sat_is_reason(scene_sat(s), c->literal);
	}
}

/* Leaves only claims without any of which the rest would be possible: as if each were left out in
 * turn, from the last, and kept where the rest is possible then. What the solver blames depends on
 * what it was asked before; here it only spares questions whose answer follows from it. */
static void shrink(scene *s, GArray *claims)
{
	if (possible(s, claims))
		return;
	note_blamed(s, claims);
	for (guint i = claims->len; i-- > 0;) {
		claim c = g_array_index(claims, claim, i);
		c.text = g_strdup(c.text);
		g_array_remove_index(claims, i);
		if (c.blamed && possible(s, claims)) {
			g_array_insert_val(claims, i, c);
			continue;
		}
		if (c.blamed)
			note_blamed(s, claims);
		g_free(c.text);
	}
}

static const kconfig_symbol *defined_symbol(const scene *s, const char *name)
{
	const kconfig_symbol *symbol = s->a->language ? kconfig_find(s->a->language, name) : NULL;
	return symbol && symbol->entries ? symbol : NULL;
}

static char *one_claim(scene *s, const claim *c, const char *text)
{
	const char *arch = *s->a->name ? s->a->name : "this tree";
	if (!c->symbol) {
		if (text && (!strcmp(text, "#if 0") || !strcmp(c->text, "0")))
			return g_strdup(text);
		return g_strdup_printf("%s never holds for %s", c->text, arch);
	}
	const kconfig_symbol *symbol = defined_symbol(s, c->symbol);
	if (!symbol && c->on)
		return g_strdup_printf(
			"needs CONFIG_%s, which this tree does not define for %s", c->symbol, arch);
	if (!symbol)
		return g_strdup_printf("%s never holds for %s", c->text, arch);
	g_autofree char *depends = kexpr_text(symbol->depends);
	if (!c->on)
		return g_strdup_printf("CONFIG_%s cannot be off on %s", c->symbol, arch);
	if (*depends && strlen(depends) < 300)
		return g_strdup_printf("CONFIG_%s cannot be on on %s (it depends on %s)", c->symbol,
			arch, depends);
	return g_strdup_printf("CONFIG_%s cannot be on on %s", c->symbol, arch);
}

static char *in_words(scene *s, GArray *claims, const char *text)
{
	if (!claims->len)
		return g_strdup("no configuration was found");
	if (claims->len == 1)
		return one_claim(s, &g_array_index(claims, claim, 0), text);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < claims->len; i++)
		g_string_append_printf(out, "%s%s",
			!i		       ? ""
			: i + 1 == claims->len ? " and "
					       : ", ",
			g_array_index(claims, claim, i).text);
	g_string_append(out, " exclude each other");
	return g_string_free(out, FALSE);
}

/* A part that is false whatever is configured. */
static const claim *plainly_false(const GArray *claims)
{
	for (guint i = 0; i < claims->len; i++)
		if (g_array_index(claims, claim, i).literal == SAT_NO)
			return &g_array_index(claims, claim, i);
	return NULL;
}

static char *explain(scene *s, GArray *claims, const char *text)
{
	const claim *never = plainly_false(claims);
	if (never)
		return one_claim(s, never, text);
	shrink(s, claims);
	return in_words(s, claims, text);
}

/* What a condition comes to with __KERNEL__ as given and all else open. */
static scene_answer with_kernel(const branch *b, scene_answer kernel)
{
	scene_answer left, right;
	switch (b->kind) {
	case BRANCH_YES:
		return SCENE_YES;
	case BRANCH_NOT:
		left = with_kernel(b->left, kernel);
		return left == SCENE_UNKNOWN ? left : left == SCENE_YES ? SCENE_NO : SCENE_YES;
	case BRANCH_AND:
	case BRANCH_OR:
		left = with_kernel(b->left, kernel);
		right = with_kernel(b->right, kernel);
		if (left == right)
			return left;
		if (b->kind == BRANCH_AND)
			return left == SCENE_NO || right == SCENE_NO ? SCENE_NO : SCENE_UNKNOWN;
		return left == SCENE_YES || right == SCENE_YES ? SCENE_YES : SCENE_UNKNOWN;
	default:
		return strcmp(b->name, "__KERNEL__") ? SCENE_UNKNOWN : kernel;
	}
}

/* What only a C library's programs see: no makefile of a kernel compiles a file of it without
 * __KERNEL__. The parts of lines that a host's program reads (scripts/, hostprogs-y) come to it as
 * copies that the installation of headers makes, through the C library. */
static bool is_for_user_space(const branch *b)
{
	return with_kernel(b, SCENE_YES) == SCENE_NO && with_kernel(b, SCENE_UNKNOWN) != SCENE_NO;
}

char *scene_reason(scene *s, const branch *b, const char *text, const GPtrArray *around)
{
	bool user = is_for_user_space(b);
	for (guint i = 0; around && i < around->len; i++)
		user |= is_for_user_space(g_ptr_array_index(around, i));
	if (user)
		return g_strdup("only for user space: __KERNEL__ is always defined here");
	g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(claim));
	g_array_set_clear_func(claims, claim_clear);
	add_condition(s, claims, b);
	add_build(s, claims);
	for (guint i = 0; around && i < around->len; i++)
		add_condition(s, claims, g_ptr_array_index(around, i));
	return explain(s, claims, text);
}

char *scene_unbuilt_reason(scene *s, const GPtrArray *around)
{
	g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(claim));
	g_array_set_clear_func(claims, claim_clear);
	add_build(s, claims);
	for (guint i = 0; around && i < around->len; i++)
		add_condition(s, claims, g_ptr_array_index(around, i));
	return explain(s, claims, NULL);
}

/* ---- where else to look ---- */

static void missing_in_expr(
	scene *s, const kexpr *e, GHashTable *names, GHashTable *done, guint depth);

static void missing_symbol(
	scene *s, const char *name, GHashTable *names, GHashTable *done, guint depth)
{
	const kconfig_symbol *symbol = defined_symbol(s, name);
	if (!symbol) {
		g_hash_table_add(names, g_strdup(name));
		return;
	}
	if (depth && g_hash_table_add(done, (gpointer)symbol))
		missing_in_expr(s, symbol->depends, names, done, depth - 1);
}

static void missing_in_expr(
	scene *s, const kexpr *e, GHashTable *names, GHashTable *done, guint depth)
{
	for (; e; e = e->left) {
		/* A choice may have no name: nobody can define it elsewhere. */
		if (e->kind == KEXPR_SYMBOL && !e->a->constant && e->a->name)
			missing_symbol(s, e->a->name, names, done, depth);
		if (e->kind != KEXPR_AND && e->kind != KEXPR_OR)
			return;
		missing_in_expr(s, e->right, names, done, depth);
	}
}

/* A symbol that nothing lets be off here. */
static void stuck_symbol(scene *s, const branch *b, GHashTable *names)
{
	if (b->kind == BRANCH_OPAQUE || b->kind == BRANCH_COMPARE ||
		!g_str_has_prefix(b->name, "CONFIG_"))
		return;
	int off = -scene_literal(s, b);
	if (off == SAT_NO || !sat_is_possible(scene_sat(s), &off, 1))
		g_hash_table_add(names, g_strconcat("!", b->name + 7, NULL));
}

static void missing_in_branch(
	scene *s, const branch *b, bool wanted, GHashTable *names, GHashTable *done)
{
	if (b->kind == BRANCH_NOT)
		missing_in_branch(s, b->left, !wanted, names, done);
	if (b->kind == BRANCH_AND || b->kind == BRANCH_OR) {
		missing_in_branch(s, b->left, wanted, names, done);
		missing_in_branch(s, b->right, wanted, names, done);
	}
	if (b->name && !wanted)
		stuck_symbol(s, b, names);
	if (!b->name || !wanted || b->kind == BRANCH_OPAQUE)
		return;
	if (g_str_has_prefix(b->name, "CONFIG_"))
		missing_symbol(s, b->name + 7, names, done, MISSING_DEPTH);
	else if (scene_literal(s, b) == SAT_NO)
		g_hash_table_add(names, g_strdup(b->name));
}

void scene_missing(scene *s, const branch *b, GHashTable *names)
{
	g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
	if (b)
		missing_in_branch(s, b, true, names, done);
	for (guint i = 0; !b && i < s->ways->len; i++) {
		const kbuild_way *way = g_ptr_array_index(s->ways, i);
		for (guint k = 0; k < way->guards->len; k++) {
			const kbuild_guard *g = &g_array_index(way->guards, kbuild_guard, k);
			if (g->on)
				missing_symbol(s, g->name, names, done, MISSING_DEPTH);
		}
	}
}
