/* What one series means by an operation. */
#include "gate/meaning.h"

#include <string.h>

/* What a name is worth as evidence of a unit: slots and functions are named for what they give;
 * what a body uses may be an input of a conversion. */
#define WORTH_SLOT 3u
#define WORTH_FUNCTION 3u
#define WORTH_CATALOGUE 2u
#define WORTH_BODY 2u /* all uses of a unit in the body together */
#define WORTH_DEEP 1u /* the same one call deeper */
/* The least a meaning needs, and how many times it must outweigh the next. */
#define WORTH_LEAST 2u
#define WORTH_RATIO 2u
/* Names given as proof of a meaning. */
#define PROOFS 4u

void meaning_clear(meaning *x)
{
	for (unit u = 0; u < UNITS; u++)
		if (x->proofs[u])
			g_ptr_array_unref(x->proofs[u]);
	for (demand d = 0; d < DEMANDS; d++)
		g_free(x->demand_proof[d]);
	g_free(x->member);
	g_free(x->convention_proof);
	function_type_free(x->declared);
}

static void prove(meaning *x, unit u, unsigned worth, const char *proof)
{
	if (u == UNITS)
		return;
	x->worth[u] += worth;
	if (!x->proofs[u])
		x->proofs[u] = g_ptr_array_new_with_free_func(g_free);
	if (x->proofs[u]->len < PROOFS &&
		!g_ptr_array_find_with_equal_func(x->proofs[u], proof, g_str_equal, NULL))
		g_ptr_array_add(x->proofs[u], g_strdup(proof));
}

/* ---- where a side implements the operation ---- */

static const entity *definition_at(const fact_set *f, const evidence *e)
{
	for (guint i = 0; f && e->symbol && i < f->entities->len; i++) {
		const entity *d = &g_array_index(f->entities, entity, i);
		bool code = d->kind == ENTITY_FUNCTION || d->kind == ENTITY_MACRO ||
			    d->kind == ENTITY_ASM_LABEL || d->kind == ENTITY_ASM_MACRO;
		if (code && d->flags & ENTITY_DEFINITION && d->line <= e->line &&
			e->line <= d->end_line && !strcmp(d->name, e->symbol))
			return d;
	}
	return NULL;
}

/* The strongest evidence that leads to code. */
static bool find_implementation(meaning *x, const point_result *r)
{
	const point_side *side = gate_point(x->side, r);
	for (guint i = 0; i < side->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		if (e->weight != EVIDENCE_OVERRIDE || e->at != AT_TIP)
			continue;
		x->evidence = e;
		if (gate_fills(e)) {
			x->filling = gate_filling(x->side, r->point, e, &x->member);
			x->function = x->filling ? gate_named_function(x->side, x->filling, &x->in)
						 : NULL;
			/* a stub of another type tells nothing of the operation */
			if (x->function && *x->function->signature && r->point->signature &&
				!gate_fits(x->side, r->point, x->member, x->function->signature))
				x->function = NULL;
			return true;
		}
		x->in = gate_tip(x->side, e->path);
		x->function = definition_at(x->in, e);
		if (x->function)
			return true;
	}
	return false;
}

/* ---- units ---- */

static bool speaks(const use *u)
{
	return u->kind == USE_CALL || u->kind == USE_MACRO || u->kind == USE_REFERENCE ||
	       u->kind == USE_FIELD;
}

static const char *last_part(const use *u)
{
	const char *dot = u->kind == USE_FIELD ? strrchr(u->name, '.') : NULL;
	return dot ? dot + 1 : u->name;
}

/* Is a word of the arguments this name? "(pfn)", "(pte, pfn)". */
static bool passes(const char *detail, const char *name)
{
	g_auto(GStrv) parts = g_strsplit_set(detail, "(),.&*->+ ", -1);
	return g_strv_contains((const char *const *)parts, name);
}

/* "cycles_2_ns", "pfn_to_mfn": what comes out counts, what goes in does not. */
static bool is_conversion(const use *u)
{
	return (u->kind == USE_CALL || u->kind == USE_MACRO) &&
	       (strstr(u->name, "_to_") || strstr(u->name, "_2_"));
}

static void read_body(meaning *x, const fact_set *f, const entity *e, unsigned most, bool deeper)
{
	unsigned given[UNITS] = {0};
	const use *conversion = NULL; /* the last one, whose arguments follow it */
	guint cursor = 0;
	for (const use *u; (u = fact_set_use_within(f, e, &cursor));) {
		if (conversion && passes(conversion->detail, last_part(u)))
			continue;
		unit spoken = speaks(u) ? unit_of_name(last_part(u)) : UNITS;
		bool converts = is_conversion(u) && spoken != UNITS;
		conversion = converts ? u : conversion;
		for (unsigned n = converts ? most : 1; spoken != UNITS && n && given[spoken] < most;
			n--) {
			given[spoken]++;
			prove(x, spoken, 1, last_part(u));
		}
		const fact_set *in = NULL;
		const entity *callee = deeper && (u->kind == USE_CALL || u->kind == USE_MACRO)
					       ? gate_function(x->side, u->name, &in)
					       : NULL;
		if (callee && callee != e)
			read_body(x, in, callee, WORTH_DEEP, false);
	}
}

/* Does the operation give a value? What its names speak of is then what it gives. */
static bool gives_value(const point *p)
{
	g_autoptr(function_type) t = p->signature ? function_type_parse(p->signature) : NULL;
	return t && strcmp(t->returns, "void") != 0 && !strchr(t->returns, '*');
}

/* The unit that outweighs the others, or UNITS. */
static unit heaviest(const meaning *x)
{
	unsigned best = 0, next = 0;
	unit found = UNITS;
	for (unit u = 0; u < UNITS; u++) {
		if (x->worth[u] > best) {
			next = best;
			best = x->worth[u];
			found = u;
		} else {
			next = MAX(next, x->worth[u]);
		}
	}
	return best < WORTH_LEAST || best < next * WORTH_RATIO ? UNITS : found;
}

static void read_units(meaning *x, const point *p)
{
	x->unit = UNITS;
	if (!gives_value(p))
		return;
	if (x->member)
		prove(x, unit_of_name(x->member), WORTH_SLOT, x->member);
	if (x->function) {
		prove(x, unit_of_name(x->function->name), WORTH_FUNCTION, x->function->name);
		read_body(x, x->in, x->function, WORTH_BODY, true);
	}
	/* the code's own words count before those of the catalogue, which says what should be */
	const char *known = point_term(p, CONTRACT_UNITS, "return");
	bool by_name = x->member ? !strcmp(x->member, p->member)
				 : x->function && !strcmp(x->function->name, p->member);
	x->unit = heaviest(x);
	if (x->unit == UNITS && known && by_name) {
		g_autofree char *proof = g_strdup_printf("the catalogue's %s", p->member);
		prove(x, unit_parse(known), WORTH_CATALOGUE, proof);
		x->unit = heaviest(x);
	}
}

/* ---- context ---- */

/* Does a name speak of a queue, and not of emptying it or asking for its state? */
static bool speaks_of_queue(const char *name)
{
	static const char *const queues[] = {"multicall", "multicalls", "batch", "batched", "queue",
		"defer", "async", "lazy", NULL};
	static const char *const others[] = {"flush", "mode", "get", "set", "sync", NULL};
	g_auto(GStrv) parts = g_strsplit_set(name, "_ *(),", -1);
	bool queue = false;
	for (char **p = parts; *p; p++) {
		if (g_strv_contains(others, *p))
			return false;
		queue |= g_strv_contains(queues, *p);
	}
	return queue;
}

/* The first call that puts work into a queue instead of doing it, told by its name or by what it
 * returns ("struct multicall_space"). */
static void read_batching(meaning *x)
{
	guint cursor = 0;
	if (!x->function)
		return;
	for (const use *u; !x->batch && (u = fact_set_use_within(x->in, x->function, &cursor));) {
		const fact_set *in = NULL;
		const entity *callee =
			u->kind == USE_CALL ? gate_function(x->side, u->name, &in) : NULL;
		if (u->kind == USE_CALL && (speaks_of_queue(u->name) ||
						   (callee && speaks_of_queue(callee->signature))))
			x->batch = u;
	}
}

/* ---- parameters ---- */

/* What goes into a conversion: "pfn_to_mfn" takes guest frames. */
static unit unit_converted(const char *name)
{
	const char *to = strstr(name, "_to_");
	to = to ? to : strstr(name, "_2_");
	g_autofree char *before = to ? g_strndup(name, (gsize)(to - name)) : NULL;
	return before ? unit_of_name(before) : UNITS;
}

unit meaning_parameter(const meaning *x, guint i, char **proof)
{
	const type_parameter *p = g_ptr_array_index(x->declared->parameters, i);
	unit own = unit_of_name(p->name);
	guint cursor = 0;
	*proof = NULL;
	if (own != UNITS) {
		*proof = g_strdup_printf("the parameter %s", p->name);
		return own;
	}
	for (const use *u; *p->name && (u = fact_set_use_within(x->in, x->function, &cursor));) {
		bool call = u->kind == USE_CALL || u->kind == USE_MACRO;
		unit taken = call && passes(u->detail, p->name) ? unit_converted(u->name) : UNITS;
		if (taken != UNITS) {
			*proof = g_strdup_printf("%s(%s)", u->name, p->name);
			return taken;
		}
	}
	return UNITS;
}

bool meaning_read(meaning *x, const gate_side *side, const point_result *r)
{
	*x = (meaning){.side = side, .unit = UNITS};
	if (gate_point(side, r)->state != POINT_HOOKED || !find_implementation(x, r))
		return false;
	if (x->function && x->function->kind == ENTITY_FUNCTION)
		x->declared = function_type_parse(
			*x->function->value ? x->function->value : x->function->signature);
	read_units(x, r->point);
	read_batching(x);
	convention_read(x);
	demands_read(x);
	return true;
}
