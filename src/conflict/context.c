/* Answers of the context: series, texts, hunks, and the making of findings. */
#include "conflict/check.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

const series *context_series(const conflict_context *c, unsigned i)
{
	return g_ptr_array_index(c->m->series, i);
}

const series_reading *context_reading(const conflict_context *c, unsigned i)
{
	return g_ptr_array_index(c->readings, i);
}

char *context_patch_name(const conflict_context *c, unsigned series_index, unsigned n)
{
	const series *s = context_series(c, series_index);
	for (guint i = 0; n && i < s->commits->len; i++) {
		const series_commit *commit = g_ptr_array_index(s->commits, i);
		if (commit->n == n)
			return g_strdup_printf("patch %u (%s)", n, commit->subject);
	}
	return g_strdup("a patch");
}

static unsigned entity_lines(const entity *e)
{
	return e->end_line - e->line;
}

const char *context_symbol(const conflict_context *c, unsigned series_index, tree_at at,
	const char *path, unsigned line)
{
	if (series_index >= c->readings->len)
		return NULL;
	const series_reading *reading = context_reading(c, series_index);
	GHashTable *sets = at == AT_BASE ? reading->base : reading->tip;
	const fact_set *f = sets ? g_hash_table_lookup(sets, path) : NULL;
	const entity *best = NULL;
	for (guint i = 0; f && i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (e->line > line || e->end_line < line || e->kind == ENTITY_FIELD ||
			e->kind == ENTITY_ENUMERATOR)
			continue;
		if (!best || entity_lines(e) < entity_lines(best))
			best = e;
	}
	return best && *best->name ? best->name : NULL;
}

static const GPtrArray *touches_named(
	GHashTable *by_series, unsigned series_index, const char *name)
{
	GHashTable *table = g_hash_table_lookup(by_series, GUINT_TO_POINTER(series_index));
	return g_hash_table_lookup(table, name);
}

const GPtrArray *context_entities(
	const conflict_context *c, unsigned series_index, const char *name)
{
	return touches_named(c->entities, series_index, name);
}

const GPtrArray *context_uses(const conflict_context *c, unsigned series_index, const char *name)
{
	return touches_named(c->uses, series_index, name);
}

const touch *context_partner(
	const conflict_context *c, unsigned series_index, const touch *t, touch_match matches)
{
	const GPtrArray *named = context_entities(c, series_index, t->name);
	for (guint i = 0; named && i < named->len; i++) {
		const touch *other = g_ptr_array_index(named, i);
		if (other->entity == t->entity && matches(t, other))
			return other;
	}
	return NULL;
}

bool context_same_text(
	conflict_context *c, bool *same, const touch *a, const touch *b, GError **err)
{
	if (a->change == TOUCH_REMOVED || b->change == TOUCH_REMOVED) {
		*same = a->change == b->change;
		return true;
	}
	g_autofree char *text_a =
		context_lines(c, &a->tip.blob, a->tip.line, MAX(a->tip.end_line, a->tip.line), err);
	g_autofree char *text_b = text_a ? context_lines(c, &b->tip.blob, b->tip.line,
						   MAX(b->tip.end_line, b->tip.line), err)
					 : NULL;
	if (!text_b)
		return false;
	*same = !strcmp(text_a, text_b);
	return true;
}

static char *clash_key(series_pair p, const char *path)
{
	return g_strdup_printf("%u %u %s", p.a, p.b, path);
}

void context_mark_clash(conflict_context *c, series_pair p, const char *path)
{
	g_hash_table_add(c->clashes, clash_key(p, path));
}

bool context_is_clash(const conflict_context *c, series_pair p, const char *path)
{
	g_autofree char *key = clash_key(p, path);
	return g_hash_table_contains(c->clashes, key);
}

GBytes *context_text(conflict_context *c, const oid *blob, GError **err)
{
	GBytes *known = g_hash_table_lookup(c->texts, blob);
	if (known)
		return known;
	GBytes *bytes = NULL;
	if (oid_is_zero(blob))
		bytes = g_bytes_new_static("", 0);
	else if (!repo_read_blob(c->repo, &bytes, blob, err))
		return NULL;
	g_hash_table_insert(c->texts, oid_copy(blob), bytes);
	return bytes;
}

const GArray *context_diff(conflict_context *c, const oid *from, const oid *to, GError **err)
{
	char old_hex[OID_HEX + 1], new_hex[OID_HEX + 1];
	g_autofree char *key =
		g_strdup_printf("%s %s", oid_format(old_hex, from), oid_format(new_hex, to));
	GArray *known = g_hash_table_lookup(c->diffs, key);
	if (known)
		return known;
	GBytes *a = context_text(c, from, err);
	GBytes *b = a ? context_text(c, to, err) : NULL;
	if (!b)
		return NULL;
	gsize a_len, b_len;
	const char *a_text = g_bytes_get_data(a, &a_len), *b_text = g_bytes_get_data(b, &b_len);
	GArray *hunks;
	if (!repo_diff_texts(&hunks, a_text ? a_text : "", a_len, b_text ? b_text : "", b_len, err))
		return NULL;
	g_hash_table_insert(c->diffs, g_steal_pointer(&key), hunks);
	return hunks;
}

char *context_lines(
	conflict_context *c, const oid *blob, unsigned first, unsigned last, GError **err)
{
	if (first > last)
		return g_strdup("");
	GBytes *bytes = context_text(c, blob, err);
	if (!bytes)
		return NULL;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	line_index ix;
	line_index_init(&ix, text ? text : "", len);
	size_t from = first && first <= ix.count ? ix.start[first - 1] : len;
	size_t to = last < ix.count ? ix.start[last] : len;
	line_index_clear(&ix);
	return from < to ? g_strndup(text + from, to - from) : g_strdup("");
}

gap hunk_gap(const change_hunk *h)
{
	unsigned first = h->old_count ? h->old_start - 1 : h->old_start;
	return (gap){first, first + h->old_count};
}

unsigned hunk_distance(const change_hunk *a, const change_hunk *b)
{
	gap ga = hunk_gap(a), gb = hunk_gap(b);
	if (ga.end < gb.first)
		return gb.first - ga.end;
	if (gb.end < ga.first)
		return ga.first - gb.end;
	return 0;
}

bool context_same_hunk(conflict_context *c, bool *same, const file_change *ca, const change_hunk *a,
	const file_change *cb, const change_hunk *b, GError **err)
{
	if (a->old_start != b->old_start || a->old_count != b->old_count ||
		a->new_count != b->new_count) {
		*same = false;
		return true;
	}
	g_autofree char *text_a =
		context_lines(c, &ca->new_oid, a->new_start, a->new_start + a->new_count - 1, err);
	g_autofree char *text_b = text_a ? context_lines(c, &cb->new_oid, b->new_start,
						   b->new_start + b->new_count - 1, err)
					 : NULL;
	if (!text_b)
		return false;
	*same = !a->new_count || !strcmp(text_a, text_b);
	return true;
}

unsigned hunk_patch(const change_hunk *h)
{
	if (h->new_count && h->new_patch)
		return h->new_patch[0];
	return h->old_count && h->old_patch ? h->old_patch[0] : 0;
}

finding *context_add(conflict_context *c, const char *kind, severity level,
	const unsigned *series_indexes, size_t n_series, const char *const *keys)
{
	finding *f = finding_new(kind);
	f->severity = level;
	for (size_t i = 0; i < n_series; i++)
		g_ptr_array_add(f->parties, g_strdup(context_series(c, series_indexes[i])->name));
	f->fingerprint = finding_fingerprint(kind, f->parties, keys);
	g_ptr_array_add(c->m->findings, f);
	return f;
}

finding *context_add_pair(conflict_context *c, const char *kind, severity level, series_pair p,
	const char *const *keys)
{
	unsigned both[] = {p.a, p.b};
	return context_add(c, kind, level, both, G_N_ELEMENTS(both), keys);
}

void finding_add_hunk(conflict_context *c, finding *f, unsigned series_index,
	const file_change *change, const change_hunk *h)
{
	bool adds = h->new_count > 0;
	tree_at at = adds ? AT_TIP : AT_BASE;
	unsigned first = adds ? h->new_start : h->old_start;
	unsigned last = first + (adds ? h->new_count : h->old_count) - 1;
	finding_add_place(f, (int)series_index, at, adds ? &change->new_oid : &change->old_oid,
		change->path, first, last, context_symbol(c, series_index, at, change->path, first),
		hunk_patch(h));
}

void finding_add_touch(finding *f, unsigned series_index, const touch *t)
{
	bool tip = t->change != TOUCH_REMOVED && t->tip.path;
	const place *p = tip ? &t->tip : &t->base;
	finding_add_place(f, (int)series_index, tip ? AT_TIP : AT_BASE, &p->blob, p->path, p->line,
		p->end_line ? p->end_line : p->line, t->is_use && *t->in ? t->in : t->name,
		t->patch);
}

char *lines_text(unsigned line, unsigned end_line)
{
	if (!line)
		return g_strdup("the file");
	if (end_line <= line)
		return g_strdup_printf("line %u", line);
	return g_strdup_printf("lines %u-%u", line, end_line);
}

/* True when evidence stands at a location: the same file, and lines that meet, or the symbol. */
static bool evidence_is_at(const evidence *e, const location *l)
{
	if (e->at != l->at || g_strcmp0(e->path, l->path))
		return false;
	unsigned last = MAX(e->line, e->end_line);
	if (l->line && e->line <= l->end_line && l->line <= last)
		return true;
	return l->symbol && e->symbol && !strcmp(l->symbol, e->symbol);
}

static bool side_explains(const point_side *side, const finding *f, int series_index)
{
	for (guint i = 0; i < side->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(side->evidence, i);
		for (guint k = 0; k < f->locations->len; k++) {
			const location *l = g_ptr_array_index(f->locations, k);
			if (l->series == series_index && evidence_is_at(e, l))
				return true;
		}
	}
	return false;
}

static bool point_explains(const mediation *m, const point_result *p, const finding *f)
{
	for (guint i = 0; i < f->parties->len; i++) {
		int series_index = mediation_series(m, g_ptr_array_index(f->parties, i));
		if (series_index < 0 || (guint)series_index >= p->sides->len ||
			!side_explains(g_ptr_array_index(p->sides, series_index), f, series_index))
			return false;
	}
	return f->parties->len > 0;
}

void findings_link_points(conflict_context *c, guint from)
{
	for (guint i = from; i < c->m->findings->len; i++) {
		finding *f = g_ptr_array_index(c->m->findings, i);
		if (!g_str_has_prefix(f->kind, "code."))
			continue;
		for (guint k = 0; k < c->m->points->len; k++) {
			const point_result *p = g_ptr_array_index(c->m->points, k);
			if (p->verdict == VERDICT_CONTESTED && point_explains(c->m, p, f))
				g_ptr_array_add(f->points, g_strdup(p->point->id));
		}
	}
}

/* --- what a conflict of texts says already --- */

static bool is_about_places(const finding *f)
{
	static const char *const kinds[] = {"code.duplicate-definition", "code.macro-value",
		"config.symbol", "build.object", NULL};
	return g_strv_contains(kinds, f->kind);
}

static bool covers_place(const finding *conflict, const location *l)
{
	for (guint i = 0; i < conflict->locations->len; i++) {
		const location *k = g_ptr_array_index(conflict->locations, i);
		if (k->series == l->series && k->at == l->at && !g_strcmp0(k->path, l->path) &&
			(!k->line || (k->line <= MAX(l->line, l->end_line) &&
					     l->line <= MAX(k->line, k->end_line))))
			return true;
	}
	return false;
}

static bool covers(const finding *conflict, const finding *f)
{
	if (strcmp(conflict->kind, "text.conflict"))
		return false;
	for (guint i = 0; i < f->locations->len; i++) {
		if (!covers_place(conflict, g_ptr_array_index(f->locations, i)))
			return false;
	}
	return f->locations->len > 0;
}

void findings_note_covered(mediation *m, guint from)
{
	for (guint i = from; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		for (guint k = from; is_about_places(f) && k < m->findings->len; k++) {
			const finding *conflict = g_ptr_array_index(m->findings, k);
			if (!covers(conflict, f))
				continue;
			f->severity = SEVERITY_NOTE;
			g_autofree char *before = g_steal_pointer(&f->explanation);
			f->explanation = g_strdup_printf(
				"%s The text conflict here is about the same lines: its ruling "
				"settles this.",
				before);
			break;
		}
	}
}
