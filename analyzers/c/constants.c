/* Headers of numbers that a build has the compiler work out. */
#include "analyzers/c/constants.h"

#include <string.h>

#include "analyzers/text/token.h"
#include "base/limits.h"

/* What the statements are turned into; a kernel has no such names. */
#define TEXT_NAME "truce_text"
#define VALUE_NAME "truce_value"
#define LINE_NAME "truce_line"
/* Of strings that are taken (um's "<4>" and its like): nothing that could end one. */
#define STRING_MARKS                                                                               \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 <>()[]{}.,:;-_+*/=!?"
/* Numbers of one header: arm64's asm-offsets.h has 200. */
#define CONSTANTS 4096u

/* ---- from asm statements to declarations ---- */

typedef struct rewriter {
	const char *text;
	const token *tokens;
	guint count;
} rewriter;

static bool is_name(const rewriter *r, guint i, const char *name)
{
	if (i >= r->count || r->tokens[i].kind != TOKEN_NAME)
		return false;
	size_t len = strlen(name);
	return r->tokens[i].len == len && !memcmp(r->text + r->tokens[i].at, name, len);
}

static bool is_mark(const rewriter *r, guint i, char mark)
{
	return i < r->count && r->tokens[i].kind == TOKEN_PUNCTUATION &&
	       r->text[r->tokens[i].at] == mark;
}

/* The ')' that belongs to the '(' at i; count when there is none. */
static guint closing(const rewriter *r, guint i)
{
	unsigned depth = 0;
	for (; i < r->count; i++) {
		depth += is_mark(r, i, '(');
		if (is_mark(r, i, ')') && --depth == 0)
			return i;
	}
	return r->count;
}

/* The first ':' between i and end outside of parentheses. */
static guint colon(const rewriter *r, guint i, guint end)
{
	while (i < end && !is_mark(r, i, ':'))
		i = is_mark(r, i, '(') ? closing(r, i) + 1 : i + 1;
	return MIN(i, end);
}

static void append_tokens(GString *out, const rewriter *r, guint first, guint end)
{
	if (first < end) {
		const token *last = &r->tokens[end - 1];
		g_string_append_len(out, r->text + r->tokens[first].at,
			(gssize)(last->at + last->len - r->tokens[first].at));
	}
}

/* An asm statement from `open` to `end` without operands: it tells a line as it is. */
static guint rewrite_line(GString *out, const rewriter *r, guint open, guint outputs, guint end)
{
	g_string_append(out, "({ const char *" LINE_NAME " = ");
	append_tokens(out, r, open + 1, outputs);
	g_string_append(out, "; })");
	return end + 1;
}

/* An asm statement at i that asks for one number, or tells a line: appends what it becomes and
 * returns the token behind it. i when it is none. */
static guint rewrite_one(GString *out, const rewriter *r, guint i)
{
	guint open = i + 1;
	if (!is_name(r, i, "asm") && !is_name(r, i, "__asm__") && !is_name(r, i, "__asm"))
		return i;
	if (is_name(r, open, "volatile") || is_name(r, open, "__volatile__"))
		open++;
	guint end = is_mark(r, open, '(') ? closing(r, open) : r->count;
	guint outputs = colon(r, open + 1, end);
	/* No outputs: another colon follows at once (as a token of its own, or as "::"). */
	guint inputs = outputs < end && r->tokens[outputs].len == 2 ? outputs + 1 : outputs + 2;
	if (end < r->count && inputs == end && is_mark(r, end - 1, ':'))
		return rewrite_line(out, r, open, outputs, end);
	if (end >= r->count || inputs + 1 >= end || !is_mark(r, inputs - 1, ':') ||
		r->tokens[inputs].kind != TOKEN_STRING || !is_mark(r, inputs + 1, '(') ||
		closing(r, inputs + 1) + 1 != end)
		return i;
	g_string_append(out, "({ const char *" TEXT_NAME " = ");
	append_tokens(out, r, open + 1, outputs);
	g_string_append(out, "; long long " VALUE_NAME " = (long long)(");
	append_tokens(out, r, inputs + 2, end - 1);
	g_string_append(out, "); })");
	return end + 1;
}

char *constants_rewrite(const char *text, size_t len)
{
	g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(token));
	GString *out = g_string_sized_new(len);
	if (len <= LIMIT_SOURCE_BYTES)
		tokens_read(tokens, text, len);
	rewriter r = {text, (const token *)tokens->data, tokens->len};
	size_t done = 0;
	for (guint i = 0; i < r.count;) {
		size_t kept = out->len;
		g_string_append_len(out, text + done, (gssize)(r.tokens[i].at - done));
		guint next = rewrite_one(out, &r, i);
		if (next == i) {
			g_string_truncate(out, kept);
			i++;
			continue;
		}
		done = r.tokens[next - 1].at + r.tokens[next - 1].len;
		i = next;
	}
	g_string_append_len(out, text + done, (gssize)(len - done));
	return g_string_free(out, FALSE);
}

/* ---- what libclang makes of them ---- */

typedef struct answers {
	GString *out;
	guint count;
	char *asked; /* what the last statement asked for; NULL: nothing */
} answers;

/* "NAME" of "->NAME %0 ..." and of "@@@#define NAME %0"; NULL for comments and blank lines. */
static char *name_asked(const char *text)
{
	static const char define[] = "@@@#define ";
	const char *at = strstr(text, "->");
	const char *old = at ? NULL : strstr(text, define);
	at = at ? at + 2 : old ? old + strlen(define) : NULL;
	size_t len = 0;
	while (at && (g_ascii_isalnum(at[len]) || at[len] == '_'))
		len++;
	bool name = len && (at[len] == ' ' || at[len] == '\t') && !g_ascii_isdigit(*at);
	return name ? g_strndup(at, len) : NULL;
}

static void take_text(answers *a, CXEvalResult value)
{
	g_clear_pointer(&a->asked, g_free);
	if (clang_EvalResult_getKind(value) == CXEval_StrLiteral)
		a->asked = name_asked(clang_EvalResult_getAsStr(value));
}

/* "->NAME "text" ...": a string, which is defined as it stands. */
static void take_line(answers *a, CXEvalResult value)
{
	bool text = clang_EvalResult_getKind(value) == CXEval_StrLiteral;
	const char *line = text ? clang_EvalResult_getAsStr(value) : "";
	g_autofree char *name = name_asked(line);
	const char *at = name ? strstr(line, name) + strlen(name) + 1 : "";
	size_t len = *at == '"' ? strspn(at + 1, STRING_MARKS) : 0;
	if (!len || at[len + 1] != '"' || a->count++ >= CONSTANTS)
		return;
	g_string_append_printf(a->out, "#define %s %.*s\n", name, (int)len + 2, at);
}

static void take_value(answers *a, CXEvalResult value)
{
	g_autofree char *name = g_steal_pointer(&a->asked);
	if (!name || clang_EvalResult_getKind(value) != CXEval_Int || a->count++ >= CONSTANTS)
		return;
	g_string_append_printf(
		a->out, "#define %s %lld\n", name, clang_EvalResult_getAsLongLong(value));
}

static enum CXChildVisitResult visit_body(CXCursor c, CXCursor parent, CXClientData data)
{
	(void)parent;
	if (clang_getCursorKind(c) != CXCursor_VarDecl)
		return CXChildVisit_Recurse;
	CXString name = clang_getCursorSpelling(c);
	bool text = !strcmp(clang_getCString(name), TEXT_NAME);
	bool value = !strcmp(clang_getCString(name), VALUE_NAME);
	bool line = !strcmp(clang_getCString(name), LINE_NAME);
	CXEvalResult result = text || value || line ? clang_Cursor_Evaluate(c) : NULL;
	clang_disposeString(name);
	if (!result)
		return CXChildVisit_Continue;
	if (text)
		take_text(data, result);
	else if (line)
		take_line(data, result);
	else
		take_value(data, result);
	clang_EvalResult_dispose(result);
	return CXChildVisit_Continue;
}

/* The statements stand in functions of .c files, or of the headers that those leave them to (um's
 * kernel-offsets.h); other headers only bring the macros. */
static enum CXChildVisitResult visit_top(CXCursor c, CXCursor parent, CXClientData data)
{
	(void)parent;
	CXFile file;
	if (clang_getCursorKind(c) != CXCursor_FunctionDecl)
		return CXChildVisit_Continue;
	clang_getFileLocation(clang_getCursorLocation(c), &file, NULL, NULL, NULL);
	CXString name = clang_getFileName(file);
	const char *path = file ? clang_getCString(name) : "";
	bool source = g_str_has_suffix(path, ".c") || g_str_has_suffix(path, "-offsets.h");
	clang_disposeString(name);
	if (source)
		clang_visitChildren(c, visit_body, data);
	return CXChildVisit_Continue;
}

static bool has_errors(CXTranslationUnit tu)
{
	bool any = false;
	for (unsigned i = 0; i < clang_getNumDiagnostics(tu) && !any; i++) {
		CXDiagnostic d = clang_getDiagnostic(tu, i);
		any = clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error;
		clang_disposeDiagnostic(d);
	}
	return any;
}

/* ---- headers ---- */

static GBytes *rewritten(GBytes *text)
{
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	char *own = constants_rewrite(data ? data : "", len);
	return g_bytes_new_take(own, strlen(own));
}

static bool is_place(const computed_header *h, const char *path)
{
	for (guint i = 0; i < h->places->len; i++)
		if (!strcmp(g_ptr_array_index(h->places, i), path))
			return true;
	return false;
}

/* Memory files of the unit, each computed header in its stand-in's place. */
static GPtrArray *present_memory(const analysis_unit *u)
{
	GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)memory_file_free);
	for (guint i = 0; u->memory && i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		GBytes *data = m->data;
		for (guint k = 0; u->computed && k < u->computed->len; k++) {
			const computed_header *h = g_ptr_array_index(u->computed, k);
			if (h->made && is_place(h, m->path))
				data = h->made;
		}
		g_ptr_array_add(out, memory_file_new(m->path, data));
	}
	return out;
}

static void note_reads(fact_sink *sink, GHashTable *reads)
{
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, reads);
	while (g_hash_table_iter_next(&it, &path, NULL))
		fact_sink_read(sink, path);
}

static void meet_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	(void)stack;
	(void)depth;
	parse_file(data, file);
}

/* Parses the C file of the header and takes the answers. */
static void compute(const analysis_unit *u, computed_header *h)
{
	g_autoptr(GBytes) text = rewritten(h->text);
	g_autoptr(GPtrArray) memory = present_memory(u);
	g_auto(fact_sink) sink = {0};
	g_auto(parse) p = {0};
	h->tried = true;
	for (guint i = 0; i < h->parts->len; i++) {
		const memory_file *part = g_ptr_array_index(h->parts, i);
		g_autoptr(GBytes) own = rewritten(part->data);
		g_ptr_array_add(memory, memory_file_new(part->path, own));
	}
	analysis_unit unit = {.path = h->path,
		.text = text,
		.arch = u->arch,
		.root = u->root,
		.map = u->map,
		.args = h->args,
		.memory = memory,
		.aliases = u->aliases,
		.bodies = true};
	fact_sink_init(&sink);
	fact_sink_read(&sink, h->path);
	answers a = {.out = g_string_new(NULL)};
	if (parse_open(&p, &unit, &sink, NULL)) {
		parse_read_includes(&p);
		clang_getInclusions(p.tu, meet_inclusion, &p);
		clang_visitChildren(clang_getTranslationUnitCursor(p.tu), visit_top, &a);
		/* What every unit reads has to be whole. */
		if (a.count && !(h->always && has_errors(p.tu)))
			h->made = g_bytes_new(a.out->str, a.out->len);
	} else {
		fact_sink_read(&sink, ""); /* who knows what it stumbled over */
	}
	note_reads(&sink, sink.reads);
	GHashTable *reads = h->reads;
	h->reads = g_steal_pointer(&sink.reads);
	g_hash_table_unref(reads);
	g_string_free(a.out, TRUE);
	g_free(a.asked);
}

/* Headers are computed for a file that is read whole: its second try, after a crash, goes without.
 */
static guint headers_of(const analysis_unit *u)
{
	return u->computed && u->bodies ? u->computed->len : 0;
}

GPtrArray *constants_memory(parse *p)
{
	const analysis_unit *u = p->unit;
	for (guint i = 0; i < headers_of(u); i++) {
		computed_header *h = g_ptr_array_index(u->computed, i);
		if (h->always && !h->tried)
			compute(u, h);
		if (h->always)
			note_reads(p->sink, h->reads);
	}
	return present_memory(u);
}

typedef struct inclusion_search {
	const computed_header *header;
	bool found;
} inclusion_search;

static void find_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	inclusion_search *search = data;
	(void)stack;
	(void)depth;
	CXString name = clang_getFileName(file);
	search->found |= is_place(search->header, clang_getCString(name));
	clang_disposeString(name);
}

/* clang knows every file that it is given from memory; those that it read are included. */
static bool was_read(parse *p, const computed_header *h)
{
	inclusion_search search = {h, false};
	clang_getInclusions(p->tu, find_inclusion, &search);
	return search.found;
}

bool constants_asked(parse *p)
{
	const analysis_unit *u = p->unit;
	bool fresh = false;
	for (guint i = 0; i < headers_of(u); i++) {
		computed_header *h = g_ptr_array_index(u->computed, i);
		if (h->always || !was_read(p, h))
			continue;
		if (!h->tried) {
			compute(u, h);
			fresh |= h->made != NULL;
		}
		note_reads(p->sink, h->reads);
	}
	return fresh;
}
