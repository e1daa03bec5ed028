/* Reading Kconfig files: lines to menu entries, then the links between them as menu_finalize of
 * scripts/kconfig makes them. */
#include "kernel/kconfig_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

/* Nested `source`: mainline stays under ten. */
#define SOURCE_DEPTH 50u
/* Nested parentheses and operators of one expression. */
#define EXPRESSION_DEPTH 200u
/* Words and operators of one line; the longest of 6.1 has about 120. */
#define LINE_TOKENS 4000u
/* Blocks inside blocks; mainline stays under 15. */
#define BLOCK_DEPTH 200u
/* Files of one configuration: 6.1 has 1,650 Kconfig files. */
#define KCONFIG_FILES 20000u
/* Entries: 6.1 has 21,000 in all architectures. */
#define KCONFIG_ENTRIES 500000u

typedef enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQUAL,
	TOKEN_UNEQUAL,
	TOKEN_LESS,
	TOKEN_LESS_EQUAL,
	TOKEN_GREATER,
	TOKEN_GREATER_EQUAL,
} token_kind;

typedef struct token {
	token_kind kind;
	char *text; /* words and strings; in the string chunk */
} token;

typedef struct reader {
	kconfig *k;
	const kconfig_source *source;
	kconfig_macros *macros;
	kconfig_entry *parent;	/* the block that is open */
	kconfig_entry *current; /* the entry that options belong to */
	GHashTable *last_child; /* entry -> its last child */
	guint entries;
	unsigned depth; /* of source */
	unsigned blocks;
	const char *path;
	unsigned line;
	GArray *tokens;
	guint at;
} reader;

/* A file while its lines are taken. */
typedef struct lines {
	const char *at, *end;
	unsigned number; /* of the line taken last */
	unsigned joined; /* how many lines the last one joined */
} lines;

static void read_file(reader *r, const char *path);

static void *node(kconfig *k, size_t size)
{
	void *n = g_malloc0(size);
	g_ptr_array_add(k->nodes, n);
	return n;
}

static char *keep(kconfig *k, const char *text)
{
	return g_string_chunk_insert_const(k->strings, text);
}

static void problem(reader *r, const char *text)
{
	g_ptr_array_add(r->k->problems, g_strdup_printf("%s:%u: %s", r->path, r->line, text));
}

static kconfig_symbol *symbol_new(kconfig *k, const char *name)
{
	kconfig_symbol *s = node(k, sizeof(*s));
	s->id = k->symbols->len;
	s->name = name ? keep(k, name) : NULL;
	g_ptr_array_add(k->symbols, s);
	return s;
}

static kconfig_symbol *symbol_named(kconfig *k, const char *name)
{
	kconfig_symbol *s = g_hash_table_lookup(k->names, name);
	if (!s) {
		s = symbol_new(k, name);
		g_hash_table_insert(k->names, (char *)s->name, s);
	}
	return s;
}

static kconfig_symbol *symbol_constant(kconfig *k, const char *text)
{
	kconfig_symbol *s = g_hash_table_lookup(k->constants, text);
	if (!s) {
		s = symbol_new(k, text);
		s->constant = true;
		g_hash_table_insert(k->constants, (char *)s->name, s);
	}
	return s;
}

/* An unquoted word: y, m and n are constants, all else is a symbol (17 too: an undefined symbol,
 * whose value is its name). */
static const kconfig_symbol *symbol_of(kconfig *k, const token *t)
{
	if (t->kind == TOKEN_STRING)
		return symbol_constant(k, t->text);
	if (!strcmp(t->text, "y"))
		return k->yes;
	if (!strcmp(t->text, "m"))
		return k->mod;
	if (!strcmp(t->text, "n"))
		return k->no;
	return symbol_named(k, t->text);
}

static const kexpr *expr_symbol(kconfig *k, const kconfig_symbol *s)
{
	kexpr *e = node(k, sizeof(*e));
	e->kind = KEXPR_SYMBOL;
	e->a = s;
	return e;
}

static const kexpr *expr_join(kconfig *k, kexpr_kind kind, const kexpr *l, const kexpr *r)
{
	kexpr *e = node(k, sizeof(*e));
	e->kind = kind;
	e->left = l;
	e->right = r;
	return e;
}

/* NULL is yes. */
static const kexpr *expr_and(kconfig *k, const kexpr *l, const kexpr *r)
{
	if (!l || l == r)
		return r;
	return r ? expr_join(k, KEXPR_AND, l, r) : l;
}

/* Here NULL is "nothing yet". */
static const kexpr *expr_or(kconfig *k, const kexpr *l, const kexpr *r)
{
	if (!l)
		return r;
	return r ? expr_join(k, KEXPR_OR, l, r) : l;
}

/* ---- lines and tokens ---- */

static bool next_line(lines *l, GString *out)
{
	g_string_truncate(out, 0);
	if (l->at >= l->end)
		return false;
	l->number++;
	l->joined = 0;
	for (;;) {
		const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
		const char *stop = newline ? newline : l->end;
		g_string_append_len(out, l->at, stop - l->at);
		l->at = newline ? newline + 1 : l->end;
		if (out->len && out->str[out->len - 1] == '\r')
			g_string_truncate(out, out->len - 1);
		if (!out->len || out->str[out->len - 1] != '\\' || l->at >= l->end)
			break;
		g_string_truncate(out, out->len - 1);
		l->number++;
		l->joined++;
	}
	return true;
}

static unsigned indentation(const char *p, const char *end, const char **text)
{
	unsigned column = 0;
	for (; p < end && (*p == ' ' || *p == '\t'); p++)
		column = *p == '\t' ? (column & ~7u) + 8 : column + 1;
	*text = p;
	return column;
}

/* A help text ends before the first line that is indented less than its first one. Returns its last
 * line that is not blank. */
static unsigned skip_help(lines *l)
{
	unsigned first = 0, last = l->number;
	while (l->at < l->end) {
		const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
		const char *stop = newline ? newline : l->end;
		const char *text;
		unsigned column = indentation(l->at, stop, &text);
		bool blank = text == stop || *text == '\r';
		if (!blank) {
			if (column == 0 || column < first)
				break;
			if (!first)
				first = column;
			last = l->number + 1;
		}
		l->at = newline ? newline + 1 : l->end;
		l->number++;
	}
	return last;
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
}

static void add_token(reader *r, token_kind kind, const char *text)
{
	token t = {kind, text ? keep(r->k, text) : NULL};
	g_array_append_val(r->tokens, t);
}

/* A quoted string from its quote on; returns what follows. Macros expand, backslash escapes. */
static const char *lex_string(reader *r, const char *p)
{
	char quote = *p++;
	g_autoptr(GString) text = g_string_new(NULL);
	while (*p && *p != quote) {
		size_t len = p[0] == '$' && p[1] == '(' ? kconfig_macro_length(p) : 0;
		if (len) {
			g_autofree char *raw = g_strndup(p, len);
			g_autofree char *value = kconfig_macro_expand(r->macros, raw);
			g_string_append(text, value);
			p += len;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		g_string_append_c(text, *p++);
	}
	add_token(r, TOKEN_STRING, text->str);
	return *p ? p + 1 : p;
}

/* A word, in which macros expand without being split. */
static const char *lex_word(reader *r, const char *p)
{
	g_autoptr(GString) text = g_string_new(NULL);
	while (*p) {
		size_t len = p[0] == '$' && p[1] == '(' ? kconfig_macro_length(p) : 0;
		if (len) {
			g_autofree char *raw = g_strndup(p, len);
			g_autofree char *value = kconfig_macro_expand(r->macros, raw);
			g_string_append(text, value);
			p += len;
		} else if (is_word(*p)) {
			g_string_append_c(text, *p++);
		} else {
			break;
		}
	}
	add_token(r, TOKEN_WORD, text->str);
	return p;
}

static const struct {
	const char *text;
	token_kind kind;
} operators[] = {
	{"&&", TOKEN_AND},
	{"||", TOKEN_OR},
	{"!=", TOKEN_UNEQUAL},
	{"<=", TOKEN_LESS_EQUAL},
	{">=", TOKEN_GREATER_EQUAL},
	{"(", TOKEN_OPEN},
	{")", TOKEN_CLOSE},
	{"!", TOKEN_NOT},
	{"=", TOKEN_EQUAL},
	{"<", TOKEN_LESS},
	{">", TOKEN_GREATER},
};

static void lex(reader *r, const char *p)
{
	g_array_set_size(r->tokens, 0);
	r->at = 0;
	while (*p && r->tokens->len < LINE_TOKENS) {
		if (*p == ' ' || *p == '\t') {
			p++;
			continue;
		}
		if (*p == '#')
			break;
		if (*p == '"' || *p == '\'') {
			p = lex_string(r, p);
			continue;
		}
		if (is_word(*p) || (p[0] == '$' && p[1] == '(' && kconfig_macro_length(p))) {
			p = lex_word(r, p);
			continue;
		}
		bool found = false;
		for (size_t i = 0; i < G_N_ELEMENTS(operators) && !found; i++) {
			size_t len = strlen(operators[i].text);
			if (!strncmp(p, operators[i].text, len)) {
				add_token(r, operators[i].kind, NULL);
				p += len;
				found = true;
			}
		}
		if (!found)
			p++; /* as the kernel's lexer: an unknown character is dropped */
	}
}

static const token *peek(reader *r)
{
	static const token end = {TOKEN_END, NULL};
	return r->at < r->tokens->len ? &g_array_index(r->tokens, token, r->at) : &end;
}

static const token *take(reader *r)
{
	const token *t = peek(r);
	if (t->kind != TOKEN_END)
		r->at++;
	return t;
}

static bool take_kind(reader *r, token_kind kind)
{
	if (peek(r)->kind != kind)
		return false;
	r->at++;
	return true;
}

static bool take_word(reader *r, const char *word)
{
	const token *t = peek(r);
	if (t->kind != TOKEN_WORD || strcmp(t->text, word))
		return false;
	r->at++;
	return true;
}

/* ---- expressions ---- */

static const kexpr *parse_or(reader *r, unsigned depth);

static kexpr_kind comparison(token_kind kind)
{
	switch (kind) {
	case TOKEN_EQUAL:
		return KEXPR_EQUAL;
	case TOKEN_UNEQUAL:
		return KEXPR_UNEQUAL;
	case TOKEN_LESS:
		return KEXPR_LESS;
	case TOKEN_LESS_EQUAL:
		return KEXPR_LESS_EQUAL;
	case TOKEN_GREATER:
		return KEXPR_GREATER;
	case TOKEN_GREATER_EQUAL:
		return KEXPR_GREATER_EQUAL;
	default:
		return KEXPR_SYMBOL;
	}
}

static const kexpr *parse_primary(reader *r, unsigned depth)
{
	if (depth > EXPRESSION_DEPTH) {
		problem(r, "expression nested too deep");
		return NULL;
	}
	if (take_kind(r, TOKEN_NOT)) {
		const kexpr *inner = parse_primary(r, depth + 1);
		return inner ? expr_join(r->k, KEXPR_NOT, inner, NULL)
			     : expr_symbol(r->k, r->k->no);
	}
	if (take_kind(r, TOKEN_OPEN)) {
		const kexpr *inner = parse_or(r, depth + 1);
		if (!take_kind(r, TOKEN_CLOSE))
			problem(r, "missing )");
		return inner;
	}
	const token *t = peek(r);
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING) {
		problem(r, "expression expected");
		return NULL;
	}
	const kconfig_symbol *a = symbol_of(r->k, take(r));
	kexpr_kind kind = comparison(peek(r)->kind);
	if (kind == KEXPR_SYMBOL)
		return expr_symbol(r->k, a);
	take(r);
	t = peek(r);
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING) {
		problem(r, "operand expected");
		return expr_symbol(r->k, a);
	}
	kexpr *e = node(r->k, sizeof(*e));
	e->kind = kind;
	e->a = a;
	e->b = symbol_of(r->k, take(r));
	return e;
}

static const kexpr *parse_and(reader *r, unsigned depth)
{
	const kexpr *left = parse_primary(r, depth);
	while (take_kind(r, TOKEN_AND))
		left = expr_and(r->k, left, parse_primary(r, depth));
	return left;
}

static const kexpr *parse_or(reader *r, unsigned depth)
{
	const kexpr *left = parse_and(r, depth);
	while (take_kind(r, TOKEN_OR)) {
		const kexpr *right = parse_and(r, depth);
		left = left && right ? expr_join(r->k, KEXPR_OR, left, right) : NULL;
	}
	return left;
}

/* In a dependency, m means "m and modules are possible". */
static const kexpr *with_modules(kconfig *k, const kexpr *e)
{
	if (!e)
		return NULL;
	switch (e->kind) {
	case KEXPR_SYMBOL:
		return e->a == k->mod ? expr_and(k, e, expr_symbol(k, k->modules)) : e;
	case KEXPR_NOT:
	case KEXPR_AND:
	case KEXPR_OR: {
		const kexpr *l = with_modules(k, e->left), *r = with_modules(k, e->right);
		return l == e->left && r == e->right ? e : expr_join(k, e->kind, l, r);
	}
	default:
		return e;
	}
}

static const kexpr *parse_if(reader *r)
{
	return take_word(r, "if") ? with_modules(r->k, parse_or(r, 0)) : NULL;
}

/* ---- entries ---- */

static kconfig_entry *entry_new(reader *r, kconfig_entry_kind kind, kconfig_symbol *symbol)
{
	kconfig_entry *e = node(r->k, sizeof(*e));
	e->kind = kind;
	e->path = r->path;
	e->line = e->end_line = r->line;
	e->symbol = symbol;
	e->parent = r->parent;
	kconfig_entry *last = g_hash_table_lookup(r->last_child, r->parent);
	if (last)
		last->next = e;
	else
		r->parent->children = e;
	g_hash_table_insert(r->last_child, r->parent, e);
	if (symbol) {
		if (!symbol->entries)
			symbol->entries = g_ptr_array_new();
		g_ptr_array_add(symbol->entries, e);
	}
	r->entries++;
	r->current = e;
	return e;
}

static kconfig_property *property_new(reader *r, kconfig_property_kind kind)
{
	kconfig_property *p = node(r->k, sizeof(*p));
	p->kind = kind;
	p->line = r->line;
	p->entry = r->current;
	g_ptr_array_add(r->k->properties, p);
	if (r->current->symbol) {
		kconfig_symbol *s = r->current->symbol;
		if (!s->properties)
			s->properties = g_ptr_array_new();
		g_ptr_array_add(s->properties, p);
	}
	return p;
}

static void set_type(reader *r, kconfig_type type)
{
	kconfig_symbol *s = r->current->symbol;
	if (!s)
		return;
	r->current->type = type;
	if (s->type == KCONFIG_UNKNOWN)
		s->type = type;
	else if (s->type != type)
		problem(r, "redefined with another type");
}

static void parse_prompt(reader *r)
{
	const token *t = peek(r);
	if (t->kind != TOKEN_STRING && t->kind != TOKEN_WORD)
		return;
	kconfig_property *p = property_new(r, KCONFIG_PROMPT);
	p->text = take(r)->text;
	p->condition = p->visible = parse_if(r);
	/* `visible if` of the menus around counts for prompts alone. */
	for (const kconfig_entry *m = r->current->parent; m; m = m->parent)
		p->visible = expr_and(r->k, p->visible, m->visible_if);
	r->current->prompt = p;
}

static void parse_default(reader *r)
{
	kconfig_property *p = property_new(r, KCONFIG_DEFAULT);
	p->value = parse_or(r, 0);
	if (!p->value)
		p->value = expr_symbol(r->k, r->k->yes);
	p->condition = p->visible = parse_if(r);
}

static void parse_select(reader *r, kconfig_property_kind kind)
{
	const token *t = peek(r);
	if (t->kind != TOKEN_WORD) {
		problem(r, "symbol expected");
		return;
	}
	kconfig_property *p = property_new(r, kind);
	p->value = expr_symbol(r->k, symbol_of(r->k, take(r)));
	p->condition = p->visible = parse_if(r);
}

static void parse_range(reader *r)
{
	const token *low = take(r), *high = take(r);
	if (low->kind > TOKEN_STRING || high->kind > TOKEN_STRING || !low->text || !high->text) {
		problem(r, "range needs two values");
		return;
	}
	kconfig_property *p = property_new(r, KCONFIG_RANGE);
	p->low = symbol_of(r->k, low);
	p->high = symbol_of(r->k, high);
	p->condition = p->visible = parse_if(r);
}

static void parse_option(reader *r)
{
	kconfig_symbol *s = r->current->symbol;
	const token *t = take(r);
	if (t->kind != TOKEN_WORD || !s)
		return;
	if (!strcmp(t->text, "modules")) {
		r->k->modules = s;
	} else if (!strcmp(t->text, "env") && take_kind(r, TOKEN_EQUAL)) {
		const token *name = take(r);
		const char *value = name->text && r->k->environment
					    ? g_hash_table_lookup(r->k->environment, name->text)
					    : NULL;
		s->env = name->text;
		kconfig_property *p = property_new(r, KCONFIG_DEFAULT);
		p->value = expr_symbol(r->k, symbol_constant(r->k, value ? value : ""));
	}
}

static const struct {
	const char *word;
	kconfig_type type;
	bool defaults; /* def_bool and its like */
} types[] = {
	{"bool", KCONFIG_BOOL, false},
	{"boolean", KCONFIG_BOOL, false},
	{"tristate", KCONFIG_TRISTATE, false},
	{"int", KCONFIG_INT, false},
	{"hex", KCONFIG_HEX, false},
	{"string", KCONFIG_STRING, false},
	{"def_bool", KCONFIG_BOOL, true},
	{"def_boolean", KCONFIG_BOOL, true},
	{"def_tristate", KCONFIG_TRISTATE, true},
};

/* An option line of the current entry. False: not an option. */
static bool parse_attribute(reader *r, const char *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (strcmp(word, types[i].word))
			continue;
		set_type(r, types[i].type);
		if (types[i].defaults)
			parse_default(r);
		else
			parse_prompt(r);
		return true;
	}
	if (!strcmp(word, "prompt")) {
		parse_prompt(r);
	} else if (!strcmp(word, "default")) {
		parse_default(r);
	} else if (!strcmp(word, "depends") || !strcmp(word, "requires")) {
		take_word(r, "on");
		r->current->own =
			expr_and(r->k, r->current->own, with_modules(r->k, parse_or(r, 0)));
	} else if (!strcmp(word, "select") || !strcmp(word, "enable")) {
		parse_select(r, KCONFIG_SELECT);
	} else if (!strcmp(word, "imply")) {
		parse_select(r, KCONFIG_IMPLY);
	} else if (!strcmp(word, "range")) {
		parse_range(r);
	} else if (!strcmp(word, "visible")) {
		r->current->visible_if = expr_and(r->k, r->current->visible_if, parse_if(r));
	} else if (!strcmp(word, "option")) {
		parse_option(r);
	} else if (!strcmp(word, "modules")) {
		r->k->modules = r->current->symbol ? r->current->symbol : r->k->modules;
	} else if (!strcmp(word, "optional")) {
		if (r->current->symbol)
			r->current->symbol->optional = true;
	} else if (strcmp(word, "transitional") != 0) {
		return false;
	}
	return true;
}

static void close_block(reader *r, kconfig_entry_kind kind)
{
	if (r->parent->kind != kind) {
		problem(r, "end without its beginning");
		return;
	}
	r->blocks--;
	r->parent->end_line = r->line;
	r->parent = r->parent->parent;
	r->current = r->parent;
}

static void open_block(reader *r, kconfig_entry_kind kind, kconfig_symbol *symbol)
{
	if (r->blocks >= BLOCK_DEPTH || r->entries >= KCONFIG_ENTRIES) {
		problem(r, "blocks nested too deep, or too many entries");
		return;
	}
	r->blocks++;
	r->parent = entry_new(r, kind, symbol);
}

/* $NAME in the older `source "arch/$ARCH/Kconfig"`. */
static char *expand_dollars(reader *r, const char *text)
{
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p;) {
		if (*p != '$') {
			g_string_append_c(out, *p++);
			continue;
		}
		const char *end = ++p;
		while (g_ascii_isalnum(*end) || *end == '_')
			end++;
		g_autofree char *name = g_strndup(p, (size_t)(end - p));
		const char *value =
			r->k->environment ? g_hash_table_lookup(r->k->environment, name) : NULL;
		g_string_append(out, value ? value : "");
		p = end;
	}
	return g_string_free(out, FALSE);
}

static void parse_source(reader *r, bool relative)
{
	const token *t = take(r);
	if (!t->text) {
		problem(r, "source without a path");
		return;
	}
	g_autofree char *path = expand_dollars(r, t->text);
	if (relative) {
		g_autofree char *folder = g_path_get_dirname(r->path);
		char *joined = g_build_filename(folder, path, NULL);
		g_free(path);
		path = joined;
	}
	while (g_str_has_prefix(path, "./"))
		memmove(path, path + 2, strlen(path) - 1);
	if (!strpbrk(path, "*?[")) {
		read_file(r, path);
		return;
	}
	if (!r->source->list)
		return;
	g_autoptr(GPtrArray) matches = r->source->list(path, r->source->data);
	for (guint i = 0; matches && i < matches->len; i++)
		read_file(r, g_ptr_array_index(matches, i));
}

/* A line that starts a block or an entry. False: not such a line. */
static bool parse_command(reader *r, const char *word)
{
	if (!strcmp(word, "config") || !strcmp(word, "menuconfig")) {
		const token *t = take(r);
		if (!t->text || r->entries >= KCONFIG_ENTRIES) {
			problem(r, t->text ? "too many entries" : "config without a name");
			return true;
		}
		entry_new(r, *word == 'c' ? KCONFIG_ENTRY_CONFIG : KCONFIG_ENTRY_MENUCONFIG,
			symbol_named(r->k, t->text));
	} else if (!strcmp(word, "choice")) {
		const token *t = take(r);
		kconfig_symbol *s = t->kind == TOKEN_WORD ? symbol_named(r->k, t->text)
							  : symbol_new(r->k, NULL);
		s->choice = true;
		open_block(r, KCONFIG_ENTRY_CHOICE, s);
	} else if (!strcmp(word, "endchoice")) {
		close_block(r, KCONFIG_ENTRY_CHOICE);
	} else if (!strcmp(word, "menu")) {
		open_block(r, KCONFIG_ENTRY_MENU, NULL);
		parse_prompt(r);
	} else if (!strcmp(word, "endmenu")) {
		close_block(r, KCONFIG_ENTRY_MENU);
	} else if (!strcmp(word, "comment")) {
		entry_new(r, KCONFIG_ENTRY_COMMENT, NULL);
		parse_prompt(r);
	} else if (!strcmp(word, "if")) {
		open_block(r, KCONFIG_ENTRY_IF, NULL);
		r->current->own = with_modules(r->k, parse_or(r, 0));
	} else if (!strcmp(word, "endif")) {
		close_block(r, KCONFIG_ENTRY_IF);
	} else if (!strcmp(word, "source") || !strcmp(word, "osource")) {
		parse_source(r, false);
	} else if (!strcmp(word, "rsource") || !strcmp(word, "orsource")) {
		parse_source(r, true);
	} else {
		return !strcmp(word, "mainmenu");
	}
	return true;
}

/* NAME = value, NAME := value, NAME += value. */
static bool parse_assignment(reader *r, const char *line)
{
	size_t len = 0;
	while (g_ascii_isalnum(line[len]) || line[len] == '_' || line[len] == '-')
		len++;
	const char *p = line + len;
	p += strspn(p, " \t");
	char flavour = *p;
	if (!len || !(flavour == '=' || ((flavour == ':' || flavour == '+') && p[1] == '=')))
		return false;
	p += flavour == '=' ? 1 : 2;
	p += strspn(p, " \t");
	g_autofree char *name = g_strndup(line, len);
	kconfig_macro_assign(r->macros, name, flavour, p);
	return true;
}

/* help, ---help---, --- help --- */
static bool is_help(const char *line)
{
	line += strspn(line, "-");
	line += strspn(line, " \t");
	size_t len = g_str_has_prefix(line, "help") ? 4 : 0;
	line += len;
	line += strspn(line, "- \t");
	return len && (!*line || *line == '#');
}

static void parse_line(reader *r, lines *l, const char *line)
{
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return;
	if (is_help(line)) {
		r->line = skip_help(l);
	} else if (*line == '$') { /* $(error-if ...): says something, sets nothing */
		return;
	} else if (parse_assignment(r, line)) {
		return;
	} else {
		size_t len = strcspn(line, " \t\"'(#");
		g_autofree char *word = g_strndup(line, len);
		lex(r, line + len);
		bool option = !(r->current == r->k->root) && parse_attribute(r, word);
		if (!option && !parse_command(r, word))
			problem(r, "unknown statement");
	}
	/* An entry lasts to its last line; blocks get theirs from their end. */
	if (r->current && r->current->path == r->path)
		r->current->end_line = MAX(r->current->end_line, r->line);
}

static void read_text(reader *r, const char *text, size_t len)
{
	lines l = {text, text + len, 0, 0};
	g_autoptr(GString) line = g_string_new(NULL);
	kconfig_entry *parent = r->parent;
	unsigned blocks = r->blocks;
	while (next_line(&l, line)) {
		r->line = l.number - l.joined;
		parse_line(r, &l, line->str);
	}
	if (r->parent != parent) {
		problem(r, "a block is not closed in its file");
		r->parent = parent;
		r->blocks = blocks;
	}
	r->current = parent;
}

static void read_file(reader *r, const char *path)
{
	if (r->depth >= SOURCE_DEPTH || r->k->files->len >= KCONFIG_FILES) {
		problem(r, "source nested too deep, or too many files");
		return;
	}
	g_autoptr(GBytes) bytes = r->source->read(path, r->source->data);
	if (!bytes) {
		g_autofree char *text = g_strdup_printf("no file '%s'", path);
		problem(r, text);
		return;
	}
	const char *outer_path = r->path;
	unsigned outer_line = r->line;
	kconfig_entry *outer = r->current;
	r->path = keep(r->k, path);
	g_ptr_array_add(r->k->files, g_strdup(path));
	r->depth++;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	read_text(r, text ? text : "", len);
	r->depth--;
	r->path = outer_path;
	r->line = outer_line;
	r->current = outer;
	/* What follows a source line is never an option of what stood before it. */
	r->current = r->parent;
}

/* ---- links ---- */

static bool requires_symbol(const kexpr *e, const kconfig_symbol *s, const kconfig *k)
{
	if (!e)
		return false;
	switch (e->kind) {
	case KEXPR_AND:
		return requires_symbol(e->left, s, k) || requires_symbol(e->right, s, k);
	case KEXPR_SYMBOL:
		return e->a == s;
	case KEXPR_EQUAL:
		return (e->a == s && (e->b == k->yes || e->b == k->mod)) ||
		       (e->b == s && (e->a == k->yes || e->a == k->mod));
	case KEXPR_UNEQUAL:
		return (e->a == s && e->b == k->no) || (e->b == s && e->a == k->no);
	default:
		return false;
	}
}

/* Dependencies flow down the blocks; every property's visibility takes them in. */
static void link_entry(kconfig *k, kconfig_entry *parent, const kexpr *around)
{
	for (kconfig_entry *e = parent->children; e; e = e->next) {
		const kexpr *own = e->own;
		e->depends = expr_and(k, around, own);
		const kexpr *inside = e->depends;
		if (e->symbol) {
			kconfig_symbol *s = e->symbol;
			/* Defined without any dependency: always there. */
			s->depends = e->depends ? expr_or(k, s->depends, e->depends)
						: expr_or(k, s->depends, expr_symbol(k, k->yes));
			if (s->choice)
				inside = expr_and(k, e->depends, expr_symbol(k, s));
		}
		if (e->kind == KCONFIG_ENTRY_MENU && e->prompt)
			inside = expr_and(k, inside, e->prompt->condition);
		if (e->children)
			link_entry(k, e, inside);
	}
}

static void link_properties(kconfig *k)
{
	for (guint i = 0; i < k->properties->len; i++) {
		kconfig_property *p = g_ptr_array_index(k->properties, i);
		p->visible = expr_and(k, p->entry->depends, p->visible);
		if (p->kind != KCONFIG_SELECT && p->kind != KCONFIG_IMPLY)
			continue;
		kconfig_symbol *target = (kconfig_symbol *)p->value->a;
		const kexpr *by = expr_and(k, expr_symbol(k, p->entry->symbol), p->visible);
		if (p->kind == KCONFIG_SELECT)
			target->selected = expr_or(k, target->selected, by);
		else
			target->implied = expr_or(k, target->implied, by);
	}
}

/* Adds the values of a choice; an entry that depends on the value before it is a sub-entry of
 * that one, not a value (as menu_finalize makes submenus). */
static void link_members(kconfig *k, kconfig_symbol *choice, const kconfig_entry *block,
	const kconfig_symbol **before)
{
	for (kconfig_entry *e = block->children; e; e = e->next) {
		if (e->kind == KCONFIG_ENTRY_IF) {
			link_members(k, choice, e, before);
			continue;
		}
		if (!e->symbol || e->symbol->choice)
			continue;
		if (*before && requires_symbol(e->depends, *before, k))
			continue;
		kconfig_symbol *s = e->symbol;
		if (choice->type == KCONFIG_UNKNOWN)
			choice->type = s->type;
		if (s->type == KCONFIG_UNKNOWN)
			s->type = choice->type;
		s->chooser = choice;
		g_ptr_array_add(choice->members, s);
		*before = s;
	}
}

static void link_choices(kconfig *k, kconfig_entry *block)
{
	for (kconfig_entry *e = block->children; e; e = e->next) {
		if (e->kind == KCONFIG_ENTRY_CHOICE) {
			kconfig_symbol *s = e->symbol;
			const kconfig_symbol *before = NULL;
			if (!s->members)
				s->members = g_ptr_array_new();
			link_members(k, s, e, &before);
			if (s->type == KCONFIG_UNKNOWN)
				s->type = KCONFIG_BOOL;
			/* A choice that must be made is at least m where its prompt shows. */
			if (!s->optional && e->prompt)
				s->selected = expr_or(k, s->selected,
					expr_and(k, e->prompt->visible, expr_symbol(k, k->mod)));
		}
		if (e->children)
			link_choices(k, e);
	}
}

static void symbol_clear(gpointer data)
{
	kconfig_symbol *s = data;
	g_clear_pointer(&s->members, g_ptr_array_unref);
	g_clear_pointer(&s->properties, g_ptr_array_unref);
	g_clear_pointer(&s->entries, g_ptr_array_unref);
}

/* Whether KERNELVERSION names a kernel before v2.6.36. */
static bool has_old_choices(GHashTable *environment)
{
	const char *version =
		environment ? g_hash_table_lookup(environment, "KERNELVERSION") : NULL;
	return version && g_str_has_prefix(version, "2.6.") && atoi(version + 4) < 36;
}

static kconfig *kconfig_new(GHashTable *environment)
{
	kconfig *k = g_new0(kconfig, 1);
	k->strings = g_string_chunk_new(1 << 16);
	k->nodes = g_ptr_array_new_with_free_func(g_free);
	k->symbols = g_ptr_array_new_with_free_func(symbol_clear);
	k->names = g_hash_table_new(g_str_hash, g_str_equal);
	k->constants = g_hash_table_new(g_str_hash, g_str_equal);
	k->properties = g_ptr_array_new();
	k->problems = g_ptr_array_new_with_free_func(g_free);
	k->files = g_ptr_array_new_with_free_func(g_free);
	k->environment = environment;
	k->old_choices = has_old_choices(environment);
	k->yes = symbol_constant(k, "y");
	k->mod = symbol_constant(k, "m");
	k->no = symbol_constant(k, "n");
	k->modules = symbol_named(k, "MODULES");
	k->root = node(k, sizeof(*k->root));
	return k;
}

bool kconfig_read(kconfig **out, const char *path, const kconfig_source *source,
	GHashTable *environment, GError **err)
{
	g_autoptr(GBytes) first = source->read(path, source->data);
	if (!first)
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, NULL, "%s: no such file in the tree", path);
	g_autoptr(kconfig) k = kconfig_new(environment);
	reader r = {.k = k, .source = source, .parent = k->root, .current = k->root, .path = ""};
	r.macros = kconfig_macros_new(environment);
	r.last_child = g_hash_table_new(NULL, NULL);
	r.tokens = g_array_new(FALSE, FALSE, sizeof(token));
	read_file(&r, path);
	g_array_unref(r.tokens);
	g_hash_table_unref(r.last_child);
	kconfig_macros_free(r.macros);
	link_entry(k, k->root, NULL);
	link_properties(k);
	link_choices(k, k->root);
	k->environment = NULL;
	*out = g_steal_pointer(&k);
	return true;
}

void kconfig_free(kconfig *k)
{
	if (!k)
		return;
	g_ptr_array_unref(k->symbols);
	g_ptr_array_unref(k->nodes);
	g_hash_table_unref(k->names);
	g_hash_table_unref(k->constants);
	g_ptr_array_unref(k->properties);
	g_ptr_array_unref(k->problems);
	g_ptr_array_unref(k->files);
	g_string_chunk_free(k->strings);
	g_free(k);
}

const kconfig_symbol *kconfig_find(const kconfig *k, const char *name)
{
	return g_hash_table_lookup(k->names, name);
}

const GPtrArray *kconfig_symbols(const kconfig *k)
{
	return k->symbols;
}

const kconfig_entry *kconfig_root(const kconfig *k)
{
	return k->root;
}

const GPtrArray *kconfig_problems(const kconfig *k)
{
	return k->problems;
}

const GPtrArray *kconfig_files(const kconfig *k)
{
	return k->files;
}

const char *kconfig_type_name(kconfig_type type)
{
	static const char *const names[] = {"", "bool", "tristate", "int", "hex", "string"};
	return names[type];
}

static void symbol_text(GString *out, const kconfig_symbol *s)
{
	bool letter = s->constant &&
		      (!strcmp(s->name, "y") || !strcmp(s->name, "m") || !strcmp(s->name, "n"));
	if (!s->name)
		g_string_append(out, "<choice>");
	else if (s->constant && !letter)
		g_string_append_printf(out, "\"%s\"", s->name);
	else
		g_string_append(out, s->name);
}

static void expr_text(GString *out, const kexpr *e, kexpr_kind around)
{
	static const char *const signs[] = {
		[KEXPR_EQUAL] = "=",
		[KEXPR_UNEQUAL] = "!=",
		[KEXPR_LESS] = "<",
		[KEXPR_LESS_EQUAL] = "<=",
		[KEXPR_GREATER] = ">",
		[KEXPR_GREATER_EQUAL] = ">=",
	};
	bool brackets;
	switch (e->kind) {
	case KEXPR_SYMBOL:
		symbol_text(out, e->a);
		return;
	case KEXPR_NOT:
		g_string_append_c(out, '!');
		expr_text(out, e->left, KEXPR_NOT);
		return;
	case KEXPR_AND:
	case KEXPR_OR:
		brackets = around == KEXPR_NOT || (e->kind == KEXPR_OR && around == KEXPR_AND);
		g_string_append(out, brackets ? "(" : "");
		expr_text(out, e->left, e->kind);
		g_string_append(out, e->kind == KEXPR_AND ? " && " : " || ");
		expr_text(out, e->right, e->kind);
		g_string_append(out, brackets ? ")" : "");
		return;
	default:
		brackets = around == KEXPR_NOT;
		g_string_append(out, brackets ? "(" : "");
		symbol_text(out, e->a);
		g_string_append(out, signs[e->kind]);
		symbol_text(out, e->b);
		g_string_append(out, brackets ? ")" : "");
	}
}

char *kexpr_text(const kexpr *e)
{
	GString *out = g_string_new(NULL);
	if (e)
		expr_text(out, e, KEXPR_SYMBOL);
	return g_string_free(out, FALSE);
}
