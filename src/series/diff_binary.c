/* "GIT binary patch": base85 lines of deflated data, the new content and mostly the old one. */
#include "series/diff_binary.h"

#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/diff_header.h"
#include "series/lines.h"

/* Deflate packs no better than 1:1032 (zlib's technical notes), so a larger claim is a lie. */
#define DEFLATE_MAX_RATIO 1032u

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			       "!#$%&()*+-;<=>?@^_`{|}~";

static int base85_value(char c)
{
	const char *at = c ? memchr(alphabet, c, sizeof alphabet - 1) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

static bool read_line(GByteArray *out, span line)
{
	if (line.len < 6 || (line.len - 1) % 5)
		return false;
	char letter = line.at[0];
	size_t bytes = letter >= 'A' && letter <= 'Z'	? (size_t)(letter - 'A') + 1
		       : letter >= 'a' && letter <= 'z' ? (size_t)(letter - 'a') + 27
							: 0;
	size_t groups = (line.len - 1) / 5;
	if (!bytes || (bytes + 3) / 4 != groups)
		return false;
	const char *p = line.at + 1;
	for (size_t g = 0; g < groups; g++) {
		guint64 value = 0;
		for (int i = 0; i < 5; i++) {
			int digit = base85_value(*p++);
			if (digit < 0)
				return false;
			value = value * 85 + (guint64)digit;
		}
		if (value > G_MAXUINT32)
			return false;
		guint8 word[4] = {(guint8)(value >> 24), (guint8)(value >> 16),
			(guint8)(value >> 8), (guint8)value};
		size_t take = MIN((size_t)4, bytes - g * 4);
		g_byte_array_append(out, word, (guint)take);
	}
	return true;
}

static bool inflate_half(GBytes **out, const GByteArray *packed, guint64 size, GError **err)
{
	if (size > (guint64)packed->len * DEFLATE_MAX_RATIO)
		return error_set(err, TRUCE_ERROR_INPUT, NULL,
			"binary patch claims %" G_GUINT64_FORMAT
			" bytes, but holds only %u packed ones",
			size, packed->len);
	/* One spare byte, so that data longer than the claim shows. */
	g_autofree guint8 *data = g_malloc((gsize)size + 1);
	z_stream z = {.next_in = packed->data,
		.avail_in = packed->len,
		.next_out = data,
		.avail_out = (uInt)size + 1};
	if (inflateInit(&z) != Z_OK)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL, "zlib does not start");
	int status = inflate(&z, Z_FINISH);
	guint64 made = z.total_out;
	bool rest = z.avail_in != 0;
	inflateEnd(&z);
	if (status != Z_STREAM_END || made != size || rest)
		return error_set(err, TRUCE_ERROR_INPUT, NULL,
			"binary patch does not unpack to the %" G_GUINT64_FORMAT " bytes it claims",
			size);
	*out = g_bytes_new_take(g_steal_pointer(&data), (gsize)size);
	return true;
}

/* One "literal N" or "delta N" block with its closing empty line. */
static bool read_half(diff_reader *r, patch_binary *half, GError **err)
{
	span line = diff_peek(r), head = line_bare(line);
	unsigned at = r->line;
	bool literal = line_starts(head, "literal ");
	if (!literal && !line_starts(head, "delta "))
		return true;
	span number = diff_after(head, literal ? 8 : 6);
	guint64 size = 0;
	bool valid = number.len > 0 && number.len < 19;
	for (size_t i = 0; i < number.len && valid; i++) {
		valid = g_ascii_isdigit(number.at[i]);
		size = size * 10 + (guint64)(number.at[i] - '0');
	}
	if (!valid)
		return diff_fail_at(r, at, err, NULL, "binary patch without a size", head);
	if (size > LIMIT_FILE_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT,
			"no file of a kernel tree is that large; the header is wrong or hostile",
			"%s:%u: binary patch claims %" G_GUINT64_FORMAT
			" bytes, more than the %zu that a file may have",
			r->source, at, size, LIMIT_FILE_BYTES);
	diff_skip(r, line);
	g_autoptr(GByteArray) packed = g_byte_array_new();
	for (line = diff_peek(r); line_bare(line).len; line = diff_peek(r)) {
		if (!read_line(packed, line_bare(line)))
			return diff_fail_at(r, r->line, err, NULL,
				"line of a binary patch that is not base85", line_bare(line));
		if (packed->len > LIMIT_FILE_BYTES)
			return error_set(err, TRUCE_ERROR_LIMIT, NULL,
				"%s:%u: binary patch with more than %zu packed bytes", r->source,
				at, LIMIT_FILE_BYTES);
		diff_skip(r, line);
	}
	if (line.len)
		diff_skip(r, line);
	if (!diff_take_memory(r, size, err))
		return false;
	if (!inflate_half(&half->data, packed, size, err)) {
		error_prefix(err, "%s:%u", r->source, at);
		return false;
	}
	half->kind = literal ? PATCH_BINARY_LITERAL : PATCH_BINARY_DELTA;
	return true;
}

bool diff_read_binary(diff_reader *r, patch_file *f, GError **err)
{
	unsigned at = r->line;
	diff_skip(r, diff_peek(r));
	if (!read_half(r, &f->forward, err))
		return false;
	if (f->forward.kind == PATCH_BINARY_NONE)
		return diff_fail_at(
			r, at, err, NULL, "binary patch without literal or delta", diff_peek(r));
	return read_half(r, &f->reverse, err);
}
