/* The points of a catalogue: what each is called, promises and needs. */
#include <string.h>

#include "interface/loader.h"
#include "model/function_type.h"

/* Points of one catalogue. The LSM hooks are 250. */
#define LIMIT_POINTS 5000u

static const char *const point_keys[] = {"id", "title", "signature", "variants", "contract",
	"required", "native", "aliases", "names", "hooks", "sites", "calls", "instructions",
	"no_slot", "rules", NULL};

static bool is_id(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

/* A word, or two with a dot between. */
static bool is_name(const char *text)
{
	const char *dot = strchr(text, '.');
	g_autofree char *first = dot ? g_strndup(text, (gsize)(dot - text)) : g_strdup(text);
	return is_id(first) && (!dot || is_id(dot + 1));
}

static bool read_id(loader *l, const yaml_node *n, point *p, GError **err)
{
	const yaml_node *id = yaml_get(n, "id");
	if (!loader_need_text(l, n, "id", &p->id, err))
		return false;
	const char *dot = strchr(p->id, '.');
	if (!dot)
		return yaml_fail(
			l->tree, id, err, NULL, "GROUP.MEMBER expected, not \"%s\"", p->id);
	p->group = g_strndup(p->id, (gsize)(dot - p->id));
	p->member = g_strdup(dot + 1);
	if (!is_id(p->group) || !is_id(p->member))
		return yaml_fail(
			l->tree, id, err, NULL, "GROUP.MEMBER expected, not \"%s\"", p->id);
	for (guint i = 0; i < l->c->info->groups->len; i++)
		if (strcmp(g_ptr_array_index(l->c->info->groups, i), p->group) == 0)
			return true;
	return yaml_fail(
		l->tree, id, err, "list it under \"groups\"", "unknown group \"%s\"", p->group);
}

static bool is_taken(const loader *l, const char *name)
{
	for (guint i = 0; i < l->c->specs->len; i++) {
		const point *p = ((point_spec *)g_ptr_array_index(l->c->specs, i))->point;
		if (strcmp(p->id, name) == 0)
			return true;
		for (guint k = 0; k < p->aliases->len; k++)
			if (strcmp(g_ptr_array_index(p->aliases, k), name) == 0)
				return true;
	}
	return false;
}

/* A word of a contract: what two catalogues, or two sides, can be compared by. */
static bool read_term_word(loader *l, const yaml_node *n, contract_aspect aspect, const char *of,
	point *p, GError **err)
{
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	if (text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return yaml_fail(l->tree, n, err, NULL,
			"a word of small letters, digits and '-' expected, not \"%s\"", text);
	g_ptr_array_add(p->terms, contract_term_new(aspect, of, text));
	return true;
}

static bool read_term_words(
	loader *l, const yaml_node *n, contract_aspect aspect, point *p, GError **err)
{
	for (unsigned i = 0; i < yaml_count(n); i++)
		if (!read_term_word(l, yaml_item(n, i), aspect, "", p, err))
			return false;
	return true;
}

/* units: {return: ns, pfn: guest-frames} */
static bool read_units(loader *l, const yaml_node *n, point *p, GError **err)
{
	if (!n)
		return true;
	if (n->kind != YAML_IS_MAP)
		return yaml_fail(l->tree, n, err, NULL, "parameters and their units expected");
	for (guint i = 0; i < n->keys->len; i++)
		if (!read_term_word(l, g_ptr_array_index(n->items, i), CONTRACT_UNITS,
			    g_ptr_array_index(n->keys, i), p, err))
			return false;
	return true;
}

static bool read_contract(loader *l, const yaml_node *n, point *p, GError **err)
{
	static const char *const keys[] = {
		"says", "units", "convention", "context", "returns", NULL};
	const yaml_node *contract = yaml_get(n, "contract");
	if (!contract || contract->kind == YAML_IS_SCALAR)
		return loader_text(l, n, "contract", &p->contract, err);
	g_autofree char *returns = NULL;
	if (!yaml_expect_map(l->tree, contract, keys, err) ||
		!loader_text(l, contract, "says", &p->contract, err) ||
		!read_units(l, yaml_get(contract, "units"), p, err) ||
		!read_term_words(
			l, yaml_get(contract, "convention"), CONTRACT_CONVENTION, p, err) ||
		!read_term_words(l, yaml_get(contract, "context"), CONTRACT_CONTEXT, p, err) ||
		!loader_text(l, contract, "returns", &returns, err))
		return false;
	if (returns)
		g_ptr_array_add(p->terms, contract_term_new(CONTRACT_RETURNS, "", returns));
	return true;
}

/* "always", "never", or "when SYMBOL" (a Kconfig symbol, with or without CONFIG_). */
static bool read_required(loader *l, const yaml_node *n, point *p, GError **err)
{
	static const char *const words[] = {"always", "never", NULL};
	static const point_required means[] = {REQUIRED_ALWAYS, REQUIRED_NEVER};
	if (!n)
		return true;
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	if (g_str_has_prefix(text, "when ")) {
		const char *symbol = text + strlen("when ");
		symbol += g_str_has_prefix(symbol, "CONFIG_") ? strlen("CONFIG_") : 0;
		if (!is_id(symbol))
			return yaml_fail(l->tree, n, err, NULL,
				"a Kconfig symbol expected, not \"%s\"", symbol);
		p->required = REQUIRED_WHEN;
		p->required_when = g_strdup(symbol);
		return true;
	}
	for (unsigned i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0) {
			p->required = means[i];
			return true;
		}
	return yaml_fail(l->tree, n, err, NULL,
		"always, never or \"when SYMBOL\" expected, not \"%s\"", text);
}

static bool read_signature(loader *l, const yaml_node *n, point *p, GError **err)
{
	if (!loader_text(l, n, "signature", &p->signature, err))
		return false;
	g_autoptr(function_type) type = p->signature ? function_type_parse(p->signature) : NULL;
	return !p->signature || type ||
	       yaml_fail(l->tree, yaml_get(n, "signature"), err,
		       "as in C, without the name: 'void (int cpu)'",
		       "no type of a function: \"%s\"", p->signature);
}

static bool read_point_texts(loader *l, const yaml_node *n, point *p, GError **err)
{
	if (!read_id(l, n, p, err) || !loader_need_text(l, n, "title", &p->title, err) ||
		!read_signature(l, n, p, err) || !read_contract(l, n, p, err) ||
		!read_required(l, yaml_get(n, "required"), p, err) ||
		!loader_texts(l, yaml_get(n, "variants"), &p->variants, err) ||
		!loader_text(l, n, "native", &p->native, err) ||
		!loader_texts(l, yaml_get(n, "aliases"), &p->aliases, err))
		return false;
	if (is_taken(l, p->id))
		return yaml_fail(l->tree, yaml_get(n, "id"), err, NULL,
			"\"%s\" is the name of another point", p->id);
	for (guint i = 0; i < p->aliases->len; i++)
		if (!is_name(g_ptr_array_index(p->aliases, i)))
			return yaml_fail(l->tree, yaml_get(n, "aliases"), err, NULL,
				"NAME or GROUP.NAME expected, not \"%s\"",
				(char *)g_ptr_array_index(p->aliases, i));
	for (guint i = 0; i < p->aliases->len; i++)
		if (is_taken(l, g_ptr_array_index(p->aliases, i)))
			return yaml_fail(l->tree, yaml_get(n, "aliases"), err, NULL,
				"\"%s\" is the name of another point",
				(char *)g_ptr_array_index(p->aliases, i));
	return true;
}

/* "(?:a|b)" of the point's names, its member's name when it has none. */
static char *join_names(const point *p, const yaml_node *n)
{
	const yaml_node *names = yaml_get(n, "names");
	g_autoptr(GString) out = g_string_new("(?:");
	for (unsigned i = 0; i < yaml_count(names); i++) {
		const yaml_node *item = yaml_item(names, i);
		if (item->kind == YAML_IS_SCALAR)
			g_string_append_printf(out, "%s%s", out->len > 3 ? "|" : "", item->text);
	}
	if (out->len == 3)
		g_string_append(out, p->member);
	g_string_append_c(out, ')');
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Spells every word out once, so that a mistake in one that nobody uses is seen too. */
static bool check_vocabulary(loader *l, GError **err)
{
	for (guint i = 0; l->vocabulary && i < l->vocabulary->items->len; i++) {
		g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func(g_free);
		if (!loader_word(l, l->vocabulary, g_ptr_array_index(l->vocabulary->keys, i), "x",
			    uses, err))
			return false;
	}
	return true;
}

/* "(?:member|alias)": what the slot was called in one version or another. An alias may be a whole
 * id. */
static char *join_slots(const point *p)
{
	g_autoptr(GString) out = g_string_new("(?:");
	g_string_append(out, p->member);
	for (guint i = 0; i < p->aliases->len; i++) {
		const char *alias = g_ptr_array_index(p->aliases, i);
		const char *dot = strchr(alias, '.');
		g_string_append_printf(out, "|%s", dot ? dot + 1 : alias);
	}
	g_string_append_c(out, ')');
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool read_point(loader *l, const yaml_node *n, const yaml_node *general, GError **err)
{
	g_autoptr(point_spec) s = g_new0(point_spec, 1);
	s->point = point_new();
	s->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
	if (!yaml_expect_map(l->tree, n, point_keys, err) || !read_point_texts(l, n, s->point, err))
		return false;
	g_autofree char *names = join_names(s->point, n);
	g_autofree char *slot = join_slots(s->point);
	const yaml_node *no_slot = yaml_get(n, "no_slot");
	static const char *const yes[] = {"true", NULL};
	unsigned at;
	if (no_slot && !yaml_expect_word(l->tree, no_slot, yes, &at, err))
		return false;
	s->no_slot = no_slot != NULL;
	l->point = s->point;
	l->point_node = n;
	l->names = names;
	l->slot = slot;
	/* Read all lists once, so that a mistake in one that no rule uses is seen too. */
	g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func(g_free);
	bool ok = true;
	for (unsigned i = 0; ok && i < POINT_LISTS; i++)
		ok = loader_point_list(l, (point_list)i, lists, err);
	if (ok && !l->c->specs->len)
		ok = check_vocabulary(l, err);
	ok = ok && loader_rules(l, general, s->rules, err) &&
	     loader_rules(l, yaml_get(n, "rules"), s->rules, err);
	l->point = NULL;
	l->point_node = NULL;
	l->names = NULL;
	l->slot = NULL;
	if (ok)
		g_ptr_array_add(l->c->specs, g_steal_pointer(&s));
	return ok;
}

bool loader_points(loader *l, const yaml_node *root, GError **err)
{
	const yaml_node *points = yaml_get(root, "points");
	if (!points)
		return yaml_fail(l->tree, root, err, NULL, "key \"points\" is missing");
	if (!yaml_expect_list(l->tree, points, err))
		return false;
	if (!points->items->len)
		return yaml_fail(l->tree, points, err, NULL, "no points");
	if (points->items->len > LIMIT_POINTS)
		return yaml_fail(l->tree, points, err, NULL, "more than %u points", LIMIT_POINTS);
	for (unsigned i = 0; i < points->items->len; i++)
		if (!read_point(l, yaml_item(points, i), yaml_get(root, "rules"), err))
			return false;
	return true;
}
