/* The analysis: facts, points, findings and plan, made again only when what they stand on changed.
 */
#include <string.h>

#include "analyzers/list.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/heap.h"
#include "conflict/conflict.h"
#include "engine/breaks.h"
#include "engine/build.h"
#include "engine/coverage.h"
#include "engine/engine.h"
#include "engine/internal.h"
#include "engine/packs.h"
#include "engine/planning.h"
#include "engine/reading.h"
#include "engine/verify.h"
#include "gate/gate.h"
#include "interface/catalogue.h"
#include "series/apply.h"

/* --- the catalogue --- */

static bool choose_catalogue(catalogue **out, engine *e, const oid *base_tree, GError **err)
{
	g_autofree char *rules = NULL;
	if (!store_get(e->store, "rules", &rules, err))
		return false;
	if (!rules)
		return packs_fitting(out, NULL, e->repo, base_tree, err);
	g_autofree char *path = catalogue_find(rules);
	if (!path)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "name another with --rules PACK",
			"the catalogue '%s' is gone", rules);
	return catalogue_load(out, path, err);
}

/* --- what an analysis stands on --- */

/* NULL when the store fails. */
static char *analysis_key(engine *e, const mediation *m, GError **err)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, TRUCE_VERSION);
	for (const analyzer *const *a = analyzers; *a; a++) {
		digest_add_text(&d, (*a)->name);
		digest_add_number(&d, (*a)->version);
	}
	digest_add(&d, m->base.bytes, OID_BYTES);
	digest_add_text(&d, m->base_rev);
	digest_add_text(&d, m->catalogue ? m->catalogue->digest : NULL);
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		digest_add_text(&d, s->name);
		digest_add(&d, s->tip.bytes, OID_BYTES);
		for (guint k = 0; k < s->specs->len; k++)
			digest_add_text(&d, g_ptr_array_index(s->specs, k));
		digest_add_number(&d, s->rejects->len);
	}
	return build_digest(&d, e, err) ? digest_hex(&d) : NULL;
}

/* Base, series and catalogue of the mediation: what is known before anything is analysed. */
static bool begin_mediation(mediation **out, catalogue **rules, engine *e, GError **err)
{
	g_autoptr(mediation) m = mediation_new();
	if (!engine_base(e, &m->base, &m->base_rev, err) ||
		!repo_commit_tree(e->repo, &m->base_tree, &m->base, err))
		return false;
	g_clear_pointer(&m->series, g_ptr_array_unref);
	if (!store_series_list(e->store, &m->series, err))
		return false;
	if (!m->series->len)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"add one: `truce series add NAME SPEC`", "no series are under mediation");
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		if (!oid_equal(&s->base, &m->base))
			return error_set(err, TRUCE_ERROR_INPUT, "run `truce series update`",
				"series '%s' was applied to another base", s->name);
	}
	if (!choose_catalogue(rules, e, &m->base_tree, err))
		return false;
	if (*rules) {
		packs_take_judged(*rules, e->repo, &m->base_tree);
		m->catalogue = catalogue_describe(*rules);
	}
	*out = g_steal_pointer(&m);
	return true;
}

/* --- the stages --- */

/* What the case of 2006 takes. */
#define ANALYSIS_HEAP_BYTES ((size_t)768 << 20)

static bool run_stages(
	engine *e, mediation *m, const catalogue *rules, const char *key, GError **err)
{
	heap_prefer_large_pages(ANALYSIS_HEAP_BYTES);
	for (guint i = 0; i < m->series->len; i++) {
		series *s = g_ptr_array_index(m->series, i);
		if (!s->changes && !series_finish(s, e->repo, err))
			return false;
	}
	g_autoptr(facts_reader) facts = NULL;
	if (!facts_reader_run(&facts, e, &m->base_tree, m->series,
		    rules ? catalogue_native_files(rules) : NULL, err))
		return false;
	for (guint i = 0; i < m->series->len; i++)
		g_ptr_array_add(m->coverage, coverage_measure(facts, i));
	if (rules) {
		g_clear_pointer(&m->points, g_ptr_array_unref);
		if (!catalogue_map(&m->points, rules, facts->list, err))
			return false;
	}
	if (!conflict_find(m, e->repo, facts->list, err) || !breaks_find(m, e, facts, err))
		return false;
	if (rules)
		gate_find(m, facts->list, catalogue_structs(rules));
	findings_finish(m->findings);
	return planning_attach(e, m, err) && planning_make(e, m, facts, err) &&
	       store_analysis_put(e->store, m, key, facts->list, err) && planning_keep(e, m, err);
}

static bool is_unverified(const mediation *m)
{
	for (guint i = 0; m->plan && i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		if (s->verified == VERIFIED_NO && !oid_is_zero(&s->tree))
			return true;
	}
	return false;
}

/* The stored analysis; what a ruling since then changed in the plan is verified now. */
static bool load_analysis(engine *e, mediation **out, GError **err)
{
	g_autoptr(mediation) m = NULL;
	if (!store_analysis_get(e->store, &m, err))
		return false;
	if (is_unverified(m) && !e->read_only) {
		g_autoptr(facts_reader) facts = NULL;
		if (!facts_reader_open(&facts, e, &m->base_tree, m->series, err) ||
			!verify_steps(m, e, facts, err) || !store_plan_put(e->store, m, err))
			return false;
	}
	*out = g_steal_pointer(&m);
	return true;
}

bool engine_analyze(engine *e, mediation **out, GError **err)
{
	g_autoptr(mediation) m = NULL;
	g_autoptr(catalogue) rules = NULL;
	if (!begin_mediation(&m, &rules, e, err))
		return false;
	g_autofree char *key = analysis_key(e, m, err);
	g_autofree char *before = NULL;
	if (!key || !store_analysis_key(e->store, &before, err))
		return false;
	if (before && !strcmp(before, key))
		return load_analysis(e, out, err);
	if (!run_stages(e, m, rules, key, err))
		return false;
	*out = g_steal_pointer(&m);
	return true;
}

bool engine_load(engine *e, mediation **out, GError **err)
{
	return store_analysis_get(e->store, out, err);
}
