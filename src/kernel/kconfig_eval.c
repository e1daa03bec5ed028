/* The values of a configuration: a port of the meaning (not the text) of sym_calc_value and its
 * neighbours in scripts/kconfig/symbol.c, for tristates, choices, selects, implies and ranges. */
#include "kernel/kconfig_values.h"

#include <stdlib.h>
#include <string.h>

/* A chain of symbols that depend on each other; mainline's longest is under 200. Bounds the stack.
 */
#define VALUE_DEPTH 4000u

static tristate least(tristate a, tristate b)
{
	return a < b ? a : b;
}

static tristate most(tristate a, tristate b)
{
	return a > b ? a : b;
}

static void calculate(kconfig_values *v, const kconfig_symbol *s);

static bool modules_possible(kconfig_values *v)
{
	const kconfig_symbol *s = v->k->modules;
	kconfig_values_wake(v);
	if (v->in_modules) /* what MODULES itself depends on */
		return false;
	if (!v->value[s->id].valid) {
		v->in_modules = true;
		calculate(v, s);
		v->in_modules = false;
	}
	return v->value[s->id].tri != TRI_N;
}

static kconfig_type effective_type(kconfig_values *v, const kconfig_symbol *s)
{
	if (s->type != KCONFIG_TRISTATE)
		return s->type;
	if (s->chooser && v->value[s->id].visible == TRI_Y)
		return KCONFIG_BOOL;
	return modules_possible(v) ? KCONFIG_TRISTATE : KCONFIG_BOOL;
}

static const char *text_of(kconfig_values *v, const kconfig_symbol *s)
{
	static const char *const letters[] = {"n", "m", "y"};
	if (s->constant)
		return s->name;
	calculate(v, s);
	if (s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE)
		return letters[v->value[s->id].tri];
	const char *text = v->value[s->id].text;
	return text ? text : "";
}

/* A number in the notation of the symbol's type; false when it is none. */
static bool number_of(kconfig_type type, const char *text, long long *out)
{
	char *end;
	switch (type) {
	case KCONFIG_BOOL:
	case KCONFIG_TRISTATE:
		*out = !strcmp(text, "n")   ? 0
		       : !strcmp(text, "m") ? 1
		       : !strcmp(text, "y") ? 2
					    : -1;
		return true;
	case KCONFIG_INT:
		*out = strtoll(text, &end, 10);
		break;
	case KCONFIG_HEX:
		*out = (long long)strtoull(text, &end, 16);
		break;
	default:
		*out = strtoll(text, &end, 0);
		break;
	}
	return end > text && !*end && g_ascii_isxdigit(end[-1]);
}

bool kconfig_compare(
	kexpr_kind kind, kconfig_type a_type, const char *a, kconfig_type b_type, const char *b)
{
	long long x, y;
	long order;
	if ((kind == KEXPR_EQUAL || kind == KEXPR_UNEQUAL) && !strcmp(a, b))
		order = 0;
	else if (number_of(a_type, a, &x) && number_of(b_type, b, &y))
		order = x < y ? -1 : x > y;
	else
		order = strcmp(a, b);
	switch (kind) {
	case KEXPR_EQUAL:
		return order == 0;
	case KEXPR_UNEQUAL:
		return order != 0;
	case KEXPR_LESS:
		return order < 0;
	case KEXPR_LESS_EQUAL:
		return order <= 0;
	case KEXPR_GREATER:
		return order > 0;
	default:
		return order >= 0;
	}
}

static tristate compare(kconfig_values *v, const kexpr *e)
{
	g_autofree char *a = g_strdup(text_of(v, e->a));
	const char *b = text_of(v, e->b);
	return kconfig_compare(e->kind, e->a->type, a, e->b->type, b) ? TRI_Y : TRI_N;
}

static tristate constant_value(const kconfig_values *v, const kconfig_symbol *s)
{
	return s == v->k->yes ? TRI_Y : s == v->k->mod ? TRI_M : TRI_N;
}

tristate kexpr_value(kconfig_values *v, const kexpr *e)
{
	tristate sum;
	if (!e)
		return TRI_Y;
	switch (e->kind) {
	case KEXPR_SYMBOL:
		if (e->a->constant)
			return constant_value(v, e->a);
		calculate(v, e->a);
		return v->value[e->a->id].tri;
	case KEXPR_NOT:
		return (tristate)(TRI_Y - kexpr_value(v, e->left));
	/* Chains lean to the left and may be long (reverse dependencies): walk them, and stop where
	 * the answer is known. */
	case KEXPR_AND:
		sum = TRI_Y;
		for (; e->kind == KEXPR_AND && sum != TRI_N; e = e->left) {
			sum = least(sum, kexpr_value(v, e->right));
			if (!e->left)
				return sum;
		}
		return sum == TRI_N ? sum : least(sum, kexpr_value(v, e));
	case KEXPR_OR:
		sum = TRI_N;
		for (; e->kind == KEXPR_OR && sum != TRI_Y; e = e->left) {
			sum = most(sum, kexpr_value(v, e->right));
			if (!e->left)
				return TRI_Y;
		}
		return sum == TRI_Y ? sum : most(sum, kexpr_value(v, e));
	default:
		return compare(v, e);
	}
}

static kconfig_property *property_at(const kconfig_symbol *s, guint i)
{
	return g_ptr_array_index(s->properties, i);
}

static guint property_count(const kconfig_symbol *s)
{
	return s->properties ? s->properties->len : 0;
}

/* Whether a prompt shows, and what dependencies, selects and implies allow or force. */
static void calculate_visibility(kconfig_values *v, const kconfig_symbol *s)
{
	symbol_value *value = &v->value[s->id];
	if (value->visibility_known)
		return;
	value->visibility_known = true;
	tristate visible = TRI_N;
	for (guint i = 0; i < property_count(s); i++) {
		const kconfig_property *p = property_at(s, i);
		if (p->kind != KCONFIG_PROMPT)
			continue;
		tristate one = kexpr_value(v, p->visible);
		/* A value that can only be m does not show in a choice that is y. */
		if (s->chooser && s->type == KCONFIG_TRISTATE && one == TRI_M &&
			v->value[s->chooser->id].tri == TRI_Y)
			one = TRI_N;
		visible = most(visible, one);
	}
	if (visible == TRI_M && (s->type != KCONFIG_TRISTATE || !modules_possible(v)))
		visible = TRI_Y;
	value->visible = visible;
	if (s->chooser)
		return;
	bool boolean = effective_type(v, s) != KCONFIG_TRISTATE;
	value->depends = s->depends ? kexpr_value(v, s->depends) : TRI_Y;
	value->selected = s->selected ? kexpr_value(v, s->selected) : TRI_N;
	value->implied = s->implied ? kexpr_value(v, s->implied) : TRI_N;
	if (boolean) {
		value->depends = value->depends ? TRI_Y : TRI_N;
		value->selected = value->selected ? TRI_Y : TRI_N;
		value->implied = value->implied ? TRI_Y : TRI_N;
	}
}

static const kconfig_property *default_property(
	kconfig_values *v, const kconfig_symbol *s, tristate *visible)
{
	for (guint i = 0; i < property_count(s); i++) {
		const kconfig_property *p = property_at(s, i);
		if (p->kind != KCONFIG_DEFAULT)
			continue;
		*visible = kexpr_value(v, p->visible);
		if (*visible != TRI_N)
			return p;
	}
	return NULL;
}

static tristate visible_now(kconfig_values *v, const kconfig_symbol *s)
{
	calculate_visibility(v, s);
	return v->value[s->id].visible;
}

/* The value that a choice takes: the user's, else a default that shows, else the first that does.
 */
static const kconfig_symbol *choose(kconfig_values *v, const kconfig_symbol *choice)
{
	const kconfig_symbol *user = v->user[choice->id].chosen;
	if (user && visible_now(v, user) != TRI_N)
		return user;
	for (guint i = 0; i < property_count(choice); i++) {
		const kconfig_property *p = property_at(choice, i);
		if (p->kind != KCONFIG_DEFAULT || kexpr_value(v, p->visible) == TRI_N)
			continue;
		if (p->value->kind == KEXPR_SYMBOL && p->value->a->chooser == choice &&
			visible_now(v, p->value->a) != TRI_N)
			return p->value->a;
	}
	for (guint i = 0; choice->members && i < choice->members->len; i++) {
		const kconfig_symbol *s = g_ptr_array_index(choice->members, i);
		if (visible_now(v, s) != TRI_N)
			return s;
	}
	return NULL;
}

static tristate boolean_value(kconfig_values *v, const kconfig_symbol *s)
{
	symbol_value *value = &v->value[s->id];
	const user_value *user = &v->user[s->id];
	tristate result = TRI_N, visible;
	if (s->chooser) {
		/* The choice knows its value only after it was calculated itself. */
		calculate(v, s->chooser);
		if (value->visible == TRI_Y)
			return v->value[s->chooser->id].chosen == s ? TRI_Y : TRI_N;
	}
	if (value->visible != TRI_N && user->set) {
		result = least(user->tri, value->visible);
	} else {
		if (value->selected != TRI_N)
			value->written = true;
		const kconfig_property *p = s->choice ? NULL : default_property(v, s, &visible);
		if (p) {
			result = least(kexpr_value(v, p->value), visible);
			if (result != TRI_N)
				value->written = true;
		}
		if (!s->choice && value->implied != TRI_N) {
			value->written = true;
			result = least(most(result, value->implied), value->depends);
		}
	}
	return most(result, value->selected);
}

/* Keeps a number inside the first range that holds. */
static const char *in_range(kconfig_values *v, const kconfig_symbol *s, const char *text)
{
	int base = s->type == KCONFIG_HEX ? 16 : 10;
	for (guint i = 0; i < property_count(s); i++) {
		const kconfig_property *p = property_at(s, i);
		if (p->kind != KCONFIG_RANGE || kexpr_value(v, p->visible) == TRI_N)
			continue;
		long long value = strtoll(text, NULL, base);
		long long low = strtoll(text_of(v, p->low), NULL, base);
		long long high = strtoll(text_of(v, p->high), NULL, base);
		if (value >= low && value <= high)
			return text;
		long long bound = value < low ? low : high;
		g_autofree char *clamped = base == 10 ? g_strdup_printf("%lld", bound)
						      : g_strdup_printf("0x%llx", bound);
		return g_string_chunk_insert_const(v->strings, clamped);
	}
	return text;
}

static const char *text_value(kconfig_values *v, const kconfig_symbol *s)
{
	symbol_value *value = &v->value[s->id];
	const user_value *user = &v->user[s->id];
	tristate visible;
	if (value->visible != TRI_N && user->set && user->text)
		return user->text;
	const kconfig_property *p = default_property(v, s, &visible);
	if (!p || p->value->kind != KEXPR_SYMBOL)
		return "";
	value->written = true;
	return text_of(v, p->value->a);
}

/* conf before v2.6.36 took a choice as unanswered when its .config came from before one of its
 * values was added: an optional one is off again then, and a tristate one is m. */
static bool is_new_choice(kconfig_values *v, const kconfig_symbol *s)
{
	if (!v->k->old_choices || !v->user[s->id].set || v->user[s->id].forced)
		return false;
	for (guint i = 0; s->members && i < s->members->len; i++) {
		const kconfig_symbol *member = g_ptr_array_index(s->members, i);
		if (!v->user[member->id].set && visible_now(v, member) != TRI_N)
			return true;
	}
	return false;
}

static void calculate_choice(kconfig_values *v, const kconfig_symbol *s)
{
	symbol_value *value = &v->value[s->id];
	value->chosen = choose(v, s);
	if (!value->chosen) {
		value->tri = TRI_N;
	} else if (is_new_choice(v, s)) {
		tristate rest = value->selected;
		if (rest == TRI_M && effective_type(v, s) == KCONFIG_BOOL)
			rest = TRI_Y;
		if (rest == value->tri)
			return;
		value->tri = rest;
		for (guint i = 0; i < s->members->len; i++) {
			const kconfig_symbol *member = g_ptr_array_index(s->members, i);
			v->value[member->id].visibility_known = false;
		}
	}
}

static void calculate(kconfig_values *v, const kconfig_symbol *s)
{
	kconfig_values_wake(v);
	symbol_value *value = &v->value[s->id];
	if (s->constant || value->valid || v->depth > VALUE_DEPTH)
		return;
	value->valid = true; /* a symbol that asks for itself sees n */
	v->depth++;
	if (s->chooser) /* it must look at its values before they do */
		calculate(v, s->chooser);
	switch (s->type) {
	case KCONFIG_BOOL:
	case KCONFIG_TRISTATE:
		calculate_visibility(v, s);
		value->written = value->visible != TRI_N;
		value->tri = boolean_value(v, s);
		if (value->tri == TRI_M && effective_type(v, s) == KCONFIG_BOOL)
			value->tri = TRI_Y;
		if (s->choice && value->tri == TRI_Y)
			calculate_choice(v, s);
		break;
	case KCONFIG_INT:
	case KCONFIG_HEX:
	case KCONFIG_STRING:
		calculate_visibility(v, s);
		value->written = value->visible != TRI_N;
		value->text = "";
		value->text = text_value(v, s);
		if (s->type != KCONFIG_STRING)
			value->text = in_range(v, s, value->text);
		break;
	default:
		value->text = s->name;
		break;
	}
	v->depth--;
}

/* ---- what a user sets ---- */

bool kconfig_values_set(kconfig_values *v, const char *name, const char *text)
{
	const kconfig_symbol *s = kconfig_find(v->k, name);
	if (!s || !s->entries)
		return false;
	kconfig_values_wake(v);
	user_value *user = &v->user[s->id];
	if (s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE) {
		user->tri = *text == 'y' ? TRI_Y : *text == 'm' ? TRI_M : TRI_N;
		if (s->type == KCONFIG_BOOL && user->tri == TRI_M)
			return false;
		if (s->chooser) {
			user_value *choice = &v->user[s->chooser->id];
			choice->set = true;
			choice->tri = most(choice->tri, user->tri);
			if (user->tri == TRI_Y)
				choice->chosen = s;
		}
	} else {
		user->text = g_string_chunk_insert_const(v->strings, text);
	}
	user->set = true;
	kconfig_values_invalidate(v);
	return true;
}

/* "a \"b\"" -> a "b" */
static char *unquote(const char *text)
{
	GString *out = g_string_new(NULL);
	if (*text != '"') {
		g_string_append(out, text);
		return g_string_free(out, FALSE);
	}
	for (const char *p = text + 1; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

static void load_line(kconfig_values *v, char *line)
{
	g_strchomp(line);
	if (g_str_has_prefix(line, "# CONFIG_") && g_str_has_suffix(line, " is not set")) {
		line[strlen(line) - strlen(" is not set")] = 0;
		kconfig_values_set(v, line + 9, "n");
		return;
	}
	char *equals = g_str_has_prefix(line, "CONFIG_") ? strchr(line, '=') : NULL;
	if (!equals)
		return;
	*equals = 0;
	g_autofree char *value = unquote(equals + 1);
	kconfig_values_set(v, line + 7, value);
}

void kconfig_values_load(kconfig_values *v, const char *text, size_t len)
{
	g_autofree char *copy = g_strndup(text, len);
	for (char *p = copy; p && *p;) {
		char *newline = strchr(p, '\n');
		if (newline)
			*newline = 0;
		load_line(v, p);
		p = newline ? newline + 1 : NULL;
	}
	kconfig_values_invalidate(v);
}

void kconfig_values_fill(kconfig_values *v, kconfig_fill fill)
{
	static const tristate values[] = {TRI_Y, TRI_N, TRI_M};
	kconfig_values_wake(v);
	for (guint i = 0; i < v->count; i++) {
		const kconfig_symbol *s = g_ptr_array_index(v->k->symbols, i);
		bool logical = s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE;
		if (!logical || s->chooser || v->user[i].set)
			continue;
		v->user[i].set = true;
		v->user[i].forced = s->choice;
		v->user[i].tri = values[fill];
	}
	kconfig_values_invalidate(v);
}

/* ---- answers ---- */

const char *kconfig_value(kconfig_values *v, const char *name)
{
	const kconfig_symbol *s = kconfig_find(v->k, name);
	return s && s->entries ? text_of(v, s) : NULL;
}

tristate kconfig_tristate(kconfig_values *v, const char *name)
{
	const kconfig_symbol *s = kconfig_find(v->k, name);
	if (!s || !s->entries)
		return TRI_N;
	calculate(v, s);
	return v->value[s->id].tri;
}

bool kconfig_is_written(kconfig_values *v, const kconfig_symbol *s)
{
	if (s->constant || s->choice || !s->name || s->type == KCONFIG_UNKNOWN || s->env)
		return false;
	calculate(v, s);
	return v->value[s->id].written;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const kconfig_symbol *const *)a)->name,
		(*(const kconfig_symbol *const *)b)->name);
}

/* Every symbol that is written, by name. The caller's. */
static GPtrArray *written(kconfig_values *v)
{
	GPtrArray *list = g_ptr_array_new();
	for (guint i = 0; i < v->count; i++) {
		kconfig_symbol *s = g_ptr_array_index(v->k->symbols, i);
		if (kconfig_is_written(v, s))
			g_ptr_array_add(list, s);
	}
	g_ptr_array_sort(list, compare_names);
	return list;
}

static void append_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

static const char *hex_prefix(const char *text)
{
	return g_str_has_prefix(text, "0x") || g_str_has_prefix(text, "0X") ? "" : "0x";
}

char *kconfig_autoconf(kconfig_values *v)
{
	g_autoptr(GPtrArray) list = written(v);
	GString *out = g_string_new("#define AUTOCONF_INCLUDED\n");
	for (guint i = 0; i < list->len; i++) {
		const kconfig_symbol *s = g_ptr_array_index(list, i);
		const char *text = text_of(v, s);
		switch (s->type) {
		case KCONFIG_BOOL:
		case KCONFIG_TRISTATE:
			if (*text != 'n')
				g_string_append_printf(out, "#define CONFIG_%s%s 1\n", s->name,
					*text == 'm' ? "_MODULE" : "");
			break;
		case KCONFIG_STRING:
			g_string_append_printf(out, "#define CONFIG_%s ", s->name);
			append_quoted(out, text);
			g_string_append_c(out, '\n');
			break;
		default:
			if (*text)
				g_string_append_printf(out, "#define CONFIG_%s %s%s\n", s->name,
					s->type == KCONFIG_HEX ? hex_prefix(text) : "", text);
			break;
		}
	}
	return g_string_free(out, FALSE);
}

char *kconfig_dotconfig(kconfig_values *v)
{
	g_autoptr(GPtrArray) list = written(v);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < list->len; i++) {
		const kconfig_symbol *s = g_ptr_array_index(list, i);
		const char *text = text_of(v, s);
		bool logical = s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE;
		if (logical && *text == 'n') {
			g_string_append_printf(out, "# CONFIG_%s is not set\n", s->name);
			continue;
		}
		g_string_append_printf(out, "CONFIG_%s=", s->name);
		if (s->type == KCONFIG_STRING)
			append_quoted(out, text);
		else
			g_string_append(out, text);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}
