/* Facts: what an analyzer reads in one file of one tree. */
#include "model/fact.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that strings are put into at a time. */
#define STRING_BLOCK 4096

fact_set *fact_set_new(const char *path, const oid *blob)
{
	fact_set *f = g_new0(fact_set, 1);
	f->path = g_strdup(path);
	if (blob)
		f->blob = *blob;
	f->entities = g_array_new(FALSE, TRUE, sizeof(entity));
	f->uses = g_array_new(FALSE, TRUE, sizeof(use));
	f->seen = g_array_new(FALSE, TRUE, sizeof(line_range));
	f->diagnostics = g_array_new(FALSE, TRUE, sizeof(diagnostic));
	f->strings = g_hash_table_new(g_str_hash, g_str_equal);
	f->chunk = g_string_chunk_new(STRING_BLOCK);
	return f;
}

void fact_set_free(fact_set *f)
{
	if (!f)
		return;
	g_free(f->path);
	g_array_unref(f->entities);
	g_array_unref(f->uses);
	g_array_unref(f->seen);
	g_array_unref(f->diagnostics);
	g_hash_table_unref(f->strings);
	g_string_chunk_free(f->chunk);
	g_free(f);
}

const char *fact_set_string(fact_set *f, const char *text)
{
	gpointer own;
	if (!text)
		text = "";
	if (g_hash_table_lookup_extended(f->strings, text, &own, NULL))
		return own;
	own = g_string_chunk_insert(f->chunk, text);
	g_hash_table_add(f->strings, own);
	return own;
}

void fact_set_add_entity(fact_set *f, const entity *e)
{
	entity own = *e;
	own.name = fact_set_string(f, e->name);
	own.parent = fact_set_string(f, e->parent);
	own.signature = fact_set_string(f, e->signature);
	own.value = fact_set_string(f, e->value);
	own.condition = fact_set_string(f, e->condition);
	g_array_append_val(f->entities, own);
}

void fact_set_add_use(fact_set *f, const use *u)
{
	use own = *u;
	own.name = fact_set_string(f, u->name);
	own.detail = fact_set_string(f, u->detail);
	own.in = fact_set_string(f, u->in);
	own.condition = fact_set_string(f, u->condition);
	g_array_append_val(f->uses, own);
}

void fact_set_add_seen(fact_set *f, unsigned first, unsigned last)
{
	line_range range = {first, last};
	if (first && first <= last)
		g_array_append_val(f->seen, range);
}

void fact_set_add_diagnostic(fact_set *f, const diagnostic *d)
{
	diagnostic own = *d;
	own.path = fact_set_string(f, d->path);
	own.text = fact_set_string(f, d->text);
	g_array_append_val(f->diagnostics, own);
}

void fact_set_merge(fact_set *to, const fact_set *from)
{
	for (guint i = 0; i < from->entities->len; i++)
		fact_set_add_entity(to, &g_array_index(from->entities, entity, i));
	for (guint i = 0; i < from->uses->len; i++)
		fact_set_add_use(to, &g_array_index(from->uses, use, i));
	g_array_append_vals(to->seen, from->seen->data, from->seen->len);
	for (guint i = 0; i < from->diagnostics->len; i++)
		fact_set_add_diagnostic(to, &g_array_index(from->diagnostics, diagnostic, i));
	to->clean += from->clean;
	to->units += from->units;
}

#define ORDER(a, b)                                                                                \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)
#define ORDER_TEXT(a, b)                                                                           \
	do {                                                                                       \
		int order_ = strcmp((a), (b));                                                     \
		if (order_)                                                                        \
			return order_;                                                             \
	} while (0)

static int compare_entities(const void *va, const void *vb)
{
	const entity *a = va, *b = vb;
	ORDER(a->line, b->line);
	ORDER(a->kind, b->kind);
	ORDER_TEXT(a->name, b->name);
	ORDER_TEXT(a->parent, b->parent);
	ORDER(a->flags & ENTITY_DEFINITION, b->flags & ENTITY_DEFINITION);
	ORDER(a->reader, b->reader);
	ORDER(a->end_line, b->end_line);
	ORDER_TEXT(a->signature, b->signature);
	ORDER_TEXT(a->value, b->value);
	ORDER_TEXT(a->condition, b->condition);
	return 0;
}

static int compare_uses(const void *va, const void *vb)
{
	const use *a = va, *b = vb;
	ORDER(a->line, b->line);
	ORDER(a->column, b->column);
	ORDER(a->kind, b->kind);
	ORDER_TEXT(a->name, b->name);
	ORDER(a->reader, b->reader);
	ORDER_TEXT(a->in, b->in);
	ORDER_TEXT(a->detail, b->detail);
	ORDER_TEXT(a->condition, b->condition);
	return 0;
}

static int compare_ranges(const void *va, const void *vb)
{
	const line_range *a = va, *b = vb;
	ORDER(a->first, b->first);
	ORDER(a->last, b->last);
	return 0;
}

/* Strings of one set are the same pointer when they are equal. */
static guint hash_diagnostic(gconstpointer v)
{
	const diagnostic *d = v;
	return g_direct_hash(d->path) * 31 + g_direct_hash(d->text) * 7 + d->line;
}

static gboolean same_diagnostic(gconstpointer va, gconstpointer vb)
{
	const diagnostic *a = va, *b = vb;
	return a->path == b->path && a->text == b->text && a->line == b->line &&
	       a->level == b->level;
}

/* Each once, the first time; their order says what came of what. */
static void finish_diagnostics(GArray *diagnostics)
{
	if (diagnostics->len < 2)
		return;
	g_autoptr(GHashTable) known = g_hash_table_new(hash_diagnostic, same_diagnostic);
	guint kept = 0;
	for (guint i = 0; i < diagnostics->len; i++) {
		diagnostic next = g_array_index(diagnostics, diagnostic, i);
		if (g_hash_table_contains(known, &next))
			continue;
		diagnostic *place = &g_array_index(diagnostics, diagnostic, kept++);
		*place = next;
		g_hash_table_add(known, place);
	}
	g_array_set_size(diagnostics, kept);
}

static bool same_entity(const entity *a, const entity *b)
{
	return a->line == b->line && a->kind == b->kind && a->name == b->name &&
	       a->parent == b->parent &&
	       (a->flags & ENTITY_DEFINITION) == (b->flags & ENTITY_DEFINITION);
}

/* A compiler sees at one place one of these; a text reader may have taken it for another. */
static unsigned use_class(use_kind kind)
{
	switch (kind) {
	case USE_CALL:
	case USE_MACRO:
	case USE_REFERENCE:
	case USE_FIELD:
	case USE_TYPE:
		return USE_CALL;
	default:
		return kind;
	}
}

static bool same_place(const use *a, const use *b)
{
	return a->line == b->line && a->column == b->column;
}

/* A text reader knows the conditions and the source's own text; a compiler what it means. A set may
 * be finished more than once, as units come in: then what an earlier round inherited is handed on.
 */
static void inherit_entity(entity *e, const entity *text)
{
	if (e->reader != READER_CLANG || (text->reader != READER_TEXT && !text->tokens))
		return;
	e->body[0] = text->body[0];
	e->body[1] = text->body[1];
	e->tokens = text->tokens;
	e->condition = text->condition;
	e->end_line = MAX(e->end_line, text->end_line);
	if (!*e->value)
		e->value = text->value;
	/* As written, so that a side that no compiler read compares equal. */
	if (*text->signature)
		e->signature = text->signature;
}

static void inherit_use(use *u, const use *text)
{
	if (!*u->condition)
		u->condition = text->condition;
	if (!*u->detail && u->kind != USE_REFERENCE && u->kind != USE_TYPE)
		u->detail = text->detail;
	if (!*u->in)
		u->in = text->in;
}

/* A slot as a text reader has it goes by the variable's name; the compiler knows the record's. */
static void name_slot(use *slot, const use *uses, guint count)
{
	for (guint i = 0; i < count; i++) {
		if (uses[i].kind != USE_FIELD || uses[i].reader != READER_CLANG)
			continue;
		slot->name = uses[i].name;
		slot->reader = READER_CLANG;
		return;
	}
}

/* Finishes the uses of one place, in order: drops doubles, and what a text reader saw where a
 * compiler saw. Returns how many are kept, at the front. */
static guint finish_place(use *uses, guint count)
{
	use *compiled[USE_KINDS] = {NULL}; /* by class: the first that a compiler saw */
	for (guint i = count; i-- > 0;)
		if (uses[i].reader == READER_CLANG)
			compiled[use_class(uses[i].kind)] = &uses[i];
	for (guint i = 0; i < count; i++) {
		use *better = compiled[use_class(uses[i].kind)];
		if (better && better != &uses[i])
			inherit_use(better, &uses[i]);
	}
	for (guint i = 0; i < count; i++)
		if (uses[i].kind == USE_SLOT && !compiled[USE_SLOT])
			name_slot(&uses[i], uses, count);
	bool seen[USE_KINDS];
	for (guint i = 0; i < USE_KINDS; i++)
		seen[i] = compiled[i] != NULL;
	guint kept = 0;
	for (guint i = 0; i < count; i++) {
		bool text = uses[i].reader == READER_TEXT && seen[use_class(uses[i].kind)];
		bool again = kept && uses[kept - 1].kind == uses[i].kind &&
			     uses[kept - 1].name == uses[i].name;
		if (!text && !again) {
			if (kept != i)
				uses[kept] = uses[i];
			kept++;
		}
	}
	return kept;
}

static void finish_uses(GArray *uses)
{
	guint kept = 0;
	for (guint i = 0; i < uses->len;) {
		guint end = i + 1;
		use *first = &g_array_index(uses, use, i);
		while (end < uses->len && same_place(first, &g_array_index(uses, use, end)))
			end++;
		guint stay = end - i > 1 ? finish_place(first, end - i) : 1;
		for (guint k = 0; k < stay; k++)
			g_array_index(uses, use, kept++) = first[k];
		i = end;
	}
	g_array_set_size(uses, kept);
}

static void merge_ranges(GArray *ranges)
{
	guint kept = 0;
	for (guint i = 0; i < ranges->len; i++) {
		line_range next = g_array_index(ranges, line_range, i);
		line_range *last = kept ? &g_array_index(ranges, line_range, kept - 1) : NULL;
		if (last && next.first <= last->last + 1)
			last->last = MAX(last->last, next.last);
		else
			g_array_index(ranges, line_range, kept++) = next;
	}
	g_array_set_size(ranges, kept);
}

static void sort_array(GArray *array, size_t size, int (*compare)(const void *, const void *))
{
	if (array->len)
		qsort(array->data, array->len, size, compare);
}

void fact_set_finish(fact_set *f)
{
	sort_array(f->entities, sizeof(entity), compare_entities);
	sort_array(f->uses, sizeof(use), compare_uses);
	sort_array(f->seen, sizeof(line_range), compare_ranges);
	guint kept = 0;
	for (guint i = 0; i < f->entities->len; i++) {
		entity *next = &g_array_index(f->entities, entity, i);
		entity *last = kept ? &g_array_index(f->entities, entity, kept - 1) : NULL;
		if (last && same_entity(last, next))
			inherit_entity(last, next);
		else
			g_array_index(f->entities, entity, kept++) = *next;
	}
	g_array_set_size(f->entities, kept);
	finish_uses(f->uses);
	finish_diagnostics(f->diagnostics);
	merge_ranges(f->seen);
}

bool fact_set_line_seen(const fact_set *f, unsigned line)
{
	guint low = 0, high = f->seen->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const line_range *r = &g_array_index(f->seen, line_range, middle);
		if (line < r->first)
			high = middle;
		else if (line > r->last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

/* The first use on or behind a line. */
static guint first_use(const fact_set *f, unsigned line)
{
	guint low = 0, high = f->uses->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (g_array_index(f->uses, use, middle).line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const use *fact_set_use_within(const fact_set *f, const entity *e, guint *cursor)
{
	if (!*cursor)
		*cursor = first_use(f, e->line);
	while (*cursor < f->uses->len) {
		const use *u = &g_array_index(f->uses, use, *cursor);
		if (u->line > e->end_line)
			return NULL;
		(*cursor)++;
		if (u->in == e->name || !strcmp(u->in, e->name))
			return u;
	}
	return NULL;
}

const char *entity_kind_name(entity_kind kind)
{
	static const char *const names[ENTITY_KINDS] = {
		[ENTITY_FUNCTION] = "function",
		[ENTITY_MACRO] = "macro",
		[ENTITY_STRUCT] = "struct",
		[ENTITY_UNION] = "union",
		[ENTITY_ENUM] = "enum",
		[ENTITY_ENUMERATOR] = "enumerator",
		[ENTITY_TYPEDEF] = "typedef",
		[ENTITY_FIELD] = "field",
		[ENTITY_VARIABLE] = "variable",
		[ENTITY_CONFIG_SYMBOL] = "config-symbol",
		[ENTITY_BUILD_OBJECT] = "build-object",
		[ENTITY_ASM_LABEL] = "asm-label",
		[ENTITY_ASM_MACRO] = "asm-macro",
	};
	g_assert(kind < ENTITY_KINDS);
	return names[kind];
}

const char *use_kind_name(use_kind kind)
{
	static const char *const names[USE_KINDS] = {
		[USE_CALL] = "call",
		[USE_MACRO] = "macro-use",
		[USE_REFERENCE] = "reference",
		[USE_FIELD] = "field-access",
		[USE_TYPE] = "type-use",
		[USE_INSTRUCTION] = "instruction",
		[USE_SLOT] = "slot",
		[USE_INCLUDE] = "include",
		[USE_CONFIG] = "config-use",
	};
	g_assert(kind < USE_KINDS);
	return names[kind];
}
