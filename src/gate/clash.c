/* point.contract, between series: what each means by an operation that two or more bring.
 *
 * What a side means is read from what stands at its implementation: the slot as it is called there,
 * the function's name and type, what it calls, one call deep; and from the catalogue where the
 * operation goes by the name that the catalogue describes. A meaning counts when names agree on it;
 * where they do not, nothing is claimed. */
#include "gate/side.h"

#include <string.h>

#include "gate/units.h"
#include "model/function_type.h"

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

typedef struct meaning {
	const gate_side *side;
	const evidence *evidence;
	const entity *function; /* or a macro; NULL when the facts have none */
	const fact_set *in;
	char *member; /* the slot as it is called; NULL when none is filled */
	unsigned worth[UNITS];
	GPtrArray *proofs[UNITS]; /* char * */
	unit unit;
	const use *batch; /* a call that queues the operation, or NULL */
} meaning;

static void meaning_clear(meaning *x)
{
	for (unit u = 0; u < UNITS; u++)
		if (x->proofs[u])
			g_ptr_array_unref(x->proofs[u]);
	g_free(x->member);
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
		if ((d->kind == ENTITY_FUNCTION || d->kind == ENTITY_MACRO) &&
			d->flags & ENTITY_DEFINITION && d->line <= e->line &&
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
			const char *text = gate_filling(x->side, r->point, e, &x->member);
			x->function = text ? gate_named_function(x->side, text, &x->in) : NULL;
			/* a stub of another type tells nothing of the operation */
			if (x->function && r->point->signature &&
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

static void read_body(meaning *x, const fact_set *f, const entity *e, unsigned most, bool deeper)
{
	unsigned given[UNITS] = {0};
	guint cursor = 0;
	for (const use *u; (u = fact_set_use_within(f, e, &cursor));) {
		unit spoken = speaks(u) ? unit_of_name(last_part(u)) : UNITS;
		if (spoken != UNITS && given[spoken] < most) {
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
	static const char *const queues[] = {
		"multicall", "multicalls", "batch", "batched", "queue", "defer", "async", NULL};
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

/* ---- telling ---- */

static finding *add(
	const meaning *a, const meaning *b, const point *p, const char *aspect, severity level)
{
	const char *keys[] = {aspect, p->id, NULL};
	finding *f = finding_new("point.contract");
	f->severity = level;
	g_ptr_array_add(f->parties, g_strdup(a->side->series->name));
	g_ptr_array_add(f->parties, g_strdup(b->side->series->name));
	f->fingerprint = finding_fingerprint(f->kind, f->parties, keys);
	g_ptr_array_add(f->points, g_strdup(p->id));
	const meaning *both[] = {a, b};
	for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
		const meaning *x = both[i];
		if (x->function)
			gate_place(f, (int)x->side->index, AT_TIP, &x->in->blob, x->in->path,
				x->function->line, x->function->end_line, x->function->name,
				x->evidence->patch);
		gate_evidence_place(f, (int)x->side->index, x->evidence);
	}
	g_ptr_array_add(a->side->m->findings, f);
	return f;
}

static void tell_unit(GString *text, const meaning *x)
{
	const GPtrArray *proofs = x->proofs[x->unit];
	g_string_append_printf(text, " %s means %s (", x->side->series->name, unit_name(x->unit));
	for (guint i = 0; i < proofs->len; i++)
		g_string_append_printf(
			text, "%s%s", i ? ", " : "", (const char *)g_ptr_array_index(proofs, i));
	g_string_append(text, ")");
	if (x->function)
		g_string_append_printf(
			text, ": %s, %s:%u", x->function->name, x->in->path, x->function->line);
	g_string_append_c(text, '.');
}

static void compare_units(const meaning *a, const meaning *b, const point *p)
{
	if (a->unit == UNITS || b->unit == UNITS || a->unit == b->unit)
		return;
	finding *f = add(a, b, p, "units", SEVERITY_WARNING);
	f->confidence = 0.8;
	gate_title(f, "%s: %s means %s, %s means %s", p->id, a->side->series->name,
		unit_name(a->unit), b->side->series->name, unit_name(b->unit));
	GString *text = g_string_new("What the operation returns has different units.");
	tell_unit(text, a);
	tell_unit(text, b);
	const char *known = point_term(p, CONTRACT_UNITS, "return");
	if (known)
		g_string_append_printf(text, " The catalogue says %s.", known);
	f->explanation = g_string_free(text, FALSE);
	f->suggestion = g_strdup("Choose the unit that the callers need, write it into the "
				 "contract, and convert in the backend that differs.");
}

static bool is_function(const meaning *x)
{
	return x->function && x->function->kind == ENTITY_FUNCTION && *x->function->signature;
}

/* Types are compared where both stand for the same: slots of one name, or definitions of one
 * name. */
static void compare_types(const meaning *a, const meaning *b, const point *p)
{
	if (!is_function(a) || !is_function(b) || !a->member != !b->member)
		return;
	bool same_name = a->member ? !strcmp(a->member, b->member)
				   : !strcmp(a->function->name, b->function->name);
	g_autoptr(function_type) ta = function_type_parse(a->function->signature);
	g_autoptr(function_type) tb = function_type_parse(b->function->signature);
	if (!same_name || !ta || !tb ||
		gate_same_type(a->function->signature, b->function->signature))
		return;
	finding *f = add(a, b, p, "signature", SEVERITY_WARNING);
	bool result = strcmp(ta->returns, tb->returns) != 0;
	gate_title(f, "%s: %s and %s give it different %s", p->id, a->side->series->name,
		b->side->series->name, result ? "results" : "parameters");
	f->explanation = g_strdup_printf("%s is %s at %s (%s:%u), and %s at %s (%s:%u).%s%s",
		a->function->name, a->function->signature, a->side->series->name, a->in->path,
		a->function->line, b->function->signature, b->side->series->name, b->in->path,
		b->function->line, p->signature ? " The catalogue says " : "",
		p->signature ? p->signature : "");
	f->suggestion = g_strdup("Settle one type for the operation, and wrap what differs in the "
				 "backend.");
}

static void compare_batching(const meaning *a, const meaning *b, const point *p)
{
	if (!a->function || !b->function || !a->batch == !b->batch)
		return;
	const meaning *late = a->batch ? a : b, *now = a->batch ? b : a;
	finding *f = add(late, now, p, "context", SEVERITY_NOTE);
	f->confidence = 0.6;
	gate_title(f, "%s: %s may batch it, nothing says so of %s", p->id, late->side->series->name,
		now->side->series->name);
	f->explanation = g_strdup_printf(
		"%s queues the operation (%s, %s:%u), so that it may take effect later; %s in %s "
		"calls nothing that queues. A caller that relies on the effect must flush.",
		late->function->name, late->batch->name, late->in->path, late->batch->line,
		now->function->name, now->in->path);
	f->suggestion = g_strdup("Say in the contract whether the operation may be batched, and "
				 "who flushes.");
}

static void clear_meaning(gpointer data)
{
	meaning_clear(data);
}

static void compare_sides(const GArray *sides, const point_result *r)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(meaning));
	g_array_set_clear_func(all, clear_meaning);
	for (guint i = 0; i < sides->len; i++) {
		meaning x = {.side = &g_array_index(sides, gate_side, i)};
		bool there =
			gate_point(x.side, r)->state == POINT_HOOKED && find_implementation(&x, r);
		if (!there) {
			meaning_clear(&x);
			continue;
		}
		read_units(&x, r->point);
		read_batching(&x);
		g_array_append_val(all, x);
	}
	for (guint i = 0; i < all->len; i++)
		for (guint k = i + 1; k < all->len; k++) {
			const meaning *a = &g_array_index(all, meaning, i);
			const meaning *b = &g_array_index(all, meaning, k);
			compare_units(a, b, r->point);
			compare_types(a, b, r->point);
			compare_batching(a, b, r->point);
		}
}

void gate_find_clashes(mediation *m, const GArray *sides)
{
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *r = g_ptr_array_index(m->points, i);
		if (r->verdict == VERDICT_CONTESTED)
			compare_sides(sides, r);
	}
}
