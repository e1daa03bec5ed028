/* Moving through the lines of a diff. */
#include "series/diff_reader.h"

#include "base/error.h"
#include "base/limits.h"
#include "series/lines.h"

/* How much of an offending line a message quotes. */
#define QUOTE_BYTES 60

span diff_peek(const diff_reader *r)
{
	return line_at(r->text, r->pos);
}

void diff_skip(diff_reader *r, span line)
{
	r->pos += line.len;
	r->line++;
}

bool diff_take_memory(diff_reader *r, gsize bytes, GError **err)
{
	r->memory += bytes;
	return r->memory <= LIMIT_PARSED_BYTES ||
	       error_set(err, TRUCE_ERROR_LIMIT, "split the patch",
		       "%s:%u: read so far, the patch takes more than %zu bytes of memory",
		       r->source, r->line, LIMIT_PARSED_BYTES);
}

bool diff_fail_at(const diff_reader *r, unsigned line, GError **err, const char *hint,
	const char *what, span quoted)
{
	g_autofree char *shown =
		text_printable(quoted.len ? quoted.at : "", MIN(quoted.len, (size_t)QUOTE_BYTES));
	return error_set(err, TRUCE_ERROR_INPUT, hint, "%s:%u: %s%s%s%s", r->source, line, what,
		quoted.len ? ": '" : "", shown, quoted.len ? "'" : "");
}
