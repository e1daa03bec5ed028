/* Copies of single functions.
 *
 * Lines shared with a file of the base lead to the few files worth a look; there every function is
 * compared by its runs of tokens. What both have must be most of both, and among what they share
 * must be lines that few files of the base have: idioms that every driver repeats prove nothing. */
#include "facts/function_copies.h"

#include <string.h>

#include "facts/functions.h"
#include "facts/line_table.h"
#include "facts/lines.h"

/* Shorter functions look alike by chance. */
#define LEAST_LINES 7u
#define LEAST_TOKENS 50u
/* Lines (in per cent) of a function that must be new for it to count as added. */
#define NEW_LINES 70u
/* Files of the base looked at closely for one function. */
#define CLOSE_LOOKS 8u
/* Lines that a file must share with a function to be looked at: in number, and in per cent. */
#define SHARED_LINES 4u
#define SHARED_PER_CENT 30u

/* What a copy must share with its origin, in per cent: runs of tokens of both together, and its
 * lines weighted by how rare they are in the base. From 200 random commits of Linux: idioms (a
 * notifier's switch, a serial driver's loop) share up to 61, or 53 under the same name; what shares
 * more is copied. */
typedef struct bar {
	unsigned runs, weighted;
} bar;
static const bar bar_named = {55, 15}; /* the names are the same */
static const bar bar_other = {62, 25};

typedef struct hit {
	guint file, lines;
} hit;

typedef struct wanted_function {
	const file_change *change;
	function_language language;
	GBytes *text;
	function_text place;
	char *name;
	GArray *lines, *runs; /* uint64_t, sorted */
	GArray *hits;	      /* hit */
	guint count;	      /* of the file that is being read */
} wanted_function;

/* A function of the base, as far as it was looked at. */
typedef struct base_function {
	function_text place;
	char *name;
	GArray *lines, *runs;
} base_function;

/* A file of the base that was looked at. */
typedef struct base_file {
	GPtrArray *functions; /* base_function * */
	GArray *lines;	      /* uint64_t, sorted: of all its functions, one as often as they are */
} base_file;

struct function_finder {
	repo *r;
	const series *s;
	GPtrArray *wanted;  /* wanted_function * */
	unsigned languages; /* of those wanted: bits, by function_language */
	line_table table;
	GArray *touched;   /* guint: scratch of function_finder_count */
	GHashTable *bases; /* index of a file -> base_file */
};

static void wanted_free(wanted_function *w)
{
	g_bytes_unref(w->text);
	g_free(w->name);
	g_array_unref(w->lines);
	g_array_unref(w->runs);
	g_array_unref(w->hits);
	g_free(w);
}

static void base_function_free(base_function *b)
{
	g_free(b->name);
	g_array_unref(b->lines);
	g_array_unref(b->runs);
	g_free(b);
}

static void base_file_free(base_file *b)
{
	g_ptr_array_unref(b->functions);
	g_array_unref(b->lines);
	g_free(b);
}

void function_finder_free(function_finder *f)
{
	if (!f)
		return;
	g_ptr_array_unref(f->wanted);
	line_table_clear(&f->table);
	g_array_unref(f->touched);
	g_hash_table_unref(f->bases);
	g_free(f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(function_finder, function_finder_free)

guint function_finder_length(const function_finder *f)
{
	return f->wanted->len;
}

bool function_finder_wants(const function_finder *f, const char *path)
{
	return f->languages & 1u << functions_language(path);
}

/* ---- what is new ---- */

static bool is_new(const file_change *c, const function_text *t)
{
	guint count = 0, all = t->end_line - t->line + 1;
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		unsigned first = MAX(h->new_start, t->line);
		unsigned end = MIN(h->new_start + h->new_count, t->end_line + 1);
		count += h->new_count && end > first ? end - first : 0;
	}
	return count * 100u >= all * NEW_LINES;
}

static const char *bytes_text(GBytes *bytes, gsize *len)
{
	const char *text = g_bytes_get_data(bytes, len);
	return text ? text : "";
}

/* The names of the functions that a file defines; none when it is not there. */
static bool names_of(
	repo *r, GHashTable **out, const char *path, const oid *blob, bool there, GError **err)
{
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GArray) functions = g_array_new(FALSE, FALSE, sizeof(function_text));
	g_autoptr(GBytes) bytes = NULL;
	if (there && !repo_read_blob(r, &bytes, blob, err))
		return false;
	gsize len = 0;
	const char *text = there ? bytes_text(bytes, &len) : "";
	functions_scan(functions, path, text, len);
	for (guint i = 0; i < functions->len; i++) {
		const function_text *t = &g_array_index(functions, function_text, i);
		g_hash_table_add(names, g_strndup(t->name, t->name_len));
	}
	*out = g_steal_pointer(&names);
	return true;
}

static GArray *hashes_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(uint64_t));
}

static void want(function_finder *f, const file_change *c, GBytes *text, const function_text *t)
{
	wanted_function *w = g_new0(wanted_function, 1);
	w->change = c;
	w->language = functions_language(c->path);
	w->text = g_bytes_ref(text);
	w->place = *t;
	w->name = g_strndup(t->name, t->name_len);
	w->lines = hashes_new();
	w->runs = hashes_new();
	w->hits = g_array_new(FALSE, FALSE, sizeof(hit));
	lines_read(w->lines, t->at, t->len);
	unsigned tokens = functions_runs(w->runs, c->path, t);
	if (w->lines->len < LEAST_LINES || tokens < LEAST_TOKENS) {
		wanted_free(w);
		return;
	}
	g_ptr_array_add(f->wanted, w);
	f->languages |= 1u << w->language;
}

static bool read_change(function_finder *f, const file_change *c, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GHashTable) before = NULL;
	g_autoptr(GArray) functions = g_array_new(FALSE, FALSE, sizeof(function_text));
	if (!repo_read_blob(f->r, &bytes, &c->new_oid, err) ||
		!names_of(f->r, &before, c->path, &c->old_oid, c->status == CHANGE_MODIFIED, err))
		return false;
	gsize len;
	const char *text = bytes_text(bytes, &len);
	functions_scan(functions, c->path, text, len);
	for (guint i = 0; i < functions->len; i++) {
		const function_text *t = &g_array_index(functions, function_text, i);
		g_autofree char *name = g_strndup(t->name, t->name_len);
		if (is_new(c, t) && !g_hash_table_contains(before, name))
			want(f, c, bytes, t);
	}
	return true;
}

static void index_lines(function_finder *f)
{
	size_t total = 0;
	for (guint i = 0; i < f->wanted->len; i++)
		total += ((const wanted_function *)g_ptr_array_index(f->wanted, i))->lines->len;
	line_table_init(&f->table, total);
	for (guint i = 0; i < f->wanted->len; i++) {
		const wanted_function *w = g_ptr_array_index(f->wanted, i);
		for (guint k = 0; k < w->lines->len; k++)
			line_table_add(&f->table, g_array_index(w->lines, uint64_t, k), i);
	}
}

bool function_finder_new(function_finder **out, repo *r, const series *s, GError **err)
{
	g_autoptr(function_finder) f = g_new0(function_finder, 1);
	f->r = r;
	f->s = s;
	f->wanted = g_ptr_array_new_with_free_func((GDestroyNotify)wanted_free);
	f->touched = g_array_new(FALSE, FALSE, sizeof(guint));
	f->bases = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)base_file_free);
	for (guint i = 0; i < s->changes->len; i++) {
		const file_change *c = g_ptr_array_index(s->changes, i);
		if (functions_language(c->path) != FUNCTIONS_NONE && !c->binary &&
			(c->new_mode & 0170000) == 0100000 &&
			(c->status == CHANGE_ADDED || c->status == CHANGE_MODIFIED) &&
			!read_change(f, c, err))
			return false;
	}
	index_lines(f);
	*out = g_steal_pointer(&f);
	return true;
}

/* ---- where it may come from ---- */

void function_finder_count(function_finder *f, guint index, const char *path, const GArray *lines)
{
	function_language language = functions_language(path);
	g_array_set_size(f->touched, 0);
	for (guint k = 0; function_finder_wants(f, path) && k < lines->len; k++) {
		const GArray *owners =
			line_table_meet(&f->table, g_array_index(lines, uint64_t, k), index);
		for (guint i = 0; owners && i < owners->len; i++) {
			guint owner = g_array_index(owners, guint, i);
			wanted_function *w = g_ptr_array_index(f->wanted, owner);
			if (!w->count++)
				g_array_append_val(f->touched, owner);
		}
	}
	for (guint i = 0; i < f->touched->len; i++) {
		wanted_function *w =
			g_ptr_array_index(f->wanted, g_array_index(f->touched, guint, i));
		hit h = {index, w->count};
		w->count = 0;
		if (w->language == language && h.lines >= SHARED_LINES &&
			h.lines * 100u >= w->lines->len * SHARED_PER_CENT)
			g_array_append_val(w->hits, h);
	}
}

/* ---- judging ---- */

static unsigned common(const GArray *a, const GArray *b)
{
	unsigned count = 0;
	for (guint i = 0, k = 0; i < a->len && k < b->len;) {
		uint64_t x = g_array_index(a, uint64_t, i), y = g_array_index(b, uint64_t, k);
		count += x == y;
		i += x <= y;
		k += y <= x;
	}
	return count;
}

static base_function *base_function_new(const char *path, const function_text *t)
{
	base_function *b = g_new0(base_function, 1);
	b->place = *t;
	b->name = g_strndup(t->name, t->name_len);
	b->lines = hashes_new();
	b->runs = hashes_new();
	lines_read(b->lines, t->at, t->len);
	functions_runs(b->runs, path, t);
	return b;
}

static gint compare_hashes(gconstpointer va, gconstpointer vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;
	return (a > b) - (a < b);
}

static const base_file *look_at(
	function_finder *f, const function_file *file, guint index, GError **err)
{
	base_file *known = g_hash_table_lookup(f->bases, GUINT_TO_POINTER(index));
	if (known)
		return known;
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_blob(f->r, &bytes, &file->blob, err))
		return NULL;
	g_autoptr(GArray) functions = g_array_new(FALSE, FALSE, sizeof(function_text));
	gsize len;
	const char *text = bytes_text(bytes, &len);
	functions_scan(functions, file->path, text, len);
	known = g_new0(base_file, 1);
	known->functions = g_ptr_array_new_with_free_func((GDestroyNotify)base_function_free);
	known->lines = hashes_new();
	for (guint i = 0; i < functions->len; i++) {
		base_function *b =
			base_function_new(file->path, &g_array_index(functions, function_text, i));
		g_ptr_array_add(known->functions, b);
		g_array_append_vals(known->lines, b->lines->data, b->lines->len);
	}
	g_array_sort(known->lines, compare_hashes);
	g_hash_table_insert(f->bases, GUINT_TO_POINTER(index), known);
	return known;
}

/* How many functions of the file have the line. */
static guint functions_with(const base_file *file, uint64_t line)
{
	guint first = 0, end = file->lines->len, count = 0;
	while (first < end) {
		guint middle = first + (end - first) / 2;
		if (g_array_index(file->lines, uint64_t, middle) < line)
			first = middle + 1;
		else
			end = middle;
	}
	while (first + count < file->lines->len &&
		g_array_index(file->lines, uint64_t, first + count) == line)
		count++;
	return count;
}

/* Shared lines by how rare they are in the base, in per cent of all of the function's. What many
 * functions of the one file have is a frame, as what many files have is an idiom. */
static unsigned weighted_lines(const function_finder *f, const wanted_function *w,
	const base_file *file, const base_function *b)
{
	double shared = 0, total = 0;
	for (guint i = 0; i < w->lines->len; i++) {
		uint64_t line = g_array_index(w->lines, uint64_t, i);
		guint files = line_table_find(&f->table, line)->files;
		guint frames = functions_with(file, line);
		double weight = 1.0 / MAX(MAX(files, frames), 1u);
		total += weight;
		shared += lines_have(b->lines, line) ? weight : 0;
	}
	return total > 0 ? (unsigned)(100 * shared / total) : 0;
}

/* How like it is, 0 when it is no copy. */
static unsigned likeness(const function_finder *f, const wanted_function *w, const base_file *file,
	const base_function *b)
{
	unsigned both = w->runs->len + b->runs->len;
	unsigned runs = both ? 200u * common(w->runs, b->runs) / both : 0;
	const bar *least = strcmp(w->name, b->name) ? &bar_other : &bar_named;
	if (runs < least->runs || weighted_lines(f, w, file, b) < least->weighted)
		return 0;
	return runs;
}

static unsigned common_folders(const char *a, const char *b)
{
	unsigned count = 0;
	for (; *a && *a == *b; a++, b++)
		count += *a == '/';
	return count;
}

static gint most_lines_first(gconstpointer va, gconstpointer vb)
{
	const hit *a = va, *b = vb;
	if (a->lines != b->lines)
		return a->lines > b->lines ? -1 : 1;
	return a->file < b->file ? -1 : a->file > b->file;
}

/* Is the function told against the origin of its file already? */
static bool told_by_file(function_finder *f, const touch_set *touches, const wanted_function *w,
	GHashTable *origins, GError **err)
{
	const char *origin = touch_set_origin(touches, w->change->path);
	tree_entry entry;
	if (!origin || !repo_lookup(f->r, &f->s->base_tree, origin, &entry, NULL))
		return false;
	GHashTable *names = g_hash_table_lookup(origins, origin);
	if (!names) {
		if (!names_of(f->r, &names, origin, &entry.id, true, err))
			return false;
		g_hash_table_insert(origins, (gpointer)origin, names);
	}
	return g_hash_table_contains(names, w->name);
}

typedef struct best_match {
	const base_function *function;
	guint file;
	unsigned likeness, nearness;
} best_match;

/* The same name, then the nearest file, breaks ties: much code of the base is itself a copy. */
static void judge_file(const function_finder *f, const wanted_function *w, const base_file *known,
	const function_file *file, guint index, best_match *best)
{
	for (guint i = 0; i < known->functions->len; i++) {
		const base_function *b = g_ptr_array_index(known->functions, i);
		unsigned like = likeness(f, w, known, b);
		unsigned nearness = 2 * common_folders(w->change->path, file->path) +
				    100 * !strcmp(w->name, b->name);
		if (like > best->likeness ||
			(like && like == best->likeness && nearness > best->nearness))
			*best = (best_match){b, index, like, nearness};
	}
}

static bool judge(function_finder *f, touch_set *touches, wanted_function *w, const GArray *files,
	GError **err)
{
	best_match best = {0};
	g_array_sort(w->hits, most_lines_first);
	for (guint i = 0; i < w->hits->len && i < CLOSE_LOOKS; i++) {
		guint index = g_array_index(w->hits, hit, i).file;
		const function_file *file = &g_array_index(files, function_file, index);
		const base_file *known = look_at(f, file, index, err);
		if (!known)
			return false;
		judge_file(f, w, known, file, index, &best);
	}
	if (!best.function)
		return true;
	const function_file *file = &g_array_index(files, function_file, best.file);
	function_copy copy = {touch_set_string(touches, w->change->path),
		touch_set_string(touches, w->name), w->place.line, w->place.end_line,
		touch_set_string(touches, file->path),
		touch_set_string(touches, best.function->name), best.function->place.line,
		best.function->place.end_line, MIN(best.likeness, 100u)};
	g_array_append_val(touches->functions, copy);
	return true;
}

static gint compare_copies(gconstpointer va, gconstpointer vb)
{
	const function_copy *a = va, *b = vb;
	int order = strcmp(a->path, b->path);
	return order ? order : (a->line > b->line) - (a->line < b->line);
}

bool function_finder_judge(
	function_finder *f, touch_set *touches, const GArray *files, GError **err)
{
	g_autoptr(GHashTable) origins = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_hash_table_unref);
	for (guint i = 0; i < f->wanted->len; i++) {
		wanted_function *w = g_ptr_array_index(f->wanted, i);
		GError *failure = NULL;
		bool told = told_by_file(f, touches, w, origins, &failure);
		if (failure) {
			g_propagate_error(err, failure);
			return false;
		}
		if (!told && !judge(f, touches, w, files, err))
			return false;
	}
	g_array_sort(touches->functions, compare_copies);
	return true;
}
