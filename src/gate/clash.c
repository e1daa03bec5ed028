/* point.contract, between series: what each means by an operation that two or more bring, and what
 * the catalogue says of it. */
#include "gate/meaning.h"

#include <string.h>

/* Adds the places of a side: its implementation, and the evidence that leads there. */
static void add_side(finding *f, const meaning *x)
{
	if (x->function)
		gate_place(f, (int)x->side->index, AT_TIP, &x->in->blob, x->in->path,
			x->function->line, x->function->end_line, x->function->name,
			x->evidence->patch);
	gate_evidence_place(f, (int)x->side->index, x->evidence);
}

/* A finding about two sides; `b` may be NULL for one against the catalogue. */
static finding *add(
	const meaning *a, const meaning *b, const point *p, const char *aspect, severity level)
{
	const char *keys[] = {aspect, p->id, NULL};
	finding *f = finding_new("point.contract");
	f->severity = level;
	g_ptr_array_add(f->parties, g_strdup(a->side->series->name));
	if (b)
		g_ptr_array_add(f->parties, g_strdup(b->side->series->name));
	f->fingerprint = finding_fingerprint(f->kind, f->parties, keys);
	g_ptr_array_add(f->points, g_strdup(p->id));
	add_side(f, a);
	if (b)
		add_side(f, b);
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
	finding_set_title(f, "%s: %s means %s, %s means %s", p->id, a->side->series->name,
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
	finding_set_title(f, "%s: %s and %s give it different %s", p->id, a->side->series->name,
		b->side->series->name, result ? "results" : "parameters");
	f->explanation = g_strdup_printf("%s is %s at %s (%s:%u), and %s at %s (%s:%u).%s%s",
		a->function->name, a->function->signature, a->side->series->name, a->in->path,
		a->function->line, b->function->signature, b->side->series->name, b->in->path,
		b->function->line, p->signature ? " The catalogue says " : "",
		p->signature ? p->signature : "");
	f->suggestion = g_strdup("Settle one type for the operation, and wrap what differs in the "
				 "backend.");
}

static bool contract_says(const point *p, contract_aspect aspect, const char *value)
{
	for (guint i = 0; i < p->terms->len; i++) {
		const contract_term *t = g_ptr_array_index(p->terms, i);
		if (t->aspect == aspect && !strcmp(t->value, value))
			return true;
	}
	return false;
}

static void compare_batching(const meaning *a, const meaning *b, const point *p)
{
	if (!a->function || !b->function || !a->batch == !b->batch ||
		contract_says(p, CONTRACT_CONTEXT, "deferred"))
		return;
	const meaning *late = a->batch ? a : b, *now = a->batch ? b : a;
	finding *f = add(late, now, p, "context", SEVERITY_NOTE);
	f->confidence = 0.6;
	finding_set_title(f, "%s: %s may batch it, nothing says so of %s", p->id,
		late->side->series->name, now->side->series->name);
	f->explanation = g_strdup_printf(
		"%s queues the operation (%s, %s:%u), so that it may take effect later; %s in %s "
		"calls nothing that queues. A caller that relies on the effect must flush.",
		late->function->name, late->batch->name, late->in->path, late->batch->line,
		now->function->name, now->in->path);
	f->suggestion = g_strdup("Say in the contract whether the operation may be batched, and "
				 "who flushes.");
}

/* ---- parameters ---- */

/* Both bring the same number of parameters to the same slot or name: position tells them apart. */
static bool stand_for_the_same(const meaning *a, const meaning *b)
{
	if (!a->declared || !b->declared || !a->member != !b->member ||
		a->declared->parameters->len != b->declared->parameters->len)
		return false;
	return a->member ? !strcmp(a->member, b->member)
			 : !strcmp(a->function->name, b->function->name);
}

static void compare_parameters(const meaning *a, const meaning *b, const point *p)
{
	for (guint i = 0; stand_for_the_same(a, b) && i < a->declared->parameters->len; i++) {
		g_autofree char *proof_a = NULL, *proof_b = NULL;
		unit ua = meaning_parameter(a, i, &proof_a), ub = meaning_parameter(b, i, &proof_b);
		if (ua == UNITS || ub == UNITS || ua == ub)
			continue;
		g_autofree char *aspect = g_strdup_printf("parameter-%u", i + 1);
		finding *f = add(a, b, p, aspect, SEVERITY_WARNING);
		f->confidence = 0.8;
		finding_set_title(f, "%s: parameter %u is in %s for %s, in %s for %s", p->id, i + 1,
			unit_name(ua), a->side->series->name, unit_name(ub), b->side->series->name);
		f->explanation = g_strdup_printf(
			"%s: %s, line %u of %s. %s: %s, line %u of %s. The same number means "
			"different things to them.",
			a->side->series->name, proof_a, a->function->line, a->in->path,
			b->side->series->name, proof_b, b->function->line, b->in->path);
		f->suggestion = g_strdup("Choose the unit that the callers have, write it into "
					 "the contract, and convert in the backend that differs.");
	}
}

/* ---- conventions ---- */

static bool takes_parameters(const meaning *x, const point *p)
{
	g_autoptr(function_type) t = p->signature ? function_type_parse(p->signature) : NULL;
	return x->declared ? x->declared->parameters->len > 0 : t && t->parameters->len > 0;
}

/* A C function is called and returns, whatever carries its arguments. */
static bool is_called(const meaning *x)
{
	return x->convention == CONVENTION_REGISTERS || x->convention == CONVENTION_STACK ||
	       (x->function && x->function->kind == ENTITY_FUNCTION);
}

static bool conventions_differ(const meaning *a, const meaning *b, const point *p)
{
	if (a->convention == CONVENTION_JUMP || b->convention == CONVENTION_JUMP)
		return a->convention != b->convention && (is_called(a) || is_called(b));
	bool stack = a->convention == CONVENTION_STACK || b->convention == CONVENTION_STACK;
	bool registers =
		a->convention == CONVENTION_REGISTERS || b->convention == CONVENTION_REGISTERS;
	return stack && registers && takes_parameters(a, p) && takes_parameters(b, p);
}

static const char *told_convention(const meaning *x)
{
	static const char *const texts[CONVENTIONS] = {
		[CONVENTION_UNSAID] = "is a C function, which is called and returns",
		[CONVENTION_REGISTERS] = "takes its arguments in registers",
		[CONVENTION_STACK] = "takes its arguments from the stack",
		[CONVENTION_CALLEE_SAVE] = "keeps the caller's registers",
		[CONVENTION_JUMP] = "is jumped to and never returns",
	};
	return texts[x->convention];
}

static void tell_convention(GString *text, const meaning *x)
{
	g_string_append_printf(text, "%s of %s (%s:%u) %s",
		x->function ? x->function->name : x->filling, x->side->series->name,
		x->function ? x->in->path : x->evidence->path,
		x->function ? x->function->line : x->evidence->line, told_convention(x));
	if (x->convention_proof)
		g_string_append_printf(text, " (`%s`)", x->convention_proof);
	g_string_append(text, ". ");
}

static void compare_conventions(const meaning *a, const meaning *b, const point *p)
{
	if (!conventions_differ(a, b, p))
		return;
	finding *f = add(a, b, p, "convention", SEVERITY_WARNING);
	f->confidence = 0.8;
	finding_set_title(f, "%s: %s and %s are called in different ways", p->id,
		a->side->series->name, b->side->series->name);
	GString *text = g_string_new(NULL);
	tell_convention(text, a);
	tell_convention(text, b);
	g_string_append(text, "One call site cannot serve both.");
	f->explanation = g_string_free(text, FALSE);
	f->suggestion = g_strdup("Settle one convention for the operation, and put a stub before "
				 "the side that has another.");
}

/* ---- contexts ---- */

/* Demands that no caller can meet at once. */
static const struct clash {
	demand a, b;
} clashes[] = {
	{DEMAND_OFF, DEMAND_ON},
	{DEMAND_OFF, DEMAND_SLEEP},
	{DEMAND_NO_PREEMPT, DEMAND_SLEEP},
};

static void tell_demand(GString *text, const meaning *x, demand d)
{
	static const char *const texts[DEMANDS] = {
		[DEMAND_OFF] = "wants interrupts off",
		[DEMAND_ON] = "wants interrupts on, or turns them on",
		[DEMAND_NO_PREEMPT] = "wants to stay on its CPU",
		[DEMAND_SLEEP] = "may sleep",
		[DEMAND_BOOT] = "is gone after boot",
	};
	g_string_append_printf(text, "%s of %s %s: `%s`, %s:%u. ", x->function->name,
		x->side->series->name, texts[d], x->demand_proof[d], x->in->path,
		x->demand_line[d]);
}

static void place_demand(finding *f, const meaning *x, demand d)
{
	gate_place(f, (int)x->side->index, AT_TIP, &x->in->blob, x->in->path, x->demand_line[d],
		x->demand_line[d], x->function->name, x->evidence->patch);
}

static void report_context(const meaning *a, demand da, const meaning *b, demand db, const point *p)
{
	finding *f = add(a, b, p, "demand", SEVERITY_WARNING);
	f->confidence = 0.7;
	finding_set_title(f, "%s: %s expects %s, %s %s", p->id, a->side->series->name,
		demand_name(da), b->side->series->name, demand_name(db));
	place_demand(f, a, da);
	place_demand(f, b, db);
	GString *text = g_string_new(NULL);
	tell_demand(text, a, da);
	tell_demand(text, b, db);
	f->explanation = g_string_free(text, FALSE);
	f->suggestion = g_strdup("Write into the contract in which context the operation is "
				 "called, and change the side that cannot stand it.");
}

static void compare_contexts(const meaning *a, const meaning *b, const point *p)
{
	for (size_t i = 0; i < G_N_ELEMENTS(clashes); i++) {
		const struct clash *c = &clashes[i];
		if ((a->demands & 1u << c->a) && (b->demands & 1u << c->b)) {
			report_context(a, c->a, b, c->b, p);
			return;
		}
		if ((b->demands & 1u << c->a) && (a->demands & 1u << c->b)) {
			report_context(b, c->a, a, c->b, p);
			return;
		}
	}
}

/* Does the catalogue promise a context in which the demand is not met? */
static bool breaks_contract(const point *p, demand d)
{
	bool any = contract_says(p, CONTRACT_CONTEXT, "any");
	bool off = contract_says(p, CONTRACT_CONTEXT, "interrupts-off");
	bool fixed = off || contract_says(p, CONTRACT_CONTEXT, "preemption-off");
	bool free = contract_says(p, CONTRACT_CONTEXT, "interrupts-on") ||
		    contract_says(p, CONTRACT_CONTEXT, "may-sleep");
	switch (d) {
	case DEMAND_OFF:
		return any || (free && !off);
	case DEMAND_ON:
		return any || off;
	case DEMAND_NO_PREEMPT:
		return any || contract_says(p, CONTRACT_CONTEXT, "may-sleep");
	case DEMAND_SLEEP:
		return any || fixed;
	case DEMAND_BOOT:
		return point_term(p, CONTRACT_CONTEXT, NULL) &&
		       !contract_says(p, CONTRACT_CONTEXT, "boot");
	default:
		return false;
	}
}

/* Is the slot filled at several places? Then code for boot gives way to other code. */
static bool is_filled_again(const meaning *x, const point_result *r)
{
	const point_side *side = gate_point(x->side, r);
	unsigned fills = 0;
	for (guint i = 0; i < side->evidence->len; i++)
		fills += gate_fills(g_ptr_array_index(side->evidence, i));
	return fills > 1;
}

/* One side against what the catalogue says of the operation's context and convention. */
static void check_contract(const meaning *x, const point_result *r)
{
	const point *p = r->point;
	for (demand d = 0; d < DEMANDS; d++) {
		if (!(x->demands & 1u << d) || !breaks_contract(p, d) ||
			(d == DEMAND_BOOT && is_filled_again(x, r)))
			continue;
		finding *f = add(x, NULL, p, demand_name(d), SEVERITY_WARNING);
		f->confidence = 0.7;
		finding_set_title(f, "%s: %s expects %s, which the contract does not promise",
			p->id, x->side->series->name, demand_name(d));
		place_demand(f, x, d);
		GString *text = g_string_new(NULL);
		tell_demand(text, x, d);
		g_string_append_printf(text, "The catalogue says: %s",
			p->contract ? p->contract : "another context.");
		f->explanation = g_string_free(text, FALSE);
		f->suggestion = g_strdup("Do without, or have the contract promise it and change "
					 "the callers.");
	}
	if (contract_says(p, CONTRACT_CONVENTION, convention_name(CONVENTION_JUMP)) &&
		x->function && x->function->kind == ENTITY_FUNCTION) {
		finding *f = add(x, NULL, p, "jump", SEVERITY_ERROR);
		finding_set_title(f, "%s: %s is a C function, and the operation is jumped to",
			p->id, x->function->name);
		GString *text = g_string_new(NULL);
		tell_convention(text, x);
		g_string_append(text, "The catalogue says that the operation is jumped to: there "
				      "is no address to return to.");
		f->explanation = g_string_free(text, FALSE);
		f->suggestion = g_strdup("Write it in assembly that ends with the jump.");
	}
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
		meaning x;
		if (meaning_read(&x, &g_array_index(sides, gate_side, i), r)) {
			check_contract(&x, r);
			g_array_append_val(all, x);
		} else {
			meaning_clear(&x);
		}
	}
	for (guint i = 0; i < all->len; i++)
		for (guint k = i + 1; k < all->len; k++) {
			const meaning *a = &g_array_index(all, meaning, i);
			const meaning *b = &g_array_index(all, meaning, k);
			compare_units(a, b, r->point);
			compare_parameters(a, b, r->point);
			compare_types(a, b, r->point);
			compare_conventions(a, b, r->point);
			compare_contexts(a, b, r->point);
			compare_batching(a, b, r->point);
		}
}

void gate_find_clashes(mediation *m, const GArray *sides)
{
	for (guint i = 0; i < m->points->len; i++)
		compare_sides(sides, g_ptr_array_index(m->points, i));
}
