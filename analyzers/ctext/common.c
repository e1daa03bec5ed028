/* What the files of the text reader share. */
#include "analyzers/ctext/reader.h"

#include <string.h>

const char *reader_name(reader *r, const token *t)
{
	g_string_truncate(r->scratch, 0);
	g_string_append_len(r->scratch, r->s.text + t->at, (gssize)MIN(t->len, NAME_BYTES));
	return fact_set_string(r->s.out, r->scratch->str);
}

const char *reader_text(reader *r, size_t first, size_t last, size_t limit)
{
	g_string_truncate(r->scratch, 0);
	tokens_join(r->scratch, r->s.text, (const token *)(void *)r->s.tokens->data, first, last,
		limit);
	return fact_set_string(r->s.out, r->scratch->str);
}

bool token_equals(const reader *r, const token *t, const char *name)
{
	size_t len = strlen(name);
	return t->len == len && !memcmp(r->s.text + t->at, name, len);
}

bool token_starts(const reader *r, const token *t, const char *prefix)
{
	size_t len = strlen(prefix);
	return t->len >= len && !memcmp(r->s.text + t->at, prefix, len);
}

void add_use(reader *r, use_kind kind, const code_token *at, const char *name, const char *detail,
	const char *in)
{
	const token *t = code_at(r, at);
	fact_set_add_use(
		r->s.out, &(use){
				  .kind = kind,
				  .reader = READER_TEXT,
				  .line = t->line,
				  .column = source_column(&r->s, t),
				  .name = name,
				  .detail = detail,
				  .in = in,
				  .condition = g_ptr_array_index(r->conditions, at->condition),
			  });
}
