/* git's patch id (builtin/patch-id.c, --stable): each file's diff is hashed without white space,
 * line numbers and index lines, and the digests are added up, so that file order does not count. */
#include "series/patch_id.h"

#include <nettle/sha1.h>
#include <string.h>

#include "base/text.h"

#define SHA1_BYTES 20
#define CONTEXT_LINES 3u

typedef struct patch_id {
	guint8 sum[SHA1_BYTES];
	struct sha1_ctx file; /* the file being hashed */
	guint8 block[4096];   /* what is next to go into it */
	size_t used;	      /* of block */
	gsize length;	      /* of everything hashed, the block left out */
	gsize flushed;	      /* of what is in the sum already */
} patch_id;

static void id_init(patch_id *id)
{
	memset(id, 0, sizeof *id);
	sha1_init(&id->file);
}

static void id_drain(patch_id *id)
{
	sha1_update(&id->file, id->used, id->block);
	id->length += id->used;
	id->used = 0;
}

/* git's isspace: blank, tab, newline, carriage return. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void id_add(patch_id *id, const char *text, size_t len)
{
	while (len) {
		if (id->used == sizeof id->block)
			id_drain(id);
		size_t part = MIN(len, sizeof id->block - id->used);
		guint8 *to = id->block + id->used;
		/* Without a branch: white space comes where no processor expects it. */
		for (size_t i = 0; i < part; i++) {
			*to = (guint8)text[i];
			to += !is_space(text[i]);
		}
		id->used = (size_t)(to - id->block);
		text += part;
		len -= part;
	}
}

static void id_add_line(patch_id *id, char sign, const char *text, size_t len)
{
	id_add(id, &sign, 1);
	id_add(id, text, len);
}

static void id_addf(patch_id *id, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static void id_addf(patch_id *id, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	id_add(id, text, strlen(text));
}

/* git's flush_one_hunk: a sum with carry over the bytes, lowest first. */
static void id_flush(patch_id *id)
{
	guint8 digest[SHA1_BYTES];
	id_drain(id);
	sha1_digest(&id->file, SHA1_BYTES, digest); /* starts anew, too */
	id->flushed = id->length;
	unsigned carry = 0;
	for (unsigned i = 0; i < SHA1_BYTES; i++) {
		carry += id->sum[i] + digest[i];
		id->sum[i] = (guint8)carry;
		carry >>= 8;
	}
}

static char *id_finish(patch_id *id)
{
	if (id->length + id->used > id->flushed)
		id_flush(id);
	if (!id->length)
		return NULL;
	oid sum;
	char hex[OID_HEX + 1];
	memcpy(sum.bytes, id->sum, SHA1_BYTES);
	return g_strdup(oid_format(hex, &sum));
}

/* The header lines that git diff writes, whatever way the source wrote them. */
static void add_header(patch_id *id, const patch_file *f, bool has_text)
{
	const char *old_path = f->old_path ? f->old_path : f->new_path;
	const char *new_path = f->new_path ? f->new_path : f->old_path;
	id_addf(id, "diff --git a/%s b/%s\n", old_path, new_path);
	if (f->change == PATCH_ADD)
		id_addf(id, "new file mode %06o\n", f->new_mode ? f->new_mode : 0100644);
	else if (f->change == PATCH_DELETE)
		id_addf(id, "deleted file mode %06o\n", f->old_mode ? f->old_mode : 0100644);
	else if (f->old_mode != f->new_mode && f->old_mode && f->new_mode)
		id_addf(id, "old mode %06o\nnew mode %06o\n", f->old_mode, f->new_mode);
	if (f->change == PATCH_RENAME || f->change == PATCH_COPY) {
		const char *verb = f->change == PATCH_RENAME ? "rename" : "copy";
		if (f->similarity >= 0)
			id_addf(id, "similarity index %d%%\n", f->similarity);
		id_addf(id, "%s from %s\n%s to %s\n", verb, old_path, verb, new_path);
	}
	if (!has_text)
		return;
	if (f->change == PATCH_ADD)
		id_addf(id, "--- /dev/null\n+++ b/%s\n", new_path);
	else if (f->change == PATCH_DELETE)
		id_addf(id, "--- a/%s\n+++ /dev/null\n", old_path);
	else
		id_addf(id, "--- a/%s\n+++ b/%s\n", old_path, new_path);
}

char *patch_id_of_diff(const patch *p)
{
	patch_id id;
	id_init(&id);
	for (guint i = 0; i < p->files->len; i++) {
		const patch_file *f = g_ptr_array_index(p->files, i);
		if (f->forward.kind != PATCH_BINARY_NONE)
			return NULL;
		add_header(&id, f, f->hunks->len);
		for (guint k = 0; k < f->hunks->len; k++) {
			const hunk *h = g_ptr_array_index(f->hunks, k);
			for (guint n = 0; n < h->lines->len; n++) {
				const hunk_line *line = &g_array_index(h->lines, hunk_line, n);
				id_add_line(&id, (char)line->kind, line->text.at, line->text.len);
			}
		}
		/* git goes on without a break after a file without hunks. */
		if (f->hunks->len)
			id_flush(&id);
	}
	return id_finish(&id);
}

/* One changed file of two trees: what a patch_file would say. */
static void header_of_change(patch_file *f, const file_change *c)
{
	f->change = c->status == CHANGE_ADDED	  ? PATCH_ADD
		    : c->status == CHANGE_DELETED ? PATCH_DELETE
						  : PATCH_MODIFY;
	f->old_path = c->status == CHANGE_ADDED ? NULL : c->path;
	f->new_path = c->status == CHANGE_DELETED ? NULL : c->path;
	f->old_mode = c->old_mode;
	f->new_mode = c->new_mode;
	f->similarity = -1;
}

static void add_lines(patch_id *id, char sign, const line_index *text, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		span line = line_index_get(text, i);
		id_add_line(id, sign, line.at, line.len);
	}
}

/* Hunks with their context, neighbours joined as git joins them. */
static void add_hunks(
	patch_id *id, const GArray *hunks, const line_index *old_text, const line_index *new_text)
{
	size_t shown = 0; /* old lines up to here are hashed */
	for (guint i = 0; i < hunks->len; i++) {
		const change_hunk *h = &g_array_index(hunks, change_hunk, i);
		size_t at = h->old_count ? h->old_start - 1 : h->old_start; /* lines before it */
		size_t from = at > CONTEXT_LINES ? at - CONTEXT_LINES : 0;
		if (i && from < shown)
			from = shown;
		add_lines(id, ' ', old_text, from + 1, at - from);
		add_lines(id, '-', old_text, at + 1, h->old_count);
		add_lines(id, '+', new_text, h->new_start, h->new_count);
		size_t after = at + h->old_count, last = after + CONTEXT_LINES;
		if (i + 1 < hunks->len) {
			const change_hunk *next = &g_array_index(hunks, change_hunk, i + 1);
			last = MIN(last, next->old_count ? next->old_start - 1 : next->old_start);
		}
		last = MIN(last, old_text->count);
		add_lines(id, ' ', old_text, after + 1, last - after);
		shown = last;
	}
}

static bool read_side(repo *r, GBytes **out, unsigned mode, const oid *id, GError **err)
{
	char hex[OID_HEX + 1];
	if (!mode) {
		*out = g_bytes_new_static("", 0);
		return true;
	}
	if (mode != 0160000)
		return repo_read_blob(r, out, id, err);
	char *line = g_strdup_printf("Subproject commit %s\n", oid_format(hex, id));
	*out = g_bytes_new_take(line, strlen(line));
	return true;
}

static bool add_change(patch_id *id, repo *r, const file_change *c, GError **err)
{
	patch_file header = {0};
	g_autoptr(GBytes) old_bytes = NULL;
	g_autoptr(GBytes) new_bytes = NULL;
	header_of_change(&header, c);
	add_header(id, &header, c->hunks->len);
	if (!c->hunks->len)
		return true;
	if (!read_side(r, &old_bytes, c->old_mode, &c->old_oid, err) ||
		!read_side(r, &new_bytes, c->new_mode, &c->new_oid, err))
		return false;
	line_index old_text, new_text;
	size_t size;
	const char *data = g_bytes_get_data(old_bytes, &size);
	line_index_init(&old_text, data ? data : "", size);
	data = g_bytes_get_data(new_bytes, &size);
	line_index_init(&new_text, data ? data : "", size);
	add_hunks(id, c->hunks, &old_text, &new_text);
	line_index_clear(&old_text);
	line_index_clear(&new_text);
	id_flush(id);
	return true;
}

bool patch_id_of_trees(char **out, repo *r, const oid *old_tree, const oid *new_tree, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	patch_id id;
	if (!repo_diff(r, &changes, old_tree, new_tree, err))
		return false;
	*out = NULL;
	id_init(&id);
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (c->binary || c->status == CHANGE_TYPE)
			return true;
		if (!add_change(&id, r, c, err))
			return false;
	}
	*out = id_finish(&id);
	return true;
}
