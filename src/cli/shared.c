/* Small things that several commands say alike. */
#include "cli/shared.h"

#include <string.h>

#include "base/error.h"
#include "cli/suggest.h"
#include "report/sheet.h"
#include "report/tally.h"

/* As wide as the labels of report_text_summary. */
#define LABEL 10u
/* So many findings are listed when the digits given name several. */
#define MAX_CANDIDATES 8u

const char *const shared_severities[] = {"note", "warning", "error", NULL};
const char *const shared_formats[] = {
	"text", "markdown", "json", "html", "mail", "sarif", "github", "junit", "ktap", NULL};

static void note_sizes(const series *s, const char *unplaced)
{
	context_note("%s: %u %s, %u %s, +%u -%u%s", s->name, s->commits->len,
		s->commits->len == 1 ? "patch" : "patches", s->files,
		s->files == 1 ? "file" : "files", s->insertions, s->deletions, unplaced);
	shared_note_reading(s);
}

void shared_note_series(const series *s)
{
	g_autofree char *unplaced =
		s->rejects->len ? g_strdup_printf("; %u found no place (`truce series show %s`)",
					  s->rejects->len, s->name)
				: g_strdup("");
	note_sizes(s, unplaced);
}

void shared_note_incoming(const series *s)
{
	g_autofree char *unplaced =
		s->rejects->len ? g_strdup_printf("; %u found no place", s->rejects->len)
				: g_strdup("");
	note_sizes(s, unplaced);
}

void shared_note_work(const engine *e)
{
	engine_work work = engine_work_done(e);
	if (work.parsed + work.cached)
		context_note("parsed %u %s, %u more from the cache", work.parsed,
			work.parsed == 1 ? "file" : "files", work.cached);
}

void shared_note_reading(const series *s)
{
	for (guint i = 0; i < s->notes->len; i++)
		context_note("%s: %s", s->name, (const char *)g_ptr_array_index(s->notes, i));
}

void shared_note_base(engine *e, const char *how)
{
	oid base;
	if (!how || !engine_base(e, &base, NULL, NULL))
		return;
	g_autofree char *id = tally_short_oid(&base);
	context_note("the base is %s: %s", id, how);
}

/* --- finding what was named --- */

static bool ambiguous(const mediation *m, const char *id, unsigned matches, GError **err)
{
	g_autoptr(GString) hint = g_string_new("give more digits:");
	unsigned shown = 0;
	for (guint i = 0; i < m->findings->len && shown < MAX_CANDIDATES; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!g_str_has_prefix(f->fingerprint, id))
			continue;
		g_string_append_printf(hint, "\n%s %s", f->id, f->title);
		shown++;
	}
	return error_set(err, TRUCE_ERROR_USAGE, hint->str, "'%s' names %u findings", id, matches);
}

finding *shared_finding(const mediation *m, const char *id, GError **err)
{
	unsigned matches;
	finding *f = mediation_finding(m, id, &matches);
	if (!f && matches)
		ambiguous(m, id, matches, err);
	else if (!f)
		shared_no_point(m, id, "finding or point", err);
	return f;
}

bool shared_no_point(const mediation *m, const char *name, const char *what, GError **err)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < m->points->len; i++) {
		const point *p = ((const point_result *)g_ptr_array_index(m->points, i))->point;
		g_ptr_array_add(names, strchr(name, '.') ? p->id : p->member);
	}
	const char *near = suggest(name, (const char *const *)names->pdata, names->len);
	g_autofree char *hint =
		near ? g_strdup_printf("did you mean '%s'?", near)
		     : g_strdup("`truce findings` and `truce points` show what there is");
	return error_set(err, TRUCE_ERROR_NOT_FOUND, hint, "no %s '%s'", what, name);
}

/* --- what to do next --- */

unsigned shared_waiting(const mediation *m, const char **first)
{
	g_autoptr(GArray) waiting = tally_waiting(m);
	*first = waiting->len ? g_array_index(waiting, waiting_finding, 0).f->id : NULL;
	return waiting->len;
}

/* --- since the analysis before --- */

static bool collect(int columns, const char *const *values, bool header, void *data)
{
	if (!header && columns == 1 && values[0])
		g_ptr_array_add(data, g_strdup(values[0]));
	return true;
}

static bool query_ids(engine *e, GPtrArray **out, const char *query, GError **err)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	if (!store_query(engine_store(e), query, collect, ids, err))
		return false;
	*out = g_steal_pointer(&ids);
	return true;
}

bool shared_changes(engine *e, GPtrArray **appeared, GPtrArray **gone, GError **err)
{
	return (!appeared ||
		       query_ids(e, appeared,
			       "SELECT id FROM findings WHERE state <> 'closed' AND first_run = "
			       "(SELECT max(run) FROM runs)",
			       err)) &&
	       (!gone || query_ids(e, gone,
				 "SELECT id FROM findings WHERE state = 'closed' AND last_run = "
				 "(SELECT max(run) FROM runs WHERE run < (SELECT max(run) FROM "
				 "runs))",
				 err));
}

/* "Changed   3 findings are new, 5 are gone": nothing after the first analysis. */
static bool tell_changes(sheet *s, engine *e, const mediation *m, GError **err)
{
	g_autoptr(GPtrArray) appeared = NULL;
	g_autoptr(GPtrArray) gone = NULL;
	if (!shared_changes(e, &appeared, &gone, err))
		return false;
	if (appeared->len == m->findings->len || (!appeared->len && !gone->len))
		return true;
	g_autofree char *count = tally_count(appeared->len, "new finding", "new findings");
	g_autofree char *text = g_strdup_printf("%s, %u gone since the analysis before%s", count,
		gone->len, appeared->len ? ": truce findings --new" : "");
	sheet_cell(s, STYLE_HEAD, "Changed", LABEL);
	sheet_wrap(s, STYLE_PLAIN, LABEL, LABEL, text);
	return true;
}

static void next_line(sheet *s, style st, const char *text)
{
	sheet_blank(s, LABEL);
	sheet_wrap(s, st, LABEL, LABEL + 2, text);
}

char *shared_typed(const context *c)
{
	g_autoptr(GString) out = g_string_new("truce");
	const struct {
		const char *option, *value;
	} places[] = {{"-C", c->common.directory}, {"--db", c->common.db}};
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		if (!places[i].value)
			continue;
		bool plain = !places[i].value[strcspn(places[i].value, " \t\n'\"\\$`*?[(<>|&;#~!")];
		g_autofree char *quoted = plain && *places[i].value
						  ? g_strdup(places[i].value)
						  : g_shell_quote(places[i].value);
		g_string_append_printf(out, " %s %s", places[i].option, quoted);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

bool shared_next(GString *out, const context *c, engine *e, const mediation *m,
	const report_options *look, GError **err)
{
	g_autofree char *truce = shared_typed(c);
	sheet s = sheet_on(out, look);
	const char *first;
	if (!tell_changes(&s, e, m, err))
		return false;
	unsigned waiting = shared_waiting(m, &first);
	sheet_cell(&s, STYLE_HEAD, "Next", LABEL);
	if (waiting) {
		g_autofree char *text = g_strdup_printf(
			waiting == 1 ? "the plan waits for a ruling on %u finding:"
				     : "the plan waits for rulings on %u findings; the first:",
			waiting);
		sheet_wrap(&s, STYLE_PLAIN, LABEL, LABEL, text);
		g_autofree char *show = g_strdup_printf("%s show %s", truce, first);
		next_line(&s, STYLE_ID, show);
		const finding *f = mediation_finding(m, first, NULL);
		g_autofree char *decide =
			g_strdup_printf("%s decide %s --take NAME|--both|%s--dismiss", truce, first,
				f && finding_has_code(f) ? "--interface|" : "");
		next_line(&s, STYLE_ID, decide);
	} else if (m->plan && m->plan->steps->len) {
		sheet_wrap(&s, STYLE_PLAIN, LABEL, LABEL, "a branch that holds the steps:");
		g_autofree char *apply = g_strconcat(truce, " plan --apply REF", NULL);
		next_line(&s, STYLE_ID, apply);
	} else {
		sheet_wrap(&s, STYLE_PLAIN, LABEL, LABEL, "nothing is left to merge");
	}
	next_line(&s, STYLE_DIM, "to look around: truce points, truce findings, truce plan");
	return true;
}

bool shared_give_build(engine *e, GPtrArray *configs, const char *built, GError **err)
{
	bool ok = store_begin(engine_store(e), err);
	if (!ok)
		return false;
	for (guint i = 0; ok && configs && i < configs->len; i++)
		ok = engine_give_config(e, g_ptr_array_index(configs, i), err);
	if (ok && built)
		ok = engine_give_commands(e, built, err);
	if (ok)
		return store_commit(engine_store(e), err);
	store_rollback(engine_store(e));
	return false;
}
