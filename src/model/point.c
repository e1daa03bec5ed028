/* Points of the common interface. */
#include "model/point.h"

#include <string.h>

point *point_new(void)
{
	point *p = g_new0(point, 1);
	p->aliases = g_ptr_array_new_with_free_func(g_free);
	p->variants = g_ptr_array_new_with_free_func(g_free);
	p->terms = g_ptr_array_new_with_free_func((GDestroyNotify)contract_term_free);
	return p;
}

static void copy_texts(GPtrArray *to, const GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++)
		g_ptr_array_add(to, g_strdup(g_ptr_array_index(from, i)));
}

point *point_copy(const point *p)
{
	point *copy = point_new();
	copy->id = g_strdup(p->id);
	copy->group = g_strdup(p->group);
	copy->member = g_strdup(p->member);
	copy->title = g_strdup(p->title);
	copy->signature = g_strdup(p->signature);
	copy->contract = g_strdup(p->contract);
	copy->native = g_strdup(p->native);
	copy_texts(copy->aliases, p->aliases);
	copy_texts(copy->variants, p->variants);
	for (guint i = 0; i < p->terms->len; i++) {
		const contract_term *t = g_ptr_array_index(p->terms, i);
		g_ptr_array_add(copy->terms, contract_term_new(t->aspect, t->of, t->value));
	}
	copy->required = p->required;
	copy->required_when = g_strdup(p->required_when);
	return copy;
}

void point_free(point *p)
{
	if (!p)
		return;
	g_free(p->id);
	g_free(p->group);
	g_free(p->member);
	g_free(p->title);
	g_free(p->signature);
	g_free(p->contract);
	g_free(p->native);
	g_ptr_array_unref(p->aliases);
	g_ptr_array_unref(p->variants);
	g_ptr_array_unref(p->terms);
	g_free(p->required_when);
	g_free(p);
}

void point_event_free(point_event *e)
{
	if (!e)
		return;
	g_free(e->point);
	g_free(e->version);
	g_free(e->what);
	g_free(e);
}

contract_term *contract_term_new(contract_aspect aspect, const char *of, const char *value)
{
	contract_term *t = g_new0(contract_term, 1);
	t->aspect = aspect;
	t->of = g_strdup(of ? of : "");
	t->value = g_strdup(value);
	return t;
}

void contract_term_free(contract_term *t)
{
	if (!t)
		return;
	g_free(t->of);
	g_free(t->value);
	g_free(t);
}

const char *point_term(const point *p, contract_aspect aspect, const char *of)
{
	for (guint i = 0; i < p->terms->len; i++) {
		const contract_term *t = g_ptr_array_index(p->terms, i);
		if (t->aspect == aspect && (!of || strcmp(t->of, of) == 0))
			return t->value;
	}
	return NULL;
}

const char *contract_aspect_name(contract_aspect aspect)
{
	switch (aspect) {
	case CONTRACT_UNITS:
		return "units";
	case CONTRACT_CONVENTION:
		return "convention";
	case CONTRACT_CONTEXT:
		return "context";
	case CONTRACT_RETURNS:
		return "returns";
	}
	g_assert_not_reached();
}

const char *point_required_name(point_required required)
{
	switch (required) {
	case REQUIRED_UNSAID:
		return "unsaid";
	case REQUIRED_ALWAYS:
		return "always";
	case REQUIRED_WHEN:
		return "when";
	case REQUIRED_NEVER:
		return "never";
	}
	g_assert_not_reached();
}

evidence *evidence_new(void)
{
	return g_new0(evidence, 1);
}

void evidence_free(evidence *e)
{
	if (!e)
		return;
	g_free(e->kind);
	g_free(e->rule);
	g_free(e->symbol);
	g_free(e->note);
	g_free(e->path);
	g_free(e);
}

point_side *point_side_new(void)
{
	point_side *s = g_new0(point_side, 1);
	s->evidence = g_ptr_array_new_with_free_func((GDestroyNotify)evidence_free);
	return s;
}

void point_side_free(point_side *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->evidence);
	g_free(s);
}

point_result *point_result_new(void)
{
	point_result *r = g_new0(point_result, 1);
	r->sides = g_ptr_array_new_with_free_func((GDestroyNotify)point_side_free);
	return r;
}

void point_result_free(point_result *r)
{
	if (!r)
		return;
	point_free(r->point);
	g_ptr_array_unref(r->sides);
	g_free(r);
}

catalogue_info *catalogue_info_new(void)
{
	catalogue_info *c = g_new0(catalogue_info, 1);
	c->groups = g_ptr_array_new_with_free_func(g_free);
	return c;
}

void catalogue_info_free(catalogue_info *c)
{
	if (!c)
		return;
	g_free(c->name);
	g_free(c->version);
	g_free(c->title);
	g_free(c->digest);
	g_ptr_array_unref(c->groups);
	g_free(c);
}

const char *point_state_name(point_state state)
{
	switch (state) {
	case POINT_UNTOUCHED:
		return "untouched";
	case POINT_TOUCHED:
		return "touched";
	case POINT_BYPASSED:
		return "bypassed";
	case POINT_HOOKED:
		return "hooked";
	}
	g_assert_not_reached();
}

const char *point_verdict_name(point_verdict verdict)
{
	switch (verdict) {
	case VERDICT_UNTOUCHED:
		return "untouched";
	case VERDICT_SINGLE:
		return "single";
	case VERDICT_CONTESTED:
		return "contested";
	}
	g_assert_not_reached();
}

const char *evidence_weight_name(evidence_weight weight)
{
	switch (weight) {
	case EVIDENCE_OVERRIDE:
		return "override";
	case EVIDENCE_THROUGH:
		return "through";
	case EVIDENCE_MOVED:
		return "moved";
	case EVIDENCE_REMOVED:
		return "removed";
	case EVIDENCE_BYPASS:
		return "bypass";
	case EVIDENCE_AGAINST:
		return "against";
	}
	g_assert_not_reached();
}

const char *tree_at_name(tree_at at)
{
	switch (at) {
	case AT_BASE:
		return "base";
	case AT_TIP:
		return "tip";
	case AT_MERGED:
		return "merged";
	}
	g_assert_not_reached();
}

bool point_is_named(const point *p, const char *name)
{
	if (!strcmp(p->id, name) || !strcmp(p->member, name))
		return true;
	const char *dot = strchr(name, '.');
	size_t group = dot ? (size_t)(dot - name) : 0;
	if (dot && strlen(p->group) == group && !strncmp(p->group, name, group))
		name = dot + 1;
	return g_ptr_array_find_with_equal_func(p->aliases, name, g_str_equal, NULL);
}
