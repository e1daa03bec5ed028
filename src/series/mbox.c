/* Mailboxes and maildirs. What a "From " line is, is git mailsplit's rule. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "series/folder.h"
#include "series/input.h"
#include "series/lines.h"
#include "series/source.h"

/* "From SENDER DATE": five characters, a time h:mm with a year after it. As git's is_from_line. */
static bool is_from_line(const char *line, size_t len)
{
	if (len < 20 || memcmp(line, "From ", 5) != 0)
		return false;
	/* The last colon is the one before the seconds. */
	size_t colon = len - 2;
	while (colon > 9 && line[colon - 1] != ':')
		colon--;
	if (--colon < 9 || line[colon] != ':' || colon + 3 >= len)
		return false;
	const char *c = line + colon;
	if (!g_ascii_isdigit(c[-4]) || !g_ascii_isdigit(c[-2]) || !g_ascii_isdigit(c[-1]) ||
		!g_ascii_isdigit(c[1]) || !g_ascii_isdigit(c[2]))
		return false;
	unsigned year = 0;
	const char *p = c + 3, *end = line + len;
	while (p < end && *p == ' ')
		p++;
	for (; p < end && g_ascii_isdigit(*p) && year < 100000; p++)
		year = year * 10 + (unsigned)(*p - '0');
	return year > 90;
}

static span bytes_span(GBytes *b)
{
	gsize len;
	const char *at = g_bytes_get_data(b, &len);
	return (span){at ? at : "", len};
}

/* True when a mail begins with the line at `pos`. Behind a "From " line stand headers: where there
 * are none, somebody wrote such a line in a mail and nothing quoted it. */
static bool begins_mail(span text, gsize pos, span line)
{
	return line.at[0] == 'F' && is_from_line(line.at, line.len) &&
	       line_is_header(line_at(text, pos + line.len));
}

bool source_is_mbox(GBytes *text)
{
	span line = line_at(bytes_span(text), 0);
	return line.len && is_from_line(line.at, line.len);
}

/* public-inbox writes this sender, and quotes as mboxrd. */
static bool is_rd_mark(const char *line, size_t len)
{
	static const char mark[] = "From mboxrd@z ";
	return len > sizeof mark && !memcmp(line, mark, sizeof mark - 1);
}

/* A mail of a mailbox, read by any thread. */
typedef struct boxed_mail {
	GBytes *box;   /* borrowed */
	gsize at, end; /* its bytes there */
	unsigned line; /* of its first line there, from 1 */
	letter *letter;
	GError *error;
} boxed_mail;

static void boxed_mail_clear(gpointer data)
{
	boxed_mail *m = data;
	letter_free(m->letter);
	g_clear_error(&m->error);
}

/* Where the mails are. */
static bool find_mails(GArray *mails, GBytes *box, const char *name, GError **err)
{
	span text = bytes_span(box);
	gsize start = 0;
	unsigned number = 1;
	/* Empty lines in front are harmless; some exports have them. */
	for (; start < text.len && (text.at[start] == '\n' || text.at[start] == '\r'); start++)
		number += text.at[start] == '\n';
	for (gsize pos = start; pos < text.len; number++) {
		span line = line_at(text, pos);
		if (pos == start || begins_mail(text, pos, line)) {
			if (mails->len >= LIMIT_SERIES_PATCHES)
				return error_set(err, TRUCE_ERROR_LIMIT, "split the mailbox",
					"%s: more than %u mails", name, LIMIT_SERIES_PATCHES);
			if (mails->len)
				g_array_index(mails, boxed_mail, mails->len - 1).end = pos;
			boxed_mail m = {.box = box, .at = pos, .end = text.len, .line = number};
			g_array_append_val(mails, m);
		}
		pos += line.len;
	}
	return true;
}

typedef struct mail_reader {
	GArray *mails;
	const char *name; /* of the mailbox */
	gsize memory;	  /* atomic: that the diffs read so far take */
} mail_reader;

static bool is_too_much(mail_reader *r)
{
	return (gsize)g_atomic_pointer_get(&r->memory) > LIMIT_PARSED_BYTES;
}

/* `number` is the mail's, from 1: a pool takes no NULL. */
static void read_boxed(gpointer number, gpointer data)
{
	mail_reader *r = data;
	boxed_mail *m = &g_array_index(r->mails, boxed_mail, GPOINTER_TO_UINT(number) - 1);
	if (is_too_much(r))
		return;
	g_autoptr(GBytes) text = g_bytes_new_from_bytes(m->box, m->at, m->end - m->at);
	g_autofree char *label = g_strdup_printf("message %u", GPOINTER_TO_UINT(number));
	g_autofree char *where = g_strdup_printf("%s %s", r->name, label);
	bool rd = is_rd_mark(g_bytes_get_data(text, NULL), m->end - m->at);
	if (letter_read_mail(&m->letter, text, where, label, m->line, rd, &m->error) &&
		m->letter->diff)
		g_atomic_pointer_add(&r->memory, (gssize)m->letter->diff->memory);
}

/* A mail takes a tenth of a millisecond or two, a thread about as long to begin. */
#define MAILS_PER_THREAD 16u
#define MAIL_THREADS_MAX 8u

static void read_mails(mail_reader *r)
{
	unsigned threads = MIN(g_get_num_processors(), r->mails->len / MAILS_PER_THREAD);
	GThreadPool *pool = threads > 1 ? g_thread_pool_new(read_boxed, r,
						  (gint)MIN(threads, MAIL_THREADS_MAX), FALSE, NULL)
					: NULL;
	for (guint i = 1; i <= r->mails->len; i++) {
		if (pool)
			g_thread_pool_push(pool, GUINT_TO_POINTER(i), NULL);
		else
			read_boxed(GUINT_TO_POINTER(i), r);
	}
	if (pool)
		g_thread_pool_free(pool, FALSE, TRUE);
}

bool source_split_mbox(GPtrArray *letters, GBytes *box, const char *name, GError **err)
{
	g_autoptr(GArray) mails = g_array_new(FALSE, FALSE, sizeof(boxed_mail));
	g_array_set_clear_func(mails, boxed_mail_clear);
	if (!find_mails(mails, box, name, err))
		return false;
	mail_reader r = {mails, name, 0};
	read_mails(&r);
	if (is_too_much(&r))
		return error_set(err, TRUCE_ERROR_LIMIT, "split the mailbox",
			"%s: its patches take more than %zu bytes of memory", name,
			LIMIT_PARSED_BYTES);
	for (guint i = 0; i < mails->len; i++) {
		boxed_mail *m = &g_array_index(mails, boxed_mail, i);
		if (!m->letter) {
			g_propagate_error(err, g_steal_pointer(&m->error));
			return false;
		}
		m->letter->index = i;
		g_ptr_array_add(letters, g_steal_pointer(&m->letter));
	}
	return true;
}

static bool read_mbox(patch_list **out, const source *s, const source_context *c, GError **err)
{
	g_autoptr(GBytes) box = NULL;
	if (!source_text(&box, s, LIMIT_MAILBOX_BYTES, err))
		return false;
	g_autofree char *name = input_base_name(s->path);
	g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	if (!source_split_mbox(letters, box, name, err))
		return false;
	order_options options = {.version = s->version};
	return source_finish(out, letters, &options, false, s, c, err);
}

static bool digest_mbox(digest *d, const source *s, const source_context *c, GError **err)
{
	(void)c;
	(void)err;
	source_digest_raw(d, s, "");
	return true;
}

const source_kind source_mbox = {"mbox", read_mbox, digest_mbox, LIMIT_MAILBOX_BYTES};

/* A maildir's mails: every file of cur/ and new/. */
static bool list_maildir(GPtrArray **paths, const char *dir, GError **err)
{
	static const char *const folders[] = {"cur", "new"};
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
	bool found = false;
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(dir, folders[i], NULL);
		if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
			continue;
		found = true;
		g_autoptr(GPtrArray) names = NULL;
		if (!input_list(&names, folder, err))
			return false;
		for (guint k = 0; k < names->len; k++)
			g_ptr_array_add(all, g_build_filename(folders[i],
						     (char *)g_ptr_array_index(names, k), NULL));
	}
	if (!found)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"a maildir has the directories cur/ and new/", "%s: not a maildir", dir);
	*paths = g_steal_pointer(&all);
	return true;
}

/* File names of a maildir say nothing, so the date orders what has no number. */
static int by_date(gconstpointer a, gconstpointer b)
{
	const letter *l = *(letter *const *)a, *m = *(letter *const *)b;
	if (l->date != m->date)
		return l->date < m->date ? -1 : 1;
	return text_natural_compare(l->name, m->name);
}

static bool make_letter(letter **out, GBytes *text, const char *dir, const char *name, GError **err)
{
	(void)dir;
	return letter_read_mail(out, text, name, name, 1, false, err);
}

static bool read_maildir(patch_list **out, const source *s, const source_context *c, GError **err)
{
	g_autoptr(GPtrArray) names = NULL;
	if (!list_maildir(&names, s->path, err))
		return false;
	g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	if (!folder_read_letters(letters, s->path, names, make_letter, err))
		return false;
	g_ptr_array_sort(letters, by_date);
	for (guint i = 0; i < letters->len; i++)
		((letter *)g_ptr_array_index(letters, i))->index = i;
	order_options options = {.version = s->version};
	return source_finish(out, letters, &options, false, s, c, err);
}

static bool digest_maildir(digest *d, const source *s, const source_context *c, GError **err)
{
	(void)c;
	g_autoptr(GPtrArray) names = NULL;
	return list_maildir(&names, s->path, err) && folder_digest(d, s->path, names, err);
}

const source_kind source_maildir = {"maildir", read_maildir, digest_maildir, 0};
