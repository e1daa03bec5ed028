/* From a wish to a configuration: asks the circuit, then says it in as few answers as it takes. */
#include "kernel/kconfig_encode.h"

#include <string.h>

#include "base/sort.h"

/* Evaluations spent on finding answers that can be left out again. */
#define LEAVE_OUT_TRIES 200u

/* An answer that differs from the usual ones. */
typedef struct answer {
	const kconfig_symbol *symbol;
	tristate tri;
	const char *text; /* of numbers and texts */
} answer;

static void free_domain(gpointer data)
{
	if (data)
		g_ptr_array_unref(data);
}

static bool is_logical(const kconfig_symbol *s)
{
	return s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE;
}

/* Makes the values of all numbers and texts: in the order of Kconfig, not in that of the questions
 * that are to come, for solutions depend on the order of variables. */
static void make_domains(kconfig_solver *s)
{
	for (guint i = 0; i < s->k->symbols->len; i++) {
		const kconfig_symbol *symbol = g_ptr_array_index(s->k->symbols, i);
		if (symbol->entries && !symbol->constant && !is_logical(symbol))
			kconfig_encode_compare(s, symbol, KEXPR_UNEQUAL, NULL, "");
	}
}

/* Makes "is a module" of every symbol: decided before what was made earlier (sat_rank), it leaves
 * built in what may be either. */
static void make_modules(kconfig_solver *s)
{
	for (guint i = 0; i < s->k->symbols->len; i++) {
		const kconfig_symbol *symbol = g_ptr_array_index(s->k->symbols, i);
		if (!symbol->constant && symbol->type == KCONFIG_TRISTATE)
			sat_and(s->sat, s->values[i].m, -s->values[i].y);
	}
}

kconfig_solver *kconfig_solver_new(kconfig_values *usual)
{
	kconfig_solver *s = g_new0(kconfig_solver, 1);
	s->usual = usual;
	s->k = usual->k;
	s->sat = sat_new();
	s->values = g_new0(tri, usual->count);
	s->visible = g_new0(tri, usual->count);
	s->domains = g_new0(GPtrArray *, usual->count);
	s->exprs = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	s->compared = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	s->busy = g_hash_table_new(NULL, NULL);
	kconfig_encode(s);
	make_domains(s);
	make_modules(s);
	sat_rank(s->sat);
	return s;
}

void kconfig_solver_free(kconfig_solver *s)
{
	if (!s)
		return;
	for (guint i = 0; i < s->usual->count; i++)
		free_domain(s->domains[i]);
	g_free(s->domains);
	g_free(s->values);
	g_free(s->visible);
	g_hash_table_unref(s->exprs);
	g_hash_table_unref(s->compared);
	g_hash_table_unref(s->busy);
	sat_free(s->sat);
	g_free(s);
}

sat *kconfig_solver_sat(kconfig_solver *s)
{
	return s->sat;
}

int kconfig_solver_literal(kconfig_solver *s, const char *name, tristate at_least)
{
	const kconfig_symbol *symbol = kconfig_find(s->k, name);
	if (at_least == TRI_N)
		return SAT_YES;
	if (!symbol || !symbol->entries || symbol->constant || !is_logical(symbol))
		return SAT_NO;
	return at_least == TRI_M ? s->values[symbol->id].m : s->values[symbol->id].y;
}

int kconfig_solver_compare(
	kconfig_solver *s, const char *name, kexpr_kind comparison, const char *text)
{
	const kconfig_symbol *symbol = kconfig_find(s->k, name);
	if (!symbol || !symbol->entries || is_logical(symbol))
		return SAT_NO;
	return kconfig_encode_compare(s, symbol, comparison, NULL, text);
}

/* ---- from a solution to answers ---- */

static tristate solved(const kconfig_solver *s, const kconfig_symbol *symbol)
{
	const tri *value = &s->values[symbol->id];
	return sat_value(s->sat, value->y) ? TRI_Y : sat_value(s->sat, value->m) ? TRI_M : TRI_N;
}

static tristate usual_value(const kconfig_solver *s, const kconfig_symbol *symbol)
{
	const kexpr e = {.kind = KEXPR_SYMBOL, .a = symbol};
	return kexpr_value(s->usual, &e);
}

/* The answers that the solution takes: all, or those that are not the usual ones. */
static GArray *answers_of(const kconfig_solver *s, bool all)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(answer));
	for (guint i = 0; i < s->usual->count; i++) {
		const kconfig_symbol *symbol = g_ptr_array_index(s->k->symbols, i);
		if (symbol->constant || !symbol->entries)
			continue;
		if (is_logical(symbol)) {
			answer a = {symbol, solved(s, symbol), NULL};
			bool shown = sat_value(s->sat, s->visible[i].m);
			/* What a choice does not pick is off by itself. */
			bool said = !(symbol->chooser && a.tri == TRI_N);
			if (shown && said && (all || a.tri != usual_value(s, symbol)))
				g_array_append_val(out, a);
			continue;
		}
		for (guint k = 0; s->domains[i] && k < s->domains[i]->len; k++) {
			const text_choice *c = g_ptr_array_index(s->domains[i], k);
			if (!c->answered || !sat_value(s->sat, c->when))
				continue;
			answer a = {symbol, TRI_N, c->text};
			g_array_append_val(out, a);
			break;
		}
	}
	return out;
}

static void put_answer(kconfig_values *v, const answer *a)
{
	const kconfig_symbol *symbol = a->symbol;
	user_value *user = &v->user[symbol->id];
	if (!is_logical(symbol)) {
		*user = (user_value){
			.set = true, .text = g_string_chunk_insert_const(v->strings, a->text)};
		return;
	}
	user->set = true;
	user->forced = symbol->choice;
	user->tri = a->tri;
	if (symbol->chooser && a->tri == TRI_Y) {
		user_value *choice = &v->user[symbol->chooser->id];
		choice->set = choice->forced = true;
		choice->tri = TRI_Y;
		choice->chosen = symbol;
	}
}

/* The usual configuration with these answers but for those `left` out (may be NULL). The
 * caller's. */
static kconfig_values *with_answers(
	const kconfig_solver *s, const GArray *answers, const bool *left)
{
	kconfig_values *v = kconfig_values_copy(s->usual);
	for (guint i = 0; i < answers->len; i++)
		if (!left || !left[i])
			put_answer(v, &g_array_index(answers, answer, i));
	kconfig_values_invalidate(v);
	return v;
}

/* Leaves out what is not needed, in halves first, then one by one: a solution picks some value for
 * everything, and what nobody asked for is better left to Kconfig's own defaults. */
static void leave_out(kconfig_solver *s, GArray *answers, kconfig_check check, void *data)
{
	guint tries = 0, n = answers->len;
	g_autofree bool *left = g_new0(bool, n + 1);
	for (guint chunk = MAX(n / 2, 1); n && tries < LEAVE_OUT_TRIES; chunk /= 2) {
		for (guint at = 0; at < n && tries < LEAVE_OUT_TRIES; at += chunk) {
			guint end = MIN(at + chunk, n), new = 0;
			g_autofree bool *trial = g_memdup2(left, n + 1);
			for (guint i = at; i < end; i++) {
				new += !trial[i];
				trial[i] = true;
			}
			if (!new)
				continue;
			tries++;
			g_autoptr(kconfig_values) v = with_answers(s, answers, trial);
			if (check(v, data))
				memcpy(left, trial, n + 1);
		}
		if (chunk == 1)
			break;
	}
	guint kept = 0;
	for (guint i = 0; i < n; i++)
		if (!left[i])
			g_array_index(answers, answer, kept++) = g_array_index(answers, answer, i);
	g_array_set_size(answers, kept);
}

static GPtrArray *texts_of(const GArray *answers)
{
	static const char *const letters[] = {"n", "m", "y"};
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < answers->len; i++) {
		const answer *a = &g_array_index(answers, answer, i);
		/* An unnamed choice that is on says nothing without its value. */
		if (!a->symbol->name)
			continue;
		g_ptr_array_add(out, g_strdup_printf("%s=%s", a->symbol->name,
					     a->text ? a->text : letters[a->tri]));
	}
	g_ptr_array_sort(out, sort_by_text);
	return out;
}

bool kconfig_solver_take(kconfig_solver *s, kconfig_values **out, GPtrArray **settings,
	kconfig_check check, void *data)
{
	g_autoptr(GArray) answers = answers_of(s, false);
	g_autoptr(kconfig_values) v = with_answers(s, answers, NULL);
	if (!check(v, data)) {
		/* Defaults that follow the answers get in the way: all is said. */
		g_array_unref(answers);
		answers = answers_of(s, true);
		kconfig_values_free(v);
		v = with_answers(s, answers, NULL);
		if (!check(v, data))
			return false;
	}
	leave_out(s, answers, check, data);
	kconfig_values_free(v);
	v = with_answers(s, answers, NULL);
	*out = g_steal_pointer(&v);
	*settings = texts_of(answers);
	return true;
}

sat_answer kconfig_solver_find(kconfig_solver *s, kconfig_values **out, GPtrArray **settings,
	const int *literals, guint n, kconfig_check check, void *data)
{
	sat_answer found = sat_solve(s->sat, literals, n);
	if (found != SAT_FOUND)
		return found;
	return kconfig_solver_take(s, out, settings, check, data) ? SAT_FOUND : SAT_GAVE_UP;
}
