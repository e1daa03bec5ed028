/* Findings, decisions and resolutions. */
#include "model/finding.h"

#include <stdarg.h>
#include <string.h>

#include "base/digest.h"
#include "base/sort.h"

/* As many digits as git shows of a commit in a kernel of a million objects; more when they clash.
 */
#define FINDING_ID_DIGITS 8u

const char *const finding_kinds[] = {
	"series.unapplied",
	"text.conflict",
	"text.adjacent",
	"patch.equivalent",
	"code.same-entity",
	"code.signature",
	"code.layout",
	"code.duplicate-definition",
	"code.removed-in-use",
	"code.renamed-in-use",
	"code.macro-value",
	"code.semantics",
	"config.symbol",
	"config.exclusive",
	"build.object",
	"number.collision",
	"merge.breaks",
	"point.contested",
	"point.contract",
	"point.bypass",
	"point.incomplete",
	"interface.drift",
	NULL,
};

finding *finding_new(const char *kind)
{
	g_assert(g_strv_contains(finding_kinds, kind));
	finding *f = g_new0(finding, 1);
	f->kind = g_strdup(kind);
	f->confidence = 1.0;
	f->parties = g_ptr_array_new_with_free_func(g_free);
	f->points = g_ptr_array_new_with_free_func(g_free);
	f->locations = g_ptr_array_new_with_free_func((GDestroyNotify)location_free);
	return f;
}

void finding_free(finding *f)
{
	if (!f)
		return;
	g_free(f->id);
	g_free(f->fingerprint);
	g_free(f->kind);
	g_free(f->title);
	g_ptr_array_unref(f->parties);
	g_ptr_array_unref(f->points);
	g_ptr_array_unref(f->locations);
	g_free(f->explanation);
	g_free(f->suggestion);
	decision_free(f->decision);
	g_free(f);
}

location *location_new(void)
{
	location *l = g_new0(location, 1);
	l->series = -1;
	return l;
}

void finding_set_title(finding *f, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	g_free(f->title);
	f->title = g_strdup_vprintf(fmt, args);
	va_end(args);
}

void finding_add_place(finding *f, int series_index, tree_at at, const oid *blob, const char *path,
	unsigned line, unsigned end_line, const char *symbol, unsigned n)
{
	g_assert(path);
	location *l = location_new();
	l->series = series_index;
	l->at = at;
	if (blob)
		l->blob = *blob;
	l->path = g_strdup(path);
	l->line = line;
	l->end_line = end_line;
	l->symbol = symbol && *symbol ? g_strdup(symbol) : NULL;
	l->patch = n;
	g_ptr_array_add(f->locations, l);
}

void location_free(location *l)
{
	if (!l)
		return;
	g_free(l->path);
	g_free(l->symbol);
	g_free(l);
}

decision *decision_new(void)
{
	return g_new0(decision, 1);
}

void decision_free(decision *d)
{
	if (!d)
		return;
	g_free(d->fingerprint);
	g_free(d->party);
	g_free(d->note);
	g_free(d->by);
	g_free(d);
}

resolution *resolution_new(void)
{
	return g_new0(resolution, 1);
}

void resolution_free(resolution *r)
{
	if (!r)
		return;
	g_free(r->path);
	g_free(r->method);
	g_free(r);
}

char *finding_fingerprint(const char *kind, GPtrArray *parties, const char *const *keys)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_copy(parties, NULL, NULL);
	g_ptr_array_set_free_func(sorted, NULL);
	g_ptr_array_sort(sorted, sort_by_text);
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, kind);
	digest_add_number(&d, sorted->len);
	for (guint i = 0; i < sorted->len; i++)
		digest_add_text(&d, g_ptr_array_index(sorted, i));
	for (; *keys; keys++)
		digest_add_text(&d, *keys);
	return digest_hex(&d);
}

static gint compare_findings(gconstpointer va, gconstpointer vb)
{
	const finding *a = *(finding *const *)va, *b = *(finding *const *)vb;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	int order = strcmp(a->kind, b->kind);
	if (!order)
		order = g_strcmp0(a->title, b->title);
	return order ? order : strcmp(a->fingerprint, b->fingerprint);
}

static bool same_location(const location *a, const location *b)
{
	return a->series == b->series && a->at == b->at && a->line == b->line &&
	       a->end_line == b->end_line && !g_strcmp0(a->path, b->path) &&
	       !g_strcmp0(a->symbol, b->symbol);
}

/* Moves the locations of `from` that `to` lacks. */
static void join_locations(finding *to, finding *from)
{
	for (guint i = 0; i < from->locations->len;) {
		location *l = g_ptr_array_index(from->locations, i);
		bool known = false;
		for (guint k = 0; k < to->locations->len && !known; k++)
			known = same_location(l, g_ptr_array_index(to->locations, k));
		if (known)
			i++;
		else
			g_ptr_array_add(to->locations, g_ptr_array_steal_index(from->locations, i));
	}
}

void findings_finish(GPtrArray *findings)
{
	g_autoptr(GHashTable) by_print = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < findings->len;) {
		finding *f = g_ptr_array_index(findings, i);
		finding *first = g_hash_table_lookup(by_print, f->fingerprint);
		if (!first) {
			g_hash_table_insert(by_print, f->fingerprint, f);
			i++;
			continue;
		}
		first->severity = MAX(first->severity, f->severity);
		first->confidence = MAX(first->confidence, f->confidence);
		join_locations(first, f);
		g_ptr_array_remove_index(findings, i);
	}
	g_ptr_array_sort(findings, compare_findings);

	unsigned digits = FINDING_ID_DIGITS;
	for (bool unique = false; !unique && digits < DIGEST_HEX_LEN; digits += !unique) {
		g_autoptr(GHashTable) ids =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		unique = true;
		for (guint i = 0; i < findings->len && unique; i++) {
			finding *f = g_ptr_array_index(findings, i);
			unique = g_hash_table_add(ids, g_strndup(f->fingerprint, digits));
		}
	}
	for (guint i = 0; i < findings->len; i++) {
		finding *f = g_ptr_array_index(findings, i);
		g_free(f->id);
		f->id = g_strndup(f->fingerprint, digits);
	}
}

static bool is_code(const char *path)
{
	static const char *const ends[] = {".c", ".h", ".S", ".s"};
	for (size_t i = 0; path && i < G_N_ELEMENTS(ends); i++) {
		if (g_str_has_suffix(path, ends[i]))
			return true;
	}
	return false;
}

bool finding_has_code(const finding *f)
{
	static const char *const kinds[] = {"point.", "code.", "text.", "merge."};
	bool may = f->points->len > 0;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		may |= g_str_has_prefix(f->kind, kinds[i]);
	if (!may || f->points->len || g_str_has_prefix(f->kind, "point."))
		return may;
	for (guint i = 0; i < f->locations->len; i++) {
		if (is_code(((const location *)g_ptr_array_index(f->locations, i))->path))
			return true;
	}
	return false;
}

const char *severity_name(severity s)
{
	switch (s) {
	case SEVERITY_NOTE:
		return "note";
	case SEVERITY_WARNING:
		return "warning";
	case SEVERITY_ERROR:
		return "error";
	}
	g_assert_not_reached();
}

bool severity_parse(severity *out, const char *name)
{
	for (severity s = SEVERITY_NOTE; s <= SEVERITY_ERROR; s++) {
		if (!strcmp(name, severity_name(s))) {
			*out = s;
			return true;
		}
	}
	return false;
}

static const char *const take_names[] = {
	[DECISION_NONE] = "none",
	[DECISION_TAKE] = "take",
	[DECISION_INTERFACE] = "interface",
	[DECISION_BOTH] = "both",
	[DECISION_DISMISS] = "dismiss",
};

const char *decision_take_name(decision_take take)
{
	g_assert((size_t)take < G_N_ELEMENTS(take_names));
	return take_names[take];
}

bool decision_take_parse(decision_take *out, const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(take_names); i++) {
		if (!strcmp(name, take_names[i])) {
			*out = (decision_take)i;
			return true;
		}
	}
	return false;
}
