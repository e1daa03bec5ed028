/* Reading Kconfig files: statements to menu entries. */
#include <string.h>

#include "base/error.h"
#include "kernel/kconfig_reader.h"

/* Nested `source`: mainline stays under ten. */
#define SOURCE_DEPTH 50u
/* Blocks inside blocks; mainline stays under 15. */
#define BLOCK_DEPTH 200u
/* Files of one configuration: 6.1 has 1,650 Kconfig files. */
#define KCONFIG_FILES 20000u
/* Entries: 6.1 has 21,000 in all architectures. */
#define KCONFIG_ENTRIES 500000u

static void read_file(kconfig_reader *r, const char *path);

void kconfig_reader_problem(kconfig_reader *r, const char *text)
{
	g_ptr_array_add(r->k->problems, g_strdup_printf("%s:%u: %s", r->path, r->line, text));
}

static kconfig_entry *entry_new(kconfig_reader *r, kconfig_entry_kind kind, kconfig_symbol *symbol)
{
	kconfig_entry *e = kconfig_node(r->k, sizeof(*e));
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

static kconfig_property *property_new(kconfig_reader *r, kconfig_property_kind kind)
{
	kconfig_property *p = kconfig_node(r->k, sizeof(*p));
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

static void set_type(kconfig_reader *r, kconfig_type type)
{
	kconfig_symbol *s = r->current->symbol;
	if (!s)
		return;
	r->current->type = type;
	if (s->type == KCONFIG_UNKNOWN)
		s->type = type;
	else if (s->type != type)
		kconfig_reader_problem(r, "redefined with another type");
}

static void parse_prompt(kconfig_reader *r)
{
	const kconfig_token *t = kconfig_peek(r);
	if (t->kind != TOKEN_STRING && t->kind != TOKEN_WORD)
		return;
	kconfig_property *p = property_new(r, KCONFIG_PROMPT);
	p->text = kconfig_take(r)->text;
	p->condition = p->visible = kconfig_parse_if(r);
	/* `visible if` of the menus around counts for prompts alone. */
	for (const kconfig_entry *m = r->current->parent; m; m = m->parent)
		p->visible = kexpr_and(r->k, p->visible, m->visible_if);
	r->current->prompt = p;
}

static void parse_default(kconfig_reader *r)
{
	kconfig_property *p = property_new(r, KCONFIG_DEFAULT);
	p->value = kconfig_parse_expression(r);
	if (!p->value)
		p->value = kexpr_symbol(r->k, r->k->yes);
	p->condition = p->visible = kconfig_parse_if(r);
}

static void parse_select(kconfig_reader *r, kconfig_property_kind kind)
{
	const kconfig_token *t = kconfig_peek(r);
	if (t->kind != TOKEN_WORD) {
		kconfig_reader_problem(r, "symbol expected");
		return;
	}
	kconfig_property *p = property_new(r, kind);
	p->value = kexpr_symbol(r->k, kconfig_symbol_of(r->k, kconfig_take(r)));
	p->condition = p->visible = kconfig_parse_if(r);
}

static void parse_range(kconfig_reader *r)
{
	const kconfig_token *low = kconfig_take(r), *high = kconfig_take(r);
	if (low->kind > TOKEN_STRING || high->kind > TOKEN_STRING || !low->text || !high->text) {
		kconfig_reader_problem(r, "range needs two values");
		return;
	}
	kconfig_property *p = property_new(r, KCONFIG_RANGE);
	p->low = kconfig_symbol_of(r->k, low);
	p->high = kconfig_symbol_of(r->k, high);
	p->condition = p->visible = kconfig_parse_if(r);
}

static void parse_option(kconfig_reader *r)
{
	kconfig_symbol *s = r->current->symbol;
	const kconfig_token *t = kconfig_take(r);
	if (t->kind != TOKEN_WORD || !s)
		return;
	if (!strcmp(t->text, "modules")) {
		r->k->modules = s;
	} else if (!strcmp(t->text, "env") && kconfig_take_kind(r, TOKEN_EQUAL)) {
		const kconfig_token *name = kconfig_take(r);
		const char *value = name->text && r->k->environment
					    ? g_hash_table_lookup(r->k->environment, name->text)
					    : NULL;
		s->env = name->text;
		kconfig_property *p = property_new(r, KCONFIG_DEFAULT);
		p->value = kexpr_symbol(r->k, kconfig_symbol_constant(r->k, value ? value : ""));
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
static bool parse_attribute(kconfig_reader *r, const char *word)
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
		kconfig_take_word(r, "on");
		r->current->own = kexpr_and(r->k, r->current->own,
			kexpr_with_modules(r->k, kconfig_parse_expression(r)));
	} else if (!strcmp(word, "select") || !strcmp(word, "enable")) {
		parse_select(r, KCONFIG_SELECT);
	} else if (!strcmp(word, "imply")) {
		parse_select(r, KCONFIG_IMPLY);
	} else if (!strcmp(word, "range")) {
		parse_range(r);
	} else if (!strcmp(word, "visible")) {
		r->current->visible_if =
			kexpr_and(r->k, r->current->visible_if, kconfig_parse_if(r));
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

static void close_block(kconfig_reader *r, kconfig_entry_kind kind)
{
	if (r->parent->kind != kind) {
		kconfig_reader_problem(r, "end without its beginning");
		return;
	}
	r->blocks--;
	r->parent->end_line = r->line;
	r->parent = r->parent->parent;
	r->current = r->parent;
}

static void open_block(kconfig_reader *r, kconfig_entry_kind kind, kconfig_symbol *symbol)
{
	if (r->blocks >= BLOCK_DEPTH || r->entries >= KCONFIG_ENTRIES) {
		kconfig_reader_problem(r, "blocks nested too deep, or too many entries");
		return;
	}
	r->blocks++;
	r->parent = entry_new(r, kind, symbol);
}

/* $NAME in the older `source "arch/$ARCH/Kconfig"`. */
static char *expand_dollars(kconfig_reader *r, const char *text)
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

static void parse_source(kconfig_reader *r, bool relative)
{
	const kconfig_token *t = kconfig_take(r);
	if (!t->text) {
		kconfig_reader_problem(r, "source without a path");
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
static bool parse_command(kconfig_reader *r, const char *word)
{
	if (!strcmp(word, "config") || !strcmp(word, "menuconfig")) {
		const kconfig_token *t = kconfig_take(r);
		if (!t->text || r->entries >= KCONFIG_ENTRIES) {
			kconfig_reader_problem(
				r, t->text ? "too many entries" : "config without a name");
			return true;
		}
		entry_new(r, *word == 'c' ? KCONFIG_ENTRY_CONFIG : KCONFIG_ENTRY_MENUCONFIG,
			kconfig_symbol_named(r->k, t->text));
	} else if (!strcmp(word, "choice")) {
		const kconfig_token *t = kconfig_take(r);
		kconfig_symbol *s = t->kind == TOKEN_WORD ? kconfig_symbol_named(r->k, t->text)
							  : kconfig_symbol_new(r->k, NULL);
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
		r->current->own = kexpr_with_modules(r->k, kconfig_parse_expression(r));
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
static bool parse_assignment(kconfig_reader *r, const char *line)
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

static void parse_line(kconfig_reader *r, kconfig_lines *l, const char *line)
{
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return;
	if (is_help(line)) {
		r->line = kconfig_skip_help(l);
	} else if (*line == '$') { /* $(error-if ...): says something, sets nothing */
		return;
	} else if (parse_assignment(r, line)) {
		return;
	} else {
		size_t len = strcspn(line, " \t\"'(#");
		g_autofree char *word = g_strndup(line, len);
		kconfig_lex(r, line + len);
		bool option = !(r->current == r->k->root) && parse_attribute(r, word);
		if (!option && !parse_command(r, word))
			kconfig_reader_problem(r, "unknown statement");
	}
	/* An entry lasts to its last line; blocks get theirs from their end. */
	if (r->current && r->current->path == r->path)
		r->current->end_line = MAX(r->current->end_line, r->line);
}

static void read_text(kconfig_reader *r, const char *text, size_t len)
{
	kconfig_lines l = {text, text + len, 0, 0};
	g_autoptr(GString) line = g_string_new(NULL);
	kconfig_entry *parent = r->parent;
	unsigned blocks = r->blocks;
	while (kconfig_next_line(&l, line)) {
		r->line = l.number - l.joined;
		parse_line(r, &l, line->str);
	}
	if (r->parent != parent) {
		kconfig_reader_problem(r, "a block is not closed in its file");
		r->parent = parent;
		r->blocks = blocks;
	}
	r->current = parent;
}

static void read_file(kconfig_reader *r, const char *path)
{
	if (r->depth >= SOURCE_DEPTH || r->k->files->len >= KCONFIG_FILES) {
		kconfig_reader_problem(r, "source nested too deep, or too many files");
		return;
	}
	g_autoptr(GBytes) bytes = r->source->read(path, r->source->data);
	if (!bytes) {
		g_autofree char *text = g_strdup_printf("no file '%s'", path);
		kconfig_reader_problem(r, text);
		return;
	}
	const char *outer_path = r->path;
	unsigned outer_line = r->line;
	kconfig_entry *outer = r->current;
	r->path = kconfig_keep(r->k, path);
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

bool kconfig_read(kconfig **out, const char *path, const kconfig_source *source,
	GHashTable *environment, GError **err)
{
	g_autoptr(GBytes) first = source->read(path, source->data);
	if (!first)
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, NULL, "%s: no such file in the tree", path);
	g_autoptr(kconfig) k = kconfig_new(environment);
	kconfig_reader r = {
		.k = k, .source = source, .parent = k->root, .current = k->root, .path = ""};
	r.macros = kconfig_macros_new(environment);
	r.last_child = g_hash_table_new(NULL, NULL);
	r.tokens = g_array_new(FALSE, FALSE, sizeof(kconfig_token));
	read_file(&r, path);
	g_array_unref(r.tokens);
	g_hash_table_unref(r.last_child);
	kconfig_macros_free(r.macros);
	kconfig_link(k);
	k->environment = NULL;
	*out = g_steal_pointer(&k);
	return true;
}
