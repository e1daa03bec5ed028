/* Structs, unions and enums with their fields and values. */
#include "analyzers/ctext/declared.h"

#include <string.h>

/* Records within records: the kernel's deepest have 6. */
#define RECORD_DEPTH 32u

static void read_record_body(
	reader *r, size_t open, size_t close, const char *parent, unsigned depth);

/* Values of an enum between its braces. */
static void read_enumerators(reader *r, size_t open, size_t close, const char *parent)
{
	for (size_t k = open + 1; k < close;) {
		size_t last = declared_skip_value(r, k, close);
		const token *t = at(r, k);
		if (is_plain_name(t) && last > k) {
			bool valued = last > k + 2 && mark_at(r, k + 1, '=');
			token_digest d = digest_of(r, k, last - 1, t->hash);
			const char *value =
				valued ? reader_text(r, code_of(r)[k + 2].token,
						 code_of(r)[last - 1].token, DETAIL_BYTES)
				       : "";
			declared_add(r, ENTITY_ENUMERATOR, ENTITY_DEFINITION, k, last - 1, parent,
				"", value, &d);
			if (valued)
				read_uses(r, code_of(r), k + 2, last, parent, NULL);
		}
		k = last + 1;
	}
}

static void add_field(reader *r, size_t first, size_t base_end, size_t from, size_t name,
	size_t last, const char *parent)
{
	GString *type = g_string_new(NULL);
	declared_append_type(r, type, first, MIN(base_end, name));
	if (from < name) {
		GString *front = g_string_new(NULL);
		declared_append_type(r, front, from, name);
		g_string_append_printf(
			type, "%s%s", type->len && front->len ? " " : "", front->str);
		g_string_free(front, TRUE);
	}
	size_t after = name + 1;
	if (after <= last && mark_at(r, after, ')')) { /* (*name)(parameters) */
		g_string_append_c(type, ')');
		size_t close = mark_at(r, after + 1, '(') ? match_of(r, after + 1) : NO_INDEX;
		if (close != NO_INDEX && close <= last)
			declared_append_parameters(r, type, after + 1, close);
	} else if (after <= last) {
		declared_append_type(r, type, after, last + 1);
	}
	token_digest d = digest_of(r, first, last, at(r, name)->hash);
	const char *declared = strchr(type->str, '(') ? declared_text(r, first, last) : "";
	declared_add(
		r, ENTITY_FIELD, ENTITY_DEFINITION, name, last, parent, type->str, declared, &d);
	g_string_free(type, TRUE);
}

/* Where the '*' of "(*name)" or "(fastcall *name)" stands, of the bracket at k; NO_INDEX when it
 * begins no such declarator. */
static size_t declarator_star(const reader *r, size_t k, size_t to)
{
	for (size_t i = k + 1; i < to; i++) {
		if (mark_at(r, i, '*'))
			return i;
		i = declared_skip_attributes(r, i, to);
		if (mark_at(r, i, '*'))
			return i;
		if (i >= to || !is_plain_name(at(r, i)) || !declared_is_decoration(r, at(r, i)))
			return NO_INDEX;
	}
	return NO_INDEX;
}

/* The name in a declarator of a field, code[from..to): NO_INDEX when there is none. */
static size_t field_declarator(const reader *r, size_t from, size_t to)
{
	size_t name = NO_INDEX;
	for (size_t k = from; k < to; k++) {
		const token *t = at(r, k);
		size_t star = is_punctuation(t, '(') ? declarator_star(r, k, to) : NO_INDEX;
		if (star != NO_INDEX) {
			size_t close = match_of(r, k);
			for (size_t i = star + 1; i < to && i < close; i++) {
				if (is_plain_name(at(r, i)))
					return i;
				if (mark_at(r, i, '('))
					break;
			}
			return NO_INDEX;
		}
		if (is_punctuation(t, '[') || is_punctuation(t, ':') || is_punctuation(t, '('))
			break;
		bool tag = k > 0 && (keyword_at(r, k - 1, KEYWORD_STRUCT) ||
					    keyword_at(r, k - 1, KEYWORD_UNION) ||
					    keyword_at(r, k - 1, KEYWORD_ENUM));
		if (is_plain_name(t) && !tag && !(name != NO_INDEX && token_starts(r, t, "__")))
			name = k;
	}
	return name;
}

/* Fields code[first..last): one declaration without its ';'. `body_end`: behind a nested record's
 * body, or first. */
static void read_field_declaration(
	reader *r, size_t first, size_t body_end, size_t last, const char *parent)
{
	size_t from = body_end, base_end = first;
	bool one = true;
	for (size_t k = from; k <= last; k++) {
		if (k < last && (mark_at(r, k, '(') || mark_at(r, k, '['))) {
			size_t close = match_of(r, k);
			if (close != NO_INDEX && close < last)
				k = close;
			continue;
		}
		if (k < last && !mark_at(r, k, ','))
			continue;
		size_t name = k > from ? field_declarator(r, from, k) : NO_INDEX;
		if (name != NO_INDEX) {
			if (one) { /* the type is what stands before the first declarator */
				base_end = name;
				while (base_end > first && (mark_at(r, base_end - 1, '*') ||
								   mark_at(r, base_end - 1, '(')))
					base_end--;
				/* "(fastcall *name)": back to the bracket. */
				for (size_t open = base_end; open > first; open--) {
					if (mark_at(r, open - 1, '(') &&
						declarator_star(r, open - 1, name) != NO_INDEX) {
						base_end = open - 1;
						break;
					}
				}
				from = base_end;
			}
			if (name > first || body_end > first)
				add_field(r, first, base_end, from, name, k - 1, parent);
		}
		one = false;
		from = k + 1;
	}
	read_types(r, code_of(r), body_end, last, parent);
}

/* Emits the record whose keyword is at `k` and whose braces are open..close. */
void record_add(reader *r, size_t k, size_t name, size_t open, size_t close, const char *parent,
	unsigned depth)
{
	keyword code = (keyword)at(r, k)->code;
	entity_kind kind = code == KEYWORD_STRUCT  ? ENTITY_STRUCT
			   : code == KEYWORD_UNION ? ENTITY_UNION
						   : ENTITY_ENUM;
	const char *own = parent;
	if (name != NO_INDEX) {
		const token *t = at(r, name);
		token_digest d = digest_of(r, k, close, t->hash);
		own = reader_name(r, t);
		const token *first = at(r, name < open ? name : k);
		fact_set_add_entity(r->s.out, &(entity){
						      .kind = kind,
						      .reader = READER_TEXT,
						      .flags = ENTITY_DEFINITION,
						      .line = first->line,
						      .end_line = at(r, close)->line,
						      .name = own,
						      .parent = parent,
						      .condition = condition_at(r, k),
						      .body = {d.sum[0], d.sum[1]},
						      .tokens = d.count,
					      });
	}
	if (kind == ENTITY_ENUM)
		read_enumerators(r, open, close, own);
	else
		read_record_body(r, open, close, own, depth + 1);
}

/* When a record with a body begins at k: its braces and tag (NO_INDEX: none). */
bool record_find(const reader *r, size_t k, size_t end, size_t *tag, size_t *open, size_t *close)
{
	if (!keyword_at(r, k, KEYWORD_STRUCT) && !keyword_at(r, k, KEYWORD_UNION) &&
		!keyword_at(r, k, KEYWORD_ENUM))
		return false;
	*tag = NO_INDEX;
	size_t i = declared_skip_attributes(r, k + 1, end);
	/* An attribute by macro may stand on either side of the tag. */
	for (unsigned names = 0; i < end && names < 3 && at(r, i)->kind == TOKEN_NAME; names++) {
		if (!is_plain_name(at(r, i)))
			break;
		if (*tag == NO_INDEX || token_starts(r, at(r, *tag), "__"))
			*tag = i;
		i = declared_skip_attributes(r, i + 1, end);
	}
	if (i >= end || !mark_at(r, i, '{'))
		return false;
	*open = i;
	*close = match_of(r, i);
	return *close != NO_INDEX && *close < end;
}

static void read_record_body(
	reader *r, size_t open, size_t close, const char *parent, unsigned depth)
{
	size_t first = open + 1, body_end = first;
	for (size_t k = first; k < close; k++) {
		size_t tag, inner, inner_close;
		if (depth < RECORD_DEPTH && record_find(r, k, close, &tag, &inner, &inner_close)) {
			record_add(r, k, tag, inner, inner_close, parent, depth);
			k = inner_close;
			body_end = k + 1;
		} else if (mark_at(r, k, '(') || mark_at(r, k, '[') || mark_at(r, k, '{')) {
			size_t skip = match_of(r, k);
			if (skip != NO_INDEX && skip < close)
				k = skip;
		} else if (mark_at(r, k, ';')) {
			if (k > first)
				read_field_declaration(r, first, MAX(body_end, first), k, parent);
			first = k + 1;
			body_end = first;
		}
	}
}
