/* Numbers that are taken by a line of a table: "348 common gate sys_gate" in a .tbl file, or the
 * place of a ".long sys_gate" behind its label in assembly. */
#include "conflict/number_table.h"

#include <string.h>

/* Labels with fewer entries are no tables of numbers: constants, pointers. */
#define TABLE_LEAST 16u
/* Longer lines are none of a table. */
#define ROW_BYTES 1000u
/* The largest tables of system calls have 600; rows are compared each with each. */
#define ROWS_MOST 5000u

typedef struct row {
	char *table;  /* the label; "" in a .tbl */
	char *number; /* as written, or the place in the table */
	char *abi;    /* "" in assembly */
	char *name;   /* "gate", without "sys_" */
	unsigned line;
	bool unused; /* the number stands for nothing: sys_ni_syscall */
} row;

static void clear_row(gpointer data)
{
	row *r = data;
	g_free(r->table);
	g_free(r->number);
	g_free(r->abi);
	g_free(r->name);
}

static char *plain_name(const char *name)
{
	return g_strdup(g_str_has_prefix(name, "sys_") ? name + strlen("sys_") : name);
}

/* "<number> <abi> <name> <entry point>", "#" begins a comment. */
static bool read_tbl_line(row *out, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	const char *parts[4] = {NULL};
	unsigned count = 0;
	for (char **w = words; *w && count < G_N_ELEMENTS(parts); w++)
		if (**w)
			parts[count++] = *w;
	if (count < 3 || strspn(parts[0], "0123456789") != strlen(parts[0]))
		return false;
	*out = (row){.table = g_strdup(""),
		.number = g_strdup(parts[0]),
		.abi = g_strdup(parts[1]),
		.name = plain_name(parts[2]),
		.unused = count == 3};
	return true;
}

/* A label of assembly: "name:" or "ENTRY(name)". The caller's, NULL when the line has none. */
static char *label_of(const char *line)
{
	static const char entry[] = "ENTRY(";
	const char *start = g_str_has_prefix(line, entry) ? line + strlen(entry) : line;
	size_t len = 0;
	while (g_ascii_isalnum(start[len]) || start[len] == '_' || start[len] == '.')
		len++;
	bool label = len && (start == line ? start[len] == ':' : start[len] == ')');
	return label ? g_strndup(start, len) : NULL;
}

/* ".long name", ".quad name". The name is the caller's; NULL for anything else. */
static char *entry_of(const char *line)
{
	line += strspn(line, " \t");
	bool data = g_str_has_prefix(line, ".long") || g_str_has_prefix(line, ".quad");
	const char *start = data ? line + strlen(".long") : line;
	size_t blank = strspn(start, " \t"), len = 0;
	start += blank;
	while (g_ascii_isalnum(start[len]) || start[len] == '_')
		len++;
	bool named = data && blank && len && !g_ascii_isdigit(*start);
	return named ? g_strndup(start, len) : NULL;
}

/* Takes off the rows of a table that is too short for one. */
static void end_table(GArray *rows, guint first)
{
	if (rows->len - first < TABLE_LEAST)
		g_array_set_size(rows, first);
}

/* Appends the rows of a text. */
static void read_rows(GArray *rows, const char *path, const char *text, gsize len)
{
	bool assembly = !g_str_has_suffix(path, ".tbl");
	g_autofree char *table = NULL;
	guint first = 0;
	unsigned n = 1;
	for (const char *p = text, *end = text + len; p < end && rows->len < ROWS_MOST; n++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t size = (size_t)((newline ? newline : end) - p);
		g_autofree char *line = g_strndup(p, MIN(size, ROW_BYTES));
		row r = {0};
		p += size + 1;
		if (!assembly) {
			if (read_tbl_line(&r, line)) {
				r.line = n;
				g_array_append_val(rows, r);
			}
			continue;
		}
		char *label = label_of(line);
		g_autofree char *name = entry_of(line);
		if (label) {
			end_table(rows, first);
			g_free(table);
			table = label;
			first = rows->len;
		} else if (name && table) {
			r = (row){.table = g_strdup(table),
				.number = g_strdup_printf("%u", rows->len - first),
				.abi = g_strdup(""),
				.name = plain_name(name),
				.line = n,
				.unused = g_str_has_suffix(name, "ni_syscall")};
			g_array_append_val(rows, r);
		}
	}
	if (assembly)
		end_table(rows, first);
}

static bool rows_of(
	GArray **out, conflict_context *c, const char *path, const oid *blob, GError **err)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(row));
	g_array_set_clear_func(rows, clear_row);
	*out = rows;
	if (oid_is_zero(blob))
		return true;
	GBytes *text = context_text(c, blob, err);
	gsize len = 0;
	const char *bytes = text ? g_bytes_get_data(text, &len) : NULL;
	if (bytes)
		read_rows(rows, path, bytes, len);
	return text != NULL;
}

/* One number space: "common" is in all. */
static bool same_number(const row *a, const row *b)
{
	static const char common[] = "common";
	return !strcmp(a->number, b->number) && !strcmp(a->table, b->table) &&
	       (!strcmp(a->abi, b->abi) || !strcmp(a->abi, common) || !strcmp(b->abi, common));
}

static const row *find_row(const GArray *rows, const row *like)
{
	for (guint i = 0; i < rows->len; i++)
		if (same_number(&g_array_index(rows, row, i), like))
			return &g_array_index(rows, row, i);
	return NULL;
}

/* The finding that tells the same of two macros, __NR_gate and __NR_door; NULL when there is none.
 */
static finding *told_of_macros(conflict_context *c, const row *a, const row *b)
{
	g_autofree char *title = g_strdup_printf("__NR_%s and __NR_%s: ", a->name, b->name);
	for (guint i = 0; i < c->m->findings->len; i++) {
		finding *f = g_ptr_array_index(c->m->findings, i);
		if (!strcmp(f->kind, "number.collision") && g_str_has_prefix(f->title, title))
			return f;
	}
	return NULL;
}

static void add_row(finding *f, unsigned series_index, const file_change *change, const row *r)
{
	finding_add_place(f, (int)series_index, AT_TIP, &change->new_oid, change->path, r->line,
		r->line, r->name, file_change_patch_of_new(change, r->line));
}

static void report(conflict_context *c, series_pair p, const file_change *const changes[2],
	const row *a, const row *b)
{
	finding *f = told_of_macros(c, a, b);
	if (!f) {
		const char *keys[] = {changes[0]->path, a->name, b->name, NULL};
		f = context_add_pair(c, "number.collision", SEVERITY_ERROR, p, keys);
		finding_set_title(f, "%s and %s: both take %s", a->name, b->name, a->number);
		f->explanation = g_strdup_printf(
			"%s makes %s number %s of %s%s%s (line %u), %s makes it %s (line %u). A "
			"number names one thing, and programs are built with it.",
			context_series(c, p.a)->name, a->name, a->number, changes[0]->path,
			*a->table ? ", " : "", a->table, a->line, context_series(c, p.b)->name,
			b->name, b->line);
		f->suggestion = g_strdup("Give the later one the next free number, here and in "
					 "its headers, before either is released.");
	}
	add_row(f, p.a, changes[0], a);
	add_row(f, p.b, changes[1], b);
}

/* A number that was free: the base does not have it, or has nothing behind it. */
static bool is_taken_anew(const GArray *base, const row *r)
{
	const row *before = find_row(base, r);
	return !r->unused && (!before || before->unused);
}

static bool compare(
	conflict_context *c, series_pair p, const file_change *const changes[2], GError **err)
{
	g_autoptr(GArray) base = NULL;
	g_autoptr(GArray) a = NULL;
	g_autoptr(GArray) b = NULL;
	const char *path = changes[0]->path;
	if (!rows_of(&base, c, path, &changes[0]->old_oid, err) ||
		!rows_of(&a, c, path, &changes[0]->new_oid, err) ||
		!rows_of(&b, c, path, &changes[1]->new_oid, err))
		return false;
	for (guint i = 0; i < a->len; i++) {
		const row *mine = &g_array_index(a, row, i);
		const row *theirs = is_taken_anew(base, mine) ? find_row(b, mine) : NULL;
		if (theirs && is_taken_anew(base, theirs) && strcmp(mine->name, theirs->name))
			report(c, p, changes, mine, theirs);
	}
	return true;
}

static bool is_table(const file_change *change)
{
	return change->status == CHANGE_MODIFIED && !change->binary &&
	       (g_str_has_suffix(change->path, ".tbl") || g_str_has_suffix(change->path, ".S"));
}

bool number_tables(conflict_context *c, series_pair p, GError **err)
{
	const series *a = context_series(c, p.a), *b = context_series(c, p.b);
	for (guint i = 0; i < a->changes->len; i++) {
		const file_change *mine = g_ptr_array_index(a->changes, i);
		const file_change *theirs = is_table(mine) ? series_change(b, mine->path) : NULL;
		const file_change *changes[] = {mine, theirs};
		if (theirs && is_table(theirs) && !compare(c, p, changes, err))
			return false;
	}
	return true;
}
