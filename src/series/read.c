/* From a SPEC to patches: which source it is, and reading it. */
#include "series/read.h"

#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "series/input.h"
#include "series/source.h"

/* Raise it when readers make other patches of the same bytes: it is part of every digest. */
#define READER_VERSION 1u
/* How much of a file is looked at to tell what it is. */
#define SNIFF_FILES 50u
#define SNIFF_BYTES ((size_t)256 << 10)

static const source_kind *const kinds[] = {&source_mbox, &source_maildir, &source_quilt,
	&source_patches, &source_diff, &source_overlay};

static void source_clear(source *s)
{
	g_free(s->path);
	g_free(s->prefix);
	g_free(s->from);
	g_free(s->to);
	g_clear_pointer(&s->raw, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(source, source_clear)

static bool path_exists(const char *path)
{
	struct stat st;
	return !lstat(path, &st);
}

/* "PATH=>PREFIX" of an overlay. */
static void split_prefix(source *s)
{
	char *arrow = strstr(s->path, "=>");
	g_free(s->prefix);
	s->prefix = g_strdup(arrow ? arrow + 2 : "");
	if (arrow)
		*arrow = '\0';
	size_t n = strlen(s->prefix);
	while (n && s->prefix[n - 1] == '/')
		s->prefix[--n] = '\0';
	n = strlen(s->path);
	while (n > 1 && s->path[n - 1] == '/')
		s->path[--n] = '\0';
}

/* "box.mbox@v2": the revision wanted. A file of that very name is taken as it is. */
static void split_version(source *s)
{
	char *at = strrchr(s->path, '@');
	if (!at || at[1] != 'v' || !g_ascii_isdigit(at[2]) || path_exists(s->path))
		return;
	if (at[2 + strspn(at + 2, "0123456789")])
		return;
	s->version = (unsigned)CLAMP(g_ascii_strtoull(at + 2, NULL, 10), 1, 100000);
	*at = '\0';
}

static bool has_entry(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	return path_exists(path);
}

/* True when the first files of the directory are patches. */
static bool holds_patches(const char *dir)
{
	g_autoptr(GPtrArray) names = NULL;
	if (!input_list(&names, dir, NULL))
		return false;
	for (guint i = 0; i < names->len && i < SNIFF_FILES; i++) {
		g_autofree char *path = g_build_filename(dir, g_ptr_array_index(names, i), NULL);
		g_autoptr(GBytes) text = NULL;
		if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
			!input_read_head(&text, path, SNIFF_BYTES, NULL))
			continue;
		g_autoptr(letter) l = letter_read_file(text, "", "");
		if (l->has_diff)
			return true;
	}
	return false;
}

static const source_kind *sniff_directory(const source *s)
{
	if (strstr(s->spec, "=>"))
		return &source_overlay;
	if (has_entry(s->path, "cur") && has_entry(s->path, "new"))
		return &source_maildir;
	g_autofree char *nested = g_build_filename(s->path, "patches", NULL);
	if (has_entry(s->path, "series") || has_entry(nested, "series"))
		return &source_quilt;
	return holds_patches(s->path) ? &source_patches : &source_overlay;
}

static bool sniff_path(const source_kind **kind, const source *s, GError **err)
{
	if (g_file_test(s->path, G_FILE_TEST_IS_DIR)) {
		*kind = sniff_directory(s);
		return true;
	}
	g_autoptr(GBytes) text = NULL;
	if (!input_read_head(&text, s->path, SNIFF_BYTES, err))
		return false;
	*kind = source_is_mbox(text) || letter_is_mail(text) ? &source_mbox : &source_diff;
	return true;
}

static bool split_range(source *s, const char *spec, GError **err)
{
	const char *dots = strstr(spec, "..");
	if (!dots)
		return false;
	if (dots[2] == '.')
		return error_set(err, TRUCE_ERROR_USAGE,
			"write A..B: the commits of B that A lacks",
			"%s: a symmetric range is no series", spec);
	s->from = dots > spec ? g_strndup(spec, (gsize)(dots - spec)) : g_strdup("HEAD");
	s->to = g_strdup(dots[2] ? dots + 2 : "HEAD");
	return true;
}

/* Tells the kind of a SPEC without a known word in front: what exists as a file, else a revision.
 */
static bool parse_bare(const source_kind **kind, source *s, const source_context *c, GError **err)
{
	s->path = g_strdup(s->spec);
	split_prefix(s);
	split_version(s);
	bool path = path_exists(s->path);
	oid id;
	if (path && !strchr(s->spec, '/') && c->repo && repo_resolve(c->repo, &id, s->spec, NULL))
		return error_set(err, TRUCE_ERROR_USAGE,
			"write ./NAME for the file, or refs/heads/NAME for the branch",
			"'%s' is both a file and a revision", s->spec);
	if (path)
		return sniff_path(kind, s, err);
	if (strstr(s->spec, "..")) {
		*kind = &source_range;
		return split_range(s, s->spec, err);
	}
	*kind = &source_ref;
	s->to = g_strdup(s->spec);
	if (!c->repo || !repo_resolve(c->repo, &id, s->spec, NULL))
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"a series is A..B, REF, mbox:PATH, maildir:DIR, quilt:DIR, patches:DIR, "
			"diff:PATH, overlay:DIR or a path",
			"'%s' is neither a file nor a revision", s->spec);
	return true;
}

static bool parse(const source_kind **kind, source *s, const char *spec, const source_context *c,
	GError **err)
{
	*s = (source){.spec = spec};
	if (!*spec)
		return error_set(err, TRUCE_ERROR_USAGE,
			"a series is a SPEC: `truce help series add`",
			"the series is an empty word");
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		size_t n = strlen(kinds[i]->name);
		if (strncmp(spec, kinds[i]->name, n) != 0 || spec[n] != ':')
			continue;
		*kind = kinds[i];
		s->path = g_strdup(spec + n + 1);
		if (*kind == &source_overlay)
			split_prefix(s);
		else
			split_version(s);
		return *s->path || error_set(err, TRUCE_ERROR_USAGE,
					   "write the path behind the colon; . is the current "
					   "directory",
					   "'%s' names no path", spec);
	}
	return parse_bare(kind, s, c, err);
}

/* A SPEC, what kind it is, and its bytes when they are one file's. */
typedef struct opened {
	source source;
	const source_kind *kind;
	source_context context;
} opened;

static void opened_clear(opened *o)
{
	source_clear(&o->source);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(opened, opened_clear)

static bool open_source(opened *o, repo *r, const char *spec, const oid *base, GError **err)
{
	*o = (opened){.context = {r, base}};
	return parse(&o->kind, &o->source, spec, &o->context, err) &&
	       (!o->kind->file_limit ||
		       input_read_raw(&o->source.raw, o->source.path, o->kind->file_limit, err));
}

static bool make_digest(char **out, const opened *o, GError **err)
{
	g_auto(digest) d;
	digest_init(&d);
	digest_add_number(&d, READER_VERSION);
	digest_add_text(&d, o->source.spec);
	/* The base decides which leading directories are stripped. */
	if (o->context.base)
		digest_add(&d, o->context.base->bytes, sizeof o->context.base->bytes);
	if (!o->kind->digest(&d, &o->source, &o->context, err))
		return false;
	*out = digest_hex(&d);
	return true;
}

static bool read_opened(patch_list **out, const opened *o, GError **err)
{
	return o->kind->read(out, &o->source, &o->context, err);
}

bool series_read(patch_list **out, repo *r, const char *spec, const oid *base, GError **err)
{
	g_auto(opened) o = {0};
	return open_source(&o, r, spec, base, err) && read_opened(out, &o, err);
}

bool series_digest(char **out, repo *r, const char *spec, const oid *base, GError **err)
{
	g_auto(opened) o = {0};
	return open_source(&o, r, spec, base, err) && make_digest(out, &o, err);
}

/* On a thread of its own, for one file: neither the repository nor an error is asked of it. */
static gpointer digest_file(gpointer data)
{
	char *made = NULL;
	(void)make_digest(&made, data, NULL);
	return made;
}

bool series_read_digested(
	patch_list **out, char **hex, repo *r, const char *spec, const oid *base, GError **err)
{
	g_auto(opened) o = {0};
	if (!open_source(&o, r, spec, base, err))
		return false;
	/* What is many files is digested first: a change that comes in between is seen next time.
	 */
	if (!o.kind->file_limit)
		return make_digest(hex, &o, err) && read_opened(out, &o, err);
	GThread *other = g_thread_new("truce-digest", digest_file, &o);
	bool ok = read_opened(out, &o, err);
	g_autofree char *made = g_thread_join(other);
	if (ok)
		*hex = g_steal_pointer(&made);
	return ok;
}

bool source_text(GBytes **out, const source *s, size_t limit, GError **err)
{
	return input_unpack(out, s->raw, s->path, limit, err);
}

void source_digest_raw(digest *d, const source *s, const char *name)
{
	gsize len;
	const void *data = g_bytes_get_data(s->raw, &len);
	digest_add_text(d, name);
	digest_add(d, data, len);
}

bool source_digest_file(digest *d, const char *path, const char *name, size_t limit, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!input_read_raw(&bytes, path, limit, err))
		return false;
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);
	digest_add_text(d, name);
	digest_add(d, data, len);
	return true;
}

static gpointer posting_key(const letter *l)
{
	/* Both are at most 100,000 (subject.c). */
	return GSIZE_TO_POINTER((gsize)l->patch->total << 20 | l->patch->version);
}

/* The cover letter of the patches that were chosen, not that of a revision left out. */
static const letter *find_cover(GPtrArray *letters, GPtrArray *chosen)
{
	g_autoptr(GHashTable) postings = g_hash_table_new(NULL, NULL);
	for (guint k = 0; k < chosen->len; k++) {
		const letter *c = g_ptr_array_index(chosen, k);
		if (c->numbered)
			g_hash_table_add(postings, posting_key(c));
	}
	for (guint i = 0; i < letters->len; i++) {
		const letter *l = g_ptr_array_index(letters, i);
		if (!l->reply && l->numbered && !l->patch->number &&
			g_hash_table_contains(postings, posting_key(l)))
			return l;
	}
	return NULL;
}

/* What a cover letter says about the whole series: to the list, and what a list has no place for to
 * the first patch. */
static void take_cover(patch_list *list, const patch *cover)
{
	patch *first = g_ptr_array_index(list->patches, 0);
	if (cover->base_commit) {
		g_free(list->base_hint);
		list->base_hint = g_strdup(cover->base_commit);
	}
	for (guint i = 0; i < list->patches->len; i++) {
		patch *p = g_ptr_array_index(list->patches, i);
		if (!p->change_id)
			p->change_id = g_strdup(cover->change_id);
	}
	for (guint i = 0; i < cover->prerequisites->len; i++)
		g_ptr_array_add(
			first->prerequisites, g_strdup(g_ptr_array_index(cover->prerequisites, i)));
}

bool source_finish(patch_list **out, GPtrArray *letters, const order_options *options,
	bool remove_empty, const source *s, const source_context *c, GError **err)
{
	g_autoptr(patch_list) list = patch_list_new();
	g_autoptr(GPtrArray) chosen = NULL;
	if (!order_letters(&chosen, letters, options, list->notes, err)) {
		error_prefix(err, "%s", s->spec);
		return false;
	}
	if (!chosen->len)
		return error_set(err, TRUCE_ERROR_INPUT,
			"truce reads unified diffs, bare or in mails",
			"%s: there is no patch in it", s->spec);
	oid tree;
	bool known = c->repo && c->base;
	if (known && !repo_commit_tree(c->repo, &tree, c->base, err))
		return false;
	g_auto(diff_place_state) place;
	diff_place_init(&place, c->repo, known ? &tree : NULL);
	place.remove_empty = remove_empty;
	const letter *cover = find_cover(letters, chosen);
	for (guint i = 0; i < chosen->len; i++) {
		letter *l = g_ptr_array_index(chosen, i);
		if (l->error) {
			g_propagate_error(err, g_steal_pointer(&l->error));
			return false;
		}
		for (guint k = 0; k < l->diff->notes->len; k++)
			g_ptr_array_add(
				list->notes, g_strdup(g_ptr_array_index(l->diff->notes, k)));
		if (!diff_place(l->patch, l->diff, l->strip, l->reverse, &place, err))
			return false;
		if (!list->base_hint && l->patch->base_commit)
			list->base_hint = g_strdup(l->patch->base_commit);
		g_ptr_array_add(list->patches, g_steal_pointer(&l->patch));
	}
	if (cover)
		take_cover(list, cover->patch);
	*out = g_steal_pointer(&list);
	return true;
}
