/* Lines and their conditions, from the directives of a text. */
#include "kernel/branch_priv.h"

#include <string.h>

/* Nested #ifs followed; the deepest of 6.1 has 12. Deeper ones count as their fiftieth. */
#define NESTING 50u
/* Characters of one directive with its continued lines. */
#define DIRECTIVE_BYTES 16384u
/* Conditions kept of one file: bounds a text made of nothing but #ifs. */
#define NODES 200000u
/* Numbers kept of one macro; drivers that set one by the board have up to 20. */
#define NUMBERS 64u

static guint node_hash(gconstpointer p)
{
	const branch *b = p;
	guint h = (guint)b->kind * 31u + (guint)b->comparison + (guint)b->number * 40503u;
	if (b->name)
		h ^= g_str_hash(b->name);
	return h ^ (guint)((guintptr)b->left >> 4) * 2654435761u ^ (guint)((guintptr)b->right >> 4);
}

static gboolean node_equal(gconstpointer pa, gconstpointer pb)
{
	const branch *a = pa, *b = pb;
	return a->kind == b->kind && a->comparison == b->comparison && a->number == b->number &&
	       a->left == b->left && a->right == b->right && !g_strcmp0(a->name, b->name);
}

const branch *branch_node(branch_file *f, const branch *like)
{
	const branch *known = g_hash_table_lookup(f->unique, like);
	if (known)
		return known;
	if (f->nodes->len >= NODES)
		return f->yes;
	branch *made = g_memdup2(like, sizeof *like);
	made->parts = MAX(like->parts, 1);
	if (made->name)
		made->name = g_string_chunk_insert_const(f->strings, made->name);
	g_ptr_array_add(f->nodes, made);
	g_hash_table_add(f->unique, made);
	return made;
}

const branch *branch_not(branch_file *f, const branch *a)
{
	if (a->kind == BRANCH_NOT)
		return a->left;
	return branch_node(f, &(branch){.kind = BRANCH_NOT, .left = a, .parts = a->parts});
}

static const branch *join(branch_file *f, branch_kind kind, const branch *a, const branch *b)
{
	if (a->parts + b->parts > BRANCH_PARTS)
		return branch_node(f,
			&(branch){.kind = BRANCH_OPAQUE, .name = "a condition of too many parts"});
	return branch_node(
		f, &(branch){.kind = kind, .left = a, .right = b, .parts = a->parts + b->parts});
}

static bool opposite(const branch *a, const branch *b)
{
	return (a->kind == BRANCH_NOT && a->left == b) || (b->kind == BRANCH_NOT && b->left == a);
}

const branch *branch_and(branch_file *f, const branch *a, const branch *b)
{
	if (a == f->yes || a == b)
		return b;
	if (b == f->yes)
		return a;
	if (a == f->no || b == f->no || opposite(a, b))
		return f->no;
	return join(f, BRANCH_AND, a, b);
}

const branch *branch_or(branch_file *f, const branch *a, const branch *b)
{
	if (a == f->no || a == b)
		return b;
	if (b == f->no)
		return a;
	if (a == f->yes || b == f->yes || opposite(a, b))
		return f->yes;
	return join(f, BRANCH_OR, a, b);
}

static void append(GString *out, const branch *b, bool inside)
{
	static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">="};
	if (out->len > 400)
		return; /* long enough for a person */
	switch (b->kind) {
	case BRANCH_YES:
		g_string_append_c(out, '1');
		break;
	case BRANCH_DEFINED:
		g_string_append_printf(out, "defined(%s)", b->name);
		break;
	case BRANCH_TRUE:
	case BRANCH_OPAQUE:
		g_string_append(out, b->name);
		break;
	case BRANCH_ENABLED:
		g_string_append_printf(out, "IS_ENABLED(%s)", b->name);
		break;
	case BRANCH_COMPARE:
		g_string_append_printf(out, "%s %s %" G_GINT64_FORMAT, b->name,
			signs[b->comparison - KEXPR_EQUAL], b->number);
		break;
	case BRANCH_NOT:
		if (b->left->kind == BRANCH_YES) {
			g_string_append_c(out, '0');
			break;
		}
		g_string_append_c(out, '!');
		bool wrap = b->left->kind == BRANCH_OPAQUE || b->left->kind == BRANCH_COMPARE;
		if (wrap)
			g_string_append_c(out, '(');
		append(out, b->left, true);
		if (wrap)
			g_string_append_c(out, ')');
		break;
	default:
		if (inside)
			g_string_append_c(out, '(');
		append(out, b->left, b->left->kind != b->kind);
		g_string_append(out, b->kind == BRANCH_AND ? " && " : " || ");
		append(out, b->right, b->right->kind != b->kind);
		if (inside)
			g_string_append_c(out, ')');
		break;
	}
}

char *branch_text(const branch *b)
{
	GString *out = g_string_new(NULL);
	append(out, b, false);
	return g_string_free(out, FALSE);
}

/* ---- reading ---- */

typedef struct frame {
	const branch *outside; /* what holds around the #if */
	const branch *before;  /* none of its branches so far was taken */
	const branch *now;     /* the branch, with what is around it */
	const char *text;
} frame;

typedef struct reading {
	branch_file *f;
	GArray *frames;
	unsigned ignored; /* open #ifs past NESTING */
	unsigned directives;
	const char *guard; /* the macro of an #ifndef that is the file's first directive */
	bool in_comment;
} reading;

static const branch *now(const reading *r)
{
	return r->frames->len ? g_array_index(r->frames, frame, r->frames->len - 1).now : r->f->yes;
}

static void add_lines(reading *r, unsigned first, unsigned last, bool error)
{
	GArray *lines = r->f->lines;
	const branch *condition = now(r);
	const char *text =
		r->frames->len ? g_array_index(r->frames, frame, r->frames->len - 1).text : NULL;
	if (lines->len) {
		branch_lines *top = &g_array_index(lines, branch_lines, lines->len - 1);
		if (top->condition == condition && top->text == text) {
			top->last = last;
			top->error |= error;
			return;
		}
	}
	branch_lines l = {first, last, condition, error, text};
	g_array_append_val(lines, l);
}

static void open_frame(reading *r, const branch *condition, const char *text)
{
	if (r->frames->len >= NESTING) {
		r->ignored++;
		return;
	}
	const branch *outside = now(r);
	frame f = {outside, branch_not(r->f, condition), branch_and(r->f, outside, condition),
		g_string_chunk_insert_const(r->f->strings, text)};
	g_array_append_val(r->frames, f);
}

static void next_branch(reading *r, const branch *condition, const char *text)
{
	if (!r->frames->len || r->ignored)
		return;
	frame *f = &g_array_index(r->frames, frame, r->frames->len - 1);
	const branch *own = branch_and(r->f, f->before, condition);
	f->now = branch_and(r->f, f->outside, own);
	f->before = branch_and(r->f, f->before, branch_not(r->f, condition));
	g_autofree char *both = g_strdup_printf("%s of %s", text, f->text);
	if (strlen(both) < 300)
		f->text = g_string_chunk_insert_const(r->f->strings, both);
}

static void macro_free(gpointer data)
{
	branch_macro *m = data;
	g_clear_pointer(&m->numbers, g_array_unref);
	g_free(m);
}

static branch_macro *macro_get(reading *r, const char *name)
{
	branch_macro *m = g_hash_table_lookup(r->f->macros, name);
	if (m)
		return m;
	m = g_new0(branch_macro, 1);
	m->defined = branch_node(r->f, &(branch){.kind = BRANCH_DEFINED, .name = name});
	m->truth = branch_node(r->f, &(branch){.kind = BRANCH_TRUE, .name = name});
	m->other = r->f->no;
	m->kept = r->f->yes;
	g_hash_table_insert(r->f->macros, g_strdup(name), m);
	return m;
}

static size_t name_length(const char *text)
{
	size_t n = 0;
	while (g_ascii_isalnum(text[n]) || text[n] == '_')
		n++;
	return n;
}

/* What the macro was holds no longer under the condition at hand. */
static void forget_value(reading *r, branch_macro *m)
{
	const branch *elsewhere = branch_not(r->f, now(r));
	if (m->number_known && elsewhere != r->f->no) {
		branch_number all = {r->f->yes, m->number};
		if (!m->numbers)
			m->numbers = g_array_new(FALSE, FALSE, sizeof(branch_number));
		g_array_append_val(m->numbers, all);
	}
	for (guint i = m->numbers ? m->numbers->len : 0; i-- > 0;) {
		branch_number *one = &g_array_index(m->numbers, branch_number, i);
		one->condition = branch_and(r->f, elsewhere, one->condition);
		if (one->condition == r->f->no)
			g_array_remove_index(m->numbers, i);
	}
	m->other = branch_and(r->f, elsewhere, m->other);
	m->kept = branch_and(r->f, elsewhere, m->kept);
}

/* The macro is this number, or something else, under the condition at hand. */
static void replace_value(reading *r, branch_macro *m, bool known, gint64 n)
{
	const branch *here = now(r);
	forget_value(r, m);
	if (here == r->f->yes || !known || (m->numbers && m->numbers->len >= NUMBERS)) {
		if (!known || here != r->f->yes)
			m->other = branch_or(r->f, here, m->other);
		return;
	}
	if (!m->numbers)
		m->numbers = g_array_new(FALSE, FALSE, sizeof(branch_number));
	branch_number one = {here, n};
	g_array_append_val(m->numbers, one);
}

bool branch_compares(kexpr_kind comparison, gint64 a, gint64 b)
{
	switch (comparison) {
	case KEXPR_EQUAL:
		return a == b;
	case KEXPR_UNEQUAL:
		return a != b;
	case KEXPR_LESS:
		return a < b;
	case KEXPR_LESS_EQUAL:
		return a <= b;
	case KEXPR_GREATER:
		return a > b;
	default:
		return a >= b;
	}
}

const branch *branch_compare(branch_file *f, const branch_macro *m, const branch *like)
{
	if (m->number_known)
		return branch_compares(like->comparison, m->number, like->number) ? f->yes : f->no;
	const branch *unknown = branch_or(f, m->other, m->kept);
	const branch *out = branch_and(f, unknown, branch_node(f, like)), *there = unknown;
	for (guint i = 0; m->numbers && i < m->numbers->len; i++) {
		const branch_number *one = &g_array_index(m->numbers, branch_number, i);
		there = branch_or(f, there, one->condition);
		if (branch_compares(like->comparison, one->number, like->number))
			out = branch_or(f, out, one->condition);
	}
	/* What is taken back counts as 0. */
	if (branch_compares(like->comparison, 0, like->number))
		out = branch_or(f, out, branch_not(f, there));
	return out;
}

static void read_define(reading *r, const char *text)
{
	size_t len = name_length(text);
	if (!len)
		return;
	g_autofree char *name = g_strndup(text, len);
	const char *body = text + len;
	bool known = false;
	gint64 n = 0;
	const branch *truth =
		*body == '(' ? NULL : branch_body(r->f, r->f->macros, body, &known, &n);
	branch_macro *m = macro_get(r, name);
	const branch *here = now(r), *elsewhere = branch_not(r->f, here);
	if (!truth)
		truth = branch_node(r->f, &(branch){.kind = BRANCH_OPAQUE, .name = name});
	replace_value(r, m, known, n);
	m->number_known = known && here == r->f->yes;
	m->number = n;
	m->defined = branch_or(r->f, here, m->defined);
	m->truth = branch_or(
		r->f, branch_and(r->f, here, truth), branch_and(r->f, elsewhere, m->truth));
}

static void read_undef(reading *r, const char *text)
{
	g_autofree char *name = g_strndup(text, name_length(text));
	branch_macro *m = macro_get(r, name);
	const branch *elsewhere = branch_not(r->f, now(r));
	forget_value(r, m);
	m->number_known = false;
	m->defined = branch_and(r->f, elsewhere, m->defined);
	m->truth = branch_and(r->f, elsewhere, m->truth);
}

static void read_include(reading *r, unsigned line, const char *text)
{
	branch_include i = {.line = line, .condition = now(r)};
	char closing = *text == '<' ? '>' : '"';
	const char *close = *text == '<' || *text == '"' ? strchr(text + 1, closing) : NULL;
	if (close) {
		i.name = g_string_chunk_insert_len(r->f->strings, text + 1, close - text - 1);
		i.system = *text == '<';
	}
	g_array_append_val(r->f->includes, i);
}

static void read_if(reading *r, const char *word, const char *text, const char *whole)
{
	const branch *condition;
	if (!strcmp(word, "if")) {
		condition = branch_expression(r->f, r->f->macros, text);
	} else {
		g_autofree char *name = g_strndup(text, name_length(text));
		condition = branch_defined(r->f, r->f->macros, name);
		if (!strcmp(word, "ifndef"))
			condition = branch_not(r->f, condition);
	}
	/* An include guard, so far: see check_guard. */
	if (r->directives == 1 && condition->kind == BRANCH_NOT &&
		condition->left->kind == BRANCH_DEFINED)
		r->guard = condition->left->name;
	open_frame(r, condition, whole);
}

/* #ifndef X as the first directive and #define X as the second: a guard, which says nothing. */
static void check_guard(reading *r, const char *word, const char *text)
{
	if (r->directives != 2 || !r->guard || r->frames->len != 1)
		return;
	size_t len = name_length(text);
	if (strcmp(word, "define") != 0 || strlen(r->guard) != len ||
		strncmp(text, r->guard, len) != 0)
		return;
	frame *f = &g_array_index(r->frames, frame, 0);
	f->now = r->f->yes;
	f->text = NULL;
	/* Lines between the two directives. */
	for (guint i = 0; i < r->f->lines->len; i++) {
		branch_lines *l = &g_array_index(r->f->lines, branch_lines, i);
		l->condition = r->f->yes;
		l->text = NULL;
	}
}

static void read_directive(reading *r, unsigned first, unsigned last, const char *text)
{
	const char *p = text + 1;
	while (g_ascii_isspace(*p))
		p++;
	g_autofree char *word = g_strndup(p, name_length(p));
	p += strlen(word);
	while (g_ascii_isspace(*p))
		p++;
	g_autofree char *whole = g_strdup_printf("#%s%s%s", word, *p ? " " : "", p);
	r->directives++;
	check_guard(r, word, p);
	if (!strcmp(word, "if") || !strcmp(word, "ifdef") || !strcmp(word, "ifndef")) {
		add_lines(r, first, last, false);
		read_if(r, word, p, whole);
		return;
	}
	bool elif = !strcmp(word, "elif"), otherwise = !strcmp(word, "else");
	if (elif || otherwise || !strcmp(word, "endif")) {
		if (r->ignored) {
			r->ignored -= word[1] == 'n';
			add_lines(r, first, last, false);
			return;
		}
		/* The directive's own line belongs to what is around the #if. */
		frame top = {0};
		bool open = r->frames->len > 0;
		if (open) {
			top = g_array_index(r->frames, frame, r->frames->len - 1);
			g_array_set_size(r->frames, r->frames->len - 1);
		}
		add_lines(r, first, last, false);
		if (open && (elif || otherwise)) {
			g_array_append_val(r->frames, top);
			next_branch(r, elif ? branch_expression(r->f, r->f->macros, p) : r->f->yes,
				whole);
		}
		return;
	}
	add_lines(r, first, last, !strcmp(word, "error"));
	if (!strcmp(word, "define"))
		read_define(r, p);
	else if (!strcmp(word, "undef"))
		read_undef(r, p);
	else if (!strcmp(word, "include") || !strcmp(word, "include_next"))
		read_include(r, first, p);
}

/* Appends a line without its comments; knows whether a comment is open. */
static void strip_line(reading *r, GString *out, const char *p, const char *end)
{
	char quote = 0;
	for (; p < end; p++) {
		if (r->in_comment) {
			if (*p == '*' && p + 1 < end && p[1] == '/') {
				r->in_comment = false;
				g_string_append_c(out, ' ');
				p++;
			}
			continue;
		}
		if (quote) {
			if (*p == '\\' && p + 1 < end)
				g_string_append_c(out, *p++);
			else if (*p == quote)
				quote = 0;
		} else if (*p == '/' && p + 1 < end && p[1] == '*') {
			r->in_comment = true;
			p++;
			continue;
		} else if (*p == '/' && p + 1 < end && p[1] == '/') {
			return;
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
		}
		g_string_append_c(out, *p);
	}
}

/* Whether the line, comments aside, starts with '#'. */
static bool is_directive(const GString *line)
{
	const char *p = line->str;
	while (*p == ' ' || *p == '\t' || *p == '\f' || *p == '\v')
		p++;
	return *p == '#';
}

branch_file *branch_read(const char *text, size_t len)
{
	branch_file *f = g_new0(branch_file, 1);
	f->lines = g_array_new(FALSE, TRUE, sizeof(branch_lines));
	f->includes = g_array_new(FALSE, TRUE, sizeof(branch_include));
	f->macros = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, macro_free);
	f->strings = g_string_chunk_new(1024);
	f->nodes = g_ptr_array_new_with_free_func(g_free);
	f->unique = g_hash_table_new(node_hash, node_equal);
	f->yes = branch_node(f, &(branch){.kind = BRANCH_YES});
	f->no = branch_not(f, f->yes);
	reading r = {.f = f};
	r.frames = g_array_new(FALSE, FALSE, sizeof(frame));
	g_autoptr(GString) line = g_string_new(NULL);
	const char *at = text, *end = text + len;
	for (unsigned number = 1; at < end; number++) {
		unsigned first = number;
		g_string_truncate(line, 0);
		bool directive = false;
		for (bool more = true; more && at < end;) {
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			const char *stop = newline ? newline : end;
			const char *last = stop;
			if (last > at && last[-1] == '\r')
				last--;
			more = last > at && last[-1] == '\\';
			strip_line(&r, line, at, more ? last - 1 : last);
			at = newline ? newline + 1 : end;
			if (number == first)
				directive = is_directive(line);
			/* A comment that a directive opens continues it. */
			more = directive && (more || r.in_comment) && line->len < DIRECTIVE_BYTES &&
			       at < end;
			number += more;
		}
		if (directive && is_directive(line)) {
			g_strstrip(line->str);
			read_directive(&r, first, number, line->str);
		} else {
			add_lines(&r, first, number, false);
		}
	}
	g_array_unref(r.frames);
	return f;
}

void branch_file_free(branch_file *f)
{
	if (!f)
		return;
	g_array_unref(f->lines);
	g_array_unref(f->includes);
	g_hash_table_unref(f->macros);
	g_hash_table_unref(f->unique);
	g_ptr_array_unref(f->nodes);
	g_string_chunk_free(f->strings);
	g_free(f);
}

const branch_lines *branch_at(const branch_file *f, unsigned line)
{
	guint low = 0, high = f->lines->len;
	while (low < high) {
		guint middle = (low + high) / 2;
		const branch_lines *l = &g_array_index(f->lines, branch_lines, middle);
		if (l->last < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->lines->len ? &g_array_index(f->lines, branch_lines, low) : NULL;
}
