/* The uses in a piece of code: calls, references, fields, slots, types. */
#include "analyzers/ctext/reader.h"

#include <string.h>

/* A scan over code[from..to), one token at a time, never back. */
typedef struct scan {
	reader *r;
	const code_token *code;
	size_t from, to;
	const char *in;
	const char *owner;   /* what the next brace of values fills; of the fact set, or NULL */
	bool values;	     /* the next brace holds values */
	bool declaring;	     /* within a declaration of locals */
	bool expecting;	     /* and a declarator's name is next */
	guint declare_level; /* r->levels->len where the declaration stands */
	uint32_t tag;	     /* its record's tag: token + 1, or 0 */
} scan;

static const token *at(const scan *s, size_t k)
{
	return k < s->to ? code_at(s->r, &s->code[k]) : NULL;
}

static bool punctuation_at(const scan *s, size_t k, unsigned code)
{
	return k >= s->from && k < s->to && is_punctuation(code_at(s->r, &s->code[k]), code);
}

static bool is_member_access(const scan *s, size_t k)
{
	return punctuation_at(s, k, '.') || punctuation_at(s, k, PUNCTUATION_ARROW);
}

static bool looks_like_type(const reader *r, const token *t)
{
	const char *name = r->s.text + t->at;
	if (t->len > 2 && !memcmp(name + t->len - 2, "_t", 2))
		return true;
	static const char *const names[] = {"u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64",
		"__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (token_equals(r, t, names[i]))
			return true;
	return false;
}

static level *top_level(const scan *s)
{
	GArray *levels = s->r->levels;
	return levels->len ? &g_array_index(levels, level, levels->len - 1) : NULL;
}

static bool in_values(const scan *s)
{
	const level *top = top_level(s);
	return top && top->bracket == '{' && top->values;
}

/* Tokens k.. up to the end of the expression (a ',' ';' or closing bracket of its level), as text.
 */
static const char *value_text(const scan *s, size_t k)
{
	size_t last = k, end = MIN(s->to, k + DETAIL_BYTES);
	for (size_t i = k; i < end; i++) {
		const token *t = at(s, i);
		if (t->kind == TOKEN_PUNCTUATION) {
			if (t->code == ',' || t->code == ';' || t->code == ')' || t->code == '}' ||
				t->code == ']')
				break;
			if ((t->code == '(' || t->code == '{' || t->code == '[') &&
				s->code[i].match != NO_INDEX && s->code[i].match > i)
				i = MIN((size_t)s->code[i].match, end - 1);
		}
		last = i;
	}
	if (k >= s->to)
		return "";
	return reader_text(s->r, s->code[k].token, s->code[last].token, DETAIL_BYTES);
}

/* "(...)" at k as text. */
static const char *arguments_text(const scan *s, size_t k)
{
	uint32_t close = s->code[k].match;
	if (close == NO_INDEX || close < k || close >= s->to)
		return "";
	return reader_text(s->r, s->code[k].token, s->code[close].token, DETAIL_BYTES);
}

static bool find_tag(const reader *r, const token *name, uint32_t *tag)
{
	if (names_get(&r->locals, name->hash, tag))
		return true;
	return names_get(&r->globals, name->hash, tag);
}

/* The record whose field is accessed by the '.' or '->' at k: its tag if known, else the variable,
 * else "". */
static const char *object_name(scan *s, size_t k)
{
	if (k <= s->from)
		return "";
	size_t o = k - 1;
	const token *t = at(s, o);
	if (is_punctuation(t, ']') && s->code[o].match != NO_INDEX && s->code[o].match > s->from &&
		s->code[o].match < o) {
		o = s->code[o].match - 1;
		t = at(s, o);
	}
	if (!is_plain_name(t))
		return "";
	uint32_t tag = 0;
	bool member = o > s->from && is_member_access(s, o - 1);
	if (!member && find_tag(s->r, t, &tag) && tag)
		t = source_token(&s->r->s, tag - 1);
	return reader_name(s->r, t);
}

static const char *field_name(scan *s, const char *object, const token *field)
{
	g_autofree char *name = g_strdup_printf(
		"%s.%.*s", object, (int)MIN(field->len, NAME_BYTES), s->r->s.text + field->at);
	return fact_set_string(s->r->s.out, name);
}

/* A macro by its spelling: no small letter. */
static bool is_macro_name(const scan *s, const token *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (g_ascii_islower(s->r->s.text[t->at + i]))
			return false;
	return true;
}

static bool ends_value(const scan *s, size_t k)
{
	return punctuation_at(s, k, ';') || punctuation_at(s, k, ',') ||
	       punctuation_at(s, k, ')') || k == s->to;
}

/* True when the value at k is one name (or its address), or one in a macro that wraps it
 * (PV_CALLEE_SAVE(name)), and then the statement ends. */
static bool is_name_value(const scan *s, size_t k)
{
	const token *t = at(s, k);
	if (t && is_plain_name(t) && is_macro_name(s, t) && punctuation_at(s, k + 1, '(') &&
		punctuation_at(s, k + 3, ')') && ends_value(s, k + 4))
		return is_name_value(s, k + 2);
	if (punctuation_at(s, k, '&'))
		k++;
	t = at(s, k);
	if (!t || !is_plain_name(t) || names_get(&s->r->locals, t->hash, NULL))
		return false;
	return ends_value(s, k + 1);
}

static void read_field(scan *s, size_t k)
{
	const token *t = at(s, k);
	const char *name = field_name(s, object_name(s, k - 1), t);
	const char *detail = punctuation_at(s, k + 1, '(') ? arguments_text(s, k + 1) : "";
	add_use(s->r, USE_FIELD, &s->code[k], name, detail, s->in);
	if (punctuation_at(s, k + 1, '=') && is_name_value(s, k + 2))
		add_use(s->r, USE_SLOT, &s->code[k], name, value_text(s, k + 2), s->in);
}

/* A designator: ".field = value" or the old "field: value". `value` is where the value starts. */
static void read_slot(scan *s, size_t k, size_t value)
{
	const level *top = top_level(s);
	const token *t = at(s, k);
	const char *owner = top && top->owner ? top->owner : "";
	const char *name = field_name(s, owner, t);
	add_use(s->r, USE_SLOT, &s->code[k], name, value_text(s, value), s->in);
	s->owner = reader_name(s->r, t);
	s->values = true;
}

static void read_pasted(scan *s, size_t *k)
{
	g_autoptr(GString) name = g_string_new(NULL);
	size_t i = *k;
	const code_token *first = &s->code[i];
	bool fixed = false;
	for (;;) {
		const token *t = at(s, i);
		fixed |= !names_get(&s->r->locals, t->hash, NULL);
		if (name->len < NAME_BYTES)
			g_string_append_len(
				name, s->r->s.text + t->at, (gssize)MIN(t->len, NAME_BYTES));
		if (!punctuation_at(s, i + 1, PUNCTUATION_PASTE) || i + 2 >= s->to)
			break;
		g_string_append(name, "##");
		i += 2;
	}
	bool call = punctuation_at(s, i + 1, '(');
	const char *detail = call ? arguments_text(s, i + 1) : "";
	if (fixed)
		add_use(s->r, call ? USE_CALL : USE_REFERENCE, first, name->str, detail, s->in);
	*k = i;
}

static bool is_statement_start(const scan *s, size_t k)
{
	if (in_values(s))
		return false;
	if (k == s->from)
		return true;
	const token *before = at(s, k - 1);
	if (before->kind == TOKEN_PUNCTUATION && before->code == '(')
		return k >= s->from + 2 && token_equals(s->r, at(s, k - 2), "for");
	return before->kind == TOKEN_PUNCTUATION &&
	       (before->code == ';' || before->code == '{' || before->code == '}' ||
		       before->code == ':');
}

/* True when the name at k is a typedef that begins a declaration: "pte_t pte", "pte_t *ptep =". */
static bool begins_declaration(const scan *s, size_t k)
{
	size_t i = k + 1;
	bool star = false;
	for (; i < s->to && i < k + 8; i++) { /* a declarator has a star or two, and a const */
		const token *t = at(s, i);
		if (is_punctuation(t, '*'))
			star = true;
		else if (t->kind != TOKEN_NAME || t->code != KEYWORD_QUALIFIER)
			break;
	}
	const token *t = at(s, i);
	if (!t || !is_plain_name(t))
		return false;
	bool ends = punctuation_at(s, i + 1, '=') || punctuation_at(s, i + 1, ';') ||
		    punctuation_at(s, i + 1, ',') || punctuation_at(s, i + 1, '[');
	return star ? ends : ends || i + 1 == s->to;
}

static void begin_declaration(scan *s)
{
	s->declaring = true;
	s->expecting = true;
	s->declare_level = s->r->levels->len;
	s->tag = 0;
}

/* struct TAG, union TAG, enum TAG at k; returns the index of its last token. */
static size_t read_record_name(scan *s, size_t k)
{
	const token *t = at(s, k + 1);
	if (!t || !is_plain_name(t))
		return k;
	add_use(s->r, USE_TYPE, &s->code[k + 1], reader_name(s->r, t), "", s->in);
	s->tag = s->code[k + 1].token + 1;
	return k + 1;
}

/* The declared name at k, when it is one. */
static bool read_declarator(scan *s, size_t k)
{
	if (!s->declaring || !s->expecting || punctuation_at(s, k + 1, '('))
		return false;
	guint depth = s->r->levels->len;
	bool pointer = depth == s->declare_level + 1 && punctuation_at(s, k - 1, '*');
	if (depth != s->declare_level && !pointer)
		return false;
	const token *next = at(s, k + 1);
	if (next && next->kind == TOKEN_NAME && next->code != KEYWORD_ATTRIBUTE &&
		next->code != KEYWORD_ASM)
		return false; /* a type or an attribute's macro: the name is still to come */
	names_put(&s->r->locals, at(s, k)->hash, s->tag);
	s->expecting = false;
	if (punctuation_at(s, k + 1, '=') && punctuation_at(s, k + 2, '{')) {
		const token *owner = s->tag ? source_token(&s->r->s, s->tag - 1) : at(s, k);
		s->owner = reader_name(s->r, owner);
		s->values = true;
	}
	return true;
}

static void read_config(scan *s, size_t k)
{
	const token *t = at(s, k);
	const char *name = reader_name(s->r, t) + strlen("CONFIG_");
	add_use(s->r, USE_CONFIG, &s->code[k], name, "", s->in);
}

/* A plain name that is none of the special cases. */
static void read_plain(scan *s, size_t k)
{
	const token *t = at(s, k);
	if (names_get(&s->r->locals, t->hash, NULL))
		return;
	if (token_starts(s->r, t, "CONFIG_") && t->len > strlen("CONFIG_")) {
		read_config(s, k);
		return;
	}
	const char *name = reader_name(s->r, t);
	const token *before = k ? at(s, k - 1) : NULL;
	/* "int prepare(int cpu);" within a function declares it and calls nothing. */
	if (before && before->kind == TOKEN_NAME && before->code == KEYWORD_TYPE &&
		punctuation_at(s, k + 1, '('))
		return;
	if (punctuation_at(s, k + 1, '('))
		add_use(s->r, USE_CALL, &s->code[k], name, arguments_text(s, k + 1), s->in);
	else if (looks_like_type(s->r, t))
		add_use(s->r, USE_TYPE, &s->code[k], name, "", s->in);
	else if (!token_equals(s->r, t, "NULL"))
		add_use(s->r, USE_REFERENCE, &s->code[k], name, "", s->in);
}

static bool is_label(const scan *s, size_t k)
{
	if (!punctuation_at(s, k + 1, ':') || in_values(s))
		return false;
	return k == s->from || punctuation_at(s, k - 1, ';') || punctuation_at(s, k - 1, '{') ||
	       punctuation_at(s, k - 1, '}') || punctuation_at(s, k - 1, ':');
}

/* Reads the name at k; returns the index of the last token used up. */
static size_t read_name(scan *s, size_t k)
{
	bool after_brace = punctuation_at(s, k - 1, '{') || punctuation_at(s, k - 1, ',');
	if (k > s->from && is_member_access(s, k - 1)) {
		bool designator = in_values(s) && punctuation_at(s, k - 1, '.') &&
				  k >= s->from + 2 &&
				  (punctuation_at(s, k - 2, '{') || punctuation_at(s, k - 2, ',') ||
					  punctuation_at(s, k - 2, ']'));
		if (designator && punctuation_at(s, k + 1, '='))
			read_slot(s, k, k + 2);
		else
			read_field(s, k);
		return k;
	}
	if (k > s->from && in_values(s) && after_brace && punctuation_at(s, k + 1, ':')) {
		read_slot(s, k, k + 2);
		return k;
	}
	if (punctuation_at(s, k + 1, PUNCTUATION_PASTE)) {
		read_pasted(s, &k);
		return k;
	}
	if (is_label(s, k) || (punctuation_at(s, k - 1, '[') && punctuation_at(s, k + 1, ']') &&
				      at(s, k + 2) && at(s, k + 2)->kind == TOKEN_STRING))
		return k;
	if (is_statement_start(s, k) && begins_declaration(s, k)) {
		begin_declaration(s);
		add_use(s->r, USE_TYPE, &s->code[k], reader_name(s->r, at(s, k)), "", s->in);
		return k;
	}
	if (!read_declarator(s, k))
		read_plain(s, k);
	return k;
}

static size_t read_keyword(scan *s, size_t k)
{
	keyword code = (keyword)at(s, k)->code;
	bool start = is_statement_start(s, k);
	switch (code) {
	case KEYWORD_ASM:
		read_inline_assembly(s->r, s->code, k, s->to, s->in);
		return k;
	case KEYWORD_GOTO:
		return MIN(k + 1, s->to - 1);
	case KEYWORD_TYPE:
	case KEYWORD_QUALIFIER:
	case KEYWORD_STATIC:
	case KEYWORD_EXTERN:
	case KEYWORD_TYPEOF:
		if (start)
			begin_declaration(s);
		return k;
	case KEYWORD_STRUCT:
	case KEYWORD_UNION:
	case KEYWORD_ENUM: {
		bool other = start || (s->declaring && s->expecting);
		uint32_t tag = s->tag;
		if (start)
			begin_declaration(s);
		k = read_record_name(s, k);
		if (!other)
			s->tag = tag;
		return k;
	}
	default:
		return k;
	}
}

/* "(type) {" holds values; "if (x) {" and "f(x) {" do not. */
static bool is_compound_literal(const scan *s, size_t k)
{
	uint32_t open = k > s->from ? s->code[k - 1].match : NO_INDEX;
	if (!punctuation_at(s, k - 1, ')') || open == NO_INDEX || open <= s->from || open >= k)
		return false;
	const token *before = at(s, open - 1);
	return before->kind == TOKEN_PUNCTUATION && before->code != ')' && before->code != ';' &&
	       before->code != '}' && before->code != '{' && before->code != ']';
}

/* The tag in "(struct TAG) {". */
static const char *literal_tag(scan *s, size_t k)
{
	uint32_t open = s->code[k - 1].match;
	const token *t = at(s, open + 1), *tag = at(s, open + 2);
	if (t && tag && t->code == KEYWORD_STRUCT && t->kind == TOKEN_NAME && is_plain_name(tag))
		return reader_name(s->r, tag);
	return NULL;
}

static void open_level(scan *s, size_t k)
{
	const token *t = at(s, k);
	level l = {.bracket = (char)t->code};
	if (t->code == '{') {
		const level *outer = top_level(s);
		bool nested =
			outer && outer->values &&
			(punctuation_at(s, k - 1, '{') || punctuation_at(s, k - 1, ',') ||
				punctuation_at(s, k - 1, '=') || punctuation_at(s, k - 1, ':'));
		if (punctuation_at(s, k - 1, '=') || (s->values && k == s->from)) {
			l.values = true;
			l.owner = s->values ? s->owner : NULL;
		} else if (nested) {
			l.values = true;
			l.owner = s->values ? s->owner : outer->owner;
		} else if (is_compound_literal(s, k)) {
			l.values = true;
			l.owner = literal_tag(s, k);
		}
		if (l.values && punctuation_at(s, k - 2, ']') && nested)
			l.owner = outer->owner;
		s->values = false;
	}
	g_array_append_val(s->r->levels, l);
}

static void close_level(scan *s, char open)
{
	GArray *levels = s->r->levels;
	const level *top = top_level(s);
	/* Brackets may not balance in a piece between #if branches: close what fits. */
	while (top && top->bracket != open && open == '{' && levels->len > 1) {
		g_array_set_size(levels, levels->len - 1);
		top = top_level(s);
	}
	if (top && top->bracket == open)
		g_array_set_size(levels, levels->len - 1);
	if (s->declaring && levels->len < s->declare_level)
		s->declaring = false;
}

static void read_mark(scan *s, size_t k)
{
	switch (at(s, k)->code) {
	case '(':
	case '[':
	case '{':
		open_level(s, k);
		break;
	case ')':
		close_level(s, '(');
		break;
	case ']':
		close_level(s, '[');
		break;
	case '}':
		close_level(s, '{');
		break;
	case ';':
		if (s->declaring && s->r->levels->len <= s->declare_level)
			s->declaring = false;
		s->values = false;
		break;
	case ',':
		if (s->declaring && s->r->levels->len == s->declare_level)
			s->expecting = true;
		s->values = false;
		break;
	case '=':
		if (s->declaring && s->r->levels->len == s->declare_level)
			s->expecting = false;
		break;
	default:
		break;
	}
}

void read_uses(reader *r, const code_token *code, size_t from, size_t to, const char *in,
	const char *owner)
{
	scan s = {.r = r, .code = code, .from = from, .to = to, .in = in};
	s.owner = owner;
	s.values = owner != NULL;
	g_array_set_size(r->levels, 0);
	for (size_t k = from; k < to; k++) {
		const token *t = code_at(r, &code[k]);
		if (t->kind == TOKEN_PUNCTUATION)
			read_mark(&s, k);
		else if (t->kind == TOKEN_NAME)
			k = t->code == KEYWORD_NONE ? read_name(&s, k) : read_keyword(&s, k);
	}
}

void read_types(reader *r, const code_token *code, size_t from, size_t to, const char *in)
{
	for (size_t k = from; k < to; k++) {
		const token *t = code_at(r, &code[k]);
		if (t->kind != TOKEN_NAME)
			continue;
		bool record = k > from && code_at(r, &code[k - 1])->kind == TOKEN_NAME &&
			      (code_at(r, &code[k - 1])->code == KEYWORD_STRUCT ||
				      code_at(r, &code[k - 1])->code == KEYWORD_UNION ||
				      code_at(r, &code[k - 1])->code == KEYWORD_ENUM);
		if (is_plain_name(t) && (record || looks_like_type(r, t)))
			add_use(r, USE_TYPE, &code[k], reader_name(r, t), "", in);
	}
}

/* One parameter code[from..to): its type is used, its name a local. */
static void read_parameter(
	reader *r, const code_token *code, size_t from, size_t to, const char *in)
{
	uint32_t tag = 0;
	size_t name = NO_INDEX;
	unsigned words = 0;
	read_types(r, code, from, to, in);
	for (size_t k = from; k < to; k++) {
		const token *t = code_at(r, &code[k]);
		if (is_punctuation(t, '[') ||
			(is_punctuation(t, '(') && name != NO_INDEX && k > from &&
				is_plain_name(code_at(r, &code[k - 1]))))
			break;
		if (is_punctuation(t, ')') && name != NO_INDEX)
			break; /* (*name)(...) */
		if (t->kind != TOKEN_NAME)
			continue;
		words++;
		if (!is_plain_name(t))
			continue;
		const token *before = k > from ? code_at(r, &code[k - 1]) : NULL;
		if (before && before->kind == TOKEN_NAME &&
			(before->code == KEYWORD_STRUCT || before->code == KEYWORD_UNION)) {
			tag = code[k].token + 1;
			continue;
		}
		name = k;
	}
	if (name != NO_INDEX && (words > 1 || name == from))
		names_put(&r->locals, code_at(r, &code[name])->hash, tag);
}

void read_parameters(reader *r, const code_token *code, size_t from, size_t to, const char *in)
{
	size_t start = from;
	for (size_t k = from; k < to; k++) {
		const token *t = code_at(r, &code[k]);
		if ((is_punctuation(t, '(') || is_punctuation(t, '[') || is_punctuation(t, '{')) &&
			code[k].match != NO_INDEX && code[k].match > k && code[k].match < to) {
			k = code[k].match;
		} else if (is_punctuation(t, ',') || is_punctuation(t, ';')) {
			read_parameter(r, code, start, k, in);
			start = k + 1;
		}
	}
	if (start < to)
		read_parameter(r, code, start, to, in);
}
