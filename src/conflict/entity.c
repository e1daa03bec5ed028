/* code.same-entity: a function, macro, type or variable of the base that two series change, each in
 * the file itself or in a copy of it. code.layout: both add fields to one struct. */
#include "conflict/check.h"

#include <string.h>

/* A copy is one of two ways to build the file: both can stand side by side, so that a clash through
 * one is a duplicate to bring together, not a text that cannot be. */
#define COPY_CONFIDENCE 0.7

/* Names told in a title and in an explanation. */
#define NAMES_IN_TITLE 2u
#define NAMES_TOLD 12u

static bool is_code(entity_kind kind)
{
	switch (kind) {
	case ENTITY_FUNCTION:
	case ENTITY_MACRO:
	case ENTITY_STRUCT:
	case ENTITY_UNION:
	case ENTITY_ENUM:
	case ENTITY_TYPEDEF:
	case ENTITY_VARIABLE:
	case ENTITY_ASM_LABEL:
	case ENTITY_ASM_MACRO:
		return true;
	default:
		return false;
	}
}

/* The path of the base that a touch is measured against. */
static const char *base_path(const touch *t)
{
	return t->origin ? t->origin : t->base.path;
}

/* A copy that leaves an entity out takes nothing from the base. */
static bool is_change(const touch *t)
{
	return !t->is_use && is_code(t->entity) && base_path(t) && t->base.line &&
	       ((t->change == TOUCH_CHANGED && t->tip.path) ||
		       (t->change == TOUCH_REMOVED && !t->origin));
}

static bool is_of_same_base(const touch *t, const touch *other)
{
	return is_change(other) && !strcmp(base_path(other), base_path(t)) &&
	       other->base.line == t->base.line;
}

static bool is_in_place_too(const touch *t, const touch *other)
{
	return !other->origin && is_of_same_base(t, other);
}

/* The other side's change of the same entity of the base, or NULL: in place before a copy. */
static const touch *find_other(const conflict_context *c, unsigned series_index, const touch *t)
{
	const touch *found = context_partner(c, series_index, t, is_in_place_too);
	return found ? found : context_partner(c, series_index, t, is_of_same_base);
}

/* One side's hunks inside an entity of the base, with the change they are part of. A copy has no
 * file_change against its origin: `hunks` come from comparing the two blobs. */
typedef struct edit {
	const touch *t;
	const GArray *hunks; /* change_hunk, of base text to tip text; NULL when the file is gone */
} edit;

static bool find_edit(
	conflict_context *c, edit *out, unsigned series_index, const touch *t, GError **err)
{
	const file_change *change = series_change(context_series(c, series_index), base_path(t));
	*out = (edit){.t = t};
	if (!t->origin) {
		out->hunks = change ? change->hunks : NULL;
		return true;
	}
	out->hunks = context_diff(c, &t->base.blob, &t->tip.blob, err);
	return out->hunks != NULL;
}

static bool is_inside(const change_hunk *h, const touch *t)
{
	gap g = hunk_gap(h);
	return g.end >= t->base.line && g.first < MAX(t->base.end_line, t->base.line) &&
	       (g.end > g.first || g.first >= t->base.line);
}

static bool meets(const change_hunk *h, const edit *other)
{
	for (guint i = 0; other->hunks && i < other->hunks->len; i++) {
		const change_hunk *theirs = &g_array_index(other->hunks, change_hunk, i);
		if (is_inside(theirs, other->t) && hunk_distance(h, theirs) == 0)
			return true;
	}
	return false;
}

/* Appends the lines of a side's hunks inside the entity, those that meet the other's only when
 * `only_meeting`. Returns how many there are. */
static unsigned add_edit(
	finding *f, unsigned series_index, const edit *e, const edit *other, bool only_meeting)
{
	unsigned n = 0;
	const touch *t = e->t;
	for (guint i = 0; e->hunks && i < e->hunks->len; i++) {
		const change_hunk *h = &g_array_index(e->hunks, change_hunk, i);
		if (!is_inside(h, t) || (only_meeting && !meets(h, other)))
			continue;
		n++;
		if (!f)
			continue;
		bool same_file = t->tip.path && (t->origin || !strcmp(t->tip.path, t->base.path));
		if (h->new_count && same_file)
			finding_add_place(f, (int)series_index, AT_TIP, &t->tip.blob, t->tip.path,
				h->new_start, h->new_start + h->new_count - 1, t->name, t->patch);
		else if (t->origin &&
			 t->tip.path) /* lines that the copy lacks: where they would stand */
			finding_add_place(f, (int)series_index, AT_TIP, &t->tip.blob, t->tip.path,
				MAX(h->new_start, 1), MAX(h->new_start, 1), t->name, t->patch);
		else
			finding_add_place(f, (int)series_index, AT_BASE, &t->base.blob,
				t->base.path, h->old_start, h->old_start + h->old_count - 1,
				t->name, t->patch);
	}
	return n;
}

static void tell_edit(
	GString *text, const conflict_context *c, unsigned series_index, const touch *t)
{
	g_autofree char *patch_name = context_patch_name(c, series_index, t->patch);
	const char *name = context_series(c, series_index)->name;
	if (t->change == TOUCH_REMOVED)
		g_string_append_printf(text, " %s removes it (%s).", name, patch_name);
	else if (t->origin)
		g_string_append_printf(text, " %s changes it in %s, a copy of %s, line %u (%s).",
			name, t->tip.path, t->origin, t->tip.line, patch_name);
	else
		g_string_append_printf(text, " %s changes it in place, line %u (%s).", name,
			t->tip.line, patch_name);
}

/* Entities of one file that both change at different lines: one finding for all of them. */
typedef struct quiet_file {
	GPtrArray *names; /* const char * */
	GArray *a, *b;	  /* edit */
} quiet_file;

static void quiet_file_free(quiet_file *q)
{
	g_ptr_array_unref(q->names);
	g_array_unref(q->a);
	g_array_unref(q->b);
	g_free(q);
}

static quiet_file *quiet_file_get(GHashTable *files, const char *path)
{
	quiet_file *q = g_hash_table_lookup(files, path);
	if (q)
		return q;
	q = g_new0(quiet_file, 1);
	q->names = g_ptr_array_new();
	q->a = g_array_new(FALSE, FALSE, sizeof(edit));
	q->b = g_array_new(FALSE, FALSE, sizeof(edit));
	g_hash_table_insert(files, (gpointer)path, q);
	return q;
}

static void report_overlap(conflict_context *c, series_pair p, const edit *a, const edit *b)
{
	const touch *t = a->t;
	const char *keys[] = {entity_kind_name(t->entity), t->name, base_path(t), NULL};
	finding *f = context_add_pair(c, "code.same-entity", SEVERITY_WARNING, p, keys);
	bool copy = a->t->origin || b->t->origin;
	if (copy)
		f->confidence = COPY_CONFIDENCE;
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	finding_set_title(f, "%s: %s and %s both change it", t->name, name_a, name_b);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, "The %s %s stands in %s, line %u.",
		entity_kind_name(t->entity), t->name, base_path(t), t->base.line);
	tell_edit(text, c, p.a, a->t);
	tell_edit(text, c, p.b, b->t);
	if (copy)
		g_string_append(text,
			" git sees no conflict, since one of them left the file alone and "
			"changed a copy: after the merge the two versions part ways.");
	f->explanation = g_strdup(text->str);
	f->suggestion =
		g_strdup(copy ? "Put what differs behind an operation of the common interface, or "
				"into a function "
				"of its own that each side overrides; then the copy is not needed."
			      : "Decide which change stands (`truce decide ID --take NAME`), or "
				"write one that "
				"serves both.");
	bool removed = a->t->change == TOUCH_REMOVED || b->t->change == TOUCH_REMOVED;
	add_edit(f, p.a, a, b, !removed);
	add_edit(f, p.b, b, a, !removed);
}

static char *name_list(const GPtrArray *names, guint limit)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < names->len && i < limit; i++)
		g_string_append_printf(
			text, "%s%s", i ? ", " : "", (const char *)g_ptr_array_index(names, i));
	if (names->len > limit)
		g_string_append_printf(text, " and %u more", names->len - limit);
	return g_string_free(text, FALSE);
}

static void report_quiet(conflict_context *c, series_pair p, const char *path, const quiet_file *q)
{
	const char *keys[] = {path, NULL};
	finding *f = context_add_pair(c, "code.same-entity", SEVERITY_NOTE, p, keys);
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	g_autofree char *few = name_list(q->names, NAMES_IN_TITLE);
	g_autofree char *all = name_list(q->names, NAMES_TOLD);
	finding_set_title(f, "%s: both change %s", path, few);
	f->explanation =
		g_strdup_printf("%s and %s both change %s of %s, at lines that do not meet.",
			name_a, name_b, all, path);
	f->suggestion = g_strdup("Read the functions with both changes in them: each was tested "
				 "without the other.");
	for (guint i = 0; i < q->names->len; i++) {
		const edit *a = &g_array_index(q->a, edit, i), *b = &g_array_index(q->b, edit, i);
		finding_add_touch(f, p.a, a->t);
		finding_add_touch(f, p.b, b->t);
	}
}

static bool is_alone(const edit *e)
{
	return e->t->change == TOUCH_REMOVED;
}

static bool compare_touches(conflict_context *c, series_pair p, const touch *ta, const touch *tb,
	GHashTable *quiet, GError **err)
{
	bool same;
	if (!context_same_text(c, &same, ta, tb, err))
		return false;
	edit a, b;
	if (same)
		return true;
	if (!find_edit(c, &a, p.a, ta, err) || !find_edit(c, &b, p.b, tb, err))
		return false;
	bool in_place = !ta->origin && !tb->origin;
	bool overlap = add_edit(NULL, p.a, &a, &b, true) > 0 || is_alone(&a) || is_alone(&b);
	if (overlap && in_place && context_is_clash(c, p, base_path(ta)))
		return true; /* text.conflict names these lines */
	if (overlap) {
		report_overlap(c, p, &a, &b);
		return true;
	}
	quiet_file *q = quiet_file_get(quiet, base_path(ta));
	g_ptr_array_add(q->names, (gpointer)ta->name);
	g_array_append_val(q->a, a);
	g_array_append_val(q->b, b);
	return true;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

/* Both change entities of the base: each pair of touches once. */
static bool find_same_entities(conflict_context *c, series_pair p, GError **err)
{
	const touch_set *touches = context_reading(c, p.a)->touches;
	g_autoptr(GHashTable) quiet = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)quiet_file_free);
	g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		const touch *ta = &g_array_index(touches->touches, touch, i);
		if (!is_change(ta))
			continue;
		const touch *tb = find_other(c, p.b, ta);
		if (!tb || find_other(c, p.a, ta) != ta || !g_hash_table_add(done, (gpointer)ta))
			continue;
		if (!compare_touches(c, p, ta, tb, quiet, err))
			return false;
	}
	g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(quiet), compare_names);
	for (GList *l = paths; l; l = l->next)
		report_quiet(c, p, l->data, g_hash_table_lookup(quiet, l->data));
	return true;
}

static bool is_new_field(const touch *t)
{
	return !t->is_use && t->entity == ENTITY_FIELD && t->change == TOUCH_ADDED && *t->in &&
	       t->tip.path;
}

static const char *layout_path(const touch *t)
{
	return t->origin ? t->origin : t->tip.path;
}

/* Struct tags of the series that got fields: "tag path" -> GPtrArray of const touch *. */
static GHashTable *new_fields(const touch_set *touches)
{
	GHashTable *structs = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		touch *t = &g_array_index(touches->touches, touch, i);
		if (!is_new_field(t))
			continue;
		g_autofree char *key = g_strdup_printf("%s %s", t->in, layout_path(t));
		GPtrArray *fields = g_hash_table_lookup(structs, key);
		if (!fields) {
			fields = g_ptr_array_new();
			g_hash_table_insert(structs, g_steal_pointer(&key), fields);
		}
		g_ptr_array_add(fields, t);
	}
	return structs;
}

static char *field_names(const GPtrArray *fields)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < fields->len; i++) {
		const touch *t = g_ptr_array_index(fields, i);
		g_ptr_array_add(names, (gpointer)t->name);
	}
	return name_list(names, NAMES_TOLD);
}

static void report_layout(
	conflict_context *c, series_pair p, const GPtrArray *a, const GPtrArray *b)
{
	const touch *first = g_ptr_array_index(a, 0);
	const char *keys[] = {first->in, layout_path(first), NULL};
	bool copy = first->origin || ((const touch *)g_ptr_array_index(b, 0))->origin;
	finding *f = context_add_pair(
		c, "code.layout", copy ? SEVERITY_NOTE : SEVERITY_WARNING, p, keys);
	f->confidence = copy ? COPY_CONFIDENCE : 1.0;
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	finding_set_title(f, "struct %s: %s and %s both add fields", first->in, name_a, name_b);
	g_autofree char *fields_a = field_names(a);
	g_autofree char *fields_b = field_names(b);
	f->explanation = g_strdup_printf("In %s, %s adds %s and %s adds %s: offsets that one side "
					 "tested with, or that assembly uses, move.",
		layout_path(first), name_a, fields_a, name_b, fields_b);
	f->suggestion = g_strdup("Check asm-offsets, ABI with user space or hypervisor, and cache "
				 "lines; agree on one order of the fields.");
	for (guint i = 0; i < a->len; i++)
		finding_add_touch(f, p.a, g_ptr_array_index(a, i));
	for (guint i = 0; i < b->len; i++)
		finding_add_touch(f, p.b, g_ptr_array_index(b, i));
}

static void find_layouts(conflict_context *c, series_pair p)
{
	g_autoptr(GHashTable) a = new_fields(context_reading(c, p.a)->touches);
	g_autoptr(GHashTable) b = new_fields(context_reading(c, p.b)->touches);
	g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(a), compare_names);
	for (GList *l = keys; l; l = l->next) {
		const GPtrArray *theirs = g_hash_table_lookup(b, l->data);
		if (theirs)
			report_layout(c, p, g_hash_table_lookup(a, l->data), theirs);
	}
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	if (!find_same_entities(c, p, err))
		return false;
	find_layouts(c, p);
	return true;
}

const conflict_check check_entity = {.name = "code.same-entity", .pair = pair};
