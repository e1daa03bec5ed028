/* The units of one compiled file on one architecture. */
#include "kernel/units_priv.h"

#include <string.h>

#include "kernel/scene_reason.h"

/* Settings named for a person. */
#define NAMED_SETTINGS 12u

/* What a configuration is checked against. */
typedef struct wanted {
	scene *s;
	const kbuild_way *way;
	const GPtrArray *conditions; /* const branch *: all must hold */
	const GArray *more;	     /* kbuild_guard; NULL: none */
} wanted;

static bool guards_hold(kconfig_values *v, const GArray *guards)
{
	for (guint i = 0; guards && i < guards->len; i++) {
		const kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
		if ((kconfig_tristate(v, g->name) != TRI_N) != g->on)
			return false;
	}
	return true;
}

static bool check(kconfig_values *v, void *data)
{
	const wanted *w = data;
	if (!guards_hold(v, w->more) || (w->way && !guards_hold(v, w->way->guards)))
		return false;
	for (guint i = 0; i < w->conditions->len; i++)
		if (scene_value(w->s, g_ptr_array_index(w->conditions, i), v, w->way, true) !=
			SCENE_YES)
			return false;
	return true;
}

static const kbuild_way *solved_way(scene *s)
{
	if (s->alone) /* its flags, whatever it asks for */
		return s->ways->len ? g_ptr_array_index(s->ways, 0) : NULL;
	for (guint i = 0; i < s->ways->len; i++)
		if (sat_value(scene_sat(s), g_array_index(s->way_literals, int, i)))
			return g_ptr_array_index(s->ways, i);
	return NULL;
}

static char *configuration_text(const tree_arch *a, const GPtrArray *settings)
{
	GString *out = g_string_new(*a->name ? a->name : "this tree");
	g_string_append(out, !a->language	? ": no Kconfig"
			     : tree_is_given(a) ? ": the given .config"
						: ": defconfig");
	for (guint i = 0; settings && i < settings->len && i < NAMED_SETTINGS; i++)
		g_string_append_printf(
			out, "%s%s", i ? " " : " and ", (char *)g_ptr_array_index(settings, i));
	if (settings && settings->len > NAMED_SETTINGS)
		g_string_append_printf(out, " and %u more", settings->len - NAMED_SETTINGS);
	return g_string_free(out, FALSE);
}

static void add_macro(const char *name, void *data)
{
	GPtrArray *list = data;
	for (guint i = 0; i < list->len; i++)
		if (!strcmp(g_ptr_array_index(list, i), name))
			return;
	g_ptr_array_add(list, g_strdup(name));
}

/* The configuration in which everything asked for holds: the last solution. */
static sat_answer settle(
	making *m, tree_config **config, GPtrArray **settings, const kbuild_way **way, GError **err)
{
	tree_arch *a = m->s->a;
	g_autoptr(GPtrArray) conditions = g_ptr_array_new();
	for (guint i = 0; i < m->around->len; i++)
		g_ptr_array_add(conditions, g_ptr_array_index(m->around, i));
	for (guint i = 0; i < m->avoided->len; i++)
		g_ptr_array_add(conditions, g_ptr_array_index(m->avoided, i));
	for (guint i = 0; i < m->chosen->len; i++)
		g_ptr_array_add(
			conditions, (gpointer)((goal *)g_ptr_array_index(m->chosen, i))->condition);
	for (guint i = 0; i < m->shared->len; i++)
		g_ptr_array_add(
			conditions, (gpointer)((taken_along *)g_ptr_array_index(m->shared, i))
					    ->goal->condition);
	g_autoptr(kconfig_values) v = NULL;
	*way = solved_way(m->s);
	*settings = NULL;
	if (m->s->solver) {
		wanted w = {
			m->s, m->s->alone ? NULL : *way, conditions, m->s->alone ? NULL : m->more};
		if (!kconfig_solver_take(m->s->solver, &v, settings, check, &w))
			return SAT_GAVE_UP;
		return tree_config_settled(config, a, *settings, v, err) ? SAT_FOUND
									 : SAT_IMPOSSIBLE;
	}
	return tree_config_get(config, a, NULL, err) ? SAT_FOUND : SAT_IMPOSSIBLE;
}

/* Whether nothing but Kconfig and the compiler decides. */
static bool is_certain(making *m, kconfig_values *v, const kbuild_way *way)
{
	for (guint i = 0; i < m->around->len; i++)
		if (scene_value(m->s, g_ptr_array_index(m->around, i), v, way, false) != SCENE_YES)
			return false;
	for (guint i = 0; i < m->chosen->len; i++)
		if (scene_value(m->s, ((goal *)g_ptr_array_index(m->chosen, i))->condition, v, way,
			    false) != SCENE_YES)
			return false;
	return true;
}

/* A unit that is there already and would be made once more. */
static kernel_unit *same_unit(
	const request *r, const char *path, const tree_config *config, char *const *assumed)
{
	for (guint i = 0; i < r->out->units->len; i++) {
		kernel_unit *u = g_ptr_array_index(r->out->units, i);
		if (u->unit->aliases == config->aliases && !strcmp(u->unit->path, path) &&
			g_strv_equal((const char *const *)u->assumed, (const char *const *)assumed))
			return u;
	}
	return NULL;
}

/* Puts the header's folder first into the include path, where a makefile does under symbols that
 * are off here. */
static void let_see(const making *m, analysis_unit *u)
{
	tree_arch *a = m->s->a;
	g_autofree char *folder = kbuild_include_folder(a->build, m->r->wish->path, a->asm_folder);
	guint at = 0;
	while (at < u->args->len && strcmp(g_ptr_array_index(u->args, at), "-I") != 0)
		at++;
	if (!folder)
		return;
	g_ptr_array_insert(u->args, (gint)at, g_build_filename(u->root, folder, NULL));
	g_ptr_array_insert(u->args, (gint)at, g_strdup("-I"));
}

/* The chosen goals are this unit's. */
static void take_goals(making *m, kernel_unit *u)
{
	for (guint i = 0; i < m->chosen->len; i++) {
		goal *g = g_ptr_array_index(m->chosen, i);
		g_array_append_vals(u->ranges, g->ranges->data, g->ranges->len);
		g->done = true;
	}
}

static bool is_given(const analysis_unit *u, const char *macro)
{
	g_autofree char *define = g_strconcat("-D", macro, NULL);
	size_t len = strlen(define);
	for (guint i = 0; i < u->args->len; i++) {
		const char *arg = g_ptr_array_index(u->args, i);
		if (!strncmp(arg, define, len) && (!arg[len] || arg[len] == '='))
			return true;
	}
	return false;
}

/* Takes back what makefiles define and the chosen goals want undefined. */
static void take_back(making *m, analysis_unit *u, GPtrArray *assumed)
{
	g_autoptr(GPtrArray) unwanted = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < m->chosen->len; i++)
		scene_unwanted_macros(m->s, ((goal *)g_ptr_array_index(m->chosen, i))->condition,
			add_macro, unwanted);
	for (guint i = 0; i < unwanted->len; i++) {
		const char *name = g_ptr_array_index(unwanted, i);
		if (!is_given(u, name))
			continue;
		g_ptr_array_add(u->args, g_strconcat("-U", name, NULL));
		g_ptr_array_add(assumed, g_strconcat("!", name, NULL));
	}
}

/* What the unit is given by hand. The caller's (char *, NULL-terminated). */
static GPtrArray *wanted_macros(making *m)
{
	GPtrArray *assumed = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; m->r->wish->assume && i < m->chosen->len; i++)
		scene_wanted_macros(m->s, ((goal *)g_ptr_array_index(m->chosen, i))->condition,
			add_macro, assumed);
	g_ptr_array_add(assumed, NULL);
	return assumed;
}

static bool add_unit(making *m, tree_config *config, const GPtrArray *settings,
	const kbuild_way *way, GError **err)
{
	scene *s = m->s;
	g_autoptr(analysis_unit) unit = NULL;
	g_autoptr(GPtrArray) assumed = wanted_macros(m);
	if (!tree_unit_in(&unit, s->a, s->path, way, config, (char **)assumed->pdata, err))
		return false;
	g_ptr_array_set_size(assumed, (gint)assumed->len - 1);
	if (m->r->wish->assume)
		take_back(m, unit, assumed);
	g_ptr_array_add(assumed, NULL);
	kernel_unit *same = same_unit(m->r, s->path, config, (char **)assumed->pdata);
	if (same) {
		/* What only headers tell apart: one parse, whatever it shows. */
		take_goals(m, same);
		units_promise(m, same, config->values, s->alone ? NULL : way);
		same->certain = false;
		return true;
	}
	const kbuild_way *built = s->alone ? NULL : way;
	kernel_unit *u = kernel_unit_new();
	u->unit = g_steal_pointer(&unit);
	u->assumed = g_strdupv((char **)assumed->pdata);
	u->certain =
		!assumed->pdata[0] && !m->r->wish->macros && is_certain(m, config->values, built);
	u->configuration = configuration_text(s->a, settings);
	u->alone = s->alone;
	take_goals(m, u);
	units_promise(m, u, config->values, built);
	m->r->made++;
	if (scene_is_module(built, config->values) && !s->assembly)
		g_ptr_array_add(u->unit->args, g_strdup("-DMODULE"));
	if (u->alone && !guards_hold(config->values, m->more))
		let_see(m, u->unit);
	g_ptr_array_add(m->r->out->units, u);
	return true;
}

static bool solves(making *m)
{
	return sat_solve(scene_sat(m->s), (const int *)(void *)m->literals->data,
		       m->literals->len) == SAT_FOUND;
}

/* Whether there is a solution; it is not at hand then. */
static bool is_possible(making *m)
{
	return sat_is_possible(
		scene_sat(m->s), (const int *)(void *)m->literals->data, m->literals->len);
}

/* As units_solve_with says, but nothing is kept and no solution is there after it. */
static bool is_possible_with(making *m, int literal)
{
	g_array_append_val(m->literals, literal);
	bool possible = literal != SAT_NO && is_possible(m);
	g_array_set_size(m->literals, m->literals->len - 1);
	return possible;
}

bool units_solve_with(making *m, int literal)
{
	g_array_append_val(m->literals, literal);
	if (literal != SAT_NO && solves(m))
		return true;
	g_array_set_size(m->literals, m->literals->len - 1);
	return false;
}

/* Takes every open goal that the solution at hand shows already. */
static void take_shown(making *m)
{
	for (guint i = 0; i < m->r->goals->len; i++) {
		goal *g = g_ptr_array_index(m->r->goals, i);
		if (g->done || g->error || g_ptr_array_find(m->chosen, g, NULL))
			continue;
		int literal = scene_literal(m->s, g->condition);
		if (!sat_value(scene_sat(m->s), literal))
			continue;
		g_ptr_array_add(m->chosen, g);
		if (literal != SAT_YES)
			g_array_append_val(m->literals, literal);
	}
}

/* Keeps #errors out that nobody wants to see. */
static void avoid_errors(making *m)
{
	const GArray *lines = m->r->file->lines;
	for (guint i = 0; i < lines->len; i++) {
		const branch_lines *l = &g_array_index(lines, branch_lines, i);
		if (!l->error)
			continue;
		int literal = -scene_literal(m->s, l->condition);
		if (literal != SAT_YES && units_solve_with(m, literal))
			g_ptr_array_add(m->avoided, (gpointer)branch_not(m->r->file, l->condition));
	}
}

/* Makes the unit of what was chosen. When the evaluator does not confirm the whole, the first goal
 * alone is tried. */
static bool finish(making *m, bool *made, GError **err)
{
	tree_config *config = NULL;
	const kbuild_way *way;
	*made = false;
	for (;;) {
		g_autoptr(GPtrArray) settings = NULL;
		g_autoptr(GError) why = NULL;
		if (settle(m, &config, &settings, &way, &why) == SAT_FOUND) {
			*made = true;
			return add_unit(m, config, settings, way, err);
		}
		if (why) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		if (m->shared->len) { /* without what is not its own */
			g_ptr_array_set_size(m->shared, 0);
			g_array_set_size(m->literals, m->own);
			if (!solves(m))
				return true;
			continue;
		}
		if (m->chosen->len <= 1 && !m->avoided->len)
			return true;
		/* Fixed literals come first: what leads to the file, then the goals. */
		g_array_set_size(m->literals, m->around->len + 1);
		g_ptr_array_set_size(m->chosen, 1);
		g_ptr_array_set_size(m->avoided, 0);
		int literal =
			scene_literal(m->s, ((goal *)g_ptr_array_index(m->chosen, 0))->condition);
		if (!units_solve_with(m, literal))
			return true;
	}
}

static void making_start(making *m)
{
	g_array_set_size(m->literals, 0);
	g_ptr_array_set_size(m->chosen, 0);
	g_ptr_array_set_size(m->avoided, 0);
	g_ptr_array_set_size(m->shared, 0);
	g_array_append_val(m->literals, m->s->built);
	for (guint i = 0; i < m->around->len; i++) {
		int literal = scene_literal(m->s, g_ptr_array_index(m->around, i));
		g_array_append_val(m->literals, literal);
	}
}

static void give_reason(making *m, goal *g)
{
	scene_missing(m->s, g->condition, m->r->missing);
	if (!g->reason)
		g->reason = scene_reason(m->s, g->condition, g->text, m->around);
}

/* As makefiles would have it, as far as that goes with what is asked for. */
static void keep_guards(making *m, const GArray *guards)
{
	for (guint i = 0; guards && i < guards->len; i++)
		units_solve_with(
			m, scene_guard_literal(m->s, &g_array_index(guards, kbuild_guard, i)));
}

/* The open goal with the most lines that is neither done nor `refused`; NULL: none. */
static goal *largest_goal(const request *r, GHashTable *refused)
{
	goal *best = NULL;
	guint most = 0;
	for (guint i = 0; i < r->goals->len; i++) {
		goal *g = g_ptr_array_index(r->goals, i);
		guint lines = 1;
		for (guint k = 0; k < g->ranges->len; k++) {
			const line_range *range = &g_array_index(g->ranges, line_range, k);
			lines += range->last - range->first + 1;
		}
		if (!g->done && lines > most && !g_hash_table_contains(refused, g)) {
			best = g;
			most = lines;
		}
	}
	return best;
}

/* A file that is read alone: what is wanted comes first, then what its makefiles ask for. */
static void start_alone(making *m, GHashTable *refused)
{
	scene *s = m->s;
	for (goal *g; (g = largest_goal(m->r, refused)); g_hash_table_add(refused, g)) {
		if (!units_solve_with(m, scene_literal(s, g->condition)))
			continue;
		g_ptr_array_add(m->chosen, g);
		keep_guards(m, s->ways->len ? ((kbuild_way *)g_ptr_array_index(s->ways, 0))->guards
					    : NULL);
		keep_guards(m, m->more);
		if (g->error)
			return;
		avoid_errors(m);
		if (solves(m))
			take_shown(m);
		return;
	}
}

/* Refuses the goals that no solution shows here; false when none is left. Most scenes end here, and
 * to tell that something cannot be takes a tenth of the time of finding out how it can. */
static bool refuse_hopeless(making *m, GHashTable *refused)
{
	bool any = false;
	for (guint i = 0; i < m->r->goals->len; i++) {
		goal *g = g_ptr_array_index(m->r->goals, i);
		if (g->done)
			continue;
		if (is_possible_with(m, scene_literal(m->s, g->condition))) {
			any = true;
			continue;
		}
		g_hash_table_add(refused, g);
		if (!m->s->alone)
			give_reason(m, g);
	}
	return any;
}

/* Units of one scene until its goals are done or cannot be had here. */
static bool make_units(making *m, GError **err)
{
	request *r = m->r;
	g_autoptr(GHashTable) refused = g_hash_table_new(NULL, NULL);
	if (!refuse_hopeless(m, refused))
		return true;
	while (!units_all_done(r) && r->made < KERNEL_UNITS_MAX) {
		making_start(m);
		if (!solves(m))
			return true;
		if (m->s->alone)
			start_alone(m, refused);
		else
			avoid_errors(m);
		if (!m->s->alone && solves(m))
			take_shown(m);
		for (guint i = 0; i < r->goals->len; i++) {
			goal *g = g_ptr_array_index(r->goals, i);
			if (g->done || g_hash_table_contains(refused, g) ||
				g_ptr_array_find(m->chosen, g, NULL))
				continue;
			/* Code behind an #error shares its unit with nothing. */
			if (g->error && m->chosen->len)
				continue;
			if (!m->chosen->len) {
				making_start(m);
			}
			if (units_solve_with(m, scene_literal(m->s, g->condition))) {
				g_ptr_array_add(m->chosen, g);
				if (g->error)
					break;
				take_shown(m);
			} else if (!m->chosen->len) {
				g_hash_table_add(refused, g);
				give_reason(m, g);
			}
		}
		if (!m->chosen->len)
			return true;
		bool made;
		goal *first = g_ptr_array_index(m->chosen, 0);
		if (r->wish->others)
			units_share(m);
		if (!finish(m, &made, err))
			return false;
		if (!made) {
			g_hash_table_add(refused, first);
			if (!first->reason)
				first->reason = g_strdup(
					"the solution found is not confirmed by the evaluator");
		}
		bool open = false;
		for (guint i = 0; i < r->goals->len; i++) {
			goal *g = g_ptr_array_index(r->goals, i);
			open |= !g->done && !g_hash_table_contains(refused, g);
		}
		if (!open)
			return true;
	}
	return true;
}

/* Whether the architecture's first configuration shows all that is open, with what it is built by
 * in *way: most files need no solver. */
static bool first_is_enough(making *m, const kbuild_way **way)
{
	scene *s = m->s;
	kconfig_values *v = s->a->defaults;
	*way = NULL;
	if (!v || m->r->wish->assume || m->r->wish->macros || !guards_hold(v, m->more))
		return false;
	for (guint i = 0; i < s->ways->len && !*way; i++) {
		const kbuild_way *one = g_ptr_array_index(s->ways, i);
		if (guards_hold(v, one->guards))
			*way = one;
	}
	if (s->ways->len && !*way)
		return false;
	for (guint i = 0; i < m->around->len; i++)
		if (scene_value(s, g_ptr_array_index(m->around, i), v, *way, false) == SCENE_NO)
			return false;
	for (guint i = 0; i < m->r->goals->len; i++) {
		goal *g = g_ptr_array_index(m->r->goals, i);
		if (!g->done && scene_value(s, g->condition, v, *way, false) == SCENE_NO)
			return false;
	}
	const GArray *lines = m->r->file->lines;
	for (guint i = 0; i < lines->len; i++) {
		const branch_lines *l = &g_array_index(lines, branch_lines, i);
		if (l->error && scene_value(s, l->condition, v, *way, false) == SCENE_YES)
			return false;
	}
	return true;
}

static bool add_first(making *m, const kbuild_way *way, GError **err)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	tree_config *config;
	for (guint i = 0; i < m->r->goals->len; i++) {
		goal *g = g_ptr_array_index(m->r->goals, i);
		if (!g->done)
			g_ptr_array_add(m->chosen, g);
	}
	return tree_config_settled(&config, m->s->a, none, m->s->a->defaults, err) &&
	       add_unit(m, config, none, way, err);
}

/* Generic code that makefiles name but do not lead to: another architecture's makefile does
 * (drivers/s390). Within an architecture that is a boot loader's or a tool's. */
static bool belongs_elsewhere(const scene *s)
{
	if (!s->a->language || g_str_has_prefix(s->path, "arch/"))
		return false;
	for (guint i = 0; i < s->ways->len; i++)
		if (((const kbuild_way *)g_ptr_array_index(s->ways, i))->reached)
			return false;
	return s->ways->len > 0;
}

static bool run_scene(request *r, scene *s, const GArray *more, const GPtrArray *around,
	bool *built, GError **err)
{
	making m = {.r = r, .s = s, .more = more, .around = around};
	m.literals = g_array_new(FALSE, FALSE, sizeof(int));
	m.chosen = g_ptr_array_new();
	m.avoided = g_ptr_array_new();
	m.shared = g_ptr_array_new_with_free_func(g_free);
	const kbuild_way *way;
	bool done = true, enough = !r->wish->alone && first_is_enough(&m, &way);
	if (!enough) {
		if (r->wish->alone)
			scene_prepare_alone(s);
		else
			scene_prepare(s);
		making_start(&m);
	}
	*built = enough || is_possible(&m);
	if (enough)
		done = add_first(&m, way, err);
	else if (*built)
		done = make_units(&m, err);
	else
		scene_missing(s, NULL, r->missing);
	if (!*built && !r->unbuilt)
		r->unbuilt = scene_unbuilt_reason(s, around);
	g_array_unref(m.literals);
	g_ptr_array_unref(m.chosen);
	g_ptr_array_unref(m.avoided);
	g_ptr_array_unref(m.shared);
	return done;
}

bool units_run_scene(request *r, tree_arch *a, const char *path, const GArray *more,
	const GPtrArray *around, bool *built, GError **err)
{
	g_autoptr(scene) s = scene_new(a, path, more);
	*built = false;
	if (belongs_elsewhere(s)) {
		if (!r->unbuilt)
			r->unbuilt =
				g_strdup_printf("no makefile of %s leads to %s", a->name, path);
		return true;
	}
	if (!r->wish->macros)
		return run_scene(r, s, more, around, built, err);
	units_put_in *p = units_put_in_new(r, s, around);
	bool done = !r->goals->len || run_scene(r, s, more, units_put_in_around(p), built, err);
	units_put_in_free(p);
	return done;
}
