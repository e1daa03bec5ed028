/* How a file is read: for a person who wonders. */
#include "engine/explain.h"

#include <string.h>

#include "analyzers/list.h"
#include "base/error.h"
#include "base/lockdown.h"
#include "base/text.h"
#include "engine/archs.h"
#include "engine/batch.h"
#include "engine/internal.h"
#include "engine/reading.h"
#include "kernel/units.h"

#define COLUMNS 80u
/* Ranges and errors shown of one unit; the rest is counted. */
#define SHOWN 12u

typedef struct explanation {
	engine *engine;
	const char *path;
	GString *out;
	kernel_tree *tree;
	oid tree_id;
	oid id;		    /* of the file's blob */
	GHashTable *wanted; /* the file alone */
	GPtrArray *prefer;  /* architectures, as the analysis has them; NULL-terminated */
	char *settled;	/* why another one than the first, for a person; NULL: it is the first */
	fact_set *seen; /* of the file: what the units up to now showed */
	guint shown;	/* units */
} explanation;

/* "  title: words words", broken at blanks and indented below the words. */
static void put_words(GString *out, const char *title, const char *text)
{
	g_autofree char *safe = text_printable(text, strlen(text));
	g_auto(GStrv) words = g_strsplit(safe, " ", -1);
	guint indent = (guint)strlen(title) + 3, column = indent;
	g_string_append_printf(out, "  %s ", title);
	for (char **w = words; *w; w++) {
		guint len = (guint)g_utf8_strlen(*w, -1);
		if (column > indent && column + 1 + len > COLUMNS) {
			g_string_append_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append(out, *w);
		column += len;
	}
	g_string_append_c(out, '\n');
}

static void put_flags(const explanation *x, const analysis_unit *u)
{
	g_autoptr(GString) flags = g_string_new(NULL);
	for (guint i = 0; i < u->args->len; i++) {
		g_autoptr(GString) arg = g_string_new(g_ptr_array_index(u->args, i));
		g_autofree char *below = g_strconcat(u->root, "/", NULL);
		g_string_replace(arg, below, "", 0);
		g_string_append_printf(flags, "%s%s", i ? " " : "", arg->str);
	}
	put_words(x->out, "flags:", flags->str);
}

/* The headers that no tree holds and that the unit read. */
static void put_made(const explanation *x, const read_job *j)
{
	const analysis_unit *u = j->unit;
	g_autoptr(GString) made = g_string_new(NULL);
	for (guint i = 0; j->reads && u->memory && i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		const char *name = m->path + strlen(u->root) + 1;
		if (g_ptr_array_find_with_equal_func(j->reads, name, g_str_equal, NULL))
			g_string_append_printf(made, "%s%s", made->len ? " " : "", name);
	}
	put_words(x->out, "headers made:", made->len ? made->str : "none");
}

static guint count_lines(const explanation *x)
{
	g_autoptr(GBytes) text = NULL;
	if (!repo_read_blob(x->engine->repo, &text, &x->id, NULL))
		return 0;
	line_index lines;
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	line_index_init(&lines, data ? data : "", len);
	guint count = (guint)lines.count;
	line_index_clear(&lines);
	return count;
}

/* The lines that were not compiled. */
static void put_skipped(const explanation *x, const fact_set *set)
{
	g_autoptr(GString) ranges = g_string_new(NULL);
	guint count = count_lines(x), missing = 0, shown = 0;
	for (guint line = 1; line <= count; line++) {
		guint first = line;
		while (line <= count && !(set && fact_set_line_seen(set, line)))
			line++;
		if (line == first)
			continue;
		missing += line - first;
		if (shown++ >= SHOWN)
			continue;
		g_string_append_printf(ranges, "%s%u", ranges->len ? " " : "", first);
		if (line - 1 > first)
			g_string_append_printf(ranges, "-%u", line - 1);
	}
	if (shown > SHOWN)
		g_string_append_printf(ranges, " and %u more", shown - SHOWN);
	g_autofree char *title = g_strdup_printf("left out, %u of %u lines:", missing, count);
	put_words(x->out, title, missing ? ranges->str : "none");
}

static void put_errors(const explanation *x, const fact_set *set)
{
	guint n = set ? set->diagnostics->len : 0;
	if (!n)
		put_words(x->out, "errors:", "none");
	for (guint i = 0; i < MIN(n, SHOWN); i++) {
		const diagnostic *d = &g_array_index(set->diagnostics, diagnostic, i);
		g_autofree char *text = g_strdup_printf("%s:%u: %s", d->path, d->line, d->text);
		put_words(x->out, "error:", text);
	}
	if (n > SHOWN)
		g_string_append_printf(x->out, "  and %u more errors\n", n - SHOWN);
}

static const fact_set *set_of(const read_job *j, const char *path)
{
	for (guint i = 0; j->sets && i < j->sets->len; i++) {
		const fact_set *set = g_ptr_array_index(j->sets, i);
		if (!strcmp(set->path, path))
			return set;
	}
	return NULL;
}

/* What the unit is given though no makefile gives it. */
static void put_assumed(const explanation *x, char *const *assumed)
{
	g_autoptr(GString) words = g_string_new(NULL);
	for (; *assumed; assumed++)
		g_string_append_printf(words, "%s%s ", **assumed == '!' ? "-U" : "-D",
			*assumed + (**assumed == '!'));
	if (words->len)
		g_string_append(words, "(no configuration that was found does that)");
	if (words->len)
		put_words(x->out, "by hand:", words->str);
}

static bool explain_unit(explanation *x, kernel_unit *u, GError **err)
{
	const analyzer *reader = compiler_of(u->unit->path);
	if (!reader)
		return true;
	g_string_append_printf(x->out, "\nconfiguration %u\n", ++x->shown);
	put_words(x->out, "is:", u->configuration ? u->configuration : "the first");
	if (u->alone)
		put_words(x->out, "alone:",
			"no makefile builds the file so, or lets it see the header; read for lines "
			"that are in no other configuration");
	put_assumed(x, u->assumed);
	if (strcmp(u->unit->path, x->path) != 0)
		put_words(x->out, "reached by:", u->unit->path);
	put_flags(x, u->unit);
	reuse_place where = {x->tree, x->tree_id, x->wanted};
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	read_job *j = read_job_new(0, reader, g_steal_pointer(&u->unit), &where);
	j->keep_reads = true;
	g_ptr_array_add(jobs, j);
	if (!batch_run(x->engine, jobs, err))
		return false;
	if (j->failure) {
		put_words(x->out, "failed:", j->failure);
		return true;
	}
	put_made(x, j);
	if (!j->unit->bodies)
		put_words(x->out, "bodies:", "left out, since clang did not survive them");
	const fact_set *set = set_of(j, x->path);
	put_skipped(x, set);
	if (set) {
		fact_set_merge(x->seen, set);
		fact_set_finish(x->seen);
	}
	put_errors(x, set_of(j, j->unit->path));
	return true;
}

static const char *const *prefer_of(const explanation *x)
{
	return (const char *const *)x->prefer->pdata;
}

/* The lines of `ranges` (NULL: all) that no unit showed yet. The caller's. */
static GArray *unseen(const explanation *x, const GArray *ranges)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	const line_range whole = {1, count_lines(x)};
	for (guint i = 0; i < (ranges ? ranges->len : 1); i++) {
		const line_range *r = ranges ? &g_array_index(ranges, line_range, i) : &whole;
		for (guint line = r->first; line <= r->last; line++) {
			line_range *top =
				out->len ? &g_array_index(out, line_range, out->len - 1) : NULL;
			line_range one = {line, line};
			if (fact_set_line_seen(x->seen, line))
				continue;
			if (top && top->last + 1 == line)
				top->last = line;
			else
				g_array_append_val(out, one);
		}
	}
	return out;
}

/* The lines that were given up. The caller's. */
static GArray *unreached(const kernel_units *units)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	for (guint i = 0; i < units->unreached->len; i++)
		g_array_append_val(
			out, ((kernel_unreached *)g_ptr_array_index(units->unreached, i))->lines);
	return out;
}

/* Asks as `wish` says for what was not seen yet, and tells of the units that show some of it; for
 * macros given by hand those that have some. *units: what was asked, NULL: nothing. The caller's.
 */
static bool explain_further(
	kernel_units **units, explanation *x, kernel_wish wish, const GArray *ranges, GError **err)
{
	g_autoptr(GArray) open = unseen(x, ranges);
	wish.path = x->path;
	wish.prefer = prefer_of(x);
	wish.ranges = open;
	*units = NULL;
	if (!open->len)
		return true;
	if (!kernel_units_for(units, x->tree, &wish, err))
		return false;
	for (guint i = 0; i < (*units)->units->len; i++) {
		kernel_unit *u = g_ptr_array_index((*units)->units, i);
		g_autoptr(GArray) own = unseen(x, u->ranges);
		if (own->len && (!wish.assume || *u->assumed) && !explain_unit(x, u, err))
			return false;
	}
	return true;
}

static void put_unreached(const explanation *x, const kernel_units *units)
{
	for (guint i = 0; units && i < units->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(units->unreached, i);
		g_autofree char *title =
			u->lines.first == u->lines.last
				? g_strdup_printf("line %u:", u->lines.first)
				: g_strdup_printf("lines %u-%u:", u->lines.first, u->lines.last);
		put_words(x->out, title, u->reason);
	}
}

/* Every unit that the analysis would read it in, in its order (engine/branches.h). */
static bool explain_units(explanation *x, const kernel_units *units, GError **err)
{
	g_autoptr(kernel_units) macros = NULL;
	g_autoptr(kernel_units) assumed = NULL;
	g_autoptr(kernel_units) alone = NULL;
	g_autoptr(GArray) lost = unreached(units);
	kernel_wish by_macros = {.macros = true}, by_hand = {.assume = true},
		    on_its_own = {.alone = true};
	for (guint i = 0; i < units->units->len; i++)
		if (!explain_unit(x, g_ptr_array_index(units->units, i), err))
			return false;
	if (!explain_further(&macros, x, by_macros, NULL, err) ||
		!explain_further(&assumed, x, by_hand, NULL, err))
		return false;
	if (lost->len && !explain_further(&alone, x, on_its_own, lost, err))
		return false;
	if (units->unreached->len || (macros && macros->unreached->len))
		g_string_append(x->out, "\nin no configuration that builds it\n");
	put_unreached(x, units);
	put_unreached(x, macros);
	return true;
}

static bool explain_tree(explanation *x, const char *name, GError **err)
{
	g_autoptr(kernel_units) units = NULL;
	kernel_wish wish = {.path = x->path, .prefer = prefer_of(x)};
	if (!kernel_units_for(&units, x->tree, &wish, err))
		return false;
	g_string_append_printf(x->out, "%s%s, %s\n", x->out->len ? "\n" : "", x->path, name);
	if (x->settled)
		put_words(x->out, "read for:", x->settled);
	if (!units->units->len)
		put_words(x->out, "compiled:", "in no configuration; read as text");
	x->shown = 0;
	x->seen = fact_set_new(x->path, &x->id);
	bool ok = explain_units(x, units, err);
	g_clear_pointer(&x->seen, fact_set_free);
	return ok;
}

/* Explains the file of a tree when it is there and not `other`. */
static bool explain_version(
	explanation *x, kernel_tree *tree, const char *name, const oid *other, GError **err)
{
	if (!kernel_tree_blob(tree, x->path, &x->id) || (other && oid_equal(other, &x->id)))
		return true;
	x->tree = tree;
	x->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(x->wanted, g_strdup(x->path), oid_copy(&x->id));
	bool ok = explain_tree(x, name, err);
	g_clear_pointer(&x->wanted, g_hash_table_unref);
	return ok;
}

/* The series under mediation, with what they change: that decides for which architectures generic
 * code is read. */
static bool load_series(GPtrArray **out, engine *e, const oid *base, GError **err)
{
	g_autoptr(GPtrArray) all = NULL;
	if (!store_series_list(e->store, &all, err))
		return false;
	for (guint i = 0; i < all->len; i++) {
		series *s = g_ptr_array_index(all, i);
		if (!s->changes && !repo_changes(e->repo, &s->changes, base, &s->tip_tree, err))
			return false;
	}
	*out = g_steal_pointer(&all);
	return true;
}

static bool explain_tips(
	explanation *x, const facts_reader *f, GPtrArray *all, const oid *before, GError **err)
{
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		const tree_facts *tip = g_ptr_array_index(f->trees, i + 1);
		g_autofree char *name = g_strdup_printf("series %s", s->name);
		x->tree_id = s->tip_tree;
		if (!explain_version(x, tip->kernel, name, before, err))
			return false;
	}
	return true;
}

/* The file is wanted of the trees of which the analysis reads it: the tips that change it, and the
 * base. True when there is one. */
static bool want_file(facts_reader *f, GPtrArray *all, const char *path)
{
	bool any = false;
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		for (guint k = 0; k < s->changes->len; k++) {
			const file_change *c = g_ptr_array_index(s->changes, k);
			if (strcmp(c->path, path) != 0)
				continue;
			any = true;
			if (c->status != CHANGE_ADDED)
				tree_facts_want(g_ptr_array_index(f->trees, 0), path, &c->old_oid);
			if (c->status != CHANGE_DELETED)
				tree_facts_want(
					g_ptr_array_index(f->trees, i + 1), path, &c->new_oid);
		}
	}
	return any;
}

/* The architectures in the order in which the analysis has them for this file. */
static bool choose_archs(explanation *x, facts_reader *f, GPtrArray *all, GError **err)
{
	const tree_facts *base = g_ptr_array_index(f->trees, 0);
	x->prefer = g_ptr_array_new();
	if (g_str_has_suffix(x->path, ".c") && want_file(f, all, x->path)) {
		g_autofree char *first = archs_first(f, base, x->path);
		if (!archs_settle_file(x->engine, f, x->path, err))
			return false;
		char *settled = g_hash_table_lookup(f->settled, x->path);
		if (settled) {
			g_ptr_array_add(x->prefer, settled);
			x->settled = g_strdup_printf(
				"%s, where more of its versions parse without an error than for %s",
				settled, first);
		}
	}
	for (char **p = f->prefer; *p; p++)
		g_ptr_array_add(x->prefer, *p);
	g_ptr_array_add(x->prefer, NULL);
	return true;
}

static bool explain_versions(
	explanation *x, const facts_reader *f, GPtrArray *all, const char *rev, GError **err)
{
	const tree_facts *base = g_ptr_array_index(f->trees, 0);
	oid before = {0};
	g_autofree char *name = g_strdup_printf("base %s", rev ? rev : "");
	if (!explain_version(x, base->kernel, g_strchomp(name), NULL, err))
		return false;
	(void)kernel_tree_blob(base->kernel, x->path, &before);
	return explain_tips(x, f, all, &before, err);
}

bool engine_explain(engine *e, const char *path, GString *out, GError **err)
{
	explanation x = {.engine = e, .path = path, .out = out};
	oid commit;
	g_autofree char *rev = NULL;
	g_autoptr(GPtrArray) all = NULL;
	g_autoptr(facts_reader) f = NULL;
	if (!engine_base(e, &commit, &rev, err) ||
		!repo_commit_tree(e->repo, &x.tree_id, &commit, err) ||
		!load_series(&all, e, &x.tree_id, err) ||
		!facts_reader_open(&f, e, &x.tree_id, all, err))
		return false;
	bool ok = choose_archs(&x, f, all, err) && explain_versions(&x, f, all, rev, err);
	g_ptr_array_unref(x.prefer);
	g_free(x.settled);
	if (!ok)
		return false;
	if (!out->len)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"name it as git does, from the root of the tree",
			"no such file in the base or in a series: %s", path);
	g_string_append_c(out, '\n');
	put_words(out, "parsed by processes locked down by:", lockdown_describe(lockdown_probe()));
	return true;
}
