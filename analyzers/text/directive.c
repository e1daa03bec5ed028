/* Preprocessor directives among the tokens of a file. */
#include "analyzers/text/directive.h"

#include <string.h>

/* Bytes of a name: C compilers need tell apart 63, the longest of Linux 6.1 has 96. */
#define NAME_BYTES 255u
/* Bytes of a parameter list. */
#define PARAMETERS_BYTES 1000u
/* Bytes of a macro's body. The longest written by hand in 2.6.16 has 6,000. */
#define BODY_BYTES 16384u
/* Bytes of a condition's expression; the stack has a limit of its own. */
#define EXPRESSION_BYTES 1024u

void source_init(source *s, fact_set *out, const char *text, size_t len)
{
	s->text = text;
	s->len = len;
	s->out = out;
	line_index_init(&s->lines, text, len);
	/* A token takes five bytes of kernel source on the average. */
	s->tokens = g_array_sized_new(FALSE, FALSE, sizeof(token), (guint)(len / 5 + 16));
	s->conditions = condition_stack_new();
	tokens_read(s->tokens, text, len);
}

void source_clear(source *s)
{
	line_index_clear(&s->lines);
	g_clear_pointer(&s->tokens, g_array_unref);
	g_clear_pointer(&s->conditions, condition_stack_free);
}

unsigned source_column(const source *s, const token *t)
{
	return (unsigned)(t->at - s->lines.start[t->line - 1]) + 1;
}

static bool token_is(const source *s, const token *t, const char *word)
{
	size_t len = strlen(word);
	return t->len == len && !memcmp(s->text + t->at, word, len);
}

static char *token_text(const source *s, const token *t)
{
	return g_strndup(s->text + t->at, MIN(t->len, NAME_BYTES));
}

static char *joined(const source *s, size_t first, size_t end, size_t limit)
{
	GString *text = g_string_new(NULL);
	if (first < end)
		tokens_join(text, s->text, (const token *)(void *)s->tokens->data, first, end - 1,
			limit);
	return g_string_free(text, FALSE);
}

static directive_kind classify(const source *s, const token *t)
{
	static const struct {
		const char *word;
		directive_kind kind;
	} words[] = {
		{"if", DIRECTIVE_IF},
		{"ifdef", DIRECTIVE_IFDEF},
		{"ifndef", DIRECTIVE_IFNDEF},
		{"elif", DIRECTIVE_ELIF},
		{"else", DIRECTIVE_ELSE},
		{"endif", DIRECTIVE_ENDIF},
		{"define", DIRECTIVE_DEFINE},
		{"undef", DIRECTIVE_UNDEF},
		{"include", DIRECTIVE_INCLUDE},
		{"include_next", DIRECTIVE_INCLUDE},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (token_is(s, t, words[i].word))
			return words[i].kind;
	return DIRECTIVE_OTHER;
}

/* "#ifndef X" as the file's first tokens with "#define X" right after it. */
static bool is_guard(const source *s, const directive *d)
{
	size_t next = d->end;
	if (d->kind != DIRECTIVE_IFNDEF || d->hash != 0 || d->end != d->first + 1 ||
		next + 2 >= s->tokens->len || !(source_token(s, next)->flags & TOKEN_HASH))
		return false;
	return token_is(s, source_token(s, next + 1), "define") &&
	       source_token(s, next + 2)->hash == source_token(s, d->first)->hash;
}

void directive_read(directive *out, const source *s, size_t hash)
{
	directive d = {.kind = DIRECTIVE_OTHER, .hash = hash, .first = hash + 1, .end = hash + 1};
	while (d.end < s->tokens->len) {
		const token *t = source_token(s, d.end);
		if (!(t->flags & TOKEN_DIRECTIVE) || (t->flags & TOKEN_HASH))
			break;
		d.end++;
	}
	if (d.first < d.end) {
		d.kind = classify(s, source_token(s, d.first));
		d.first++;
	}
	d.guard = is_guard(s, &d);
	*out = d;
}

void source_config_uses(source *s, size_t first, size_t end, const char *in)
{
	static const char prefix[] = "CONFIG_";
	for (size_t i = first; i < end; i++) {
		const token *t = source_token(s, i);
		size_t skip = sizeof(prefix) - 1;
		if (t->kind != TOKEN_NAME || t->len <= skip ||
			memcmp(s->text + t->at, prefix, skip))
			continue;
		g_autofree char *name =
			g_strndup(s->text + t->at + skip, MIN(t->len, NAME_BYTES) - skip);
		fact_set_add_use(s->out, &(use){
						 .kind = USE_CONFIG,
						 .reader = READER_TEXT,
						 .line = t->line,
						 .column = source_column(s, t),
						 .name = name,
						 .in = in,
						 .condition = condition_text(s->conditions),
					 });
	}
}

/* The expression of #if or #elif; "defined X" becomes "defined(X)". */
static char *expression(const source *s, const directive *d)
{
	GString *text = g_string_new(NULL);
	for (size_t i = d->first; i < d->end && text->len < EXPRESSION_BYTES; i++) {
		const token *t = source_token(s, i);
		const token *next = i + 1 < d->end ? source_token(s, i + 1) : NULL;
		if (text->len && (t->flags & TOKEN_SPACE) && t->code != ')' && t->code != '(' &&
			text->str[text->len - 1] != '(' && text->str[text->len - 1] != '!')
			g_string_append_c(text, ' ');
		g_string_append_len(text, s->text + t->at, (gssize)MIN(t->len, NAME_BYTES));
		if (token_is(s, t, "defined") && next && next->kind == TOKEN_NAME) {
			g_string_append_printf(text, "(%.*s)", (int)MIN(next->len, NAME_BYTES),
				s->text + next->at);
			i++;
		}
	}
	return g_string_free(text, FALSE);
}

static char *defined(const source *s, const directive *d, const char *mark)
{
	if (d->first >= d->end)
		return g_strdup("");
	const token *t = source_token(s, d->first);
	return g_strdup_printf(
		"%sdefined(%.*s)", mark, (int)MIN(t->len, NAME_BYTES), s->text + t->at);
}

void directive_condition(source *s, const directive *d)
{
	g_autofree char *text = NULL;
	source_config_uses(s, d->first, d->end, "");
	switch (d->kind) {
	case DIRECTIVE_IF:
		text = expression(s, d);
		condition_if(s->conditions, text);
		break;
	case DIRECTIVE_IFDEF:
		text = defined(s, d, "");
		condition_if(s->conditions, text);
		break;
	case DIRECTIVE_IFNDEF:
		text = defined(s, d, "!");
		if (d->guard)
			condition_guard(s->conditions);
		else
			condition_if(s->conditions, text);
		break;
	case DIRECTIVE_ELIF:
		text = expression(s, d);
		condition_else(s->conditions, text);
		break;
	case DIRECTIVE_ELSE:
		condition_else(s->conditions, NULL);
		break;
	case DIRECTIVE_ENDIF:
		condition_endif(s->conditions);
		break;
	default:
		break;
	}
}

void directive_include(source *s, const directive *d)
{
	if (d->first >= d->end)
		return;
	const token *t = source_token(s, d->first), *last = source_token(s, d->end - 1);
	const char *start = s->text + t->at, *end = s->text + last->at + last->len;
	g_autofree char *name = NULL;
	if (t->kind == TOKEN_STRING && t->len >= 2) {
		name = g_strndup(start + 1, MIN(t->len - 2, NAME_BYTES));
	} else if (*start == '<') {
		const char *close = memchr(start, '>', (size_t)(end - start));
		name = g_strndup(start + 1,
			MIN((size_t)((close ? close : end) - start - 1), (size_t)NAME_BYTES));
	} else {
		name = joined(s, d->first, d->end, NAME_BYTES); /* #include MACRO */
	}
	fact_set_add_use(s->out, &(use){
					 .kind = USE_INCLUDE,
					 .reader = READER_TEXT,
					 .line = t->line,
					 .column = source_column(s, t),
					 .name = name,
					 .detail = *start == '<' ? "<>" : "",
					 .condition = condition_text(s->conditions),
				 });
}

bool directive_define(source *s, const directive *d, macro_text *out)
{
	if (d->first >= d->end || source_token(s, d->first)->kind != TOKEN_NAME)
		return false;
	const token *name = source_token(s, d->first);
	macro_text m = {.name = d->first, .body = d->first + 1, .body_end = d->end};
	const token *next = m.body < d->end ? source_token(s, m.body) : NULL;
	if (next && next->code == '(' && next->kind == TOKEN_PUNCTUATION &&
		!(next->flags & TOKEN_SPACE)) {
		m.function_like = true;
		m.parameters = m.body + 1;
		m.parameters_end = m.parameters;
		while (m.parameters_end < d->end && source_token(s, m.parameters_end)->code != ')')
			m.parameters_end++;
		m.body = MIN(m.parameters_end + 1, d->end);
	}
	token_digest digest = TOKEN_DIGEST_INIT;
	if (m.name + 1 < d->end)
		token_digest_range(&digest, (const token *)(void *)s->tokens->data, m.name + 1,
			d->end - 1, name->hash);
	g_autofree char *text = token_text(s, name);
	g_autofree char *inner = joined(s, m.parameters, m.parameters_end, PARAMETERS_BYTES);
	g_autofree char *parameters = m.function_like ? g_strdup_printf("(%s)", inner) : NULL;
	g_autofree char *body = joined(s, m.body, m.body_end, BODY_BYTES);
	fact_set_add_entity(s->out,
		&(entity){
			.kind = ENTITY_MACRO,
			.reader = READER_TEXT,
			.flags = ENTITY_DEFINITION | (m.function_like ? ENTITY_FUNCTION_LIKE : 0u),
			.line = name->line,
			.end_line = source_token(s, d->end - 1)->line,
			.name = text,
			.signature = parameters,
			.value = body,
			.condition = condition_text(s->conditions),
			.body = {digest.sum[0], digest.sum[1]},
			.tokens = digest.count,
		});
	*out = m;
	return true;
}

void directive_undef(source *s, const directive *d)
{
	if (d->first >= d->end || source_token(s, d->first)->kind != TOKEN_NAME)
		return;
	const token *name = source_token(s, d->first);
	g_autofree char *text = token_text(s, name);
	fact_set_add_entity(s->out, &(entity){
					    .kind = ENTITY_MACRO,
					    .reader = READER_TEXT,
					    .flags = ENTITY_UNDEF,
					    .line = name->line,
					    .end_line = name->line,
					    .name = text,
					    .condition = condition_text(s->conditions),
				    });
}
