/* What every format says alike: names, counts and sums over a mediation. */
#include "report/tally.h"

#include <string.h>

/* git's abbreviation in a repository of the kernel's size. */
#define SHORT_OID 12

const char *tally_series_name(const mediation *m, int index)
{
	if (index < 0 || (guint)index >= m->series->len)
		return "base";
	const series *s = g_ptr_array_index(m->series, index);
	return s->name;
}

char *tally_tree_name(const mediation *m, const location *l)
{
	if (l->series < 0)
		return g_strdup(l->at == AT_MERGED ? "merged" : "base");
	const char *name = tally_series_name(m, l->series);
	return l->at == AT_TIP ? g_strdup(name)
			       : g_strdup_printf("%s, in the %s", name,
					 l->at == AT_BASE ? "base" : "merged tree");
}

char *tally_place(const char *path, unsigned line, unsigned end_line)
{
	if (!line)
		return g_strdup(path ? path : "");
	if (end_line <= line)
		return g_strdup_printf("%s:%u", path, line);
	return g_strdup_printf("%s:%u-%u", path, line, end_line);
}

const char *tally_subject(const mediation *m, int index, unsigned n)
{
	if (index < 0 || (guint)index >= m->series->len || !n)
		return NULL;
	const series *s = g_ptr_array_index(m->series, index);
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		if (c->n == n)
			return c->subject;
	}
	return NULL;
}

char *tally_short_oid(const oid *id)
{
	char hex[OID_HEX + 1];
	if (oid_is_zero(id))
		return g_strdup("-");
	return g_strndup(oid_format(hex, id), SHORT_OID);
}

char *tally_join_names(GPtrArray *names)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < names->len; i++) {
		if (i)
			g_string_append(out, i + 1 == names->len ? " and " : ", ");
		g_string_append(out, g_ptr_array_index(names, i));
	}
	return g_string_free(out, FALSE);
}

char *tally_count(guint64 n, const char *one, const char *many)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT " %s", n, n == 1 ? one : many);
}

char *tally_percent(guint64 part, guint64 whole)
{
	if (part >= whole)
		return g_strdup("100 %");
	/* Whole tenths, cut and not rounded: 99.99 % is never shown as all. */
	guint64 tenths = part * 1000 / whole;
	return g_strdup_printf(
		"%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT " %%", tenths / 10, tenths % 10);
}

static guint rejects_of(const series *s, const char *path)
{
	guint n = 0;
	for (guint i = 0; i < s->rejects->len; i++) {
		const reject *r = g_ptr_array_index(s->rejects, i);
		n += !g_strcmp0(r->path, path);
	}
	return n;
}

char *tally_cause(const mediation *m, guint series_index, const coverage_cause *c)
{
	g_autofree char *files = tally_count(c->files, ".c file does", ".c files do");
	g_autofree char *place = tally_place(c->path, c->line, 0);
	if (g_str_has_suffix(c->text, "file not found"))
		return g_strdup_printf("%s not parse: %s (first in %s)", files, c->text, place);
	guint rejects = rejects_of(g_ptr_array_index(m->series, series_index), c->path);
	g_autofree char *count = tally_count(rejects, "hunk", "hunks");
	g_autofree char *left_out =
		rejects ? g_strdup_printf(" (%s of it found no place)", count) : g_strdup("");
	return g_strdup_printf("%s not parse: %s: %s%s", files, place, c->text, left_out);
}

point_tally tally_points(const mediation *m)
{
	point_tally t = {.all = m->points->len};
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		t.contested += p->verdict == VERDICT_CONTESTED;
		t.single += p->verdict == VERDICT_SINGLE;
		t.untouched += p->verdict == VERDICT_UNTOUCHED;
	}
	return t;
}

finding_tally tally_findings(GPtrArray *findings)
{
	finding_tally t = {.all = findings->len};
	for (guint i = 0; i < findings->len; i++) {
		const finding *f = g_ptr_array_index(findings, i);
		t.open += !f->decision;
		t.by_severity[f->severity]++;
	}
	return t;
}

bool tally_speaks_for(evidence_weight weight, point_state state)
{
	switch (state) {
	case POINT_HOOKED:
		return weight == EVIDENCE_OVERRIDE || weight == EVIDENCE_THROUGH;
	case POINT_TOUCHED:
		return weight == EVIDENCE_MOVED || weight == EVIDENCE_REMOVED;
	case POINT_BYPASSED:
		return weight == EVIDENCE_BYPASS;
	case POINT_UNTOUCHED:
		return false;
	}
	g_assert_not_reached();
}

const evidence *tally_side_evidence(const point_side *side)
{
	for (guint i = 0; i < side->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		if (tally_speaks_for(e->weight, side->state))
			return e;
	}
	return NULL;
}

/* The words for what one piece of evidence shows. The caller's. */
static char *how_word(const point_side *side, const evidence *e)
{
	const char *name = side->state == POINT_TOUCHED ? evidence_weight_name(e->weight) : e->kind;
	return g_strdelimit(g_strdup(name), "-", ' ');
}

/* char *, each once, the strongest first. The caller's. */
static GPtrArray *how_words(const point_side *side)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < side->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		if (!tally_speaks_for(e->weight, side->state))
			continue;
		g_autofree char *word = how_word(side, e);
		if (!g_ptr_array_find_with_equal_func(words, word, g_str_equal, NULL))
			g_ptr_array_add(words, g_steal_pointer(&word));
	}
	return words;
}

char *tally_side_how(const point_side *side, unsigned columns)
{
	g_autoptr(GPtrArray) words = how_words(side);
	if (!words->len)
		return g_strdup(
			side->state == POINT_UNTOUCHED ? "" : point_state_name(side->state));
	g_ptr_array_add(words, NULL);
	g_autofree char *all = g_strjoinv(", ", (char **)words->pdata);
	guint n = words->len - 1;
	for (guint left = 0; columns && left < n; left++) {
		g_autoptr(GString) some = g_string_new(g_ptr_array_index(words, 0));
		for (guint i = 1; i < n - left; i++)
			g_string_append_printf(
				some, ", %s", (const char *)g_ptr_array_index(words, i));
		if (left)
			g_string_append_printf(some, " +%u", left);
		if (g_utf8_strlen(some->str, -1) <= columns)
			return g_strdup(some->str);
	}
	return columns ? g_strdup(g_ptr_array_index(words, 0)) : g_steal_pointer(&all);
}

bool tally_next_group(const mediation *m, guint *first, guint *last)
{
	*first = *last;
	if (*first >= m->points->len)
		return false;
	const point_result *head = g_ptr_array_index(m->points, *first);
	for (*last = *first + 1; *last < m->points->len; ++*last) {
		const point_result *p = g_ptr_array_index(m->points, *last);
		if (strcmp(p->point->group, head->point->group))
			break;
	}
	return true;
}

bool tally_next_kind(GPtrArray *findings, guint *first, guint *last)
{
	*first = *last;
	if (*first >= findings->len)
		return false;
	const finding *head = g_ptr_array_index(findings, *first);
	for (*last = *first + 1; *last < findings->len; ++*last) {
		const finding *f = g_ptr_array_index(findings, *last);
		if (f->severity != head->severity || strcmp(f->kind, head->kind))
			break;
	}
	return true;
}

static void free_path_hunks(gpointer data)
{
	path_hunks *p = data;
	g_free(p->hunks);
	g_free(p);
}

static gint compare_hunks(gconstpointer va, gconstpointer vb)
{
	const plan_hunk *a = *(plan_hunk *const *)va, *b = *(plan_hunk *const *)vb;
	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	int order = strcmp(a->path, b->path);
	if (order)
		return order;
	if (a->fate != b->fate)
		return a->fate < b->fate ? -1 : 1;
	return a->hunk < b->hunk ? -1 : a->hunk > b->hunk;
}

/* Appends first..last to a list of ranges. */
static void append_range(GString *out, unsigned first, unsigned last)
{
	if (out->len)
		g_string_append(out, ", ");
	if (first == last)
		g_string_append_printf(out, "%u", first);
	else
		g_string_append_printf(out, "%u-%u", first, last);
}

static bool same_run(const plan_hunk *a, const plan_hunk *b)
{
	return a->series == b->series && a->fate == b->fate && !strcmp(a->path, b->path);
}

static const char *fate_text(hunk_fate fate)
{
	switch (fate) {
	case HUNK_TAKEN:
		return "";
	case HUNK_TRIMMED:
		return " (less what the ruling leaves out)";
	case HUNK_STOOD_FOR:
		return " (another one stands for it)";
	case HUNK_ANEW:
		return " (to be written anew)";
	case HUNK_FALLS:
		return " (falls with what the ruling leaves out)";
	case HUNK_WAITS:
		return " (waits for it)";
	}
	g_assert_not_reached();
}

/* Takes the hunks of one run from `sorted`, beginning at *i. */
static path_hunks *take_run(GPtrArray *sorted, guint *i)
{
	const plan_hunk *head = g_ptr_array_index(sorted, *i);
	path_hunks *p = g_new0(path_hunks, 1);
	p->series = head->series;
	p->path = head->path;
	p->fate = head->fate;
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned first = head->hunk, last = head->hunk;
	for (; *i < sorted->len; ++*i, p->count++) {
		const plan_hunk *h = g_ptr_array_index(sorted, *i);
		if (!same_run(head, h))
			break;
		if (h->hunk > last + 1) {
			append_range(text, first, last);
			first = h->hunk;
		}
		last = h->hunk;
	}
	if (last)
		append_range(text, first, last);
	p->hunks = g_strdup_printf("%s%s", last ? text->str : "all of it", fate_text(p->fate));
	return p;
}

GPtrArray *tally_hunks(GPtrArray *hunks)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(free_path_hunks);
	g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(hunks->len);
	for (guint i = 0; i < hunks->len; i++)
		g_ptr_array_add(sorted, g_ptr_array_index(hunks, i));
	g_ptr_array_sort(sorted, compare_hunks);
	for (guint i = 0; i < sorted->len;)
		g_ptr_array_add(out, take_run(sorted, &i));
	return out;
}

static void count_waiting(GArray *list, const finding *f, guint hunks)
{
	for (guint i = 0; i < list->len; i++) {
		waiting_finding *w = &g_array_index(list, waiting_finding, i);
		if (w->f == f) {
			w->hunks += hunks;
			return;
		}
	}
	waiting_finding w = {f, hunks};
	g_array_append_val(list, w);
}

static gint compare_waiting(gconstpointer va, gconstpointer vb)
{
	const waiting_finding *a = va, *b = vb;
	if (a->hunks != b->hunks)
		return a->hunks > b->hunks ? -1 : 1;
	return strcmp(a->f->fingerprint, b->f->fingerprint);
}

GArray *tally_waiting(const mediation *m)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(waiting_finding));
	for (guint i = 0; m->plan && i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		for (guint k = 0; k < u->findings->len; k++) {
			const finding *f =
				mediation_finding(m, g_ptr_array_index(u->findings, k), NULL);
			if (f && !f->decision)
				count_waiting(list, f, u->hunks->len);
		}
	}
	g_array_sort(list, compare_waiting);
	return list;
}

GPtrArray *tally_left_out(const mediation *m)
{
	GPtrArray *out = g_ptr_array_new();
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		if (!strcmp(f->kind, "series.unapplied"))
			g_ptr_array_add(out, f);
	}
	return out;
}

typedef bool (*hunk_filter)(const plan_hunk *h);

static bool is_any(const plan_hunk *h)
{
	(void)h;
	return true;
}

static bool is_waiting(const plan_hunk *h)
{
	return h->fate == HUNK_WAITS;
}

static bool is_asked(const plan_hunk *h)
{
	return h->fate != HUNK_WAITS;
}

static char *count_hunks(GPtrArray *hunks, hunk_filter wanted, guint *count)
{
	g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
	*count = 0;
	for (guint i = 0; i < hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(hunks, i);
		if (!wanted(h))
			continue;
		++*count;
		g_hash_table_add(paths, h->path);
	}
	g_autofree char *n = tally_count(*count, "hunk", "hunks");
	g_autofree char *p = tally_count(g_hash_table_size(paths), "path", "paths");
	return g_strdup_printf("%s in %s", n, p);
}

char *tally_count_hunks(GPtrArray *hunks)
{
	guint n;
	return count_hunks(hunks, is_any, &n);
}

char *tally_open_hunks(GPtrArray *hunks)
{
	guint asked, waiting;
	g_autofree char *open = count_hunks(hunks, is_asked, &asked);
	g_autofree char *more = count_hunks(hunks, is_waiting, &waiting);
	if (!waiting)
		return g_steal_pointer(&open);
	return g_strdup_printf("%s; %s wait%s for them", open, more, waiting == 1 ? "s" : "");
}

char *tally_patches(const mediation *m, GArray *patches)
{
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < patches->len;) {
		unsigned owner = g_array_index(patches, step_patch, i).series;
		g_autoptr(GString) ranges = g_string_new(NULL);
		while (i < patches->len && g_array_index(patches, step_patch, i).series == owner) {
			unsigned first = g_array_index(patches, step_patch, i).n, last = first;
			for (i++; i < patches->len; i++, last++) {
				const step_patch *next = &g_array_index(patches, step_patch, i);
				if (next->series != owner || next->n != last + 1)
					break;
			}
			append_range(ranges, first, last);
		}
		g_string_append_printf(out, "%s%s %s", out->len ? "; " : "",
			tally_series_name(m, (int)owner), ranges->str);
	}
	return g_strdup(out->str);
}

char *tally_numbers(GArray *numbers)
{
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < numbers->len; i++) {
		unsigned n = g_array_index(numbers, unsigned, i);
		append_range(out, n, n);
	}
	return g_strdup(out->str);
}

char *tally_decision(const decision *d)
{
	if (!d || d->take == DECISION_NONE)
		return g_strdup("open");
	if (d->take == DECISION_TAKE)
		return g_strdup_printf("take %s", d->party ? d->party : "");
	return g_strdup(decision_take_name(d->take));
}
