/* Mails taken apart by GMime. */
#include "series/mime.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/limits.h"
#include "series/lines.h"
#include "series/message.h"

/* Nested deeper no honest mail is. */
#define MAX_PART_DEPTH 20
/* Lines of one mail that may begin a part, each of which takes 1.3 KB in GMime: a diff of as many
 * files has as many, too. */
#define MAX_PART_MARKS 500000u

static gpointer start_gmime(gpointer unused)
{
	(void)unused;
	g_mime_init();
	return NULL;
}

void mime_init(void)
{
	static GOnce once = G_ONCE_INIT;
	g_once(&once, start_gmime, NULL);
}

void mime_mail_clear(mime_mail *m)
{
	g_clear_pointer(&m->text, g_bytes_unref);
	g_free(m->charset);
	g_free(m->from);
	g_free(m->subject);
	g_free(m->date);
	g_free(m->id);
	g_free(m->parent);
	g_free(m->root);
}

static span bytes_span(GBytes *b)
{
	gsize len;
	const char *at = g_bytes_get_data(b, &len);
	return (span){at ? at : "", len};
}

/* ---- parts ---- */

/* The parts of a mail, one behind the other, and how the first one is written. */
typedef struct parts {
	GByteArray *text;
	char *charset; /* or NULL */
	bool flowed, delsp;
} parts;

static void read_charset(parts *p, GMimeObject *o)
{
	GMimeContentType *type = g_mime_object_get_content_type(o);
	if (!type)
		return;
	const char *format = g_mime_content_type_get_parameter(type, "format");
	const char *delsp = g_mime_content_type_get_parameter(type, "delsp");
	p->charset = g_strdup(g_mime_content_type_get_parameter(type, "charset"));
	p->flowed = format && !g_ascii_strcasecmp(format, "flowed");
	p->delsp = delsp && !g_ascii_strcasecmp(delsp, "yes");
}

static bool ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);
	return n > m && !g_ascii_strcasecmp(name + n - m, ending);
}

/* Text, and patches by type or by name. */
static bool is_said_to_be_text(GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	if (!type || g_mime_content_type_is_type(type, "text", "*"))
		return true;
	const char *sub = g_mime_content_type_get_media_subtype(type);
	const char *name = g_mime_part_get_filename(part);
	return (sub && (strcasestr(sub, "patch") || strcasestr(sub, "diff"))) ||
	       (name && (ends_in(name, ".patch") || ends_in(name, ".diff") ||
				ends_in(name, ".txt")));
}

/* An attachment whose type and name say nothing: some mailers send any file so. */
static bool looks_like_patch(const GByteArray *data)
{
	span text = {(const char *)data->data, data->len};
	if (text_is_binary(text.at, text.len))
		return false;
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos);
		pos += line.len;
		if (line_starts(line, "diff --git ") ||
			(line_starts(line, "--- ") && line_starts(line_at(text, pos), "+++ ")))
			return true;
	}
	return false;
}

static bool is_html(GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	return type && g_mime_content_type_is_type(type, "text", "html");
}

/* What a part holds, decoded. The caller's; NULL when it holds nothing. */
static GByteArray *decode_part(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	if (!content)
		return NULL;
	GByteArray *made = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(made);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	return made;
}

/* From a charset in which no patch can be read, as its letters are no single bytes, to UTF-8. */
static void narrow(GByteArray *text, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *charset = type ? g_mime_content_type_get_parameter(type, "charset") : NULL;
	const char *data = (const char *)text->data;
	gsize len;
	if (!message_is_wide(charset, data, text->len))
		return;
	g_autofree char *made = g_convert(data, text->len, "UTF-8", charset, NULL, &len, NULL);
	if (!made || len > LIMIT_PATCH_BYTES)
		return;
	g_byte_array_set_size(text, 0);
	g_byte_array_append(text, (const guint8 *)made, (guint)len);
}

static void append_part(parts *p, GMimePart *part)
{
	g_autoptr(GByteArray) made = decode_part(part);
	if (!made || !made->len)
		return;
	narrow(made, part);
	if (made->len > LIMIT_PATCH_BYTES - MIN(p->text->len, LIMIT_PATCH_BYTES) ||
		!(is_said_to_be_text(part) || looks_like_patch(made)))
		return;
	if (!p->text->len)
		read_charset(p, GMIME_OBJECT(part));
	g_byte_array_append(p->text, made->data, made->len);
	if (made->data[made->len - 1] != '\n')
		g_byte_array_append(p->text, (const guint8 *)"\n", 1);
}

static void collect_parts(parts *p, GMimeObject *o, int depth)
{
	if (!o || depth > MAX_PART_DEPTH)
		return;
	if (GMIME_IS_MULTIPART(o)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
		for (int i = 0; i < n; i++)
			collect_parts(
				p, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		/* Forwarded whole. */
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
		collect_parts(p, inner ? g_mime_message_get_mime_part(inner) : NULL, depth + 1);
	} else if (GMIME_IS_PART(o) && !is_html(GMIME_PART(o))) {
		append_part(p, GMIME_PART(o));
	}
}

/* Undoes format=flowed (RFC 3676) as git mailinfo does: a line that ends in a blank goes on in the
 * next one, a blank in front of a line is stuffing. */
static GBytes *unflow(span text, bool delsp)
{
	GByteArray *out = g_byte_array_sized_new((guint)text.len);
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos), words = line_bare(line);
		pos += line.len;
		bool signature = words.len == 3 && !memcmp(words.at, "-- ", 3);
		if (!signature && words.len && words.at[0] == ' ') {
			words.at++;
			words.len--;
		}
		bool flows = !signature && words.len && words.at[words.len - 1] == ' ';
		g_byte_array_append(
			out, (const guint8 *)words.at, (guint)(words.len - (flows && delsp)));
		if (!flows)
			g_byte_array_append(out, (const guint8 *)"\n", 1);
	}
	return g_byte_array_free_to_bytes(out);
}

static bool is_identity(GMimeContentEncoding e)
{
	return e == GMIME_CONTENT_ENCODING_DEFAULT || e == GMIME_CONTENT_ENCODING_7BIT ||
	       e == GMIME_CONTENT_ENCODING_8BIT || e == GMIME_CONTENT_ENCODING_BINARY;
}

/* One part, not encoded. */
static bool is_plain(GMimeMessage *message)
{
	GMimeObject *top = g_mime_message_get_mime_part(message);
	return !top || (GMIME_IS_PART(top) &&
			       is_identity(g_mime_part_get_content_encoding(GMIME_PART(top))));
}

static void read_body(mime_mail *m, GMimeMessage *message, GBytes *mail, gsize headers_end)
{
	GMimeObject *top = g_mime_message_get_mime_part(message);
	parts p = {0};
	if (is_plain(message)) {
		/* Not encoded: the mail itself, uncopied. */
		m->text = g_bytes_ref(mail);
		m->start = headers_end;
		if (top)
			read_charset(&p, top);
	} else {
		p.text = g_byte_array_new();
		collect_parts(&p, top, 0);
		m->text = g_byte_array_free_to_bytes(p.text);
	}
	m->charset = p.charset;
	if (!p.flowed)
		return;
	span all = bytes_span(m->text);
	GBytes *made = unflow((span){all.at + m->start, all.len - m->start}, p.delsp);
	g_bytes_unref(m->text);
	m->text = made;
	m->start = 0;
}

/* ---- headers ---- */

/* The last one of that name, as git takes it. */
static const char *raw_header(GMimeObject *o, const char *name)
{
	GMimeHeaderList *all = g_mime_object_get_header_list(o);
	for (int i = g_mime_header_list_get_count(all) - 1; i >= 0; i--) {
		GMimeHeader *h = g_mime_header_list_get_header_at(all, i);
		if (!g_ascii_strcasecmp(g_mime_header_get_name(h), name))
			return g_mime_header_get_raw_value(h);
	}
	return NULL;
}

static char *first_id(const char *raw)
{
	if (!raw)
		return NULL;
	const char *open = strchr(raw, '<');
	const char *close = open ? strchr(open, '>') : NULL;
	if (close)
		return g_strndup(open + 1, (gsize)(close - open - 1));
	return g_strstrip(g_strdup(raw));
}

/* In-Reply-To: is the parent; the first of References: the thread's root. */
static void read_headers(mime_mail *m, GMimeObject *o)
{
	m->from = message_header(raw_header(o, "From"));
	m->subject = message_header(raw_header(o, "Subject"));
	m->date = message_header(raw_header(o, "Date"));
	m->id = first_id(raw_header(o, "Message-Id"));
	m->parent = first_id(raw_header(o, "In-Reply-To"));
	m->root = first_id(raw_header(o, "References"));
	if (!m->root)
		m->root = g_strdup(m->parent ? m->parent : m->id);
}

/* NULL when it is no mail. The caller's, g_object_unref. */
static GMimeMessage *parse(span text)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text.at, text.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

static bool has_too_many_parts(span text)
{
	unsigned marks = 0;
	for (gsize pos = 0; pos < text.len && marks <= MAX_PART_MARKS;) {
		span line = line_at(text, pos);
		pos += line.len;
		marks += line_starts(line, "--");
	}
	return marks > MAX_PART_MARKS;
}

bool mime_read(mime_mail *out, GBytes *mail, gsize headers_end)
{
	mime_init();
	span text = bytes_span(mail);
	/* The headers alone tell most mails, whose body is the mail's own bytes. */
	GMimeMessage *message = parse((span){text.at, headers_end});
	if (message && !is_plain(message)) {
		g_object_unref(message);
		message = has_too_many_parts(text) ? NULL : parse(text);
	}
	if (!message)
		return false;
	*out = (mime_mail){0};
	read_headers(out, GMIME_OBJECT(message));
	read_body(out, message, mail, headers_end);
	g_object_unref(message);
	return true;
}
