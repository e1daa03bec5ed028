/* One mail or patch file, taken apart. What transport did is undone by mime.c; what the words mean
 * is message.c's. */
#include "series/letter.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/input.h"
#include "series/lines.h"
#include "series/message.h"
#include "series/mime.h"
#include "series/subject.h"

/* Headers of one mail: the longest seen on a list have 60 KB. */
#define MAX_HEADER_BYTES ((gsize)1 << 20)

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

static span bytes_span(GBytes *b)
{
	gsize len;
	const char *at = g_bytes_get_data(b, &len);
	return (span){at ? at : "", len};
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
	if (line_starts(line, "From "))
		pos += line.len;
	bool known = false;
	guint headers = 0;
	for (; pos < text.len; pos += line.len) {
		line = line_at(text, pos);
		if (line.at[0] == '\n' || line.at[0] == '\r')
			break;
		if ((line.at[0] == ' ' || line.at[0] == '\t') && headers)
			continue;
		if (!line_is_header(line))
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
		if (line_starts(line, "diff --git ") || line_starts(line, "--- a/") ||
			line_starts(line, "+++ "))
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
	message_join_spaces(p->subject);
}

static void set_message(patch *p, const char *body)
{
	if (*p->subject)
		p->message = g_strdup_printf("%s\n%s%s", p->subject, *body ? "\n" : "", body);
	else
		p->message = g_strdup(body);
}

/* Everything behind the headers; `line` is the number of the body's first line. */
static void read_words(letter *l, const mime_mail *m, unsigned line)
{
	span all = bytes_span(m->text);
	span text = {all.at + m->start, all.len - m->start};
	g_auto(message_headers) inbody = {0};
	g_autofree char *words = message_body(&inbody, text, m->charset);
	if (!message_person(&l->patch->author, inbody.from))
		message_person(&l->patch->author, m->from);
	if (!message_date(&l->patch->author, inbody.date))
		message_date(&l->patch->author, m->date);
	person sent = {0};
	if (message_date(&sent, m->date))
		l->date = sent.time;
	set_subject(l, inbody.subject ? inbody.subject : m->subject ? m->subject : "");
	if (inbody.subject && m->subject) {
		/* The number is the mail's, whatever the author's own subject says. */
		g_auto(subject) outer;
		subject_parse(&outer, m->subject);
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
	parse_diff(l, m->text, m->start + end, line + count_lines(text.at, end));
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
		size_t cut =
			quotes && line_starts((span){line.at + quotes, line.len - quotes}, "From ");
		g_byte_array_append(out, (const guint8 *)line.at + cut, (guint)(line.len - cut));
	}
	return g_byte_array_free_to_bytes(out);
}

bool letter_read_mail(letter **out, GBytes *bytes, const char *source, const char *name,
	unsigned first_line, bool rd, GError **err)
{
	g_autoptr(GBytes) mail = rd ? unquote_rd(bytes) : g_bytes_ref(bytes);
	span text = bytes_span(mail), first = line_at(text, 0);
	unsigned line = first_line;
	if (line_starts(first, "From ")) {
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
	if (!line_is_header(line_at(text, 0)))
		return error_set(err, TRUCE_ERROR_INPUT,
			"a mail starts with headers such as From: and Subject:",
			"%s:%u: this is no mail", source, line);
	gsize end;
	header_end(text, &end);
	if (end > MAX_HEADER_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s:%u: mail headers of more than %zu bytes", source, line,
			MAX_HEADER_BYTES);
	g_auto(mime_mail) m = {0};
	if (!mime_read(&m, mail, end))
		return error_set(
			err, TRUCE_ERROR_INPUT, NULL, "%s:%u: this is no mail", source, line);
	letter *l = g_new0(letter, 1);
	l->patch = patch_new(PATCH_DIFF, source);
	l->patch->message_id = g_steal_pointer(&m.id);
	l->parent = g_steal_pointer(&m.parent);
	l->root = g_steal_pointer(&m.root);
	l->name = g_strdup(name);
	l->mail = true;
	l->strip = -1;
	read_words(l, &m, line + count_lines(text.at, end));
	*out = l;
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
	mime_init();
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
	g_auto(mime_mail) m = {.text = g_bytes_ref(text)};
	/* "From:" and the like may stand before the description: they are in-body headers here. */
	read_words(l, &m, 1);
	g_free(l->name);
	l->name = g_strdup(name);
	return g_steal_pointer(&l);
}
