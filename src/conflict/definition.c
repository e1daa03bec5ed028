/* Names that the series mean differently: defined twice, valued differently, with another
 * signature, removed or renamed by one while the other starts to use them. */
#include "conflict/check.h"

#include <string.h>

/* Two headers may both be included by one file, or never: the paths do not tell. */
#define HEADERS_CONFIDENCE 0.6
/* The same name in text that no compiler saw. */
#define TEXT_CONFIDENCE 0.6

static bool is_definition(const touch *t, touch_change change)
{
	return !t->is_use && t->change == change && (t->flags & ENTITY_DEFINITION) &&
	       !(t->flags & ENTITY_UNDEF);
}

static bool is_named_code(entity_kind kind)
{
	switch (kind) {
	case ENTITY_FUNCTION:
	case ENTITY_MACRO:
	case ENTITY_STRUCT:
	case ENTITY_UNION:
	case ENTITY_ENUM:
	case ENTITY_ENUMERATOR:
	case ENTITY_TYPEDEF:
	case ENTITY_VARIABLE:
		return true;
	default:
		return false;
	}
}

/* Seen beyond its own file: external linkage, or in a header. */
static bool is_shared(const touch *t, const char *path)
{
	if (path_is_header(path))
		return true;
	return (t->entity == ENTITY_FUNCTION || t->entity == ENTITY_VARIABLE) &&
	       !(t->flags & ENTITY_STATIC);
}

/* Do two new definitions of one name meet, in one file or in one kernel? */
static bool definitions_meet(const touch *a, const touch *b)
{
	if (!strcmp(a->tip.path, b->tip.path))
		return !strcmp(a->condition, b->condition);
	if (!is_shared(a, a->tip.path) || !is_shared(b, b->tip.path))
		return false;
	/* a type or macro of a header and another of a .c file are of different scope */
	if (path_is_header(a->tip.path) != path_is_header(b->tip.path))
		return false;
	return !paths_are_alternatives(a->tip.path, b->tip.path);
}

static double definition_confidence(const touch *a, const touch *b)
{
	if (!strcmp(a->tip.path, b->tip.path))
		return 1.0;
	if (a->reader == READER_TEXT || b->reader == READER_TEXT)
		return TEXT_CONFIDENCE;
	return path_is_header(a->tip.path) ? HEADERS_CONFIDENCE : 0.9;
}

static bool is_value(const touch *t)
{
	return t->entity == ENTITY_ENUMERATOR ||
	       (t->entity == ENTITY_MACRO && !(t->flags & ENTITY_FUNCTION_LIKE));
}

static void report_value(conflict_context *c, series_pair p, const touch *a, const touch *b)
{
	const char *keys[] = {a->name, NULL};
	finding *f = context_add_pair(c, "code.macro-value", SEVERITY_WARNING, p, keys);
	f->confidence = definition_confidence(a, b);
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	finding_set_title(f, "%s: %s and %s give it different values", a->name, name_a, name_b);
	f->explanation =
		g_strdup_printf("%s defines %s as `%s` (%s:%u), %s as `%s` (%s:%u). The file "
				"that includes both gets the last one.",
			name_a, a->name, a->detail, a->tip.path, a->tip.line, name_b, b->detail,
			b->tip.path, b->tip.line);
	f->suggestion = g_strdup("Agree on one value, or give one of them another name.");
	finding_add_touch(f, p.a, a);
	finding_add_touch(f, p.b, b);
}

static void report_duplicate(conflict_context *c, series_pair p, const touch *a, const touch *b)
{
	const char *kind = entity_kind_name(a->entity);
	const char *keys[] = {kind, a->name, NULL};
	finding *f = context_add_pair(c, "code.duplicate-definition", SEVERITY_WARNING, p, keys);
	f->confidence = definition_confidence(a, b);
	if (!strcmp(a->tip.path, b->tip.path))
		f->severity = SEVERITY_ERROR;
	finding_set_title(f, "%s: defined by %s and by %s", a->name, context_series(c, p.a)->name,
		context_series(c, p.b)->name);
	f->explanation = g_strdup_printf(
		"Both series bring a %s named %s: %s in %s, line %u; %s in %s, line %u. %s", kind,
		a->name, context_series(c, p.a)->name, a->tip.path, a->tip.line,
		context_series(c, p.b)->name, b->tip.path, b->tip.line,
		path_is_header(a->tip.path) ? "A file that includes both does not compile."
					    : "A kernel that builds both does not link.");
	f->suggestion = g_strdup("If they do the same, keep one, in a place that both series use; "
				 "otherwise rename one.");
	finding_add_touch(f, p.a, a);
	finding_add_touch(f, p.b, b);
}

static bool is_second_definition(const touch *t, const touch *other)
{
	return is_definition(other, TOUCH_ADDED) && definitions_meet(t, other);
}

/* `a` is a new definition of the first series: compare with the second's of that name. */
static bool compare_definitions(conflict_context *c, series_pair p, const touch *a, GError **err)
{
	const touch *b = context_partner(c, p.b, a, is_second_definition);
	bool same;
	if (!b)
		return true;
	if (!context_same_text(c, &same, a, b, err))
		return false;
	bool one_place = !strcmp(a->tip.path, b->tip.path);
	if (is_value(a)) {
		if (strcmp(a->detail, b->detail))
			report_value(c, p, a, b);
	} else if (!same || (!one_place && a->entity != ENTITY_MACRO)) {
		report_duplicate(c, p, a, b);
	}
	return true;
}

static bool find_duplicates(conflict_context *c, series_pair p, GError **err)
{
	const touch_set *touches = context_reading(c, p.a)->touches;
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		const touch *a = &g_array_index(touches->touches, touch, i);
		if (is_definition(a, TOUCH_ADDED) && is_named_code(a->entity) && *a->name &&
			!compare_definitions(c, p, a, err))
			return false;
	}
	return true;
}

/* True when a use in `path` can mean the entity of `t`, which the base has in t->base.path. */
static bool use_sees(const touch *t, const char *path, const char *origin)
{
	if (is_shared(t, t->base.path))
		return !paths_are_alternatives(t->base.path, path) || !path_is_header(path);
	return !strcmp(path, t->base.path) || (origin && !strcmp(origin, t->base.path));
}

static bool use_fits(const touch *t, const touch *site)
{
	switch (site->use) {
	case USE_CALL:
	case USE_REFERENCE:
		return t->entity == ENTITY_FUNCTION || t->entity == ENTITY_VARIABLE ||
		       t->entity == ENTITY_MACRO;
	case USE_MACRO:
		return t->entity == ENTITY_MACRO;
	case USE_TYPE:
		return t->entity == ENTITY_STRUCT || t->entity == ENTITY_UNION ||
		       t->entity == ENTITY_ENUM || t->entity == ENTITY_TYPEDEF;
	default:
		return false;
	}
}

/* Uses that the other series newly makes of what `t` changes. The caller's; elements borrowed. */
static GPtrArray *new_uses(conflict_context *c, unsigned other, const touch *t)
{
	GPtrArray *uses = g_ptr_array_new();
	const GPtrArray *named = context_uses(c, other, t->name);
	for (guint i = 0; named && i < named->len; i++) {
		touch *site = g_ptr_array_index(named, i);
		if (site->change == TOUCH_ADDED && site->tip.path && use_fits(t, site) &&
			use_sees(t, site->tip.path, site->origin))
			g_ptr_array_add(uses, site);
	}
	return uses;
}

/* True when the series itself defines the name: then its uses mean its own. */
static bool defines(const conflict_context *c, unsigned series_index, const char *name)
{
	const GPtrArray *named = context_entities(c, series_index, name);
	for (guint i = 0; named && i < named->len; i++) {
		const touch *t = g_ptr_array_index(named, i);
		if (t->change == TOUCH_ADDED || t->change == TOUCH_MOVED)
			return true;
	}
	return false;
}

/* True when the name still stands, as a definition or declaration, in the tip's touched files. */
static bool stands_in_tip(const conflict_context *c, unsigned series_index, const touch *t)
{
	GHashTable *tip = context_reading(c, series_index)->tip;
	GHashTableIter it;
	gpointer value;
	g_hash_table_iter_init(&it, tip);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		const fact_set *f = value;
		for (guint i = 0; i < f->entities->len; i++) {
			const entity *e = &g_array_index(f->entities, entity, i);
			if (!(e->flags & ENTITY_UNDEF) && !strcmp(e->name, t->name) &&
				e->kind != ENTITY_FIELD)
				return true;
		}
	}
	return false;
}

static const entity *entity_at(const series_reading *reading, tree_at at, const touch *t)
{
	const place *p = at == AT_BASE ? &t->base : &t->tip;
	GHashTable *sets = at == AT_BASE ? reading->base : reading->tip;
	const fact_set *f = p->path ? g_hash_table_lookup(sets, p->path) : NULL;
	for (guint i = 0; f && i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (e->kind == t->entity && e->line == p->line && !strcmp(e->name, t->name))
			return e;
	}
	return NULL;
}

/* What a removed entity is called now: an added one of the same file with the same body. */
static const touch *new_name(const conflict_context *c, unsigned series_index, const touch *removed)
{
	const series_reading *reading = context_reading(c, series_index);
	const entity *was = entity_at(reading, AT_BASE, removed);
	if (!was || !was->tokens)
		return NULL;
	for (guint i = 0; i < reading->touches->touches->len; i++) {
		const touch *t = &g_array_index(reading->touches->touches, touch, i);
		if (t->is_use || t->change != TOUCH_ADDED || t->entity != removed->entity ||
			!t->tip.path || strcmp(t->tip.path, removed->base.path))
			continue;
		const entity *is = entity_at(reading, AT_TIP, t);
		if (is && is->tokens == was->tokens && is->body[0] == was->body[0] &&
			is->body[1] == was->body[1])
			return t;
	}
	return NULL;
}

/* The same for a name that is removed in several places, as a definition and its prototype are. */
static const touch *any_new_name(
	const conflict_context *c, unsigned series_index, const touch *removed)
{
	const GPtrArray *named = context_entities(c, series_index, removed->name);
	const touch *renamed = NULL;
	for (guint i = 0; !renamed && i < named->len; i++) {
		const touch *t = g_ptr_array_index(named, i);
		if (t->change == TOUCH_REMOVED && t->entity == removed->entity && !t->origin)
			renamed = new_name(c, series_index, t);
	}
	return renamed;
}

static void add_uses(finding *f, unsigned series_index, const GPtrArray *uses)
{
	for (guint i = 0; i < uses->len; i++)
		finding_add_touch(f, series_index, g_ptr_array_index(uses, i));
}

/* `remover` takes away what `user` starts to use. */
static void report_removed(
	conflict_context *c, unsigned remover, unsigned user, const touch *t, const GPtrArray *uses)
{
	const touch *renamed = any_new_name(c, remover, t);
	const char *kind = renamed ? "code.renamed-in-use" : "code.removed-in-use";
	const char *keys[] = {
		entity_kind_name(t->entity), t->name, context_series(c, remover)->name, NULL};
	series_pair p = {MIN(remover, user), MAX(remover, user)};
	finding *f = context_add_pair(c, kind, SEVERITY_ERROR, p, keys);
	if (t->reader == READER_TEXT)
		f->confidence = TEXT_CONFIDENCE;
	const char *by = context_series(c, remover)->name, *of = context_series(c, user)->name;
	const touch *site = g_ptr_array_index(uses, 0);
	g_autofree char *patch_name = context_patch_name(c, remover, t->patch);
	if (renamed) {
		finding_set_title(
			f, "%s: %s renames it to %s, %s uses it", t->name, by, renamed->name, of);
		f->suggestion = g_strdup_printf(
			"Use %s in %s's new code once %s's patch is in.", renamed->name, of, by);
	} else {
		finding_set_title(f, "%s: %s removes it, %s starts to use it", t->name, by, of);
		f->suggestion = g_strdup_printf(
			"Either %s keeps it, or %s uses what took its place.", by, of);
	}
	f->explanation = g_strdup_printf(
		"The %s %s (%s:%u in the base) is %s by %s in %s; %s uses it %s in its new code, "
		"first "
		"in %s, line %u. Text merges of the two are clean and do not compile.",
		entity_kind_name(t->entity), t->name, t->base.path, t->base.line,
		renamed ? "renamed" : "removed", by, patch_name, of,
		uses->len == 1 ? "once" : "several times", site->tip.path, site->tip.line);
	finding_add_touch(f, remover, t);
	add_uses(f, user, uses);
}

static void find_removed(conflict_context *c, unsigned remover, unsigned user)
{
	const touch_set *touches = context_reading(c, remover)->touches;
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		const touch *t = &g_array_index(touches->touches, touch, i);
		if (t->is_use || t->change != TOUCH_REMOVED || !is_named_code(t->entity) ||
			!t->base.path || t->origin || !*t->name)
			continue;
		g_autoptr(GPtrArray) uses = new_uses(c, user, t);
		if (uses->len && !defines(c, user, t->name) && !defines(c, remover, t->name) &&
			!stands_in_tip(c, remover, t))
			report_removed(c, remover, user, t, uses);
	}
}

static bool changes_signature(const touch *t)
{
	return !t->is_use && t->change == TOUCH_CHANGED && t->base.path && !t->origin &&
	       (t->entity == ENTITY_FUNCTION ||
		       (t->entity == ENTITY_MACRO && (t->flags & ENTITY_FUNCTION_LIKE))) &&
	       *t->signature_base && *t->signature_tip &&
	       strcmp(t->signature_base, t->signature_tip);
}

static bool is_changed_in_base(const touch *t, const touch *other)
{
	return other->change == TOUCH_CHANGED && other->base.path &&
	       !strcmp(other->base.path, t->base.path);
}

static void report_signature(conflict_context *c, unsigned changer, unsigned other, const touch *t,
	const touch *theirs, const GPtrArray *uses)
{
	const char *by = context_series(c, changer)->name, *of = context_series(c, other)->name;
	const char *keys[] = {t->name, t->base.path, NULL};
	series_pair p = {MIN(changer, other), MAX(changer, other)};
	bool both = theirs && changes_signature(theirs);
	bool same = both && !strcmp(theirs->signature_tip, t->signature_tip);
	finding *f = context_add_pair(
		c, "code.signature", same ? SEVERITY_NOTE : SEVERITY_ERROR, p, keys);
	if (both)
		finding_set_title(f, "%s: %s and %s change its signature", t->name,
			context_series(c, p.a)->name, context_series(c, p.b)->name);
	else
		finding_set_title(f, "%s: %s changes its signature, %s %s it", t->name, by, of,
			uses->len ? "newly uses" : "changes");
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, "In the base it is `%s` (%s:%u); %s makes it `%s`.",
		t->signature_base, t->base.path, t->base.line, by, t->signature_tip);
	if (both)
		g_string_append_printf(text, " %s makes it `%s`.", of, theirs->signature_tip);
	if (uses->len) {
		const touch *site = g_ptr_array_index(uses, 0);
		g_string_append_printf(text,
			" %s's new code uses it as it was, first in %s, line %u.", of,
			site->tip.path, site->tip.line);
	}
	f->explanation = g_strdup(text->str);
	f->suggestion =
		g_strdup_printf("Bring the change of signature first, alone, and adapt %s's "
				"code to it.",
			of);
	finding_add_touch(f, changer, t);
	if (theirs)
		finding_add_touch(f, other, theirs);
	add_uses(f, other, uses);
}

static void find_signatures(conflict_context *c, unsigned changer, unsigned other)
{
	const touch_set *touches = context_reading(c, changer)->touches;
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		const touch *t = &g_array_index(touches->touches, touch, i);
		if (!changes_signature(t))
			continue;
		const touch *theirs = context_partner(c, other, t, is_changed_in_base);
		g_autoptr(GPtrArray) uses = new_uses(c, other, t);
		if (theirs && changes_signature(theirs) && changer > other)
			continue; /* told from the other side */
		if (theirs || uses->len)
			report_signature(c, changer, other, t, theirs, uses);
	}
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	if (!find_duplicates(c, p, err))
		return false;
	find_removed(c, p.a, p.b);
	find_removed(c, p.b, p.a);
	find_signatures(c, p.a, p.b);
	find_signatures(c, p.b, p.a);
	return true;
}

const conflict_check check_definition = {.name = "code.duplicate-definition", .pair = pair};
