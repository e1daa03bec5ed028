/* Shadow copies: added files that are changed copies of a file of the base.
 *
 * What counts is lines shared: those of the copy that stand in a file of the base and that the
 * series takes away nowhere (then they were moved, not copied), each weighted by how rare it is in
 * the base, so that licences and lists of includes prove nothing. Names are a hint
 * that lowers the bar: the same name in a folder that the copy's folder extends
 * (include/asm/mach-v/io.h beside include/asm/io.h), or a name that extends the other
 * (traps-v.c beside traps.c). */
#include "facts/touches.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/limits.h"
#include "facts/function_copies.h"
#include "facts/line_table.h"
#include "facts/lines.h"
#include "model/assembly_habits.h"

/* Files of the base looked at closely for one added file, besides those its name points to. */
#define CLOSE_LOOKS 4u
/* Texts up to this many significant lines are too short for lines to tell. */
#define SHORT_LINES 12u
/* Runs that a short text needs to be told from others: a line or two. */
#define SHORT_RUNS 24u
/* Bytes of a short text: 12 lines with their comments. */
#define SHORT_BYTES 2000u
/* Files whose names hint at one added file, looked at closely: io.h, setup.c are in every
 * architecture. The nearest in the tree come first. */
#define NAMED_LIMIT 24u

/* How far a name speaks for a copy. */
typedef enum name_hint {
	HINT_NONE,
	HINT_NAME,     /* the same name, or one that extends the other, anywhere */
	HINT_BESIDE,   /* the same name in a neighbouring folder */
	HINT_EXTENDED, /* an extended name in the same folder; parts of one thing have such too */
	HINT_PLACE,    /* the same name in an outer folder, or in the folder for all that have none
			* of their own */
} name_hint;

/* What must be shared for a hint, in per cent of the copy's lines: plainly counted, and weighted.
 * From the 2006 case: true copies under HINT_EXTENDED share 37 per cent at the least, without
 * any hint 37 (weighted 24); other added files of both series under 39 (weighted 17). From 200
 * commits: a part of something shares 21 with the whole (trace_irqsoff.c with trace.c). */
typedef struct bar {
	unsigned plain, weighted, lines;
} bar;
static const bar bars[] = {
	[HINT_NONE] = {35, 22, 20},
	[HINT_NAME] = {40, 20, 10},
	[HINT_BESIDE] = {40, 20, 3},
	[HINT_EXTENDED] = {30, 15, 3},
	[HINT_PLACE] = {15, 8, 1},
};
/* Fewer lines do when most of the file is made of them. */
static const bar bar_of_few = {60, 50, 8};
/* A file that shares so many of its lines, in per cent, is a copy whatever they are. */
#define WHOLE_FILE 90u
/* Short texts by likeness, in per cent. */
static const unsigned short_bars[] = {[HINT_NONE] = 85,
	[HINT_NAME] = 75,
	[HINT_BESIDE] = 60,
	[HINT_EXTENDED] = 50,
	[HINT_PLACE] = 50};

typedef struct base_file {
	char *path;
	oid blob;
	unsigned lines;
} base_file;

typedef struct hit {
	guint file;  /* index into finder.files */
	guint lines; /* shared */
} hit;

typedef struct candidate {
	const file_change *change;
	GBytes *text;
	GArray *lines; /* uint64_t, sorted */
	GArray *code;  /* those of them that do something (lines_read_code) */
	GArray *hits;  /* hit */
	GArray *runs;  /* a short text: its runs of three characters; else NULL */
	guint count;   /* of the file that is being read */
	guint best;    /* file, G_MAXUINT when none */
	unsigned similarity;
	double score;
} candidate;

typedef struct finder {
	repo *r;
	const series *s;
	GArray *files;	   /* base_file */
	GHashTable *names; /* basename -> GArray of guint: files */
	GArray *moved;	   /* uint64_t, sorted */
	GPtrArray *candidates;
	line_table table;	    /* of the candidates' lines */
	function_finder *functions; /* copies of single functions */
	GError **err;
} finder;

static void candidate_free(candidate *c)
{
	g_bytes_unref(c->text);
	g_array_unref(c->lines);
	g_array_unref(c->code);
	g_array_unref(c->hits);
	if (c->runs)
		g_array_unref(c->runs);
	g_free(c);
}

static void clear_file(gpointer data)
{
	g_free(((base_file *)data)->path);
}

static bool is_regular(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const char *extension(const char *path)
{
	const char *dot = strrchr(base_name(path), '.');
	return dot ? dot : "";
}

/* Files whose copies matter: code, and what is built like it. */
static bool is_code(const char *path)
{
	static const char *const endings[] = {".c", ".h", ".S", ".s", ".lds"};
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (!strcmp(extension(path), endings[i]))
			return true;
	return false;
}

/* ---- names ---- */

static size_t stem_length(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

/* "traps-v.c" extends "traps.c": the stem goes on behind a '-' or '_'; or "v_traps.c". */
static bool extends_name(const char *longer, const char *name)
{
	size_t a = stem_length(longer), b = stem_length(name);
	if (a <= b + 1 || b < 3 || strcmp(longer + a, name + b))
		return false;
	if (!strncmp(longer, name, b) && (longer[b] == '-' || longer[b] == '_'))
		return true;
	return !strncmp(longer + a - b, name, b) &&
	       (longer[a - b - 1] == '-' || longer[a - b - 1] == '_');
}

/* True when the folder of `inner` is that of `outer` with folders added anywhere. */
static bool is_folder_within(const char *inner, const char *outer)
{
	g_auto(GStrv) a = g_strsplit(inner, "/", -1);
	g_auto(GStrv) b = g_strsplit(outer, "/", -1);
	size_t i = 0, k = 0, last_a = g_strv_length(a) - 1, last_b = g_strv_length(b) - 1;
	for (; i < last_a && k < last_b; i++)
		if (!strcmp(a[i], b[k]))
			k++;
	return k == last_b;
}

static unsigned common_folders(const char *a, const char *b)
{
	unsigned count = 0;
	for (; *a && *a == *b; a++, b++)
		count += *a == '/';
	return count;
}

static unsigned folders(const char *path)
{
	unsigned count = 0;
	for (; *path; path++)
		count += *path == '/';
	return count;
}

/* Is `origin` in the folder that stands in where a neighbour has no file of its own: mach-default
 * beside mach-v? Builds search the neighbour first. */
static bool is_default_of(const char *copy, const char *origin)
{
	static const char word[] = "default/";
	size_t same = 0;
	while (copy[same] && copy[same] == origin[same])
		same++;
	while (same && copy[same - 1] != '/' && copy[same - 1] != '-' && copy[same - 1] != '_')
		same--;
	if (!same || copy[same - 1] == '/') /* two folders of one family: mach-... */
		return false;
	const char *rest = strchr(copy + same, '/');
	return rest && g_str_has_prefix(origin + same, word) &&
	       !strcmp(origin + same + strlen(word), rest + 1);
}

static name_hint hint_of(const char *copy, const char *origin)
{
	const char *name = base_name(copy), *old = base_name(origin);
	bool same = !strcmp(name, old);
	if (!same && !extends_name(name, old))
		return HINT_NONE;
	size_t folder = (size_t)(name - copy), old_folder = (size_t)(old - origin);
	if (!same)
		return folder == old_folder && !strncmp(copy, origin, folder) ? HINT_EXTENDED
									      : HINT_NAME;
	if ((is_folder_within(copy, origin) && folders(origin) > 0) || is_default_of(copy, origin))
		return HINT_PLACE;
	bool beside = common_folders(copy, origin) + 1 >= MIN(folders(copy), folders(origin)) &&
		      folders(origin) > 1;
	return beside ? HINT_BESIDE : HINT_NAME;
}

/* ---- lines ---- */

static void index_lines(finder *f)
{
	size_t total = 0;
	for (guint i = 0; i < f->candidates->len; i++)
		total += ((candidate *)g_ptr_array_index(f->candidates, i))->lines->len;
	line_table_init(&f->table, total);
	for (guint i = 0; i < f->candidates->len; i++) {
		const candidate *c = g_ptr_array_index(f->candidates, i);
		for (guint k = 0; k < c->lines->len; k++)
			line_table_add(&f->table, g_array_index(c->lines, uint64_t, k), i);
	}
}

/* Counts for every candidate the lines that it shares with file `index` of the base. */
static void count_file(finder *f, guint index, const GArray *lines, GArray *touched)
{
	g_array_set_size(touched, 0);
	for (guint k = 0; k < lines->len; k++) {
		const GArray *owners =
			line_table_meet(&f->table, g_array_index(lines, uint64_t, k), index);
		for (guint i = 0; owners && i < owners->len; i++) {
			guint owner = g_array_index(owners, guint, i);
			candidate *c = g_ptr_array_index(f->candidates, owner);
			if (!c->count++)
				g_array_append_val(touched, owner);
		}
	}
	for (guint i = 0; i < touched->len; i++) {
		candidate *c = g_ptr_array_index(f->candidates, g_array_index(touched, guint, i));
		hit h = {index, c->count};
		c->count = 0;
		/* fewer can meet no bar without a hint */
		if (h.lines >= bar_of_few.lines && h.lines * 100u >= c->lines->len * 20u)
			g_array_append_val(c->hits, h);
	}
}

/* ---- judging ---- */

static bool read_lines(finder *f, GArray *out, const oid *blob)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_blob(f->r, &bytes, blob, f->err))
		return false;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	lines_read(out, text ? text : "", len);
	return true;
}

/* The lines that the series takes away from files that it keeps: where they come up again they were
 * moved. Those of a file that goes altogether are copied, as far as this goes. */
static bool read_moved(finder *f)
{
	f->moved = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	for (guint i = 0; i < f->s->changes->len; i++) {
		const file_change *change = g_ptr_array_index(f->s->changes, i);
		if (change->status != CHANGE_MODIFIED || change->binary || !is_code(change->path))
			continue;
		g_autoptr(GArray) before = g_array_new(FALSE, FALSE, sizeof(uint64_t));
		g_autoptr(GArray) after = g_array_new(FALSE, FALSE, sizeof(uint64_t));
		if (!read_lines(f, before, &change->old_oid) ||
			!read_lines(f, after, &change->new_oid))
			return false;
		for (guint k = 0; k < before->len; k++) {
			uint64_t line = g_array_index(before, uint64_t, k);
			if (!lines_have(after, line))
				g_array_append_val(f->moved, line);
		}
	}
	lines_sort(f->moved);
	return true;
}

static void offer(candidate *c, guint file, unsigned similarity, double score)
{
	if (score <= c->score)
		return;
	c->best = file;
	c->similarity = similarity;
	c->score = score;
}

/* What a candidate has in common with a file. */
typedef struct share {
	guint count;
	unsigned plain;	 /* per cent of the lines */
	double weighted; /* the same, by how rare they are in the base */
} share;

static share share_of(const finder *f, const GArray *mine, const GArray *lines)
{
	share s = {0};
	double shared = 0, total = 0;
	for (guint i = 0; i < mine->len; i++) {
		uint64_t line = g_array_index(mine, uint64_t, i);
		double weight = 1.0 / MAX(line_table_find(&f->table, line)->files, 1u);
		bool common = lines_have(lines, line) && !lines_have(f->moved, line);
		total += weight;
		shared += common ? weight : 0;
		s.count += common;
	}
	s.plain = mine->len ? 100u * s.count / mine->len : 0;
	s.weighted = total > 0 ? 100 * shared / total : 0;
	return s;
}

static bool is_enough(const share *s, name_hint hint)
{
	const bar *b = &bars[hint];
	if (s->count < b->lines && s->plain >= bar_of_few.plain)
		b = &bar_of_few;
	return s->count >= b->lines && s->plain >= b->plain && s->weighted >= b->weighted;
}

/* A rare licence is no code: that must be alike for most of the bar itself, and for all of it in
 * assembly, where saving registers looks the same everywhere. */
static bool has_code(const candidate *c, const share *code, name_hint hint)
{
	if (assembly_is_code(c->change->path))
		return is_enough(code, hint);
	return code->plain * 4 >= bars[hint].plain * 3 && code->weighted * 2 >= bars[hint].weighted;
}

/* Is the candidate a copy of this file? Keeps the best answer. Comments count where the place
 * speaks for a copy, or the whole file is alike. */
static bool judge(finder *f, candidate *c, guint index)
{
	const base_file *file = &g_array_index(f->files, base_file, index);
	name_hint hint = hint_of(c->change->path, file->path);
	g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	if (!read_lines(f, lines, &file->blob))
		return false;
	share all = share_of(f, c->lines, lines);
	if (!is_enough(&all, hint))
		return true;
	share code = share_of(f, c->code, lines);
	if (hint == HINT_PLACE || all.plain >= WHOLE_FILE || has_code(c, &code, hint))
		offer(c, index, all.plain, (all.plain + all.weighted) * (1.0 + (double)hint) / 2);
	return true;
}

static int compare_hits(gconstpointer va, gconstpointer vb)
{
	const hit *a = va, *b = vb;
	if (a->lines != b->lines)
		return a->lines > b->lines ? -1 : 1;
	return a->file < b->file ? -1 : a->file > b->file;
}

/* Files of the base that the candidate's name points to, nearest first: hit.lines is nearness. */
static GArray *named_files(const finder *f, const candidate *c)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(hit));
	const char *path = c->change->path, *name = base_name(path);
	size_t stem = stem_length(name);
	for (size_t cut = 0; cut <= stem; cut++) {
		if (cut && cut != stem && name[cut] != '-' && name[cut] != '_')
			continue;
		/* cut 0: the whole name; at a '-' or '_': what stands before and behind it */
		for (int side = 0; side < (cut && cut != stem ? 2 : 1); side++) {
			g_autofree char *key =
				!cut || cut == stem ? g_strdup(name)
				: side		    ? g_strdup(name + cut + 1)
				       : g_strdup_printf("%.*s%s", (int)cut, name, name + stem);
			const GArray *list = g_hash_table_lookup(f->names, key);
			for (guint i = 0; list && i < list->len && cut != stem; i++) {
				guint index = g_array_index(list, guint, i);
				const char *other = g_array_index(f->files, base_file, index).path;
				hit h = {index,
					8 * hint_of(path, other) + common_folders(path, other)};
				if (hint_of(path, other) != HINT_NONE)
					g_array_append_val(out, h);
			}
		}
	}
	g_array_sort(out, compare_hits);
	if (out->len > NAMED_LIMIT)
		g_array_set_size(out, NAMED_LIMIT);
	return out;
}

/* A .c or .S file that includes another one of the base goes on from it. */
static void judge_included(const finder *f, candidate *c)
{
	gsize len;
	const char *text = g_bytes_get_data(c->text, &len);
	if (!strcmp(extension(c->change->path), ".h") || c->lines->len > 4 * SHORT_LINES)
		return;
	const char *name = base_name(c->change->path);
	for (const char *p = text, *end = text + len; p < end;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		static const char word[] = "#include \"";
		const char *quote =
			(size_t)(stop - p) > sizeof(word) && !strncmp(p, word, sizeof(word) - 1)
				? memchr(p + sizeof(word) - 1, '"',
					  (size_t)(stop - p) - sizeof(word) + 1)
				: NULL;
		if (quote) {
			const char *start = p + sizeof(word) - 1;
			g_autofree char *path =
				g_strdup_printf("%.*s%.*s", (int)(name - c->change->path),
					c->change->path, (int)(quote - start), start);
			const GArray *list = g_hash_table_lookup(f->names, base_name(path));
			for (guint i = 0; list && i < list->len; i++) {
				guint index = g_array_index(list, guint, i);
				const base_file *file = &g_array_index(f->files, base_file, index);
				/* in the same folder, or the only one of that name */
				if ((!strcmp(file->path, path) || list->len == 1) &&
					!strcmp(extension(path), extension(c->change->path)))
					offer(c, index, 100, 1000);
			}
		}
		p = stop + 1;
	}
}

static bool judge_all(finder *f, candidate *c)
{
	g_autoptr(GArray) named = named_files(f, c);
	for (guint i = 0; i < named->len; i++)
		if (!judge(f, c, g_array_index(named, hit, i).file))
			return false;
	g_array_sort(c->hits, compare_hits);
	for (guint i = 0; i < c->hits->len && i < CLOSE_LOOKS; i++)
		if (!judge(f, c, g_array_index(c->hits, hit, i).file))
			return false;
	if (c->best == G_MAXUINT)
		judge_included(f, c);
	return true;
}

/* ---- reading ---- */

static bool add_file(const char *path, const tree_entry *entry, void *data)
{
	finder *f = data;
	if (!is_regular(entry->mode) || !is_code(path))
		return true;
	guint index = f->files->len;
	base_file file = {.path = g_strdup(path), .blob = entry->id};
	g_array_append_val(f->files, file);
	const char *name = base_name(file.path);
	GArray *list = g_hash_table_lookup(f->names, name);
	if (!list) {
		list = g_array_new(FALSE, FALSE, sizeof(guint));
		g_hash_table_insert(f->names, (gpointer)name, list);
	}
	g_array_append_val(list, index);
	return true;
}

static bool add_candidates(finder *f)
{
	for (guint i = 0; i < f->s->changes->len; i++) {
		const file_change *change = g_ptr_array_index(f->s->changes, i);
		if (change->status != CHANGE_ADDED || change->binary ||
			!is_regular(change->new_mode) || !is_code(change->path))
			continue;
		g_autoptr(GBytes) text = NULL;
		if (!repo_read_blob(f->r, &text, &change->new_oid, f->err))
			return false;
		gsize len;
		const char *bytes = g_bytes_get_data(text, &len);
		candidate *c = g_new0(candidate, 1);
		c->change = change;
		c->text = g_steal_pointer(&text);
		c->lines = g_array_new(FALSE, FALSE, sizeof(uint64_t));
		c->code = g_array_new(FALSE, FALSE, sizeof(uint64_t));
		c->hits = g_array_new(FALSE, FALSE, sizeof(hit));
		c->best = G_MAXUINT;
		const char *comments = assembly_is_code(change->path)
					       ? assembly_comment_characters(change->path)
					       : NULL;
		lines_read(c->lines, bytes ? bytes : "", len);
		lines_read_code(c->code, bytes ? bytes : "", len, comments,
			strcmp(extension(change->path), ".h") != 0);
		if (c->lines->len <= SHORT_LINES && len <= SHORT_BYTES) {
			c->runs = g_array_new(FALSE, FALSE, sizeof(uint64_t));
			trigrams_read(c->runs, bytes ? bytes : "", len);
		}
		g_ptr_array_add(f->candidates, c);
	}
	return true;
}

static bool wants_extension(const finder *f, const char *path)
{
	for (guint i = 0; i < f->candidates->len; i++) {
		const candidate *c = g_ptr_array_index(f->candidates, i);
		if (!strcmp(extension(c->change->path), extension(path)))
			return true;
	}
	return false;
}

/* Short texts are compared as such: every short file of the base with every short candidate. */
static void judge_short(finder *f, guint index, const char *text, size_t len)
{
	const char *path = g_array_index(f->files, base_file, index).path;
	g_autoptr(GArray) runs = NULL;
	for (guint i = 0; len && i < f->candidates->len; i++) {
		candidate *c = g_ptr_array_index(f->candidates, i);
		if (!c->runs || c->runs->len < SHORT_RUNS ||
			strcmp(extension(path), extension(c->change->path)))
			continue;
		if (!runs) {
			runs = g_array_new(FALSE, FALSE, sizeof(uint64_t));
			trigrams_read(runs, text, len);
		}
		if (runs->len > 3 * c->runs->len || c->runs->len > 3 * runs->len)
			continue;
		name_hint hint = hint_of(c->change->path, path);
		unsigned likeness = trigrams_likeness(c->runs, runs);
		if (likeness >= short_bars[hint])
			offer(c, index, likeness, likeness * (1.0 + (double)hint) / 2);
	}
}

static bool count_all(finder *f)
{
	g_autoptr(GArray) touched = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	for (guint i = 0; i < f->files->len; i++) {
		const base_file *file = &g_array_index(f->files, base_file, i);
		if (!wants_extension(f, file->path) &&
			!function_finder_wants(f->functions, file->path))
			continue;
		if (!cancel_check(f->err))
			return false;
		g_autoptr(GBytes) bytes = NULL;
		if (!repo_read_blob(f->r, &bytes, &file->blob, f->err))
			return false;
		gsize len;
		const char *text = g_bytes_get_data(bytes, &len);
		g_array_set_size(lines, 0);
		lines_of(lines, text ? text : "", len);
		function_finder_count(f->functions, i, file->path, lines);
		if (!wants_extension(f, file->path))
			continue;
		count_file(f, i, lines, touched);
		if (len <= SHORT_BYTES)
			judge_short(f, i, text ? text : "", len);
	}
	return true;
}

static bool find_all(finder *f)
{
	if (!add_candidates(f) || !function_finder_new(&f->functions, f->r, f->s, f->err))
		return false;
	if (!f->candidates->len && !function_finder_length(f->functions))
		return true;
	if (!read_moved(f) || !repo_walk(f->r, &f->s->base_tree, "", add_file, f, f->err))
		return false;
	index_lines(f);
	if (!count_all(f))
		return false;
	for (guint i = 0; i < f->candidates->len; i++) {
		candidate *c = g_ptr_array_index(f->candidates, i);
		if (!judge_all(f, c))
			return false;
	}
	return true;
}

static int compare_shadows(gconstpointer a, gconstpointer b)
{
	return strcmp(((const shadow_copy *)a)->path, ((const shadow_copy *)b)->path);
}

static bool find_functions(finder *f, touch_set *touches)
{
	g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(function_file));
	for (guint i = 0; i < f->files->len; i++) {
		const base_file *file = &g_array_index(f->files, base_file, i);
		function_file plain = {file->path, file->blob};
		g_array_append_val(files, plain);
	}
	return function_finder_judge(f->functions, touches, files, f->err);
}

bool facts_find_shadows(touch_set *touches, repo *r, const series *s, GError **err)
{
	finder f = {.r = r, .s = s, .err = err};
	g_autoptr(GPtrArray) candidates =
		g_ptr_array_new_with_free_func((GDestroyNotify)candidate_free);
	g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(base_file));
	g_array_set_clear_func(files, clear_file);
	g_autoptr(GHashTable) by_name =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
	f.candidates = candidates;
	f.files = files;
	f.names = by_name;
	bool good = find_all(&f);
	for (guint i = 0; good && i < candidates->len; i++) {
		const candidate *c = g_ptr_array_index(candidates, i);
		if (c->best == G_MAXUINT)
			continue;
		const base_file *file = &g_array_index(files, base_file, c->best);
		shadow_copy copy = {touch_set_string(touches, c->change->path),
			touch_set_string(touches, file->path), MIN(c->similarity, 100u)};
		g_array_append_val(touches->shadows, copy);
	}
	g_array_sort(touches->shadows, compare_shadows);
	if (good && f.functions && function_finder_length(f.functions))
		good = find_functions(&f, touches);
	function_finder_free(f.functions);
	line_table_clear(&f.table);
	if (f.moved)
		g_array_unref(f.moved);
	return good;
}
