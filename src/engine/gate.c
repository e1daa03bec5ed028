/* The gate: one series judged against the interface. */
#include "engine/gate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "conflict/conflict.h"
#include "engine/coverage.h"
#include "engine/internal.h"
#include "engine/packs.h"
#include "engine/reading.h"
#include "gate/baseline.h"
#include "gate/gate.h"
#include "interface/catalogue.h"

void gate_result_free(gate_result *r)
{
	if (!r)
		return;
	mediation_free(r->m);
	g_ptr_array_unref(r->stale);
	g_free(r->how);
	g_free(r);
}

void gate_baseline_lines(GString *out, const mediation *m)
{
	baseline_write(out, m->findings);
}

static bool read_baseline(GPtrArray **out, const char *path, GError **err)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) why = NULL;
	gsize len = 0;
	if (!path) {
		*out = g_ptr_array_new();
		return true;
	}
	if (access(path, R_OK))
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"an empty file is a baseline without entries", "the baseline %s: %s", path,
			g_strerror(errno));
	if (!g_file_get_contents(path, &text, &len, &why))
		return error_set(err, TRUCE_ERROR_IO, "an empty file is a baseline without entries",
			"the baseline: %s", why->message);
	if (len > LIMIT_YAML_BYTES)
		return error_set(
			err, TRUCE_ERROR_LIMIT, NULL, "%s: larger than any baseline", path);
	return baseline_parse(out, path, text, len, err);
}

/* The commit to judge against, and the name it was given by. */
static bool find_base(gate_result *r, engine *e, const gate_request *q, GError **err)
{
	mediation *m = r->m;
	if (q->base) {
		m->base_rev = g_strdup(q->base);
		return repo_resolve(e->repo, &m->base, q->base, err);
	}
	if (engine_base(e, &m->base, &m->base_rev, NULL))
		return true;
	return engine_find_base(e, q->specs, &m->base, &m->base_rev, &r->how, err);
}

static bool find_rules(
	catalogue **out, engine *e, const gate_request *q, const mediation *m, GError **err)
{
	if (q->rules)
		return packs_open(out, NULL, q->rules, err);
	if (!packs_fitting(out, NULL, e->repo, &m->base_tree, err))
		return false;
	return *out || error_set(err, TRUCE_ERROR_NOT_FOUND,
			       "name one with --rules PACK; `truce interface list` shows them",
			       "no catalogue fits the base: there is nothing to judge by");
}

static bool judge(mediation *m, engine *e, const catalogue *rules, GError **err)
{
	g_autoptr(facts_reader) facts = NULL;
	if (!facts_reader_run(
		    &facts, e, &m->base_tree, m->series, catalogue_native_files(rules), err))
		return false;
	g_ptr_array_add(m->coverage, coverage_measure(facts, 0));
	g_clear_pointer(&m->points, g_ptr_array_unref);
	if (!catalogue_map(&m->points, rules, facts->list, err) ||
		!conflict_find(m, e->repo, facts->list, err))
		return false;
	gate_find(m, facts->list, catalogue_structs(rules));
	findings_finish(m->findings);
	return true;
}

static void apply_baseline(gate_result *r, GPtrArray *entries, const char *name)
{
	r->known = baseline_apply(entries, r->m->findings, name);
	for (guint i = 0; i < entries->len; i++) {
		const baseline_entry *b = g_ptr_array_index(entries, i);
		if (!b->used)
			g_ptr_array_add(r->stale, g_strdup_printf("%s:%u: %s %s", name, b->line,
							  b->fingerprint, b->kind));
	}
}

bool engine_gate(gate_result **out, engine *e, const gate_request *q, GError **err)
{
	g_autoptr(gate_result) r = g_new0(gate_result, 1);
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(catalogue) rules = NULL;
	series *s = NULL;
	mediation *m = r->m = mediation_new();
	r->stale = g_ptr_array_new_with_free_func(g_free);
	if (!read_baseline(&entries, q->baseline, err) || !find_base(r, e, q, err) ||
		!repo_commit_tree(e->repo, &m->base_tree, &m->base, err) ||
		!find_rules(&rules, e, q, m, err))
		return false;
	m->catalogue = catalogue_describe(rules);
	if (!engine_read_series(&s, e, GATE_SERIES, q->specs, &m->base, false, err))
		return false;
	g_ptr_array_add(m->series, s);
	if (!judge(m, e, rules, err))
		return false;
	apply_baseline(r, entries, q->baseline);
	e->made = false; /* what was read is there for the next series */
	*out = g_steal_pointer(&r);
	return true;
}
