/* One mail or patch file, taken apart. MIME is GMime's work; what the words mean is message.c's. */
#include "series/letter.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/input.h"
#include "series/message.h"
#include "series/subject.h"

/* Headers of one mail: the longest seen on a list have 60 KB. */
#define MAX_HEADER_BYTES ((gsize)1 << 20)
/* Nested deeper no honest mail is. */
#define MAX_PART_DEPTH 20

void letter_free(letter *l)
{
	if (!l)
		return;
	patch_free(l->patch);
	diff_free(l->diff);
	g_clear_error(&l->error);
	g_free(l->name);
	g_free(l->parent);
	g_free(l->root);
	g_free(l);
}

static gpointer start_gmime(gpointer unused)
{
	(void)unused;
	g_mime_init();
	return NULL;
}

static void need_gmime(void)
{
	static GOnce once = G_ONCE_INIT;
	g_once(&once, start_gmime, NULL);
}

static span line_at(span text, gsize pos)
{
	const char *at = text.at + pos;
	const char *newline = memchr(at, '\n', text.len - pos);
	return (span){at, newline ? (size_t)(newline - at) + 1 : text.len - pos};
}

static span bytes_span(GBytes *b)
{
	gsize len;
	const char *at = g_bytes_get_data(b, &len);
	return (span){at ? at : "", len};
}

static bool starts(span line, const char *prefix)
{
	size_t n = strlen(prefix);
	return line.len >= n && !memcmp(line.at, prefix, n);
}

static bool ends_crlf(span line)
{
	return line.len >= 2 && line.at[line.len - 1] == '\n' && line.at[line.len - 2] == '\r';
}

static unsigned count_lines(const char *at, gsize len)
{
	unsigned n = 0;
	for (const char *p = at, *end = at + len;
		p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

/* "Name: value" with a name of header characters. */
static bool is_header_line(span line)
{
	size_t i = 0;
	while (i < line.len &&
		(g_ascii_isalnum(line.at[i]) || line.at[i] == '-' || line.at[i] == '_'))
		i++;
	return i > 0 && i < line.len && line.at[i] == ':';
}

static bool header_is(span line, const char *name)
{
	size_t n = strlen(name);
	return line.len > n && !g_ascii_strncasecmp(line.at, name, n) && line.at[n] == ':';
}

bool letter_is_mail(GBytes *bytes)
{
	span text = bytes_span(bytes);
	gsize pos = 0;
	span line = line_at(text, 0);
	if (starts(line, "From "))
		pos += line.len;
	bool known = false;
	guint headers = 0;
	for (; pos < text.len; pos += line.len) {
		line = line_at(text, pos);
		if (line.at[0] == '\n' || line.at[0] == '\r')
			break;
		if ((line.at[0] == ' ' || line.at[0] == '\t') && headers)
			continue;
		if (!is_header_line(line))
			return false;
		headers++;
		known = known || header_is(line, "From") || header_is(line, "Subject");
	}
	return known;
}

/* True when transport or an editor made every line end in "\r\n", the diff's own headers included;
 * git writes those with "\n" even for files whose lines end in "\r\n". */
static bool diff_has_crlf(span text)
{
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos);
		pos += line.len;
		if (starts(line, "diff --git ") || starts(line, "--- a/") || starts(line, "+++ "))
			return ends_crlf(line);
	}
	return false;
}

/* Gives the letter its diff; the text from `offset` on. */
static void parse_diff(letter *l, GBytes *text, gsize offset, unsigned line)
{
	g_autoptr(GBytes) clean = g_bytes_ref(text);
	span all = bytes_span(text);
	if (diff_has_crlf((span){all.at + offset, all.len - offset})) {
		g_autoptr(GBytes) tail = g_bytes_new_from_bytes(text, offset, all.len - offset);
		g_bytes_unref(clean);
		clean = input_without_cr(tail);
		offset = 0;
	}
	if (!diff_parse(&l->diff, clean, offset, line, l->patch->source, &l->error))
		l->has_diff = true;
	else
		l->has_diff = l->diff->files->len > 0;
}

static void set_subject(letter *l, const char *line)
{
	g_auto(subject) s;
	subject_parse(&s, line);
	patch *p = l->patch;
	p->number = s.number;
	p->total = s.total;
	p->version = s.version;
	l->numbered = s.numbered;
	l->reply = s.reply;
	g_free(p->subject);
	p->subject = g_steal_pointer(&s.text);
}

static void set_message(patch *p, const char *body)
{
	if (*p->subject)
		p->message = g_strdup_printf("%s\n%s%s", p->subject, *body ? "\n" : "", body);
	else
		p->message = g_strdup(body);
}

/* ---- MIME ---- */

typedef struct body {
	GBytes *text;  /* decoded */
	gsize start;   /* in it: where the body begins (a slice of the mail keeps its headers) */
	char *charset; /* of the first text part, or NULL */
	bool flowed, delsp;
	bool plain; /* text is the mail itself: lines of both are the same */
} body;

static void body_clear(body *b)
{
	g_clear_pointer(&b->text, g_bytes_unref);
	g_clear_pointer(&b->charset, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(body, body_clear)

/* Text that a patch may stand in: any text but HTML, and attachments that are patches by type or
 * by name. */
static bool may_hold_patch(GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	if (!type || g_mime_content_type_is_type(type, "text", "*"))
		return !type || !g_mime_content_type_is_type(type, "text", "html");
	const char *sub = g_mime_content_type_get_media_subtype(type);
	if (sub && (strstr(sub, "patch") || strstr(sub, "diff")))
		return true;
	const char *name = g_mime_part_get_filename(part);
	return name && (g_str_has_suffix(name, ".patch") || g_str_has_suffix(name, ".diff") ||
			       g_str_has_suffix(name, ".txt"));
}

static void read_charset(body *b, GMimeObject *o)
{
	GMimeContentType *type = g_mime_object_get_content_type(o);
	if (!type)
		return;
	const char *charset = g_mime_content_type_get_parameter(type, "charset");
	const char *format = g_mime_content_type_get_parameter(type, "format");
	const char *delsp = g_mime_content_type_get_parameter(type, "delsp");
	b->charset = g_strdup(charset);
	b->flowed = format && !g_ascii_strcasecmp(format, "flowed");
	b->delsp = delsp && !g_ascii_strcasecmp(delsp, "yes");
}

static void append_part(GByteArray *out, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	if (!content)
		return;
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	GByteArray *made = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	if (made->len && made->len <= LIMIT_PATCH_BYTES - MIN(out->len, LIMIT_PATCH_BYTES)) {
		g_byte_array_append(out, made->data, made->len);
		if (out->data[out->len - 1] != '\n')
			g_byte_array_append(out, (const guint8 *)"\n", 1);
	}
	g_object_unref(stream);
}

static void collect_parts(body *b, GByteArray *out, GMimeObject *o, int depth)
{
	if (depth > MAX_PART_DEPTH)
		return;
	if (GMIME_IS_MULTIPART(o)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
		for (int i = 0; i < n; i++)
			collect_parts(b, out, g_mime_multipart_get_part(GMIME_MULTIPART(o), i),
				depth + 1);
	} else if (GMIME_IS_PART(o) && may_hold_patch(GMIME_PART(o))) {
		if (!out->len)
			read_charset(b, o);
		append_part(out, GMIME_PART(o));
	}
}

/* Undoes format=flowed (RFC 3676) as git mailinfo does: a line that ends in a blank goes on in the
 * next one, a blank in front of a line is stuffing. */
static GBytes *unflow(span text, bool delsp)
{
	GByteArray *out = g_byte_array_sized_new((guint)text.len);
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos);
		pos += line.len;
		if (line.len && line.at[0] == ' ') {
			line.at++;
			line.len--;
		}
		bool signature = line.len == 4 && !memcmp(line.at, "-- \n", 4);
		size_t n = line.len;
		if (!signature && n >= 2 && line.at[n - 1] == '\n' && line.at[n - 2] == ' ')
			n -= delsp ? 2 : 1;
		g_byte_array_append(out, (const guint8 *)line.at, (guint)n);
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

/* NULL when it is no mail. The caller's, g_object_unref. */
static GMimeMessage *parse_mime(span text)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text.at, text.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

static void read_body(body *b, GMimeMessage *message, GBytes *mail, gsize headers_end)
{
	GMimeObject *top = g_mime_message_get_mime_part(message);
	b->start = 0;
	if (is_plain(message)) {
		/* Not encoded: the mail itself, uncopied. */
		b->text = g_bytes_ref(mail);
		b->start = headers_end;
		b->plain = true;
		if (top)
			read_charset(b, top);
	} else {
		GByteArray *out = g_byte_array_new();
		collect_parts(b, out, top, 0);
		b->text = g_byte_array_free_to_bytes(out);
	}
	if (b->flowed) {
		span all = bytes_span(b->text);
		GBytes *made = unflow((span){all.at + b->start, all.len - b->start}, b->delsp);
		g_bytes_unref(b->text);
		b->text = made;
		b->start = 0;
		b->plain = false;
	}
}

static char *message_id(const char *raw)
{
	if (!raw)
		return NULL;
	const char *open = strchr(raw, '<');
	const char *close = open ? strchr(open, '>') : NULL;
	if (close)
		return g_strndup(open + 1, (gsize)(close - open - 1));
	return g_strstrip(g_strdup(raw));
}

static const char *raw_header(GMimeObject *o, const char *name)
{
	GMimeHeader *h = g_mime_header_list_get_header(g_mime_object_get_header_list(o), name);
	return h ? g_mime_header_get_raw_value(h) : NULL;
}

/* In-Reply-To: is the parent; the first of References: the thread's root. */
static void read_thread(letter *l, GMimeObject *o)
{
	l->patch->message_id = message_id(raw_header(o, "Message-Id"));
	l->parent = message_id(raw_header(o, "In-Reply-To"));
	l->root = message_id(raw_header(o, "References"));
	if (!l->root)
		l->root = g_strdup(l->parent ? l->parent : l->patch->message_id);
}

/* Everything behind the headers; `b` is the decoded body, `line` the number of its first line. */
static void read_words(letter *l, const body *b, unsigned line, const char *from,
	const char *subject_line, const char *date)
{
	span all = bytes_span(b->text);
	span text = {all.at + b->start, all.len - b->start};
	g_auto(message_headers) inbody = {0};
	g_autofree char *words = message_body(&inbody, text, b->charset);
	if (!message_person(&l->patch->author, inbody.from))
		message_person(&l->patch->author, from);
	if (!message_date(&l->patch->author, inbody.date))
		message_date(&l->patch->author, date);
	person sent = {0};
	if (message_date(&sent, date))
		l->date = sent.time;
	set_subject(l, inbody.subject ? inbody.subject : subject_line ? subject_line : "");
	if (inbody.subject && subject_line) {
		/* The number is the mail's, whatever the author's own subject says. */
		g_auto(subject) outer;
		subject_parse(&outer, subject_line);
		if (outer.numbered) {
			l->patch->number = outer.number;
			l->patch->total = outer.total;
			l->patch->version = MAX(outer.version, l->patch->version);
			l->numbered = true;
		}
		l->reply = outer.reply;
	}
	if (!*l->patch->subject) {
		g_free(l->patch->subject);
		l->patch->subject = g_strdup(l->name);
	}
	set_message(l->patch, words);
	message_trailers(l->patch, text);
	gsize end = message_end(text);
	parse_diff(l, b->text, b->start + end, line + count_lines(text.at, end));
}

static bool header_end(span text, gsize *end)
{
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos);
		pos += line.len;
		if (line.at[0] == '\n' || (line.len == 2 && !memcmp(line.at, "\r\n", 2))) {
			*end = pos;
			return true;
		}
	}
	*end = text.len;
	return false;
}

/* mboxrd: one '>' is taken off every line of the body that is ">From ", ">>From ", ... */
static GBytes *unquote_rd(GBytes *mail)
{
	span text = bytes_span(mail);
	GByteArray *out = g_byte_array_sized_new((guint)text.len);
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos);
		pos += line.len;
		size_t quotes = 0;
		while (quotes < line.len && line.at[quotes] == '>')
			quotes++;
		size_t cut = quotes && starts((span){line.at + quotes, line.len - quotes}, "From ");
		g_byte_array_append(out, (const guint8 *)line.at + cut, (guint)(line.len - cut));
	}
	return g_byte_array_free_to_bytes(out);
}

bool letter_read_mail(letter **out, GBytes *bytes, const char *source, const char *name,
	unsigned first_line, bool rd, GError **err)
{
	need_gmime();
	g_autoptr(GBytes) mail = rd ? unquote_rd(bytes) : g_bytes_ref(bytes);
	span text = bytes_span(mail), first = line_at(text, 0);
	unsigned line = first_line;
	if (starts(first, "From ")) {
		GBytes *rest = g_bytes_new_from_bytes(mail, first.len, text.len - first.len);
		g_bytes_unref(mail);
		mail = rest;
		text = bytes_span(mail);
		line++;
	}
	if (ends_crlf(line_at(text, 0))) {
		/* The headers end so too: transport made it. As git mailsplit. */
		GBytes *clean = input_without_cr(mail);
		g_bytes_unref(mail);
		mail = clean;
		text = bytes_span(mail);
	}
	if (text.len > LIMIT_PATCH_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s: larger than the %zu bytes of a mail", source, LIMIT_PATCH_BYTES);
	if (!is_header_line(line_at(text, 0)))
		return error_set(err, TRUCE_ERROR_INPUT,
			"a mail starts with headers such as From: and Subject:",
			"%s:%u: this is no mail", source, line);
	gsize end;
	header_end(text, &end);
	if (end > MAX_HEADER_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s:%u: mail headers of more than %zu bytes", source, line,
			MAX_HEADER_BYTES);
	/* The headers alone tell most mails, whose body is the mail's own bytes. */
	GMimeMessage *message = parse_mime((span){text.at, end});
	if (message && !is_plain(message)) {
		g_object_unref(message);
		message = parse_mime(text);
	}
	if (!message)
		return error_set(
			err, TRUCE_ERROR_INPUT, NULL, "%s:%u: this is no mail", source, line);
	g_autoptr(letter) l = g_new0(letter, 1);
	l->patch = patch_new(PATCH_DIFF, source);
	l->name = g_strdup(name);
	l->mail = true;
	l->strip = -1;
	GMimeObject *o = GMIME_OBJECT(message);
	read_thread(l, o);
	g_auto(body) b = {0};
	read_body(&b, message, mail, end);
	g_autofree char *from = message_header(raw_header(o, "From"));
	g_autofree char *title = message_header(raw_header(o, "Subject"));
	g_autofree char *date = message_header(raw_header(o, "Date"));
	read_words(l, &b, line + count_lines(text.at, end), from, title, date);
	g_object_unref(message);
	*out = g_steal_pointer(&l);
	return true;
}

/* "fix-timer.patch" names the commit "fix-timer" when nothing else does. */
static char *title_of_name(const char *name)
{
	static const char *const endings[] = {".patch", ".diff", ".eml", ".mbox", ".txt"};
	char *title = g_strdup(name);
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(title, endings[i]) && strlen(title) > strlen(endings[i])) {
			title[strlen(title) - strlen(endings[i])] = '\0';
			break;
		}
	return title;
}

letter *letter_read_file(GBytes *text, const char *source, const char *name)
{
	g_autofree char *title = title_of_name(name);
	g_autoptr(letter) l = NULL;
	GError *failure = NULL;
	if (letter_is_mail(text) && letter_read_mail(&l, text, source, title, 1, false, &failure)) {
		g_free(l->name);
		l->name = g_strdup(name);
		return g_steal_pointer(&l);
	}
	need_gmime();
	l = g_new0(letter, 1);
	l->patch = patch_new(PATCH_DIFF, source);
	l->name = g_strdup(title);
	l->strip = -1;
	if (failure) {
		/* A mail, but one that is too much: reported if the patch is wanted. */
		l->error = failure;
		l->has_diff = true;
		set_subject(l, title);
		set_message(l->patch, "");
		return g_steal_pointer(&l);
	}
	g_auto(body) b = {.text = g_bytes_ref(text)};
	/* "From:" and the like may stand before the description: they are in-body headers here. */
	read_words(l, &b, 1, NULL, NULL, NULL);
	g_free(l->name);
	l->name = g_strdup(name);
	return g_steal_pointer(&l);
}
