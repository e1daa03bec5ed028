/* Branches: changed lines that the first configuration of their file skips are read in others. */
#include "engine/branches.h"

#include <string.h>

#include "analyzers/list.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/sort.h"
#include "engine/archs.h"
#include "engine/batch.h"
#include "engine/errand.h"
#include "engine/further.h"
#include "engine/internal.h"
#include "engine/question.h"
#include "kernel/units.h"

/* What is still asked of one file of one tree. */
typedef struct branch_wish {
	guint tree;
	char *path;
	GArray *lines;	     /* line_range: changed lines */
	GArray *again;	     /* line_range: promised in vain, perhaps; NULL: nothing */
	GArray *promised;    /* line_range: what another header's unit should show; NULL: nothing */
	kernel_units *units; /* for those that nobody saw */
	question *question;  /* that `units` answer */
} branch_wish;

/* What is asked for, in this order: each only for what the ones before left unseen. */
typedef enum branch_pass {
	PASS_BUILT,   /* what Kconfig, Kbuild and the file's conditions give */
	PASS_MACROS,  /* what the conditions give under which headers define a macro */
	PASS_ASSUMED, /* with macros that an author switches on by hand */
	PASS_ALONE,   /* in configurations in which no makefile builds the file */
} branch_pass;

typedef struct branch_search {
	engine *engine;
	facts_reader *facts;
	GPtrArray *wishes; /* branch_wish *, by tree and path */
	GHashTable *known; /* "TREE PATH" -> branch_wish *, of `wishes` */
	GPtrArray *asked;  /* GHashTable * a tree: keys of jobs done (set) */
} branch_search;

static void wish_free(gpointer data)
{
	branch_wish *w = data;
	g_free(w->path);
	g_array_unref(w->lines);
	g_clear_pointer(&w->again, g_array_unref);
	g_clear_pointer(&w->promised, g_array_unref);
	kernel_units_free(w->units);
	g_clear_pointer(&w->question, question_free);
	g_free(w);
}

static tree_facts *facts_of(const branch_search *s, guint i)
{
	return g_ptr_array_index(s->facts->trees, i);
}

static bool is_header(const branch_wish *w)
{
	return g_str_has_suffix(w->path, ".h");
}

/* --- what was changed --- */

static gint compare_wishes(gconstpointer va, gconstpointer vb)
{
	const branch_wish *a = *(branch_wish *const *)va, *b = *(branch_wish *const *)vb;
	if (a->tree != b->tree)
		return a->tree < b->tree ? -1 : 1;
	return strcmp(a->path, b->path);
}

static branch_wish *find_wish(const branch_search *s, guint tree, const char *path)
{
	g_autofree char *key = g_strdup_printf("%u %s", tree, path);
	return g_hash_table_lookup(s->known, key);
}

static void add_lines(
	branch_search *s, guint tree, const char *path, unsigned first, unsigned count)
{
	if (!count || !g_hash_table_contains(facts_of(s, tree)->wanted, path))
		return;
	branch_wish *w = find_wish(s, tree, path);
	if (!w) {
		w = g_new0(branch_wish, 1);
		w->tree = tree;
		w->path = g_strdup(path);
		w->lines = g_array_new(FALSE, FALSE, sizeof(line_range));
		g_ptr_array_add(s->wishes, w);
		g_hash_table_insert(s->known, g_strdup_printf("%u %s", tree, path), w);
	}
	line_range range = {first, first + count - 1};
	g_array_append_val(w->lines, range);
}

/* Added lines are asked of the tip, deleted ones of the base. */
static void find_wishes(branch_search *s, GPtrArray *all)
{
	for (guint i = 0; i < all->len; i++) {
		const series *one = g_ptr_array_index(all, i);
		for (guint k = 0; k < one->changes->len; k++) {
			const file_change *c = g_ptr_array_index(one->changes, k);
			if (c->binary || (!g_str_has_suffix(c->path, ".c") &&
						 !g_str_has_suffix(c->path, ".h")))
				continue;
			for (guint n = 0; n < c->hunks->len; n++) {
				const change_hunk *h = &g_array_index(c->hunks, change_hunk, n);
				add_lines(s, 0, c->path, h->old_start, h->old_count);
				add_lines(s, i + 1, c->path, h->new_start, h->new_count);
			}
		}
	}
	g_ptr_array_sort(s->wishes, compare_wishes);
}

static void add_unseen(GArray *out, const fact_set *set, const line_range *range)
{
	line_range open = {0, 0};
	for (unsigned line = range->first; line <= range->last; line++) {
		bool seen = set && fact_set_line_seen(set, line);
		if (seen && open.first)
			g_array_append_val(out, open);
		if (seen)
			open.first = 0;
		else if (!open.first)
			open.first = line;
		open.last = line;
	}
	if (open.first)
		g_array_append_val(out, open);
}

/* The lines of `ranges` that were not seen. The caller's. */
static GArray *unseen_of(const branch_search *s, const branch_wish *w, const GArray *ranges)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	const fact_set *set = g_hash_table_lookup(facts_of(s, w->tree)->sets, w->path);
	for (guint i = 0; i < ranges->len; i++)
		add_unseen(out, set, &g_array_index(ranges, line_range, i));
	return out;
}

static bool overlap(const GArray *ranges, const line_range *r)
{
	for (guint i = 0; i < ranges->len; i++) {
		const line_range *one = &g_array_index(ranges, line_range, i);
		if (one->first <= r->last && r->first <= one->last)
			return true;
	}
	return false;
}

/* The lines of `ranges` that are in none of `without`. The caller's. */
static GArray *ranges_without(const GArray *ranges, const GArray *without)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	for (guint i = 0; i < ranges->len; i++) {
		const line_range *r = &g_array_index(ranges, line_range, i);
		for (unsigned line = r->first; line <= r->last; line++) {
			line_range one = {line, line};
			line_range *top =
				out->len ? &g_array_index(out, line_range, out->len - 1) : NULL;
			if (overlap(without, &one))
				continue;
			if (top && top->last + 1 == line && line > r->first)
				top->last = line;
			else
				g_array_append_val(out, one);
		}
	}
	return out;
}

/* --- reasons --- */

static void unreached_free(gpointer data)
{
	g_ptr_array_unref(data);
}

static void kernel_unreached_free(gpointer data)
{
	kernel_unreached *u = data;
	g_free(u->reason);
	g_free(u);
}

static void add_reason(GPtrArray *list, line_range lines, const char *reason)
{
	kernel_unreached *own = g_new0(kernel_unreached, 1);
	own->lines = lines;
	own->reason = g_strdup(reason);
	g_ptr_array_add(list, own);
}

/* The reason of those of its lines that are in none of `without`. */
static void add_rest(GPtrArray *list, const kernel_unreached *from, const GArray *without)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(line_range));
	g_array_append_val(all, from->lines);
	g_autoptr(GArray) rest = ranges_without(all, without);
	for (guint i = 0; i < rest->len; i++)
		add_reason(list, g_array_index(rest, line_range, i), from->reason);
}

/* The lines that the units of a wish gave up. The caller's. */
static GArray *unreached_lines(const branch_wish *w)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	for (guint i = 0; i < w->units->unreached->len; i++)
		g_array_append_val(out,
			((kernel_unreached *)g_ptr_array_index(w->units->unreached, i))->lines);
	return out;
}

/* Reasons take the place of those that the lines had; those of the other `asked` lines go, those of
 * any other stay. */
static void keep_reasons(tree_facts *t, const branch_wish *w, const GArray *asked)
{
	if (!t->unreached)
		t->unreached =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unreached_free);
	const GPtrArray *before = g_hash_table_lookup(t->unreached, w->path);
	GPtrArray *list = g_ptr_array_new_with_free_func(kernel_unreached_free);
	for (guint i = 0; before && i < before->len; i++)
		add_rest(list, g_ptr_array_index(before, i), asked);
	for (guint i = 0; i < w->units->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(w->units->unreached, i);
		add_reason(list, u->lines, u->reason);
	}
	g_hash_table_replace(t->unreached, g_strdup(w->path), list);
}

const char *branches_reason(const tree_facts *t, const char *path, unsigned line)
{
	const GPtrArray *list = t->unreached ? g_hash_table_lookup(t->unreached, path) : NULL;
	for (guint i = 0; list && i < list->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(list, i);
		if (u->lines.first <= line && line <= u->lines.last)
			return u->reason;
	}
	return NULL;
}

static void array_free(gpointer data)
{
	g_array_unref(data);
}

static void add_alone(tree_facts *t, const char *path, const GArray *ranges)
{
	GArray *all = g_hash_table_lookup(t->alone, path);
	if (!all) {
		all = g_array_new(FALSE, FALSE, sizeof(line_range));
		g_hash_table_insert(t->alone, g_strdup(path), all);
	}
	g_array_append_vals(all, ranges->data, ranges->len);
}

static void keep_alone(tree_facts *t, const branch_wish *w)
{
	if (!t->alone)
		t->alone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, array_free);
	for (guint i = 0; i < w->units->units->len; i++) {
		const kernel_unit *u = g_ptr_array_index(w->units->units, i);
		add_alone(t, w->path, u->ranges);
		for (guint k = 0; u->shared && k < u->shared->len; k++) {
			const kernel_lines *l = g_ptr_array_index(u->shared, k);
			add_alone(t, l->path, l->ranges);
		}
	}
}

bool branches_read_alone(const tree_facts *t, const char *path, unsigned line)
{
	const GArray *ranges = t->alone ? g_hash_table_lookup(t->alone, path) : NULL;
	for (guint i = 0; ranges && i < ranges->len; i++) {
		const line_range *r = &g_array_index(ranges, line_range, i);
		if (r->first <= line && line <= r->last)
			return true;
	}
	return false;
}

/* --- the search --- */

/* Files that were parsed: what is reached through them costs nothing more. NULL-terminated; the
 * strings are borrowed. */
static GPtrArray *parsed_files(tree_facts *t)
{
	GPtrArray *paths = g_ptr_array_new();
	GHashTableIter it;
	gpointer path, set;
	g_hash_table_iter_init(&it, t->sets);
	while (g_hash_table_iter_next(&it, &path, &set)) {
		if (((fact_set *)set)->units)
			g_ptr_array_add(paths, path);
	}
	g_ptr_array_sort(paths, sort_by_text);
	g_ptr_array_add(paths, NULL);
	return paths;
}

/* Lines of the file that were given up. The caller's. */
static GArray *given_up(const tree_facts *t, const char *path)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	const GPtrArray *list = t->unreached ? g_hash_table_lookup(t->unreached, path) : NULL;
	for (guint i = 0; list && i < list->len; i++)
		g_array_append_val(out, ((kernel_unreached *)g_ptr_array_index(list, i))->lines);
	return out;
}

/* The lines that a pass asks for: what is unseen and not promised. The caller's. */
static GArray *open_lines(const branch_search *s, const branch_wish *w, branch_pass pass)
{
	if (w->again)
		return unseen_of(s, w, w->again);
	g_autoptr(GArray) lost =
		pass == PASS_ALONE ? given_up(facts_of(s, w->tree), w->path) : NULL;
	g_autoptr(GArray) unseen = unseen_of(s, w, lost ? lost : w->lines);
	return w->promised ? ranges_without(unseen, w->promised) : g_steal_pointer(&unseen);
}

static void free_lines(gpointer lines)
{
	kernel_lines_free(lines);
}

/* What is open of the headers of the same tree behind this one. The caller's (kernel_lines *). */
static GPtrArray *others_behind(const branch_search *s, guint index, branch_pass pass)
{
	const branch_wish *own = g_ptr_array_index(s->wishes, index);
	GPtrArray *out = g_ptr_array_new_with_free_func(free_lines);
	for (guint i = index + 1; i < s->wishes->len; i++) {
		const branch_wish *w = g_ptr_array_index(s->wishes, i);
		if (w->tree != own->tree)
			break;
		g_autoptr(GArray) open = is_header(w) ? open_lines(s, w, pass) : NULL;
		if (!open || !open->len)
			continue;
		kernel_lines *l = g_new0(kernel_lines, 1);
		l->path = g_strdup(w->path);
		l->ranges = g_steal_pointer(&open);
		g_ptr_array_add(out, l);
	}
	return out;
}

/* Notes what the units of one wish are to show of others. */
static void take_promises(branch_search *s, const branch_wish *w)
{
	for (guint i = 0; i < w->units->units->len; i++) {
		const kernel_unit *u = g_ptr_array_index(w->units->units, i);
		for (guint k = 0; u->shared && k < u->shared->len; k++) {
			const kernel_lines *l = g_ptr_array_index(u->shared, k);
			branch_wish *other = find_wish(s, w->tree, l->path);
			if (!other)
				continue; /* damaged, in what was kept */
			if (!other->promised)
				other->promised = g_array_new(FALSE, FALSE, sizeof(line_range));
			g_array_append_vals(other->promised, l->ranges->data, l->ranges->len);
		}
	}
}

/* What goes with a question. */
typedef struct asking {
	GPtrArray *parsed; /* see parsed_files */
	GPtrArray *others; /* see others_behind; NULL: none */
} asking;

static bool ask_units(
	branch_search *s, branch_wish *w, branch_pass pass, const asking *with, GError **err)
{
	tree_facts *t = facts_of(s, w->tree);
	g_autoptr(GArray) open = open_lines(s, w, pass);
	g_clear_pointer(&w->units, kernel_units_free);
	g_clear_pointer(&w->question, question_free);
	if (!open->len)
		return true;
	const question_terms terms = {.path = w->path,
		.prefer = (const char *const *)s->facts->prefer,
		.ranges = open,
		.parsed = with->parsed,
		.others = with->others,
		.macros = pass == PASS_MACROS,
		.assume = pass == PASS_ASSUMED,
		.alone = pass == PASS_ALONE};
	w->question = question_new(t, s->facts->given, &terms);
	if (!question_answer(&w->units, w->question, s->engine->store, err))
		return false;
	if (!w->units)
		return true;
	g_autoptr(GArray) lost = unreached_lines(w);
	take_promises(s, w);
	if (pass == PASS_ALONE)
		keep_alone(t, w);
	else /* later passes say of what they do not show why the first could not */
		keep_reasons(t, w, pass == PASS_BUILT ? open : lost);
	return true;
}

/* A unit of a wish. */
typedef struct nth_unit {
	branch_wish *wish;
	guint n;
} nth_unit;

static bool make_nth(analysis_unit **out, void *data, GError **err)
{
	const nth_unit *x = data;
	return question_make(out, x->wish->question, x->n, err);
}

/* Whether the unit has lines to show, of its own or promised ones, that nobody saw meanwhile. */
static bool is_needed(const branch_search *s, const branch_wish *w, const kernel_unit *u)
{
	g_autoptr(GArray) open = unseen_of(s, w, u->ranges);
	bool needed = open->len > 0;
	for (guint i = 0; u->shared && !needed && i < u->shared->len; i++) {
		const kernel_lines *l = g_ptr_array_index(u->shared, i);
		const branch_wish *other = find_wish(s, w->tree, l->path);
		if (!other)
			continue; /* damaged, in what was kept */
		g_autoptr(GArray) others = unseen_of(s, other, l->ranges);
		needed = others->len > 0;
	}
	return needed;
}

/* Begins the n-th unit of a wish, unless its lines were seen meanwhile or the same was parsed. */
static bool add_unit(
	branch_search *s, batch *b, GPtrArray *jobs, branch_wish *w, guint n, GError **err)
{
	kernel_unit *u = g_ptr_array_index(w->units->units, n);
	const analyzer *reader = u->unit ? compiler_of(u->unit->path) : NULL;
	if (!reader || !is_needed(s, w, u))
		return true;
	tree_facts *t = facts_of(s, w->tree);
	reuse_place where = {t->kernel, t->tree, t->wanted};
	read_job *j = read_job_new(w->tree, reader, g_steal_pointer(&u->unit), &where);
	if (!g_hash_table_add(g_ptr_array_index(s->asked, w->tree), g_strdup(j->key))) {
		read_job_free(j);
		return true;
	}
	nth_unit *nth = g_new(nth_unit, 1);
	*nth = (nth_unit){w, n};
	j->maker = (unit_maker){make_nth, nth, g_free};
	g_ptr_array_add(jobs, j);
	return batch_add(b, j, err);
}

/* What one further unit saw, into the sets of its tree; those that have grown into `grown`. */
static void take_job(branch_search *s, const read_job *j, bool alone, GHashTable *grown)
{
	tree_facts *t = facts_of(s, j->tree);
	if (j->sets)
		tree_facts_note_reached(t, j->unit->path, j->sets);
	for (guint k = 0; j->sets && k < j->sets->len; k++) {
		const fact_set *from = g_ptr_array_index(j->sets, k);
		const oid *blob = g_hash_table_lookup(t->wanted, from->path);
		const branch_wish *w = find_wish(s, j->tree, from->path);
		fact_set *to = g_hash_table_lookup(t->sets, from->path);
		if (!strcmp(from->path, j->unit->path))
			further_keep_errors(t, from, alone);
		if (!blob)
			continue;
		if (!to) {
			to = fact_set_new(from->path, blob);
			g_hash_table_insert(t->sets, to->path, to);
		}
		further_take(to, from, w ? w->lines : NULL);
		/* Read alone is not built: the file is no cleaner for it. */
		to->units += alone ? 0 : from->units;
		to->clean += alone ? 0 : from->clean;
		g_hash_table_add(grown, to);
	}
}

/* What further units saw, in the order of the jobs. */
static void take_seen(branch_search *s, branch_pass pass, GPtrArray *jobs)
{
	g_autoptr(GHashTable) grown = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < jobs->len; i++) {
		read_job *j = g_ptr_array_index(jobs, i);
		take_job(s, j, pass == PASS_ALONE, grown);
		g_clear_pointer(&j->sets, g_ptr_array_unref);
	}
	GHashTableIter it;
	gpointer set;
	g_hash_table_iter_init(&it, grown);
	while (g_hash_table_iter_next(&it, &set, NULL))
		fact_set_finish(set);
}

/* Begins what the pass asks of .c files: all units at once, for no file shows another's lines. */
static bool run_files(branch_search *s, branch_pass pass, GError **err)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	g_autoptr(batch) b = batch_new(s->engine, "Reading branches", 0);
	const asking with = {none, NULL};
	g_ptr_array_add(none, NULL);
	for (guint i = 0; i < s->wishes->len; i++) {
		branch_wish *w = g_ptr_array_index(s->wishes, i);
		if (is_header(w))
			continue;
		if (!ask_units(s, w, pass, &with, err) || !cancel_check(err))
			return false;
		for (guint n = 0; w->units && n < w->units->units->len; n++)
			if (!add_unit(s, b, jobs, w, n, err))
				return false;
		if (!batch_turn(b, false, err))
			return false;
	}
	if (!batch_finish(b, err))
		return false;
	take_seen(s, pass, jobs);
	return true;
}

/* Asks for the units of each header that the .c files' units did not show; with `share`, they take
 * along what goes with them of the headers behind, without only what was promised is asked for. The
 * first of them is begun at once: it is read while the next wish is thought about. What that shows
 * counts from the second wave on, whenever it comes. */
static bool run_first_wave(branch_search *s, branch_pass pass, bool share, GError **err)
{
	g_autoptr(GPtrArray) parsed = NULL;
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	g_autoptr(batch) b = batch_new(s->engine, "Reading branches", 0);
	guint of = G_MAXUINT;
	for (guint i = 0; i < s->wishes->len; i++) {
		branch_wish *w = g_ptr_array_index(s->wishes, i);
		if (!is_header(w) || (!share && !w->again))
			continue;
		if (w->tree != of) {
			g_clear_pointer(&parsed, g_ptr_array_unref);
			parsed = parsed_files(facts_of(s, w->tree));
			of = w->tree;
		}
		g_autoptr(GPtrArray) others = share ? others_behind(s, i, pass) : NULL;
		const asking with = {parsed, others};
		if (!ask_units(s, w, pass, &with, err))
			return false;
		bool ok = w->units && w->units->units->len ? add_unit(s, b, jobs, w, 0, err)
							   : batch_turn(b, false, err);
		if (!ok || !cancel_check(err))
			return false;
	}
	if (!batch_finish(b, err))
		return false;
	take_seen(s, pass, jobs);
	return true;
}

/* The n-th units of all headers; *any says whether there is one. */
static bool run_wave(
	branch_search *s, branch_pass pass, bool share, guint n, bool *any, GError **err)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	g_autoptr(batch) b = batch_new(s->engine, "Reading branches", 0);
	*any = false;
	for (guint i = 0; i < s->wishes->len; i++) {
		branch_wish *w = g_ptr_array_index(s->wishes, i);
		if (!is_header(w) || !w->units || (!share && !w->again) ||
			n >= w->units->units->len)
			continue;
		*any = true;
		if (!add_unit(s, b, jobs, w, n, err))
			return false;
	}
	if (!batch_finish(b, err))
		return false;
	take_seen(s, pass, jobs);
	return true;
}

static bool run_headers(branch_search *s, branch_pass pass, bool share, GError **err)
{
	bool any = true;
	if (!run_first_wave(s, pass, share, err))
		return false;
	for (guint n = 1; any; n++) {
		if (!run_wave(s, pass, share, n, &any, err))
			return false;
	}
	return true;
}

/* Asks once more for promised lines that nobody showed, each header for itself. */
static bool ask_again(branch_search *s, branch_pass pass, GError **err)
{
	bool any = false;
	for (guint i = 0; i < s->wishes->len; i++) {
		branch_wish *w = g_ptr_array_index(s->wishes, i);
		w->again = g_steal_pointer(&w->promised);
		any |= w->again != NULL;
	}
	bool ok = !any || run_headers(s, pass, false, err);
	for (guint i = 0; i < s->wishes->len; i++)
		g_clear_pointer(
			&((branch_wish *)g_ptr_array_index(s->wishes, i))->again, g_array_unref);
	return ok;
}

static bool run_waves(branch_search *s, branch_pass pass, GError **err)
{
	return run_files(s, pass, err) && run_headers(s, pass, true, err) &&
	       ask_again(s, pass, err);
}

/* --- files that only their series' switches let parse --- */

/* A .c file of a tip that has errors wherever it was read. */
static bool is_broken(const branch_search *s, const branch_wish *w)
{
	const fact_set *set = g_hash_table_lookup(facts_of(s, w->tree)->sets, w->path);
	return w->tree && g_str_has_suffix(w->path, ".c") && set && set->units && !set->clean;
}

/* Begins the unit of the file with the switches on that its series brings. */
static bool add_switched(
	branch_search *s, batch *b, GPtrArray *jobs, const branch_wish *w, GError **err)
{
	tree_facts *t = facts_of(s, w->tree);
	g_autofree char *arch = archs_first(s->facts, t, w->path);
	g_auto(GStrv) switches = NULL;
	const analyzer *reader = compiler_of(w->path);
	if (arch && !errand_switches(&switches, s->facts, t, arch, err))
		return false;
	if (!reader || !switches || !switches[0])
		return true;
	const errand x = {.tree = w->tree,
		.path = w->path,
		.reader = reader,
		.symbols = (const char *const *)switches,
		.arch = arch};
	read_job *j;
	if (!errand_compiler_job(&j, s->facts, &x, err))
		return false;
	if (!j)
		return true;
	if (!g_hash_table_add(g_ptr_array_index(s->asked, w->tree), g_strdup(j->key))) {
		read_job_free(j);
		return true;
	}
	g_ptr_array_add(jobs, j);
	return batch_add(b, j, err);
}

/* Generic code that uses what a series has only under its own switch (a field under CONFIG_X) does
 * not parse in the defconfig: once more with all of them on. */
static bool run_switched(branch_search *s, GError **err)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	g_autoptr(batch) b = batch_new(s->engine, "Reading branches", 0);
	for (guint i = 0; i < s->wishes->len; i++) {
		const branch_wish *w = g_ptr_array_index(s->wishes, i);
		if (is_broken(s, w) && !add_switched(s, b, jobs, w, err))
			return false;
	}
	if (!batch_finish(b, err))
		return false;
	take_seen(s, PASS_BUILT, jobs);
	return true;
}

bool branches_read(engine *e, facts_reader *f, GPtrArray *all, GError **err)
{
	g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func(wish_free);
	g_autoptr(GPtrArray) asked =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	branch_search s = {e, f, wishes, known, asked};
	for (guint i = 0; i < f->trees->len; i++)
		g_ptr_array_add(
			asked, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
	find_wishes(&s, all);
	return run_waves(&s, PASS_BUILT, err) && run_switched(&s, err) &&
	       run_waves(&s, PASS_MACROS, err) && run_waves(&s, PASS_ASSUMED, err) &&
	       run_waves(&s, PASS_ALONE, err);
}
