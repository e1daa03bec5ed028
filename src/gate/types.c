/* point.contract, of one backend against the catalogue: a slot filled with a function of another
 * type, or without the calling convention that the catalogue asks for. */
#include "gate/side.h"

#include <string.h>

#include "model/function_type.h"

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* Where a slot is filled. */
typedef struct slot_place {
	const oid *blob;
	const char *path, *symbol;
	unsigned line, patch;
	const char *member; /* as it is called there */
} slot_place;

static void add_slot_place(finding *f, const gate_side *g, const slot_place *at)
{
	gate_place(f, (int)g->index, AT_TIP, at->blob, at->path, at->line, at->line, at->symbol,
		at->patch);
}

/* One finding a function, however many slots it fills. */
static void report(const gate_side *g, const point *p, const slot_place *at, const entity *function,
	const fact_set *in)
{
	const char *keys[] = {"type", function->name, NULL};
	finding *f = gate_known(g, "point.contract", keys);
	if (f) {
		if (g_ptr_array_find_with_equal_func(f->points, p->id, g_str_equal, NULL))
			return;
		g_ptr_array_add(f->points, g_strdup(p->id));
		add_slot_place(f, g, at);
		finding_set_title(f, "%s fills slots of other types than its own: %s and %u more",
			function->name, (const char *)g_ptr_array_index(f->points, 0),
			f->points->len - 1);
		return;
	}
	f = gate_add(g, "point.contract", SEVERITY_ERROR, keys);
	g_ptr_array_add(f->points, g_strdup(p->id));
	finding_set_title(f, "%s: %s has another type than the operation", p->id, function->name);
	gate_place(f, (int)g->index, AT_TIP, &in->blob, in->path, function->line, function->line,
		function->name, at->patch);
	add_slot_place(f, g, at);
	f->explanation = g_strdup_printf(
		"The operation %s is %s; %s, which fills its slot in %s, line %u, is %s. Callers "
		"pass and expect what the interface says.",
		p->id, p->signature, function->name, at->path, at->line, function->signature);
	f->suggestion = g_strdup_printf(
		"Give %s the type of the operation, or wrap it in a function that has it.",
		function->name);
}

static void check_function(const gate_side *g, const point *p, const slot_place *at,
	const entity *function, const fact_set *in)
{
	if (!function || !*function->signature || !p->signature)
		return;
	g_autoptr(function_type) known = function_type_parse(function->signature);
	if (known && !gate_fits(g, p, at->member, function->signature))
		report(g, p, at, function, in);
}

static void check(const gate_side *g, const point *p, const evidence *e)
{
	g_autofree char *member = NULL;
	const char *text = gate_filling(g, p, e, &member);
	const fact_set *in = NULL;
	const entity *function = text ? gate_named_function(g, text, &in) : NULL;
	slot_place at = {&e->blob, e->path, e->symbol, e->line, e->patch, member};
	check_function(g, p, &at, function, in);
}

static bool names(const char *text, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || !is_word(at[-1])) && !is_word(at[len]))
			return true;
	return false;
}

/* Slots of the function's file that it fills, though their lines did not change. */
static void check_users(const gate_side *g, const touch *t)
{
	const fact_set *f = gate_tip(g, t->tip.path), *in = NULL;
	const entity *function = gate_function(g, t->name, &in);
	for (guint i = 0; f && i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		const char *dot = u->kind == USE_SLOT ? strchr(u->name, '.') : NULL;
		g_autofree char *tag = dot ? g_strndup(u->name, (gsize)(dot - u->name)) : NULL;
		const point *p = tag && gate_is_struct(g, tag) && names(u->detail, t->name)
					 ? gate_member(g, dot + 1)
					 : NULL;
		slot_place at = {&f->blob, f->path, u->in, u->line, t->patch, dot ? dot + 1 : ""};
		if (p)
			check_function(g, p, &at, function, in);
	}
}

void gate_find_types(const gate_side *g)
{
	for (guint i = 0; i < g->m->points->len; i++) {
		const point_result *r = g_ptr_array_index(g->m->points, i);
		const point_side *side = gate_point(g, r);
		for (guint k = 0; r->point->signature && k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (gate_fills(e))
				check(g, r->point, e);
		}
	}
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		if (!t->is_use && t->entity == ENTITY_FUNCTION && t->change == TOUCH_CHANGED &&
			t->tip.path && t->flags & ENTITY_DEFINITION &&
			!gate_same_type(t->signature_base, t->signature_tip))
			check_users(g, t);
	}
}
