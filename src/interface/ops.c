/* Ops tables, from facts. */
#include "interface/ops.h"

#include <string.h>

#include "base/error.h"
#include "interface/ops_list.h"
#include "model/function_type.h"

/* A record that is being read. */
typedef struct reading {
	ops_table *table;
	const ops_source *source;
	const char *record;    /* tag of the record at hand */
	const char *condition; /* of the preprocessor around it */
	const fact_set *facts;
	GBytes *text;
	unsigned depth;
} reading;

static bool is_record(const entity *e, const char *tag)
{
	return (e->kind == ENTITY_STRUCT || e->kind == ENTITY_UNION) &&
	       e->flags & ENTITY_DEFINITION && strcmp(e->name, tag) == 0;
}

static bool is_field_of(const entity *e, const char *tag)
{
	return e->kind == ENTITY_FIELD && strcmp(e->parent, tag) == 0;
}

static bool is_function_pointer(const char *type)
{
	return strstr(type, "(*)(") != NULL;
}

/* The tag in "struct TAG", nothing else; NULL otherwise. The caller's. */
static char *record_tag(const char *type)
{
	const char *at = g_str_has_prefix(type, "struct ")  ? type + strlen("struct ")
			 : g_str_has_prefix(type, "union ") ? type + strlen("union ")
							    : NULL;
	if (!at || at[strspn(at, G_CSET_A_2_Z G_CSET_a_2_z "0123456789_")])
		return NULL;
	return g_strdup(at);
}

/* What a typedef of the same file stands for, when it is a function or a pointer to one. "" when it
 * is neither. */
static const char *typedef_of(const fact_set *facts, const char *type)
{
	g_autofree char *name = g_strdup(type);
	size_t len = strlen(name);
	while (len && (name[len - 1] == '*' || name[len - 1] == ' '))
		name[--len] = '\0';
	if (!len || name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z "0123456789_")])
		return "";
	for (guint i = 0; i < facts->entities->len; i++) {
		const entity *e = &g_array_index(facts->entities, entity, i);
		if (e->kind == ENTITY_TYPEDEF && strcmp(e->name, name) == 0 &&
			strchr(e->signature, '('))
			return e->signature;
	}
	return "";
}

/* --- signatures, with the parameters' names --- */

/* The declaration's text from its name on; NULL when the text is not what the facts say. */
static const char *declarator(const reading *r, const entity *e)
{
	gsize len;
	const char *text = g_bytes_get_data(r->text, &len);
	const char *end = text + len, *at = text;
	for (unsigned line = 1; line < e->line && at < end; line++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		at = next ? next + 1 : end;
	}
	size_t size = strlen(e->name);
	for (; at + size < end && *at != '\n'; at++)
		if (strncmp(at, e->name, size) == 0 && !g_ascii_isalnum(at[size]) &&
			at[size] != '_')
			return at + size;
	return NULL;
}

/* "fastcall" of "(fastcall *name)": the words between bracket and star. The caller's; NULL when
 * there are none. */
static char *convention_text(const reading *r, const entity *e)
{
	const char *text = g_bytes_get_data(r->text, NULL);
	const char *at = declarator(r, e);
	if (!at)
		return NULL;
	const char *star = at - strlen(e->name);
	while (star > text && (g_ascii_isspace(star[-1]) || star[-1] == '*'))
		star--;
	const char *word = star;
	while (word > text && (g_ascii_isalnum(word[-1]) || word[-1] == '_'))
		word--;
	if (word == star || word == text || word[-1] != '(')
		return NULL;
	return g_strndup(word, (gsize)(star - word));
}

/* The parameter list behind "NAME)", with its parentheses. The caller's; NULL when there is none.
 */
static char *parameters_text(const reading *r, const entity *e)
{
	const char *at = declarator(r, e);
	gsize len;
	const char *text = g_bytes_get_data(r->text, &len), *end = text + len;
	while (at && at < end && (g_ascii_isspace(*at) || *at == ')'))
		at++;
	if (!at || at >= end || *at != '(')
		return NULL;
	unsigned depth = 0;
	for (const char *p = at; p < end && p - at < (ptrdiff_t)FUNCTION_TYPE_LIMIT_BYTES; p++) {
		depth += *p == '(';
		if (*p == ')' && --depth == 0)
			return g_strndup(at, (gsize)(p - at) + 1);
	}
	return NULL;
}

/* The type as `declared` says it, with names where the text agrees. */
static char *named_signature(const reading *r, const entity *e, const char *declared)
{
	g_autoptr(function_type) plain = function_type_parse(declared);
	if (!plain)
		return NULL;
	g_autofree char *list = parameters_text(r, e);
	g_autofree char *whole = list ? g_strdup_printf("%s %s", plain->returns, list) : NULL;
	g_autoptr(function_type) named = whole ? function_type_parse(whole) : NULL;
	bool agrees = named && named->parameters->len == plain->parameters->len;
	return function_type_text(agrees ? named : plain, true);
}

/* --- members --- */

static void add_once(GPtrArray *list, const char *text)
{
	if (!g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
		g_ptr_array_add(list, g_strdup(text));
}

static void add_variant(ops_member *m, char *signature)
{
	if (!signature || ops_member_has_type(m, signature)) {
		if (signature && !m->signature)
			m->signature = g_strdup(signature);
		g_free(signature);
		return;
	}
	g_ptr_array_add(m->variants, signature);
}

/* The member's condition within that of its record. */
static const char *inner_condition(const reading *r, const entity *e)
{
	size_t len = strlen(r->condition);
	if (!len || strncmp(e->condition, r->condition, len) != 0)
		return e->condition;
	const char *rest = e->condition + len;
	return g_str_has_prefix(rest, " && ") ? rest + strlen(" && ") : rest;
}

/* Takes the signature. */
static ops_member *add_member(reading *r, const entity *e, char *signature)
{
	ops_member *m = ops_table_find(r->table, r->record, e->name);
	if (m) {
		add_variant(m, signature);
		return m;
	}
	m = ops_member_new(r->record, e->name);
	m->signature = signature;
	m->condition = g_strdup(inner_condition(r, e));
	m->path = g_strdup(r->facts->path);
	m->line = e->line;
	g_ptr_array_add(r->table->members, m);
	return m;
}

/* Does the record hold one untyped function and nothing else? */
static bool is_wrapper(const fact_set *facts, const char *tag)
{
	unsigned fields = 0;
	bool pointer = false;
	for (guint i = 0; i < facts->entities->len; i++) {
		const entity *e = &g_array_index(facts->entities, entity, i);
		if (!is_field_of(e, tag))
			continue;
		fields++;
		pointer = strcmp(e->signature, "void *") == 0;
	}
	return fields == 1 && pointer;
}

static bool read_record(reading *r, GError **err);

static bool read_nested(reading *r, const entity *e, const char *tag, GError **err)
{
	reading inner = {
		.table = r->table, .source = r->source, .record = tag, .depth = r->depth + 1};
	if (inner.depth > OPS_LIMIT_DEPTH)
		return true;
	if (!r->source->find(tag, r->facts->path, &inner.facts, &inner.text, r->source->data, err))
		return false;
	if (!inner.facts)
		return true;
	if (!is_wrapper(inner.facts, tag)) {
		add_once(r->table->fields, e->name);
		return read_record(&inner, err);
	}
	ops_member *m = add_member(r, e, NULL);
	if (!m->wrapper)
		m->wrapper = g_strdup(e->signature);
	return true;
}

static bool read_field(reading *r, const entity *e, GError **err)
{
	if (is_function_pointer(e->signature)) {
		ops_member *m = add_member(r, e, named_signature(r, e, e->signature));
		if (!m->convention)
			m->convention = convention_text(r, e);
		return true;
	}
	g_autofree char *tag = record_tag(e->signature);
	if (tag)
		return read_nested(r, e, tag, err);
	const char *type = typedef_of(r->facts, e->signature);
	if (*type) {
		g_autoptr(function_type) s = function_type_parse(type);
		if (s)
			add_member(r, e, function_type_text(s, true));
	}
	return true;
}

/* --- members by a list of macros in an included file --- */

static void add_listed(
	const char *name, char *type, const char *condition, unsigned line, void *data)
{
	entity e = {.name = name, .condition = condition, .line = line};
	add_member(data, &e, type);
}

/* The macro with parameters that was last defined within the record before a line. */
static const entity *macro_at(const fact_set *facts, const entity *record, unsigned line)
{
	const entity *found = NULL;
	for (guint i = 0; i < facts->entities->len; i++) {
		const entity *e = &g_array_index(facts->entities, entity, i);
		if (e->kind == ENTITY_MACRO && !(e->flags & ENTITY_UNDEF) && *e->signature == '(' &&
			e->line > record->line && e->line < line)
			found = e;
	}
	return found;
}

static bool read_lists(reading *r, const entity *record, GError **err)
{
	for (guint i = 0; i < r->facts->uses->len; i++) {
		const use *u = &g_array_index(r->facts->uses, use, i);
		if (u->kind != USE_INCLUDE || u->line <= record->line ||
			u->line >= record->end_line)
			continue;
		const entity *macro = macro_at(r->facts, record, u->line);
		reading list = {.table = r->table,
			.source = r->source,
			.record = r->record,
			.condition = ""};
		if (!macro)
			continue;
		if (!r->source->include(
			    u->name, r->facts->path, &list.facts, &list.text, r->source->data, err))
			return false;
		if (!list.facts)
			continue;
		add_once(r->table->files, list.facts->path);
		ops_list_expand(macro, list.facts, list.text, add_listed, &list);
	}
	return true;
}

static bool read_record(reading *r, GError **err)
{
	if (g_ptr_array_find_with_equal_func(r->table->records, r->record, g_str_equal, NULL))
		return true;
	add_once(r->table->records, r->record);
	add_once(r->table->files, r->facts->path);
	r->condition = "";
	for (guint i = 0; i < r->facts->entities->len; i++) {
		const entity *e = &g_array_index(r->facts->entities, entity, i);
		if (is_record(e, r->record)) {
			r->condition = e->condition;
			if (!read_lists(r, e, err))
				return false;
		} else if (is_field_of(e, r->record) && !read_field(r, e, err))
			return false;
	}
	return true;
}

/* --- functions in wrappers: their type is that of who calls through the slot --- */

/* Is `text` a list of arguments one of which ends in ".NAME"? */
static bool passes_slot(const char *text, const char *name)
{
	size_t len = strlen(name);
	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if (at > text && at[-1] == '.' && !g_ascii_isalnum(at[len]) && at[len] != '_')
			return true;
	return false;
}

static const char *caller_type(const GPtrArray *sets, const char *name)
{
	for (guint s = 0; s < sets->len; s++) {
		const fact_set *f = g_ptr_array_index(sets, s);
		const char *in = NULL;
		for (guint i = 0; i < f->uses->len && !in; i++) {
			const use *u = &g_array_index(f->uses, use, i);
			if ((u->kind == USE_CALL || u->kind == USE_MACRO) && *u->in &&
				passes_slot(u->detail, name))
				in = u->in;
		}
		for (guint i = 0; in && i < f->entities->len; i++) {
			const entity *e = &g_array_index(f->entities, entity, i);
			if (e->kind == ENTITY_FUNCTION && strcmp(e->name, in) == 0)
				return e->signature;
		}
	}
	return NULL;
}

static bool type_wrapped(ops_table *t, const ops_source *source, GError **err)
{
	for (guint i = 0; i < t->members->len; i++) {
		ops_member *m = g_ptr_array_index(t->members, i);
		const GPtrArray *sets = NULL;
		if (m->signature)
			continue;
		if (!source->includers(m->path, &sets, source->data, err))
			return false;
		const char *type = sets ? caller_type(sets, m->name) : NULL;
		g_autoptr(function_type) s = type ? function_type_parse(type) : NULL;
		m->signature = s ? function_type_text(s, true) : NULL;
	}
	return true;
}

bool ops_read(ops_table **out, const char *const *tags, bool lenient, const ops_source *source,
	GError **err)
{
	g_autoptr(ops_table) t = ops_table_new();
	for (; *tags; tags++) {
		reading r = {.table = t, .source = source, .record = *tags};
		if (!source->find(*tags, NULL, &r.facts, &r.text, source->data, err))
			return false;
		if (!r.facts && lenient)
			continue;
		if (!r.facts)
			return error_set(err, TRUCE_ERROR_NOT_FOUND,
				"name a struct that holds pointers to functions, as the source "
				"spells its tag",
				"the tree defines no struct or union '%s'", *tags);
		if (!read_record(&r, err))
			return false;
	}
	if (!type_wrapped(t, source, err))
		return false;
	*out = g_steal_pointer(&t);
	return true;
}
