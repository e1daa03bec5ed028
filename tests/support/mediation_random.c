/* Random mediations. */
#include "support/mediation_random.h"

const mediation_size mediation_size_fixed = {.exact = true,
	.series = 2,
	.patches = 5,
	.files = 4,
	.hunks = 2,
	.lines = 30,
	.points = 4,
	.evidence = 2,
	.findings = 6,
	.locations = 2,
	.steps = 3};

#include <string.h>

/* -------------------------------------------------------------------------------------- values */

static guint below(GRand *rand, guint limit)
{
	return limit ? (guint)g_rand_int_range(rand, 0, (gint32)limit) : 0;
}

static guint count(GRand *rand, const mediation_size *size, guint n)
{
	return size->exact ? n : below(rand, n + 1);
}

static bool chance(GRand *rand)
{
	return g_rand_boolean(rand);
}

/* Bytes as patches hold them: ASCII, quotes, UTF-8, Latin-1, control characters, now and then none.
 */
static char *word(GRand *rand)
{
	static const char *const pieces[] = {"set_pte", "irq", "'", "\"", "; DROP TABLE x; --",
		"\xc3\xa9", "\xe9", "\n", "\t", "%s", "?1", "mach-default/", "_", "0", "\x01",
		"\xf0\x9f\x90\xa7"};
	GString *text = g_string_new(NULL);
	for (guint n = below(rand, 6); n; n--)
		g_string_append(text, pieces[below(rand, G_N_ELEMENTS(pieces))]);
	return g_string_free(text, FALSE);
}

static char *maybe(GRand *rand)
{
	return chance(rand) ? word(rand) : NULL;
}

static char *numbered(const char *stem, guint n)
{
	return g_strdup_printf("%s%u", stem, n);
}

static void fill_oid(GRand *rand, oid *id)
{
	memset(id, 0, sizeof *id);
	if (!below(rand, 8))
		return;
	for (guint i = 0; i < OID_BYTES; i++)
		id->bytes[i] = (uint8_t)below(rand, 256);
}

static unsigned number(GRand *rand)
{
	return below(rand, 16) ? below(rand, 5000) : g_rand_int(rand);
}

static double confidence(GRand *rand)
{
	return below(rand, 4) ? g_rand_double(rand) : (double)below(rand, 2);
}

static char *hex64(GRand *rand)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < 8; i++)
		g_string_append_printf(text, "%08x", g_rand_int(rand));
	return g_string_free(text, FALSE);
}

static void add_words(GRand *rand, GPtrArray *to, guint n)
{
	for (; n; n--)
		g_ptr_array_add(to, word(rand));
}

/* -------------------------------------------------------------------------------------- series */

static series_commit *make_commit(GRand *rand, guint n, guint sources)
{
	series_commit *c = series_commit_new();
	c->n = n;
	c->source = below(rand, sources);
	fill_oid(rand, &c->commit);
	fill_oid(rand, &c->tree);
	c->subject = word(rand);
	c->message = word(rand);
	c->author.name = maybe(rand);
	c->author.email = maybe(rand);
	c->author.time = (gint64)g_rand_int(rand) - G_MAXINT32;
	c->author.offset = (int)below(rand, 1440) - 720;
	c->message_id = maybe(rand);
	c->origin = maybe(rand);
	c->patch_id = maybe(rand);
	c->applied = chance(rand);
	c->fuzzy = number(rand);
	return c;
}

static reject *make_reject(GRand *rand)
{
	reject *r = reject_new();
	r->patch = number(rand);
	r->reason = (reject_reason)below(rand, REJECT_COMMIT + 1);
	r->path = word(rand);
	r->origin = maybe(rand);
	r->source_line = number(rand);
	r->hunk = number(rand);
	r->near_line = number(rand);
	r->near_end = number(rand);
	r->difference = maybe(rand);
	return r;
}

/* The patches of `n` lines: long runs with breaks, as history leaves them; at times unknown. */
static unsigned *make_lines(GRand *rand, guint n)
{
	if (!below(rand, 10))
		return NULL;
	unsigned *by = g_new0(unsigned, MAX(n, 1u));
	unsigned patch_now = below(rand, 200);
	for (guint i = 0; i < n; i++) {
		if (!below(rand, 20))
			patch_now = below(rand, 20) ? below(rand, 200) : g_rand_int(rand);
		by[i] = patch_now;
	}
	return by;
}

static file_change *make_change(GRand *rand, const mediation_size *size, guint at)
{
	g_autofree char *path = g_strdup_printf("arch/i386/kernel/dir%03u/file%05u.c", at / 20, at);
	file_change *c = file_change_new(path);
	c->status = "AMDT"[below(rand, 4)];
	fill_oid(rand, &c->old_oid);
	fill_oid(rand, &c->new_oid);
	c->old_mode = 0100644;
	c->new_mode = chance(rand) ? 0100755 : 0120000;
	c->binary = chance(rand);
	c->insertions = number(rand);
	c->deletions = number(rand);
	for (guint i = count(rand, size, size->hunks); i; i--) {
		change_hunk h = {0};
		h.old_start = number(rand);
		h.new_start = number(rand);
		/* Half of the lines on each side, so that `lines` is what a hunk changes. */
		h.old_count = count(rand, size, size->lines / 2);
		h.new_count = count(rand, size, size->lines - size->lines / 2);
		h.old_patch = make_lines(rand, h.old_count);
		h.new_patch = make_lines(rand, h.new_count);
		g_array_append_val(c->hunks, h);
	}
	return c;
}

static series *make_series(GRand *rand, const mediation_size *size, guint at)
{
	g_autofree char *name = numbered("vendor", at);
	series *s = series_new(name);
	add_words(rand, s->specs, 1 + below(rand, 3));
	fill_oid(rand, &s->base);
	fill_oid(rand, &s->base_tree);
	fill_oid(rand, &s->tip);
	fill_oid(rand, &s->tip_tree);
	s->files = number(rand);
	s->insertions = number(rand);
	s->deletions = number(rand);
	for (guint i = 1, n = count(rand, size, size->patches); i <= n; i++)
		g_ptr_array_add(s->commits, make_commit(rand, i, s->specs->len));
	for (guint i = below(rand, 4); i; i--)
		g_ptr_array_add(s->rejects, make_reject(rand));
	add_words(rand, s->notes, below(rand, 4));
	s->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	for (guint i = 0, n = count(rand, size, size->files); i < n; i++)
		g_ptr_array_add(s->changes, make_change(rand, size, i));
	return s;
}

static coverage *make_coverage(GRand *rand)
{
	coverage *c = coverage_new();
	c->c_files = number(rand);
	c->c_files_clean = number(rand);
	c->c_lines_changed = number(rand);
	c->c_lines_parsed = number(rand);
	c->other_files = number(rand);
	c->other_lines_changed = number(rand);
	for (guint i = below(rand, 5); i; i--) {
		g_autofree char *path = word(rand), *reason = word(rand);
		g_ptr_array_add(c->unparsed, unparsed_range_new(path, (tree_at)below(rand, 3),
						     number(rand), number(rand), reason));
	}
	for (guint i = below(rand, 5); i; i--) {
		g_autofree char *path = word(rand), *text = word(rand);
		g_ptr_array_add(
			c->causes, coverage_cause_new(path, number(rand), text, number(rand)));
	}
	return c;
}

/* -------------------------------------------------------------------------------------- points */

static evidence *make_evidence(GRand *rand, guint at, guint of)
{
	evidence *e = evidence_new();
	e->series = of;
	e->point = at;
	e->weight = (evidence_weight)below(rand, EVIDENCE_AGAINST + 1);
	e->kind = word(rand);
	e->rule = word(rand);
	e->symbol = maybe(rand);
	e->note = maybe(rand);
	e->at = (tree_at)below(rand, 3);
	fill_oid(rand, &e->blob);
	e->path = word(rand);
	e->line = number(rand);
	e->end_line = number(rand);
	e->patch = number(rand);
	e->confidence = confidence(rand);
	return e;
}

static point_result *make_point(GRand *rand, const mediation_size *size, guint at, guint sides)
{
	point_result *r = point_result_new();
	r->point = point_new();
	r->point->id = numbered("mmu.op", at);
	r->point->group = word(rand);
	r->point->member = numbered("op", at);
	r->point->title = word(rand);
	r->point->signature = maybe(rand);
	r->point->contract = maybe(rand);
	r->point->native = maybe(rand);
	add_words(rand, r->point->aliases, below(rand, 3));
	r->verdict = (point_verdict)below(rand, 3);
	for (guint i = 0; i < sides; i++) {
		point_side *s = point_side_new();
		g_ptr_array_add(r->sides, s);
		s->state = (point_state)below(rand, POINT_HOOKED + 1);
		s->confidence = confidence(rand);
		for (guint n = count(rand, size, size->evidence); n; n--)
			g_ptr_array_add(s->evidence, make_evidence(rand, at, i));
	}
	return r;
}

/* ------------------------------------------------------------------------------------ findings */

static location *make_location(GRand *rand, guint n_series)
{
	location *l = location_new();
	l->series = (int)below(rand, n_series + 1) - 1;
	l->at = (tree_at)below(rand, 3);
	fill_oid(rand, &l->blob);
	l->path = word(rand);
	l->line = number(rand);
	l->end_line = number(rand);
	l->symbol = maybe(rand);
	l->patch = number(rand);
	return l;
}

static finding *make_finding(GRand *rand, const mediation_size *size, guint n_series)
{
	finding *f = finding_new(finding_kinds[below(rand, g_strv_length((char **)finding_kinds))]);
	f->fingerprint = hex64(rand);
	f->id = g_strndup(f->fingerprint, 8);
	f->severity = (severity)below(rand, 3);
	f->confidence = confidence(rand);
	f->title = word(rand);
	add_words(rand, f->parties, below(rand, 3));
	add_words(rand, f->points, below(rand, 3));
	for (guint i = count(rand, size, size->locations); i; i--)
		g_ptr_array_add(f->locations, make_location(rand, n_series));
	f->explanation = maybe(rand);
	f->suggestion = maybe(rand);
	return f;
}

decision *decision_random(GRand *rand, const char *fingerprint)
{
	decision *d = decision_new();
	d->fingerprint = g_strdup(fingerprint);
	d->take = (decision_take)(1 + below(rand, DECISION_DISMISS));
	d->party = maybe(rand);
	d->note = maybe(rand);
	d->by = maybe(rand);
	d->time = g_rand_int(rand);
	return d;
}

/* ---------------------------------------------------------------------------------------- plan */

static void add_hunks(GRand *rand, GPtrArray *to, const mediation *m, guint n)
{
	for (; n && m->series->len; n--) {
		g_autofree char *path = word(rand);
		plan_hunk *h = plan_hunk_new(below(rand, m->series->len), path, number(rand));
		h->fate = (hunk_fate)below(rand, HUNK_WAITS + 1);
		g_ptr_array_add(to, h);
	}
}

static step *make_step(GRand *rand, const mediation *m, guint n)
{
	step *s = step_new((step_action)below(rand, STEP_DECIDED + 1));
	s->n = n;
	s->whole = chance(rand);
	s->title = word(rand);
	add_words(rand, s->series, below(rand, 3));
	for (guint i = below(rand, 5); i && m->series->len; i--) {
		step_patch p = {.series = below(rand, m->series->len), .n = number(rand)};
		g_array_append_val(s->patches, p);
	}
	add_hunks(rand, s->hunks, m, below(rand, 20));
	add_hunks(rand, s->parts, m, below(rand, 3));
	for (guint i = 0; i < s->parts->len; i++)
		((plan_hunk *)g_ptr_array_index(s->parts, i))->fate = HUNK_TAKEN;
	add_words(rand, s->points, below(rand, 3));
	add_words(rand, s->findings, below(rand, 3));
	for (guint i = below(rand, 3); i; i--) {
		unsigned on = number(rand);
		g_array_append_val(s->depends_on, on);
	}
	fill_oid(rand, &s->tree);
	s->verified = (step_verified)below(rand, VERIFIED_WORSE + 1);
	s->detail = maybe(rand);
	add_words(rand, s->owners, below(rand, 3));
	return s;
}

static plan *make_plan(GRand *rand, const mediation *m, const mediation_size *size)
{
	plan *p = plan_new();
	for (guint i = 1, n = count(rand, size, size->steps); i <= n; i++)
		g_ptr_array_add(p->steps, make_step(rand, m, i));
	for (guint i = below(rand, 4); i; i--) {
		g_autofree char *title = word(rand);
		undecided *u = undecided_new(title);
		g_ptr_array_add(p->undecided, u);
		add_words(rand, u->findings, below(rand, 3));
		add_hunks(rand, u->hunks, m, below(rand, 20));
	}
	return p;
}

static catalogue_info *make_catalogue(GRand *rand)
{
	catalogue_info *c = catalogue_info_new();
	c->name = word(rand);
	c->version = maybe(rand);
	c->title = maybe(rand);
	c->digest = hex64(rand);
	add_words(rand, c->groups, below(rand, 6));
	return c;
}

static resolution *make_resolution(GRand *rand)
{
	resolution *r = resolution_new();
	r->path = word(rand);
	r->line = number(rand);
	r->end_line = number(rand);
	r->method = word(rand);
	r->confidence = confidence(rand);
	r->verified = chance(rand);
	return r;
}

mediation *mediation_random(GRand *rand, const mediation_size *size)
{
	mediation *m = mediation_new();
	m->base_rev = maybe(rand);
	fill_oid(rand, &m->base);
	fill_oid(rand, &m->base_tree);
	for (guint i = 0, n = count(rand, size, size->series); i < n; i++) {
		g_ptr_array_add(m->series, make_series(rand, size, i));
		g_ptr_array_add(m->coverage, make_coverage(rand));
	}
	if (size->exact || chance(rand))
		m->catalogue = make_catalogue(rand);
	for (guint i = 0, n = m->catalogue ? count(rand, size, size->points) : 0; i < n; i++)
		g_ptr_array_add(m->points, make_point(rand, size, i, m->series->len));
	for (guint i = count(rand, size, size->findings); i; i--)
		g_ptr_array_add(m->findings, make_finding(rand, size, m->series->len));
	for (guint i = below(rand, 4); i; i--)
		g_ptr_array_add(m->resolutions, make_resolution(rand));
	if (size->exact || below(rand, 4))
		m->plan = make_plan(rand, m, size);
	return m;
}

/* ------------------------------------------------------------------------------------ readings */

static fact_set *make_facts(GRand *rand, const char *path, guint n)
{
	oid blob;
	fill_oid(rand, &blob);
	fact_set *f = fact_set_new(path, &blob);
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = numbered("entity_", below(rand, 20 * n + 1));
		entity e = {.kind = (entity_kind)below(rand, ENTITY_KINDS),
			.reader = (fact_reader)below(rand, 2),
			.flags = below(rand, 32),
			.line = number(rand),
			.end_line = number(rand),
			.name = name,
			.signature = "void (pte_t *, pte_t)"};
		fact_set_add_entity(f, &e);
	}
	f->units = 1;
	f->clean = below(rand, 2);
	return f;
}

static touch make_touch(GRand *rand, touch_set *set, const char *path, bool has_base)
{
	g_autofree char *name = numbered("entity_", below(rand, 1000));
	touch t = {.change = (touch_change)below(rand, 4),
		.is_use = chance(rand),
		.entity = (entity_kind)below(rand, ENTITY_KINDS),
		.use = (use_kind)below(rand, USE_KINDS),
		.name = touch_set_string(set, name),
		.detail = chance(rand) ? touch_set_string(set, "%eax, %cr3") : "",
		.in = "caller",
		.condition = "",
		.signature_base = "",
		.signature_tip = "int (void)",
		.patch = below(rand, 20)};
	t.tip.path = touch_set_string(set, path);
	t.tip.line = t.tip.end_line = 1 + below(rand, 500);
	if (has_base) {
		t.base = t.tip;
		t.origin = chance(rand) ? touch_set_string(set, "arch/i386/kernel/origin.c") : NULL;
	}
	return t;
}

void readings_random(random_readings *out, GRand *rand, const mediation *m, guint facts)
{
	out->list = g_ptr_array_new_with_free_func(g_free);
	out->sets = g_ptr_array_new_with_free_func((GDestroyNotify)fact_set_free);
	out->touches = g_ptr_array_new_with_free_func((GDestroyNotify)touch_set_free);
	out->base = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < m->series->len; i++) {
		series_reading *r = g_new0(series_reading, 1);
		g_ptr_array_add(out->list, r);
		r->series = g_ptr_array_index(m->series, i);
		r->base = out->base;
		r->tip = g_hash_table_new(g_str_hash, g_str_equal);
		touch_set *touches = touch_set_new();
		g_ptr_array_add(out->touches, touches);
		r->touches = touches;
		for (guint k = 0; k < r->series->changes->len; k++) {
			const file_change *c = g_ptr_array_index(r->series->changes, k);
			bool has_base = k % 3 != 0;
			if (has_base && !g_hash_table_contains(out->base, c->path)) {
				fact_set *f = make_facts(rand, c->path, facts);
				g_ptr_array_add(out->sets, f);
				g_hash_table_insert(out->base, f->path, f);
			}
			fact_set *f = make_facts(rand, c->path, facts);
			g_ptr_array_add(out->sets, f);
			g_hash_table_insert(r->tip, f->path, f);
			for (guint n = 0; n < facts; n++) {
				touch t = make_touch(rand, touches, c->path, has_base);
				g_array_append_val(touches->touches, t);
			}
		}
		shadow_copy copy = {.path = "traps-x.c", .origin = "traps.c", .similarity = 90};
		g_array_append_val(touches->shadows, copy);
	}
}

void readings_random_clear(random_readings *r)
{
	for (guint i = 0; i < r->list->len; i++)
		g_hash_table_unref(((series_reading *)g_ptr_array_index(r->list, i))->tip);
	g_ptr_array_unref(r->list);
	g_hash_table_unref(r->base);
	g_ptr_array_unref(r->touches);
	g_ptr_array_unref(r->sets);
}

GBytes *bytes_random(gsize len)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)len);
	guint8 *bytes = g_malloc(len);
	for (gsize i = 0; i < len; i++)
		bytes[i] = (guint8)g_rand_int(rand);
	return g_bytes_new_take(bytes, len);
}
