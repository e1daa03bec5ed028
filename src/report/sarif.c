/* SARIF 2.1.0 (OASIS, 2020), for code scanning: one run, a rule for each kind that was found, a
 * result for each finding. A ruled finding is suppressed, with the ruling's note as its reason;
 * series' own line numbers count in their tip, those of the base in the base, and each place says
 * so. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "report/advice.h"
#include "report/kinds.h"
#include "report/report.h"
#include "report/tally.h"

#define SARIF_VERSION "2.1.0"
#define SARIF_SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"
/* Whoever reads the file says where the tree lies. */
#define TREE_ROOT "%SRCROOT%"
#define JSON_STYLE (JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6))
/* As in the JSON report. */
#define DECIMALS 1000.0

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *text(const char *raw)
{
	g_autofree char *printable = text_printable(raw ? raw : "", raw ? strlen(raw) : 0);
	return json_string(printable);
}

static json_t *message(const char *raw)
{
	json_t *out = json_object();
	put(out, "text", text(raw));
	return out;
}

/* Kinds in the order of their first finding. */
static GPtrArray *kinds_found(const GPtrArray *findings)
{
	GPtrArray *kinds = g_ptr_array_new();
	for (guint i = 0; i < findings->len; i++) {
		const finding *f = g_ptr_array_index(findings, i);
		if (!g_ptr_array_find_with_equal_func(kinds, f->kind, g_str_equal, NULL))
			g_ptr_array_add(kinds, f->kind);
	}
	return kinds;
}

static json_t *rules(const GPtrArray *kinds)
{
	json_t *out = json_array();
	for (guint i = 0; i < kinds->len; i++) {
		const char *kind = g_ptr_array_index(kinds, i);
		json_t *rule = json_object();
		put(rule, "id", text(kind));
		if (*kind_summary(kind))
			put(rule, "shortDescription", message(kind_summary(kind)));
		json_array_append_new(out, rule);
	}
	return out;
}

static json_t *artifact(const char *path)
{
	/* Not every byte of a path is UTF-8; a URI holds any. */
	g_autofree char *uri = g_uri_escape_string(path, "/", FALSE);
	json_t *out = json_object();
	put(out, "uri", json_string(uri));
	put(out, "uriBaseId", json_string(TREE_ROOT));
	return out;
}

static json_t *place(const mediation *m, const location *l)
{
	json_t *out = json_object(), *physical = json_object();
	put(physical, "artifactLocation", artifact(l->path));
	if (l->line) {
		json_t *region = json_object();
		put(region, "startLine", json_integer(l->line));
		put(region, "endLine", json_integer(MAX(l->line, l->end_line)));
		put(physical, "region", region);
	}
	put(out, "physicalLocation", physical);
	if (l->symbol) {
		json_t *logical = json_object(), *list = json_array();
		put(logical, "name", text(l->symbol));
		json_array_append_new(list, logical);
		put(out, "logicalLocations", list);
	}
	g_autofree char *tree = tally_tree_name(m, l);
	const char *subject = tally_subject(m, l->series, l->patch);
	g_autofree char *by =
		subject ? g_strdup_printf("%s, patch %u: %s", tree, l->patch, subject) : NULL;
	put(out, "message", message(by ? by : tree));
	return out;
}

/* The first place is the result's, the others are related to it. */
static void put_places(json_t *result, const mediation *m, const finding *f)
{
	json_t *first = json_array(), *related = json_array();
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		if (!l->path)
			continue;
		json_t *one = place(m, l);
		if (!json_array_size(first)) {
			json_array_append_new(first, one);
			continue;
		}
		put(one, "id", json_integer((json_int_t)json_array_size(related) + 1));
		json_array_append_new(related, one);
	}
	put(result, "locations", first);
	if (json_array_size(related))
		put(result, "relatedLocations", related);
	else
		json_decref(related);
}

static json_t *names(const GPtrArray *list)
{
	json_t *out = json_array();
	for (guint i = 0; i < list->len; i++)
		json_array_append_new(out, text(g_ptr_array_index(list, i)));
	return out;
}

static json_t *properties(const finding *f)
{
	json_t *out = json_object();
	put(out, "id", text(f->id));
	put(out, "parties", names(f->parties));
	put(out, "points", names(f->points));
	put(out, "confidence",
		json_real((double)(long)(f->confidence * DECIMALS + 0.5) / DECIMALS));
	return out;
}

static json_t *suppressions(const decision *d)
{
	g_autofree char *ruling = tally_decision(d);
	g_autofree char *why =
		d->note ? g_strdup_printf("%s: %s", ruling, d->note) : g_strdup(ruling);
	json_t *one = json_object(), *out = json_array();
	put(one, "kind", json_string("external"));
	put(one, "status", json_string("accepted"));
	put(one, "justification", text(why));
	json_array_append_new(out, one);
	return out;
}

static json_t *result(const mediation *m, const finding *f, const GPtrArray *kinds)
{
	json_t *out = json_object(), *prints = json_object();
	guint index = 0;
	g_ptr_array_find_with_equal_func((GPtrArray *)kinds, f->kind, g_str_equal, &index);
	g_autofree char *advice = advice_commands(f);
	g_autofree char *full = g_strdup_printf("%s\n\n%s%s%s", f->title,
		f->explanation ? f->explanation : "", *advice ? "\n\nWhat to do: " : "", advice);
	put(out, "ruleId", text(f->kind));
	put(out, "ruleIndex", json_integer(index));
	/* SARIF calls the three levels as truce does. */
	put(out, "level", json_string(severity_name(f->severity)));
	put(out, "message", message(g_strstrip(full)));
	put_places(out, m, f);
	put(prints, "truceFinding/v1", text(f->fingerprint));
	put(out, "partialFingerprints", prints);
	if (f->decision)
		put(out, "suppressions", suppressions(f->decision));
	put(out, "properties", properties(f));
	return out;
}

static json_t *run(const mediation *m, const GPtrArray *findings)
{
	g_autoptr(GPtrArray) kinds = kinds_found(findings);
	json_t *driver = json_object(), *tool = json_object(), *results = json_array();
	put(driver, "name", json_string("truce"));
	put(driver, "version", json_string(TRUCE_VERSION));
	put(driver, "rules", rules(kinds));
	put(tool, "driver", driver);
	for (guint i = 0; i < findings->len; i++)
		json_array_append_new(results, result(m, g_ptr_array_index(findings, i), kinds));
	json_t *out = json_object(), *roots = json_object(), *root = json_object();
	put(root, "description", message("the root of the kernel tree"));
	put(roots, TREE_ROOT, root);
	put(out, "tool", tool);
	put(out, "originalUriBaseIds", roots);
	put(out, "results", results);
	return out;
}

void report_sarif_findings(GString *out, const mediation *m, const GPtrArray *findings)
{
	json_t *log = json_object(), *runs = json_array();
	put(log, "$schema", json_string(SARIF_SCHEMA));
	put(log, "version", json_string(SARIF_VERSION));
	json_array_append_new(runs, run(m, findings));
	put(log, "runs", runs);
	char *dump = json_dumps(log, JSON_STYLE);
	g_string_append(out, dump);
	g_string_append_c(out, '\n');
	free(dump);
	json_decref(log);
}

void report_sarif(GString *out, const mediation *m, const report_options *options)
{
	(void)options;
	report_sarif_findings(out, m, m->findings);
}
