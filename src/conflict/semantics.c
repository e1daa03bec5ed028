/* code.semantics: one series changes what a function does to its callers, in place and with the
 * same type, and the other starts to call it as it was. Text and compiler are content with both.
 *
 * Told is only what the code says plainly: the function now takes a lock that the new caller holds;
 * it now may sleep where the new caller must not; what it gives is in another unit, and the new
 * caller reckons in the old one. A changed body alone is no reason. */
#include "conflict/check.h"

#include <string.h>

#include "model/unit_names.h"

/* Where nothing but names speak. */
#define UNIT_CONFIDENCE 0.6
/* Locks taken and left are followed by the order of the lines, not by the branches between. */
#define LOCK_CONFIDENCE 0.7
/* Locks that are held at one place: the deepest order of locks in Linux 6.1 has seven. */
#define LOCKS_HELD 16u

/* ---- what is held ---- */

typedef enum region_kind {
	REGION_SPIN,   /* a spinning lock: who holds it must not sleep */
	REGION_SLEEP,  /* a lock that sleeps */
	REGION_ATOMIC, /* interrupts or preemption off, no lock */
} region_kind;

typedef struct region_word {
	const char *open, *close;
	region_kind kind;
} region_word;

static const region_word region_words[] = {
	{"spin_lock", "spin_unlock", REGION_SPIN},
	{"spin_lock_irq", "spin_unlock_irq", REGION_SPIN},
	{"spin_lock_irqsave", "spin_unlock_irqrestore", REGION_SPIN},
	{"spin_lock_bh", "spin_unlock_bh", REGION_SPIN},
	{"read_lock", "read_unlock", REGION_SPIN},
	{"write_lock", "write_unlock", REGION_SPIN},
	{"write_lock_irq", "write_unlock_irq", REGION_SPIN},
	{"write_lock_irqsave", "write_unlock_irqrestore", REGION_SPIN},
	{"mutex_lock", "mutex_unlock", REGION_SLEEP},
	{"down", "up", REGION_SLEEP},
	{"down_write", "up_write", REGION_SLEEP},
	{"local_irq_save", "local_irq_restore", REGION_ATOMIC},
	{"local_irq_disable", "local_irq_enable", REGION_ATOMIC},
	{"preempt_disable", "preempt_enable", REGION_ATOMIC},
};

typedef struct region {
	const region_word *word;
	const use *at;
} region;

/* The first argument of "(&lock, flags)". The caller's. */
static char *first_argument(const char *detail)
{
	const char *start = detail + strspn(detail, "( ");
	return g_strndup(start, strcspn(start, ",)"));
}

static bool same_argument(const use *a, const use *b)
{
	g_autofree char *x = first_argument(a->detail), *y = first_argument(b->detail);
	return !strcmp(x, y);
}

/* One lock for everyone: "&name" of a file-scope variable. A lock that is reached through a pointer
 * may be another one at each call. */
static bool is_global(const use *u)
{
	g_autofree char *lock = first_argument(u->detail);
	const char *name = lock + (*lock == '&');
	return *lock == '&' && *name && !strpbrk(name, "-.[> (");
}

static bool is_call(const use *u)
{
	return u->kind == USE_CALL || u->kind == USE_MACRO;
}

static const region_word *opens(const use *u)
{
	for (size_t i = 0; is_call(u) && i < G_N_ELEMENTS(region_words); i++)
		if (!strcmp(u->name, region_words[i].open))
			return &region_words[i];
	return NULL;
}

/* Takes off what the use closes: the last region of its kind, of its lock. */
static void close_region(GArray *held, const use *u)
{
	for (guint i = held->len; i-- > 0;) {
		const region *r = &g_array_index(held, region, i);
		bool closes = is_call(u) && !strcmp(u->name, r->word->close);
		if (closes && (r->word->kind == REGION_ATOMIC || same_argument(u, r->at))) {
			g_array_remove_index(held, i);
			return;
		}
	}
}

/* What the function holds when it comes to `line`: region, in the order it was taken. */
static GArray *held_at(const fact_set *f, const entity *function, unsigned line)
{
	GArray *held = g_array_new(FALSE, FALSE, sizeof(region));
	guint cursor = 0;
	for (const use *u; (u = fact_set_use_within(f, function, &cursor)) && u->line < line;) {
		const region_word *word = opens(u);
		region r = {word, u};
		if (word && held->len < LOCKS_HELD)
			g_array_append_val(held, r);
		else
			close_region(held, u);
	}
	return held;
}

/* ---- what a function does ---- */

static const use *first_sleeper(const fact_set *f, const entity *function)
{
	static const char *const words[] = {"might_sleep", "mutex_lock", "down", "down_read",
		"down_write", "schedule", "schedule_timeout", "msleep", "wait_for_completion",
		"GFP_KERNEL", NULL};
	guint cursor = 0;
	for (const use *u; (u = fact_set_use_within(f, function, &cursor));)
		if ((is_call(u) || u->kind == USE_REFERENCE) && g_strv_contains(words, u->name))
			return u;
	return NULL;
}

/* The function takes the same lock. */
static const use *takes(const fact_set *f, const entity *function, const use *lock)
{
	guint cursor = 0;
	for (const use *u; (u = fact_set_use_within(f, function, &cursor));) {
		const region_word *word = opens(u);
		if (word && word->kind != REGION_ATOMIC && same_argument(u, lock))
			return u;
	}
	return NULL;
}

/* Which units the names in a function speak of: 1 << unit. *first[unit] is the name that does. */
static unsigned units_of(const fact_set *f, const entity *function, const use **first)
{
	unsigned seen = 0;
	guint cursor = 0;
	for (const use *u; (u = fact_set_use_within(f, function, &cursor));) {
		bool speaks = is_call(u) || u->kind == USE_REFERENCE || u->kind == USE_FIELD;
		const char *dot = u->kind == USE_FIELD ? strrchr(u->name, '.') : NULL;
		unit spoken = speaks ? unit_of_name(dot ? dot + 1 : u->name) : UNITS;
		if (spoken == UNITS || seen & 1u << spoken)
			continue;
		seen |= 1u << spoken;
		if (first)
			first[spoken] = u;
	}
	return seen;
}

/* ---- the pair ---- */

/* A function that one series changes, and a new call of it by the other. */
typedef struct meeting {
	unsigned changer, caller; /* series */
	const touch *changed, *site;
	const fact_set *was_in, *is_in, *calls_in;
	const entity *was, *is, *calls;
} meeting;

static const entity *definition_of(
	GHashTable *sets, const char *path, const char *name, unsigned line, const fact_set **in)
{
	const fact_set *f = path ? g_hash_table_lookup(sets, path) : NULL;
	*in = f;
	for (guint i = 0; f && i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (e->kind == ENTITY_FUNCTION && e->flags & ENTITY_DEFINITION &&
			!strcmp(e->name, name) &&
			(!line || (e->line <= line && line <= e->end_line)))
			return e;
	}
	return NULL;
}

static bool find_code(conflict_context *c, meeting *x)
{
	const series_reading *changer = context_reading(c, x->changer);
	const series_reading *caller = context_reading(c, x->caller);
	const char *name = x->changed->name;
	x->was = definition_of(changer->base, x->changed->base.path, name, 0, &x->was_in);
	x->is = definition_of(changer->tip, x->changed->tip.path, name, 0, &x->is_in);
	x->calls = definition_of(
		caller->tip, x->site->tip.path, x->site->in, x->site->tip.line, &x->calls_in);
	return x->was && x->is && x->calls;
}

static finding *add(conflict_context *c, const meeting *x, const char *aspect)
{
	const char *keys[] = {aspect, x->changed->name, x->calls->name, NULL};
	series_pair p = {MIN(x->changer, x->caller), MAX(x->changer, x->caller)};
	finding *f = context_add_pair(c, "code.semantics", SEVERITY_WARNING, p, keys);
	finding_add_touch(f, x->changer, x->changed);
	finding_add_touch(f, x->caller, x->site);
	return f;
}

static void tell_lock(conflict_context *c, const meeting *x, const region *held, const use *taken)
{
	finding *f = add(c, x, "lock");
	const char *by = context_series(c, x->changer)->name;
	const char *of = context_series(c, x->caller)->name;
	g_autofree char *lock = first_argument(taken->detail);
	f->confidence = LOCK_CONFIDENCE;
	finding_set_title(f, "%s: %s makes it take %s, which %s's new caller %s holds",
		x->changed->name, by, lock, of, x->calls->name);
	f->explanation = g_strdup_printf(
		"%s takes %s since %s (%s:%u); in the base it did not. %s of %s takes it in line "
		"%u of %s and calls %s in line %u: the second taking waits for ever.",
		x->changed->name, lock, by, x->is_in->path, taken->line, x->calls->name, of,
		held->at->line, x->calls_in->path, x->changed->name, x->site->tip.line);
	f->suggestion = g_strdup_printf("Give %s a variant for callers that hold the lock, or call "
					"it before the lock is taken.",
		x->changed->name);
}

static void tell_sleep(
	conflict_context *c, const meeting *x, const region *held, const use *sleeper)
{
	finding *f = add(c, x, "sleep");
	const char *by = context_series(c, x->changer)->name;
	const char *of = context_series(c, x->caller)->name;
	f->confidence = LOCK_CONFIDENCE;
	finding_set_title(f, "%s: %s makes it sleep, %s's new caller %s must not", x->changed->name,
		by, of, x->calls->name);
	f->explanation = g_strdup_printf(
		"%s may sleep since %s (`%s%s`, %s:%u); in the base it did not. %s of %s calls it "
		"in line %u of %s, after `%s%s` in line %u, where nothing may sleep.",
		x->changed->name, by, sleeper->name, is_call(sleeper) ? sleeper->detail : "",
		x->is_in->path, sleeper->line, x->calls->name, of, x->site->tip.line,
		x->calls_in->path, held->at->name, held->at->detail, held->at->line);
	f->suggestion = g_strdup_printf("Call %s where sleeping is allowed, or leave it as it was "
					"for such callers.",
		x->changed->name);
}

static void tell_unit(conflict_context *c, const meeting *x, unit before, unit after,
	const use *new_word, const use *reckons)
{
	finding *f = add(c, x, "unit");
	const char *by = context_series(c, x->changer)->name;
	const char *of = context_series(c, x->caller)->name;
	f->confidence = UNIT_CONFIDENCE;
	finding_set_title(f, "%s: %s turns it from %s to %s, %s's new caller %s reckons in %s",
		x->changed->name, by, unit_name(before), unit_name(after), of, x->calls->name,
		unit_name(before));
	f->explanation = g_strdup_printf(
		"In the base %s speaks of %s alone; since %s it gives %s (%s, %s:%u). %s of %s "
		"calls it in line %u of %s and uses %s in line %u.",
		x->changed->name, unit_name(before), by, unit_name(after), new_word->name,
		x->is_in->path, new_word->line, x->calls->name, of, x->site->tip.line,
		x->calls_in->path, reckons->name, reckons->line);
	f->suggestion = g_strdup_printf("Say in which unit %s gives its value, and convert in %s.",
		x->changed->name, x->calls->name);
}

static void check_regions(conflict_context *c, const meeting *x)
{
	g_autoptr(GArray) held = held_at(x->calls_in, x->calls, x->site->tip.line);
	const use *sleeper =
		first_sleeper(x->was_in, x->was) ? NULL : first_sleeper(x->is_in, x->is);
	for (guint i = 0; i < held->len; i++) {
		const region *r = &g_array_index(held, region, i);
		const use *taken = r->word->kind != REGION_ATOMIC && is_global(r->at) &&
						   !takes(x->was_in, x->was, r->at)
					   ? takes(x->is_in, x->is, r->at)
					   : NULL;
		if (taken) {
			tell_lock(c, x, r, taken);
			return;
		}
		if (sleeper && r->word->kind != REGION_SLEEP) {
			tell_sleep(c, x, r, sleeper);
			return;
		}
	}
}

/* The one unit of a set, or UNITS. */
static unit only_unit(unsigned set)
{
	for (unit u = 0; u < UNITS; u++)
		if (set == 1u << u)
			return u;
	return UNITS;
}

static void check_units(conflict_context *c, const meeting *x)
{
	const use *now[UNITS] = {NULL}, *theirs[UNITS] = {NULL};
	unit before = only_unit(units_of(x->was_in, x->was, NULL));
	unsigned set = units_of(x->is_in, x->is, now);
	/* a function that gives no value gives no unit */
	if (before == UNITS || g_str_has_prefix(x->is->signature, "void "))
		return;
	/* the old unit may be left as what is converted */
	unit after = only_unit(set & ~(1u << before));
	unsigned reckons = units_of(x->calls_in, x->calls, theirs);
	if (after != UNITS && reckons & 1u << before && !(reckons & 1u << after))
		tell_unit(c, x, before, after, now[after], theirs[before]);
}

static bool changes_in_place(const touch *t)
{
	return !t->is_use && t->entity == ENTITY_FUNCTION && t->change == TOUCH_CHANGED &&
	       t->base.path && t->tip.path && !t->origin && t->flags & ENTITY_DEFINITION &&
	       !strcmp(t->signature_base, t->signature_tip);
}

/* The other series changes or defines the function itself: then its calls mean its own. */
static bool touches_itself(conflict_context *c, unsigned series_index, const char *name)
{
	const GPtrArray *named = context_entities(c, series_index, name);
	for (guint i = 0; named && i < named->len; i++) {
		const touch *t = g_ptr_array_index(named, i);
		if (t->entity == ENTITY_FUNCTION && t->flags & ENTITY_DEFINITION)
			return true;
	}
	return false;
}

/* A static function is called in its own file alone. */
static bool reaches(const touch *t, const touch *site)
{
	return !(t->flags & ENTITY_STATIC) || path_is_header(t->tip.path) ||
	       !strcmp(t->base.path, site->tip.path);
}

static void find(conflict_context *c, unsigned changer, unsigned caller)
{
	const touch_set *touches = context_reading(c, changer)->touches;
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		const touch *t = &g_array_index(touches->touches, touch, i);
		const GPtrArray *sites =
			changes_in_place(t) ? context_uses(c, caller, t->name) : NULL;
		if (!sites || touches_itself(c, caller, t->name))
			continue;
		for (guint k = 0; k < sites->len; k++) {
			const touch *site = g_ptr_array_index(sites, k);
			meeting x = {
				.changer = changer, .caller = caller, .changed = t, .site = site};
			if (site->use != USE_CALL || site->change != TOUCH_ADDED ||
				!site->tip.path || !reaches(t, site) || !find_code(c, &x))
				continue;
			guint before = c->m->findings->len;
			check_regions(c, &x);
			check_units(c, &x);
			if (c->m->findings->len > before)
				break; /* one caller shows it */
		}
	}
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	(void)err;
	find(c, p.a, p.b);
	find(c, p.b, p.a);
	return true;
}

const conflict_check check_semantics = {.name = "code.semantics", .pair = pair};
