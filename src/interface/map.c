/* Runs a catalogue's rules over what was read of the series: evidence, states, verdicts. */
#include "interface/catalogue.h"

#include <string.h>

#include "base/text.h"
#include "interface/near.h"
#include "interface/rule.h"
#include "interface/view.h"

/* What a rule is being tried on. */
typedef struct trial {
	view *view;
	const rule *rule;
	unsigned series, point;
	GPtrArray *evidence; /* evidence * */
	near *near;	     /* of what did not pass; NULL: nobody asks */
} trial;

static bool bit(unsigned set, unsigned at)
{
	return set & (1u << at);
}

static bool any_glob(const GPtrArray *globs, const char *path)
{
	for (guint i = 0; i < globs->len; i++)
		if (text_glob_match(g_ptr_array_index(globs, i), path))
			return true;
	return false;
}

/* The key of the rule that excludes the place; NULL when it passes. */
static const char *place_miss(const rule *r, const file_view *f, const char *condition)
{
	const char *path = f->facts->path;
	if (!bit(r->copies, f->copy))
		return "copy";
	if (r->paths && !any_glob(r->paths, path))
		return "path";
	if (r->not_paths && any_glob(r->not_paths, path))
		return "not_path";
	if (r->condition && !pattern_match(r->condition, condition))
		return "condition";
	if (r->not_condition && pattern_match(r->not_condition, condition))
		return "not_condition";
	return NULL;
}

/* How the file tells it, when the rule does not. */
static const char *kind_of(const rule *r, file_copy copy)
{
	if (r->kind)
		return r->kind;
	switch (copy) {
	case FILE_SHADOW:
		return "shadow-copy";
	case FILE_NEW: /* what only moved there overrides nothing */
		return r->weight == EVIDENCE_MOVED ? "moved" : "override";
	default:
		return "in-place";
	}
}

/* "A note with {use} in it" */
static char *fill_note(const char *note, const char *used)
{
	const char *at = note ? strstr(note, "{use}") : NULL;
	if (!at)
		return g_strdup(note);
	return g_strdup_printf(
		"%.*s%s%s", (int)(at - note), note, used ? used : "?", at + strlen("{use}"));
}

static evidence *new_evidence(
	const trial *t, const file_view *f, tree_at at, unsigned by, const char *used)
{
	evidence *e = evidence_new();
	e->series = t->series;
	e->point = t->point;
	e->weight = t->rule->weight;
	e->kind = g_strdup(kind_of(t->rule, f->copy));
	e->rule = g_strdup(t->rule->id);
	e->note = fill_note(t->rule->note, used);
	e->at = at;
	e->blob = f->facts->blob;
	e->path = g_strdup(f->facts->path);
	e->patch = by;
	e->confidence = t->rule->confidence;
	g_ptr_array_add(t->evidence, e);
	return e;
}

/* --- rules on definitions --- */

static bool body_passes(const body_tests *b, const definition *d)
{
	return (!b->has || definition_uses(d, b->has)) &&
	       (!b->lacks || !definition_uses(d, b->lacks));
}

static bool other_passes(const trial *t, const definition *d)
{
	if (!t->rule->has_other)
		return true;
	GArray *all = g_hash_table_lookup(t->view->tip, d->entity->name);
	for (guint i = 0; all && i < all->len; i++) {
		const definition *o = &g_array_index(all, definition, i);
		if (o->entity != d->entity && body_passes(&t->rule->other, o))
			return true;
	}
	return false;
}

/* The key of the rule that the definition does not pass, NULL when it passes all. */
static const char *definition_miss(
	const trial *t, const definition *d, const GArray *base, const use **gained)
{
	const rule *r = t->rule;
	const char *where;
	if (!bit(r->entities, d->entity->kind))
		return "entity";
	if (!bit(r->changes, d->change))
		return "change";
	if ((where = place_miss(r, d->file, d->entity->condition)))
		return where;
	if (!bit(r->bases, definition_relation(t->view, d, base)))
		return "base";
	if (r->gone && g_hash_table_contains(t->view->tip, d->entity->name))
		return "gone";
	if (!body_passes(&r->body, d))
		return r->body.has && !definition_uses(d, r->body.has) ? "has" : "lacks";
	if (!other_passes(t, d))
		return "other";
	*gained = r->gains ? definition_gains(d, r->gains, base) : NULL;
	if (r->gains && !*gained)
		return "gains";
	return r->loses && !definition_loses(d, r->loses, base) ? "loses" : NULL;
}

static void try_definition(const trial *t, const definition *d)
{
	const entity *e = d->entity;
	const use *gained = NULL;
	const GArray *base = g_hash_table_lookup(t->view->base, e->name);
	const char *miss = definition_miss(t, d, base, &gained);
	if (miss) {
		near_note(t->near, miss,
			&(near_fact){entity_kind_name(e->kind), e->name, "", d->file->facts->path,
				e->line, touch_change_name(d->change)});
		return;
	}
	evidence *v = new_evidence(t, d->file, d->at, d->patch, gained ? gained->name : NULL);
	v->symbol = g_strdup(e->name);
	v->line = e->line;
	v->end_line = e->end_line;
}

static void try_definitions_named(const trial *t, const char *name)
{
	GPtrArray *list = g_hash_table_lookup(t->view->by_name, name);
	for (guint i = 0; list && i < list->len; i++)
		try_definition(t, g_ptr_array_index(list, i));
}

static bool any_pattern(const GPtrArray *patterns, const char *name)
{
	for (guint i = 0; i < patterns->len; i++)
		if (pattern_match(g_ptr_array_index(patterns, i), name))
			return true;
	return false;
}

static bool all_literal(const GPtrArray *patterns)
{
	for (guint i = 0; i < patterns->len; i++)
		if (!pattern_literal(g_ptr_array_index(patterns, i)))
			return false;
	return true;
}

static void run_on_definitions(const trial *t)
{
	const rule *r = t->rule;
	if (r->names && all_literal(r->names)) {
		for (guint i = 0; i < r->names->len; i++)
			try_definitions_named(t, pattern_literal(g_ptr_array_index(r->names, i)));
		return;
	}
	for (guint i = 0; i < t->view->changed->len; i++) {
		const definition *d = g_ptr_array_index(t->view->changed, i);
		if (!r->names || any_pattern(r->names, d->entity->name))
			try_definition(t, d);
	}
	for (guint i = 0; i < t->view->removed->len; i++) {
		const definition *d = &g_array_index(t->view->removed, definition, i);
		if (!r->names || any_pattern(r->names, d->entity->name))
			try_definition(t, d);
	}
}

/* --- rules on uses --- */

/* Another touched use that hits `beside`, in the same definition of the same file. */
static bool beside_passes(const trial *t, const touched_use *u)
{
	const rule *r = t->rule;
	if (!r->beside)
		return true;
	for (guint i = 0; i < r->beside->len; i++) {
		const use_test *test = g_ptr_array_index(r->beside, i);
		for (guint k = 0; k < t->view->use_names->len; k++) {
			const char *name = g_ptr_array_index(t->view->use_names, k);
			if (test->name && !pattern_match(test->name, name))
				continue;
			const GArray *list = g_hash_table_lookup(t->view->uses, name);
			for (guint n = 0; n < list->len; n++) {
				const touched_use *o = &g_array_index(list, touched_use, n);
				if (o->touch != u->touch &&
					bit(r->beside_changes, o->touch->change) &&
					bit(test->kinds, o->touch->use) &&
					strcmp(o->touch->in, u->touch->in) == 0 &&
					strcmp(o->file->facts->path, u->file->facts->path) == 0 &&
					(!test->detail ||
						pattern_match(test->detail, o->touch->detail)))
					return true;
			}
		}
	}
	return false;
}

/* The definition around a line, for a use that does not say what it is in: a compiler's reader may
 * see what a macro stands for and not where. The use's own name when there is none. */
static const char *symbol_of(const touched_use *u, unsigned line)
{
	if (*u->touch->in)
		return u->touch->in;
	const GArray *entities = u->file->facts->entities;
	const char *found = u->touch->name;
	for (guint i = 0; i < entities->len; i++) {
		const entity *e = &g_array_index(entities, entity, i);
		if (e->line <= line && line <= e->end_line && e->flags & ENTITY_DEFINITION &&
			(e->kind == ENTITY_FUNCTION || e->kind == ENTITY_MACRO ||
				e->kind == ENTITY_VARIABLE))
			found = e->name;
	}
	return found;
}

/* Static functions that call each other on the way from one that `not_in` names: a helper's helper;
 * more is no part of that function. */
#define HELPERS_DEEP 3u

static bool is_private(const fact_set *f, const char *name)
{
	bool found = false;
	if (!*name || !g_str_has_suffix(f->path, ".c"))
		return false;
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (e->kind != ENTITY_FUNCTION || !(e->flags & ENTITY_DEFINITION) ||
			strcmp(e->name, name))
			continue;
		if (!(e->flags & ENTITY_STATIC))
			return false;
		found = true;
	}
	return found;
}

/* Is `in` a definition of these names, or a static function of a .c file that only such use? What
 * native code is split into is native code. */
static bool is_within(const pattern *names, const fact_set *f, const char *in, unsigned depth)
{
	if (pattern_match(names, in))
		return true;
	if (depth == HELPERS_DEEP || !is_private(f, in))
		return false;
	bool used = false;
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if ((u->kind != USE_CALL && u->kind != USE_REFERENCE) || strcmp(u->name, in) ||
			!strcmp(u->in, in))
			continue;
		if (!is_within(names, f, u->in, depth + 1))
			return false;
		used = true;
	}
	return used;
}

/* The same of a use. */
static const char *use_miss(const trial *t, const use_test *test, const touched_use *u)
{
	const rule *r = t->rule;
	const touch *c = u->touch;
	const char *where;
	if (!bit(test->kinds, c->use))
		return "kind";
	if (!bit(r->changes, c->change))
		return "change";
	if ((where = place_miss(r, u->file, c->condition)))
		return where;
	if (test->detail && !pattern_match(test->detail, c->detail))
		return "detail";
	if (test->not_detail && pattern_match(test->not_detail, c->detail))
		return "not_detail";
	if (r->in && !pattern_match(r->in, c->in))
		return "in";
	if (r->not_in && is_within(r->not_in, u->file->facts, c->in, 0))
		return "not_in";
	return beside_passes(t, u) ? NULL : "beside";
}

static void try_use(const trial *t, const use_test *test, const touched_use *u)
{
	const touch *c = u->touch;
	bool gone = c->change == TOUCH_REMOVED;
	const place *where = gone ? &c->base : &c->tip;
	const char *miss = use_miss(t, test, u);
	if (miss) {
		near_note(t->near, miss,
			&(near_fact){use_kind_name(c->use), c->name, c->detail, where->path,
				where->line, touch_change_name(c->change)});
		return;
	}
	evidence *v = new_evidence(t, u->file, gone ? AT_BASE : AT_TIP, c->patch, c->name);
	v->symbol = g_strdup(symbol_of(u, where->line));
	v->line = where->line;
	v->end_line = where->end_line;
}

/* Calls `each` for the touched uses that may hit a test of the list: those of its name. */
static void each_candidate(const trial *t, const GPtrArray *tests,
	void (*each)(const trial *, const use_test *, const touched_use *, void *), void *data)
{
	for (guint i = 0; i < tests->len; i++) {
		const use_test *test = g_ptr_array_index(tests, i);
		const char *literal = test->name ? pattern_literal(test->name) : NULL;
		const GPtrArray *names = literal      ? NULL
					 : test->name ? view_use_names(t->view, test->name)
						      : t->view->use_names;
		for (guint k = 0; literal ? k < 1 : k < names->len; k++) {
			const char *name = literal ? literal : g_ptr_array_index(names, k);
			const GArray *list = g_hash_table_lookup(t->view->uses, name);
			for (guint n = 0; list && n < list->len; n++)
				each(t, test, &g_array_index(list, touched_use, n), data);
		}
	}
}

static void try_candidate(const trial *t, const use_test *test, const touched_use *u, void *unused)
{
	(void)unused;
	try_use(t, test, u);
}

/* Notes the definition around a use that hits when the base has none of its name: a wrapper. */
static void note_wrapper(const trial *t, const use_test *test, const touched_use *u, void *data)
{
	GPtrArray *wrappers = data;
	const touch *c = u->touch;
	if (*c->in && c->change != TOUCH_REMOVED && bit(test->kinds, c->use) &&
		(!test->detail || pattern_match(test->detail, c->detail)) &&
		(!test->not_detail || !pattern_match(test->not_detail, c->detail)) &&
		!g_hash_table_contains(t->view->base, c->in) &&
		g_hash_table_contains(t->view->tip, c->in) &&
		!g_ptr_array_find(wrappers, c->in, NULL))
		g_ptr_array_add(wrappers, (gpointer)c->in);
}

/* Uses of wrappers: functions and macros that the base does not have and whose bodies hit the
 * list. */
static void run_via(const trial *t)
{
	static const use_test named = {.kinds = 1u << USE_CALL | 1u << USE_MACRO};
	g_autoptr(GPtrArray) wrappers = g_ptr_array_new();
	each_candidate(t, t->rule->via, note_wrapper, wrappers);
	for (guint i = 0; i < wrappers->len; i++) {
		const GArray *list =
			g_hash_table_lookup(t->view->uses, g_ptr_array_index(wrappers, i));
		for (guint k = 0; list && k < list->len; k++)
			try_use(t, &named, &g_array_index(list, touched_use, k));
	}
}

static void run_on_uses(const trial *t)
{
	if (t->rule->via)
		run_via(t);
	else
		each_candidate(t, t->rule->uses, try_candidate, NULL);
}

/* --- from evidence to a state --- */

static int compare_evidence(gconstpointer a, gconstpointer b)
{
	const evidence *x = *(const evidence *const *)a, *y = *(const evidence *const *)b;
	int order = (x->confidence < y->confidence) - (x->confidence > y->confidence);
	if (!order)
		order = (int)x->weight - (int)y->weight;
	if (!order)
		order = strcmp(x->path, y->path);
	if (!order)
		order = (x->line > y->line) - (x->line < y->line);
	if (!order)
		order = strcmp(x->rule, y->rule);
	return order ? order : strcmp(x->symbol, y->symbol);
}

static bool same_evidence(const evidence *a, const evidence *b)
{
	return a->line == b->line && a->at == b->at && a->weight == b->weight &&
	       strcmp(a->rule, b->rule) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->symbol, b->symbol) == 0;
}

static void drop_repeats(GPtrArray *list)
{
	for (guint i = list->len; i-- > 1;)
		if (same_evidence(g_ptr_array_index(list, i), g_ptr_array_index(list, i - 1)))
			g_ptr_array_remove_index(list, i);
}

static bool is_own(const evidence *e)
{
	return e->weight == EVIDENCE_OVERRIDE || e->weight == EVIDENCE_THROUGH;
}

/* Of one and the same place, a rule that found it changed in meaning is believed over a weaker
 * one that found it merely moved. The list is sorted, strongest first. */
static void drop_overruled(GPtrArray *list)
{
	g_autoptr(GHashTable) own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < list->len;) {
		const evidence *e = g_ptr_array_index(list, i);
		g_autofree char *spot =
			g_strdup_printf("%s\n%u\n%d\n%s", e->path, e->line, (int)e->at, e->symbol);
		if (e->weight == EVIDENCE_MOVED && g_hash_table_contains(own, spot)) {
			g_ptr_array_remove_index(list, i);
			continue;
		}
		if (is_own(e))
			g_hash_table_add(own, g_steal_pointer(&spot));
		i++;
	}
}

/* The chance that not all pieces of these weights err, each rule counted once by its strongest
 * piece: a hundred hits of one rule are one argument. The list is sorted, strongest first. */
static double belief(const GPtrArray *list, unsigned weights)
{
	g_autoptr(GHashTable) counted = g_hash_table_new(g_str_hash, g_str_equal);
	double doubt = 1;
	for (guint i = 0; i < list->len; i++) {
		const evidence *e = g_ptr_array_index(list, i);
		if (bit(weights, e->weight) && g_hash_table_add(counted, e->rule))
			doubt *= 1 - e->confidence;
	}
	return 1 - doubt;
}

static void judge(point_side *side, const thresholds *limits)
{
	const unsigned own = 1u << EVIDENCE_OVERRIDE | 1u << EVIDENCE_THROUGH;
	const unsigned moved = 1u << EVIDENCE_MOVED | 1u << EVIDENCE_REMOVED;
	double against = 1 - belief(side->evidence, 1u << EVIDENCE_AGAINST);
	double hooked = belief(side->evidence, own) * against;
	double bypassed = belief(side->evidence, 1u << EVIDENCE_BYPASS) * against;
	double touched = MAX(belief(side->evidence, moved), hooked);
	side->state = POINT_UNTOUCHED;
	side->confidence = 1 - touched;
	if (hooked >= limits->hooked) {
		side->state = POINT_HOOKED;
		side->confidence = hooked;
	} else if (bypassed >= limits->bypassed) {
		side->state = POINT_BYPASSED;
		side->confidence = bypassed;
	} else if (touched >= limits->touched) {
		side->state = POINT_TOUCHED;
		side->confidence = touched;
	}
}

static bool defines_all(const view *v, const GPtrArray *names)
{
	for (guint i = 0; i < names->len; i++)
		if (!g_hash_table_contains(v->base, g_ptr_array_index(names, i)))
			return false;
	return true;
}

static bool defines_any(const view *v, const GPtrArray *names)
{
	for (guint i = 0; i < names->len; i++)
		if (g_hash_table_contains(v->base, g_ptr_array_index(names, i)))
			return true;
	return false;
}

/* Is it a rule for a base like this? */
static bool base_passes(const rule *r, const view *v)
{
	return (!r->base_has || defines_all(v, r->base_has)) &&
	       (!r->base_lacks || !defines_any(v, r->base_lacks));
}

static point_side *map_side(const catalogue *c, const point_spec *spec, view *v,
	unsigned side_index, unsigned at, near *nearest)
{
	point_side *side = point_side_new();
	for (guint i = 0; i < spec->rules->len; i++) {
		trial t = {v, g_ptr_array_index(spec->rules, i), side_index, at, side->evidence,
			nearest};
		if (!base_passes(t.rule, v)) {
			near_note_base(nearest);
			continue;
		}
		if (t.rule->on == RULE_ON_USE)
			run_on_uses(&t);
		else
			run_on_definitions(&t);
	}
	g_ptr_array_sort(side->evidence, compare_evidence);
	drop_repeats(side->evidence);
	drop_overruled(side->evidence);
	judge(side, &c->limits);
	return side;
}

static point_verdict verdict_of(const point_result *r)
{
	unsigned hooked = 0;
	for (guint i = 0; i < r->sides->len; i++)
		hooked += ((point_side *)g_ptr_array_index(r->sides, i))->state == POINT_HOOKED;
	return hooked > 1 ? VERDICT_CONTESTED : hooked ? VERDICT_SINGLE : VERDICT_UNTOUCHED;
}

static void map_all(GPtrArray **points, const catalogue *c, GPtrArray *readings, near *nearest)
{
	GPtrArray *results = g_ptr_array_new_with_free_func((GDestroyNotify)point_result_free);
	for (guint i = 0; i < c->specs->len; i++) {
		const point_spec *spec = g_ptr_array_index(c->specs, i);
		point_result *r = point_result_new();
		r->point = point_copy(spec->point);
		g_ptr_array_add(results, r);
	}
	for (guint s = 0; s < readings->len; s++) {
		g_autoptr(view) v = view_new(c, g_ptr_array_index(readings, s));
		for (guint i = 0; i < c->specs->len; i++) {
			point_result *r = g_ptr_array_index(results, i);
			const point_spec *spec = g_ptr_array_index(c->specs, i);
			g_ptr_array_add(r->sides, map_side(c, spec, v, s, i, nearest));
		}
	}
	for (guint i = 0; i < results->len; i++) {
		point_result *r = g_ptr_array_index(results, i);
		r->verdict = verdict_of(r);
	}
	*points = results;
}

bool catalogue_map(GPtrArray **points, const catalogue *c, GPtrArray *readings, GError **err)
{
	(void)err; /* reading decides what can fail; kept for stages that will ask more */
	map_all(points, c, readings, NULL);
	return true;
}

char *catalogue_try(GPtrArray **points, const catalogue *c, const series_reading *reading)
{
	g_autoptr(GPtrArray) readings = g_ptr_array_new();
	g_auto(near) nearest = {0};
	g_ptr_array_add(readings, (gpointer)reading);
	map_all(points, c, readings, &nearest);
	for (guint i = 0; i < (*points)->len; i++) {
		const point_result *r = g_ptr_array_index(*points, i);
		const point_side *side = g_ptr_array_index(r->sides, 0);
		if (side->evidence->len)
			return NULL;
	}
	return near_tell(&nearest);
}
