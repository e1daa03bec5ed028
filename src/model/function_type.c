/* C function types as text. */
#include "model/function_type.h"

#include <string.h>

/* A token of a type: a word, or one character. */
typedef struct piece {
	const char *at;
	size_t len;
} piece;

static bool is_word_char(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

static bool is_word(const piece *p)
{
	return is_word_char(*p->at);
}

static bool is_mark(const piece *p, char c)
{
	return *p->at == c;
}

static bool says(const piece *p, const char *word)
{
	return p->len == strlen(word) && strncmp(p->at, word, p->len) == 0;
}

static bool says_any(const piece *p, const char *const *words)
{
	for (; *words; words++)
		if (says(p, *words))
			return true;
	return false;
}

/* What says nothing about the type itself. */
static bool is_decoration(const piece *p)
{
	static const char *const words[] = {"extern", "static", "inline", "__inline", "__inline__",
		"register", "asmlinkage", "fastcall", "notrace", "noinstr", "__visible", "__init",
		"__cpuinit", "__devinit", "__always_inline", "__must_check", "__user", "__iomem",
		"__force", "__kernel", "__percpu", "__rcu", NULL};
	return says_any(p, words);
}

/* Words of types that are no names of them: "unsigned long". */
static bool is_builtin(const piece *p)
{
	static const char *const words[] = {"void", "char", "short", "int", "long", "float",
		"double", "signed", "unsigned", "_Bool", "__signed__", NULL};
	return says_any(p, words);
}

static bool is_qualifier(const piece *p)
{
	static const char *const words[] = {
		"const", "volatile", "restrict", "__restrict", "__const", NULL};
	return says_any(p, words);
}

static bool is_tag_keyword(const piece *p)
{
	static const char *const words[] = {"struct", "union", "enum", NULL};
	return says_any(p, words);
}

static const char *skip_comment(const char *at)
{
	const char *end = at[1] == '*' ? strstr(at + 2, "*/") : strchr(at, '\n');
	return end ? end + (at[1] == '*' ? 2 : 1) : at + strlen(at);
}

static GArray *pieces_of(const char *text)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(piece));
	const char *end = text + strnlen(text, FUNCTION_TYPE_LIMIT_BYTES);
	for (const char *at = text; at < end;) {
		if (at[0] == '/' && (at[1] == '*' || at[1] == '/')) {
			at = skip_comment(at);
			continue;
		}
		if (g_ascii_isspace(*at)) {
			at++;
			continue;
		}
		piece p = {at, 1};
		while (is_word(&p) && at + p.len < end && is_word_char(at[p.len]))
			p.len++;
		at += p.len;
		if (!is_decoration(&p))
			g_array_append_val(out, p);
	}
	return out;
}

static const piece *piece_at(const GArray *all, size_t i)
{
	return &g_array_index(all, piece, i);
}

/* The bracket that closes the one at `open`, or `end`. */
static size_t closing(const GArray *all, size_t open, size_t end)
{
	unsigned depth = 0;
	for (size_t i = open; i < end; i++) {
		const piece *p = piece_at(all, i);
		if (is_mark(p, '(') || is_mark(p, '['))
			depth++;
		else if ((is_mark(p, ')') || is_mark(p, ']')) && --depth == 0)
			return i;
	}
	return end;
}

static bool glued(const GString *out, const piece *p)
{
	char last = out->len ? out->str[out->len - 1] : '\0';
	return !out->len || last == '(' || last == '[' || strchr(")],[", *p->at) ||
	       (last == '*' && !is_word(p)) || (last == ')' && is_mark(p, '('));
}

/* A run of built-in words in one spelling: "long unsigned" and "unsigned long int" are "unsigned
 * long". */
static void append_builtin(GString *out, const GArray *all, size_t from, size_t to)
{
	unsigned longs = 0;
	bool is_unsigned = false, is_signed = false, is_short = false;
	const piece *kind = NULL;
	for (size_t i = from; i < to; i++) {
		const piece *p = piece_at(all, i);
		if (says(p, "long"))
			longs++;
		else if (says(p, "short"))
			is_short = true;
		else if (says(p, "unsigned"))
			is_unsigned = true;
		else if (says(p, "signed") || says(p, "__signed__"))
			is_signed = true;
		else
			kind = p;
	}
	if (is_unsigned)
		g_string_append(out, "unsigned ");
	else if (is_signed && kind && says(kind, "char"))
		g_string_append(out, "signed ");
	if (is_short)
		g_string_append(out, "short");
	else if (longs)
		g_string_append(out, longs > 1 ? "long long" : "long");
	bool plain = !kind || says(kind, "int");
	if (!plain)
		g_string_append_printf(
			out, "%s%.*s", longs || is_short ? " " : "", (int)kind->len, kind->at);
	else if (!longs && !is_short)
		g_string_append(out, "int");
}

/* The pieces from..to without the one at `skip`, in one spelling; qualifiers of the value itself
 * stay where they stand. */
static char *type_text(const GArray *all, size_t from, size_t to, size_t skip)
{
	GString *out = g_string_new(NULL);
	for (size_t i = from; i < to; i++) {
		const piece *p = piece_at(all, i);
		if (i == skip)
			continue;
		if (!glued(out, p))
			g_string_append_c(out, ' ');
		if (is_builtin(p)) {
			size_t end = i + 1;
			while (end < to && end != skip && is_builtin(piece_at(all, end)))
				end++;
			append_builtin(out, all, i, end);
			i = end - 1;
		} else {
			g_string_append_len(out, p->at, (gssize)p->len);
		}
	}
	return g_string_free(out, FALSE);
}

/* Where the name of the parameter from..to stands, or `to`. */
static size_t name_place(const GArray *all, size_t from, size_t to)
{
	unsigned words = 0;
	size_t last = to;
	for (size_t i = from; i < to; i++) {
		const piece *p = piece_at(all, i);
		if (is_mark(p, '(') && i + 1 < to && is_mark(piece_at(all, i + 1), '*')) {
			size_t close = closing(all, i, to);
			return close > i + 2 && is_word(piece_at(all, close - 1)) ? close - 1 : to;
		}
		if (is_mark(p, '[') || is_mark(p, '('))
			break;
		if (!is_word(p) || is_qualifier(p))
			continue;
		if (is_tag_keyword(p)) {
			i++; /* its tag is part of the type's one word */
			words++;
			continue;
		}
		words++;
		last = !is_builtin(p) && words > 1 ? i : to;
	}
	return last;
}

static void parameter_free(type_parameter *p)
{
	if (!p)
		return;
	g_free(p->type);
	g_free(p->name);
	g_free(p);
}

static void add_parameter(function_type *s, const GArray *all, size_t from, size_t to)
{
	if (from == to)
		return;
	if (is_mark(piece_at(all, from), '.')) {
		s->variadic = true;
		return;
	}
	if (to == from + 1 && says(piece_at(all, from), "void"))
		return;
	size_t name = name_place(all, from, to);
	type_parameter *p = g_new0(type_parameter, 1);
	p->type = type_text(all, from, to, name);
	const piece *n = name < to ? piece_at(all, name) : NULL;
	p->name = n ? g_strndup(n->at, n->len) : g_strdup("");
	g_ptr_array_add(s->parameters, p);
}

/* The parameter list of the type: the last pair of parentheses at the outermost level. */
static bool find_list(const GArray *all, size_t *open, size_t *close)
{
	bool found = false;
	for (size_t i = 0; i < all->len; i++) {
		if (!is_mark(piece_at(all, i), '('))
			continue;
		*open = i;
		*close = closing(all, i, all->len);
		if (*close == all->len)
			return false;
		i = *close;
		found = true;
	}
	return found && *open > 0;
}

/* What stands before the list, "(*)" and "(*name)" left out. */
static char *returned_type(const GArray *all, size_t open)
{
	size_t end = open;
	if (end && is_mark(piece_at(all, end - 1), ')')) {
		size_t i = end - 1;
		while (i && !is_mark(piece_at(all, i), '('))
			i--;
		if (i + 1 < end && is_mark(piece_at(all, i + 1), '*'))
			end = i;
	}
	return type_text(all, 0, end, end);
}

function_type *function_type_parse(const char *text)
{
	g_autoptr(GArray) all = pieces_of(text);
	size_t open = 0, close = 0;
	if (!find_list(all, &open, &close))
		return NULL;
	function_type *s = g_new0(function_type, 1);
	s->parameters = g_ptr_array_new_with_free_func((GDestroyNotify)parameter_free);
	s->returns = returned_type(all, open);
	size_t from = open + 1;
	unsigned depth = 0;
	for (size_t i = from; i <= close; i++) {
		const piece *p = piece_at(all, i);
		if (i == close || (!depth && is_mark(p, ','))) {
			add_parameter(s, all, from, i);
			from = i + 1;
		} else if (is_mark(p, '(') || is_mark(p, '[')) {
			depth++;
		} else if (is_mark(p, ')') || is_mark(p, ']')) {
			depth--;
		}
	}
	return s;
}

void function_type_free(function_type *s)
{
	if (!s)
		return;
	g_free(s->returns);
	g_ptr_array_unref(s->parameters);
	g_free(s);
}

/* Puts the name where C wants it: before "[", inside of "(*)". */
static void append_parameter(GString *out, const type_parameter *p)
{
	const char *pointer = strstr(p->type, "(*");
	const char *array = strchr(p->type, '[');
	size_t front = pointer ? (size_t)(pointer - p->type) + 2
		       : array ? (size_t)(array - p->type)
			       : strlen(p->type);
	g_string_append_len(out, p->type, (gssize)front);
	if (!pointer && front && p->type[front - 1] != '*')
		g_string_append_c(out, ' ');
	g_string_append(out, p->name);
	g_string_append(out, p->type + front);
}

char *function_type_text(const function_type *s, bool names)
{
	GString *out = g_string_new(s->returns);
	g_string_append(out, g_str_has_suffix(s->returns, "*") ? "(" : " (");
	for (guint i = 0; i < s->parameters->len; i++) {
		const type_parameter *p = g_ptr_array_index(s->parameters, i);
		g_string_append(out, i ? ", " : "");
		if (names && *p->name)
			append_parameter(out, p);
		else
			g_string_append(out, p->type);
	}
	if (s->variadic)
		g_string_append(out, s->parameters->len ? ", ..." : "...");
	else if (!s->parameters->len)
		g_string_append(out, "void");
	g_string_append_c(out, ')');
	return g_string_free(out, FALSE);
}

/* Takes the qualifiers of the parameter itself off, which are no part of the function's type (C17
 * 6.7.6.3p15): "const int", "char *const"; not those of what it points to. */
static void drop_own_qualifiers(type_parameter *p)
{
	g_autoptr(GArray) all = pieces_of(p->type);
	size_t from = 0, to = all->len;
	for (size_t i = 0; i < to; i++) {
		const piece *at = piece_at(all, i);
		bool pointer = is_mark(at, '(') && i + 1 < to && is_mark(piece_at(all, i + 1), '*');
		if (is_mark(at, '[') || (is_mark(at, '(') && !pointer))
			return; /* an array's are its elements' */
		if (pointer)
			to = closing(all, i, to);
		else if (is_mark(at, '*'))
			from = i + 1;
	}
	for (size_t i = to; i > from; i--)
		if (is_qualifier(piece_at(all, i - 1)))
			g_array_remove_index(all, (guint)i - 1);
	char *plain = type_text(all, 0, all->len, all->len);
	g_free(p->type);
	p->type = plain;
}

/* One spelling of a type, functions or not. The caller's. */
static char *canonical(const char *text)
{
	g_autoptr(function_type) s = function_type_parse(text);
	for (guint i = 0; s && i < s->parameters->len; i++)
		drop_own_qualifiers(g_ptr_array_index(s->parameters, i));
	if (s)
		return function_type_text(s, false);
	g_autoptr(GArray) all = pieces_of(text);
	return type_text(all, 0, all->len, all->len);
}

bool function_type_same(const char *a, const char *b)
{
	g_autofree char *x = canonical(a), *y = canonical(b);
	return strcmp(x, y) == 0;
}
