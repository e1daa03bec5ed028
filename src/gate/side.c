/* One series as the gate looks at it. */
#include "gate/side.h"

#include <stdarg.h>
#include <string.h>

#include "model/function_type.h"

bool gate_fills(const evidence *e)
{
	return e->weight == EVIDENCE_OVERRIDE && e->at == AT_TIP && !strcmp(e->kind, "ops-table");
}

const point_side *gate_point(const gate_side *g, const point_result *p)
{
	return g_ptr_array_index(p->sides, g->index);
}

static void index_kind(gate_side *g, entity_kind kind)
{
	for (guint i = 0; i < g->series->changes->len; i++) {
		const file_change *c = g_ptr_array_index(g->series->changes, i);
		const fact_set *f = gate_tip(g, c->path);
		for (guint k = 0; f && k < f->entities->len; k++) {
			const entity *e = &g_array_index(f->entities, entity, k);
			if (e->kind != kind || !(e->flags & ENTITY_DEFINITION) ||
				g_hash_table_contains(g->functions, e->name))
				continue;
			gate_definition *d = g_new(gate_definition, 1);
			*d = (gate_definition){e, f};
			g_hash_table_insert(g->functions, (gpointer)e->name, d);
		}
	}
}

/* The first definition of each name, in the order of the changes: the same every time. C before
 * assembly. */
static void index_functions(gate_side *g)
{
	g->functions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	index_kind(g, ENTITY_FUNCTION);
	index_kind(g, ENTITY_ASM_LABEL);
}

void gate_side_init(gate_side *g, mediation *m, unsigned index, const series_reading *reading,
	const char *const *structs)
{
	static const char *const none[] = {NULL};
	*g = (gate_side){.m = m,
		.index = index,
		.series = g_ptr_array_index(m->series, index),
		.reading = reading,
		.structs = structs ? structs : none};
	index_functions(g);
	g->backends = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < m->points->len; i++) {
		const point_side *side = gate_point(g, g_ptr_array_index(m->points, i));
		for (guint k = 0; k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (!gate_fills(e))
				continue;
			guint count = GPOINTER_TO_UINT(g_hash_table_lookup(g->backends, e->path));
			g_hash_table_insert(g->backends, e->path, GUINT_TO_POINTER(count + 1));
		}
	}
}

void gate_side_clear(gate_side *g)
{
	g_hash_table_unref(g->functions);
	g_hash_table_unref(g->backends);
}

bool gate_is_struct(const gate_side *g, const char *tag)
{
	for (const char *const *s = g->structs; *s; s++)
		if (!strcmp(*s, tag))
			return true;
	return false;
}

bool gate_is_member(const point *p, const char *name)
{
	if (!strcmp(p->member, name))
		return true;
	for (guint i = 0; i < p->aliases->len; i++)
		if (!strcmp(g_ptr_array_index(p->aliases, i), name))
			return true;
	return false;
}

const point *gate_member(const gate_side *g, const char *member)
{
	for (guint i = 0; i < g->m->points->len; i++) {
		const point *p = ((point_result *)g_ptr_array_index(g->m->points, i))->point;
		if (gate_is_member(p, member))
			return p;
	}
	return NULL;
}

const fact_set *gate_tip(const gate_side *g, const char *path)
{
	return g_hash_table_lookup(g->reading->tip, path);
}

const entity *gate_function(const gate_side *g, const char *name, const fact_set **in)
{
	const gate_definition *d = g_hash_table_lookup(g->functions, name);
	if (d)
		*in = d->in;
	return d ? d->entity : NULL;
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* The kernel's short names of C's types. */
static const struct short_name {
	const char *name, *type;
} short_names[] = {
	{"u8", "unsigned char"},
	{"u16", "unsigned short"},
	{"u32", "unsigned int"},
	{"u64", "unsigned long long"},
	{"s8", "signed char"},
	{"s16", "short"},
	{"s32", "int"},
	{"s64", "long long"},
};

/* A type with the short names written out. The caller's. */
static char *written_out(const char *type)
{
	GString *out = g_string_new(NULL);
	for (const char *p = type; *p;) {
		size_t len = 0;
		while (is_word(p[len]))
			len++;
		const char *known = NULL;
		for (size_t i = 0; len && i < G_N_ELEMENTS(short_names) && !known; i++)
			if (strlen(short_names[i].name) == len &&
				!strncmp(short_names[i].name, p, len))
				known = short_names[i].type;
		if (known)
			g_string_append(out, known);
		else
			g_string_append_len(out, p, (gssize)MAX(len, 1u));
		p += MAX(len, 1u);
	}
	return g_string_free(out, FALSE);
}

bool gate_same_type(const char *a, const char *b)
{
	g_autofree char *x = written_out(a), *y = written_out(b);
	return function_type_same(x, y);
}

/* Are all words of it C's own names of numbers? */
static bool is_number(const char *type)
{
	static const char *const words[] = {"unsigned", "signed", "char", "short", "int", "long",
		"bool", "_Bool", "const", "volatile", NULL};
	bool any = false;
	for (const char *p = type; *p;) {
		size_t len = 0;
		while (is_word(p[len]))
			len++;
		g_autofree char *word = g_strndup(p, len);
		if (len ? !g_strv_contains(words, word) : *p != ' ')
			return false;
		any |= len > 0;
		p += MAX(len, 1u);
	}
	return any;
}

/* One word that is none of C's: a typedef, whose meaning stands in a file that was not read. */
static bool is_other_name(const char *type)
{
	for (const char *p = type; *p; p++)
		if (!is_word(*p))
			return false;
	return *type && !is_number(type) && strcmp(type, "void");
}

/* "const struct cpumask *" and "const cpumask_t *" as the same text: the kernel calls the typedef
 * of a tag by the tag's name and "_t". The caller's. */
static char *without_tag(const char *type)
{
	static const char *const words[] = {"struct", "union", "enum", NULL};
	GString *out = g_string_new(NULL);
	for (const char *p = type; *p;) {
		size_t len = 0;
		while (is_word(p[len]))
			len++;
		g_autofree char *word = g_strndup(p, len);
		p += MAX(len, 1u);
		if (!len)
			g_string_append_c(out, p[-1]);
		else if (g_strv_contains(words, word) && *p == ' ')
			p++;
		else
			g_string_append_len(out, word,
				(gssize)(len > 2 && g_str_has_suffix(word, "_t") ? len - 2 : len));
	}
	return g_string_free(out, FALSE);
}

static bool same_but_for_tag(const char *a, const char *b)
{
	g_autofree char *x = without_tag(a), *y = without_tag(b);
	return !strcmp(x, y);
}

static bool piece_may_be(const char *a, const char *b)
{
	return !strcmp(a, b) || same_but_for_tag(a, b) || (is_number(a) && is_other_name(b)) ||
	       (is_other_name(a) && is_number(b));
}

bool gate_may_be_type(const char *a, const char *b)
{
	if (gate_same_type(a, b))
		return true;
	g_autofree char *x = written_out(a), *y = written_out(b);
	g_autoptr(function_type) f = function_type_parse(x);
	g_autoptr(function_type) h = function_type_parse(y);
	if (!f || !h || f->variadic != h->variadic || f->parameters->len != h->parameters->len ||
		!piece_may_be(f->returns, h->returns))
		return false;
	for (guint i = 0; i < f->parameters->len; i++) {
		const type_parameter *p = g_ptr_array_index(f->parameters, i);
		const type_parameter *q = g_ptr_array_index(h->parameters, i);
		if (!piece_may_be(p->type, q->type))
			return false;
	}
	return true;
}

char *gate_first_word(const char *text)
{
	while (*text && !is_word(*text))
		text++;
	size_t len = 0;
	while (is_word(text[len]))
		len++;
	return g_strndup(text, len);
}

/* The first argument of a macro, "(pv_cpu_ops.halt, vendor_halt)": where it ends, and in *word its
 * last word, the caller's: what the slot is called. */
static const char *first_argument(const char *text, char **word)
{
	while (*text == '(' || *text == ' ')
		text++;
	size_t len = strcspn(text, ",");
	size_t end = len;
	while (end && !is_word(text[end - 1]))
		end--;
	size_t start = end;
	while (start && is_word(text[start - 1]))
		start--;
	*word = g_strndup(text + start, end - start);
	return text + len;
}

static bool names_member(const point *p, const char *text)
{
	g_autofree char *word = NULL;
	first_argument(text, &word);
	return gate_is_member(p, word);
}

/* What a macro puts into the slot that its first argument names: the arguments behind it. The slot
 * is called like functions of the interface, which do not fill it. */
static const char *put_in(const point *p, const char *text, char **member)
{
	g_autofree char *word = NULL;
	const char *rest = first_argument(text, &word);
	bool named = gate_is_member(p, word);
	*member = g_strdup(named ? word : p->member);
	return named && *rest ? rest : text;
}

/* The texts of a line that could fill the slot: the one that names the point counts, when several
 * slots share the line. */
const char *gate_filling(const gate_side *g, const point *p, const evidence *e, char **member)
{
	const fact_set *f = gate_tip(g, e->path);
	const use *filler = NULL; /* a macro */
	const use *slot = NULL;
	bool exact = false;
	for (guint i = 0; f && i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if (u->line != e->line)
			continue;
		const char *dot = u->kind == USE_SLOT ? strrchr(u->name, '.') : NULL;
		if (dot && !exact && (!slot || gate_is_member(p, dot + 1))) {
			slot = u;
			exact = gate_is_member(p, dot + 1);
		}
		bool macro = (u->kind == USE_MACRO || u->kind == USE_CALL) && *u->detail;
		if (macro && (!filler || (!names_member(p, filler->detail) &&
						 names_member(p, u->detail))))
			filler = u;
	}
	if (slot && (exact || !filler || !names_member(p, filler->detail))) {
		*member = g_strdup(strrchr(slot->name, '.') + 1);
		return slot->detail;
	}
	const char *filling = put_in(p, filler ? filler->detail : "", member);
	return filler ? filling : NULL;
}

const entity *gate_named_function(const gate_side *g, const char *text, const fact_set **in)
{
	for (const char *p = text; *p;) {
		const char *start = p;
		while (is_word(*p))
			p++;
		if (p == start) {
			p++;
			continue;
		}
		g_autofree char *word = g_strndup(start, (gsize)(p - start));
		const entity *e = gate_function(g, word, in);
		if (e)
			return e;
	}
	return NULL;
}

finding *gate_add(const gate_side *g, const char *kind, severity level, const char *const *keys)
{
	finding *f = finding_new(kind);
	f->severity = level;
	g_ptr_array_add(f->parties, g_strdup(g->series->name));
	f->fingerprint = finding_fingerprint(kind, f->parties, keys);
	g_ptr_array_add(g->m->findings, f);
	return f;
}

finding *gate_known(const gate_side *g, const char *kind, const char *const *keys)
{
	g_autoptr(GPtrArray) parties = g_ptr_array_new();
	g_ptr_array_add(parties, g->series->name);
	g_autofree char *fingerprint = finding_fingerprint(kind, parties, keys);
	for (guint i = 0; i < g->m->findings->len; i++) {
		finding *f = g_ptr_array_index(g->m->findings, i);
		if (!strcmp(f->fingerprint, fingerprint))
			return f;
	}
	return NULL;
}

void gate_place(finding *f, int series_index, tree_at at, const oid *blob, const char *path,
	unsigned line, unsigned end_line, const char *symbol, unsigned by)
{
	for (guint i = 0; i < f->locations->len; i++) {
		const location *there = g_ptr_array_index(f->locations, i);
		if (there->series == series_index && there->at == at && there->line == line &&
			there->end_line == MAX(end_line, line) && !strcmp(there->path, path))
			return;
	}
	finding_add_place(f, series_index, at, blob, path, line, MAX(end_line, line), symbol, by);
}

void gate_evidence_place(finding *f, int series_index, const evidence *e)
{
	gate_place(f, series_index, e->at, &e->blob, e->path, e->line, e->end_line, e->symbol,
		e->patch);
}
