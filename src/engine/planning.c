/* Decisions, rulings and the plan that follows them. */
#include "engine/planning.h"

#include "base/cancel.h"
#include "base/error.h"
#include "engine/internal.h"
#include "engine/verify.h"
#include "plan/make.h"

#define PLAN_REF "refs/truce/plan"

bool planning_attach(engine *e, mediation *m, GError **err)
{
	g_autoptr(GHashTable) decisions = NULL;
	if (!store_decisions(e->store, &decisions, err))
		return false;
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		gpointer value = NULL;
		g_clear_pointer(&f->decision, decision_free);
		/* The key is the decision's own fingerprint. */
		if (g_hash_table_steal_extended(decisions, f->fingerprint, NULL, &value))
			f->decision = value;
	}
	return true;
}

bool planning_make(engine *e, mediation *m, facts_reader *facts, GError **err)
{
	plan_free(g_steal_pointer(&m->plan));
	return plan_make(m, e->repo, err) && plan_check(m, err) &&
	       plan_check_trees(m, e->repo, err) && repo_flush(e->repo, err) &&
	       (!facts || verify_steps(m, e, facts, err));
}

bool planning_keep(engine *e, const mediation *m, GError **err)
{
	return plan_apply(m, e->repo, PLAN_REF, true, err);
}

/* --- rulings --- */

typedef struct ruling {
	decision_take take; /* DECISION_NONE: take the ruling back */
	const char *party, *note;
} ruling;

static finding *find_finding(const mediation *m, const char *id, GError **err)
{
	unsigned matches;
	finding *f = mediation_finding(m, id, &matches);
	if (f)
		return f;
	if (matches)
		error_set(err, TRUCE_ERROR_USAGE, "give more digits", "'%s' names %u findings", id,
			matches);
	else
		error_set(
			err, TRUCE_ERROR_NOT_FOUND, "see `truce findings`", "no finding '%s'", id);
	return NULL;
}

static bool check_ruling(const mediation *m, const finding *f, const ruling *r, GError **err)
{
	if (r->party && mediation_series(m, r->party) < 0)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "see `truce series list`",
			"no series '%s'", r->party);
	if (r->take == DECISION_INTERFACE && !finding_has_code(f))
		return error_set(err, TRUCE_ERROR_USAGE, "give --take NAME, --both or --dismiss",
			"%s (%s) has no code that an operation of the interface could hold", f->id,
			f->title);
	return true;
}

static bool put_ruling(engine *e, const finding *f, const ruling *r, GError **err)
{
	person who = {0};
	repo_identity(e->repo, &who);
	g_autoptr(decision) d = decision_new();
	d->fingerprint = g_strdup(f->fingerprint);
	d->take = r->take;
	d->party = g_strdup(r->party);
	d->note = g_strdup(r->note);
	d->by = g_strdup_printf("%s <%s>", who.name, who.email);
	d->time = g_get_real_time() / G_USEC_PER_SEC;
	person_clear(&who);
	return store_decision_put(e->store, d, err);
}

static bool put_rulings(
	engine *e, mediation *m, const GPtrArray *ids, const ruling *r, GError **err)
{
	for (guint i = 0; i < ids->len; i++) {
		const finding *f = find_finding(m, g_ptr_array_index(ids, i), err);
		if (!f || !cancel_check(err) || !check_ruling(m, f, r, err))
			return false;
		bool ok = r->take == DECISION_NONE
				  ? store_decision_remove(e->store, f->fingerprint, err)
				  : put_ruling(e, f, r, err);
		if (!ok)
			return false;
	}
	return true;
}

/* Changes the rulings and makes the plan once: all or nothing. The steps' trees are checked by the
 * next analysis. */
static bool rule(engine *e, const GPtrArray *ids, const ruling *r, GError **err)
{
	g_autoptr(mediation) m = NULL;
	if (!engine_load(e, &m, err) || !store_begin(e->store, err))
		return false;
	return engine_end(e,
		       put_rulings(e, m, ids, r, err) && planning_attach(e, m, err) &&
			       planning_make(e, m, NULL, err) && store_plan_put(e->store, m, err),
		       err) &&
	       planning_keep(e, m, err);
}

bool engine_decide(engine *e, const GPtrArray *ids, decision_take take, const char *party,
	const char *note, GError **err)
{
	ruling r = {take, party, note};
	return rule(e, ids, &r, err);
}

bool engine_undecide(engine *e, const GPtrArray *ids, GError **err)
{
	ruling r = {.take = DECISION_NONE};
	return rule(e, ids, &r, err);
}

bool engine_plan_apply(engine *e, const char *ref, bool force, GError **err)
{
	g_autoptr(mediation) m = NULL;
	return engine_load(e, &m, err) && plan_apply(m, e->repo, ref, force, err);
}
