/* One makefile, symbolically: every word of every list with the symbols that guard it. */
#include "kernel/kbuild.h"
#include "kernel/layout.h"

#include <string.h>

/* Rules of one makefile; the largest (drivers/gpu/drm/amd) have about 2,000. */
#define RULES 20000u
/* References through variables: foo-objs := $(foo-y), core-y += arch/$(mcore-y)/. */
#define REFERENCE_DEPTH 6u
/* Assignments looked at for references; the largest makefile of 6.1 needs under 30,000. Bounds
 * lists that name each other. */
#define REFERENCE_STEPS 1000000u
/* Makefiles that one includes, directly or through others; um's has 5. */
#define INCLUDED 32u
/* Texts that one word may stand for. */
#define ALTERNATIVES 64u

typedef struct reading {
	kbuild_makefile *file;
	GHashTable *variables;
	GPtrArray *opened; /* GArray of kbuild_guard: one an open conditional */
	GPtrArray *lists;  /* list *: every assignment */
	unsigned steps;
	const make_source *source; /* of includes; NULL: they are passed over */
	GPtrArray *texts;	   /* GPtrArray of make_statement *: of makefiles included */
} reading;

/* An assignment with its guards, for words that refer to it. */
typedef struct list {
	char *base, *stem; /* "mcore" of mcore-$(CONFIG_X); the name up to the guard */
	const char *value;
	GArray *guards;
	char op;
} list;

static void guard_clear(gpointer data)
{
	g_free(((kbuild_guard *)data)->name);
}

static GArray *guards_new(void)
{
	GArray *guards = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
	g_array_set_clear_func(guards, guard_clear);
	return guards;
}

static void guard_add(GArray *guards, const char *name, bool on)
{
	for (guint i = 0; i < guards->len; i++) {
		const kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
		if (!strcmp(g->name, name) && g->on == on)
			return;
	}
	kbuild_guard g = {g_strdup(name), on};
	g_array_append_val(guards, g);
}

static void guards_add_all(GArray *to, const GArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		const kbuild_guard *g = &g_array_index(from, kbuild_guard, i);
		guard_add(to, g->name, g->on);
	}
}

static void rule_free(gpointer data)
{
	kbuild_rule *r = data;
	g_free(r->object);
	g_free(r->variable);
	g_free(r->base);
	g_array_unref(r->guards);
	g_free(r);
}

static void list_free(gpointer data)
{
	list *l = data;
	g_free(l->base);
	g_free(l->stem);
	g_array_unref(l->guards);
	g_free(l);
}

void kbuild_makefile_free(kbuild_makefile *k)
{
	if (!k)
		return;
	g_free(k->path);
	g_ptr_array_unref(k->rules);
	g_hash_table_unref(k->asked);
	g_ptr_array_unref(k->statements);
	g_clear_pointer(&k->included, g_ptr_array_unref);
	g_free(k);
}

/* Every CONFIG_X that a text refers to. */
static void each_config(const char *text, void (*each)(const char *name, void *data), void *data)
{
	for (const char *p = text; (p = strstr(p, "CONFIG_"));) {
		bool whole = p == text || !(g_ascii_isalnum(p[-1]) || p[-1] == '_');
		p += strlen("CONFIG_");
		size_t len = 0;
		while (g_ascii_isalnum(p[len]) || p[len] == '_')
			len++;
		if (len && whole) {
			g_autofree char *name = g_strndup(p, len);
			each(name, data);
		}
		p += len;
	}
}

static void add_on(const char *name, void *data)
{
	guard_add(data, name, true);
}

static void add_asked(const char *name, void *data)
{
	g_hash_table_add(data, g_strdup(name));
}

static void add_negated(GArray *to, const GArray *from)
{
	/* Not (A and B) is no conjunction: the last one is what the line is about. */
	if (from->len) {
		const kbuild_guard *g = &g_array_index(from, kbuild_guard, from->len - 1);
		guard_add(to, g->name, !g->on);
	}
}

/* What a conditional asks, as guards. */
static GArray *conditional_guards(const make_statement *s, GHashTable *asked)
{
	GArray *guards = guards_new();
	bool on = s->kind == MAKE_IFDEF || s->kind == MAKE_IFEQ;
	if (s->kind == MAKE_IFEQ || s->kind == MAKE_IFNEQ) {
		const char *other = strstr(s->name, "CONFIG_") ? s->value : s->name;
		/* ifeq ($(CONFIG_X),) and ifeq ($(CONFIG_X),n) ask for it to be off. */
		if (!*other || !strcmp(other, "n"))
			on = !on;
	}
	each_config(s->name, add_on, guards);
	if (s->value)
		each_config(s->value, add_on, guards);
	for (guint i = 0; i < guards->len; i++) {
		kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
		g->on = on;
		g_hash_table_add(asked, g_strdup(g->name));
	}
	return guards;
}

static GArray *open_guards(const reading *r)
{
	GArray *guards = guards_new();
	for (guint i = 0; i < r->opened->len; i++)
		guards_add_all(guards, g_ptr_array_index(r->opened, i));
	return guards;
}

static void track_conditional(reading *r, const make_statement *s)
{
	guint n = r->opened->len;
	GArray *top = n ? g_ptr_array_index(r->opened, n - 1) : NULL;
	if (s->kind == MAKE_ENDIF) {
		if (top)
			g_ptr_array_set_size(r->opened, (gint)n - 1);
		return;
	}
	GArray *guards =
		s->kind == MAKE_ELSE ? guards_new() : conditional_guards(s, r->file->asked);
	if (top && (s->kind == MAKE_ELSE || s->chained)) {
		add_negated(guards, top);
		g_ptr_array_set_size(r->opened, (gint)n - 1);
	}
	g_ptr_array_add(r->opened, guards);
}

/* ---- names ---- */

/* Splits "foo-objs-$(CONFIG_X)" into its base "foo", adds the guards of its tail, and says in
 * *stem what a reference $(foo-objs-y) is compared with. */
static char *split_name(const char *name, GArray *guards, char **stem)
{
	const char *dollar = strchr(name, '$');
	size_t len = dollar ? (size_t)(dollar - name) : strlen(name);
	g_autofree char *head = g_strndup(name, len);
	if (dollar)
		each_config(dollar, add_on, guards);
	char *base = g_strdup(head);
	if (dollar) {
		if (g_str_has_suffix(base, "-"))
			base[strlen(base) - 1] = 0;
	} else if (g_str_has_suffix(base, "-y") || g_str_has_suffix(base, "-m")) {
		base[strlen(base) - 2] = 0;
	}
	*stem = g_strdup(base);
	if (g_str_has_suffix(base, "-objs"))
		base[strlen(base) - strlen("-objs")] = 0;
	return base;
}

/* ---- words ---- */

typedef struct alternative {
	GString *text;
	GArray *guards;
} alternative;

static void alternative_free(gpointer data)
{
	alternative *a = data;
	g_string_free(a->text, TRUE);
	g_array_unref(a->guards);
	g_free(a);
}

static alternative *alternative_new(const char *text, const GArray *guards)
{
	alternative *a = g_new0(alternative, 1);
	a->text = g_string_new(text);
	a->guards = guards_new();
	if (guards)
		guards_add_all(a->guards, guards);
	return a;
}

static GPtrArray *expand_words(reading *r, const char *text, unsigned depth);

/* Each of `heads` followed by each of `tails`. Takes both. */
static GPtrArray *combine(GPtrArray *heads, GPtrArray *tails)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(alternative_free);
	for (guint i = 0; i < heads->len; i++) {
		for (guint j = 0; j < tails->len && out->len < ALTERNATIVES; j++) {
			const alternative *h = g_ptr_array_index(heads, i);
			const alternative *t = g_ptr_array_index(tails, j);
			alternative *a = alternative_new(h->text->str, h->guards);
			g_string_append(a->text, t->text->str);
			guards_add_all(a->guards, t->guards);
			g_ptr_array_add(out, a);
		}
	}
	g_ptr_array_unref(heads);
	g_ptr_array_unref(tails);
	return out;
}

static GPtrArray *one(const char *text)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(alternative_free);
	g_ptr_array_add(out, alternative_new(text, NULL));
	return out;
}

static void move_all(GPtrArray *to, GPtrArray *from)
{
	for (guint i = 0; i < from->len && to->len < RULES; i++) {
		const alternative *a = g_ptr_array_index(from, i);
		g_ptr_array_add(to, alternative_new(a->text->str, a->guards));
	}
	g_ptr_array_unref(from);
}

/* $(BITS), which architectures with two widths set by 64BIT: signal_$(BITS).o */
static GPtrArray *expand_bits(void)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(alternative_free);
	for (int wide = 1; wide >= 0; wide--) {
		alternative *a = alternative_new(wide ? "64" : "32", NULL);
		guard_add(a->guards, "64BIT", wide);
		g_ptr_array_add(out, a);
	}
	return out;
}

/* The words of every assignment that $(name) may stand for. A later `:=` replaces an earlier one,
 * so the earlier holds only while the later one's symbol is off. */
static GPtrArray *expand_variable(reading *r, const char *name, unsigned depth)
{
	const char *given = r->variables ? g_hash_table_lookup(r->variables, name) : NULL;
	if (given)
		return one(given);
	if (!strcmp(name, "BITS"))
		return expand_bits();
	GPtrArray *out = g_ptr_array_new_with_free_func(alternative_free);
	g_autoptr(GArray) throwaway = guards_new();
	g_autofree char *stem = NULL;
	g_free(split_name(name, throwaway, &stem)); /* only the stem is asked for */
	for (guint i = 0; i < r->lists->len && r->steps++ < REFERENCE_STEPS; i++) {
		const list *l = g_ptr_array_index(r->lists, i);
		if (strcmp(l->stem, stem) != 0)
			continue;
		GPtrArray *words = expand_words(r, l->value, depth + 1);
		for (guint w = 0; w < words->len; w++) {
			alternative *a = g_ptr_array_index(words, w);
			guards_add_all(a->guards, l->guards);
			for (guint j = i + 1; j < r->lists->len; j++) {
				const list *later = g_ptr_array_index(r->lists, j);
				if (later->op == ':' && later->guards->len &&
					!strcmp(later->stem, stem))
					add_negated(a->guards, later->guards);
			}
		}
		move_all(out, words);
	}
	return out;
}

/* The arguments of a function call, unexpanded. */
static char **arguments(const char *text)
{
	GPtrArray *out = g_ptr_array_new();
	const char *start = text;
	for (const char *p = text;;) {
		size_t len = *p ? make_reference_length(p) : 0;
		if (len > 2) {
			p += len;
			continue;
		}
		if (!*p || *p == ',') {
			g_ptr_array_add(out, g_strndup(start, (size_t)(p - start)));
			start = p + 1;
			if (!*p)
				break;
		}
		p++;
	}
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

static void add_affix(GPtrArray *words, const char *prefix, const char *suffix)
{
	for (guint i = 0; i < words->len; i++) {
		alternative *a = g_ptr_array_index(words, i);
		g_string_prepend(a->text, prefix);
		g_string_append(a->text, suffix);
	}
}

static GPtrArray *expand_call(reading *r, const char *inner, unsigned depth)
{
	const char *space = strpbrk(inner, " \t");
	if (!space)
		return expand_variable(r, inner, depth);
	g_autofree char *name = g_strndup(inner, (size_t)(space - inner));
	g_auto(GStrv) args = arguments(space + strspn(space, " \t"));
	guint n = g_strv_length(args);
	if (!strcmp(name, "addprefix") && n == 2) {
		GPtrArray *words = expand_words(r, args[1], depth + 1);
		add_affix(words, args[0], "");
		return words;
	}
	if (!strcmp(name, "addsuffix") && n == 2) {
		GPtrArray *words = expand_words(r, args[1], depth + 1);
		add_affix(words, "", args[0]);
		return words;
	}
	if ((!strcmp(name, "sort") || !strcmp(name, "strip")) && n)
		return expand_words(r, args[0], depth + 1);
	if ((!strcmp(name, "filter") || !strcmp(name, "filter-out")) && n == 2)
		return expand_words(r, args[1], depth + 1);
	if (!strcmp(name, "if") && n >= 2) {
		g_autoptr(GArray) guards = guards_new();
		each_config(args[0], add_on, guards);
		GPtrArray *words = expand_words(r, args[1], depth + 1);
		for (guint i = 0; i < words->len; i++)
			guards_add_all(
				((alternative *)g_ptr_array_index(words, i))->guards, guards);
		{
			/* Without a third argument: nothing, which may stand inside a word. */
			GPtrArray *other = n > 2 ? expand_words(r, args[2], depth + 1) : one("");
			for (guint i = 0; i < other->len; i++)
				add_negated(((alternative *)g_ptr_array_index(other, i))->guards,
					guards);
			move_all(words, other);
		}
		return words;
	}
	return g_ptr_array_new_with_free_func(alternative_free);
}

/* What one word without white space may stand for. */
static GPtrArray *expand_word(reading *r, const char *word, unsigned depth)
{
	GPtrArray *out = one("");
	const char *p = word;
	while (*p) {
		const char *dollar = strchr(p, '$');
		size_t plain = dollar ? (size_t)(dollar - p) : strlen(p);
		if (plain) {
			g_autofree char *text = g_strndup(p, plain);
			out = combine(out, one(text));
			p += plain;
			continue;
		}
		size_t len = make_reference_length(p);
		if (len <= 3 || depth > REFERENCE_DEPTH) {
			g_ptr_array_set_size(out, 0);
			return out;
		}
		g_autofree char *inner = g_strndup(p + 2, len - 3);
		out = combine(out, expand_call(r, inner, depth));
		p += len;
	}
	return out;
}

static GPtrArray *expand_words(reading *r, const char *text, unsigned depth)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(alternative_free);
	g_auto(GStrv) words = make_words(text);
	for (char **w = words; *w && out->len < RULES; w++)
		if (depth <= REFERENCE_DEPTH)
			move_all(out, expand_word(r, *w, depth));
	return out;
}

/* ---- rules ---- */

static const char *const linked_lists[] = {"obj", "lib", "extra", "head", "core", "init", "drivers",
	"net", "libs", "virt", "subdir", "always", "targets", "pi-obj", "obj-vmlinux"};

static char rule_kind(const char *base, const char *object)
{
	if (g_str_has_suffix(object, "/"))
		return 'd';
	for (size_t i = 0; i < G_N_ELEMENTS(linked_lists); i++)
		if (!strcmp(base, linked_lists[i]))
			return 'o';
	return 'p';
}

static void add_rules(reading *r, const make_statement *s)
{
	if (strchr(s->name, ' '))
		return;
	list *l = g_new0(list, 1);
	l->guards = open_guards(r);
	l->value = s->value;
	l->op = s->op;
	l->base = split_name(s->name, l->guards, &l->stem);
	g_ptr_array_add(r->lists, l);
	/* A list made from itself says nothing new about its words. */
	g_autoptr(GPtrArray) words = expand_words(r, s->value, 0);
	for (guint i = 0; i < words->len && r->file->rules->len < RULES; i++) {
		const alternative *a = g_ptr_array_index(words, i);
		const char *object = a->text->str;
		bool subdir = !strcmp(l->base, "subdir");
		bool include = g_str_has_prefix(object, "-I") && object[2];
		if (!subdir && !include && !g_str_has_suffix(object, ".o") &&
			!g_str_has_suffix(object, "/"))
			continue;
		kbuild_rule *rule = g_new0(kbuild_rule, 1);
		rule->object = subdir && !g_str_has_suffix(object, "/")
				       ? g_strconcat(object, "/", NULL)
				       : g_strdup(include ? object + 2 : object);
		rule->variable = g_strdup(s->name);
		rule->base = g_strdup(l->base);
		rule->line = s->line;
		rule->kind = include ? 'i' : rule_kind(l->base, rule->object);
		rule->guards = guards_new();
		guards_add_all(rule->guards, l->guards);
		guards_add_all(rule->guards, a->guards);
		g_ptr_array_add(r->file->rules, rule);
	}
}

static void read_statements(reading *r, const GPtrArray *statements);

/* One makefile that is included while `guards` hold. */
static void read_included(reading *r, char *path, const GArray *guards)
{
	g_ptr_array_add(r->file->included, path);
	g_autoptr(GBytes) bytes = r->source->read(path, r->source->data);
	if (!bytes)
		return;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	GPtrArray *statements = make_read(text ? text : "", len);
	guint opened = r->opened->len;
	GArray *own = guards_new();
	guards_add_all(own, guards);
	g_ptr_array_add(r->opened, own);
	g_ptr_array_add(r->texts, statements);
	read_statements(r, statements);
	/* A conditional that the file opened ends with it. */
	g_ptr_array_set_size(r->opened, (gint)MIN(opened, r->opened->len));
}

static void read_includes(reading *r, const char *names)
{
	g_autoptr(GPtrArray) words = expand_words(r, names, 0);
	for (guint i = 0; i < words->len && r->file->included->len < INCLUDED; i++) {
		const alternative *a = g_ptr_array_index(words, i);
		char *path = *a->text->str == '/' ? NULL : layout_resolve("", a->text->str);
		if (path)
			read_included(r, path, a->guards);
	}
}

static void read_statements(reading *r, const GPtrArray *statements)
{
	for (guint i = 0; i < statements->len; i++) {
		const make_statement *s = g_ptr_array_index(statements, i);
		if (s->kind == MAKE_ASSIGN)
			add_rules(r, s);
		else if (s->kind != MAKE_INCLUDE && s->kind != MAKE_RULE)
			track_conditional(r, s);
		else if (s->kind == MAKE_INCLUDE && r->source)
			read_includes(r, s->value);
		if (s->kind == MAKE_ASSIGN)
			each_config(s->name, add_asked, r->file->asked);
	}
}

kbuild_makefile *kbuild_read_whole(const char *path, const char *text, size_t len,
	GHashTable *variables, const make_source *source)
{
	kbuild_makefile *file = g_new0(kbuild_makefile, 1);
	file->path = g_strdup(path);
	file->rules = g_ptr_array_new_with_free_func(rule_free);
	file->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	file->statements = make_read(text, len);
	file->included = source ? g_ptr_array_new_with_free_func(g_free) : NULL;
	reading r = {.file = file, .variables = variables, .source = source};
	r.opened = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	r.lists = g_ptr_array_new_with_free_func(list_free);
	r.texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	read_statements(&r, file->statements);
	g_ptr_array_unref(r.opened);
	g_ptr_array_unref(r.lists);
	g_ptr_array_unref(r.texts);
	return file;
}

kbuild_makefile *kbuild_read(const char *path, const char *text, size_t len, GHashTable *variables)
{
	return kbuild_read_whole(path, text, len, variables, NULL);
}
