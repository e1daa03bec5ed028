/* The stack of preprocessor conditions around a line. */
#include "analyzers/text/condition.h"

#include <string.h>

/* Bytes of one joined condition: the longest of 2.6.16 and 6.1 have under 400. Keeps the cost of a
 * fact bounded on any nesting. */
#define CONDITION_BYTES 1024u

typedef struct frame {
	char *before;  /* what earlier branches of this #if exclude, joined by " && "; "" */
	char *own;     /* this branch's condition, "" for a guard */
	bool assembly; /* this branch or one around it is for the assembler */
	const char *joined;
} frame;

struct condition_stack {
	GArray *frames;
	GStringChunk *strings;
};

static void clear_frame(gpointer data)
{
	frame *f = data;
	g_free(f->before);
	g_free(f->own);
}

condition_stack *condition_stack_new(void)
{
	condition_stack *s = g_new0(condition_stack, 1);
	s->frames = g_array_new(FALSE, TRUE, sizeof(frame));
	g_array_set_clear_func(s->frames, clear_frame);
	s->strings = g_string_chunk_new(CONDITION_BYTES);
	return s;
}

void condition_stack_free(condition_stack *s)
{
	if (!s)
		return;
	g_array_unref(s->frames);
	g_string_chunk_free(s->strings);
	g_free(s);
}

static char *cut(GString *text)
{
	if (text->len > CONDITION_BYTES) {
		g_string_truncate(text, CONDITION_BYTES - 3);
		g_string_append(text, "...");
	}
	return g_string_free(text, FALSE);
}

/* True when `text` is one operand: !X, X(...), a name; so that it needs no parentheses. */
static bool is_simple(const char *text)
{
	if (*text == '!')
		text++;
	text += strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
	if (*text != '(')
		return !*text;
	const char *close = strchr(text, ')');
	return close && !close[1] && !strchr(text + 1, '(');
}

static char *negate(const char *text)
{
	if (!*text)
		return g_strdup("");
	if (*text == '!' && is_simple(text))
		return g_strdup(text + 1);
	if (is_simple(text))
		return g_strconcat("!", text, NULL);
	return g_strconcat("!(", text, ")", NULL);
}

static void append_and(GString *to, const char *text)
{
	if (!*text)
		return;
	if (to->len)
		g_string_append(to, " && ");
	bool wrap = strstr(text, "||") || strchr(text, '?');
	if (wrap && !(text[0] == '!' && text[1] == '('))
		g_string_append_printf(to, "(%s)", text);
	else
		g_string_append(to, text);
}

static bool names_assembler(const char *text)
{
	static const char *const names[] = {"defined(__ASSEMBLY__)", "defined(__ASSEMBLER__)"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *hit = strstr(text, names[i]);
		if (hit && (hit == text || hit[-1] != '!'))
			return true;
	}
	return false;
}

/* Fills the joined text of the top frame from the one below. */
static void join_top(condition_stack *s)
{
	frame *top = &g_array_index(s->frames, frame, s->frames->len - 1);
	const frame *below = s->frames->len > 1 ? top - 1 : NULL;
	GString *text = g_string_new(below ? below->joined : "");
	if (top->before)
		append_and(text, top->before);
	append_and(text, top->own);
	g_autofree char *joined = cut(text);
	top->joined = g_string_chunk_insert_const(s->strings, joined);
	top->assembly = (below && below->assembly) || names_assembler(top->own) ||
			(top->before && names_assembler(top->before));
}

void condition_if(condition_stack *s, const char *expression)
{
	frame f = {.before = g_strdup(""), .own = g_strndup(expression, CONDITION_BYTES)};
	g_array_append_val(s->frames, f);
	join_top(s);
}

void condition_guard(condition_stack *s)
{
	condition_if(s, "");
}

void condition_else(condition_stack *s, const char *expression)
{
	if (!s->frames->len)
		return;
	frame *top = &g_array_index(s->frames, frame, s->frames->len - 1);
	g_autofree char *not_own = negate(top->own);
	GString *before = g_string_new(top->before);
	append_and(before, not_own);
	g_free(top->before);
	g_free(top->own);
	top->before = cut(before);
	top->own = expression ? g_strndup(expression, CONDITION_BYTES) : g_strdup("");
	join_top(s);
}

void condition_endif(condition_stack *s)
{
	if (s->frames->len)
		g_array_set_size(s->frames, s->frames->len - 1);
}

const char *condition_text(const condition_stack *s)
{
	return s->frames->len ? g_array_index(s->frames, frame, s->frames->len - 1).joined : "";
}

bool condition_assembly(const condition_stack *s)
{
	return s->frames->len && g_array_index(s->frames, frame, s->frames->len - 1).assembly;
}
