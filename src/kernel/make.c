/* Makefiles read as data: the statements, and their evaluation. Functions are in make_functions.c.
 */
#include "kernel/layout.h"
#include "kernel/make_priv.h"

#include <string.h>

/* Bytes of one reference as written: bounds the search for its end, which hostile text can make
 * quadratic. Multi-line functions of 6.1 stay under 2,000. */
#define REFERENCE_BYTES 8192
/* Bytes of a makefile that are read; the largest of 6.1 has 100 kB. */
#define MAKEFILE_BYTES ((size_t)1 << 20)
/* Nested includes; the kernel uses at most three. */
#define INCLUDE_DEPTH 8u
/* Nested references while expanding: recursion of a variable into itself ends here. */
#define EXPAND_DEPTH 50u
/* References followed while one makefile is run; the largest of 6.1 needs under 20,000. */
#define EXPAND_STEPS 500000u
/* Bytes of one expansion: bounds a doubling bomb. */
#define EXPAND_BYTES ((size_t)4 << 20)

/* ---- reading ---- */

static void statement_free(gpointer data)
{
	make_statement *s = data;
	g_free(s->name);
	g_free(s->value);
	g_free(s);
}

size_t make_reference_length(const char *text)
{
	if (text[0] != '$' || !text[1])
		return 0;
	char open = text[1], close = open == '(' ? ')' : open == '{' ? '}' : 0;
	if (!close)
		return 2;
	unsigned depth = 0;
	for (const char *p = text + 1; *p && p - text < REFERENCE_BYTES; p++) {
		if (*p == open)
			depth++;
		else if (*p == close && --depth == 0)
			return (size_t)(p - text) + 1;
	}
	return 0;
}

char **make_words(const char *text)
{
	GPtrArray *words = g_ptr_array_new();
	const char *p = text;
	while (*p) {
		p += strspn(p, " \t\n");
		const char *start = p;
		while (*p && !strchr(" \t\n", *p)) {
			size_t len = make_reference_length(p);
			p += len ? len : 1;
		}
		if (p > start)
			g_ptr_array_add(words, g_strndup(start, (size_t)(p - start)));
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

static make_statement *add(GPtrArray *list, make_kind kind, unsigned line, unsigned end)
{
	make_statement *s = g_new0(make_statement, 1);
	s->kind = kind;
	s->line = line;
	s->end_line = end;
	g_ptr_array_add(list, s);
	return s;
}

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t");
}

/* True when `p` starts with the word; *rest is what follows. */
static bool starts_word(const char *p, const char *word, const char **rest)
{
	size_t len = strlen(word);
	if (strncmp(p, word, len) != 0 || (p[len] && !strchr(" \t(\"'", p[len])))
		return false;
	*rest = skip_space(p + len);
	return true;
}

/* (a,b) or "a" "b" */
static void comparands(const char *p, char **a, char **b)
{
	if (*p == '(') {
		const char *comma = NULL, *q = p + 1;
		unsigned depth = 0;
		while (*q && !(*q == ')' && depth == 0)) {
			size_t len = make_reference_length(q);
			if (len > 2) {
				q += len;
				continue;
			}
			depth += *q == '(' ? 1u : 0u;
			depth -= *q == ')' ? 1u : 0u;
			if (*q == ',' && !comma && depth == 0)
				comma = q;
			q++;
		}
		if (comma) {
			*a = g_strstrip(g_strndup(p + 1, (size_t)(comma - p - 1)));
			*b = g_strstrip(g_strndup(comma + 1, (size_t)(q - comma - 1)));
			return;
		}
	} else if (*p == '"' || *p == '\'') {
		const char *end = strchr(p + 1, *p);
		const char *second = end ? skip_space(end + 1) : "";
		const char *stop = *second ? strchr(second + 1, *second) : NULL;
		if (stop) {
			*a = g_strndup(p + 1, (size_t)(end - p - 1));
			*b = g_strndup(second + 1, (size_t)(stop - second - 1));
			return;
		}
	}
	*a = g_strdup("");
	*b = g_strdup("?"); /* unreadable: not equal */
}

static bool read_conditional(GPtrArray *list, const char *p, unsigned line, unsigned end)
{
	static const struct {
		const char *word;
		make_kind kind;
	} words[] = {{"ifeq", MAKE_IFEQ}, {"ifneq", MAKE_IFNEQ}, {"ifdef", MAKE_IFDEF},
		{"ifndef", MAKE_IFNDEF}};
	const char *rest;
	if (starts_word(p, "endif", &rest)) {
		add(list, MAKE_ENDIF, line, end);
		return true;
	}
	bool chained = false;
	if (starts_word(p, "else", &rest)) {
		if (!*rest) {
			add(list, MAKE_ELSE, line, end);
			return true;
		}
		chained = true;
		p = rest;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (!starts_word(p, words[i].word, &rest))
			continue;
		make_statement *s = add(list, words[i].kind, line, end);
		s->chained = chained;
		if (i < 2)
			comparands(rest, &s->name, &s->value);
		else
			s->name = g_strstrip(g_strdup(rest));
		return true;
	}
	return false;
}

/* The assignment operator of a line, outside references; NULL for a rule or nothing. */
static const char *find_operator(const char *line, char *op, size_t *len)
{
	for (const char *p = line; *p;) {
		size_t reference = make_reference_length(p);
		if (reference) {
			p += reference;
			continue;
		}
		if (*p == '=') {
			*op = '=';
			*len = 1;
			return p;
		}
		if (strchr("+?!", *p) && p[1] == '=') {
			*op = *p;
			*len = 2;
			return p;
		}
		if (*p == ':') {
			size_t colons = strspn(p, ":");
			if (p[colons] != '=')
				return NULL;
			*op = ':';
			*len = colons + 1;
			return p;
		}
		p++;
	}
	return NULL;
}

/* One logical line. Returns true when it starts a rule, whose recipe follows. */
static bool read_statement(GPtrArray *list, const char *text, unsigned line, unsigned end)
{
	const char *p = skip_space(text), *rest;
	while (starts_word(p, "export", &rest) || starts_word(p, "override", &rest) ||
		starts_word(p, "unexport", &rest))
		p = rest;
	if (starts_word(p, "include", &rest) || starts_word(p, "-include", &rest) ||
		starts_word(p, "sinclude", &rest)) {
		add(list, MAKE_INCLUDE, line, end)->value = g_strdup(rest);
		return false;
	}
	char op;
	size_t len;
	const char *at = find_operator(p, &op, &len);
	if (at) {
		make_statement *s = add(list, MAKE_ASSIGN, line, end);
		s->op = op;
		s->name = g_strstrip(g_strndup(p, (size_t)(at - p)));
		s->value = g_strdup(skip_space(at + len));
		return false;
	}
	const char *colon = p;
	while (*colon && *colon != ':') {
		size_t reference = make_reference_length(colon);
		colon += reference ? reference : 1;
	}
	if (*colon != ':')
		return false;
	add(list, MAKE_RULE, line, end)->name = g_strndup(p, (size_t)(colon - p));
	return true;
}

/* Cuts a comment; \# is a hash. */
static void cut_comment(GString *line)
{
	for (gsize i = 0; i < line->len; i++) {
		if (line->str[i] != '#')
			continue;
		if (i && line->str[i - 1] == '\\') {
			g_string_erase(line, (gssize)i - 1, 1);
			i--;
			continue;
		}
		g_string_truncate(line, i);
	}
}

typedef struct cursor {
	const char *at, *end;
	unsigned line;
} cursor;

/* Takes one physical line without its end; false at the end. */
static bool physical_line(cursor *c, const char **start, size_t *len)
{
	if (c->at >= c->end)
		return false;
	const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
	const char *stop = newline ? newline : c->end;
	*start = c->at;
	*len = (size_t)(stop - c->at);
	if (*len && (*start)[*len - 1] == '\r')
		--*len;
	c->at = newline ? newline + 1 : c->end;
	c->line++;
	return true;
}

static bool logical_line(cursor *c, GString *out)
{
	const char *start;
	size_t len;
	g_string_truncate(out, 0);
	if (!physical_line(c, &start, &len))
		return false;
	g_string_append_len(out, start, (gssize)len);
	while (out->len && out->str[out->len - 1] == '\\' && physical_line(c, &start, &len)) {
		g_string_truncate(out, out->len - 1);
		while (out->len && strchr(" \t", out->str[out->len - 1]))
			g_string_truncate(out, out->len - 1);
		while (len && (*start == ' ' || *start == '\t')) {
			start++;
			len--;
		}
		g_string_append_c(out, ' ');
		g_string_append_len(out, start, (gssize)len);
	}
	return true;
}

/* define NAME ... endef, as a recursive assignment. */
static void read_define(GPtrArray *list, cursor *c, const char *name, unsigned line)
{
	g_autoptr(GString) body = g_string_new(NULL);
	const char *start, *rest;
	size_t len;
	while (physical_line(c, &start, &len)) {
		g_autofree char *text = g_strndup(start, len);
		if (starts_word(skip_space(text), "endef", &rest))
			break;
		if (body->len)
			g_string_append_c(body, '\n');
		g_string_append(body, text);
	}
	make_statement *s = add(list, MAKE_ASSIGN, line, c->line);
	s->op = '=';
	s->name = g_strndup(name, strcspn(name, " \t=:"));
	s->value = g_strdup(body->str);
}

GPtrArray *make_read(const char *text, size_t len)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(statement_free);
	cursor c = {text, text + MIN(len, MAKEFILE_BYTES), 0};
	g_autoptr(GString) line = g_string_new(NULL);
	bool in_rule = false;
	for (;;) {
		unsigned first = c.line + 1;
		if (!logical_line(&c, line))
			break;
		const char *rest;
		if (*line->str == '\t' && in_rule)
			continue;
		if (!strchr(line->str, '\t') || *line->str != '\t' || strchr(line->str, '#'))
			cut_comment(line);
		const char *p = skip_space(line->str);
		if (!*p || read_conditional(list, p, first, c.line))
			continue;
		if (starts_word(p, "define", &rest))
			read_define(list, &c, rest, first);
		else
			in_rule = read_statement(list, line->str, first, c.line);
	}
	return list;
}

/* ---- evaluating ---- */

static void variable_free(gpointer data)
{
	make_variable *v = data;
	g_free(v->value);
	g_free(v);
}

make *make_new(const make_source *source)
{
	make *m = g_new0(make, 1);
	m->source = *source;
	m->variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, variable_free);
	return m;
}

void make_free(make *m)
{
	if (!m)
		return;
	g_hash_table_unref(m->variables);
	g_free(m);
}

static void put(make *m, const char *name, char *value, bool simple)
{
	make_variable *v = g_new0(make_variable, 1);
	v->value = value;
	v->simple = simple;
	g_hash_table_replace(m->variables, g_strdup(name), v);
}

void make_set(make *m, const char *name, const char *value)
{
	put(m, name, g_strdup(value), true);
}

/* The value of $(inner). The caller's. */
static char *reference(make *m, const char *inner, size_t len)
{
	g_autofree char *raw = g_strndup(inner, len);
	char *result = NULL;
	if (make_call_function(m, raw, &result))
		return result;
	g_autofree char *name = make_expand(m, raw);
	/* $(name:%.o=%.c) and $(name:.o=.c) */
	char *colon = strchr(name, ':');
	char *equals = colon ? strchr(colon, '=') : NULL;
	if (equals) {
		*colon = *equals = 0;
		g_autofree char *value = make_get(m, name);
		bool pattern = strchr(colon + 1, '%') != NULL;
		g_autofree char *from = g_strconcat(pattern ? "" : "%", colon + 1, NULL);
		g_autofree char *to = g_strconcat(pattern ? "" : "%", equals + 1, NULL);
		return make_patsubst(from, to, value);
	}
	return make_get(m, name);
}

char *make_get(make *m, const char *name)
{
	const make_variable *v = g_hash_table_lookup(m->variables, name);
	if (v)
		return v->simple ? g_strdup(v->value) : make_expand(m, v->value);
	if (g_str_has_prefix(name, "CONFIG_") && m->source.config) {
		const char *value = m->source.config(name + 7, m->source.data);
		return g_strdup(value ? value : "");
	}
	return g_strdup("");
}

char *make_expand(make *m, const char *text)
{
	if (m->depth >= EXPAND_DEPTH || m->steps++ > EXPAND_STEPS)
		return g_strdup("");
	m->depth++;
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p && out->len < EXPAND_BYTES;) {
		const char *dollar = strchr(p, '$');
		if (!dollar) {
			g_string_append(out, p);
			break;
		}
		g_string_append_len(out, p, dollar - p);
		size_t len = make_reference_length(dollar);
		if (!len) {
			g_string_append_c(out, '$');
			p = dollar + 1;
			continue;
		}
		if (dollar[1] == '$') {
			g_string_append_c(out, '$');
		} else {
			bool brackets = len > 2;
			g_autofree char *value =
				reference(m, dollar + (brackets ? 2 : 1), brackets ? len - 3 : 1);
			g_string_append(out, value);
		}
		p = dollar + len;
	}
	m->depth--;
	return g_string_free(out, FALSE);
}

static void assign(make *m, const make_statement *s)
{
	g_autofree char *name = make_expand(m, s->name);
	const make_variable *old = g_hash_table_lookup(m->variables, name);
	switch (s->op) {
	case '?':
		if (!old)
			put(m, name, g_strdup(s->value), false);
		break;
	case ':':
		put(m, name, make_expand(m, s->value), true);
		break;
	case '+':
		if (old) {
			bool simple = old->simple;
			g_autofree char *value =
				simple ? make_expand(m, s->value) : g_strdup(s->value);
			if (strlen(old->value) + strlen(value) < EXPAND_BYTES)
				put(m, name, g_strjoin(" ", old->value, value, NULL), simple);
		} else {
			put(m, name, g_strdup(s->value), false);
		}
		break;
	case '!':
		put(m, name, g_strdup(""), true);
		break;
	default:
		put(m, name, g_strdup(s->value), false);
		break;
	}
}

static bool condition(make *m, const make_statement *s)
{
	g_autofree char *a = make_expand(m, s->name);
	if (s->kind == MAKE_IFDEF || s->kind == MAKE_IFNDEF) {
		g_autofree char *value = make_get(m, g_strstrip(a));
		return (*value != 0) == (s->kind == MAKE_IFDEF);
	}
	g_autofree char *b = make_expand(m, s->value);
	return !strcmp(a, b) == (s->kind == MAKE_IFEQ);
}

static void include(make *m, const make_statement *s)
{
	if (m->include_depth >= INCLUDE_DEPTH)
		return;
	g_autofree char *expanded = make_expand(m, s->value);
	g_auto(GStrv) paths = make_words(expanded);
	for (char **path = paths; *path; path++) {
		g_autofree char *p = **path == '/' ? NULL : layout_resolve("", *path);
		g_autoptr(GBytes) bytes =
			p && m->source.read ? m->source.read(p, m->source.data) : NULL;
		if (!bytes)
			continue;
		gsize len;
		const char *text = g_bytes_get_data(bytes, &len);
		g_autoptr(GPtrArray) statements = make_read(text ? text : "", len);
		m->include_depth++;
		make_run(m, statements);
		m->include_depth--;
	}
}

typedef struct branch {
	bool outer, taken, active;
} branch;

void make_run(make *m, const GPtrArray *statements)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(branch));
	bool active = true;
	for (guint i = 0; i < statements->len; i++) {
		const make_statement *s = g_ptr_array_index(statements, i);
		branch *top = stack->len ? &g_array_index(stack, branch, stack->len - 1) : NULL;
		switch (s->kind) {
		case MAKE_ENDIF:
			if (top) {
				active = top->outer;
				g_array_set_size(stack, stack->len - 1);
			}
			break;
		case MAKE_ELSE:
			if (top) {
				active = top->outer && !top->taken;
				top->taken = true;
			}
			break;
		case MAKE_IFEQ:
		case MAKE_IFNEQ:
		case MAKE_IFDEF:
		case MAKE_IFNDEF:
			if (s->chained && top) {
				active = top->outer && !top->taken && condition(m, s);
				top->taken |= active;
			} else {
				branch b = {.outer = active};
				active = active && condition(m, s);
				b.taken = active;
				g_array_append_val(stack, b);
			}
			break;
		case MAKE_ASSIGN:
			if (active)
				assign(m, s);
			break;
		case MAKE_INCLUDE:
			if (active)
				include(m, s);
			break;
		case MAKE_RULE:
			break;
		}
	}
}
