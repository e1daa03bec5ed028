/* Types as text, and entities. */
#include "analyzers/ctext/declared.h"

#include <string.h>

bool declared_is_upper(const reader *r, const token *t)
{
	for (size_t i = 0; i < t->len; i++) {
		char c = r->s.text[t->at + i];
		if (!g_ascii_isupper(c) && !g_ascii_isdigit(c) && c != '_')
			return false;
	}
	return t->len > 1;
}

/* Macros that stand among the specifiers without being the type: __init, asmlinkage, fastcall. */
bool declared_is_decoration(const reader *r, const token *t)
{
	static const char *const names[] = {"asmlinkage", "fastcall", "noinline", "notrace",
		"noinstr", "inline", "noinline_for_stack", "regparm", "cold", "hot"};
	if (token_starts(r, t, "__") || token_starts(r, t, "____"))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (token_equals(r, t, names[i]))
			return true;
	return declared_is_upper(r, t);
}

/* Macros that take parentheses and say something about the declaration they follow. */
bool declared_is_attribute(const reader *r, const token *t)
{
	static const char *const names[] = {"__section", "__aligned", "__printf", "__scanf",
		"__releases", "__acquires", "__must_hold", "__alloc_size", "__declspec",
		"__nonnull", "__attribute_const__", "__cond_acquires", "__cond_releases", "__error",
		"__warning", "__alias", "__assume_aligned", "__counted_by", "__malloc",
		"__no_sanitize"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (token_equals(r, t, names[i]))
			return true;
	return false;
}

/* The type of code[first..name) and what follows the name, without storage and decoration and
 * without the parameters' names, as clang spells types: "void (pte_t *, pte_t)". */
void declared_append_type(reader *r, GString *out, size_t first, size_t last)
{
	for (size_t k = first; k < last && out->len < SIGNATURE_BYTES; k++) {
		const token *t = at(r, k);
		if (t->kind == TOKEN_NAME &&
			(t->code == KEYWORD_STATIC || t->code == KEYWORD_EXTERN ||
				t->code == KEYWORD_INLINE || t->code == KEYWORD_TYPEDEF))
			continue;
		if (t->kind == TOKEN_NAME && t->code == KEYWORD_ATTRIBUTE) {
			size_t close = k + 1 < last ? match_of(r, k + 1) : NO_INDEX;
			k = close != NO_INDEX && close < last ? close : k;
			continue;
		}
		bool record_name = k > first && (keyword_at(r, k - 1, KEYWORD_STRUCT) ||
							keyword_at(r, k - 1, KEYWORD_UNION) ||
							keyword_at(r, k - 1, KEYWORD_ENUM));
		if (is_plain_name(t) && !record_name && declared_is_decoration(r, t) &&
			!token_starts(r, t, "__u") && !token_starts(r, t, "__s"))
			continue;
		if (mark_at(r, k, '{')) {
			size_t close = match_of(r, k);
			k = close != NO_INDEX && close < last ? close : last;
			g_string_append(out, " {}");
			continue;
		}
		bool tight = !out->len || out->str[out->len - 1] == '*' ||
			     out->str[out->len - 1] == '(' || is_punctuation(t, ')') ||
			     is_punctuation(t, '[') || is_punctuation(t, ',') ||
			     out->str[out->len - 1] == '[' || is_punctuation(t, ']') ||
			     t->code == PUNCTUATION_DOTS;
		if (!tight)
			g_string_append_c(out, ' ');
		g_string_append_len(out, r->s.text + t->at, (gssize)MIN(t->len, NAME_BYTES));
	}
}

/* One parameter without its name. */
static void append_parameter(reader *r, GString *out, size_t first, size_t last)
{
	unsigned words = 0;
	size_t name = NO_INDEX;
	for (size_t k = first; k < last; k++) {
		const token *t = at(r, k);
		if (is_punctuation(t, '(') || is_punctuation(t, '['))
			break;
		if (t->kind != TOKEN_NAME || t->code == KEYWORD_QUALIFIER)
			continue;
		bool record = t->code == KEYWORD_STRUCT || t->code == KEYWORD_UNION ||
			      t->code == KEYWORD_ENUM;
		words += record ? 0 : 1;
		name = is_plain_name(t) && words > 1 ? k : NO_INDEX;
	}
	if (name == NO_INDEX) {
		declared_append_type(r, out, first, last);
		return;
	}
	declared_append_type(r, out, first, name);
	if (name + 1 < last)
		declared_append_type(r, out, name + 1, last);
}

void declared_append_parameters(reader *r, GString *out, size_t open, size_t close)
{
	size_t start = open + 1;
	bool tight = !out->len || strchr("*)", out->str[out->len - 1]);
	g_string_append(out, tight ? "(" : " (");
	for (size_t k = start; k <= close && out->len < SIGNATURE_BYTES; k++) {
		bool inner = k < close && (mark_at(r, k, '(') || mark_at(r, k, '[')) &&
			     match_of(r, k) < close;
		if (inner) {
			k = match_of(r, k);
			continue;
		}
		if (k < close && !mark_at(r, k, ','))
			continue;
		GString *one = g_string_new(NULL);
		append_parameter(r, one, start, k);
		g_string_append(out, one->str);
		if (k < close)
			g_string_append(out, ", ");
		g_string_free(one, TRUE);
		start = k + 1;
	}
	g_string_append_c(out, ')');
}

/* The declaration as it is written, code[first..last]: with storage, attributes and names. */
const char *declared_text(reader *r, size_t first, size_t last)
{
	return reader_text(r, code_of(r)[first].token, code_of(r)[last].token, SIGNATURE_BYTES);
}

size_t declared_skip_attributes(const reader *r, size_t k, size_t end)
{
	while (k < end && keyword_at(r, k, KEYWORD_ATTRIBUTE)) {
		k++;
		size_t close = mark_at(r, k, '(') ? match_of(r, k) : NO_INDEX;
		if (close != NO_INDEX)
			k = close + 1;
	}
	return k;
}

/* To the token after the ';' or ',' that ends an initializer begun at k; nested brackets are
 * passed over. Stops at a '}' that is not its own. */
size_t declared_skip_value(const reader *r, size_t k, size_t end)
{
	for (; k < end; k++) {
		const token *t = at(r, k);
		if (t->kind != TOKEN_PUNCTUATION)
			continue;
		if (t->code == ';' || t->code == ',' || t->code == '}')
			return k;
		if (t->code == '(' || t->code == '[' || t->code == '{') {
			size_t close = match_of(r, k);
			if (close != NO_INDEX && close < end)
				k = close;
		}
	}
	return k;
}

void declared_add(reader *r, entity_kind kind, unsigned flags, size_t name, size_t end_token,
	const char *parent, const char *signature, const char *value, const token_digest *digest)
{
	const token *t = at(r, name);
	g_autofree char *text = g_strndup(r->s.text + t->at, MIN(t->len, NAME_BYTES));
	unsigned last = at(r, end_token)->line;
	fact_set_add_entity(r->s.out,
		&(entity){
			.kind = kind,
			.reader = READER_TEXT,
			.flags = flags,
			.line = t->line,
			.end_line = MAX(last, t->line),
			.name = text,
			.parent = parent,
			.signature = signature,
			.value = value,
			.condition = condition_at(r, name),
			.body = {digest ? digest->sum[0] : 0, digest ? digest->sum[1] : 0},
			.tokens = digest ? digest->count : 0,
		});
}
