/* The choice of units: as many wanted lines as go together into each configuration. */
#include "kernel/units_priv.h"

#include <string.h>

#include "base/error.h"
#include "kernel/arch.h"
#include "kernel/elsewhere.h"

/* Compiled files asked for one header and architecture; each costs some questions to the solver. */
#define INCLUDERS 12u
/* Different conditions of one file that are asked for; the rest counts as one unit's luck. */
#define GOALS 400u
static void goal_free(gpointer data)
{
	goal *g = data;
	g_array_unref(g->ranges);
	g_free(g->reason);
	g_free(g);
}

static void kernel_unit_free(gpointer data)
{
	kernel_unit *u = data;
	analysis_unit_free(u->unit);
	g_array_unref(u->ranges);
	g_free(u->configuration);
	g_strfreev(u->assumed);
	g_clear_pointer(&u->shared, g_ptr_array_unref);
	g_free(u);
}

kernel_unit *kernel_unit_new(void)
{
	kernel_unit *u = g_new0(kernel_unit, 1);
	u->ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	return u;
}

void kernel_lines_free(kernel_lines *l)
{
	g_free(l->path);
	g_array_unref(l->ranges);
	g_free(l);
}

static void unreached_free(gpointer data)
{
	kernel_unreached *u = data;
	g_free(u->reason);
	g_free(u);
}

kernel_units *kernel_units_new(void)
{
	kernel_units *u = g_new0(kernel_units, 1);
	u->units = g_ptr_array_new_with_free_func(kernel_unit_free);
	u->unreached = g_ptr_array_new_with_free_func(unreached_free);
	return u;
}

void kernel_units_free(kernel_units *u)
{
	if (!u)
		return;
	g_ptr_array_unref(u->units);
	g_ptr_array_unref(u->unreached);
	g_free(u);
}

/* ---- what is wanted ---- */

static goal *goal_of(GPtrArray *goals, const branch_lines *l)
{
	for (guint i = 0; i < goals->len; i++) {
		goal *g = g_ptr_array_index(goals, i);
		if (g->condition == l->condition || i + 1 == GOALS)
			return g;
	}
	goal *g = g_new0(goal, 1);
	g->condition = l->condition;
	g->text = l->text;
	g->ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	g_ptr_array_add(goals, g);
	return g;
}

static void give_up(request *r, line_range lines, const char *reason)
{
	kernel_unreached *u = g_new0(kernel_unreached, 1);
	u->lines = lines;
	u->reason = g_strdup(reason);
	g_ptr_array_add(r->out->unreached, u);
}

/* `r` NULL: nobody asks for the reasons. */
static void want_range(request *r, GPtrArray *goals, const branch_file *file, line_range range)
{
	const GArray *lines = file->lines;
	for (guint i = 0; i < lines->len; i++) {
		const branch_lines *l = &g_array_index(lines, branch_lines, i);
		line_range both = {MAX(l->first, range.first), MIN(l->last, range.last)};
		if (both.first > both.last)
			continue;
		/* Where an #error is read, its own line counts as not compiled. */
		if (l->error && l->first == l->last) {
			if (r)
				give_up(r, both, "an #error");
			continue;
		}
		goal *g = goal_of(goals, l);
		g_array_append_val(g->ranges, both);
		g->error |= l->error;
	}
}

GPtrArray *units_goals(request *r, const kernel_lines *lines)
{
	GPtrArray *goals = g_ptr_array_new_with_free_func(goal_free);
	const branch_file *file = units_branches(r, lines->path);
	for (guint i = 0; i < lines->ranges->len; i++)
		want_range(NULL, goals, file, g_array_index(lines->ranges, line_range, i));
	return goals;
}

static void want_all(request *r)
{
	const GArray *ranges = r->wish->ranges;
	for (guint i = 0; ranges && i < ranges->len; i++)
		want_range(r, r->goals, r->file, g_array_index(ranges, line_range, i));
	if (!ranges || !ranges->len)
		want_range(r, r->goals, r->file, (line_range){1, G_MAXUINT});
	/* An empty file has no lines, and still a unit. */
	if (!r->goals->len && !r->out->unreached->len)
		goal_of(r->goals, &(branch_lines){.condition = r->file->yes});
}

bool units_all_done(const request *r)
{
	for (guint i = 0; i < r->goals->len; i++)
		if (!((const goal *)g_ptr_array_index(r->goals, i))->done)
			return false;
	return true;
}

/* ---- headers ---- */

const branch_file *units_branches(request *r, const char *path)
{
	branch_file *f = g_hash_table_lookup(r->files, path);
	if (f)
		return f;
	g_autoptr(GBytes) text = tree_read_source(r->t, path);
	gsize len = 0;
	const char *data = text ? g_bytes_get_data(text, &len) : "";
	f = branch_read(data ? data : "", len);
	g_hash_table_insert(r->files, g_strdup(path), f);
	return f;
}

/* The conditions of the includes on the way. The caller's (const branch *). */
static GPtrArray *chain_conditions(request *r, const tree_chain *chain)
{
	GPtrArray *out = g_ptr_array_new();
	for (guint i = 0; i < chain->steps->len; i++) {
		const tree_step *step = &g_array_index(chain->steps, tree_step, i);
		const branch_file *f = units_branches(r, step->from);
		const branch *condition = NULL;
		for (guint n = 0; n < f->includes->len; n++) {
			const branch_include *include =
				&g_array_index(f->includes, branch_include, n);
			if (g_strcmp0(include->name, step->included) != 0)
				continue;
			/* The easier of two. */
			if (!condition || include->condition->kind == BRANCH_YES)
				condition = include->condition;
		}
		if (condition && condition->kind != BRANCH_YES)
			g_ptr_array_add(out, (gpointer)condition);
	}
	return out;
}

/* Whether makefiles lead from the root to the file: part of the kernel itself. */
static bool is_of_kernel(tree_arch *a, const char *path)
{
	g_autoptr(GPtrArray) ways = tree_ways(a, path);
	for (guint i = 0; i < ways->len; i++)
		if (((const kbuild_way *)g_ptr_array_index(ways, i))->reached)
			return true;
	return false;
}

/* Boot loaders and tools see headers in their own way: they come after the kernel's files. */
static bool by_includers(request *r, tree_arch *a, bool assembly, guint *tried, GError **err)
{
	const char *path = r->wish->path;
	r->out->by_includes = true;
	g_autoptr(GPtrArray) chains = tree_includers(a, path, r->wish->parsed, assembly, INCLUDERS);
	g_autoptr(GArray) more = kbuild_include_guards(a->build, path, a->asm_folder);
	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < chains->len && !units_all_done(r); i++) {
			const tree_chain *chain = g_ptr_array_index(chains, i);
			/* The compiled file is the step furthest from the header. */
			const char *from =
				g_array_index(chain->steps, tree_step, chain->steps->len - 1).from;
			if (is_of_kernel(a, from) != (pass == 0))
				continue;
			g_autoptr(GPtrArray) around = chain_conditions(r, chain);
			bool built;
			(*tried)++;
			if (!units_run_scene(r, a, from, more, around, &built, err))
				return false;
		}
	}
	return true;
}

static bool is_compiled(request *r, tree_arch *a)
{
	const char *path = r->wish->path;
	if (g_str_has_suffix(path, ".S"))
		return true;
	if (!g_str_has_suffix(path, ".c"))
		return false;
	g_autoptr(GPtrArray) ways = tree_ways(a, path);
	if (ways->len)
		return true;
	/* A .c file that no makefile names may be included by one that is. */
	r->out->by_includes = true;
	g_autoptr(GPtrArray) chains = tree_includers(a, path, NULL, false, 1);
	return !chains->len;
}

static bool run_arch(request *r, const char *name, bool *built, GError **err)
{
	tree_arch *a = tree_arch_get(r->t, name);
	r->made = 0;
	*built = tree_is_program(a, r->wish->path);
	if (*built) { /* but not to be read as if it were of the kernel */
		g_free(r->unbuilt);
		r->unbuilt = g_strdup(TREE_PROGRAM);
		return true;
	}
	if (is_compiled(r, a)) {
		g_autoptr(GPtrArray) around = g_ptr_array_new();
		return units_run_scene(r, a, r->wish->path, NULL, around, built, err);
	}
	guint tried = 0, before = r->out->units->len;
	if (!by_includers(r, a, false, &tried, err) || !by_includers(r, a, true, &tried, err))
		return false;
	*built = r->out->units->len > before;
	if (!tried && !r->unbuilt)
		r->unbuilt = g_strdup_printf("never included by a file of %s", a->name);
	return true;
}

/* ---- architectures ---- */

/* A file of one architecture is asked for there alone; generic code that the preferred ones do not
 * build, or lines that they do not see, may belong to others: those that have what was missing. */
static bool run_others(request *r, char *const *tried, GError **err)
{
	const GArray *files = r->t->index->files;
	g_autofree char *last = g_strdup("");
	if (g_str_has_prefix(r->wish->path, "arch/") ||
		g_str_has_prefix(r->wish->path, "include/asm-"))
		return true;
	for (guint i = tree_index_lower(r->t->index, "arch/"); i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (!g_str_has_prefix(path, "arch/") || units_all_done(r))
			break;
		const char *slash = strchr(path + 5, '/');
		size_t len = slash ? (size_t)(slash - path - 5) : 0;
		if (!len || (strlen(last) == len && !strncmp(last, path + 5, len)))
			continue;
		g_free(last);
		last = g_strndup(path + 5, len);
		g_autofree char *start = g_strdup_printf("arch/%s/Kconfig", last);
		bool built;
		if (!tree_has(r->t, start) || !arch_target(last, NULL) || !strcmp(last, "um") ||
			g_strv_contains((const char *const *)tried, last) ||
			!elsewhere_hinted(r->t, r->wish->path, last, r->missing))
			continue;
		if (!run_arch(r, last, &built, err))
			return false;
	}
	return true;
}

/* ---- the answer ---- */

static gint compare_unreached(gconstpointer pa, gconstpointer pb)
{
	const kernel_unreached *a = *(const kernel_unreached *const *)pa;
	const kernel_unreached *b = *(const kernel_unreached *const *)pb;
	return (a->lines.first > b->lines.first) - (a->lines.first < b->lines.first);
}

static void list_unreached(request *r)
{
	for (guint i = 0; i < r->goals->len; i++) {
		const goal *g = g_ptr_array_index(r->goals, i);
		/* Of macros that no header is about there is nothing to say. */
		if (g->done || (r->wish->macros && !g->reason))
			continue;
		for (guint k = 0; k < g->ranges->len; k++) {
			give_up(r, g_array_index(g->ranges, line_range, k),
				g->reason    ? g->reason
				: r->unbuilt ? r->unbuilt
					     : "more configurations than are tried");
		}
	}
	g_ptr_array_sort(r->out->unreached, compare_unreached);
}

/* A file that nothing builds is worth reading for its facts: as if it were built. */
static bool read_anyway(request *r, const char *arch, GError **err)
{
	g_autoptr(analysis_unit) unit = NULL;
	const char *path = r->wish->path;
	bool header = !g_str_has_suffix(path, ".c") && !g_str_has_suffix(path, ".S");
	if (r->out->units->len || header || !arch)
		return true;
	if (!kernel_tree_unit(&unit, r->t, path, arch, err))
		return false;
	kernel_unit *u = kernel_unit_new();
	u->unit = g_steal_pointer(&unit);
	u->configuration = g_strdup_printf("%s: as if it were built", arch);
	u->assumed = g_new0(char *, 1);
	g_ptr_array_add(r->out->units, u);
	return true;
}

static bool run(request *r, GError **err)
{
	g_auto(GStrv) archs = kernel_tree_archs(r->t, r->wish->path, r->wish->prefer);
	bool any = !r->goals->len; /* nothing that a unit could show */
	for (char **a = archs; *a && !units_all_done(r); a++) {
		bool built;
		if (!run_arch(r, *a, &built, err))
			return false;
		any |= built;
	}
	if (r->wish->alone)
		return true;
	if (archs[0] && !units_all_done(r) && !run_others(r, archs, err))
		return false;
	if (r->wish->macros) {
		list_unreached(r);
		return true;
	}
	if (!archs[0])
		r->unbuilt = g_strdup("clang has no target for its architecture");
	if (!any && !read_anyway(r, archs[0], err))
		return false;
	list_unreached(r);
	return true;
}

bool kernel_units_for(kernel_units **out, kernel_tree *t, const kernel_wish *w, GError **err)
{
	g_autoptr(GBytes) text = tree_read_source(t, w->path);
	if (!text)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL,
			"%s: no such file in the tree, or too large", w->path);
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	request r = {.t = t, .wish = w};
	r.file = branch_read(data ? data : "", len);
	r.goals = g_ptr_array_new_with_free_func(goal_free);
	r.files = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)branch_file_free);
	r.missing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	r.out = kernel_units_new();
	want_all(&r);
	bool done = run(&r, err);
	if (done)
		*out = g_steal_pointer(&r.out);
	kernel_units_free(r.out);
	g_ptr_array_unref(r.goals);
	g_clear_pointer(&r.others, g_ptr_array_unref);
	g_hash_table_unref(r.files);
	g_hash_table_unref(r.missing);
	branch_file_free(r.file);
	g_free(r.unbuilt);
	return done;
}

bool kernel_tree_is_built(kernel_tree *t, const char *path, const char *arch)
{
	g_autoptr(scene) s = scene_new(tree_arch_get(t, arch), path, NULL);
	scene_prepare(s);
	for (guint i = 0; i < s->ways->len; i++) {
		const kbuild_way *way = g_ptr_array_index(s->ways, i);
		int literal = g_array_index(s->way_literals, int, i);
		if (way->reached && sat_solve(scene_sat(s), &literal, 1) == SAT_FOUND)
			return true;
	}
	return false;
}
