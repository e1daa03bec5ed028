/* Second pass: what stands at file scope.
 *
 * There is no grammar here, only the shapes that C code at file scope has. A piece that has none of
 * them is passed over, and reading goes on at its end. */
#include "analyzers/ctext/declared.h"

#include <string.h>

/* Functions told apart within one body that begins in several #if branches. */
#define SIBLING_LIMIT 8u
/* Tokens of the parameter declarations of an old-style (K&R) function. */
#define OLD_STYLE_TOKENS 256u
/* Names of one declaration before its declarator ends: attributes and storage by macro. */
#define DECLARATION_NAMES 16u

/* A declaration under reading: specifiers, then one declarator after the other. */
typedef struct declaration {
	size_t start;	       /* code index of its first token */
	size_t specifiers_end; /* where the first declarator may begin; start when unknown */
	size_t declarator;     /* where the declarator at hand begins */
	bool type_seen;	       /* a type keyword, record or typeof */
	bool is_typedef, is_extern;
	unsigned flags;	    /* entity_flag */
	uint32_t tag;	    /* the record's tag: token + 1, or 0 */
	size_t function;    /* name of a function declarator, or NO_INDEX */
	size_t open, close; /* its parentheses */
	size_t pointer;	    /* name in "(*name)", or NO_INDEX */
	size_t names[DECLARATION_NAMES];
	unsigned count;
} declaration;

static size_t read_declaration(reader *r, size_t k, size_t end);

static bool starts_line(const reader *r, size_t k)
{
	const token *t = at(r, k);
	return t->at == r->s.lines.start[t->line - 1];
}

/* ---- declarators ---- */

/* The name of a variable or typedef among the plain names before its declarator's end. */
static size_t declared_name(const reader *r, const declaration *d)
{
	if (d->pointer != NO_INDEX)
		return d->pointer;
	if (!d->count)
		return NO_INDEX;
	unsigned first = d->type_seen ? 0 : 1; /* the first name is the type */
	if (first >= d->count)
		return NO_INDEX;
	size_t name = d->names[d->count - 1];
	/* "int x __initdata", "int x ____cacheline_aligned" */
	for (unsigned i = d->count - 1; i > first && token_starts(r, at(r, name), "__"); i--)
		name = d->names[i - 1];
	if (token_starts(r, at(r, name), "__"))
		name = d->names[d->count - 1];
	return name;
}

static char *declared_type(reader *r, const declaration *d, size_t name, size_t last)
{
	GString *type = g_string_new(NULL);
	size_t front = d->declarator > d->start ? d->specifiers_end : name;
	declared_append_type(r, type, d->start, MIN(front, name));
	if (d->declarator > d->start && d->declarator < name) {
		if (type->len)
			g_string_append_c(type, ' ');
		declared_append_type(r, type, d->declarator, name);
	}
	if (d->pointer != NO_INDEX && mark_at(r, name + 1, ')')) {
		g_string_append_c(type, ')');
		size_t close = mark_at(r, name + 2, '(') ? match_of(r, name + 2) : NO_INDEX;
		if (close != NO_INDEX && close <= last)
			declared_append_parameters(r, type, name + 2, close);
	} else if (mark_at(r, name + 1, '[')) {
		size_t close = match_of(r, name + 1);
		if (close != NO_INDEX && close <= last)
			declared_append_type(r, type, name + 1, close + 1);
	}
	return g_string_free(type, FALSE);
}

static char *function_type(reader *r, const declaration *d)
{
	GString *type = g_string_new(NULL);
	declared_append_type(r, type, d->start, d->function);
	declared_append_parameters(r, type, d->open, d->close);
	return g_string_free(type, FALSE);
}

/* The function that a macro defines: DEFINE_IDTENTRY(exc_x), SYSCALL_DEFINE3(read, ...). */
static const char *macro_defined_name(reader *r, const declaration *d)
{
	const token *macro = at(r, d->function), *first = at(r, d->open + 1);
	if (d->function != d->start || !declared_is_upper(r, macro) || !first ||
		!is_plain_name(first))
		return NULL;
	const char *prefix = "";
	if (token_starts(r, macro, "SYSCALL_DEFINE"))
		prefix = "sys_";
	else if (token_starts(r, macro, "COMPAT_SYSCALL_DEFINE"))
		prefix = "compat_sys_";
	g_autofree char *name = g_strdup_printf(
		"%s%.*s", prefix, (int)MIN(first->len, NAME_BYTES), r->s.text + first->at);
	return fact_set_string(r->s.out, name);
}

/* The '}' in column 1 behind k: the end of a body whose braces do not balance. */
static size_t find_column_brace(reader *r, size_t k, size_t end)
{
	for (; k < end && !r->no_column_brace; k++)
		if (mark_at(r, k, '}') && starts_line(r, k))
			return k;
	r->no_column_brace = true;
	return NO_INDEX;
}

/* The header of a function that begins in another #if branch and shares the body. */
static void read_sibling(reader *r, size_t k, size_t close)
{
	for (size_t i = k; i < close && i < k + OLD_STYLE_TOKENS; i++) {
		size_t end = mark_at(r, i, '(') ? match_of(r, i) : NO_INDEX;
		if (end == NO_INDEX || end >= close || i == k || !is_plain_name(at(r, i - 1)))
			continue;
		if (!mark_at(r, end + 1, '{'))
			return;
		token_digest d = digest_of(r, k, end, at(r, i - 1)->hash);
		declaration header = {.start = k, .function = i - 1, .open = i, .close = end};
		g_autofree char *type = function_type(r, &header);
		declared_add(r, ENTITY_FUNCTION, ENTITY_DEFINITION, i - 1, close, "", type,
			declared_text(r, k, end), &d);
		return;
	}
}

/* The function whose body opens at `brace`; returns the index behind it. */
static size_t read_function(reader *r, const declaration *d, size_t brace, size_t end)
{
	size_t close = match_of(r, brace);
	if (close == NO_INDEX || close >= end)
		close = find_column_brace(r, brace + 1, end);
	if (close == NO_INDEX)
		return brace + 1;
	const char *made = macro_defined_name(r, d);
	const char *name = made ? made : reader_name(r, at(r, d->function));
	token_digest digest = digest_of(r, d->start, close, at(r, d->function)->hash);
	g_autofree char *type = made ? NULL : function_type(r, d);
	fact_set_add_entity(
		r->s.out, &(entity){
				  .kind = ENTITY_FUNCTION,
				  .reader = READER_TEXT,
				  .flags = d->flags | ENTITY_DEFINITION,
				  .line = at(r, d->function)->line,
				  .end_line = at(r, close)->line,
				  .name = name,
				  .signature = type,
				  .value = made ? "" : declared_text(r, d->start, d->close),
				  .condition = condition_at(r, d->function),
				  .body = {digest.sum[0], digest.sum[1]},
				  .tokens = digest.count,
			  });
	names_clear(&r->locals);
	read_types(r, code_of(r), d->start, d->function, name);
	read_parameters(r, code_of(r), d->open + 1, d->close, name);
	if (d->close + 1 < brace) /* old style: the parameters' types */
		read_parameters(r, code_of(r), d->close + 1, brace, name);
	read_uses(r, code_of(r), brace, close + 1, name, NULL);
	uint32_t sibling = code_of(r)[brace].sibling;
	for (unsigned i = 0; i < SIBLING_LIMIT && sibling != NO_INDEX && sibling < close; i++) {
		read_sibling(r, sibling, close);
		size_t k = sibling;
		while (k < close && !mark_at(r, k, '{'))
			k++;
		sibling = k < close && k < sibling + OLD_STYLE_TOKENS ? code_of(r)[k].sibling
								      : NO_INDEX;
	}
	return close + 1;
}

static void add_prototype(reader *r, const declaration *d, size_t last)
{
	if (d->is_typedef) {
		g_autofree char *type = function_type(r, d);
		token_digest digest = digest_of(r, d->start, last, at(r, d->function)->hash);
		declared_add(r, ENTITY_TYPEDEF, ENTITY_DEFINITION, d->function, last, "", type, "",
			&digest);
		return;
	}
	g_autofree char *type = function_type(r, d);
	declared_add(r, ENTITY_FUNCTION, d->flags, d->function, last, "", type,
		declared_text(r, d->start, last), NULL);
	const char *name = reader_name(r, at(r, d->function));
	read_types(r, code_of(r), d->declarator, d->close, name);
}

static void add_variable(reader *r, const declaration *d, size_t name, size_t last, size_t value)
{
	g_autofree char *type = declared_type(r, d, name, last);
	const char *text = reader_name(r, at(r, name));
	token_digest digest = digest_of(r, d->start,
		d->declarator > d->start ? d->specifiers_end : last, at(r, name)->hash);
	if (d->declarator > d->start && d->declarator <= last)
		token_digest_range(&digest, (const token *)(void *)r->s.tokens->data,
			code_of(r)[d->declarator].token, code_of(r)[last].token, at(r, name)->hash);
	if (d->is_typedef) {
		declared_add(
			r, ENTITY_TYPEDEF, ENTITY_DEFINITION, name, last, "", type, "", &digest);
		return;
	}
	bool declared = d->is_extern && value == NO_INDEX;
	unsigned flags = d->flags | (declared ? 0u : ENTITY_DEFINITION);
	declared_add(
		r, ENTITY_VARIABLE, flags, name, last, "", type, "", declared ? NULL : &digest);
	if (d->tag)
		names_put(&r->globals, at(r, name)->hash, d->tag);
	read_types(r, code_of(r), d->declarator, name, text);
	names_clear(&r->locals);
	if (value == NO_INDEX)
		return;
	const char *owner = d->tag ? reader_name(r, source_token(&r->s, d->tag - 1)) : text;
	read_uses(r, code_of(r), value, last + 1, text, owner);
}

/* NAME(arguments): a use of the macro; what DEFINE_... makes is a variable. */
static void read_macro_statement(reader *r, const declaration *d, size_t last, size_t value)
{
	const token *macro = at(r, d->function);
	names_clear(&r->locals);
	size_t name = NO_INDEX;
	size_t comma = d->open + 1;
	while (comma < d->close && !mark_at(r, comma, ','))
		comma++;
	bool per_cpu = g_strstr_len(r->s.text + macro->at, macro->len, "PER_CPU") != NULL;
	if (token_starts(r, macro, "DEFINE_") || token_equals(r, macro, "LIST_HEAD")) {
		if (per_cpu && comma + 2 == d->close && is_plain_name(at(r, comma + 1)))
			name = comma + 1;
		else if (comma == d->open + 2 && is_plain_name(at(r, d->open + 1)))
			name = d->open + 1;
	}
	const char *in = "";
	if (name != NO_INDEX) {
		token_digest digest = digest_of(r, d->start, last, at(r, name)->hash);
		in = reader_name(r, at(r, name));
		declared_add(r, ENTITY_VARIABLE, d->flags | ENTITY_DEFINITION, name, last, "", "",
			"", &digest);
	}
	read_uses(r, code_of(r), d->function, d->close + 1, in, NULL);
	if (value != NO_INDEX)
		read_uses(r, code_of(r), value, last + 1, in, in);
}

/* True when "NAME(...)" has no type before it: a macro, not a declaration. */
static bool is_macro_statement(const reader *r, const declaration *d)
{
	if (d->type_seen || d->function == NO_INDEX)
		return false;
	for (size_t k = d->start; k < d->function; k++) {
		const token *t = at(r, k);
		if (t->kind != TOKEN_NAME ||
			(t->code != KEYWORD_STATIC && t->code != KEYWORD_EXTERN))
			return false;
	}
	return true;
}

/* The declarator that ends before `last` (a ',' ';' or '='). */
static void end_declarator(reader *r, const declaration *d, size_t end, size_t value)
{
	if (end <= d->start)
		return;
	if (is_macro_statement(r, d)) {
		read_macro_statement(r, d, end - 1, value);
		return;
	}
	if (d->function != NO_INDEX && value == NO_INDEX) {
		add_prototype(r, d, end - 1);
		return;
	}
	size_t name = declared_name(r, d);
	if (name != NO_INDEX)
		add_variable(r, d, name, end - 1, value);
	else
		read_types(r, code_of(r), d->declarator, end, "");
}

static void begin_declarator(declaration *d, size_t k)
{
	if (d->specifiers_end == d->start && d->count)
		d->specifiers_end = d->names[d->type_seen ? 0 : MIN(1u, d->count - 1)];
	d->declarator = k;
	d->type_seen = true;
	d->function = NO_INDEX;
	d->pointer = NO_INDEX;
	d->count = 0;
}

/* ---- file scope ---- */

/* '(' at k: a function's parameters, "(*name)", or an attribute's. Returns the index behind it. */
static size_t read_parentheses(reader *r, declaration *d, size_t k, size_t end)
{
	size_t close = match_of(r, k);
	if (close == NO_INDEX || close >= end)
		return k + 1;
	bool named = d->count && d->names[d->count - 1] == k - 1;
	if (named && declared_is_attribute(r, at(r, k - 1)) && d->count > 1) {
		d->count--;
	} else if (named && d->function == NO_INDEX) {
		d->function = k - 1;
		d->open = k;
		d->close = close;
		/* FASTCALL(name(parameters)) */
		size_t inner = is_plain_name(at(r, k + 1)) && mark_at(r, k + 2, '(')
				       ? match_of(r, k + 2)
				       : NO_INDEX;
		if (inner != NO_INDEX && inner + 1 == close && (d->type_seen || d->count > 1)) {
			d->function = k + 1;
			d->open = k + 2;
			d->close = inner;
		}
	} else if (named && d->function != NO_INDEX &&
		   declared_is_attribute(r, at(r, d->function))) {
		d->function = k - 1;
		d->open = k;
		d->close = close;
	} else if (!named && d->function == NO_INDEX && d->pointer == NO_INDEX) {
		for (size_t i = k + 1; i < close && !mark_at(r, i, '('); i++) {
			if (is_plain_name(at(r, i)) && mark_at(r, k + 1, '*')) {
				d->pointer = i;
				break;
			}
		}
	}
	return close + 1;
}

/* The '{' of an old-style function whose parameters are declared from k on; NO_INDEX otherwise. */
static size_t find_old_style_body(const reader *r, size_t k, size_t end)
{
	bool after_semicolon = false;
	for (size_t i = k; i < end && i < k + OLD_STYLE_TOKENS; i++) {
		const token *t = at(r, i);
		if (is_punctuation(t, '{'))
			return after_semicolon ? i : NO_INDEX;
		if (is_punctuation(t, '=') || is_punctuation(t, '}'))
			return NO_INDEX;
		if (after_semicolon && t->kind != TOKEN_NAME)
			return NO_INDEX;
		after_semicolon = is_punctuation(t, ';');
		if (is_punctuation(t, '(') && match_of(r, i) != NO_INDEX)
			i = match_of(r, i);
	}
	return NO_INDEX;
}

/* True when the name after "NAME(...)" at k begins something new: no semicolon was written. */
static bool is_unended_macro(const reader *r, const declaration *d, size_t k)
{
	const token *t = at(r, k);
	return is_macro_statement(r, d) && k == d->close + 1 && t->kind == TOKEN_NAME &&
	       t->code != KEYWORD_ATTRIBUTE && t->code != KEYWORD_ASM &&
	       t->line > at(r, d->close)->line && starts_line(r, k) &&
	       !declared_is_attribute(r, t) && !token_starts(r, t, "__");
}

/* Takes up the name at k. */
static void take_name(reader *r, declaration *d, size_t k)
{
	const token *t = at(r, k);
	switch ((keyword)t->code) {
	case KEYWORD_TYPE:
	case KEYWORD_TYPEOF:
		d->type_seen = true;
		break;
	case KEYWORD_STATIC:
		d->flags |= ENTITY_STATIC;
		break;
	case KEYWORD_INLINE:
		d->flags |= ENTITY_INLINE;
		break;
	case KEYWORD_EXTERN:
		d->is_extern = true;
		break;
	case KEYWORD_TYPEDEF:
		d->is_typedef = true;
		break;
	case KEYWORD_NONE:
		if (d->count < DECLARATION_NAMES)
			d->names[d->count++] = k;
		break;
	default:
		break;
	}
	(void)r;
}

/* A record or its name at k; returns the index behind it. */
static size_t take_record(reader *r, declaration *d, size_t k, size_t end)
{
	size_t tag, open, close;
	d->type_seen = true;
	if (!record_find(r, k, end, &tag, &open, &close)) {
		size_t name = declared_skip_attributes(r, k + 1, end);
		if (name < end && is_plain_name(at(r, name))) {
			d->tag = code_of(r)[name].token + 1;
			return name + 1;
		}
		return k + 1;
	}
	size_t name = tag;
	if (tag == NO_INDEX && d->is_typedef) { /* typedef struct { ... } name; */
		size_t after = declared_skip_attributes(r, close + 1, end);
		if (after < end && is_plain_name(at(r, after)))
			name = after;
	}
	record_add(r, k, name, open, close, "", 0);
	if (name != NO_INDEX)
		d->tag = code_of(r)[name].token + 1;
	return close + 1;
}

/* An asm statement at file scope; returns the index behind it. */
static size_t read_file_assembly(reader *r, size_t k, size_t end)
{
	size_t open = k + 1;
	while (open < end && at(r, open)->kind == TOKEN_NAME && open < k + 4)
		open++;
	size_t close = open < end && mark_at(r, open, '(') ? match_of(r, open) : NO_INDEX;
	if (close == NO_INDEX || close >= end)
		return k + 1;
	names_clear(&r->locals);
	read_uses(r, code_of(r), k, close + 1, "", NULL);
	return close + 1;
}

static size_t read_declaration(reader *r, size_t k, size_t end)
{
	declaration d = {.start = k,
		.specifiers_end = k,
		.declarator = k,
		.function = NO_INDEX,
		.pointer = NO_INDEX};
	if (keyword_at(r, k, KEYWORD_ASM))
		return read_file_assembly(r, k, end);
	while (k < end) {
		const token *t = at(r, k);
		if (t->kind == TOKEN_NAME) {
			if (d.function != NO_INDEX && is_unended_macro(r, &d, k)) {
				read_macro_statement(r, &d, d.close, NO_INDEX);
				return k;
			}
			if (d.function != NO_INDEX && k == d.close + 1 &&
				!declared_is_attribute(r, t)) {
				size_t body = find_old_style_body(r, k, end);
				if (body != NO_INDEX)
					return read_function(r, &d, body, end);
			}
			if (t->code == KEYWORD_STRUCT || t->code == KEYWORD_UNION ||
				t->code == KEYWORD_ENUM) {
				k = take_record(r, &d, k, end);
				continue;
			}
			take_name(r, &d, k++);
			if (t->code == KEYWORD_ATTRIBUTE || t->code == KEYWORD_ASM ||
				t->code == KEYWORD_TYPEOF) {
				size_t close =
					k < end && mark_at(r, k, '(') ? match_of(r, k) : NO_INDEX;
				k = close != NO_INDEX && close < end ? close + 1 : k;
			}
			continue;
		}
		if (t->kind == TOKEN_STRING && d.is_extern && mark_at(r, k + 1, '{'))
			return k + 2; /* extern "C" { */
		if (t->kind != TOKEN_PUNCTUATION) {
			k++;
			continue;
		}
		if (t->code == ';') {
			end_declarator(r, &d, k, NO_INDEX);
			return k + 1;
		}
		if (t->code == ',') {
			end_declarator(r, &d, k, NO_INDEX);
			begin_declarator(&d, ++k);
		} else if (t->code == '=') {
			size_t last = declared_skip_value(r, k + 1, end);
			end_declarator(r, &d, last, k + 1);
			if (last >= end || !mark_at(r, last, ','))
				return MIN(last + 1, end);
			k = last + 1;
			begin_declarator(&d, k);
		} else if (t->code == '(') {
			k = read_parentheses(r, &d, k, end);
		} else if (t->code == '[') {
			size_t close = match_of(r, k);
			k = close != NO_INDEX && close < end ? close + 1 : k + 1;
		} else if (t->code == '{') {
			if (d.function != NO_INDEX && at(r, d.function)->code == KEYWORD_NONE)
				return read_function(r, &d, k, end);
			size_t close = match_of(r, k);
			if (close == NO_INDEX || close >= end)
				return k + 1;
			names_clear(&r->locals);
			read_uses(r, code_of(r), k, close + 1, "", NULL);
			return close + 1;
		} else if (t->code == '}') {
			return k + 1;
		} else {
			k++;
		}
	}
	/* The last of a list of macros in a file of nothing else. */
	if (d.function != NO_INDEX && is_macro_statement(r, &d))
		read_macro_statement(r, &d, d.close, NO_INDEX);
	return end;
}

void read_declarations(reader *r)
{
	size_t end = r->code->len;
	for (size_t k = 0; k < end;)
		k = read_declaration(r, k, end);
}
